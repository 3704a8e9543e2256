"""Turn numbers that people write into the random ids that entries hold.

A session of claims is one import or one registration. Whoever is new becomes a *candidate*: a
subject written before the entry that will need it, which the ledger then registers or refuses.
Several candidates may hold one number; which of them it belongs to is the ledger's decision, so
a claim answers with every other candidate that stands in its way. Candidates that no entry
registered are swept later.

A session that does not persist keeps its candidates in memory and answers exactly alike.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from ledger.ids import ID_RANDOM_BYTES, new_id
from ledger.vault.store import NewSubject

if TYPE_CHECKING:
    from ledger.vault.door import Vault

Age = Literal["met", "unmet", "unknown"]

VOLUNTEER: Final = "volunteer"
NAME: Final = "name"
NUMBER: Final = "number"
IDENTITY_NUMBER: Final = "identity_number"
BIRTH_DATE: Final = "birth_date"

_OWN_FIELDS: Final = {NAME, NUMBER, IDENTITY_NUMBER}
_KEY_FIELDS: Final = {"organisation": "organisation_code"}


def key_field(kind: str) -> str:
    """The field by which subjects of this kind are claimed: a code for organisations, else a
    number."""
    return _KEY_FIELDS.get(kind, NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerClaim:
    """Who a volunteer is said to be: normalised and valid, but not yet believed.

    `number` is None where no system has numbered the volunteer; that is a number of its own,
    differing from every other. `fields` are sealed beside name and numbers.
    """

    number: str | None
    identity_number: str
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.identity_number or self.number == "":
            raise ValueError("a claim needs an identity number, and a number or None")
        if clash := _OWN_FIELDS & self.fields.keys():
            raise ValueError(f"{', '.join(sorted(clash))} have arguments of their own")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """The answer to a claim.

    `fresh` if this very claim made the subject. `conflicts` are the ids of all other volunteers,
    candidates included, with the same number and another identity number, or the reverse, as
    known when the call ended; the claim fails if any of them is registered.
    """

    id: str
    fresh: bool
    conflicts: tuple[str, ...] = ()


class Claims:
    """One session of claims, made by `Vault.claims` and used only inside its `with`."""

    def __init__(self, vault: Vault, *, persist: bool, at_ms: int) -> None:
        self._vault = vault
        self._persist = persist
        self._at_ms = at_ms
        self._blinds: dict[tuple[str, str, str], bytes] = {}
        self._births: dict[str, str | None] = {}
        self._ended = False
        self._start_again()

    def end(self) -> None:
        """Claim no more: without the lock another session may know better."""
        self._ended = True

    def _start_again(self) -> None:
        """Know nothing but what the vault holds."""
        self._asked: set[bytes] = set()
        self._holders: dict[bytes, set[str]] = {}
        self._pairs: dict[tuple[bytes | None, bytes], str] = {}
        self._keyed: dict[bytes, str] = {}

    def volunteers(self, wanted: Sequence[VolunteerClaim]) -> list[Claimed]:
        """Claim volunteers by the pair of number and identity number, one answer each.

        A pair seen before keeps its id and its first name and fields. All candidates of the
        call are written, sealed, in one transaction before it returns.
        """
        self._must_be_open()
        pairs = [self._pair(claim) for claim in wanted]
        self._learn(NUMBER, (number for number, _ in pairs if number is not None))
        self._learn(IDENTITY_NUMBER, (identity for _, identity in pairs))

        found: list[tuple[str, bool]] = []
        new: list[tuple[str, VolunteerClaim, tuple[bytes | None, bytes]]] = []
        for claim, pair in zip(wanted, pairs, strict=True):
            known = self._pairs.get(pair)
            if known is None:
                candidate = new_id(secrets.token_bytes(ID_RANDOM_BYTES))
                self._remember(candidate, *pair)
                new.append((candidate, claim, pair))
                found.append((candidate, True))
            else:
                found.append((known, False))
        self._write_volunteers(new)

        # Only now, because an earlier row must see the candidates of later ones too.
        return [
            Claimed(id=one, fresh=fresh, conflicts=self._conflicts(one, pair))
            for (one, fresh), pair in zip(found, pairs, strict=True)
        ]

    def others(self, kind: str, wanted: Sequence[tuple[str, Mapping[str, str]]]) -> list[Claimed]:
        """Claim subjects with a natural key: the same key is the same subject.

        `wanted` is (key, fields) each; the key is sealed as the kind's `key_field`, and the
        fields of a key seen before change nothing. New subjects are written in one transaction
        before the call returns. Volunteers have two numbers and their own method.
        """
        self._must_be_open()
        if kind == VOLUNTEER:
            raise ValueError("volunteers are claimed by two numbers")
        key_name = key_field(kind)
        blinds = [self._blind(kind, key_name, key) for key, _ in wanted]
        unknown = [blind for blind in blinds if blind not in self._keyed]
        for blind, ids in self._vault.store.by_blind(key_name, unknown).items():
            self._keyed[blind] = ids[0]

        answers: list[Claimed] = []
        new: list[tuple[str, Mapping[str, str], Mapping[str, bytes]]] = []
        for (key, fields), blind in zip(wanted, blinds, strict=True):
            known = self._keyed.get(blind)
            if known is None:
                if not key or key_name in fields:
                    raise ValueError(f"a {kind} needs one {key_name}, given as its key")
                known = self._keyed[blind] = new_id(secrets.token_bytes(ID_RANDOM_BYTES))
                new.append((known, {key_name: key, **fields}, {key_name: blind}))
                answers.append(Claimed(id=known, fresh=True))
            else:
                answers.append(Claimed(id=known, fresh=False))
        self._write(kind, new)
        return answers

    def seal_texts(self, wanted: Sequence[Mapping[str, str]]) -> list[str]:
        """As `Vault.seal_texts`; a session that does not persist answers digests only."""
        if self._persist:
            return self._vault.seal_texts(wanted, at=self._at_ms)
        return [self._vault.sealer.seal_text(fields)[0] for fields in wanted]

    def attest_ages(self, ids: Sequence[str], minimum_years: int, on: date) -> dict[str, Age]:
        """As `Vault.attest_ages`, knowing this session's candidates too."""
        elsewhere = [one for one in ids if one not in self._births]
        verdicts = self._vault.attest_ages(elsewhere, minimum_years, on)
        for one in ids:
            if one in self._births:
                verdicts[one] = age_verdict(self._births[one], minimum_years, on)
        return verdicts

    def _must_be_open(self) -> None:
        if self._ended:
            raise RuntimeError("this session of claims has ended; open another")

    def _pair(self, claim: VolunteerClaim) -> tuple[bytes | None, bytes]:
        number = None
        if claim.number is not None:
            number = self._blind(VOLUNTEER, NUMBER, claim.number)
        return number, self._blind(VOLUNTEER, IDENTITY_NUMBER, claim.identity_number)

    def _blind(self, kind: str, name: str, value: str) -> bytes:
        blind = self._blinds.get((kind, name, value))
        if blind is None:
            blind = self._vault.sealer.blind(kind, name, value)
            self._blinds[kind, name, value] = blind
        return blind

    def _learn(self, name: str, blinds: Iterable[bytes]) -> None:
        """Fetch once whoever holds these values. The identity lock keeps the answer true."""
        unasked = set(blinds) - self._asked
        for subject, held in self._vault.store.index_rows_of_holders(name, unasked).items():
            self._remember(subject, held.get(NUMBER), held[IDENTITY_NUMBER])
        self._asked |= unasked

    def _remember(self, subject: str, number: bytes | None, identity: bytes) -> None:
        self._pairs.setdefault((number, identity), subject)
        self._holders.setdefault(identity, set()).add(subject)
        if number is not None:
            self._holders.setdefault(number, set()).add(subject)

    def _conflicts(self, subject: str, pair: tuple[bytes | None, bytes]) -> tuple[str, ...]:
        number, identity = pair
        others = set(self._holders[identity])
        if number is not None:
            others |= self._holders[number]
        others.discard(subject)
        return tuple(sorted(others))

    def _write_volunteers(
        self, new: Sequence[tuple[str, VolunteerClaim, tuple[bytes | None, bytes]]]
    ) -> None:
        rows: list[tuple[str, Mapping[str, str], Mapping[str, bytes]]] = []
        for candidate, claim, (number, identity) in new:
            fields = {NAME: claim.name, IDENTITY_NUMBER: claim.identity_number, **claim.fields}
            blinds = {IDENTITY_NUMBER: identity}
            if claim.number is not None and number is not None:
                fields[NUMBER] = claim.number
                blinds[NUMBER] = number
            born = fields.get(BIRTH_DATE) or birth_date(claim.identity_number)
            if born is not None:
                fields[BIRTH_DATE] = born
            self._births[candidate] = born
            rows.append((candidate, fields, blinds))
        self._write(VOLUNTEER, rows)

    def _write(
        self, kind: str, new: Sequence[tuple[str, Mapping[str, str], Mapping[str, bytes]]]
    ) -> None:
        if not self._persist:
            return
        try:
            self._vault.store.add_subjects(
                [self._sealed(kind, one, fields, blinds) for one, fields, blinds in new]
            )
        except BaseException:
            # The session must not answer later with ids that were never written.
            self._start_again()
            raise

    def _sealed(
        self, kind: str, subject: str, fields: Mapping[str, str], blinds: Mapping[str, bytes]
    ) -> NewSubject:
        wrapped, key = self._vault.sealer.new_person(subject)
        return NewSubject(
            id=subject,
            kind=kind,
            wrapped_key=wrapped,
            created_ms=self._at_ms,
            sealed={name: key.seal_field(name, value) for name, value in fields.items()},
            blinds=blinds,
        )


def birth_date(identity_number: str) -> str | None:
    """The date of birth inside an 18-character identity number, as ISO; None if it has none.

    GB 11643: characters 7 to 14 are year, month and day.
    """
    digits = identity_number[6:14]
    if len(identity_number) != 18 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None


def age_verdict(born: str | None, minimum_years: int, on: date) -> Age:
    """Whether somebody born on `born` (ISO) has completed `minimum_years` on the day `on`.

    A year of age is complete on the birthday itself; born on 29 February, on 1 March of a year
    without that day.
    """
    if born is None:
        return "unknown"
    birthday = date.fromisoformat(born)
    had_it = (on.month, on.day) >= (birthday.month, birthday.day)
    years = on.year - birthday.year - (0 if had_it else 1)
    return "met" if years >= minimum_years else "unmet"
