"""${message}

Must work while the code of the revision before it still runs.
"""

from __future__ import annotations

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Forward."""
    op.execute("")


def downgrade() -> None:
    """Back."""
    op.execute("")
