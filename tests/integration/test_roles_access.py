"""Sign-in, sessions, people and tokens as the app's role sees them: the third gate, in the database."""

from __future__ import annotations

import hashlib
from typing import Any

import psycopg
import pytest
from psycopg import sql

from nova_resources.postgres import Database

HASH = "$2b$12$" + "a" * 53
OTHER_HASH = "$2b$12$" + "b" * 53


class People:
    """Short names for the functions under test, called in the app's role."""

    def __init__(self, settings) -> None:
        self.app = Database(settings, role="nova_app")
        self.owner = Database(settings, role="nova_owner")

    def call(self, function: str, *, db: Database | None = None, **params: Any) -> list[dict]:
        arguments = ", ".join(f"{name} => %({name})s" for name in params)
        return (db or self.app).rows(sql.SQL(f"SELECT * FROM support.{function}({arguments})"), **params)  # noqa: S608

    def refused(self, function: str, **params: Any) -> str:
        with pytest.raises(psycopg.DatabaseError) as caught:
            self.call(function, **params)
        return f"{caught.value.sqlstate} {caught.value.diag.message_primary}"

    def create(self, username: str, role: str) -> bytes:
        self.call(
            "create_user",
            db=self.owner,
            p_session=None,
            p_username=username,
            p_display_name=username.title(),
            p_email=None,
            p_password_hash=HASH,
            p_role=role,
        )
        return self.sign_in(username)

    def sign_in(self, username: str, number: int = 1, source: str = "10.0.0.1") -> bytes:
        session = hashlib.sha256(f"{username}{number}".encode()).digest()
        self.call("begin_login", p_username=username, p_source=source)
        rows = self.call(
            "finish_login",
            p_username=username,
            p_source=source,
            p_user_agent="pytest",
            p_succeeded=True,
            p_session=session,
        )
        assert rows[0]["username"] == username
        return session

    def fail(self, username: str, times: int, source: str = "10.0.0.1") -> int:
        """Wrong passwords; returns the seconds that the next attempt must wait."""
        for _ in range(times):
            self.call("begin_login", p_username=username, p_source=source)
        return self.call("begin_login", p_username=username, p_source=source)[0]["wait_seconds"]

    def forget_time(self, username: str) -> None:
        """Make the past attempts an hour older, as if an hour had gone by."""
        self.owner.execute(
            "UPDATE support.login_attempts SET at = at - interval '1 hour' WHERE username = %(u)s", u=username
        )

    def age_session(self, session: bytes, column: str, interval: str) -> None:
        self.owner.execute(
            sql.SQL("UPDATE support.sessions SET {c} = {c} - %(i)s::interval WHERE session_hash = %(s)s").format(
                c=sql.Identifier(column)
            ),
            i=interval,
            s=session,
        )

    def audited(self) -> list[tuple[str, str, str]]:
        rows = self.owner.rows("SELECT actor, action, outcome FROM support.audit_logs ORDER BY audit_id")
        return [(row["actor"], row["action"], row["outcome"]) for row in rows]


@pytest.fixture
def people(settings) -> People:
    return People(settings)


def test_session_lives_and_touches(people):
    session = people.create("ana", "ANALYST")
    people.age_session(session, "last_seen_at", "5 minutes")
    first = people.call("check_session", p_session=session)[0]
    assert (first["username"], first["role"]) == ("ana", "ANALYST")
    assert (first["last_seen_at"] - first["created_at"]).total_seconds() < 60, "the touch brought it back to now"


@pytest.mark.parametrize(("column", "interval"), [("last_seen_at", "31 minutes"), ("expires_at", "8 hours")])
def test_session_dies_of_age(people, column, interval):
    session = people.create("ana", "ANALYST")
    people.age_session(session, column, interval)
    assert people.call("check_session", p_session=session) == []
    assert people.refused("set_locale", p_session=session, p_locale="en") == "NV401 no_live_session"


def test_ended_session_is_dead_and_audited(people):
    session = people.create("ana", "VIEWER")
    people.call("end_session", p_session=session)
    people.call("end_session", p_session=session)
    assert people.call("check_session", p_session=session) == []
    assert people.audited()[-1] == ("ana", "session.ended", "DONE")
    assert [action for _, action, _ in people.audited()].count("session.ended") == 1


def test_closing_an_account_ends_its_sessions_and_tokens_at_once(people):
    admin, session = people.create("root", "ADMIN"), people.create("ana", "ANALYST")
    token = hashlib.sha256(b"token").digest()
    people.call("create_api_token", p_session=session, p_token=token, p_label="bi", p_valid="30 days")
    assert people.call("check_api_token", p_token=token)[0]["role"] == "ANALYST"
    people.call("set_active", p_session=admin, p_username="ana", p_active=False)
    assert people.call("check_session", p_session=session) == []
    assert people.call("check_api_token", p_token=token) == []
    assert people.call("begin_login", p_username="ana", p_source=None)[0]["password_hash"] is None


def test_role_change_counts_at_once(people):
    admin, session = people.create("root", "ADMIN"), people.create("ana", "ANALYST")
    people.call("set_role", p_session=admin, p_username="ana", p_role="VIEWER")
    refused = people.refused("add_comment", p_session=session, p_item_id=1, p_site_id=None, p_body="x")
    assert refused == "NV403 role_refused"


def test_new_password_ends_the_other_sessions(people):
    first = people.create("ana", "VIEWER")
    second = people.sign_in("ana", 2)
    people.call("set_password", p_session=second, p_username="ana", p_password_hash=OTHER_HASH)
    assert people.call("check_session", p_session=first) == []
    assert people.call("check_session", p_session=second) != []
    assert people.call("begin_login", p_username="ANA ", p_source=None)[0]["password_hash"] == OTHER_HASH


def test_only_admins_manage_people(people):
    people.create("root", "ADMIN")
    session = people.create("ana", "ANALYST")
    calls = {
        "users_list": {},
        "set_role": {"p_username": "ana", "p_role": "ADMIN"},
        "set_active": {"p_username": "root", "p_active": False},
        "set_password": {"p_username": "root", "p_password_hash": HASH},
        "revoke_sessions": {"p_username": "root"},
        "create_user": {
            "p_username": "eve",
            "p_display_name": "",
            "p_email": None,
            "p_password_hash": HASH,
            "p_role": "ADMIN",
        },
        "audit_list": dict.fromkeys(("p_from", "p_to", "p_actor", "p_action", "p_limit")),
    }
    assert {f: people.refused(f, p_session=session, **p) for f, p in calls.items()} == dict.fromkeys(
        calls, "NV403 role_refused"
    )


def test_app_cannot_act_without_a_session(people):
    people.create("root", "ADMIN")
    refused = people.refused("set_role", p_session=None, p_username="root", p_role="VIEWER")
    assert refused == "NV401 no_live_session"


def test_last_admin_stays(people):
    admin = people.create("root", "ADMIN")
    assert people.refused("set_role", p_session=admin, p_username="root", p_role="VIEWER") == "NV409 last_admin"
    assert people.refused("set_active", p_session=admin, p_username="root", p_active=False) == "NV409 last_admin"
    assert people.call("check_session", p_session=admin)[0]["role"] == "ADMIN"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"p_username": "no spaces"}, "NV422 username_invalid"),
        ({"p_username": "cli"}, "NV422 username_invalid"),
        ({"p_password_hash": "secret"}, "NV422 password_hash_invalid"),
        ({"p_role": "OWNER"}, "NV422 value_invalid"),
        ({"p_username": "Root"}, "NV409 user_exists"),
    ],
)
def test_bad_accounts_are_refused(people, change, error):
    admin = people.create("root", "ADMIN")
    values = {
        "p_username": "eve",
        "p_display_name": "Eve",
        "p_email": None,
        "p_password_hash": HASH,
        "p_role": "VIEWER",
    }
    assert people.refused("create_user", p_session=admin, **(values | change)) == error


def test_delay_doubles_from_the_fifth_failure_to_a_quarter_of_an_hour(people):
    people.create("ana", "VIEWER")
    people.owner.execute("DELETE FROM support.login_attempts")
    assert people.fail("ana", 4, "6.6.6.6") == 0, "the call that asked was the fifth failure"
    waits = []
    for _ in range(7):
        waits.append(people.fail("ana", 0, "6.6.6.6"))
        people.forget_time("ana")
        people.fail("ana", 0, "6.6.6.6")
    assert [min((30, 60, 120, 240, 480, 900), key=lambda w: abs(w - wait)) for wait in waits] == [
        30,
        60,
        120,
        240,
        480,
        900,
        900,
    ]


def test_unknown_names_wait_like_known_ones(people):
    assert people.fail("nobody", 4) == 0
    assert 25 <= people.fail("nobody", 0) <= 30


def test_guessing_from_elsewhere_does_not_lock_a_person_out(people):
    people.create("ana", "VIEWER")
    assert people.fail("ana", 8, "6.6.6.6") > 0
    assert people.fail("ana", 0, "10.0.0.1") == 0


def test_right_password_clears_the_count(people):
    people.create("ana", "VIEWER")
    people.fail("ana", 3)
    people.sign_in("ana", 2)
    assert people.fail("ana", 4) == 0


def test_failed_login_is_audited_and_opens_nothing(people):
    people.create("ana", "VIEWER")
    rows = people.call(
        "finish_login", p_username="ana", p_source="1.1.1.1", p_user_agent="x", p_succeeded=False, p_session=None
    )
    assert rows == []
    assert people.audited()[-1] == ("ana", "login.failed", "REFUSED")


def test_first_admin_is_made_once(people):
    token, late = hashlib.sha256(b"one").digest(), hashlib.sha256(b"two").digest()
    assert people.call("create_setup_token", db=people.owner, p_token=token)[0]["create_setup_token"]
    values = {
        "p_display_name": "Root",
        "p_password_hash": HASH,
        "p_source": None,
        "p_user_agent": None,
    }
    assert people.call("setup_open", p_token=late)[0]["setup_open"] is False

    def create(link: bytes, name: str) -> bool:
        return people.call("create_first_admin", p_token=link, p_username=name, **values)[0]["create_first_admin"]

    assert [create(late, "eve"), create(token, "root"), create(token, "eve")] == [False, True, False]
    assert people.call("create_setup_token", db=people.owner, p_token=late)[0]["create_setup_token"] is False


def test_lists_show_no_usable_hash(people):
    admin, session = people.create("root", "ADMIN"), people.create("ana", "VIEWER")
    token = hashlib.sha256(b"token").digest()
    people.call("create_api_token", p_session=session, p_token=token, p_label="bi", p_valid="30 days")
    mine = people.call("sessions_list", p_session=session)
    assert [row["session_id"] for row in mine] == [session.hex()[:16]]
    assert {row["username"] for row in people.call("sessions_list", p_session=admin)} == {"root", "ana"}
    [listed] = people.call("api_tokens_list", p_session=admin)
    people.call("revoke_api_token", p_session=session, p_token_id=listed["token_id"])
    assert people.call("check_api_token", p_token=token) == []
    assert {row["username"]: row["live_sessions"] for row in people.call("users_list", p_session=admin)} == {
        "ana": 1,
        "root": 1,
    }
    assert {row["username"] for row in people.call("people")} == {"root", "ana"}


def test_actor_of_an_event_is_never_a_claim(people):
    session = people.create("ana", "VIEWER")
    for who in (session, None, b"\0" * 32):
        people.call(
            "audit",
            p_session=who,
            p_action="page.opened",
            p_entity="/admin",
            p_outcome="REFUSED",
            p_details="{}",
            p_source=None,
            p_user_agent=None,
        )
    assert people.audited()[-3:] == [(who, "page.opened", "REFUSED") for who in ("ana", "anonymous", "anonymous")]


def test_an_office_behind_one_address_is_no_attack(people):
    for number in range(60):
        people.call("begin_login", p_username=f"n{number}", p_source="7.7.7.7")
        people.owner.execute(
            "INSERT INTO support.login_attempts (username, source, succeeded) VALUES (%(u)s, '7.7.7.7', true)",
            u=f"n{number}",
        )
    assert people.call("begin_login", p_username="newcomer", p_source="7.7.7.7")[0]["wait_seconds"] == 0
    for number in range(50):
        people.call("begin_login", p_username=f"guess{number}", p_source="7.7.7.7")
    assert people.call("begin_login", p_username="newcomer", p_source="7.7.7.7")[0]["wait_seconds"] > 0
