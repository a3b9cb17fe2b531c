"""During an upgrade the code of the release before still runs: what it asks of the database, the new schema answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from psycopg import sql

from migrations import generate
from nova_resources.arrow_csv import Field
from nova_resources.bootstrap_database import alembic_config, create_database, migrate
from nova_resources.postgres import Database, describe
from nova_resources.server import admin_parameters
from nova_resources.settings import Settings

RELEASES = sorted(path.stem for path in generate.STATEMENTS.glob("*.json"))
# What a newer release no longer answers, and what that means for whoever still runs the older one.
BROKEN: dict[str, dict[str, str]] = {"0001": {}, "0002": {}}
PARAMETER = re.compile(r"%\((\w+)\)s|%%")


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def old(server: Settings, settings: Settings, release: str) -> Iterator[Settings]:
    """An empty database of the release."""
    private = settings.model_copy(update={"database_name": f"{settings.database_name}_old"})
    name = private.database_name
    with psycopg.connect(**admin_parameters(server), autocommit=True) as admin:
        create_database(admin, private, name, owner="nova_owner")
        command.upgrade(alembic_config(private), release)
        yield private
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def answers(settings: Settings, statements: dict[str, str]) -> dict[str, list[Field] | str]:
    """Columns that each statement gives, or why the database refuses it. Nothing is executed."""
    found: dict[str, list[Field] | str] = {}
    with Database(settings, "nova_owner").connect(autocommit=True) as connection:
        for name, text in statements.items():
            try:
                found[name] = describe(connection, numbered(text))
            except psycopg.Error as error:
                found[name] = str(error).splitlines()[0]
    return found


def numbered(text: str) -> str:
    """The statement with $1, $2 … for its named parameters."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] is None:
            return "%"
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return PARAMETER.sub(number, text)


def test_what_a_release_asks_the_newest_schema_answers(old: Settings, release: str) -> None:
    statements = json.loads((generate.STATEMENTS / f"{release}.json").read_text("utf-8"))
    before = answers(old, statements)
    assert {name: answer for name, answer in before.items() if isinstance(answer, str)} == {}
    assert len(before) > 50
    migrate(old)
    after = answers(old, statements)
    differing = {
        name: after[name] if isinstance(after[name], str) else f"{before[name]} became {after[name]}"
        for name in statements
        if after[name] != before[name]
    }
    assert differing.keys() == BROKEN[release].keys(), differing


def test_every_statement_that_broke_is_told_with_its_consequence() -> None:
    assert BROKEN.keys() == set(RELEASES)
    assert all(len(why) > 20 for broken in BROKEN.values() for why in broken.values())
