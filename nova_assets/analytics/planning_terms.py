"""Which parameters each item-site is planned with, and where each of them came from.

For every parameter the most specific planning rule that gives it wins (ties: the higher criticality threshold, then the
smaller rule id); what no rule gives comes from the terms of sale, the measured lead times, or the house defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.analytics import defaults, frames
from nova_assets.science.quantiles import GRID
from nova_resources.postgres import Database

SCOPE = ("item_code", "family", "abc_class", "site_code")
PARAMETERS = (
    "service_level",
    "review_days",
    "lead_time_days",
    "holding_rate_year",
    "holding_cost_unit_day",
    "shortage_cost_unit",
    "fixed_order_cost",
    "max_stock",
    "unmet_demand",
)
_SALE = ("unit_price", "min_order_qty", "order_multiple", "supplier_min_value")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlanningTerms:
    """One row per item-site, ordered by series id.

    `frame`: the columns of inputs/item_sites.sql; each of PARAMETERS as the rules give it (null where none does) beside
    `<parameter>_rule`, the id of the rule, and `<parameter>_specificity`; the source: supplier_id, supplier_code,
    unit_price, min_order_qty, order_multiple, supplier_min_value, source_from; the lead time: lead_mean, lead_sd,
    lead_from, lead_stage, lead_receipts, lead_pool. `lead_days` (n, Q) are the lead time's quantiles on the grid;
    `rules` are all rules by id.
    """

    frame: pl.DataFrame
    lead_days: Floats
    rules: dict[int, dict]

    def number(self, name: str, default: float = np.nan) -> Floats:
        """A numeric column as floats, `default` where it is null."""
        return self.frame[name].cast(pl.Float64).fill_null(default).to_numpy()

    @property
    def review_days(self) -> Floats:
        return self.number("review_days", defaults.REVIEW_DAYS)


def load_terms(db: Database, as_of: date, profiles: pl.DataFrame | None = None) -> PlanningTerms:
    """Terms of every item-site of demand_classes on the date; with the lead times of that date, or with `profiles` in
    the columns of analytics.lead_time_profiles."""
    pairs = frames.read(db, "analytics/inputs/item_sites", as_of=as_of)
    rules = frames.read(db, "analytics/inputs/planning_rules")
    frame = resolve_rules(pairs, rules)
    if profiles is None:
        profiles = frames.read(db, "analytics/inputs/lead_times", as_of=as_of)
    leads = _preferred_stage(profiles.filter(pl.col("stage") != "REQUEST_TO_ORDER"))
    frame = _with_source(
        frame,
        frames.read(db, "analytics/inputs/sources", as_of=as_of),
        frames.read(db, "analytics/inputs/last_suppliers", as_of=as_of),
        leads,
    )
    frame, lead_days = _with_lead_time(frame, leads)
    return PlanningTerms(frame, lead_days, {row["rule_id"]: row for row in rules.to_dicts()})


def resolve_rules(pairs: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """`pairs` with each parameter from the most specific rule that matches and gives it, its id and specificity."""
    matches = _matches(pairs, rules)
    for name in PARAMETERS:
        best = (
            matches.drop_nulls(name)
            .sort(["specificity", "criticality_min", "rule_id"], descending=[True, True, False], nulls_last=True)
            .unique("series_id", keep="first", maintain_order=True)
            .select(
                "series_id",
                name,
                pl.col("rule_id").alias(f"{name}_rule"),
                pl.col("specificity").alias(f"{name}_specificity"),
            )
        )
        pairs = pairs.join(best, on="series_id", how="left", maintain_order="left")
    return pairs


def _matches(pairs: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Every (item-site, rule) whose scope holds: rules that use the same scope columns are joined on those."""
    keys = pairs.select("series_id", *SCOPE, "criticality")
    given = [*PARAMETERS, "rule_id", "specificity", "criticality_min"]
    parts = [keys.clear().join(rules.clear().select(given), how="cross").select("series_id", *given)]
    for used, group in rules.with_columns(
        used=pl.concat_list(pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in SCOPE).list.drop_nulls()
    ).group_by("used", maintain_order=True):
        on = list(used[0])
        joined = (
            keys.join(group.select(*on, *given), on=on, how="inner")
            if on
            else keys.join(group.select(given), how="cross")
        )
        holds = pl.col("criticality_min").is_null() | (pl.col("criticality") >= pl.col("criticality_min"))
        parts.append(joined.filter(holds).select("series_id", *given))
    return pl.concat(parts)


def _preferred_stage(profiles: pl.DataFrame) -> pl.DataFrame:
    """One lead time per pair: from the request to the receipt where requests are recorded, else from the order on."""
    return profiles.sort("item_id", "supplier_id", "stage", descending=[False, False, True]).unique(
        ["item_id", "supplier_id"], keep="first", maintain_order=True
    )


def _with_source(frame: pl.DataFrame, sources: pl.DataFrame, last: pl.DataFrame, leads: pl.DataFrame) -> pl.DataFrame:
    """Best source per item-site: lowest price plus a year's holding rate over its lead time; else the last supplier.

    Terms made for the site go before the supplier's terms for all sites.
    """
    keys = frame.select("series_id", "item_id", "site_id", "unit_cost", "holding_rate_year")
    offers = keys.join(sources.rename({"site_id": "terms_site", "lead_time_days": "agreed_days"}), on="item_id")
    offers = offers.filter((pl.col("terms_site") == 0) | (pl.col("terms_site") == pl.col("site_id")))
    offers = offers.sort("series_id", "supplier_id", "terms_site", descending=[False, False, True]).unique(
        ["series_id", "supplier_id"], keep="first", maintain_order=True
    )
    offers = offers.join(leads.select("item_id", "supplier_id", "mean_days"), on=["item_id", "supplier_id"], how="left")
    rate = pl.col("holding_rate_year").cast(pl.Float64).fill_null(defaults.HOLDING_RATE_YEAR)
    days = pl.coalesce("mean_days", "agreed_days").fill_null(defaults.LEAD_TIME_DAYS)
    price = pl.coalesce("unit_price", "unit_cost").fill_null(0.0)
    best = (
        offers.with_columns(landed=price * (1 + rate * days / 365), days=days)
        .sort("series_id", "landed", "days", "supplier_code")
        .unique("series_id", keep="first", maintain_order=True)
        .select("series_id", "supplier_id", "supplier_code", *_SALE, "agreed_days")
        .with_columns(source_from=pl.lit("terms of sale"))
    )
    used = (
        keys.join(best.select("series_id"), on="series_id", how="anti")
        .join(last, on=["item_id", "site_id"], how="inner")
        .select("series_id", "supplier_id", "supplier_code", "unit_price", "supplier_min_value")
        .with_columns(source_from=pl.lit("last order"))
    )
    chosen = pl.concat([best, used], how="diagonal")
    return frame.join(chosen, on="series_id", how="left", maintain_order="left")


def _with_lead_time(frame: pl.DataFrame, leads: pl.DataFrame) -> tuple[pl.DataFrame, Floats]:
    """The lead time of each item-site and its quantiles (n, Q): a rule's fixed days, the source's profile, the agreed
    days or the default."""
    profile = leads.select(
        "item_id", "supplier_id", pl.col("mean_days").alias("lead_mean"), pl.col("sd_days").alias("lead_sd"),
        pl.col("stage").alias("lead_stage"), pl.col("receipts").alias("lead_receipts"),
        pl.col("pooled_level").alias("lead_pool"), pl.col("quantile_values").alias("lead_quantiles"),
    )  # fmt: skip
    frame = frame.join(profile, on=["item_id", "supplier_id"], how="left", maintain_order="left")
    rule = pl.col("lead_time_days").cast(pl.Float64)
    by_rule, by_profile = rule.is_not_null(), pl.col("lead_mean").is_not_null()
    fixed = pl.coalesce(rule, pl.when(~by_profile).then(pl.coalesce("agreed_days", pl.lit(defaults.LEAD_TIME_DAYS))))
    origin = (
        pl.when(by_rule).then(pl.lit("rule"))
        .when(by_profile).then(pl.lit("profile"))
        .when(pl.col("agreed_days").is_not_null()).then(pl.lit("terms of sale"))
        .otherwise(pl.lit("default"))
    )  # fmt: skip
    frame = frame.with_columns(fixed=fixed, lead_from=origin)
    spread = frame["lead_quantiles"].fill_null([0.0] * len(GRID)).to_list()
    days = np.array(spread, dtype=float).reshape(len(frame), len(GRID))
    set_days = frame["fixed"].to_numpy().astype(float)
    days = np.where(np.isnan(set_days)[:, None], days, set_days[:, None])
    known = pl.col("fixed").is_not_null()
    frame = frame.with_columns(
        lead_mean=pl.coalesce("fixed", "lead_mean"), lead_sd=pl.when(known).then(0.0).otherwise(pl.col("lead_sd"))
    )
    return frame.drop("lead_quantiles", "fixed"), days
