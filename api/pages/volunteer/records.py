"""A volunteer's service records: what counts, what waits and why, and what counts no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, g, request

from api.current import current_book
from api.pages import words
from api.pages.calling import read
from api.pages.guard import for_roles, page, pages
from api.pages.volunteer.asked import activities_of, names, newest_first, said_at
from api.reads.service import get_service_record, list_service_records
from ledger.standing import china_time

BY_DAY: Final = "service_day"
"""In which order people look for what they did."""
STATES: Final = ("effective", "held", "refused", "reversed")
HELD_FOR: Final = ("overlap", "day_over_8h", "day_over_12h", "self_check_in", "late")
"""Why a record waits, where there are words for it; anything else is said in general."""


@pages.get("/me/records")
@for_roles("volunteer")
def my_records() -> Response:
    """Every session that was recorded of me, the newest day of service first; by state if one is
    asked for."""
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    found = read(list_service_records, newest_first(state=state, order=BY_DAY))
    return page(
        "volunteer/records",
        found=found["data"],
        more=found["has_more"],
        state=state,
        states=STATES,
        activities=activities_of(found["data"]),
        names=names(each["organisation"] for each in found["data"]),
    )


@pages.get("/me/records/<id:record>")
@for_roles("volunteer")
def my_record(record: str) -> Response:
    """One of them: what it brought, or why it did not, and what can be done about it."""
    one = read(get_service_record, record=record)
    others = [read(get_service_record, record=each) for each in one["overlaps"]]
    activities = activities_of([one, *others])
    return page(
        "volunteer/record",
        one=one,
        activities=activities,
        names=names([one["organisation"]]),
        held=[_held_because(each, others, activities) for each in one["reasons"]],
        answer_days=current_book().policy_of(g.caller.party).dispute_decide_days,
    )


def title_of(one: Mapping[str, Any], activities: Mapping[str, Mapping[str, Any]]) -> str:
    """What a record's activity is called; "" where that is not known any more."""
    activity = activities.get(one["activity"])
    return str(activity["text"].get("name", "")) if activity else ""


@pages.app_template_filter("until")
def until(start: int, end: int) -> str:
    """From one time (ms) to another as people say it: the day once where it is one."""
    begins, ends = said_at(start), said_at(end)
    if china_time(start).date() == china_time(end).date():
        ends = f"{china_time(end):%H:%M}"
    return f"{begins} – {ends}"


pages.app_template_filter("title_of")(title_of)


def _held_because(
    reason: str, others: list[dict[str, Any]], activities: Mapping[str, Mapping[str, Any]]
) -> str:
    """A reason to hold a record, as a sentence to whoever was there."""
    if reason == "overlap" and others:
        where = title_of(others[0], activities)
        when = said_at(others[0]["check_in"])
        if where:
            return words.say("my.because.overlap_with", g.lang, when=when, where=where)
        return words.say("my.because.overlap_at", g.lang, when=when)
    return words.say(f"my.because.{reason if reason in HELD_FOR else 'other'}", g.lang)
