"""The pipeline and the app of one home as a fault test drives them: `python driver.py FIRST MONTH_END LAST`.

Orders come as lines of JSON on standard input. Each is carried out by `copies` forks of this process, which has
imported everything and holds no connection and no thread of ours, so that a fork costs nothing and may be killed. For
every fork one line is answered: {"stopped": pid} when it stands at a named point (it goes on after SIGCONT),
{"code": exit code} when it has ended (negative: the signal). The order `beside` is carried out, and answered, while the
first stands.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from nova_assets.catalog import table
from nova_cli.graph_runs import Graph
from nova_resources.settings import Settings, load_settings

FACT, CLASSES, VIEW = "core.fact_demand_daily", "analytics.demand_classes", "analytics.mv_item_sites_latest"
FIRST, MONTH_END, LAST = (date.fromisoformat(day) for day in sys.argv[1:4])


def set_up(graph: Graph, _order: dict[str, Any]) -> None:
    """Everything once: all feeds, then every day."""
    from nova_assets.automation import is_reference

    with _opened(graph):
        graph.execute("Load", [one for one in graph.tables(None) if is_reference(one)])
        graph.execute("Facts", [table(FACT)], first=FIRST, last=LAST)
    run(graph, {})


def run(graph: Graph, _order: dict[str, Any]) -> None:
    """Load what changed, publish a month (a swap), a day (a replacement) and a view, in runs that Dagster records."""
    with _opened(graph):
        graph.execute("Load", [table("staging.demand")])
        graph.execute("Month", [table(FACT)], first=FIRST, last=MONTH_END)
        graph.execute("Day", [table(CLASSES), table(VIEW)], first=LAST, last=LAST)


def recover(graph: Graph, _order: dict[str, Any]) -> None:
    """What the next start does about runs that were left open; fails when one is open afterwards."""
    from nova_resources.dagster_recovery import is_settled, recover_runs

    with _opened(graph):
        recover_runs(graph.instance)
    if not is_settled(graph.settings):
        raise RuntimeError("a run is still open")


def decide(graph: Graph, order: dict[str, Any]) -> None:
    """A planner decides about the seeded recommendation."""
    from streamlit_app.data.database import AppDatabase

    database = AppDatabase(graph.settings)
    database.rows(
        "decide_recommendation",
        session=hashlib.sha256(b"analyst").digest(),
        as_of=LAST,
        item_id=order["item_id"],
        site_id=order["site_id"],
        action="REORDER",
        order_ref="",
        state=order["state"],
        quantity=None,
        reason="fault test",
        expected_version=order["version"],
    )
    database.close()


def note(graph: Graph, order: dict[str, Any]) -> None:
    """The app writes a row of the audit log."""
    from streamlit_app.data.database import AppDatabase

    database = AppDatabase(graph.settings)
    values = {"session": hashlib.sha256(b"analyst").digest(), "action": "export", "entity": order["entity"]}
    database.rows("audit", **values, outcome="DONE", details="{}", source=None, user_agent=None)
    database.close()


ORDERS: dict[str, Callable[[Graph, dict[str, Any]], None]] = {
    order.__name__: order for order in (set_up, run, recover, decide, note)
}


@contextlib.contextmanager
def _opened(graph: Graph) -> Iterator[None]:
    from nova_resources.dagster_instance import dagster_instance

    with dagster_instance(graph.settings) as instance:
        graph.instance = instance
        yield


def child(settings: Settings, graph: Graph, order: dict[str, Any]) -> int:
    """Carry out one order; returns the exit code."""
    os.environ.update(order.get("env", {}))
    today = order.get("today")
    if today:
        Settings.today = lambda _self: date.fromisoformat(today)  # pyright: ignore[reportAttributeAccessIssue]
    try:
        ORDERS[order["do"]](graph, order)
    except BaseException:  # noqa: BLE001 - the fork must end here, whatever happened
        traceback.print_exc()
        return 1
    return 0


def forked(settings: Settings, graph: Graph, order: dict[str, Any]) -> int:
    """A fork that carries out one order and ends; returns its process id."""
    pid = os.fork()
    if pid == 0:
        os._exit(child(settings, graph, order))
    return pid


def serve() -> None:
    """Answer orders until standard input ends."""
    # What the pipeline prints goes to the log; only answers go to the pipe.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(**answer: int) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    settings = load_settings()
    graph = Graph(settings, None, None)  # pyright: ignore[reportArgumentType]
    graph.definitions.resolve_asset_graph()
    say(threads=len(os.listdir("/proc/self/task")))
    for line in sys.stdin:
        order = json.loads(line)
        pids = set()
        for _ in range(order.get("copies", 1)):
            pids.add(forked(settings, graph, order))
        while pids:
            pid, status = os.waitpid(-1, os.WUNTRACED)
            if os.WIFSTOPPED(status):
                if beside := order.get("beside"):
                    _, ended = os.waitpid(forked(settings, graph, beside), 0)
                    say(code=os.waitstatus_to_exitcode(ended))
                say(stopped=pid)
            else:
                pids.discard(pid)
                say(code=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    serve()
