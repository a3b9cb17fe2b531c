"""`nova secrets FOLDER`: the files that docker-compose.yml (or a Kubernetes secret) gives to the processes.

The app gets a file of its own, with the password of its own database role and nothing else of the database's.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from nova_resources.errors import PlatformError
from nova_resources.secrets import SUPERUSER, new_secrets

# The user in our images, who must be able to read them.
CONTAINER_USER = 10001
APP_ROLE = "nova_app"


def command(
    folder: Annotated[Path, typer.Argument(help="New folder, such as deploy/secrets.")],
    postgres: Annotated[str, typer.Option(help="host:port of PostgreSQL, as the processes see it.")] = "postgres:5432",
    redis: Annotated[str, typer.Option(help="host:port of Redis, as the processes see it.")] = "redis:6379",
) -> None:
    """Make random passwords and keys for a deployment, one file for each process that needs them.

    Refuses to touch a folder that exists. Run as root it gives the files to the user of the containers.
    """
    if folder.exists():
        raise PlatformError(f"{folder} exists; secrets are never overwritten, name a new folder")
    write_files(folder, postgres, redis)
    print(f"Secrets for {postgres} and {redis} are in {folder}; keep a copy of it where your passwords are.")
    if os.geteuid() != 0:
        print(f"The containers' user must own them: sudo chown {CONTAINER_USER} {folder}/*")
    print(f"Put the certificate of the platform's address there too: {folder}/tls.crt and {folder}/tls.key")


def write_files(folder: Path, postgres: str, redis: str) -> None:
    """The files of a new deployment, readable by their owner only."""
    every = new_secrets()
    superuser, of_redis = every["passwords"][SUPERUSER], secrets.token_urlsafe(24)
    app = every | {"passwords": {APP_ROLE: every["passwords"][APP_ROLE]}}
    files = {
        "postgres_password": superuser,
        "redis_password": of_redis,
        "nova_database_url": f"postgresql://{SUPERUSER}:{superuser}@{postgres}/postgres",
        "nova_redis_url": f"redis://:{of_redis}@{redis}/0",
        "pipeline.json": json.dumps(every, indent=2),
        "app.json": json.dumps(app, indent=2),
    }
    folder.mkdir(mode=0o700, parents=True)
    for name, content in files.items():
        path = folder / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
        if os.geteuid() == 0:
            os.chown(path, CONTAINER_USER, -1)
