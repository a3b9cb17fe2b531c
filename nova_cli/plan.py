"""Which processes one machine runs, how each is started and what it waits for.

One code server holds the definitions for the web server and the daemon: given a Python module instead, each of them
would start a code server of its own. It is the plain one (`dagster api grpc`): `dagster code-server start` adds a proxy
process for the sake of reloading without a restart, which costs the memory of a second interpreter.
"""

from __future__ import annotations

import sys

from nova_cli.state import LOADED, MIGRATED, Spec
from nova_resources import dagster_instance
from nova_resources.embedded.redis import redis_command
from nova_resources.settings import Settings

POSTGRES, REDIS, CODE_SERVER = "postgres", "redis", "dagster-code"
WEBSERVER, DAEMON, APP = "dagster-web", "dagster-daemon", "app"
JSON_LOG = ("--log-format", "json")


def environment(settings: Settings) -> dict[str, str]:
    """What every process that the platform starts needs to know to find the same home."""
    return {
        "NOVA_HOME": str(settings.home),
        "NOVA_APP_PORT": str(settings.app_port),
        "NOVA_DAGSTER_PORT": str(settings.dagster_port),
        # The working folder is not a place to import from.
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        # Threads that allocate in arenas of their own keep freed memory for themselves.
        "MALLOC_ARENA_MAX": "2",
    } | dagster_instance.environment(settings)


def python(*arguments: str) -> list[str]:
    """Command that runs a module of this installation."""
    return [sys.executable, "-m", *arguments]


def processes(settings: Settings) -> dict[str, Spec]:
    """The platform's own processes by name: what `nova up` keeps running here and `nova run` in a container."""
    env = environment(settings)
    workspace = ["--workspace", str(dagster_instance.workspace_file(settings))]
    web = ["--host", settings.host, "--port", str(settings.dagster_port), "--suppress-warnings"]
    specs = [
        Spec(CODE_SERVER, python("nova_cli.code_server"), env, after=MIGRATED),
        Spec(APP, python("streamlit_app"), env, after=MIGRATED),
        Spec(WEBSERVER, python("dagster_webserver", *web, *workspace, *JSON_LOG), env, after=MIGRATED),
        Spec(DAEMON, python("dagster._daemon", "run", *workspace, *JSON_LOG), env, after=LOADED),
    ]
    return {spec.name: spec for spec in specs}


def make_plan(settings: Settings) -> list[Spec]:
    """What one machine runs, in the order in which it starts."""
    plan = list(processes(settings).values())
    redis = redis_command(settings)
    if settings.redis_url is None and redis:
        plan.insert(0, Spec(REDIS, redis))
    if settings.database_url is None:
        start = python("nova_resources.embedded.serve")
        pid_file = str(settings.pgdata / "postmaster.pid")
        plan.insert(0, Spec(POSTGRES, start, environment(settings), pid_file=pid_file))
    return plan
