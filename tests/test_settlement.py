"""Settlement: a merchant's captured claims are closed once (design §6, domain §12 K10)."""

from __future__ import annotations

import pytest

from ledger.account import POINT, claims_of, settled_of
from ledger.actions import CloseSettlement, ReviewCapture
from ledger.entry import Entry
from tests.api_client import Cast, Site
from tests.kit import Ledger, Till, Town


@pytest.fixture
def till(town: Town) -> Till:
    return town.till()


@pytest.fixture
def site(ledger: Ledger) -> Site:
    return Site(ledger.open(), ledger.clock)


def captured(town: Town, who: str, till: Till, count: int) -> list[str]:
    """So many coffees for a point each, taken a minute apart."""
    coffee = town.reward(till, price=100)
    taken = []
    for _ in range(count):
        taken.append(town.reserve(who, coffee))
        town.capture(taken[-1], till)
        town.clock.forward(minutes=1)
    return taken


def settle(town: Town, till: Till, *redemptions: str) -> Entry:
    action = CloseSettlement(settlement=town.new(), merchant=till.merchant, redemptions=redemptions)
    return town.do(action).entry


def test_what_is_settled_leaves_the_claims(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 300)
    one, two, _ = captured(town, ana, till, 3)
    entry = settle(town, till, one, two)
    assert (entry.facts["lines"], entry.facts["points"]) == (2, 200)
    assert town.balance(claims_of(till.merchant), POINT) == 100
    assert town.balance(settled_of(till.merchant), POINT) == 200
    assert [town.redemption(each).state for each in (one, two)] == ["settled", "settled"]


def test_nothing_is_settled_twice(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 300)
    one, two = captured(town, ana, till, 2)
    settle(town, till, one)
    with town.refuses("already_settled"):
        settle(town, till, one, two)
    with town.refuses("too_many_lines"):
        settle(town, till, two, two)
    settle(town, till, two)


def test_only_what_was_captured_is_settled(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 300)
    waiting = town.reserve(ana, town.reward(till, price=100))
    with town.refuses("redemption_state_conflict"):
        settle(town, till, waiting)
    with town.refuses("nothing_to_settle"):
        settle(town, till)
    [one], other = captured(town, ana, till, 1), town.till()
    with town.refuses("unknown_redemption"):
        settle(town, other, one)


def test_a_capture_flagged_as_rapid_waits_for_a_look(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 300)
    coffee = town.reward(till, price=100)
    first, second = town.reserve(ana, coffee), town.reserve(ana, coffee)
    town.capture(first, till)
    town.clock.forward(seconds=10)
    town.capture(second, till)
    with town.refuses("awaits_review"):
        settle(town, till, second)
    settle(town, till, first)
    for no in (first, town.reserve(ana, coffee)):
        with town.refuses("nothing_to_review"):
            town.do(ReviewCapture(redemption=no))
    with town.refuses("unknown_redemption"):
        town.do(ReviewCapture(redemption=town.new()))
    reviewed = town.do(ReviewCapture(redemption=second, reason="ab" * 32)).entry
    assert (reviewed.kind, reviewed.postings) == ("capture_reviewed", ())
    assert reviewed.facts == {
        "redemption": second,
        "merchant": till.merchant,
        "reason": "ab" * 32,
    }
    assert town.redemption(second).flag == "none"
    with town.refuses("nothing_to_review"):
        town.do(ReviewCapture(redemption=second))
    settle(town, till, second)


def test_what_was_flagged_and_undone_has_nothing_to_review(
    town: Town, ana: str, till: Till
) -> None:
    town.minutes_served(ana, 300)
    coffee = town.reward(till, price=100)
    first, second = town.reserve(ana, coffee), town.reserve(ana, coffee)
    town.capture(first, till)
    town.clock.forward(seconds=10)
    town.capture(second, till)
    town.void(second, till, "system_fault")
    with town.refuses("nothing_to_review"):
        town.do(ReviewCapture(redemption=second))


def test_an_operator_reviews_over_http_and_no_merchant_does(site: Site) -> None:
    town = Cast(site)
    town.served("2025-03-08 09:00", "14:00")
    till = site.till()
    coffee, token, taken = site.reward(till), town.ana_token, []
    for _ in range(2):
        made = site.made(token, "/redemptions", {"reward": coffee})
        site.made(till.token, "/redemptions/capture", {"code": made["code"]})
        taken.append(made["redemption"])
        site.clock.forward(seconds=10)
    path = f"/redemptions/{taken[1]}/review"
    ask = {"merchant": till.merchant, "redemptions": taken[1:]}
    assert site.get(site.operator, f"/redemptions/{taken[1]}")["flag"] == "rapid"
    assert site.post(till.token, "/settlements", ask).code == "nothing_to_settle"
    assert site.post(till.token, path, {"reason": "x"}).code == "role_not_allowed"
    assert site.post(site.operator, path, {}).code == "missing_field"
    made = site.made(site.operator, path, {"reason": "两杯都交给了持有人"})
    assert (made["kind"], made["redemption"]) == ("capture_reviewed", taken[1])
    assert site.get(site.operator, f"/redemptions/{taken[1]}")["flag"] == "none"
    assert site.made(till.token, "/settlements", ask)["lines"] == 1
    again = site.post(site.operator, path, {"reason": "x"})
    assert (again.status, again.code) == (409, "nothing_to_review")


def test_part_of_a_reservation_is_settled_as_part(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 300)
    three = town.reserve(ana, town.reward(till, price=100), 3)
    town.capture(three, till, 2)
    assert settle(town, till, three).facts["points"] == 200


def test_k10_three_codes_one_already_settled(site: Site) -> None:
    """Two are paid, one is rejected with its reason; over HTTP, as a merchant asks for it."""
    town = Cast(site)
    town.served("2025-03-08 09:00", "14:00")
    till = site.till()
    coffee, token, taken = site.reward(till), town.ana_token, []
    for _ in range(3):
        made = site.made(token, "/redemptions", {"reward": coffee})
        site.made(till.token, "/redemptions/capture", {"code": made["code"]})
        taken.append(made["redemption"])
        site.clock.forward(minutes=1)
    ask = {"merchant": till.merchant, "redemptions": taken[:1]}
    assert site.made(till.token, "/settlements", ask)["rejected"] == []
    answer = site.made(till.token, "/settlements", {**ask, "redemptions": taken})
    assert (answer["lines"], answer["points"]) == (2, 200)
    assert [(each["redemption"], each["code"]) for each in answer["rejected"]] == [
        (taken[0], "already_settled")
    ]
    again = site.post(till.token, "/settlements", {**ask, "redemptions": taken})
    assert (again.status, again.code) == (409, "nothing_to_settle")
