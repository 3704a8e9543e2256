"""The full comparison in a process of its own, which yields to everybody else.

The child reads where the ledger is from its standard input, since an address may hold a password,
and says what it found on its standard output, as JSON. A thread would share the interpreter with
those who wait for an answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from typing import Any, Final, NamedTuple

from ledger.errors import Refused
from ledger.store import rebuilding
from ledger.store.database import Database
from ledger.store.rebuilding import Comparison

NICENESS: Final = 19
"""Whatever else wants the processor comes first."""


class Compared(NamedTuple):
    """What came of it: entries looked at, rows that differ, and some of the tables they are in."""

    entries: int
    different: int
    tables: list[str]


class Child:
    """One comparison in a process of its own; `stop()` from another thread ends it early."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from api.comparing import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def compared(self, url: str, origin: str, *, shown: int) -> Compared:
        """Wait for it. Refuses with `entry_changed`; raises RuntimeError where the process
        ended without an answer."""
        asked = json.dumps({"url": url, "origin": origin, "shown": shown})
        said, _ = self._process.communicate(asked)
        if self._process.returncode:
            raise RuntimeError(f"the comparison ended with {self._process.returncode}")
        answer = json.loads(said)
        if "sentence" in answer:
            raise Refused("entry_changed", answer["sentence"], entry=answer["entry"])
        return Compared(**answer)

    def stop(self) -> None:
        """End it; whoever waits is told so by RuntimeError."""
        self._process.kill()


def summed(found: Comparison) -> Compared:
    """A comparison as it is kept: no row, which may be somebody's."""
    tables = Counter(each.table for each in found.first)
    return Compared(found.entries, found.count, sorted(tables))


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What the child says: what it found, or the refusal."""
    # It acknowledges nothing, so it does not matter here how the server would.
    database = Database(asked["url"], durable=False)
    try:
        found = rebuilding.compared(database, asked["origin"], shown=asked["shown"])
    except Refused as refused:
        if refused.code != "entry_changed":
            raise
        return {"sentence": refused.sentence, "entry": refused.facts["entry"]}
    finally:
        database.close()
    return summed(found)._asdict()


def main() -> None:
    """What the child does."""
    os.nice(NICENESS)
    sys.stdout.write(json.dumps(answer(json.load(sys.stdin)), default=str))
