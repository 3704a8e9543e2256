"""Make the ledger: entries that nobody can change, projections, operational tables.

There is no way back: undoing this step would destroy the journal.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")

# The database refuses too: an entry is never updated, deleted, truncated, or put out of turn.
SQLITE_GUARDS = (
    """
    CREATE TRIGGER entries_are_never_updated BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'entries are never updated'); END
    """,
    """
    CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END
    """,
    # INSERT OR REPLACE deletes without the trigger above; it is out of turn, so this one sees it.
    """
    CREATE TRIGGER entries_come_in_turn BEFORE INSERT ON entries
    WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entries)
    BEGIN SELECT RAISE(ABORT, 'entries come in turn'); END
    """,
)
POSTGRESQL_GUARDS = (
    """
    CREATE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'entries are never changed or removed'; END $$
    """,
    """
    CREATE TRIGGER entries_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION entries_refuse()
    """,
    # One look a statement: the primary key makes indexes unique, so if each new entry has its
    # predecessor there is no gap anywhere.
    """
    CREATE FUNCTION entries_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE lowest bigint; highest bigint; many bigint;
    BEGIN
        SELECT min(idx), max(idx), count(*) INTO lowest, highest, many FROM new_entries;
        IF many > 0 AND (
            highest - lowest + 1 <> many OR lowest < 0
            OR (lowest > 0 AND NOT EXISTS (SELECT 1 FROM entries WHERE idx = lowest - 1))
        ) THEN RAISE EXCEPTION 'entries come in turn'; END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER entries_come_in_turn AFTER INSERT ON entries
    REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION entries_in_turn()
    """,
)


def upgrade() -> None:
    """Make every table of the first ledger, and its guards."""
    op.create_table(
        "entries",
        sa.Column("idx", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "head",
        sa.Column("id", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("size", INT, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("time", INT, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "tile_roots",
        sa.Column("level", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("idx", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "idempotency",
        sa.Column("key", sa.LargeBinary(), primary_key=True, nullable=False),
        sa.Column("first", INT, nullable=False),
        sa.Column("parts", INT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mentions",
        sa.Column("owner", TEXT, primary_key=True, nullable=False),
        sa.Column("entry", INT, primary_key=True, autoincrement=False, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "balances",
        sa.Column("owner", TEXT, primary_key=True, nullable=False),
        sa.Column("purse", TEXT, primary_key=True, nullable=False),
        sa.Column("asset", TEXT, primary_key=True, nullable=False),
        sa.Column("amount", INT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "parties",
        sa.Column("address", TEXT, primary_key=True, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("parent", TEXT, nullable=False),
        sa.Column("tier", TEXT, nullable=False),
        sa.Column("form", TEXT, nullable=False),
        sa.Column("guardian", TEXT, nullable=False),
        sa.Column("last_capture", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_table(
        "credentials",
        sa.Column("credential", TEXT, primary_key=True, nullable=False),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("scopes", TEXT, nullable=False),
        sa.Column("terminal", TEXT, nullable=False),
        sa.Column("expires", INT, nullable=False),
        sa.Column("revoked", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_table(
        "activities",
        sa.Column("activity", TEXT, primary_key=True, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("starts", INT, nullable=False),
        sa.Column("ends", INT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_index("activities_by_organisation", "activities", ["organisation", "since"])
    op.create_table(
        "records",
        sa.Column("record", TEXT, primary_key=True, nullable=False),
        sa.Column("volunteer", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("activity", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("evidence", TEXT, nullable=False),
        sa.Column("reasons", TEXT, nullable=False),
        sa.Column("starts", INT, nullable=False),
        sa.Column("ends", INT, nullable=False),
        sa.Column("check_in", INT, nullable=False),
        sa.Column("check_out", INT, nullable=False),
        sa.Column("recorded", INT, nullable=False),
        sa.Column("minutes", INT, nullable=False),
        sa.Column("paid", INT, nullable=False),
        sa.Column("points", INT, nullable=False),
        sa.Column("vintage", TEXT, nullable=False),
        sa.Column("deposited", INT, nullable=False),
        sa.Column("overflow", INT, nullable=False),
        sa.Column("recorder", TEXT, nullable=False),
        sa.Column("approver", TEXT, nullable=False),
        sa.Column("corrects", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_index("records_by_organisation", "records", ["organisation", "since"])
    op.create_index("records_by_volunteer", "records", ["volunteer", "check_in"])
    op.create_table(
        "rewards",
        sa.Column("reward", TEXT, primary_key=True, nullable=False),
        sa.Column("merchant", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("form", TEXT, nullable=False),
        sa.Column("asset", TEXT, nullable=False),
        sa.Column("price", INT, nullable=False),
        sa.Column("stock", INT, nullable=False),
        sa.Column("per_person", INT, nullable=False),
        sa.Column("gate_stars", INT, nullable=False),
        sa.Column("hold_minutes", INT, nullable=False),
        sa.Column("branches", TEXT, nullable=False),
        sa.Column("opens", INT, nullable=False),
        sa.Column("closes", INT, nullable=False),
        sa.Column("valid_from", INT, nullable=False),
        sa.Column("valid_until", INT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_table(
        "takings",
        sa.Column("reward", TEXT, primary_key=True, nullable=False),
        sa.Column("volunteer", TEXT, primary_key=True, nullable=False),
        sa.Column("quantity", INT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "redemptions",
        sa.Column("redemption", TEXT, primary_key=True, nullable=False),
        sa.Column("volunteer", TEXT, nullable=False),
        sa.Column("reward", TEXT, nullable=False),
        sa.Column("merchant", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("asset", TEXT, nullable=False),
        sa.Column("quantity", INT, nullable=False),
        sa.Column("amount", INT, nullable=False),
        sa.Column("lots", TEXT, nullable=False),
        sa.Column("expires", INT, nullable=False),
        sa.Column("branch", TEXT, nullable=False),
        sa.Column("terminal", TEXT, nullable=False),
        sa.Column("captured", INT, nullable=False),
        sa.Column("captured_quantity", INT, nullable=False),
        sa.Column("flag", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_index("redemptions_by_expiry", "redemptions", ["state", "expires"])
    op.create_index("redemptions_by_merchant", "redemptions", ["merchant", "since"])
    op.create_index("redemptions_by_volunteer", "redemptions", ["volunteer", "since"])
    op.create_table(
        "documents",
        sa.Column("kind", TEXT, primary_key=True, nullable=False),
        sa.Column("name", TEXT, primary_key=True, nullable=False),
        sa.Column("version", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("time", INT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("name", TEXT, primary_key=True, nullable=False),
        sa.Column("holder", TEXT, nullable=False),
        sa.Column("until", INT, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("credential", TEXT, primary_key=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "codes",
        sa.Column("code", sa.LargeBinary(), primary_key=True, nullable=False),
        sa.Column("redemption", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_index("codes_by_redemption", "codes", ["redemption"])
    op.create_table(
        "attempts",
        sa.Column("scope", TEXT, primary_key=True, nullable=False),
        sa.Column("time", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("failures", INT, nullable=False),
    )
    op.create_table(
        "stops",
        sa.Column("owner", TEXT, primary_key=True, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_table(
        "outcomes",
        sa.Column("source", sa.LargeBinary(), primary_key=True, nullable=False),
        sa.Column("item", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("reasons", TEXT, nullable=False),
        sa.Column("minutes", INT, nullable=False),
        sa.Column("points", INT, nullable=False),
        sa.Column("flag", TEXT, nullable=False),
        sa.Column("entry", INT, nullable=False),
        sqlite_with_rowid=False,
    )
    dialect = op.get_bind().dialect.name
    for statement in POSTGRESQL_GUARDS if dialect == "postgresql" else SQLITE_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: a journal is not unmade."""
    raise NotImplementedError("the first step cannot be undone without losing the journal")
