"""The world around the pipeline goes wrong: disk, network, locks, clock, files, and other runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import polars as pl
import psycopg
import pytest
from conftest import WHOLE
from psycopg import sql
from world import World

from nova_assets.staging.load import load_landing
from nova_cli import doctor
from nova_resources.bootstrap_database import bootstrap
from nova_resources.landing import FileError
from nova_resources.postgres import Database
from nova_resources.server import admin_parameters

# The first one may have to build the home, which takes minutes where others are at work.
pytestmark = pytest.mark.timeout(1200)
Circumstance = Callable[[World], contextlib.AbstractContextManager[None]]


@contextlib.contextmanager
def connection_refused(world: World) -> Iterator[None]:
    """The database server is down."""
    world.server.stop()
    yield
    world.server.start()


@contextlib.contextmanager
def statement_timeout(world: World) -> Iterator[None]:
    """The server ends every statement of the pipeline after a millisecond."""
    with role_setting(world, "statement_timeout", "1ms"):
        yield


@contextlib.contextmanager
def lock_wait(world: World) -> Iterator[None]:
    """Somebody keeps the month of the fact locked, longer than the pipeline waits."""
    with role_setting(world, "lock_timeout", "500ms"), Database(world.settings, "nova_owner").connect() as connection:
        connection.execute("LOCK TABLE core.fact_demand_daily, staging.demand IN ACCESS EXCLUSIVE MODE")
        yield


@contextlib.contextmanager
def role_setting(world: World, name: str, value: str) -> Iterator[None]:
    with psycopg.connect(**admin_parameters(world.settings), autocommit=True) as admin:
        text = sql.SQL("ALTER ROLE nova_etl SET {} = {}")
        admin.execute(text.format(sql.Identifier(name), sql.Literal(value)))
        try:
            yield
        finally:
            bootstrap(world.settings)  # the role's own times again


SHORT = ("statement timeout",)
# The rest of the suite is for nova test --faults.
whole = pytest.mark.skipif(not WHOLE, reason="the whole suite: nova test --faults")
FAILING: dict[str, Circumstance] = {
    "connection refused": connection_refused,
    "statement timeout": statement_timeout,
    "lock wait": lock_wait,
}


@pytest.mark.parametrize(
    "fault", [(name, "run") for name in FAILING if WHOLE or name == "statement timeout"], ids="-".join
)
def test_a_run_that_cannot_go_on_fails_whole(world: World, fault: tuple[str, str]) -> None:
    world.correct()
    with FAILING[fault[0]](world):
        assert world.order("run").codes == [1]
        world.told(fault[0])
    world.recover()
    world.verify()


@pytest.mark.parametrize("fault", [("two runs of the same windows at once", "run")], ids="-".join)
def test_two_runs_of_the_same_windows(world: World, fault: tuple[str, str]) -> None:
    world.correct()
    assert world.order("run", copies=2).codes == [0, 0]
    world.verify()


@pytest.mark.parametrize("fault", [("deploy in the middle of a run", "run")], ids="-".join)
@pytest.mark.parametrize(
    "point", ["publish.before_commit", "load.before_commit"] if WHOLE else ["publish.before_commit"]
)
def test_deploy_in_the_middle_of_a_run(world: World, fault: tuple[str, str], point: str) -> None:
    """A second start migrates and sets roles and rights again while a run stands in its transaction."""
    world.correct()
    outcome = world.order("run", env={"NOVA_STOP_AT": point}, at_stop=lambda: deploy(world))
    assert (outcome.stops, outcome.codes) == (1, [0])
    world.verify()


def deploy(world: World) -> None:
    """New code before its migration, which the doctor tells, and after it."""
    owner = Database(world.settings, "nova_owner")
    (revision,) = owner.rows("SELECT version_num AS head FROM support.alembic_version")
    owner.execute("UPDATE support.alembic_version SET version_num = 'of the release before'")
    try:
        world.told("deploy in the middle of a run")
    finally:
        owner.execute("UPDATE support.alembic_version SET version_num = %(head)s", **revision)
    bootstrap(world.settings)


@pytest.mark.parametrize("days", [40, -3][: None if WHOLE else 1])
@pytest.mark.parametrize("fault", [("clock jump", "run")], ids="-".join)
def test_clock_jump(world: World, fault: tuple[str, str], days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a wrong clock rows may be refused as too late, never lost: the right clock brings them back."""

    class Jumped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(days=days)

    world.correct()
    world.order("run", today=str(world.settings.today() + timedelta(days=days)))
    with monkeypatch.context() as here:
        here.setattr(doctor, "datetime", Jumped)
        world.told(fault[0])
    world.recover()
    world.verify()


@pytest.mark.parametrize("fault", [("read-only landing folder", "run")], ids="-".join)
def test_read_only_landing_folder(world: World, fault: tuple[str, str], tmp_path: Path) -> None:
    """Loading only reads it. Taking a file over says what is wrong, and the next load completes it."""
    with read_only(Path(world.settings.landing)):
        world.told(fault[0])
        world.green("run")
        foreign = tmp_path / "demand" / f"{world.first}_late.csv"
        foreign.parent.mkdir()
        foreign.write_bytes(world.versions[0].splitlines(keepends=True)[0])
        with pytest.raises(FileError, match="cannot be written"):
            load(world, tmp_path)
    load(world, tmp_path)
    kept = Path(world.settings.landing) / "demand" / foreign.name
    assert kept.read_bytes() == foreign.read_bytes()
    world.verify()


@whole
@pytest.mark.parametrize("fault", [("duplicate and out-of-order files", "files")], ids="-".join)
def test_duplicate_and_late_files(world: World, fault: tuple[str, str]) -> None:
    """The same bytes again, in any order of names and times, are the same rows."""
    files = sorted((Path(world.settings.landing) / "demand").glob("*.csv"))[:12]
    for number, path in enumerate(reversed(files)):
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        os.utime(path, (number, number))
    before = Database(world.settings, "nova_owner").rows("SELECT count(*) AS rows FROM staging.demand")
    report = load(world, Path(world.settings.landing))
    assert report.rows_in == 0
    assert Database(world.settings, "nova_owner").rows("SELECT count(*) AS rows FROM staging.demand") == before
    world.verify()


@pytest.mark.parametrize("fault", [("truncated Parquet", "files")], ids="-".join)
def test_truncated_parquet(world: World, fault: tuple[str, str]) -> None:
    """A file cut short is refused whole, by name, and stops nobody else; the file that follows it is taken."""
    day = world.month_end
    path = Path(world.settings.landing) / "demand" / f"{day}_cut.parquet"
    lines = pl.read_csv(world.corrected, infer_schema=False, separator=";")
    lines.write_parquet(path)
    content = path.read_bytes()
    for length in (0, 4, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        report = load(world, Path(world.settings.landing))
        assert [problem for problem in report.problems if path.name in problem]
        world.told(fault[0])
        world.verify_database()
    # What follows it has no rows: those of the others are all that the reference knows.
    lines.head(0).write_parquet(path)
    assert load(world, Path(world.settings.landing)).problems == []
    world.verify()


@whole
@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk to fill")
@pytest.mark.parametrize("fault", [("disk full", "PostgreSQL")], ids="-".join)
def test_disk_full(fault: tuple[str, str], tmp_path: Path) -> None:
    """Nothing is lost when the disk fills in the middle of a run, and all goes on when there is room again."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    small = World(disk / "home", {"max_wal_size": "64MB", "min_wal_size": "32MB"})
    try:
        small.build()
        filler = disk / "filler"
        for spare in (8 << 20, 1 << 20, 0):
            small.correct()
            fill(filler, leaving=spare)
            small.order("run")
            small.told(fault[0])
            filler.unlink()
            small.recover()
            small.verify()
    finally:
        small.close()
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(filler: Path, leaving: int) -> None:
    """Take all of the disk but `leaving` bytes."""
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(shutil.disk_usage(filler.parent).free - leaving, 1))


def load(world: World, path: Path):
    return load_landing(Database(world.settings), world.settings, path=str(path), run_id="fault test")


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody can write below the folder: for root, whom no mode stops, by a mount."""
    if os.geteuid() != 0:
        modes = {path: path.stat().st_mode for path in (folder, *(p for p in folder.rglob("*") if p.is_dir()))}
        for path in modes:
            path.chmod(0o555)
        yield
        for path, mode in modes.items():
            path.chmod(mode)
        return
    done = subprocess.run(["mount", "--bind", str(folder), str(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no folder can be made read-only for root here: {done.stderr.strip()}")
    subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
