"""The identity lock: who claims numbers, claims alone.

Held from the first claim until the ledger has decided, across threads and processes, without
holding any database transaction: everything else in the vault goes on meanwhile. A process that
dies lets go of it, because the operating system or PostgreSQL does so for it.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, text

_ADVISORY_KEY: Final = 0x5349_4445_5641_554C
"""The number of PostgreSQL's advisory lock ("SIDEVAUL"), one for each database."""


class IdentityLock:
    """One holder at a time for one vault."""

    def __init__(self, engine: Engine, lock_file: Path | None) -> None:
        """`lock_file` stands beside a SQLite vault; None asks PostgreSQL for an advisory lock."""
        self._engine = engine
        self._lock_file = lock_file
        # Threads of one process queue here first, so that at most one of them occupies a
        # connection while it waits for another process.
        self._threads = threading.Lock()
        self._holder: int | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock and hold it. Raises RuntimeError if this thread holds it already."""
        if self._holder == threading.get_ident():
            raise RuntimeError("this thread already holds the identity lock; it is not nested")
        with self._threads:
            self._holder = threading.get_ident()
            try:
                with self._among_processes():
                    yield
            finally:
                self._holder = None

    @contextmanager
    def _among_processes(self) -> Iterator[None]:
        if self._lock_file is None:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as one:
                one.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_KEY})
                try:
                    yield
                finally:
                    one.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
            return
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self._lock_file, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
