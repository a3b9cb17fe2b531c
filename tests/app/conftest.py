"""The sample company in one database for all tests of the app, with a person and a session of each role."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import bcrypt
import psycopg
import pytest
import streamlit as st

from nova_resources.bootstrap_database import create_database
from nova_resources.postgres import Database
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings, load_settings
from streamlit_app.access import sessions
from streamlit_app.data.database import AppDatabase, use_database
from tests.app import sample
from tests.conftest import PREFIX, TEMPLATE, drop_database

PASSWORD = "uma frase longa 7"
# The least cost that bcrypt knows: hundreds of tests sign in, one reads the product's own hashes.
QUICK_HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
PEOPLE = {"ADMIN": ("ana", "Ana Souza"), "ANALYST": ("bruno", "Bruno Lima"), "VIEWER": ("carla", "Carla Dias")}


@dataclass(frozen=True)
class Company:
    """Settings of the filled database; its people by role all have PASSWORD."""

    settings: Settings

    def owner(self) -> Database:
        return Database(self.settings, role="nova_owner")


def fill_company(template: Settings, home, name: str) -> Settings:
    """A copy of the migrated template with the sample and three people."""
    home.mkdir(mode=0o700)
    shutil.copy(template.secrets_file, home / "secrets.json")
    settings = load_settings(
        home=home,
        database_url=template.database_url,
        database_name=name,
        dagster_database_name=template.dagster_database_name,
    )
    with psycopg.connect(**admin_parameters(settings), autocommit=True) as admin:
        create_database(admin, settings, name, owner="nova_owner", template=TEMPLATE)
    sample.fill(settings)
    with Database(settings, role="nova_owner").connect() as connection:
        for role, (username, display_name) in PEOPLE.items():
            connection.execute(
                "SELECT support.create_user(NULL, %s, %s, NULL, %s, %s)", (username, display_name, QUICK_HASH, role)
            )
    return settings


@pytest.fixture(scope="session")
def company(template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The sample company; tests that change it must leave what others read."""
    name = f"{PREFIX}_company"
    settings = fill_company(template, tmp_path_factory.mktemp("company") / "home", name)
    yield Company(settings)
    drop_database(settings, name)


@pytest.fixture
def app(company: Company) -> Iterator[AppDatabase]:
    """The app's own database object, put in the process's place, with nothing remembered."""
    sessions.forget_sessions()
    st.cache_data.clear()
    database = AppDatabase(company.settings)
    use_database(database)
    yield database
    use_database(None)
    sessions.forget_sessions()


@pytest.fixture
def sign_in(app: AppDatabase) -> Callable[[str], str]:
    """Signs a role's person in; gives the session id that the browser would hold."""

    def enter(role: str) -> str:
        outcome = sessions.sign_in(PEOPLE[role][0], PASSWORD, "10.0.0.1", "pytest")
        assert outcome.token
        return outcome.token

    return enter
