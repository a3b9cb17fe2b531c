"""A replay that somebody asked for: how far its run is, and of one that does not come to its end why, and the cure."""

from __future__ import annotations

import pytest
import streamlit as st

from streamlit_app.i18n import text
from tests.app.sample_master import AS_OF
from tests.app.test_screens import screen, words

# What the pipeline told of a request (its last two: minutes since it began and since it said so), minutes since it was
# asked for, and the words for it.
STATES = {
    "waiting": (None, 1, ("replay.waiting",)),
    "late": (None, 11, ("replay.late", "replay.late_cure")),
    "running": (("request {n}: forecasts as of 2026-08-01", 0.45, None, 3, 0), 5, ("replay.running",)),
    "silent": (("request {n}: platform at 0.95", 0.2, None, 30, 11), 40, ("replay.silent",)),
    "failed": (("failed", 0.0, "DiskFull: no space left", 30, 11), 40, ("replay.failed",)),
    "older run": (("request {n}: platform at 0.95", 0.2, None, 3, 0), 1, ("replay.waiting",)),
}
ASK = """
    INSERT INTO support.scenario_requests (as_of, parameters, asked_by, asked_at)
    VALUES (%(as_of)s, '{"months": 6}', (SELECT user_id FROM support.users WHERE username = 'bruno'),
        now() - %(ago)s * interval '1 minute')
    RETURNING request_id
"""
TELL = """
    INSERT INTO support.run_progress (table_name, as_of, run_id, doing, share, failure, started_at, at)
    VALUES ('analytics.scenarios', %(as_of)s, '7f3ad1c2-0000', %(doing)s, %(share)s, %(failure)s,
        now() - %(started)s * interval '1 minute', now() - %(told)s * interval '1 minute')
"""


@pytest.fixture
def asked(company):
    """Puts a request and what was told of its run into the database, and takes both away again."""
    owner = company.owner()

    def put(told: tuple | None, ago: int) -> int:
        number = owner.rows(ASK, as_of=AS_OF, ago=ago)[0]["request_id"]
        if told:
            doing, share, failure, started, last = told
            doing = doing.format(n=number)
            owner.execute(TELL, as_of=AS_OF, doing=doing, share=share, failure=failure, started=started, told=last)
        return number

    yield put
    owner.execute("DELETE FROM support.run_progress")
    owner.execute("DELETE FROM support.scenario_requests")


def said(sign_in, monkeypatch, language: str) -> str:
    """Everything that the simulator tells an analyst."""
    page = screen("simulator", sign_in("ANALYST"), monkeypatch, language=language)
    assert not page.exception
    bars = [element.proto.text for element in page.get("progress")]
    boxes = [element.value for kind in (page.error, page.warning) for element in kind]
    return " ".join([words(page), *bars, *boxes]).replace("\\", "")


@pytest.mark.parametrize("language", ["pt-BR", "en"])
@pytest.mark.parametrize("state", STATES)
def test_the_page_tells_how_far_a_replay_is(asked, sign_in, monkeypatch, state, language):
    told, ago, keys = STATES[state]
    asked(told, ago)
    page = said(sign_in, monkeypatch, language)
    for key in keys:
        assert text(language, key) in page
    others = {text(language, keys[0]) for _, _, keys in STATES.values()} - {text(language, keys[0])}
    assert not [other for other in others if f">{other}<" in page]
    if state == "running":
        step = text(language, "replay.step", n=2, of=3, what=text(language, "replay.step_2"))
        assert step in page and "45" in page
    if state == "failed":
        assert "DiskFull: no space left" in page and "nova doctor" in page and "7f3ad1c2" in page
    if state == "silent":
        assert "nova up" in page


def test_a_replay_behind_another_says_which_one_is_played_first(asked, sign_in, monkeypatch):
    first = asked(None, 5)
    asked((f"request {first}: platform at 0.95", 0.5, None, 3, 0), 4)
    page = said(sign_in, monkeypatch, "pt-BR")
    step = text("pt-BR", "replay.step", n=3, of=3, what=text("pt-BR", "replay.step_3"))
    assert page.count(step) == 2 and text("pt-BR", "replay.before", number=str(first), step=step) in page


@pytest.mark.parametrize(("state", "every"), [("running", 5), ("late", 5), ("failed", None)])
def test_only_a_replay_that_is_under_way_is_looked_at_again(asked, sign_in, monkeypatch, state, every):
    found = []
    fragment = st.fragment
    monkeypatch.setattr(st, "fragment", lambda body, **given: found.append(given.get("run_every")) or fragment(body))
    told, ago, _ = STATES[state]
    asked(told, ago)
    said(sign_in, monkeypatch, "pt-BR")
    assert found[-1] == every
