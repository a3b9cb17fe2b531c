"""What a spreadsheet would run when it opens a CSV, and how such a cell is made text (OWASP: CSV injection)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def quoted(words: str) -> str:
    """The cell, behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{words}" if words.startswith(FORMULA_SIGNS) else words


def quoted_table(rows: pa.Table) -> pa.Table:
    """The same rows with every cell of text so quoted."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            words = rows.column(place)
            runs = pc.match_substring_regex(words, "^[" + "".join(map(_escaped, FORMULA_SIGNS)) + "]")
            told = pc.binary_join_element_wise(pa.scalar("'", field.type), words, pa.scalar("", field.type))
            rows = rows.set_column(place, field, pc.if_else(runs, told, words))
    return rows


def _escaped(sign: str) -> str:
    return rf"\{sign}" if sign == "-" else sign
