"""Promises of docs/security.md that the code itself keeps; and each requirement has its row, each row its test."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from typer.testing import CliRunner

from nova_cli.main import build
from nova_resources.settings import CHECKOUT

PAGE = (CHECKOUT / "docs" / "security.md").read_text("utf-8")
WORKFLOW = yaml.safe_load((CHECKOUT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
STATES = {"kept", "operator", "open", "not applicable"}
ROW = re.compile(r"^\| (V[\d.]+) \| ([12]) \| ([a-z ]+) \| (.+) \| `([^`]*)` \|$", re.MULTILINE)
# ASVS 5.0.0: requirements of level 1, and those of level 2 of chapters 6, 7, 8 and 16, by section.
LEVEL_1 = """1.2.1-5 1.3.1-2 1.5.1 2.1.1 2.2.1-2 2.3.1 3.2.1-2 3.3.1 3.4.1-2 3.5.1-3 4.1.1 4.4.1 5.2.1-2 5.3.1-2 6.1.1
6.2.1-8 6.3.1-2 6.4.1-2 7.2.1-4 7.4.1-2 8.1.1 8.2.1-2 8.3.1 9.1.1-3 9.2.1 10.4.1-5 11.3.1-2 11.4.1 12.1.1
12.2.1-2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1"""
LEVEL_2 = """6.1.2-3 6.2.9-12 6.3.3-4 6.4.3-4 6.5.1-5 6.6.1-3 6.8.1-4 7.1.1-3 7.3.1-2 7.4.3-5 7.5.1-2 7.6.1-2 8.1.2
8.2.3 8.4.1 16.1.1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3"""
PACKAGES = ("nova_assets", "nova_resources", "nova_cli", "streamlit_app")
DANGEROUS_CALLS = {"eval", "exec", "compile"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "xml", "lxml", "telnetlib"}


@cache
def sources() -> list[tuple[Path, ast.Module]]:
    files = (file for package in PACKAGES for file in (CHECKOUT / package).rglob("*.py"))
    return [(file, ast.parse(file.read_text("utf-8"))) for file in files]


def imports(tree: ast.Module) -> set[str]:
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in found}


def numbers(text: str, level: int) -> dict[str, int]:
    """Requirements out of sections and ranges such as 6.2.1-8."""
    found = {}
    for part in text.split():
        first, _, last = part.partition("-")
        section, _, number = first.rpartition(".")
        found |= {f"V{section}.{count}": level for count in range(int(number), int(last or number) + 1)}
    return found


def test_every_requirement_has_its_row_and_no_row_is_invented() -> None:
    rows = {row[0]: int(row[1]) for row in ROW.findall(PAGE)}
    assert rows == numbers(LEVEL_1, 1) | numbers(LEVEL_2, 2)
    assert len(numbers(LEVEL_1, 1)) == 70
    assert {row[2] for row in ROW.findall(PAGE)} <= STATES


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`([^`]*)` \|$", PAGE, re.MULTILINE)
    assert len(named) > 120
    known: dict[str, set[str]] = {}
    missing = []
    for place in named:
        file, _, name = place.partition("::")
        path = CHECKOUT / file
        if file and file not in known and path.is_file():
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
            known[file] = {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
        if name not in known.get(file, set()):
            missing.append(place)
    assert missing == []


def test_sections_that_requirements_ask_for_are_there() -> None:
    titles = set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
    assert {"Signing in", "Sessions", "Who may do what", "Secrets", "What is logged", "Updates"} <= titles


def test_no_code_is_run_from_text() -> None:
    found = []
    for file, tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in DANGEROUS_CALLS:
                found.append(f"{file}:{node.lineno}")
            found += [f"{file}:{node.lineno}" for word in node.keywords if word.arg == "shell"]
    assert found == []


def test_nothing_parses_xml_or_pickles() -> None:
    assert [file for file, tree in sources() if imports(tree) & FORBIDDEN_MODULES] == []


def test_text_becomes_html_only_escaped() -> None:
    """Where a text with tags is put together, no field of a row goes into it as it stands."""
    found, loose = 0, []
    for file, tree in sources():
        for text in (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) and _is_html(node)):
            found += 1
            values = (part.value for part in text.values if isinstance(part, ast.FormattedValue))
            loose += [f"{file.name}:{value.lineno}: {ast.unparse(value)}" for value in values if _is_field(value)]
    assert found > 20
    assert loose == []


def _is_html(text: ast.JoinedStr) -> bool:
    constants = (part.value for part in text.values if isinstance(part, ast.Constant))
    return any(re.search(r"</?[a-z]+[ >\d]", str(constant)) for constant in constants)


def _is_field(value: ast.expr) -> bool:
    """A field of a row as it stands: row["name"], row.get("name")."""
    got = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "get"
    return got or (isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant))


def test_no_screen_takes_a_file() -> None:
    app = [file.read_text("utf-8") for file, _ in sources() if "streamlit_app" in file.parts]
    assert not [text for text in app if "file_uploader" in text or "UploadFile" in text]


def test_the_app_calls_nobody_that_a_reader_names() -> None:
    """HTTP clients are imported by the identity provider's module alone, whose address is a setting."""
    clients = {"httpx", "requests", "urllib3", "aiohttp", "smtplib", "ftplib"}
    callers = {file.name for file, tree in sources() if "streamlit_app" in file.parts and imports(tree) & clients}
    assert callers <= {"oidc.py"}


def test_there_is_no_authorization_server() -> None:
    texts = [file.read_text("utf-8") for file, _ in sources()]
    assert not [text for text in texts if re.search(r"AuthorizationServer|AuthorizationCodeGrant", text)]


def test_password_fields_hide_what_is_typed_and_let_managers_help() -> None:
    templates = list((CHECKOUT / "streamlit_app" / "web" / "templates").glob("*.html"))
    fields = [field for file in templates for field in re.findall(r"<input[^>]*>", file.read_text("utf-8"))]
    secret = [field for field in fields if re.search(r'name="(password|old|repeat)"', field)]
    assert len(secret) >= 4
    assert all('type="password"' in field for field in secret)
    assert all(re.search(r'autocomplete="(current|new)-password"', field) for field in secret)
    assert not [file for file in templates if "onpaste" in file.read_text("utf-8")]


def test_a_password_is_checked_whole_and_as_typed() -> None:
    from streamlit_app.access.passwords import check_password, hash_password

    longest = " ção " + "x" * 65
    stored = hash_password(longest)
    assert len(longest.encode()) == 72
    assert check_password(longest, stored)
    others = (longest[:-1], longest.strip(), longest.upper(), longest + "y")
    assert not any(check_password(other, stored) for other in others)
    with pytest.raises(ValueError, match="password_long"):
        hash_password(longest + "y")


def test_secrets_come_from_the_systems_random_source() -> None:
    """Where access is decided, `random` and numpy's generators are not even imported, and tokens have 256 bits."""
    from streamlit_app.access.tokens import new_token

    door = [(file, tree) for file, tree in sources() if {"access", "web", "api"} & set(file.parts)]
    assert len(door) > 10
    assert [file.name for file, tree in door if imports(tree) & {"random", "numpy"}] == []
    tokens = {new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(len(token) * 6 >= 256 for token in tokens)


def test_cryptography_is_the_librarys() -> None:
    """Weak hashes are told to be for other things; ciphers come as Fernet, which authenticates what it encrypts."""
    lines = [line for file, _ in sources() for line in file.read_text("utf-8").splitlines()]
    weak = [line for line in lines if re.search(r"hashlib\.(md5|sha1)\(", line)]
    assert [line for line in weak if "usedforsecurity=False" not in line] == []
    assert [line for line in lines if "primitives.ciphers" in line or "Crypto.Cipher" in line] == []


@pytest.mark.parametrize("name", ["app", "pipeline", "dev", "uv"])
def test_every_locked_package_is_known(name: str) -> None:
    lock = (CHECKOUT / "requirements" / f"{name}.lock").read_text("utf-8")
    unknown = unknown_packages(lock)
    assert not unknown, f"look at these packages, then add them to requirements/known_packages.txt: {sorted(unknown)}"
    pinned = re.findall(r"^\S+==", lock, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^\S+==.*\\\n    --hash=sha256:", lock, re.MULTILINE)), "a hash is missing"
    assert "://" not in lock


def unknown_packages(lock: str) -> set[str]:
    """Names of a lock's packages that nobody has looked at."""
    locked = {found.lower() for found in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==", lock, re.MULTILINE)}
    lines = (CHECKOUT / "requirements" / "known_packages.txt").read_text("utf-8").splitlines()
    return locked - {line for line in lines if not line.startswith("#")}


def test_an_unknown_package_is_told_however_it_is_written() -> None:
    lock = "Invented.Package==1.0 \\\n    --hash=sha256:00\nstreamlit==1.0\nother_one[extra]==2 ; os_name == 'nt'\n"
    assert unknown_packages(lock) == {"invented.package", "other_one"}


def test_the_audit_of_known_weaknesses_passes_over_nothing() -> None:
    """Continuous integration asks for both product sets, and a package that the database does not know is an error."""
    (steps,) = (job["steps"] for name, job in WORKFLOW["jobs"].items() if name == "audit")
    (script,) = (step["run"] for step in steps if "pip_audit" in step.get("run", ""))
    (call,) = (line.split() for line in script.splitlines() if "-m pip_audit" in line)
    assert {"--strict", "--require-hashes", "requirements/$set.lock"} <= set(call)
    assert "--ignore-vuln" not in call
    assert "for set in app pipeline" in script


def test_the_bill_of_materials_follows_its_schema_and_holds_every_package(tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    assert CliRunner().invoke(build(["version"]), ["version", "--sbom", str(file)]).exit_code == 0
    text = file.read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found = {component["name"] for component in json.loads(text)["components"]}
    assert {"streamlit", "dagster", "psycopg", "statsforecast"} <= found
    assert "pytest" not in found
    assert all(component["hashes"] for component in json.loads(text)["components"])
