"""What the app itself needs for a screen: the statements behind every part of it, and a run after a filter has changed.

The screens run in this process, as Streamlit's own test bench runs them; a database that takes notes tells which
statements they ask with which parameters.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any
from unittest.mock import patch

import pyarrow as pa

from nova_cli.benchmarks.app_readers import FAILURE
from nova_cli.benchmarks.measure import Measure, Say, p95, seconds_of
from nova_resources.settings import Settings

SQL_MS, RERUN_MS = 100, 300
SQL_TIMES, SHOWN = 20, 12
# Parts of a screen: the parameter of the address that opens them, and the name in its module that lists them.
PARTS = {
    "item": ("aba", "TABS"),
    "alerts": ("caixa", "BOXES"),
    "forecasts": ("parte", "PARTS"),
    "recommendations": ("vista", "VIEWS"),
    "data": ("parte", "PARTS"),
    "admin": ("parte", "PARTS"),
}
SCRIPT = """
from streamlit_app.navigation import pages_for
from streamlit_app.ui.states import guarded
from streamlit_app.views import {name} as view

pages_for("ADMIN")
guarded(view.render)
"""
# Method of the database, statement and its parameters as text, to the parameters.
Asked = dict[tuple[str, str, str], dict[str, Any]]


def screens(settings: Settings, token: str, say: Say) -> list[Measure]:
    """Measures of every screen as an ADMIN's session sees it."""
    from streamlit_app.screens import SCREENS

    asked: Asked = {}
    reruns: dict[str, list[float]] = {}
    with _reading(settings, token, asked):
        choices = _choices()
        for screen in SCREENS:
            for part in _parts(screen.name):
                say(f"screen {screen.name} {' '.join(part.values())}")
                taken = _runs(screen.name, part | _subject(screen.name), choices)
                reruns.setdefault(screen.name, []).extend(taken)
    say(f"{len(asked)} statements")
    return [*_statements(settings, asked), *_rerun_measures(reruns)]


def _rerun_measures(reruns: dict[str, list[float]]) -> list[Measure]:
    every = [taken for runs in reruns.values() for taken in runs]
    whole = Measure("rerun after a filter change, p95 of all screens", p95(every), "ms", most=RERUN_MS)
    each = [Measure(f"rerun of {name}, p95", p95(runs), "ms", most=RERUN_MS) for name, runs in reruns.items()]
    return [whole, *sorted(each, key=lambda measure: -measure.value)]


# Each call outside of Streamlit's own server is worth a line to these two, thousands in a run.
OUTSIDE_OF_A_SERVER = (
    "streamlit.runtime.scriptrunner_utils.script_run_context",
    "streamlit.runtime.caching.cache_data_api",
)


@contextmanager
def _reading(settings: Settings, token: str, asked: Asked) -> Iterator[None]:
    """The app's modules of this process on that platform, with a database that notes what it is asked."""
    from streamlit.logger import get_logger

    for name in OUTSIDE_OF_A_SERVER:
        get_logger(name).setLevel(logging.ERROR)

    from streamlit_app.access import current
    from streamlit_app.data.database import AppDatabase, use_database

    class Noting(AppDatabase):
        def rows(self, name: str, **params: Any) -> list[dict[str, Any]]:
            asked["rows", name, repr(sorted(params.items()))] = params
            return super().rows(name, **params)

        def table(self, name: str, **params: Any) -> pa.Table:
            asked["table", name, repr(sorted(params.items()))] = params
            return super().table(name, **params)

    use_database(Noting(settings))
    try:
        with patch.object(current, "session_token", lambda: token):
            yield
    finally:
        use_database(None)


def _parts(name: str) -> list[dict[str, str]]:
    """Queries that open each part of a screen."""
    if name not in PARTS:
        return [{}]
    param, constant = PARTS[name]
    return [{param: part} for part in getattr(import_module(f"streamlit_app.views.{name}"), constant)]


def _subject(name: str) -> dict[str, str]:
    """What a screen about one thing is about: the material most at risk."""
    from streamlit_app.data.database import database

    if name != "item":
        return {}
    first = database().rows("panel_risk", threshold=0.0, row_limit=1, families=None, abc=None, regions=None, sites=None)
    return {"item": first[0]["item_code"], "onde": first[0]["site_code"]}


def _choices() -> list[dict[str, list[str]]]:
    """States of the global filters, one after the other: each one is new to the cache."""
    from streamlit_app.data.database import database

    options = database().rows("filter_options")
    families, regions = ([row["code"] for row in options if row["kind"] == kind] for kind in ("family", "region"))
    by_family = [{"at_familia": [family], "at_abc": []} for family in families]
    by_class = [{"at_familia": [], "at_abc": [abc], "at_regiao": regions[:1]} for abc in ("A", "B", "C")]
    return [*by_family, *by_class, {"at_familia": [], "at_abc": [], "at_regiao": []}]


def _runs(name: str, query: dict[str, str], choices: list[dict[str, list[str]]]) -> list[float]:
    """Milliseconds of a run after each change of the filters; the first run is not among them."""
    from streamlit.testing.v1 import AppTest

    test = AppTest.from_string(SCRIPT.format(name=name), default_timeout=60)
    for key, value in query.items():
        test.query_params[key] = value
    test.run()
    taken = []
    for chosen in choices:
        for key, values in chosen.items():
            test.session_state[key] = values
        began = time.perf_counter()
        test.run()
        taken.append((time.perf_counter() - began) * 1000)
        failed = [str(element.proto.body) for element in test.get("html") if FAILURE in str(element.proto.body)]
        if test.exception or failed:
            raise RuntimeError(f"{name} {query} {chosen}: {test.exception or failed}")
    return taken


def _statements(settings: Settings, asked: Asked) -> list[Measure]:
    """Each statement as the app asks it, with those of the parameters that it was asked with that take longest."""
    from streamlit_app.data.database import AppDatabase

    database = AppDatabase(settings)
    hardest: dict[str, tuple[float, Callable[[], object]]] = {}
    try:
        for (method, name, _), params in asked.items():
            ask = partial(getattr(database, method), name, **params)
            hardest[name] = max(hardest.get(name, (0.0, ask)), (seconds_of(ask), ask), key=lambda taken: taken[0])
        slowest = {name: 1000 * p95([seconds_of(ask) for _ in range(SQL_TIMES)]) for name, (_, ask) in hardest.items()}
    finally:
        database.close()
    order = sorted(slowest, key=lambda name: -slowest[name])
    return [
        Measure(f"slowest of {len(slowest)} statements of screens, p95", slowest[order[0]], "ms", most=SQL_MS),
        *(Measure(f"SQL {name}, p95", slowest[name], "ms", most=SQL_MS) for name in order[:SHOWN]),
    ]
