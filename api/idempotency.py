"""Which requests are being answered right now.

What was answered is in the journal (trust §1) and outlives everything here. Marks live in memory:
after a crash nothing is in flight. Two processes at once are ordered by the ledger's head, and
the second finds the entries of the first.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ledger.door.asking import Mark
from ledger.errors import Refused


class InFlight:
    """Requests that are being answered in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[Mark] = set()

    @contextmanager
    def alone(self, mark: Mark) -> Iterator[None]:
        """Be the only one who answers `mark`. Refuses with `request_in_flight`."""
        with self._lock:
            if mark in self._keys:
                raise Refused(
                    "request_in_flight",
                    "a request with this key is being answered; ask again in a moment",
                )
            self._keys.add(mark)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(mark)
