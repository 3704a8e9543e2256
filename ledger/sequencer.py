"""The sequencer: many callers, one transaction.

Callers hand in turns and wait. One thread takes all that wait, locks the head, decides each ask in
order against the state that the ones before it left, appends, writes projections, commits, and
answers each caller. A refused ask changes nothing and never spoils its neighbours. A linear link
written in each caller's own transaction would cost a flush an entry; one flush a group is the
design (design §3).

Several processes may have a sequencer each on one database: the head's lock orders them.
"""

from __future__ import annotations

import gc
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import perf_counter, sleep
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Table

from ledger import chain
from ledger.actions import Action
from ledger.actions.rewards import Capture
from ledger.clock import Clock
from ledger.decide import decide
from ledger.decide.helpers import not_active
from ledger.entry import Entry, Idem
from ledger.errors import Refused
from ledger.fold import fold
from ledger.fold.credentials import helper_of
from ledger.merkle import TileRoot
from ledger.rows import CLERK, HELPER
from ledger.standing import Standing
from ledger.store import journal, outbox, tables
from ledger.store.database import Database
from ledger.store.journal import StoredHead
from ledger.store.projections import StoredRows, load_documents, write_changes
from ledger.store.writing import COPIED_ROWS_MIN, Writer, in_one_trip
from ledger.webhooks import events

ASKS_A_GROUP: Final = 5_000
"""No more than this many asks share a transaction, unless one turn alone has more."""
ROWS_IN_MEMORY: Final = 400_000
"""Above this many rows the memory is emptied and begun afresh."""
LINGER_S: Final = 0.002
"""Callers come back within a fraction of this; who calls alone never waits."""


class Ask(NamedTuple):
    """One action, who asked for it, and which request it answers.

    `actor` is an address, `auth` a credential's id or "".
    """

    action: Action
    actor: str
    auth: str
    idem: Idem


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an ask led to: its entries, the last of them the one that matters but for those that
    only follow from it."""

    entries: Sequence[Entry]
    replayed: bool = False

    @property
    def entry(self) -> Entry:
        """The entry to quote."""
        return next(
            (each for each in reversed(self.entries) if each.kind not in _FOLLOWS), self.entries[-1]
        )


_FOLLOWS: Final = frozenset(
    {
        "activity_terms",
        "capture_noted",
        "capture_presented",
        "credential_bound",
        "credential_lent",
        "credential_linked",
        "credit_withdrawn",
        "reward_terms",
        "service_ported",
        "star_downgrade_proposed",
        "star_downgraded",
    }
)
"""Kinds that an answer may end with and that nobody asked for by themselves there."""
Result = Receipt | Refused
Beside = Callable[[Sequence[Result]], Sequence[tuple[Table, Sequence[Any]]]]
"""Operational rows to store in the same transaction, given what was decided."""


@dataclass(slots=True)
class Turn:
    """Asks that are decided together, one after the other, in one transaction."""

    asks: Sequence[Ask]
    beside: Beside | None = None
    results: list[Result] = field(default_factory=list)
    failure: BaseException | None = None
    done: Any = field(default_factory=threading.Lock)


class Sequencer:
    """The only writer of entries in this process. Starts with the first turn; `close()` ends it.

    `reached` is told the name of each step as it is reached; tests crash there.
    """

    def __init__(
        self,
        database: Database,
        origin: str,
        clock: Clock,
        *,
        reached: Callable[[str], None] | None = None,
    ) -> None:
        self._database = database
        self._origin = origin
        self._clock = clock
        self._reached = reached or _nothing_to_tell
        self._waiting: SimpleQueue[Turn | None] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._connection: Connection | None = None
        self._standing: Standing | None = None
        self._head: StoredHead | None = None

    def take(self, turn: Turn) -> Sequence[Result]:
        """Wait until the turn is decided and durable. Raises what kept it from being so."""
        if self._thread is None:
            self._start()
        turn.done.acquire()
        self._waiting.put(turn)
        if self._closed:
            # Whatever the thread no longer takes is refused here, not left waiting.
            self._refuse_the_rest()
        turn.done.acquire()
        if turn.failure is not None:
            raise turn.failure
        return turn.results

    def rehearse(
        self, turn: Turn, standing: Standing, head: StoredHead, connection: Connection
    ) -> Sequence[Result]:
        """Decide a turn as `take` would, for a dry run: nothing is stored.

        What was decided is folded into `standing` and `head`, so that the next turn builds on it;
        both were read through `connection`.
        """
        standing.prefetch(touched([turn]))
        self._decide([turn], standing, head, connection)
        return turn.results

    def close(self) -> None:
        """Finish the turns that wait, and stop."""
        with self._starting:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join()
        self._refuse_the_rest()
        self._drop_connection()

    def _start(self) -> None:
        with self._starting:
            if self._closed:
                raise Refused("stopping", "the ledger is stopping; send the request again")
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="sidereal-sequencer", daemon=True
                )
                self._thread.start()

    def _refuse_the_rest(self) -> None:
        with suppress(Empty):
            while True:
                turn = self._waiting.get_nowait()
                if turn is not None:
                    turn.failure = Refused("stopping", "the ledger is stopping; send it again")
                    turn.done.release()

    def _run(self) -> None:
        expected = 1
        while (turn := self._waiting.get()) is not None:
            self._linger(expected)
            group = [turn]
            asks = len(turn.asks)
            stop = False
            with suppress(Empty):
                while asks < ASKS_A_GROUP and not stop:
                    more = self._waiting.get_nowait()
                    if more is None:
                        stop = True
                    else:
                        group.append(more)
                        asks += len(more.asks)
            self._settle(group)
            expected = len(group) + self._waiting.qsize()
            if stop:
                return

    def _linger(self, expected: int) -> None:
        """Wait a moment for callers who were just answered and come again: without it they miss
        the next group, and every group is half of those who call."""
        until = perf_counter() + LINGER_S
        while self._waiting.qsize() + 1 < expected and perf_counter() < until:
            sleep(LINGER_S / 10)

    def _settle(self, group: Sequence[Turn]) -> None:
        """Commit a group, or else each turn alone, so that only the culprit fails."""
        try:
            with collector_at_rest():
                self._commit(group)
        except BaseException as failure:  # noqa: BLE001 - each caller raises it, none waits for ever
            # Nothing of the group is stored, or all of it is and the answer was lost; in that case
            # each ask finds its own entries again by its key.
            self._drop_connection()
            if len(group) == 1:
                group[0].failure = failure
                group[0].results = []
            else:
                for turn in group:
                    self._settle([turn])
                return
        for turn in group:
            turn.done.release()

    def _commit(self, group: Sequence[Turn]) -> None:
        for turn in group:
            turn.results = []
        connection = self._connection
        if connection is None:
            connection = self._connection = self._database.writer()
        with connection.begin() as transaction:
            # A crash from here to the commit leaves the ledger as it was: the database rolls back,
            # nobody was answered, and every caller may send the same key again.
            head, standing = self._look(connection, touched(group))
            self._reached("locked")
            entries, roots, rows = self._decide(group, standing, head, connection)
            self._reached("decided")
            few = 2 * len(entries) < COPIED_ROWS_MIN
            writer = Writer(connection, together=few)
            if entries:
                journal.append(writer, entries, roots)
                self._reached("appended")
                write_changes(writer, standing)
                journal.write_head(writer, head)
            for table, stored in rows.items():
                writer.put(table, _last_of_each(table, stored))
            self._reached("written")
            with in_one_trip(connection):
                writer.finish()
                transaction.commit()
        # A crash here leaves committed entries whose callers have no answer: the retry finds the
        # key and gets the same receipt.
        self._reached("committed")
        self._head = head
        standing.forget_passing()

    def _look(
        self, connection: Connection, wanted: Mapping[str, Sequence[Any]]
    ) -> tuple[StoredHead, Standing]:
        """Lock the head, and fetch what the decisions will read.

        Rows in memory stay good while nobody else has written since. That is likely, so what they
        lack is asked for in the same trip as the head, behind its lock.
        """
        standing, before = self._standing, self._head
        missing = {} if standing is None else standing.missing(wanted)
        rows = StoredRows(connection)
        with in_one_trip(connection):
            asked = journal.ask_head(connection, self._origin, lock=True)
            answers = {table: rows.ask(table, keys) for table, keys in missing.items()}
        head = asked()
        if (
            standing is None
            or before is None
            or before.chain.size != head.chain.size
            or before.chain.hash != head.chain.hash
            or standing.weight() > ROWS_IN_MEMORY
        ):
            standing = self._standing = Standing(rows)
            load_documents(connection, standing)
            standing.prefetch(wanted)
        else:
            for table, answer in answers.items():
                standing.take_in(table, missing[table], answer())
        return head, standing

    def _decide(
        self,
        group: Sequence[Turn],
        standing: Standing,
        head: StoredHead,
        connection: Connection,
    ) -> tuple[list[Entry], list[TileRoot], dict[Table, list[Sequence[Any]]]]:
        """Decide every ask of the group in order; fill in the turns' results."""
        time = max(head.chain.time, self._clock.now_ms())
        entries: list[Entry] = []
        roots: list[TileRoot] = []
        rows: defaultdict[Table, list[Sequence[Any]]] = defaultdict(list)
        first = head.chain.size
        for turn in group:
            for ask in turn.asks:
                result = self._decide_one(ask, standing, head, time, entries, first, connection)
                turn.results.append(result)
                if isinstance(result, Receipt) and not result.replayed:
                    # From here on it is part of the group, or the whole group fails.
                    for entry in result.entries:
                        fold(standing, entry)
                        roots.extend(head.frontier.append(entry.hash))
                    entries.extend(result.entries)
                    # In the transaction of the entries: nothing is announced that did not happen,
                    # and a crash forgets nothing that did.
                    told = events.announced(result.entries, standing)
                    if told:
                        rows[tables.outbox] += [outbox.announcement(each, time) for each in told]
                    chain.advance(head.chain, result.entries)
            if turn.beside is not None:
                for table, row in turn.beside(turn.results):
                    rows[table].append(row)
        return entries, roots, rows

    def _decide_one(
        self,
        ask: Ask,
        standing: Standing,
        head: StoredHead,
        time: int,
        entries: Sequence[Entry],
        first: int,
        connection: Connection,
    ) -> Result:
        known = standing.seen[bytes.fromhex(ask.idem.key)]
        if known is not None:
            answered = [
                entries[index - first]
                if index >= first
                else journal.read_entries(connection, [index])[0]
                for index in range(known.first, known.first + known.parts)
            ]
            return replayed(ask.idem, answered)
        if ask.auth:
            refused = _why_not_shown(ask.auth, standing, time)
            if refused is not None:
                return refused
        try:
            drafts = decide(ask.action, standing, time)
        except Refused as refused:
            # A traceback would keep the whole group in memory for as long as its answer.
            return refused.with_traceback(None)
        salt = secrets.token_bytes(16 * len(drafts)).hex()
        return Receipt(
            chain.link(
                head.chain,
                drafts,
                time=time,
                actor=ask.actor,
                auth=ask.auth,
                idem=ask.idem,
                salts=[salt[at : at + 32] for at in range(0, len(salt), 32)],
            )
        )

    def _drop_connection(self) -> None:
        # The rows in memory read through this connection, so they go with it.
        self._standing = None
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _last_of_each(table: Table, rows: list[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Rows of one group, each key once: turns that know nothing of each other may name one twice,
    and one statement stores a key once."""
    if len(rows) < 2:
        return rows
    key = [place for place, column in enumerate(table.columns) if column.primary_key]
    return list({tuple(row[place] for place in key): row for row in rows}.values())


def _nothing_to_tell(step: str) -> None:
    """Steps matter to tests that crash at one."""


def _why_not_shown(auth: str, standing: Standing, time: int) -> Refused | None:
    """Why a token that was good at the door is not any more, now that the entry would be written:
    no entry names a credential that was revoked before it or had run out by its time, nor one of a
    helper who takes no part any more."""
    credential = standing.credentials[auth]
    if credential is not None and credential.revoked:
        return Refused("token_revoked", "this token was revoked; ask for a new one")
    if credential is not None and credential.expires and time >= credential.expires:
        return Refused("token_expired", "this token's time is over; ask for a new one")
    if credential is None or credential.role != "volunteer":
        return None
    helper = helper_of(standing, auth)
    who = standing.parties[helper] if helper else None
    return not_active() if helper and (who is None or who.state != "active") else None


def replayed(idem: Idem, answered: Sequence[Entry]) -> Result:
    """The first answer again, if the request is the same one."""
    if answered[0].idem.request != idem.request:
        return Refused(
            "key_reused",
            "this key was used for a different request; send a new key",
            entry=answered[0].index,
        )
    return Receipt(answered, replayed=True)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Nothing that a group makes is garbage before it is answered, and looking for cycles in it
    would cost a third of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


_MAY_LISTEN: Final = ("merchant:", "organisation:")
"""Parties that are looked up with the question who of theirs listens (`ledger/webhooks`)."""


def touched(group: Sequence[Turn]) -> dict[str, list[Any]]:
    """By table, the keys of every row that the decisions of a group will read."""
    wanted: defaultdict[str, list[Any]] = defaultdict(list)
    seen = wanted["seen"]
    for turn in group:
        for ask in turn.asks:
            seen.append(bytes.fromhex(ask.idem.key))
            if ask.auth:
                wanted["credentials"].append(ask.auth)
                if isinstance(ask.action, Capture):
                    # Whose it is at the till, which the capture's row will name.
                    wanted["marks"].append((f"credential:{ask.auth}", CLERK))
                if ask.actor.startswith("volunteer:"):
                    # Whether somebody acts for them with it.
                    wanted["marks"].append((f"credential:{ask.auth}", HELPER))
            for table, key in ask.action.touches():
                wanted[table].append(key)
                if table == "parties" and key.startswith(_MAY_LISTEN):
                    wanted["marks"].append((key, events.LISTENS))
    wanted["marks"].append((events.OPERATORS, events.LISTENS))
    return wanted
