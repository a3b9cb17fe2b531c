"""What other systems wait for: every address of the REST API asked by twenty clients at once, beside the bare
statements behind it and a bare route, both asked the same way.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
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


class Calls:
    """GET calls of CLIENTS clients, each over a connection of its own that stays open.

    Bytes on asyncio's transports: the clients share the machine with what they measure, and a whole library for HTTP
    costs more than an answer.
    """

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname, parts.port
        self._head = "".join(f"{name}: {value}\r\n" for name, value in ({"Host": parts.netloc} | headers).items())

    def together(self, urls: Sequence[str], cache: str | None = None) -> list[float]:
        """Milliseconds of each call. Raises RuntimeError for an answer that is no 200 or whose X-Cache is not
        `cache`."""
        return asyncio.run(self._together(urls, cache))

    async def _together(self, urls: Sequence[str], cache: str | None) -> list[float]:
        waiting, taken = iter(urls), []

        async def client() -> None:
            reader, writer = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
            for url in waiting:
                began = time.perf_counter()
                writer.write(f"GET {url} HTTP/1.1\r\n{self._head}\r\n".encode())
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                told = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
                body = await reader.readexactly(int(told["content-length"]))
                taken.append((time.perf_counter() - began) * 1000)
                if " 200 " not in head[:15] or (cache and told.get("x-cache") != cache):
                    raise RuntimeError(f"{url}: {head[:12]}, {told.get('x-cache')}: {body[:200]!r}")
            writer.close()

        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        return taken


def rest(settings: Settings, address: str, token: str, bare: str, say: Say) -> list[Measure]:
    """Measures of all addresses, first nothing remembered, then everything. `bare` is the address of the bare route."""
    calls = Calls(address, {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
    pairs = Database(settings, role="nova_app").rows(
        "SELECT item_code, site_code, as_of FROM analytics.mv_item_sites_latest ORDER BY md5(item_code || site_code)"
    )
    addresses = _addresses(pairs)
    fresh, known = {}, {}
    for name, one in addresses.items():
        say(f"REST {name}, {CLIENTS} clients")
        urls = [one.url(number) for number in range(CALLS)]
        calls.together([one.url(CALLS)])
        fresh[name] = calls.together(urls, "miss")
        known[name] = calls.together(urls, "hit")
    say(f"the bare statements, {CLIENTS} clients")
    statements = _statements(settings, addresses, pairs[0]["as_of"])
    route = Calls(bare, {}).together(["/"] * 2 * CALLS)
    return _measures(fresh, known, statements, route)


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

        with ThreadPoolExecutor(CLIENTS) as clients:
            numbers = range(CALLS)
            return {name: list(clients.map(partial(ask, one), numbers)) for name, one in addresses.items()}
