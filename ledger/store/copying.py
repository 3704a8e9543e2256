"""A copy of a SQLite database as it stands at one moment, while others go on writing."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy import make_url

from ledger.errors import Refused


def copy_sqlite(url: str, target: Path) -> int:
    """Copy the database at `url` into the new file `target` (0600); how many bytes it has.

    Refuses with `not_sqlite` for another database, `file_exists` where something stands already.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise Refused(
            "not_sqlite",
            "this copies SQLite files; PostgreSQL has tools of its own, such as pg_dump and"
            " pg_basebackup",
        )
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        raise Refused("file_exists", f"{target} is there already; name a new file") from None
    source = sqlite3.connect(f"{Path(parsed.database).resolve().as_uri()}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
        # A copy is one file: nothing of it may wait in a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE").close()
    finally:
        copy.close()
        source.close()
    with target.open("rb") as written:
        os.fsync(written.fileno())
    return target.stat().st_size
