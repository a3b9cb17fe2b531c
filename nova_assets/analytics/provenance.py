"""What made a forecast, for the ledger: code, seed, choice of models and versions of the libraries behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from nova_assets import code_version
from nova_assets.analytics import defaults, frames
from nova_resources.postgres import Database

LIBRARIES = (
    "numpy",
    "scipy",
    "polars",
    "statsforecast",
    "statsmodels",
    "scikit-learn",
    "lightgbm",
    "prophet",
    "holidays",
)


def engine(models: Iterable[str] = ()) -> dict[str, Any]:
    """Version of the engine's code, seed, libraries as installed, and how many rows each model made."""
    return {
        "engine": code_version.of_module("nova_assets.science.forecast"),
        "seed": defaults.SEED,
        "models": dict(sorted(Counter(models).items())),
        "packages": {name: found for name in LIBRARIES if (found := _installed(name))},
    }


def in_force(db: Database, as_of: date) -> dict[str, Any]:
    """Month of the choice of models and the corrections that a forecast of the date applies."""
    chosen = frames.read(db, "analytics/inputs/model_selection", as_of=as_of)["as_of"]
    kept = frames.read(db, "analytics/inputs/forecast_corrections", as_of=as_of)
    return {
        "selection": str(chosen[0]) if len(chosen) else None,
        "corrections": [f"{target} {name}" for target, name in kept.select("target", "correction").iter_rows()],
    }


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
