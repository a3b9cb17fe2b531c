"""What the platform concludes about suppliers."""

from __future__ import annotations

from nova_assets.catalog.analytics import as_of_table, measure, probability
from nova_assets.catalog.core import supplier_id
from nova_resources.tables import Column, Reach, Stage, Upstream


def _days(name: str, description: str) -> Column:
    return Column(name, "double precision", description, nullable=True, unit="days")


SUPPLIER_SCORECARD = as_of_table(
    "supplier_scorecard",
    "What each supplier promised and did: on-time share, quantity accuracy, tail of the lead time, price drift.",
    "one row per day and supplier with an order, a receipt or an open line in the last year",
    Stage.FORECASTING,
    (
        supplier_id(),
        Column("orders", "integer", "Lines ordered in the last year.", minimum=0),
        Column("receipts", "integer", "Lines received in the last year: the sample of the shares.", minimum=0),
        Column("open_orders", "integer", "Lines on the way.", minimum=0),
        Column("late_orders", "integer", "Lines on the way past their promised day.", minimum=0),
        probability("on_time_share", "Receipts on or before the promised day.", nullable=True),
        probability("quantity_accuracy", "1 less the mean relative gap between ordered and received.", nullable=True),
        _days("promised_days", "Mean lead time promised on the lines received."),
        _days("mean_days", "Mean lead time, open orders censored."),
        _days("p50_days", "Median lead time."),
        _days("p90_days", "Lead time that one line in ten exceeds."),
        _days("p95_days", "Lead time that one line in twenty exceeds."),
        measure("price_drift", "Price of the last half-year over that of the half-year before, less 1.", nullable=True),
    ),
    ("supplier_id",),
    (
        Upstream("core.fact_orders", Reach.UNTIL),
        Upstream("core.dim_item", Reach.ALL),
    ),
    kinds=("postgres", "python"),
)

TABLES = (SUPPLIER_SCORECARD,)
