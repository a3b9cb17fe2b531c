"""Key figures: hand-worked numbers, exact drill-down, trailing windows, and nothing known later."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from nova_assets.analytics.defaults import HOLDING_RATE_YEAR
from nova_assets.catalog.kpis import KPIS
from nova_resources.sql_library import sql

FIRST = date(2025, 1, 1)
DAY = timedelta(days=1)


def on(number: int) -> date:
    return FIRST + number * DAY


def days(begin: int, end: int) -> list[date]:
    return [on(number) for number in range(begin, end)]


def figures(company, day: date, dimension: str = "company") -> dict:
    """KPI code to (numerator, denominator, value) of the company, or (code, member) to them."""
    rows = company.rows("kpis_daily", as_of=day, dimension=dimension)
    company_wide = dimension == "company"
    return {
        row["kpi_code"] if company_wide else (row["kpi_code"], row["member"]): (
            row["numerator"], row["denominator"], row["value"],
        )
        for row in rows
    }  # fmt: skip


def test_figures_of_a_day(company) -> None:
    company.stock(days(0, 40), "M1", "S1", 4)
    company.stock(days(0, 40), "M2", "S2", 0)
    company.demand(on(5), "M1", "S1", 10, 10)  # leaves the trailing 30 days before day 35
    company.demand(on(35), "M1", "S1", 3, 2)
    company.demand(on(35), "M2", "S2", 1, 0)
    company.demand(on(35), "V1", "S2", 99, 0)
    company.publish("demand_classes kpis_daily", on(35))
    told = figures(company, on(35))
    assert told["stockout_rate"] == (1, 2, Decimal("0.5"))
    assert told["fill_rate"] == (0, 2, 0)  # two lines, neither handed out in full
    assert told["excess"] == (0, 40, 0)
    assert told["inventory_value"] == (40, None, 40)
    assert told["demand_quantity"] == (4, None, 4)
    assert told["delayed_orders"] == (0, 0, None)
    assert told["carrying_cost"][0] == pytest.approx(
        Decimal(30 * 4 * 10) * Decimal(HOLDING_RATE_YEAR) / 365, abs=Decimal("0.000001")
    )
    assert told["turns"][:2] == (10 * 13 + 100, 40)
    # M1 is worth 130 of 230, M2 the rest of the first 80 %: both are A, one of them has stock.
    assert told["a_items_covered"] == (1, 2, Decimal("0.5"))


def test_holding_rate_of_the_narrowest_rule_counts(company) -> None:
    company.rule(1, 0, holding_rate_year=0.1)
    company.rule(2, 2, family="F", holding_rate_year=0.2)
    company.rule(3, 8, item_code="M2", holding_cost_unit_day=0.5)
    company.stock(days(0, 1), "M1", "S1", 365)
    company.stock(days(0, 1), "M2", "S1", 2)
    company.publish("demand_classes kpis_daily", FIRST)
    assert figures(company, FIRST)["carrying_cost"][0] == 365 * 10 * Decimal("0.2") / 365 + 1


def test_default_holding_rate_is_the_one_of_the_policies() -> None:
    assert f"c.unit_cost * {HOLDING_RATE_YEAR:g} / 365" in sql("analytics/kpis_daily").text


def test_delayed_orders_as_known_on_each_day(company) -> None:
    company.stock(days(0, 60), "M1", "S1", 1)
    order = {"item": "M1", "site": "S1", "supplier": "F1", "order_date": FIRST, "expected_date": on(20)}
    for number in ("ON_TIME", "LATE", "OPEN", "CANCELLED"):
        company.order(number, FIRST, **order)
    done = {"status": "RECEIVED", "received_quantity": 1}
    company.order("ON_TIME", on(20), received_date=on(20), **done, **order)
    company.order("LATE", on(25), received_date=on(25), **done, **order)
    company.order("CANCELLED", on(10), status="CANCELLED", **order)
    company.publish("demand_classes kpis_daily", FIRST, on(60))
    shares = {day: figures(company, on(day))["delayed_orders"][:2] for day in (5, 19, 20, 21, 25, 40)}
    # Due on day 20: open past it from day 21 on are two, of which one arrives late on day 25 and stays late.
    assert shares == {5: (0, 0), 19: (0, 0), 20: (0, 3), 21: (2, 3), 25: (2, 3), 40: (2, 3)}


def test_an_order_for_a_place_without_history_is_counted_in_class_c(company) -> None:
    company.order("P1", FIRST, "M2", "S1", "F1", expected_date=on(2))
    company.publish("demand_classes kpis_daily", on(5))
    assert figures(company, on(5), "abc") == {("delayed_orders", "C"): (1, 1, 1)} | {
        (code, "C"): (0, None, 0) for code in ("inventory_value", "carrying_cost", "demand_quantity")
    }


def _random_company(company, seed: int, length: int) -> None:
    draw = Random(seed)
    company.item("M3", unit_cost="33.3333", family=None)
    company.site("S3")
    for item in ("M1", "M2", "M3"):
        for site in ("S1", "S2", "S3"):
            for number in range(draw.randrange(20), length):
                held = draw.choice((0, 1, 7, "2.5"))
                company.stock(on(number), item, site, held)
                if draw.random() < 0.2:
                    asked = draw.randrange(1, 9)
                    company.demand(on(number), item, site, asked, draw.choice((asked, 0, None)))
                if draw.random() < 0.05:
                    number_ = f"{item}{site}{number}"
                    due = on(number + draw.randrange(1, 20))
                    company.order(number_, on(number), item, site, "F1", expected_date=due)


def test_each_dimension_adds_up_to_the_company_exactly(company) -> None:
    _random_company(company, 3, 120)
    company.publish("demand_classes kpis_daily", on(60), on(125))
    totals: dict[tuple, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in company.rows("kpis_daily"):
        total = totals[row["as_of"], row["kpi_code"], row["dimension"]]
        total[0] += row["numerator"]
        total[1] += row["denominator"] or 0
    codes = {code for _, code, _ in totals}
    assert codes == {kpi.code for kpi in KPIS} - {"decision_value", "decision_value_rule"}
    for day in days(60, 125):
        for code in codes:
            for dimension in ("region", "family", "abc", "site"):
                assert totals[day, code, dimension] == totals[day, code, "company"], (day, code, dimension)


def test_the_cut_of_the_range_does_not_matter(company) -> None:
    _random_company(company, 4, 430)
    company.publish("demand_classes kpis_daily", on(395), on(430))
    whole = company.rows("kpis_daily")
    for begin, end in ((395, 396), (396, 410), (410, 430)):
        company.publish("demand_classes kpis_daily", on(begin), on(end))
    assert company.rows("kpis_daily") == whole


def test_later_extracts_do_not_change_an_old_day(company) -> None:
    company.stock(days(0, 40), "M1", "S1", 4)
    company.order("P1", FIRST, "M1", "S1", "F1", expected_date=on(10))
    company.publish("demand_classes kpis_daily", on(20))
    before = company.rows("kpis_daily")
    company.order("P1", on(25), "M1", "S1", "F1", expected_date=on(30), received_date=on(25), status="RECEIVED")
    company.demand(on(26), "M2", "S2", 5, 5)
    company.publish("demand_classes kpis_daily", on(20))
    assert company.rows("kpis_daily") == before


def test_dictionary_and_statement_name_the_same_figures(company) -> None:
    company.stock(FIRST, "M1", "S1", 1)
    company.publish("kpi_definitions demand_classes kpis_daily", FIRST)
    named = {row["kpi_code"]: row["denominator"] is None for row in company.rows("kpi_definitions")}
    told = {row["kpi_code"]: row["denominator"] is None for row in company.rows("kpis_daily", dimension="company")}
    # Without a replay nobody knows what decisions are worth.
    assert told == {code: plain for code, plain in named.items() if not code.startswith("decision_value")}
