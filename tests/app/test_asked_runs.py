"""Runs that an ADMIN asks for: the form, how far each is, and when the page stops looking."""

from __future__ import annotations

from datetime import timedelta

import pytest
import streamlit as st
from psycopg.types.json import Jsonb

from streamlit_app.i18n import text
from streamlit_app.ui import format as fmt
from tests.app.test_screens import screen, words

# State, whether a run is there, minutes since it was asked for and since the sensor looked, and the words for it.
STATES = {
    "queued": ("QUEUED", False, 1, None, ("runs.waiting",)),
    "late": ("QUEUED", False, 9, None, ("runs.late", "runs.late_cure")),
    "running": ("RUNNING", True, 9, 0, ("runs.running",)),
    "silent": ("RUNNING", True, 9, 8, ("runs.silent",)),
    "done": ("DONE", True, 9, 5, ("runs.done",)),
    "failed": ("FAILED", True, 9, 5, ("runs.failed",)),
}
PUT = """
    INSERT INTO support.run_requests
        (kind, first_day, last_day, asked_by, asked_at, state, run_id, tables, tables_done, failure, started_at,
        ended_at, told_at)
    SELECT 'DAYS', '2026-08-01', '2026-08-03', user_id, now() - %(ago)s * interval '1 minute', %(state)s,
        CASE WHEN %(run)s THEN '7f3ad1c2-0000' END, CASE WHEN %(run)s THEN 30 END, CASE WHEN %(run)s THEN 12 END,
        CASE WHEN %(state)s = 'FAILED' THEN 'core.dim_item: DiskFull: no space left' END,
        CASE WHEN %(run)s THEN now() - interval '5 minutes' END,
        CASE WHEN %(state)s IN ('DONE', 'FAILED') THEN now() - interval '2 minutes' END,
        now() - %(told)s * interval '1 minute'
    FROM support.users WHERE username = 'ana'
"""

LANDED = """
    INSERT INTO support.materializations (table_name, windows, run_id, code_version, rows, mode, at)
    VALUES ('core.fact_demand_daily', datemultirange(daterange('2020-01-01', '2020-02-01')), 'long ago', '', 1, 'SWAP',
        now() - interval '1 year')
"""


@pytest.fixture
def owner(company):
    yield company.owner()
    company.owner().execute("DELETE FROM support.run_requests")


@pytest.fixture
def admin(sign_in, monkeypatch):
    """The part of the administration as an ADMIN sees it, in a language."""

    def page(language: str = "pt-BR"):
        found = screen("admin", sign_in("ADMIN"), monkeypatch, language=language, parte="execucoes")
        assert not found.exception
        return found

    return page


def told(page) -> str:
    bars = [element.proto.text for element in page.get("progress")]
    boxes = [element.value for kind in (page.error, page.warning) for element in kind]
    return " ".join([words(page), *bars, *boxes]).replace("\\", "")


def pressed(page, key: str):
    next(button for button in page.button if button.key == key).click()
    return page.run()


@pytest.mark.parametrize("language", ["pt-BR", "en"])
@pytest.mark.parametrize("state", STATES)
def test_the_page_tells_how_far_a_run_is(owner, admin, state, language):
    kept, run, ago, looked, keys = STATES[state]
    owner.execute(PUT, state=kept, run=run, ago=ago, told=looked)
    page = told(admin(language))
    for key in keys:
        assert text(language, key) in page
    others = {text(language, one[-1][0]) for one in STATES.values()} - {text(language, keys[0])}
    assert not [other for other in others if f">{other}<" in page]
    assert (text(language, "runs.tables_done", done="12", of="30") in page) == (state == "running")
    assert ("DiskFull: no space left" in page) == (state == "failed")
    assert ("nova up" in page) == (state in ("late", "silent"))


@pytest.mark.parametrize("kept", ["QUEUED", "FAILED"])
def test_only_what_is_under_way_is_looked_at_again(owner, admin, kept, monkeypatch):
    every = []
    fragment = st.fragment
    monkeypatch.setattr(st, "fragment", lambda body, **given: every.append(given["run_every"]) or fragment(body))
    owner.execute(PUT, state=kept, run=kept == "FAILED", ago=1, told=1)
    admin()
    assert every == ([5] if kept == "QUEUED" else [None])


def test_a_day_is_asked_for_once(owner, admin):
    yesterday = fmt.today() - timedelta(days=1)
    page = pressed(admin(), "ask_run")
    [row] = owner.rows("SELECT kind, first_day, last_day, state FROM support.run_requests")
    assert row == {"kind": "DAYS", "first_day": yesterday, "last_day": yesterday, "state": "QUEUED"}
    assert text("pt-BR", "runs.waiting") in told(page)
    again = pressed(page, "ask_run")
    assert text("pt-BR", "refused.run_asked_already") in [toast.value for toast in again.toast]
    assert len(owner.rows("SELECT FROM support.run_requests")) == 1


def test_what_a_failed_run_left_is_asked_for_by_its_number(owner, admin, company):
    page = admin()
    page.selectbox(key="run_kind").set_value("RERUN")
    page.run()
    assert text("pt-BR", "runs.none_failed") in told(page)
    facts = {"steps": ["core__dim_item", "core__dim_site"], "partition": "2026-08-01"}
    call = "SELECT support.append_audit('pipeline', 'run.failed', '9c0ffee1-22', 'FAILED', %(facts)s)"
    owner.rows(call, facts=Jsonb(facts))
    page.run()
    shown = page.selectbox(key="run_failed").options
    assert any("core.dim_item +1" in name and "01/08/2026" in name and "9c0ffee1" in name for name in shown)
    pressed(page, "ask_run")
    [row] = owner.rows("SELECT kind, failed_run, first_day FROM support.run_requests")
    assert row == {"kind": "RERUN", "failed_run": "9c0ffee1-22", "first_day": None}


@pytest.fixture
def landed_long_ago(owner):
    """Facts of every month that the form offers, as the ledger would have them."""
    owner.execute(LANDED)
    yield
    owner.execute("DELETE FROM support.materializations WHERE run_id = 'long ago'")


@pytest.mark.usefixtures("landed_long_ago")
def test_a_month_is_asked_for_whole(owner, admin):
    page = admin()
    page.selectbox(key="run_kind").set_value("MONTH")
    page.run()
    page = pressed(page, "ask_run")
    [row] = owner.rows("SELECT kind, first_day, last_day FROM support.run_requests")
    assert row["kind"] == "MONTH" and row["first_day"].day == 1 and (row["last_day"] + timedelta(days=1)).day == 1
    assert f"{row['first_day']:%m/%Y}" in told(page)
