"""Reading service orders.

Who takes part sees everything: the recipient, the provider from the moment they are asked or
accepted, the organisation whose order book it is. A volunteer who might serve sees of an open
order when, where and what kind of service, and neither whom nor the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    PageFromEitherEnd,
    acts_for,
    log_look,
    not_there,
    organisations_of,
    page,
    page_of,
    reading,
    texts_of,
)
from api.schemas import Choice, Id, Moment, Whole
from ledger.actions.service import CATEGORIES
from ledger.book import Caller
from ledger.door.orders import entries_of, may_serve
from ledger.door.tree import Tree
from ledger.entry import Entry
from ledger.rows import Order
from ledger.store import journal, queries

_TAG: Final = "orders"
_ROLES: Final = ("operator", "organisation", "volunteer", "auditor")
STATES: Final = (
    "requested",
    "offered",
    "assigned",
    "accepted",
    "done",
    "disputed",
    "confirmed",
    "settled",
    "cancelled",
    "expired",
)
_KNOWN_TO_PROVIDER: Final = frozenset(
    ("assigned", "accepted", "done", "disputed", "confirmed", "settled")
)
"""States that nobody comes to as provider by offering alone."""
_TEXTS: Final = ("text", "reason")


class PageOfOrders(PageFromEitherEnd):
    """Which service orders."""

    state = Choice(*STATES)
    organisation = Id()
    open = Choice(
        "yes",
        metadata={
            "description": "volunteers: instead of one's own orders, those of others that one"
            " could offer to serve"
        },
    )


class OrderSchema(Schema):
    """A service order. Who might serve sees neither `volunteer` nor `text`."""

    order = Id(required=True)
    entry = Whole(required=True, least=0)
    organisation = Id(required=True)
    category = Choice(*CATEGORIES, required=True)
    state = Choice(*STATES, required=True)
    minutes = Whole(required=True, metadata={"description": "of saved time, set aside"})
    starts = Moment(required=True)
    ends = Moment(required=True)
    expires = Moment(required=True, metadata={"description": "unless it is accepted before"})
    volunteer = Id(metadata={"description": "who is served, and pays"})
    provider = fields.String(
        required=True, metadata={"description": "who offered, was assigned or accepted, or empty"}
    )
    record = fields.String(
        required=True, metadata={"description": "the service record of what was done, or empty"}
    )
    text = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "what was asked for, by field"},
    )


class OrderEventSchema(Schema):
    """One entry about an order."""

    entry = Whole(required=True, least=0)
    time = Moment(required=True)
    kind = fields.String(required=True)
    minutes = Whole(least=0, metadata={"description": "to the provider"})
    overflow_minutes = Whole(least=0, metadata={"description": "to the pool"})
    returned_minutes = Whole(least=0, metadata={"description": "back to the recipient"})
    text = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "what somebody wrote with it, by field"},
    )


class OrderInFullSchema(OrderSchema):
    """A service order with what became of it."""

    events = fields.List(
        fields.Nested(OrderEventSchema),
        metadata={"description": "for those who take part, the oldest first"},
    )


@reading(
    "/orders",
    "list_orders",
    answer=page_of(OrderSchema, "OrderPage"),
    query=PageOfOrders,
    roles=_ROLES,
    scope="orders:read",
    tag=_TAG,
    auditors_say_why=True,
)
def list_orders(query: Mapping[str, Any]) -> dict[str, Any]:
    """Service orders: a volunteer's own, those they could serve, or those of the organisations
    one acts for.

    An auditor says why in a `Reason` header; an operator need not: they see orders by duty, and
    answer for it by access control.
    """
    caller = current_caller()
    asked: dict[str, Any] = {
        "after": query["starting_after"],
        "limit": query["limit"],
        "state": query.get("state"),
        "newest_first": "newest_first" in query,
    }
    with current_book().database.reading() as connection:
        if caller.role != "volunteer":
            asked["organisations"] = _ids(organisations_of(caller))
        elif "open" in query:
            asked["state"] = "requested"
            asked["organisations"] = _served_by(caller)
            asked["without"] = caller.id
            asked["expires_after"] = current_book().clock.now_ms()
        else:
            asked["taking_part"] = caller.id
        wanted = query.get("organisation")
        if wanted is not None:
            seen = asked.get("organisations")
            asked["organisations"] = [wanted] if seen is None or wanted in seen else []
        rows, more = queries.orders_page(connection, **asked)
    log_look(caller, *(f"orders/{row.order_id}" for row in rows))
    return page(_orders(rows, caller), more)


@reading(
    "/orders/<id:order>",
    "get_order",
    answer=OrderInFullSchema,
    roles=_ROLES,
    scope="orders:read",
    refusals=("not_found",),
    tag=_TAG,
    auditors_say_why=True,
)
def get_order(order: str) -> dict[str, Any]:
    """One service order, and for those who take part what became of it.

    An auditor says why in a `Reason` header; an operator need not, as for the list.
    """
    caller = current_caller()
    with current_book().database.reading() as connection:
        row = queries.order(connection, order)
    if row is None or not _may_see(row, caller):
        raise not_there()
    log_look(caller, f"orders/{order}")
    (shown,) = _orders([row], caller)
    if _in_full(row, caller):
        shown["events"] = _events(entries_of(current_book(), row))
    return shown


def _may_see(row: Order, caller: Caller) -> bool:
    """Whether the order is there for this caller at all."""
    if caller.role != "volunteer":
        return acts_for(caller, f"organisation:{row.organisation}")
    if caller.id in (row.volunteer, row.provider):
        return True
    # Open to those who might serve it, as in their list.
    is_open = row.state == "requested" and current_book().clock.now_ms() < row.expires
    return is_open and may_serve(Tree(current_book(), caller), caller.id, row.organisation)


def _in_full(row: Order, caller: Caller) -> bool:
    """Whether the caller takes part in it, so that nothing of it is hidden."""
    if caller.role != "volunteer" or caller.id == row.volunteer:
        return True
    return caller.id == row.provider and row.state in _KNOWN_TO_PROVIDER


def _served_by(caller: Caller) -> list[str] | None:
    """Ids of the organisations whose open orders are there for this volunteer; None for all."""
    book = current_book()
    party = Tree(book, caller).party(caller.party)
    home = party.parent if party is not None else ""
    if not home:
        return None
    above = Tree(book, caller).upwards(home)
    with book.database.reading() as connection:
        return _ids([*above, *queries.organisations_below(connection, home)])


def _ids(addresses: Iterable[str] | None) -> list[str] | None:
    return None if addresses is None else [each.partition(":")[2] for each in addresses]


def _orders(rows: Sequence[Order], caller: Caller) -> list[dict[str, Any]]:
    full = [row for row in rows if _in_full(row, caller)]
    texts = _words(full, caller)
    shown = []
    for row in rows:
        one = row._asdict()
        one["order"], one["entry"] = row.order_id, row.since
        if row in full:
            one["text"] = texts.get(row.order_id, {})
        else:
            del one["volunteer"]
        shown.append(one)
    return shown


def _words(rows: Sequence[Order], caller: Caller) -> dict[str, Mapping[str, str]]:
    """What each order's recipient wrote. That others look is kept in the log first."""
    book = current_book()
    others = [f"orders/{row.order_id}" for row in rows if caller.id != row.volunteer]
    if others and caller.role != "auditor":
        at = book.clock.now_ms()
        book.vault.read_many(others, [], by=caller.reader, purpose="service_order", at=at)
    with book.database.reading() as connection:
        entries = journal.read_entries(connection, [row.since for row in rows])
    digests = {entry.facts["order"]: entry.facts["text"] for entry in entries}
    texts = texts_of(digests.values())
    return {order: texts.get(digest, {}) for order, digest in digests.items()}


def _events(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    digests = {
        entry.index: next((entry.facts[name] for name in _TEXTS if entry.facts.get(name)), "")
        for entry in entries
    }
    texts = texts_of(digests.values())
    events = []
    for entry in entries:
        event: dict[str, Any] = {"entry": entry.index, "time": entry.time, "kind": entry.kind}
        for name in ("minutes", "overflow_minutes", "returned_minutes"):
            if name in entry.facts:
                event[name] = entry.facts[name]
        if digests[entry.index]:
            event["text"] = texts.get(digests[entry.index], {})
        events.append(event)
    return events
