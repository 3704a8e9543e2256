"""Service records in the order of the days on which people served: whole, stable, and found along
an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from ledger.store import queries
from tests.api_client import Cast, Site
from tests.kit import Ledger
from tests.page_client import Browser, text_of

BY_DAY = "order=service_day&newest_first=yes"


@pytest.fixture
def site(ledger: Ledger) -> Site:
    return Site(ledger.open(), ledger.clock)


@pytest.fixture
def cast(site: Site) -> Cast:
    return Cast(site)


@pytest.fixture
def days(cast: Cast) -> dict[int, str]:
    """Sessions of four days of March, entered out of their order: record by day."""
    return {day: cast.served(f"2025-03-0{day} 09:00", "10:00")["record"] for day in (5, 3, 6, 4)}


def listed(site: Site, token: str, query: str) -> list[str]:
    return [each["record"] for each in site.get(token, f"/service-records?{query}")["data"]]


def walked(site: Site, token: str, query: str) -> Iterator[str]:
    """Every record of a list, read by pages of one."""
    after, more = "", True
    while more:
        found = site.get(token, f"/service-records?{query}&limit=1{after}")
        yield from (each["record"] for each in found["data"])
        more = found["has_more"]
        after = f"&starting_after={found['data'][-1]['entry']}" if found["data"] else ""


def test_records_stand_by_the_day_of_service_from_either_end(
    site: Site, cast: Cast, days: dict[int, str]
) -> None:
    newest = [days[day] for day in (6, 5, 4, 3)]
    for token in (cast.ana_token, cast.host, cast.reviewer, site.operator):
        assert listed(site, token, BY_DAY) == newest
        assert list(walked(site, token, BY_DAY)) == newest
        assert list(walked(site, token, "order=service_day")) == newest[::-1]
    # Without it they stand as they were entered.
    assert listed(site, cast.ana_token, "") == [days[day] for day in (5, 3, 6, 4)]


def test_sessions_that_began_at_one_time_are_each_listed_once(site: Site, cast: Cast) -> None:
    bo = site.volunteer(cast.home)
    one = cast.served("2025-03-03 09:00", "10:00")["record"]
    two = cast.served("2025-03-03 09:00", "10:00", who=bo)["record"]
    assert list(walked(site, cast.host, BY_DAY)) == [two, one]


def test_a_page_goes_on_where_it_was_when_a_record_changed_its_state_or_one_came_between(
    site: Site, cast: Cast, days: dict[int, str]
) -> None:
    held = cast.served("2025-03-05 09:30", "10:00")["record"]
    found = site.get(cast.ana_token, f"/service-records?{BY_DAY}&state=held&limit=1")
    assert [each["record"] for each in found["data"]] == [held]
    site.made(cast.reviewer, f"/service-records/{held}/refuse", {"reason": "记错了"})
    cast.served("2025-03-07 09:00", "10:00")
    rest = f"{BY_DAY}&starting_after={found['data'][0]['entry']}"
    assert listed(site, cast.ana_token, rest) == [days[day] for day in (5, 4, 3)]


def test_organisations_below_are_merged_by_day(site: Site, cast: Cast) -> None:
    """Above all of them each record stands in its place, and another's is not among them."""
    with site.earlier():
        team = site.organisation(parent=cast.home, form="team")
        host = site.organisation_token(team)
        activity = site.activity(team)
        staff = {"recorder": site.staff(team), "approver": site.staff(team)}
        bo = site.volunteer(team)
    records = []
    for day, who, where in ((3, cast.ana, 0), (4, bo, 1), (5, cast.ana, 0), (6, bo, 1)):
        given: dict[str, Any] = {"activity": activity, **staff} if where else {}
        body = cast.session(f"2025-03-0{day} 09:00", "10:00", who=who, **given)
        token = host if where else cast.host
        records.append(site.made(token, "/service-records", body)["record"])
    assert list(walked(site, cast.host, BY_DAY)) == records[::-1]
    assert list(walked(site, host, BY_DAY)) == [records[3], records[1]]
    one_of_them = f"{BY_DAY}&organisation={team}"
    assert listed(site, cast.host, one_of_them) == [records[3], records[1]]
    assert listed(site, cast.host, f"{BY_DAY}&volunteer={bo}") == [records[3], records[1]]
    stranger = site.organisation_token(site.organisation())
    assert listed(site, stranger, BY_DAY) == []


@pytest.mark.usefixtures("days")
def test_a_page_begins_after_ones_own_record_alone(site: Site, cast: Cast) -> None:
    """From where a page begins nobody learns when another's session was."""
    bo = site.volunteer(cast.home)
    cast.served("2025-03-05 12:00", "13:00", who=bo)
    entry = site.size() - 1
    assert site.get(cast.host, f"/service-records?{BY_DAY}&starting_after={entry}").status == 200
    for after in (entry, 0, site.size() + 5):
        answer = site.get(cast.ana_token, f"/service-records?{BY_DAY}&starting_after={after}")
        assert (answer.status, answer.code) == (422, "out_of_range")


def test_what_can_still_be_saved_is_asked_for(site: Site, cast: Cast, days: dict[int, str]) -> None:
    cast.served("2025-03-05 09:30", "10:00")
    body = {"record": days[5], "minutes": 60}
    site.made(cast.ana_token, "/time-bank/deposits", body)
    assert listed(site, cast.ana_token, f"{BY_DAY}&saved=no") == [days[day] for day in (6, 4, 3)]
    for odd in ("saved=no", "awaiting=me&saved=no", "awaiting=me&order=service_day"):
        answer = site.get(cast.ana_token, f"/service-records?{odd}")
        assert (answer.status, answer.code) == (422, "not_a_choice"), odd


@pytest.mark.parametrize("many", [2, queries.MERGED_MAX + 1])
def test_pages_are_read_along_an_index(
    ledger: Ledger, site: Site, cast: Cast, days: dict[int, str], many: int
) -> None:
    """However many records there are, none is read and sorted that a page does not show: SQLite
    says how it will go about each of these questions."""
    if not ledger.is_sqlite:
        pytest.skip("PostgreSQL decides by how much there is")
    organisations = [cast.home, *(f"none{n:012d}" for n in range(many - 1))]
    plans: list[str] = []
    database = site.book.database

    def explain(connection: Any, _cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            plan = connection.connection.cursor().execute(
                f"EXPLAIN QUERY PLAN {statement}", rest[0]
            )
            plans.append("\n".join(row[3] for row in plan))

    asked: list[dict[str, Any]] = [
        {"volunteer": cast.ana},
        {"volunteer": cast.ana, "organisations": organisations},
        {"organisations": organisations[:1]},
        {"organisations": organisations},
        {},
    ]
    for filters in asked:
        with database.reading() as connection:
            after = queries.record(connection, days[5])
            event.listen(connection, "before_cursor_execute", explain)
            found, more = queries.records_by_day(
                connection, after=after, limit=1, newest_first=True, **filters
            )
            event.remove(connection, "before_cursor_execute", explain)
        assert ([each.record for each in found], more) == ([days[4]], True)
        plan = plans.pop()
        assert "INDEX records_by_" in plan
        # Only what began at the same time, or the firsts of several organisations, is sorted.
        assert "SCAN records" not in plan.replace("SCAN records USING INDEX", "")
        if "organisations" not in filters or len(filters["organisations"]) == 1:
            assert "TEMP B-TREE FOR ORDER BY" not in plan


def test_both_list_pages_show_the_newest_day_first(
    site: Site, cast: Cast, days: dict[int, str]
) -> None:
    """What was entered last stands first at the desk where that is asked for."""
    mine = Browser(site).signed_in(f"volunteer:{cast.ana}")
    desk = Browser(site).signed_in(f"organisation:{cast.home}")

    def order(browser: Browser, path: str) -> list[int]:
        html = browser.get(path).get_data(as_text=True)
        at = {day: html.find(record) for day, record in days.items()}
        return sorted((day for day in at if at[day] >= 0), key=at.__getitem__)

    assert order(mine, "/me/records") == [6, 5, 4, 3]
    assert order(mine, "/me/records?state=effective") == [6, 5, 4, 3]
    assert order(mine, "/me/time/deposit") == [6, 5, 4, 3]
    assert order(desk, "/office/records") == [6, 5, 4, 3]
    assert order(desk, "/office/records?by=entry") == [4, 6, 3, 5]
    assert "按入账先后" in text_of(desk.get("/office/records?by=entry"))
