"""Extracts as real systems spoil them: a seeded mutator over a corpus of dirt, which knows how many rows it wrote.

A mutation that keeps records countable leaves `rows` at their number; one that does not (bytes flipped, cut, a
quotation mark that swallows what follows) sets it to None.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

import polars as pl
import xlsxwriter

NUMBERS = (
    "-1",
    "-0",
    "0",
    "1e308",
    "-1e308",
    "1e400",
    "NaN",
    "nan",
    "Infinity",
    "-inf",
    "1.234.567,89",
    "1,234,567.89",
    "1.234",
    "12,5",
    "12.5.1",
    "1 000",
    "1\u00a0000",
    "R$ 5,00",
    "5 UN",
    "5kg",
    "0x1F",
    "٣",
    "Ⅷ",
    "½",
    "1/2",
    "--",
    "-",
    "#N/D",
    "#REF!",
    "9" * 40,
    "0." + "0" * 50 + "1",
    "1e-320",
    "999999999999999999999999.99",
    "(5)",
    "5-",
    "+5",
    "1_000",
    "true",
)
DATES = (
    "31/02/2024",
    "2024-02-30",
    "0000-00-00",
    "9999-12-31",
    "1899-12-30",
    "45000",
    "45000.5",
    "2024-13-01",
    "01/13/2024",
    "2024-1-5",
    "5/1/24",
    "20240105",
    "2024-01-05T00:00:00Z",
    "2024-01-05 23:59:59",
    "05-JAN-24",
    "hoje",
    "",
    "1970-01-01",
    "-2024-01-01",
    "2024-01-05\u200b",
    "١٤٤٥",
    "0001-01-01",
    "2024/01/05",
    "5.1.2024",
    "NULL",
)
TEXTS = (
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "' OR 1=1 --",
    "'; DROP TABLE core.dim_item; --",
    "%s%s%n",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\\N",
    "\\.",
    "\\",
    "NULL",
    "None",
    "N/D",
    " ",
    "\u00a0",
    "\u200b\u200b",
    "\u202eabc",
    "é" * 50,
    "e\u0301",
    "😀",
    "\ufeff",
    "ação\u0085",
    "a\u2028b",
    "x" * 70_000,
    "\x01\x02",
    "\x1b[31m",
    "0",
    "00012",
    "1E5",
    "ﬀ",
    "İ",
    "ß",
    "\ud7ff",
    "\U0010ffff",
)
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "latin-1", "cp850", "utf-7")
SEPARATORS = (";", ",", "\t", "|", "^")


@dataclass
class Extract:
    """A table on its way to a file; `rows` is None once nobody can say how many records the file holds."""

    header: list[str]
    body: list[list[str]]
    separator: str = ";"
    encoding: str = "utf-8"
    line_end: str = "\n"
    quoting: Literal[0, 1, 2, 3] = csv.QUOTE_MINIMAL
    tail: str = ""
    extra: int = 0
    countable: bool = True
    spoil: list[Callable[[bytes], bytes]] = field(default_factory=list)

    @property
    def rows(self) -> int | None:
        # A row of one field may be nothing but white space, which makes a blank line and no row.
        countable = self.countable and all(len(row) > 1 for row in self.body)
        return len(self.body) + self.extra if countable else None

    def as_csv(self) -> bytes:
        out = io.StringIO(newline="")
        escape = "\\" if self.quoting == csv.QUOTE_NONE else None
        writer = csv.writer(
            out, delimiter=self.separator, lineterminator=self.line_end, quoting=self.quoting, escapechar=escape
        )
        writer.writerows([self.header, *self.body])
        content = (out.getvalue() + self.tail).encode(self.encoding, "replace")
        for change in self.spoil:
            content = change(content)
        return content


def spoilt(random: Random, header: list[str], body: list[list[str]]) -> tuple[str, bytes, int | None]:
    """(extension, bytes, rows or None) of one spoilt extract made of a sound one."""
    extract = Extract(list(header), [list(row) for row in random.sample(body, min(len(body), random.randint(0, 25)))])
    for _ in range(random.randint(1, 4)):
        random.choice(MUTATIONS)(random, extract)
    kind = random.random()
    if kind < 0.88:
        return "csv", extract.as_csv(), extract.rows
    content = _parquet(random, extract) if kind < 0.94 else _xlsx(random, extract)
    whole = content
    if random.random() < 0.4:
        content = random.choice((_flipped, _cut, _doubled))(random, content)
    return "parquet" if kind < 0.94 else "xlsx", content, extract.rows if content is whole else None


def cells(values: tuple[str, ...]) -> Callable[[Random, Extract], None]:
    """A mutation that puts some of `values` into random cells."""

    def mutate(random: Random, extract: Extract) -> None:
        for row in extract.body:
            if row and random.random() < 0.4:
                row[random.randrange(len(row))] = random.choice(values)

    return mutate


def _encoding(random: Random, extract: Extract) -> None:
    extract.encoding = random.choice(ENCODINGS)
    # Without its mark UTF-16 is no text; UTF-7 looks like ASCII and may hold anything.
    extract.countable &= extract.encoding not in ("utf-16-le", "utf-7")


def _separator(random: Random, extract: Extract) -> None:
    extract.separator = random.choice(SEPARATORS)


def _line_end(random: Random, extract: Extract) -> None:
    extract.line_end = random.choice(("\r\n", "\n", "\r", "\n\n"))
    extract.countable &= extract.line_end != "\r"


def _quoting(random: Random, extract: Extract) -> None:
    extract.quoting = random.choice((csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_NONE))
    extract.countable &= extract.quoting != csv.QUOTE_NONE


def _shifted(random: Random, extract: Extract) -> None:
    """Columns one place to the right from some row on, as a stray separator does."""
    for row in extract.body[random.randint(0, max(len(extract.body) - 1, 0)) :]:
        row.insert(random.randint(0, len(row)), "")


def _short(random: Random, extract: Extract) -> None:
    for row in extract.body:
        if row and random.random() < 0.3:
            del row[random.randint(1, len(row)) :]


def _swapped(random: Random, extract: Extract) -> None:
    random.shuffle(extract.header)


def _without_column(random: Random, extract: Extract) -> None:
    if len(extract.header) < 2:
        return
    at = random.randrange(len(extract.header))
    for row in (extract.header, *extract.body):
        del row[at : at + 1]


def _twice_named(random: Random, extract: Extract) -> None:
    if extract.header:
        extract.header[random.randrange(len(extract.header))] = random.choice(extract.header)


def _renamed(random: Random, extract: Extract) -> None:
    style = random.choice((str.upper, str.title, lambda name: f" {name} ", lambda name: f'"{name}"', lambda _name: ""))
    extract.header = [style(name) for name in extract.header]
    extract.countable &= any(extract.header)


def _repeated_header(random: Random, extract: Extract) -> None:
    extract.body.insert(random.randint(0, len(extract.body)), list(extract.header))


def _total(random: Random, extract: Extract) -> None:
    extract.tail = random.choice(("TOTAL;;;123\n", "-- fim --\n", "\n\n\n", "(12 rows affected)\n"))
    extract.extra = 0 if not extract.tail.strip() else 1


def _doubled_rows(_random: Random, extract: Extract) -> None:
    extract.body += [list(row) for row in extract.body]


def _line_breaks(random: Random, extract: Extract) -> None:
    for row in extract.body:
        if row and random.random() < 0.2:
            row[random.randrange(len(row))] = "two\nlines"
    extract.countable &= extract.quoting != csv.QUOTE_NONE


def _unclosed(random: Random, extract: Extract) -> None:
    extract.countable = False
    extract.tail = '"never closed;1;2\n' * random.randint(1, 3)


def _bytes(random: Random, extract: Extract) -> None:
    extract.countable = False
    extract.spoil.append(lambda content: random.choice((_flipped, _cut, _doubled, _nul))(random, content))


def _flipped(random: Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(min(len(changed), random.randint(1, 20))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(random: Random, content: bytes) -> bytes:
    return content[: random.randint(0, len(content))]


def _doubled(_random: Random, content: bytes) -> bytes:
    return content + content


def _nul(random: Random, content: bytes) -> bytes:
    at = random.randint(0, len(content))
    return content[:at] + b"\0" + content[at:]


MUTATIONS = (
    cells(NUMBERS),
    cells(NUMBERS),
    cells(DATES),
    cells(TEXTS),
    cells(TEXTS),
    _encoding,
    _separator,
    _line_end,
    _quoting,
    _shifted,
    _short,
    _swapped,
    _without_column,
    _twice_named,
    _renamed,
    _repeated_header,
    _total,
    _doubled_rows,
    _line_breaks,
    _unclosed,
    _bytes,
)


def _square(extract: Extract) -> tuple[list[str], list[list[str]]]:
    """Header and rows of one width, the header's names apart, as typed formats need."""
    header = [
        f"{name}" if name and extract.header.index(name) == at else f"c{at}" for at, name in enumerate(extract.header)
    ]
    return header, [(row + [""] * len(header))[: len(header)] for row in extract.body]


def _parquet(random: Random, extract: Extract) -> bytes:
    header, body = _square(extract)
    columns = {}
    for at, name in enumerate(header):
        series = pl.Series(name, [row[at] for row in body], dtype=pl.String)
        odd = random.random()
        if odd < 0.1:
            series = series.cast(pl.Float64, strict=False)
        elif odd < 0.15:
            series = pl.Series(name, [[value] for value in series], dtype=pl.List(pl.String))
        elif odd < 0.2:
            series = series.cast(pl.Binary)
        elif odd < 0.25:
            series = series.cast(pl.Categorical)
        columns[name] = series
    out = io.BytesIO()
    pl.DataFrame(columns).write_parquet(out)
    extract.extra = 0
    return out.getvalue()


def _xlsx(random: Random, extract: Extract) -> bytes:
    header, body = _square(extract)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_numbers": random.random() < 0.5, "nan_inf_to_errors": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([header, *body]):
            for at, value in enumerate(row):
                sheet.write(number, at, value[:32_000])
    extract.extra = 0
    # A row without any filled cell is no row of a sheet.
    extract.countable &= all(any(row) for row in body) and bool(header)
    return out.getvalue()


def bomb(size: int) -> bytes:
    """A workbook whose only sheet unpacks to `size` bytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet,
    ):
        for _ in range(size >> 20):
            sheet.write(b" " * (1 << 20))
    return out.getvalue()


def far_cell() -> bytes:
    """A workbook of a few kilobytes with one cell in the first and one in the last corner of its sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "date")
        sheet.write(1_048_575, 16_383, "x")
    return out.getvalue()
