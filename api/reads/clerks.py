"""Reading about clerks: who stands at a shop's tills, and what a till took today.

Names are shown to the merchant alone. A till sees itself: where it stands, whose it is, and its
day's count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import not_there, reading
from api.reads.parties import bare
from api.reads.shop import clerk_names
from api.schemas import Id, Moment, Whole
from ledger.account import POINT
from ledger.book import Caller
from ledger.decide.clerks import LIMITED
from ledger.rows import CLERK_DAY, CLERK_LIMITS
from ledger.standing import china_date
from ledger.store import queries
from ledger.store.queries import Taken

_TAG: Final = "clerks"
_UNDONE: Final = frozenset({"voided", "refunded"})


class DaySchema(Schema):
    """Captures of a local day: all that were taken, those voided or refunded since included."""

    captures = Whole(required=True, least=0)
    quantity = Whole(required=True, least=0, metadata={"description": "pieces"})
    points_hundredths = Whole(required=True, least=0)
    minutes = Whole(required=True, least=0)
    undone = Whole(
        required=True, least=0, metadata={"description": "how many of them were voided or refunded"}
    )


class LimitsSchema(Schema):
    """What a clerk may take in a local day; 0 for no limit."""

    captures = Whole(required=True, least=0)
    points_hundredths = Whole(required=True, least=0)
    minutes = Whole(required=True, least=0)


class ClerkSchema(Schema):
    """Somebody who stands at a branch's tills."""

    clerk = Id(required=True)
    entry = Whole(required=True, least=0)
    branch = Id(required=True)
    state = fields.String(required=True)
    name = fields.String(metadata={"description": "to the merchant alone"})
    limits = fields.Nested(LimitsSchema, required=True)
    used = fields.Nested(LimitsSchema, required=True, metadata={"description": "today"})


class ClerksSchema(Schema):
    """A merchant's clerks, in order of registration."""

    data = fields.List(fields.Nested(ClerkSchema), required=True)


class TillSchema(Schema):
    """A till as it sees itself."""

    merchant = Id(required=True)
    branch = Id()
    branch_name = fields.String()
    terminal = Id()
    clerk = fields.String(metadata={"description": "whose token this is, where it is a clerk's"})
    date = fields.Date(required=True)
    resets = Moment(required=True, metadata={"description": "when the next local day begins"})
    today = fields.Nested(
        DaySchema,
        required=True,
        metadata={"description": "of this clerk, else of this till, else of the merchant"},
    )
    branch_today = fields.Nested(
        DaySchema, metadata={"description": "of the whole branch; not to a clerk"}
    )
    limits = fields.Nested(LimitsSchema, metadata={"description": "of this clerk"})
    left = fields.Nested(
        LimitsSchema, metadata={"description": "of each limit that there is; 0 where there is none"}
    )


@reading(
    "/merchants/<id:merchant>/clerks",
    "list_clerks",
    answer=ClerksSchema,
    roles=("operator", "merchant"),
    scope="parties:read",
    refusals=("not_found",),
    tag=_TAG,
)
def list_clerks(merchant: str) -> dict[str, Any]:
    """A merchant's clerks with their limits and what they took today; names for itself alone.

    A clerk's token sees that clerk, a till's without a clerk its branch's.
    """
    caller, book = current_caller(), current_book()
    address = f"merchant:{merchant}"
    if caller.role == "merchant" and caller.party != address:
        raise not_there()
    with book.database.reading() as connection:
        if queries.party(connection, address) is None:
            raise not_there()
        branches = queries.children(connection, "branch", [address])
        clerks = queries.children(connection, "clerk", [each.address for each in branches])
        if caller.clerk:
            clerks = [each for each in clerks if bare(each) == caller.clerk]
        elif caller.terminal:
            clerks = [each for each in clerks if each.parent == caller.branch]
        today = CLERK_DAY + china_date(book.clock.now_ms())
        owners = [each.address for each in clerks]
        marks = queries.marks_of(connection, owners, [CLERK_LIMITS, today])
    names: Mapping[str, str] = {}
    if caller.role == "merchant":
        names = clerk_names(book, caller, [bare(each) for each in clerks])
    return {
        "data": [
            {
                "clerk": bare(each),
                "entry": each.since,
                "branch": each.parent.partition(":")[2],
                "state": each.state,
                **({"name": name} if (name := names.get(bare(each))) else {}),
                "limits": _three(marks.get((each.address, CLERK_LIMITS), "")),
                "used": _three(marks.get((each.address, today), "")),
            }
            for each in clerks
        ]
    }


@reading(
    "/till",
    "get_till",
    answer=TillSchema,
    roles=("merchant",),
    scope="redemptions:read",
    tag=_TAG,
)
def get_till() -> dict[str, Any]:
    """The till of this token, and its day: what it took, and what a clerk may still take.

    To a merchant's token without a till, what all its tills took.
    """
    return till_now(current_caller())


def till_now(caller: Caller) -> dict[str, Any]:
    """The till of this caller and its day, times in ms."""
    book = current_book()
    now = book.clock.now_ms()
    branch = caller.branch.partition(":")[2]
    policy = book.policy()
    today = policy.local_date(now)
    since, resets = policy.first_instant(today), policy.midnight_after(now)
    mine = whose_lines(caller)
    with book.database.reading() as connection:
        taken = queries.taken_between(connection, caller.id, since, resets, **mine)
        whole = (
            queries.taken_between(connection, caller.id, since, resets, branch=branch)
            if branch and not caller.clerk
            else []
        )
        marks = _clerk_marks(connection, caller, now)
    where = {
        "branch": branch,
        "branch_name": book.vault.place_names([branch]).get(branch, ""),
        "terminal": caller.terminal,
    }
    shown: dict[str, Any] = {
        "merchant": caller.id,
        **{name: text for name, text in where.items() if text},
        "date": today,
        "resets": resets,
        "today": _day(taken),
    }
    if not caller.clerk:
        return shown | ({"branch_today": _day(whole)} if branch else {})
    limits, used = (_three(each) for each in marks)
    left = {name: max(0, most - used[name]) if most else 0 for name, most in limits.items()}
    return shown | {"clerk": caller.clerk, "limits": limits, "left": left}


def whose_lines(caller: Caller) -> dict[str, str]:
    """Whose captures a till's day is: its clerk's, else its own, else all of the merchant's."""
    if caller.clerk:
        return {"clerk": caller.clerk}
    return {"terminal": caller.terminal} if caller.terminal else {}


def _clerk_marks(connection: Any, caller: Caller, now: int) -> tuple[str, str]:
    """The clerk's limits and what was used of them today, as marks say it."""
    owner, today = f"clerk:{caller.clerk}", CLERK_DAY + china_date(now)
    found = queries.marks_of(connection, [owner], [CLERK_LIMITS, today]) if caller.clerk else {}
    return found.get((owner, CLERK_LIMITS), ""), found.get((owner, today), "")


_SHOWN: Final = {"captures": "captures", "points": "points_hundredths", "minutes": "minutes"}


def _three(mark: str) -> dict[str, int]:
    numbers = map(int, (mark or "0 0 0").split(" "))
    return {_SHOWN[name]: number for name, number in zip(LIMITED, numbers, strict=True)}


def _day(taken: Sequence[Taken]) -> dict[str, int]:
    return {
        "captures": sum(each.captures for each in taken),
        "quantity": sum(each.quantity for each in taken),
        "points_hundredths": sum(each.amount for each in taken if each.asset == POINT),
        "minutes": sum(each.amount for each in taken if each.asset != POINT),
        "undone": sum(each.captures for each in taken if each.state in _UNDONE),
    }
