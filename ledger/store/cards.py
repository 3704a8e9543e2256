"""Cards and what is shown at a till besides a code: rows, waiting times, looks.

A waiting time and a look are operational: losing them changes no balance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, delete, select, text

from ledger import account
from ledger.rows import ASSISTED, GUARDED, Card, Redemption
from ledger.store import tables
from ledger.store.database import Database
from ledger.store.writing import put_rows

FAILURES_A_TIME: Final = 3
"""So many wrong PINs or values in a row, then a waiting time."""
WAITS_MS: Final = (5 * 60_000, 30 * 60_000, 24 * 3_600_000)
"""After the first three, after the next three, and after every three that follow."""
FORGOTTEN_AFTER_MS: Final = 30 * 24 * 3_600_000
"""After so long without another wrong one, a scope is counted from nothing."""
LOOK_KEPT_MS: Final = 90 * 24 * 3_600_000
"""A holder is told of looks as old as this; older ones go."""
_CHUNK: Final = 1_000


class Judged(NamedTuple):
    """What came of a PIN or value that somebody showed."""

    right: bool
    tried: bool
    """Whether it was looked at; else this scope has to wait first."""
    wait_seconds: int
    """How long until the next try."""
    left: int
    """Tries until the next waiting time."""


class Look(NamedTuple):
    """Somebody at a till asked about a voucher or a card of this volunteer's."""

    volunteer: str
    time: int
    terminal: str
    redemption: str
    """Its id, or "" where the card was shown with a wrong PIN."""
    merchant: str
    branch: str
    asked: str
    """verify, capture."""
    outcome: str
    """valid, or the code of the refusal."""


def judge(database: Database, scope: str, now_ms: int, is_right: Callable[[], bool]) -> Judged:
    """Ask `is_right` once, unless this scope has to wait; count a no, and forget the count at a
    yes.

    All in one transaction under the scope's own lock, so that a hundred tries at once are counted
    as a hundred: each waits for the one before it. Nothing is written for a yes without a no
    before it.
    """
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:scope, 7593443))"),
                {"scope": scope},
            )
        table = tables.cool_offs
        row = connection.execute(select(table).where(table.c.scope == scope)).fetchone()
        failures, until = (row.failures, row.until) if row is not None else (0, 0)
        if row is not None and row.last + FORGOTTEN_AFTER_MS <= now_ms:
            failures = 0
        if until > now_ms:
            return Judged(False, False, -(-(until - now_ms) // 1000), 0)
        if is_right():
            if failures:
                connection.execute(delete(table).where(table.c.scope == scope))
            return Judged(True, True, 0, FAILURES_A_TIME)
        failures += 1
        level, rest = divmod(failures, FAILURES_A_TIME)
        wait = 0 if rest else WAITS_MS[min(level, len(WAITS_MS)) - 1]
        put_rows(connection, table, [(scope, failures, now_ms, now_ms + wait if wait else 0)])
        connection.execute(delete(table).where(table.c.last < now_ms - FORGOTTEN_AFTER_MS))
        return Judged(False, True, wait // 1000, 0 if wait else FAILURES_A_TIME - rest)


def drop_old_looks(database: Database, now_ms: int) -> int:
    """Looks that are older than a holder is told of go; how many went."""
    with database.writing() as connection:
        old = tables.looks.c.time < now_ms - LOOK_KEPT_MS
        return int(connection.execute(delete(tables.looks).where(old)).rowcount)


def forget_looks(database: Database, volunteers: Sequence[str]) -> None:
    """Nobody is told of looks at these volunteers' (ids) vouchers any more, nor are their wrong
    PINs and values counted."""
    scopes = [holder_scope(what, each) for each in volunteers for what in ("pin", "rotating")]
    with database.writing() as connection:
        for start in range(0, len(volunteers), _CHUNK):
            some = volunteers[start : start + _CHUNK]
            connection.execute(delete(tables.looks).where(tables.looks.c.volunteer.in_(some)))
        for start in range(0, len(scopes), _CHUNK):
            those = scopes[start : start + _CHUNK]
            connection.execute(delete(tables.cool_offs).where(tables.cool_offs.c.scope.in_(those)))


def looks_page(
    connection: Connection, volunteer: str, *, before: int, limit: int, now_ms: int
) -> tuple[list[Look], bool]:
    """Looks at a volunteer's vouchers before a time (ms), the newest first, and whether more
    follow; none that is older than `LOOK_KEPT_MS`."""
    looks = tables.looks
    rows = connection.execute(
        select(looks)
        .where(
            looks.c.volunteer == volunteer,
            looks.c.time < before,
            looks.c.time >= now_ms - LOOK_KEPT_MS,
        )
        .order_by(looks.c.time.desc(), looks.c.terminal)
        .limit(limit + 1)
    )
    found = [Look(*row) for row in rows]
    return found[:limit], len(found) > limit


def cards_of(connection: Connection, volunteer: str) -> list[Card]:
    """Every card that a volunteer has or had, the newest first."""
    cards = tables.cards
    rows = connection.execute(
        select(cards).where(cards.c.volunteer == volunteer).order_by(cards.c.issued.desc())
    )
    return [Card(*row) for row in rows]


def reserved_here(connection: Connection, volunteer: str, merchant: str) -> list[Redemption]:
    """What a volunteer has reserved at a merchant, the oldest first."""
    redemptions = tables.redemptions
    rows = connection.execute(
        select(redemptions)
        .where(
            redemptions.c.volunteer == volunteer,
            redemptions.c.merchant == merchant,
            redemptions.c.state == "reserved",
        )
        .order_by(redemptions.c.since)
    )
    return [Redemption(*row) for row in rows]


def helped_and_guarded(
    connection: Connection, redemptions: Sequence[str]
) -> tuple[dict[str, str], set[str]]:
    """By redemption, the organisation whose office reserved it; and those that ask for more than
    their code because the holder wanted it."""
    marks = tables.marks
    owners = [f"redemption:{one}" for one in redemptions]
    rows = connection.execute(
        select(marks.c.owner, marks.c.what, marks.c.value).where(
            and_(marks.c.owner.in_(owners), marks.c.what.in_((ASSISTED, GUARDED)))
        )
    )
    helped: dict[str, str] = {}
    guarded: set[str] = set()
    for owner, what, value in rows:
        redemption = owner.partition(":")[2]
        if what == ASSISTED:
            helped[redemption] = value
        else:
            guarded.add(redemption)
    return helped, guarded


def code_row_of(connection: Connection, redemption: str) -> bytes | None:
    """What the code of a redemption is found by now."""
    codes = tables.codes
    found = connection.execute(
        select(codes.c.code).where(codes.c.redemption == redemption)
    ).scalar_one_or_none()
    return None if found is None else bytes(found)


def holder_scope(what: str, volunteer: str) -> str:
    """Where wrong PINs or values of one holder are counted."""
    return f"{what}:{account.volunteer(volunteer)}"
