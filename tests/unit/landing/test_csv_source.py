"""CSV as ERPs write it comes out as it went in, whatever the dialect, the block size and the dirt."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_assets.staging import dialect
from nova_assets.staging.csv_source import CsvOptions, CsvSource
from nova_assets.staging.source import LINE, ROW
from nova_resources.landing import FileError

WANTED = ("date", "item_code", "quantity")


def read(data: bytes, wanted: Sequence[str] = WANTED, **options: Any):
    source = CsvSource("demand/2026-01-02.csv", lambda: io.BytesIO(data), wanted, CsvOptions(**options))
    return source, list(source.batches(range(len(source.header))))


def fields(batches) -> list[tuple[str | None, ...]]:
    return [row for rows in batches for row in rows.frame.drop(LINE, ROW).rows()]


def lines(batches) -> list[int]:
    return [line for rows in batches for line in rows.frame[LINE].to_list()]


def spoilt(batches) -> list[tuple[int, str]]:
    return [(s.line, s.reason) for rows in batches for s in rows.spoilt]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_separator_is_the_one_under_which_the_header_is_known(separator: str) -> None:
    text = f"date{separator}item_code{separator}quantity\n2026-01-02{separator}A, B; C{separator}1\n"
    if separator in ",;":
        text = text.replace("A, B; C", '"A, B; C"')
    source, batches = read(text.encode())
    assert source.dialect["separator"] == separator
    assert fields(batches) == [("2026-01-02", "A, B; C", "1")]


@pytest.mark.parametrize(
    ("encoding", "mark", "found"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8 with byte order mark"),
        ("cp1252", b"", "cp1252"),
        ("utf-16-le", b"\xff\xfe", "utf-16 with byte order mark"),
    ],
)
def test_encoding_is_told_by_the_bytes(encoding: str, mark: bytes, found: str) -> None:
    source, batches = read(mark + "date;item_code;quantity\r\n02/01/2026;Conexão 3 “polegadas”;1\r\n".encode(encoding))
    assert source.dialect["encoding"] == found
    assert fields(batches) == [("02/01/2026", "Conexão 3 “polegadas”", "1")]


def test_one_broken_character_does_not_make_a_utf8_file_latin() -> None:
    data = "date;item_code;quantity\n1;ção;1\n2;é;2\n".encode() + b"3;\xe7;3\n"
    source, batches = read(data)
    assert source.dialect["encoding"] == "utf-8"
    assert fields(batches) == [("1", "ção", "1"), ("2", "é", "2")]
    assert spoilt(batches) == [(4, "unreadable_text")]


def test_ragged_lines_are_set_aside_with_their_line_and_text() -> None:
    _, batches = read(b"date;item_code;quantity\n1;A;1\n2;B\n\n3;C;3;4\n4;D;4\n")
    assert fields(batches) == [("1", "A", "1"), ("4", "D", "4")]
    assert lines(batches) == [2, 6]
    assert [(s.line, s.reason, s.raw) for s in batches[0].spoilt] == [
        (3, "ragged_line", "2;B"),
        (5, "ragged_line", "3;C;3;4"),
    ]


def test_inch_marks_are_text_and_line_breaks_in_quotes_belong_to_the_field() -> None:
    data = b'date;item_code;quantity\n1;TUBO 1/2";1\n2;"TUBO ""3/4""\nGALV";2\n3;C;3\n'
    _, batches = read(data)
    assert fields(batches) == [("1", 'TUBO 1/2"', "1"), ("2", 'TUBO "3/4"\nGALV', "2"), ("3", "C", "3")]
    assert lines(batches) == [2, 3, 5]


def test_a_quotation_mark_that_is_never_closed_costs_one_line_only() -> None:
    rest = b"".join(b"%d;C;3\n" % n for n in range(200))
    _, batches = read(b'date;item_code;quantity\n1;"open;1\n' + rest)
    assert spoilt(batches) == [(2, "ragged_line")]
    assert len(fields(batches)) == 200


def test_skipped_rows_and_missing_header() -> None:
    source, batches = read(b"report of January\n\n1;A;1\n", header=False, skip_rows=2)
    assert source.header == ["A", "B", "C"]
    assert (fields(batches), lines(batches)) == ([("1", "A", "1")], [3])


@pytest.mark.parametrize(("data", "problem"), [(b"", "empty"), (b"\n \n", "empty"), (b"da\0te;x\n", "no text")])
def test_unusable_files_say_what_is_wrong(data: bytes, problem: str) -> None:
    with pytest.raises(FileError, match=problem) as caught:
        read(data)
    assert "demand/2026-01-02.csv" in str(caught.value)
    assert caught.value.cure


PIECES = st.text(st.sampled_from("ab;,\"\n\r 'ç€1"), max_size=6)
TABLES = st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(PIECES, min_size=n, max_size=n), max_size=12))


@given(
    TABLES, st.sampled_from([";", ",", "\t"]), st.sampled_from(["utf-8", "cp1252"]), st.integers(1, 40), st.booleans()
)
def test_every_field_survives_every_dialect_and_block_size(table, separator, encoding, block, crlf) -> None:
    width = len(table[0]) if table else 2
    header = [f"column{n}" for n in range(width)]
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(table)
    text = sink.getvalue().replace("\n", "\r\n") if crlf else sink.getvalue()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "BLOCK_BYTES", block)
        _, batches = read(text.encode(encoding), header, encoding=encoding)
    kept = table if crlf else [[field.replace("\r\n", "\n") for field in row] for row in table]
    assert fields(batches) == [tuple(row) for row in kept]
    assert not spoilt(batches)
