"""One signer at a time, and a head kept apart from the database (trust §3).

The head file holds the newest checkpoint this origin ever signed. Whoever edits or winds back the
database without it is found out before the next signature: to start or to sign, the tree over the
first `size` entries must still have the head's root.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from ledger.clock import Clock
from ledger.entry import leaf_hash
from ledger.errors import Refused
from ledger.keys import Ed25519Signer
from ledger.merkle import Frontier
from ledger.note import Checkpoint, NoteRefused, open_checkpoint, sign_note
from ledger.store import journal, tables
from ledger.store.database import Database
from ledger.store.writing import put_rows

LEASE_MS: Final = 60_000


class CheckpointSigner:
    """Signs the tree's head. `home` holds `heads/`; `key` is the log key."""

    def __init__(self, database: Database, key: Ed25519Signer, home: Path, clock: Clock) -> None:
        self._database = database
        self._key = key
        self._clock = clock
        self._file = home / "heads" / sha256(key.name.encode()).hexdigest()
        self._holder = secrets.token_hex(8)
        self._checked: Frontier | None = None

    def begin(self) -> None:
        """Sign the empty tree, before the first entry: from now on the head is known."""
        if self._file.exists():
            return
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        empty = Checkpoint(origin=self._key.name, size=0, root=Frontier().root())
        with self._locked():
            self._replace(sign_note(empty.text(), [self._key]))

    def head(self) -> Checkpoint:
        """The checkpoint of the head file. Refuses with `head_unknown`."""
        try:
            note = self._file.read_bytes()
        except FileNotFoundError:
            raise Refused(
                "head_unknown",
                "the file of the last signed head is missing; give the newest checkpoint you trust"
                " to `sidereal checkpoint --adopt-head FILE`",
            ) from None
        return self._opened(note)

    def check(self) -> None:
        """Whether the database still holds what was signed, and nothing beyond its own head.

        Refuses with `head_unknown`, `head_ahead` (entries are missing), `head_differs` (entries
        were changed) or `stray_entries` (entries that this ledger did not write).
        """
        self._checked = self._tree_at(self.head())
        with self._database.snapshot() as connection:
            _refuse_strays(connection, journal.read_head(connection, self._key.name).chain.size)

    def sign(self) -> Checkpoint | None:
        """Sign the present head and publish it; None while another process holds the lease.

        Refuses as `check` does.
        """
        if not self._hold_lease():
            return None
        with self._locked():
            head = self.head()
            if self._checked is None or self._checked.size != head.size:
                self._checked = self._tree_at(head)
            elif self._checked.root() != head.root:
                raise _differs(head)
            tree = self._checked.copy()
            with self._database.snapshot() as connection:
                at = journal.read_head(connection, self._key.name)
                _refuse_strays(connection, at.chain.size)
                _extend(tree, connection, at.chain.size)
            if at.frontier.root() != tree.root():
                raise Refused(
                    "frontier_differs",
                    "the stored frontier is not that of the entries; run `sidereal rebuild`",
                )
            checkpoint = Checkpoint(origin=self._key.name, size=tree.size, root=tree.root())
            note = sign_note(checkpoint.text(), [self._key])
            # A crash after this line leaves a head that is signed but not published; the next
            # signature publishes a later one, and nothing smaller can ever be signed again.
            if tree.size > head.size:
                self._replace(note)
                self._checked = tree
            else:
                note = self._file.read_bytes()
        self._publish(checkpoint, note)
        return checkpoint

    def adopt(self, note: bytes) -> Checkpoint:
        """Take a signed checkpoint as the head whose file was lost. Refuses as `check` does, and
        with `head_known` where a file is there."""
        if self._file.exists():
            raise Refused("head_known", "the head's file is there; nothing needs adopting")
        checkpoint = self._opened(note)
        self._checked = self._tree_at(checkpoint)
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        with self._locked():
            self._replace(note)
        return checkpoint

    def _opened(self, note: bytes) -> Checkpoint:
        try:
            return open_checkpoint(note, self._key.name, [self._key.verifier])
        except NoteRefused as refused:
            raise Refused(
                "head_unknown", f"this is no checkpoint signed by this ledger's key: {refused}"
            ) from refused

    def _tree_at(self, head: Checkpoint) -> Frontier:
        """The tree over the first entries, if it is the one that was signed."""
        tree = Frontier()
        with self._database.snapshot() as connection:
            if journal.count(connection) < head.size:
                raise Refused(
                    "head_ahead",
                    f"{head.size} entries were signed and fewer are stored: this is an older copy",
                    signed=head.size,
                )
            _extend(tree, connection, head.size)
        if tree.root() != head.root:
            raise _differs(head)
        return tree

    def _hold_lease(self) -> bool:
        now = self._clock.now_ms()
        with self._database.writing() as connection:
            row = connection.execute(
                text("SELECT holder, until FROM leases WHERE name = 'signer'")
            ).fetchone()
            if row is not None and row[0] != self._holder and row[1] > now:
                return False
            put_rows(connection, tables.leases, [("signer", self._holder, now + LEASE_MS)])
            return True

    def release(self) -> None:
        """Let another process sign at once, instead of when the lease is over."""
        with self._database.writing() as connection:
            connection.execute(
                text("DELETE FROM leases WHERE name = 'signer' AND holder = :holder"),
                {"holder": self._holder},
            )

    def _publish(self, checkpoint: Checkpoint, note: bytes) -> None:
        row = (checkpoint.size, checkpoint.root, self._clock.now_ms(), note.decode())
        with self._database.writing() as connection:
            put_rows(connection, tables.checkpoints, [row])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Nobody else on this machine reads and replaces the head meanwhile."""
        lock = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _replace(self, note: bytes) -> None:
        """The new head, on the disk before anybody sees it."""
        fresh = self._file.with_suffix(".new")
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            os.write(file, note)
            os.fsync(file)
        finally:
            os.close(file)
        fresh.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _refuse_strays(connection: Connection, size: int) -> None:
    count = journal.count(connection)
    if count != size:
        raise Refused(
            "stray_entries",
            f"the head counts {size} entries and the table has {count}: somebody wrote past the"
            " ledger, or the head was edited; docs/recovery.md says what to do",
            head=size,
            stored=count,
        )


def _extend(tree: Frontier, connection: Connection, size: int) -> None:
    """Hash the entries that the tree lacks, from their bytes."""
    for stored, data in journal.every_entry(connection, first=tree.size, end=size):
        leaf = leaf_hash(data)
        if leaf != stored:
            raise Refused(
                "entry_changed",
                f"entry {tree.size} is not the bytes that were hashed; verify an export",
                entry=tree.size,
            )
        tree.append(leaf)


def _differs(head: Checkpoint) -> Refused:
    return Refused(
        "head_differs",
        f"the first {head.size} entries are not those that were signed; verify an export",
        signed=head.size,
    )
