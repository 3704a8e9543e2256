"""Cards for people without a phone, and what an office does for a holder (trust §6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import request

from api.answers import printed
from api.papers.font import font_path
from api.schemas import CardSchema, Choice, Id, NothingSchema, Strict, Typed, Whole, YesNo
from api.writes.asking import writing
from api.writes.redemptions import refuse_key_with_card
from ledger.actions.cards import CARD_GROUNDS
from ledger.cards import grouped_card, looks_like_card
from ledger.door import cards, office
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

_CARDS: Final = "cards"
_REDEMPTIONS: Final = "redemptions"
_NO_CARD: Final = (
    "bad_card pin_needed bad_pin too_many_attempts pin_cooling_off wrong_card_or_pin"
    " card_of_another unknown_party party_not_active unknown_card card_closed consent_missing"
    " printing_not_installed"
)

Body = dict[str, Any]
Once = tuple[Receipt, Mapping[str, Any]]


class NewCardSchema(Strict):
    """The PIN that the holder chose, and which card this one takes the place of."""

    pin = Typed(required=True, most=16, metadata={"description": "six digits"})
    replaces = Id(metadata={"description": "the active card that is closed in the same step"})


class ClosedCardSchema(Strict):
    """Why a card stops."""

    ground = Choice(*CARD_GROUNDS, required=True)


class NewPinSchema(Strict):
    """The PIN before, and the one from now on."""

    pin = Typed(required=True, most=16)
    new_pin = Typed(required=True, most=16)


class ReissueSchema(CardSchema):
    """At an office, the card and PIN again, where the reservation is not on consent."""

    slip = YesNo(metadata={"description": "whether the answer has a slip to print, `slip_pdf`"})


class OfficeReserveSchema(ReissueSchema):
    """What for whom: for who shows their card and PIN at the desk, or for a volunteer who consented
    that this organisation reserves for them (`office_redemption`)."""

    reward = Id(required=True)
    quantity = Whole(most=1_000_000)
    volunteer = Id()


@writing(
    "/volunteers/<id:volunteer>/cards",
    NewCardSchema,
    roles=("operator", "organisation"),
    scope="cards:write",
    tag=_CARDS,
    refusals="unknown_party party_not_active bad_pin trivial_pin card_held_already unknown_card"
    " card_closed",
)
def issue_card(ask: Asking, body: Body, volunteer: str) -> Once:
    """Give a volunteer a card, or another for the one they have; the first answer has its number.

    The PIN is typed by the holder and never shown again.
    """
    receipt, number = cards.issue(ask, volunteer=volunteer, **body)
    return receipt, {"number": grouped_card(number)}


@writing(
    "/volunteers/<id:volunteer>/cards/<id:card>/close",
    ClosedCardSchema,
    scope="cards:write",
    tag=_CARDS,
    refusals="unknown_party unknown_card card_closed",
)
def close_card(ask: Asking, body: Body, volunteer: str, card: str) -> Receipt:
    """Report a card lost, or take it back: it stops at once. For its holder, whoever acts for them,
    and operators."""
    return cards.close(ask, volunteer=volunteer, card=card, **body)


@writing(
    "/volunteers/<id:volunteer>/cards/<id:card>/pin",
    NewPinSchema,
    roles=("organisation", "volunteer"),
    scope="cards:write",
    tag=_CARDS,
    refusals="unknown_party party_not_active unknown_card bad_pin trivial_pin pin_cooling_off"
    " wrong_pin card_closed",
)
def change_card_pin(ask: Asking, body: Body, volunteer: str, card: str) -> Receipt:
    """Choose another PIN, knowing the one before; who forgot it gets another card."""
    return cards.change_pin(ask, volunteer=volunteer, card=card, **body)


@writing(
    "/redemptions/office",
    OfficeReserveSchema,
    scope="redemptions:assist",
    tag=_REDEMPTIONS,
    refusals=f"volunteer_or_card_needed {_NO_CARD} unknown_reward reward_not_available"
    " time_pays_service_only out_of_stock per_person_limit star_gate_unmet redemption_frequency"
    " account_stopped group_donates_only insufficient_points insufficient_time spending_blocked"
    " age_gate_unmet attestation_outdated",
)
def reserve_at_office(ask: Asking, body: Body) -> Once:
    """Reserve for a volunteer at an organisation's office. The code is in the first answer alone,
    to be printed: the same request again shows it no more."""
    as_pdf = _wants_slip(body)
    _refuse_key_with_card(ask.key, body)
    receipt = office.reserve(ask, request.remote_addr or "", **body)
    return receipt, printed(receipt.entry.facts["redemption"], as_pdf=as_pdf)


@writing(
    "/redemptions/<id:redemption>/reissue",
    ReissueSchema,
    scope="redemptions:reissue",
    tag=_REDEMPTIONS,
    refusals=f"unknown_redemption redemption_state_conflict volunteer_or_card_needed {_NO_CARD}"
    " expired offline_voucher code_reissued_already",
)
def reissue_code(ask: Asking, body: Body, redemption: str) -> Once:
    """Another code; the one before stops at once. For the holder, and for the office that reserved
    it, with the holder's card and PIN or on their consent as before."""
    as_pdf = _wants_slip(body)
    _refuse_key_with_card(ask.key, body)
    receipt = office.reissue(ask, request.remote_addr or "", redemption=redemption, **body)
    return receipt, printed(redemption, as_pdf=as_pdf)


def _refuse_key_with_card(key: str, body: Body) -> None:
    """As a till's key, an office's holds no card number."""
    if looks_like_card(body.get("card", "")):
        refuse_key_with_card(key, "".join(each for each in body["card"] if each.isdigit()))


def _wants_slip(body: Body) -> bool:
    """Whether the answer has a slip to print. Refuses with `printing_not_installed` before anything
    is written: the code is shown only once."""
    wanted = bool(body.pop("slip", False))
    if wanted:
        font_path()
    return wanted


@writing(
    "/redemptions/<id:redemption>/rotating",
    NothingSchema,
    scope="redemptions:reserve",
    tag=_REDEMPTIONS,
    refusals="unknown_redemption redemption_state_conflict guarded_already",
)
def guard_redemption(ask: Asking, _body: Body, redemption: str) -> Receipt:
    """Ask that a reservation of yours is taken only with the value on your phone, or your card."""
    return office.guard(ask, redemption=redemption)
