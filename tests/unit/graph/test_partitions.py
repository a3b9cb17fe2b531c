"""Windows and Dagster's partitions say the same."""

from datetime import date

import dagster as dg
import pytest

from nova_assets import catalog
from nova_assets.partitions import Calendar, as_of, key_of, mapping, runs_of_days, span, window_of
from nova_resources.settings import load_settings
from nova_resources.tables import Window

DAILY, MONTHLY = catalog.table("analytics.forecasts"), catalog.table("analytics.model_selection")


@pytest.fixture
def calendar(tmp_path):
    return Calendar.of(load_settings(home=tmp_path, history_start=date(2024, 2, 10)))


def test_daily_partitions_end_with_the_last_complete_day_of_the_business_zone(calendar, tmp_path):
    settings = load_settings(home=tmp_path)
    assert calendar.daily.get_last_partition_key() == settings.last_complete_day().isoformat()
    assert calendar.daily.get_first_partition_key() == "2024-02-10"
    assert calendar.daily.timezone == "America/Bahia"


def test_monthly_partition_is_named_by_its_first_day_and_stands_on_its_last():
    window = window_of(MONTHLY, "2024-02-01")
    assert (window, as_of(window)) == (Window(date(2024, 2, 1), date(2024, 3, 1)), date(2024, 2, 29))
    assert key_of(MONTHLY, date(2024, 2, 29)) == "2024-02-01"


def test_span_of_a_range_is_half_open():
    assert span(DAILY, ["2024-02-10", "2024-02-11"]) == Window(date(2024, 2, 10), date(2024, 2, 12))


def test_trailing_history_asks_for_the_same_day_only(calendar):
    edge = next(edge for edge in DAILY.upstream if edge.table == "core.fact_demand_daily")
    assert upstream_keys(calendar, edge, "2025-06-15") == ["2025-06-15"]


@pytest.mark.parametrize(
    ("day", "month"), [("2025-06-15", "2025-05-01"), ("2025-03-31", "2025-02-01"), ("2025-01-02", "2024-12-01")]
)
def test_a_day_reads_the_models_of_the_month_before(calendar, day, month):
    edge = next(edge for edge in DAILY.upstream if edge.table == MONTHLY.qualified)
    assert upstream_keys(calendar, edge, day) == [month]


def test_a_month_reads_its_days(calendar):
    backtests = catalog.table("analytics.backtests")
    keys = upstream_keys(calendar, backtests.upstream[0], "2025-02-01", backtests)
    assert (keys[0], keys[-1], len(keys)) == ("2025-02-01", "2025-02-28", 28)


def test_views_ask_for_the_newest_partition_only(calendar):
    view = catalog.table("analytics.mv_kpis_latest")
    upstream = catalog.table("analytics.kpis_daily")
    assert isinstance(mapping(view, view.upstream[0], calendar, upstream), dg.LastPartitionMapping)


def test_runs_of_days_cut_at_gaps():
    days = [date(2024, 1, 3), date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 5)]
    assert runs_of_days(days) == [
        Window(date(2024, 1, 1), date(2024, 1, 4)),
        Window(date(2024, 1, 5), date(2024, 1, 6)),
    ]


def upstream_keys(calendar, edge, key, table=DAILY):
    upstream = catalog.table(edge.table)
    own, other = calendar.grid(table), calendar.grid(upstream)
    found = mapping(table, edge, calendar, upstream).get_upstream_mapped_partitions_result_for_partitions(
        own.subset_with_partition_keys([key]), own, other
    )
    return sorted(found.partitions_subset.get_partition_keys())
