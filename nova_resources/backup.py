"""A home in one file and back: both databases, the landing folder, settings and secrets, with what proves the copy.

The file is a zip: two dumps of pg_dump (custom format), the files of the home, and `manifest.json`, written last, with
the checksum of every table as the dump saw it and of every file. Each database is dumped from one snapshot, in which
its checksums are computed too, while everybody goes on working. Files are copied after the snapshots, so that all that
the database has loaded is there; a file that landed later is new to the restored database, which loads it.

Whoever reads the file reads passwords and data: it is made readable by its owner only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import psycopg

from nova_resources.checksums import counters, whole_database
from nova_resources.embedded.postgres import wheel_programs
from nova_resources.errors import PlatformError
from nova_resources.landing import LandingZone
from nova_resources.server import role_parameters
from nova_resources.settings import SETTINGS_FILE, Settings

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 1 << 20
Say = Callable[[str], None]
# Dump by the role that owns the database; the restored one belongs to the same role.
OWNERS = {"platform": "nova_owner", "dagster": "nova_dagster"}
SESSION = "-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c extra_float_digits=1 -c statement_timeout=0"


class BackupError(PlatformError):
    """A backup that cannot be written, read or restored; the message says why and what to do."""


def databases(settings: Settings) -> dict[str, str]:
    """Name of each database by what it holds."""
    return {"platform": settings.database_name, "dagster": settings.dagster_database_name}


def write(settings: Settings, out: Path, say: Say = lambda _line: None) -> dict[str, Any]:
    """Write a backup of a home whose server runs to `out`; returns its manifest.

    Raises BackupError when `out` exists, the disk is full or pg_dump fails; nothing is left behind then.
    """
    if out.exists():
        raise BackupError(f"{out} exists; a backup is never written over another one")
    draft = out.with_name(f".{out.name}.part")
    try:
        with _private(draft) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            manifest = _fill(archive, settings, say)
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        os.link(draft, out)
    except OSError as error:
        raise BackupError(f"{out} could not be written: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return manifest


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """A new file that only its owner can read, on the disk when the block ends."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


def _fill(archive: zipfile.ZipFile, settings: Settings, say: Say) -> dict[str, Any]:
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "databases": {},
        "files": {},
    }
    for kind, name in databases(settings).items():
        manifest["databases"][kind] = _dump(archive, settings, kind, name, say)
    for member, source in _files(settings):
        manifest["files"][member] = _add(archive, member, source)
        say(f"{len(manifest['files'])} files")
    manifest["landing"] = settings.landing if _landing_folder(settings) is None else "included"
    return manifest


def _dump(archive: zipfile.ZipFile, settings: Settings, kind: str, name: str, say: Say) -> dict[str, Any]:
    """One database into the archive, and the checksums of its tables in the same snapshot.

    Sequences go on while the dump is made: it holds each as it was noted before, or further on.
    """
    parameters = role_parameters(settings, OWNERS[kind], name)
    with psycopg.connect(**parameters, options=SESSION) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        given = counters(connection)
        say(f"dump of {name}")
        command = ["pg_dump", "--format=custom", "--no-owner", "--compress=6", f"--snapshot={snapshot[0]}"]
        # Stored as it is: the dump is compressed already.
        member = zipfile.ZipInfo(f"{kind}.dump")
        with (
            archive.open(member, "w", force_zip64=True) as target,
            program(command, parameters, stdout=subprocess.PIPE) as process,
        ):
            assert process.stdout is not None
            shutil.copyfileobj(process.stdout, target, BLOCK)
        say(f"checksums of {name}")
        return {"tables": {name: asdict(one) for name, one in whole_database(connection).items()}, "counters": given}


@contextmanager
def program(command: list[str], parameters: dict[str, Any], **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program of PostgreSQL connected as `parameters` say; raises BackupError with its message when it fails."""
    names = {"user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    names |= {key: f"PG{key.upper()}" for key in ("host", "hostaddr", "port", "sslmode", "sslrootcert")}
    environment = {names[key]: str(value) for key, value in parameters.items() if key in names}
    environment |= {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    found = [str(wheel_programs() / command[0]), *command[1:]]
    with TemporaryFile() as errors:
        process = subprocess.Popen[bytes](found, env=environment, stderr=errors, **streams)
        try:
            yield process
        except BrokenPipeError:
            process.wait()  # it ended before it had read everything; its own message says why
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
        errors.seek(0)
        message = errors.read().decode(errors="replace").strip()
    if process.returncode != 0:
        raise BackupError(f"{command[0]} failed: {message}")


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """(name in the archive, file) of everything outside the databases that a home cannot be made without."""
    for path in (settings.secrets_file, settings.home / SETTINGS_FILE):
        if path.is_file():
            yield f"home/{path.name}", path
    folders = {"home/artifacts": settings.artifacts, "home/truth": settings.truth, "landing": _landing_folder(settings)}
    for prefix, folder in folders.items():
        if folder and folder.is_dir():
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    yield f"{prefix}/{path.relative_to(folder).as_posix()}", path


def _landing_folder(settings: Settings) -> Path | None:
    """The landing folder; None where extracts lie in another store, which has backups of its own."""
    root = LandingZone(settings.landing).root
    return None if "://" in root else Path(root)


def _add(archive: zipfile.ZipFile, member: str, source: Path) -> str:
    """Copy a file into the archive; returns its SHA-256."""
    digest = hashlib.sha256()
    with source.open("rb") as stream, archive.open(member, "w", force_zip64=True) as target:
        while block := stream.read(BLOCK):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()
