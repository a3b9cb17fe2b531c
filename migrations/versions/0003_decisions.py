"""What the catalog gained after the second release."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the SQL beside this file."""
    text = Path(__file__).with_suffix(".sql").read_text("utf-8")
    # The driver itself: SQLAlchemy would look for parameters in the functions' bodies.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(text)


def downgrade() -> None:
    """Columns that the older release does not know hold rows by then."""
    raise NotImplementedError("the schema only grows; restore a backup instead")
