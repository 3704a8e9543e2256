"""Make room for passkeys: the public half of each, and what was answered already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0011"
down_revision = "v0010"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """One row for each passkey that was added, and for each challenge until it is over."""
    op.create_table(
        "passkeys",
        sa.Column("id", sa.LargeBinary(), primary_key=True, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("counter", INT, nullable=False),
        sa.Column("credential", TEXT, nullable=False),
        sa.Column("added", INT, nullable=False),
        sa.Column("used", INT, nullable=False),
    )
    op.create_index("passkeys_by_credential", "passkeys", ["credential"])
    op.create_table(
        "spent_challenges",
        sa.Column("digest", sa.LargeBinary(), primary_key=True, nullable=False),
        sa.Column("until", INT, nullable=False),
    )


def downgrade() -> None:
    """Refuse: entries with the new word would lose what they changed."""
    raise NotImplementedError("this step cannot be undone: the journal may hold the new word")
