"""Make room for when a session was last used, so that one that nobody uses can end."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "v0010"
down_revision = "v0009"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ADDED: Final[tuple[tuple[str, str, Any], ...]] = (("sessions", "used", INT),)


def upgrade() -> None:
    """Sessions that there are stay: 0 says that no use was noted since they began."""
    # SQLite adds no column that must be there without saying what it is until it is filled.
    op.add_column("sessions", sa.Column("used", INT, nullable=False, server_default="0"))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("sessions", "used", server_default=None)


def downgrade() -> None:
    """Sessions are operational: without it they only do not end by themselves."""
    op.drop_column("sessions", "used")
