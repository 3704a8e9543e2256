"""The ledger's own page, for whoever is not signed in: what it is, where it stands, what all do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response, g, request

from api.current import current_book, current_settings
from api.log import prefix_of
from api.pages import charts, words
from api.pages.calling import read
from api.pages.charts import Chart, Series
from api.pages.guard import page, pages
from api.reads.credit_lists import get_credit_list
from api.reads.stars import list_star_notices
from api.reads.totals import get_totals
from ledger.door.credit import running_cycle
from ledger.door.totals import PEOPLE_MIN
from ledger.errors import Refused

SHOWN: Final = 5
"""So many lines of each list stand on the first page."""
PAGE: Final = 50


def home() -> Response:
    """What the ledger is, its head, totals and trends, and what policy publishes."""
    totals = read(get_totals)
    notices = read(list_star_notices, {"limit": str(SHOWN)})
    cycle, places = _credit_list("0", SHOWN)
    return page(
        "public/home",
        totals=totals,
        charts=_charts(totals),
        range=_range(totals["by_month"]),
        hidden=_is_anything_hidden(totals),
        people_min=PEOPLE_MIN,
        notices=notices,
        units=_units(notices["data"]),
        cycle=cycle,
        places=places,
        log=f"{current_settings().public_url}{prefix_of(current_book().origin)}/checkpoint",
    )


@pages.get("/notices")
def notices() -> Response:
    """All star notices that no decision has ended yet. They name nobody."""
    found = read(
        list_star_notices,
        {"limit": str(PAGE), "starting_after": request.args.get("after", "")},
    )
    return page("public/notices", found=found, units=_units(found["data"]))


@pages.get("/credit-list")
def credit_list() -> Response:
    """The published list of the cycle that runs, or of the one asked for. It names nobody."""
    cycle, found = _credit_list(request.args.get("after", ""), PAGE, request.args.get("cycle", ""))
    return page("public/credit_list", cycle=cycle, found=found)


def _credit_list(after: str, limit: int, cycle: str = "") -> tuple[str, Mapping[str, Any]]:
    """(cycle, a page of its list); ("", nothing) before any policy is in force."""
    try:
        cycle = cycle or running_cycle(current_book())
    except Refused:
        return "", {"data": [], "has_more": False}
    query = {"limit": str(limit), "starting_after": after}
    return cycle, read(get_credit_list, query, cycle=cycle)


def _charts(totals: Mapping[str, Any]) -> list[Chart]:
    lang = g.lang
    hours = charts.minutes_unit(lang)
    name = words.say("home.served", lang)
    months = totals["by_month"]
    made = [
        charts.columns(
            "months",
            words.say("home.by_month", lang),
            [_month(each["month"]) for each in months],
            Series(name=name, values=tuple(each["minutes"] for each in months)),
            hours,
            across=words.say("home.month", lang),
            lang=lang,
        ),
        charts.columns(
            "people",
            words.say("home.people_by_month", lang),
            [_month(each["month"]) for each in months],
            Series(
                name=words.say("home.people", lang),
                values=tuple(each["volunteers"] for each in months),
            ),
            charts.count_unit(words.say("home.people.unit", lang)),
            across=words.say("home.month", lang),
            lang=lang,
        ),
    ]
    for key, title, across in (
        ("category", "home.by_category", "home.category"),
        ("tier", "home.by_tier", "home.tier"),
    ):
        found = sorted(totals[f"by_{key}"].items(), key=lambda each: -(each[1] or 0))
        made.append(
            charts.bars(
                key,
                words.say(title, lang),
                [_part(key, each) for each, _ in found],
                Series(name=name, values=tuple(value for _, value in found)),
                hours,
                across=words.say(across, lang),
                lang=lang,
            )
        )
    return made


def _part(key: str, name: str) -> str:
    if key == "category":
        return words.say(f"home.category.{name}", g.lang)
    return words.say(f"home.tier.{name}", g.lang)


def _month(month: str) -> str:
    """A month's name, without its year: there are twelve of them."""
    return words.month_name(int(month[5:]), g.lang)


def _range(months: Sequence[Mapping[str, Any]]) -> str:
    """From which month to which the charts go."""
    first, last = (
        words.say("home.month_of", g.lang, year=each["month"][:4], month=_month(each["month"]))
        for each in (months[0], months[-1])
    )
    return first if first == last else words.say("cert.period", g.lang, since=first, until=last)


def _is_anything_hidden(totals: Mapping[str, Any]) -> bool:
    return any(
        value is None
        for value in (
            totals["minutes"],
            totals["volunteers"],
            *(each["minutes"] for each in totals["by_month"]),
            *totals["by_category"].values(),
            *totals["by_tier"].values(),
        )
    )


def _units(found: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    ids = [each["organisation"] for each in found if each["organisation"]]
    return current_book().vault.place_names(ids)
