"""From a bare PostgreSQL server to one that the platform can use: roles, databases, migrations. Safe to repeat.

Belongs here: what must exist before the first migration and is shared by the whole server. Tables, their grants and
functions are migrations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from nova_resources.errors import PlatformError
from nova_resources.secrets import DATABASE_ROLES, load_secrets
from nova_resources.server import admin_parameters, role_parameters, url
from nova_resources.settings import CHECKOUT, Settings

OLDEST_SERVER = 150000
# Any fixed number: two starts of the platform on one server take turns.
BOOTSTRAP_LOCK = 6_681_001


@dataclass(frozen=True)
class RoleLimits:
    """What a role may hold up: its connections and, by name of the server setting, its times."""

    connections: int
    timeouts: dict[str, str]


def _limits(connections: int, statement: str, lock: str, idle_in_transaction: str) -> RoleLimits:
    timeouts = {
        "statement_timeout": statement,
        "lock_timeout": lock,
        "idle_in_transaction_session_timeout": idle_in_transaction,
    }
    return RoleLimits(connections, timeouts)


ROLE_LIMITS = {
    "nova_owner": _limits(10, statement="30min", lock="10s", idle_in_transaction="5min"),
    # A window's transaction stays open while its rows are computed and sent.
    "nova_etl": _limits(25, statement="30min", lock="60s", idle_in_transaction="30min"),
    "nova_app": _limits(20, statement="10s", lock="3s", idle_in_transaction="30s"),
    "nova_ro": _limits(10, statement="60s", lock="3s", idle_in_transaction="60s"),
    "nova_dagster": _limits(30, statement="60s", lock="30s", idle_in_transaction="5min"),
}


class BootstrapError(PlatformError):
    """The server cannot serve the platform; the message says why."""


def bootstrap(settings: Settings, say: Callable[[str], None] = lambda _line: None) -> str:
    """Create or mend roles and databases, then migrate to the newest revision; returns that revision.

    `say` receives one line per step. Raises BootstrapError when the server is too old.
    """
    with psycopg.connect(**admin_parameters(settings), autocommit=True) as admin:
        if admin.info.server_version < OLDEST_SERVER:
            raise BootstrapError(
                f"PostgreSQL 15 or newer is needed, this server is {admin.info.server_version // 10000}"
            )
        admin.execute("SELECT pg_advisory_lock(%s)", (BOOTSTRAP_LOCK,))
        say("roles")
        create_roles(admin, settings)
        say("databases")
        create_database(admin, settings, settings.database_name, owner="nova_owner")
        create_database(admin, settings, settings.dagster_database_name, owner="nova_dagster")
        say("migrations")
        return migrate(settings)


def create_roles(admin: psycopg.Connection, settings: Settings) -> None:
    """The five roles with this home's passwords and each role's limits."""
    secrets = load_secrets(settings)
    is_superuser = admin.info.parameter_status("is_superuser") == "on"
    known = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles").fetchall()}
    for role in DATABASE_ROLES:
        name, limits = sql.Identifier(role), ROLE_LIMITS[role]
        if role not in known:
            admin.execute(sql.SQL("CREATE ROLE {}").format(name))
        # Hashed here: a password in clear would reach the server's log if the statement failed.
        verifier = admin.pgconn.encrypt_password(secrets.password(role).encode(), role.encode(), b"scram-sha-256")
        statement = sql.SQL("ALTER ROLE {} WITH LOGIN NOCREATEROLE CONNECTION LIMIT {} PASSWORD {}")
        admin.execute(statement.format(name, sql.Literal(limits.connections), sql.Literal(verifier.decode())))
        for setting, value in limits.timeouts.items():
            statement = sql.SQL("ALTER ROLE {} SET {} = {}")
            admin.execute(statement.format(name, sql.Identifier(setting), sql.Literal(value)))
        if is_superuser:
            admin.execute(sql.SQL("ALTER ROLE {} WITH NOSUPERUSER NOCREATEDB NOBYPASSRLS NOREPLICATION").format(name))
        else:
            # He may not speak of those rights at all, and must be a member before he can give a role a database.
            admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))


def create_database(
    admin: psycopg.Connection, settings: Settings, database: str, *, owner: str, template: str = "template0"
) -> None:
    """One database, closed to everybody but the platform's roles, in the business time zone.

    Dagster's is in UTC: it lets the server fill timestamps without zone and reads them as UTC.
    """
    timezone = settings.timezone if owner == "nova_owner" else "UTC"
    name = sql.Identifier(database)
    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone() is None:
        statement = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE {}")
        admin.execute(statement.format(name, sql.Identifier(owner), sql.Identifier(template)))
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    members = [role for role in DATABASE_ROLES if role != "nova_dagster"] if owner == "nova_owner" else [owner]
    roles = sql.SQL(", ").join(map(sql.Identifier, members))
    admin.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, roles))
    admin.execute(sql.SQL("ALTER DATABASE {} SET timezone = {}").format(name, sql.Literal(timezone)))


def migrate(settings: Settings) -> str:
    """Bring the platform's database to the newest revision as nova_owner; returns it."""
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config(settings)
    command.upgrade(config, "head")
    return ScriptDirectory.from_config(config).get_current_head() or ""


def alembic_config(settings: Settings):  # noqa: ANN201 - alembic is imported only by those who migrate
    """Alembic's configuration without an ini file; the URL is that of nova_owner."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(CHECKOUT / "migrations"))
    address = url(role_parameters(settings, "nova_owner"), driver="psycopg")
    config.set_main_option("sqlalchemy.url", address.replace("%", "%%"))
    config.attributes["settings"] = settings
    return config
