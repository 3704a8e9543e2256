"""Consent, dishonesty, the credit list, and points for who brings a newcomer (domain §5, §10
P51, P57–P60)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger import account
from ledger.actions.consents import RecordConsent
from ledger.actions.credit import ListForCredit, RecordDishonesty, RepairDishonesty
from ledger.actions.points import AwardReferral
from ledger.book import Book
from ledger.decide.consents import GIVEN
from ledger.door.asking import Asking
from ledger.door.tree import Tree
from ledger.errors import Refused
from ledger.rows import Credit
from ledger.sequencer import Receipt
from ledger.store import credit_lists, journal

CYCLE: Final = r"[0-9]{4}(?:-H[12])?"
"""How a cycle is written: `2025`, or `2025-H1` in half-years (domain §10 P59)."""
PAGE: Final = 500
"""How many volunteers a console run asks about at a time."""


def record_consent(
    ask: Asking, *, volunteer: str, purpose: str, answer: str, party: str = ""
) -> Receipt:
    """A volunteer's own answer; who acts for them may record that they refuse or withdraw, as
    somebody suspended or gone has no token to say so with (Personal Information Protection Law,
    article 15). Refuses with `unknown_party` for anybody else, and `consent_is_personal`."""
    owner = account.volunteer(volunteer)
    Tree(ask.book, ask.caller).refuse_unless_ours(owner)
    if answer == GIVEN and ask.caller.party != owner:
        raise Refused("consent_is_personal", "only the volunteer gives consent, with their token")
    return ask.record(
        RecordConsent(volunteer=volunteer, purpose=purpose, answer=answer, party=party)
    )


def award_referral(ask: Asking, *, volunteer: str, referred: str) -> Receipt:
    """`volunteer` brought `referred`, says who acts for the newcomer."""
    Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(referred))
    return ask.record(AwardReferral(volunteer=volunteer, referred=referred))


def list_volunteer(ask: Asking, *, volunteer: str, cycle: str = "") -> Receipt:
    """Put a volunteer on the list of a cycle, by default the one that runs."""
    return ask.record(
        ListForCredit(volunteer=volunteer, cycle=cycle or running_cycle(ask.book, volunteer))
    )


def record_dishonesty(ask: Asking, *, volunteer: str, serious: bool, reason: str) -> Receipt:
    """Dishonesty was found; the reason is sealed."""
    Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    return ask.record(
        RecordDishonesty(volunteer=volunteer, serious=serious, reason=ask.sealed(reason=reason))
    )


def repair_dishonesty(ask: Asking, *, volunteer: str, reason: str) -> Receipt:
    """Credit repair; the reason is sealed."""
    Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    return ask.record(RepairDishonesty(volunteer=volunteer, reason=ask.sealed(reason=reason)))


def running_cycle(book: Book, volunteer: str = "") -> str:
    """The cycle that runs now, for a volunteer's place in the tree or for nobody's."""
    policy = book.policy_of(account.volunteer(volunteer)) if volunteer else book.policy()
    return policy.credit_cycle_of(policy.local_date(book.clock.now_ms()))


def willing_volunteers(book: Book) -> Iterator[list[str]]:
    """Everybody who agreed to be listed, some at a time, in the order of their random ids."""
    last = ""
    while True:
        with book.database.reading() as connection:
            some = credit_lists.willing(connection, "credit_list", after=last, limit=PAGE)
        if not some:
            return
        yield some
        last = some[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place on the published list: nobody's id or name (domain §6, de-identification)."""

    position: int
    star: int
    points: int
    measures: int


def published(book: Book, cycle: str, *, after: int = 0, limit: int) -> tuple[list[Place], bool]:
    """The list of a cycle as anybody may see it, from position `after` + 1 on, and whether more
    follow. Somebody listed for a later cycle, or who withdrew, is on it no longer."""
    with book.database.snapshot() as connection:
        rows, more = credit_lists.list_page(connection, cycle, after=after, limit=limit)
        facts = listing_facts(connection, rows)
    places = [
        Place(
            position=after + number,
            star=facts[row.since]["star"],
            points=row.points,
            measures=facts[row.since]["measures"],
        )
        for number, row in enumerate(rows, start=1)
    ]
    return places, more


def listing_facts(connection: Any, rows: Sequence[Credit]) -> dict[int, dict[str, Any]]:
    """What the entry of each listing that stands says, by its index."""
    wanted = [row.since for row in rows if row.cycle]
    return {entry.index: dict(entry.facts) for entry in journal.read_entries(connection, wanted)}
