"""The single truth about tables: one typed declaration each.

From it come the migrations' parity test, the checks, the comments in the database, the column schemas and descriptions
in Dagster, the frame types at the boundaries and the data dictionary. Nothing here touches a database.
"""

from __future__ import annotations

from nova_assets.catalog import analytics, core, decisions, forecasting, purchasing, serving, staging, support
from nova_resources.tables import Table

SCHEMAS = ("staging", "core", "analytics", "support")

TABLES: tuple[Table, ...] = (
    *staging.TABLES,
    *core.TABLES,
    *analytics.TABLES,
    *forecasting.TABLES,
    *purchasing.TABLES,
    *decisions.TABLES,
    *serving.TABLES,
    *support.TABLES,
)

_BY_NAME = {table.qualified: table for table in TABLES}

FEEDS: dict[str, Table] = {table.name: table for table in staging.FEEDS}


def table(qualified: str) -> Table:
    """The declaration of `schema.name`; KeyError lists close names when there is none."""
    try:
        return _BY_NAME[qualified]
    except KeyError:
        near = [name for name in _BY_NAME if name.split(".")[-1] == qualified.split(".")[-1]]
        raise KeyError(f"no table {qualified!r} in the catalog{'; did you mean ' + near[0] if near else ''}") from None
