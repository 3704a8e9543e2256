"""Who may act for a volunteer, for whom one may act, and what was done so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import PAGE_MAX, Page, acts_for, not_there, page, page_of, reading
from api.reads.entries import EntrySchema, shown
from api.schemas import Choice, Id, Moment, Whole
from ledger.book import Caller
from ledger.door import helping
from ledger.door.helping import Help
from ledger.identity import mask_name
from ledger.store import journal, queries

_TAG: Final = "helpers"
LOOKS_MAX: Final = 20
"""How often one request looks for more to fill its page."""


class HelpSchema(Schema):
    """That somebody may act for a volunteer."""

    credential = Id(required=True, metadata={"description": "the `auth` of what was done so"})
    entry = Whole(required=True, least=0)
    volunteer = Id(required=True)
    helper = fields.String(required=True, metadata={"description": "address"})
    name = fields.String(metadata={"description": "the other's, masked"})
    scopes = fields.List(fields.String(), required=True)
    expires = Moment(required=True)
    state = Choice(
        *("active", "ended", "over", "paused"),
        required=True,
        metadata={"description": "paused while one of the two takes no part"},
    )


class HelpsSchema(Schema):
    """All of them: nobody has so many that they need pages."""

    data = fields.List(fields.Nested(HelpSchema), required=True)


@reading(
    "/volunteers/<id:volunteer>/helpers",
    "list_helpers",
    answer=HelpsSchema,
    roles=("operator", "volunteer"),
    scope="parties:read",
    refusals=("not_found",),
    tag=_TAG,
)
def list_helpers(volunteer: str) -> dict[str, Any]:
    """Who may act for a volunteer, or could before, the newest first."""
    caller, book = current_caller(), current_book()
    if not acts_for(caller, f"volunteer:{volunteer}"):
        raise not_there()
    found = helping.helpers_of(book, volunteer)
    return _said(found, [each.helper for each in found], caller)


@reading(
    "/helping",
    "list_helped",
    answer=HelpsSchema,
    roles=("volunteer", "reviewer"),
    scope="parties:read",
    tag=_TAG,
)
def list_helped() -> dict[str, Any]:
    """For whom the caller may act, or could before, the newest first."""
    caller, book = current_caller(), current_book()
    found = helping.helped_by(book, caller.reader)
    return _said(found, [each.helped for each in found], caller)


@reading(
    "/helpers/<id:credential>/entries",
    "list_entries_of_help",
    answer=page_of(EntrySchema, "HelpEntryPage"),
    query=Page,
    roles=("operator", "volunteer"),
    scope="parties:read",
    refusals=("not_found",),
    tag=_TAG,
)
def list_entries_of_help(query: Mapping[str, Any], credential: str) -> dict[str, Any]:
    """What a helper did for the volunteer. A page may hold fewer than `limit` even when more
    follow."""
    caller, book, limit = current_caller(), current_book(), query["limit"]
    with book.database.reading() as connection:
        row = queries.credential(connection, credential)
        owner = row.party if row is not None else ""
        lent = queries.marks_like(connection, owner, "lent:") if owner else {}
        if row is None or credential not in lent or not acts_for(caller, owner):
            raise not_there()
        after, found = max(query["starting_after"], row.since), []
        for _ in range(LOOKS_MAX):
            indexes = queries.mentions(connection, owner, after=after, limit=PAGE_MAX)
            entries = journal.read_entries(connection, indexes)
            found += [entry for entry in entries if entry.auth == credential]
            if len(indexes) < PAGE_MAX or len(found) > limit:
                break
            after = indexes[-1]
    return page([shown(entry) for entry in found[:limit]], len(found) > limit)


def _said(found: Sequence[Help], others: Sequence[str], caller: Caller) -> dict[str, Any]:
    names = masked_names(others, caller)
    return {
        "data": [
            {
                "credential": each.credential,
                "entry": each.entry,
                "volunteer": each.helped.partition(":")[2],
                "helper": each.helper,
                **({"name": names[other]} if other in names else {}),
                "scopes": list(each.scopes),
                "expires": each.expires,
                "state": each.state,
            }
            for each, other in zip(found, others, strict=True)
        ]
    }


def masked_names(addresses: Sequence[str], caller: Caller) -> Mapping[str, str]:
    """Names of those who help and are helped, masked, by their addresses, where they are known.
    Looking is in the access log of each."""
    book = current_book()
    ids = {address.partition(":")[2]: address for address in addresses}
    if not ids:
        return {}
    kept = book.vault.read_many(
        list(ids), ["name"], by=caller.reader, purpose="helping", at=book.clock.now_ms()
    )
    return {ids[one]: mask_name(each["name"]) for one, each in kept.items() if each.get("name")}
