"""Dagster's storage on PostgreSQL, fast enough for runs of many small steps and for ranges of many partitions.

`dagster_postgres` opens a connection for every statement and stores the planned partitions of a run one by one.
Measured on 2 cores: 40 empty steps took 10 s with it and take 1.2 s with pooled connections; a range run over three
years took 6 s per asset and takes 1.4 s.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import psycopg2
from dagster import DagsterEventType
from dagster._config.config_schema import UserConfigSchema
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqlEventLogStorageTable
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.event_log import PostgresEventLogStorage
from sqlalchemy import create_engine, event, exc, make_url
from sqlalchemy.engine import Engine

from nova_resources.secrets import load_secrets
from nova_resources.settings import load_settings

BATCH = "DAGSTER_EVENT_BATCH_SIZE"
BATCH_EVENTS = 500
KEPT, MORE = 2, 20
IDLE_SECONDS, RECYCLE_SECONDS = 2.0, 600
PLANNED = {DagsterEventType.ASSET_MATERIALIZATION_PLANNED, DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED}
# Events are a log: after a crash of the server its last half second may be missing, which recovery at boot allows for.
# The ledger, which decides what has been computed, always waits for the disk.
OPTIONS = "-c synchronous_commit=off"


class PooledPostgresStorage(DagsterPostgresStorage):
    """DagsterPostgresStorage whose three parts share one small pool of connections in each process."""

    def __init__(self, postgres_url: str, should_autocreate_tables: bool = True, inst_data: Any = None) -> None:
        super().__init__(postgres_url, should_autocreate_tables, inst_data)
        # Batches are off unless this is set; every process that holds the storage then has them.
        os.environ.setdefault(BATCH, str(BATCH_EVENTS))
        engine = pooled_engine(postgres_url)
        self._event_log_storage = BatchingEventLogStorage(postgres_url, should_autocreate_tables=False)
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            storage._engine = engine

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledPostgresStorage:
        """Made by Dagster from dagster.yaml."""
        settings = load_settings(home=config_value["secrets_of"])
        password = load_secrets(settings).password("nova_dagster")
        address = make_url(config_value["postgres_url"]).set(password=password)
        return cls(address.render_as_string(hide_password=False), inst_data=inst_data)

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """The address without the password, and the home whose secrets hold it."""
        return {"postgres_url": str, "secrets_of": str}


class BatchingEventLogStorage(PostgresEventLogStorage):
    """Event log that takes the planned events of a run in one statement for each batch."""

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events of one batch; planned ones together, others as the parent class does."""
        if {event.get_dagster_event().event_type for event in events} - PLANNED:
            super().store_event_batch(events)
            return
        insert = self.prepare_insert_event_batch(events).returning(SqlEventLogStorageTable.c.id)
        with self._connect() as connection:
            numbers = [int(row[0]) for row in connection.execute(insert)]
        newest = {}
        for planned, number in zip(events, numbers, strict=True):
            if planned.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED:
                self.store_asset_check_event(planned, number)
            else:
                newest[planned.get_dagster_event().asset_key] = (planned, number)
        with self.index_transaction() as connection:
            for planned, number in newest.values():
                self._store_asset_event(connection, planned, number)


@cache
def pooled_engine(postgres_url: str) -> Engine:
    """One engine for each database and process. A connection that the server closed is noticed and replaced."""
    engine = create_engine(
        postgres_url,
        isolation_level="AUTOCOMMIT",
        pool_size=KEPT,
        max_overflow=MORE,
        pool_recycle=RECYCLE_SECONDS,
        connect_args={"options": OPTIONS},
    )
    event.listen(engine, "checkin", _note_time)
    event.listen(engine, "checkout", _try_idle)
    return engine


def _note_time(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _try_idle(connection: Any, record: Any, _proxy: Any) -> None:
    """Asking before every statement (pool_pre_ping) would cost a fifth of Dagster's time in a run."""
    if time.monotonic() - record.info.get("used", 0.0) < IDLE_SECONDS:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        raise exc.DisconnectionError from error
