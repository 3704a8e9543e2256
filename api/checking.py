"""Whether the stored projections are what the entries say: asked on demand and once a week.

Every projection is made again beside the stored ones (`ledger.store.rebuilding`), which takes as
long as the journal is, so whoever asks is answered at once and the outcome is kept in `runs`. On a
serving ledger it is done in a process of its own, after everybody else (`api.comparing`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from api.comparing import Child, Compared, summed
from api.timers import Found, Task
from ledger.book import Book
from ledger.errors import Refused
from ledger.standing import DAY_MS, china_time
from ledger.store import rebuilding, runs
from ledger.store.rebuilding import Comparison
from ledger.store.runs import DONE, FAILED, REFUSED, RUNNING, Run

TASK: Final = "check"
SHOWN: Final = 20
WEEKLY: Final = "weekly_check"
LOOK_SECONDS: Final = 1_800.0
"""How often it is looked whether a week is over."""
WEEK_MS: Final = 7 * DAY_MS
QUIET_HOURS: Final = range(2, 5)
"""When few people take vouchers or record service, on the clocks of China."""
EARLY_MS: Final = DAY_MS // 2
"""In a quiet hour a week may end half a day early, so that the day of the week stays the same."""
OVERDUE_MS: Final = 2 * WEEK_MS
"""A ledger that is never served at night is compared at any hour once this is over."""


def check(book: Book, *, asked_by: str, shown: int = SHOWN) -> Comparison:
    """Compare now and here, and keep the outcome. Refuses with `already_running`,
    `entry_changed`."""
    made: list[Comparison] = []

    def compare() -> Compared:
        made.append(rebuilding.compared(book.database, book.origin, shown=shown))
        return summed(made[0])

    _carry_out(book, _begin(book, asked_by), compare)
    return made[0]


class Checker:
    """Comparisons on a serving ledger, one at a time: asked for by somebody, or by the week."""

    def __init__(self, book: Book, log: Any) -> None:
        self._book = book
        self._log = log
        self._thread: threading.Thread | None = None
        self._child: Child | None = None
        self._lock = threading.Lock()
        self._ending = False

    def ask(self, asked_by: str) -> Run:
        """Begin one, and say so. Refuses with `already_running`."""
        run = _begin(self._book, asked_by)
        self._thread = threading.Thread(
            target=self._run, args=(run,), name="sidereal-check", daemon=True
        )
        self._thread.start()
        return run

    def ask_by_the_week(self, now_ms: int) -> Found:
        """Begin one if a week is over and the hour is quiet, whoever asked for the last one."""
        if not is_due(self._book, now_ms):
            return {}
        try:
            self.ask("")
        except Refused as refused:
            # Another process was quicker: it is being done.
            if refused.code != "already_running":
                raise
            return {}
        return {"begun": 1}

    def wait(self) -> None:
        """Until the one that was begun has ended."""
        if self._thread is not None:
            self._thread.join()

    def end(self) -> None:
        """Begin nothing more, and break off what is being done, which is kept as refused."""
        with self._lock:
            self._ending = True
            if self._child is not None:
                self._child.stop()
        self.wait()

    def _run(self, run: Run) -> None:
        try:
            found = _carry_out(self._book, run, self._compare)
        except Refused as refused:
            self._log.error("check_refused", code=refused.code, reason=refused.sentence)
        except Exception as fault:  # noqa: BLE001 - told to the log; the run says that it failed
            self._log.error("check_failed", exc_info=fault)
        else:
            tell = self._log.error if found.different else self._log.info
            tell(
                "check_done",
                entries=found.entries,
                different=found.different,
                asked_by=run.asked_by,
            )

    def _compare(self) -> Compared:
        with self._lock:
            if self._ending:
                raise _stopping()
            child = self._child = Child()
        try:
            return child.compared(self._book.database.url, self._book.origin, shown=SHOWN)
        except RuntimeError:
            if self._ending:
                raise _stopping() from None
            raise
        finally:
            with self._lock:
                self._child = None


def is_due(book: Book, now_ms: int) -> bool:
    """Whether the full comparison is to be made now: the last one that ended well began a week ago
    and the hour is quiet, or it began two weeks ago. A new ledger's first is at its first quiet
    hour."""
    with book.database.reading() as connection:
        done = [each.began for each in runs.of_task(connection, TASK) if each.outcome == DONE]
    since = now_ms - max(done, default=0)
    if china_time(now_ms).hour in QUIET_HOURS:
        return since >= WEEK_MS - EARLY_MS
    # A young ledger waits for its first quiet hour.
    return min(since, now_ms - book.entry(0).time) >= OVERDUE_MS


def by_the_week(checker: Checker) -> Task:
    """The timer that asks for it."""
    return Task(
        name=WEEKLY,
        every_seconds=LOOK_SECONDS,
        run=checker.ask_by_the_week,
        end=checker.end,
    )


def _stopping() -> Refused:
    return Refused("stopping", "the server stopped; begin it again")


def _begin(book: Book, asked_by: str) -> Run:
    run = Run(TASK, book.clock.now_ms(), 0, RUNNING, {}, asked_by)
    runs.begin_alone(book.database, book.origin, run)
    return run


def _carry_out(book: Book, run: Run, compare: Callable[[], Compared]) -> Compared:
    """The comparison, with its outcome kept whatever it is."""
    outcome: tuple[str, dict[str, Any]] = (FAILED, {})
    try:
        found = compare()
        outcome = (DONE, found._asdict())
        return found
    except Refused as refused:
        outcome = (REFUSED, {"code": refused.code, **refused.facts})
        raise
    finally:
        ended = run._replace(ended=book.clock.now_ms(), outcome=outcome[0], found=outcome[1])
        runs.keep(book.database, ended)
