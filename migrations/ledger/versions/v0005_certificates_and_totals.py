"""Make room for how often a certificate was checked, and for totals that cost no scan.

There is no way back, as for every step.
"""

from __future__ import annotations

from typing import NoReturn

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Make the table and the indexes."""
    op.create_table(
        "certificate_checks",
        sa.Column("certificate", TEXT, primary_key=True, nullable=False),
        sa.Column("checks", INT, nullable=False),
        sa.Column("last", INT, nullable=False),
    )
    op.create_index("records_by_check_in", "records", ["check_in"])
    op.create_index("records_by_entry", "records", ["since"])


def downgrade() -> NoReturn:
    """Refuse: whoever wants an older ledger restores a backup."""
    raise NotImplementedError("there is no way back; restore a backup instead")
