"""Service that is asked for with saved time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, present, set_mark
from ledger.fold.rewards import count_redemption
from ledger.rows import Order
from ledger.standing import Standing

REQUESTED: Final = "requested"
"""The mark on an order: when it was requested, ms. It counts in that month (domain §10 P53)."""


def _order_requested(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    order = Order(
        order_id=facts["order"],
        volunteer=facts["volunteer"],
        organisation=facts["organisation"],
        category=facts["category"],
        minutes=facts["minutes"],
        state="requested",
        provider="",
        record="",
        starts=facts["starts"],
        ends=facts["ends"],
        expires=facts["expires"],
        since=entry.index,
    )
    standing.orders.add(order.order_id, order)
    set_mark(standing, f"order:{order.order_id}", REQUESTED, str(entry.time), entry)
    count_redemption(standing, order.volunteer, entry.time, 1)
    standing.mention(account.volunteer(order.volunteer), entry)


def _order_becomes(state: str) -> Fold:
    """An order goes on. Its provider is whoever the entry names; after a refusal, nobody."""

    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        order = present(standing.orders[facts["order"]])
        provider = facts.get("provider", order.provider)
        after = order._replace(
            state=state,
            provider="" if state == "requested" else provider,
            record=facts.get("record", order.record),
        )
        standing.orders.change(order.order_id, after)
        named = [order.volunteer, provider]
        if order.state == "offered" and state != "accepted" and facts["volunteer"] != provider:
            # Whoever only offered was not told whom they would serve, and this entry would tell.
            named = [order.volunteer]
        for one in dict.fromkeys(each for each in named if each):
            standing.mention(account.volunteer(one), entry)

    return change


def _order_called_off(state: str) -> Fold:
    """Nobody was served: the order does not count as a redemption any more (domain §10 P53)."""
    becomes = _order_becomes(state)

    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        becomes(standing, facts, entry)
        requested = present(standing.marks[f"order:{facts['order']}", REQUESTED])
        count_redemption(standing, facts["volunteer"], int(requested.value), -1)

    return change


def _order_ends(state: str) -> Fold:
    """Time has moved: what the record brought here cannot be saved a second time."""
    becomes = _order_becomes(state)

    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        becomes(standing, facts, entry)
        record = standing.records[facts["record"]] if facts["record"] else None
        if record is not None and facts["minutes"] + facts["overflow_minutes"]:
            after = record._replace(deposited=facts["minutes"], overflow=facts["overflow_minutes"])
            standing.records.change(record.record, after)

    return change


FOLDS: Final[Mapping[str, Fold]] = {
    "order_requested": _order_requested,
    "order_offered": _order_becomes("offered"),
    "order_assigned": _order_becomes("assigned"),
    "order_declined": _order_becomes("requested"),
    "order_accepted": _order_becomes("accepted"),
    "order_done": _order_becomes("done"),
    "order_confirmed": _order_ends("confirmed"),
    "order_disputed": _order_becomes("disputed"),
    "order_settled": _order_ends("settled"),
    "order_cancelled": _order_called_off("cancelled"),
    "order_expired": _order_called_off("expired"),
}
