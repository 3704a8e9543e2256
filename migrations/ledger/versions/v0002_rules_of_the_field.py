"""Make room for the rules of the field: stars, honours, objections, consents, credit, orders.

Three columns say when something was registered, published or reserved. Entries have always said
it, so they are filled from there, and nothing has to be rebuilt. There is no way back: the
entries of the new kinds would be left without their projections.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")

# What an entry's bytes say of its time. SQLite would read a blob as JSON in a form of its own.
ENTRY_TIME = {
    "sqlite": "CAST(json_extract(CAST(data AS TEXT), '$.time') AS INTEGER)",
    "postgresql": "(convert_from(data, 'UTF8')::json ->> 'time')::bigint",
}
# The month of an instant in China, which is eight hours ahead of UTC.
MONTH = {
    "sqlite": "strftime('%Y-%m', reserved / 1000 + 28800, 'unixepoch')",
    "postgresql": ("to_char(to_timestamp(reserved / 1000 + 28800) AT TIME ZONE 'UTC', 'YYYY-MM')"),
}
ADDED = (("parties", "registered"), ("activities", "registered"), ("redemptions", "reserved"))


def upgrade() -> None:
    """Make the new tables and columns, and fill them with what the entries say."""
    dialect = op.get_bind().dialect.name
    for table, column in ADDED:
        _add_time(dialect, table, column)
    op.create_table(
        "terms",
        sa.Column("activity", TEXT, primary_key=True, nullable=False),
        sa.Column("training", TEXT, nullable=False),
        sa.Column("insurance", TEXT, nullable=False),
        sa.Column("min_age", INT, nullable=False),
        sa.Column("participants", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_table(
        "redeemed_months",
        sa.Column("volunteer", TEXT, primary_key=True, nullable=False),
        sa.Column("month", TEXT, primary_key=True, nullable=False),
        sa.Column("quantity", INT, nullable=False),
        sqlite_with_rowid=False,
    )
    # A redemption that was given back counts no more; its month was touched all the same.
    op.execute(
        f"""
        INSERT INTO redeemed_months (volunteer, month, quantity)
        SELECT volunteer, {MONTH[dialect]},
               sum(CASE WHEN state IN ('released', 'expired') THEN 0 ELSE 1 END)
        FROM redemptions GROUP BY 1, 2
        """  # noqa: S608 - two expressions of our own, above
    )
    op.create_table(
        "qualifications",
        sa.Column("volunteer", TEXT, primary_key=True, nullable=False),
        sa.Column("what", TEXT, primary_key=True, nullable=False),
        sa.Column("minutes", INT, nullable=False),
        sa.Column("valid_from", INT, nullable=False),
        sa.Column("valid_until", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "conducts",
        sa.Column("volunteer", TEXT, primary_key=True, nullable=False),
        sa.Column("evaluations", INT, nullable=False),
        sa.Column("total", INT, nullable=False),
        sa.Column("poor", INT, nullable=False),
    )
    op.create_table(
        "backfill_bans",
        sa.Column("party", TEXT, primary_key=True, nullable=False),
        sa.Column("proven", INT, nullable=False),
        sa.Column("until", INT, nullable=False),
        sa.Column("minutes_at", INT, nullable=False),
        sa.Column("minutes_needed", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_table(
        "star_cases",
        sa.Column("case_id", TEXT, primary_key=True, nullable=False),
        sa.Column("volunteer", TEXT, nullable=False),
        sa.Column("change", TEXT, nullable=False),
        sa.Column("star", INT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("notice_until", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_index("star_cases_by_volunteer", "star_cases", ["volunteer", "since"])
    op.create_index("star_cases_by_state", "star_cases", ["state", "since"])
    op.create_table(
        "marks",
        sa.Column("owner", TEXT, primary_key=True, nullable=False),
        sa.Column("what", TEXT, primary_key=True, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "objections",
        sa.Column("objection", TEXT, primary_key=True, nullable=False),
        sa.Column("volunteer", TEXT, nullable=False),
        sa.Column("subject_kind", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("filed", INT, nullable=False),
        sa.Column("flag_by", TEXT, nullable=False),
        sa.Column("decide_by", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_index("objections_by_volunteer", "objections", ["volunteer", "since"])
    op.create_index("objections_by_state", "objections", ["state", "decide_by"])
    op.create_table(
        "orders",
        sa.Column("order_id", TEXT, primary_key=True, nullable=False),
        sa.Column("volunteer", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("minutes", INT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("provider", TEXT, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.Column("starts", INT, nullable=False),
        sa.Column("ends", INT, nullable=False),
        sa.Column("expires", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_index("orders_by_volunteer", "orders", ["volunteer", "since"])
    op.create_index("orders_by_provider", "orders", ["provider", "since"])
    op.create_index("orders_by_state", "orders", ["state", "expires"])
    op.create_table(
        "consents",
        sa.Column("volunteer", TEXT, primary_key=True, nullable=False),
        sa.Column("purpose", TEXT, primary_key=True, nullable=False),
        sa.Column("party", TEXT, primary_key=True, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "credits",
        sa.Column("volunteer", TEXT, primary_key=True, nullable=False),
        sa.Column("dishonest", INT, nullable=False),
        sa.Column("repaired", INT, nullable=False),
        sa.Column("cycle", TEXT, nullable=False),
        sa.Column("points", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_index("credits_by_cycle", "credits", ["cycle", "volunteer"])
    op.create_table(
        "populations",
        sa.Column("organisation", TEXT, primary_key=True, nullable=False),
        sa.Column("year", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("residents", INT, nullable=False),
        sa.Column("staff", INT, nullable=False),
        sa.Column("staff_registered", INT, nullable=False),
        sa.Column("members", INT, nullable=False),
        sa.Column("members_registered", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Refuse: entries of the new kinds would lose what they changed."""
    raise NotImplementedError("this step cannot be undone: the journal may hold the new kinds")


def _add_time(dialect: str, table: str, column: str) -> None:
    """A column that says when the entry of the row's `since` was written (ms)."""
    if dialect == "sqlite":
        # SQLite adds no column that must be there without saying what it is until it is filled.
        op.add_column(table, sa.Column(column, INT, nullable=False, server_default="0"))
    else:
        op.add_column(table, sa.Column(column, INT, nullable=True))
    op.execute(
        f"UPDATE {table} SET {column} = (SELECT {ENTRY_TIME[dialect]} FROM entries"  # noqa: S608 - the names of our own tables
        f" WHERE entries.idx = {table}.since)"
    )
    if dialect == "postgresql":
        op.alter_column(table, column, nullable=False)
