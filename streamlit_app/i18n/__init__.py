"""Every word that a person reads, by key, in Portuguese and English; and which of the two the reader wants.

The words are in `words/`, both languages side by side, so that no key can exist in one only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import streamlit as st

from streamlit_app.i18n.words import WORDS

LANGUAGES = {"pt-BR": "Português", "en": "English"}
DEFAULT_LANGUAGE = "pt-BR"
COOKIE = "nova_lang"
_COLUMN = {language: position for position, language in enumerate(LANGUAGES)}
_STATE = "_language"

_chosen: ContextVar[str | None] = ContextVar("language", default=None)


def text(language: str, key: str, **parts: Any) -> str:
    """The words of `key` in a language, with {name} places filled. KeyError for an unknown key."""
    words = WORDS[key][_COLUMN[language]]
    return words.format(**parts) if parts else words


def t(key: str, **parts: Any) -> str:
    """The words of `key` in the reader's language."""
    return text(current_language(), key, **parts)


def tn(key: str, number: float, /, **parts: Any) -> str:
    """The words for a number of things: `key.one` for exactly one, else `key`."""
    return t(f"{key}.one" if number == 1 else key, **parts)


def known(key: str) -> bool:
    """Whether the catalogue has the key: codes that extracts and models bring along may be newer than it."""
    return key in WORDS


def value(kind: str, code: str | None) -> str:
    """A code of the data (`kind` such as action, priority, cause) in words; the code itself where it has none."""
    if code is None:
        return "–"
    key = f"{kind}.{code}"
    return t(key) if known(key) else code


def current_language() -> str:
    """The reader's language: the running block's choice, else the cookie of the page, else Portuguese."""
    chosen = _chosen.get()
    if chosen:
        return chosen
    # The cookie cannot change while the page is open: switching the language loads it anew.
    language = st.session_state.get(_STATE)
    if language is None:
        language = st.context.cookies.get(COOKIE)
        language = language if language in LANGUAGES else DEFAULT_LANGUAGE
        st.session_state[_STATE] = language
    return language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Run a block in a given language."""
    token = _chosen.set(language)
    try:
        yield
    finally:
        _chosen.reset(token)
