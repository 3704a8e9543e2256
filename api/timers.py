"""What the ledger does by itself while it serves: sign, expire, lapse, commit, sweep.

Each task is a plain function of an open book and the time, so the command line runs the same ones
once. `Timers` runs each in a thread of its own, tells the log what came of it, and stops when
asked. A task that fails is logged and tried again at its next turn: a database that is away for a
minute must not end the checkpoints of a whole day.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from ledger import account
from ledger.actions import Action
from ledger.actions.documents import CommitAccessLog
from ledger.actions.orders import ExpireOrder
from ledger.actions.points import LapsePoints
from ledger.actions.rewards import ExpireRedemption
from ledger.book import SYSTEM, Book
from ledger.clock import check_clock
from ledger.door import imports
from ledger.door.people import repeat_forgets
from ledger.door.stars import assess_all
from ledger.entry import canonical
from ledger.errors import Refused
from ledger.sequencer import Receipt
from ledger.store import due, journal, queries, runs
from ledger.store.cards import drop_old_looks
from ledger.store.runs import DONE, FAILED, REFUSED, Run

SIGN_SECONDS: Final = 10.0
EXPIRE_SECONDS: Final = 20.0
ACCESS_SECONDS: Final = 3_600.0
SWEEP_SECONDS: Final = 86_400.0
IMPORT_SECONDS: Final = 1.0
STARS_SECONDS: Final = 3_600.0
QUIET_MS: Final = 600_000
"""A turn that found nothing to do is remembered this often, to show that the task still runs."""
WRONG_KEPT: Final = 20
"""How many wrong accounts a remembered sweep names; the log has all."""
ORPHAN_MS: Final = 86_400_000
"""What is in the vault for a day without an entry was left by a request that failed."""
ASKS_A_TURN: Final = 500

Found = Mapping[str, Any]
"""What a task did, for the log; empty when there was nothing to do."""


def sign_moved_head(book: Book) -> Found:
    """Sign a checkpoint if entries came since the last one; nothing while another holds the lease.

    Refuses as `CheckpointSigner.sign` does.
    """
    with book.database.reading() as connection:
        size = journal.read_head(connection, book.origin).chain.size
        newest = queries.newest_checkpoint(connection)
    if newest is not None and newest[0] == size:
        return {}
    book.check_database_clock()
    signed = book.signer.sign()
    return {} if signed is None else {"size": signed.size}


def expire(book: Book, now_ms: int) -> Found:
    """Give back what expired reservations and orders hold, then lapse points whose last day has
    passed.

    Waits for a clock that can be trusted: refuses with `clock_unsure` (trust §3).
    """
    refuse_unsure_clock(book, now_ms)
    ended = _expire_reservations(book, now_ms)
    orders = _expire_orders(book, now_ms)
    lapsed = _lapse_points(book, now_ms)
    found = {"redemptions_expired": ended, "orders_expired": orders, "volunteers_lapsed": lapsed}
    return found if any(found.values()) else {}


def refuse_unsure_clock(book: Book, now_ms: int) -> None:
    """Whether value may lapse or expire by this clock. Refuses with `clock_unsure`.

    How old the head may be was asked at the start; a ledger at rest stays in order.
    """
    with book.database.reading() as connection:
        head_time = journal.read_head(connection, book.origin).chain.time
    check_clock(
        now_ms,
        head_time=head_time,
        database_ms=book.database.now_ms(),
        confirmed_head=head_time,
    )


def _expire_reservations(book: Book, now_ms: int) -> int:
    return _end_each(
        book,
        lambda connection: due.expired_reservations(connection, now_ms, ASKS_A_TURN),
        lambda one: (ExpireRedemption(redemption=one), f"expire-{one}"),
    )


def _expire_orders(book: Book, now_ms: int) -> int:
    return _end_each(
        book,
        lambda connection: due.expired_orders(connection, now_ms, ASKS_A_TURN),
        lambda one: (ExpireOrder(order=one), f"expire-order-{one}"),
    )


def _end_each(
    book: Book,
    find: Callable[[Connection], Sequence[str]],
    end: Callable[[str], tuple[Action, str]],
) -> int:
    """Record the end of each that `find` finds, until it finds no more; how many ended."""
    ended = 0
    while True:
        with book.database.reading() as connection:
            overdue = find(connection)
        done = _record_each(book, [end(one) for one in overdue])
        ended += done
        # What was refused (another process was quicker) would be found again for ever.
        if len(overdue) < ASKS_A_TURN or not done:
            return ended


def _lapse_points(book: Book, now_ms: int) -> int:
    today = book.policy().local_date(now_ms).isoformat()
    with book.database.reading() as connection:
        holders = due.holders_of_lapsed_points(connection, today)
    lapsed = 0
    for start in range(0, len(holders), ASKS_A_TURN):
        some = holders[start : start + ASKS_A_TURN]
        lapsed += _record_each(
            book, [(LapsePoints(volunteer=one), f"lapse-{one}-{today}") for one in some]
        )
    return lapsed


def _record_each(book: Book, asks: Sequence[tuple[Action, str]]) -> int:
    """Record these as the ledger itself; how many were new."""
    if not asks:
        return 0
    results = book.record_all([(action, key, None) for action, key in asks], caller=SYSTEM)
    return sum(isinstance(each, Receipt) and not each.replayed for each in results)


def grant_stars(book: Book, now_ms: int) -> Found:
    """Grant the stars that policy grants by itself (domain §10 P25); nothing where it grants
    none. Refuses with `clock_unsure`: tenure and the year of a window are read off the clock."""
    refuse_unsure_clock(book, now_ms)
    granted = assess_all(book)
    return {"volunteers_granted_stars": granted} if granted else {}


def commit_access_log(book: Book) -> Found:
    """Fix the rows that came to the log of reads of personal data since the last such entry.

    Each entry's key is the row it begins after, so the chain of keys leads to the last one, and
    two processes can never commit to the same rows twice (trust §5).
    """
    after = 0
    while (receipt := book.answered(caller=SYSTEM, **_access_key(after))) is not None:
        after = int(receipt.entry.facts["last"])
    last, count, digest = book.vault.access_digest(after)
    if not count:
        return {}
    action = CommitAccessLog(last=last, count=count, digest=digest)
    receipt = book.record(action, caller=SYSTEM, **_access_key(after))
    return {"rows": count, "entry": receipt.entry.index}


def _access_key(after: int) -> Any:
    return {"key": f"access-log-after-{after}", "request": canonical(["access_log", after])}


def sweep(book: Book, now_ms: int) -> Found:
    """Recompute every account from its postings, forget what no entry ever named, and drop what is
    kept only for a time: bans that ended, looks and uploaded files that are too old.

    `wrong` lists accounts whose stored balance differs; spending from them stops (trust §4) until
    `sidereal rebuild`.
    """
    with book.database.snapshot() as connection:
        swept = due.sweep_journal(connection)
    if swept.wrong:
        wrong = {account.split(each.account)[0] for each in swept.wrong}
        due.stop_owners(book.database, wrong, now_ms)

    def registered(ids: Sequence[str]) -> set[str]:
        with book.database.reading() as connection:
            return due.registered(connection, ids)

    def named(digests: Sequence[str]) -> set[str]:
        return {digest for digest in digests if bytes.fromhex(digest) in swept.texts}

    found: dict[str, Any] = {
        "entries": swept.entries,
        "accounts": swept.accounts,
        "orphans": book.vault.sweep(registered, now_ms - ORPHAN_MS),
        "orphaned_texts": book.vault.sweep_texts(named, now_ms - ORPHAN_MS),
        "bans_ended": book.vault.end_bans(at=now_ms),
        "old_looks": drop_old_looks(book.database, now_ms),
        "old_files": imports.sweep(book, now_ms),
    }
    if swept.wrong:
        found["wrong"] = [f"{each.account} {each.asset}" for each in swept.wrong]
    return found


def forget_again(book: Book) -> Found:
    """Repeat every forget entry in the vault: a backup may have brought something back
    (trust §5)."""
    gone = repeat_forgets(book)
    return {"forgotten_again": gone} if gone else {}


def _nothing_to_end() -> None:
    """Most tasks hold nothing between their turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something done every so often; `run` gets the time (ms). `end` lets go of what it holds."""

    name: str
    every_seconds: float
    run: Callable[[int], Found]
    end: Callable[[], None] = _nothing_to_end


def tasks(book: Book, *, sign_seconds: float = SIGN_SECONDS) -> tuple[Task, ...]:
    """What a serving ledger does by itself."""
    return (
        Task(
            name="checkpoint",
            every_seconds=sign_seconds,
            run=lambda _now: sign_moved_head(book),
        ),
        Task(name="expire", every_seconds=EXPIRE_SECONDS, run=lambda now: expire(book, now)),
        Task(
            name="access_log",
            every_seconds=ACCESS_SECONDS,
            run=lambda _now: commit_access_log(book),
        ),
        Task(name="sweep", every_seconds=SWEEP_SECONDS, run=lambda now: sweep(book, now)),
        Task(name="imports", every_seconds=IMPORT_SECONDS, run=lambda _now: imports.advance(book)),
        Task(name="stars", every_seconds=STARS_SECONDS, run=lambda now: grant_stars(book, now)),
    )


class Timers:
    """Runs tasks until `stop()`; each at once, then every so often, in a thread of its own."""

    def __init__(self, book: Book, wanted: Sequence[Task], *, log: Any) -> None:
        self._book = book
        self._tasks = tuple(wanted)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._log = log
        self._remembered: dict[str, int] = {}
        """By task, when a turn of it was last remembered (ms)."""

    def start(self) -> None:
        """Begin. Forgets are repeated first, before anybody can ask for what they took away."""
        self.tell("forget_again", forget_again(self._book))
        for task in self._tasks:
            thread = threading.Thread(
                target=self._repeat, args=(task,), name=f"sidereal-{task.name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Begin nothing more, and wait for what is being done."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        for task in self._tasks:
            task.end()

    def run_once(self, task: Task) -> bool:
        """One turn of a task; whether it went well. What came of it is remembered."""
        began = self._book.clock.now_ms()
        try:
            found = task.run(began)
        except Refused as refused:
            self._log.warning(
                "timer_refused", task=task.name, code=refused.code, reason=refused.sentence
            )
            self._remember(task.name, began, REFUSED, {"code": refused.code})
            return False
        except Exception as fault:  # noqa: BLE001 - told to the log, and tried again
            # Whatever it was may be over at the next turn; the log says where it happened.
            self._log.error("timer_failed", task=task.name, exc_info=fault)
            self._remember(task.name, began, FAILED, {})
            return False
        self.tell(task.name, found)
        self._remember(task.name, began, DONE, found)
        return True

    def _remember(self, name: str, began: int, outcome: str, found: Found) -> None:
        """Keep when a task last ran and what it did, for whoever looks after the ledger."""
        quiet = outcome == DONE and not found
        if quiet and began - self._remembered.get(name, -QUIET_MS) < QUIET_MS:
            return
        kept = dict(found)
        if "wrong" in kept:
            kept |= {"wrong": kept["wrong"][:WRONG_KEPT], "wrong_count": len(kept["wrong"])}
        run = Run(name, began, self._book.clock.now_ms(), outcome, kept, "")
        try:
            runs.keep(self._book.database, run)
        except Exception as fault:  # noqa: BLE001 - told to the log; the task itself is done
            self._log.error("timer_not_remembered", task=name, exc_info=fault)
            return
        self._remembered[name] = began

    def tell(self, name: str, found: Found) -> None:
        """Tell the log what a task did, loudly where accounts are wrong."""
        if not found:
            return
        tell = self._log.error if "wrong" in found else self._log.info
        tell("timer_done", task=name, **found)

    def _repeat(self, task: Task) -> None:
        while True:
            self.run_once(task)
            if self._stopping.wait(task.every_seconds):
                return
