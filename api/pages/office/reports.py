"""Reports of an organisation with all below it: targets in words, charts, tables, files to take.

Nobody is named in any of them. What is stated about a year, the population, is stated here too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue

from api.pages import charts, words
from api.pages.calling import read
from api.pages.charts import Chart, Series
from api.pages.guard import for_roles, page, pages
from api.pages.office.below import own_and_below
from api.pages.office.desk import Field, Form, answered, names_of_organisations, what_was_done
from api.pages.troubles import Noes, trouble_of
from api.papers.report import report_csv, report_xlsx
from api.papers.sheets import CSV, XLSX
from api.reads.honours import get_indicators
from api.reads.reports import get_service_report, list_populations
from api.writes.honours import state_population

HOME: Final = "/office/reports"
POPULATIONS: Final = "/office/populations"
_ASKED: Final = ("organisation", "first_month", "last_month")
_FILES: Final = {"report.csv": (report_csv, CSV), "report.xlsx": (report_xlsx, XLSX)}
_YEAR_MONTHS: Final = 12
_MOST: Final = "200"


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
    names = _names(found)
    return page(
        "office/reports",
        trouble.status if trouble else 200,
        trouble=trouble,
        asked=asked,
        found=found,
        indicators=read(get_indicators, {"organisation": of, "year": year}),
        charts=_charts(found, names),
        names=names,
        options=own_and_below(),
        query=urlencode({name: found[name] for name in _ASKED}),
    )


@pages.get("/office/reports/<any('report.csv', 'report.xlsx'):name>")
@for_roles("organisation")
def report_file(name: str) -> Response:
    """The same as a file: CSV for programs, XLSX for people."""
    found = read(get_service_report, _asked())
    render, kind = _FILES[name]
    answer = make_response(render(found, _names(found)))
    answer.content_type = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@pages.get("/office/populations")
@for_roles("organisation")
def populations() -> Response:
    """Who lives, works and serves here, for each year for which that was stated."""
    found = read(list_populations, {"limit": _MOST}, organisation=g.caller.id)
    return page(
        "office/populations",
        rows=sorted(found["data"], key=lambda each: -each["year"]),
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


def _names(found: Mapping[str, Any]) -> dict[str, str]:
    """What the parts of a report are called, in the reader's language."""
    made = names_of_organisations([one["organisation"] for one in found["by_organisation"]])
    for category in found["by_category"]:
        made[category] = words.say(f"office.category.{category}", g.lang)
    for tier in found["by_tier"]:
        made[tier] = words.say(f"office.choice.tier.{tier}", g.lang)
    return made


def _charts(found: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Chart]:
    """By its key, each chart of a report."""
    lang, months = g.lang, found["by_month"]
    labels = [_month(each["month"], len(months)) for each in months]
    hours, points = charts.minutes_unit(lang), charts.points_unit(lang)

    def of(name: str, key: str) -> Series:
        said = words.say(f"office.series.{name}", lang)
        return Series(name=said, values=tuple(each[key] for each in months))

    def over_time(key: str, unit: charts.Unit, *series: Series) -> Chart:
        title, across = words.say(f"office.chart.{key}", lang), words.say("office.month", lang)
        if len(series) == 1:
            return charts.columns(key, title, labels, *series, unit, across=across, lang=lang)
        return charts.lines(key, title, labels, series, unit, across=across, lang=lang)

    def kinds(key: str, rows: Sequence[tuple[str, int]], unit: charts.Unit, name: str) -> Chart:
        return charts.bars(
            key,
            words.say(f"office.chart.{key}", lang),
            [label for label, _ in rows],
            Series(
                name=words.say(f"office.series.{name}", lang),
                values=tuple(value for _, value in rows),
            ),
            unit,
            across=words.say(f"office.across.{key}", lang),
            lang=lang,
        )

    def by(part: str) -> list[tuple[str, int]]:
        found_by = [(names[each], done["minutes"]) for each, done in found[f"by_{part}"].items()]
        return sorted(found_by, key=lambda each: -each[1])

    people = charts.count_unit(words.say("office.people.unit", lang))
    stars = [
        (words.say("stars.held", lang, n=each["star"]), each["volunteers"])
        for each in found["stars_held"]
    ]
    return {
        "minutes": over_time("minutes", hours, of("minutes", "minutes")),
        "people": over_time(
            "people", people, of("registered", "registered"), of("active", "volunteers")
        ),
        "category": kinds("category", by("category"), hours, "minutes"),
        "tier": kinds("tier", by("tier"), hours, "minutes"),
        "stars": kinds("stars", stars, people, "holders"),
        "points": over_time(
            "points",
            points,
            of("points_issued", "points_hundredths"),
            of("points_redeemed", "points_redeemed_hundredths"),
        ),
        "saved": over_time(
            "saved",
            hours,
            of("saved", "saved_minutes"),
            of("for_orders", "order_minutes"),
            of("for_rewards", "reward_minutes"),
        ),
    }


def _month(month: str, count: int) -> str:
    """A month's name; with its year where there are more than twelve."""
    if count > _YEAR_MONTHS:
        return month[2:]
    return words.say(f"office.month.{month[5:]}", g.lang)
