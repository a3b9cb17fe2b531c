"""Colours of both themes and the style sheet of our own marks. The widgets' theme is .streamlit/config.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import streamlit as st


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours that charts are drawn in; `good`, `warn`, `bad` and `info` hold 4.5:1 against `surface`."""

    ink: str
    muted: str
    surface: str
    line: str
    primary: str
    band_outer: str
    band_inner: str
    accent: str
    good: str
    warn: str
    bad: str
    info: str
    stockout: str
    land: str


LIGHT = Palette(
    ink="#10202F",
    muted="#5B6B7B",
    surface="#FFFFFF",
    line="#DDE3EA",
    primary="#0B5FA5",
    band_outer="#D3E5F4",
    band_inner="#9CC5E6",
    accent="#F2A100",
    good="#236127",
    warn="#8A4F00",
    bad="#B3261E",
    info="#1565C0",
    stockout="#F6C9C5",
    land="#EEF2F6",
)
DARK = Palette(
    ink="#E6EDF3",
    muted="#9FB0C0",
    surface="#0E1720",
    line="#263544",
    primary="#58A6E8",
    band_outer="#17334C",
    band_inner="#26527A",
    accent="#F2B33D",
    good="#81C784",
    warn="#FFB74D",
    bad="#FF8A80",
    info="#64B5F6",
    stockout="#5A2B2B",
    land="#15222E",
)


def palette() -> Palette:
    """Colours of the theme that the reader sees."""
    return DARK if st.context.theme.type == "dark" else LIGHT


@cache
def _style_sheet() -> str:
    text = resources.files("streamlit_app.ui").joinpath("style.css").read_text("utf-8")
    return f"<style>{text}</style>"


def apply_style() -> None:
    """Put our style sheet into the page."""
    st.html(_style_sheet())
