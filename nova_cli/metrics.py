"""`nova metrics`: numbers of pipeline and data for Prometheus, printed once or served until stopped."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from nova_resources.settings import Settings, load_settings


def command(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Serve http://NOVA_HOST:PORT/metrics; without it print once.")
    ] = None,
) -> None:
    """Prometheus metrics of data, landing, checks, runs and daemons. The app tells its own at /metrics."""
    from prometheus_client import generate_latest, start_http_server

    settings = load_settings()
    registry = registry_of(settings)
    if port is None:
        print(generate_latest(registry).decode(), end="")
        return
    server, _thread = start_http_server(port, settings.host, registry)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    print(f"http://{settings.host}:{port}/metrics", flush=True)
    stopped.wait()
    server.shutdown()


def registry_of(settings: Settings):  # noqa: ANN201 - prometheus_client is imported only by who needs it
    """A registry that reads both databases at each scrape."""
    from prometheus_client import CollectorRegistry

    from nova_resources.metrics import DataCollector, PipelineCollector
    from nova_resources.postgres import Database

    registry = CollectorRegistry()
    registry.register(DataCollector(Database(settings, role="nova_etl").connect))
    registry.register(PipelineCollector(settings))
    return registry
