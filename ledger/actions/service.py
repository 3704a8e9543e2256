"""Activities, what they ask, and sessions of service: recorded, reviewed, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from ledger import account
from ledger.actions import Action, Touch
from ledger.actions.parties import RegisterOrganisation, RegisterStaff, RegisterVolunteer
from ledger.policy.words import SERVICE_CATEGORIES
from ledger.rows import LEARNED, QUALIFIED
from ledger.standing import DAY_MS, WINDOW_MS, china_day

EVIDENCE: Final = ("check_in", "backfill")
CATEGORIES: Final = SERVICE_CATEGORIES
METHODS: Final = ("", "self_gps")
"""How check-in came about: by staff or a desk (""), or by the volunteer's own telephone."""
CONDUCTS: Final = ("good", "poor")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterActivity(Action):
    """An activity of an organisation, with its published times (ms, 0 unknown).

    What it asks of those who take part (domain §9): `training` a course's id, `insurance`
    "required", `min_age` years, `participants` how many are expected; "" and 0 for nothing.
    """

    FRESH: ClassVar[frozenset[str]] = frozenset({"activity", "text"})

    activity: str
    organisation: str
    category: str
    starts: int = 0
    ends: int = 0
    text: str = ""
    training: str = ""
    insurance: str = ""
    min_age: int = 0
    participants: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "activities", self.activity
        yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordQualification(Action):
    """A course completed (`what` its id), or an insurance (`what` "insurance") from … until (ms,
    0 without end). Learning minutes stand apart from service (domain §10 P5)."""

    volunteer: str
    organisation: str
    what: str
    learning_minutes: int = 0
    valid_from: int = 0
    valid_until: int = 0
    recorder: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        yield "parties", f"organisation:{self.organisation}"
        yield "qualifications", (self.volunteer, self.what)
        yield "marks", (account.volunteer(self.volunteer), QUALIFIED + self.what)
        if self.learning_minutes:
            day = china_day(self.valid_from)
            yield "marks", (account.volunteer(self.volunteer), f"{LEARNED}{day}")


Introduction = RegisterVolunteer | RegisterOrganisation | RegisterStaff | RegisterActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordService(Action):
    """A session of service. All times in ms; `recorded` 0 means at the entry's time.

    `kind` is "" for volunteer service, or one of policy's excluded kinds (domain §10 P20).
    `introduces` are registrations that come first where their party is still unknown.
    `conflicts` as in `RegisterVolunteer`. `method` is one of `METHODS`. `spent` are minutes within
    the session by what they went into (`NOT_TIME` of `ledger.policy.words`), deducted where policy
    says so, beside `deducted_minutes`. The age gate answers the activity's own `min_age`.
    """

    FRESH: ClassVar[frozenset[str]] = frozenset(
        {"record", "introduces", "conflicts", "age_gate", "age_tested"}
    )

    record: str
    volunteer: str
    organisation: str
    activity: str
    evidence: str
    starts: int
    ends: int
    check_in: int
    check_out: int
    deducted_minutes: int
    recorder: str
    approver: str
    recorded: int = 0
    kind: str = ""
    introduces: tuple[Introduction, ...] = ()
    conflicts: tuple[str, ...] = ()
    method: str = ""
    spent: tuple[tuple[str, int], ...] = ()
    age_gate: str = ""
    age_tested: int = 0

    def touches(self) -> Iterator[Touch]:
        owner = f"volunteer:{self.volunteer}"
        if not self.recorded:
            yield "terms", self.activity
            yield "bans", owner
            yield "marks", (owner, f"{QUALIFIED}insurance")
        yield "parties", owner
        yield "purses", owner
        yield "parties", f"organisation:{self.organisation}"
        yield "parties", f"staff:{self.recorder}"
        yield "parties", f"staff:{self.approver}"
        yield "activities", self.activity
        for other in self.conflicts:
            yield "parties", f"volunteer:{other}"
        first = (self.check_in - 3 * DAY_MS) // WINDOW_MS
        last = (self.check_out + 2 * DAY_MS) // WINDOW_MS
        # A session that spans more is refused before its neighbours are looked at.
        if last - first <= 2:
            for window in range(first, last + 1):
                yield "sessions", (self.volunteer, window)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmService(Action):
    """A reviewer (staff id, or "" for the console) confirms a held record."""

    record: str
    reviewer: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "records", self.record


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseService(Action):
    """A reviewer refuses a held record; `reason` is a text's digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    record: str
    reviewer: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "records", self.record


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseService(Action):
    """Take back an effective record: its minutes, its points, its deposit."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    record: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "records", self.record


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectService(Action):
    """Reverse `record` and record `corrected` in its place, both linked (domain §12 T20)."""

    # What `corrected` leaves out of the digest is its own to say.
    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    record: str
    corrected: RecordService
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "records", self.record
        yield from self.corrected.touches()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateService(Action):
    """An organisation's evaluation of an effective record, once: score 1 to 5, `CONDUCTS`; `text`
    is a digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"text"})

    record: str
    score: int
    conduct: str = "good"
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "records", self.record
        yield "marks", (f"record:{self.record}", "evaluated")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveFraud(Action):
    """A duplicate or false backfill was proven against a volunteer: the right to backfill is lost
    for a time and until hours are earned again (domain §10 P17)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    volunteer: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        yield "bans", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissFraud(Action):
    """A proof of fraud did not hold: the ban that followed from it ends (domain §10 P17, P61)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    volunteer: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        yield "bans", account.volunteer(self.volunteer)
