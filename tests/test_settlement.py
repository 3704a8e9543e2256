"""Settlement: a merchant's captured claims are closed once (design §6, domain §12 K10)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from ledger.account import POINT, claims_of, clawed_back_of, settled_of
from ledger.actions.rewards import RefundRedemption
from ledger.actions.settlement import CloseSettlement, ReviewCapture
from ledger.book import CONSOLE
from ledger.door import settlement
from ledger.door.asking import Asking
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.store import journal
from tests.api_client import Cast, Site
from tests.kit import DAY_MS, Ledger, Till, Town


@pytest.fixture
def till(town: Town) -> Till:
    return town.till()


def captured(town: Town, who: str, till: Till, count: int) -> list[str]:
    """So many coffees for a point each, taken a minute apart; a day later."""
    coffee = town.reward(till, price=100)
    taken = []
    for _ in range(count):
        taken.append(town.reserve(who, coffee))
        town.capture(taken[-1], till)
        town.clock.forward(minutes=1)
    town.clock.forward(days=1)
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
    town.clock.forward(days=1)
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
    site.clock.forward(days=1)
    assert site.made(till.token, "/settlements", ask)["lines"] == 1
    again = site.post(site.operator, path, {"reason": "x"})
    assert (again.status, again.code) == (409, "nothing_to_review")


def test_part_of_a_reservation_is_settled_as_part(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 300)
    three = town.reserve(ana, town.reward(till, price=100), 3)
    town.capture(three, till, 2)
    town.clock.forward(days=1)
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
    site.clock.forward(days=1)
    ask = {"merchant": till.merchant, "redemptions": taken[:1]}
    assert site.made(till.token, "/settlements", ask)["rejected"] == []
    answer = site.made(till.token, "/settlements", {**ask, "redemptions": taken})
    assert (answer["lines"], answer["points"]) == (2, 200)
    assert [(each["redemption"], each["code"]) for each in answer["rejected"]] == [
        (taken[0], "already_settled")
    ]
    again = site.post(till.token, "/settlements", {**ask, "redemptions": taken})
    assert (again.status, again.code) == (409, "nothing_to_settle")


# What may still be voided, what is refunded, and what is stated -----------------------------------


def close(town: Town, till: Till, *redemptions: str, **given: Any) -> list[Entry]:
    """A stated settlement of everything up to now, unless something else is said."""
    fields: dict[str, Any] = {"ends": town.clock.ms + 1, **given}
    action = CloseSettlement(
        settlement=town.new(), merchant=till.merchant, redemptions=redemptions, **fields
    )
    return list(town.do(action).entries)


def refund(town: Town, till: Till, redemption: str, ground: str = "cannot_supply") -> Entry:
    action = RefundRedemption(redemption=redemption, merchant=till.merchant, ground=ground)
    return town.do(action).entry


def accounts(town: Town, till: Till) -> tuple[int, int, int]:
    """Claims, settled and clawed back, hundredths of a point."""
    return (
        town.balance(claims_of(till.merchant), POINT),
        town.balance(settled_of(till.merchant), POINT),
        town.balance(clawed_back_of(till.merchant), POINT),
    )


def test_a_claim_waits_until_nobody_may_void_it(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 300)
    taken = town.reserve(ana, town.reward(till))
    town.capture(taken, till)
    town.clock.forward(days=1, seconds=-0.001)
    with pytest.raises(Refused) as caught:
        settle(town, till, taken)
    assert caught.value.code == "within_void_window"
    assert caught.value.facts["settles_at"] == town.clock.ms + 1
    town.clock.forward(seconds=0.001)
    settle(town, till, taken)


def test_the_rules_that_captured_say_how_long_it_may_be_voided(
    town: Town, ana: str, till: Till
) -> None:
    town.minutes_served(ana, 300)
    town.rules({"redeem.void_hours": 0})
    taken = town.reserve(ana, town.reward(till))
    town.capture(taken, till)
    settle(town, till, taken)


@pytest.mark.parametrize("home", [False, True], ids=["for everybody", "for one organisation"])
def test_rules_adopted_later_change_no_window_of_what_was_taken_before(
    town: Town, till: Till, home: bool
) -> None:
    """They are effective from the year 2000, and yet they capture only what comes after them."""
    who = town.volunteer(organisation=town.home)
    town.minutes_served(who, 600)
    place = town.home if home else ""
    town.rules({"redeem.void_hours": 2, "redeem.refund_days": 3}, organisation=place)
    before = town.reserve(who, town.reward(till))
    town.capture(before, till)
    town.rules({"redeem.void_hours": 0, "redeem.refund_days": 1}, organisation=place)
    town.clock.forward(minutes=1)
    after = town.reserve(who, town.reward(till))
    town.capture(after, till)
    settle(town, till, after)
    with town.refuses("within_void_window"):
        settle(town, till, before)
    town.clock.forward(minutes=119)
    settle(town, till, before)
    town.clock.forward(days=2)
    with town.refuses("refund_over"):
        refund(town, till, after)
    refund(town, till, before)


def test_a_refund_is_taken_off_the_next_settlement(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 600)
    one, two, three = captured(town, ana, till, 3)
    close(town, till, one, two)
    assert accounts(town, till) == (100, 200, 0)
    points = town.points(ana)
    refunded = refund(town, till, one)
    assert refunded.facts["settlement"] == town.redemption(one).settlement
    assert town.points(ana) == points + 100
    assert accounts(town, till) == (100, 200, -100)
    with town.refuses("redemption_state_conflict"):
        refund(town, till, one)

    closed, stated = close(town, till, three, refunds=(one,))
    assert (closed.facts["points"], stated.facts["points"]) == (100, 100)
    assert stated.facts["refunded_points"] == 100
    assert accounts(town, till) == (0, 200, 0)
    with town.refuses("redemption_state_conflict"):
        close(town, till, refunds=(one,))
    assert town.redemption(one).state == "refunded"


def test_a_statement_may_only_take_refunds_off(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 300)
    [one] = captured(town, ana, till, 1)
    close(town, till, one)
    refund(town, till, one)
    [stated] = close(town, till, refunds=(one,))
    assert (stated.kind, stated.facts["lines"]) == ("settlement_stated", 0)
    assert accounts(town, till) == (0, 0, 0)


def test_a_refund_has_its_days(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 300)
    taken = town.reserve(ana, town.reward(till))
    town.capture(taken, till)
    with town.refuses("redemption_state_conflict"):
        refund(town, till, taken)
    when = town.clock.ms
    town.clock.forward(days=1)
    close(town, till, taken)
    with town.refuses("not_reversible"):
        refund(town, till, taken, "mistake")
    town.clock.ms = when + 30 * DAY_MS
    with town.refuses("refund_over"):
        refund(town, till, taken)
    town.clock.ms -= 1
    refund(town, till, taken)


def test_a_refund_goes_to_the_same_vintages_or_lapses(town: Town, ana: str, till: Till) -> None:
    """As a void would: what has lapsed meanwhile lapses, what is owed is repaid."""
    town.rules({"redeem.refund_days": 3_000})
    town.minutes_served(ana, 300)
    taken = town.reserve(ana, town.reward(till, price=300), 1)
    town.capture(taken, till)
    town.clock.forward(days=1)
    close(town, till, taken)
    town.clock.forward(days=4 * 366)
    entry = refund(town, till, taken)
    assert [posting.destination for posting in entry.postings] == ["lapsed"]


def test_a_settlement_of_a_branch_holds_what_was_taken_there(
    town: Town, ana: str, till: Till
) -> None:
    town.minutes_served(ana, 600)
    other = town.till(till.merchant)
    [here], [there] = captured(town, ana, till, 1), captured(town, ana, other, 1)
    with town.refuses("unknown_redemption"):
        close(town, till, here, there, branch=till.branch)
    elsewhere = town.till()
    with town.refuses("unknown_party"):
        close(town, till, here, branch=elsewhere.branch)
    _, stated = close(town, till, here, branch=till.branch)
    assert (stated.facts["branch"], stated.facts["lines"]) == (till.branch, 1)


def test_no_claim_is_of_a_later_period(town: Town, ana: str, till: Till) -> None:
    town.minutes_served(ana, 300)
    [one] = captured(town, ana, till, 1)
    with town.refuses("bad_time"):
        close(town, till, one, ends=town.redemption(one).captured)
    close(town, till, one, ends=town.redemption(one).captured + 1)


def test_the_digest_is_of_the_canonical_statement(town: Town, ana: str, till: Till) -> None:
    """Made again as docs/format.md §12 says, from entries alone."""
    town.minutes_served(ana, 600)
    one, two = captured(town, ana, till, 2)
    close(town, till, one)
    gone = refund(town, till, one)
    _, stated = close(town, till, two, refunds=(one,))
    taken = town.redemption(two).captured_entry

    def line(entry: int, redemption: str) -> dict[str, Any]:
        which = {"entry": entry, "redemption": redemption, "branch": till.branch}
        return {**which, "asset": "POINT", "amount": 100}

    names = ("settlement", "merchant", "branch", "starts", "ends", "points", "minutes")
    document = {
        **{name: stated.facts[name] for name in names},
        "refunded_points": 100,
        "refunded_minutes": 0,
        "format": "sidereal/settlement@1",
        "claims": [line(taken, two)],
        "refunds": [line(gone.index, one)],
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    assert stated.facts["digest"] == hashlib.sha256(text.encode()).hexdigest()


def test_a_month_is_settled_and_taken_away(site: Site) -> None:
    """What was captured, settled and refunded, over HTTP, beside the accounts; in three formats."""
    town = Cast(site)
    town.served("2025-03-08 09:00", "14:00")
    till = site.till()
    other = site.till(till.merchant)
    shop = site.token(f"merchant:{till.merchant}", "merchant")
    coffee, token, taken = site.reward(till), town.ana_token, []
    for at_till in (till, other, till):
        made = site.made(token, "/redemptions", {"reward": coffee})
        site.made(at_till.token, "/redemptions/capture", {"code": made["code"]})
        taken.append(made["redemption"])
        site.clock.forward(minutes=1)
    waiting = site.made(token, "/redemptions", {"reward": coffee})["redemption"]
    path = f"/merchants/{till.merchant}"
    early = site.post(shop, "/settlements", {"merchant": till.merchant, "period": "2025-03"})
    assert (early.status, early.code) == (409, "nothing_to_settle")
    assert site.get(shop, f"{path}/balances")["points_hundredths"] == {
        "unclaimed": 100,
        "claimed": 300,
        "settled": 0,
        "clawed_back": 0,
    }
    site.clock.forward(days=1)
    body = {"merchant": till.merchant, "branch": till.branch, "period": "2025-03"}
    closed = site.made(shop, "/settlements", body)
    assert (closed["lines"], closed["points"], closed["more"]) == (2, 200, False)
    assert sorted(closed["redemptions"]) == sorted([taken[0], taken[2]])
    site.made(shop, f"/redemptions/{taken[0]}/refund", {"ground": "cannot_supply"})
    assert site.get(shop, f"{path}/balances")["points_hundredths"] == {
        "unclaimed": 100,
        "claimed": 100,
        "settled": 200,
        "clawed_back": 100,
    }
    second = site.made(shop, "/settlements", {"merchant": till.merchant})
    assert (second["refunds"], second["refunded_points"]) == ([taken[0]], 100)
    assert waiting not in second["redemptions"]
    assert site.get(shop, f"{path}/balances")["points_hundredths"] == {
        "unclaimed": 100,
        "claimed": 0,
        "settled": 200,
        "clawed_back": 0,
    }

    listed = site.get(shop, "/settlements")["data"]
    assert [each["payable_points_hundredths"] for each in listed] == [200, 0]
    # What is quoted is the entry that holds the digest.
    assert [each["entry"] for each in listed] == [closed["entry"], second["entry"]]
    assert site.book.entry(second["entry"]).facts["digest"] == listed[1]["digest"]
    shown = site.get(shop, f"/settlements/{second['settlement']}").json
    assert [each["redemption"] for each in shown["taken_off"]] == [taken[0]]
    assert shown["taken_off"][0]["ground"] == "cannot_supply"
    assert shown["claims"][0]["branch_name"] == "东门店"
    assert "volunteer" not in json.dumps(shown)
    starts = {"csv": b"\xef\xbb\xbf", "xlsx": b"PK", "pdf": b"%PDF-"}
    for name, begins in starts.items():
        for where in (f"/settlements/{second['settlement']}", f"{path}/claims"):
            file = site.client().get(
                f"/v1{where}?format={name}", headers={"Authorization": f"Bearer {shop}"}
            )
            assert (file.status_code, file.data[: len(begins)]) == (200, begins)
            assert f'filename="settlement.{name}"' in file.headers["Content-Disposition"]
    month = site.get(shop, f"{path}/claims?period=2025-03&branch={other.branch}").json
    assert (month["count"], month["points_hundredths"]) == (1, 100)
    assert site.get(shop, f"{path}/claims?period=2025-13").code == "bad_period"

    stranger = site.token(f"merchant:{site.merchant()}", "merchant")
    for where in (f"/settlements/{second['settlement']}", f"{path}/claims", f"{path}/balances"):
        assert site.get(stranger, where).status == 404
    assert site.get(stranger, "/settlements")["data"] == []


def test_a_settlement_stops_where_an_account_was_changed(ledger: Ledger, site: Site) -> None:
    """The merchant's accounts are counted again before (trust §4)."""
    town = Cast(site)
    town.served("2025-03-08 09:00", "14:00")
    till = site.till()
    made = site.made(town.ana_token, "/redemptions", {"reward": site.reward(till)})
    site.made(till.token, "/redemptions/capture", {"code": made["code"]})
    site.clock.forward(days=1)
    ledger.tampered = True
    with site.book.database.writing() as connection:
        connection.exec_driver_sql("UPDATE balances SET amount = 900 WHERE purse = 'claims'")
    refused = site.post(till.token, "/settlements", {"merchant": till.merchant})
    assert (refused.status, refused.code) == (422, "account_stopped")


@pytest.mark.parametrize(
    ("what", "amount"),
    [
        ("state = 'captured', settlement = ''", 100),
        ("state = 'captured', settlement = '', captured_entry = captured_entry + 5", 100),
        ("state = 'captured', settlement = '', captured_quantity = 2", 200),
    ],
)
def test_what_was_settled_is_not_settled_again_by_who_edits_rows(
    ledger: Ledger, site: Site, what: str, amount: int
) -> None:
    """Row and balance agree with each other, and the entries say otherwise."""
    town = Cast(site)
    town.served("2025-03-08 09:00", "14:00")
    till = site.till()
    made = site.made(town.ana_token, "/redemptions", {"reward": site.reward(till)})
    site.made(till.token, "/redemptions/capture", {"code": made["code"]})
    site.clock.forward(days=1)
    site.made(till.token, "/settlements", {"merchant": till.merchant})
    ledger.tampered = True
    with site.book.database.writing() as connection:
        connection.exec_driver_sql(
            f"UPDATE redemptions SET {what} WHERE redemption = '{made['redemption']}'"
        )
        connection.exec_driver_sql(f"UPDATE balances SET amount = {amount} WHERE purse = 'claims'")
    refused = site.post(till.token, "/settlements", {"merchant": till.merchant})
    assert (refused.status, refused.code) == (422, "account_stopped")


def test_a_void_while_a_settlement_looks_stops_nothing(
    town: Town, ana: str, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row that it saw is another one by the time it counts."""
    town.minutes_served(ana, 300)
    [one] = captured(town, ana, till, 1)
    look = settlement.settleable

    def voided_meanwhile(*given: Any, **more: Any) -> settlement.Settleable:
        found = look(*given, **more)
        town.void(one, till)
        return found

    monkeypatch.setattr(settlement, "settleable", voided_meanwhile)
    ask = Asking(book=town.book, caller=CONSOLE, key=town.key(), request=b"settle")
    with pytest.raises(Refused) as caught:
        settlement.settle(ask, merchant=till.merchant)
    assert caught.value.code == "redemption_state_conflict"


def test_old_settlements_are_not_read_again(
    town: Town, ana: str, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is about to be settled, and what came after it."""
    town.minutes_served(ana, 3_000)
    ask = partial(Asking, book=town.book, caller=CONSOLE, request=b"settle")
    settlement_of = partial(settlement.settle, merchant=till.merchant)
    captured(town, ana, till, 20)
    settlement_of(ask(key=town.key()))
    read: list[int] = []
    reading = journal.read_bytes

    def counted(connection: Any, indexes: Sequence[int]) -> list[bytes]:
        read.extend(indexes)
        return reading(connection, indexes)

    captured(town, ana, till, 2)
    monkeypatch.setattr(journal, "read_bytes", counted)
    receipt, waiting, more = settlement_of(ask(key=town.key()))
    assert (receipt.entry.facts["lines"], waiting, more) == (2, [], False)
    assert len(read) == 3, "two captures and the reservation between them"


def test_what_was_refunded_is_not_taken_again(town: Town, ana: str, till: Till) -> None:
    """Not even while the reservation, had nobody taken it, would still run."""
    town.minutes_served(ana, 300)
    which = town.reserve(ana, town.reward(till, hold_minutes=7 * 1_440))
    town.capture(which, till)
    town.clock.forward(days=1)
    settle(town, till, which)
    town.do(RefundRedemption(redemption=which, merchant=till.merchant, ground="system_fault"))
    with town.refuses("already_captured"):
        town.book.would_capture(town.capturing(which, till))
    with town.refuses("already_captured"):
        town.capture(which, till)


@pytest.mark.parametrize("what", ["terminal", "branch"])
def test_a_suspended_tills_token_undoes_and_settles_nothing(site: Site, what: str) -> None:
    """It was stolen: whoever has it gives nobody's coffee back and closes nothing."""
    town = Cast(site)
    town.served("2025-03-08 09:00", "14:00")
    till = site.till()
    coffee, taken = site.reward(till), []
    for _ in range(2):
        made = site.made(town.ana_token, "/redemptions", {"reward": coffee})
        site.made(till.token, "/redemptions/capture", {"code": made["code"]})
        taken.append(made["redemption"])
        site.clock.forward(days=1)
    shop = site.token(f"merchant:{till.merchant}", "merchant")
    body = {"merchant": till.merchant}
    site.made(shop, "/settlements", {**body, "redemptions": taken[:1]})
    address = f"{what}:{getattr(till, what)}"
    site.made(shop, f"/parties/{address}/suspend", {"reason": "stolen"})
    ground, before = {"ground": "system_fault"}, site.size()
    for path, given in (
        (f"/redemptions/{taken[0]}/refund", ground),
        (f"/redemptions/{taken[1]}/void", ground),
        (f"/redemptions/{taken[1]}/note", {"note": "退货"}),
        ("/settlements", body),
    ):
        refused = site.post(till.token, path, given)
        assert (refused.status, refused.code) == (409, "party_not_active"), path
        assert refused["facts"] == {"party": address}
    assert site.size() == before
    assert site.made(shop, "/settlements", body)["lines"] == 1


def test_a_tills_token_closes_its_own_branch_alone(site: Site) -> None:
    town = Cast(site)
    town.served("2025-03-08 09:00", "14:00")
    till = site.till()
    other, taken = site.till(till.merchant), []
    coffee = site.reward(till)
    for at_till in (till, other):
        made = site.made(town.ana_token, "/redemptions", {"reward": coffee})
        site.made(at_till.token, "/redemptions/capture", {"code": made["code"]})
        taken.append(made["redemption"])
        site.clock.forward(minutes=1)
    site.clock.forward(days=1)
    body = {"merchant": till.merchant}
    elsewhere = site.post(till.token, "/settlements", {**body, "branch": other.branch})
    assert elsewhere.code == "unknown_party"
    named = site.post(till.token, "/settlements", {**body, "redemptions": taken[1:]})
    assert named.code == "nothing_to_settle"
    closed = site.made(till.token, "/settlements", body)
    assert (closed["branch"], closed["redemptions"]) == (till.branch, taken[:1])


def test_what_a_settlement_would_close_is_seen_before_and_closes_nothing(site: Site) -> None:
    """The claims whose void window is over, those that wait with the reason, and what is owed."""
    cast = Cast(site)
    for day in (3, 4, 5):
        cast.served(f"2025-03-0{day} 09:00", "17:00")
    till = site.till()
    coffee = site.reward(till)
    owner = site.token(f"merchant:{till.merchant}", "merchant")

    def taken(quantity: int) -> str:
        made = site.made(cast.ana_token, "/redemptions", {"reward": coffee, "quantity": quantity})
        site.clock.forward(minutes=1)
        site.made(till.token, "/redemptions/capture", {"code": made["code"]})
        return str(made["redemption"])

    old = taken(2)
    site.clock.forward(days=1)
    new = taken(3)
    path, size = f"/merchants/{till.merchant}/settleable", site.size()
    seen = site.get(owner, path)
    assert [each["redemption"] for each in seen["claims"]] == [old]
    assert [(each["redemption"], each["code"]) for each in seen["waiting"]] == [
        (new, "within_void_window")
    ]
    assert (seen["points_hundredths"], seen["payable_points_hundredths"]) == (200, 200)
    assert (seen["taken_off"], seen["more"], site.size()) == ([], False, size)
    assert site.get(till.token, path)["claims"] == seen["claims"]
    stranger = site.token(f"merchant:{site.merchant()}", "merchant")
    assert site.get(stranger, path).code == "not_found"
    assert site.get(owner, f"{path}?branch={site.till().branch}").code == "unknown_party"
    closed = site.made(owner, "/settlements", {"merchant": till.merchant})
    assert closed["rejected"] == [
        {name: seen["waiting"][0][name] for name in ("redemption", "code", "reason")}
    ]
    site.made(owner, f"/redemptions/{old}/refund", {"ground": "cannot_supply"})
    seen = site.get(owner, path)
    assert [each["redemption"] for each in seen["taken_off"]] == [old]
    assert (seen["claims"], seen["payable_points_hundredths"]) == ([], -200)
