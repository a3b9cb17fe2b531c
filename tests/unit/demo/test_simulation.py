"""The simulated company behaves like the real one: calibration bands, weather, lead times, the old rule."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from nova_assets import demo
from nova_assets.demo.calibration import REFERENCES
from nova_assets.demo.clock import ordinal, stream
from nova_assets.demo.environment import build_environment, failure_multiplier
from nova_assets.demo.families import FAMILIES
from nova_assets.demo.geography import REGIONS
from nova_assets.demo.master import build_world
from nova_assets.demo.pairs import build_pairs
from nova_assets.demo.products import PRODUCTS, expand
from tests.unit.demo.conftest import Home, make

FIRST, LAST = ordinal(date(2023, 1, 1)), ordinal(date(2025, 12, 31))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Fourteen months, the fewest in which the reference's class mix can be measured."""
    return make(tmp_path_factory.mktemp("company"), end=date(2026, 10, 31), start=date(2025, 9, 1), scale=900, seed=7)


@pytest.fixture(scope="module")
def weather():
    return build_environment(3, FIRST, LAST)


def test_some_demand_never_reaches_the_erp(company: Home):
    silent = company.truth_of("demand").filter(~pl.col("recorded"))
    assert silent.height > 0
    assert (silent["fulfilled_quantity"] == 0).all()


@pytest.mark.parametrize("figure", REFERENCES)
def test_calibrated(company: Home, figure: str):
    stats = demo.stats(company.landing, company.truth)
    value, low, high = stats.filter(figure=figure).select("value", "low", "high").row(0)
    assert low <= value <= high


def test_truth_of_lead_times_explains_the_receipts(company: Home):
    """Receipts average their source's true mean; few exceed its 90 % quantile by more than a weekend."""
    truth = company.truth_of("lead_times").filter("preferred")
    orders = company.truth_of("orders").filter(pl.col("received").is_not_null(), pl.col("renegotiated").is_null())
    days = (pl.col("received") - pl.col("ordered")).dt.total_days()
    joined = orders.join(truth, on=["item_code", "supplier_code"]).with_columns(days=days)
    above = float((joined["days"] > joined["q0.9"] + 3).sum()) / joined.height
    assert 0.01 < above < 0.10
    assert joined.select((pl.col("days") / pl.col("mean_days")).mean()).item() == pytest.approx(1.0, abs=0.12)


def test_old_rule_is_reset_once_a_year_from_what_was_issued(company: Home):
    rule = company.truth_of("old_rule")
    assert rule["valid_from"].unique().sort().to_list()[1:] == [date(2026, 1, 2)]
    assert (rule["minimum"] < rule["maximum"]).all()
    pairs = rule.group_by("item_code", "site_code").agg(pl.col("minimum").n_unique())
    assert 0.1 < pairs.filter(minimum=2).height / pairs.height < 0.9


def test_rain_follows_the_regions_normals(weather):
    yearly = weather.rain[FIRST - weather.first :].sum(axis=0) / 3
    normal = np.array([region.rain_year for region in REGIONS])
    assert np.all(np.abs(yearly / normal - 1) < 0.35)


def test_weather_persists_like_the_observed_one(weather):
    def lag_one(x: np.ndarray) -> float:
        return float(np.corrcoef(x[1:], x[:-1])[0, 1])

    salvador = [region.code for region in REGIONS].index("BA-LIT")
    assert 0.15 < lag_one(weather.rain[:, salvador]) < 0.55
    assert 0.7 < lag_one(weather.temp[:, salvador]) < 0.95


def test_storms_break_what_storms_break(weather):
    multiplier = failure_multiplier(weather, FIRST, LAST)
    names = [family.name for family in FAMILIES]
    surge, cooling = names.index("Proteção contra surtos"), names.index("Refrigeração")
    rain, temp = (series[FIRST - weather.first : LAST - weather.first] for series in (weather.rain, weather.temp))
    assert multiplier[:, :, surge][rain > 40].mean() > 3
    hot = temp - np.array([region.temp_mean for region in REGIONS]) > 3
    assert multiplier[:, :, cooling][hot].mean() > 2
    assert np.all(np.abs(multiplier.mean(axis=(0, 1)) - 1) < 0.2)


def test_world_has_the_companys_size():
    world = build_world(7, 1500)
    assert (len(world.items.code), len(world.sites.code), len(world.suppliers.code)) == (900, 190, 470)
    assert world.sites.towers.sum() == pytest.approx(18_000, rel=0.01)
    assert abs(len(build_pairs(world)) - 1500) < 60
    assert set(world.suppliers.kind) == {"DOMESTIC", "IMPORT", "HYBRID"}
    assert "Bateria VRLA 12V 150Ah" in world.items.name
    assert {"SSA-02", "FOR-01"} <= set(world.sites.code)


def test_pairs_grow_with_the_scale():
    pairs = build_pairs(build_world(7, 10_000))
    assert abs(len(pairs) - 10_000) < 800
    assert len(np.unique(pairs.item * 100_000 + pairs.site)) == len(pairs)


def test_every_family_has_names_enough():
    for family in FAMILIES:
        names = expand(PRODUCTS[family.code])
        assert len(names) == len(set(names))
        assert len(names) >= 25


def test_streams_are_independent_of_each_other():
    first = stream(7, "orders", 5).random(4)
    assert np.array_equal(first, stream(7, "orders", 5).random(4))
    assert not np.array_equal(first, stream(7, "orders", 6).random(4))
    assert not np.array_equal(first, stream(7, "plans", 5).random(4))


def test_too_small_a_company_is_refused():
    with pytest.raises(ValueError, match="at least 20"):
        build_world(7, 5)
