"""Reading the journal itself: entries as they were hashed, receipts, and the auditor's bundle.

Auditors and operators see every entry; auditors say why each time. Anybody else sees an entry they
asked for, or that is about them; a merchant none that names a volunteer or a card, and at a till
none of what others took.
"""

from __future__ import annotations

import tempfile
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any, Final

from flask import Response, request
from marshmallow import Schema, fields
from sqlalchemy import Connection

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    CURSOR_MAX,
    PAGE_MAX,
    REASON_PARAMETER,
    Page,
    acts_for,
    log_look,
    log_reason,
    not_there,
    page,
    page_of,
    reading,
    reads,
    stated_reason,
)
from api.schemas import Choice, Day, Moment, Owner, Whole
from ledger.book import Caller
from ledger.door.vouchers import is_own_line
from ledger.entry import KINDS, Entry
from ledger.errors import Refused
from ledger.export import export_bundle
from ledger.store import journal, queries, searching
from ledger.store.searching import Wanted

TEXT: Final = "text/plain"
JSON: Final = "application/json"
PIECE_BYTES: Final = 65_536
LOOKS_MAX: Final = 20
"""How often one request looks for more to fill its page, once there is something on it."""


class EntrySchema(Schema):
    """An entry: the exact bytes that were hashed, as text."""

    entry = Whole(required=True, least=0)
    time = Moment(required=True)
    kind = fields.String(required=True)
    hash = fields.String(
        required=True, metadata={"description": "SHA-256(0x00 ‖ bytes), hex: the RFC 6962 leaf"}
    )
    data = fields.String(
        required=True, metadata={"description": "the entry's bytes (docs/format.md §2), UTF-8"}
    )


class ReceiptSchema(Schema):
    """An entry's exact bytes and the proof that a signed checkpoint covers them."""

    entry = Whole(required=True, least=0)
    data = fields.String(required=True, metadata={"description": "the entry's bytes in base64"})
    proof = fields.String(
        required=True, metadata={"description": "c2sp.org/tlog-proof@v1 (docs/format.md §8)"}
    )
    key = fields.String(
        required=True,
        metadata={
            "description": "VKEY that the checkpoint is signed with; who checks has it from"
            " elsewhere as well"
        },
    )


class WhichEntries(Page):
    """Which entries. Each of these holds beside the others."""

    kind = Choice(*KINDS)
    owner = Owner(metadata={"description": "only those about whose accounts these are"})
    first_day = Day(metadata={"description": "written on that local day or later"})
    last_day = Day(metadata={"description": "written on that local day or earlier"})


@reading(
    "/entries",
    "list_entries",
    answer=page_of(EntrySchema, "EntryPage"),
    query=WhichEntries,
    refusals=("bad_time",),
    scope="entries:read",
    tag="entries",
    auditors_say_why=True,
)
def list_entries(query: Mapping[str, Any]) -> dict[str, Any]:
    """Entries in order: all of them for auditors and operators, else those about the caller.

    A page may hold fewer than `limit` even when more follow, but never nothing. An auditor says
    why in a `Reason` header; an operator need not: they see the book by duty, and answer for it
    by access control. `first_day` and `last_day` are days of the policy's own time zone.
    """
    caller = current_caller()
    after, limit = query["starting_after"], query["limit"]
    with current_book().database.reading() as connection:
        wanted = _wanted(connection, query)
        if _sees_all(caller):
            entries, more = searching.entries_that_fit(connection, wanted, after=after, limit=limit)
        else:
            entries, more = _page_about(caller, connection, wanted, after=after, limit=limit)
    log_look(caller, *(f"entries/{entry.index}" for entry in entries))
    return page([shown(entry) for entry in entries], more)


def _wanted(connection: Connection, query: Mapping[str, Any]) -> Wanted:
    """What the filters of a query come to."""
    first_day, last_day = query.get("first_day"), query.get("last_day")
    policy = current_book().policy()
    first, end = 0, None
    if first_day:
        at = policy.first_instant(date.fromisoformat(first_day))
        first = searching.index_from(connection, at)
    if last_day:
        at = policy.first_instant(date.fromisoformat(last_day) + timedelta(days=1))
        end = searching.index_from(connection, at)
    return Wanted(kind=query.get("kind", ""), owner=query.get("owner", ""), first=first, end=end)


def _page_about(
    caller: Caller, connection: Connection, wanted: Wanted, *, after: int, limit: int
) -> tuple[list[Entry], bool]:
    """Entries about the caller that they may see, and whether to ask for more.

    The cursor is the last item of a page, so a page of hidden entries alone could never be left:
    this reads on until it has an item, and for `LOOKS_MAX` looks until the page is full.
    """
    seen: list[Entry] = []
    looks, step = 0, limit + 1
    while True:
        indexes = queries.mentions(connection, caller.party, after=after, limit=step)
        found = journal.read_entries(connection, indexes)
        seen += [
            entry
            for entry in found
            if _fits(connection, wanted, entry) and not _is_hidden(caller, entry)
        ]
        if len(seen) > limit:
            return seen[:limit], True
        if len(indexes) < step:
            return seen, False
        looks += 1
        if seen and looks >= LOOKS_MAX:
            return seen, True
        after, step = indexes[-1], PAGE_MAX


def _fits(connection: Connection, wanted: Wanted, entry: Entry) -> bool:
    """Whether an entry that the caller may see is one of those asked for."""
    return (
        wanted.kind in ("", entry.kind)
        and entry.index >= wanted.first
        and (wanted.end is None or entry.index < wanted.end)
        and (not wanted.owner or queries.is_mentioned(connection, wanted.owner, entry.index))
    )


@reading(
    "/entries/<int:index>",
    "get_entry",
    answer=EntrySchema,
    scope="entries:read",
    refusals=("not_found",),
    tag="entries",
    auditors_say_why=True,
)
def get_entry(index: int) -> dict[str, Any]:
    """One entry as it was hashed.

    An auditor says why in a `Reason` header; an operator need not, as for the list.
    """
    caller = current_caller()
    entry = visible_entry(index, caller)
    log_look(caller, f"entries/{index}")
    return shown(entry)


@reading(
    "/entries/<int:index>/receipt",
    "get_receipt",
    answer=ReceiptSchema,
    scope="entries:read",
    refusals=("not_found", "not_yet_covered", "no_checkpoint", "not_acceptable"),
    tag="entries",
    auditors_say_why=True,
    also=reads.alt_response(
        200,
        schema={"type": "string"},
        content_type=TEXT,
        description="Receipt; as text/plain the bare tlog-proof",
    ),
)
def get_receipt(index: int) -> dict[str, Any] | Response:
    """Proof that a signed checkpoint covers an entry.

    `409 not_yet_covered` with Retry-After until the next checkpoint. It holds the entry's bytes,
    so an auditor says why in a `Reason` header; an operator need not.
    """
    caller = current_caller()
    visible_entry(index, caller)
    receipt = current_book().receipt(index)
    log_look(caller, f"entries/{index}")
    proof = receipt.proof.decode()
    if request.accept_mimetypes.best_match([JSON, TEXT], default=JSON) == TEXT:
        return Response(proof, content_type=f"{TEXT}; charset=utf-8")
    return {
        "entry": index,
        "data": b64encode(receipt.data).decode(),
        "proof": proof,
        "key": current_book().keys.log.vkey,
    }


@reading(
    "/exports/bundle",
    "get_bundle",
    answer=None,
    roles=("auditor",),
    scope="exports:read",
    refusals=("reason_missing", "bad_reason", "no_checkpoint", "entries_differ"),
    tag="entries",
    also=lambda view: reads.doc(parameters=[REASON_PARAMETER])(
        reads.response(
            200,
            {"type": "string", "format": "binary"},
            content_type="application/zip",
            description="checkpoint, entries.jsonl, balances.jsonl and manifest.json",
        )(view)
    ),
)
def get_bundle() -> Response:
    """The whole bundle of the newest checkpoint, for `python -m audit` (docs/format.md §7)."""
    reason = stated_reason()
    log_reason(current_caller(), ["bundle"], reason)
    # Unlinked at once: what is left when this process dies is nothing.
    packed = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the answer is
    try:
        _pack_bundle(packed)
    except BaseException:
        packed.close()
        raise
    answer = Response(_pieces(packed), content_type="application/zip")
    answer.call_on_close(packed.close)
    answer.content_length = packed.tell()
    packed.seek(0)
    answer.headers["Content-Disposition"] = "attachment; filename=bundle.zip"
    return answer


def _pack_bundle(packed: IO[bytes]) -> None:
    book = current_book()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "bundle"
        export_bundle(book, folder, at=book.clock.now_ms())
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for file in sorted(folder.iterdir()):
                archive.write(file, f"bundle/{file.name}")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def visible_entry(index: int, caller: Caller) -> Entry:
    """An entry that the caller may see; else the problem of an unknown one."""
    if index > CURSOR_MAX:
        raise not_there()
    try:
        entry = current_book().entry(index)
    except Refused as refused:
        if refused.code != "unknown_entry":
            raise
        raise not_there() from None
    if not _concerns(caller, entry) or _is_hidden(caller, entry):
        raise not_there()
    return entry


def _sees_all(caller: Caller) -> bool:
    return caller.role in ("operator", "auditor")


def _concerns(caller: Caller, entry: Entry) -> bool:
    """Whether the caller asked for this entry, it is about them, or it is their organisation's."""
    if _sees_all(caller) or entry.actor == caller.party:
        return True
    organisation = entry.facts.get("organisation")
    if (
        organisation
        and caller.role in ("organisation", "reviewer")
        and acts_for(caller, f"organisation:{organisation}")
    ):
        return True
    with current_book().database.reading() as connection:
        return queries.is_mentioned(connection, caller.party, entry.index)


def _is_hidden(caller: Caller, entry: Entry) -> bool:
    return _hides_from(caller, entry) or not _is_own_line(caller, entry)


def _is_own_line(caller: Caller, entry: Entry) -> bool:
    """Whether a till's token may see an entry of its merchant: of redemptions a till what its
    branch took, a clerk what they took. A clerk sees nothing else but what is about themselves."""
    if not caller.terminal:
        return True
    if not caller.clerk and entry.facts.get("terminal") == caller.terminal:
        return True
    redemption = entry.facts.get("redemption")
    if redemption:
        with current_book().database.reading() as connection:
            row = queries.redemption(connection, redemption)
        return row is not None and is_own_line(caller, row)
    return not caller.clerk or entry.facts.get("clerk") == caller.clerk


def _hides_from(caller: Caller, entry: Entry) -> bool:
    """Whether a merchant would learn a volunteer's id from it, or that of a card: by it they would
    know the same holder again each time."""
    if caller.role != "merchant":
        return False
    addresses = {entry.actor}
    for posting in entry.postings:
        addresses |= {posting.source, posting.destination}
    return (
        "volunteer" in entry.facts
        or bool(entry.facts.get("card"))
        or any(each.startswith("volunteer:") for each in addresses)
    )


def shown(entry: Entry) -> dict[str, Any]:
    """An entry as every list of them shows it."""
    return {
        "entry": entry.index,
        "time": entry.time,
        "kind": entry.kind,
        "hash": entry.hash.hex(),
        "data": entry.data.decode(),
    }
