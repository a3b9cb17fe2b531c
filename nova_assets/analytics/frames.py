"""Between the database's Arrow tables, the frames that computations work on and the columns of the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from nova_assets.catalog import table
from nova_resources.postgres import Database
from nova_resources.sql_library import sql
from nova_resources.tables import Window

_ARROW = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "smallint": pa.int16(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "double precision": pa.float64(),
    "double precision[]": pa.list_(pa.float64()),
}


def as_of_date(window: Window) -> date:
    """The date that a window's rows stand on: its last day."""
    return window.end - timedelta(days=1)


def read(db: Database, name: str, **params: Any) -> pl.DataFrame:
    """Rows of a query of the SQL library. Callers spell its name out: the code's version follows from such names."""
    return pl.DataFrame(pl.from_arrow(db.read(sql(name), **params)))


def rows_of(qualified: str, as_of: date | None, columns: Mapping[str, Any]) -> pa.Table:
    """Arrow table with exactly the catalog's columns of a table, in its order and types.

    `columns` maps names to arrays, lists or series; `as_of` fills that column. KeyError for a missing column; numbers
    for `numeric` columns stay float64 (PostgreSQL rounds them to the declared scale), NaN becomes NULL.
    """
    declared = table(qualified).columns
    size = len(next(iter(columns.values())))
    filled = dict(columns) if as_of is None else {"as_of": [as_of] * size, **columns}
    arrays = [_array(filled[column.name], column.type) for column in declared]
    return pa.table(arrays, schema=pa.schema([(column.name, _type(column.type)) for column in declared]))


def number_lists(values: NDArray[np.float64]) -> pa.Array:
    """(n, Q) array as a column of n lists."""
    rows, width = values.shape
    return pa.ListArray.from_arrays(np.arange(0, rows * width + 1, width, dtype=np.int32), values.ravel())


def repeated_list(values: Sequence[float], rows: int) -> pa.Array:
    """The same list in every row."""
    return number_lists(np.tile(np.asarray(values, dtype=float), (rows, 1)))


def _type(declared: str) -> pa.DataType:
    if declared.startswith("numeric"):
        return pa.float64()
    return _ARROW.get(declared, pa.string())


def _array(values: Any, declared: str) -> pa.Array:
    type_ = _type(declared)
    if isinstance(values, pl.Series):
        values = values.to_arrow()
    if isinstance(values, pa.Array):
        return values.cast(type_)
    if isinstance(values, np.ndarray) and values.dtype == object:
        values = values.tolist()
    return pa.array(values, type_, from_pandas=True)
