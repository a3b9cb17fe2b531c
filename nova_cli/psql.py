"""`nova psql`: an SQL shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Annotated

import typer

from nova_resources.embedded.postgres import wheel_programs
from nova_resources.embedded.servers import running_postgres
from nova_resources.errors import PlatformError
from nova_resources.secrets import DATABASE_ROLES, SUPERUSER
from nova_resources.server import admin_parameters, role_parameters
from nova_resources.settings import load_settings

PASSES_OPTIONS_ON = True
VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


def command(
    arguments: Annotated[list[str] | None, typer.Argument(help="For psql itself.")] = None,
    role: Annotated[str, typer.Option(help=f"One of {', '.join((*DATABASE_ROLES, SUPERUSER))}.")] = "nova_ro",
) -> None:
    """An SQL shell on the platform's database, read-only unless another role is asked for."""
    settings = load_settings()
    if role == SUPERUSER:
        parameters = admin_parameters(settings) | {"dbname": settings.database_name}
    elif role in DATABASE_ROLES:
        database = settings.dagster_database_name if role == "nova_dagster" else None
        parameters = role_parameters(settings, role, database)
    else:
        raise typer.BadParameter(f"no role {role}; there are {', '.join((*DATABASE_ROLES, SUPERUSER))}")
    program = shutil.which("psql") if settings.database_url else str(wheel_programs() / "psql")
    if program is None:
        raise PlatformError("psql is not installed on this machine; install the PostgreSQL client")
    # In the environment the password is out of the process list.
    environment = {VARIABLES.get(key, f"PG{key.upper()}"): str(value) for key, value in parameters.items()}
    with running_postgres(settings):
        done = subprocess.run([program, *(arguments or [])], env=os.environ | environment, check=False)
    sys.exit(done.returncode)
