"""Make room for policy drafts: documents that somebody weighs before adopting one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "policy_drafts",
        sa.Column("draft", TEXT, primary_key=True, nullable=False),
        sa.Column("toml", TEXT, nullable=False),
        sa.Column("kept_by", TEXT, nullable=False),
        sa.Column("kept", INT, nullable=False),
        sa.Column("since", TEXT, nullable=False),
        sa.Column("began", INT, nullable=False),
        sa.Column("told", INT, nullable=False),
        sa.Column("done", INT, nullable=False),
        sa.Column("total", INT, nullable=False),
        sa.Column("failed", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
    )


def downgrade() -> None:
    """Drafts are operational: nothing is lost that an entry holds."""
    op.drop_table("policy_drafts")
