"""What is slow the first time and can be done before the first reader comes."""

from __future__ import annotations

import importlib

from streamlit_app.access import passwords
from streamlit_app.screens import SCREENS


def warm_up() -> None:
    """Import every screen with what it needs, and the password hasher."""
    for screen in SCREENS:
        importlib.import_module(f"streamlit_app.views.{screen.name}")
    passwords.warm_up()
