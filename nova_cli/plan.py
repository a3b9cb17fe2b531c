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


def make_plan(settings: Settings) -> list[Spec]:
    """The processes in the order in which they start."""
    env = environment(settings)
    workspace = str(dagster_instance.workspace_file(settings))
    web = ["--host", settings.host, "--port", str(settings.dagster_port), "--workspace", workspace]
    plan = [
        Spec(CODE_SERVER, python("nova_cli.code_server"), env, after=MIGRATED),
        Spec(APP, python("streamlit_app"), env, after=MIGRATED),
        Spec(WEBSERVER, python("dagster_webserver", *web, "--suppress-warnings"), env, after=MIGRATED),
        Spec(DAEMON, python("dagster._daemon", "run", "--workspace", workspace), env, after=LOADED),
    ]
    redis = redis_command(settings)
    if settings.redis_url is None and redis:
        plan.insert(0, Spec(REDIS, redis))
    if settings.database_url is None:
        start = python("nova_resources.embedded.serve")
        plan.insert(0, Spec(POSTGRES, start, env, pid_file=str(settings.pgdata / "postmaster.pid")))
    return plan
