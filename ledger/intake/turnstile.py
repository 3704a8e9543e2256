"""One import at a time (design §10).

The lock belongs to the operating system or to PostgreSQL, so whoever dies lets go of it at once
and a crashed import can be resumed without waiting.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import text

from ledger.errors import Refused
from ledger.store.database import Database

_ADVISORY_KEY: Final = 0x5349_4445_494D_504F
"""The number of PostgreSQL's advisory lock ("SIDEIMPO"), one for each database."""


@contextmanager
def alone(database: Database, home: Path) -> Iterator[None]:
    """Be the only import into this ledger. Refuses with `import_running`.

    A SQLite ledger is shared by processes of one machine only: they meet at a file in `home`.
    """
    if database.is_sqlite:
        with _locked_file(home / "import.lock"):
            yield
    else:
        with _advisory_lock(database):
            yield


@contextmanager
def _locked_file(file: Path) -> Iterator[None]:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(file, flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _running() from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock(database: Database) -> Iterator[None]:
    with database.writer().execution_options(isolation_level="AUTOCOMMIT") as connection:
        key = {"key": _ADVISORY_KEY}
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar_one():
            raise _running()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)


def _running() -> Refused:
    return Refused("import_running", "another import is running; wait until it has ended")
