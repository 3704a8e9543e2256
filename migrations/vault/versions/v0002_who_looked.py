"""Find quickly who looked at somebody: the log is asked by its subject, the newest first.

There is no way back, as for the step before.
"""

from __future__ import annotations

from alembic import op

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("access_log_subject", "access_log", ["subject", "id"])


def downgrade() -> None:
    """Refuse: a vault is never taken back a step."""
    raise NotImplementedError("the vault's steps are not undone")
