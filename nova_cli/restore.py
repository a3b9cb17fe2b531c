"""`nova restore`: a new home out of a backup, compared with it table by table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nova_cli.progress import Progress
from nova_resources import restore
from nova_resources.settings import load_settings


def command(
    file: Annotated[Path, typer.Argument(help="A file that nova backup wrote.")],
    verify: Annotated[bool, typer.Option(help="Compare the checksum of every table.")] = True,
) -> None:
    """Make a new home (NOVA_HOME) out of a backup; `nova up` starts it. An existing home is never touched."""
    settings, progress = load_settings(), Progress()
    with progress.stage(f"Restore {file}") as say:
        manifest = restore.restore(settings, file, say, verify=verify)
        tables = sum(len(one["tables"]) for one in manifest["databases"].values())
        rows = sum(table["rows"] for one in manifest["databases"].values() for table in one["tables"].values())
        compared = "all checksums equal" if verify else "checksums not compared"
        say(f"{tables} tables, {rows:,} rows, {len(manifest['files'])} files, {compared}")
    print(f"Home: {settings.home}, as of {manifest['made_at']}. Start it with nova up.")
