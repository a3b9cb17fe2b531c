"""Exports hold the table's rows, whole and in order, in every format."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from typer.testing import CliRunner

from nova_assets import catalog
from nova_cli import export as export_command
from nova_cli.export import WRITERS, ExportError, export
from nova_cli.main import build
from nova_resources.postgres import Database
from nova_resources.settings import Settings
from nova_resources.tables import Window
from nova_resources.window import publish

TABLE = catalog.table("core.fact_external_daily")
DAYS = [date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1)]
READERS = {
    "csv": pd.read_csv,
    "xlsx": partial(pd.read_excel, engine="calamine"),
    "parquet": pd.read_parquet,
    "delta": lambda folder: DeltaTable(folder).to_pyarrow_table().to_pandas(),
}


@pytest.fixture
def filled(database: Database) -> Database:
    rows = pa.table(
        {
            "full_date": DAYS,
            "series_code": ["=1+1", "USD_BRL", "USD_BRL"],
            "region_id": [0, 0, 0],
            "value": [1.5, 5.25, 5.5],
        }
    )
    publish(database, TABLE, Window(DAYS[0], date(2026, 2, 2)), rows, run_id="test", code_version="1")
    return database


@pytest.mark.parametrize("form", WRITERS)
def test_every_format_holds_every_row(filled: Database, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"rows.{form}"
    assert export(filled, TABLE, out, form, None) == 3
    frame = READERS[form](out)
    # Parquet is for programs; a workbook says of each cell that it is text, and a CSV cannot.
    assert list(frame["series_code"]) == ["'=1+1" if form == "csv" else "=1+1", "USD_BRL", "USD_BRL"]
    assert list(frame["value"]) == [1.5, 5.25, 5.5]
    assert [day.date() for day in pd.to_datetime(frame["full_date"])] == DAYS


def test_a_second_delta_export_is_a_new_version_and_the_old_one_can_still_be_read(
    filled: Database, tmp_path: Path
) -> None:
    out = tmp_path / "rates"
    export(filled, TABLE, out, "delta", None)
    export(filled, TABLE, out, "delta", DAYS[0])
    assert DeltaTable(out).to_pyarrow_table().num_rows == 1
    assert DeltaTable(out, version=0).to_pyarrow_table().num_rows == 3


def test_a_failed_delta_export_leaves_no_version(filled: Database, tmp_path: Path) -> None:
    out = tmp_path / "rates"
    with pytest.raises(RuntimeError), WRITERS["delta"](out) as write:
        write(filled.read("SELECT 1 AS value"))
        raise RuntimeError
    assert not out.exists()


def test_one_day_only(filled: Database, tmp_path: Path) -> None:
    assert export(filled, TABLE, tmp_path / "rows.csv", "csv", DAYS[1]) == 1


def test_empty_table_has_its_header(database: Database, tmp_path: Path) -> None:
    assert export(database, TABLE, tmp_path / "rows.csv", "csv", None) == 0
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8").strip() == ",".join(TABLE.column_names)


def test_no_as_of_without_windows(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no windows"):
        export(database, catalog.table("core.dim_item"), tmp_path / "rows.csv", "csv", DAYS[0])


def test_an_export_is_recorded_with_what_it_wrote(
    filled: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_command, "load_settings", lambda: settings)
    arguments = ["export", TABLE.qualified, "--out", str(tmp_path / "rows.csv"), "--as-of", "2026-01-31"]
    assert CliRunner().invoke(build(["export"]), arguments).exit_code == 0
    (row,) = Database(settings, "nova_owner").rows(
        "SELECT actor, entity, outcome, details FROM support.audit_logs WHERE action = 'export.written'"
    )
    assert (row["entity"], row["outcome"]) == (TABLE.qualified, "DONE")
    assert row["details"] == {"rows": 1, "format": "csv", "as_of": "2026-01-31"}
