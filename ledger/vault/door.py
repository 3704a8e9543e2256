"""What the rest of the ledger may ask of the vault.

Personal fields come out by `read` and `read_many` alone, and each such read is in the access
log before anything is opened. The `attest_` questions answer with a verdict, never with a field;
the entry that needed the verdict is their record. The clock is the caller's: times are
milliseconds since 1970 UTC.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Final, Literal, NamedTuple

from ledger.standing import CHINA_OFFSET_MS, DAY_MS
from ledger.vault.claims import (
    BIRTH_DATE,
    IDENTITY_NUMBER,
    VOLUNTEER,
    Age,
    Claims,
    age_verdict,
    key_field,
)
from ledger.vault.lock import IdentityLock
from ledger.vault.seal import PersonKey, SealBroken, Sealer
from ledger.vault.store import Store, VaultUnusable

__all__ = ["PURPOSES", "Relation", "Vault", "VaultUnusable"]

Relation = Literal["spouse", "lineal", "friend"]
RELATIONS: Final = ("spouse", "lineal", "friend")
"""What one person may be to another, the nearest first."""
CIRCUMSTANCES: Final = ("key_lonely_elder", "needy_elder", "special_difficulty")
"""What may be on file about somebody because a policy asks for it (domain §10 P38, P44)."""
_CIRCUMSTANCE: Final = "circumstance_"
"""Each is a sealed field of its subject, named by its id, so that forgetting takes it along."""

_PLACES: Final = frozenset({"merchant", "branch", "terminal", "organisation"})
"""Kinds of subjects that are no people."""

PURPOSES: Final = frozenset(
    {
        "own_data",  # the person looks at what is held about them, or takes a copy
        "registration",  # the organisation that registers or corrects the person
        "activity_list",  # an organisation's list of who takes part
        "record_review",  # a reviewer decides a held record
        "identity_review",  # a reviewer decides an identity conflict
        "star_review",  # a granting body decides a star
        "service_order",  # who comes to whom for a time-bank service
        "relation",  # the masked name of a relative or friend, to whom time can be given
        "merchant_display",  # the masked name at a till, where policy allows it
        "settlement",  # paying or asking a merchant or branch
        "certificate",  # printing a service record certificate
        "notice",  # a public notice or a message to the person
        "helping",  # a volunteer and whoever acts for them, by name, and what the helper looks at
        "objection",  # deciding an objection
        "sharing",  # records handed to another organisation or ledger, or taken in from one
        "audit",  # an auditor's look behind an id, with a reason
        "operation",  # the operator's command line
    }
)
"""Why personal data may be read; the access log holds one of these."""


class Access(NamedTuple):
    """Somebody read what is held about a subject. `at_ms` ms, `by` an address."""

    id: int
    at_ms: int
    by: str
    purpose: str


class AccessDay(NamedTuple):
    """Equal looks of one day: of one reader for one purpose."""

    first: int
    """The first of them, by its row."""
    looks: int
    """How many."""
    from_ms: int
    until_ms: int
    """When the first and the last of them was, ms."""
    by: str
    purpose: str


class Vault:
    """One open vault. Safe to use from several threads."""

    def __init__(self, store: Store, sealer: Sealer) -> None:
        """Use `Vault.open`."""
        self.store: Final = store
        self.sealer: Final = sealer
        beside = None
        if store.file is not None:
            beside = store.file.with_name(store.file.name + ".lock")
        self._identity = IdentityLock(store.engine, beside)

    @classmethod
    def open(cls, url: str, *, master_key: bytes, index_key: bytes) -> Vault:
        """Open the vault at `url` with two keys of 32 bytes each.

        Raises VaultUnusable if the vault is not there, has no tables or lost its canary, or
        was made with other keys.
        """
        sealer = Sealer(master_key=master_key, index_key=index_key)
        store = Store(url)
        try:
            sealer.knows(*store.keep_canary(*sealer.canary()))
        except SealBroken as error:
            store.close()
            raise VaultUnusable(f"these are not this vault's keys: {error}") from error
        except BaseException:
            store.close()
            raise
        return cls(store, sealer)

    def close(self) -> None:
        """Close every connection."""
        self.store.close()

    # Who is who

    @contextmanager
    def claims(self, *, persist: bool, at: int) -> Iterator[Claims]:
        """A session of claims, alone among all sessions on this vault until it ends.

        `persist=False` is a dry run: the same answers, nothing written. Keep the session open
        until the ledger has committed its decisions. Raises RuntimeError inside another
        session of the same thread.
        """
        with self._identity.held():
            claims = Claims(self, persist=persist, at_ms=at)
            try:
                yield claims
            finally:
                claims.end()

    def find(self, kind: str, field: str, value: str) -> list[str]:
        """Ids of the subjects of `kind` whose indexed `field` is `value`, candidates included.

        Indexed are a volunteer's `number` and `identity_number`, and the `key_field` of others.
        """
        blind = self.sealer.blind(kind, field, value)
        return self.store.by_blind(field, [blind]).get(blind, [])

    def sweep(self, is_registered: Callable[[Sequence[str]], set[str]], older_than_ms: int) -> int:
        """Forget subjects made before `older_than_ms` that no entry registered; returns how many.

        `is_registered` answers which of up to 1,000 ids some entry names, whatever their kind.
        """
        return self._sweep(
            lambda after: self.store.subjects_before(older_than_ms, after),
            is_registered,
            self.store.destroy_subjects,
        )

    def sweep_texts(self, is_named: Callable[[Sequence[str]], set[str]], older_than_ms: int) -> int:
        """Forget texts sealed before `older_than_ms` that no entry names; returns how many."""
        return self._sweep(
            lambda after: self.store.texts_before(older_than_ms, after),
            is_named,
            self.store.destroy_texts,
        )

    def _sweep(
        self,
        next_after: Callable[[str], list[str]],
        is_wanted: Callable[[Sequence[str]], set[str]],
        destroy: Callable[[Iterable[str]], int],
    ) -> int:
        gone, last = 0, ""
        # Under the lock, so that no session holds an id whose entry is still to come.
        with self._identity.held():
            while some := next_after(last):
                last = some[-1]
                wanted = is_wanted(some)
                gone += destroy([one for one in some if one not in wanted])
        if gone:
            self.store.erase_traces()
        return gone

    # Personal fields

    def read(
        self, subject: str, fields: Sequence[str], *, by: str, purpose: str, at: int
    ) -> dict[str, str]:
        """The named fields of one subject that are there; nothing once it is forgotten.

        `by` is the reader's address, `purpose` one of PURPOSES (ValueError otherwise).
        """
        return self.read_many([subject], fields, by=by, purpose=purpose, at=at)[subject]

    def read_many(
        self, ids: Sequence[str], fields: Sequence[str], *, by: str, purpose: str, at: int
    ) -> dict[str, dict[str, str]]:
        """As `read` for many subjects: every id asked for is a key of the answer."""
        if purpose not in PURPOSES:
            raise ValueError(f"{purpose!r} is no purpose for which personal data is read")
        asked = list(dict.fromkeys(ids))
        # Logged and committed before anything is opened: no answer without its log row.
        rows = self.store.read_and_log(asked, fields, by=by, purpose=purpose, at_ms=at)
        answers: dict[str, dict[str, str]] = {one: {} for one in asked}
        for subject, field, value in self._opened(rows):
            answers[subject][field] = value
        return answers

    def place_names(self, ids: Sequence[str]) -> dict[str, str]:
        """What merchants, branches, tills and organisations of these ids are called, where it is
        known.

        A shop's or a unit's name is nobody's personal data, so that no look is logged: a till may
        say where a voucher was taken, and a certificate's check who recorded, without writing
        anything. Other ids are left out.
        """
        places = [one for one, (kind, _) in self.store.keys(ids).items() if kind in _PLACES]
        rows = self.store.fields(places, ["name"])
        return {subject: value for subject, _, value in self._opened(rows)}

    def correct(self, subject: str, fields: Mapping[str, str]) -> None:
        """Replace or add sealed fields of a subject that is there; what was there is erased.

        Indexed fields are claimed, not corrected (ValueError). Raises KeyError if the subject
        is unknown or forgotten.
        """
        kind, wrapped = self._key(subject)
        indexed = {key_field(kind)}
        if kind == VOLUNTEER:
            indexed |= {IDENTITY_NUMBER, BIRTH_DATE}
        if clash := indexed & fields.keys():
            raise ValueError(f"{', '.join(sorted(clash))} cannot be corrected in place")
        key = self.sealer.person(subject, wrapped)
        self.store.put_fields(
            subject, {field: key.seal_field(field, value) for field, value in fields.items()}
        )
        self.store.erase_traces()

    def access_digest(self, after_id: int) -> tuple[int, int, str]:
        """Commit to the access log after row `after_id`: (last id, rows, SHA-256 hex).

        Hashed is one JSON array a line, `[id,at,by,subject,purpose]`, in order of id
        (docs/vault.md, "Access log"). Without new rows the last id is `after_id`.
        """
        digest, last, count = hashlib.sha256(), after_id, 0
        for row in self.store.access_rows(after_id):
            line = json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
            digest.update(line.encode())
            last, count = row[0], count + 1
        return last, count, digest.hexdigest()

    def accesses(self, subject: str, *, before: int, limit: int, without: str = "") -> list[Access]:
        """Who read what is held about a subject, the newest first: rows before row `before` of the
        access log, none by the address `without`. Asking writes no row: it opens nothing."""
        rows = self.store.accesses(subject, before=before, limit=limit, without=without)
        return [Access(*row) for row in rows]

    def access_days(
        self, subject: str, *, before: int, limit: int, without: str = ""
    ) -> list[AccessDay]:
        """As `accesses`, but equal looks of one local day as one; those of which the first is
        before row `before`."""
        rows = self.store.access_days(
            subject, before=before, limit=limit, without=without, offset_ms=CHINA_OFFSET_MS
        )
        return [AccessDay(*row) for row in rows]

    def accesses_like(
        self, subject: str, access_id: int, *, before: int, limit: int
    ) -> list[Access]:
        """Of the same reader, purpose and local day as one row, the newest first. Raises KeyError
        where that row is not about this subject."""
        row = self.store.access(subject, access_id)
        if row is None:
            raise KeyError(access_id)
        one = Access(*row)
        day = one.at_ms - (one.at_ms + CHINA_OFFSET_MS) % DAY_MS
        like = (one.by, one.purpose, day, day + DAY_MS)
        rows = self.store.accesses(subject, before=before, limit=limit, without="", like=like)
        return [Access(*row) for row in rows]

    # Verdicts for the door

    def attest_age(self, subject: str, minimum_years: int, on: date) -> Age:
        """Whether the subject has completed `minimum_years` on the day `on` (local date)."""
        return self.attest_ages([subject], minimum_years, on)[subject]

    def attest_ages(self, ids: Sequence[str], minimum_years: int, on: date) -> dict[str, Age]:
        """As `attest_age` for many; `unknown` without a birth date or after `forget`."""
        verdicts: dict[str, Age] = dict.fromkeys(ids, "unknown")
        for subject, _, born in self._opened(self.store.fields(ids, [BIRTH_DATE])):
            verdicts[subject] = age_verdict(born, minimum_years, on)
        return verdicts

    def written_as(self, ids: Sequence[str]) -> frozenset[str]:
        """The numbers by which files name these people, so that their rows can be destroyed with
        them. No look is logged: nobody is shown any."""
        rows = self.store.fields(ids, ["number", "identity_number"])
        return frozenset(value for _, _, value in self._opened(rows))

    def attest_relation(
        self, volunteer: str, relative: str
    ) -> Literal["spouse", "lineal", "friend", "none"]:
        """What is recorded between the two, whoever recorded it; the nearest of several."""
        kinds = set()
        for relation in self.store.relations_between(volunteer, relative):
            mine = self.sealer.person(relation.volunteer, relation.volunteer_key)
            theirs = self.sealer.person(relation.relative, relation.relative_key)
            kinds.add(mine.open_relation(theirs, relation.id, relation.sealed))
        for kind in ("spouse", "lineal", "friend"):
            if kind in kinds:
                return kind
        return "none"

    def relations_of(self, volunteer: str) -> list[tuple[str, str, str]]:
        """(id, the other's id, kind) of every relation of a volunteer, whoever recorded it."""
        found = []
        for relation in self.store.relations_of(volunteer):
            one = self.sealer.person(relation.volunteer, relation.volunteer_key)
            other = self.sealer.person(relation.relative, relation.relative_key)
            kind = one.open_relation(other, relation.id, relation.sealed)
            both = (relation.volunteer, relation.relative)
            found.append((relation.id, both[0] if both[1] == volunteer else both[1], kind))
        return found

    def spouses_of(self, volunteer: str) -> list[str]:
        """Ids of those on file as the volunteer's spouse, whoever recorded it."""
        return [other for _, other, kind in self.relations_of(volunteer) if kind == "spouse"]

    def add_relation(
        self, volunteer: str, relative: str, kind: Relation, *, relation_id: str, at: int
    ) -> None:
        """Record that `relative` is the volunteer's spouse, lineal relative or friend.

        The same relation under the same id again changes nothing. Raises KeyError if either is
        unknown or forgotten, ValueError for one person twice, another kind, or an id that
        stands for another relation.
        """
        if kind not in RELATIONS or volunteer == relative:
            raise ValueError(f"a relation is one of {', '.join(RELATIONS)}, between two people")
        mine, theirs = (self.sealer.person(one, self._key(one)[1]) for one in (volunteer, relative))
        if (known := self.store.relation(relation_id)) is not None:
            same = (known.volunteer, known.relative) == (volunteer, relative)
            if not same or mine.open_relation(theirs, relation_id, known.sealed) != kind:
                raise ValueError(f"relation {relation_id} is another one")
            return
        sealed = mine.seal_relation(theirs, relation_id, kind)
        self.store.add_relation(relation_id, volunteer, relative, sealed, at)

    def remove_relation(self, relation_id: str) -> bool:
        """Destroy a relation; whether it was there."""
        gone = self.store.remove_relation(relation_id)
        self.store.erase_traces()
        return gone == 1

    def add_circumstance(self, subject: str, kind: str, *, circumstance_id: str) -> None:
        """Keep that something of `CIRCUMSTANCES` is true of a subject; what it is stays sealed.

        The same under the same id again changes nothing. Raises KeyError if the subject is unknown
        or forgotten, ValueError for another kind or an id that stands for another one.
        """
        if kind not in CIRCUMSTANCES:
            raise ValueError(f"a circumstance is one of {', '.join(CIRCUMSTANCES)}")
        key = self.sealer.person(subject, self._key(subject)[1])
        field = _CIRCUMSTANCE + circumstance_id
        for _, _, known in self._opened(self.store.fields([subject], [field])):
            if known != kind:
                raise ValueError(f"circumstance {circumstance_id} is another one")
            return
        self.store.put_fields(subject, {field: key.seal_field(field, kind)})

    def attest_circumstance(self, subject: str, kind: str) -> bool:
        """Whether this is on file about a subject; False for everything once it is forgotten."""
        rows = self.store.fields_beginning(subject, _CIRCUMSTANCE)
        return any(value == kind for _, _, value in self._opened(rows))

    def has_circumstance(self, subject: str, circumstance_id: str) -> bool:
        """Whether this very circumstance is on file about a subject."""
        return any(True for _ in self.store.fields([subject], [_CIRCUMSTANCE + circumstance_id]))

    def remove_circumstance(self, subject: str, circumstance_id: str) -> bool:
        """Destroy a circumstance; whether it was there."""
        gone = self.store.remove_field(subject, _CIRCUMSTANCE + circumstance_id)
        self.store.erase_traces()
        return gone == 1

    # Typed text

    def seal_text(self, fields: Mapping[str, str], *, at: int) -> str:
        """Keep typed text; returns the digest of its ciphertext, which the entry holds."""
        return self.seal_texts([fields], at=at)[0]

    def seal_texts(self, wanted: Sequence[Mapping[str, str]], *, at: int) -> list[str]:
        """As `seal_text` for many, in one transaction."""
        sealed = [self.sealer.seal_text(fields) for fields in wanted]
        self.store.add_texts(sealed, at)
        return [digest for digest, _, _ in sealed]

    def open_text(self, digest: str) -> dict[str, str]:
        """The text behind a digest; nothing once it is forgotten."""
        return self.open_texts([digest])[digest]

    def open_texts(self, digests: Sequence[str]) -> dict[str, dict[str, str]]:
        """As `open_text` for many: every digest asked for is a key of the answer."""
        opened: dict[str, dict[str, str]] = {digest: {} for digest in digests}
        for digest, wrapped, sealed in self.store.texts(digests):
            opened[digest] = self.sealer.open_text(digest, wrapped, sealed)
        return opened

    def forget_text(self, digest: str) -> bool:
        """Destroy a text and its key for good; whether it was there. Again changes nothing."""
        gone = self.store.destroy_texts([digest])
        self.store.erase_traces()
        return gone == 1

    # Forgetting

    def forget(self, subject: str) -> bool:
        """Destroy all the vault knows of a subject, for good; whether anything was there.

        Wrapped key, sealed fields, index rows and relations go in one transaction, then their
        traces in SQLite's files, which are written anew: seconds for a vault of many. Again
        changes nothing. Append the forget entry first.
        """
        return self.forget_all([subject]) == 1

    def forget_all(self, ids: Iterable[str]) -> int:
        """As `forget` for many; returns how many were still there.

        Meant for every start and restore, with the ids of all forget entries: a look-up for
        each id when there is nothing left to do.
        """
        gone = self.store.destroy_subjects(ids)
        # Also when nothing was there: an earlier call may have died just before this line.
        self.store.erase_traces()
        return gone

    def ban(self, subject: str, *, until: int) -> None:
        """Keep a volunteer's identity number, as an index value only, until a time.

        For proven fraud, before `forget`; registering asks `is_banned`. Raises KeyError if the
        volunteer is unknown or forgotten.
        """
        self.store.keep_ban(self._identity_blind(subject), until)

    def lift_ban(self, subject: str) -> None:
        """Keep a volunteer's identity number no longer: nothing was proven. Raises KeyError as
        `ban` does; the number of somebody forgotten goes when the ban ends."""
        self.store.drop_ban(self._identity_blind(subject))
        self.store.erase_traces()

    def _identity_blind(self, subject: str) -> bytes:
        _, wrapped = self._key(subject)
        sealed = list(self.store.fields([subject], [IDENTITY_NUMBER]))
        if not sealed:
            raise KeyError(f"{subject} has no identity number")
        value = self.sealer.person(subject, wrapped).open_field(IDENTITY_NUMBER, sealed[0][3])
        return self.sealer.blind(VOLUNTEER, IDENTITY_NUMBER, value)

    def is_banned(self, identity_number: str, *, at: int) -> bool:
        """Whether this identity number is banned at a time."""
        blind = self.sealer.blind(VOLUNTEER, IDENTITY_NUMBER, identity_number)
        return self.store.banned(blind, at)

    def end_bans(self, *, at: int) -> int:
        """Destroy the index values of bans that have ended; returns how many."""
        ended = self.store.end_bans(at)
        if ended:
            self.store.erase_traces()
        return ended

    def person_key(self, subject: str) -> PersonKey:
        """The unwrapped key of a subject. Raises KeyError if it is unknown or forgotten."""
        return self.sealer.person(subject, self._key(subject)[1])

    def _key(self, subject: str) -> tuple[str, bytes]:
        known = self.store.keys([subject])
        if subject not in known:
            raise KeyError(f"the vault knows no {subject}")
        return known[subject]

    def _opened(
        self, rows: Iterable[tuple[str, bytes, str, bytes]]
    ) -> Iterator[tuple[str, str, str]]:
        keys: dict[str, PersonKey] = {}
        for subject, wrapped, field, sealed in rows:
            key = keys.get(subject)
            if key is None:
                key = keys[subject] = self.sealer.person(subject, wrapped)
            yield subject, field, key.open_field(field, sealed)
