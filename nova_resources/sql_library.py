"""The SQL library: every statement of the platform is a named file under sql/, loaded by its name.

Belongs here: finding and reading the files. Does not belong here: running them (postgres.py) and the sources of the
database's own functions (sql/support/functions), which only migrations execute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / "sql"
FUNCTIONS = ROOT / "support" / "functions"

# psycopg's named placeholders; any other % must be doubled.
_PERCENT = re.compile(r"%(?:\((?P<name>\w+)\)s|(?P<literal>%)|)")


class UnknownQuery(KeyError):
    """No file under sql/ has this name."""

    def __str__(self) -> str:
        return str(self.args[0])


class MalformedQuery(ValueError):
    """A file under sql/ that the driver would misread."""


@dataclass(frozen=True, slots=True)
class Query:
    """One statement: its name for people and logs, its text with `%(name)s` parameters."""

    name: str
    text: str

    @property
    def parameters(self) -> frozenset[str]:
        """Names of its parameters; raises MalformedQuery at a % that is neither a parameter nor doubled."""
        names = set()
        for found in _PERCENT.finditer(self.text):
            if found["name"]:
                names.add(found["name"])
            elif not found["literal"]:
                line = self.text.count("\n", 0, found.start()) + 1
                raise MalformedQuery(f"sql/{self.name}.sql, line {line}: write %% for a percent sign")
        return frozenset(names)


def names() -> list[str]:
    """Names of all queries, sorted."""
    files = (path for path in ROOT.rglob("*.sql") if FUNCTIONS not in path.parents)
    return sorted(path.relative_to(ROOT).with_suffix("").as_posix() for path in files)


@cache
def sql(name: str) -> Query:
    """The query in sql/<name>.sql, such as "core/fact_demand_daily".

    Raises UnknownQuery naming the nearest ones, MalformedQuery for a stray percent sign.
    """
    path = ROOT / f"{name}.sql"
    if not path.is_relative_to(ROOT) or not path.is_file():
        near = get_close_matches(name, names(), n=3, cutoff=0.5)
        hint = f"; nearest: {', '.join(near)}" if near else ""
        raise UnknownQuery(f"no query {name!r} under sql/{hint}")
    query = Query(name, path.read_text("utf-8").strip().removesuffix(";"))
    _ = query.parameters
    return query
