"""The landing keeps its pace: at least a quarter of a bare COPY of the same rows into the same table."""

from __future__ import annotations

from nova_assets.staging.bench import TARGET, measure
from nova_resources.postgres import Database


def test_landing_is_at_least_a_quarter_as_fast_as_a_bare_copy(database: Database) -> None:
    measured = measure(database, rows=300_000)
    assert measured["ratio"] >= TARGET, measured
