"""Webhooks: what happened is told, at least once, to whom it concerns, and to nobody's own network.

The receivers here are real ones on this machine where the network matters, and else a carrier that
remembers; the schedule of three days passes on a clock that a test moves.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from sqlalchemy import create_engine, text

from api import timers
from api.settings import Settings
from api.timers import Timers
from api.webhook_delivery import CLAIM_MS, Courier, delivering
from api.webhook_transport import Outcome, Transport
from ledger.actions.catalogue import PublishReward, WithdrawReward
from ledger.actions.parties import RegisterOperator
from ledger.actions.webhooks import SetWebhook
from ledger.book import CONSOLE, Book
from ledger.door import webhooks
from ledger.errors import Refused
from ledger.store import due, outbox
from ledger.store.outbox import Delivery
from ledger.store.rebuilding import differences
from ledger.webhooks.address import networks_of
from ledger.webhooks.events import HEARD, SHOWN, type_of
from ledger.webhooks.message import RETRY_AFTER_S, next_attempt, public_key_text
from tests.api_client import Site, key
from tests.api_client import Till as TokenTill
from tests.kit import Ledger, Till, Town
from tests.receivers import Post, Receiver, receiving, sleeping, status
from tests.test_timers import Said

LOOPBACK = networks_of("127.0.0.0/8")


@pytest.fixture
def till(town: Town) -> Till:
    return town.till()


@pytest.fixture
def ana(town: Town) -> str:
    """A volunteer with three points."""
    who = town.volunteer()
    town.served(who, "2025-03-07 09:00", "12:00")
    return who


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def endpoint(town: Town, party: str, *events: str, url: str = "https://shop.example/told") -> str:
    """An endpoint of a party, by default told of everything."""
    which = town.new()
    sealed = town.book.vault.seal_text({"url": url}, at=town.clock.ms)
    town.do(SetWebhook(webhook=which, party=party, events="+".join(events), url=sealed))
    return which


def shop(till: Till) -> str:
    return f"merchant:{till.merchant}"


def deliver(book: Book, post: Any) -> dict[str, Any]:
    """Everything that is due now; what came of it."""
    courier = Courier(book, post)
    found = Counter(courier.turn(book.clock.now_ms()))
    courier.wait()
    found += Counter(courier.turn(book.clock.now_ms()))
    courier.close()
    return dict(found)


def rows(book: Book, webhook: str) -> list[Delivery]:
    with book.database.reading() as connection:
        return outbox.deliveries(connection, webhook, state=None, after=-1, limit=1_000)[0]


def row(book: Book, webhook: str) -> Delivery:
    (one,) = rows(book, webhook)
    return one


def setting(book: Book, webhook: str) -> tuple[str, str]:
    """(state, ground) of an endpoint."""
    with book.database.reading() as connection:
        found = {
            each.webhook: (each.state, each.ground)
            for each in outbox.webhooks_page(connection, party=None, after=-1, limit=1_000)[0]
        }
    return found[webhook]


# What is told ------------------------------------------------------------------------------------


def test_a_shop_is_told_of_its_redemptions_thinly_and_never_whose_they_are(
    book: Book, town: Town, ana: str, till: Till
) -> None:
    which, post = endpoint(town, shop(till)), Post()
    other = endpoint(town, shop(town.till()))
    coffee = town.reward(till)
    redemption = town.reserve(ana, coffee)
    entry = town.capture(redemption, till)
    town.release(town.reserve(ana, coffee), ana)

    assert deliver(book, post) == {"delivered": 5}
    assert post.types == [
        "reward.published",
        "redemption.reserved",
        "redemption.captured",
        "redemption.reserved",
        "redemption.released",
    ]
    captured = post.taken[2]
    assert captured.id == f"msg_{which}_{entry.index}"
    assert captured.message == {
        "type": "redemption.captured",
        "timestamp": "2025-03-10T01:00:00.000Z",
        "data": {
            "entry": entry.index,
            "hash": entry.hash.hex(),
            "branch": till.branch,
            "merchant": till.merchant,
            "redemption": redemption,
            "reward": coffee,
            "terminal": till.terminal,
        },
    }
    for each in post.taken:
        assert ana.encode() not in each.body
        assert set(each.message["data"]) <= {"entry", "hash", *SHOWN}
        each.verify(public_key_text(book.keys.webhook.public_key))
    assert rows(book, other) == []


def test_nobody_is_told_whose_it_is_and_no_amount() -> None:
    """The list of what a message may hold is closed, and people are not on it."""
    people = {"volunteer", "recipient", "provider", "referred", "staff", "recorder", "approver"}
    assert not people & set(SHOWN)
    assert not {"card", "amount", "quantity", "minutes", "relation", "circumstance"} & set(SHOWN)
    assert "redemption.captured" in HEARD["merchant"]
    assert "volunteer.registered" not in HEARD["merchant"]
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", each) for each in HEARD["operator"])
    assert type_of("star_downgrade_proposed") == "star.downgrade_proposed"


def test_an_organisation_is_told_of_its_own_and_an_operator_of_everything(
    book: Book, town: Town, ana: str, till: Till
) -> None:
    other = town.organisation()
    operator = town.new()
    town.do(RegisterOperator(operator=operator))
    home = endpoint(town, f"organisation:{town.home}", "service.recorded")
    theirs = endpoint(town, f"organisation:{other}", "service.recorded")
    every = endpoint(town, f"operator:{operator}", "reward.withdrawn", "service.recorded")
    town.do(WithdrawReward(reward=town.reward(till)))
    record = town.served(ana, "2025-03-08 09:00", "10:00")

    assert [each.entry for each in rows(book, home)] == [record.entry.index]
    assert rows(book, theirs) == []
    assert len(rows(book, every)) == 2


def test_only_the_events_that_were_asked_for_are_told(
    book: Book, town: Town, ana: str, till: Till
) -> None:
    which = endpoint(town, shop(till), "redemption.captured", "reward.withdrawn")
    town.capture(town.reserve(ana, town.reward(till)), till)
    post = Post()
    deliver(book, post)
    assert post.types == ["redemption.captured"]
    assert row(book, which).state == "delivered"


# Nothing that did not happen, everything that did ------------------------------------------------


class Crash(BaseException):
    """The process is gone."""


def crashing(step: str) -> Any:
    def reached(now: str) -> None:
        if now == step and armed:
            raise Crash

    armed: list[bool] = []
    reached.armed = armed  # type: ignore[attr-defined]
    return reached


@pytest.mark.parametrize(("step", "told"), [("written", 0), ("committed", 1)])
def test_a_crash_announces_what_was_committed_and_nothing_else(
    ledger: Ledger, book: Book, town: Town, till: Till, step: str, told: int
) -> None:
    which = endpoint(town, shop(till))
    reached = crashing(step)
    dying = ledger.open(reached=reached)
    reached.armed.append(True)
    before = town.size()
    doomed = Town.__new__(Town)
    doomed.__dict__ |= town.__dict__ | {"book": dying}
    with pytest.raises(Crash):
        doomed.reward(till)

    post = Post()
    assert town.size() == before + told
    assert deliver(ledger.open(), post) == ({"delivered": 1} if told else {})
    assert post.types == ["reward.published"] * told
    assert len(rows(book, which)) == told


def test_a_group_that_is_rolled_back_and_a_refusal_announce_nothing(
    book: Book, town: Town, ana: str, till: Till
) -> None:
    coffee = town.reward(till, stock=1)
    which = endpoint(town, shop(till))

    def fails(_results: Any) -> Any:
        raise ValueError("the rows beside it cannot be made")

    reserving = town.capturing(town.reserve(ana, coffee), till)
    announced = len(rows(book, which))
    with pytest.raises(ValueError, match="cannot be made"):
        book.record(reserving, caller=CONSOLE, key=town.key(), beside=fails)
    with town.refuses("out_of_stock"):
        town.reserve(ana, coffee)
    assert len(rows(book, which)) == announced == 1


def test_an_entry_of_before_the_subscription_is_not_told_and_one_after_it_is(
    book: Book, town: Town, till: Till
) -> None:
    """Also where both are of one transaction."""
    town.reward(till)
    model = town.size() - 1
    facts = book.entry(model).facts
    names = {each.name for each in fields(PublishReward)} & set(facts)
    asks: list[Any] = []
    for _ in range(2):
        given = {name: facts[name] for name in names} | {"reward": town.new()}
        asks.append((PublishReward(**given), town.key(), None))
    sealed = book.vault.seal_text({"url": "https://shop.example/"}, at=0)
    which = town.new()
    asks.insert(
        1, (SetWebhook(webhook=which, party=shop(till), events="", url=sealed), town.key(), None)
    )
    results = book.record_all(asks, caller=CONSOLE)
    last = results[-1]
    assert not isinstance(last, Refused)
    assert [each.entry for each in rows(book, which)] == [last.entry.index]


def test_what_is_told_needs_no_rebuild_and_a_rebuild_changes_nothing(
    book: Book, town: Town, till: Till
) -> None:
    endpoint(town, shop(till))
    town.reward(till)
    assert list(differences(book.database, book.origin)) == []


# Attempts ----------------------------------------------------------------------------------------


def test_a_receiver_that_fails_three_times_is_told_the_fourth_time_under_the_same_id(
    ledger: Ledger, book: Book, town: Town, ana: str, till: Till, receiver: Receiver
) -> None:
    """500, silence, nobody there: then it takes the message. Signatures are its own each time."""
    which = endpoint(town, shop(till), "redemption.captured", url=receiver.url)
    town.capture(town.reserve(ana, town.reward(till)), till)
    receiver.answers += [status(500), sleeping(1.0)]
    seen = []
    transport = Transport(LOOPBACK, seconds=0.4)
    for attempt, wait in enumerate(RETRY_AFTER_S[:4], 1):
        if attempt > 1:
            early = deliver(book, transport)
            assert early == {}, "nothing is sent before its time"
        ledger.clock.forward(seconds=wait * 1.1)
        if attempt == 3:
            receiver.hang_up()
        elif attempt == 4:
            receiver.listen()
        deliver(book, transport)
        now = row(book, which)
        seen.append((now.state, now.attempts, now.status, now.fault))
    transport.close()

    assert seen == [
        ("waiting", 1, 500, ""),
        ("waiting", 2, 0, "timeout"),
        ("waiting", 3, 0, "refused"),
        ("delivered", 4, 204, ""),
    ]
    assert len(receiver.taken) == 3, "the third attempt found nobody"
    assert len({each.id for each in receiver.taken}) == 1
    assert len({each.body for each in receiver.taken}) == 1
    stamps = [int(each.headers["webhook-timestamp"]) for each in receiver.taken]
    assert stamps == sorted(set(stamps)), "each attempt has its own time"
    assert receiver.taken[0].path == "/told?secret=4711"
    assert receiver.taken[0].headers["content-type"] == "application/json"
    for each in receiver.taken:
        each.verify(public_key_text(book.keys.webhook.public_key))


def test_the_schedule_is_that_of_standard_webhooks_and_late_waits_are_drawn_out() -> None:
    waits = [next_attempt("msg_a_1", attempts, at_ms=0) for attempts in range(1, 10)]
    plain = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    for wait, seconds in zip(waits, plain, strict=True):
        assert wait is not None
        assert seconds * 1000 <= wait < seconds * 1100
    assert waits[0] == 5_000, "a short wait is kept to the second"
    assert next_attempt("msg_a_1", 10, at_ms=0) is None
    assert sum(RETRY_AFTER_S) == 75 * 3600 + 35 * 60 + 5
    assert next_attempt("msg_a_1", 2, at_ms=0) != next_attempt("msg_b_1", 2, at_ms=0)
    assert next_attempt("msg_a_1", 1, at_ms=7, asked_s=120) == 120_007
    assert next_attempt("msg_a_1", 1, at_ms=0, asked_s=999_999) == 86_400_000


def test_an_endpoint_that_takes_nothing_for_three_days_is_disabled_and_replayed_later(
    ledger: Ledger, book: Book, town: Town, till: Till
) -> None:
    which = endpoint(town, shop(till))
    town.reward(till)
    post = Post(always=Outcome(status=503))
    for wait in RETRY_AFTER_S:
        assert setting(book, which) == ("active", "asked")
        ledger.clock.forward(seconds=wait * 1.1)
        deliver(book, post)

    assert setting(book, which) == ("disabled", "failing")
    failed = row(book, which)
    assert (failed.state, failed.attempts, failed.status) == ("failed", 10, 503)
    assert (failed.last - failed.first) // 3_600_000 in range(75, 84)
    entry = book.entry(town.size() - 1)
    assert (entry.kind, entry.actor) == ("webhook_set", "system")
    assert entry.index in [each.index for each in book.history(shop(till))], "its owner sees it"
    town.reward(till)
    assert len(rows(book, which)) == 1, "nothing more is kept for it"


def test_an_endpoint_that_took_something_meanwhile_stays(
    ledger: Ledger, book: Book, town: Town, till: Till
) -> None:
    which = endpoint(town, shop(till))
    town.reward(till)
    refusing = Post(always=Outcome(status=400))
    for number, wait in enumerate(RETRY_AFTER_S):
        ledger.clock.forward(seconds=wait * 1.1)
        deliver(book, refusing)
        if number == 5:
            town.reward(till)
            deliver(book, Post())
    assert setting(book, which) == ("active", "asked")
    assert [each.state for each in rows(book, which)] == ["failed", "delivered"]


def test_an_endpoint_that_is_gone_is_disabled_at_once_and_what_waits_is_stopped(
    book: Book, town: Town, till: Till
) -> None:
    which = endpoint(town, shop(till))
    town.reward(till)
    town.reward(till)
    post = Post(always=Outcome(status=410))

    assert deliver(book, post) == {"failed": 1, "disabled": 1}
    assert setting(book, which) == ("disabled", "gone")
    assert [each.state for each in rows(book, which)] == ["stopped", "stopped"]
    assert deliver(book, post) == {}
    assert len(post.taken) == 1


def test_a_change_by_the_owner_is_not_undone_by_what_the_endpoint_was_before(
    book: Book, town: Town, till: Till
) -> None:
    """The old address answered 410 while its owner put another in its place."""
    which = endpoint(town, shop(till))
    town.reward(till)

    class Meanwhile(Post):
        def post(self, url: str, headers: dict[str, str], body: bytes) -> Outcome:
            sealed = book.vault.seal_text({"url": "https://new.example/"}, at=0)
            town.do(SetWebhook(webhook=which, party=shop(till), events="", url=sealed))
            return Outcome(status=410)

    deliver(book, Meanwhile())
    assert setting(book, which) == ("active", "asked")


@pytest.mark.parametrize("change", ["suspended", "left"])
def test_whoever_is_suspended_or_gone_is_told_nothing(
    book: Book, town: Town, till: Till, change: str
) -> None:
    which, post = endpoint(town, shop(till)), Post()
    town.reward(till)
    town.becomes(shop(till), change)
    assert deliver(book, post) == {"stopped": 1}
    assert post.taken == []
    assert row(book, which).state == "stopped"


def test_two_processes_deliver_each_message_once(
    ledger: Ledger, book: Book, town: Town, till: Till
) -> None:
    which = endpoint(town, shop(till))
    for _ in range(30):
        town.reward(till)
    posts = [Post(), Post()]
    couriers = []
    for post in posts:
        post.slowly = 0.002
        couriers.append(Courier(ledger.open(), post))
    begin = threading.Barrier(2)

    def work(courier: Courier) -> None:
        begin.wait()
        for _ in range(5):
            courier.turn(book.clock.now_ms())
            courier.wait()
        courier.turn(book.clock.now_ms())
        courier.close()

    threads = [threading.Thread(target=work, args=(courier,)) for courier in couriers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = [each.id for post in posts for each in post.taken]
    assert len(ids) == len(set(ids)) == 30
    assert {each.state for each in rows(book, which)} == {"delivered"}


def test_a_claim_whose_process_died_ends_by_itself_and_its_late_word_counts_no_more(
    ledger: Ledger, book: Book, town: Town, till: Till
) -> None:
    which, post = endpoint(town, shop(till)), Post()
    town.reward(till)
    now = ledger.clock.ms
    (held,) = outbox.claim(
        book.database, which, now=now, until=now + CLAIM_MS, name="dead", limit=5
    )
    assert deliver(book, post) == {}
    ledger.clock.ms += CLAIM_MS
    assert deliver(book, post) == {"delivered": 1}
    assert not outbox.finish(book.database, held._replace(state="failed", attempts=1))
    assert row(book, which).state == "delivered"


def test_endpoints_take_turns_however_much_waits_for_one(
    book: Book, town: Town, till: Till
) -> None:
    """Else whoever never answers, and has had its whole backlog sent again, stands before everybody
    for as long as that takes."""
    silent = endpoint(town, shop(till), url="https://silent.example/")
    for _ in range(4):
        town.reward(till)
    town.clock.ms += 1_000
    other = town.till()
    prompt = endpoint(town, shop(other))
    town.reward(other)

    class Carrier(Post):
        def post(self, url: str, headers: dict[str, str], body: bytes) -> Outcome:
            taken = super().post(url, headers, body)
            return Outcome(fault="timeout") if "silent" in url else taken

    courier = Courier(book, Carrier(), workers=1)
    for _ in range(2):
        courier.turn(town.clock.ms)
        courier.wait()
    courier.close()
    assert row(book, prompt).state == "delivered"
    assert sum(each.attempts for each in rows(book, silent)) == 1


def test_a_fault_of_ours_is_told_to_the_log_and_the_message_waits(
    book: Book, town: Town, till: Till
) -> None:
    which = endpoint(town, shop(till))
    town.reward(till)

    class Broken(Post):
        def post(self, url: str, headers: dict[str, str], body: bytes) -> Outcome:
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        deliver(book, Broken())
    assert row(book, which).state == "waiting"


def test_what_is_over_is_kept_for_thirty_days(
    ledger: Ledger, book: Book, town: Town, till: Till
) -> None:
    which = endpoint(town, shop(till))
    town.reward(till)
    deliver(book, Post())
    ledger.clock.forward(days=29)
    deliver(book, Post())
    assert len(rows(book, which)) == 1
    ledger.clock.forward(days=2)
    deliver(book, Post())
    assert rows(book, which) == []


def test_a_serving_ledger_delivers(
    book: Book, town: Town, ana: str, till: Till, receiver: Receiver
) -> None:
    endpoint(town, shop(till), "redemption.captured", url=receiver.url)
    said = Said()
    running = Timers(book, [delivering(book, LOOPBACK)], log=said)
    running.start()
    try:
        town.capture(town.reserve(ana, town.reward(till)), till)
        wait = threading.Event()
        for _ in range(100):
            if receiver.taken:
                break
            wait.wait(0.05)
    finally:
        running.stop()
    assert [each.message["type"] for each in receiver.taken] == ["redemption.captured"]
    assert [line for line in said.lines if line[0] != "info"] == []


# Over the API ------------------------------------------------------------------------------------


@pytest.fixture
def owner(site: Site) -> tuple[TokenTill, str]:
    """A till, and a token of its merchant's office."""
    made = site.till()
    return made, site.token(f"merchant:{made.merchant}", "merchant")


URL = {"url": "https://shop.example/told?secret=4711"}


def test_an_owner_sets_reads_changes_disables_and_enables(
    site: Site, owner: tuple[TokenTill, str]
) -> None:
    till, token = owner
    made = site.made(token, "/webhooks", {**URL, "events": ["reward.published"]})
    which = made["webhook"]
    assert (made["kind"], made["events"]) == ("webhook_set", ["reward.published"])
    one = f"/webhooks/{which}"
    shown = site.get(token, one).json
    assert shown == {
        "webhook": which,
        "entry": made["entry"],
        "set_by": made["entry"],
        "party": f"merchant:{till.merchant}",
        "host": "shop.example",
        "url": URL["url"],
        "events": ["reward.published"],
        "state": "active",
        "ground": "asked",
        "waiting": 0,
        "failed": 0,
    }
    theirs = site.get(site.operator, one).json
    assert "url" not in theirs
    assert theirs["host"] == "shop.example"
    assert "secret" not in site.book.entry(made["entry"]).data.decode() + site.log.getvalue()

    old = site.book.entry(made["entry"]).facts["url"]
    changed = site.made(token, one, {"url": "https://new.example/"})
    assert (changed["webhook"], changed["events"]) == (which, ["reward.published"])
    assert site.book.vault.open_text(old) == {}, "the address before is destroyed"
    assert site.made(token, f"{one}/disable")["state"] == "disabled"
    site.reward(till)
    assert site.post(token, f"{one}/disable").code == "webhook_state_conflict"
    assert site.post(token, f"{one}/replay", {"since": 0}).code == "webhook_disabled"
    assert site.made(token, f"{one}/enable")["state"] == "active"
    site.reward(till)
    (waiting,) = site.get(token, f"{one}/deliveries").json["data"]
    assert (waiting["type"], waiting["state"]) == ("reward.published", "waiting")
    assert waiting["next_attempt"] == "2025-03-10T01:00:00.000Z"
    assert [each["webhook"] for each in site.get(token, "/webhooks").json["data"]] == [which]


def test_the_sweep_keeps_the_address(site: Site, owner: tuple[TokenTill, str]) -> None:
    made = site.made(owner[1], "/webhooks", URL)
    with site.book.database.snapshot() as connection:
        swept = due.sweep_journal(connection)
    digest = site.book.entry(made["entry"]).facts["url"]
    assert bytes.fromhex(digest) in swept.texts
    site.clock.forward(days=3)
    timers.sweep(site.book, site.clock.now_ms())
    assert site.book.vault.open_text(digest) == URL


def test_another_s_endpoint_is_not_there(site: Site, owner: tuple[TokenTill, str]) -> None:
    which = site.made(owner[1], "/webhooks", URL)["webhook"]
    other = site.token(f"merchant:{site.merchant()}", "merchant")
    assert site.get(other, f"/webhooks/{which}").status == 404
    assert site.get(other, f"/webhooks/{which}/deliveries").status == 404
    asked: list[tuple[str, Any]] = [
        ("", {"events": []}),
        ("/disable", None),
        ("/replay", {"since": 0}),
        ("/test", None),
        ("/remove", None),
    ]
    for path, body in asked:
        assert site.post(other, f"/webhooks/{which}{path}", body).code == "unknown_webhook"
    theirs = {**URL, "party": f"merchant:{owner[0].merchant}"}
    assert site.post(other, "/webhooks", theirs).code == "unknown_party"
    assert site.get(other, "/webhooks").json["data"] == []


@pytest.mark.parametrize(
    ("body", "code", "status_"),
    [
        ({"url": "http://shop.example/"}, "bad_webhook_url", 422),
        ({"url": "https://127.0.0.1/"}, "address_not_global", 422),
        ({**URL, "events": ["volunteer.registered"]}, "bad_event", 422),
        ({**URL, "events": ["redemption"]}, "bad_event", 422),
        ({"url": ""}, "empty", 422),
        ({}, "missing_field", 422),
    ],
)
def test_what_is_no_endpoint_is_refused(
    site: Site, owner: tuple[TokenTill, str], body: Any, code: str, status_: int
) -> None:
    answer = site.post(owner[1], "/webhooks", body)
    assert (answer.status, answer.code) == (status_, code)


def test_a_till_s_token_neither_sets_nor_sees_a_webhook_and_a_volunteer_has_none(
    site: Site, owner: tuple[TokenTill, str]
) -> None:
    assert site.post(owner[0].token, "/webhooks", URL).code == "role_not_allowed"
    which = site.made(owner[1], "/webhooks", URL)["webhook"]
    for path in ("/webhooks", f"/webhooks/{which}", f"/webhooks/{which}/deliveries"):
        seen = site.get(owner[0].token, path)
        assert (seen.status, seen.code) == (403, "role_not_allowed"), "the address may be a secret"
        assert site.get(owner[1], path).status == 200
    body = {**URL, "party": f"volunteer:{site.volunteer()}"}
    assert site.post(site.operator, "/webhooks", body).code == "role_not_of_party"


def test_a_test_is_a_message_that_nothing_else_sends(
    site: Site, owner: tuple[TokenTill, str]
) -> None:
    """About the entry that set the endpoint, by the way of every message, once for each key."""
    _, token = owner
    made = site.made(token, "/webhooks", {**URL, "events": ["reward.published"]})
    one, post, used = f"/webhooks/{made['webhook']}", Post(), key()
    for _ in range(2):
        asked = site.post(token, f"{one}/test", key=used)
        message = f"msg_{made['webhook']}_{made['entry']}"
        assert (asked.status, asked.json) == (200, {"entry": made["entry"], "message": message})
        deliver(site.book, post)
    (taken,) = post.taken
    taken.verify(public_key_text(site.book.keys.webhook.public_key))
    assert (taken.id, taken.message["type"]) == (message, "webhook.set")
    assert set(taken.message["data"]) == {"entry", "hash"}
    (shown,) = site.get(token, f"{one}/deliveries").json["data"]
    assert (shown["state"], shown["status"], shown["type"]) == ("delivered", 204, "webhook.set")
    assert site.post(token, f"{one}/replay", {"since": 0}).json["messages"] == 0
    site.made(token, f"{one}/disable")
    assert site.post(token, f"{one}/test").code == "webhook_disabled"


def test_what_waits_for_a_later_attempt_is_sent_at_once_when_asked_for(
    site: Site, owner: tuple[TokenTill, str]
) -> None:
    till, token = owner
    which = site.made(token, "/webhooks", URL)["webhook"]
    site.reward(till)
    failing, post = Post(always=Outcome(status=500)), Post()
    for wait in RETRY_AFTER_S[:3]:
        site.clock.forward(seconds=wait * 1.1)
        deliver(site.book, failing)
    assert deliver(site.book, post) == {}, "the next attempt is in half an hour"
    entry = row(site.book, which).entry
    again = f"/webhooks/{which}/replay"
    assert site.post(token, again, {"entry": entry}).json["messages"] == 1
    assert row(site.book, which).attempts == 0, "from the start of the schedule"
    assert site.post(token, again, {"entry": entry}).json["messages"] == 0, "it is due already"
    assert deliver(site.book, post) == {"delivered": 1}


def test_deliveries_are_read_from_either_end(site: Site, owner: tuple[TokenTill, str]) -> None:
    till, token = owner
    which = site.made(token, "/webhooks", {**URL, "events": ["reward.published"]})["webhook"]
    for _ in range(3):
        site.reward(till)
    path = f"/webhooks/{which}/deliveries?limit=2"
    oldest = [each["entry"] for each in site.get(token, path).json["data"]]
    newest = site.get(token, f"{path}&newest_first=yes").json
    entries = [each["entry"] for each in newest["data"]]
    rest = site.get(token, f"{path}&newest_first=yes&starting_after={entries[-1]}").json
    assert entries == sorted(entries, reverse=True)
    assert (newest["has_more"], rest["has_more"]) == (True, False)
    assert [*entries, *(each["entry"] for each in rest["data"])][::-1] == [*oldest, entries[0]]


def test_what_is_removed_is_told_nothing_and_its_address_is_destroyed(
    site: Site, owner: tuple[TokenTill, str]
) -> None:
    till, token = owner
    made = site.made(token, "/webhooks", URL)
    one = f"/webhooks/{made['webhook']}"
    site.reward(till)
    used = key()
    for _ in range(2):
        gone = site.post(token, f"{one}/remove", key=used)
        assert (gone.status, gone.json["state"]) == (201, "removed")
    assert site.book.vault.open_text(site.book.entry(made["entry"]).facts["url"]) == {}
    site.reward(till)
    assert [each.state for each in rows(site.book, made["webhook"])] == ["stopped"]
    assert site.get(token, "/webhooks").json["data"] == []
    assert site.get(token, one).status == 404
    for path, body in (("", URL), ("/enable", None), ("/remove", None), ("/test", None)):
        assert site.post(token, f"{one}{path}", body).code == "unknown_webhook"
    assert list(differences(site.book.database, site.book.origin)) == []


@pytest.mark.parametrize("then", ["disable", "remove"])
def test_of_two_changes_at_once_none_brings_back_an_address_that_the_other_destroyed(
    site: Site, owner: tuple[TokenTill, str], monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """Somebody gives another address while another disables or removes the endpoint."""
    token = owner[1]
    which = site.made(token, "/webhooks", URL)["webhook"]
    elsewhere = "https://shop.example/elsewhere"
    record = Book.record

    def after_another(*given: Any, **named: Any) -> Any:
        patched.undo()
        site.made(token, f"/webhooks/{which}", {"url": elsewhere})
        return record(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(Book, "record", after_another)
        no = site.post(token, f"/webhooks/{which}/{then}")
    assert (no.status, no.code) == (409, "webhook_state_conflict")
    assert site.get(token, f"/webhooks/{which}").json["url"] == elsewhere
    gone = site.made(token, f"/webhooks/{which}/remove")
    assert site.book.vault.open_text(site.book.entry(gone["entry"]).facts["url"]) == {}


def test_a_removal_that_broke_off_is_ended_by_sending_it_again(
    site: Site, owner: tuple[TokenTill, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entry was written, and the process died before the address was destroyed."""
    token = owner[1]
    made = site.made(token, "/webhooks", URL)
    one, used = f"/webhooks/{made['webhook']}/remove", key()

    def died(*_given: object) -> bool:
        raise RuntimeError("died")

    with monkeypatch.context() as patched:
        patched.setattr(type(site.book.vault), "forget_text", died)
        assert site.post(token, one, key=used).status == 500
    digest = site.book.entry(made["entry"]).facts["url"]
    assert site.book.vault.open_text(digest) == URL
    assert site.post(token, one, key=used).status == 201
    assert site.book.vault.open_text(digest) == {}


def test_ten_endpoints_are_enough(site: Site, owner: tuple[TokenTill, str]) -> None:
    made = [site.made(owner[1], "/webhooks", URL)["webhook"] for _ in range(10)]
    assert site.post(owner[1], "/webhooks", URL).code == "too_many_webhooks"
    site.made(owner[1], f"/webhooks/{made[0]}/disable")
    site.made(owner[1], "/webhooks", URL)
    assert site.post(owner[1], f"/webhooks/{made[0]}/enable").code == "too_many_webhooks"


def test_the_failure_list_and_replay_of_one_and_of_everything(
    site: Site, owner: tuple[TokenTill, str]
) -> None:
    """Also what was never in the outbox, or is not there any more."""
    till, token = owner
    first = site.size()
    early = site.reward(till)
    which = site.made(token, "/webhooks", {**URL, "events": ["reward.published"]})["webhook"]
    site.reward(till)
    failing = Post(always=Outcome(status=500))
    for wait in RETRY_AFTER_S:
        site.clock.forward(seconds=wait * 1.1)
        deliver(site.book, failing)
    (failed,) = site.get(token, f"/webhooks/{which}/deliveries?state=failed").json["data"]
    assert (failed["status"], failed["attempts"], failed["next_attempt"]) == (500, 10, None)
    site.made(token, f"/webhooks/{which}/enable")

    again, post = f"/webhooks/{which}/replay", Post()
    one = {"entry": failed["entry"]}
    used = key()
    for _ in range(2):
        answer = site.post(token, again, one, key=used)
        assert answer.status == 200
        deliver(site.book, post)
    assert [each.id for each in post.taken] == [failed["message"]], "one key sends once"

    engine = create_engine(site.book.database.url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox"))
    engine.dispose()
    assert site.post(token, again, {"since": first}).json == {"messages": 2, "next_since": None}
    deliver(site.book, post)
    assert [each.message["data"]["reward"] for each in post.taken][1] == early
    assert post.taken[2].id == failed["message"], "made anew, it is the same message"
    assert post.taken[2].body == failing.taken[0].body
    assert site.post(token, again, {"entry": 0}).code == "unknown_entry"
    assert site.post(token, again, {"entry": 0, "since": 0}).code == "missing_field"
    assert site.post(token, again, {"since": 10**9}).json == {"messages": 0, "next_since": None}


def test_a_long_replay_says_where_to_go_on(
    site: Site, owner: tuple[TokenTill, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    till, token = owner
    rewards = [site.reward(till) for _ in range(5)]
    which = site.made(token, "/webhooks", {**URL, "events": ["reward.published"]})["webhook"]
    monkeypatch.setattr(webhooks, "READ_MAX", 4)
    monkeypatch.setattr(outbox, "ROWS_AT_ONCE", 2)
    since: int | None = 0
    messages = 0
    while since is not None:
        answer = site.post(token, f"/webhooks/{which}/replay", {"since": since}).json
        messages, since = messages + answer["messages"], answer["next_since"]
    post = Post()
    deliver(site.book, post)
    assert messages == len(post.taken) == 5
    assert [each.message["data"]["reward"] for each in post.taken] == rewards


def test_the_ten_lines_of_the_document_verify_a_message(
    book: Book, town: Town, till: Till, receiver: Receiver
) -> None:
    """And refuse it with a byte changed, under another id, and when it is old."""
    endpoint(town, shop(till), url=receiver.url)
    town.reward(till)
    deliver(book, transport := Transport(LOOPBACK))
    transport.close()
    page = (Path(__file__).parent.parent / "docs" / "webhooks.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    told: dict[str, Any] = {}
    exec(code, told)  # noqa: S102 - the page is ours, and this is what it is for
    whpk = public_key_text(book.keys.webhook.public_key)
    (taken,) = receiver.taken
    sent = int(taken.headers["webhook-timestamp"])
    told["time"] = SimpleNamespace(time=lambda: sent + 299)

    told["verify"](whpk, taken.headers, taken.body)
    with pytest.raises(InvalidSignature):
        told["verify"](
            whpk, taken.headers, taken.body.replace(b"reward.published", b"reward.publishes")
        )
    with pytest.raises(InvalidSignature):
        told["verify"](whpk, taken.headers | {"webhook-id": "msg_other_1"}, taken.body)
    told["time"] = SimpleNamespace(time=lambda: sent + 301)
    with pytest.raises(ValueError, match="too old"):
        told["verify"](whpk, taken.headers, taken.body)


def test_everybody_has_the_key(site: Site, owner: tuple[TokenTill, str]) -> None:
    site.made(owner[1], "/webhooks", URL)
    site.reward(owner[0])
    post = Post()
    deliver(site.book, post)
    post.taken[0].verify(site.get("", "/webhooks/key").json["public_key"])


def test_an_operator_allows_networks() -> None:
    given = {"SIDEREAL_WEBHOOK_NETWORKS": "127.0.0.0/8, fd00::/8"}
    assert [str(each) for each in Settings.read(given).webhook_networks] == [
        "127.0.0.0/8",
        "fd00::/8",
    ]
    assert Settings.read({}).webhook_networks == ()
    with pytest.raises(Refused, match="bad_setting"):
        Settings.read({"SIDEREAL_WEBHOOK_NETWORKS": "10.0.0.1/8"})
