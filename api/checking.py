"""Whether the stored projections are what the entries say: asked on demand, in the background.

Every projection is made again beside the stored ones (`ledger.store.rebuilding`), which takes as
long as the journal is, so whoever asks is answered at once and the outcome is kept in `runs`.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any, Final

from ledger.book import Book
from ledger.errors import Refused
from ledger.store import rebuilding, runs
from ledger.store.rebuilding import Comparison
from ledger.store.runs import DONE, FAILED, REFUSED, RUNNING, Run

TASK: Final = "check"
SHOWN: Final = 20


def check(book: Book, *, asked_by: str, shown: int = SHOWN) -> Comparison:
    """Compare now, and keep the outcome. Refuses with `already_running`, `entry_changed`."""
    return _carry_out(book, _begin(book, asked_by), shown)


class Checker:
    """Checks that somebody asked for while the ledger is served, one at a time."""

    def __init__(self, book: Book, log: Any) -> None:
        self._book = book
        self._log = log
        self._thread: threading.Thread | None = None

    def ask(self, asked_by: str) -> Run:
        """Begin one, and say so. Refuses with `already_running`."""
        run = _begin(self._book, asked_by)
        self._thread = threading.Thread(
            target=self._run, args=(run,), name="sidereal-check", daemon=True
        )
        self._thread.start()
        return run

    def wait(self) -> None:
        """Until the one that was begun has ended."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, run: Run) -> None:
        try:
            found = _carry_out(self._book, run, SHOWN)
        except Refused as refused:
            self._log.error("check_refused", code=refused.code, reason=refused.sentence)
        except Exception as fault:  # noqa: BLE001 - told to the log; the run says that it failed
            self._log.error("check_failed", exc_info=fault)
        else:
            tell = self._log.error if found.count else self._log.info
            tell("check_done", entries=found.entries, different=found.count, asked_by=run.asked_by)


def _begin(book: Book, asked_by: str) -> Run:
    run = Run(TASK, book.clock.now_ms(), 0, RUNNING, {}, asked_by)
    runs.begin_alone(book.database, book.origin, run)
    return run


def _carry_out(book: Book, run: Run, shown: int) -> Comparison:
    """The comparison, with its outcome kept whatever it is."""
    outcome: tuple[str, dict[str, Any]] = (FAILED, {})
    try:
        found = rebuilding.compared(book.database, book.origin, shown=shown)
        tables = Counter(each.table for each in found.first)
        outcome = (
            DONE,
            {"entries": found.entries, "different": found.count, "tables": sorted(tables)},
        )
        return found
    except Refused as refused:
        outcome = (REFUSED, {"code": refused.code, **refused.facts})
        raise
    finally:
        ended = run._replace(ended=book.clock.now_ms(), outcome=outcome[0], found=outcome[1])
        runs.keep(book.database, ended)
