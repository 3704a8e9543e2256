"""Make room for identities elsewhere with which people sign in: a keyed digest of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0009"
down_revision = "v0008"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """One row for each identity that was linked."""
    op.create_table(
        "identities",
        sa.Column("digest", sa.LargeBinary(), primary_key=True, nullable=False),
        sa.Column("credential", TEXT, nullable=False),
        sa.Column("linked", INT, nullable=False),
    )
    op.create_index("identities_by_credential", "identities", ["credential"])


def downgrade() -> None:
    """Refuse: entries of the new kind would lose what they changed."""
    raise NotImplementedError("this step cannot be undone: the journal may hold the new kinds")
