"""Where the database server is: connection parameters of any role, embedded or external, in one place.

Belongs here: addresses only. Connections are made by postgres.py, roles and databases by bootstrap_database.py.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from psycopg.conninfo import conninfo_to_dict

from nova_resources.secrets import SUPERUSER, load_secrets
from nova_resources.settings import Settings

# What the administrator's URL says about himself; roles bring their own.
PERSONAL = ("user", "password", "dbname", "passfile", "options", "application_name")


def admin_parameters(settings: Settings) -> dict[str, Any]:
    """libpq parameters of the server's administrator, in the maintenance database."""
    if settings.database_url is None:
        password = load_secrets(settings).password(SUPERUSER)
        socket_dir = str(settings.postgres_socket_dir)
        return {"host": socket_dir, "user": SUPERUSER, "password": password, "dbname": "postgres"}
    given = {key: str(value) for key, value in conninfo_to_dict(settings.database_url.get_secret_value()).items()}
    return {"dbname": "postgres"} | given


def role_parameters(settings: Settings, role: str, database: str | None = None) -> dict[str, Any]:
    """libpq parameters of one of secrets.DATABASE_ROLES in `database` (default: the platform's)."""
    server = {key: value for key, value in admin_parameters(settings).items() if key not in PERSONAL}
    password = load_secrets(settings).password(role)
    return server | {"user": role, "password": password, "dbname": database or settings.database_name}


def url(parameters: dict[str, Any], driver: str | None = None) -> str:
    """The same as a URL; `driver` ("psycopg", "psycopg2") gives SQLAlchemy's form `postgresql+driver://`.

    The host travels as a query parameter: SQLAlchemy and libpq then agree on sockets, ports and host lists.
    """
    rest = dict(parameters)
    user, password, database = (quote(rest.pop(key, ""), safe="") for key in ("user", "password", "dbname"))
    scheme = f"postgresql+{driver}" if driver else "postgresql"
    login = f"{user}:{password}" if password else user
    return f"{scheme}://{login}@/{database}?{urlencode(rest)}"
