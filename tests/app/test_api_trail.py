"""Calls of the API that end at the same moment: all are in the trail, each caller waits for his own, none for another's
error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
import pytest
from anyio.from_thread import start_blocking_portal
from psycopg.types.json import Jsonb

from streamlit_app.api import trail
from streamlit_app.api.together import Together
from streamlit_app.data.database import AppDatabase, DatabaseUnavailable

CALLERS = 240
Told = TypeVar("Told")


def run(scene: Callable[[], Awaitable[Told]]) -> Told:
    """A scene in a thread of its own: in the thread of the tests a browser may hold its event loop."""
    with start_blocking_portal() as portal:
        return portal.call(scene)


def call(number: int, outcome: str = "DONE") -> dict[str, object]:
    """A stranger's call; an outcome that the trail does not know is refused by the database."""
    empty = dict.fromkeys(trail.COLUMNS)
    return empty | {"entity": f"/trail/{number}", "outcome": outcome, "details": Jsonb({"n": number}), "source": "x"}


def written(company) -> list[str]:
    query = "SELECT entity FROM support.audit_logs WHERE entity LIKE '/trail/%%' ORDER BY audit_id"
    return [row["entity"] for row in company.owner().rows(query)]


def outcomes(own: Together, calls: list[dict[str, object]]) -> list[object]:
    """What the callers of calls that end at once are told: None, or the error."""

    async def every() -> list[object]:
        return await asyncio.gather(*(own.ask(one) for one in calls), return_exceptions=True)

    return run(every)


def test_calls_together_are_written_in_few_statements_and_none_is_lost(app, company, monkeypatch):
    batches: list[int] = []
    insert = trail._insert
    monkeypatch.setattr(trail, "_insert", lambda calls: (batches.append(len(calls)), insert(calls)))
    before = len(written(company))
    assert outcomes(Together(trail.write), [call(number) for number in range(CALLERS)]) == [None] * CALLERS
    assert written(company)[before:] == [f"/trail/{number}" for number in range(CALLERS)]
    assert batches == [CALLERS]
    assert company.owner().rows("SELECT problem FROM support.audit_verify()") == [{"problem": None}]


def test_a_refused_call_is_its_own_callers_error(app, company):
    before = len(written(company))
    told = outcomes(Together(trail.write), [call(1), call(2, outcome="WHATEVER"), call(3)])
    assert [type(one) for one in told] == [type(None), psycopg.errors.CheckViolation, type(None)]
    assert written(company)[before:] == ["/trail/1", "/trail/3"]


def test_without_a_database_every_waiting_caller_is_told(app: AppDatabase, monkeypatch):
    def absent(_calls: object) -> None:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(trail, "_insert", absent)
    own = Together(trail.write)
    assert {type(error) for error in outcomes(own, [call(number) for number in range(8)])} == {DatabaseUnavailable}
    monkeypatch.undo()
    assert outcomes(own, [call(9)]) == [None]


@pytest.mark.parametrize("count", [1, 3])
def test_a_call_is_in_the_trail_before_it_is_answered(app, company, count):
    before = len(written(company))
    own = Together(trail.write)

    async def one_after_the_other() -> None:
        for number in range(count):
            await own.ask(call(number))
            assert len(written(company)) == before + number + 1

    run(one_after_the_other)


def test_wishes_of_one_time_gather_while_others_are_worked_on():
    batches: list[list[int]] = []

    def work(wishes: list[int]) -> list[int | Exception]:
        batches.append(list(wishes))
        return [ValueError(wish) if wish == 13 else 2 * wish for wish in wishes]

    own = Together(work)

    async def scene() -> list[object]:
        first = asyncio.create_task(own.ask(1))
        await asyncio.sleep(0)
        later = [asyncio.create_task(own.ask(wish)) for wish in (2, 13, 4)]
        gone = asyncio.create_task(own.ask(5))
        await asyncio.sleep(0)
        gone.cancel()
        return await asyncio.gather(first, *later, return_exceptions=True)

    told = run(scene)
    assert [told[0], told[1], str(told[2]), told[3]] == [2, 4, "13", 8]
    assert sorted(wish for batch in batches for wish in batch) == [1, 2, 4, 5, 13] and len(batches) <= 2
    assert run(lambda: own.ask(21)) == 42, "another loop may ask later"
