"""A ledger of nothing but the pure files, for tests that ask a great many things of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ledger.actions import Action
from ledger.actions.documents import AdoptPolicy
from ledger.actions.parties import (
    RegisterBranch,
    RegisterMerchant,
    RegisterOrganisation,
    RegisterStaff,
    RegisterTerminal,
)
from ledger.actions.service import RegisterActivity
from ledger.chain import Head, advance, link
from ledger.decide import decide
from ledger.entry import Draft, Entry, Idem
from ledger.errors import Refused
from ledger.fold import fold
from ledger.policy import PolicyDocument
from ledger.standing import Standing
from tests.kit import TODAY, at
from tests.recheck import Laws

VOLUNTEERS = ("ana", "bo", "cy")
SPENDING = {
    *("redemption_reserved", "redemption_captured", "redemption_released", "redemption_expired"),
    *("time_deposited", "time_transferred", "time_donated", "points_lapsed"),
}


class Core:
    """A ledger of nothing but the pure files."""

    def __init__(self) -> None:
        self.standing = Standing()
        self.head = Head("ledger.example/log/core")
        self.laws = Laws()
        self.entries: list[Entry] = []
        self.time = at(TODAY)
        self._ids = itertools.count(1)

    def new(self, kind: str) -> str:
        return f"{kind}{next(self._ids)}"

    def do(self, action: Action) -> list[Draft] | Refused:
        """Decide twice, which must come to the same and change nothing; then write and fold."""
        before = balances(self.standing)
        try:
            drafts = decide(action, self.standing, self.time)
        except Refused as refused:
            assert balances(self.standing) == before, "a refusal changed something"
            return refused
        assert decide(action, self.standing, self.time) == drafts, "decisions are not pure"
        assert balances(self.standing) == before, "deciding changed something"
        number = next(self._ids)
        entries = link(
            self.head,
            drafts,
            time=self.time,
            actor="console",
            auth="",
            idem=Idem(f"{number:064x}", f"{number:064x}"),
            salts=[f"{number:032x}"] * len(drafts),
        )
        for entry in entries:
            stars = {who: self.laws.eligible_star(who) for who in VOLUNTEERS}
            fold(self.standing, entry)
            self.laws.take(entry.data)
            if entry.kind in SPENDING:
                assert stars == {who: self.laws.eligible_star(who) for who in VOLUNTEERS}
        advance(self.head, entries)
        self.entries += entries
        return drafts


def names_of_actions(asked: type[Action] = Action) -> set[str]:
    """What everything that can be asked is called."""
    return {asked.__name__}.union(*map(names_of_actions, asked.__subclasses__()))


def balances(standing: Standing) -> dict[str, dict[tuple[str, str], int]]:
    return {
        owner: {slot: amount for slot, amount in purse.items() if amount}
        for owner, purse in standing.purses.items()
        if any(purse.values())
    }


def founded(policy: PolicyDocument, people: Sequence[Action], *, staff: Sequence[str]) -> Core:
    """A core with a policy, an organisation with its people and an activity, and a shop's till."""
    core = Core()
    setup: list[Action] = [
        AdoptPolicy(
            policy=policy.policy.id,
            version=policy.policy.version,
            toml_sha256="00",
            document=policy.canonical,
        ),
        RegisterOrganisation(organisation="home"),
        *people,
        *(RegisterStaff(staff=who) for who in staff),
        RegisterActivity(activity="walk", organisation="home", category="health"),
        RegisterMerchant(merchant="shop"),
        RegisterBranch(merchant="shop", branch="branch"),
        RegisterTerminal(merchant="shop", branch="branch", terminal="till"),
    ]
    for action in setup:
        assert not isinstance(core.do(action), Refused)
    return core
