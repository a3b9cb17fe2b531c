"""Prometheus metrics that are read from the databases at the moment of the scrape: data, landing, checks, runs.

Belongs here: what both the app and `nova metrics` tell. The app's own requests are counted in streamlit_app.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time
from typing import Any

import psycopg
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg.rows import dict_row

from nova_resources.server import role_parameters
from nova_resources.settings import Settings
from nova_resources.sql_library import sql

Connect = Callable[[], AbstractContextManager[psycopg.Connection]]
# What a scrape may run into while the platform starts, restarts or is upgraded.
ABSENT = (psycopg.Error, OSError)


class DataCollector(Collector):
    """What the platform's database tells about data: any role that reads the support tables will do."""

    def __init__(self, connect: Connect, absent: tuple[type[Exception], ...] = ABSENT) -> None:
        self._connect, self._absent = connect, absent

    def collect(self) -> Iterator[Metric]:
        """Gauges of tables, feeds, checks and alerts; `nova_database_up` alone when the database does not answer."""
        try:
            with self._connect() as connection:
                found = {
                    name: _rows(connection, name) for name in ("tables", "files", "checks", "alerts", "partitions")
                }
        except self._absent:
            yield _up("nova_database_up", "Whether the platform's database answers.", False)
            return
        yield _up("nova_database_up", "Whether the platform's database answers.", True)
        yield from _tables(found["tables"])
        yield from _files(found["files"])
        labels = ("table", "check", "severity")
        failed = _gauge("nova_check_failed", "1 for a check whose latest outcome is a failure.", *labels)
        for row in found["checks"]:
            failed.add_metric([row["table_name"], row["check_name"], row["severity"]], 0.0 if row["passed"] else 1.0)
        alerts = _gauge("nova_alerts", "Alerts of the newest day.", "cause", "severity")
        for row in found["alerts"]:
            alerts.add_metric([row["cause"], row["severity"]], row["alerts"])
        ahead = _gauge("nova_partitions_ahead", "Months to come whose partitions are made already.", "table")
        for row in found["partitions"]:
            ahead.add_metric([row["table_name"]], row["months_ahead"])
        yield from (failed, alerts, ahead)


class PipelineCollector(Collector):
    """What Dagster's storage and this machine tell about the pipeline; needs the pipeline's secrets."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def collect(self) -> Iterator[Metric]:
        """Runs by job and status, signs of life of the daemons, room on the disk of the home."""
        parameters = role_parameters(self.settings, "nova_dagster", self.settings.dagster_database_name)
        try:
            with psycopg.connect(**parameters, connect_timeout=3) as connection:
                runs, beats = _rows(connection, "runs"), _rows(connection, "heartbeats")
        except ABSENT:
            yield _up("nova_dagster_database_up", "Whether Dagster's database answers.", False)
            return
        yield _up("nova_dagster_database_up", "Whether Dagster's database answers.", True)
        count = _gauge("nova_runs", "Runs that Dagster keeps.", "job", "status")
        ended = _gauge("nova_run_ended_timestamp_seconds", "When a run last ended so.", "job", "status")
        for row in runs:
            count.add_metric([row["job"], row["status"]], row["runs"])
            if row["ended"]:
                ended.add_metric([row["job"], row["status"]], row["ended"])
        beat = _gauge("nova_daemon_beat_timestamp_seconds", "Last sign of life of a daemon.", "daemon")
        for row in beats:
            beat.add_metric([row["daemon_type"]], row["beat"])
        room = GaugeMetricFamily("nova_home_free_bytes", "Free room on the disk of NOVA_HOME.")
        room.add_metric([], shutil.disk_usage(self.settings.home).free)
        yield from (count, ended, beat, room)


def _tables(rows: list[dict[str, Any]]) -> Iterator[Metric]:
    published = _gauge("nova_table_published_timestamp_seconds", "When a table was last published.", "table")
    reaches = _gauge("nova_table_last_date_timestamp_seconds", "Start of the newest business date of a table.", "table")
    publishes = _gauge("nova_table_publishes", "Publishes of a table that the ledger knows.", "table")
    written = _gauge("nova_table_rows_written", "Rows that those publishes wrote.", "table")
    for row in rows:
        name = [row["table_name"]]
        published.add_metric(name, row["published"].timestamp())
        publishes.add_metric(name, row["publishes"])
        written.add_metric(name, row["rows_written"])
        if row["last_date"]:
            reaches.add_metric(name, _timestamp(row["last_date"]))
    yield from (published, reaches, publishes, written)


def _files(rows: list[dict[str, Any]]) -> Iterator[Metric]:
    files = _gauge("nova_files", "Landed files.", "feed", "status")
    lines = _gauge("nova_rows", "Rows of landed files.", "feed", "outcome")
    newest = _gauge("nova_feed_last_date_timestamp_seconds", "Date of the newest file in force.", "feed")
    for row in rows:
        files.add_metric([row["feed"], row["status"]], row["files"])
        if row["status"] != "LOADED":
            continue
        lines.add_metric([row["feed"], "accepted"], row["rows_accepted"])
        lines.add_metric([row["feed"], "rejected"], row["rows_rejected"])
        if row["last_date"]:
            newest.add_metric([row["feed"]], _timestamp(row["last_date"]))
    yield from (files, lines, newest)


def _rows(connection: psycopg.Connection, name: str) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql(f"metrics/{name}").text.encode()).fetchall()


def _gauge(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, labels=labels)


def _up(name: str, meaning: str, up: bool) -> Metric:
    family = GaugeMetricFamily(name, meaning)
    family.add_metric([], float(up))
    return family


def _timestamp(day: date) -> float:
    """Midnight UTC of a business date: dates are compared with dates, not with hours."""
    return datetime.combine(day, time.min, UTC).timestamp()
