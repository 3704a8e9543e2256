"""Single looks share a few connections: each is one reader's alone, and a lost one is made anew."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import TimeoutError as NoConnection

from ledger.store import database as databases
from ledger.store.database import Database, look, one
from tests.conftest import Restored


@pytest.fixture
def database(restored: Restored) -> Iterator[Database]:
    url = restored.take()
    opened = Database(url, durable=False, pool_size=2)
    yield opened
    opened.close()
    restored.give_back(url, broken=False)


def who(database: Database) -> int:
    """The server's process behind the next look."""
    with database.reading() as connection:
        return int(look(connection, "SELECT pg_backend_pid()").fetchone()[0])


def hang_up(database: Database, pid: int) -> None:
    address = make_url(database.url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as owner:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_a_connection_is_used_again(database: Database) -> None:
    # The other one that may be made stands before it in the queue once.
    assert len({who(database) for _ in range(6)}) <= 2


def test_readers_at_once_have_one_each_and_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "WAIT_SECONDS_MAX", 0.05)
    with database.reading() as first, database.reading() as second:
        assert first is not second
        with pytest.raises(NoConnection), database.reading():
            raise AssertionError("there were only two")
    assert who(database)


def test_a_lost_connection_is_made_anew(database: Database) -> None:
    """A server that restarted costs each connection one failed look, and nobody the pool."""
    lost = {who(database), who(database)}
    for pid in lost:
        hang_up(database, pid)
    for _ in lost:
        with pytest.raises(psycopg.OperationalError), database.reading() as connection:
            look(connection, "SELECT 1")
    assert lost.isdisjoint({who(database), who(database)})


def test_what_every_request_asks_is_lost_and_made_anew_just_so(database: Database) -> None:
    lost = {who(database), who(database)}
    for _ in lost:
        with database.reading() as connection:
            assert one(connection, "SELECT ?::bigint", (1,)) == (1,)
    for pid in lost:
        hang_up(database, pid)
    for _ in lost:
        with pytest.raises(psycopg.OperationalError), database.reading() as connection:
            one(connection, "SELECT ?::bigint", (1,))
    for _ in lost:
        with database.reading() as connection:
            assert one(connection, "SELECT ?::bigint", (2,)) == (2,)


def test_one_row_is_as_the_driver_reads_it(database: Database) -> None:
    query = (
        "SELECT ?::bigint, 7::integer, NULL::text, count(*), ?::text, ?::bytea, ''::bytea"
        " FROM documents WHERE since > ?"
    )
    asked = (-(2**53) + 1, "“咖啡”\n'\"\\", bytes(range(256)), 10**15)
    with database.reading() as connection:
        found = one(connection, query, asked)
        assert found == tuple(look(connection, query, asked).fetchone())
        assert found == (asked[0], 7, None, 0, asked[1], asked[2], b"")
        assert one(connection, "SELECT 1 WHERE ? = ''", ("x",)) is None
        with pytest.raises(psycopg.errors.UndefinedTable):
            one(connection, "SELECT * FROM nowhere WHERE a = ?", ("x",))
        with pytest.raises(psycopg.errors.DivisionByZero):
            one(connection, "SELECT 1 / ?::bigint", (0,))
        assert one(connection, "SELECT 6 / ?::bigint", (3,)) == (2,)


def test_what_failed_leaves_nothing_behind(database: Database) -> None:
    for _ in range(4):
        with pytest.raises(psycopg.errors.UndefinedTable), database.reading() as connection:
            look(connection, "SELECT * FROM nowhere")
        with database.reading() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
            assert connection.in_transaction()
    with database.reading() as first, database.reading() as second:
        assert not first.in_transaction()
        assert not second.in_transaction()


def test_a_closed_database_opens_again_for_whoever_still_looks(database: Database) -> None:
    before = {who(database), who(database)}
    database.close()
    assert before.isdisjoint({who(database), who(database)})
