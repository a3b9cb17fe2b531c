"""The processes beside a run, killed while it stands at a named point: it goes on, and each of them comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import WHOLE
from world import PIPELINE, World, kill

from nova_cli import health, plan
from nova_cli.state import RunState
from nova_resources.embedded.processes import wait_until

# The first test starts a whole machine, which takes minutes where others are at work.
pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.slow,
    pytest.mark.skipif(not WHOLE, reason="52 kills beside a whole machine: nova test --faults"),
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
    name = next(name for name, shown in PROCESSES.items() if shown == victim)
    row = next(row for row in machine.table() if row.name == name)
    world.correct()
    outcome = world.order("run", env={"NOVA_STOP_AT": point}, at_stop=lambda: kill(row.process))
    assert (outcome.stops, outcome.codes) == (1, [0])
    world.verify()

    def restarted() -> bool:
        now = next(one for one in machine.table() if one.name == name)
        return now.state == "running" and now.process != row.process

    assert wait_until(restarted, 120)
    world.told(victim)


def test_the_machine_is_whole_after_all_of_them(world: World, machine: RunState) -> None:
    settings = machine.running_settings(world.settings)
    assert wait_until(lambda: health.dagster_answers(settings) and health.app_answers(settings), 120)
