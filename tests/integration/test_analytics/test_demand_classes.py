"""Demand classes: hand-made histories at the cut-offs, and agreement with the same definitions on arrays."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from nova_assets.analytics.forecasts import load_panel
from nova_assets.science.classes import classify

FIRST = date(2025, 1, 1)
DAY = timedelta(days=1)


def days(begin: int, end: int) -> list[date]:
    """Days number begin to end - 1 after FIRST."""
    return [FIRST + n * DAY for n in range(begin, end)]


def on(number: int) -> date:
    return FIRST + number * DAY


def the_class(company, day: date, item: str = "M1") -> dict:
    company.publish("demand_classes", day)
    (row,) = [row for row in company.rows("demand_classes", as_of=day) if row["item_code"] == item]
    return row


def test_numbers_of_a_short_history(company) -> None:
    company.stock(days(0, 40), "M1", "S1", 5)
    for number, quantity in ((2, 3), (10, 9), (30, 3)):
        company.demand(on(number), "M1", "S1", quantity, quantity)
    row = the_class(company, on(39))
    assert (row["first_date"], row["days_observed"], row["events"], row["total_quantity"]) == (FIRST, 40, 3, 15)
    assert row["adi"] == pytest.approx(40 / 3)
    assert row["cv2"] == pytest.approx((9 + 81 + 9) / 3 / 25 - 1)  # 0.32
    assert (row["demand_class"], row["last_demand_date"], row["value_365"]) == ("intermittent", on(30), 150)


def test_unobserved_days_are_neither_demand_nor_its_absence(company) -> None:
    company.stock(days(0, 10), "M1", "S1", 5)
    company.stock(days(10, 30), "M1", "S1", 0)
    company.demand(on(3), "M1", "S1", 2, 2)
    company.demand(on(10), "M1", "S1", 4, 4)  # the day on which the shelf was emptied was seen
    company.demand(on(20), "M1", "S1", 7, 0)  # asked for in vain: known, but its neighbours are not
    row = the_class(company, on(29))
    assert (row["days_stocked_out"], row["events"], row["total_quantity"]) == (20, 2, 13)
    assert row["adi"] == pytest.approx((30 - 19) / 2)


def test_classes_at_the_cut_offs(company) -> None:
    cases = {
        "smooth": (1, (5, 5)),
        "erratic": (1, (1, 9)),  # CV2 0.64
        "intermittent": (4, (5, 5)),
        "lumpy": (4, (1, 9)),
        "intermittent, CV2 0.44": (4, (2, 10)),
    }
    for name, (gap, sizes) in cases.items():
        company.item(name)
        for turn, number in enumerate(range(0, 40, gap)):
            company.demand(on(number), name, "S1", sizes[turn % 2])
    company.publish("demand_classes", on(39))
    classes = {row["item_code"]: row["demand_class"] for row in company.rows("demand_classes")}
    assert classes == {name: name.split(",")[0] for name in cases}


def test_classes_without_a_pattern(company) -> None:
    cases = {"none": (), "single_event": (5,), "new": (5, 20)}
    for name, demands in cases.items():
        company.item(name)
        company.stock(days(0, 31), name, "S1", 5)
        for number in demands:
            company.demand(on(number), name, "S1", 1, 1)
    company.publish("demand_classes", on(30))
    assert {row["item_code"]: row["demand_class"] for row in company.rows("demand_classes")} == {c: c for c in cases}


def test_dead_after_four_intervals_and_half_a_year(company) -> None:
    company.stock(days(0, 300), "M1", "S1", 5)
    for number in range(60):
        company.demand(on(number), "M1", "S1", 1, 1)
    assert the_class(company, on(238))["demand_class"] != "dead"  # idle for 179 days
    assert the_class(company, on(239))["demand_class"] == "dead"


def test_an_empty_shelf_is_no_sign_of_death(company) -> None:
    company.stock(days(0, 60), "M1", "S1", 5)
    company.stock(days(60, 300), "M1", "S1", 0)
    for number in range(0, 60, 2):
        company.demand(on(number), "M1", "S1", 1, 1)
    assert the_class(company, on(299))["demand_class"] == "intermittent"


def test_abc_cuts_at_80_and_95_percent_of_value_and_leaves_services_out(company) -> None:
    for number, (cost, quantity) in enumerate([(10, 80), (10, 15), (10, 4), (10, 1)]):
        company.item(f"X{number}", unit_cost=cost)
        company.demand(FIRST, f"X{number}", "S1", quantity)
    company.demand(FIRST, "V1", "S1", 1000)
    company.publish("demand_classes", FIRST)
    classes = {row["item_code"]: row["abc_class"] for row in company.rows("demand_classes")}
    assert classes == {"X0": "A", "X1": "B", "X2": "C", "X3": "C"}


def test_demand_leaves_the_year_after_365_days(company) -> None:
    company.demand(FIRST, "M1", "S1", 3)
    assert the_class(company, on(364))["value_365"] == 30
    assert the_class(company, on(365))["value_365"] == 0


def _random_history(company, seed: int) -> None:
    draw = Random(seed)
    for item, site in (("M1", "S1"), ("M1", "S2"), ("M2", "S1")):
        rate, last = draw.choice((0.05, 0.3, 0.9)), draw.randrange(60, 400)
        for number in range(last):
            out = draw.random() < 0.15
            asked = draw.randrange(1, 8) if draw.random() < rate else 0
            handed = 0 if out and draw.random() < 0.7 else asked
            company.stock(on(number), item, site, 0 if out else 9)
            if asked:
                company.demand(on(number), item, site, asked, handed)


def test_sql_and_arrays_agree_and_the_cut_of_the_range_does_not_matter(company) -> None:
    _random_history(company, 5)
    company.publish("demand_classes", on(350), on(402))
    whole = company.rows("demand_classes")
    for day in (on(355), on(401)):
        assert load_panel(company.db, day) is not None
        found = classify(load_panel(company.db, day)).frame().to_dicts()
        told = {f"{row['item_code']}\x1f{row['site_code']}": row for row in whole if row["as_of"] == day}
        for expected in found:
            row = told[expected["series_id"]]
            assert (row["demand_class"], row["events"]) == (expected["demand_class"], expected["events"])
            assert row["adi"] == pytest.approx(expected["adi"])
            assert row["cv2"] == pytest.approx(expected["cv2"])
    for day in days(350, 402):
        company.publish("demand_classes", day)
    assert company.rows("demand_classes") == whole


def test_later_days_do_not_change_an_old_date(company) -> None:
    company.stock(days(0, 20), "M1", "S1", 5)
    company.demand(on(3), "M1", "S1", 2, 2)
    company.publish("demand_classes", on(19))
    before = company.rows("demand_classes")
    company.stock(days(20, 40), "M1", "S1", 0)
    company.demand(on(25), "M1", "S1", 9, 0)
    company.demand(on(25), "M2", "S2", 9, 0)
    company.publish("demand_classes", on(19))
    assert company.rows("demand_classes") == before
