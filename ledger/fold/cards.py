"""Cards, and what else protects a reservation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, count_mark, counted, organisation_address, present, set_mark
from ledger.rows import ASSISTED, GUARDED, HELD_CARD, REISSUED, ROTATING_USED, Card
from ledger.standing import Standing


def rotating_step_used(standing: Standing, holder: str) -> int:
    """The highest step of a rotating value that a holder (address) has used; 0 for none."""
    return counted(standing, holder, ROTATING_USED)


def _card_issued(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    holder = account.volunteer(facts["volunteer"])
    standing.cards.add(
        facts["card"],
        Card(
            card=facts["card"],
            volunteer=facts["volunteer"],
            organisation=facts["organisation"],
            state="active",
            issued=entry.time,
            since=entry.index,
        ),
    )
    set_mark(standing, holder, HELD_CARD, facts["card"], entry)
    _mention_holder_and_office(standing, facts, entry)


def _card_closed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    card = present(standing.cards[facts["card"]])
    standing.cards.change(card.card, card._replace(state=facts["ground"], since=entry.index))
    holder = account.volunteer(card.volunteer)
    set_mark(standing, holder, HELD_CARD, "", entry)
    _mention_holder_and_office(
        standing, {"volunteer": card.volunteer, "organisation": card.organisation}, entry
    )


def _card_pin_changed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    card = present(standing.cards[facts["card"]])
    standing.cards.change(card.card, card._replace(since=entry.index))
    _mention_holder_and_office(standing, facts, entry)


def _redemption_assisted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    # It stands before its reservation, so the mark is all there is to change yet.
    owner = f"redemption:{facts['redemption']}"
    set_mark(standing, owner, ASSISTED, facts["organisation"], entry)
    _mention_holder_and_office(standing, facts, entry)


def _redemption_guarded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    set_mark(standing, f"redemption:{facts['redemption']}", GUARDED, "required", entry)
    standing.mention(account.volunteer(facts["volunteer"]), entry)


def _code_reissued(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    count_mark(standing, f"redemption:{facts['redemption']}", REISSUED, 1, entry)
    _mention_holder_and_office(standing, facts, entry)


def _mention_holder_and_office(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    if facts["organisation"]:
        standing.mention(organisation_address(facts["organisation"]), entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "card_issued": _card_issued,
    "card_closed": _card_closed,
    "card_pin_changed": _card_pin_changed,
    "redemption_assisted": _redemption_assisted,
    "redemption_guarded": _redemption_guarded,
    "code_reissued": _code_reissued,
}
