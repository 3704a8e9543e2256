"""Reports out of the book: what an organisation and all below it did in a span of months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.account import POINT, TIME
from ledger.book import Book
from ledger.indicators import NO_TIER, Place
from ledger.policy.local_time import local_time, months_after
from ledger.store import counting, journal, queries, reporting
from ledger.store.reporting import NOTHING, Done

MONTHS_MAX: Final = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month: registered by its end, and what was served, earned and spent in it."""

    month: str
    """Such as `2025-03`."""
    registered: int
    done: Done
    points_redeemed: int
    """Hundredths."""
    time_for_orders: int
    """Minutes."""
    time_for_rewards: int
    """Minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An organisation with all below it, or the whole ledger ("")."""

    organisation: str
    months: Sequence[Month]
    total: Done
    by_category: Mapping[str, Done]
    """By category; "" for what came over from another ledger."""
    by_tier: Mapping[str, Done]
    by_organisation: Sequence[tuple[Place, Done]]
    """Those of whose own volunteers anybody served, in order of registration."""
    size: int
    """So many entries were on the ledger when it was read."""
    stars: Mapping[int, int]
    """By number of stars, how many hold them now."""


def read_report(book: Book, *, organisation: str, first: date, count: int) -> Report:
    """The report of `count` months from the one that begins on `first`, in the time zone of the
    policy that decides there now. Refuses with `no_policy_in_force`."""
    now = book.clock.now_ms()
    with book.database.snapshot() as connection:
        zone = book.standing_in(connection).policy_for(now, organisation).time_zone
        begins = [months_after(first, at) for at in range(count + 1)]
        bounds = [local_time(zone).starts(each) * 1000 for each in begins]
        places = counting.places(connection)
        homes = None
        if organisation:
            homes = queries.organisations_below(connection, f"organisation:{organisation}")
        registered = counting.registered_by_home(connection, bounds[1:])
        ours = None if homes is None else {home.partition(":")[2] for home in homes}
        by_month = reporting.served(connection, bounds, homes, by="month")
        by_home = reporting.served(connection, bounds, homes, by="home")
        redeemed = reporting.redeemed(connection, bounds, homes)
        orders = reporting.paid_by_orders(connection, bounds, homes)
        total = reporting.served(connection, bounds, homes)
        by_category = reporting.served(connection, bounds, homes, by="category")
        stars = reporting.stars_held(connection, homes)
        size = journal.count(connection)
    months = [
        Month(
            month=f"{begins[at]:%Y-%m}",
            registered=sum(
                counts[at] for home, counts in registered.items() if ours is None or home in ours
            ),
            done=by_month.get(at, NOTHING),
            points_redeemed=redeemed.get((at, POINT), 0),
            time_for_orders=orders.get(at, 0),
            time_for_rewards=redeemed.get((at, TIME), 0),
        )
        for at in range(count)
    ]
    served = {home.partition(":")[2]: done for home, done in by_home.items()}
    return Report(
        organisation=organisation,
        months=months,
        total=total.get("", NOTHING),
        size=size,
        by_category=dict(sorted(by_category.items())),
        by_tier=_by_tier(places, served),
        by_organisation=[
            (place, served[place.organisation]) for place in places if place.organisation in served
        ],
        stars=dict(sorted(stars.items())),
    )


def _by_tier(places: Sequence[Place], served: Mapping[str, Done]) -> dict[str, Done]:
    """Nobody belongs to two organisations, so that people add up too."""
    tier_of = {place.organisation: place.tier for place in places}
    tiers: dict[str, Done] = {}
    for home, done in served.items():
        tier = tier_of.get(home, "") or NO_TIER
        before = tiers.get(tier, NOTHING)
        tiers[tier] = Done(*(one + other for one, other in zip(before, done, strict=True)))
    return tiers
