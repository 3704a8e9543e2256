"""Stars on their way to the book: who applies, who notices, grants, refuses and decides.

A volunteer applies for themselves; an organisation nominates one of its own. What is being decided
about somebody whom an organisation does not act for is, to it, not there.
"""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.actions.stars import (
    ApplyForStar,
    AssessStars,
    DecideDowngrade,
    GrantStar,
    NoticeStar,
    RefuseStar,
)
from ledger.book import SYSTEM, Book
from ledger.door.asking import Asking
from ledger.door.tree import Tree, one_row, unknown_party
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.sequencer import Receipt
from ledger.store import counting

ASKS_A_TURN: Final = 100
"""Volunteers assessed in one transaction; a window of a year reads all records of it."""


def apply(ask: Asking, *, star: int, volunteer: str = "", organisation: str = "") -> Receipt:
    """Apply for oneself, or nominate. An operator says whom, and by whom if it is a nomination.

    Refuses with `volunteer_needed` where nobody is named, `unknown_party` for who is another's.
    """
    caller = ask.caller
    if caller.role == "volunteer":
        if volunteer not in ("", caller.id):
            raise unknown_party(account.volunteer(volunteer))
        volunteer, organisation = caller.id, ""
    else:
        if not volunteer:
            raise Refused("volunteer_needed", "say which volunteer's star this is")
        Tree(ask.book, caller).refuse_unless_ours(account.volunteer(volunteer))
        if caller.role == "organisation":
            organisation = caller.id
    return ask.record(
        ApplyForStar(
            case=ask.book.new_id(), volunteer=volunteer, star=star, nominated_by=organisation
        )
    )


def notice(ask: Asking, *, case: str, organisation: str = "") -> Receipt:
    """Begin the public notice."""
    return ask.record(NoticeStar(case=case, organisation=_body(ask, case, organisation)))


def grant(ask: Asking, *, case: str, organisation: str = "") -> Receipt:
    """Grant what was applied for."""
    return ask.record(GrantStar(case=case, organisation=_body(ask, case, organisation)))


def refuse(ask: Asking, *, case: str, reason: str, organisation: str = "") -> Receipt:
    """Say no to an application, and why."""
    body = _body(ask, case, organisation)
    action = RefuseStar(
        case=case,
        organisation=body,
        reason=ask.sealed(reason=reason),
        next_case=ask.book.new_id(),
    )
    return ask.record(action)


def decide_downgrade(
    ask: Asking, *, case: str, confirmed: bool, reason: str, organisation: str = ""
) -> Receipt:
    """Confirm or dismiss a proposed downgrade, and say why."""
    body = _body(ask, case, organisation)
    return ask.record(
        DecideDowngrade(
            case=case, confirmed=confirmed, organisation=body, reason=ask.sealed(reason=reason)
        )
    )


def assess_all(book: Book) -> int:
    """Grant everywhere what policy grants by itself (domain §10 P25); how many volunteers got
    stars.

    Asked for each adopted policy that is in force and automatic, whoever it decides about; the
    rules say for each volunteer whether it is theirs.
    """
    now = book.clock.now_ms()
    granted: set[str] = set()
    for thresholds, cycle in _automatic_thresholds(book, now):
        after = ""
        while True:
            with book.database.reading() as connection:
                due = counting.due_for_a_star(
                    connection, thresholds, cycle, after=after, limit=ASKS_A_TURN
                )
            granted |= _assess(book, [one for one in due if one not in granted], now)
            if len(due) < ASKS_A_TURN:
                break
            after = due[-1]
    return len(granted)


def _automatic_thresholds(book: Book, now: int) -> set[tuple[tuple[int, ...], int]]:
    """The thresholds by which some policy in force grants by itself and the cycle in which they
    come round (0: never), in minutes, each once."""
    with book.database.reading() as connection:
        adopted = book.standing_in(connection).policies
    deciding: dict[tuple[str, str, frozenset[str]], Policy] = {}
    for policy in adopted:
        if policy.in_force_on(policy.local_date(now)):
            # Of documents with one scope the one adopted last decides.
            scope = (policy.scope_organisation, policy.scope_tier, policy.scope_categories)
            deciding[scope] = policy
    return {
        (policy.star_thresholds_minutes, policy.star_cycle_minutes)
        for policy in deciding.values()
        if policy.star_mode == "automatic"
    }


def _assess(book: Book, volunteers: list[str], now: int) -> set[str]:
    """Who of these got stars. A key a moment: what is refused now may be granted later."""
    if not volunteers:
        return set()
    asks = [(AssessStars(volunteer=one), f"assess-{one}-{now}", None) for one in volunteers]
    results = book.record_all(asks, caller=SYSTEM)
    return {
        one
        for one, result in zip(volunteers, results, strict=True)
        if isinstance(result, Receipt) and not result.replayed
    }


def _body(ask: Asking, case: str, organisation: str) -> str:
    """Id of the body that decides: the calling organisation, or the one that an operator names,
    "" for the operator. Refuses with `unknown_star_case` where the volunteer is another's."""
    found = one_row(ask.book, "star_cases", case)
    if ask.caller.role != "organisation":
        return organisation
    tree = Tree(ask.book, ask.caller)
    if found is None or not tree.acts_for(account.volunteer(found.volunteer)):
        raise Refused("unknown_star_case", "no star is being decided under this id")
    return ask.caller.id
