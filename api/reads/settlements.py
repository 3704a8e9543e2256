"""Settlements and claims: what a merchant is owed, was settled for and owes back (design §6).

A merchant sees its own, an auditor says why; nobody here learns who held a voucher. Each list can
be taken away as CSV, XLSX or PDF.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields
from sqlalchemy import Connection

from api.caller import current_caller
from api.current import current_book
from api.papers import FORMATS, Adjustment, Balances, Line, Paper
from api.problems import Problem
from api.reads.asking import (
    PageFromEitherEnd,
    acts_for,
    log_look,
    not_there,
    page,
    page_of,
    reading,
    texts_of,
)
from api.reads.shop import clerk_names, notes_of
from api.schemas import Choice, Id, Moment, Strict, Typed, Whole
from api.spans import PERIOD, span_of
from ledger.account import POINT, TIME
from ledger.book import Book, Caller
from ledger.decide.settlement import captured_amount, refundable_until, settles_at
from ledger.door.settlement import totals
from ledger.policy.words import VOID_GROUNDS
from ledger.rows import Redemption, Settlement
from ledger.store import claims, journal, queries

CLAIMS_MAX: Final = 10_000
"""More lines than a person reads: whoever has more asks for shorter periods."""
_ROLES: Final = ("operator", "merchant", "auditor")
_TAG: Final = "settlements"
_UNITS: Final = {POINT: "hundredths", TIME: "minutes"}


class PageOfSettlements(PageFromEitherEnd):
    """Whose settlements."""

    merchant = Id()


class SettlementSchema(Schema):
    """Claims that were closed together, and refunds that were taken off."""

    settlement = Id(required=True)
    entry = Whole(required=True)
    merchant = Id(required=True)
    branch = fields.String(required=True, metadata={"description": "empty: all branches"})
    starts = Moment(metadata={"description": "left out where no beginning was stated"})
    ends = Moment()
    closed = Moment(required=True)
    lines = Whole(required=True, least=0)
    refunds = Whole(required=True, least=0)
    points_hundredths = Whole(required=True, least=0, metadata={"description": "of the claims"})
    minutes = Whole(required=True, least=0)
    refunded_points_hundredths = Whole(required=True, least=0)
    refunded_minutes = Whole(required=True, least=0)
    payable_points_hundredths = fields.Integer(
        required=True, metadata={"description": "below zero where more was refunded"}
    )
    payable_minutes = fields.Integer(required=True)
    digest = fields.String(
        required=True, metadata={"description": "SHA-256 of the statement; docs/format.md §12"}
    )


class ClaimSchema(Schema):
    """One capture, and what became of it."""

    entry = Whole(required=True)
    redemption = Id(required=True)
    captured = Moment(required=True)
    state = Choice(*claims.CLAIMS, required=True)
    item = fields.String(required=True)
    quantity = Whole(required=True)
    amount_hundredths = Whole()
    amount_minutes = Whole()
    branch = Id(required=True)
    branch_name = fields.String(required=True)
    terminal = Id(required=True)
    clerk = fields.String(required=True, metadata={"description": "empty: nobody in particular"})
    clerk_name = fields.String(metadata={"description": "to the merchant alone"})
    note = fields.String(metadata={"description": "to the merchant alone: noted last"})
    flag = fields.String(required=True)
    settles_at = Moment(metadata={"description": "from when a settlement may close it"})
    refundable_until = Moment(metadata={"description": "once it is settled"})
    settlement = fields.String(required=True)
    refund_entry = Whole()


class RefundSchema(Schema):
    """A refund after settlement that this settlement takes off."""

    entry = Whole(required=True)
    redemption = Id(required=True)
    settlement = Id(required=True, metadata={"description": "which had settled it"})
    amount_hundredths = Whole()
    amount_minutes = Whole()
    ground = Choice(*VOID_GROUNDS, required=True)


class StatedSettlementSchema(SettlementSchema):
    """A settlement with its lines."""

    claims = fields.List(fields.Nested(ClaimSchema), required=True)
    taken_off = fields.List(fields.Nested(RefundSchema), required=True)


class TotalsSchema(Schema):
    """One asset's accounts of a merchant, in its unit."""

    unclaimed = Whole(required=True, least=0, metadata={"description": "reserved, not captured"})
    claimed = Whole(required=True, least=0, metadata={"description": "captured, not settled"})
    settled = Whole(required=True, least=0)
    clawed_back = Whole(
        required=True,
        least=0,
        metadata={"description": "refunded after settlement, not taken off yet"},
    )


class BalancesSchema(Schema):
    """What stands on a merchant's accounts at one moment."""

    merchant = Id(required=True)
    points_hundredths = fields.Nested(TotalsSchema, required=True)
    minutes = fields.Nested(TotalsSchema, required=True)


class FormatQuery(Strict):
    """As what."""

    format = Choice("json", *FORMATS, load_default="json")


class ClaimsQuery(FormatQuery):
    """Which claims: those captured in a period, by default all."""

    period = Typed(most=32, metadata=dict(PERIOD))
    starts = Moment()
    ends = Moment()
    branch = Id()
    clerk = Id()
    state = Choice(*claims.CLAIMS)


class ClaimsSchema(Schema):
    """What was captured in a period, in the order of capture."""

    claims = fields.List(fields.Nested(ClaimSchema), required=True)
    count = Whole(required=True, least=0)
    points_hundredths = Whole(required=True, least=0, metadata={"description": "not voided"})
    minutes = Whole(required=True, least=0)


@reading(
    "/settlements",
    "list_settlements",
    answer=page_of(SettlementSchema, "SettlementPage"),
    query=PageOfSettlements,
    roles=_ROLES,
    scope="settlements:read",
    tag=_TAG,
    auditors_say_why=True,
)
def list_settlements(query: Mapping[str, Any]) -> dict[str, Any]:
    """Settlements; a merchant's own, for a till's token its branch's, for a clerk's none."""
    caller = current_caller()
    merchant = caller.id if caller.role == "merchant" else query.get("merchant")
    if caller.clerk:
        return page([], has_more=False)
    with current_book().database.reading() as connection:
        rows, more = claims.settlements_page(
            connection,
            after=query["starting_after"],
            limit=query["limit"],
            merchant=merchant,
            branch=caller.branch.partition(":")[2] if caller.terminal else None,
            newest_first="newest_first" in query,
        )
    log_look(caller, *(f"settlements/{row.settlement}" for row in rows))
    return page([_settlement(row) for row in rows], more)


@reading(
    "/settlements/<id:settlement>",
    "get_settlement",
    answer=StatedSettlementSchema,
    query=FormatQuery,
    roles=_ROLES,
    scope="settlements:read",
    refusals=("not_found", "printing_not_installed"),
    tag=_TAG,
    auditors_say_why=True,
)
def get_settlement(query: Mapping[str, Any], settlement: str) -> Any:
    """One settlement with its lines; `format` takes it away as a file."""
    book, caller = current_book(), current_caller()
    with book.database.snapshot() as connection:
        row = claims.settlement(connection, settlement)
        if row is None or not _is_theirs(caller, row):
            raise not_there()
        lines = claims.lines_of(connection, settlement)
        refunds = claims.taken_off_by(connection, settlement)
        size = journal.count(connection)
        grounds = grounds_of(connection, refunds)
    log_look(caller, f"settlements/{settlement}")
    if query["format"] != "json":
        return _file(query["format"], _paper(book, caller, row, lines, refunds, grounds, size))
    return {
        **_settlement(row),
        "claims": claims_shown(book, caller, lines),
        "taken_off": refunds_shown(refunds, grounds),
    }


@reading(
    "/merchants/<id:merchant>/claims",
    "list_claims",
    answer=ClaimsSchema,
    query=ClaimsQuery,
    roles=_ROLES,
    scope="settlements:read",
    refusals=("not_found", "bad_period", "too_many_lines", "printing_not_installed", "bad_time"),
    tag=_TAG,
    auditors_say_why=True,
)
def list_claims(query: Mapping[str, Any], merchant: str) -> Any:
    """What was captured on a day, in a week, month, quarter or between any dates, whether it is
    settled or not; `format` takes it away as a file."""
    book, caller = current_book(), current_caller()
    refuse_unless_theirs(merchant, whole=False)
    branch, clerk = query.get("branch", ""), query.get("clerk", "")
    if caller.terminal:
        # Own lines only: a clerk's what that clerk took, any other till's what its branch took.
        branch = caller.branch.partition(":")[2] if not caller.clerk else branch
        clerk = caller.clerk or clerk
    starts, ends = span_of(query, book)
    ends = ends or book.clock.now_ms() + 1
    states = (query["state"],) if "state" in query else claims.CLAIMS
    with book.database.snapshot() as connection:
        lines = claims.claims_between(
            connection,
            merchant,
            branch=branch,
            clerk=clerk,
            starts=starts,
            ends=ends,
            states=states,
            limit=CLAIMS_MAX + 1,
        )
        size = journal.count(connection)
    if len(lines) > CLAIMS_MAX:
        raise Problem("too_many_lines", f"there are more than {CLAIMS_MAX}; ask for a shorter time")
    log_look(caller, f"merchants/{merchant}/claims")
    if query["format"] != "json":
        # A report begins with its first line where no beginning was asked for.
        starts = starts or min([one.captured for one in lines], default=ends - 1)
        return _file(
            query["format"],
            _report(book, caller, merchant, lines, size, starts, ends, branch),
        )
    taken = [one for one in lines if one.state != "voided"]
    return {
        "claims": claims_shown(book, caller, lines),
        "count": len(taken),
        **{
            name: sum(captured_amount(one) for one in taken if one.asset == asset)
            for name, asset in (("points_hundredths", POINT), ("minutes", TIME))
        },
    }


@reading(
    "/merchants/<id:merchant>/balances",
    "get_merchant_balances",
    answer=BalancesSchema,
    roles=_ROLES,
    scope="settlements:read",
    refusals=("not_found",),
    tag=_TAG,
    auditors_say_why=True,
)
def get_merchant_balances(merchant: str) -> dict[str, Any]:
    """What is unclaimed, claimed, settled and clawed back, of one moment."""
    refuse_unless_theirs(merchant)
    log_look(current_caller(), f"merchants/{merchant}/balances")
    found = totals(current_book(), merchant)
    return {"merchant": merchant, "points_hundredths": found[POINT], "minutes": found[TIME]}


def refuse_unless_theirs(merchant: str, *, whole: bool = True) -> None:
    """An address of another merchant is not there; nor is, `whole`, what a shop comes to for who
    sees only the own lines of a till or a clerk."""
    caller, address = current_caller(), f"merchant:{merchant}"
    with current_book().database.reading() as connection:
        known = queries.party(connection, address) is not None
    if not known or not acts_for(caller, address) or (whole and caller.terminal):
        raise not_there()


def _is_theirs(caller: Caller, row: Settlement) -> bool:
    """Whether somebody may see a settlement: a till's token that of its own branch, a clerk's none,
    for a clerk sees only their own lines."""
    if not acts_for(caller, f"merchant:{row.merchant}") or caller.clerk:
        return False
    return not caller.terminal or caller.branch == f"branch:{row.branch}"


def _settlement(row: Settlement) -> dict[str, Any]:
    return {
        "settlement": row.settlement,
        "entry": row.since,
        "merchant": row.merchant,
        "branch": row.branch,
        **({"starts": row.starts} if row.starts else {}),
        **({"ends": row.ends} if row.ends else {}),
        "closed": row.closed,
        "lines": row.lines,
        "refunds": row.refunds,
        "points_hundredths": row.points,
        "minutes": row.minutes,
        "refunded_points_hundredths": row.refunded_points,
        "refunded_minutes": row.refunded_minutes,
        "payable_points_hundredths": row.points - row.refunded_points,
        "payable_minutes": row.minutes - row.refunded_minutes,
        "digest": row.digest,
    }


def grounds_of(connection: Connection, refunds: Sequence[Redemption]) -> dict[int, str]:
    """By the entry of a refund, why."""
    entries = journal.read_entries(connection, [one.refunded for one in refunds])
    return {each.index: str(each.facts["ground"]) for each in entries}


def refunds_shown(
    refunds: Sequence[Redemption], grounds: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Refunds that a settlement takes off, times in ms; `grounds` by their entries."""
    return [
        {
            "entry": one.refunded,
            "redemption": one.redemption,
            "settlement": one.settlement,
            f"amount_{_UNITS[one.asset]}": captured_amount(one),
            "ground": grounds[one.refunded],
        }
        for one in refunds
    ]


def claims_shown(book: Book, caller: Caller, rows: Sequence[Redemption]) -> list[dict[str, Any]]:
    """These claims as this caller may see them, times in ms."""
    items, names = _items(book, rows), _names(book, rows)
    clerks, notes = _said_of(book, caller, rows)
    with book.database.reading() as connection:
        standing = book.standing_in(connection)
        standing.prefetch({"parties": [f"volunteer:{row.volunteer}" for row in rows]})
        return [
            {
                "entry": row.captured_entry,
                "redemption": row.redemption,
                "captured": row.captured,
                "state": row.state,
                "item": items[row.reward],
                "quantity": row.captured_quantity,
                f"amount_{_UNITS[row.asset]}": captured_amount(row),
                "branch": row.branch,
                "branch_name": names.get(row.branch, ""),
                "terminal": row.terminal,
                "clerk": row.clerk,
                **({"clerk_name": clerks[row.clerk]} if row.clerk in clerks else {}),
                **({"note": notes[row.redemption]} if row.redemption in notes else {}),
                "flag": row.flag,
                "settlement": row.settlement,
                **({"settles_at": settles_at(row, standing)} if row.state == "captured" else {}),
                **(
                    {"refundable_until": refundable_until(row, standing)}
                    if row.state in ("captured", "settled")
                    else {}
                ),
                **({"refund_entry": row.refunded} if row.refunded else {}),
            }
            for row in rows
        ]


def _items(book: Book, rows: Sequence[Redemption]) -> dict[str, str]:
    """Titles by reward."""
    with book.database.reading() as connection:
        rewards = {one: queries.reward(connection, one) for one in {row.reward for row in rows}}
    texts = texts_of(reward.text for reward in rewards.values() if reward)
    return {
        one: texts.get(reward.text, {}).get("title", "") if reward else ""
        for one, reward in rewards.items()
    }


def _names(book: Book, rows: Sequence[Redemption]) -> dict[str, str]:
    return book.vault.place_names(sorted({row.branch for row in rows if row.branch}))


def _paper(
    book: Book,
    caller: Caller,
    row: Settlement,
    lines: Sequence[Redemption],
    refunds: Sequence[Redemption],
    grounds: Mapping[int, str],
    size: int,
) -> Paper:
    """A settlement as it is printed: what its entry states, or nothing."""
    first = min([line.captured for line in lines], default=row.closed - 1)
    starts, ends = row.starts or first, row.ends or row.closed
    if not row.digest:
        # It was closed without a statement, so there is none to print.
        return _report(book, caller, row.merchant, lines, size, starts, ends, row.branch)
    times = _times_of(book, refunds)
    paper = Paper(
        **_whose(book, row.merchant, row.branch),
        size=size,
        since=starts,
        until=ends,
        made=row.closed,
        closed=row.closed,
        settlement=row.settlement,
        entry=row.since,
        digest=row.digest,
        lines=_lines(book, caller, lines),
        adjustments=tuple(
            Adjustment(
                entry=one.refunded,
                time=times[one.refunded],
                redemption=one.redemption,
                settlement=one.settlement,
                asset=one.asset,
                amount=captured_amount(one),
                ground=grounds[one.refunded],
            )
            for one in refunds
        ),
    )
    paper.refuse_other_sums(lines=row.lines, points=row.points, minutes=row.minutes)
    return paper


def _report(
    book: Book,
    caller: Caller,
    merchant: str,
    lines: Sequence[Redemption],
    size: int,
    starts: int,
    ends: int,
    branch: str,
) -> Paper:
    """What was captured in a period, beside what stands on the accounts now."""
    return Paper(
        **_whose(book, merchant, branch),
        size=size,
        since=starts,
        until=ends,
        made=book.clock.now_ms(),
        lines=_lines(book, caller, lines),
        balances=tuple(
            Balances(
                asset=asset,
                unclaimed=found["unclaimed"],
                claims=found["claimed"],
                settled=found["settled"],
                clawed_back=-found["clawed_back"],
            )
            for asset, found in totals(book, merchant).items()
        ),
    )


def _whose(book: Book, merchant: str, branch: str) -> dict[str, Any]:
    named = book.vault.place_names([one for one in (merchant, branch) if one])
    return {
        "origin": book.origin,
        "merchant": merchant,
        "merchant_name": named.get(merchant, ""),
        "branch": branch,
        "branch_name": named.get(branch, ""),
    }


def _lines(book: Book, caller: Caller, rows: Sequence[Redemption]) -> tuple[Line, ...]:
    items, names = _items(book, rows), _names(book, rows)
    clerks, notes = _said_of(book, caller, rows)
    return tuple(
        Line(
            entry=row.captured_entry,
            captured=row.captured,
            redemption=row.redemption,
            item=items[row.reward],
            quantity=row.captured_quantity,
            asset=row.asset,
            amount=captured_amount(row),
            branch=row.branch,
            branch_name=names.get(row.branch, ""),
            terminal=row.terminal,
            clerk=row.clerk,
            clerk_name=clerks.get(row.clerk, ""),
            note=notes.get(row.redemption, ""),
            state=row.state,
            flag=row.flag,
        )
        for row in rows
    )


def _said_of(
    book: Book, caller: Caller, rows: Sequence[Redemption]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Names of clerks and what was noted last of each redemption: for the merchant alone."""
    if caller.role != "merchant":
        return {}, {}
    clerks = clerk_names(book, caller, [row.clerk for row in rows])
    return clerks, notes_of(book, [row.redemption for row in rows])


def _times_of(book: Book, refunds: Sequence[Redemption]) -> dict[int, int]:
    with book.database.reading() as connection:
        entries = journal.read_entries(connection, [row.refunded for row in refunds])
    return {entry.index: entry.time for entry in entries}


def _file(name: str, paper: Paper) -> Response:
    form = FORMATS[name]
    answer = Response(form.render(paper), content_type=form.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{form.file_name}"'
    return answer
