"""Medals, commendations, populations on their way to the book; indicators out of it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Final

from ledger import account
from ledger.actions.honours import GrantMedal, RecordCommendation, StatePopulation
from ledger.book import Book
from ledger.door.asking import Asking
from ledger.door.tree import Tree
from ledger.errors import Refused
from ledger.indicators import Indicators, Served, indicators
from ledger.policy.local_time import local_time
from ledger.sequencer import Receipt
from ledger.store import counting, queries

_MONTHS: Final = 12


def grant_medal(ask: Asking, *, volunteer: str, medal: int, organisation: str = "") -> Receipt:
    """Grant one of our volunteers a medal that their hours reach."""
    Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    body = ask.caller.id if ask.caller.role == "organisation" else organisation
    return ask.record(GrantMedal(volunteer=volunteer, medal=medal, organisation=body))


def commend(
    ask: Asking,
    *,
    volunteer: str,
    level: str,
    awarded: int,
    title: str,
    issuer: str = "",
    organisation: str = "",
) -> Receipt:
    """Record that one of our volunteers was commended. What for, and by whom, is sealed.

    Refuses with `organisation_needed` where an operator does not say which one records it.
    """
    Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    body = ask.caller.id if ask.caller.role == "organisation" else organisation
    if not body:
        raise Refused("organisation_needed", "say which organisation records this")
    return ask.record(
        RecordCommendation(
            commendation=ask.book.new_id(),
            volunteer=volunteer,
            organisation=body,
            level=level,
            awarded=awarded,
            text=ask.sealed(title=title, issuer=issuer),
        )
    )


def state_population(ask: Asking, *, organisation: str, year: int, **counts: int) -> Receipt:
    """State for one of our organisations who lives, works and serves there in a year."""
    Tree(ask.book, ask.caller).refuse_unless_ours(f"organisation:{organisation}")
    return ask.record(StatePopulation(organisation=organisation, year=year, **counts))


def read_indicators(book: Book, *, organisation: str = "", year: int = 0) -> Indicators:
    """The indicators of an organisation and all below it, "" for the whole ledger; of the year
    that has begun last, unless one is named.

    Years and months are those of the policy that decides there now. Refuses with
    `no_policy_in_force`, `unknown_party` for an organisation that is not there.
    """
    now = book.clock.now_ms()
    with book.database.snapshot() as connection:
        standing = book.standing_in(connection)
        if organisation:
            standing.party(f"organisation:{organisation}")
        policy = standing.policy_for(now, organisation)
        year = year or policy.local_date(now).year
        bounds = _bounds(policy.time_zone, year)
        places = counting.places(connection)
        registered = counting.registered_by_home(connection, bounds[1:])
        months = [
            counting.served_by_home(connection, start, end) for start, end in pairwise(bounds)
        ]
        whole_year = counting.served_by_home(connection, bounds[0], bounds[-1])
        stated = counting.populations(connection, year)
        if organisation:
            addresses = queries.organisations_below(connection, f"organisation:{organisation}")
            ours = {each.partition(":")[2] for each in addresses}
        else:
            ours = {place.organisation for place in places} | {""}
    served = {
        home: Served(counts[-1], *whole_year.get(home, (0, 0)))
        for home, counts in registered.items()
        if home in ours
    }
    by_month = [
        Served(
            sum(counts[month] for home, counts in registered.items() if home in ours),
            sum(people for home, (people, _) in months[month].items() if home in ours),
            sum(minutes for home, (_, minutes) in months[month].items() if home in ours),
        )
        for month in range(_MONTHS)
    ]
    return indicators(
        organisation=organisation,
        year=year,
        places=[place for place in places if place.organisation in ours],
        stated=[row for row in stated if row.organisation in ours],
        served=served,
        by_month=by_month,
        policy=policy,
    )


def _bounds(time_zone: str, year: int) -> list[int]:
    """Where each month of the year begins, and the next year (ms)."""
    firsts = [date(year, month, 1) for month in range(1, _MONTHS + 1)] + [date(year + 1, 1, 1)]
    return [local_time(time_zone).starts(first) * 1000 for first in firsts]
