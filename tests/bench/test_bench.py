"""`nova bench`: its numbers, its promises and its page; sizes small, since no rate of a test machine is promised."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nova_cli import bench
from nova_cli.benchmarks import ingest, publish
from nova_cli.benchmarks.measure import Measure, medians
from nova_cli.main import build

KEPT, BROKEN = Measure("a ratio", 0.31, "", least=0.25), Measure("a share", 0.214, "share", most=0.2)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Run the command with given numbers instead of a measurement; docs go to a folder of the test."""
    monkeypatch.setattr(bench, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(bench, "NUMBERS", tmp_path / "benchmarks.json")

    def run(measures: list[Measure], *arguments: str):
        monkeypatch.setattr(bench, "_part", lambda _name: lambda _rows, _say: measures)
        return CliRunner().invoke(build(["bench"]), ["bench", *arguments])

    return run


def test_a_broken_promise_fails_the_command(measured) -> None:
    assert measured([KEPT], "ingest").exit_code == 0
    done = measured([KEPT, BROKEN], "ingest")
    assert done.exit_code == 1
    assert "21.4%" in done.output


def test_all_numbers_reach_the_file(measured, tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    measured([KEPT, BROKEN], "--json", str(file))
    found = json.loads(file.read_text())
    assert list(found) == list(bench.TITLES)
    assert [measure["kept"] for measure in found["daily"]["measures"]] == [True, False]


def test_the_page_keeps_the_parts_that_were_not_measured_again(measured, tmp_path: Path) -> None:
    measured([KEPT], "publish", "--write-docs")
    measured([BROKEN], "ingest", "--write-docs")
    page = (tmp_path / "benchmarks.md").read_text()
    assert page.index("## Ingest") < page.index("## Publish")
    assert "| a share | 21.4% | at most 20.0% (not kept) |" in page
    assert "| a ratio | 0.31 | at least 0.25 |" in page


def test_what_has_been_measured_stays_when_a_later_part_breaks(measured, monkeypatch, tmp_path: Path) -> None:
    def part(name: str):
        if name == "publish":
            raise RuntimeError("broken")
        return lambda _rows, _say: [KEPT]

    file = tmp_path / "all.json"
    measured([KEPT])
    monkeypatch.setattr(bench, "_part", part)
    done = CliRunner().invoke(build(["bench"]), ["bench", "--write-docs", "--json", str(file)])
    assert str(done.exception) == "broken"
    assert list(json.loads(file.read_text())) == ["ingest"]
    assert "## Ingest" in (tmp_path / "benchmarks.md").read_text()


def test_contenders_take_turns_and_the_middle_counts() -> None:
    calls: list[str] = []
    contenders = {name: lambda name=name: calls.append(name) for name in ("a", "b")}
    seconds = medians(contenders, lambda: calls.append("-"), 2, lambda _text: None)
    assert calls == ["-", "a", "-", "b"] * 2
    assert set(seconds) == {"a", "b"}


@pytest.mark.slow
def test_a_load_is_at_least_a_quarter_as_fast_as_a_bare_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_HOME", "/nowhere")
    before = dict(os.environ)
    measures = {measure.name: measure for measure in ingest.run(200_000, lambda _text: None)}
    assert [measure.kept for measure in measures.values() if measure.promise] == [True, True], measures
    assert dict(os.environ) == before


@pytest.mark.slow
def test_the_window_write_is_measured() -> None:
    assert all(measure.value > 0 for measure in publish.run(6_000, lambda _text: None))
