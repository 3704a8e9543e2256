"""The journal refuses to be changed, and whoever changes it all the same is found out."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from ledger.clock import DRIFT_MS_MAX, HEAD_AGE_MS_MAX, SystemClock, check_clock
from ledger.errors import Refused
from ledger.founding import found, open_book
from ledger.merkle import Frontier
from ledger.note import Checkpoint, sign_note
from ledger.store.database import WRITER_ROLE, Database
from tests.conftest import Restored
from tests.kit import FOUNDED, TODAY, FakeClock, Ledger, Town, at
from tests.recheck import recheck, tree_root

REFUSED = (sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.InternalError)


def engine_of(ledger: Ledger) -> sa.Engine:
    """A plain connection, as somebody with a database client would have: the owner's rights."""
    return sa.create_engine(ledger.database_url, poolclass=sa.NullPool)


def run(ledger: Ledger, *statements: str) -> None:
    with engine_of(ledger).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def size_of(ledger: Ledger) -> int:
    with engine_of(ledger).connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM entries")).scalar_one())


# The database refuses too ----------------------------------------------------------------------

BOTH = [
    "UPDATE entries SET data = data",
    "UPDATE entries SET idx = idx + 1000",
    "UPDATE entries SET hash = hash WHERE idx = 0",
    "DELETE FROM entries",
    "DELETE FROM entries WHERE idx = {last}",
    "INSERT INTO entries (idx, hash, data) VALUES ({next} + 1, {hash}, {data})",
    "INSERT INTO entries (idx, hash, data) VALUES ({last}, {hash}, {data})",
    "INSERT INTO entries (idx, hash, data) VALUES (-1, {hash}, {data})",
    # A gap in the middle of several rows, and rows in no order that leave one.
    (
        "INSERT INTO entries (idx, hash, data) VALUES ({next}, {hash}, {data}),"
        " ({next} + 2, {hash}, {data})"
    ),
    (
        "INSERT INTO entries (idx, hash, data) VALUES ({next} + 1, {hash}, {data}),"
        " ({next} + 3, {hash}, {data})"
    ),
    (
        "INSERT INTO entries (idx, hash, data) VALUES (0, {hash}, {data})"
        " ON CONFLICT (idx) DO UPDATE SET data = excluded.data"
    ),
    (
        "INSERT INTO entries (idx, hash, data) VALUES ({next}, {hash}, {data}),"
        " (0, {hash}, {data}) ON CONFLICT (idx) DO UPDATE SET data = excluded.data"
    ),
]
SQLITE = [
    "INSERT OR REPLACE INTO entries (idx, hash, data) VALUES (0, {hash}, {data})",
    "REPLACE INTO entries (idx, hash, data) VALUES ({last}, {hash}, {data})",
    "INSERT OR IGNORE INTO entries (idx, hash, data) VALUES (7000, {hash}, {data})",
    "INSERT INTO entries (hash, data) VALUES ({hash}, {data})",
    "INSERT INTO entries (idx, hash, data) VALUES (NULL, {hash}, {data})",
    "UPDATE OR REPLACE entries SET idx = 0 WHERE idx = 1",
    "UPDATE OR IGNORE entries SET data = x'00'",
]
POSTGRESQL = [
    "TRUNCATE entries",
    "TRUNCATE entries CASCADE",
    "DELETE FROM entries WHERE idx < 0",
    (
        "MERGE INTO entries USING (SELECT 0 AS n) s ON idx = n"
        " WHEN MATCHED THEN UPDATE SET data = {data}"
    ),
    "MERGE INTO entries USING (SELECT 0 AS n) s ON idx = n WHEN MATCHED THEN DELETE",
]


def literal(ledger: Ledger, statement: str) -> str:
    some = "00" * 32
    last = size_of(ledger) - 1
    quoted = f"x'{some}'" if ledger.is_sqlite else f"'\\x{some}'::bytea"
    return statement.format(last=last, next=last + 1, hash=quoted, data=quoted)


@pytest.mark.parametrize("statement", BOTH)
def test_no_entry_is_changed_removed_or_put_out_of_turn(ledger: Ledger, statement: str) -> None:
    before = size_of(ledger)
    with pytest.raises(REFUSED, match=r"never|in turn|duplicate key|UNIQUE"):
        run(ledger, literal(ledger, statement))
    assert size_of(ledger) == before


@pytest.mark.parametrize("statement", [*SQLITE, *POSTGRESQL])
def test_nor_by_what_only_one_database_knows(ledger: Ledger, statement: str) -> None:
    if (statement in SQLITE) != ledger.is_sqlite:
        return
    before = size_of(ledger)
    with pytest.raises(REFUSED, match=r"never|in turn"):
        run(ledger, literal(ledger, statement))
    assert size_of(ledger) == before


def test_several_entries_in_turn_are_taken(ledger: Ledger) -> None:
    """The guard refuses gaps, not groups: the nearest yes, written and taken back."""
    before = size_of(ledger)
    statement = literal(
        ledger,
        "INSERT INTO entries (idx, hash, data) VALUES ({next}, {hash}, {data}),"
        " ({next} + 1, {hash}, {data})",
    )
    with engine_of(ledger).connect() as connection:
        connection.execute(sa.text(statement))
        connection.rollback()
    assert size_of(ledger) == before


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE entries DISABLE TRIGGER ALL",
        "ALTER TABLE entries DISABLE TRIGGER entries_come_in_turn",
        "DROP TRIGGER entries_are_never_changed ON entries",
        "DROP TABLE entries",
        "SET session_replication_role = replica",
        (
            "CREATE OR REPLACE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RETURN NULL; END'"
        ),
        "UPDATE entries SET data = data",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "ALTER TABLE entries OWNER TO sidereal_writer",
        "UPDATE ledger_version SET version_num = 'v0000'",
        "RESET ROLE; ALTER TABLE entries DISABLE TRIGGER ALL",
    ],
)
def test_the_writer_cannot_switch_the_guards_off(restored: Restored, statement: str) -> None:
    """Somebody who logs in with the writer's rights alone, as `serve` must."""
    owner = sa.make_url(restored.take())
    address = owner.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS till_login")
        connection.execute("CREATE ROLE till_login LOGIN IN ROLE sidereal_writer")
    login = owner.set(drivername="postgresql", username="till_login")
    with (
        psycopg.connect(login.render_as_string(hide_password=False)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP ROLE till_login")
    restored.give_back(owner.render_as_string(hide_password=False), broken=False)


def test_the_ledger_works_with_the_writers_rights(ledger: Ledger) -> None:
    """And knows whether it could do more."""
    if ledger.is_sqlite:
        assert not Database(ledger.database_url).owns_entries()
        return
    database = Database(ledger.database_url, durable=False)
    with database.reading() as connection:
        who = connection.execute(sa.text("SELECT current_user")).scalar_one()
    assert who == WRITER_ROLE
    assert database.owns_entries(), "the login itself is the owner: serving as it is refused"
    database.close()


def test_a_server_that_acknowledges_too_early_is_refused(ledger: Ledger) -> None:
    if ledger.is_sqlite:
        return
    with pytest.raises(Refused, match="not_durable"):
        Database(ledger.database_url)


def test_sqlite_waits_for_its_disk(ledger: Ledger) -> None:
    if not ledger.is_sqlite:
        return
    database = Database(ledger.database_url)
    with database.reading() as connection:
        for pragma, wanted in (("journal_mode", "wal"), ("synchronous", 2)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == wanted
    database.close()


# The head kept apart ---------------------------------------------------------------------------


def signed(ledger: Ledger) -> tuple[int, Path]:
    """A ledger with a few entries, signed and closed; its size and its head's file."""
    book = ledger.open()
    Town(book, ledger.clock)
    checkpoint = book.signer.sign()
    assert checkpoint is not None
    ledger.close()
    ledger.clock.forward(seconds=61)  # The lease of a signer that went away has run out.
    [head] = (ledger.home / "heads").iterdir()
    return checkpoint.size, head


def check(ledger: Ledger) -> None:
    book = ledger.open()
    try:
        book.signer.check()
    finally:
        ledger.close()


def without_guards(ledger: Ledger, *statements: str) -> None:
    """Somebody with the owner's rights drops the guards, does this, and tidies up."""
    ledger.tampered = True
    if ledger.is_sqlite:
        with engine_of(ledger).connect() as connection:
            guards = connection.execute(
                sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).fetchall()
        names = [f"DROP TRIGGER {name}" for name, _ in guards]
        run(ledger, *names, *statements, *(sql for _, sql in guards))
    else:
        run(ledger, "SET session_replication_role = replica", *statements)


def rewrite(ledger: Ledger, index: int, old: bytes, new: bytes) -> None:
    """Change an entry and redo every hash after it, the head and its frontier: a thorough job."""
    with engine_of(ledger).connect() as connection:
        query = sa.text("SELECT data FROM entries ORDER BY idx")
        entries = [bytes(row[0]) for row in connection.execute(query)]
    assert old in entries[index]
    entries[index] = entries[index].replace(old, new)
    prev = ""
    statements = []
    frontier = Frontier()
    for at_index, written in enumerate(entries):
        data = written
        if at_index > index:
            start = data.index(b'"prev":"') + len(b'"prev":"')
            data = data[:start] + prev.encode() + data[start + 64 :]
        leaf = hashlib.sha256(b"\x00" + data).digest()
        prev = leaf.hex()
        frontier.append(leaf)
        if at_index >= index:
            as_bytes = ("x'{}'" if ledger.is_sqlite else "'\\x{}'::bytea").format
            statements.append(
                f"UPDATE entries SET data = {as_bytes(data.hex())}, hash = {as_bytes(prev)}"
                f" WHERE idx = {at_index}".replace(":bytea", "\\:bytea").replace("':", "'\\:")
            )
    as_bytes = ("x'{}'" if ledger.is_sqlite else "'\\\\x{}'").format
    kept = frontier.to_bytes().hex()
    statements.append(
        f"UPDATE head SET hash = {as_bytes(prev)}, frontier = {as_bytes(kept)}".replace(
            "\\\\", "\\"
        )
    )
    without_guards(ledger, *statements)


def test_an_untouched_ledger_opens_again(ledger: Ledger) -> None:
    size, _ = signed(ledger)
    check(ledger)
    book = ledger.open()
    again = book.signer.sign()
    assert again is not None
    assert again.size == size
    assert book.checkpoint()[0].size == size


def test_the_signature_covers_the_very_tree(ledger: Ledger) -> None:
    book = ledger.open()
    Town(book, ledger.clock)
    checkpoint = book.signer.sign()
    assert checkpoint is not None
    laws = recheck(ledger.database_url)
    assert (checkpoint.size, checkpoint.root) == (laws.size, tree_root(laws.leaves))
    assert book.signer.head() == checkpoint


def test_a_lost_head_is_unknown_until_one_is_adopted(ledger: Ledger) -> None:
    size, head = signed(ledger)
    note = head.read_bytes()
    head.unlink()
    with pytest.raises(Refused, match="head_unknown"):
        check(ledger)
    book = ledger.open()
    with pytest.raises(Refused, match="head_unknown"):
        book.signer.sign()
    assert not head.exists(), "nothing is signed meanwhile"
    assert book.signer.adopt(note).size == size
    with pytest.raises(Refused, match="head_known"):
        book.signer.adopt(note)
    ledger.close()
    check(ledger)


def test_an_older_checkpoint_can_be_adopted(ledger: Ledger) -> None:
    """It must still be one of this history, and the next signature is the whole of it."""
    _, head = signed(ledger)
    older = head.read_bytes()
    signed(ledger)
    head.unlink()
    book = ledger.open()
    book.signer.adopt(older)
    again = book.signer.sign()
    assert again is not None
    assert again.size == book.checkpoint()[0].size


def test_no_strange_note_is_adopted(ledger: Ledger) -> None:
    size, head = signed(ledger)
    head.unlink()
    book = ledger.open()
    false = Checkpoint(origin=book.origin, size=size, root=bytes(32))
    by_us, by_ack = (sign_note(false.text(), [key]) for key in (book.keys.log, book.keys.ack))
    for note, code in (
        (by_us, "head_differs"),
        (by_ack, "head_unknown"),
        (false.text().encode(), "head_unknown"),
        (b"", "head_unknown"),
        (
            sign_note(
                Checkpoint(origin=book.origin, size=size + 1, root=bytes(32)).text(),
                [book.keys.log],
            ),
            "head_ahead",
        ),
    ):
        with pytest.raises(Refused, match=code):
            book.signer.adopt(note)
    assert not head.exists()


def test_a_damaged_head_is_unknown(ledger: Ledger) -> None:
    _, head = signed(ledger)
    head.write_bytes(head.read_bytes().replace(b"\n", b" \n", 1))
    with pytest.raises(Refused, match="head_unknown"):
        check(ledger)


def test_a_database_wound_back_is_found_out(ledger: Ledger) -> None:
    """An old backup restored, or the newest entries cut off."""
    size, _ = signed(ledger)
    without_guards(ledger, f"DELETE FROM entries WHERE idx >= {size - 1}")
    with pytest.raises(Refused, match="head_ahead"):
        check(ledger)
    book = ledger.open()
    with pytest.raises(Refused, match="head_ahead"):
        book.signer.sign()


def test_nothing_smaller_is_signed_even_where_nobody_restarted(ledger: Ledger) -> None:
    """The database is wound back under a running signer, head row and all."""
    book = ledger.open()
    before = book.checkpoint()[0].size
    with book.database.reading() as connection:
        row = connection.execute(sa.text("SELECT size, hash, time, frontier FROM head")).one()
    Town(book, ledger.clock)
    checkpoint = book.signer.sign()
    assert checkpoint is not None
    as_bytes = ("x'{}'" if ledger.is_sqlite else "'\\x{}'").format
    without_guards(
        ledger,
        f"DELETE FROM entries WHERE idx >= {before}",
        f"UPDATE head SET size = {row[0]}, hash = {as_bytes(bytes(row[1]).hex())},"
        f" time = {row[2]}, frontier = {as_bytes(bytes(row[3]).hex())}",
    )
    with pytest.raises(Refused):
        book.signer.sign()
    assert book.signer.head() == checkpoint


def test_one_entry_rewritten_thoroughly_is_found_out(ledger: Ledger) -> None:
    """Guards dropped, the entry changed, every hash and the head redone: the root differs."""
    size, _ = signed(ledger)
    rewrite(ledger, size - 3, b'"actor":"console"', b'"actor":"consolE"')
    with pytest.raises(Refused, match="head_differs"):
        check(ledger)
    book = ledger.open()
    with pytest.raises(Refused, match="head_differs"):
        book.signer.sign()


def test_an_entry_changed_without_its_hash_is_found_out(ledger: Ledger) -> None:
    size, _ = signed(ledger)
    without_guards(
        ledger,
        "UPDATE entries SET data = (SELECT data FROM entries WHERE idx = 0)"
        f" WHERE idx = {size - 1}",
    )
    with pytest.raises(Refused, match="entry_changed"):
        check(ledger)


def test_a_hash_changed_without_its_entry_is_found_out(ledger: Ledger) -> None:
    size, _ = signed(ledger)
    without_guards(
        ledger,
        "UPDATE entries SET hash = (SELECT hash FROM entries WHERE idx = 0)"
        f" WHERE idx = {size - 1}",
    )
    with pytest.raises(Refused, match="entry_changed"):
        check(ledger)


def test_a_false_frontier_is_not_signed(ledger: Ledger) -> None:
    signed(ledger)
    ledger.tampered = True
    book = ledger.open()
    Town(book, ledger.clock)
    frontier = Frontier()
    for _ in range(book.checkpoint()[0].size):
        frontier.append(bytes(32))
    kept = frontier.to_bytes().hex()
    run(
        ledger,
        "UPDATE head SET frontier = " + (f"x'{kept}'" if ledger.is_sqlite else f"'\\x{kept}'"),
    )
    with pytest.raises(Refused):
        book.signer.sign()


def test_another_ledgers_database_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    """The same home with a database of another origin."""
    other = tmp_path / "other"
    book = found(
        other,
        database_url=f"sqlite:///{tmp_path}/other.db",
        vault_url=f"sqlite:///{other}/vault.db",
        clock=FakeClock(FOUNDED),
    )
    book.close()
    ledger.tampered = True
    with pytest.raises(Refused, match=r"head_differs|wrong_origin"):
        open_book(
            ledger.home,
            database_url=f"sqlite:///{tmp_path}/other.db",
            vault_url=ledger.vault_url,
            clock=FakeClock(FOUNDED),
            durable=False,
        )


def test_of_two_signers_one_signs(ledger: Ledger) -> None:
    """The other waits until the lease has run out; the checkpoints never contradict."""
    first, second = ledger.open(), ledger.open()
    assert first.signer.sign() is not None
    assert second.signer.sign() is None
    town = Town(first, ledger.clock)
    assert second.signer.sign() is None
    ledger.clock.forward(seconds=61)
    took_over = second.signer.sign()
    assert took_over is not None
    assert took_over.size == town.size()
    assert first.signer.sign() is None
    ledger.clock.forward(seconds=61)
    Town(second, ledger.clock)
    back = first.signer.sign()
    assert back is not None
    assert back.size > took_over.size


def test_a_signed_head_that_was_not_published_is_published_next(ledger: Ledger) -> None:
    """The crash came between the file and the table."""
    book = ledger.open()
    Town(book, ledger.clock)
    checkpoint = book.signer.sign()
    assert checkpoint is not None
    ledger.close()
    ledger.clock.forward(seconds=61)
    run(ledger, f"DELETE FROM checkpoints WHERE size = {checkpoint.size}")
    book = ledger.open()
    assert book.checkpoint()[0].size < checkpoint.size
    book.signer.sign()
    assert book.checkpoint()[0] == checkpoint


def test_the_head_is_nobody_elses_to_read(ledger: Ledger) -> None:
    _, head = signed(ledger)
    assert head.stat().st_mode & 0o777 == 0o600
    assert head.parent.stat().st_mode & 0o777 == 0o700


def test_founding_again_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    urls: dict[str, Any] = {
        "database_url": f"sqlite:///{home}/l.db",
        "vault_url": f"sqlite:///{home}/v.db",
    }
    first = found(home, **urls, clock=FakeClock(TODAY))
    size, origin = first.checkpoint()[0].size, first.origin
    first.close()
    again = found(home, **urls, clock=FakeClock(TODAY))
    assert (again.checkpoint()[0].size, again.origin) == (size, origin)
    again.close()


@pytest.mark.parametrize("after", [0, 1, 3, 8])
def test_founding_that_was_broken_off_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Each step looks whether it was done: the second attempt makes a whole ledger."""
    from ledger.book import Book

    home = tmp_path / "home"
    urls: dict[str, Any] = {
        "database_url": f"sqlite:///{home}/l.db",
        "vault_url": f"sqlite:///{home}/v.db",
    }
    record: Callable[..., object] = Book.record
    left = [after]

    def breaks_off(book: Book, *args: object, **given: object) -> object:
        if not left[0]:
            book.close()
            raise KeyboardInterrupt
        left[0] -= 1
        return record(book, *args, **given)

    with monkeypatch.context() as patch:
        patch.setattr(Book, "record", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            found(home, **urls, clock=FakeClock(TODAY))
    book = found(home, **urls, clock=FakeClock(TODAY))
    assert book.policy().version_name == "cn-default/3"
    assert book.checkpoint()[0].size == recheck(urls["database_url"]).size == 9
    book.close()


def test_a_missing_key_stops_the_start(ledger: Ledger) -> None:
    """A key is never silently made again while the journal is not empty."""
    (ledger.home / "keys" / "log").unlink()
    with pytest.raises(Refused):
        ledger.open()
    with pytest.raises(Refused):
        found(
            ledger.home,
            database_url=ledger.database_url,
            vault_url=ledger.vault_url,
            clock=ledger.clock,
            durable=False,
        ).close()
    assert not (ledger.home / "keys" / "log").exists()


# Clocks ----------------------------------------------------------------------------------------

HEAD = at("2025-03-10 09:00")


def test_a_clock_behind_the_head_stops_writing() -> None:
    check_clock(HEAD, head_time=HEAD, database_ms=None)
    with pytest.raises(Refused, match="clock_unsure"):
        check_clock(HEAD - 1, head_time=HEAD, database_ms=None)


def test_a_database_with_another_time_stops_writing() -> None:
    for apart in (DRIFT_MS_MAX, -DRIFT_MS_MAX, 0):
        check_clock(HEAD, head_time=HEAD, database_ms=HEAD + apart)
    for apart in (DRIFT_MS_MAX + 1, -DRIFT_MS_MAX - 1):
        with pytest.raises(Refused, match="clock_unsure"):
            check_clock(HEAD, head_time=HEAD, database_ms=HEAD + apart)
    assert DRIFT_MS_MAX == 5_000


def test_a_head_more_than_seven_days_old_asks_for_a_word() -> None:
    now = HEAD + HEAD_AGE_MS_MAX
    check_clock(now, head_time=HEAD, database_ms=None)
    with pytest.raises(Refused, match="clock_unconfirmed"):
        check_clock(now + 1, head_time=HEAD, database_ms=None)
    with pytest.raises(Refused, match="clock_unconfirmed"):
        check_clock(now + 1, head_time=HEAD, database_ms=None, confirmed_head=HEAD - 1)
    check_clock(now + 1, head_time=HEAD, database_ms=None, confirmed_head=HEAD)
    check_clock(now, head_time=0, database_ms=None)


def test_opening_looks_at_the_clock(ledger: Ledger) -> None:
    if not ledger.is_sqlite:
        return  # Its own clock would be compared with the test's.
    Town(ledger.open(), ledger.clock)
    ledger.close()

    def opened(now: str, confirmed_head: int = 0) -> None:
        open_book(
            ledger.home,
            database_url=ledger.database_url,
            vault_url=ledger.vault_url,
            clock=FakeClock(now),
            confirmed_head=confirmed_head,
        ).close()

    opened("2025-03-17 09:00")
    with pytest.raises(Refused, match="clock_unsure"):
        opened("2025-03-10 08:59:59")
    with pytest.raises(Refused, match="clock_unconfirmed"):
        opened("2025-03-17 09:00:01")
    opened("2025-03-17 09:00:01", confirmed_head=HEAD)


@pytest.mark.parametrize("moved_ms", [5_001, -5_001])
def test_a_clock_that_was_set_stops_writing_and_one_that_drifts_a_little_does_not(
    ledger: Ledger, moved_ms: int
) -> None:
    wall, steady = [at(TODAY) * 1_000_000], [0]
    clock = SystemClock(lambda: wall[0], lambda: steady[0])
    town = Town(ledger.open(clock=clock), ledger.clock)
    for each in (wall, steady):
        each[0] += 3_600_000 * 1_000_000
    town.volunteer()
    wall[0] += (abs(moved_ms) - 1) * (1 if moved_ms > 0 else -1) * 1_000_000
    town.volunteer()
    wall[0] += (1 if moved_ms > 0 else -1) * 1_000_000
    with town.refuses("clock_unsure"):
        town.volunteer()


def test_time_never_runs_backwards(ledger: Ledger) -> None:
    """A little behind the head, an entry carries the head's time."""
    town = Town(ledger.open(), ledger.clock)
    before = town.size()
    ledger.clock.forward(seconds=-3)
    town.volunteer()
    assert town.book.entry(before).time == at(TODAY)


def test_sqlite_files_are_their_owners_alone(ledger: Ledger) -> None:
    if not ledger.is_sqlite:
        return
    ledger.open().checkpoint()
    for file in ledger.home.glob("*.db*"):
        assert file.stat().st_mode & 0o077 == 0, file.name
    assert sqlite3.sqlite_version_info >= (3, 37)
