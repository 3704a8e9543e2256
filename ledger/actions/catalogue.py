"""What merchants offer, and what organisations pay towards it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from ledger.actions import Action, Touch

REWARD_FORMS: Final = ("gift", "discount", "service_order")
PERIODS: Final = ("day", "week", "month", "quarter", "year")
"""By what a reward's limit for one person is counted, in China's time."""
WEEKDAYS: Final = tuple("1234567")
"""Monday to Sunday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReward(Action):
    """A reward with `stock` pieces at `price` (unit of `asset`) each.

    `per_person` 0: no limit. `hold_minutes` 0: policy's. `branches`: ids joined by `+`, "" any.
    `opens`/`closes`: minutes of the local day. Times in ms. `reward` may be a draft's, which is
    then published. What follows `text` are terms: `ledger.rows.RewardTerms` says what each means.
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
    per_period: int = 0
    period: str = ""
    min_age: int = 0
    tiers: str = ""
    within: str = ""
    weekdays: str = ""
    fund: str = ""
    value_cents: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "parties", f"merchant:{self.merchant}"
        for branch in self.branches.split("+") if self.branches else ():
            yield "parties", f"branch:{branch}"
        yield "rewards", self.reward
        yield "reward_terms", self.reward
        if self.within:
            yield "parties", f"organisation:{self.within}"
        if self.fund:
            yield "funds", self.fund


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReward(PublishReward):
    """A reward as it may one day be published: nobody can reserve it. Drafting it again says it
    anew, all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestockReward(Action):
    """`change` pieces more of a reward, or fewer."""

    reward: str
    change: int

    def touches(self) -> Iterator[Touch]:
        yield "rewards", self.reward


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFund(Action):
    """A sponsor promises `cents` (hundredths of a yuan, in all) for rewards of these merchants;
    said again, it is changed. `merchants`: ids joined by `+`, at least one."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"fund", "text"})

    fund: str
    organisation: str
    cents: int
    merchants: str
    text: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "funds", self.fund
        yield "parties", f"organisation:{self.organisation}"
        for merchant in self.merchants.split("+") if self.merchants else ():
            yield "parties", f"merchant:{merchant}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawReward(Action):
    """No more reservations of a reward; those that stand stay good. A draft is given up."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"reason"})

    reward: str
    reason: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "rewards", self.reward
