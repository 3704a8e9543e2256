"""Make room for whoever acts for somebody else: what their session stood on before.

The table of sessions is made anew, so everybody signs in once more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0007"
down_revision = "v0006"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Sessions say on what they stood before, and until when."""
    op.drop_table("sessions")
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(), primary_key=True, nullable=False),
        sa.Column("credential", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
        sa.Column("until", INT, nullable=False),
        sa.Column("own", TEXT, nullable=False),
        sa.Column("own_until", INT, nullable=False),
    )
    op.create_index("sessions_by_credential", "sessions", ["credential"])


def downgrade() -> None:
    """Refuse: entries of the new kind would lose what they changed."""
    raise NotImplementedError("this step cannot be undone: the journal may hold the new kinds")
