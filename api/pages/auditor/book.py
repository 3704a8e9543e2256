"""The ledger book: pages of entries with their postings, and what links each to the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from flask import Response, request

from api.current import current_book
from api.pages.auditor.looking import looking
from api.pages.calling import read
from api.pages.guard import page, pages
from api.pages.troubles import Noes, trouble_of
from api.pages.words.kinds import KINDS
from api.reads.entries import list_entries
from api.reads.head import get_head
from ledger.store import journal

A_PAGE: Final = 50
FILTERS: Final = ("kind", "owner", "first_day", "last_day")


@pages.get("/audit/entries")
@looking
def audit_entries() -> Response:
    """A page of the book: its newest one, unless another or something to look for is named."""
    asked = {name: request.args.get(name, "").strip() for name in FILTERS}
    asked = {name: value for name, value in asked.items() if value}
    after, size = request.args.get("after", ""), read(get_head)["size"]
    if not after and not asked:
        after = str(max(-1, size - A_PAGE - 1))
    query = {**asked, "starting_after": after, "limit": str(A_PAGE)}
    found: Mapping[str, Any] = {"data": [], "has_more": False}
    trouble = None
    try:
        found = read(list_entries, query)
    except Noes as no:
        trouble = trouble_of(no)
    rows = [_row(each) for each in found["data"]]
    _link(rows)
    return page(
        "auditor/entries",
        trouble.status if trouble else 200,
        rows=rows,
        asked=asked,
        kinds=KINDS,
        size=size,
        later=_address(asked, rows[-1]["index"]) if found["has_more"] and rows else "",
        earlier=_earlier(asked, rows),
        newest=_address(asked, "") if not asked else "",
        trouble=trouble,
    )


def _row(found: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as a row of the book, read from its bytes."""
    document: dict[str, Any] = orjson.loads(found["data"])
    return {
        "index": found["entry"],
        "time": found["time"],
        "kind": found["kind"],
        "actor": document["actor"],
        "postings": document["postings"],
        "hash": found["hash"],
        "prev": document["prev"],
        "linked": True,
    }


def _link(rows: Sequence[dict[str, Any]]) -> None:
    """Say of each row whether its `prev` is the hash of the bytes before it, hashed now."""
    known = {row["index"]: row["hash"] for row in rows}
    before = [row["index"] - 1 for row in rows if row["index"] and row["index"] - 1 not in known]
    with current_book().database.reading() as connection:
        # Hashed anew from its bytes; nothing else of it is shown.
        known |= {each.index: each.hash.hex() for each in journal.read_entries(connection, before)}
    for row in rows:
        wanted = known.get(row["index"] - 1, "") if row["index"] else "0" * 64
        row["linked"] = row["prev"] == wanted


def _earlier(asked: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Where the page before this one is; "" where there is none, or what was looked for is read
    from its beginning."""
    if asked or not rows or not rows[0]["index"]:
        return ""
    return _address(asked, max(-1, rows[0]["index"] - A_PAGE - 1))


def _address(asked: Mapping[str, str], after: int | str) -> str:
    query = {**asked} if after == "" else {**asked, "after": after}
    return "/audit/entries" + (f"?{urlencode(query)}" if query else "")
