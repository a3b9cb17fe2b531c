"""Recommendations of a date for every item-site whose stock is known: the decision, its risk and its money."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from nova_assets.analytics import Tools, frames
from nova_assets.analytics.decisions import BRINGS, Act, Case, dates, priority
from nova_assets.analytics.explanations import flips, sentences, substitute_code, terms
from nova_assets.analytics.order_points import LEVELS
from nova_assets.analytics.other_stock import plan
from nova_assets.analytics.positions import KEY, load_decided, load_positions
from nova_assets.science import quantiles, stock
from nova_assets.science.quantiles import GRID
from nova_resources.postgres import Database
from nova_resources.tables import Window

Floats = NDArray[np.float64]
_STOCK = (
    "position", "on_hand", "on_order", "on_order_approved", "on_order_late", "on_order_later", "on_order_abandoned",
    "reserved", "backorder",
)  # fmt: skip
RISK_DAYS = {"D30": 30, "D60": 60, "D90": 90}


def compute_recommendations(db: Database, window: Window, tools: Tools | None = None) -> pa.Table:
    """analytics.recommendations of the window's last day."""
    as_of = frames.as_of_date(window)
    return recommendation_rows(as_of, plan(load_cases(db, as_of), load_decided(db, as_of).settled))


def load_cases(db: Database, as_of: date) -> list[Case]:
    """Item-sites with a known stock, ordered by their ids."""
    policies = frames.read(db, "analytics/inputs/stock_policies", as_of=as_of)
    pairs = frames.read(db, "analytics/inputs/decision_pairs", as_of=as_of)
    table, orders = load_positions(db, as_of, policies)
    protection = frames.read(db, "analytics/inputs/forecasts", as_of=as_of, target="PROTECTION")
    table = (
        table.join(policies, on=KEY, how="inner")
        .join(pairs, on=KEY, how="inner")
        .join(protection.drop("horizon_days", "borrowed_share"), on=KEY, how="inner")
        .sort(KEY)
    )
    table = with_fixed_risk(db, as_of, table, orders)
    lines: dict[tuple[int, int], list[dict]] = {}
    for order in orders.iter_rows(named=True):
        lines.setdefault((order["item_id"], order["site_id"]), []).append(order)
    values = _grid(table["quantile_values"])
    cases = []
    for row, demand in zip(table.drop("quantile_values").iter_rows(named=True), values, strict=True):
        own = lines.get((row["item_id"], row["site_id"]), [])
        late = [line for line in own if line["state"] == "LATE"]
        cases.append(Case(as_of, row, demand, late, [line for line in own if line["state"] != "LATE"]))
    return cases


def with_fixed_risk(db: Database, as_of: date, table: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """`table` with mean_30, demand_day_90, and the risk over the first of 30, 60, 90 days that covers the lead time.

    The protection period is random, so that nobody can say on a day whether a forecast of it came true; this risk is
    about a fixed number of days and is scored when they are over. What is reserved stays on the shelf until it is used,
    and its use is part of the demand: it is not taken off here.
    """
    made = {
        target: table.select(KEY).join(
            frames.read(db, "analytics/inputs/forecasts", as_of=as_of, target=target), on=KEY, how="left"
        )
        for target in RISK_DAYS
    }
    lead = table["lead_time_days"].to_numpy()
    chosen = np.searchsorted(list(RISK_DAYS.values()), np.minimum(lead, 90))
    days = np.array(list(RISK_DAYS.values()))[chosen]
    by_target = np.stack([_grid(frame["quantile_values"]) for frame in made.values()])
    values = by_target[chosen, np.arange(len(table))]
    last = pl.lit(as_of) + pl.duration(days=pl.col("risk_days"))
    told = table.select(*KEY, risk_days=pl.Series(days, dtype=pl.Int64))
    due = (
        orders.join(told, on=KEY)
        .filter(pl.col("state").is_in(["IN_WINDOW", "LATER"]) & (pl.col("due") <= last))
        .group_by(KEY)
        .agg(due_then=pl.col("remaining").sum())
    )
    told = told.join(due, on=KEY, how="left", maintain_order="left").with_columns(pl.col("due_then").fill_null(0.0))
    held = (table["on_hand"] + table["on_order_approved"] - table["backorder"] + told["due_then"]).to_numpy()
    return table.with_columns(
        mean_30=made["D30"]["mean"],
        demand_day_90=made["D90"]["mean"] / 90,
        risk_days=told["risk_days"],
        risk_position=pl.Series(held),
        risk_probability=pl.Series(stock.stockout_probability(LEVELS, values, held)).clip(0.0, 1.0),
        risk_shortage=pl.Series(quantiles.expected_shortage(LEVELS, values, held)),
    )


def recommendation_rows(as_of: date, acts: list[Act]) -> pa.Table:
    """The table of the acts, in their order."""

    def each(name: str) -> Floats:
        return np.array([act.case.row[name] for act in acts], dtype=float)

    values = np.array([act.case.demand for act in acts]).reshape(len(acts), len(GRID))
    quantity, before = np.array([act.quantity for act in acts]), np.array([act.before for act in acts])
    added = np.where([act.action in BRINGS for act in acts], quantity, -quantity)
    spend = np.array([act.spend for act in acts], dtype=float)
    probability = np.clip(stock.stockout_probability(LEVELS, values, each("position")), 0.0, 1.0)
    after = np.clip(stock.stockout_probability(LEVELS, values, before + added), 0.0, 1.0)
    covered = 1 - stock.stockout_probability(LEVELS, values, before)
    holding = each("holding_cost_unit_day") * each("protection_days")
    # What is moved or already there costs no more to hold here than it does where it lies.
    holding *= [act.action != "REALLOCATE" for act in acts]
    avoided = avoided_cost(values, before, added, each("shortage_cost_unit"), holding)
    per_spend = np.divide(avoided, spend, out=np.full(len(acts), np.nan), where=spend > 0)
    rank, up_to = buy_ranks([act.action == "REORDER" for act in acts], per_spend, spend)
    when = [dates(act) for act in acts]
    told = [sentences(act, p, q) for act, p, q in zip(acts, probability, after, strict=True)]
    suppliers = [_supplier(act) for act in acts]
    columns = {
        "item_code": [act.case.row["item_code"] for act in acts],
        "site_code": [act.case.row["site_code"] for act in acts],
        "action": [act.action for act in acts],
        "quantity": quantity,
        "supplier_code": [code for _, code in suppliers],
        "order_by": [act_by for act_by, _ in when],
        "arrive_by": [arrive_by for _, arrive_by in when],
        "priority": [
            priority(act.action, p, act.case.row["criticality"], act.case.row["backorder"])
            for act, p in zip(acts, probability, strict=True)
        ],
        "explanation": [portuguese for portuguese, _ in told],
        "explanation_en": [english for _, english in told],
        "item_id": [act.case.row["item_id"] for act in acts],
        "site_id": [act.case.row["site_id"] for act in acts],
        "supplier_id": [supplier for supplier, _ in suppliers],
        "order_ref": [act.order["order_ref"] if act.order else "" for act in acts],
        "from_site_code": [
            act.other.row["site_code"] if act.action == "REALLOCATE" and act.other else None for act in acts
        ],
        "substitute_code": [substitute_code(act) for act in acts],
        **{name: each(name) for name in _STOCK},
        "stockout_probability": probability,
        "stockout_probability_after": after,
        "expected_shortage": quantiles.expected_shortage(LEVELS, values, each("position")),
        "expected_shortage_after": quantiles.expected_shortage(LEVELS, values, before + added),
        "risk_days": [act.case.row["risk_days"] for act in acts],
        **{name: each(name) for name in ("risk_position", "risk_probability", "risk_shortage")},
        "spend": spend,
        "avoided_cost": avoided,
        "value_per_spend": per_spend,
        "buy_rank": rank,
        "spend_to_here": up_to,
        "months_of_cover": months_of_cover(np.array([act.case.free for act in acts]), each("demand_day_90")),
        "carrying_cost_month": [act.told.get("carrying_cost_month", 0.0) for act in acts],
        "terms": [terms(act) for act in acts],
        "flips": [flips(act, float(share)) for act, share in zip(acts, covered, strict=True)],
    }
    return frames.rows_of("analytics.recommendations", as_of, columns)


def avoided_cost(values: Floats, before: Floats, added: Floats, shortage: Floats, holding: Floats) -> Floats:
    """(n,) R$: expected shortage cost that `added` more units avoid, less the cost of holding what is left of them.

    `shortage` is R$ per unit short, `holding` R$ per unit over the protection period; an unknown cost counts as zero.
    Units taken away (negative) save holding and add shortage.
    """
    short = quantiles.expected_shortage(LEVELS, values, before)
    short -= quantiles.expected_shortage(LEVELS, values, before + added)
    left = quantiles.expected_excess(LEVELS, values, before + added) - quantiles.expected_excess(LEVELS, values, before)
    return short * np.nan_to_num(shortage) - left * np.nan_to_num(holding)


def buy_ranks(bought: list[bool], per_spend: Floats, spend: Floats) -> tuple[list[int | None], Floats]:
    """(rank, spend up to and with it) of the rows that are bought, the most avoided cost per R$ first.

    For a budget the rows up to it are the optimum of the linear relaxation of the knapsack (Dantzig 1957): no other
    choice of whole lines avoids more than the cost of the one line that no longer fits. What has no price comes first.
    """
    rows = np.flatnonzero(bought)
    value = np.where(spend[rows] > 0, np.nan_to_num(per_spend[rows]), np.inf)
    ranked = rows[np.argsort(-value, kind="stable")]
    rank: list[int | None] = [None] * len(spend)
    up_to = np.full(len(spend), np.nan)
    up_to[ranked] = np.cumsum(spend[ranked])
    for place, row in enumerate(ranked, start=1):
        rank[row] = place
    return rank, up_to


def months_of_cover(free: Floats, demand_day: Floats) -> Floats:
    """(n,) months of 30 days that what is free lasts; NaN without demand."""
    return np.divide(np.maximum(free, 0.0), demand_day * 30, out=np.full(len(free), np.nan), where=demand_day > 0)


def _supplier(act: Act) -> tuple[int | None, str | None]:
    """(id, code) of whom to buy from or to press."""
    row = act.case.row
    if act.order:
        return act.order["supplier_id"], act.order["supplier_code"]
    if act.action == "SUBSTITUTE" and act.other and act.spend > 0:
        row = act.other.row
    elif act.action != "REORDER":
        return None, None
    return row["supplier_id"], row["supplier_code"]


def _grid(lists: pl.Series) -> Floats:
    return np.array(lists.to_list(), dtype=float).reshape(len(lists), len(GRID))
