"""Dagster's home: its configuration files and its instance, on the platform's own PostgreSQL.

Belongs here: what Dagster must be told about this machine. What it runs is nova_assets' business. Dagster itself is
imported inside the functions, because the app and the quick commands read this package without it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nova_resources.server import role_parameters, url
from nova_resources.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

CODE_LOCATION = "nova"
DEFINITIONS_MODULE = "nova_assets.definitions"
MAX_CONCURRENT_RUNS = 2


def code_server_socket(settings: Settings) -> Path:
    """Unix socket of the gRPC server that holds the definitions."""
    return settings.run_dir / "code.sock"


def code_server_address(settings: Settings) -> dict[str, str | int]:
    """Where the code server is, in the words of workspace.yaml: a socket of this home, or another machine's port."""
    if not settings.code_server:
        return {"socket": str(code_server_socket(settings))}
    host, _, port = settings.code_server.rpartition(":")
    return {"host": host, "port": int(port)}


def workspace_file(settings: Settings) -> Path:
    return settings.dagster_home / "workspace.yaml"


def environment(settings: Settings) -> dict[str, str]:
    """Variables that every Dagster process of this home needs."""
    return {"DAGSTER_HOME": str(settings.dagster_home), "DAGSTER_DISABLE_TELEMETRY": "1"}


def write_dagster_home(settings: Settings) -> None:
    """Write dagster.yaml and workspace.yaml; idempotent, readable by the owner only."""
    import yaml

    settings.dagster_home.mkdir(mode=0o700, parents=True, exist_ok=True)
    location = {"location_name": CODE_LOCATION, **code_server_address(settings)}
    for path, content in (
        (settings.dagster_home / "dagster.yaml", instance_config(settings)),
        (workspace_file(settings), {"load_from": [{"grpc_server": location}]}),
    ):
        text = yaml.safe_dump(content, sort_keys=False)
        if path.exists() and path.read_text("utf-8") == text:
            continue
        draft = path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)


def instance_config(settings: Settings) -> dict[str, Any]:
    """Content of dagster.yaml."""
    # Dagster shows its configuration in its UI and in the arguments of its workers: the password is read elsewhere.
    parameters = role_parameters(settings, "nova_dagster", settings.dagster_database_name) | {"password": ""}
    home = settings.dagster_home
    return {
        # A bare postgresql:// means psycopg 3 since SQLAlchemy 2.1, with which the webserver loses its connections.
        "storage": {
            "custom": {
                "module": "nova_resources.dagster_storage",
                "class": "PooledPostgresStorage",
                "config": {"postgres_url": url(parameters, driver="psycopg2"), "secrets_of": str(settings.home)},
            }
        },
        "local_artifact_storage": {
            "module": "dagster._core.storage.root",
            "class": "LocalArtifactStorage",
            "config": {"base_dir": str(home)},
        },
        "compute_logs": {
            "module": "dagster._core.storage.local_compute_log_manager",
            "class": "LocalComputeLogManager",
            "config": {"base_dir": str(home / "compute_logs")},
        },
        "concurrency": {"runs": {"max_concurrent_runs": MAX_CONCURRENT_RUNS}},
        # Resuming is refused by the local launcher; runs that a crash left open are failed at boot instead.
        "run_monitoring": {
            "enabled": True,
            "max_resume_run_attempts": 0,
            "poll_interval_seconds": 60,
            "free_slots_after_run_end_seconds": 60,
        },
        "retention": {
            "schedule": {"purge_after_days": 90},
            "sensor": {"purge_after_days": {"skipped": 2, "success": 30, "failure": 30, "started": 2}},
            "auto_materialize": {"purge_after_days": {"skipped": 2, "success": 30, "failure": 30, "started": 2}},
        },
        # Sensors wait for PostgreSQL, not for the processor: one slow sensor must not delay the next.
        "sensors": {"use_threads": True, "num_workers": 4},
        "schedules": {"use_threads": True, "num_workers": 2},
        "python_logs": {"dagster_handler_config": {"handlers": {"json": {"class": "nova_resources.logs.RunLog"}}}},
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
    }


@contextlib.contextmanager
def dagster_instance(settings: Settings) -> Iterator[DagsterInstance]:
    """The instance of this home, as its web server and daemon see it. Needs the database to run."""
    os.environ.update(environment(settings))
    from dagster import DagsterInstance

    with DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        yield instance


def prepare_instance(settings: Settings) -> None:
    """Create Dagster's tables, or bring them to the installed version. Before any Dagster process starts: they race.

    Its configuration must be written already.
    """
    stamp = _storage_stamp(settings)
    with dagster_instance(settings) as instance:
        if stamp.exists() and not is_prepared(settings):
            instance.upgrade()
    stamp.write_text(version("dagster"), "utf-8")


def is_prepared(settings: Settings) -> bool:
    """Whether the tables are those of the installed version."""
    stamp = _storage_stamp(settings)
    return stamp.exists() and stamp.read_text("utf-8") == version("dagster")


def _storage_stamp(settings: Settings) -> Path:
    return settings.dagster_home / "storage.version"
