"""Find an organisation's records by the day of service: an index, and nothing else."""

from __future__ import annotations

from alembic import op

revision = "v0013"
down_revision = "v0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What volunteers need is there since the first step: `records_by_volunteer`."""
    op.create_index("records_by_organisation_and_day", "records", ["organisation", "check_in"])


def downgrade() -> None:
    """Nothing is lost with an index."""
    op.drop_index("records_by_organisation_and_day", "records")
