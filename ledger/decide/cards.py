"""Decide about cards, and about more than a code at the till (trust §6).

A card stands for its holder where they have no phone. Its number does nothing alone: at a till it
selects what was reserved there already, and at an office's desk it lets the office reserve, each
time with a PIN that only the vault knows. What is on the ledger is a random id: who had a card
when, and which card a capture was made with.
"""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.actions.cards import (
    CARD_GROUNDS,
    ChangeCardPin,
    CloseCard,
    GuardRedemption,
    IssueCard,
    ReissueCode,
)
from ledger.actions.consents import OFFICE_REDEMPTION
from ledger.actions.rewards import Capture
from ledger.codes import ROTATING_STEP_MS
from ledger.decide.consents import has_consented
from ledger.decide.reservations import refuse_expired, reserved_by
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.fold.cards import rotating_step_used
from ledger.policy import Policy
from ledger.rows import ASSISTED, GUARDED, HELD_CARD, REISSUED, Card, Redemption
from ledger.standing import Standing

STEPS_LATE: Final = 2
"""By so many steps the entry's time may have moved on since the door read a value: one that the
door accepts beside the current one, and one for a step that ended on the way."""


def issue(action: IssueCard, standing: Standing, time: int) -> list[Draft]:
    """A card for a volunteer, one at a time; a replaced one is closed in the same answer.

    Refuses with `unknown_party`, `party_not_active`, `card_held_already`, `unknown_card`,
    `card_closed`.
    """
    owner = account.volunteer(action.volunteer)
    standing.active(owner)
    if action.organisation:
        standing.active(f"organisation:{action.organisation}")
    drafts = []
    if action.replaces:
        card = active_card(action.replaces, action.volunteer, standing)
        drafts.append(_closed(card, "replaced"))
    elif held := held_card(owner, standing):
        raise Refused(
            "card_held_already",
            "they have a card; replace it, or report it lost first",
            card=held,
        )
    facts = {
        "card": action.card,
        "volunteer": action.volunteer,
        "organisation": action.organisation,
    }
    return [*drafts, Draft("card_issued", facts)]


def close(action: CloseCard, standing: Standing, time: int) -> list[Draft]:
    """A card stops at once and for good: lost or returned, whatever became of its holder.

    Refuses with `unknown_card` and `card_closed`.
    """
    if action.ground not in CARD_GROUNDS:
        raise ValueError(f"a card is not closed as {action.ground!r} by itself")
    return [_closed(active_card(action.card, action.volunteer, standing), action.ground)]


def change_pin(action: ChangeCardPin, standing: Standing, time: int) -> list[Draft]:
    """Another PIN for a card. Refuses with `unknown_card`, `card_closed`, and of the office with
    `unknown_party` and `party_not_active`."""
    if action.organisation:
        standing.active(f"organisation:{action.organisation}")
    active_card(action.card, action.volunteer, standing)
    facts = {
        "card": action.card,
        "volunteer": action.volunteer,
        "organisation": action.organisation,
    }
    return [Draft("card_pin_changed", facts)]


def guard(action: GuardRedemption, standing: Standing, time: int) -> list[Draft]:
    """From now on this reservation is captured only with the value on the holder's phone, or
    their card. Refuses with `unknown_redemption`, `redemption_state_conflict`,
    `guarded_already`."""
    redemption = reserved_by(action.volunteer, action.redemption, standing)
    if is_guarded(redemption.redemption, standing):
        raise Refused("guarded_already", "this reservation asks for the value already")
    facts = {"redemption": action.redemption, "volunteer": action.volunteer}
    return [Draft("redemption_guarded", facts)]


def reissue(action: ReissueCode, standing: Standing, time: int) -> list[Draft]:
    """Another code for what is reserved; the one before stops in the same transaction.

    An office does so for what it reserved itself, and only while the holder would still let it.
    What a till without network may have taken keeps its code: it is signed into the voucher.
    Refuses with `unknown_redemption`, `redemption_state_conflict`, of the office as
    `refuse_unless_for_holder`, then `expired`, `offline_voucher`, `code_reissued_already`.
    """
    redemption = reserved_by(action.volunteer, action.redemption, standing)
    if action.organisation:
        mark = standing.marks[f"redemption:{action.redemption}", ASSISTED]
        if mark is None or mark.value != action.organisation:
            raise Refused("unknown_redemption", "there is no such redemption")
        refuse_unless_for_holder(action.organisation, action.volunteer, action.card, standing)
    refuse_expired(redemption, time)
    if redemption.upload_by:
        raise Refused(
            "offline_voucher",
            "a till without network may take this voucher by its code; the code stays",
        )
    if times_reissued(action.redemption, standing) != action.times:
        raise Refused("code_reissued_already", "another code was made this moment; look it up")
    facts = {
        "redemption": action.redemption,
        "volunteer": action.volunteer,
        "organisation": action.organisation,
        "card": action.card,
    }
    return [Draft("code_reissued", facts)]


def times_reissued(redemption: str, standing: Standing) -> int:
    """How often the code of a redemption was made anew."""
    mark = standing.marks[f"redemption:{redemption}", REISSUED]
    return int(mark.value) if mark is not None else 0


def assisted(
    redemption: str, volunteer: str, organisation: str, card: str, standing: Standing
) -> list[Draft]:
    """What stands before a reservation that an office makes for a holder; nothing where they make
    it themselves. Refuses as `refuse_unless_for_holder`."""
    if not organisation:
        return []
    refuse_unless_for_holder(organisation, volunteer, card, standing)
    facts = {
        "redemption": redemption,
        "volunteer": volunteer,
        "organisation": organisation,
        "card": card,
    }
    return [Draft("redemption_assisted", facts)]


def refuse_unless_for_holder(
    organisation: str, volunteer: str, card: str, standing: Standing
) -> None:
    """An office acts for a holder who typed their card's PIN at its desk, or who consented to it
    by name with a token of their own.

    Refuses with `unknown_party`, `party_not_active`, `unknown_card`, `card_closed`,
    `consent_missing`.
    """
    address = f"organisation:{organisation}"
    standing.active(address)
    if card:
        active_card(card, volunteer, standing)
    elif not has_consented(standing, volunteer, OFFICE_REDEMPTION, address):
        raise Refused(
            "consent_missing",
            "the holder types their card's PIN here, or first consents that this organisation"
            " reserves for them",
            purpose=OFFICE_REDEMPTION,
        )


def refuse_unless_shown(
    action: Capture, redemption: Redemption, policy: Policy, standing: Standing, time: int
) -> None:
    """Hold a capture against what its holder or the rules ask for besides the code.

    A card with its PIN shows the holder as much as the value does. An office's printed code is for
    people without a phone, so the rules ask no value of it; a holder who guards it does. Refuses
    with `card_closed`, `rotating_value_needed`, `attestation_outdated`, `rotating_value_used`.
    """
    if action.card:
        card = standing.cards[action.card]
        if card is None or (card.volunteer, card.state) != (redemption.volunteer, "active"):
            raise Refused("card_closed", "this card was closed; an office gives a new one")
    elif action.means == "rotating":
        _refuse_used(action.step, account.volunteer(redemption.volunteer), standing, time)
    elif not action.means and asks_for_more(redemption.redemption, policy, standing):
        raise Refused(
            "rotating_value_needed",
            "this voucher needs the six digits on the holder's phone as well, or their card",
        )


def asks_for_more(redemption: str, policy: Policy, standing: Standing) -> bool:
    """Whether the code alone does not take this reservation (`redeem.rotating`)."""
    if is_guarded(redemption, standing):
        return True
    printed = standing.marks[f"redemption:{redemption}", ASSISTED] is not None
    return policy.redeem_rotating == "required" and not printed


def is_guarded(redemption: str, standing: Standing) -> bool:
    """Whether the holder asked for more than the code."""
    return standing.marks[f"redemption:{redemption}", GUARDED] is not None


def _refuse_used(step: int, holder: str, standing: Standing, time: int) -> None:
    now = time // ROTATING_STEP_MS
    if not now - STEPS_LATE <= step <= now:
        raise Refused("attestation_outdated", "the value is too old by now; scan the newest one")
    if step <= rotating_step_used(standing, holder):
        raise Refused(
            "rotating_value_used",
            "this value was used already; wait for the next one on the holder's phone",
            wait_seconds=-(-((now + 1) * ROTATING_STEP_MS - time) // 1000),
        )


def held_card(owner: str, standing: Standing) -> str:
    """The active card of a volunteer (address), or ""."""
    mark = standing.marks[owner, HELD_CARD]
    return mark.value if mark is not None else ""


def active_card(card_id: str, volunteer: str, standing: Standing) -> Card:
    """A volunteer's own card, if it is good. Refuses with `unknown_card` and `card_closed`."""
    card = standing.cards[card_id]
    if card is None or card.volunteer != volunteer:
        raise Refused("unknown_card", "there is no such card")
    if card.state != "active":
        raise Refused("card_closed", "this card was closed; an office gives a new one")
    return card


def _closed(card: Card, ground: str) -> Draft:
    return Draft("card_closed", {"card": card.card, "volunteer": card.volunteer, "ground": ground})
