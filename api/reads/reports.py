"""Reports: what was served, earned, saved and spent in a span of months. Nobody is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields

from api.caller import current_caller
from api.current import current_book
from api.problems import Problem
from api.reads.asking import Page, acts_for, not_there, page, page_of, reading
from api.schemas import Choice, Id, Moment, Strict, Whole
from ledger.actions.parties import TIERS
from ledger.actions.service import CATEGORIES
from ledger.door.reports import MONTHS_MAX, Report, read_report
from ledger.indicators import NO_TIER
from ledger.store import counting, queries
from ledger.store.reporting import Done

_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_TAG: Final = "reports"
_ROLES: Final = ("operator", "organisation", "auditor")
_SCOPE: Final = "indicators:read"
REPORT_FORMATS: Final = ("csv", "xlsx", "pdf")
_ELSEWHERE: Final = "elsewhere"
"""Of service that came over from another ledger: its category is not known here."""


class MonthField(fields.String):
    """A month such as `2025-03`."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"pattern": f"^{_MONTH.pattern}$", **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not _MONTH.fullmatch(value):
            raise ValidationError("bad_value|a month is written 2025-03")
        return value


class ReportQuery(Strict):
    """Of whom and when."""

    organisation = Id(metadata={"description": "with all below it; by default one's own, or all"})
    first_month = MonthField(metadata={"description": "by default January of the last one's year"})
    last_month = MonthField(
        metadata={"description": f"by default this one; at most {MONTHS_MAX} months in all"}
    )


class TakenQuery(ReportQuery):
    """And as what."""

    format = Choice("json", *REPORT_FORMATS, load_default="json")
    lang = Choice("zh", "en", load_default="zh", metadata={"description": "of the words in a file"})


class DoneSchema(Schema):
    """What was served, and what it brought."""

    volunteers = Whole(required=True, least=0, metadata={"description": "people who served"})
    minutes = Whole(required=True, least=0)
    points_hundredths = Whole(required=True, least=0, metadata={"description": "issued for it"})
    saved_minutes = Whole(required=True, least=0, metadata={"description": "saved of it"})


class ReportMonthSchema(DoneSchema):
    """One month."""

    month = fields.String(required=True)
    registered = Whole(required=True, least=0, metadata={"description": "by its end"})
    points_redeemed_hundredths = Whole(required=True, least=0)
    order_minutes = Whole(
        required=True, least=0, metadata={"description": "of saved time, paid for service orders"}
    )
    reward_minutes = Whole(
        required=True, least=0, metadata={"description": "of saved time, paid for rewards"}
    )


class ReportOrganisationSchema(DoneSchema):
    """An organisation whose own volunteers served."""

    organisation = Id(required=True)
    parent = fields.String(required=True)
    tier = fields.String(required=True)


class StarsHeldSchema(Schema):
    """How many hold so many stars now."""

    star = Whole(required=True)
    volunteers = Whole(required=True)


class ReportSchema(Schema):
    """An organisation with all below it in a span of months. By the volunteers' own organisation
    and the month of the service; what was redeemed, by the month in which it was captured."""

    organisation = fields.String(required=True, metadata={"description": "empty: everybody"})
    first_month = fields.String(required=True)
    last_month = fields.String(required=True)
    size = Whole(required=True, metadata={"description": "entries of the ledger it was read from"})
    made = Moment(required=True)
    total = fields.Nested(DoneSchema, required=True)
    by_month = fields.List(fields.Nested(ReportMonthSchema), required=True)
    by_category = fields.Dict(
        keys=fields.String(metadata={"enum": [*CATEGORIES, _ELSEWHERE]}),
        values=fields.Nested(DoneSchema),
        required=True,
    )
    by_tier = fields.Dict(
        keys=fields.String(metadata={"enum": [*TIERS, NO_TIER]}),
        values=fields.Nested(DoneSchema),
        required=True,
    )
    by_organisation = fields.List(fields.Nested(ReportOrganisationSchema), required=True)
    stars_held = fields.List(fields.Nested(StarsHeldSchema), required=True)


class PopulationStatedSchema(Schema):
    """Who lives, works and serves somewhere in a year, as it was stated last."""

    entry = Whole(required=True, least=0)
    organisation = Id(required=True)
    year = Whole(required=True)
    residents = Whole(required=True, least=0)
    staff = Whole(required=True, least=0)
    staff_registered = Whole(required=True, least=0)
    members = Whole(required=True, least=0)
    members_registered = Whole(required=True, least=0)


@reading(
    "/reports/service",
    "get_service_report",
    answer=ReportSchema,
    query=TakenQuery,
    roles=_ROLES,
    scope=_SCOPE,
    refusals=(
        *("not_found", "no_policy_in_force", "bad_value"),
        *("printing_not_installed", "wrong_font"),
    ),
    tag=_TAG,
)
def get_service_report(query: Mapping[str, Any]) -> Any:
    """Volunteers, hours, points, saved time and stars of an organisation with all below it, in a
    span of months; `format` takes it away as a file.

    An organisation asks about itself or one below it; operators and auditors about any, or about
    everybody.
    """
    caller, book = current_caller(), current_book()
    organisation = query.get("organisation", "")
    if caller.role == "organisation" and not organisation:
        organisation = caller.id
    if organisation:
        _refuse_others(organisation)
    now = book.clock.now_ms()
    with book.database.reading() as connection:
        today = book.standing_in(connection).policy_for(now, organisation).local_date(now)
    last = _begins(query["last_month"]) if "last_month" in query else today.replace(day=1)
    first = _begins(query["first_month"]) if "first_month" in query else last.replace(month=1)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    if not 1 <= count <= MONTHS_MAX:
        why = f"a report is of 1 to {MONTHS_MAX} months, the first before the last"
        raise Problem("out_of_range", why, errors=[("first_month", "out_of_range", why)])
    found = _document(read_report(book, organisation=organisation, first=first, count=count), now)
    if query["format"] == "json":
        return found
    # A file has the pages' words and charts, and the pages stand on this read.
    from api.pages.office.report_files import report_file

    return report_file(found, query["format"], query["lang"])


@reading(
    "/organisations/<id:organisation>/populations",
    "list_populations",
    answer=page_of(PopulationStatedSchema, "PopulationPage"),
    query=Page,
    roles=_ROLES,
    scope=_SCOPE,
    refusals=("not_found",),
    tag="honours",
)
def list_populations(query: Mapping[str, Any], organisation: str) -> dict[str, Any]:
    """Who lives, works and serves there, for each year for which that was stated."""
    _refuse_others(organisation)
    with current_book().database.reading() as connection:
        rows, more = counting.populations_page(
            connection, organisation, after=query["starting_after"], limit=query["limit"]
        )
    return page([{**row._asdict(), "entry": row.since} for row in rows], more)


def _refuse_others(organisation: str) -> None:
    """Another's answers as one that is not there."""
    address = f"organisation:{organisation}"
    with current_book().database.reading() as connection:
        known = queries.party(connection, address)
    if known is None or not acts_for(current_caller(), address):
        raise not_there()


def _begins(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _document(report: Report, made: int) -> dict[str, Any]:
    return {
        "organisation": report.organisation,
        "first_month": report.months[0].month,
        "last_month": report.months[-1].month,
        "size": report.size,
        "made": made,
        "total": _done(report.total),
        "by_month": [
            {
                "month": each.month,
                "registered": each.registered,
                **_done(each.done),
                "points_redeemed_hundredths": each.points_redeemed,
                "order_minutes": each.time_for_orders,
                "reward_minutes": each.time_for_rewards,
            }
            for each in report.months
        ],
        "by_category": {
            category or _ELSEWHERE: _done(done) for category, done in report.by_category.items()
        },
        "by_tier": {tier: _done(done) for tier, done in sorted(report.by_tier.items())},
        "by_organisation": [
            {
                "organisation": place.organisation,
                "parent": place.above,
                "tier": place.tier,
                **_done(done),
            }
            for place, done in report.by_organisation
        ],
        "stars_held": [{"star": star, "volunteers": count} for star, count in report.stars.items()],
    }


def _done(done: Done) -> dict[str, int]:
    return {
        "volunteers": done.volunteers,
        "minutes": done.minutes,
        "points_hundredths": done.points,
        "saved_minutes": done.saved,
    }
