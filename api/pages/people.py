"""Who and where somebody is, as a page says it."""

from __future__ import annotations

from dataclasses import dataclass

from api.current import current_book
from api.reads.shop import clerk_names
from ledger.book import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A merchant, its branch and till, and the clerk, by name; "" for what is not known."""

    merchant: str
    branch: str
    terminal: str
    clerk: str
    is_clerk: bool


def place_of(caller: Caller) -> Place:
    """Where a merchant's caller stands."""
    book = current_book()
    branch = caller.branch.partition(":")[2]
    names = book.vault.place_names([each for each in (caller.id, branch, caller.terminal) if each])
    clerk = clerk_names(book, caller, [caller.clerk]).get(caller.clerk, "") if caller.clerk else ""
    return Place(
        merchant=names.get(caller.id, ""),
        branch=names.get(branch, ""),
        terminal=names.get(caller.terminal, ""),
        clerk=clerk,
        is_clerk=bool(caller.clerk),
    )
