"""Everything that can be asked of the ledger, one frozen dataclass each.

Ids in an action are fresh random ones made at the door; digests name text sealed in the vault;
attested answers (`age_gate`, `relation`, `guardian`) were worked out at the door from sealed data.
`FRESH` names the fields that differ when the same request is sent again, so that they stay out of
the request's digest. `touches()` names what the decision will read, to fetch it in one go. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ledger import account
from ledger.policy.words import GRANT_GROUPS, GRANTING_TIERS, NOT_TIME, SERVICE_CATEGORIES
from ledger.rows import (
    ASSISTED,
    CLERK_LIMITS,
    GUARDED,
    HELD_CARD,
    LEARNED,
    OFFLINE,
    QUALIFIED,
    REISSUED,
    ROTATING_USED,
    objection_mark,
    offline_mark,
)
from ledger.standing import DAY_MS, WINDOW_MS, china_day
from ledger.webhooks.events import LISTENS, owner_of

Touch = tuple[str, Any]

TIERS: Final = GRANTING_TIERS[1:]
"""Tiers of organisations, the highest first; a province is above any ledger's tree."""
FORMS: Final = ("organisation", "team")
EVIDENCE: Final = ("check_in", "backfill")
ROLES: Final = ("operator", "organisation", "reviewer", "merchant", "volunteer", "auditor")
CATEGORIES: Final = SERVICE_CATEGORIES
METHODS: Final = ("", "self_gps")
"""How check-in came about: by staff or a desk (""), or by the volunteer's own telephone."""
TIME_SPENT: Final = NOT_TIME
"""Time between check-in and check-out that a policy may exclude (domain §10 P4)."""
CONDUCTS: Final = ("good", "poor")
CONSENT_PURPOSES: Final = (
    *("credit_list", "merchant_display", "office_redemption", "share_records", "statement"),
)
ANSWERS: Final = ("given", "refused", "withdrawn")
OFFICE_REDEMPTION: Final = "office_redemption"
"""That an organisation's office may reserve for a volunteer and print the code."""
SUBJECTS: Final = ("credit", "other", "record", "redemption", "star")
"""What an objection may be about."""
CIRCUMSTANCES: Final = GRANT_GROUPS
"""Why time may be granted to somebody (domain §10 P44). What is on file stays in the vault, but an
entry that rests on it says so of a random id: docs/vault.md, What entries show."""
LEVELS: Final = ("national", "province", "city", "county", "organisation")
"""Who commends."""
REWARD_FORMS: Final = ("gift", "discount", "service_order")
PERIODS: Final = ("day", "week", "month", "quarter", "year")
"""By what a reward's limit for one person is counted, in China's time."""
WEEKDAYS: Final = tuple("1234567")
"""Monday to Sunday."""
MEANS: Final = ("card", "offline", "rotating")
"""By what a voucher was shown, where the bare code was not all."""
MEANS_TO_SIGN_IN: Final = ("oidc", "passkey")
"""By what somebody signs in on a credential of their own: an identity elsewhere, a passkey."""
CARD_GROUNDS: Final = ("lost", "returned")
"""Why a card is closed by itself; a third, `replaced`, comes with the card that takes its place."""


class Action:
    """Something asked. Subclasses are frozen dataclasses."""

    __slots__ = ()
    FRESH: ClassVar[frozenset[str]] = frozenset()

    def touches(self) -> Iterator[Touch]:
        """(table, key) pairs of `Standing` that the decision reads."""
        return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin(Action):
    """The first entry: fixes the origin's public keys (raw Ed25519, hex)."""

    log_key: str
    ack_key: str
    manifest_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptPolicy(Action):
    """Put a policy document in force from its effective date."""

    policy: str
    version: int
    toml_sha256: str
    document: Mapping[str, Any]

    def touches(self) -> Iterator[Touch]:
        yield "documents", ("policy", self.policy, self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptCalendar(Action):
    """Put a year's holidays and make-up workdays in force; adopting a year again replaces it."""

    calendar: str
    year: int
    toml_sha256: str
    document: Mapping[str, Any]

    def touches(self) -> Iterator[Touch]:
        yield "documents", ("calendar", self.calendar, self.year)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVolunteer(Action):
    """`conflicts` are ids that hold the same volunteer number or ID number with another partner:
    registered ones refuse this registration."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"volunteer", "conflicts"})

    volunteer: str
    organisation: str = ""
    guardian: str = "not_needed"
    conflicts: tuple[str, ...] = ()

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        if self.organisation:
            yield "parties", f"organisation:{self.organisation}"
        for other in self.conflicts:
            yield "parties", account.volunteer(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterGroup(Action):
    """Volunteers who serve and save time as one; what they save they only donate (domain §10
    P40). The id is a volunteer's."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"volunteer"})

    volunteer: str
    organisation: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachMajority(Action):
    """A minor whose guardian's consent was missing needs none any more: attested by the door."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"age_gate", "age_tested"})

    volunteer: str
    age_gate: str
    age_tested: int

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordGuardianConsent(Action):
    """A guardian's consent for a minor has been seen."""

    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrganisation(Action):
    """An organisation or team in the tree of four tiers; `parent` "" for a root."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"organisation"})

    organisation: str
    parent: str = ""
    tier: str = "community"
    form: str = "organisation"

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"organisation:{self.organisation}"
        if self.parent:
            yield "parties", f"organisation:{self.parent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStaff(Action):
    """Somebody who records or approves; `organisation` "" for several or none."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"staff"})

    staff: str
    organisation: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"staff:{self.staff}"
        if self.organisation:
            yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterMerchant(Action):
    """A partner merchant."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"merchant"})

    merchant: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBranch(Action):
    """A merchant's branch."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"branch"})

    merchant: str
    branch: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        yield "parties", f"branch:{self.branch}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTerminal(Action):
    """A till at a branch."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"terminal"})

    merchant: str
    branch: str
    terminal: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        yield "parties", f"branch:{self.branch}"
        yield "parties", f"terminal:{self.terminal}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAuditor(Action):
    """Somebody who may read entries and check them."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"auditor"})

    auditor: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"auditor:{self.auditor}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOperator(Action):
    """Somebody who runs the ledger."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"operator"})

    operator: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"operator:{self.operator}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeParty(Action):
    """`change`: suspended, reinstated, left, died, forgotten."""

    party: str
    change: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", self.party
        role, _, id_ = self.party.partition(":")
        if role == "volunteer":
            # Who is gone leaves the credit list.
            yield "credits", id_
            yield "purses", self.party


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRelation(Action):
    """A relative of a volunteer; who and how stays in the vault under `relation`."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"relation"})

    volunteer: str
    relation: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRelation(Action):
    """A relation ends."""

    volunteer: str
    relation: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCircumstance(Action):
    """Something true of a volunteer that a policy asks about; what it is stays in the vault."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"circumstance"})

    volunteer: str
    circumstance: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCircumstance(Action):
    """It is true no longer."""

    volunteer: str
    circumstance: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsent(Action):
    """A volunteer's answer for a purpose (`CONSENT_PURPOSES`): `ANSWERS`. `party` is to whom, an
    address, or ""."""

    volunteer: str
    purpose: str
    answer: str
    party: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "consents", (self.volunteer, self.purpose, self.party)
        yield "credits", self.volunteer
        yield "purses", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterClerk(Action):
    """Somebody who stands at the tills of a merchant's branch. `text` is the digest of what the
    merchant typed about them, or ""."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"clerk"})

    merchant: str
    branch: str
    clerk: str
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        yield "parties", f"branch:{self.branch}"
        yield "parties", f"clerk:{self.clerk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitClerk(Action):
    """What a clerk may take in one local day: captures, hundredths of a point, minutes of saved
    time; 0 for no limit."""

    merchant: str
    clerk: str
    captures: int
    points: int
    minutes: int

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"clerk:{self.clerk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCredential(Action):
    """A token for a party. `scopes` sorted and joined by `+`; `expires` ms, 0 for never; `clerk` is
    the id of who alone uses it at a merchant's terminal, or ""; `helper` the address of who acts
    for a volunteer with it, or ""; `means` by what somebody signs in on it again and again (one of
    `MEANS_TO_SIGN_IN`), or ""."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"credential"})

    credential: str
    party: str
    role: str
    scopes: str
    terminal: str = ""
    expires: int = 0
    clerk: str = ""
    helper: str = ""
    means: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", self.party
        if self.helper:
            yield "parties", self.helper
        if self.terminal:
            yield "parties", f"terminal:{self.terminal}"
        if self.clerk:
            yield "parties", f"clerk:{self.clerk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCredential(Action):
    """A token stops working."""

    credential: str

    def touches(self) -> Iterator[Touch]:
        yield "credentials", self.credential


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
    the session by what they went into (`TIME_SPENT`), deducted where policy says so, beside
    `deducted_minutes`. The age gate answers the activity's own `min_age`.
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

    @property
    def is_history(self) -> bool:
        """Whether it tells of what another system recorded before: such records came about under
        their own rules of check-in, publication and consent (design §10)."""
        return self.recorded != 0

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FileObjection(Action):
    """A volunteer objects to what an entry says (domain §10 P61). `subject_kind` is one of
    `SUBJECTS`, `subject` its id or "", `organisation` who is to answer."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"objection", "text"})

    objection: str
    volunteer: str
    subject_kind: str
    subject: str = ""
    organisation: str = ""
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "marks", (owner, objection_mark(self.subject_kind, self.subject))
        if self.organisation:
            yield "parties", f"organisation:{self.organisation}"
        if self.subject_kind == "record":
            yield "records", self.subject
        elif self.subject_kind == "redemption":
            yield "redemptions", self.subject
        elif self.subject_kind == "star" and self.subject:
            yield "star_cases", self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardObjection(Action):
    """It is not ours to decide: another organisation answers within its own days (P61)."""

    objection: str
    organisation: str

    def touches(self) -> Iterator[Touch]:
        yield "objections", self.objection
        yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideObjection(Action):
    """`outcome`: upheld or rejected. What is to be corrected is corrected by its own action."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    objection: str
    outcome: str
    reviewer: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "objections", self.objection
        if self.reviewer:
            yield "parties", f"staff:{self.reviewer}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStatement(Action):
    """A volunteer takes a statement of their records along (domain §1, transfer); what it says of
    `size` entries."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"statement", "records", "minutes", "size"})

    statement: str
    volunteer: str
    records: int
    minutes: int
    size: int

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortedRecord(Action):
    """One effective record of another ledger, as its proven entries say. Times in ms."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"record"})

    record: str
    foreign_record: str
    foreign_hash: str
    evidence: str
    starts: int
    ends: int
    check_in: int
    check_out: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptStatement(Action):
    """Records of another ledger come over. `statement` is the digest of what was handed in,
    `origin` that of the other ledger's origin, `key` its public key (hex): proofs and signature
    were checked at the door."""

    statement: str
    volunteer: str
    origin: str
    key: str
    size: int
    records: tuple[PortedRecord, ...]

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "consents", (self.volunteer, "statement", "")
        yield "marks", (f"statement:{self.statement}", "accepted")
        for each in self.records:
            yield "marks", (f"origin:{self.origin}", each.foreign_record)
            for window in range(
                (each.check_in - 3 * DAY_MS) // WINDOW_MS,
                (each.check_out + 2 * DAY_MS) // WINDOW_MS + 1,
            ):
                yield "sessions", (self.volunteer, window)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyForStar(Action):
    """A volunteer asks for a star, or an organisation nominates (`nominated_by` its id)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"case"})

    case: str
    volunteer: str
    star: int
    nominated_by: str = ""

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "conducts", self.volunteer
        yield "marks", (owner, "open_star_case")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeStar(Action):
    """The granting body (an organisation's id, or "" for the operator) begins the public notice."""

    case: str
    organisation: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "star_cases", self.case


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantStar(Action):
    """The granting body grants what was applied for, once the notice is over."""

    case: str
    organisation: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "star_cases", self.case


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseStar(Action):
    """The granting body says no; `reason` is a digest. `next_case` is for the downgrade that may
    follow."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason", "next_case"})

    case: str
    organisation: str = ""
    reason: str = ""
    next_case: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "star_cases", self.case


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessStars(Action):
    """Grant what policy grants by itself (domain §10 P25 `automatic`)."""

    volunteer: str

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "conducts", self.volunteer


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideDowngrade(Action):
    """A person confirms or dismisses a proposed downgrade and gives the reason (P31)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    case: str
    confirmed: bool
    organisation: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "star_cases", self.case


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantMedal(Action):
    """A medal that policy gives for lifetime hours (P32); `medal` counts from 1."""

    volunteer: str
    medal: int
    organisation: str = ""

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "marks", (owner, f"medal:{self.medal}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCommendation(Action):
    """A commendation (domain §1, fourth block): `level` one of `LEVELS`, `awarded` ms, `text` a
    digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"commendation", "text"})

    commendation: str
    volunteer: str
    organisation: str
    level: str
    awarded: int
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePopulation(Action):
    """What an organisation states for a year: the denominators of domain §9, and what it counted
    of them. Whole people."""

    organisation: str
    year: int
    residents: int = 0
    staff: int = 0
    staff_registered: int = 0
    members: int = 0
    members_registered: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"organisation:{self.organisation}"
        yield "populations", (self.organisation, self.year)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDishonesty(Action):
    """Dishonesty of a volunteer was found; a serious one ends their place on the credit list."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    volunteer: str
    serious: bool
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        yield "credits", self.volunteer


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairDishonesty(Action):
    """Credit repair 信用修复: the dishonesty no longer counts as before."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    volunteer: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "credits", self.volunteer


@dataclass(frozen=True, slots=True, kw_only=True)
class ListForCredit(Action):
    """Put a volunteer who consented on the credit list of a cycle (domain §10 P58–P60)."""

    volunteer: str
    cycle: str

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "credits", self.volunteer
        yield "consents", (self.volunteer, "credit_list", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardReferral(Action):
    """A volunteer brought another (domain §10 P51): once for each newcomer."""

    volunteer: str
    referred: str

    def touches(self) -> Iterator[Touch]:
        for owner in (account.volunteer(self.volunteer), account.volunteer(self.referred)):
            yield "parties", owner
            yield "purses", owner
        yield "marks", (account.volunteer(self.referred), "referred")


@dataclass(frozen=True, slots=True, kw_only=True)
class LapsePoints(Action):
    """Lapse whatever is left in a volunteer's vintages whose last day has passed."""

    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "purses", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositTime(Action):
    """The volunteer saves `minutes` of a record, once. The gate is domain §10 P37."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"age_gate", "age_tested"})

    record: str
    volunteer: str
    minutes: int
    age_gate: str
    age_tested: int

    def touches(self) -> Iterator[Touch]:
        yield "records", self.record
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTime(Action):
    """Saved time goes to whom policy allows. `relation`: spouse, lineal, friend, needy_elder or
    none (domain §10 P39)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"relation"})

    volunteer: str
    recipient: str
    minutes: int
    relation: str

    def touches(self) -> Iterator[Touch]:
        yield "stops", account.volunteer(self.volunteer)
        for owner in (account.volunteer(self.volunteer), account.volunteer(self.recipient)):
            yield "parties", owner
            yield "purses", owner


@dataclass(frozen=True, slots=True, kw_only=True)
class DonateTime(Action):
    """Saved time goes to a pool: `platform`, or an organisation's id."""

    volunteer: str
    pool: str
    minutes: int

    def touches(self) -> Iterator[Touch]:
        yield "stops", account.volunteer(self.volunteer)
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        if self.pool != "platform":
            yield "parties", f"organisation:{self.pool}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantTime(Action):
    """A pool gives saved time to somebody: `ground` "starting" (once), or one of
    `CIRCUMSTANCES` that the door attests (domain §10 P44)."""

    volunteer: str
    pool: str
    ground: str
    minutes: int = 0
    """0 with `starting`: what policy gives."""

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "parties", owner
        yield "purses", owner
        yield "purses", account.pool(self.pool)
        yield "marks", (owner, f"granted:{self.ground}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFrozenTime(Action):
    """A person decides about the saved time of somebody who died, left or was forgotten (domain §10
    P46): to a recipient, or to a pool. `reason` is a digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    volunteer: str
    minutes: int
    recipient: str = ""
    pool: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        yield "stops", account.volunteer(self.volunteer)
        if self.recipient:
            yield "parties", account.volunteer(self.recipient)
            yield "purses", account.volunteer(self.recipient)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOrder(Action):
    """Somebody asks to be served for saved time: `minutes` are set aside. Times in ms, the gate
    is domain §10 P38, `text` a digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"order", "text", "age_gate", "age_tested"})

    order: str
    volunteer: str
    organisation: str
    category: str
    minutes: int
    starts: int
    ends: int
    text: str = ""
    age_gate: str = ""
    age_tested: int = 0

    def touches(self) -> Iterator[Touch]:
        owner = account.volunteer(self.volunteer)
        yield "stops", owner
        yield "parties", owner
        yield "purses", owner
        yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferService(Action):
    """A volunteer offers to serve an order."""

    order: str
    provider: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "parties", account.volunteer(self.provider)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignOrder(Action):
    """The order book's organisation assigns a volunteer."""

    order: str
    provider: str
    organisation: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "parties", account.volunteer(self.provider)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOrder(Action):
    """An offer is accepted by the recipient, an assignment by the provider."""

    order: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOrder(Action):
    """The recipient declines an offer, the provider an assignment or takes an offer back: it is
    open again."""

    order: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOrderDone(Action):
    """What was done stands on the ledger: `record` is the provider's effective service record, or
    another where the one named before was corrected, reversed or saved meanwhile."""

    order: str
    record: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "records", self.record


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmOrder(Action):
    """The recipient confirms: time moves to the provider."""

    order: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "purses", account.held(self.order)
        yield "purses", account.volunteer(self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOrder(Action):
    """The recipient says that it was not as reported; `text` is a digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"text"})

    order: str
    volunteer: str
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleOrder(Action):
    """The order book's organisation decides a dispute: `minutes` to the provider, 0 to all that
    was reported; the rest goes back."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    order: str
    minutes: int
    organisation: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "purses", account.held(self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder(Action):
    """The recipient, the provider once they accepted, or the organisation (`volunteer` "") calls
    it off before it is done."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    order: str
    volunteer: str = ""
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "purses", account.held(self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireOrder(Action):
    """Nobody accepted in time: what was set aside goes back."""

    order: str

    def touches(self) -> Iterator[Touch]:
        yield "orders", self.order
        yield "purses", account.held(self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReward(Action):
    """A reward with `stock` pieces at `price` (unit of `asset`) each.

    `per_person` 0: no limit. `hold_minutes` 0: policy's. `branches`: ids joined by `+`, "" any.
    `opens`/`closes`: minutes of the local day. Times in ms. `reward` may be a draft's, which is
    then published. What follows `text` are terms: `ledger.rows.RewardTerms` says what each means.
    """

    FRESH: ClassVar[frozenset[str]] = frozenset({"reward", "text"})

    reward: str
    merchant: str
    form: str
    asset: str
    price: int
    stock: int
    valid_from: int
    valid_until: int
    per_person: int = 0
    gate_stars: int = 0
    hold_minutes: int = 0
    branches: str = ""
    opens: int = 0
    closes: int = 1440
    text: str = ""
    per_period: int = 0
    period: str = ""
    min_age: int = 0
    tiers: str = ""
    within: str = ""
    weekdays: str = ""
    fund: str = ""
    value_cents: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        for branch in self.branches.split("+") if self.branches else ():
            yield "parties", f"branch:{branch}"
        yield "rewards", self.reward
        yield "reward_terms", self.reward
        if self.within:
            yield "parties", f"organisation:{self.within}"
        if self.fund:
            yield "funds", self.fund


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReward(PublishReward):
    """A reward as it may one day be published: nobody can reserve it. Drafting it again says it
    anew, all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestockReward(Action):
    """`change` pieces more of a reward, or fewer."""

    reward: str
    change: int

    def touches(self) -> Iterator[Touch]:
        yield "rewards", self.reward


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFund(Action):
    """A sponsor promises `cents` (hundredths of a yuan, in all) for rewards of these merchants;
    said again, it is changed. `merchants`: ids joined by `+`, at least one."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"fund", "text"})

    fund: str
    organisation: str
    cents: int
    merchants: str
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "funds", self.fund
        yield "parties", f"organisation:{self.organisation}"
        for merchant in self.merchants.split("+") if self.merchants else ():
            yield "parties", f"merchant:{merchant}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawReward(Action):
    """No more reservations of a reward; those that stand stay good. A draft is given up."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    reward: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "rewards", self.reward


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve(Action):
    """Set value aside for a reward. The gate is domain §10 P38 and matters for saved time; the
    reward's own is `reward_gate`, `met` where the holder is known to be as old as it asks
    (`reward_tested`, full years).

    `organisation` is the office that asks for the holder, "" where they ask themselves: with the
    holder's `card`, whose PIN was typed at the desk, or "" on their recorded consent."""

    FRESH: ClassVar[frozenset[str]] = frozenset(
        {"redemption", "age_gate", "age_tested", "reward_gate", "reward_tested"}
    )

    redemption: str
    volunteer: str
    reward: str
    quantity: int
    age_gate: str = ""
    age_tested: int = 0
    reward_gate: str = ""
    reward_tested: int = 0
    organisation: str = ""
    card: str = ""

    def touches(self) -> Iterator[Touch]:
        if self.organisation:
            yield from _touched_by_office(self.volunteer, self.organisation, self.card)
        yield "stops", account.volunteer(self.volunteer)
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        yield "rewards", self.reward
        yield "reward_terms", self.reward
        yield "takings", (self.reward, self.volunteer)
        # The fold counts it in its month; policy may look at that count (domain §10 P53).


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Action):
    """A merchant takes a reservation, or `quantity` of it (0: all), at a registered terminal.

    `holder` is whose it is, where the door has seen that: decided by the reservation alone, and
    named only so that the holder's row is fetched in one go with the others. By the bare code
    `means` is ""; otherwise it is one of `MEANS`, and the fields after it say how it was shown:
    `step` of the rotating value, `card`, or what a till without network took (session, its own
    `counter`, `accepted` in ms, digest `proof` of what it signed)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"holder"})

    redemption: str
    merchant: str
    branch: str
    terminal: str
    quantity: int = 0
    holder: str = ""
    means: str = ""
    step: int = 0
    card: str = ""
    till_session: str = ""
    counter: int = 0
    accepted: int = 0
    proof: str = ""
    clerk: str = ""
    """Id of who stands at the till, as the credential says that it is used with; or ""."""
    note: str = ""
    """Digest of what the clerk typed beside it, or ""."""

    def touches(self) -> Iterator[Touch]:
        if self.holder:
            yield "parties", account.volunteer(self.holder)
            yield "marks", (account.volunteer(self.holder), ROTATING_USED)
        if self.card:
            yield "cards", self.card
        yield "marks", (f"redemption:{self.redemption}", GUARDED)
        yield "marks", (f"redemption:{self.redemption}", ASSISTED)
        yield "redemptions", self.redemption
        yield "stops", account.held(self.redemption)
        yield "purses", account.held(self.redemption)
        yield "parties", f"terminal:{self.terminal}"
        yield "parties", f"branch:{self.branch}"
        yield "parties", f"merchant:{self.merchant}"
        if self.clerk:
            yield "parties", f"clerk:{self.clerk}"
            yield "marks", (f"clerk:{self.clerk}", CLERK_LIMITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCapture(Action):
    """Something is noted about what a merchant took; `text` is the digest of what was typed."""

    redemption: str
    merchant: str
    text: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class SignVoucher(Action):
    """The holder wants to show a reservation where there is no network, at this branch (trust
    §6)."""

    redemption: str
    volunteer: str
    branch: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption
        yield "parties", account.volunteer(self.volunteer)
        yield "parties", f"branch:{self.branch}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOffline(Action):
    """A till will take signed vouchers without a network. `till_key` is its own raw Ed25519 public
    key, hex."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"session"})

    session: str
    merchant: str
    branch: str
    terminal: str
    till_key: str

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"terminal:{self.terminal}"
        yield "parties", f"branch:{self.branch}"
        yield "parties", f"merchant:{self.merchant}"
        yield "marks", (f"branch:{self.branch}", OFFLINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffline(Action):
    """What a till took without a network, as its signed acceptance says. `redemption` is "" where
    the voucher is none of ours; `asset` and `amount` (hundredths or minutes) are the voucher's;
    `step` is that of the holder's rotating value where it was right, else 0; `proof` the digest of
    the acceptance."""

    session: str
    merchant: str
    counter: int
    redemption: str
    asset: str
    amount: int
    accepted: int
    step: int
    proof: str

    def touches(self) -> Iterator[Touch]:
        yield "offline_sessions", self.session
        yield "marks", offline_mark(self.session, self.counter)
        if self.redemption:
            yield "redemptions", self.redemption
            yield "marks", (f"redemption:{self.redemption}", OFFLINE)
            yield "stops", account.held(self.redemption)
            yield "purses", account.held(self.redemption)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOffline(Action):
    """A till has uploaded everything that it took, up to its counter `last`."""

    session: str
    merchant: str
    last: int

    def touches(self) -> Iterator[Touch]:
        yield "offline_sessions", self.session


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCard(Action):
    """A card for a volunteer, by an office or by the operator ("" then). `replaces` is the active
    card that it takes the place of, "" for none."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"card"})

    card: str
    volunteer: str
    organisation: str = ""
    replaces: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", account.volunteer(self.volunteer)
        yield "marks", (account.volunteer(self.volunteer), HELD_CARD)
        if self.organisation:
            yield "parties", f"organisation:{self.organisation}"
        if self.replaces:
            yield "cards", self.replaces


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCard(Action):
    """A card stops for good: `ground` is one of `CARD_GROUNDS`."""

    card: str
    volunteer: str
    ground: str

    def touches(self) -> Iterator[Touch]:
        yield "cards", self.card


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCardPin(Action):
    """A holder chose another PIN, at an office (`organisation`) or by themselves (""). That the
    old one was right is the vault's word."""

    card: str
    volunteer: str
    organisation: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "cards", self.card
        if self.organisation:
            yield "parties", f"organisation:{self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRedemption(Action):
    """A holder wants a reservation of theirs to be captured only with more than its code: the
    value on their phone, or their card."""

    redemption: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption
        yield "marks", (f"redemption:{self.redemption}", GUARDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReissueCode(Action):
    """A reservation gets another code and the one before stops: for the holder (`organisation`
    ""), or at the office that reserved it for them, by `card` or consent as before. `times` is how
    often that was done before, as the door saw it: of two at once only one stops the code that
    both saw."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"times"})

    redemption: str
    volunteer: str
    organisation: str = ""
    card: str = ""
    times: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption
        yield "marks", (f"redemption:{self.redemption}", REISSUED)
        if self.organisation:
            yield "marks", (f"redemption:{self.redemption}", ASSISTED)
            yield from _touched_by_office(self.volunteer, self.organisation, self.card)


def _touched_by_office(volunteer: str, organisation: str, card: str) -> Iterator[Touch]:
    """What shows that an office may act for a holder."""
    yield "parties", f"organisation:{organisation}"
    if card:
        yield "cards", card
    else:
        yield "consents", (volunteer, OFFICE_REDEMPTION, f"organisation:{organisation}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Action):
    """The holder gives a reservation back."""

    redemption: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendRedemption(Action):
    """The holder makes the time of a reservation longer, once."""

    redemption: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireRedemption(Action):
    """A reservation whose time is over gives its value back."""

    redemption: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidRedemption(Action):
    """What was captured is undone: `ground` is one of
    `ledger.policy.words.VOID_GROUNDS` (domain §10 P54)."""

    redemption: str
    merchant: str
    ground: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption
        yield "purses", f"merchant:{self.merchant}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRedemption(VoidRedemption):
    """What was settled is given back all the same; the merchant's next settlement takes it off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCapture(Action):
    """Somebody looked at a capture that came too quickly after another: it may be settled now.
    `reason` is a digest. What should not have been taken is voided instead."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    redemption: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSettlement(Action):
    """A merchant's captured redemptions are settled together, each once (design §6).

    With a period, [`starts`, `ends`) in ms, it is stated: at one `branch` or, "", at all of them,
    with the `refunds` after earlier settlements that it takes off, and a digest."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"settlement"})

    settlement: str
    merchant: str
    redemptions: tuple[str, ...]
    refunds: tuple[str, ...] = ()
    branch: str = ""
    starts: int = 0
    ends: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        yield "purses", f"merchant:{self.merchant}"
        yield "stops", f"merchant:{self.merchant}"
        if self.branch:
            yield "parties", f"branch:{self.branch}"
        for redemption in (*self.redemptions, *self.refunds):
            yield "redemptions", redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWebhook(Action):
    """A party is to be told of entries at an address, in another way than before, or no more.

    `events` are words joined by `+`, "" for all; `url` the digest of the sealed address; `state`
    active or disabled. A `webhook` that nobody has is a new endpoint.
    """

    FRESH: ClassVar[frozenset[str]] = frozenset({"webhook", "url"})

    webhook: str
    party: str
    events: str
    url: str
    state: str = "active"

    def touches(self) -> Iterator[Touch]:
        yield "webhooks", self.webhook
        yield "parties", self.party
        yield "marks", (owner_of(self.party), LISTENS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopWebhook(Action):
    """The ledger itself disables an endpoint that is `gone` or was `failing` for days.

    `seen` is the index of the entry that set it as it was found: what its owner has changed since
    is another endpoint.
    """

    webhook: str
    ground: str
    seen: int

    def touches(self) -> Iterator[Touch]:
        yield "webhooks", self.webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCertificate(Action):
    """A certificate of service is given out (domain §1). The entry names nobody: `certificate` is
    the digest of its number, `commitment` that of what it says, which only the certificate opens
    (trust §5). `organisation` is the recording unit. Certificates are free: `fee_cents` must be 0.
    """

    FRESH: ClassVar[frozenset[str]] = frozenset({"certificate", "commitment"})

    certificate: str
    commitment: str
    organisation: str
    minutes: int
    content: bool
    """Whether it says what was done; what exactly is not the ledger's to know."""
    fee_cents: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"organisation:{self.organisation}"
        yield "marks", (f"certificate:{self.certificate}", "issued")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitAccessLog(Action):
    """Fix what the log of reads of personal data holds so far."""

    last: int
    count: int
    digest: str
