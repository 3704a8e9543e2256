"""Say of each record when the ledger first had it; find what is not settled without reading what
is; remember who opened a till's session, and when tills say that they took what.

What entries have always said is filled in from them, so nothing has to be rebuilt.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "v0012"
down_revision = "v0011"
branch_labels = None
depends_on = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
ADDED = (("records", "entered", INT, "0"), ("offline_sessions", "clerk", TEXT, ""))
# The time that a record's entry says. SQLite would read a blob as JSON in a form of its own.
ENTERED = {
    "sqlite": """
        UPDATE records SET entered = (
            SELECT json_extract(CAST(data AS TEXT), '$.time') FROM entries WHERE idx = since
        )
        """,
    "postgresql": """
        UPDATE records SET entered = (convert_from(data, 'UTF8')::json ->> 'time')::bigint
        FROM entries WHERE idx = since
        """,
}
# A voucher that a till took without a network was its holder's last where it was taken last.
LAST_CAPTURE = """
    UPDATE parties SET last_capture = (
        SELECT max(captured) FROM redemptions WHERE 'volunteer:' || volunteer = address
    ) WHERE last_capture > 0
    """
HOLDING = {
    "sqlite": "instr(CAST(data AS TEXT), :word) > 0",
    "postgresql": "position(convert_to(:word, 'UTF8') IN data) > 0",
}
# Each where only those rows are that a question asks for: (name, columns, condition).
INDEXES = (
    ("redemptions_to_settle", ["merchant", "captured", "redemption"], "state = 'captured'"),
    ("redemptions_to_take_off", ["merchant", "refunded"], "state = 'refunded' AND adjusted = ''"),
    ("redemptions_by_settlement", ["settlement"], "settlement <> ''"),
    ("redemptions_by_adjustment", ["adjusted"], "adjusted <> ''"),
)


def upgrade() -> None:
    """Two columns and some marks more, filled in, and four indexes."""
    dialect = op.get_bind().dialect.name
    for table, column, kind, nothing in ADDED:
        # SQLite adds no column that must be there without saying what it is until it is filled.
        op.add_column(table, sa.Column(column, kind, nullable=False, server_default=nothing))
        if dialect == "postgresql":
            op.alter_column(table, column, server_default=None)
    op.execute(ENTERED[dialect])
    _corrections_come_with_their_originals()
    for name, columns, condition in INDEXES:
        where = sa.text(condition)
        op.create_index(name, "redemptions", columns, postgresql_where=where, sqlite_where=where)
    op.execute(LAST_CAPTURE)
    _sessions_are_their_clerks()
    _tills_have_told()


def _entries(word: str) -> Iterator[dict[str, Any]]:
    """The entries that hold a word, in order."""
    connection = op.get_bind()
    where = HOLDING[connection.dialect.name]
    query = sa.text(f"SELECT data FROM entries WHERE {where} ORDER BY idx")  # noqa: S608
    for (data,) in connection.execute(query, {"word": word}).fetchall():
        yield json.loads(bytes(data))


def _sessions_are_their_clerks() -> None:
    connection = op.get_bind()
    for entry in _entries('"kind":"offline_opened"'):
        connection.execute(
            sa.text(
                "UPDATE offline_sessions SET clerk = coalesce((SELECT value FROM marks"
                " WHERE owner = :credential AND what = 'clerk'), '') WHERE session = :session"
            ),
            {
                "credential": f"credential:{entry['auth']}",
                "session": entry["facts"]["session"],
            },
        )


def _tills_have_told() -> None:
    connection = op.get_bind()
    marks: dict[tuple[str, str], tuple[str, int]] = {}
    for entry in _entries('"means":"offline"'):
        facts = entry["facts"]
        holder = connection.execute(
            sa.text("SELECT volunteer FROM redemptions WHERE redemption = :one"),
            {"one": facts["redemption"]},
        ).scalar_one()
        key = f"volunteer:{holder}", f"taken_offline:{_day(facts['accepted'])[:7]}"
        before = marks.get(key, ("", 0))[0]
        marks[key] = f"{before} {facts['accepted']}".strip(), entry["index"]
    for entry in _entries('"kind":"offline_conflict"'):
        key = f"terminal:{entry['facts']['terminal']}", f"conflicts:{_day(entry['time'])}"
        before = marks.get(key, ("0", 0))[0]
        marks[key] = str(int(before) + 1), entry["index"]
    rows = [
        {"owner": owner, "what": what, "value": value, "since": since}
        for (owner, what), (value, since) in marks.items()
    ]
    if rows:
        table = sa.table("marks", *map(sa.column, ("owner", "what", "value", "since")))
        connection.execute(sa.insert(table), rows)


def _day(time: int) -> str:
    """The day of an instant (ms) in China, ISO."""
    there = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=time, hours=8)
    return there.date().isoformat()


def _corrections_come_with_their_originals() -> None:
    connection = op.get_bind()
    corrections = connection.execute(
        sa.text("SELECT record, corrects FROM records WHERE corrects <> '' ORDER BY since")
    ).fetchall()
    # One after the other: what is corrected again keeps the first one's time.
    for record, original in corrections:
        connection.execute(
            sa.text(
                "UPDATE records SET entered = (SELECT first.entered FROM records AS first"
                " WHERE first.record = :original) WHERE record = :record"
            ),
            {"original": original, "record": record},
        )


def downgrade() -> None:
    """Refuse, as the steps before do."""
    raise NotImplementedError("this step cannot be undone: restore a backup")
