"""Reports of an organisation with all below it: targets in words, charts, tables, files to take.

Nobody is named in any of them. What is stated about a year, the population, is stated here too.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from api.pages.calling import every, read
from api.pages.guard import for_roles, page, pages
from api.pages.office.below import own_and_below
from api.pages.office.desk import Field, Form, answered, what_was_done
from api.pages.office.report_files import SHOWN, charts_of, names_in
from api.pages.troubles import Noes, trouble_of
from api.reads.honours import get_indicators
from api.reads.reports import REPORT_FORMATS, get_service_report, list_populations
from api.writes.honours import state_population

HOME: Final = "/office/reports"
POPULATIONS: Final = "/office/populations"
_ASKED: Final = ("organisation", "first_month", "last_month")


@pages.get("/office/reports")
@for_roles("organisation")
def reports() -> Response:
    """Targets of the year, and what was served, earned, saved and spent in a span of months."""
    asked = _asked()
    trouble = None
    try:
        found = read(get_service_report, asked)
    except Noes as no:
        trouble = trouble_of(no)
        found = read(get_service_report)
    of = found["organisation"]
    year = found["last_month"][:4]
    names = names_in(found, g.lang)
    return page(
        "office/reports",
        trouble.status if trouble else 200,
        trouble=trouble,
        asked=asked,
        found=found,
        indicators=read(get_indicators, {"organisation": of, "year": year}),
        charts=charts_of(found, names, g.lang),
        shown=SHOWN,
        forms=REPORT_FORMATS,
        names=names,
        options=own_and_below(),
        query=urlencode({name: found[name] for name in _ASKED}),
    )


@pages.get("/office/reports/report.<any('csv', 'xlsx', 'pdf'):form>")
@for_roles("organisation")
def report_taken_away(form: str) -> Response:
    """The same as a file: CSV for programs, XLSX for people, PDF for paper."""
    answer: Response = read(get_service_report, _asked() | {"format": form, "lang": g.lang})
    return answer


@pages.get("/office/populations")
@for_roles("organisation")
def populations() -> Response:
    """Who lives, works and serves here, for each year for which that was stated."""
    found = every(list_populations, organisation=g.caller.id)
    return page(
        "office/populations",
        rows=sorted(found, key=lambda each: -each["year"]),
        done=what_was_done(),
    )


@pages.route("/office/populations/state", methods=["GET", "POST"])
@for_roles("organisation")
def state_year() -> ResponseReturnValue:
    """State a year's people; stated again, it replaces."""
    counted = ("residents", "staff", "staff_registered", "members", "members_registered")
    form = Form(
        act="population",
        view=state_population,
        ids={"organisation": g.caller.id},
        back=POPULATIONS,
        fields=(
            Field(name="year", kind="number"),
            *(Field(name=each, kind="number", required=False, hint=each) for each in counted),
        ),
    )
    return answered(form)


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "") for name in _ASKED}
