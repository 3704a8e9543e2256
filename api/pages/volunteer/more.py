"""Everything else that a volunteer can do, as a menu; and their card."""

from __future__ import annotations

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from api.pages import words
from api.pages.calling import read, write
from api.pages.guard import for_roles, page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.pages.volunteer.asked import names, went_through
from api.reads.cards import list_cards
from api.writes.cards import change_card_pin, close_card


@pages.get("/me/more")
@for_roles("volunteer")
def my_more() -> Response:
    """The menu."""
    return page("volunteer/more")


@pages.get("/me/card")
@for_roles("volunteer")
def my_card() -> Response:
    """My card, if I have one, and how to get one."""
    return _card_page()


@pages.post("/me/card/<id:card>/lost")
@for_roles("volunteer")
def card_lost(card: str) -> ResponseReturnValue:
    """It stops at once."""
    try:
        receipt, _ = write(close_card, {"ground": "lost"}, volunteer=g.caller.id, card=card)
    except Noes as no:
        return _card_page(trouble_of(no))
    return went_through(receipt)


@pages.post("/me/card/<id:card>/pin")
@for_roles("volunteer")
def card_pin(card: str) -> ResponseReturnValue:
    """Another PIN, knowing the one before. What was typed is never shown again."""
    sent = {name: request.form.get(name, "").strip() for name in ("pin", "new_pin")}
    if sent["new_pin"] != request.form.get("again", "").strip():
        said = words.say("my.card.differ", g.lang)
        return _card_page(
            Trouble(code="pins_differ", sentence=said, status=422, fields={"again": said})
        )
    try:
        receipt, _ = write(change_card_pin, sent, volunteer=g.caller.id, card=card)
    except Noes as no:
        return _card_page(trouble_of(no))
    return went_through(receipt)


def _card_page(trouble: Trouble | None = None) -> Response:
    found = read(list_cards, volunteer=g.caller.id)["data"]
    return page(
        "volunteer/card",
        trouble.status if trouble else 200,
        active=[each for each in found if each["state"] == "active"],
        before=[each for each in found if each["state"] != "active"],
        names=names(each["organisation"] for each in found),
        trouble=trouble,
    )
