"""Nobody spends one thing twice, and nobody argues afterwards: two servers, one PostgreSQL.

Every story runs against two `sidereal serve` processes at once, over HTTP and by the machine's own
clock. After each the books are held to every law, and at the end a stranger verifies the bundle.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from api.timers import expire
from ledger.account import POINT, claims_of, settled_of
from ledger.export import export_bundle
from tests.kit import Till
from tests.recheck import recheck
from tests.replaying import refuse_other_decisions
from tests.served import (
    AT_ONCE,
    DOOM,
    ROOT,
    Reply,
    Request,
    Server,
    Street,
    Voucher,
    doomed,
    key,
    street,
)

CAPTURE = "/redemptions/capture"
ROUNDS = 100
LOUDER_ROUNDS = 20
"""Of the stories beside the main one, in which the same till or the same key is used."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with street(tmp_path_factory.mktemp("street")) as made:
        yield made


@pytest.fixture
def late(shared: Street) -> Iterator[Street]:
    """The street, before anybody writes by the machine's time; its books balance afterwards."""
    yield shared
    recheck(shared.owner_url)
    refuse_other_decisions(shared.owner_url)


@pytest.fixture
def lane(late: Street) -> Street:
    """The street now."""
    late.clock.behind_ms = 0
    return late


@pytest.fixture
def shop(shared: Street) -> list[Till]:
    """Eight tills of one merchant, two in each of four branches."""
    first = shared.town.till()
    return [first, *(shared.town.till(first.merchant) for _ in range(AT_ONCE - 1))]


def capturing(server: Server, token: str, voucher: Voucher, key: str) -> Request:
    return lambda line: server.post(token, CAPTURE, {"code": voucher.code}, key=key, line=line)


def captured_once(
    lane: Street, replies: Sequence[Reply], voucher: Voucher, shop: Sequence[Till]
) -> Reply:
    """The one success; every loser was told when and where."""
    [won] = [each for each in replies if each.status == 201 and not each.replayed]
    branches = {till.terminal: till.branch for till in shop}
    assert won.body["branch"] == branches[won.body["terminal"]]
    row = lane.town.redemption(voucher.redemption)
    assert (row.state, row.terminal) == ("captured", won.body["terminal"])
    for lost in replies:
        if lost.status != 201:
            assert (lost.status, lost.code) == (409, "already_captured"), lost
            assert lost.facts["captured_at"] == won.body["captured_at"]
            assert lost.facts["branch"] == won.body["branch"]
            assert lost.facts["terminal"] == won.body["terminal"]
    return won


# The timer comes first: its reservations begin in the past, before anybody else writes ------------


def test_a_voucher_is_taken_or_expires_and_never_both(late: Street, shop: list[Till]) -> None:
    """Tills on both servers against the timers of three processes, around the last second."""
    lane = late
    coffee = lane.town.reward(shop[0], hold_minutes=1)
    people = lane.holders(24)
    lane.clock.behind_ms = min(lane.clock.behind_ms, 55_000)
    vouchers = lane.vouchers(coffee, people)
    lane.clock.behind_ms = 0
    expires = [lane.town.redemption(each.redemption).expires for each in vouchers]
    tokens = [lane.till_token(till) for till in shop[:2]]

    def take(which: int) -> list[Reply]:
        """The first a good while before its end, however busy the machine is, the last after it."""
        said = []
        mine = zip(vouchers[which::2], expires[which::2], strict=True)
        for place, (voucher, end) in enumerate(mine):
            due = end - 1_200 + 140 * place
            time.sleep(max(0, due - lane.book.clock.now_ms()) / 1000)
            said.append(capturing(lane.servers[which], tokens[which], voucher, key())(0))
        return said

    def sweep() -> int:
        ended = 0
        while lane.book.clock.now_ms() < max(expires) + 500:
            ended += int(expire(lane.book, lane.book.clock.now_ms()).get("redemptions_expired", 0))
        return ended

    taken_a, taken_b, swept = lane.together(partial(take, 0), partial(take, 1), sweep)
    replies = [each for pair in zip(taken_a, taken_b, strict=True) for each in pair]
    for voucher, reply in zip(vouchers, replies, strict=True):
        state = lane.town.redemption(voucher.redemption).state
        if reply.status == 201:
            assert state == "captured"
        else:
            assert (reply.status, reply.code, state) == (409, "expired", "expired"), reply
    outcomes = Counter(each.status for each in replies)
    assert outcomes.keys() == {201, 409}, outcomes
    # Nothing stayed behind, whoever swept it.
    assert swept <= outcomes[409]
    assert lane.town.balance(claims_of(shop[0].merchant), POINT) == 100 * outcomes[201]


# One code at many tills ---------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [2, 8])
def test_one_code_at_many_tills_is_taken_once(lane: Street, shop: list[Till], at_once: int) -> None:
    """A hundred rounds: one till wins, every other is told when and where."""
    tokens = [lane.till_token(till) for till in shop]
    coffee = lane.town.reward(shop[0])
    winners: Counter[str] = Counter()
    for voucher in lane.vouchers(coffee, lane.holders(ROUNDS)):
        replies = lane.at_once(
            *(
                capturing(lane.servers[each % 2], tokens[each], voucher, key())
                for each in range(at_once)
            )
        )
        winners[captured_once(lane, replies, voucher, shop).body["terminal"]] += 1
    assert winners.total() == ROUNDS
    assert len(winners) > 1, "it was no race"
    assert lane.town.balance(claims_of(shop[0].merchant), POINT) == 100 * ROUNDS


@pytest.mark.parametrize("at_once", [2, 8])
def test_one_till_with_many_keys_takes_a_code_once(
    lane: Street, shop: list[Till], at_once: int
) -> None:
    """A till that asks through both servers, each time with a new key, is one asker more."""
    token, coffee = lane.till_token(shop[0]), lane.town.reward(shop[0])
    for voucher in lane.vouchers(coffee, lane.holders(LOUDER_ROUNDS)):
        replies = lane.at_once(
            *(capturing(lane.servers[each % 2], token, voucher, key()) for each in range(at_once))
        )
        captured_once(lane, replies, voucher, shop)


@pytest.mark.parametrize("at_once", [2, 8])
def test_one_till_with_one_key_gets_one_answer(
    lane: Street, shop: list[Till], at_once: int
) -> None:
    """One entry; who is not first gets the same answer, or is told to ask again and then does."""
    token, coffee = lane.till_token(shop[0]), lane.town.reward(shop[0])
    for voucher in lane.vouchers(coffee, lane.holders(LOUDER_ROUNDS)):
        once = key()
        size = lane.town.size()
        asked = [capturing(lane.servers[each % 2], token, voucher, once) for each in range(at_once)]
        replies = lane.at_once(*asked)
        for line, reply in enumerate(replies):
            if reply.status == 409:
                assert reply.code == "request_in_flight"
                replies[line] = asked[line](line)
        assert [each.status for each in replies] == [201] * at_once
        assert sum(not each.replayed for each in replies) == 1
        assert all(each.body == replies[0].body for each in replies)
        assert lane.town.size() == size + 1
        captured_once(lane, replies, voucher, shop)


@pytest.mark.parametrize("at_once", [2, 8])
def test_many_tills_with_one_key_are_not_one_till(
    lane: Street, shop: list[Till], at_once: int
) -> None:
    """A key belongs to its till: another till that sends it is told when and where, not "yes"."""
    tokens = [lane.till_token(till) for till in shop]
    coffee = lane.town.reward(shop[0])
    for voucher in lane.vouchers(coffee, lane.holders(LOUDER_ROUNDS)):
        once = key()
        asked = [
            capturing(lane.servers[each % 2], tokens[each], voucher, once)
            for each in range(at_once)
        ]
        won = captured_once(lane, lane.at_once(*asked), voucher, shop)
        for line in range(at_once):
            again = asked[line](line)
            if shop[line].terminal == won.body["terminal"]:
                assert again.replayed
                assert again.body == won.body
            else:
                assert (again.status, again.code) == (409, "already_captured")


# What a till shows --------------------------------------------------------------------------------


def test_a_repeated_answer_says_when_where_and_what(lane: Street, shop: list[Till]) -> None:
    """So that a till can show "already taken 10:31", never plain green."""
    till, token = shop[0], lane.till_token(shop[0])
    coffee = lane.coffee(till, title="咖啡一杯")
    [voucher] = lane.vouchers(coffee, lane.holders(1))
    once = key()
    first = capturing(lane.servers[0], token, voucher, once)(0)
    time.sleep(0.05)
    again = capturing(lane.servers[1], token, voucher, once)(0)

    assert (first.status, first.replayed) == (201, False)
    assert (again.status, again.replayed) == (201, True)
    assert again.body == first.body
    assert first.body["title"] == "咖啡一杯"
    assert first.body["quantity"] == 1
    assert (first.body["branch"], first.body["terminal"]) == (till.branch, till.terminal)
    assert first.body["captured_at"] == first.body["time"]
    taken = datetime.fromisoformat(first.body["captured_at"]).timestamp()
    assert abs(taken - time.time()) < 30
    assert "sidereal/ack@v1" in first.body["acknowledgement"]


# One holder, too soon -----------------------------------------------------------------------------


def test_two_vouchers_of_one_holder_at_once_are_one_too_many(
    lane: Street, shop: list[Till]
) -> None:
    """Whichever server each reaches: one is taken, the other told how long to wait."""
    tokens = [lane.till_token(till) for till in shop[:2]]
    coffee = lane.town.reward(shop[0])
    people = lane.holders(LOUDER_ROUNDS)
    for pair in zip(lane.vouchers(coffee, people), lane.vouchers(coffee, people), strict=True):
        replies = lane.at_once(
            *(
                capturing(server, token, voucher, key())
                for server, token, voucher in zip(lane.servers, tokens, pair, strict=True)
            )
        )
        assert sorted(each.status for each in replies) == [201, 409]
        [lost] = [each for each in replies if each.status == 409]
        assert lost.code == "too_soon"
        assert 1 <= lost.facts["wait_seconds"] <= 5


def test_a_second_capture_within_fifteen_seconds_waits_for_a_look(
    lane: Street, shop: list[Till]
) -> None:
    """Refused within five seconds; then taken, flagged, and settled once somebody looked."""
    here, there = lane.servers
    token = lane.till_token(shop[0])
    coffee = lane.town.reward(shop[0])
    holder = lane.holders(1)
    [one], [two] = lane.vouchers(coffee, holder), lane.vouchers(coffee, holder)
    first = capturing(here, token, one, key())(0)
    soon = capturing(there, token, two, key())(0)
    assert (soon.status, soon.code, soon.facts["wait_seconds"]) == (409, "too_soon", 5)
    time.sleep(5.05)
    second = capturing(there, token, two, key())(0)
    assert (first.body["flag"], second.body["flag"]) == ("none", "rapid")

    ask = {"merchant": shop[0].merchant, "redemptions": [one.redemption, two.redemption]}
    settled = here.post(token, "/settlements", ask, key=key())
    assert (settled.status, settled.body["redemptions"]) == (201, [one.redemption])
    assert [each["code"] for each in settled.body["rejected"]] == ["awaits_review"]
    path = f"/redemptions/{two.redemption}/review"
    looked = there.post(lane.operator, path, {"reason": "两杯都交给了持有人"}, key=key())
    assert looked.status == 201, looked
    later = here.post(token, "/settlements", {**ask, "redemptions": [two.redemption]}, key=key())
    assert (later.status, later.body["redemptions"]) == (201, [two.redemption])


# Answers that were lost ---------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "kept"), [("committed", True), ("written", False)])
def test_a_server_killed_while_it_answers_is_asked_again_elsewhere(
    lane: Street, shop: list[Till], step: str, kept: bool
) -> None:
    """Killed after the commit, the capture stands; before it, it never was. With its key the till
    learns which from the other server, and nothing is taken twice."""
    token, other = lane.till_token(shop[0]), lane.till_token(shop[1])
    coffee = lane.town.reward(shop[0])
    [voucher] = lane.vouchers(coffee, lane.holders(1))
    once = key()
    with doomed(lane) as dying:
        (lane.home / DOOM).write_text(step)
        with pytest.raises((ConnectionError, socket.timeout)):
            capturing(dying, token, voucher, once)(0)
    state = lane.town.redemption(voucher.redemption).state
    assert state == ("captured" if kept else "reserved")

    again = capturing(lane.servers[1], token, voucher, once)(0)
    assert (again.status, again.replayed) == (201, kept)
    assert again.body["terminal"] == shop[0].terminal
    third = capturing(lane.servers[0], token, voucher, once)(0)
    assert (third.status, third.replayed, third.body) == (201, True, again.body)
    elsewhere = capturing(lane.servers[0], other, voucher, once)(0)
    assert (elsewhere.code, elsewhere.facts["branch"]) == ("already_captured", shop[0].branch)
    assert elsewhere.facts["captured_at"] == again.body["captured_at"]


def test_a_line_that_breaks_is_asked_again_elsewhere(lane: Street, shop: list[Till]) -> None:
    """The till hangs up before the answer and sends the same key to the other server at once."""
    token, coffee = lane.till_token(shop[0]), lane.town.reward(shop[0])
    here, there = lane.servers
    for voucher in lane.vouchers(coffee, lane.holders(LOUDER_ROUNDS)):
        once = key()
        here.hang_up_after(token, CAPTURE, {"code": voucher.code}, key=once)
        again = capturing(there, token, voucher, once)(0)
        third = capturing(there, token, voucher, once)(1)
        assert (again.status, third.status, third.replayed) == (201, 201, True)
        assert again.body == third.body


# Others who race ----------------------------------------------------------------------------------


def test_the_last_piece_goes_to_one_buyer(lane: Street, shop: list[Till]) -> None:
    people = lane.holders(2)
    tokens = [lane.token(f"volunteer:{who}", "volunteer") for who in people]
    bought: Counter[str] = Counter()
    for _ in range(8):
        last = lane.town.reward(shop[0], stock=1)
        replies = lane.at_once(*reserving(lane, tokens, [last, last]))
        assert sorted(each.status for each in replies) == [201, 409], replies
        [lost] = [each for each in replies if each.status == 409]
        assert (lost.code, lost.facts["left"]) == ("out_of_stock", 0)
        assert lane.town.stock(last) == 0
        bought.update(str(each.body["reward"]) for each in replies if each.status == 201)
    assert set(bought.values()) == {1}
    assert sum(lane.town.points(who) for who in people) == 2 * 800 - 8 * 100


def test_one_purse_is_not_spent_twice(lane: Street, shop: list[Till]) -> None:
    """Eight points, two rewards for five each, one on either server."""
    lunch, dinner = (lane.town.reward(shop[0], price=500) for _ in range(2))
    for who in lane.holders(8):
        token = lane.token(f"volunteer:{who}", "volunteer")
        replies = lane.at_once(*reserving(lane, [token, token], [lunch, dinner]))
        assert sorted(each.status for each in replies) == [201, 422], replies
        [lost] = [each for each in replies if each.status == 422]
        assert (lost.code, lost.facts["spendable_hundredths"]) == ("insufficient_points", 300)
        assert lane.town.points(who) == 300


def test_one_person_cannot_have_two_of_one(lane: Street, shop: list[Till]) -> None:
    only = lane.town.reward(shop[0], per_person=1)
    for who in lane.holders(8):
        token = lane.token(f"volunteer:{who}", "volunteer")
        replies = lane.at_once(*reserving(lane, [token, token], [only, only]))
        assert sorted(each.status for each in replies) == [201, 422], replies
        [lost] = [each for each in replies if each.status == 422]
        assert (lost.code, lost.facts["taken"]) == ("per_person_limit", 1)


def reserving(lane: Street, tokens: Sequence[str], rewards: Sequence[str]) -> list[Request]:
    return [
        partial(_reserve, server, token, reward)
        for server, token, reward in zip(lane.servers, tokens, rewards, strict=True)
    ]


def _reserve(server: Server, token: str, reward: str, line: int) -> Reply:
    return server.post(token, "/redemptions", {"reward": reward}, key=key(), line=line)


def test_what_is_given_back_is_not_settled(lane: Street, shop: list[Till]) -> None:
    """A void and a settlement of one capture at the same instant: exactly one of them wins."""
    token, merchant = lane.till_token(shop[0]), shop[0].merchant
    coffee, settled = lane.town.reward(shop[0]), 0
    here, there = lane.servers
    for voucher in lane.vouchers(coffee, lane.holders(LOUDER_ROUNDS)):
        assert capturing(here, token, voucher, key())(0).status == 201
        here, there = there, here
        voided, closed = lane.at_once(
            partial(_void, here, token, voucher), partial(_settle, there, token, merchant, voucher)
        )
        assert sorted((voided.status, closed.status)) == [201, 409], (voided, closed)
        state = lane.town.redemption(voucher.redemption).state
        if closed.status == 201:
            settled += 1
            assert (state, voided.code) == ("settled", "redemption_state_conflict")
        else:
            assert state == "voided"
            assert closed.code in ("nothing_to_settle", "redemption_state_conflict")
    assert lane.town.balance(claims_of(merchant), POINT) == 0
    assert lane.town.balance(settled_of(merchant), POINT) == 100 * settled


def _void(server: Server, token: str, voucher: Voucher, line: int) -> Reply:
    path = f"/redemptions/{voucher.redemption}/void"
    return server.post(token, path, {"ground": "system_fault"}, key=key(), line=line)


def _settle(server: Server, token: str, merchant: str, voucher: Voucher, line: int) -> Reply:
    body = {"merchant": merchant, "redemptions": [voucher.redemption]}
    return server.post(token, "/settlements", body, key=key(), line=line)


def test_a_stranger_verifies_what_the_street_left(lane: Street, tmp_path: Path) -> None:
    """And sees it when one captured amount is another."""
    size = lane.town.size()
    deadline = time.monotonic() + 20
    while lane.book.checkpoint()[0].size < size and time.monotonic() < deadline:
        time.sleep(0.1)
    bundle = tmp_path / "bundle"
    export_bundle(lane.book, bundle, at=lane.book.clock.now_ms())
    command = [sys.executable, "-m", "audit", str(bundle), "--key", lane.book.keys.log.vkey]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr

    entries = bundle / "entries.jsonl"
    lines = entries.read_bytes().splitlines(keepends=True)
    place = next(at for at, each in enumerate(lines) if b'"kind":"redemption_captured"' in each)
    lines[place] = lines[place].replace(b'"amount":100', b'"amount":101', 1)
    entries.write_bytes(b"".join(lines))
    said = subprocess.run(
        [*command, "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.returncode == 1, said.stdout + said.stderr
    assert json.loads(said.stdout)["first_bad_index"] == place
