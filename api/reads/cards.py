"""Reading cards, rotating values, and who asked about one's vouchers (trust §6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from api.answers import code_url
from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    CURSOR_MAX,
    PAGE,
    PAGE_MAX,
    Number,
    acts_for,
    not_there,
    page,
    page_of,
    reading,
)
from api.schemas import Choice, Id, Moment, Strict, Whole
from ledger import account
from ledger.cards import grouped_card
from ledger.codes import grouped, with_rotating
from ledger.door.cards import number_of
from ledger.door.presenting import on_phone
from ledger.door.vouchers import code_of
from ledger.errors import Refused
from ledger.store import cards, queries


class CardRowSchema(Schema):
    """A card that a volunteer has or had."""

    card = Id(required=True)
    entry = Whole(required=True, least=0, metadata={"description": "that last changed it"})
    volunteer = Id(required=True)
    organisation = fields.String(
        required=True, metadata={"description": "whose office issued it; empty: the operator"}
    )
    state = Choice("active", "lost", "replaced", "returned", required=True)
    issued = Moment(required=True)
    number = fields.String(
        metadata={"description": "for the holder and the office that issued it, while it is active"}
    )


class CardsSchema(Schema):
    """Every card of a volunteer, the newest first."""

    data = fields.List(fields.Nested(CardRowSchema), required=True)


class RotatingSchema(Schema):
    """What the phone shows beside a voucher."""

    redemption = Id(required=True)
    value = fields.String(required=True, metadata={"description": "six digits"})
    seconds_left = Whole(
        required=True,
        metadata={"description": "until the next one; this one is taken for 30 seconds more"},
    )
    needed = fields.Boolean(
        required=True, metadata={"description": "whether the code alone does not do"}
    )
    code = fields.String(required=True)
    code_url = fields.String(
        required=True, metadata={"description": "for the QR code: the code, a dot and the value"}
    )


class PageOfLooks(Strict):
    """Which looks."""

    limit = Number(least=1, most=PAGE_MAX, load_default=PAGE)
    before = Moment(
        metadata={"description": "the `time` of the last item of the page before"},
    )


class LookSchema(Schema):
    """Somebody at a till asked about a voucher or the card."""

    time = Moment(required=True)
    asked = Choice("verify", "capture", required=True)
    outcome = fields.String(
        required=True, metadata={"description": "valid, or the code of the refusal"}
    )
    redemption = fields.String(
        required=True, metadata={"description": "empty: the card, with a wrong PIN"}
    )
    merchant = Id(required=True)
    branch = Id(required=True)
    terminal = Id(required=True)


@reading(
    "/volunteers/<id:volunteer>/cards",
    "list_cards",
    answer=CardsSchema,
    roles=("operator", "organisation", "volunteer"),
    scope="cards:read",
    refusals=("not_found",),
    tag="cards",
)
def list_cards(volunteer: str) -> dict[str, Any]:
    """A volunteer's cards. The number is for the holder and the office that issued it; that it was
    looked at is in the access log."""
    caller, book = current_caller(), current_book()
    if not acts_for(caller, account.volunteer(volunteer)):
        raise not_there()
    with book.database.reading() as connection:
        rows = cards.cards_of(connection, volunteer)
    data = []
    for row in rows:
        one = {**row._asdict(), "entry": row.since}
        if row.state == "active" and (number := number_of(book, caller, row)):
            one["number"] = grouped_card(number)
        data.append(one)
    return {"data": data}


@reading(
    "/redemptions/<id:redemption>/rotating",
    "get_rotating_value",
    answer=RotatingSchema,
    roles=("volunteer",),
    scope="redemptions:read",
    refusals=("not_found", "redemption_state_conflict"),
    tag="redemptions",
)
def get_rotating_value(redemption: str) -> dict[str, Any]:
    """The six digits that the holder's phone shows beside a voucher: new every 30 seconds, each
    good once."""
    caller, book = current_caller(), current_book()
    with book.database.reading() as connection:
        row = queries.redemption(connection, redemption)
        if row is None or row.volunteer != caller.id:
            raise not_there()
    if row.state != "reserved":
        raise Refused(
            "redemption_state_conflict", f"this redemption is {row.state} already", state=row.state
        )
    (shown, needed), code = on_phone(book, row), code_of(book, redemption)
    return {
        "redemption": redemption,
        "value": shown.value,
        "seconds_left": shown.seconds_left,
        "needed": needed,
        "code": grouped(code),
        "code_url": code_url(with_rotating(code, shown.value)),
    }


@reading(
    "/volunteers/<id:volunteer>/looks",
    "list_looks",
    answer=page_of(LookSchema, "LookPage"),
    query=PageOfLooks,
    roles=("operator", "volunteer"),
    scope="redemptions:read",
    refusals=("not_found",),
    tag="redemptions",
)
def list_looks(query: Mapping[str, Any], volunteer: str) -> dict[str, Any]:
    """Who asked at a till about a volunteer's vouchers in the last 90 days, the newest first:
    every verify, and every capture that was refused. What was captured is an entry.

    Whoever does not know of one objects to the redemption (`/v1/objections`); until that is
    answered it is not settled.
    """
    caller = current_caller()
    if caller.role == "volunteer" and caller.id != volunteer:
        raise not_there()
    book = current_book()
    with book.database.reading() as connection:
        rows, more = cards.looks_page(
            connection,
            volunteer,
            before=query.get("before", CURSOR_MAX),
            limit=query["limit"],
            now_ms=book.clock.now_ms(),
        )
    return page((row._asdict() for row in rows), more)
