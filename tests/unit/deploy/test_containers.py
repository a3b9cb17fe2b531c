"""The container files: valid, closed to the outside, and running the very commands that `nova up` runs."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from nova_cli.plan import processes
from nova_cli.run import NAMES
from nova_cli.secrets import write_files
from nova_resources.embedded.postgres import TUNING
from nova_resources.embedded.processes import wait_until
from nova_resources.settings import CHECKOUT, Settings, load_settings
from tests.app.serving import free_port

COMPOSE = CHECKOUT / "docker-compose.yml"
DOCKERFILES = sorted((CHECKOUT / "deploy").glob("*.Dockerfile"))
FORECASTING = {"statsforecast", "prophet", "statsmodels", "scipy", "scikit-learn", "lightgbm", "numba", "dagster"}
OURS = ("app", "dagster-code", "dagster-web", "dagster-daemon")


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load(COMPOSE.read_text("utf-8"))


@pytest.mark.parametrize(
    ("schema", "file"),
    [("vendor.compose-spec", COMPOSE), ("vendor.github-workflows", CHECKOUT / ".github/workflows/ci.yml")],
)
def test_files_of_other_programs_follow_their_schemas(schema: str, file: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_only_the_proxy_is_reachable_from_outside(compose: dict) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["nginx"]
    assert compose["networks"]["data"]["internal"] is True
    assert {name for name in ("postgres", "redis") if compose["services"][name]["networks"] != ["data"]} == set()


def test_the_proxy_learns_the_addresses_of_replaced_containers(compose: dict) -> None:
    proxy = compose["services"]["nginx"]
    behind = {proxy["environment"][name].partition(":")[0] for name in ("NOVA_APP", "NOVA_DAGSTER")}
    assert behind == set(proxy["depends_on"])
    assert all(needed["restart"] is True for needed in proxy["depends_on"].values())


def test_the_proxy_s_own_page_gives_way_to_ours() -> None:
    """The image renders NAME.template as conf.d/NAME, beside its default.conf, which listens on port 80."""
    assert [path.name for path in (CHECKOUT / "deploy" / "nginx").iterdir()] == ["default.conf.template"]


def test_every_service_has_an_init_and_says_whether_it_is_well(compose: dict) -> None:
    for name, service in compose["services"].items():
        assert service["init"] is True, name
        assert name == "migrate" or service["healthcheck"]["test"], name


def test_every_secret_is_a_file_and_the_app_gets_no_administrator(compose: dict) -> None:
    assert all(set(secret) == {"file"} for secret in compose["secrets"].values())
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])
    assert set(compose["services"]["app"]["secrets"]) == {"app.json", "nova_redis_url"}
    for name, service in compose["services"].items():
        for value in service.get("environment", {}).values():
            assert not re.search(r"://[^/@]*:[^/@]*@", str(value)), f"a password in the environment of {name}"
    # Arguments can be listed by others: only standard input tells the cache its password.
    script = compose["services"]["redis"]["command"][-1]
    assert [line for line in script.splitlines() if "redis-server" in line and "$$" in line] == []
    assert "requirepass $$(cat /run/secrets/redis_password)" in script


def test_the_server_is_tuned_like_the_embedded_one(compose: dict) -> None:
    """In particular its log of slow statements tells the run and step of each."""
    words = shlex.split(compose["services"]["postgres"]["command"])
    given = dict(word.split("=", 1) for word in words if "=" in word)
    assert given.items() <= TUNING.items()
    assert {"log_min_duration_statement", "log_line_prefix"} <= set(given)


def test_every_variable_is_a_setting(compose: dict) -> None:
    known = {f"NOVA_{name.upper()}" for name in Settings.model_fields}
    for name in (*OURS, "migrate"):
        assert set(compose["services"][name].get("environment", {})) <= known, name


def test_services_run_and_ask_the_processes_of_nova_up(compose: dict, tmp_path: Path) -> None:
    assert set(OURS) == set(NAMES) == set(processes(load_settings(home=tmp_path)))
    for name in OURS:
        service = compose["services"][name]
        assert service["command"] == ["run", name]
        assert service["healthcheck"]["test"][-3:] == ["run", name, "--check"]


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_a_dockerfile_copies_what_exists_and_installs_by_hash_for_a_user_without_rights(dockerfile: Path) -> None:
    text = re.sub(r"\\\n\s*", " ", dockerfile.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    copied = [
        part for line in lines if line.startswith("COPY ") and "--from" not in line for part in line.split()[1:-1]
    ]
    assert copied and all((CHECKOUT / source).exists() for source in copied)
    kept = {line[1:] for line in (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert all(any(Path(source).is_relative_to(folder) for folder in kept) for source in copied)
    assert all("--require-hashes" in line for line in lines if "pip install" in line)
    assert sum(line.startswith("FROM ") for line in lines) == 2
    assert next(line for line in reversed(lines) if line.startswith("USER ")) == "USER nova"
    entry = next(line for line in lines if line.startswith("ENTRYPOINT ")).removeprefix("ENTRYPOINT ")
    assert yaml.safe_load(entry)[1:] == ["-P", "-m", "nova_cli"]
    assert not [word for word in shlex.split(text, posix=False) if word == "ADD"]


def test_the_app_s_set_has_no_forecasting_and_no_orchestrator() -> None:
    lock = (CHECKOUT / "requirements" / "app.lock").read_text("utf-8")
    assert not FORECASTING & set(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*])?==", lock, re.MULTILINE))


@pytest.mark.parametrize("name", ["app", "pipeline"])
def test_a_container_needs_nothing_beyond_its_set_and_its_files(name: str, tmp_path: Path) -> None:
    done = subprocess.run(as_in_image(name, tmp_path), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_app_s_container_serves_without_forecasting(tmp_path: Path) -> None:
    """Its database apart, which it says: the whole program starts from its files and its set alone."""
    port = free_port()
    write_files(tmp_path / "secrets", "127.0.0.1:9", "127.0.0.1:9")
    environment = {
        "PATH": os.environ["PATH"],
        "NOVA_HOME": str(tmp_path / "home"),
        "NOVA_APP_PORT": str(port),
        "NOVA_DATABASE_URL": "postgresql://127.0.0.1:9/nova",
        "NOVA_SECRETS_PATH": str(tmp_path / "secrets" / "app.json"),
    }
    with (tmp_path / "log").open("w+b") as log:
        command = as_in_image("app", tmp_path, _SERVES)
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)

        def degraded() -> bool:
            assert process.poll() is None, (tmp_path / "log").read_text("utf-8")[-2000:]
            with contextlib.suppress(httpx.TransportError):
                return httpx.get(f"http://127.0.0.1:{port}/health", timeout=30).status_code == 503
            return False

        try:
            assert wait_until(degraded, 180), (tmp_path / "log").read_text("utf-8")[-2000:]
            assert httpx.get(f"http://127.0.0.1:{port}/_stcore/stream").status_code in {401, 503}
        finally:
            process.terminate()
            process.wait(30)


def as_in_image(name: str, folder: Path, script: str | None = None) -> list[str]:
    """A command that runs a script in `folder`, which gets the image's files, with every package of other sets hidden;
    the script is by default what the image is for."""
    for parts in map(str.split, (CHECKOUT / "deploy" / f"{name}.Dockerfile").read_text("utf-8").splitlines()):
        if parts[:1] == ["COPY"] and "--from=build" not in parts and "/build/" not in parts:
            for part in parts[1:-1]:
                source, target = CHECKOUT / part, folder / part
                target.parent.mkdir(parents=True, exist_ok=True)
                (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    sets = ["app"] if name == "app" else ["app", "pipeline"]
    lock = "\n".join((CHECKOUT / "requirements" / f"{one}.lock").read_text("utf-8") for one in sets)
    wanted = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*])?==", lock, re.MULTILINE)
    return [sys.executable, "-P", "-c", _HIDE + (script or _RUNS[name] + _BILL), str(CHECKOUT), *wanted]


_SERVES = """
assert "dagster" in hidden and "streamlit" not in hidden
from streamlit_app.__main__ import main
sys.exit(main())
"""
_BILL = """
import json, pathlib
from nova_cli.version import command
command(sbom=pathlib.Path("sbom.json"))
assert {one["name"] for one in json.loads(pathlib.Path("sbom.json").read_text())["components"]} == set(wanted)
"""
_RUNS = {
    "app": """
assert "dagster" in hidden and "streamlit" not in hidden
import nova_cli.main, nova_cli.run, nova_cli.health, streamlit_app.__main__, streamlit_app.app, streamlit_app.warm
streamlit_app.warm.warm_up()
""",
    "pipeline": """
assert "pytest" in hidden and "dagster" not in hidden
import nova_cli.main, nova_cli.run, nova_cli.health, nova_assets.definitions
from alembic.script import ScriptDirectory
from nova_resources.bootstrap_database import alembic_config
from nova_resources.embedded.postgres import TUNING
from nova_resources.settings import load_settings
assert ScriptDirectory.from_config(alembic_config(load_settings())).get_current_head()
for name, (module, _) in nova_cli.main.COMMANDS.items():
    __import__(module)
""",
}
_HIDE = """
import importlib.metadata as metadata, re, sys
checkout, *wanted = sys.argv[1:]
# Neither the checkout nor what else is installed here: the working folder holds what the image holds.
sys.path[:] = ["", *(place for place in sys.path if place and place != checkout)]
plain = lambda name: re.sub("[-_.]+", "-", name).lower()
providers = metadata.packages_distributions()
hidden = {module for module, names in providers.items() if not {plain(name) for name in names} & set(wanted)}
hidden -= {"nova_assets", "nova_resources", "nova_cli", "streamlit_app", "migrations"}
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in hidden:
            raise ModuleNotFoundError(f"not in the image's set: {name}", name=name)
sys.meta_path.insert(0, Hide())
"""
