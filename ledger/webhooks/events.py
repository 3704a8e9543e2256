"""What an entry announces, and to whom.

An event is called after the kind of its entry: `redemption_captured` announces
`redemption.captured`. A merchant hears of what names it, an organisation of what names it,
operators of everything. Which endpoints listen stands in one mark for each owner, so that an entry
about somebody who has none costs one look at a row that is in memory. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from ledger.entry import KINDS, Entry
from ledger.standing import Standing

LISTENS: Final = "webhooks"
"""The mark on an owner: its active endpoints as `webhook=events` joined by spaces."""
OPERATORS: Final = "operator"
"""The owner under whom the endpoints of all operators stand."""
ROLES: Final = ("merchant", "operator", "organisation")
"""Parties that may have endpoints."""

SILENT: Final = frozenset(
    (
        *("access_committed", "genesis", "webhook_set"),
        *("capture_presented", "redemption_gates", "reward_terms"),
    )
)
"""Kinds that announce nothing: the ledger's own affairs, and what only says more about the entry
before it."""

SHOWN: Final = (
    "activity",
    "branch",
    "case",
    "clerk",
    "merchant",
    "objection",
    "order",
    "organisation",
    "record",
    "redemption",
    "reward",
    "session",
    "settlement",
    "terminal",
    "till_session",
)
"""The ids that a message may hold. Never whose they are: no volunteer, staff or card is among
them, and no amount, so a message that goes astray says nothing about a person."""


def type_of(kind: str) -> str:
    """The event that a kind of entry announces."""
    return kind.replace("_", ".", 1)


def _heard(*named: str) -> frozenset[str]:
    """The events of the kinds that have one of these facts."""
    return frozenset(
        type_of(kind)
        for kind, facts in KINDS.items()
        if kind not in SILENT and any(name in facts for name in named)
    )


# Entries name these words, and are decided again: one that was given is never taken away.
HEARD: Final[Mapping[str, frozenset[str]]] = {
    "merchant": _heard("merchant", "reward"),
    "organisation": _heard("organisation"),
    "operator": frozenset(type_of(kind) for kind in KINDS if kind not in SILENT),
}
"""By the role of a party, the events that it may subscribe to."""


# A reward is named where the merchant is not; it is one merchant's.
_NAMED_IN: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    kind: tuple(
        (role, fact)
        for role, fact in (
            ("merchant:", "merchant" if "merchant" in facts else "reward"),
            ("organisation:", "organisation"),
        )
        if fact in facts and kind not in SILENT
    )
    for kind, facts in KINDS.items()
}
"""By kind, which roles it names and in which facts."""


class Announced(NamedTuple):
    """An entry (its index) is to be told to an endpoint (its id)."""

    entry: int
    webhook: str


def owner_of(party: str) -> str:
    """Under whom a party's endpoints stand."""
    return OPERATORS if party.startswith("operator:") else party


def listeners(value: str) -> Iterator[tuple[str, str]]:
    """(webhook, events) of each endpoint in the value of a mark."""
    for each in value.split():
        webhook, _, events = each.partition("=")
        yield webhook, events


def hears(events: str, kind: str) -> bool:
    """Whether an endpoint with these events ("" for all) is told of a kind."""
    return kind not in SILENT and (not events or type_of(kind) in events.split("+"))


def owners_told(entry: Entry, standing: Standing) -> list[str]:
    """Whom an entry is told to, if they listen: those it names, and operators."""
    owners = [OPERATORS]
    for role, fact in _NAMED_IN[entry.kind]:
        one = entry.facts[fact]
        if fact == "reward":
            reward = standing.rewards[one]
            one = reward.merchant if reward is not None else ""
        if one:
            owners.append(role + one)
    return owners


def announced(entries: Iterable[Entry], standing: Standing) -> list[Announced]:
    """What these entries, already folded into `standing`, have to be told to whom.

    It runs for every entry that is written, and nearly always nobody listens.
    """
    marks = standing.marks
    return [
        Announced(entry.index, webhook)
        for entry in entries
        for owner in owners_told(entry, standing)
        if (mark := marks[owner, LISTENS]) is not None
        for webhook, events in listeners(mark.value)
        if hears(events, entry.kind)
    ]


def ids_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """The ids among an entry's facts that a message may hold."""
    return {name: facts[name] for name in SHOWN if facts.get(name)}
