"""Signing in, sessions and rights, on the real functions of the database."""

from __future__ import annotations

import hashlib

import pytest

from streamlit_app.access import roles, sessions
from streamlit_app.access.passwords import check_password, hash_password, is_breached, password_problems
from streamlit_app.access.tokens import digest
from streamlit_app.data import people
from streamlit_app.data.people import AuditWish
from tests.app.conftest import PASSWORD, PEOPLE


def test_the_right_password_opens_a_session_and_a_wrong_one_does_not(app):
    outcome = sessions.sign_in(" ANA ", PASSWORD, "10.0.0.2", "pytest")
    session = sessions.find_session(outcome.token)
    assert (session.username, session.role) == ("ana", "ADMIN")
    assert sessions.sign_in("ana", "wrong", "10.0.0.2", "pytest").token is None
    assert sessions.find_session("not a session id") is None


def test_an_unknown_name_is_answered_like_a_wrong_password_and_costs_the_same_work(app, monkeypatch):
    checked = []
    monkeypatch.setattr(sessions, "check_password", lambda *given: checked.append(given) or check_password(*given))
    known = sessions.sign_in("carla", "wrong", "10.0.0.3", None)
    unknown = sessions.sign_in("nobody", "wrong", "10.0.0.3", None)
    assert known == unknown == sessions.SignIn()
    assert len(checked) == 2 and checked[1][1] is None


def test_guessing_slows_down_for_known_and_unknown_names_alike(app, company):
    create = "SELECT support.create_user(NULL, 'diego', 'Diego', NULL, %(secret)s, 'VIEWER')"
    company.owner().rows(create, secret=hash_password(PASSWORD))
    for name in ("ghost", "diego"):
        for _ in range(5):
            sessions.sign_in(name, "wrong", f"10.1.0.{len(name)}", None)
        assert sessions.sign_in(name, PASSWORD, f"10.1.0.{len(name)}", None).wait_seconds > 0, name
    with app.connection() as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute("DELETE FROM support.login_attempts")


def test_signing_out_ends_the_session_for_every_copy_of_its_id(sign_in):
    token = sign_in("VIEWER")
    assert sessions.find_session(token)
    sessions.end_session(token)
    assert sessions.find_session(token) is None


def test_a_session_ends_when_idle_or_old_whatever_is_remembered(sign_in, company):
    for column, span in (("last_seen_at", "31 minutes"), ("created_at", "8 hours 1 minute")):
        token = sign_in("VIEWER")
        change = f"UPDATE support.sessions SET {column} = {column} - %(span)s::interval"  # noqa: S608 - two fixed columns
        change += ", expires_at = expires_at - %(span)s::interval" if column == "created_at" else ""
        company.owner().execute(f"{change} WHERE session_hash = %(key)s", span=span, key=digest(token))
        sessions.forget_sessions()
        assert sessions.find_session(token) is None, column


def test_an_admin_ends_other_peoples_sessions_at_once_and_nobody_else_does(sign_in):
    admin, victim = sessions.find_session(sign_in("ADMIN")), sign_in("VIEWER")
    viewer = sessions.find_session(victim)
    with pytest.raises(roles.Refused) as refused:
        people.end_sessions_of(viewer, PEOPLE["ADMIN"][0])
    assert refused.value.code == roles.FORBIDDEN
    assert people.end_sessions_of(admin, viewer.username) >= 1
    assert sessions.find_session(victim) is None


def test_a_change_of_role_counts_as_soon_as_the_memory_ends(sign_in, company):
    token = sign_in("ANALYST")
    assert sessions.find_session(token).role == "ANALYST"
    company.owner().rows("SELECT support.set_role(NULL, 'bruno', 'VIEWER')")
    try:
        sessions.forget_sessions()
        session = sessions.find_session(token)
        assert session is None or session.role == "VIEWER"
        assert sessions.REMEMBERED_SECONDS <= 30
    finally:
        company.owner().rows("SELECT support.set_role(NULL, 'bruno', 'ANALYST')")


def test_a_refusal_is_recorded_with_who_and_what(sign_in, company):
    viewer = sessions.find_session(sign_in("VIEWER"))
    with pytest.raises(roles.AccessDenied):
        roles.check_role(viewer, roles.ADMINS, "screen.admin")
    query = (
        "SELECT actor, entity, outcome FROM support.audit_logs WHERE action = 'access.refused' ORDER BY audit_id DESC"
    )
    assert company.owner().rows(query)[0] == {"actor": "carla", "entity": "screen.admin", "outcome": "REFUSED"}


def test_only_an_admin_reads_people_and_audit(sign_in):
    admin = sessions.find_session(sign_in("ADMIN"))
    assert {"ana", "bruno", "carla"} <= set(people.users(admin)["username"])
    assert len(people.audit_log(admin, AuditWish(), rows=9)) > 0
    for role in ("ANALYST", "VIEWER"):
        session = sessions.find_session(sign_in(role))
        with pytest.raises(roles.Refused):
            people.users(session)
        with pytest.raises(roles.Refused):
            people.audit_log(session, AuditWish(), rows=9)


def test_the_audit_log_is_read_page_by_page_to_its_end(sign_in, monkeypatch):
    admin = sessions.find_session(sign_in("ADMIN"))
    assert admin
    for n in range(7):
        roles.record(admin, "export.downloaded", f"pages/{n}", "DONE")
    wish = AuditWish(actor="ana", action="export.downloaded", entity="pages/", outcome="DONE")
    newest = people.audit_log(admin, wish, rows=4)
    older = people.audit_log(admin, wish, before=int(newest["audit_id"].iloc[-1]), rows=4)
    told = [f"pages/{n}" for n in range(6, -1, -1)]
    assert [*newest["entity"], *older["entity"]] == told
    monkeypatch.setattr(people, "MOST_AT_ONCE", 3)
    assert people.whole_audit_log(admin, wish)["entity"].tolist() == told
    monkeypatch.setattr(people, "EXPORT_ROWS", 6)
    assert people.whole_audit_log(admin, wish)["entity"].tolist() == told[:6]
    assert people.audit_log(admin, AuditWish(outcome="REFUSED", entity="pages/"), rows=9).empty


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("curta", "password_short"),
        ("x1" * 40, "password_long"),
        ("123456789012", "password_common"),
        ("novacorrente2026", "password_common"),
        ("minha-ana.souza-1", "password_common"),
        ("aaaaaaaaaaaaaa", "password_common"),
        ("", "password_short"),
    ],
)
def test_weak_passwords_are_named(password, problem):
    assert problem in password_problems(password, "ana.souza")


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("lines", [1, 2, 7, 1000])
def test_passwords_of_the_operators_list_of_breached_ones_are_refused(tmp_path, lines, ending):
    """Each line of a list is found, whatever its place; a password that is in none is not."""
    passwords = [f"cavalo bateria grampo {number}" for number in range(lines)]
    digests = sorted(
        hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper() for password in passwords
    )
    known = tmp_path / "pwned.txt"
    known.write_text("".join(f"{digest}:{len(passwords)}{ending}" for digest in digests), "utf-8", newline="")
    assert all(is_breached(password, known) for password in passwords)
    assert password_problems(passwords[0], breached=known) == ["password_breached"]
    assert password_problems("cavalo bateria grampo correto", breached=known) == []


def test_a_long_phrase_is_fine_and_no_character_classes_are_asked_for():
    assert password_problems("cavalo bateria grampo correto", "ana") == []
    assert check_password("x" * 73, hash_password("y" * 72)) is False
    assert check_password("", None) is False


def test_the_apps_role_can_change_no_fact_and_read_no_secret(app):
    for statement in (
        "DELETE FROM core.fact_demand_daily",
        "UPDATE analytics.recommendations SET quantity = 0",
        "INSERT INTO support.recommendation_states VALUES (NULL)",
        "SELECT password_hash FROM support.users",
        "SELECT session_hash FROM support.sessions",
        "DELETE FROM support.audit_logs",
    ):
        with pytest.raises(Exception, match="permission denied"), app.connection() as connection:
            connection.execute(statement)
