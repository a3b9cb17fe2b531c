"""From a backup to a home that works, and the proof that nothing is missing; see backup.py for the file.

A home is built aside and takes its name when it is whole, so that a restore that fails or is killed leaves nothing that
looks like a home. Nothing that exists is ever overwritten.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
from psycopg import sql

from nova_resources.backup import BLOCK, FORMAT, MANIFEST, OWNERS, SESSION, BackupError, Say, databases, program
from nova_resources.bootstrap_database import OLDEST_SERVER, create_database, create_roles
from nova_resources.checksums import Checksum, counters, whole_database
from nova_resources.embedded.servers import running_postgres
from nova_resources.server import admin_parameters, role_parameters
from nova_resources.settings import Settings, load_settings

# pg_restore speaks of a setting that older servers do not know.
OLDEST_TARGET = 170000


def restore(settings: Settings, file: Path, say: Say = lambda _line: None, *, verify: bool = True) -> dict[str, Any]:
    """Build the home of `settings` from a backup; returns the backup's manifest.

    With `verify` the checksum of every table is compared with the one that the backup noted; files always are. Raises
    BackupError when the home or one of its databases exists, when the file is damaged, and when a table differs.
    """
    home = settings.home
    if home.exists() and any(home.iterdir()):
        raise BackupError(f"{home} is not empty; restore into a new home: NOVA_HOME=… nova restore {file}")
    aside = home.with_name(f"{home.name}.restoring")
    with _opened(file) as archive:
        manifest = _manifest(archive, file)
        _clear(aside)
        aside.mkdir(mode=0o700, parents=True)
        _extract(archive, manifest, "home/", aside, say)
        building = load_settings(home=aside)
        landing = Path(building.landing)
        if manifest["landing"] == "included":
            if landing.is_dir() and any(landing.iterdir()):
                raise BackupError(f"{landing} is not empty; set NOVA_LANDING to a new folder")
            _extract(archive, manifest, "landing/", landing, say)
        with running_postgres(building):
            _restore_databases(archive, manifest, building, say, verify=verify)
    if home.exists():
        home.rmdir()
    aside.rename(home)
    return manifest


def _clear(aside: Path) -> None:
    """Remove what a killed restore left behind; its server, if it still runs, is stopped first."""
    if not aside.exists():
        return
    with running_postgres(load_settings(home=aside, database_url=None)):
        pass
    shutil.rmtree(aside)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError:
        raise BackupError(f"{file} does not exist") from None
    except zipfile.BadZipFile as error:
        raise BackupError(f"{file} is damaged or no backup ({error}); take another one") from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(archive.read(MANIFEST))
    except KeyError:
        raise BackupError(f"{file} was never finished: it has no {MANIFEST}; take another backup") from None
    if manifest["format"] != FORMAT:
        raise BackupError(f"{file} has format {manifest['format']}, this release reads {FORMAT}")
    return manifest


def _extract(archive: zipfile.ZipFile, manifest: dict[str, Any], prefix: str, folder: Path, say: Say) -> None:
    """Files below `prefix`, each compared with its checksum, private to their owner."""
    for member, digest in manifest["files"].items():
        if not member.startswith(prefix):
            continue
        place = PurePosixPath(member.removeprefix(prefix))
        if place.is_absolute() or ".." in place.parts:
            raise BackupError(f"{member} would lie outside of {folder}")
        target = folder / place
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.touch(mode=0o600)
        found = hashlib.sha256()
        with archive.open(member) as source, target.open("wb") as out:
            while block := source.read(BLOCK):
                found.update(block)
                out.write(block)
        if found.hexdigest() != digest:
            raise BackupError(f"{member} differs from what was backed up; take another backup")
        say(member)


def _restore_databases(
    archive: zipfile.ZipFile, manifest: dict[str, Any], settings: Settings, say: Say, *, verify: bool
) -> None:
    with psycopg.connect(**admin_parameters(settings), autocommit=True) as admin:
        if admin.info.server_version < min(OLDEST_TARGET, OLDEST_SERVER):
            raise BackupError("restore needs PostgreSQL 17 or newer, or the embedded server")
        for name in databases(settings).values():
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                raise BackupError(f"database {name} exists on this server; drop it or set NOVA_DATABASE_NAME")
        say("roles")
        create_roles(admin, settings)
        made: list[str] = []
        try:
            for kind, name in databases(settings).items():
                made.append(name)
                create_database(admin, settings, name, owner=OWNERS[kind])
                _load(archive, settings, kind, name, say)
                if verify:
                    _compare(settings, kind, name, manifest["databases"][kind], say)
        except BaseException:
            for name in made:
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            raise


def _load(archive: zipfile.ZipFile, settings: Settings, kind: str, name: str, say: Say) -> None:
    say(f"rows of {name}")
    command = ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={name}"]
    parameters = role_parameters(settings, OWNERS[kind], name)
    with (
        archive.open(f"{kind}.dump") as source,
        program(command, parameters, stdin=subprocess.PIPE) as process,
    ):
        assert process.stdin is not None
        with process.stdin:
            shutil.copyfileobj(source, process.stdin, BLOCK)


def _compare(settings: Settings, kind: str, name: str, noted: dict[str, Any], say: Say) -> None:
    say(f"checksums of {name}")
    with psycopg.connect(**role_parameters(settings, OWNERS[kind], name), options=SESSION) as connection:
        found, given = whole_database(connection), counters(connection)
    # Older backups noted sequences among the tables, as they were after the dump.
    wanted = {table: Checksum(**one) for table, one in noted["tables"].items() if table not in given}
    told = [
        f"{table}: noted {wanted.get(table)}, found {found.get(table)}"
        for table in sorted(wanted.keys() | found.keys())
        if wanted.get(table) != found.get(table)
    ]
    told += [
        f"{counter}: noted {least}, found {given.get(counter)}"
        for counter, least in noted.get("counters", {}).items()
        if given.get(counter, -1) < least
    ]
    if told:
        raise BackupError(f"{len(told)} of {len(wanted)} tables differ from what was backed up: {'; '.join(told[:5])}")
