"""Who and where somebody is, as a page says it."""

from __future__ import annotations

from dataclasses import dataclass

from api.current import current_book
from api.reads.shop import clerk_names
from ledger.book import Book, Caller
from ledger.identity import mask_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A merchant, its branch and till, and the clerk, by name; "" for what is not known."""

    merchant: str
    branch: str
    terminal: str
    clerk: str
    is_clerk: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whoever is signed in and is no merchant: name as they may be shown it, "" if not known."""

    role: str
    name: str


Who = Place | Person


def who_is(caller: Caller, *, masked: bool = False) -> Who:
    """Who a caller is, for the top of a page. `masked`: to whoever holds an unused link, a
    volunteer's name is masked."""
    if caller.role == "merchant":
        return place_of(caller)
    name = _name(current_book(), caller)
    if masked and caller.role == "volunteer":
        name = mask_name(name) if name else ""
    return Person(role=caller.role, name=name)


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


def _name(book: Book, caller: Caller) -> str:
    """One's own name. Looking at it is in the access log, as every look is."""
    if caller.role not in ("volunteer", "organisation", "reviewer"):
        return ""
    purpose = "helping" if caller.helper else "own_data"
    found = book.vault.read(
        caller.id, ["name"], by=caller.reader, purpose=purpose, at=book.clock.now_ms()
    )
    return found.get("name", "")
