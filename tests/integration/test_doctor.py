"""What the doctor finds inside a database and in the landing folder, and the cure that it names."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import psycopg
from psycopg import sql

from nova_assets import catalog
from nova_assets.staging import load_landing
from nova_cli import doctor
from nova_resources import retention
from nova_resources.dagster_instance import prepare_instance, write_dagster_home
from nova_resources.postgres import Database
from nova_resources.server import role_parameters
from nova_resources.settings import CHECKOUT
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


def test_a_disk_that_fills_is_told_before_it_is_full(settings, monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_DISK", 0)
    assert doctor._disk(settings).state == doctor.OK
    monkeypatch.setattr(doctor, "LEAST_DISK", shutil.disk_usage(settings.home).free + doctor.GIB)
    finding = doctor._disk(settings)
    assert (finding.state, "free some space" in finding.cure) == (doctor.WRONG, True)


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


def test_a_check_that_fails_is_named_by_its_severity(settings):
    assert doctor._checks(settings).state == doctor.OK
    insert = """
        INSERT INTO support.check_results (table_name, check_name, passed, severity, broken, rows, run_id, at)
        VALUES ('core.fact_demand_daily', 'reconciliation', false, %(severity)s, 2, 9, 'r', now())
        ON CONFLICT (table_name, check_name) DO UPDATE SET severity = excluded.severity
    """
    for severity, state in (("WARN", doctor.NOTE), ("ERROR", doctor.WRONG)):
        Database(settings, "nova_owner").execute(insert, severity=severity)
        finding = doctor._checks(settings)
        assert (finding.state, finding.found) == (state, "1 check(s) fail: core.fact_demand_daily reconciliation (2)")
        assert "land it again" in finding.cure


def test_files_that_are_not_in_force_are_named(settings, database):
    assert doctor._files(settings).found == "0 in force"
    for name, content in (("sites/sites.csv", b"site_code;name\nA;x\n"), ("demand/2024-03-01.parquet", b"PAR1cut")):
        path = Path(settings.landing, name)
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    load_landing(database, settings, run_id="doctor")
    finding = doctor._files(settings)
    assert finding.found == "1 landed file(s) are not in force, such as demand/2024-03-01.parquet"
    assert "nova load" in finding.cure


def test_runs_that_failed_or_were_left_open_are_told(settings):
    write_dagster_home(settings)
    prepare_instance(settings)
    assert doctor._runs(settings, runs=False).state == doctor.OK
    parameters = role_parameters(settings, "nova_dagster", settings.dagster_database_name)
    insert = "INSERT INTO runs (run_id, pipeline_name, status, run_body, end_time) VALUES (%s, 'daily', %s, '', %s)"
    with psycopg.connect(**parameters, autocommit=True) as connection:
        try:
            connection.execute(insert, ("doctor-1", "STARTED", None))
            assert "nova up closes it" in doctor._runs(settings, runs=False).cure
            assert doctor._runs(settings, runs=True).state == doctor.OK
            connection.execute(insert, ("doctor-2", "FAILURE", time.time()))
            assert "daily (1, newest doctor-2)" in doctor._runs(settings, runs=True).found
            both = doctor._runs(settings, runs=False).found
            assert "a run was open" in both and "newest doctor-2" in both
        finally:
            connection.execute("DELETE FROM runs WHERE run_id LIKE 'doctor-%%'", ())


def test_every_check_that_the_runbook_names_is_one_of_the_doctors(settings):
    named = set(re.findall(r"`nova doctor`: ([a-z]+)\b", (CHECKOUT / "docs" / "faults.md").read_text("utf-8")))
    assert named
    assert named <= {finding.check for finding in doctor.examine(settings)}
