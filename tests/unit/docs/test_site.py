"""The documentation: it builds without a warning, is drawn from the code, and its examples name what exists."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import typer

from nova_assets import catalog
from nova_assets.catalog import lineage
from nova_assets.catalog.kpis import KPIS
from nova_cli.main import COMMANDS, build
from nova_resources.settings import CHECKOUT, Settings

# Material announces its successor on every start.
QUIET = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]

MERMAID = "7a644017d37f93c8359790884e6b67fb1f747c78eb20475952404bd87190a3f8"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    # Not --quiet: warnings that are not told are not counted either.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=CHECKOUT, env=QUIET, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_shows_every_table_setting_command_and_key_figure(site: Path) -> None:
    drawn = (site / "lineage.html").read_text("utf-8")
    described = (site / "data_dictionary.html").read_text("utf-8")
    assert [table.qualified for table in catalog.TABLES if table.upstream and table.qualified not in drawn] == []
    assert [table.qualified for table in catalog.TABLES if table.qualified not in described] == []
    assert [kpi.code for kpi in KPIS if kpi.code not in described] == []
    settings = (site / "settings.html").read_text("utf-8")
    assert [name for name in Settings.model_fields if f"NOVA_{name.upper()}" not in settings] == []
    commands = (site / "commands.html").read_text("utf-8")
    assert [name for name in COMMANDS if f"nova {name}<" not in commands] == []


def test_every_page_is_in_the_menu(site: Path) -> None:
    start = (site / "index.html").read_text("utf-8")
    assert [page.stem for page in PAGES[1:] if f'href="{page.stem}.html"' not in start and page.stem != "index"] == []


def test_the_site_asks_nobody_elses_server_for_anything(site: Path) -> None:
    asked = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=["']?(?:https?:)?//[^>]*>""")
    assert {found for page in site.rglob("*.html") for found in asked.findall(page.read_text("utf-8"))} == set()
    assert [page.name for page in site.glob("*.html") if "assets/mermaid.tiny.js" not in page.read_text("utf-8")] == []
    # The script is the one that was released, unchanged.
    assert hashlib.sha256((site / "assets" / "mermaid.tiny.js").read_bytes()).hexdigest() == MERMAID


def test_the_picture_in_the_architecture_is_the_catalogs() -> None:
    text = (CHECKOUT / "docs" / "architecture.md").read_text("utf-8")
    assert lineage.stages() in text, "put the output of nova_assets.catalog.lineage.stages() there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_variables_of_the_examples_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    code = "\n".join([*re.findall(r"```sh\n(.*?)```", text, re.DOTALL), *re.findall(r"`([^`\n]+)`", text)])
    typed = set(re.findall(r"^(?:\./)?nova (?!up`)([a-z]+)\b", code, re.MULTILINE))
    assert typed <= set(COMMANDS), typed - set(COMMANDS)
    settings = {f"NOVA_{name.upper()}" for name in Settings.model_fields}
    others = {"NOVA_SERVER_NAME", "NOVA_LANDING_FOLDER", "NOVA_PYTHON", "NOVA_DEBUG", "NOVA_TEST_POSTGRES"}
    assert set(re.findall(r"\bNOVA_[A-Z_]+[A-Z]\b", code)) <= settings | others


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_of_the_examples_are_those_of_their_commands(page: Path) -> None:
    """Each subcommand and option that an example or a table gives to a command of ours is one that it has."""
    text = re.sub(r"· `(?!nova )(?=[a-z])", "· `nova ", page.read_text("utf-8"))
    code = "\n".join([*re.findall(r"```sh\n(.*?)```", text, re.DOTALL), *re.findall(r"`([^`\n]+)`", text)])
    wrong = []
    for name, rest in re.findall(r"^(?:NOVA_\w+=\S+ )*(?:\./)?nova ([a-z]+)\b([^\n]*)", code, re.MULTILINE):
        subcommands, options = words(name)
        given = rest.partition("#")[0].split()
        wrong += [f"nova {name} {word}" for word in given if word.startswith("--") and word.strip("-") not in options]
        wrong += [f"nova {name} {word}" for word in given[:1] if subcommands and word not in subcommands | {"…"}]
    assert wrong == []


@cache
def words(name: str) -> tuple[set[str], set[str]]:
    """Subcommands of a command, and long options of it and of them."""
    command = typer.main.get_command(build([name])).commands[name]  # pyright: ignore[reportAttributeAccessIssue]
    subcommands = getattr(command, "commands", {})
    params = [param for one in (command, *subcommands.values()) for param in one.params]
    options = {text.strip("-") for param in params for text in (*param.opts, *param.secondary_opts)}
    return set(subcommands), options | {"help"} | ({"faults"} if name == "test" else set())


def test_the_start_page_and_the_readme_show_pictures_that_exist() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", (CHECKOUT / "README.md").read_text("utf-8"))
    assert shown
    assert [name for name in shown if not (CHECKOUT / name).is_file()] == []
