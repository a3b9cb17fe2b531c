"""The home that faults are done to, and the table of what was done to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from world import World

WHOLE = bool(os.environ.get("NOVA_TEST_FAULTS"))
MATRIX: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for the session: every test leaves it as `verify` found it, which is whole."""
    world = World(tmp_path_factory.mktemp("faults", numbered=False) / "home")
    try:
        world.build()
        yield world
    finally:
        world.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Note the outcome of each fault for the table."""
    report = yield
    cell = getattr(item, "callspec", None) and item.callspec.params.get("fault")
    if call.when == "call" and cell and not report.skipped:
        MATRIX[cell] = f"{report.duration:.0f} s" if report.passed else "FAILED"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The fault matrix: a line for each point or circumstance, a column for each victim."""
    if not MATRIX:
        return
    victims = list(dict.fromkeys(victim for _, victim in MATRIX))
    width = max(len(point) for point, _ in MATRIX) + 2
    terminalreporter.section("faults: after each, nothing lost, nothing double, the next run green")
    columns = {victim: max(len(victim) + 2, 14) for victim in victims}
    terminalreporter.line(" " * width + "".join(victim.rjust(columns[victim]) for victim in victims))
    for point in dict.fromkeys(point for point, _ in MATRIX):
        cells = (MATRIX.get((point, victim), "").rjust(columns[victim]) for victim in victims)
        terminalreporter.line(point.ljust(width) + "".join(cells))
    done = sum(cell != "FAILED" for cell in MATRIX.values())
    terminalreporter.line(f"{done} of {len(MATRIX)} faults survived")
