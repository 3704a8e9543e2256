"""What the entries add up to, row by row: the projections as immutable tuples.

Field order is column order in `ledger/store/tables.py`; the first fields are the key. Pure.
"""

from __future__ import annotations

from typing import NamedTuple


class Party(NamedTuple):
    """Anybody with an address. `state`: active, suspended, left, forgotten."""

    address: str
    state: str
    parent: str
    """Address above: a tier's organisation, a branch's merchant, a terminal's branch; or ""."""
    tier: str
    """Organisations: city, county, township, community; else ""."""
    form: str
    """Organisations: organisation or team; else ""."""
    guardian: str
    """Volunteers: not_needed, consented, missing; else ""."""
    last_capture: int
    """When this volunteer's voucher was last captured (ms), or 0."""
    since: int
    """Index of the entry that registered it."""


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


class Reward(NamedTuple):
    """Something a merchant gives. `stock` is what is left."""

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


class Taking(NamedTuple):
    """How many of a reward one volunteer holds or has had."""

    reward: str
    volunteer: str
    quantity: int


class Redemption(NamedTuple):
    """`state`: reserved, captured, released, expired."""

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
