"""From facts to decisions: the computed tables of the schema `analytics`, one function per table.

Belongs here: reading inputs of one as-of date, calling `nova_assets.science`, and giving back exactly the columns that
the catalog declares. Does not belong here: formulas (science), set-based tables (sql/analytics) and the writing of
windows.

Every function is `compute(db, window, tools) -> pyarrow.Table`: it reads through `db.read`, stands on the window's last
day, and reads nothing that became known after it. The same inputs give the same rows, whenever they are computed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from nova_resources.postgres import Database
    from nova_resources.tables import Window


class Tools(Protocol):
    """What a run lends to a computation. `progress` hears what is being done and the share done, 0 to 1."""

    progress: Callable[[str, float], None] | None


Compute = Callable[["Database", "Window", "Tools | None"], "pa.Table"]


def _lazy(module: str, function: str) -> Compute:
    """The function of a module that is imported only when it runs: forecasting libraries take seconds to import."""

    def compute(db: Database, window: Window, tools: Tools | None) -> pa.Table:
        return getattr(import_module(f"{__name__}.{module}"), function)(db, window, tools)

    compute.__name__ = function
    compute.__qualname__ = f"{module}.{function}"
    return compute


COMPUTE: dict[str, Compute] = {
    f"analytics.{table}": _lazy(module, f"compute_{table}")
    for table, module in (
        ("lead_time_profiles", "lead_times"),
        ("backtests", "backtests"),
        ("model_selection", "backtests"),
        ("forecast_corrections", "corrections"),
        ("forecast_value_added", "value_added"),
        ("forecasts", "forecasts"),
        ("forecast_overrides", "forecast_overrides"),
        ("forecast_paths", "forecasts"),
        ("supplier_scorecard", "supplier_scorecard"),
        ("stock_policies", "stock_policies"),
        ("recommendations", "recommendations"),
        ("scenarios", "scenarios"),
        ("kpi_definitions", "kpi_definitions"),
    )
}
"""Table to the function that computes it; every other table of the schema is a file of its name in sql/analytics."""
