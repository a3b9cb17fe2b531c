"""Since when the company's history is known: the first daily partition, kept in the home's settings.toml."""

from __future__ import annotations

import re
from datetime import date

from nova_resources.settings import SETTINGS_FILE, Settings

_LINE = re.compile(r"^\s*history_start\s*=.*$", re.MULTILINE)


def lower_history_start(settings: Settings, oldest: date) -> bool:
    """Let history begin at the month of `oldest`, if it begins later so far; True when the file was changed.

    Running processes see it when they read their settings again.
    """
    start = oldest.replace(day=1)
    if start >= settings.history_start:
        return False
    path = settings.home / SETTINGS_FILE
    text = path.read_text("utf-8") if path.exists() else ""
    line = f"history_start = {start.isoformat()}"
    # A bare key must stand before the first table of a TOML file.
    text = _LINE.sub(line, text) if _LINE.search(text) else f"{line}\n{text}"
    aside = path.with_suffix(".tmp")
    aside.write_text(text, "utf-8")
    aside.replace(path)
    return True
