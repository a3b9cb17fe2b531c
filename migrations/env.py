"""How Alembic runs here: as nova_owner, one migrator at a time, one transaction per revision, never waiting for long.

Takes a SQLAlchemy connection from `config.attributes["connection"]`, or the configuration's `sqlalchemy.url`.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

# Any fixed number: everybody who migrates one database takes turns on it.
MIGRATION_LOCK = 6_681_002


def migrate(connection: Connection) -> None:
    """Run the revisions that are due on an open connection."""
    connection.execute(text("SET lock_timeout = '5min'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    try:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS support"))
        # A revision that waits for a lock makes everybody who comes after it wait too.
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.execute(text("SET statement_timeout = '2min'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=None,
            transaction_per_migration=True,
            version_table="alembic_version",
            version_table_schema="support",
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text("RESET lock_timeout"))
        connection.execute(text("RESET statement_timeout"))
        connection.commit()


def main() -> None:
    """Entry point of every Alembic command that reaches a database."""
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    with engine.connect() as connection:
        migrate(connection)


main()
