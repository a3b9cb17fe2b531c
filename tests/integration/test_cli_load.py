"""`nova load` from the outside: output that scripts read, and an exit code that tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from nova_cli import load
from nova_resources.settings import Settings


@pytest.fixture
def nova(settings: Settings, monkeypatch):
    """Run `nova load …` on the test's home."""
    monkeypatch.setattr("nova_resources.settings.load_settings", lambda: settings)
    app = typer.Typer()
    app.command()(load.command)
    return lambda *arguments: CliRunner().invoke(app, list(map(str, arguments)))


def test_counts_of_each_feed_and_of_each_reason(nova, tmp_path: Path) -> None:
    file = tmp_path / "demand" / "2026-01-02.csv"
    file.parent.mkdir()
    file.write_text("date;item_code;site_code;quantity\n02/01/2026;A;S;1\n02/01/2026;A;S;0\n")
    told = nova(file, "--json")
    assert told.exit_code == 0
    result = json.loads(told.stdout)
    assert (result["rows_in"], result["rows_accepted"], result["rows_rejected"]) == (2, 1, 1)
    assert result["feeds"]["demand"]["reasons"] == {"non_positive_quantity": 1}
    again = nova(file)
    assert again.exit_code == 0
    assert "0 rows in = 0 accepted + 0 rejected" in again.stdout


def test_a_file_that_cannot_be_used_makes_the_command_fail(nova, tmp_path: Path) -> None:
    (tmp_path / "demands.csv").write_text("date\n")
    (tmp_path / "items.csv").write_text("item_code\nA\n")
    told = nova(tmp_path)
    assert told.exit_code == 1
    assert "Did you mean demand?" in told.stdout
    assert "1 rows in = 1 accepted + 0 rejected" in told.stdout


def test_mappings_go_by_path_or_by_the_name_of_a_shipped_one(nova, tmp_path: Path) -> None:
    (tmp_path / "delivery.csv").write_text("ID\n")
    told = nova(tmp_path / "delivery.csv", "--mapping", "scms")
    assert told.exit_code == 1
    assert "there is no column" in told.stdout
    (tmp_path / "m.yaml").write_text("description: x\noutputs: [{feed: regions, columns: {region_code: ID}}]")
    assert nova(tmp_path / "delivery.csv", "--mapping", tmp_path / "m.yaml").exit_code == 0
