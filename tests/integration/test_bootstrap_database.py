"""From a bare server to the platform's databases, by its superuser and by a lesser administrator."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from nova_resources.bootstrap_database import ROLE_LIMITS, bootstrap, create_database, create_roles
from nova_resources.server import admin_parameters, role_parameters, url
from nova_resources.settings import Settings, load_settings
from tests.conftest import PREFIX, drop_database


def test_it_may_be_repeated_and_mends_what_was_changed(settings: Settings) -> None:
    revision = bootstrap(settings)
    with psycopg.connect(**admin_parameters(settings), autocommit=True) as admin:
        admin.execute("ALTER ROLE nova_app SUPERUSER CONNECTION LIMIT 1 PASSWORD 'known'")
    assert bootstrap(settings) == revision
    with psycopg.connect(**role_parameters(settings, "nova_app")) as connection:
        found = connection.execute("SELECT rolsuper, rolconnlimit FROM pg_roles WHERE rolname = 'nova_app'").fetchone()
    assert found == (False, ROLE_LIMITS["nova_app"].connections)


@pytest.mark.parametrize("role", ["nova_owner", "nova_etl", "nova_app", "nova_ro"])
def test_every_role_is_held_to_its_timeouts_in_the_business_time_zone(settings: Settings, role: str) -> None:
    with psycopg.connect(**role_parameters(settings, role)) as connection:
        shown = {
            name: connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            for name in (*ROLE_LIMITS[role].timeouts, "TimeZone")
        }
    assert shown.pop("TimeZone") == ("America/Bahia",)
    seconds = {name: _seconds(value) for name, value in ROLE_LIMITS[role].timeouts.items()}
    assert {name: _seconds(value[0]) for name, value in shown.items() if value} == seconds


def test_the_dagster_role_and_the_readers_stay_out_of_each_others_database(settings: Settings) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(**role_parameters(settings, "nova_dagster"))
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(**role_parameters(settings, "nova_ro", settings.dagster_database_name))


def test_an_administrator_who_is_no_superuser_suffices(template: Settings, tmp_path: Path) -> None:
    """Managed servers give no superuser. The roles exist already here, so he gets the right to manage them."""
    name, database = f"{PREFIX}_admin", f"{PREFIX}_managed"
    with psycopg.connect(**admin_parameters(template), autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD 'secret'").format(sql.Identifier(name))
        )
        for role in ROLE_LIMITS:
            grant = sql.SQL("GRANT {} TO {} WITH ADMIN OPTION")
            admin.execute(grant.format(sql.Identifier(role), sql.Identifier(name)))
    address = url(admin_parameters(template) | {"user": name, "password": "secret"})
    managed = load_settings(home=template.home, database_url=address, database_name=database)
    try:
        with psycopg.connect(**admin_parameters(managed), autocommit=True) as lesser:
            create_roles(lesser, managed)
            create_database(lesser, managed, database, owner="nova_owner")
        with psycopg.connect(**role_parameters(managed, "nova_owner")) as owner:
            owner.execute("CREATE SCHEMA proof")
    finally:
        drop_database(template, database)
        with psycopg.connect(**admin_parameters(template), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def _seconds(value: str) -> int:
    for unit, factor in (("min", 60), ("h", 3600), ("s", 1)):
        if value.endswith(unit):
            return int(value.removesuffix(unit)) * factor
    raise ValueError(value)
