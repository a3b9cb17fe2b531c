"""What a long computation tells while it goes on: to Dagster's log, and where screens read it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import dagster as dg
import psycopg

from nova_resources.logs import redact
from nova_resources.postgres import Database
from nova_resources.sql_library import sql
from nova_resources.tables import Table, Window

LOG = logging.getLogger("nova.runs")
# An event in Dagster's log is kept for months, the row is written over.
LOG_SECONDS, ROW_SECONDS = 20.0, 2.0
LONGEST_REASON = 500


class RunProgress:
    """Hears what is being done and the share done, 0 to 1, of one table's run, window by window."""

    def __init__(self, context: dg.AssetExecutionContext, db: Database, table: Table) -> None:
        self._context, self._db, self._table = context, db, table
        self._window: Window | None = None
        self._told = False
        self._row_at = float("-inf")
        self._log_at = time.monotonic()

    def __call__(self, doing: str, share: float) -> None:
        """Pass it on, unless that has been done a moment ago."""
        now = time.monotonic()
        if now - self._row_at >= ROW_SECONDS:
            self._row_at = now
            self._record(doing, share)
        if now - self._log_at >= LOG_SECONDS:
            self._log_at = now
            self._context.log.info(f"{doing}: {share:.0%}")

    @contextmanager
    def of(self, window: Window | None) -> Iterator[None]:
        """The computation of one window. Where it has told how far it is, it tells why it failed."""
        self._window, self._told, self._row_at = window, False, float("-inf")
        try:
            yield
        except Exception as error:
            if self._told:
                reason = str(error) if isinstance(error, dg.Failure) else f"{type(error).__name__}: {error}"
                self._record("failed", 0.0, redact(reason)[:LONGEST_REASON])
            raise

    def _record(self, doing: str, share: float, failure: str | None = None) -> None:
        try:
            self._db.execute(
                sql("support/record_progress"),
                table_name=self._table.qualified,
                as_of=self._window.end - timedelta(days=1) if self._window else None,
                run_id=self._context.run.run_id,
                doing=doing,
                share=min(max(share, 0.0), 1.0),
                failure=failure,
            )
            self._told = True
        except psycopg.OperationalError as error:
            # A computation that outlives a restart of the server is not lost for a word about it.
            LOG.warning("progress of %s not told: %s", self._table.qualified, redact(str(error)))
