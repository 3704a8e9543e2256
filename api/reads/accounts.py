"""An owner's accounts as an auditor reads them: what is stored, and the same added up from
postings, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import Page, log_look, not_there, page_of, reading
from api.schemas import Moment, Whole, is_owner
from ledger.store import queries, searching
from ledger.store.searching import Accounts, Line


class BalanceSchema(Schema):
    """One account and asset."""

    account = fields.String(required=True)
    asset = fields.String(required=True)
    stored = fields.Integer(required=True, metadata={"description": "what the projection says"})
    replayed = fields.Integer(
        metadata={"description": "what the postings come to; absent where there are too many"}
    )


class LineSchema(Schema):
    """One posting, as the account sees it."""

    entry = Whole(required=True, least=0)
    time = Moment(required=True)
    kind = fields.String(required=True)
    account = fields.String(required=True)
    other = fields.String(required=True, metadata={"description": "the account on the other side"})
    asset = fields.String(required=True)
    amount = fields.Integer(
        required=True, metadata={"description": "above zero: arrived; below: left"}
    )
    balance = fields.Integer(required=True, metadata={"description": "after it, from postings"})


class AccountsSchema(page_of(LineSchema, "LinePage")):  # type: ignore[misc]
    """The accounts, and a page of their lines."""

    owner = fields.String(required=True)
    balances = fields.List(fields.Nested(BalanceSchema), required=True)
    replayed = fields.Boolean(
        required=True,
        metadata={"description": "false: too long a journal to add this account up here"},
    )


@reading(
    "/accounts/<string:owner>",
    "list_account_lines",
    answer=AccountsSchema,
    query=Page,
    roles=("operator", "auditor"),
    scope="entries:read",
    refusals=("not_found",),
    tag="entries",
    auditors_say_why=True,
)
def list_account_lines(query: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Balances of an owner beside what its postings come to, and the lines in order.

    The balance of a line is added up from the first posting on, whatever the tables say. An auditor
    says why in a `Reason` header.
    """
    after, limit = query["starting_after"], query["limit"]
    if not is_owner(owner):
        raise not_there()
    with current_book().database.snapshot() as connection:
        known = queries.party(connection, owner) is not None
        found = searching.accounts_of(connection, owner)
    if not (known or found.stored or found.lines):
        raise not_there()
    lines, more = _page(found, after, limit)
    entries = dict.fromkeys(line.entry for line in lines)
    log_look(current_caller(), f"accounts/{owner}", *(f"entries/{each}" for each in entries))
    return {
        "owner": owner,
        "balances": _balances(found),
        "replayed": found.is_whole,
        "data": [_said(line) for line in lines],
        "has_more": more,
    }


def _page(found: Accounts, after: int, limit: int) -> tuple[list[Line], bool]:
    """Whole entries from behind `after`, at least `limit` lines where there are as many."""
    behind = [line for line in found.lines if line.entry > after]
    if len(behind) <= limit:
        return behind, False
    last = behind[limit - 1].entry
    shown = [line for line in behind if line.entry <= last]
    return shown, len(shown) < len(behind)


def _balances(found: Accounts) -> list[dict[str, Any]]:
    said = []
    for account, asset in sorted({*found.stored, *found.replayed}):
        one: dict[str, Any] = {"account": account, "asset": asset}
        one["stored"] = found.stored.get((account, asset), 0)
        if found.is_whole:
            one["replayed"] = found.replayed.get((account, asset), 0)
        said.append(one)
    return said


def _said(line: Line) -> dict[str, Any]:
    return {
        "entry": line.entry,
        "time": line.time,
        "kind": line.kind,
        "account": line.account,
        "other": line.other,
        "asset": line.asset,
        "amount": line.amount,
        "balance": line.balance,
    }
