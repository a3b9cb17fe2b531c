"""Calls of the API that end at the same moment: all are in the trail, each caller waits for his own, none for another's
error."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.types.json import Jsonb

from streamlit_app.api import trail
from streamlit_app.data.database import AppDatabase, DatabaseUnavailable

CALLERS = 24


def call(number: int, outcome: str = "DONE") -> dict[str, object]:
    """A stranger's call; an outcome that the trail does not know is refused by the database."""
    empty = dict.fromkeys(trail.COLUMNS)
    return empty | {"entity": f"/trail/{number}", "outcome": outcome, "details": Jsonb({"n": number}), "source": "x"}


def written(company) -> list[str]:
    query = "SELECT entity FROM support.audit_logs WHERE entity LIKE '/trail/%%' ORDER BY audit_id"
    return [row["entity"] for row in company.owner().rows(query)]


def test_calls_together_are_written_in_few_statements_and_none_is_lost(app, company, monkeypatch):
    batches: list[int] = []
    insert = trail._insert
    monkeypatch.setattr(trail, "_insert", lambda calls: (batches.append(len(calls)), insert(calls)))
    before = len(written(company))
    own = trail.Trail()
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(own.write, map(call, range(10 * CALLERS))))
    found = written(company)[before:]
    assert sorted(found) == sorted(f"/trail/{number}" for number in range(10 * CALLERS))
    assert sum(batches) == len(found) and max(batches) > 1 and len(batches) < len(found)
    assert company.owner().rows("SELECT problem FROM support.audit_verify()") == [{"problem": None}]


def test_a_refused_call_is_its_own_callers_error(app, company):
    entries = [trail._Entry(call(1)), trail._Entry(call(2, outcome="WHATEVER")), trail._Entry(call(3))]
    before = len(written(company))
    trail._write(entries)
    assert [type(entry.error) for entry in entries] == [type(None), psycopg.errors.CheckViolation, type(None)]
    assert written(company)[before:] == ["/trail/1", "/trail/3"]


def test_without_a_database_every_waiting_caller_is_told(app: AppDatabase, monkeypatch):
    def absent(_calls: object) -> None:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(trail, "_insert", absent)
    own = trail.Trail()
    with ThreadPoolExecutor(4) as pool:
        errors = [pool.submit(own.write, call(number)).exception(10) for number in range(8)]
    assert {type(error) for error in errors} == {DatabaseUnavailable}
    monkeypatch.undo()
    own.write(call(9))


@pytest.mark.parametrize("count", [1, 3])
def test_a_call_is_in_the_trail_before_it_is_answered(app, company, count):
    before = len(written(company))
    own = trail.Trail()
    for number in range(count):
        own.write(call(number))
        assert len(written(company)) == before + number + 1
