"""One database, SQLite or PostgreSQL: how it is opened, and what it must promise.

Reading and writing have separate engines. On SQLite a writer begins with BEGIN IMMEDIATE, so two
processes never decide on the same head; on PostgreSQL the head row's lock does that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    LargeBinary,
    Text,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import NullPool

from ledger.errors import Refused

SQLITE_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 30000",
)
WAIT_SECONDS_MAX: Final = 30
"""How long a look may wait for a connection."""
WRITER_ROLE: Final = "sidereal_writer"
"""On PostgreSQL the role that may add entries and never change one."""


class Database:
    """The ledger's database. `url` is SQLAlchemy's; plain `postgresql://` means psycopg.

    `durable=False` is for whoever only reads, and lets tests use a server that does not wait for
    its disk. Raises Refused with `not_durable` where the server acknowledges too early.
    """

    def __init__(self, url: str, *, durable: bool = True, pool_size: int = 8) -> None:
        refuse_unusable(url)
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if not self.is_sqlite:
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed.render_as_string(hide_password=False)
        if self.is_sqlite:
            self._reader = self._looker = create_engine(parsed)
            self._writer = create_engine(parsed, poolclass=NullPool)
            for engine in (self._reader, self._writer):
                event.listen(engine, "connect", _prepare_sqlite)
            event.listen(self._reader, "begin", _begin)
            event.listen(self._writer, "begin", _begin_immediate)
        else:
            # None beyond the pool: a connection made for one request costs more than a short wait.
            size: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0}
            self._reader = self._writer = create_engine(parsed, **size)
            # Between two single looks there is nothing to roll back and no level to set again.
            self._looker = create_engine(
                parsed, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **size
            )
            self._lookers = _Lookers(self._looker, pool_size)
            for engine in (self._reader, self._looker):
                event.listen(engine, "connect", _prepare_postgresql)
        if durable and not self.is_sqlite:
            try:
                self._refuse_early_acknowledgement()
            except BaseException:
                self.close()
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for single looks: each statement sees what is committed when it runs, and
        costs PostgreSQL one trip."""
        if self.is_sqlite:
            with self.snapshot() as connection:
                yield connection
            return
        connection = self._lookers.take()
        try:
            yield connection
        finally:
            self._lookers.give_back(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection whose reads all see one state of the ledger."""
        with self._reader.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: all of it, or nothing."""
        with self._writer.connect() as connection, connection.begin():
            yield connection

    def writer(self) -> Connection:
        """A connection to keep for one writer; whoever asks closes it."""
        return self._writer.connect()

    def owns_entries(self) -> bool:
        """Whether this login could drop the guards: the owner of the table, or a superuser."""
        if self.is_sqlite:
            return False
        with self.reading() as connection:
            owner = connection.execute(
                text(
                    "SELECT pg_has_role(session_user, tableowner, 'USAGE') FROM pg_tables"
                    " WHERE tablename = 'entries' AND schemaname = current_schema()"
                )
            ).scalar_one_or_none()
        return bool(owner)

    def now_ms(self) -> int | None:
        """The database server's own clock (ms UTC); None where it is this machine's."""
        if self.is_sqlite:
            return None
        with self.reading() as connection:
            seconds = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())"))
            return int(seconds.scalar_one() * 1000)

    def close(self) -> None:
        """Let go of every connection."""
        if not self.is_sqlite:
            self._lookers.close()
        for engine in (self._looker, self._reader, self._writer):
            engine.dispose()

    def _refuse_early_acknowledgement(self) -> None:
        with self.reading() as connection:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                value = connection.execute(text(f"SHOW {name}")).scalar_one()
                if value == "off":
                    raise Refused(
                        "not_durable",
                        f"the database server has {name} off: it would acknowledge entries that a"
                        " power cut loses; switch it on",
                        setting=name,
                    )


class _Lookers:
    """Connections for single looks, kept open: every request takes one a few times, and with many
    threads the engine's own pool, which wakes them by a condition, is a tenth of what each costs.
    """

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine = engine
        self._most = most
        self._free: SimpleQueue[Connection | None] = SimpleQueue()
        # None stands for a connection that may be made.
        for _ in range(most):
            self._free.put(None)

    def take(self) -> Connection:
        """One that nobody else has; waits for it, and raises SQLAlchemy's TimeoutError where none
        comes free."""
        try:
            connection = self._free.get(timeout=WAIT_SECONDS_MAX)
        except Empty:
            raise NoConnection("every connection to the database is in use") from None
        if connection is not None:
            return connection
        try:
            return self._engine.connect()
        except BaseException:
            self._free.put(None)
            raise

    def give_back(self, connection: Connection) -> None:
        """Free it for the next; one that is lost is made anew."""
        # A statement of the driver's own tells the engine nothing of a server that is gone.
        if connection.closed or connection.invalidated or driver(connection).closed:
            if not connection.closed:
                connection.invalidate()
                connection.close()
            self._free.put(None)
            return
        if connection.in_transaction():
            # The engine's word for having been used; the database has nothing to undo.
            connection.rollback()
        self._free.put(connection)

    def close(self) -> None:
        """Let go of those that are free. As with the engine's own pool, whoever looks again after
        that makes a new one."""
        with suppress(Empty):
            for _ in range(self._most):
                connection = self._free.get_nowait()
                if connection is not None:
                    connection.close()
                self._free.put(None)


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        raw.execute(pragma).close()


def _prepare_postgresql(raw: Any, _record: Any) -> None:
    before, raw.autocommit = raw.autocommit, True
    with raw.cursor() as cursor:
        # The owner works as the writer too, so that the guards hold for everybody.
        cursor.execute(
            "SELECT pg_has_role(session_user, oid, 'MEMBER') AND session_user <> rolname"
            " FROM pg_roles WHERE rolname = %s",
            (WRITER_ROLE,),
        )
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute(f"SET ROLE {WRITER_ROLE}")
    raw.autocommit = before


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def refuse_unusable(url: str) -> None:
    """Whether `url` names a database we know, whose server answers.

    Refuses with `bad_database_url` or `database_unreachable`; neither repeats the address, which
    may hold a password.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError) as odd:
        raise Refused(
            "bad_database_url", "the database's address cannot be read; see the README"
        ) from odd
    if backend not in ("sqlite", "postgresql"):
        raise Refused("bad_database_url", f"{backend} is not supported: use PostgreSQL or SQLite")
    if backend == "postgresql":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), poolclass=NullPool)
        try:
            engine.connect().close()
        except OperationalError as silent:
            raise Refused(
                "database_unreachable",
                "the database server does not let us in; is it running, and is the login right?",
            ) from silent
        finally:
            engine.dispose()


def driver(connection: Connection) -> Any:
    """The driver's own connection, for statements that run too often for any other."""
    raw = connection.connection.driver_connection
    if raw is None:
        raise RuntimeError("the connection is closed")
    return raw


def look(connection: Connection, query: str, parameters: Sequence[Any] = ()) -> Any:
    """The driver's cursor over a query with `?` marks: what runs for every request is asked
    without the layers between."""
    if connection.dialect.name == "postgresql":
        query = query.replace("?", "%s")
    return driver(connection).execute(query, parameters)


def one(connection: Connection, query: str, parameters: Sequence[str | int | bytes]) -> Any:
    """The first row of a query with `?` marks, or None: for what every request asks.

    On PostgreSQL it is prepared once for each connection and asked of libpq itself: the driver's
    way, with a cursor and a wait that lets go of the interpreter three times, costs five times as
    much where many threads ask. Columns are text, integers or bytes. Only for a connection of
    `reading`, whose statements stand alone.
    """
    raw = driver(connection)
    if connection.dialect.name != "postgresql":
        return raw.execute(query, parameters).fetchone()
    prepared = connection.info.setdefault(_PREPARED, {})
    name = prepared.get(query)
    if name is None:
        name = b"sidereal_%d" % len(prepared)
        marked = query.split("?")
        numbered = "".join(f"{each}${place}" for place, each in enumerate(marked[:-1], 1))
        _checked(raw, raw.pgconn.prepare(name, f"{numbered}{marked[-1]}".encode()), _DONE)
        prepared[query] = name
    sent = [each if type(each) is bytes else str(each).encode() for each in parameters]
    formats = [int(type(each) is bytes) for each in parameters]
    found = _checked(raw, raw.pgconn.exec_prepared(name, sent, formats), _ROWS)
    if not found.ntuples:
        return None
    return tuple(
        None
        if (value := found.get_value(0, place)) is None
        else _READ.get(found.ftype(place), bytes.decode)(value)
        for place in range(found.nfields)
    )


def _checked(raw: Any, result: Any, wanted: int) -> Any:
    """A result of libpq, or the driver's exception for what it says."""
    if result.status != wanted:
        from psycopg.errors import OperationalError as Lost
        from psycopg.errors import error_from_result

        if raw.closed:
            raise Lost(result.get_error_message())
        raise error_from_result(result, encoding="utf-8")
    return result


_PREPARED: Final = "sidereal_prepared"
_DONE: Final = 1
_ROWS: Final = 2
"""libpq's PGRES_COMMAND_OK and PGRES_TUPLES_OK."""
_READ: Final[Mapping[int, Callable[[bytes], Any]]] = {
    20: int,
    23: int,
    17: lambda value: bytes.fromhex(value[2:].decode()),
}
"""By type (int8, int4, bytea), how its text is read; everything else is text."""


def any_of(
    connection: Connection, columns: Sequence[Column[Any]], keys: Sequence[Any]
) -> tuple[str, tuple[Any, ...]]:
    """(the columns are one of `keys`) as SQL for the driver, and its parameters.

    `keys` are values for one column and tuples for several. On PostgreSQL the number of parameters
    does not depend on the number of keys, so the statement is prepared once.
    """
    names = ", ".join(column.name for column in columns)
    rows = keys if len(columns) > 1 else [(key,) for key in keys]
    if connection.dialect.name == "postgresql":
        arrays = ", ".join(f"%s::{array_type(column)}" for column in columns)
        # The names are those of our own tables, here and below.
        where = f"({names}) IN (SELECT * FROM unnest({arrays}))"  # noqa: S608
        return where, tuple(array_text(values) for values in zip(*rows, strict=True))
    if any(isinstance(column.type, LargeBinary) for column in columns):
        # JSON carries no bytes, so each key is a parameter of its own.
        return f"{names} IN ({', '.join('?' * len(rows))})", tuple(key for (key,) in rows)
    values = ", ".join(f"value ->> {place}" for place in range(len(columns)))
    where = f"({names}) IN (SELECT {values} FROM json_each(?))"  # noqa: S608
    return where, (json.dumps(rows),)


def array_type(column: Column[Any]) -> str:
    """The PostgreSQL type of an array of a column's values."""
    if isinstance(column.type, Text):
        return "text[]"
    return "bytea[]" if isinstance(column.type, LargeBinary) else "bigint[]"


def array_text(values: Sequence[Any]) -> str:
    """PostgreSQL's own notation of an array of strings, bytes or integers.

    The driver's general way costs twenty times as much, and this runs for every column of every
    group.
    """
    if not values:
        return "{}"
    first = values[0]
    if isinstance(first, int):
        return "{" + ",".join(map(str, values)) + "}"
    if isinstance(first, bytes):
        return '{"\\\\x' + '","\\\\x'.join([each.hex() for each in values]) + '"}'
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * len(values) - 2:
        joined = '","'.join(each.replace("\\", "\\\\").replace('"', '\\"') for each in values)
    return '{"' + joined + '"}'
