"""`nova export`: any catalogued table or view as a file, month by month, so that memory does not grow with history."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import pyarrow as pa
import typer
from psycopg import sql
from rich.console import Console

from nova_assets import catalog
from nova_resources.embedded.servers import running_postgres
from nova_resources.errors import PlatformError
from nova_resources.postgres import Database
from nova_resources.settings import load_settings
from nova_resources.spreadsheets import quoted_table
from nova_resources.sql_library import sql as sql_file
from nova_resources.tables import Table, Window

EXCEL_ROWS = 1_048_575
Write = Callable[[pa.Table], None]


class ExportError(PlatformError):
    """The table cannot be written as asked."""


def command(
    table: Annotated[str, typer.Argument(help="Table or view, such as analytics.forecasts.")],
    out: Annotated[Path, typer.Option(help="File to write; for delta a folder, which gets a new version.")],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only this date.")] = None,
    form: Annotated[str, typer.Option("--format", help="csv, xlsx, parquet, delta; else the name's ending.")] = "",
) -> None:
    """Write a catalogued table or view to a file."""
    try:
        spec = catalog.table(table)
    except KeyError as error:
        raise ExportError(str(error.args[0])) from None
    form = form or out.suffix.lstrip(".").lower()
    if form not in WRITERS:
        raise ExportError(f"no format {form!r}; give --format {', '.join(WRITERS)} or a file name that ends so")
    settings = load_settings()
    console = Console(stderr=True)
    with running_postgres(settings), console.status(f"{table} …") as status:
        db = Database(settings, "nova_owner")
        count = export(db, spec, out, form, as_of.date() if as_of else None, status.update)
        details = {"rows": count, "format": form, "as_of": as_of.date() if as_of else None}
        db.rows(sql_file("cli/export_written"), table_name=table, details=json.dumps(details, default=str))
    console.print(f"{count:,} rows of {table} -> {out}")


def export(
    db: Database, table: Table, out: Path, form: str, as_of: date | None, say: Callable[[str], None] = lambda _: None
) -> int:
    """Write the rows of `table` (of `as_of` only, if given) to `out` in the order of the key; returns their number."""
    if as_of and not table.window:
        raise ExportError(f"{table.qualified} has no windows, so there is no as-of to choose")
    count = 0
    with WRITERS[form](out) as write:
        for window in [Window.day(as_of)] if as_of else _windows(db, table):
            rows = _rows(db, table, window)
            if rows.num_rows or not count:
                write(rows)
            count += rows.num_rows
            say(f"{table.qualified} {count:,} rows")
    return count


def _windows(db: Database, table: Table) -> list[Window | None]:
    """Months from the table's first date to its last; one None for a table without windows or without rows."""
    if not table.window:
        return [None]
    query = sql.SQL("SELECT min({column}) AS first, max({column}) AS last FROM {table}").format(
        column=sql.Identifier(table.window), table=sql.Identifier(table.schema, table.name)
    )
    (ends,) = db.rows(query)
    if ends["first"] is None:
        return [None]
    return [*Window(ends["first"], Window.day(ends["last"]).end).months()]


def _rows(db: Database, table: Table, window: Window | None) -> pa.Table:
    query = sql.SQL("SELECT {columns} FROM {table}").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, table.column_names)),
        table=sql.Identifier(table.schema, table.name),
    )
    params: dict[str, Any] = {}
    if window and table.window:
        query += sql.SQL(" WHERE {0} >= %(start)s AND {0} < %(stop)s").format(sql.Identifier(table.window))
        params = {"start": window.start, "stop": window.end}
    if table.key:
        query += sql.SQL(" ORDER BY {}").format(sql.SQL(", ").join(map(sql.Identifier, table.key)))
    return db.read(query, **params)


@contextmanager
def _parquet(out: Path) -> Iterator[Write]:
    import pyarrow.parquet as pq

    writer: pq.ParquetWriter | None = None

    def write(rows: pa.Table) -> None:
        nonlocal writer
        writer = writer or pq.ParquetWriter(out, rows.schema, compression="zstd")
        writer.write_table(rows)

    try:
        yield write
    finally:
        if writer:
            writer.close()


@contextmanager
def _delta(out: Path) -> Iterator[Write]:
    """A Delta Lake table whose newest version is this export: one commit at the end, readers see all or none."""
    import pyarrow.parquet as pq
    from deltalake import write_deltalake

    with TemporaryDirectory(prefix="nova-export-") as folder:
        whole = Path(folder) / "rows.parquet"
        with _parquet(whole) as write:
            yield write
        with pq.ParquetFile(whole) as file:
            rows = pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches())
            write_deltalake(out, rows, mode="overwrite", schema_mode="overwrite")


@contextmanager
def _csv(out: Path) -> Iterator[Write]:
    """For spreadsheets too: text that one would run stands behind an apostrophe. Parquet and Delta hold it as it is."""
    with out.open("w", encoding="utf-8", newline="") as file:
        header = True

        def write(rows: pa.Table) -> None:
            nonlocal header
            # pandas, since Arrow's writer takes no lists.
            quoted_table(rows).to_pandas().to_csv(file, index=False, header=header)
            header = False

        yield write


@contextmanager
def _xlsx(out: Path) -> Iterator[Write]:
    import xlsxwriter

    # Nothing in the data is ever a formula or a link, whatever it looks like.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("rows")
        day, next_row = book.add_format({"num_format": "yyyy-mm-dd"}), 0

        def write(rows: pa.Table) -> None:
            nonlocal next_row
            if next_row == 0:
                sheet.write_row(0, 0, rows.column_names)
                next_row = 1
            if next_row + rows.num_rows > EXCEL_ROWS:
                raise ExportError(
                    f"more than {EXCEL_ROWS:,} rows do not fit a sheet; choose an --as-of, csv or parquet"
                )
            for record in rows.to_pylist():
                for place, value in enumerate(record.values()):
                    if isinstance(value, datetime):
                        sheet.write_string(next_row, place, value.isoformat())
                    elif isinstance(value, date):
                        sheet.write_datetime(next_row, place, datetime.combine(value, time.min), day)
                    elif isinstance(value, list):
                        sheet.write_string(next_row, place, str(value))
                    elif value is not None:
                        sheet.write(next_row, place, value)
                next_row += 1

        yield write


WRITERS = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet, "delta": _delta}
