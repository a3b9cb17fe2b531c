"""Accounts, as the machine's owner manages them: through the same database functions as the app, recorded as `cli`.

Passwords are made here, shown once and kept nowhere but as a hash.
"""

from __future__ import annotations

import secrets
from typing import Any

import psycopg

from nova_resources.errors import PlatformError
from nova_resources.postgres import Database
from nova_resources.settings import Settings
from nova_resources.sql_library import sql

ROLES = ("ADMIN", "ANALYST", "VIEWER")
DEMO_USERS = (
    ("demo.admin", "Administração (demonstração)", "ADMIN"),
    ("demo.analista", "Análise (demonstração)", "ANALYST"),
    ("demo.leitura", "Leitura (demonstração)", "VIEWER"),
)
PASSWORD_BYTES = 15
# What the database functions answer, in words for whoever typed the command.
REFUSALS = {
    "user_unknown": "there is no such user",
    "user_exists": "this user exists already",
    "username_invalid": "a user name has 2 to 64 of a-z, 0-9 and . - _ @, and starts with a letter or digit",
    "value_invalid": f"the role is one of {', '.join(ROLES)}",
    "second_factor_absent": "this user has no second factor",
    "last_admin": "this is the last active ADMIN: make another one first",
}


class AccessError(PlatformError):
    """The database refused a change of accounts."""


def new_setup_link(settings: Settings) -> str | None:
    """A new one-time link that creates the first ADMIN; None when there is an ADMIN. Earlier links stop working."""
    from streamlit_app.access.tokens import digest, new_token

    token = new_token()
    created = _call(settings, "setup_link", token=digest(token))[0]["created"]
    return f"{settings.front_url}/configurar?token={token}" if created else None


def create_user(
    settings: Settings, username: str, display_name: str, role: str, email: str | None = None, *, demo: bool = False
) -> str:
    """Open an account with a random password, which is returned."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    _call(
        settings,
        "user_create",
        username=username,
        display_name=display_name,
        email=email,
        password_hash=_hash(password),
        role=role,
        demo=demo,
    )
    return password


def create_demo_users(settings: Settings) -> list[dict[str, str]]:
    """The accounts of a demo home, one per role; only those that this call made, with their passwords."""
    known = {row["username"] for row in list_users(settings)}
    return [
        {"username": name, "role": role, "password": create_user(settings, name, title, role, demo=True)}
        for name, title, role in DEMO_USERS
        if name not in known
    ]


def list_users(settings: Settings) -> list[dict[str, Any]]:
    return _call(settings, "user_list")


def reset_password(settings: Settings, username: str) -> str:
    """Give somebody a new random password, which is returned, and end his sessions."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    _call(settings, "user_password", username=username, password_hash=_hash(password))
    return password


def set_role(settings: Settings, username: str, role: str) -> None:
    _call(settings, "user_role", username=username, role=role)


def set_active(settings: Settings, username: str, *, active: bool) -> None:
    _call(settings, "user_active", username=username, active=active)


def reset_second_factor(settings: Settings, username: str) -> None:
    """Take somebody's second factor away and end his sessions."""
    _call(settings, "totp_reset", username=username)


def rotate_keys(settings: Settings) -> tuple[int, int]:
    """A new app secret, and every second factor sealed with it; how many were, and how many no key of ours opens."""
    from nova_resources.secrets import rotate_app_secret
    from streamlit_app.access.second_factor import reseal

    kept = rotate_app_secret(settings)
    database = Database(settings, role="nova_owner")
    people = _call(settings, "totp_secrets")
    renewed = {person["user_id"]: (person["secret"], reseal(person["secret"], kept)) for person in people}
    for user_id, (old, new) in renewed.items():
        if new is not None:
            database.execute(sql("cli/totp_reseal"), user_id=user_id, old=old, new=new)
    database.rows(sql("app/audit"), **_rotation(len(people)))
    lost = sum(new is None for _, new in renewed.values())
    return len(people) - lost, lost


def _rotation(people: int) -> dict[str, Any]:
    from psycopg.types.json import Jsonb

    unknown = dict.fromkeys(("session", "entity", "source", "user_agent"))
    return unknown | {"action": "keys.rotated", "outcome": "DONE", "details": Jsonb({"second_factors": people})}


def _hash(password: str) -> str:
    from streamlit_app.access.passwords import hash_password

    return hash_password(password)


def _call(settings: Settings, name: str, **parameters: Any) -> list[dict[str, Any]]:
    try:
        return Database(settings, role="nova_owner").rows(sql(f"cli/{name}"), **parameters)
    except psycopg.DatabaseError as error:
        reason = REFUSALS.get(error.diag.message_primary or "")
        if reason is None:
            raise
        raise AccessError(reason) from error
