"""Reading what is being decided about stars, and the public notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    Page,
    PageFromEitherEnd,
    log_look,
    organisations_of,
    page,
    page_of,
    reading,
)
from api.schemas import Choice, Id, Whole
from ledger.rows import StarCase
from ledger.store import counting

STATES = ("applied", "noticed", "granted", "refused", "proposed", "confirmed", "dismissed")


class PageOfStarCases(PageFromEitherEnd):
    """Which star cases."""

    state = Choice(*STATES)


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
    return page([_case(row) for row in rows], more)


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
