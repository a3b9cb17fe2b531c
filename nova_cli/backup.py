"""`nova backup`: one file from which the whole home can be made again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nova_cli.progress import Progress
from nova_resources import backup
from nova_resources.embedded.servers import running_postgres
from nova_resources.settings import load_settings


def command(out: Annotated[Path, typer.Option(help="File to write; it must not exist.")]) -> None:
    """Write databases, landing folder, settings and secrets to one file while everybody goes on working.

    The file holds the home's passwords: keep it as you keep those.
    """
    settings, progress = load_settings(), Progress()
    with running_postgres(settings), progress.stage(f"Backup to {out}") as say:
        manifest = backup.write(settings, out, say)
        tables = sum(len(one["tables"]) for one in manifest["databases"].values())
        say(f"{tables} tables, {len(manifest['files'])} files, {out.stat().st_size / 2**20:,.0f} MiB")
    if manifest["landing"] != "included":
        print(f"The landing zone {manifest['landing']} is not in it: back it up where it lies.")
