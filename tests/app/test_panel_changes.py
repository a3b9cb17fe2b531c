"""What the dashboard tells of the day before: of whole days only, and of the last load alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.app.sample_master import AS_OF

NEXT = AS_OF + timedelta(days=1)
PUBLISH = """
    INSERT INTO support.materializations (table_name, windows, run_id, code_version, rows, mode)
    VALUES ('analytics.alerts', datemultirange(daterange(%(day)s, %(day)s + 1)), 'next', '', 0, 'REPLACE')
"""
LOAD = """
    INSERT INTO staging.files (
        file_id, feed, path, checksum, size_bytes, format, rows_in, rows_accepted, rows_rejected, status, run_id,
        loaded_at
    ) OVERRIDING SYSTEM VALUE
    SELECT max(file_id) OVER () + 1, feed, 'demand/next.csv', repeat('f', 64), 1, 'csv', 7, 5, 2, 'LOADED', 'next',
        max(loaded_at) OVER () + interval '1 hour'
    FROM staging.files LIMIT 1
"""

ALERTS = "SELECT count(DISTINCT (item_id, site_id, cause)) AS n FROM analytics.alerts WHERE as_of = %(day)s"


@pytest.fixture
def owner(company):
    """The database's owner; what a test of this file publishes or loads is taken away again."""
    owner = company.owner()
    yield owner
    owner.execute("DELETE FROM support.materializations WHERE run_id = 'next'")
    owner.execute("DELETE FROM staging.files WHERE run_id = 'next'")


def test_a_day_whose_alerts_are_not_published_is_compared_with_nothing(app, owner):
    row = app.row("panel_changes", as_of=NEXT)
    assert row and row["compared_with"] is None and row["alerts_resolved"] == 0
    owner.execute(PUBLISH, day=NEXT)
    row = app.row("panel_changes", as_of=NEXT)
    (there,) = owner.rows(ALERTS, day=AS_OF)
    assert row and row["compared_with"] == AS_OF and there["n"]
    assert (row["alerts_new"], row["alerts_resolved"], row["suppliers_slower"]) == (0, there["n"], 0)


def test_the_last_load_is_that_of_the_newest_run(app, owner):
    owner.execute(LOAD)
    row = app.row("panel_changes", as_of=AS_OF)
    assert row and (row["rows_in"], row["rows_rejected"]) == (7, 2)
