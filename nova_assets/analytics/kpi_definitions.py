"""The KPI dictionary as a table."""

from __future__ import annotations

import pyarrow as pa

from nova_assets.analytics import Tools, frames
from nova_assets.catalog.kpis import KPIS
from nova_resources.postgres import Database
from nova_resources.tables import Window


def compute_kpi_definitions(db: Database, window: Window | None = None, tools: Tools | None = None) -> pa.Table:
    """analytics.kpi_definitions; the same on every date."""
    fields = (
        "name_pt",
        "name_en",
        "numerator",
        "denominator",
        "basis",
        "null_rule",
        "unit",
        "lower_is_better",
        "target",
    )
    columns = {name: [getattr(kpi, name) for kpi in KPIS] for name in fields}
    codes = {"kpi_code": [kpi.code for kpi in KPIS], "position": list(range(len(KPIS)))}
    return frames.rows_of("analytics.kpi_definitions", None, codes | columns)
