"""What the doctor finds inside a database and in the landing folder, and the cure that it names."""

from __future__ import annotations

from pathlib import Path

from psycopg import sql

from nova_assets import catalog
from nova_cli import doctor
from nova_resources import retention
from nova_resources.postgres import Database
from nova_resources.tables import Window


def test_a_sound_database_is_sound(settings):
    finding = doctor._inside(settings)
    assert (finding.check, finding.state) == ("inside", doctor.OK), finding.found


def test_clocks_that_differ_are_named(settings, monkeypatch):
    monkeypatch.setattr(doctor, "MOST_SECONDS_APART", -1.0)
    finding = doctor._inside(settings)
    assert finding.state == doctor.WRONG
    assert "clock" in finding.found
    assert "NTP" in finding.cure


def test_months_without_partitions_are_told_until_the_house_is_kept(settings):
    owner = Database(settings, "nova_owner")
    name = f"demand_{Window.month_of(Window.month_of(settings.today()).end).start:%Y%m}"
    owner.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier("staging", name)))
    finding = doctor._partitions(settings)
    assert finding.state == doctor.WRONG
    assert "1 table(s), such as staging.demand" in finding.found
    assert "housekeeping" in finding.cure
    retention.make_ahead(Database(settings), catalog.TABLES, "doctor test")
    assert doctor._partitions(settings).found == f"made {retention.AHEAD} months ahead"


def test_the_landing_folder_is_told_before_and_after_it_exists(settings):
    assert doctor._landing(settings).state == doctor.NOTE
    Path(settings.landing).mkdir()
    assert doctor._landing(settings).state == doctor.OK
