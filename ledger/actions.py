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
from ledger.standing import DAY_MS, WINDOW_MS

Touch = tuple[str, Any]

TIERS: Final = ("city", "county", "township", "community")
FORMS: Final = ("organisation", "team")
EVIDENCE: Final = ("check_in", "backfill")
ROLES: Final = ("operator", "organisation", "reviewer", "merchant", "volunteer", "auditor")
CATEGORIES: Final = (
    "community_governance",
    "culture",
    "education",
    "elderly_and_disabled",
    "emergency",
    "environment",
    "events",
    "health",
    "legal_aid",
    "traffic",
    "other",
)
REWARD_FORMS: Final = ("gift", "discount", "service_order")


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
    """Suspend, reinstate, leave or forget. `change`: suspended, reinstated, left, forgotten."""

    party: str
    change: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", self.party


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
class IssueCredential(Action):
    """A token for a party. `scopes` sorted and joined by `+`; `expires` ms, 0 for never."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"credential"})

    credential: str
    party: str
    role: str
    scopes: str
    terminal: str = ""
    expires: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "parties", self.party
        if self.terminal:
            yield "parties", f"terminal:{self.terminal}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCredential(Action):
    """A token stops working."""

    credential: str

    def touches(self) -> Iterator[Touch]:
        yield "credentials", self.credential


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterActivity(Action):
    """An activity of an organisation, with its published times (ms, 0 unknown)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"activity", "text"})

    activity: str
    organisation: str
    category: str
    starts: int = 0
    ends: int = 0
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "activities", self.activity
        yield "parties", f"organisation:{self.organisation}"


Introduction = RegisterVolunteer | RegisterOrganisation | RegisterStaff | RegisterActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordService(Action):
    """A session of service. All times in ms; `recorded` 0 means at the entry's time.

    `kind` is "" for volunteer service, or one of policy's excluded kinds (domain §10 P20).
    `introduces` are registrations that come first where their party is still unknown.
    `conflicts` as in `RegisterVolunteer`.
    """

    FRESH: ClassVar[frozenset[str]] = frozenset({"record", "introduces", "conflicts"})

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

    def touches(self) -> Iterator[Touch]:
        owner = f"volunteer:{self.volunteer}"
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
    """Saved time goes to a relative. `relation`: spouse, lineal or none (domain §10 P39)."""

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
class PublishReward(Action):
    """A reward with `stock` pieces at `price` (unit of `asset`) each.

    `per_person` 0: no limit. `hold_minutes` 0: policy's. `branches`: ids joined by `+`, "" any.
    `opens`/`closes`: minutes of the local day. Times in ms.
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

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        for branch in self.branches.split("+") if self.branches else ():
            yield "parties", f"branch:{branch}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawReward(Action):
    """No more reservations of a reward; those that stand stay good."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    reward: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "rewards", self.reward


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve(Action):
    """Set value aside for a reward. The gate is domain §10 P38 and matters for saved time."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"redemption", "age_gate", "age_tested"})

    redemption: str
    volunteer: str
    reward: str
    quantity: int
    age_gate: str = ""
    age_tested: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "stops", account.volunteer(self.volunteer)
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        yield "rewards", self.reward
        yield "takings", (self.reward, self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Action):
    """A merchant takes a reservation, or `quantity` of it (0: all), at a registered terminal.

    `holder` is whose it is, where the door has seen that: decided by the reservation alone, and
    named only so that the holder's row is fetched in one go with the others."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"holder"})

    redemption: str
    merchant: str
    branch: str
    terminal: str
    quantity: int = 0
    holder: str = ""

    def touches(self) -> Iterator[Touch]:
        if self.holder:
            yield "parties", account.volunteer(self.holder)
        yield "redemptions", self.redemption
        yield "stops", account.held(self.redemption)
        yield "purses", account.held(self.redemption)
        yield "parties", f"terminal:{self.terminal}"
        yield "parties", f"branch:{self.branch}"
        yield "parties", f"merchant:{self.merchant}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Action):
    """The holder gives a reservation back."""

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
class CommitAccessLog(Action):
    """Fix what the log of reads of personal data holds so far."""

    last: int
    count: int
    digest: str
