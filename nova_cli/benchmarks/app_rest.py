"""What other systems wait for: every address of the REST API asked by twenty clients at once, beside the bare
statements behind it and a bare route, both asked the same way.
"""

from __future__ import annotations

import http.client
import itertools
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from psycopg_pool import ConnectionPool

from nova_cli.benchmarks.measure import Measure, Say, p95
from nova_resources.postgres import SESSION, Database
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings
from nova_resources.sql_library import sql

CLIENTS, CALLS = 20, 200
UNCACHED_MS, CACHED_MS = 200, 50
PAGE = 100
LARGEST_POOL = 12


@dataclass(frozen=True)
class Address:
    """An address of the API: its path and parameters by the number of the call, and the statement behind it."""

    path: str
    query: str
    given: Callable[[int], dict[str, Any]]

    def url(self, number: int) -> str:
        """Where the call of this number goes: what the path names is left out of the query."""
        given = self.given(number)
        rest = {name: value for name, value in given.items() if f"{{{name}}}" not in self.path}
        path = self.path.format(**{name: quote(str(value)) for name, value in given.items()})
        return f"/api/v1/{path}" + (f"?{urlencode(rest)}" if rest else "")


class Browsing:
    """Calls over connections that stay open, one for each thread; measures in milliseconds."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        self._host, self._headers, self._own = urlsplit(address).netloc, headers, threading.local()

    def get(self, url: str, cache: str | None = None) -> float:
        """Milliseconds of one call. Raises RuntimeError when the answer is no 200 or comes from elsewhere than said."""
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = http.client.HTTPConnection(self._host, timeout=60)
        began = time.perf_counter()
        connection.request("GET", url, headers=self._headers)
        answer = connection.getresponse()
        body = answer.read()
        taken = (time.perf_counter() - began) * 1000
        if answer.status != 200 or (cache and answer.getheader("X-Cache") != cache):
            raise RuntimeError(f"{url}: {answer.status}, {answer.getheader('X-Cache')}: {body[:200]!r}")
        return taken


def rest(settings: Settings, address: str, token: str, bare: str, say: Say) -> list[Measure]:
    """Measures of all addresses, first nothing remembered, then everything. `bare` is the address of the bare route."""
    client = Browsing(address, {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
    pairs = Database(settings, role="nova_app").rows(
        "SELECT item_code, site_code, as_of FROM analytics.mv_item_sites_latest ORDER BY md5(item_code || site_code)"
    )
    addresses = _addresses(pairs)
    fresh, known = {}, {}
    for name, one in addresses.items():
        say(f"REST {name}, {CLIENTS} clients")
        together(lambda _number, one=one: client.get(one.url(CALLS)), 1)
        fresh[name] = together(lambda number, one=one: client.get(one.url(number), "miss"))
        known[name] = together(lambda number, one=one: client.get(one.url(number), "hit"))
    say(f"the bare statements, {CLIENTS} clients")
    statements = _statements(settings, addresses, pairs[0]["as_of"])
    floor = Browsing(bare, {})
    route = together(lambda _number: floor.get("/"), 2 * CALLS)
    return _measures(fresh, known, statements, route)


def together(call: Callable[[int], float], calls: int | None = None) -> list[float]:
    """What numbered calls (CALLS by default) by CLIENTS clients at once took."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(call, range(calls or CALLS)))


def _measures(
    fresh: dict[str, list[float]], known: dict[str, list[float]], bare: dict[str, list[float]], route: list[float]
) -> list[Measure]:
    every = [list(itertools.chain.from_iterable(taken.values())) for taken in (bare, fresh, known)]
    statement, uncached, cached = map(p95, every)
    return [
        Measure(f"bare statements of the API on {LARGEST_POOL} connections, p95 at {CLIENTS} clients", statement, "ms"),
        Measure(f"bare ASGI route, p95 at {CLIENTS} clients", p95(route), "ms"),
        Measure("REST not cached, p95 of all addresses", uncached, "ms", most=UNCACHED_MS),
        Measure("REST cached, p95 of all addresses", cached, "ms", most=CACHED_MS),
        Measure("REST cached, median", statistics.median(every[2]), "ms"),
        Measure("REST not cached / bare statement", uncached / statement, ""),
        Measure("REST cached / bare route", cached / p95(route), ""),
        *(
            measure
            for name in fresh
            for measure in (
                Measure(f"{name}: bare statement, p95", p95(bare[name]), "ms"),
                Measure(f"{name}: not cached, p95", p95(fresh[name]), "ms", most=UNCACHED_MS),
                Measure(f"{name}: cached, p95", p95(known[name]), "ms", most=CACHED_MS),
            )
        ),
    ]


def _addresses(pairs: list[dict[str, Any]]) -> dict[str, Address]:
    """Every address that reads, with parameters that are new for each number: pages, materials, item-sites."""
    items = list(dict.fromkeys(pair["item_code"] for pair in pairs))
    last: date = pairs[0]["as_of"]

    def near(number: int) -> dict[str, Any]:
        return {"limit": PAGE, "offset": number}

    def far(number: int) -> dict[str, Any]:
        return {"limit": PAGE, "offset": number * 29 % len(pairs)}

    def item(number: int) -> dict[str, Any]:
        return {"item_code": items[number % len(items)]}

    def month(number: int) -> dict[str, Any]:
        return item(number) | {"date_from": last - timedelta(days=730), "date_to": last, "grain": "week"} | near(0)

    def pair(number: int) -> dict[str, Any]:
        return {name: pairs[number % len(pairs)][name] for name in ("item_code", "site_code")} | near(0)

    return {
        "/items": Address("items", "api/items", far),
        "/items/{item_code}": Address("items/{item_code}", "api/item", item),
        "/demand/timeseries": Address("demand/timeseries", "api/demand", month),
        "/inventory": Address("inventory", "api/inventory", far),
        "/forecasts": Address("forecasts", "api/forecasts", lambda number: far(number) | {"target": "D30"}),
        "/features": Address("features", "api/features", pair),
        "/analytics/kpis": Address("analytics/kpis", "api/kpis", lambda number: near(number) | {"dimension": "site"}),
        "/recommendations": Address("recommendations", "api/recommendations", far),
        "/alerts": Address("alerts", "api/alerts", near),
        "/suppliers": Address("suppliers", "api/suppliers", near),
    }


def _statements(settings: Settings, addresses: dict[str, Address], as_of: date) -> dict[str, list[float]]:
    """The same statements with the same parameters on as many connections as the app holds."""
    parameters = admin_parameters(settings) | {"dbname": settings.database_name, "options": f"{SESSION} -c jit=off"}
    pool: ConnectionPool[Any]
    with ConnectionPool(kwargs=parameters, min_size=LARGEST_POOL, max_size=LARGEST_POOL, timeout=60) as pool:
        pool.wait(20)

        def ask(one: Address, number: int) -> float:
            query = sql(one.query)
            given = {"as_of": as_of} | one.given(number)
            began = time.perf_counter()
            with pool.connection() as connection:
                connection.execute(query.text, {name: given.get(name) for name in query.parameters}).fetchone()
            return (time.perf_counter() - began) * 1000

        return {name: together(lambda n, one=one: ask(one, n)) for name, one in addresses.items()}
