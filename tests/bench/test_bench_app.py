"""`nova bench app`: the company grows as it is told, every screen runs on it, and the calls are told apart."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from nova_cli.benchmarks import app_rest, app_screens
from nova_cli.benchmarks.app_company import FACTS, PAIRS, RESULT_DAYS, Scale, grow_company
from nova_resources.postgres import Database
from nova_resources.settings import Settings
from streamlit_app.access import sessions
from streamlit_app.access.passwords import hash_password
from streamlit_app.data.database import AppDatabase, use_database
from streamlit_app.screens import SCREEN
from tests.app import sample

PASSWORD = "cavalo bateria grampo"
SIZE = """
    SELECT (SELECT count(*) FROM analytics.mv_item_sites_latest) AS item_sites,
        (SELECT count(*) FROM analytics.mv_forecasts_latest) AS forecasts,
        (SELECT count(*) FROM core.fact_demand_daily) + (SELECT count(*) FROM core.fact_inventory_daily) AS facts,
        (SELECT count(DISTINCT as_of) FROM analytics.stock_policies) AS days
"""


def size(settings: Settings) -> dict[str, int]:
    return Database(settings, role="nova_owner").rows(SIZE)[0]


@pytest.fixture
def grown(settings: Settings) -> tuple[dict[str, int], Settings]:
    """The sample company three times as wide and at least twice as long, and its size before."""
    sample.fill(settings)
    before = size(settings)
    grow_company(settings, Scale(3 * before["item_sites"], 6 * before["facts"]), lambda _text: None)
    return before, settings


@pytest.fixture
def token(grown: tuple[dict[str, int], Settings]) -> Iterator[str]:
    """Session of an administrator of the grown company."""
    settings = grown[1]
    Database(settings, role="nova_owner").rows(
        "SELECT support.create_user(NULL, 'bench', 'Bench', NULL, %(hash)s, 'ADMIN')", hash=hash_password(PASSWORD)
    )
    use_database(AppDatabase(settings))
    entered = sessions.sign_in("bench", PASSWORD, "10.0.0.1", "pytest").token
    assert entered
    yield entered
    use_database(None)
    sessions.forget_sessions()


def test_a_company_grows_to_its_size_and_no_further(grown):
    before, settings = grown
    after = size(settings)
    assert after["item_sites"] == 3 * before["item_sites"]
    assert after["forecasts"] == 3 * before["forecasts"]
    assert after["facts"] >= 6 * before["facts"]
    assert after["days"] >= RESULT_DAYS
    grow_company(settings, Scale(after["item_sites"], after["facts"]), lambda _text: None)
    assert size(settings) == after


def test_every_part_of_a_screen_is_run_and_its_statements_are_timed(grown, token, monkeypatch):
    monkeypatch.setattr(app_screens, "SQL_TIMES", 2)
    monkeypatch.setattr(app_screens, "SHOWN", 100)
    monkeypatch.setattr("streamlit_app.screens.SCREENS", (SCREEN["panel"], SCREEN["forecasts"]))
    every = app_screens._choices
    monkeypatch.setattr(app_screens, "_choices", lambda: every()[-2:])
    told: list[str] = []
    measures = app_screens.screens(grown[1], token, told.append)
    assert told[1:3] == ["screen forecasts comparar", "screen forecasts acerto"]
    assert {"rerun of panel, p95", "rerun of forecasts, p95", "SQL panel_kpis, p95"} <= {m.name for m in measures}
    assert all(measure.value > 0 and measure.most for measure in measures)


def test_an_address_puts_into_the_path_what_belongs_there():
    one = app_rest.Address("items/{item_code}", "api/item", lambda n: {"item_code": f"0 {n}", "limit": 5})
    assert one.url(7) == "/api/v1/items/0%207?limit=5"


class _Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-Cache", "miss")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test prints nothing."""


def test_a_call_that_was_not_answered_as_said_is_no_measure():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        calls = app_rest.Calls(f"http://127.0.0.1:{server.server_port}", {})
        # In the thread of the tests a browser may hold its event loop.
        with ThreadPoolExecutor(1) as apart:
            assert all(taken > 0 for taken in apart.submit(calls.together, ["/"] * 50, "miss").result())
            with pytest.raises(RuntimeError, match="miss"):
                apart.submit(calls.together, ["/"], "hit").result()
        server.shutdown()


def test_the_whole_size_is_the_promised_one():
    assert (Scale.of(None).pairs, Scale.of(None).facts) == (PAIRS, FACTS)
    assert Scale.of(100).facts < FACTS
