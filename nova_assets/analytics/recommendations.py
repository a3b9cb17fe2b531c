"""Recommendations of a date for every item-site whose stock is known: the decision, its risk and its money."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from nova_assets.analytics import Tools, frames
from nova_assets.analytics.decisions import Act, Case, dates, decide, explain, flips, priority
from nova_assets.analytics.positions import KEY, load_positions
from nova_assets.analytics.stock_policies import LEVELS
from nova_assets.science import quantiles, stock
from nova_assets.science.quantiles import GRID
from nova_resources.postgres import Database
from nova_resources.tables import Window

Floats = NDArray[np.float64]
_STOCK = ("position", "on_hand", "on_order", "on_order_late", "reserved", "backorder")


def compute_recommendations(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.recommendations of the window's last day."""
    as_of = frames.as_of_date(window)
    return recommendation_rows(as_of, [act for case in load_cases(db, as_of) for act in decide(case)])


def load_cases(db: Database, as_of: date) -> list[Case]:
    """Item-sites with a known stock, ordered by their ids."""
    policies = frames.read(db, "analytics/inputs/stock_policies", as_of=as_of)
    table, orders = load_positions(db, as_of, policies)
    month = frames.read(db, "analytics/inputs/forecasts", as_of=as_of, target="D30").select(
        *KEY, pl.col("mean").alias("mean_30")
    )
    for other in (
        policies,
        frames.read(db, "analytics/inputs/item_sites", as_of=as_of).drop("unit_cost"),
        frames.read(db, "analytics/inputs/forecasts", as_of=as_of, target="PROTECTION").drop(
            "horizon_days", "borrowed_share"
        ),
        month,
    ):
        table = table.join(other, on=KEY, how="inner")
    table = table.sort(KEY)
    lines: dict[tuple[int, int], list[dict]] = {}
    for order in orders.iter_rows(named=True):
        lines.setdefault((order["item_id"], order["site_id"]), []).append(order)
    values = np.array(table["quantile_values"].to_list(), dtype=float).reshape(len(table), len(GRID))
    cases = []
    for row, demand in zip(table.drop("quantile_values").iter_rows(named=True), values, strict=True):
        own = lines.get((row["item_id"], row["site_id"]), [])
        late = [line for line in own if line["state"] == "LATE"]
        cases.append(Case(as_of, row, demand, late, [line for line in own if line["state"] != "LATE"]))
    return cases


def recommendation_rows(as_of: date, acts: list[Act]) -> pa.Table:
    """The table of the acts, in their order."""

    def each(name: str) -> Floats:
        return np.array([act.case.row[name] for act in acts], dtype=float)

    values = np.array([act.case.demand for act in acts]).reshape(len(acts), len(GRID))
    quantity, before = np.array([act.quantity for act in acts]), np.array([act.before for act in acts])
    price = np.array([act.case.price for act in acts])
    spend = np.where([act.action == "REORDER" for act in acts], quantity * price, 0.0)
    probability = stock.stockout_probability(LEVELS, values, each("position"))
    after = stock.stockout_probability(LEVELS, values, before + quantity)
    covered = 1 - stock.stockout_probability(LEVELS, values, before)
    avoided = avoided_cost(
        values, before, quantity, each("shortage_cost_unit"), each("holding_cost_unit_day") * each("protection_days")
    )
    when = [dates(act) for act in acts]
    columns = {
        "item_id": [act.case.row["item_id"] for act in acts],
        "site_id": [act.case.row["site_id"] for act in acts],
        "action": [act.action for act in acts],
        "order_ref": [act.order["order_ref"] if act.order else "" for act in acts],
        "supplier_id": [_supplier(act) for act in acts],
        "quantity": quantity,
        "order_by": [act_by for act_by, _ in when],
        "arrive_by": [arrive_by for _, arrive_by in when],
        "priority": [
            priority(act.action, p, act.case.row["criticality"], act.case.row["backorder"])
            for act, p in zip(acts, probability, strict=True)
        ],
        **{name: each(name) for name in _STOCK},
        "stockout_probability": np.clip(probability, 0.0, 1.0),
        "stockout_probability_after": np.clip(after, 0.0, 1.0),
        "expected_shortage": quantiles.expected_shortage(LEVELS, values, each("position")),
        "expected_shortage_after": quantiles.expected_shortage(LEVELS, values, before + quantity),
        "spend": spend,
        "avoided_cost": avoided,
        "value_per_spend": np.divide(avoided, spend, out=np.full(len(acts), np.nan), where=spend > 0),
        "terms": [explain(act.case) for act in acts],
        "flips": [flips(act, float(share)) for act, share in zip(acts, covered, strict=True)],
    }
    return frames.rows_of("analytics.recommendations", as_of, columns)


def avoided_cost(values: Floats, before: Floats, quantity: Floats, shortage: Floats, holding: Floats) -> Floats:
    """(n,) R$: expected shortage cost that `quantity` more units avoid, less the cost of holding what is left of them.

    `shortage` is R$ per unit short, `holding` R$ per unit over the protection period; an unknown cost counts as zero.
    """
    short = quantiles.expected_shortage(LEVELS, values, before)
    short -= quantiles.expected_shortage(LEVELS, values, before + quantity)
    left = quantiles.expected_excess(LEVELS, values, before + quantity) - quantiles.expected_excess(
        LEVELS, values, before
    )
    return short * np.nan_to_num(shortage) - left * np.nan_to_num(holding)


def _supplier(act: Act) -> int | None:
    if act.action == "HOLD":
        return None
    return act.order["supplier_id"] if act.order else act.case.row["supplier_id"]
