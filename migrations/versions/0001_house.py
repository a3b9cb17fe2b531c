"""The house: every schema, table, function, view and right that the platform starts with."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the frozen SQL beside this file."""
    text = Path(__file__).with_suffix(".sql").read_text("utf-8")
    # The driver itself: SQLAlchemy would look for parameters in the functions' bodies.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(text)


def downgrade() -> None:
    """There is nothing before it: dropping every table is no downgrade."""
    raise NotImplementedError("the first revision cannot be undone; restore a backup instead")
