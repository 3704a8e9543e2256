"""What the entries add up to, row by row: the projections as immutable tuples.

Field order is column order in `ledger/store/tables.py`; the first fields are the key. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple


class Party(NamedTuple):
    """Anybody with an address. `state`: active, suspended, left, deceased, forgotten."""

    address: str
    state: str
    parent: str
    """Address above: a tier's organisation, a branch's merchant, a terminal's branch; or ""."""
    tier: str
    """Organisations: city, county, township, community; else ""."""
    form: str
    """Organisations: organisation or team; volunteers: group where many are meant, else ""."""
    guardian: str
    """Volunteers: not_needed, consented, missing; else ""."""
    last_capture: int
    """When this volunteer's voucher was last captured (ms), or 0."""
    since: int
    """Index of the entry that registered it."""
    registered: int
    """Time of that entry (ms)."""


class Credential(NamedTuple):
    """What a token may do; the token itself is not here."""

    credential: str
    party: str
    role: str
    scopes: str
    terminal: str
    expires: int
    revoked: int
    """1 once revoked."""
    since: int


class Activity(NamedTuple):
    """An activity of an organisation."""

    activity: str
    organisation: str
    category: str
    starts: int
    ends: int
    text: str
    since: int
    registered: int
    """When it was published (ms): the time of the entry that registered it."""


class Terms(NamedTuple):
    """What an activity asks of those who take part (domain §9)."""

    activity: str
    training: str
    """Id of the course that must be completed first, or ""."""
    insurance: str
    """required, or ""."""
    min_age: int
    """Years; 0: any age."""
    participants: int
    """How many are expected; 0: not said."""
    since: int


class Record(NamedTuple):
    """A service record. `state`: effective, held, refused, reversed."""

    record: str
    volunteer: str
    organisation: str
    activity: str
    state: str
    evidence: str
    reasons: str
    starts: int
    ends: int
    check_in: int
    check_out: int
    recorded: int
    minutes: int
    """What it claims."""
    paid: int
    """SERVICE minutes it brought."""
    points: int
    """Hundredths of a point it brought."""
    vintage: str
    """Lapse date of those points, or ""."""
    deposited: int
    """Minutes that reached the volunteer's saved time."""
    overflow: int
    """Minutes that reached the pool because the account was full."""
    recorder: str
    approver: str
    corrects: str
    since: int
    entered: int
    """When the ledger first had it (ms): the time of its entry, of a correction its original's."""


class Reward(NamedTuple):
    """Something a merchant gives. `stock` is what is left. `state`: draft, published, withdrawn."""

    reward: str
    merchant: str
    state: str
    form: str
    asset: str
    price: int
    stock: int
    per_person: int
    gate_stars: int
    hold_minutes: int
    branches: str
    opens: int
    closes: int
    valid_from: int
    valid_until: int
    text: str
    since: int


class RewardTerms(NamedTuple):
    """What a reward asks and grants beyond its price; a reward without such terms has no row."""

    reward: str
    per_period: int
    """How many one person can have in a period; 0: no limit."""
    period: str
    """`day`, `week`, `month`, `quarter`, `year`, or "" without such a limit."""
    min_age: int
    """Full years; 0: any age."""
    tiers: str
    """Tiers of the home organisation, joined by `+`; "" any."""
    within: str
    """Id of the organisation in which or below which the home organisation stands, or ""."""
    weekdays: str
    """Days on which it can be taken, Monday 1 … Sunday 7, joined by `+`; "" any."""
    fund: str
    """Id of the fund that pays for it, or ""."""
    value_cents: int
    """What one piece is worth to the fund, in hundredths of a yuan."""
    since: int


class Fund(NamedTuple):
    """Money that a sponsor promises for rewards; the ledger counts it and never moves it."""

    fund: str
    organisation: str
    """Id of the sponsor."""
    cents: int
    """All that was promised, in hundredths of a yuan."""
    committed: int
    """What reserved and captured pieces are worth."""
    merchants: str
    """Ids of the merchants whose rewards it pays for, joined by `+`."""
    text: str
    since: int


class Taking(NamedTuple):
    """How many of a reward one volunteer holds or has had."""

    reward: str
    volunteer: str
    quantity: int


class Redemption(NamedTuple):
    """`state`: reserved, captured, released, expired, voided, settled, refunded."""

    redemption: str
    volunteer: str
    reward: str
    merchant: str
    state: str
    asset: str
    quantity: int
    amount: int
    lots: str
    """Where the value came from, oldest first: `account=amount` joined by spaces."""
    expires: int
    branch: str
    terminal: str
    captured: int
    captured_quantity: int
    flag: str
    since: int
    reserved: int
    """When it was reserved (ms)."""
    captured_entry: int
    """The entry that captured it; 0 for none, which is the genesis and captures nothing."""
    clerk: str
    """Id of who stood at the till, or ""."""
    extended: int
    """1 once its time was made longer, which happens once."""
    upload_by: int
    """Until when a till without network may say that it took it (ms); 0 for one that is online."""
    settlement: str
    """Id of the settlement that closed its claim, or ""."""
    refunded: int
    """The entry that refunded it after settlement, or 0."""
    adjusted: str
    """Id of the settlement that took the refund off, or ""."""


class OfflineSession(NamedTuple):
    """A till that takes signed vouchers without a network. `state`: open, closed. Times are ms."""

    session: str
    merchant: str
    branch: str
    terminal: str
    till_key: str
    """The till's raw Ed25519 public key, hex."""
    state: str
    captures: int
    """How many vouchers it may take; `points` (hundredths) and `minutes`: of what worth."""
    points: int
    minutes: int
    until: int
    """It may take vouchers before this."""
    upload_by: int
    """What it took is uploaded before this; later it goes to review."""
    last: int
    """The highest counter uploaded so far."""
    recorded: int
    """How many counters were uploaded; fewer than `last` where some are missing."""
    taken_points: int
    taken_minutes: int
    """What all uploaded acceptances claim together."""
    opened: int
    since: int
    clerk: str
    """Id of the clerk with whose token it was opened, who then took all of it; or ""."""


class OfflineConflict(NamedTuple):
    """What a till took without a network and nothing was captured for; what exactly, says entry
    `since`."""

    session: str
    counter: int
    merchant: str
    volunteer: str
    """Whose voucher it was, or "" where that is unknown."""
    since: int


class Card(NamedTuple):
    """A volunteer's card. `state`: active, lost, replaced, returned. Its number and PIN are the
    vault's to know."""

    card: str
    volunteer: str
    organisation: str
    """Id of the office that issued it, or ""."""
    state: str
    issued: int
    """ms."""
    since: int
    """The entry that last changed it or its PIN."""


HELD_CARD: Final = "card"
"""The mark on a volunteer that names their active card, "" for none."""
ROTATING_USED: Final = "rotating"
"""The mark on a volunteer that holds the highest step of a rotating value that was used."""
GUARDED: Final = "rotating"
"""The mark on a redemption that is captured only with more than its code."""
REISSUED: Final = "reissued"
"""The mark on a redemption that counts how often its code was made anew."""
ASSISTED: Final = "assisted"
"""The mark on a redemption that names the organisation whose office reserved it."""


class Settlement(NamedTuple):
    """A merchant's claims that were closed together. Points are hundredths, times ms."""

    settlement: str
    merchant: str
    branch: str
    """Id, or "" for all branches."""
    starts: int
    """0 where no period was stated."""
    ends: int
    lines: int
    points: int
    minutes: int
    refunds: int
    """How many refunds after settlement it takes off."""
    refunded_points: int
    refunded_minutes: int
    digest: str
    """SHA-256 of the statement (docs/format.md §12), or ""."""
    closed: int
    since: int


class RedeemedMonth(NamedTuple):
    """How many redemptions a volunteer began in a month (`YYYY-MM`, China) and did not give back
    (domain §10 P53)."""

    volunteer: str
    month: str
    quantity: int


class Qualification(NamedTuple):
    """A course that a volunteer completed, or an insurance that covers them: the time without gaps
    that lasts longest. Every interval is in the mark `QUALIFIED`."""

    volunteer: str
    what: str
    """`insurance`, or the course's id."""
    minutes: int
    """Learning time in all, apart from service (domain §10 P5)."""
    valid_from: int
    valid_until: int
    """ms; 0: without end."""
    since: int


CLERK: Final = "clerk"
"""The mark on a credential (`credential:<id>`) that says whose it is at a till: a clerk's id."""
HELPER: Final = "helper"
"""The mark on a volunteer's credential that says who acts for them with it: an address."""
LINKED: Final = "linked"
"""The mark on a credential that says by what somebody signs in on it."""
LENT: Final = "lent:"
"""The mark on a volunteer, by credential: the address of who may act for them with it."""
HELPS: Final = "helps:"
"""The mark on a helper, by credential: the address of the volunteer for whom they may act."""
CLERK_LIMITS: Final = "clerk_limits"
"""The mark on a clerk: captures, hundredths of a point and minutes of a day; 0 for any."""
CLERK_DAY: Final = "taken:"
"""The mark on a clerk, by local day (ISO), of what they took then: the same three numbers."""
NOTED: Final = "note"
"""The mark on a redemption (`redemption:<id>`): digest of what was last noted about its capture."""
QUALIFIED: Final = "qualified:"
"""The mark on a volunteer, by course or insurance, of every interval that was recorded."""
LEARNED: Final = "learned:"
"""The mark on a volunteer, by `china_day`, of learning minutes that counted as service."""


def intervals_in(text: str) -> list[tuple[int, int]]:
    """The intervals, [from, until) in ms and 0 without end, that a mark's value names."""
    parted = (each.partition(":") for each in text.split())
    return [(int(since), int(until)) for since, _, until in parted]


def continuous(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same time without gaps where they touch or overlap, the earliest first."""
    found: list[tuple[int, int]] = []
    for since, until in sorted(intervals):
        if found and (not found[-1][1] or since <= found[-1][1]):
            last = found[-1]
            found[-1] = (last[0], max(last[1], until) if last[1] and until else 0)
        else:
            found.append((since, until))
    return found


class Conduct(NamedTuple):
    """What evaluations of a volunteer's records add up to. Scores are 1 to 5."""

    volunteer: str
    evaluations: int
    total: int
    poor: int


class Ban(NamedTuple):
    """Who may not backfill after proven fraud (domain §10 P17): until both conditions are met."""

    party: str
    proven: int
    """When (ms)."""
    until: int
    """ms."""
    minutes_at: int
    """Checked-in service minutes at that time."""
    minutes_needed: int
    """How many more must be served."""
    since: int


class StarCase(NamedTuple):
    """A star applied for, or a downgrade proposed. `change`: grant, downgrade.

    `state`: applied, noticed, granted, refused; proposed, confirmed, dismissed."""

    case_id: str
    volunteer: str
    change: str
    star: int
    """The star that the volunteer would then hold."""
    state: str
    organisation: str
    """Id of who nominated, or of the volunteer's own organisation, or ""."""
    notice_until: str
    """Last day of the public notice (ISO), or ""."""
    since: int


class Mark(NamedTuple):
    """Something that is once, or one at a time, for an owner. `value` "" where it is over."""

    owner: str
    what: str
    value: str
    since: int


class Webhook(NamedTuple):
    """An endpoint that is told of entries."""

    webhook: str
    party: str
    """The address of its owner."""
    events: str
    """Words joined by `+`; "" for every event of its owner's."""
    url: str
    """Digest of the sealed address."""
    state: str
    """active or disabled"""
    ground: str
    """asked, or why the ledger itself disabled it: gone, failing"""
    since: int
    """Index of the entry that set it last."""
    made: int
    """Index of the entry that made it."""


OFFLINE: Final = "offline"
"""The mark on a branch while a till of it takes vouchers offline (its value: the session), and on a
redemption whose voucher was signed (its value: the branch)."""


TOLD: Final = "taken_offline:"
"""The mark on a volunteer, by China's month, of when tills say that they took their vouchers
without a network (ms, joined by spaces)."""
CONFLICTS: Final = "conflicts:"
"""The mark on a till (`terminal:<id>`), by China's day, of how many of its acceptances were
conflicts."""


def offline_mark(session: str, counter: int) -> tuple[str, str]:
    """(owner, name) of the mark that says that this counter of a session was uploaded; its value is
    the redemption, or what stands for none."""
    return f"offline:{session}", str(counter)


def objection_mark(subject_kind: str, subject: str) -> str:
    """What the mark on a volunteer is called while an objection to this subject is open; its value
    is the objection."""
    return f"objection:{subject_kind}:{subject}"


class Objection(NamedTuple):
    """A volunteer's objection. `state`: filed, forwarded, upheld, rejected. Dates are ISO."""

    objection: str
    volunteer: str
    subject_kind: str
    subject: str
    organisation: str
    """Id of whose answer is awaited, or ""."""
    state: str
    filed: int
    flag_by: str
    decide_by: str
    since: int


class Order(NamedTuple):
    """A service order of the time bank. `state`: requested, offered, assigned, accepted, done,
    disputed, confirmed, settled, cancelled, expired."""

    order_id: str
    volunteer: str
    """Who is to be served, and pays."""
    organisation: str
    """Id of whose order book it is in."""
    category: str
    minutes: int
    """What is set aside."""
    state: str
    provider: str
    """Who offered, was assigned or accepted; else ""."""
    record: str
    """The service record of what was done, or ""."""
    starts: int
    ends: int
    expires: int
    since: int


class Consent(NamedTuple):
    """A volunteer's answer for a purpose. `state`: given, withdrawn, refused."""

    volunteer: str
    purpose: str
    party: str
    """To whom, an address; "" for everybody that the purpose names."""
    state: str
    since: int


class Credit(NamedTuple):
    """A volunteer's place on the credit list. Times are ms, 0 for never."""

    volunteer: str
    dishonest: int
    """When serious dishonesty was last recorded."""
    repaired: int
    """When it was repaired, or 0."""
    cycle: str
    """The cycle for which they are listed now, or ""."""
    points: int
    """Credit points of that listing."""
    since: int
    """The entry of the last listing; before the first, the first entry about them."""


class Population(NamedTuple):
    """What an organisation stated for a year: who lives, works and serves there (domain §9)."""

    organisation: str
    year: int
    residents: int
    staff: int
    staff_registered: int
    members: int
    members_registered: int
    since: int


class Document(NamedTuple):
    """A policy or a calendar in force from some date: which entry holds it."""

    kind: str
    name: str
    version: int
    since: int


class Seen(NamedTuple):
    """A request that has been answered: the entries `first` … `first + parts − 1`."""

    key: bytes
    first: int
    parts: int


class Balance(NamedTuple):
    """One account's balance of one asset."""

    owner: str
    purse: str
    asset: str
    amount: int


class Stop(NamedTuple):
    """An owner whose stored balances were found to differ from the postings: nothing is spent
    from there until the projections are made again. Operational: no entry says it."""

    owner: str
    since: int


class Mention(NamedTuple):
    """Entry `entry` is about `owner`."""

    owner: str
    entry: int
