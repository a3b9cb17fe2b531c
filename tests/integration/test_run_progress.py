"""What a long computation tells of itself: kept where screens read it, and never a reason to fail."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from nova_assets import run_progress
from nova_assets.catalog import table
from nova_assets.run_progress import RunProgress
from nova_resources.postgres import Database
from nova_resources.settings import Settings
from nova_resources.tables import Window

SCENARIOS = table("analytics.scenarios")
DAY, NEXT = Window.day(date(2026, 11, 19)), Window.day(date(2026, 11, 20))


def telling(db: Database, run_id: str = "run") -> RunProgress:
    lines: list[str] = []
    context: Any = SimpleNamespace(run=SimpleNamespace(run_id=run_id), log=SimpleNamespace(info=lines.append))
    return RunProgress(context, db, SCENARIOS)


def kept(db: Database) -> dict[str, Any]:
    """The row as the app's role reads it."""
    (row,) = Database(db.settings, role="nova_app").rows("SELECT * FROM support.run_progress")
    return row


def test_the_newest_word_of_a_run_is_kept_with_its_beginning(database, monkeypatch):
    monkeypatch.setattr(run_progress, "ROW_SECONDS", 0.0)
    progress = telling(database)
    with progress.of(DAY):
        progress("forecasts", 0.2)
        first = kept(database)
        progress("policies", 0.7)
    row = kept(database)
    assert (row["table_name"], row["as_of"], row["run_id"]) == ("analytics.scenarios", DAY.start, "run")
    assert (row["doing"], row["share"], row["failure"]) == ("policies", 0.7, None)
    assert row["started_at"] == first["started_at"] and row["at"] > first["at"]
    with progress.of(NEXT):
        progress("forecasts", 0.1)
    assert kept(database)["started_at"] > first["started_at"], "another day begins anew"


def test_words_that_follow_too_soon_are_passed_over(database):
    progress = telling(database)
    with progress.of(DAY):
        progress("first", 0.1)
        progress("second", 0.2)
    assert kept(database)["doing"] == "first"


def test_a_computation_that_fails_tells_why_without_its_secrets(database):
    progress = telling(database)
    with pytest.raises(ValueError), progress.of(DAY):
        progress("forecasts", 0.2)
        raise ValueError("no answer from postgresql://u:secret@host/db")
    failure = kept(database)["failure"]
    assert failure.startswith("ValueError: no answer") and "secret" not in failure


def test_one_that_never_told_anything_leaves_nothing(database):
    with pytest.raises(ValueError), telling(database).of(DAY):
        raise ValueError("at once")
    assert database.rows("SELECT FROM support.run_progress") == []


def test_a_database_that_does_not_answer_costs_the_word_and_not_the_computation(database, tmp_path, caplog):
    lost: Settings = database.settings.model_copy(update={"database_url": SecretStr("postgresql://127.0.0.1:1/x")})
    progress = telling(Database(lost, role="nova_etl"))
    with progress.of(DAY):
        progress("forecasts", 0.2)
    assert "progress of analytics.scenarios not told" in caplog.text
