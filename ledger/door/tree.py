"""Who may act for whom (design §8).

An operator acts for everybody. An organisation acts for itself and for all that stands below it
in the tree, a reviewer for what stands at or below their organisation, a merchant for itself, its
branches, terminals and clerks, a volunteer for themselves. Whatever is not theirs is, to them, not
there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from ledger.book import Book, Caller
from ledger.errors import Refused
from ledger.rows import Activity, Party, Record, Reward
from ledger.store.projections import StoredRows

_STEPS_MAX: Final = 64
"""Deeper than any tree: teams may stand below teams."""


class Tree:
    """Parties as they stand now, fetched once each. For the length of one request."""

    def __init__(self, book: Book, caller: Caller) -> None:
        self._book = book
        self._caller = caller
        self._parties: dict[str, Party | None] = {}
        self._ours: dict[str, bool] = {}

    def fetch(self, addresses: Iterable[str]) -> None:
        """Learn many parties in one query."""
        wanted = list({one for one in addresses if one not in self._parties})
        if wanted:
            with self._book.database.reading() as connection:
                found = StoredRows(connection).fetch("parties", wanted)
            self._parties.update({one: found.get(one) for one in wanted})

    def party(self, address: str) -> Party | None:
        """A party, or None where nobody is registered."""
        if address not in self._parties:
            self.fetch([address])
        return self._parties[address]

    def acts_for(self, address: str) -> bool:
        """Whether the caller may act for the party at `address`, which must be registered."""
        known = self._ours.get(address)
        if known is None:
            known = self._ours[address] = self._acts_for(address)
        return known

    def refuse_unless_ours(self, address: str) -> Party:
        """The party, if the caller may act for it; else the no of an unknown one."""
        party = self.party(address)
        if party is None or not self.acts_for(address):
            raise unknown_party(address)
        return party

    def line(self, address: str) -> list[str]:
        """A party's address and those of all that stand above it, the nearest first."""
        found: list[str] = []
        while address and address not in found and len(found) < _STEPS_MAX:
            found.append(address)
            party = self.party(address)
            address = party.parent if party is not None else ""
        return found

    def root(self) -> str:
        """The address at or below which everything is the caller's."""
        if self._caller.role != "reviewer":
            return self._caller.party
        me = self.party(self._caller.party)
        # Staff of no single organisation review nothing: somebody must answer for them.
        return me.parent if me is not None else ""

    def upwards(self, address: str) -> list[str]:
        """A party's address and that of each one above it, the nearest first."""
        found: list[str] = []
        while address and address not in found and len(found) < _STEPS_MAX:
            found.append(address)
            party = self.party(address)
            address = party.parent if party is not None else ""
        return found

    def _acts_for(self, address: str) -> bool:
        party = self.party(address)
        if party is None:
            return False
        if self._caller.role in ("operator", "auditor"):
            return self._caller.role == "operator"
        root = self.root()
        if not root:
            return False
        for _ in range(_STEPS_MAX):
            if address == root:
                return True
            if party is None or not party.parent:
                return False
            address, party = party.parent, self.party(party.parent)
        return False


def unknown_party(address: str) -> Refused:
    """The no for a party that is not there, word for word that of the rules."""
    return Refused("unknown_party", f"nobody is registered as {address}", party=address)


def record_of_ours(book: Book, caller: Caller, record: str) -> Record:
    """A service record at an organisation that the caller acts for; where it came over from
    another ledger, of a volunteer they act for. Refuses with `unknown_record`."""
    found: Record | None = one_row(book, "records", record)
    if found is None or not Tree(book, caller).acts_for(
        f"organisation:{found.organisation}"
        if found.organisation
        else f"volunteer:{found.volunteer}"
    ):
        raise Refused("unknown_record", "there is no such service record")
    return found


def activity_row(book: Book, activity: str) -> Activity | None:
    """An activity."""
    found: Activity | None = one_row(book, "activities", activity)
    return found


def refuse_tills(caller: Caller) -> None:
    """Refuse a till's token with `role_not_allowed`: whoever stands there takes vouchers and undoes
    what was taken; what the shop offers and who stands at its tills is not theirs to decide."""
    if caller.terminal:
        raise Refused("role_not_allowed", "this is for the shop's own token, not for a till's")


def refuse_helpers(caller: Caller) -> None:
    """Refuse with `not_for_helpers` whoever acts for somebody else: this is for themselves."""
    if caller.helper:
        raise Refused("not_for_helpers", "this is for the volunteer alone, whoever helps them")


def refuse_halted(caller: Caller) -> None:
    """Refuse with `party_not_active` a token of a till that is suspended or gone, or whose branch
    is: it takes nothing, and undoes and settles nothing that it took."""
    if caller.halted:
        raise Refused(
            "party_not_active",
            f"{caller.halted} may take nothing at present; reinstate it first, if that is right",
            party=caller.halted,
        )


def reward_of_ours(book: Book, caller: Caller, reward: str) -> Reward:
    """A reward of the caller's. Refuses with `unknown_reward`."""
    found: Reward | None = one_row(book, "rewards", reward)
    if found is None or not Tree(book, caller).acts_for(f"merchant:{found.merchant}"):
        raise Refused("unknown_reward", "there is no such reward")
    return found


def rows(book: Book, table: str, keys: Sequence[str]) -> dict[str, Any]:
    """Rows of a projection by their ids."""
    if not keys:
        return {}
    with book.database.reading() as connection:
        return dict(StoredRows(connection).fetch(table, list(dict.fromkeys(keys))))


def one_row(book: Book, table: str, key: str) -> Any:
    """One row of a projection, or None."""
    return rows(book, table, [key]).get(key)
