"""The book: the one door into the ledger, and what can be read out of it.

`record` is the only way to write, for HTTP, imports, the command line and timers alike. Who asks
is a `Caller`; which request it is, a key of the caller's own making; both together make the same
request, sent again, give the same receipt for ever (trust §1).
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Connection, Table

from ledger import account
from ledger.actions import Action
from ledger.actions.rewards import Capture
from ledger.clock import Clock, SystemClock, check_clock, check_database_clock
from ledger.decide import decide
from ledger.decide.points import spendable, vintages
from ledger.decide.rewards import why_not_capture
from ledger.decide.stars import minutes_that_count, stars_held
from ledger.decide.time_bank import elder_home_entitled
from ledger.entry import MAC_BYTES, Draft, Entry, Idem, canonical
from ledger.errors import Refused
from ledger.fold.stars import OPEN_STAR_CASE
from ledger.ids import ID_RANDOM_BYTES, new_id
from ledger.keys import KeyRing
from ledger.merkle import TILE_HEIGHT, TILE_WIDTH, TileTree
from ledger.note import Checkpoint, TlogProof, sign_note
from ledger.policy import Pack, Policy
from ledger.rows import Redemption, Reward
from ledger.sequencer import Ask, Beside, Receipt, Result, Sequencer, Turn, replayed
from ledger.signer import CheckpointSigner
from ledger.standing import Standing
from ledger.statement import Proven
from ledger.store import counting, journal, queries
from ledger.store.database import Database
from ledger.store.projections import StoredRows, load_documents
from ledger.store.writing import in_one_trip
from ledger.vault import Vault
from ledger.vault.codes import CodeBox
from ledger.vault.rotating import Rotating

CLIENT_KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks. `party` is an address; `credential` the token's id, "" at the console."""

    party: str
    role: str
    credential: str = ""
    scopes: frozenset[str] = frozenset()
    terminal: str = ""
    """The registered till this token is for, or ""."""
    branch: str = ""
    """The address of that till's branch; "" where the till is not registered."""
    clerk: str = ""
    """Id of the clerk whose token this is at that till, or ""."""
    helper: str = ""
    """The address of who acts for this volunteer with what they were lent, or ""."""
    halted: str = ""
    """The address of that till or branch, whichever may not act at present; else ""."""

    @property
    def id(self) -> str:
        """The party's id, without its role."""
        return self.party.partition(":")[2]

    @property
    def reader(self) -> str:
        """The address of whoever looks: with a volunteer's credential, perhaps their helper."""
        return self.helper or self.party


CONSOLE: Final = Caller(party=account.CONSOLE, role="operator")
SYSTEM: Final = Caller(party=account.SYSTEM, role="operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerStanding:
    """What a volunteer has. Minutes, hundredths of a point, stars; dates are ISO."""

    volunteer: str
    state: str
    service_minutes: int
    check_in_minutes: int
    backfill_minutes: int
    learning_minutes: int
    """Of courses completed, apart from service."""
    star_minutes: int
    """The minutes that count for stars now: of the classes and the window that policy names."""
    eligible_star: int
    star: int
    minutes_to_next_star: int | None
    star_case: str
    """Id of what is being decided about the star, or ""."""
    courtesy_pack: tuple[Pack, ...]
    """What the star that is held brings, where policy says so."""
    points_hundredths: int
    """What can be spent today."""
    points_earned_hundredths: int
    """What effective records have brought so far."""
    points_owed_hundredths: int
    lapsing: tuple[tuple[str, int], ...]
    """(last day of use, hundredths), the soonest first."""
    time_minutes: int
    time_owed_minutes: int
    elder_home_entitled: bool
    """Whether saved coins and hours entitle to a place in a public elder home (domain §3 S29)."""
    policy: str
    as_of_entry: int
    """Entries counted."""


class Capturable(NamedTuple):
    """A voucher that could be captured at `time` (ms), with the policy that decides about it."""

    redemption: Redemption
    reward: Reward
    flag: str
    """`rapid` where the capture would have to be reviewed, else `none`."""
    policy: Policy
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A receipt: the entry's exact bytes and a tlog-proof for them (docs/format.md §8)."""

    data: bytes
    proof: bytes


class Book:
    """A ledger that is open. `close()` when done; usable from many threads."""

    def __init__(
        self,
        *,
        home: Path,
        origin: str,
        database: Database,
        vault: Vault,
        keys: KeyRing,
        clock: Clock | None = None,
        reached: Callable[[str], None] | None = None,
    ) -> None:
        self.home = home
        self.origin = origin
        self.database = database
        self.vault = vault
        self.keys = keys
        self.codes = CodeBox(keys.code)
        self.rotating = Rotating(keys.code)
        self.titles: dict[str, tuple[str, int]] = {}
        """What rewards are called, and when that was read (ms); the door remembers it here."""
        self.clock: Clock = clock or SystemClock()
        self._sequencer = Sequencer(database, origin, self.clock, reached=reached)
        self.signer = CheckpointSigner(database, keys.log, home, self.clock)
        self._tree = TileTree(self._read_tile)
        # Replaced as one tuple, so that threads see either the old documents or the new ones.
        self._documents: tuple[int, Standing] = (-1, Standing())

    def check(self, *, confirmed_head: int = 0) -> None:
        """Refuse to go on where head, clock or origin are not as they were left (trust §3)."""
        self.signer.check()
        with self.database.reading() as connection:
            first = journal.read_entries(connection, [0])
            head_time = journal.read_head(connection, self.origin).chain.time
        if first and _origin_of(first[0]) != self.origin:
            raise Refused(
                "wrong_origin",
                f"this database is the ledger {_origin_of(first[0])}, not {self.origin}",
            )
        check_clock(
            self.clock.now_ms(),
            head_time=head_time,
            database_ms=self.database.now_ms(),
            confirmed_head=confirmed_head,
        )

    def check_database_clock(self) -> None:
        """Refuse with `clock_unsure` where the database's clock has moved away from ours; nothing
        is written any more by this process then (trust §3)."""
        try:
            check_database_clock(self.clock.now_ms(), self.database.now_ms())
        except Refused as unsure:
            if isinstance(self.clock, SystemClock):
                self.clock.distrust(unsure)
            raise

    def close(self) -> None:
        """Finish what was begun and let go of everything."""
        self._sequencer.close()
        self.signer.release()
        self.vault.close()
        self.database.close()

    # Writing ---------------------------------------------------------------------------------

    def record(
        self,
        action: Action,
        *,
        caller: Caller,
        key: str,
        request: bytes | None = None,
        beside: Beside | None = None,
    ) -> Receipt:
        """Write what `action` means, once for (caller, `key`), and say where it stands.

        `request` is the canonical form of what the client sent, by default the action itself
        without its fresh ids; the same key with another request is refused with `key_reused`.
        `beside` gives operational rows for the same transaction. Raises Refused.
        """
        (result,) = self.record_all(
            [(action, key, request)],
            caller=caller,
            beside=beside,
        )
        if isinstance(result, Refused):
            raise result
        return result

    def record_all(
        self,
        asks: Sequence[tuple[Action, str, bytes | None]],
        *,
        caller: Caller,
        beside: Beside | None = None,
    ) -> Sequence[Result]:
        """Many (action, key, request) in one transaction, each with its own outcome, in order."""
        party, credential = caller.party, caller.credential
        turn = Turn(
            [
                Ask(action, party, credential, self.idem(caller, key, action, request))
                for action, key, request in asks
            ],
            beside,
        )
        return self._sequencer.take(turn)

    def keep(self, table: Table, row: Sequence[Any]) -> None:
        """Store one operational row with the next group that is committed, and wait until it is."""
        self._sequencer.take(Turn([], lambda _: [(table, row)]))

    def answered(self, *, caller: Caller, key: str, request: bytes) -> Receipt | None:
        """The receipt of this very request, if it was answered before; None otherwise.

        The door asks before it seals anything. Refuses with `key_reused`.
        """
        idem = self.idem(caller, key, None, request)
        with self.database.reading() as connection:
            known = StoredRows(connection).fetch("seen", [bytes.fromhex(idem.key)])
            if not known:
                return None
            (seen,) = known.values()
            indexes = range(seen.first, seen.first + seen.parts)
            result = replayed(idem, journal.read_entries(connection, indexes))
        if isinstance(result, Refused):
            raise result
        return result

    def idem(self, caller: Caller, key: str, action: Action | None, request: bytes | None) -> Idem:
        """The HMACs that stand for (party, terminal, key) and for the request (trust §1)."""
        scope = f"key\x00{caller.party}\x00{caller.terminal}\x00{key}"
        if request is None:
            if action is None:
                raise ValueError("a request or an action is needed")
            request = canonical_request(action)
        secret = self.keys.idem
        return Idem(
            hmac.digest(secret, scope.encode(), "sha256")[:MAC_BYTES].hex(),
            hmac.digest(secret, b"request\x00" + request, "sha256")[:MAC_BYTES].hex(),
        )

    def new_id(self) -> str:
        """A fresh random id."""
        return new_id(secrets.token_bytes(ID_RANDOM_BYTES))

    def acknowledge(self, entry: Entry) -> bytes:
        """A signed note that this entry was accepted (docs/format.md §8)."""
        text = f"sidereal/ack@v1\n{self.origin}\n{entry.index}\n{entry.hash.hex()}\n{entry.time}\n"
        return sign_note(text, [self.keys.ack])

    # Reading ---------------------------------------------------------------------------------

    def policy(self, *, newest: int | None = None) -> Policy:
        """The policy in force now. `newest` is the newest entry that adopted a document, where the
        caller has just asked for it: nothing more is read then, unless that is news."""
        known, documents = self._documents
        if newest is None or newest != known:
            with self.database.reading() as connection:
                documents = self._adopted(connection)
        return documents.policy_at(self.clock.now_ms())

    def policy_of(self, address: str) -> Policy:
        """The policy that decides now about somebody's own value (`Standing.policy_of`)."""
        now = self.clock.now_ms()
        with self.database.reading() as connection:
            return self.standing_in(connection).policy_of(address, now)

    def standing(self, volunteer: str) -> VolunteerStanding:
        """What a volunteer has now. Refuses with `unknown_party`."""
        now = self.clock.now_ms()
        with self.database.snapshot() as connection:
            standing = self.standing_in(connection)
            owner = account.volunteer(volunteer)
            party = standing.party(owner)
            purse = standing.purse(owner)
            earned = queries.points_earned(connection, volunteer)
            learning = counting.learning_minutes(connection, volunteer)
            open_case = standing.marks[owner, OPEN_STAR_CASE]
            size = journal.read_head(connection, self.origin).chain.size
            policy = standing.policy_of(owner, now)
            star_minutes = minutes_that_count(standing, policy, volunteer, purse, now)
        today = policy.local_date(now).isoformat()
        check_in = purse.get(("service:check_in", account.SERVICE), 0)
        backfill = purse.get(("service:backfill", account.SERVICE), 0)
        return VolunteerStanding(
            volunteer=volunteer,
            state=party.state,
            service_minutes=check_in + backfill,
            check_in_minutes=check_in,
            backfill_minutes=backfill,
            learning_minutes=learning,
            star_minutes=star_minutes,
            eligible_star=policy.eligible_star(star_minutes),
            star=stars_held(purse),
            minutes_to_next_star=policy.minutes_to_next_star(star_minutes),
            star_case=open_case.value if open_case is not None else "",
            courtesy_pack=policy.pack(stars_held(purse)),
            points_hundredths=spendable(purse, today),
            points_earned_hundredths=earned,
            points_owed_hundredths=-purse.get(
                (account.OWED_PURSES[account.POINT], account.POINT), 0
            ),
            lapsing=tuple(lot for lot in vintages(purse) if lot[0] >= today),
            time_minutes=purse.get((account.TIME_PURSE, account.TIME), 0),
            time_owed_minutes=-purse.get((account.OWED_PURSES[account.TIME], account.TIME), 0),
            elder_home_entitled=elder_home_entitled(
                policy, purse.get((account.TIME_PURSE, account.TIME), 0), check_in + backfill
            ),
            policy=policy.version_name,
            as_of_entry=size,
        )

    def would_capture(self, action: Capture, *, reward: str = "") -> Capturable:
        """What a capture would find now, changing nothing; Refused with the one reason why not.

        `reward` is the reservation's, where the door has seen it: fetched in one go with the rest.
        """
        now = self.clock.now_ms()
        wanted: defaultdict[str, list[Any]] = defaultdict(list)
        for table, key in action.touches():
            wanted[table].append(key)
        if reward:
            wanted["rewards"].append(reward)
        with self.database.snapshot() as connection:
            standing = self.standing_in(connection, wanted)
            redemption, found, flag = why_not_capture(action, standing, now)
            policy = standing.policy_of(account.volunteer(redemption.volunteer), now)
        return Capturable(redemption, found, flag, policy, now)

    def would_mean(self, asked: Sequence[Action]) -> list[list[Draft] | Refused]:
        """What each action would come to by itself now, changing nothing: a dry run."""
        now = self.clock.now_ms()
        found: list[list[Draft] | Refused] = []
        with self.database.snapshot() as connection:
            standing = self.standing_in(connection)
            for action in asked:
                try:
                    found.append(decide(action, standing, now))
                except Refused as refused:
                    found.append(refused)
        return found

    def entry(self, index: int) -> Entry:
        """One entry. Refuses with `unknown_entry`."""
        with self.database.reading() as connection:
            found = journal.read_entries(connection, [index])
        if not found:
            raise Refused("unknown_entry", f"there is no entry {index}", entry=index)
        return found[0]

    def history(self, owner: str, *, after: int = -1, limit: int = 100) -> list[Entry]:
        """Entries about an owner with an index above `after`, the oldest first."""
        with self.database.reading() as connection:
            indexes = queries.mentions(connection, owner, after=after, limit=limit)
            return journal.read_entries(connection, indexes)

    def checkpoint(self) -> tuple[Checkpoint, bytes]:
        """The newest published checkpoint and its signed note. Refuses with `no_checkpoint`."""
        with self.database.reading() as connection:
            found = queries.newest_checkpoint(connection)
        if found is None:
            raise Refused("no_checkpoint", "no checkpoint has been signed yet; ask again shortly")
        size, root, note = found
        return Checkpoint(origin=self.origin, size=size, root=root), note

    def root_at(self, size: int) -> bytes:
        """The root of the tree of the first `size` entries, which are there."""
        return self._tree.at(size).root()

    def receipt(self, index: int) -> Proof:
        """Proof that entry `index` is in the tree of the newest checkpoint.

        Refuses with `unknown_entry`, or `not_yet_covered` until a checkpoint covers it.
        """
        entry = self.entry(index)
        checkpoint, note = self.checkpoint()
        if index >= checkpoint.size:
            raise Refused(
                "not_yet_covered",
                "the next checkpoint will cover this entry; ask again shortly",
                entry=index,
                size=checkpoint.size,
            )
        hashes = self._tree.at(checkpoint.size).inclusion_proof(index)
        proof = TlogProof(index=index, hashes=tuple(hashes), checkpoint=note)
        return Proof(data=entry.data, proof=proof.to_bytes())

    def proven(self, indexes: Sequence[int]) -> tuple[Checkpoint, bytes, list[Proven]]:
        """The newest checkpoint, its signed note, and the bytes of these entries with their ways
        to its root, in order of index.

        Refuses with `no_checkpoint`, or `not_yet_covered` until a checkpoint covers all of them.
        """
        checkpoint, note = self.checkpoint()
        newest = max(indexes, default=0)
        if newest >= checkpoint.size:
            raise Refused(
                "not_yet_covered",
                "the next checkpoint will cover these entries; ask again shortly",
                entry=newest,
                size=checkpoint.size,
            )
        tree = self._tree.at(checkpoint.size)
        with self.database.reading() as connection:
            entries = journal.read_entries(connection, indexes)
        return (
            checkpoint,
            note,
            [Proven(each.index, each.data, tree.inclusion_proof(each.index)) for each in entries],
        )

    def warm(self) -> int:
        """Read the full tiles under the newest checkpoint, so that the first receipts after a
        start cost what later ones do. Returns how many; a million entries are about 4,000 tiles,
        64 MB and a few seconds. Safe beside everything else; refuses with `no_checkpoint`."""
        size, tiles = self.checkpoint()[0].size, 0
        level = 0
        while full := size >> TILE_HEIGHT * (level + 1):
            for index in range(full):
                self._tree.rows(level, index, TILE_WIDTH)
            tiles += full
            level += 1
        return tiles

    def standing_in(
        self, connection: Connection, wanted: Mapping[str, Sequence[Any]] = MappingProxyType({})
    ) -> Standing:
        """A standing that reads through this connection, with every document adopted: parsed once,
        not again for each reader. Rows that are `wanted` are fetched in the same trip."""
        rows = StoredRows(connection)
        with in_one_trip(connection):
            newest = queries.ask_newest_document(connection)
            answers = {table: rows.ask(table, keys) for table, keys in wanted.items()}
        standing = Standing(rows)
        standing.share_documents(self._adopted(connection, newest()))
        for table, answer in answers.items():
            standing.take_in(table, wanted[table], answer())
        return standing

    def _adopted(self, connection: Connection, newest: int | None = None) -> Standing:
        """Every adopted document. They are parsed again only when one has been adopted: every
        adoption raises the newest entry that a document stands in, which is `newest` where the
        caller has just asked for it."""
        if newest is None:
            newest = queries.newest_document(connection)
        known, documents = self._documents
        if known != newest:
            documents = Standing()
            load_documents(connection, documents)
            self._documents = (newest, documents)
        return documents

    def _read_tile(self, level: int, index: int, width: int) -> list[bytes]:
        with self.database.reading() as connection:
            return journal.read_tile(connection, level, index, width)


def canonical_request(action: Action) -> bytes:
    """What an action asks, without the ids and attestations that differ when it is sent again."""
    return canonical([type(action).__name__, _plain(action)])


_LASTING: Final[dict[type, tuple[str, ...]]] = {}


def _lasting_fields(action: Action) -> tuple[str, ...]:
    """The fields that stay the same when a request is sent again."""
    names = _LASTING.get(type(action))
    if names is None:
        every = fields(action)  # type: ignore[arg-type]  # each subclass is a dataclass
        names = tuple(each.name for each in every if each.name not in action.FRESH)
        _LASTING[type(action)] = names
    return names


def _plain(value: Any) -> Any:
    if type(value) is str or type(value) is int:
        return value
    if isinstance(value, Action):
        return {name: _plain(getattr(value, name)) for name in _lasting_fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def _origin_of(entry: Entry) -> str:
    return str(orjson.loads(entry.data)["origin"])
