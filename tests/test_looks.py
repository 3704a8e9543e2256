"""Single looks share a few connections: each is one reader's alone, and a lost one is made anew."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import TimeoutError as NoConnection

from ledger.store import database as databases
from ledger.store.database import Database, look
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
    with database.reading() as one, database.reading() as two:
        assert one is not two
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


def test_what_failed_leaves_nothing_behind(database: Database) -> None:
    for _ in range(4):
        with pytest.raises(psycopg.errors.UndefinedTable), database.reading() as connection:
            look(connection, "SELECT * FROM nowhere")
        with database.reading() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
            assert connection.in_transaction()
    with database.reading() as one, database.reading() as two:
        assert not one.in_transaction()
        assert not two.in_transaction()


def test_a_closed_database_opens_again_for_whoever_still_looks(database: Database) -> None:
    before = {who(database), who(database)}
    database.close()
    assert before.isdisjoint({who(database), who(database)})
