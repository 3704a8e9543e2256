"""Make room for what the ledger did by itself, and what was checked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0006"
down_revision = "v0005"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "runs",
        sa.Column("task", TEXT, primary_key=True, nullable=False),
        sa.Column("began", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("ended", INT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("found", TEXT, nullable=False),
        sa.Column("asked_by", TEXT, nullable=False),
    )


def downgrade() -> None:
    """Runs are operational: nothing is lost that an entry holds."""
    op.drop_table("runs")
