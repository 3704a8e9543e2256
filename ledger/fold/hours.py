"""Hours of service that redeemed time took along (domain §10 P47), and what is short of them."""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.actions.service import EVIDENCE
from ledger.entry import Entry
from ledger.fold.changes import count_mark, counted
from ledger.rows import Redemption
from ledger.standing import Standing

HOURS_TAKEN: Final = "hours_taken"
"""The mark on a redemption whose time took service hours along (domain §10 P47): `purse=minutes`
joined by spaces."""
HOURS_SHORT: Final = "hours_short:"
"""The mark on a volunteer, by evidence: minutes of reversed records that could not be taken back
because P47 had taken them before. New service repays them first, and a voided redemption does not
bring them back. One class stands below zero where it repaid the other; their sum never does."""


def fall_short(
    standing: Standing, volunteer: str, evidence: str, change: int, entry: Entry
) -> None:
    """`change` minutes more, or fewer, are short."""
    if change:
        count_mark(standing, account.volunteer(volunteer), HOURS_SHORT + evidence, change, entry)


def hours_short(standing: Standing, volunteer: str) -> dict[str, int]:
    """Minutes that are short by class of evidence; their sum is 0 or more (P47)."""
    if not standing.hours_may_be_taken:
        return {}
    keys = [(account.volunteer(volunteer), HOURS_SHORT + evidence) for evidence in EVIDENCE]
    standing.prefetch({"marks": keys})
    return {evidence: counted(standing, *key) for evidence, key in zip(EVIDENCE, keys, strict=True)}


def repay_hours(standing: Standing, volunteer: str, entry: Entry) -> None:
    """What new service gives back at once is short no more."""
    for source, _, asset, amount in entry.postings:
        if asset == account.SERVICE and source != account.ISSUERS[account.SERVICE]:
            evidence = source.rpartition(":")[2]
            fall_short(standing, volunteer, evidence, -amount, entry)


def hours_taken(standing: Standing, redemption: str) -> list[tuple[str, int]]:
    """(purse, minutes) of the service hours that a captured redemption took along (P47)."""
    mark = standing.marks[f"redemption:{redemption}", HOURS_TAKEN]
    taken = (each.partition("=") for each in mark.value.split()) if mark is not None else ()
    return [(purse, int(minutes)) for purse, _, minutes in taken]


def return_hours(standing: Standing, redemption: Redemption, entry: Entry) -> None:
    """An undone redemption brings back what it took along; what stays away was repaid before."""
    owner = account.volunteer(redemption.volunteer)
    returned = {
        posting.destination: posting.amount
        for posting in entry.postings
        if posting.asset == account.SERVICE
    }
    taken = dict(hours_taken(standing, redemption.redemption))
    for evidence in EVIDENCE:
        purse = account.SERVICE_PURSE + evidence
        change = returned.get(f"{owner}:{purse}", 0) - taken.get(purse, 0)
        fall_short(standing, redemption.volunteer, evidence, change, entry)
