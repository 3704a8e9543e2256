"""Make room for the till: which entry captured, who stood there, refunds, offline vouchers,
webhooks.

What entries have always said is filled in from them, so nothing has to be rebuilt. There is no way
back: the entries of the new kinds would be left without their projections.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")

ADDED: Final[tuple[tuple[str, str, Any], ...]] = (
    ("redemptions", "captured_entry", INT),
    ("redemptions", "clerk", TEXT),
    ("redemptions", "extended", INT),
    ("redemptions", "upload_by", INT),
    ("redemptions", "settlement", TEXT),
    ("redemptions", "refunded", INT),
    ("redemptions", "adjusted", TEXT),
)
# What an entry's bytes say of the redemption that it captured. SQLite would read a blob as JSON in
# a form of its own; only the few entries that hold the word are read at all.
CAPTURED = {
    "sqlite": """
        UPDATE redemptions SET captured_entry = seen.idx FROM (
            SELECT idx, json_extract(CAST(data AS TEXT), '$.facts.redemption') AS redemption
            FROM entries WHERE instr(CAST(data AS TEXT), '"kind":"redemption_captured"')
        ) AS seen WHERE seen.redemption = redemptions.redemption
        """,
    "postgresql": """
        UPDATE redemptions SET captured_entry = seen.idx FROM (
            SELECT idx, convert_from(data, 'UTF8')::json -> 'facts' ->> 'redemption' AS redemption
            FROM entries WHERE position('"kind":"redemption_captured"'::bytea IN data) > 0
        ) AS seen WHERE seen.redemption = redemptions.redemption
        """,
}
# Settlements that were closed before periods were stated.
CLOSED = {
    "sqlite": """
        INSERT INTO settlements SELECT json_extract(e, '$.facts.settlement'),
            json_extract(e, '$.facts.merchant'), '', 0, 0, json_extract(e, '$.facts.lines'),
            json_extract(e, '$.facts.points'), json_extract(e, '$.facts.minutes'), 0, 0, 0, '',
            json_extract(e, '$.time'), idx
        FROM (SELECT idx, CAST(data AS TEXT) AS e FROM entries
              WHERE instr(CAST(data AS TEXT), '"kind":"settlement_closed"'))
        """,
    "postgresql": """
        INSERT INTO settlements SELECT e -> 'facts' ->> 'settlement', e -> 'facts' ->> 'merchant',
            '', 0, 0, (e -> 'facts' ->> 'lines')::bigint, (e -> 'facts' ->> 'points')::bigint,
            (e -> 'facts' ->> 'minutes')::bigint, 0, 0, 0, '', (e ->> 'time')::bigint, idx
        FROM (SELECT idx, convert_from(data, 'UTF8')::json AS e FROM entries
              WHERE position('"kind":"settlement_closed"'::bytea IN data) > 0) AS closed
        """,
}


def upgrade() -> None:
    """Make the new columns and tables, and fill them with what the entries say."""
    dialect = op.get_bind().dialect.name
    for table, column, kind in ADDED:
        _add_column(dialect, table, column, kind)
    op.execute(CAPTURED[dialect])
    op.execute(
        "UPDATE redemptions SET settlement = marks.value FROM marks"
        " WHERE marks.owner = 'redemption:' || redemptions.redemption AND marks.what = 'settled'"
    )
    op.create_index("redemptions_by_capture", "redemptions", ["merchant", "captured"])
    op.create_table(
        "webhooks",
        sa.Column("webhook", TEXT, primary_key=True, nullable=False),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("events", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("ground", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
        sa.Column("made", INT, nullable=False),
    )
    op.create_index("webhooks_by_party", "webhooks", ["party", "made"])
    op.create_table(
        "outbox",
        sa.Column("entry", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("webhook", TEXT, primary_key=True, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("due", INT, nullable=False),
        sa.Column("attempts", INT, nullable=False),
        sa.Column("first", INT, nullable=False),
        sa.Column("last", INT, nullable=False),
        sa.Column("status", INT, nullable=False),
        sa.Column("fault", TEXT, nullable=False),
        sa.Column("claim", TEXT, nullable=False),
        sa.Column("lease", INT, nullable=False),
        sa.Column("asked", TEXT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("outbox_by_due", "outbox", ["state", "due"])
    op.create_index("outbox_by_webhook", "outbox", ["webhook", "entry"])
    op.create_table(
        "reward_terms",
        sa.Column("reward", TEXT, primary_key=True, nullable=False),
        sa.Column("per_period", INT, nullable=False),
        sa.Column("period", TEXT, nullable=False),
        sa.Column("min_age", INT, nullable=False),
        sa.Column("tiers", TEXT, nullable=False),
        sa.Column("within", TEXT, nullable=False),
        sa.Column("weekdays", TEXT, nullable=False),
        sa.Column("fund", TEXT, nullable=False),
        sa.Column("value_cents", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_table(
        "funds",
        sa.Column("fund", TEXT, primary_key=True, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("cents", INT, nullable=False),
        sa.Column("committed", INT, nullable=False),
        sa.Column("merchants", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_table(
        "settlements",
        sa.Column("settlement", TEXT, primary_key=True, nullable=False),
        sa.Column("merchant", TEXT, nullable=False),
        sa.Column("branch", TEXT, nullable=False),
        sa.Column("starts", INT, nullable=False),
        sa.Column("ends", INT, nullable=False),
        sa.Column("lines", INT, nullable=False),
        sa.Column("points", INT, nullable=False),
        sa.Column("minutes", INT, nullable=False),
        sa.Column("refunds", INT, nullable=False),
        sa.Column("refunded_points", INT, nullable=False),
        sa.Column("refunded_minutes", INT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("closed", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_index("settlements_by_merchant", "settlements", ["merchant", "since"])
    op.execute(CLOSED[dialect])
    _offline_sessions()
    _create_cards()
    _sign_in()


def _offline_sessions() -> None:
    """Tills that take signed vouchers without a network, and what did not fit."""
    op.create_table(
        "offline_sessions",
        sa.Column("session", TEXT, primary_key=True, nullable=False),
        sa.Column("merchant", TEXT, nullable=False),
        sa.Column("branch", TEXT, nullable=False),
        sa.Column("terminal", TEXT, nullable=False),
        sa.Column("till_key", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("captures", INT, nullable=False),
        sa.Column("points", INT, nullable=False),
        sa.Column("minutes", INT, nullable=False),
        sa.Column("until", INT, nullable=False),
        sa.Column("upload_by", INT, nullable=False),
        sa.Column("last", INT, nullable=False),
        sa.Column("recorded", INT, nullable=False),
        sa.Column("taken_points", INT, nullable=False),
        sa.Column("taken_minutes", INT, nullable=False),
        sa.Column("opened", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_index("offline_sessions_by_merchant", "offline_sessions", ["merchant", "since"])
    op.create_table(
        "offline_conflicts",
        sa.Column("session", TEXT, primary_key=True, nullable=False),
        sa.Column("counter", INT, primary_key=True, nullable=False),
        sa.Column("merchant", TEXT, nullable=False),
        sa.Column("volunteer", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    for whose in ("merchant", "volunteer"):
        op.create_index(f"offline_conflicts_by_{whose}", "offline_conflicts", [whose, "since"])


def downgrade() -> None:
    """Refuse: entries of the new kinds would lose what they changed."""
    raise NotImplementedError("this step cannot be undone: the journal may hold the new kinds")


def _create_cards() -> None:
    """Who has a card; waiting times after wrong PINs and values; what a holder is told of."""
    op.create_table(
        "cards",
        sa.Column("card", TEXT, primary_key=True, nullable=False),
        sa.Column("volunteer", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("issued", INT, nullable=False),
        sa.Column("since", INT, nullable=False),
    )
    op.create_index("cards_by_volunteer", "cards", ["volunteer", "since"])
    op.create_table(
        "cool_offs",
        sa.Column("scope", TEXT, primary_key=True, nullable=False),
        sa.Column("failures", INT, nullable=False),
        sa.Column("last", INT, nullable=False),
        sa.Column("until", INT, nullable=False),
    )
    op.create_table(
        "looks",
        sa.Column("volunteer", TEXT, primary_key=True, nullable=False),
        sa.Column("time", INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("terminal", TEXT, primary_key=True, nullable=False),
        sa.Column("redemption", TEXT, nullable=False),
        sa.Column("merchant", TEXT, nullable=False),
        sa.Column("branch", TEXT, nullable=False),
        sa.Column("asked", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
    )
    op.create_index("looks_by_time", "looks", ["time"])


def _sign_in() -> None:
    """Links that sign somebody in once, and who is signed in to the pages."""
    op.create_table(
        "sign_in_links",
        sa.Column("digest", sa.LargeBinary(), primary_key=True, nullable=False),
        sa.Column("credential", TEXT, nullable=False),
        sa.Column("until", INT, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(), primary_key=True, nullable=False),
        sa.Column("credential", TEXT, nullable=False),
        sa.Column("since", INT, nullable=False),
        sa.Column("until", INT, nullable=False),
    )
    op.create_index("sessions_by_credential", "sessions", ["credential"])


def _add_column(dialect: str, table: str, column: str, kind: Any) -> None:
    """A column that is there in every row: 0 or ""."""
    nothing = "0" if kind is INT else ""
    # SQLite adds no column that must be there without saying what it is until it is filled.
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=nothing))
    if dialect == "postgresql":
        op.alter_column(table, column, server_default=None)
