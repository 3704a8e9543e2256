"""The vault's tables and every statement on them, for SQLite and PostgreSQL.

Knows sealed bytes only: no key and no plain value passes through here. The tables are made by
`migrations/vault`, never from this file; a test holds the two together.
"""

from __future__ import annotations

import secrets
import stat
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    make_url,
    or_,
    select,
    text,
    update,
)

tables: Final = MetaData()

_BIG: Final = BigInteger().with_variant(Integer, "sqlite")
_CHUNK: Final = 1_000
_BUSY_SECONDS: Final = 30
_CHECKPOINT_ATTEMPTS: Final = 20
_CHECKPOINT_PAUSE_SECONDS: Final = 0.05
_BEGIN: Final = "sidereal_vault_begin"

canary: Final = Table(
    "canary",
    tables,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("blind", LargeBinary, nullable=False),
)
subjects: Final = Table(
    "subjects",
    tables,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("created_ms", _BIG, nullable=False),
)
sealed_fields: Final = Table(
    "sealed_fields",
    tables,
    Column("subject", Text, ForeignKey("subjects.id"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
blind_indexes: Final = Table(
    "blind_indexes",
    tables,
    Column("field", Text, primary_key=True),
    Column("blind", LargeBinary, primary_key=True),
    Column("subject", Text, ForeignKey("subjects.id"), primary_key=True),
    Index("blind_indexes_subject", "subject"),
)
relations: Final = Table(
    "relations",
    tables,
    Column("id", Text, primary_key=True),
    Column("volunteer", Text, ForeignKey("subjects.id"), nullable=False),
    Column("relative", Text, ForeignKey("subjects.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_ms", _BIG, nullable=False),
    Index("relations_volunteer", "volunteer"),
    Index("relations_relative", "relative"),
)
texts: Final = Table(
    "texts",
    tables,
    Column("digest", Text, primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_ms", _BIG, nullable=False),
)
bans: Final = Table(
    "bans",
    tables,
    Column("blind", LargeBinary, primary_key=True),
    Column("until_ms", _BIG, nullable=False),
)
access_log: Final = Table(
    "access_log",
    tables,
    Column("id", _BIG, primary_key=True, autoincrement=True),
    Column("at_ms", _BIG, nullable=False),
    Column("by_address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Index("access_log_subject", "subject", "id"),
    sqlite_autoincrement=True,
)

_DAY_MS: Final = 86_400_000
T = TypeVar("T")


class VaultUnusable(Exception):
    """The vault cannot be opened or cleaned as it stands; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubject:
    """One subject to write: its key wrapped, its fields sealed, its index values blinded."""

    id: str
    kind: str
    wrapped_key: bytes
    created_ms: int
    sealed: Mapping[str, bytes]
    blinds: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRelation:
    """A relation as it is stored, with both persons' wrapped keys."""

    id: str
    volunteer: str
    volunteer_key: bytes
    relative: str
    relative_key: bytes
    sealed: bytes


class Store:
    """One vault database. Every method is one transaction of its own."""

    def __init__(self, url: str) -> None:
        """Connect. Raises VaultUnusable if the vault or its tables are not there, or if its
        server does not keep what it commits."""
        parsed = make_url(url)
        self.file = sqlite_file(parsed)
        if self.file is not None:
            _guard(self.file)
        self.engine = connect(parsed)
        self._erasing = threading.Lock()
        self._writer = self.engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        # Neither VACUUM nor a checkpoint runs inside a transaction.
        self._outside = self.engine.execution_options(**{_BEGIN: ""})
        try:
            self._check()
        except BaseException:
            self.engine.dispose()
            raise

    def _check(self) -> None:
        there = set(inspect(self.engine).get_table_names())
        missing = sorted(set(tables.tables) - there)
        if missing:
            raise VaultUnusable(
                f"the vault has no tables {', '.join(missing)}; apply the vault's migrations"
            )
        if self.file is None:
            with self._reading() as connection:
                kept = connection.execute(text("SHOW synchronous_commit")).scalar()
            if kept == "off":
                # A crash would lose whom an entry names, after the entry was promised.
                raise VaultUnusable("the vault needs synchronous_commit; it is off")

    def close(self) -> None:
        """Let go of every connection; SQLite folds its write-ahead log back in."""
        self.engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    # Canary

    def keep_canary(self, sealed: bytes, blind: bytes) -> tuple[bytes, bytes]:
        """Keep this canary if the vault is new; returns the canary that is kept.

        Raises VaultUnusable if the canary is gone while something sealed is there.
        """
        with self._reading() as connection:
            if (kept := _canary(connection)) is not None:
                return kept
        with self._writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE canary IN EXCLUSIVE MODE"))
            # Again, now that nobody else can be first.
            if (kept := _canary(connection)) is not None:
                return kept
            for table in (subjects, texts, bans):
                if connection.execute(select(table).limit(1)).first() is not None:
                    raise VaultUnusable("the vault's canary is gone; restore the vault")
            connection.execute(insert(canary).values(id=1, sealed=sealed, blind=blind))
        return sealed, blind

    # Subjects and their fields

    def add_subjects(self, new: Sequence[NewSubject]) -> None:
        """Write subjects with fields and index rows, all or none."""
        if not new:
            return
        fields = [
            {"subject": one.id, "field": field, "sealed": sealed}
            for one in new
            for field, sealed in one.sealed.items()
        ]
        indexes = [
            {"subject": one.id, "field": field, "blind": blind}
            for one in new
            for field, blind in one.blinds.items()
        ]
        with self._writing() as connection:
            connection.execute(
                insert(subjects),
                [
                    {
                        "id": one.id,
                        "kind": one.kind,
                        "wrapped_key": one.wrapped_key,
                        "created_ms": one.created_ms,
                    }
                    for one in new
                ],
            )
            if fields:
                connection.execute(insert(sealed_fields), fields)
            if indexes:
                connection.execute(insert(blind_indexes), indexes)

    def put_fields(self, subject: str, sealed: Mapping[str, bytes]) -> None:
        """Write or replace sealed fields of one subject, all or none."""
        with self._writing() as connection:
            for field, value in sealed.items():
                place = (sealed_fields.c.subject == subject) & (sealed_fields.c.field == field)
                done = connection.execute(update(sealed_fields).where(place).values(sealed=value))
                if done.rowcount == 0:
                    row = {"subject": subject, "field": field, "sealed": value}
                    connection.execute(insert(sealed_fields), row)
                else:
                    self._mark(connection)

    def remove_field(self, subject: str, field: str) -> int:
        """Delete one sealed field; returns 1, or 0 if it was not there."""
        place = (sealed_fields.c.subject == subject) & (sealed_fields.c.field == field)
        with self._writing() as connection:
            gone = connection.execute(delete(sealed_fields).where(place))
            if gone.rowcount:
                self._mark(connection)
        return gone.rowcount

    def add_indexed_field(
        self, subject: str, field: str, sealed: bytes, *, index: str, blind: bytes
    ) -> None:
        """Write one sealed field that can be found by an index value of its own, both or none."""
        with self._writing() as connection:
            row = {"subject": subject, "field": field, "sealed": sealed}
            connection.execute(insert(sealed_fields), row)
            found_by = {"subject": subject, "field": index, "blind": blind}
            connection.execute(insert(blind_indexes), found_by)

    def remove_indexed_fields(
        self, subject: str, fields: Sequence[str], *, index: str, blind: bytes
    ) -> int:
        """Delete sealed fields of a subject and the index value that one of them is found by, all
        or none; returns how many fields were there."""
        kept = (sealed_fields.c.subject == subject) & sealed_fields.c.field.in_(fields)
        found_by = (
            (blind_indexes.c.subject == subject)
            & (blind_indexes.c.field == index)
            & (blind_indexes.c.blind == blind)
        )
        with self._writing() as connection:
            gone = connection.execute(delete(sealed_fields).where(kept)).rowcount
            indexed = connection.execute(delete(blind_indexes).where(found_by)).rowcount
            if gone or indexed:
                self._mark(connection)
        return gone

    def keys(self, ids: Iterable[str]) -> dict[str, tuple[str, bytes]]:
        """Kind and wrapped key of each of these subjects that is there."""
        columns = select(subjects.c.id, subjects.c.kind, subjects.c.wrapped_key)
        found: dict[str, tuple[str, bytes]] = {}
        with self._reading() as connection:
            for some in chunks(ids):
                for row in connection.execute(columns.where(subjects.c.id.in_(some))):
                    found[row.id] = (row.kind, row.wrapped_key)
        return found

    def fields(
        self, ids: Iterable[str], fields: Sequence[str]
    ) -> Iterator[tuple[str, bytes, str, bytes]]:
        """Subject, wrapped key, field and sealed value, for each field that is there."""
        with self._reading() as connection:
            for some in chunks(ids):
                yield from _sealed(connection, some, fields)

    def fields_beginning(
        self, subject: str, prefix: str
    ) -> Iterator[tuple[str, bytes, str, bytes]]:
        """As `fields`, for the fields of one subject whose names begin with `prefix`."""
        names = select(sealed_fields.c.field).where(
            sealed_fields.c.subject == subject,
            sealed_fields.c.field.startswith(prefix, autoescape=True),
        )
        with self._reading() as connection:
            found = [row.field for row in connection.execute(names.order_by("field"))]
            yield from _sealed(connection, [subject], found)

    def read_and_log(
        self, ids: Sequence[str], fields: Sequence[str], *, by: str, purpose: str, at_ms: int
    ) -> list[tuple[str, bytes, str, bytes]]:
        """As `fields`, after one access log row for each id, in the same transaction."""
        rows = [
            {"at_ms": at_ms, "by_address": by, "subject": subject, "purpose": purpose}
            for subject in ids
        ]
        if not rows:
            return []
        with self._writing() as connection:
            connection.execute(insert(access_log), rows)
            return [row for some in chunks(ids) for row in _sealed(connection, some, fields)]

    def by_blind(self, field: str, blinds: Iterable[bytes]) -> dict[bytes, list[str]]:
        """Which subjects hold each of these index values, in order of id."""
        columns = select(blind_indexes.c.blind, blind_indexes.c.subject)
        holders: dict[bytes, list[str]] = {}
        with self._reading() as connection:
            for some in chunks(blinds):
                rows = columns.where(
                    blind_indexes.c.field == field, blind_indexes.c.blind.in_(some)
                )
                for row in connection.execute(rows.order_by(blind_indexes.c.subject)):
                    holders.setdefault(row.blind, []).append(row.subject)
        return holders

    def index_rows_of_holders(
        self, field: str, blinds: Iterable[bytes]
    ) -> dict[str, dict[str, bytes]]:
        """Every index row of every subject that holds one of these values: id → field → blind."""
        rows: dict[str, dict[str, bytes]] = {}
        columns = select(blind_indexes.c.subject, blind_indexes.c.field, blind_indexes.c.blind)
        with self._reading() as connection:
            for some in chunks(blinds):
                holders = select(blind_indexes.c.subject).where(
                    blind_indexes.c.field == field, blind_indexes.c.blind.in_(some)
                )
                whole = columns.where(blind_indexes.c.subject.in_(holders))
                for row in connection.execute(whole.order_by(blind_indexes.c.subject)):
                    rows.setdefault(row.subject, {})[row.field] = row.blind
        return rows

    def subjects_before(self, created_ms: int, after_id: str) -> list[str]:
        """The next ids after `after_id` of subjects made before `created_ms`."""
        older = (subjects.c.created_ms < created_ms) & (subjects.c.id > after_id)
        rows = select(subjects.c.id).where(older).order_by(subjects.c.id).limit(_CHUNK)
        with self._reading() as connection:
            return list(connection.scalars(rows))

    def destroy_subjects(self, ids: Iterable[str]) -> int:
        """Delete these subjects with all that hangs on them; returns how many were there."""
        there = sorted(self.keys(ids))
        if there:
            with self._writing() as connection:
                self._mark(connection)
                for some in chunks(there):
                    tied = or_(relations.c.volunteer.in_(some), relations.c.relative.in_(some))
                    connection.execute(delete(relations).where(tied))
                    indexed = blind_indexes.c.subject.in_(some)
                    connection.execute(delete(blind_indexes).where(indexed))
                    kept = sealed_fields.c.subject.in_(some)
                    connection.execute(delete(sealed_fields).where(kept))
                    connection.execute(delete(subjects).where(subjects.c.id.in_(some)))
        return len(there)

    # Relations

    def add_relation(
        self, relation_id: str, volunteer: str, relative: str, sealed: bytes, at_ms: int
    ) -> None:
        """Write one sealed relation."""
        row = {
            "id": relation_id,
            "volunteer": volunteer,
            "relative": relative,
            "sealed": sealed,
            "created_ms": at_ms,
        }
        with self._writing() as connection:
            connection.execute(insert(relations), row)

    def remove_relation(self, relation_id: str) -> int:
        """Delete one relation; returns 1, or 0 if it was not there."""
        if self.relation(relation_id) is None:
            return 0
        with self._writing() as connection:
            self._mark(connection)
            gone = connection.execute(delete(relations).where(relations.c.id == relation_id))
        return gone.rowcount

    def relation(self, relation_id: str) -> SealedRelation | None:
        """The relation with this id."""
        found = self._relations(relations.c.id == relation_id)
        return found[0] if found else None

    def relations_between(self, one: str, other: str) -> list[SealedRelation]:
        """Relations between two subjects, whichever of them was named as the volunteer."""
        forth = (relations.c.volunteer == one) & (relations.c.relative == other)
        back = (relations.c.volunteer == other) & (relations.c.relative == one)
        return self._relations(forth | back)

    def relations_of(self, subject: str) -> list[SealedRelation]:
        """Every relation in which a subject stands, on either side."""
        return self._relations(
            (relations.c.volunteer == subject) | (relations.c.relative == subject)
        )

    def _relations(self, where: Any) -> list[SealedRelation]:
        mine, theirs = subjects.alias(), subjects.alias()
        rows = (
            select(
                relations.c.id,
                relations.c.volunteer,
                mine.c.wrapped_key.label("volunteer_key"),
                relations.c.relative,
                theirs.c.wrapped_key.label("relative_key"),
                relations.c.sealed,
            )
            .join(mine, mine.c.id == relations.c.volunteer)
            .join(theirs, theirs.c.id == relations.c.relative)
            .where(where)
        )
        with self._reading() as connection:
            return [SealedRelation(**row._mapping) for row in connection.execute(rows)]

    # Texts

    def add_texts(self, new: Sequence[tuple[str, bytes, bytes]], at_ms: int) -> None:
        """Write sealed texts: (digest, wrapped key, sealed bytes) each."""
        if new:
            rows = [
                {"digest": digest, "wrapped_key": key, "sealed": sealed, "created_ms": at_ms}
                for digest, key, sealed in new
            ]
            with self._writing() as connection:
                connection.execute(insert(texts), rows)

    def texts(self, digests: Iterable[str]) -> list[tuple[str, bytes, bytes]]:
        """Digest, wrapped key and sealed bytes of each of these texts that is there."""
        columns = select(texts.c.digest, texts.c.wrapped_key, texts.c.sealed)
        with self._reading() as connection:
            return [
                (row.digest, row.wrapped_key, row.sealed)
                for some in chunks(digests)
                for row in connection.execute(columns.where(texts.c.digest.in_(some)))
            ]

    def texts_before(self, created_ms: int, after_digest: str) -> list[str]:
        """The next digests after `after_digest` of texts sealed before `created_ms`."""
        older = (texts.c.created_ms < created_ms) & (texts.c.digest > after_digest)
        rows = select(texts.c.digest).where(older).order_by(texts.c.digest).limit(_CHUNK)
        with self._reading() as connection:
            return list(connection.scalars(rows))

    def destroy_texts(self, digests: Iterable[str]) -> int:
        """Delete these texts with their keys; returns how many were there."""
        there = [digest for digest, _, _ in self.texts(digests)]
        if there:
            with self._writing() as connection:
                self._mark(connection)
                for some in chunks(there):
                    connection.execute(delete(texts).where(texts.c.digest.in_(some)))
        return len(there)

    # Bans

    def keep_ban(self, blind: bytes, until_ms: int) -> None:
        """Keep an index value until a time; the later of two times holds."""
        with self._writing() as connection:
            held = connection.scalar(select(bans.c.until_ms).where(bans.c.blind == blind))
            if held is None:
                connection.execute(insert(bans).values(blind=blind, until_ms=until_ms))
            elif held < until_ms:
                connection.execute(
                    update(bans).where(bans.c.blind == blind).values(until_ms=until_ms)
                )

    def banned(self, blind: bytes, at_ms: int) -> bool:
        """Whether this index value is kept beyond `at_ms`."""
        held = select(bans.c.blind).where(bans.c.blind == blind, bans.c.until_ms > at_ms)
        with self._reading() as connection:
            return connection.execute(held).first() is not None

    def drop_ban(self, blind: bytes) -> None:
        """Destroy one index value; none there is fine."""
        with self._writing() as connection:
            connection.execute(delete(bans).where(bans.c.blind == blind))

    def end_bans(self, at_ms: int) -> int:
        """Delete index values whose time has come; returns how many."""
        ended = bans.c.until_ms <= at_ms
        with self._reading() as connection:
            if connection.execute(select(bans.c.blind).where(ended).limit(1)).first() is None:
                return 0
        with self._writing() as connection:
            self._mark(connection)
            return connection.execute(delete(bans).where(ended)).rowcount

    # The access log

    def access_rows(self, after_id: int) -> Iterator[tuple[int, int, str, str, str]]:
        """Access log rows after `after_id`, in order, none of them skipped for good.

        On PostgreSQL the lock waits for rows whose number is taken but not yet committed;
        otherwise a later digest would begin behind them.
        """
        with self._reading() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE access_log IN SHARE MODE"))
            while True:
                rows = select(access_log).where(access_log.c.id > after_id)
                some = connection.execute(rows.order_by(access_log.c.id).limit(_CHUNK)).all()
                for row in some:
                    yield row.id, row.at_ms, row.by_address, row.subject, row.purpose
                if len(some) < _CHUNK:
                    return
                after_id = some[-1].id

    def accesses(
        self,
        subject: str,
        *,
        before: int,
        limit: int,
        without: str,
        like: tuple[str, str, int, int] | None = None,
    ) -> list[tuple[int, int, str, str]]:
        """(id, at_ms, by, purpose) of access log rows about one subject before row `before`, the
        newest first; none of `without`, an address or "". `like`: only those of this reader and
        purpose in [from, until) (ms)."""
        log = access_log.c
        rows = (
            select(log.id, log.at_ms, log.by_address, log.purpose)
            .where(log.subject == subject, log.id < before, log.by_address != without)
            .order_by(log.id.desc())
            .limit(limit)
        )
        if like is not None:
            by, purpose, since, until = like
            rows = rows.where(log.by_address == by, log.purpose == purpose)
            rows = rows.where(log.at_ms >= since, log.at_ms < until)
        with self._reading() as connection:
            return [tuple(row) for row in connection.execute(rows)]

    def access(self, subject: str, access_id: int) -> tuple[int, int, str, str] | None:
        """One row of the access log, if it is about this subject."""
        log = access_log.c
        row = select(log.id, log.at_ms, log.by_address, log.purpose).where(
            log.id == access_id, log.subject == subject
        )
        with self._reading() as connection:
            found = connection.execute(row).fetchone()
        return None if found is None else tuple(found)

    def access_days(
        self, subject: str, *, before: int, limit: int, without: str, offset_ms: int
    ) -> list[tuple[int, int, int, int, str, str]]:
        """(first id, count, first at_ms, last at_ms, by, purpose) of one subject's rows of one
        reader, purpose and day, whose first row is before row `before`; the newest first row first.

        By the first row, because later looks do not move it: no group moves to another page. Days
        begin `offset_ms` before those of UTC.
        """
        log = access_log.c
        first = func.min(log.id)
        rows = (
            select(
                *(first, func.count(), func.min(log.at_ms), func.max(log.at_ms)),
                *(log.by_address, log.purpose),
            )
            .where(log.subject == subject, log.by_address != without)
            .group_by(log.by_address, log.purpose, (log.at_ms + offset_ms) // _DAY_MS)
            .having(first < before)
            .order_by(first.desc())
            .limit(limit)
        )
        with self._reading() as connection:
            return [tuple(row) for row in connection.execute(rows)]

    # Forgetting for good

    def erase_traces(self) -> None:
        """Leave no byte of what was deleted in the files of a SQLite vault.

        `secure_delete` overwrites a deleted row where it stands, but not the copies that stay
        in the unused middle of a page when rows move to another; VACUUM writes every page anew.
        Then the write-ahead log, which keeps old pages, is cut to nothing. Whether there is
        anything to erase is marked in the deletion's own transaction, so a crash in between is
        made good by the next call; without a mark this costs two look-ups. Raises VaultUnusable
        if a reader kept the log busy longer than connections wait.
        """
        if self.file is None:
            return
        with self._erasing, self._outside.connect() as connection:
            while mark := connection.exec_driver_sql("PRAGMA user_version").scalar():
                connection.exec_driver_sql("VACUUM")
                self._empty_log(connection)
                self._unmark(mark)
            self._empty_log(connection)

    def _unmark(self, mark: int) -> None:
        """Take the mark away, unless somebody has deleted since and set another."""
        with self._writing() as connection:
            if connection.exec_driver_sql("PRAGMA user_version").scalar() == mark:
                connection.exec_driver_sql("PRAGMA user_version = 0")

    def _empty_log(self, connection: Connection) -> None:
        # SQLite waits for readers here, but turns away at once from another checkpoint.
        for _ in range(_CHECKPOINT_ATTEMPTS):
            busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            if not busy:
                return
            time.sleep(_CHECKPOINT_PAUSE_SECONDS)
        raise VaultUnusable(
            "somebody reads the vault without end, so its write-ahead log still holds what "
            "was deleted; close that reader and forget again"
        )

    def _mark(self, connection: Connection) -> None:
        """Note in this transaction that deleted bytes may still stand somewhere in the file."""
        if self.file is not None:
            # Random, so that nobody takes a later mark for the one whose traces it erased.
            mark = 1 + secrets.randbelow(2**31 - 1)
            connection.exec_driver_sql(f"PRAGMA user_version = {mark}")


def connect(url: URL) -> Engine:
    """An engine whose transactions begin as they mean to go on, with SQLite set to forget."""
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _settings(raw: Any, _record: Any) -> None:
        # The driver would begin transactions by itself and never before a SELECT.
        raw.isolation_level = None
        for setting in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "secure_delete = ON",
            "foreign_keys = ON",
        ):
            raw.execute(f"PRAGMA {setting}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock at once: one that read first could not be told to wait.
        if begin := connection.get_execution_options().get(_BEGIN, "BEGIN"):
            connection.exec_driver_sql(begin)

    return engine


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite vault, None for PostgreSQL. Raises ValueError for memory."""
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise ValueError("a vault on SQLite needs a plain file")
    return Path(url.database)


def chunks(items: Iterable[T], size: int = _CHUNK) -> Iterator[list[T]]:
    """The items once each, in lists that a statement can carry."""
    unique = list(dict.fromkeys(items))
    for start in range(0, len(unique), size):
        yield unique[start : start + size]


def _canary(connection: Connection) -> tuple[bytes, bytes] | None:
    row = connection.execute(select(canary.c.sealed, canary.c.blind)).one_or_none()
    return None if row is None else (row.sealed, row.blind)


def _sealed(
    connection: Connection, ids: Sequence[str], fields: Sequence[str]
) -> Iterator[tuple[str, bytes, str, bytes]]:
    rows = (
        select(subjects.c.id, subjects.c.wrapped_key, sealed_fields.c.field, sealed_fields.c.sealed)
        .join(sealed_fields, sealed_fields.c.subject == subjects.c.id)
        .where(subjects.c.id.in_(ids), sealed_fields.c.field.in_(fields))
    )
    for row in connection.execute(rows):
        yield row.id, row.wrapped_key, row.field, row.sealed


def _guard(file: Path) -> None:
    """Hold the file to its owner. A vault that is missing is never made again in silence."""
    try:
        found = file.lstat()
    except FileNotFoundError as error:
        raise VaultUnusable(f"there is no vault at {file}; make or restore it first") from error
    if not stat.S_ISREG(found.st_mode):
        raise VaultUnusable(f"{file} is not a plain file")
    if stat.S_IMODE(found.st_mode) != 0o600:
        file.chmod(0o600)
