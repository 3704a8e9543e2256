"""Indicators of how far volunteering reaches: ratios, activity, hours (domain §9, §10 P65).

Three ratios are compared with a policy's targets: registered volunteers with residents, and the
registered among staff and among Party members with all of them. "Above" is 大于: strictly greater,
in whole numbers, so that 130,000 of 1,000,000 is not above 13 percent. Where nobody stated what to
divide by, a ratio is not applicable. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ledger.policy import Policy
from ledger.rows import Population

MET: Final = "met"
NOT_MET: Final = "not_met"
NOT_APPLICABLE: Final = "not_applicable"
VERDICTS: Final = (MET, NOT_MET, NOT_APPLICABLE)
NO_TIER: Final = "none"
"""Volunteers who registered without an organisation belong to no tier."""


class Ratio(NamedTuple):
    """`part` of `whole` people, beside a target in percent."""

    part: int
    whole: int
    target_percent: int

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`: met only strictly above the target (I1, I2, I3)."""
        if self.whole == 0:
            return NOT_APPLICABLE
        return MET if self.part * 100 > self.target_percent * self.whole else NOT_MET

    @property
    def per_ten_thousand(self) -> int:
        """The ratio in ten-thousandths, rounded down; 0 where it is not applicable."""
        return self.part * 10_000 // self.whole if self.whole else 0


class Served(NamedTuple):
    """What volunteers did in a period."""

    registered: int
    """People not gone since who were registered by its end, or had served by then: whenever their
    registration was entered here, they were volunteers. Groups are no people."""
    active: int
    """Of these, who have an effective record whose check-in lies in it."""
    minutes: int
    """What those records brought."""

    @property
    def active_per_ten_thousand(self) -> int:
        """Active of registered ones, rounded down; 0 where nobody is registered."""
        return self.active * 10_000 // self.registered if self.registered else 0

    @property
    def minutes_per_volunteer(self) -> int:
        """Whole minutes for each registered one, rounded down; 0 where nobody is."""
        return self.minutes // self.registered if self.registered else 0

    def plus(self, other: Served) -> Served:
        """Both together, nobody being in both."""
        return Served(
            self.registered + other.registered,
            self.active + other.active,
            self.minutes + other.minutes,
        )


NOBODY: Final = Served(0, 0, 0)


class Place(NamedTuple):
    """An organisation of the tree, by id."""

    organisation: str
    above: str
    """Id of the one above, or ""."""
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicators:
    """An organisation and all below it, or the whole ledger, in one year."""

    organisation: str
    """Its id; "" for the whole ledger."""
    year: int
    residents: Ratio
    staff: Ratio
    members: Ratio
    total: Served
    by_tier: Mapping[str, Served]
    """By the tier of the organisation that a volunteer belongs to; `none` without one."""
    by_month: Sequence[Served]
    """January to December; registered by the end of each."""
    policy: str


def indicators(
    *,
    organisation: str,
    year: int,
    places: Sequence[Place],
    stated: Iterable[Population],
    served: Mapping[str, Served],
    by_month: Sequence[Served],
    policy: Policy,
) -> Indicators:
    """Put together what was counted.

    `places` are the organisations asked about; `stated` what they stated for the year; `served`
    what volunteers of each organisation did, by its id, "" being those of none.
    """
    people = stated_people(places, stated)
    # Who belongs to no place whose residents were counted is not among those residents.
    registered = sum(served.get(home, NOBODY).registered for home in people.homes)
    tiers: dict[str, Served] = {}
    tier_of = {place.organisation: place.tier for place in places}
    for home, what in served.items():
        tier = tier_of.get(home, "") or NO_TIER
        tiers[tier] = tiers.get(tier, NOBODY).plus(what)
    total = NOBODY
    for what in tiers.values():
        total = total.plus(what)
    return Indicators(
        organisation=organisation,
        year=year,
        residents=Ratio(registered, people.residents, policy.target_residents_percent),
        staff=Ratio(people.staff_registered, people.staff, policy.target_staff_percent),
        members=Ratio(people.members_registered, people.members, policy.target_members_percent),
        total=total,
        by_tier=tiers,
        by_month=by_month,
        policy=policy.version_name,
    )


class People(NamedTuple):
    """Who lives, works and serves somewhere."""

    residents: int
    staff: int
    staff_registered: int
    members: int
    members_registered: int
    homes: frozenset[str]
    """The organisations whose residents are in `residents`: those whose statement was counted, and
    all below them."""


def stated_people(places: Sequence[Place], stated: Iterable[Population]) -> People:
    """The people of all these organisations together, nobody counted twice.

    What an organisation states is for itself and all below it, so whatever stands below is left
    out; where it states nobody of a sort, what the ones below it state is added up instead.
    """
    rows = {row.organisation: row for row in stated}
    known = {place.organisation for place in places}
    below: dict[str, list[str]] = {}
    for place in places:
        above = place.above if place.above in known else ""
        below.setdefault(above, []).append(place.organisation)

    def counted(whole: str) -> list[Population]:
        found = []
        waiting = list(below.get("", ()))
        while waiting:
            one = waiting.pop()
            row = rows.get(one)
            if row is not None and getattr(row, whole):
                found.append(row)
            else:
                waiting += below.get(one, ())
        return found

    def subtrees(tops: Iterable[Population]) -> frozenset[str]:
        found: set[str] = set()
        waiting = [row.organisation for row in tops]
        while waiting:
            one = waiting.pop()
            found.add(one)
            waiting += below.get(one, ())
        return frozenset(found)

    residents, staff, members = counted("residents"), counted("staff"), counted("members")
    return People(
        residents=sum(row.residents for row in residents),
        staff=sum(row.staff for row in staff),
        staff_registered=sum(row.staff_registered for row in staff),
        members=sum(row.members for row in members),
        members_registered=sum(row.members_registered for row in members),
        homes=subtrees(residents),
    )
