"""Parquet copies of what was published: the same rows, whole or not at all, with what made them."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nova_assets import artifacts, catalog
from nova_resources.tables import Window

FORECASTS = catalog.table("analytics.forecasts")
DAY = Window.day(date(2026, 3, 4))
ROWS = artifacts.with_details(pa.table({"item_id": [1, 2], "mean": [0.5, 2.0]}), {"seed": 7})


def test_a_copy_holds_the_published_rows_and_what_made_them(tmp_path) -> None:
    with artifacts.kept(tmp_path, FORECASTS, DAY, ROWS):
        assert not artifacts.path_of(tmp_path, FORECASTS, DAY).exists()
    (file,) = tmp_path.rglob("*.parquet")
    assert file == tmp_path / "artifacts/analytics.forecasts/as_of=2026-03-04/part-0.parquet"
    found = pq.ParquetFile(file).read()
    assert found.equals(ROWS) and artifacts.details_of(found) == {"seed": 7}


def test_a_refused_publish_leaves_the_copy_of_before(tmp_path) -> None:
    with artifacts.kept(tmp_path, FORECASTS, DAY, ROWS):
        pass
    with pytest.raises(RuntimeError, match="refused"), artifacts.kept(tmp_path, FORECASTS, DAY, ROWS.slice(0, 1)):
        raise RuntimeError("refused")
    files = [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]
    assert [pq.ParquetFile(file).metadata.num_rows for file in files] == [2]


def test_ranges_and_other_tables_are_not_copied(tmp_path) -> None:
    month = Window.month_of(date(2026, 3, 4))
    for table, window in ((FORECASTS, month), (catalog.table("analytics.stock_policies"), DAY), (FORECASTS, None)):
        with artifacts.kept(tmp_path, table, window, ROWS):
            pass
    assert not list(tmp_path.rglob("*"))
