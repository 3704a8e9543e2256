"""Reading what tills took without a network: signed vouchers, sessions, conflicts.

A conflict is listed for both sides: the merchant whose till it was, and the holder whose voucher it
was. Operators and auditors see all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import Page, PageFromEitherEnd, log_look, not_there, page, page_of, reading
from api.schemas import Choice, Id, Moment, Whole
from api.writes.offline import shown_conflict, shown_session, signed_voucher
from ledger.rows import OfflineSession
from ledger.store import offline

_TAG: Final = "offline"
MISSING_SHOWN: Final = 100


class SignedVoucherSchema(Schema):
    """What to show where there is no network."""

    voucher = fields.String(required=True, metadata={"description": "the note that a till reads"})
    redemption = Id(required=True)
    branch = Id(required=True)
    item = fields.String(required=True)
    quantity = Whole(required=True)
    capturable_until = fields.String(required=True, metadata={"format": "date-time"})
    upload_by = fields.String(required=True, metadata={"format": "date-time"})


@reading(
    "/redemptions/<id:redemption>/offline",
    "get_signed_voucher",
    answer=SignedVoucherSchema,
    roles=("volunteer",),
    scope="redemptions:read",
    refusals=("unknown_redemption", "voucher_not_signed"),
    tag=_TAG,
)
def get_signed_voucher(redemption: str) -> dict[str, Any]:
    """A voucher that was signed, again."""
    return signed_voucher(current_book(), current_caller().id, redemption)


class OfflineSessionSchema(Schema):
    """A till that takes vouchers without a network."""

    session = Id(required=True)
    entry = Whole(required=True, least=0)
    merchant = Id(required=True)
    branch = Id(required=True)
    terminal = Id(required=True)
    till_key = fields.String(required=True)
    state = Choice("open", "closed", required=True)
    captures = Whole(required=True, metadata={"description": "vouchers that it may take"})
    points_hundredths = Whole(required=True, least=0, metadata={"description": "of what worth"})
    minutes = Whole(required=True, least=0)
    opened = Moment(required=True)
    until = Moment(required=True, metadata={"description": "it takes none from then on"})
    upload_by = Moment(required=True)
    last = Whole(required=True, least=0, metadata={"description": "highest counter uploaded"})
    uploaded = Whole(required=True, least=0)
    uploaded_points_hundredths = Whole(required=True, least=0)
    uploaded_minutes = Whole(required=True, least=0)
    clerk = Id(metadata={"description": "whose session it is, where a clerk opened it"})


class OneOfflineSessionSchema(OfflineSessionSchema):
    """A session, which counters are missing, and what a till needs to judge vouchers."""

    origin = fields.String(required=True)
    voucher_key = fields.String(
        required=True, metadata={"description": "VKEY that vouchers are signed with"}
    )
    now = Moment(required=True, metadata={"description": "the ledger's clock"})

    missing = fields.List(
        fields.Integer(), required=True, metadata={"description": f"the first {MISSING_SHOWN}"}
    )


class ConflictSchema(Schema):
    """What a till took and nothing was captured for."""

    entry = Whole(required=True, least=0)
    time = Moment(required=True)
    session = Id(required=True)
    merchant = Id(required=True)
    branch = Id(required=True)
    terminal = Id(required=True)
    counter = Whole(required=True)
    redemption = Id(metadata={"description": "missing where the voucher is unknown"})
    accepted = Moment(required=True, metadata={"description": "by the till's clock"})
    amount_hundredths = Whole(least=0)
    amount_minutes = Whole(least=0)
    ground = fields.String(required=True)
    bearer = Choice("merchant", "programme", required=True)
    proof = fields.String(required=True, metadata={"description": "digest of the acceptance"})


@reading(
    "/offline",
    "list_offline_sessions",
    answer=page_of(OfflineSessionSchema, "OfflineSessionPage"),
    query=PageFromEitherEnd,
    roles=("operator", "merchant", "auditor"),
    scope="redemptions:read",
    tag=_TAG,
    auditors_say_why=True,
)
def list_offline_sessions(query: Mapping[str, Any]) -> dict[str, Any]:
    """Sessions of tills without a network; a merchant's own."""
    caller = current_caller()
    with current_book().database.reading() as connection:
        rows, more = offline.sessions_page(
            connection,
            after=query["starting_after"],
            limit=query["limit"],
            merchant=caller.id if caller.role == "merchant" else None,
            newest_first="newest_first" in query,
        )
    log_look(caller, *(f"offline/{row.session}" for row in rows))
    return page([shown_session(row) for row in rows], more)


@reading(
    "/offline/<id:session>",
    "get_offline_session",
    answer=OneOfflineSessionSchema,
    roles=("operator", "merchant", "auditor"),
    scope="redemptions:read",
    refusals=("not_found",),
    tag=_TAG,
    auditors_say_why=True,
)
def get_offline_session(session: str) -> dict[str, Any]:
    """One session, and which of the till's counters are still missing."""
    found, book = _session_of_ours(session), current_book()
    with book.database.reading() as connection:
        missing = offline.missing_counters(connection, found, MISSING_SHOWN)
    return shown_session(found) | {
        "missing": missing,
        "origin": book.origin,
        "voucher_key": book.keys.voucher.vkey,
        "now": book.clock.now_ms(),
    }


@reading(
    "/offline/<id:session>/conflicts",
    "list_conflicts_of_session",
    answer=page_of(ConflictSchema, "SessionConflictPage"),
    query=Page,
    roles=("operator", "merchant", "auditor"),
    scope="redemptions:read",
    refusals=("not_found",),
    tag=_TAG,
    auditors_say_why=True,
)
def list_conflicts_of_session(query: Mapping[str, Any], session: str) -> dict[str, Any]:
    """What a till took in one session and nothing was captured for, and who bears it."""
    _session_of_ours(session)
    return _conflicts(query, session=session)


@reading(
    "/offline/conflicts",
    "list_conflicts",
    answer=page_of(ConflictSchema, "ConflictPage"),
    query=Page,
    roles=("operator", "merchant", "volunteer", "auditor"),
    scope="redemptions:read",
    tag=_TAG,
    auditors_say_why=True,
)
def list_conflicts(query: Mapping[str, Any]) -> dict[str, Any]:
    """Conflicts of all tills: a merchant's own, a volunteer's own; operators and auditors see
    all."""
    caller = current_caller()
    own = {caller.role: caller.id} if caller.role in ("merchant", "volunteer") else {}
    return _conflicts(query, **own)


def _session_of_ours(session: str) -> OfflineSession:
    caller = current_caller()
    with current_book().database.reading() as connection:
        found = offline.session(connection, session)
    if found is None or (caller.role == "merchant" and found.merchant != caller.id):
        raise not_there()
    log_look(caller, f"offline/{session}")
    return found


def _conflicts(query: Mapping[str, Any], **whose: str) -> dict[str, Any]:
    with current_book().database.reading() as connection:
        entries, more = offline.conflicts_page(
            connection, after=query["starting_after"], limit=query["limit"], **whose
        )
    log_look(current_caller(), *(f"entries/{entry.index}" for entry in entries))
    return page([shown_conflict(entry) for entry in entries], more)
