"""A report's charts and names, for its page and for its paper; and a report as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flask import Response

from api.caller import current_caller
from api.current import current_book
from api.pages import charts, words
from api.pages.charts import Chart, Series
from api.papers.page import PDF
from api.papers.report import report_csv, report_xlsx
from api.papers.report_paper import Made, report_pdf
from api.papers.sheets import CSV, XLSX

_YEAR_MONTHS: Final = 12
SHOWN: Final = ("minutes", "people", "category", "tier", "points", "saved", "stars")
"""The charts in the order in which they are read."""
_KINDS: Final = {"csv": CSV, "xlsx": XLSX, "pdf": PDF}


def report_file(found: Mapping[str, Any], form: str, lang: str) -> Response:
    """A report, as `get_service_report` found it, as a file: csv, xlsx or pdf."""
    answer = Response(_DRAWN[form](found, lang), content_type=_KINDS[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="report.{form}"'
    return answer


def names_in(found: Mapping[str, Any], lang: str) -> dict[str, str]:
    """What the parts of a report are called."""
    places = [one["organisation"] for one in found["by_organisation"]]
    made = dict.fromkeys(places, "")
    made |= current_book().vault.place_names(places)
    made = {place: name or place for place, name in made.items()}
    for category in found["by_category"]:
        made[category] = words.say(f"office.category.{category}", lang)
    for tier in found["by_tier"]:
        made[tier] = words.say(f"office.choice.tier.{tier}", lang)
    return made


def charts_of(found: Mapping[str, Any], names: Mapping[str, str], lang: str) -> dict[str, Chart]:
    """By its key, each chart of a report."""
    months = found["by_month"]
    labels = [_month(each["month"], len(months), lang) for each in months]
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


def _month(month: str, count: int, lang: str) -> str:
    """A month's name; with its year where there are more than twelve."""
    if count > _YEAR_MONTHS:
        return month[2:]
    return words.say(f"office.month.{month[5:]}", lang)


def _pdf(found: Mapping[str, Any], lang: str) -> bytes:
    caller, book, names = current_caller(), current_book(), names_in(found, lang)
    drawn = charts_of(found, names, lang)
    ids = [one for one in (found["organisation"], caller.id) if one]
    places = book.vault.place_names(ids)
    made = Made(
        organisation=places.get(found["organisation"], found["organisation"]),
        made_by=places.get(caller.id, caller.id) if caller.role == "organisation" else caller.role,
        origin=book.origin,
        root=book.root_at(found["size"]).hex(),
    )
    return report_pdf(found, names, [drawn[key] for key in SHOWN], made, lang)


_DRAWN: Final[Mapping[str, Callable[[Mapping[str, Any], str], bytes]]] = {
    "csv": lambda found, lang: report_csv(found, names_in(found, lang)),
    "xlsx": lambda found, lang: report_xlsx(found, names_in(found, lang)),
    "pdf": _pdf,
}
