"""What a run or a decision stands on, killed at each named point: what stood stands, the next is green."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from conftest import WHOLE
from cures import CURES
from world import DECISIONS, KILLED, PIPELINE, World, kill

from nova_resources.crash_points import POINTS
from nova_resources.embedded.processes import ProcessId, wait_until
from nova_resources.embedded.redis import redis_command
from nova_resources.settings import CHECKOUT

# The first test builds a home, which takes minutes where others are at work.
pytestmark = pytest.mark.timeout(1200)
# The short form: each step of a publish once, and the server under the two that hold most.
SHORT = {
    "worker": ["load.before_commit", "publish.after_delete", "publish.after_swap", "view.before_commit"],
    "PostgreSQL": ["publish.before_swap", "publish.after_commit"],
    "Redis": ["publish.after_load"],
}
SERVERS = ["worker", "PostgreSQL", "Redis"]


def faults(victims: list[str]) -> list[tuple[str, str]]:
    return [(point, victim) for point in PIPELINE for victim in victims if WHOLE or point in SHORT[victim]]


def test_every_point_in_the_code_is_in_the_matrix() -> None:
    found = set()
    for folder in ("nova_resources", "nova_assets", "streamlit_app", "nova_cli"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            found |= set(re.findall(r'crash_points\.reach\("([\w.]+)"\)', path.read_text("utf-8")))
    assert found == set(POINTS)


def test_every_fault_has_its_row_in_the_runbook_with_the_doctors_check(request: pytest.FixtureRequest) -> None:
    page = (CHECKOUT / "docs" / "faults.md").read_text("utf-8")
    rows = {cells[1].strip(): cells[3] for line in page.splitlines() if len(cells := line.split("|")) == 5}
    params = [getattr(item, "callspec", None) and item.callspec.params for item in request.session.items]  # pyright: ignore[reportAttributeAccessIssue]
    faults = {found["fault"] for found in params if found and "fault" in found}
    cures = {CURES[point] if point in CURES else CURES[victim] for point, victim in faults}
    assert cures
    for cure in cures:
        assert (f"`nova doctor`: {cure.check}" if cure.check else "nothing to do") in rows[cure.row]


@pytest.fixture(scope="module")
def redis(world: World) -> Iterator[Callable[[], ProcessId]]:
    """A function that gives the running Redis of the world, started again when it was killed."""
    command = redis_command(world.settings)
    assert command is not None
    running: list[subprocess.Popen[bytes]] = []

    def start() -> ProcessId:
        if not running or running[-1].poll() is not None:
            running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
            assert wait_until(world.settings.redis_socket.exists, 20)
        process = ProcessId.of(running[-1].pid)
        assert process is not None
        return process

    yield start
    for one in running:
        one.kill()
        one.wait()


@pytest.mark.parametrize("fault", faults(SERVERS), ids="-".join)
def test_killed_in_a_run(world: World, redis: Callable[[], ProcessId], fault: tuple[str, str]) -> None:
    point, victim = fault
    world.correct()
    if victim == "worker":
        outcome = world.order("run", env={"NOVA_CRASH_AT": point})
        assert outcome.codes == [KILLED]
    else:
        process = redis() if victim == "Redis" else None
        blow: Callable[[], None] = partial(kill, process) if process else world.kill_postgres
        outcome = world.order("run", env={"NOVA_STOP_AT": point}, at_stop=blow)
        assert outcome.stops == 1
        # Nobody in the pipeline needs Redis; without its database a run fails, and says so.
        assert outcome.codes == [0 if victim == "Redis" else 1]
    world.told(victim)
    world.recover()
    world.verify()


@pytest.mark.parametrize(
    "fault",
    [
        (point, victim)
        for point in DECISIONS
        for victim in (*SERVERS, "app")
        if WHOLE or victim in {"app", "PostgreSQL"}
    ],
    ids="-".join,
)
def test_killed_in_a_decision(world: World, redis: Callable[[], ProcessId], fault: tuple[str, str]) -> None:
    """A decision and its audit row stand together or not at all; the next one is accepted."""
    point, victim = fault
    crash = point.partition(": ")[2]
    before, committed = (world.decisions, world.notes), crash == "app.after_commit"
    order = world.writes(point)
    if victim == "app":
        assert world.order(**order, env={"NOVA_CRASH_AT": crash}).codes == [KILLED]
    elif victim == "worker":
        world.correct()
        run = {"do": "run", "env": {"NOVA_CRASH_AT": "publish.before_commit"}}
        outcome = world.order(**order, env={"NOVA_STOP_AT": crash}, beside=run)
        assert (outcome.stops, outcome.codes) == (1, [KILLED, 0])
    else:
        blow = partial(kill, redis()) if victim == "Redis" else world.kill_postgres
        outcome = world.order(**order, at_stop=blow, env={"NOVA_STOP_AT": crash})
        # Of a decision whose server died before its end nobody is told that it stands.
        assert (outcome.stops, outcome.codes) == (1, [int(victim == "PostgreSQL" and not committed)])
    if victim != "app":
        world.told(victim)
    world.recover()
    world.verify_decision(point, before, stands=committed or victim in {"worker", "Redis"})
    if victim == "worker":
        world.verify()
