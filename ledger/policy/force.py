"""Which of the adopted policies decides: by day, by place in the tree, by category. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ledger.errors import Refused
from ledger.policy.rules import Policy

Places = Sequence[tuple[str, str]]
"""(organisation id, tier) of an organisation and of each one above it, the nearest first."""


def policy_in_force(
    adopted: Sequence[Policy], on: date, places: Places = (), category: str = ""
) -> Policy:
    """The policy that decides what happens on a day, in a place, in a service category.

    Of the documents effective on that day, the nearest to the place wins: at each organisation of
    `places` first those that name it, then those that name its tier; last those that name neither.
    Among equally near ones a document limited to `category` beats one for all categories, and then
    the one adopted last wins. A document limited to categories decides nothing else, and nothing
    without a category. The region is stated for readers and chooses nothing.

    `adopted` stands in the order of adoption. Raises `Refused` (`no_policy_in_force`) if none of
    them can decide.
    """
    fitting = [
        policy
        for policy in reversed(adopted)
        if policy.in_force_on(on)
        and (not policy.scope_categories or category in policy.scope_categories)
    ]
    for organisation, tier in _steps(places):
        for limited in (True, False):
            for policy in fitting:
                if (policy.scope_organisation, policy.scope_tier) == (organisation, tier) and bool(
                    policy.scope_categories
                ) is limited:
                    return policy
    raise Refused(
        "no_policy_in_force",
        f"no adopted policy is effective on {on.isoformat()}; adopt one that is",
        on=on.isoformat(),
    )


def _steps(places: Places) -> Iterator[tuple[str, str]]:
    """(scope's organisation, scope's tier) to look for, the nearest first; a team has no tier."""
    for organisation, tier in places:
        if organisation:
            yield organisation, ""
        if tier:
            yield "", tier
    yield "", ""
