"""The catalog is sound in itself, and the dictionary in docs/ is what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova_assets import catalog
from nova_assets.catalog import dictionary
from nova_resources.tables import Grid, Table

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("table", catalog.TABLES, ids=lambda table: table.qualified)
def test_declaration_is_consistent(table: Table) -> None:
    names = table.column_names
    assert len(set(names)) == len(names)
    mentioned = {*table.key, *(name for index in table.indexes for name in index.columns)}
    mentioned |= {name for name in (table.partition, table.window) if name}
    assert mentioned <= set(names)
    assert all(catalog.table(edge.table) for edge in table.upstream)
    assert all(
        c.references.rsplit(".", 1)[0] in {t.qualified for t in catalog.TABLES} for c in table.columns if c.references
    )
    assert (table.grid is Grid.NONE) == (table.window is None)
    assert table.partition is None or not table.key or table.partition in table.key


def test_lineage_has_no_cycle() -> None:
    pending = {table.qualified: {edge.table for edge in table.upstream} for table in catalog.TABLES}
    while ready := [name for name, needs in pending.items() if not needs & pending.keys()]:
        for name in ready:
            del pending[name]
    assert pending == {}


def test_unknown_table_names_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"did you mean core\.dim_item"):
        catalog.table("analytics.dim_item")


def test_dictionary_in_docs_is_the_catalogs() -> None:
    written = (ROOT / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert written == dictionary.render(), "run: python -m nova_assets.catalog.dictionary > docs/data_dictionary.md"
