"""Version of the code behind a table: a hash of the SQL or Python text that computes it, independent of git.

The version changes when the statement, the computing module, or any module or statement that it uses changes; it does
not when anything else does. Texts are read, never imported: describing a graph must not load forecasting libraries.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from nova_resources.sql_library import ROOT as SQL_ROOT
from nova_resources.sql_library import Query, sql

PACKAGE = "nova_assets"
ROOT = Path(__file__).resolve().parent
# Declarations describe tables and compute none of their rows, but for the dictionary that is a table itself.
DESCRIPTIVE = "nova_assets.catalog"
COMPUTED_FROM = ("nova_assets.catalog.kpis",)
LENGTH = 12


def of_query(query: Query) -> str:
    """Version of a set-based table."""
    return _digest([query.text])


def of_function(function: Callable[..., object]) -> str:
    """Version of a table computed by `function`: its module with everything of ours that it uses."""
    return of_module(_home(function))


@cache
def of_module(module: str) -> str:
    """Version of a module with all modules of the package and all statements that it uses."""
    return _digest(_texts(module))


def _home(function: Callable[..., object]) -> str:
    """Module whose code runs. A function that only loads another says `module.function` in its qualified name."""
    loaded = f"{function.__module__}.{function.__qualname__.split('.')[0]}"
    return loaded if _file(loaded) else function.__module__


def _texts(module: str) -> list[str]:
    seen: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        file = _file(name)
        if name in seen or file is None or (name.startswith(DESCRIPTIVE) and name not in COMPUTED_FROM):
            continue
        seen[name] = file.read_text("utf-8")
        imported, queries = _uses(file)
        waiting += imported
        seen |= {f"sql/{query}": sql(query).text for query in queries}
    return [f"{name}\n{text}" for name, text in sorted(seen.items())]


@cache
def _uses(file: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Modules of the package that a file imports anywhere, and the queries that it names."""
    imported, queries = [], []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "/" in node.value:
            queries += [node.value] if _is_query(node.value) else []
    return tuple(name for name in imported if name.startswith(PACKAGE)), tuple(queries)


def _is_query(name: str) -> bool:
    return name.replace("/", "").replace("_", "").isalnum() and (SQL_ROOT / f"{name}.sql").is_file()


def _file(module: str) -> Path | None:
    if module != PACKAGE and not module.startswith(f"{PACKAGE}."):
        return None
    path = ROOT.joinpath(*module.split(".")[1:])
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def _digest(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:LENGTH]
