"""A backup is the whole home, and a restore says so only when it is true."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from nova_resources import backup, restore
from nova_resources.bootstrap_database import bootstrap, migrate
from nova_resources.embedded.servers import running_postgres
from nova_resources.postgres import Database
from nova_resources.server import role_parameters
from nova_resources.settings import Settings, load_settings

PEOPLE = "SELECT username, role FROM support.users"


@dataclass
class Home:
    """A home whose server runs, and its backup."""

    settings: Settings
    file: Path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("backup")
    settings = load_settings(home=folder / "home")
    with running_postgres(settings):
        bootstrap(settings)
        Database(settings, "nova_owner").execute(
            "INSERT INTO support.users (username, display_name, password_hash, role)"
            " VALUES ('ana', 'Ana', 'x', 'ADMIN')"
        )
        with psycopg.connect(**role_parameters(settings, "nova_dagster", "nova_dagster")) as connection:
            connection.execute("CREATE TABLE public.runs AS SELECT g AS run FROM generate_series(1, 1000) g")
        (settings.home / "settings.toml").write_text('history_start = "2024-05-01"\n', "utf-8")
        landed = Path(settings.landing) / "demand" / "2024-05-01.csv"
        landed.parent.mkdir(parents=True)
        landed.write_text("date,item_code,site_code,quantity\n", "utf-8")
        file = folder / "home.nova"
        backup.write(settings, file)
        yield Home(settings, file)


def test_a_restored_home_is_the_one_that_was_backed_up(home, tmp_path):
    manifest = restore.restore(load_settings(home=tmp_path / "new"), home.file)
    assert manifest["databases"]["dagster"]["tables"]["public.runs"]["rows"] == 1000
    restored = load_settings(home=tmp_path / "new")
    assert str(restored.history_start) == "2024-05-01"
    assert (Path(restored.landing) / "demand" / "2024-05-01.csv").read_bytes().startswith(b"date,")
    assert restored.secrets_file.read_bytes() == home.settings.secrets_file.read_bytes()
    with running_postgres(restored):
        assert Database(restored, "nova_owner").rows(PEOPLE) == [{"username": "ana", "role": "ADMIN"}]
        assert Database(restored, "nova_app").rows("SELECT count(*) AS items FROM core.dim_item") == [{"items": 0}]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            Database(restored, "nova_app").execute("DELETE FROM core.dim_item")
        migrate(restored)
    with pytest.raises(backup.BackupError, match="not empty"):
        restore.restore(restored, home.file)


def test_only_the_owner_can_read_it_and_none_is_written_over(home):
    assert home.file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(backup.BackupError, match="exists"):
        backup.write(home.settings, home.file)


def test_a_damaged_file_leaves_no_home_behind(home, tmp_path):
    damaged = tmp_path / "damaged.nova"
    damaged.write_bytes(home.file.read_bytes())
    with zipfile.ZipFile(home.file) as archive:
        begins = archive.getinfo("platform.dump").header_offset
    with damaged.open("r+b") as file:
        file.seek(begins + 20_000)
        file.write(os.urandom(64))
    with pytest.raises(backup.BackupError):
        restore.restore(load_settings(home=tmp_path / "new"), damaged)
    assert not (tmp_path / "new").exists()
    assert "new" not in [path.name for path in tmp_path.iterdir()]
    # The next try clears what this one left and succeeds.
    restore.restore(load_settings(home=tmp_path / "new"), home.file)


def forge(home: Home, folder: Path, was: bytes, told: bytes) -> Path:
    """The backup with another word in its manifest."""
    forged = folder / "forged.nova"
    with zipfile.ZipFile(home.file) as source, zipfile.ZipFile(forged, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == backup.MANIFEST:
                content = content.replace(was, told)
            target.writestr(member, content)
    return forged


def test_a_table_that_differs_is_named(home, tmp_path):
    forged = forge(home, tmp_path, b'"rows": 1000,', b'"rows": 1001,')
    with pytest.raises(backup.BackupError, match=r"1 of .* tables differ.*public\.runs"):
        restore.restore(load_settings(home=tmp_path / "new"), forged)
    assert not (tmp_path / "new").exists()


def test_numbers_that_are_given_while_the_dump_is_made_are_no_difference(home, tmp_path, monkeypatch):
    """A publish that ends between dump and checksums: its rows are in neither, its number is spent."""
    spend = "SELECT nextval(pg_get_serial_sequence('support.users', 'user_id')) AS number"
    owner, sums = Database(home.settings, "nova_owner"), backup.whole_database

    def meanwhile(connection):
        owner.rows(spend)
        return sums(connection)

    monkeypatch.setattr(backup, "whole_database", meanwhile)
    manifest = backup.write(home.settings, tmp_path / "busy.nova")
    restore.restore(load_settings(home=tmp_path / "new"), tmp_path / "busy.nova")
    counted = manifest["databases"]["platform"]["counters"]
    assert counted["support.users_user_id_seq"] == 1, "the one person that there is"


def test_a_sequence_that_would_give_a_number_twice_is_named(home, tmp_path):
    forged = forge(home, tmp_path, b'"support.users_user_id_seq": 1', b'"support.users_user_id_seq": 2')
    with pytest.raises(backup.BackupError, match=r"users_user_id_seq: noted 2, found 1"):
        restore.restore(load_settings(home=tmp_path / "new"), forged)


def test_what_was_never_finished_is_no_backup(home, tmp_path):
    half = tmp_path / "half.nova"
    half.write_bytes(home.file.read_bytes()[: home.file.stat().st_size // 2])
    with pytest.raises(backup.BackupError, match="damaged or no backup"):
        restore.restore(load_settings(home=tmp_path / "new"), half)
    with pytest.raises(backup.BackupError, match="does not exist"):
        restore.restore(load_settings(home=tmp_path / "new"), tmp_path / "nothing")


def test_a_full_disk_leaves_nothing_that_looks_like_a_backup(home, tmp_path, monkeypatch):
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_add", full)
    with pytest.raises(backup.BackupError, match="No space left"):
        backup.write(home.settings, tmp_path / "full.nova")
    assert list(tmp_path.iterdir()) == []
