"""Lead-time distributions: censoring, pooling, as-of."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from nova_assets.science.leadtimes import lead_time_profiles, profiles_for

AS_OF = dt.date(2026, 1, 1)


def orders(*groups: tuple[str, str, list[int]], open_ages: tuple[tuple[str, str, int], ...] = ()) -> pl.DataFrame:
    """Closed orders (item, supplier, durations), all ended by the as-of, and open ones of a given age."""
    rows = []
    for item, supplier, durations in groups:
        for i, days in enumerate(durations):
            start = AS_OF - dt.timedelta(days=400 + i)
            rows.append((item, supplier, "cable", start, start + dt.timedelta(days=int(days))))
    rows += [(item, supplier, "cable", AS_OF - dt.timedelta(days=age), None) for item, supplier, age in open_ages]
    schema = {
        "item_id": pl.String,
        "supplier_id": pl.String,
        "family": pl.String,
        "start_date": pl.Date,
        "end_date": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def item_row(profiles: pl.DataFrame, item: str) -> dict:
    return profiles.filter((pl.col("level") == "item") & (pl.col("item_id") == item)).row(0, named=True)


def test_many_receipts_speak_for_themselves():
    days = np.random.default_rng(1).gamma(9, 2, size=400).astype(int).tolist()
    row = item_row(lead_time_profiles(orders(("a", "x", days)), AS_OF), "a")
    assert np.isclose(row["mean_days"], np.mean(days), rtol=0.02) and np.isclose(row["sd_days"], np.std(days), rtol=0.1)
    assert abs(row["quantile_values"][8] - np.median(days)) <= 1
    assert row["n"] == 400 and row["n_open"] == 0


def test_few_receipts_borrow_from_their_supplier():
    many = orders(("a", "x", [20] * 30 + [22] * 30), ("b", "x", [60]), ("c", "y", [5] * 60))
    row = item_row(lead_time_profiles(many, AS_OF), "b")
    assert row["borrowed_share"] > 0.5
    assert 20 < row["mean_days"] < 60


def test_an_open_late_order_lengthens_the_distribution():
    closed = ("a", "x", [10] * 20 + [60] * 2)
    without = item_row(lead_time_profiles(orders(closed), AS_OF), "a")
    late = (("a", "x", 40),) * 6
    with_open = item_row(lead_time_profiles(orders(closed, open_ages=late), AS_OF), "a")
    assert with_open["n_open"] == 6
    assert with_open["mean_days"] > without["mean_days"] + 2


def test_an_order_just_placed_says_nothing():
    closed = ("a", "x", [10] * 20 + [30] * 20)
    fresh = (("a", "x", 0),) * 10
    one, two = (item_row(lead_time_profiles(orders(closed, open_ages=o), AS_OF), "a") for o in ((), fresh))
    assert np.isclose(one["mean_days"], two["mean_days"], rtol=0.02)


def test_receipts_after_the_as_of_are_still_open():
    frame = orders(("a", "x", [10] * 10)).with_columns(pl.lit(AS_OF - dt.timedelta(days=405)).alias("start_date"))
    as_of = AS_OF - dt.timedelta(days=401)
    row = item_row(lead_time_profiles(frame, as_of), "a")
    assert row["n"] == 10 - sum(d > as_of for d in frame["end_date"]) and row["n"] + row["n_open"] == 10


def test_negative_durations_are_recording_errors():
    profiles = lead_time_profiles(orders(("a", "x", [10, 10, -5])), AS_OF)
    assert item_row(profiles, "a")["n"] == 2


def test_stages_are_kept_apart():
    frame = pl.concat(
        [orders(("a", "x", [d] * 40)).with_columns(stage=pl.lit(s)) for s, d in (("approve", 3), ("receive", 30))]
    )
    profiles = lead_time_profiles(frame, AS_OF).filter(level="item")
    means = dict(zip(profiles["stage"], profiles["mean_days"], strict=True))
    assert means["approve"] < 5 and means["receive"] > 25


def test_a_pair_never_seen_takes_the_finest_pooled_profile():
    profiles = lead_time_profiles(orders(("a", "x", [10] * 9), ("b", "y", [40] * 9)), AS_OF)
    wanted = pl.DataFrame({"supplier_id": ["x", "x", "z"], "family": ["cable"] * 3, "item_id": ["a", "new", "new"]})
    found = profiles_for(wanted, profiles)
    assert found["level"].to_list() == ["item", "family", "global"]
    assert found["borrowed_share"].to_list()[1:] == [1.0, 1.0]


def test_quantiles_rise_and_follow_the_kaplan_meier_estimate():
    """Six closed at 6, 7, 10, 15, 23, 30 and open ones: the Kaplan-Meier survival at 10 is known by hand."""
    frame = orders(("a", "x", [6, 6, 6, 7, 10, 13, 16, 22, 23] * 40), open_ages=tuple(("a", "x", 9) for _ in range(40)))
    row = lead_time_profiles(frame, AS_OF).filter(level="global").row(0, named=True)
    # at risk: 400; 120 end on 6, 40 on 7 (280 left), 40 are censored at 9, 40 of 200 end on 10
    survival_at_10 = (1 - 120 / 400) * (1 - 40 / 280) * (1 - 40 / 200)
    levels, values = row["quantile_levels"], row["quantile_values"]
    assert values == sorted(values)
    assert max(v for p, v in zip(levels, values, strict=True) if p < 1 - survival_at_10) <= 10
    assert min(v for p, v in zip(levels, values, strict=True) if p > 1 - survival_at_10) >= 10


def test_no_orders_give_an_empty_table_of_the_same_shape():
    full, empty = lead_time_profiles(orders(("a", "x", [5])), AS_OF), lead_time_profiles(orders(), AS_OF)
    assert empty.is_empty() and empty.schema == full.schema


@pytest.mark.parametrize("dtype", [pl.Int64, pl.String])
def test_ids_keep_their_type(dtype):
    frame = orders(("1", "2", [5, 6])).with_columns(pl.col("item_id", "supplier_id").cast(dtype))
    assert lead_time_profiles(frame, AS_OF).schema["item_id"] == dtype
