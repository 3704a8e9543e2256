"""Reading what is being decided about stars, and the public notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    PAGE_MAX,
    Page,
    PageFromEitherEnd,
    log_look,
    organisations_of,
    page,
    page_of,
    reading,
    texts_of,
)
from api.schemas import Choice, Id, Moment, Whole
from ledger import account
from ledger.rows import StarCase
from ledger.store import counting, queries

_AGAINST: Final = {"refused": "star_refused", "confirmed": "star_downgraded"}
"""By state, the kind of the entry that ended a case against the volunteer."""
OPEN = ("applied", "noticed", "proposed")
STATES = ("applied", "noticed", "granted", "refused", "proposed", "confirmed", "dismissed")


class PageOfStarCases(PageFromEitherEnd):
    """Which star cases."""

    state = Choice(*STATES)


class StarDecidedSchema(Schema):
    """How a case ended against the volunteer."""

    entry = Whole(required=True, least=0)
    time = Moment(required=True)
    text = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "what whoever decided it wrote, by field"},
    )


class StarCaseSchema(Schema):
    """A star applied for, or a downgrade that a reversal proposed."""

    case = Id(required=True)
    entry = Whole(required=True, least=0)
    volunteer = Id(required=True)
    change = Choice("grant", "downgrade", required=True)
    star = Whole(
        required=True, least=0, metadata={"description": "the star that would then be held"}
    )
    state = Choice(*STATES, required=True)
    organisation = fields.String(
        required=True, metadata={"description": "who nominated, or the volunteer's own; or empty"}
    )
    notice_until = fields.String(
        required=True, metadata={"description": "last day of the public notice; may be empty"}
    )
    granting_tier = fields.String(
        required=True,
        metadata={
            "description": "of the organisation at or above the volunteer's own that decides, while"
            " anything is to be decided; the operator where there is none. Else empty",
        },
    )
    ended = fields.Nested(
        StarDecidedSchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "to the volunteer, why an application was refused or a downgrade"
            " confirmed; else null"
        },
    )


class StarNoticeSchema(Schema):
    """A public notice. It names nobody: whoever applied knows its number from their own case."""

    entry = Whole(required=True, least=0, metadata={"description": "the number of the notice"})
    star = Whole(required=True)
    organisation = fields.String(
        required=True, metadata={"description": "id of the volunteer's organisation; or empty"}
    )
    notice_from = fields.String(required=True, metadata={"description": "first day, ISO"})
    notice_until = fields.String(required=True, metadata={"description": "last day, ISO"})


@reading(
    "/stars/applications",
    "list_star_cases",
    answer=page_of(StarCaseSchema, "StarCasePage"),
    query=PageOfStarCases,
    roles=("operator", "organisation", "reviewer", "volunteer", "auditor"),
    scope="stars:read",
    refusals=("no_policy_in_force",),
    tag="stars",
    auditors_say_why=True,
)
def list_star_cases(query: Mapping[str, Any]) -> dict[str, Any]:
    """Applications and proposed downgrades: one's own, or of the volunteers one acts for."""
    caller = current_caller()
    own = caller.id if caller.role == "volunteer" else None
    homes = None if own is not None else organisations_of(caller)
    with current_book().database.reading() as connection:
        rows, more = counting.star_cases_page(
            connection,
            after=query["starting_after"],
            limit=query["limit"],
            state=query.get("state"),
            volunteer=own,
            homes=homes,
            newest_first="newest_first" in query,
        )
    log_look(caller, *(f"stars/applications/{row.case_id}" for row in rows))
    tiers = _granting_tiers(rows)
    return page(
        [
            _case(row)
            | {
                "granting_tier": tiers.get(row.case_id, ""),
                "ended": _ended(row) if own is not None else None,
            }
            for row in rows
        ],
        more,
    )


@reading(
    "/stars/notices",
    "list_star_notices",
    answer=page_of(StarNoticeSchema, "StarNoticePage"),
    query=Page,
    tag="stars",
)
def list_star_notices(query: Mapping[str, Any]) -> dict[str, Any]:
    """The public notices that no decision has ended yet, without anybody's name or id."""
    with current_book().database.reading() as connection:
        rows, more = counting.star_cases_page(
            connection, after=query["starting_after"], limit=query["limit"], state="noticed"
        )
        begun = counting.notices_begun(connection, [row.case_id for row in rows])
    return page(
        [
            {
                "entry": row.since,
                "star": row.star,
                "organisation": row.organisation,
                "notice_from": begun[row.case_id],
                "notice_until": row.notice_until,
            }
            for row in rows
        ],
        more,
    )


def _ended(row: StarCase) -> dict[str, Any] | None:
    """The entry that ended a case against the volunteer, with the words of whoever decided it."""
    kind = _AGAINST.get(row.state)
    book, after, owner = current_book(), row.since, account.volunteer(row.volunteer)
    while kind and (entries := book.history(owner, after=after, limit=PAGE_MAX)):
        for entry in entries:
            if entry.kind == kind and entry.facts["case"] == row.case_id:
                reason = str(entry.facts["reason"])
                text = texts_of([reason]).get(reason, {})
                return {"entry": entry.index, "time": entry.time, "text": text}
        after = entries[-1].index
    return None


def _case(row: StarCase) -> dict[str, Any]:
    return {
        "case": row.case_id,
        "entry": row.since,
        "volunteer": row.volunteer,
        "change": row.change,
        "star": row.star,
        "state": row.state,
        "organisation": row.organisation,
        "notice_until": row.notice_until,
    }


def _granting_tiers(rows: Sequence[StarCase]) -> dict[str, str]:
    """By case, of which tier the body is that decides what is open, by the policy that decides
    about the volunteer now: a grant is that of the star, a downgrade that of the star held."""
    book = current_book()
    now, found = book.clock.now_ms(), {}
    with book.database.snapshot() as connection:
        standing = book.standing_in(connection)
        for row in rows:
            if row.state not in OPEN:
                continue
            owner = account.volunteer(row.volunteer)
            star = row.star
            if row.change == "downgrade":
                held = queries.balances_of(connection, owner, account.STAR)
                star = held.get(account.STARS_PURSE, 0)
            needs = standing.policy_of(owner, now).star_needs(max(star, 1))
            found[row.case_id] = needs.granting_tier
    return found
