"""The command table: cheap to show, honest about failures."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nova_cli.data_steps import Unfinished, has_extracts
from nova_cli.main import COMMANDS, build


def test_every_command_of_the_table_exists() -> None:
    assert [name for name, (module, _) in COMMANDS.items() if importlib.util.find_spec(module) is None] == []


def test_help_lists_every_command_and_imports_none() -> None:
    code = (
        "import sys; sys.argv = ['nova', '--help']\n"
        "from nova_cli.main import app\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'dagster', 'pandas', 'streamlit', 'psycopg'}))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.splitlines()[-1] == "[]"
    assert all(name in output for name in COMMANDS)


def test_a_typo_is_answered_with_the_nearest_command() -> None:
    result = CliRunner().invoke(build(["statsu"]), ["statsu"])
    assert result.exit_code == 2
    assert "status" in result.output


def test_an_expected_failure_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    (tmp_path / "secrets.json").chmod(0o644)
    command = [sys.executable, "-m", "nova_cli", "init"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"NOVA_HOME": str(tmp_path)})
    assert done.returncode == 1
    assert "chmod 600" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_of_a_home_where_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_HOME", str(tmp_path / "empty"))
    result = CliRunner().invoke(build(["status"]), ["status", "--json"])
    assert result.exit_code == 1
    assert '"ready": false' in result.output
    assert not (tmp_path / "empty").exists()


def test_interrupted_steps_continue_where_they_stopped(tmp_path: Path) -> None:
    notes, done = Unfinished(tmp_path / "unfinished"), []
    steps = notes.steps(lambda: ["demo", "load", "compute"])
    done.append(next(steps))
    done.append(next(steps))
    steps.close()
    assert list(notes.steps(lambda: ["never asked"])) == ["load", "compute"]
    assert list(notes.steps(list)) == []


def test_a_landing_folder_counts_as_empty_until_a_file_lies_in_it(tmp_path: Path) -> None:
    (tmp_path / "demand").mkdir()
    assert not has_extracts(str(tmp_path))
    (tmp_path / "demand" / "2026-01-01.csv").touch()
    assert has_extracts(str(tmp_path))
    assert has_extracts(f"file://{tmp_path}")
