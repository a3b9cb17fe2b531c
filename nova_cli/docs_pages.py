"""What MkDocs asks of us while it builds the site: pages that are written from the code.

Its hook is deploy/mkdocs_hook.py. The pages have no file in docs/, so that they cannot be older than the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova_cli.main import COMMANDS
from nova_resources.settings import CHECKOUT, Settings

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files


def generated() -> dict[str, str]:
    """Pages by their address below docs/."""
    from nova_assets.catalog import lineage

    return {"lineage.md": lineage.render(), "settings.md": settings_page(), "commands.md": commands_page()}


def settings_page() -> str:
    """Every setting with its variable, default and meaning."""
    places = "Read from the environment, then `NOVA_HOME/settings.toml`, then files of that name under `/run/secrets`."
    lines = ["# Settings", "", places, "", "| variable | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = str(field.default).replace(str(CHECKOUT), "").lstrip("/") if field.default else "—"
        lines.append(f"| `NOVA_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """The table of commands; each explains itself with `--help`."""
    lines = ["# Commands", "", "Each command explains itself: `nova COMMAND --help`.", ""]
    lines += ["| command | does |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| `nova {name}` | {line} |" for name, (_, line) in COMMANDS.items())]) + "\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    from mkdocs.structure.files import File

    for address, text in generated().items():
        files.append(File.generated(config, address, content=text))
    return files
