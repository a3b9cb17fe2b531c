"""The company of `nova bench app`: every view that screens read is filled, and the statements can be timed on it."""

from __future__ import annotations

from nova_cli.benchmarks import app
from nova_cli.benchmarks.app_company import FACTS, PAIRS, Scale, fill_company
from nova_resources.postgres import Database
from nova_resources.settings import Settings


def test_a_small_company_fills_what_screens_read(settings: Settings) -> None:
    scale = Scale(pairs=120, days=40)
    fill_company(settings, scale)
    counted = Database(settings, role="nova_app").rows(
        """
        SELECT (SELECT count(*) FROM analytics.mv_item_sites_latest) AS item_sites,
            (SELECT count(*) FROM analytics.mv_forecasts_latest) AS forecasts,
            (SELECT count(*) FROM analytics.mv_alerts_open) AS alerts,
            (SELECT count(*) FROM core.fact_demand_daily) AS facts
        """
    )
    assert counted == [{"item_sites": 120, "forecasts": 480, "alerts": 12, "facts": scale.facts}]
    measures = app._statements(settings)
    assert len(measures) >= 6 and all(measure.value > 0 for measure in measures)


def test_the_whole_size_is_the_promised_one() -> None:
    assert (Scale.of(None).pairs, Scale.of(None).facts) == (PAIRS, FACTS)
    assert Scale.of(100).facts < FACTS
