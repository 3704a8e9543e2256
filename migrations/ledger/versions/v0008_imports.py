"""Make room for the files that organisations upload, and for how many people they asked about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0008"
down_revision = "v0007"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "imports",
        sa.Column("import_id", TEXT, primary_key=True, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("credential", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("revision", INT, nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("records", INT, nullable=False),
        sa.Column("made", INT, nullable=False),
        sa.Column("changed", INT, nullable=False),
        sa.Column("until", INT, nullable=False),
        sa.Column("report", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_index("imports_by_organisation", "imports", ["organisation", "made"])
    op.create_index("imports_by_state", "imports", ["state", "changed"])
    op.create_table(
        "dry_runs",
        sa.Column("import_id", TEXT, primary_key=True, nullable=False),
        sa.Column("revision", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("time", INT, nullable=False),
        sa.Column("identities", INT, nullable=False),
    )
    op.create_index("dry_runs_by_organisation", "dry_runs", ["organisation", "time"])


def downgrade() -> None:
    """Uploads are operational: what was recorded of them stands in entries."""
    op.drop_table("dry_runs")
    op.drop_table("imports")
