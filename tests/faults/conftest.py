"""The home that faults are done to, and the table of what was done to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import matrix
from world import World

WHOLE = bool(os.environ.get("NOVA_TEST_FAULTS"))


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
    """Note the fault for the table, in what travels from the process of the test to that of the table."""
    report = yield
    if fault := getattr(item, "callspec", None) and item.callspec.params.get("fault"):
        report.user_properties.append((matrix.FAULT, fault))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: pytest.ExitCode) -> None:
    """The fault matrix on the screen, and in the documentation when nothing of it was left out."""
    option = terminalreporter.config.option
    ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    faults = matrix.read(terminalreporter.stats)
    if not faults.cells:
        return
    terminalreporter.section("faults: after each, nothing lost, nothing double, the next run green")
    for line in matrix.text(faults):
        terminalreporter.line(line)
    if WHOLE and ended and not (option.keyword or option.markexpr or option.maxfail or option.lf):
        matrix.write(faults)
