"""Write the open revision's SQL from the catalog: `python -m migrations.generate`. For developers.

The open revision is the difference between the state that the last released one left behind and today's catalog; it
may be generated again until it is released. To release it: `python -m migrations.generate --release` writes its state
beside it and the statements of its code to `released/`, and the next call begins the revision after it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from migrations.difference import statements
from migrations.state import State, current
from nova_resources.sql_library import names, sql

VERSIONS = Path(__file__).parent / "versions"
# What the code of a released revision asks of the database: the next one must go on answering it.
STATEMENTS = Path(__file__).parent / "released"
ASKED_BY = ("app/", "api/", "cli/", "staging/", "support/")
HEADER = """-- What changed since revision {before}. Generated from the catalog; not edited by hand.
-- Tables of schema analytics are derived: where rows do not fit the new shape they are emptied, and the next run
-- computes them again. Rows of staging, core and support stay."""


def released() -> Path:
    """The state of the newest released revision."""
    return max(VERSIONS.glob("*.json"))


def target() -> Path:
    """The SQL of the open revision; its .py lies beside it, written by hand."""
    number = int(released().name[:4]) + 1
    found = sorted(VERSIONS.glob(f"{number:04d}_*.py"))
    if len(found) != 1:
        raise SystemExit(f"begin revision {number:04d}: copy migrations/versions/{released().stem}.py and name it")
    return found[0].with_suffix(".sql")


def revision() -> str:
    """The whole SQL of the open revision; the same catalog and files always give the same text."""
    before: State = json.loads(released().read_text("utf-8"))
    return "\n\n".join([HEADER.format(before=released().name[:4]), *statements(before, current())]) + "\n"


def main() -> None:
    """Write the open revision, with --release also its state and the statements of its code."""
    path = target()
    path.write_text(revision(), "utf-8")
    if sys.argv[1:] == ["--release"]:
        path.with_suffix(".json").write_text(json.dumps(current(), indent=1, ensure_ascii=False) + "\n", "utf-8")
        asked = {name: sql(name).text for name in names() if name.startswith(ASKED_BY)}
        text = json.dumps(asked, indent=1, ensure_ascii=False) + "\n"
        (STATEMENTS / f"{path.name[:4]}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
