"""`nova demo` remembers what a home was started with and only adds what is missing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from nova_assets import demo
from nova_cli.demo import command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOVA_HOME", str(tmp_path / "home"))
    app = typer.Typer()
    app.command()(command)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_next_day_needs_no_options(run, tmp_path: Path):
    first = run("--scale", "60", "--seed", "3", "--from", "2026-10-01", "--to", "2026-10-10", "--json")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["files_written"]["demand"] == 10
    second = run("--to", "2026-10-12", "--json")
    assert json.loads(second.stdout)["files_written"]["demand"] == 2
    known = demo.recorded_parameters(tmp_path / "home" / "truth")
    assert known is not None
    assert (known.seed, known.scale, known.start, known.end) == (3, 60, date(2026, 10, 1), date(2026, 10, 12))


def test_another_demonstration_in_the_same_home_is_refused(run):
    run("--scale", "60", "--from", "2026-10-01", "--to", "2026-10-03")
    refused = run("--scale", "61", "--to", "2026-10-04")
    assert refused.exit_code == 2
    assert "another demonstration" in " ".join(refused.output.split())
