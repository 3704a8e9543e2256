"""A reward is reserved, taken, given back or undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from ledger import account
from ledger.actions import Action, Touch
from ledger.actions.consents import touched_by_office
from ledger.rows import ASSISTED, CLERK_LIMITS, GUARDED, ROTATING_USED

MEANS: Final = ("card", "offline", "rotating")
"""By what a voucher was shown, where the bare code was not all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve(Action):
    """Set value aside for a reward. The gate is domain §10 P38 and matters for saved time; the
    reward's own is `reward_gate`, `met` where the holder is known to be as old as it asks
    (`reward_tested`, full years).

    `organisation` is the office that asks for the holder, "" where they ask themselves: with the
    holder's `card`, whose PIN was typed at the desk, or "" on their recorded consent."""

    FRESH: ClassVar[frozenset[str]] = frozenset(
        {"redemption", "age_gate", "age_tested", "reward_gate", "reward_tested"}
    )

    redemption: str
    volunteer: str
    reward: str
    quantity: int
    age_gate: str = ""
    age_tested: int = 0
    reward_gate: str = ""
    reward_tested: int = 0
    organisation: str = ""
    card: str = ""

    def touches(self) -> Iterator[Touch]:
        if self.organisation:
            yield from touched_by_office(self.volunteer, self.organisation, self.card)
        yield "stops", account.volunteer(self.volunteer)
        yield "parties", account.volunteer(self.volunteer)
        yield "purses", account.volunteer(self.volunteer)
        yield "rewards", self.reward
        yield "reward_terms", self.reward
        yield "takings", (self.reward, self.volunteer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Action):
    """A merchant takes a reservation, or `quantity` of it (0: all), at a registered terminal.

    `holder` is whose it is, where the door has seen that: decided by the reservation alone, and
    named only so that the holder's row is fetched in one go with the others. By the bare code
    `means` is ""; otherwise it is one of `MEANS`, and the fields after it say how it was shown:
    `step` of the rotating value, `card`, or what a till without network took (session, its own
    `counter`, `accepted` in ms, digest `proof` of what it signed)."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"holder"})

    redemption: str
    merchant: str
    branch: str
    terminal: str
    quantity: int = 0
    holder: str = ""
    means: str = ""
    step: int = 0
    card: str = ""
    till_session: str = ""
    counter: int = 0
    accepted: int = 0
    proof: str = ""
    clerk: str = ""
    """Id of who stands at the till, as the credential says that it is used with; or ""."""
    note: str = ""
    """Digest of what the clerk typed beside it, or ""."""

    def touches(self) -> Iterator[Touch]:
        if self.holder:
            yield "parties", account.volunteer(self.holder)
            yield "marks", (account.volunteer(self.holder), ROTATING_USED)
        if self.card:
            yield "cards", self.card
        yield "marks", (f"redemption:{self.redemption}", GUARDED)
        yield "marks", (f"redemption:{self.redemption}", ASSISTED)
        yield "redemptions", self.redemption
        yield "stops", account.held(self.redemption)
        yield "purses", account.held(self.redemption)
        yield "parties", f"terminal:{self.terminal}"
        yield "parties", f"branch:{self.branch}"
        yield "parties", f"merchant:{self.merchant}"
        if self.clerk:
            yield "parties", f"clerk:{self.clerk}"
            yield "marks", (f"clerk:{self.clerk}", CLERK_LIMITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Action):
    """The holder gives a reservation back."""

    redemption: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendRedemption(Action):
    """The holder makes the time of a reservation longer, once."""

    redemption: str
    volunteer: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireRedemption(Action):
    """A reservation whose time is over gives its value back."""

    redemption: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidRedemption(Action):
    """What was captured is undone: `ground` is one of
    `ledger.policy.words.VOID_GROUNDS` (domain §10 P54)."""

    redemption: str
    merchant: str
    ground: str

    def touches(self) -> Iterator[Touch]:
        yield "redemptions", self.redemption
        yield "purses", f"merchant:{self.merchant}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRedemption(VoidRedemption):
    """What was settled is given back all the same; the merchant's next settlement takes it off."""
