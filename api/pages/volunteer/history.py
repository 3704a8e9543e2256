"""A volunteer's history: every entry about them, newest first; what one of them says, its receipt,
and how to check it without us."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from flask import Response, g, request

from api.current import current_book
from api.pages import words
from api.pages.calling import may, read
from api.pages.guard import for_roles, page, pages
from api.reads.entries import get_entry, get_receipt
from api.reads.helping import list_helpers
from api.reads.history import THINGS, get_history_entry, list_history
from ledger.errors import Refused
from ledger.standing import china_time

LINES_SHOWN: Final = 40
YEARS_MAX: Final = 12
LEADS: Final = (
    ("redemption", "me.entry.voucher", "/me/vouchers"),
    ("record", "me.entry.record", "/me/records"),
    ("order", "me.entry.order", "/me/orders"),
    ("objection", "me.entry.objection", "/me/objections"),
)
"""(fact of an entry, key of its word, where a page about that is)."""
NOT_YET: Final = frozenset({"not_yet_covered", "no_checkpoint"})


@pages.get("/me/history")
@for_roles("volunteer")
def history() -> Response:
    """Every entry about me, by month; of one kind of thing, of one year, as asked."""
    about, year = request.args.get("about", ""), request.args.get("year", "")
    after = request.args.get("after", "")
    volunteer = g.caller.id
    found = read(
        list_history,
        {
            "newest_first": "yes",
            "limit": str(LINES_SHOWN),
            "starting_after": after,
            "about": about,
            "year": year,
        },
        volunteer=volunteer,
    )
    return page(
        "volunteer/history",
        months=_by_month(found["data"]),
        more=found["data"][-1]["entry"] if found["has_more"] else None,
        about=about,
        year=year,
        after=after,
        things=THINGS,
        years=_years(volunteer),
    )


def _by_month(lines: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Lines that stand together, below the name of their month."""
    months = groupby(lines, key=lambda line: words.month(line["time"], g.lang))
    return [(month, list(those)) for month, those in months]


def _years(volunteer: str) -> list[str]:
    """The years of which there are entries, the newest first."""
    first = read(list_history, {"limit": "1"}, volunteer=volunteer)["data"]
    if not first:
        return []
    this = china_time(current_book().clock.now_ms()).year
    begun = max(china_time(first[0]["time"]).year, this - YEARS_MAX + 1)
    return [str(each) for each in range(this, begun - 1, -1)]


@pages.get("/me/entries/<int:index>")
@for_roles("volunteer")
def own_entry(index: int) -> Response:
    """What one entry says, in words and to the byte; its receipt; and how to check it."""
    line = read(get_history_entry, volunteer=g.caller.id, index=index)
    kept = read(get_entry, index=index)
    facts = json.loads(kept["data"])
    return page(
        "volunteer/entry",
        line=line,
        kept=kept,
        facts=facts["facts"],
        policy=facts["policy"],
        by=_by_whom(facts["actor"]),
        helper=_helper(facts),
        leads=[
            (key, f"{below}/{facts['facts'][fact]}")
            for fact, key, below in LEADS
            if facts["facts"].get(fact)
        ],
        said=_said(line),
        reasons=[each for each in line["cause"].get("reasons", "").split("+") if each],
        receipt=_receipt(index),
        octets=len(kept["data"].encode()),
    )


@pages.get("/me/entries/<int:index>/receipt")
@for_roles("volunteer")
def own_receipt(index: int) -> Response:
    """The receipt as a file, for whoever is to check it."""
    found = read(get_receipt, index=index)
    answer = Response(json.dumps(found), content_type="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=receipt-{index}.json"
    return answer


@pages.get("/me/entries/<int:index>/bytes")
@for_roles("volunteer")
def own_bytes(index: int) -> Response:
    """The entry's bytes as they were hashed, as a file."""
    answer = Response(read(get_entry, index=index)["data"], content_type="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=entry-{index}.json"
    return answer


def _receipt(index: int) -> Mapping[str, Any] | None:
    """The receipt, with how many entries its checkpoint covers; None as long as none does."""
    try:
        found: dict[str, Any] = read(get_receipt, index=index)
    except Refused as no:
        if no.code not in NOT_YET:
            raise
        return None
    _, _, checkpoint = found["proof"].partition("\n\n")
    origin, size, _ = checkpoint.split("\n", 2)
    return {**found, "origin": origin, "size": int(size)}


def _by_whom(actor: str) -> str:
    """Who asked for an entry, as its volunteer may know: the role, or `me`."""
    if actor == g.caller.party:
        return "me"
    role = actor.partition(":")[0]
    return role if f"me.by.{role}" in words.WORDS else "ledger"


def _helper(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Who acted for me when this was written, if somebody did: a credential was lent to them."""
    if entry["actor"] != g.caller.party or not may(list_helpers):
        return None
    helpers = read(list_helpers, volunteer=g.caller.id)["data"]
    return next((each for each in helpers if each["credential"] == entry["auth"]), None)


def _said(line: Mapping[str, Any]) -> str:
    """What happened, in a sentence; "" where its name says it."""
    kind, outcome = line["kind"], line["cause"].get("outcome", "")
    for key in (f"{kind}_{outcome}", kind):
        if f"me.said.{key}" in words.WORDS:
            return words.say(f"me.said.{key}", g.lang)
    return ""


@pages.app_template_filter("happened")
def happened(line: Mapping[str, Any]) -> str:
    """Which key below `me.kind.` says what an entry was, of a service record by what became of it;
    "" where `kind.` and its kind do."""
    kind, outcome = line["kind"], line["cause"].get("outcome", "")
    return next((key for key in (f"{kind}_{outcome}", kind) if f"me.kind.{key}" in words.WORDS), "")
