"""Accounts from the command line, and the steps of a first start, on a real database."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova_cli import access
from nova_cli.data_steps import COMPUTE, DEMO, LOAD, PEOPLE, first_steps
from nova_resources.postgres import Database
from nova_resources.settings import Settings
from streamlit_app.access.passwords import check_password


def test_a_new_account_has_a_password_that_works_and_is_shown_once(settings: Settings) -> None:
    password = access.create_user(settings, "Maria", "Maria Souza", "ANALYST")
    rows = Database(settings, role="nova_owner").rows("SELECT username, password_hash, role FROM support.users")
    assert [(row["username"], row["role"]) for row in rows] == [("maria", "ANALYST")]
    assert check_password(password, rows[0]["password_hash"])


def test_demo_accounts_are_made_once_for_each_role(settings: Settings) -> None:
    made = access.create_demo_users(settings)
    assert [person["role"] for person in made] == ["ADMIN", "ANALYST", "VIEWER"]
    assert len({person["password"] for person in made}) == 3
    assert access.create_demo_users(settings) == []


def test_a_refusal_of_the_database_is_told_in_words(settings: Settings) -> None:
    access.create_user(settings, "maria", "", "ADMIN")
    with pytest.raises(access.AccessError, match="exists already"):
        access.create_user(settings, "maria", "", "ADMIN")
    with pytest.raises(access.AccessError, match="last active ADMIN"):
        access.set_active(settings, "maria", active=False)
    with pytest.raises(access.AccessError, match="no such user"):
        access.reset_password(settings, "joana")


def test_the_first_link_is_given_until_there_is_an_admin(settings: Settings) -> None:
    link = access.new_setup_link(settings)
    assert link and link.startswith(f"{settings.app_url}/configurar?token=")
    access.create_user(settings, "maria", "", "ADMIN")
    assert access.new_setup_link(settings) is None


def test_an_empty_home_gets_the_demo_and_one_with_extracts_never_does(settings: Settings) -> None:
    assert first_steps(settings, demo=True) == [DEMO, LOAD, COMPUTE, PEOPLE]
    assert first_steps(settings, demo=False) == []
    feed = Path(settings.landing) / "demand"
    feed.mkdir(parents=True)
    (feed / "2026-01-01.csv").touch()
    assert first_steps(settings, demo=True) == [LOAD, COMPUTE]


def test_a_rotation_of_keys_loses_no_second_factor(settings: Settings) -> None:
    from streamlit_app.access import second_factor
    from streamlit_app.data.database import AppDatabase, use_database

    access.create_user(settings, "maria", "", "ADMIN")
    owner = Database(settings, role="nova_owner")
    use_database(AppDatabase(settings))
    try:
        secret = second_factor.new_secret()
        insert = "INSERT INTO support.second_factors (user_id, secret) SELECT user_id, %(s)s FROM support.users"
        owner.execute(insert, s=second_factor.seal(secret))
        for _ in range(3):
            assert access.rotate_keys(settings) == (1, 0)
        kept = owner.rows("SELECT secret FROM support.second_factors")[0]["secret"]
        assert second_factor.unseal(kept) == secret
    finally:
        use_database(None)
    actions = owner.rows("SELECT actor, action FROM support.audit_logs ORDER BY audit_id DESC LIMIT 1")
    assert actions == [{"actor": "cli", "action": "keys.rotated"}]
    access.reset_second_factor(settings, "maria")
    with pytest.raises(access.AccessError, match="no second factor"):
        access.reset_second_factor(settings, "maria")
