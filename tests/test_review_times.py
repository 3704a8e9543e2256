"""How long reviews took lately: measured in working days from the ledger alone, for each tier, and
not said of a few."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.door.review_times import DECISIONS_MIN, Lately, ReviewTimes
from ledger.store import searching
from tests.kit import Ledger, Town


@pytest.fixture
def town(ledger: Ledger) -> Town:
    return Town(ledger.open(), ledger.clock)


def held(town: Town, count: int) -> list[str]:
    """So many people who were in two places at once on a Saturday: held, for the host to review."""
    found = []
    for _ in range(count):
        who = town.volunteer()
        town.served(who, "2025-03-08 09:00", "2025-03-08 10:00")
        found.append(town.served(who, "2025-03-08 09:30", "2025-03-08 10:30").id)
    assert all(town.state(each) == "held" for each in found)
    return found


def lately(town: Town, times: ReviewTimes, tier: str = "host") -> Lately | None:
    return times.lately(town.book, tier, town.clock.now_ms())


def test_half_and_nine_in_ten_are_counted_in_working_days(town: Town) -> None:
    """Entered on Monday the 10th: five answered on Tuesday, four the Monday after, one a week
    later, which is the one in ten."""
    town.clock.set("2025-03-10 09:00")
    waiting = held(town, DECISIONS_MIN)
    days = (("2025-03-11 09:00", 5), ("2025-03-17 09:00", 4), ("2025-03-24 09:00", 1))
    for day, count in days:
        town.clock.set(day)
        for record in [waiting.pop() for _ in range(count)]:
            if count == 1:
                town.refuse(record)
            else:
                town.confirm(record)
    assert lately(town, ReviewTimes()) == Lately(
        decisions=10, span_days=90, median_working_days=1, most_working_days=5
    )
    assert lately(town, ReviewTimes(), "top") is None


def test_nothing_is_said_of_a_few_nor_of_long_ago(town: Town) -> None:
    town.clock.set("2025-03-10 09:00")
    *waiting, last = held(town, DECISIONS_MIN)
    times = ReviewTimes()
    for record in waiting:
        town.confirm(record)
    assert lately(town, times) is None
    town.confirm(last)
    # What is known is looked at again after an hour, and not before.
    assert lately(town, times) is None
    town.clock.forward(minutes=61)
    found = lately(town, times)
    assert found is not None
    assert (found.median_working_days, found.most_working_days) == (0, 0)
    town.clock.forward(days=91)
    assert lately(town, times) is None
    assert lately(town, ReviewTimes()) is None


def test_only_entries_that_came_since_are_looked_at(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within an hour none, after it those alone that are new: no request reads the journal."""
    town.clock.set("2025-03-10 09:00")
    waiting = held(town, DECISIONS_MIN + 1)
    for record in waiting[1:]:
        town.confirm(record)
    asked: list[int] = []
    real = searching.newest_of_kinds

    def counted(*given: Any, first: int, **more: Any) -> Any:
        asked.append(first)
        return real(*given, first=first, **more)

    monkeypatch.setattr(searching, "newest_of_kinds", counted)
    times = ReviewTimes()
    for _ in range(3):
        assert lately(town, times) is not None
    assert len(asked) == 1
    size = town.size()
    town.clock.forward(minutes=61)
    town.confirm(waiting[0])
    found = lately(town, times)
    assert found is not None
    assert (asked[1:], found.decisions) == ([size], DECISIONS_MIN + 1)


def test_a_long_day_is_measured_with_those_for_the_top(town: Town) -> None:
    """Under rules that review by tier, more than twelve hours are for the top of the tree."""
    town.clock.set("2025-03-10 09:00")
    town.rules({"review.by_tier": True})
    who = [town.volunteer() for _ in range(DECISIONS_MIN)]
    records = [town.served(each, "2025-03-08 06:00", "2025-03-08 19:00").id for each in who]
    assert all(town.state(each) == "held" for each in records)
    for record in records:
        town.confirm(record)
    times = ReviewTimes()
    assert lately(town, times) is None
    assert lately(town, times, "top") is not None
