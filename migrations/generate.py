"""Write the first revision's SQL from the catalog: `python -m migrations.generate`.

For developers, and only until that revision is released; afterwards every change is a revision of its own.
"""

from __future__ import annotations

from pathlib import Path

from migrations import ddl, grants
from nova_assets.catalog import SCHEMAS, TABLES
from nova_resources.sql_library import FUNCTIONS, sql
from nova_resources.tables import Table

TARGET = Path(__file__).parent / "versions" / "0001_house.sql"
# Months that exist before anything is loaded; a publish adds whichever others it needs.
PARTITIONS = """SELECT support.ensure_partitions(
    '{table}',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);"""


def house() -> str:
    """The whole SQL; the same catalog and files always give the same text."""
    tables = [table for table in TABLES if not table.materialized_view]
    views = [table for table in TABLES if table.materialized_view]
    blocks = [
        "-- The house: schemas, tables, functions, views and rights. Generated from the catalog; not edited by hand.",
        "\n".join(f"CREATE SCHEMA IF NOT EXISTS {schema};" for schema in SCHEMAS),
        *map(_table, tables),
        *(path.read_text("utf-8").strip() for path in sorted(FUNCTIONS.glob("*.sql"))),
        *map(_view, views),
        "\n".join(grants.statements(TABLES)),
        *(PARTITIONS.format(table=table.qualified) for table in tables if table.partition),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(table: Table) -> str:
    return "\n".join([ddl.create_table(table), *ddl.create_indexes(table), *ddl.comments(table)])


def _view(table: Table) -> str:
    select = sql(f"{table.schema}/{table.name}").text.replace("%%", "%")
    return "\n".join([ddl.create_view(table, select), *ddl.create_indexes(table), *ddl.comments(table)])


if __name__ == "__main__":
    TARGET.write_text(house(), "utf-8")
