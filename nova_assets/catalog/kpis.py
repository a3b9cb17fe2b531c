"""The KPI dictionary: one definition of each key figure, from which table, labels and docs are made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kpi:
    """One key figure. `target` is None where the company has set none; `lower_is_better` colours its trend.

    `denominator` is None for plain sums. `unit` is share, BRL, units or days.
    """

    code: str
    name_pt: str
    name_en: str
    numerator: str
    denominator: str | None
    basis: str
    null_rule: str
    unit: str
    lower_is_better: bool
    target: float | None = None


_ITEM_SITE_DAYS = "stocked item-sites (a row in fact_inventory_daily) on the day, services left out"

KPIS = (
    Kpi(
        "stockout_rate",
        "Taxa de ruptura",
        "Stock-out rate",
        "item-sites that closed the day with nothing on hand, whether or not anything was asked for",
        _ITEM_SITE_DAYS,
        "day",
        "NULL without inventory rows",
        "share",
        lower_is_better=True,
        target=0.03,
    ),
    Kpi(
        "fill_rate",
        "Atendimento da demanda",
        "Fill rate",
        "lines of demand (material, site, day, kind of work) handed out in full, trailing 30 days: the rest is unmet",
        "lines of demand whose fulfilled quantity is known, trailing 30 days (lines: metres and pieces do not add up)",
        "trailing 30 days",
        "NULL without demand",
        "share",
        lower_is_better=False,
        target=0.97,
    ),
    Kpi(
        "delayed_orders",
        "Pedidos atrasados",
        "Delayed orders",
        "order lines due in the trailing 90 days that arrived after the promised day or are still open past it",
        "order lines due in the trailing 90 days",
        "trailing 90 days",
        "NULL when nothing was due",
        "share",
        lower_is_better=True,
        target=0.05,
    ),
    Kpi(
        "inventory_value",
        "Valor do estoque",
        "Inventory value",
        "on hand times standard cost",
        None,
        "day",
        "items without a cost count as zero",
        "BRL",
        lower_is_better=True,
    ),
    Kpi(
        "carrying_cost",
        "Custo de manter estoque (mês)",
        "Carrying cost (month)",
        "on hand times standard cost times the yearly holding rate over 365, trailing 30 days",
        None,
        "trailing 30 days",
        "items without a cost count as zero",
        "BRL",
        lower_is_better=True,
    ),
    Kpi(
        "turns",
        "Giro do estoque",
        "Inventory turns",
        "demand of the trailing 365 days at standard cost",
        "mean daily inventory value of the trailing 365 days",
        "trailing 365 days",
        "NULL without stock value",
        "units",
        lower_is_better=False,
    ),
    Kpi(
        "a_items_covered",
        "Itens A cobertos",
        "A items covered",
        "item-sites of ABC class A with stock on hand",
        "stocked item-sites of ABC class A",
        "day",
        "NULL without A items",
        "share",
        lower_is_better=False,
        target=0.98,
    ),
    Kpi(
        "excess",
        "Estoque em excesso",
        "Excess stock",
        "value on hand beyond the material's demand of the trailing 365 days at that site",
        "inventory value",
        "day",
        "NULL without stock value",
        "share",
        lower_is_better=True,
    ),
    Kpi(
        "forecast_error",
        "Erro da previsão (30 dias)",
        "Forecast error (30 days)",
        "distance of the forecast median to the 30-day sum that came, at standard cost, forecasts ended in 30 days",
        "30-day sums that came, at standard cost, of the same forecasts",
        "trailing 30 days",
        "NULL before the first forecast has ended; sums observed on less than four fifths of the days left out",
        "share",
        lower_is_better=True,
    ),
    Kpi(
        "forecast_value_added",
        "Ganho sobre a previsão ingênua",
        "Forecast value added",
        "distance of the naive forecast (the 30 days before) less that of the forecast, at standard cost",
        "distance of the naive forecast, at standard cost",
        "trailing 30 days",
        "NULL before the first forecast has ended",
        "share",
        lower_is_better=False,
    ),
    Kpi(
        "calibration_90",
        "Cobertura do quantil 90 %",
        "Coverage of the 90% quantile",
        "30-day sums at or below the 0.9 quantile that was forecast",
        "30-day sums scored",
        "trailing 30 days",
        "NULL before the first forecast has ended",
        "share",
        lower_is_better=False,
        target=0.9,
    ),
    Kpi(
        "nervousness",
        "Nervosismo das recomendações",
        "Nervousness of the advice",
        "change of the quantities advised to buy since the day before, at standard cost, where nothing was ordered",
        "the greater of both days' quantities, at standard cost",
        "day",
        "NULL without advice on both days",
        "share",
        lower_is_better=True,
    ),
    Kpi(
        "decision_value",
        "Valor das decisões por dia",
        "Value of the decisions per day",
        "cost of doing nothing less cost with the recommendation, replayed on the demand that came; 30-day mean",
        None,
        "trailing 30 days",
        "no figure before the first replay",
        "BRL",
        lower_is_better=False,
    ),
    Kpi(
        "decision_value_rule",
        "Valor das decisões sobre o mín/máx",
        "Value of the decisions over min/max",
        "cost of the old min/max rule less cost with the recommendation, replayed on the demand that came; 30-day mean",
        None,
        "trailing 30 days",
        "no figure before the first replay",
        "BRL",
        lower_is_better=False,
    ),
    Kpi(
        "demand_quantity",
        "Demanda do dia",
        "Demand of the day",
        "quantity asked for",
        None,
        "day",
        "0 without demand",
        "units",
        lower_is_better=False,
    ),
)
