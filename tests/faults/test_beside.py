"""The processes beside a run or decision, killed while it stands at a named point: it goes on, and they come back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from conftest import WHOLE
from world import DECISIONS, PIPELINE, World, kill

from nova_cli import health, plan
from nova_cli.state import RunState
from nova_resources.embedded.processes import wait_until

# The first test starts a whole machine, which takes minutes where others are at work.
pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.slow,
    pytest.mark.skipif(not WHOLE, reason="64 kills beside a whole machine: nova test --faults"),
]
PROCESSES = {plan.CODE_SERVER: "code server", plan.DAEMON: "daemon", plan.WEBSERVER: "webserver", plan.APP: "app"}
# By points, then by victims: one that dies again within a minute is given growing pauses by the supervisor.
FAULTS = [(point, victim) for point in PIPELINE for victim in PROCESSES.values()]


@pytest.fixture(scope="module")
def machine(world: World) -> Iterator[RunState]:
    """`nova up` on the world's home, its daemon with every sensor off: the only runs are ours."""
    with world.machine() as state:
        yield state


@pytest.mark.parametrize("fault", FAULTS, ids="-".join)
def test_killed_beside_a_run(world: World, machine: RunState, fault: tuple[str, str]) -> None:
    point, victim = fault
    world.correct()
    with comes_back(world, machine, victim) as blow:
        outcome = world.order("run", env={"NOVA_STOP_AT": point}, at_stop=blow)
        assert (outcome.stops, outcome.codes) == (1, [0])
        world.verify()


@pytest.mark.parametrize(
    "fault", [(point, victim) for point in DECISIONS for victim in PROCESSES.values() if victim != "app"], ids="-".join
)
def test_killed_beside_a_decision(world: World, machine: RunState, fault: tuple[str, str]) -> None:
    point, victim = fault
    before = (world.decisions, world.notes)
    with comes_back(world, machine, victim) as blow:
        stop = {"NOVA_STOP_AT": point.partition(": ")[2]}
        outcome = world.order(**world.writes(point), env=stop, at_stop=blow)
        assert (outcome.stops, outcome.codes) == (1, [0])
        world.verify_decision(point, before, stands=True)


@contextlib.contextmanager
def comes_back(world: World, machine: RunState, victim: str) -> Iterator[Callable[[], None]]:
    """What kills the process; afterwards another one runs in its place, and the doctor tells it."""
    name = next(name for name, shown in PROCESSES.items() if shown == victim)
    row = next(row for row in machine.table() if row.name == name)
    yield lambda: kill(row.process)

    def restarted() -> bool:
        now = next(one for one in machine.table() if one.name == name)
        return now.state == "running" and now.process != row.process

    assert wait_until(restarted, 120)
    world.told(victim)


def test_the_machine_is_whole_after_all_of_them(world: World, machine: RunState) -> None:
    settings = machine.running_settings(world.settings)
    assert wait_until(lambda: health.dagster_answers(settings) and health.app_answers(settings), 120)
