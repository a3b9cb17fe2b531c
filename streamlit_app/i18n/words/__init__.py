"""The catalogue: key to (Portuguese, English), one module per area of the app."""

from __future__ import annotations

from streamlit_app.i18n.words import (
    account,
    admin,
    alerts,
    api,
    codes,
    common,
    data,
    door,
    events,
    features,
    files,
    forecasts,
    item,
    items,
    panel,
    problems,
    recommendations,
    simulator,
    suppliers,
)

MODULES = (
    account,
    admin,
    alerts,
    api,
    codes,
    common,
    data,
    door,
    events,
    features,
    files,
    forecasts,
    item,
    items,
    panel,
    problems,
    recommendations,
    simulator,
    suppliers,
)

WORDS: dict[str, tuple[str, str]] = {key: words for module in MODULES for key, words in module.WORDS.items()}

if len(WORDS) != sum(len(module.WORDS) for module in MODULES):
    raise ValueError("a key stands in two modules of the catalogue")
