"""Fixtures shared by every test: one real PostgreSQL for the session, a fresh migrated database for each test.

`settings`, `database` give a test its own home and its own copy of the migrated template database; nothing is shared
but the server. The server is the embedded one in a temporary home; or one of another release, made for these tests from
the programs in NOVA_TEST_POSTGRES (over TCP, with SCRAM); or the one that NOVA_TEST_DATABASE_URL, an administrator's
URL, names: by one process only, since roles and their passwords belong to the whole server.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from nova_resources.settings import Settings, load_settings

PREFIX = f"nova_test_{os.getpid()}"
TEMPLATE = f"{PREFIX}_template"
NewPlatform = Callable[[Path], AbstractContextManager[Settings]]
_numbers = count(1)
MAIN = sys.modules["__main__"]
# Speed only: a test that needs a crash-safe server starts its own.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}

# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis_settings.register_profile("nova", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("nova")


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """A developer's NOVA_* variables must not reach the tests; their own home least of all."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("NOVA_") and not name.startswith("NOVA_TEST_")]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _main_module() -> Iterator[None]:
    """Streamlit's AppTest leaves its script as `__main__`, in a fixture of the session too; every spawned process would
    then run it."""
    sys.modules["__main__"] = MAIN
    yield
    sys.modules["__main__"] = MAIN


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of the session's server, whose `database_url` is the administrator's; no database of ours on it yet."""
    home = tmp_path_factory.mktemp("server", numbered=False)
    external = os.environ.get("NOVA_TEST_DATABASE_URL")
    if external:
        yield load_settings(home=home, database_url=external)
        return
    if programs := os.environ.get("NOVA_TEST_POSTGRES"):
        from tests.throwaway_postgres import throwaway_postgres

        options = FORGETFUL | {"max_connections": "100", "jit": "off"}
        with throwaway_postgres(Path(programs), tmp_path_factory.mktemp("throwaway"), options) as made:
            yield load_settings(home=home, database_url=made)
        return
    from nova_resources.embedded.postgres import EmbeddedPostgres
    from nova_resources.server import admin_parameters, url

    embedded = load_settings(home=home)
    postgres = EmbeddedPostgres(embedded, tuning=FORGETFUL)
    postgres.start()
    try:
        yield load_settings(home=home, database_url=url(admin_parameters(embedded)))
    finally:
        postgres.stop()


@pytest.fixture(scope="session")
def template(server: Settings) -> Iterator[Settings]:
    """The session's server with one migrated database that is only ever copied."""
    from nova_resources.bootstrap_database import bootstrap

    names = {"database_name": TEMPLATE, "dagster_database_name": f"{PREFIX}_dagster"}
    settings = server.model_copy(update=names)
    bootstrap(settings)
    yield settings
    for name in names.values():
        drop_database(settings, name)


@pytest.fixture(scope="session")
def new_platform(template: Settings) -> NewPlatform:
    """A function that gives a home (a folder to be made) its own migrated, empty database on the session's server."""
    from nova_resources.bootstrap_database import create_database
    from nova_resources.server import admin_parameters

    @contextlib.contextmanager
    def make(home: Path) -> Iterator[Settings]:
        home.mkdir(mode=0o700)
        # Roles belong to the whole server: every home on it must know the same passwords.
        shutil.copy(template.secrets_file, home / "secrets.json")
        name = f"{PREFIX}_{next(_numbers)}"
        private = load_settings(
            home=home,
            database_url=template.database_url,
            database_name=name,
            dagster_database_name=template.dagster_database_name,
        )
        with psycopg.connect(**admin_parameters(private), autocommit=True) as admin:
            create_database(admin, private, name, owner="nova_owner", template=TEMPLATE)
        try:
            yield private
        finally:
            drop_database(private, name)

    return make


@pytest.fixture
def settings(new_platform: NewPlatform, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a private home and a private, migrated, empty database on the session's server."""
    with new_platform(tmp_path / "home") as private:
        yield private


@pytest.fixture
def database(settings: Settings):
    """Database of this test in the role that the assets use; other roles: `Database(settings, role=...)`."""
    from nova_resources.postgres import Database

    return Database(settings, role="nova_etl")


def drop_database(settings: Settings, name: str) -> None:
    """Drop a database and whoever is still connected to it."""
    from nova_resources.server import admin_parameters

    with psycopg.connect(**admin_parameters(settings), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
