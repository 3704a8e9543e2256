"""Funds: what sponsors promise for rewards, and how much of it is committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    Page,
    acts_for,
    not_there,
    organisations_of,
    page,
    page_of,
    reading,
    texts_of,
)
from api.schemas import Id, Whole
from ledger.book import Caller
from ledger.rows import Fund
from ledger.store import funds

_ROLES = ("operator", "organisation", "merchant", "auditor")


class PageOfFunds(Page):
    """Whose funds."""

    organisation = Id()


class FundSchema(Schema):
    """A promise of money for rewards; all amounts in hundredths of a yuan."""

    fund = Id(required=True)
    entry = Whole(required=True)
    organisation = Id(required=True)
    cents = Whole(required=True, metadata={"description": "promised in all"})
    committed_cents = Whole(
        required=True, least=0, metadata={"description": "reserved and captured"}
    )
    captured_cents = Whole(required=True, least=0, metadata={"description": "of these, captured"})
    left_cents = Whole(required=True, least=0)
    merchants = fields.List(fields.String(), required=True)
    text = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


@reading(
    "/funds",
    "list_funds",
    answer=page_of(FundSchema, "FundPage"),
    query=PageOfFunds,
    roles=_ROLES,
    scope="funds:read",
    tag="funds",
)
def list_funds(query: Mapping[str, Any]) -> dict[str, Any]:
    """Funds: an organisation's own and those below it, those that pay for a merchant's rewards."""
    caller = current_caller()
    sponsors = None if caller.role == "merchant" else organisations_of(caller)
    with current_book().database.reading() as connection:
        rows, more = funds.page(
            connection,
            after=query["starting_after"],
            limit=query["limit"],
            organisation=query.get("organisation"),
            sponsors=sponsors,
            merchant=caller.id if caller.role == "merchant" else None,
        )
    return page(_funds(rows), more)


@reading(
    "/funds/<id:fund>",
    "get_fund",
    answer=FundSchema,
    roles=_ROLES,
    scope="funds:read",
    refusals=("not_found",),
    tag="funds",
)
def get_fund(fund: str) -> dict[str, Any]:
    """One fund."""
    with current_book().database.reading() as connection:
        row = funds.one(connection, fund)
    if row is None or not _may_see(current_caller(), row):
        raise not_there()
    return _funds([row])[0]


def _may_see(caller: Caller, row: Fund) -> bool:
    if caller.role == "merchant":
        return caller.id in row.merchants.split("+")
    return acts_for(caller, f"organisation:{row.organisation}")


def _funds(rows: Sequence[Fund]) -> list[dict[str, Any]]:
    texts = texts_of(row.text for row in rows)
    with current_book().database.reading() as connection:
        captured = funds.captured_cents(connection, [row.fund for row in rows])
    return [
        {
            "fund": row.fund,
            "entry": row.since,
            "organisation": row.organisation,
            "cents": row.cents,
            "committed_cents": row.committed,
            "captured_cents": captured.get(row.fund, 0),
            "left_cents": row.cents - row.committed,
            "merchants": row.merchants.split("+"),
            "text": texts.get(row.text, {}),
        }
        for row in rows
    ]
