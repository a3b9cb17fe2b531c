"""The audit chain: unbroken under concurrent writers, and every kind of tampering shows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from nova_resources.postgres import Database
from nova_resources.sql_library import Query

VERIFY = Query("verify", "SELECT * FROM support.audit_verify(%(known_id)s, %(known_hash)s)")
WRITERS, EVENTS = 8, 25


@pytest.fixture
def owner(settings) -> Database:
    return Database(settings, role="nova_owner")


def write(db: Database, events: int, action: str = "test.event") -> None:
    with db.connect(autocommit=True) as connection:
        for number in range(events):
            connection.execute(
                "SELECT support.audit(NULL, %s, %s, 'DONE', '{\"n\": 1.50}', '127.0.0.1', 'pytest')",
                (action, str(number)),
            )


def verify(db: Database, known_id: int | None = None, known_hash: str | None = None) -> dict:
    return db.rows(VERIFY, known_id=known_id, known_hash=known_hash)[0]


def test_chain_is_whole_after_concurrent_writers(settings, owner):
    apps = [Database(settings, role="nova_app") for _ in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda db: write(db, EVENTS), apps))
    found = verify(owner)
    assert (found["problem"], found["rows_checked"], found["head_id"]) == (None, WRITERS * EVENTS, WRITERS * EVENTS)


TAMPERINGS = {
    "row_changed": "UPDATE support.audit_logs SET actor = 'nobody' WHERE audit_id = 2",
    "row_missing": "DELETE FROM support.audit_logs WHERE audit_id = 2",
    "link_broken": "UPDATE support.audit_logs SET previous_hash = sha256('x') WHERE audit_id = 3",
    "head_differs": "DELETE FROM support.audit_logs WHERE audit_id = 5",
}


@pytest.mark.parametrize("problem", TAMPERINGS)
def test_tampering_is_found(owner, problem):
    write(owner, 5)
    with owner.connect() as connection:
        connection.execute("ALTER TABLE support.audit_logs DISABLE TRIGGER append_only")
        connection.execute(sql.SQL(TAMPERINGS[problem]))
    assert verify(owner)["problem"] == problem


def test_chain_rewritten_as_a_whole_differs_from_the_head_kept_elsewhere(owner):
    write(owner, 3)
    kept = verify(owner)
    with owner.connect() as connection:
        connection.execute("ALTER TABLE support.audit_logs DISABLE TRIGGER append_only")
        connection.execute("DELETE FROM support.audit_logs")
        connection.execute("UPDATE support.audit_head SET audit_id = 0, row_hash = sha256('')")
    write(owner, 3, action="test.forged")
    assert verify(owner)["problem"] is None
    assert verify(owner, kept["head_id"], kept["head_hash"])["problem"] == "known_differs"


def test_the_newest_part_is_verified_by_itself(owner):
    def newest(rows: int) -> tuple[int, str | None, int | None]:
        query = "SELECT rows_checked, problem, problem_id FROM support.audit_verify(p_newest => %(rows)s)"
        return tuple(owner.rows(query, rows=rows)[0].values())

    write(owner, 6)
    assert [newest(rows) for rows in (2, 6, 100)] == [(2, None, None), (6, None, None), (6, None, None)]
    with owner.connect() as connection:
        connection.execute("ALTER TABLE support.audit_logs DISABLE TRIGGER append_only")
        connection.execute("UPDATE support.audit_logs SET actor = 'x' WHERE audit_id = 3")
    assert [newest(rows)[1:] for rows in (3, 4)] == [(None, None), ("row_changed", 3)]
    with owner.connect() as connection:
        connection.execute("DELETE FROM support.audit_logs WHERE audit_id IN (4, 6)")
    assert [newest(rows)[1:] for rows in (1, 3)] == [("head_differs", 5), ("row_missing", 5)]


def test_even_the_owner_cannot_change_a_row_by_accident(owner):
    write(owner, 1)
    with pytest.raises(psycopg.Error, match="audit_is_append_only"):
        owner.execute("UPDATE support.audit_logs SET actor = 'x'")


def test_refused_transaction_takes_its_audit_row_along(owner):
    with pytest.raises(psycopg.Error), owner.connect() as connection:
        connection.execute("SELECT support.audit(NULL, 'test.event', NULL, 'DONE', '{}', NULL, NULL)")
        connection.execute("SELECT 1 / 0")
    assert verify(owner) | {"head_hash": None} == {
        "rows_checked": 0,
        "head_id": 0,
        "head_hash": None,
        "problem": None,
        "problem_id": None,
    }
