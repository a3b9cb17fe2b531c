"""dagster-pandas types of the frames that Python computes, made from the catalog: the gate before a publish.

pandas and dagster-pandas are imported when the first frame is judged, not when the graph is described.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from nova_assets import catalog
from nova_assets.failures import PermanentFailure
from nova_resources.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from dagster import DagsterType

# pandas dtypes that may carry a PostgreSQL type; a nullable integer arrives as a float where a value is absent.
_INTEGERS = {"int16", "int32", "int64"}
_DTYPES = {
    "bigint": _INTEGERS,
    "integer": _INTEGERS,
    "smallint": _INTEGERS,
    "double precision": {"float64", *_INTEGERS},
    "numeric": {"float64", "object", *_INTEGERS},
    "boolean": {"bool"},
    "date": {"object", "datetime64[ns]", "datetime64[us]", "datetime64[ms]", "datetime64[s]"},
}
_WHEN_NULL = {"float64", "object"}
_OTHER = {"object", "string", "category"}


@cache
def frame_type(qualified: str) -> DagsterType:
    """DagsterType of a frame with exactly the columns of `schema.name`, each within its rules."""
    from dagster_pandas import StrictColumnsConstraint, create_dagster_pandas_dataframe_type

    table = catalog.table(qualified)
    return create_dagster_pandas_dataframe_type(
        name=type_name(table),
        description=table.description,
        columns=[_column(column) for column in table.columns],
        dataframe_constraints=[StrictColumnsConstraint(list(table.column_names))],
    )


def type_name(table: Table) -> str:
    """Name of the type in Dagster, such as AnalyticsForecastsFrame."""
    return "".join(part.title() for part in (table.schema, *table.name.split("_"))) + "Frame"


def validated(table: Table, rows: pa.Table) -> pa.Table:
    """The same rows, once their frame has passed the type of `table`. Raises PermanentFailure saying what is wrong.

    An empty result carries no values to judge; its columns are judged all the same.
    """
    frame = as_frame(table, rows)
    check = frame_type(table.qualified).type_check(None, frame)  # pyright: ignore[reportArgumentType]
    if not check.success:
        raise PermanentFailure(f"{type_name(table)}: {check.description}", {"table": table.qualified})
    return rows


def as_frame(table: Table, rows: pa.Table) -> pd.DataFrame:
    """Rows as pandas, columns in the order of the catalog where all are there (order does not matter to a table)."""
    if set(rows.column_names) == set(table.column_names):
        rows = rows.select(list(table.column_names))
    return rows.to_pandas(date_as_object=True)


def _column(column: Column):  # noqa: ANN202 - dagster_pandas is not imported with this module
    from dagster_pandas import PandasColumn
    from dagster_pandas.constraints import (
        CategoricalColumnConstraint,
        ColumnDTypeInSetConstraint,
        InRangeColumnConstraint,
        NonNullableColumnConstraint,
    )

    base = column.type.split("(")[0]
    dtypes = set(_OTHER) if base.endswith("[]") else set(_DTYPES.get(base, _OTHER))
    constraints: list[object] = [ColumnDTypeInSetConstraint(dtypes | (_WHEN_NULL if column.nullable else set()))]
    if not column.nullable:
        constraints.append(NonNullableColumnConstraint())
    if column.minimum is not None or column.maximum is not None:
        low = float("-inf") if column.minimum is None else column.minimum
        high = float("inf") if column.maximum is None else column.maximum
        constraints.append(InRangeColumnConstraint(low, high, ignore_missing_vals=True))
    if column.values:
        constraints.append(CategoricalColumnConstraint(set(column.values), ignore_missing_vals=True))
    return PandasColumn(name=column.name, constraints=constraints)
