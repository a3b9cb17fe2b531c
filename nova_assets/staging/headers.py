"""Which column of a file is which column of the contract.

Names match exactly or, where that leaves no doubt, without regard to case, accents, spaces and punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

from nova_resources.landing import FileError

_PUNCTUATION = re.compile(r"[^0-9a-z]+")


def plain(text: str) -> str:
    """Lower case ASCII letters and digits, everything else between them one underscore."""
    without_accents = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _PUNCTUATION.sub("_", without_accents.lower()).strip("_")


def nearest(wanted: str, names: Sequence[str]) -> list[str]:
    """Up to three of `names` that look like `wanted`, best first."""
    by_plain = {plain(name): name for name in names}
    return [by_plain[key] for key in get_close_matches(plain(wanted), by_plain, n=3, cutoff=0.5)]


def match(file: str, found: Sequence[str], wanted: Sequence[str], required: Sequence[str], line: int) -> dict[str, int]:
    """Position in `found` of each wanted name that is there. `line` is where the header stands, for messages.

    Raises FileError when a required name is missing and when two columns could be the same one.
    """
    positions: dict[str, int] = {}
    for name in wanted:
        exact = [i for i, header in enumerate(found) if header.strip() == name]
        alike = exact or [i for i, header in enumerate(found) if plain(header) == plain(name)]
        if len(alike) > 1:
            twins = " and ".join(repr(found[i]) for i in alike)
            problem = f"columns {twins} are both {name}"
            raise FileError(file, problem, "Rename or drop one of them", line=line, column=name)
        if alike:
            positions[name] = alike[0]
    missing = [name for name in required if name not in positions]
    if missing:
        near = nearest(missing[0], [name for i, name in enumerate(found) if i not in positions.values()])
        raise FileError(
            file,
            f"required column{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing; "
            f"found: {', '.join(found) or 'nothing'}",
            f"Rename {near[0]!r} to {missing[0]!r}, or load the file with a mapping"
            if near
            else "Add the column, or load the file with a mapping (docs/extract_contract.md)",
            line=line,
            column=missing[0],
        )
    return positions
