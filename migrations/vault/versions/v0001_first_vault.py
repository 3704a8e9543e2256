"""Make the vault: subjects, what is sealed under their keys, texts, bans and the access log.

There is no way back: undoing this step would destroy what it keeps.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table of the first vault."""
    op.create_table(
        "canary",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("blind", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1", name="canary_is_one"),
    )
    op.create_table(
        "subjects",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
    )
    op.create_table(
        "sealed_fields",
        sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), primary_key=True),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "blind_indexes",
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("blind", sa.LargeBinary, primary_key=True),
        sa.Column("subject", sa.Text, sa.ForeignKey("subjects.id"), primary_key=True),
    )
    op.create_index("blind_indexes_subject", "blind_indexes", ["subject"])
    op.create_table(
        "relations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("volunteer", sa.Text, sa.ForeignKey("subjects.id"), nullable=False),
        sa.Column("relative", sa.Text, sa.ForeignKey("subjects.id"), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
    )
    op.create_index("relations_volunteer", "relations", ["volunteer"])
    op.create_index("relations_relative", "relations", ["relative"])
    op.create_table(
        "texts",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
    )
    op.create_table(
        "bans",
        sa.Column("blind", sa.LargeBinary, primary_key=True),
        sa.Column("until_ms", BIG, nullable=False),
    )
    op.create_table(
        "access_log",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("by_address", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Refuse: keys and sealed fields cannot be made again."""
    raise NotImplementedError("the vault's first step cannot be undone without losing the vault")
