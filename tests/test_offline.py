"""Tills without a network, as the ledger decides about them (trust §6; docs/offline.md).

The coffee costs one point. Ana serves ten hours and has ten; ten o'clock is opening time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.actions.offline import SignVoucher
from ledger.actions.parties import RegisterTerminal
from ledger.actions.settlement import CloseSettlement, ReviewCapture
from ledger.book import Book
from ledger.door.offline import ITEMS_MAX
from ledger.entry import Entry
from ledger.keys import Ed25519Signer
from ledger.note import MalformedNote, sign_note
from ledger.rows import OfflineSession
from ledger.store import due, offline
from ledger.store.rebuilding import differences
from ledger.vault.rotating import Rotating
from ledger.voucher import ACCEPTED_MAX, Acceptance, digest_of, sign_acceptance, till_name
from tests.api_client import Answer, Cast, Site
from tests.api_client import Till as SiteTill
from tests.kit import Ledger, Till, Town, at, scenario
from tests.replaying import entries_of, replay

KEY = Ed25519Signer("till", bytes(range(32)))
TEN = "2025-03-10 10:00"


@pytest.fixture
def ana(town: Town) -> str:
    who = town.volunteer()
    town.served(who, "2025-02-03 08:00", "13:00")
    town.served(who, "2025-02-04 08:00", "13:00")
    town.clock.set(TEN)
    return who


@pytest.fixture
def till(town: Town) -> Till:
    return town.till()


@pytest.fixture
def coffee(town: Town, till: Till) -> str:
    return town.reward(till, hold_minutes=540)


def signed(town: Town, who: str, reward: str, till: Till, quantity: int = 1) -> str:
    """A reservation whose voucher was signed for the till's branch."""
    made = town.reserve(who, reward, quantity)
    town.sign_voucher(made, till.branch)
    return made


def session_of(town: Town, session: str) -> OfflineSession:
    with town.book.database.reading() as connection:
        found = offline.session(connection, session)
    assert found is not None
    return found


def is_conflict(entry: Entry, ground: str, bearer: str) -> None:
    assert entry.kind == "offline_conflict"
    assert (entry.facts["ground"], entry.facts["bearer"]) == (ground, bearer)
    assert not entry.postings


# Signing -----------------------------------------------------------------------------------------


def test_a_signed_voucher_waits_for_its_till(town: Town, ana: str, till: Till, coffee: str) -> None:
    """It was reserved until 19:00 and the till has two days more: until then nothing comes back,
    for its holder or by a timer. Then it does."""
    made = signed(town, ana, coffee, till)
    deadline = at("2025-03-12 19:00")
    assert town.redemption(made).upload_by == deadline
    with town.refuses("voucher_signed"):
        town.release(made, ana)
    town.clock.set("2025-03-12 18:59")
    assert overdue(town) == []
    with town.refuses("not_expired_yet"):
        town.expire(made)
    with town.refuses("voucher_signed"):
        town.release(made, ana)

    town.clock.ms = deadline
    assert overdue(town) == [made]
    town.expire(made)

    assert town.redemption(made).state == "expired"
    assert town.points(ana) == 1_000


def test_a_voucher_that_was_not_signed_does_not_wait(town: Town, ana: str, coffee: str) -> None:
    made = town.reserve(ana, coffee)
    town.clock.set("2025-03-10 19:00")
    assert overdue(town) == [made]


def overdue(town: Town) -> list[str]:
    """What a timer would end now."""
    with town.book.database.reading() as connection:
        return due.expired_reservations(connection, town.clock.ms, 10)


def test_a_signed_voucher_names_one_branch(town: Town, ana: str, till: Till, coffee: str) -> None:
    """The other branch takes it no more, with a network or without; the named one does both."""
    other = town.till(till.merchant)
    made, second = (signed(town, ana, coffee, till) for _ in range(2))
    with town.refuses("wrong_branch"):
        town.capture(made, other)
    with town.refuses("voucher_signed_already"):
        town.sign_voucher(made, other.branch)
    session = town.open_offline(other, KEY)
    is_conflict(town.take_offline(session, other, 1, second), "unknown", "merchant")

    town.capture(made, till)

    assert town.redemption(made).state == "captured"


def test_who_may_have_what_signed(town: Town, ana: str, bo: str, till: Till, coffee: str) -> None:
    stranger, other = town.till(), town.till(till.merchant)
    made = town.reserve(ana, coffee)
    with town.refuses("unknown_redemption"):
        town.do(SignVoucher(redemption=made, volunteer=bo, branch=till.branch))
    with town.refuses("unknown_party"):
        town.sign_voucher(made, stranger.branch)
    here_only = town.reserve(ana, town.reward(till, branches=till.branch))
    with town.refuses("wrong_branch"):
        town.sign_voucher(here_only, other.branch)
    town.becomes(f"branch:{other.branch}", "suspended")
    with town.refuses("party_not_active"):
        town.sign_voucher(made, other.branch)
    town.clock.set("2025-03-10 19:00")
    with town.refuses("expired"):
        town.sign_voucher(made, till.branch)
    town.expire(made)
    with town.refuses("redemption_state_conflict"):
        town.sign_voucher(made, till.branch)


@pytest.mark.parametrize("name", ["offline.captures", "offline.max_age_minutes"])
def test_rules_that_do_not_speak_of_it_allow_none(
    town: Town, ana: str, till: Till, coffee: str, name: str
) -> None:
    made = town.reserve(ana, coffee)
    town.rules({name: 0})
    with town.refuses("offline_not_allowed"):
        town.sign_voucher(made, till.branch)
    with town.refuses("offline_not_allowed"):
        town.open_offline(till, KEY)


# A session ---------------------------------------------------------------------------------------


def test_one_till_at_a_branch(town: Town, till: Till) -> None:
    """Another branch has its own; a till that never comes back blocks nobody for ever."""
    session = town.open_offline(till, KEY)
    with town.refuses("offline_session_open"):
        town.open_offline(till, KEY)
    town.open_offline(town.till(till.merchant), KEY)
    town.close_offline(session, till, 0)
    second = town.open_offline(till, KEY)
    town.clock.ms = session_of(town, second).upload_by - 1
    with town.refuses("offline_session_open"):
        town.open_offline(till, KEY)
    town.clock.ms += 1
    third = town.open_offline(till, KEY)
    # The lost one turns up: it ends, and the branch stays the third one's.
    town.close_offline(second, till, 0)
    with town.refuses("offline_session_open"):
        town.open_offline(till, KEY)
    assert session_of(town, third).state == "open"


def test_the_rules_say_how_much_and_how_long(town: Town, till: Till) -> None:
    """The entry holds them, so that later rules change nothing for this till."""
    town.clock.set(TEN)
    session = session_of(town, town.open_offline(till, KEY))
    assert (session.captures, session.points, session.minutes) == (50, 20_000, 600)
    assert session.until == at("2025-03-10 22:00")
    assert session.upload_by == at("2025-03-12 22:00")
    assert session.till_key == KEY.public_key.hex()


def test_a_day_without_a_gap_is_paid(town: Town, ana: str, till: Till, coffee: str) -> None:
    """Three were taken, in any order of points and minutes; all are captured as they were taken,
    and settled without anybody looking."""
    made = [signed(town, ana, coffee, till) for _ in range(3)]
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=90)
    taken = [
        town.take_offline(session, till, number, each, accepted=then, step=then // 30_000)
        for number, each in enumerate(made, start=1)
        for then in [at(f"2025-03-10 10:0{number}")]
    ]

    assert [each.facts["flag"] for each in taken] == ["none"] * 3
    assert town.redemption(made[1]).captured == at("2025-03-10 10:02")
    assert town.balance(f"merchant:{till.merchant}:claims", "POINT") == 300
    town.close_offline(session, till, 3)
    found = session_of(town, session)
    assert (found.state, found.last, found.recorded, found.taken_points) == ("closed", 3, 3, 300)
    settle(town, till, made)


def settle(town: Town, till: Till, made: list[str]) -> None:
    town.clock.forward(days=2)
    town.do(CloseSettlement(settlement=town.new(), merchant=till.merchant, redemptions=tuple(made)))


@scenario(
    """
    why               | counter | accepted         | step | at
    -
    a counter missing | 2       | 2025-03-10 10:30 | 1    | 2025-03-10 11:00
    no value          | 1       | 2025-03-10 10:30 | 0    | 2025-03-10 11:00
    after the till's  | 1       | 2025-03-10 10:30 | 1    | 2025-03-12 22:00
    after the coupon's| 1       | 2025-03-10 10:30 | 1    | 2025-03-12 19:00
    clock behind      | 1       | 2025-03-10 09:59 | 1    | 2025-03-10 11:00
    clock never set   | 1       | 1970-01-01 08:00 | 1    | 2025-03-10 11:00
    clock ahead       | 1       | 2025-03-10 11:01 | 1    | 2025-03-10 11:00
    before the shop   | 1       | 2025-03-10 10:09 | 1    | 2025-03-10 11:00
    """
)
def test_what_does_not_fit_waits_for_a_look(
    town: Town, ana: str, till: Till, counter: int, accepted: str, step: int, at: str
) -> None:
    """It is captured, so nobody else can have it; but unpaid, until an operator has looked."""
    reward = town.reward(till, hold_minutes=540, opens=10 * 60 + 10, closes=1_000)
    made = signed(town, ana, reward, till)
    session = town.open_offline(till, KEY)
    town.clock.set(at)
    taken = town.take_offline(session, till, counter, made, accepted=moment_of(accepted), step=step)
    assert (taken.kind, taken.facts["flag"]) == ("redemption_captured", "offline")
    town.clock.forward(days=2)
    with town.refuses("awaits_review"):
        settle(town, till, [made])

    town.do(ReviewCapture(redemption=made))

    settle(town, till, [made])


moment_of = at


def test_a_value_is_good_once_without_a_network_too(
    town: Town, ana: str, till: Till, coffee: str
) -> None:
    """Whoever has a copy of another voucher cannot pay it with digits that were shown for one."""
    shown, copied = signed(town, ana, coffee, till), signed(town, ana, coffee, till)
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=30)
    first = town.take_offline(session, till, 1, shown)
    again = town.take_offline(session, till, 2, copied)
    assert [each.facts["flag"] for each in (first, again)] == ["none", "offline"]


def test_nothing_was_taken_before_it_was_reserved(
    town: Town, ana: str, till: Till, coffee: str
) -> None:
    """The session was open by then, and there was no voucher yet: it counts from its upload on."""
    session = town.open_offline(till, KEY)
    opened = town.clock.ms
    town.clock.forward(minutes=30)
    made = signed(town, ana, coffee, till)
    town.clock.forward(minutes=30)
    taken = town.take_offline(session, till, 1, made, accepted=opened, step=1)
    assert taken.facts["flag"] == "offline"
    assert town.redemption(made).captured == taken.time


def test_the_nearest_thing_that_needs_no_look(town: Town, ana: str, till: Till) -> None:
    """A moment before each deadline, a moment after opening, with the first value there is."""
    reward = town.reward(till, hold_minutes=540, opens=10 * 60 + 10, closes=1_000)
    made = signed(town, ana, reward, till)
    session = town.open_offline(till, KEY)
    town.clock.ms = at("2025-03-12 19:00") - 1
    taken = town.take_offline(session, till, 1, made, accepted=at("2025-03-10 10:10"), step=1)
    assert taken.facts["flag"] == "none"


# Conflicts ---------------------------------------------------------------------------------------


def test_what_was_captured_meanwhile_is_the_programmes(
    town: Town, ana: str, till: Till, coffee: str
) -> None:
    """Another till of the branch took it with a network; the one that was away could not know. The
    till that took it itself could."""
    beside = Till(till.merchant, till.branch, terminal_of(town, till))
    one, other, undone, gone = (signed(town, ana, coffee, till) for _ in range(4))
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=1)
    town.capture(one, beside)
    town.clock.forward(minutes=1)
    town.capture(other, till)
    town.clock.forward(minutes=1)
    town.capture(undone, beside)
    town.void(undone, beside)
    town.suspend(ana)
    before = town.balance(f"merchant:{till.merchant}:claims", "POINT")

    is_conflict(town.take_offline(session, till, 1, one), "already_captured", "programme")
    is_conflict(town.take_offline(session, till, 2, other), "already_captured", "merchant")
    is_conflict(town.take_offline(session, till, 3, undone), "voided", "programme")
    is_conflict(town.take_offline(session, till, 4, gone), "holder_gone", "programme")

    assert town.balance(f"merchant:{till.merchant}:claims", "POINT") == before
    town.close_offline(session, till, 4)
    with town.book.database.reading() as connection:
        own, more = offline.conflicts_page(connection, after=-1, limit=3, volunteer=ana)
        assert (len(own), more) == (3, True)
        assert own[0].facts["redemption"] == one
    mentioned = town.book.history(f"volunteer:{ana}", limit=200)
    assert sum(each.kind == "offline_conflict" for each in mentioned) == 4


def terminal_of(town: Town, till: Till) -> str:
    which = town.new()
    town.do(RegisterTerminal(merchant=till.merchant, branch=till.branch, terminal=which))
    return which


def test_what_the_till_could_tell_is_the_merchants(
    town: Town, ana: str, till: Till, coffee: str
) -> None:
    """Nothing of ours; never signed; after its time; after the session's; the same one twice."""
    made, never, late, night = (
        signed(town, ana, coffee, till),
        town.reserve(ana, coffee),
        signed(town, ana, coffee, till),
        signed(town, ana, town.reward(till, hold_minutes=2_000), till),
    )
    session = town.open_offline(till, KEY)
    town.clock.set("2025-03-10 22:30")
    early, evening, ten = (
        {"accepted": at(f"2025-03-10 {each}")} for each in ("10:05", "19:00", "22:00")
    )
    took = town.take_offline
    is_conflict(took(session, till, 1, ""), "unknown", "merchant")
    is_conflict(took(session, till, 2, never), "unknown", "merchant")
    is_conflict(took(session, till, 3, late, **evening), "expired", "merchant")
    is_conflict(took(session, till, 4, night, **ten), "too_old", "merchant")
    assert took(session, till, 5, made, **early).kind == "redemption_captured"
    is_conflict(took(session, till, 6, made, **early), "already_captured", "merchant")
    town.void(made, till)
    is_conflict(took(session, till, 7, made, **early), "voided", "merchant")


def test_above_the_cap_every_conflict_is_the_merchants(
    town: Town, ana: str, till: Till, coffee: str
) -> None:
    """Two vouchers, or three points, whichever comes first."""
    town.rules({"offline.captures": 2, "offline.points": 300})
    beside = Till(till.merchant, till.branch, terminal_of(town, till))
    made = [signed(town, ana, coffee, till) for _ in range(4)]
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=2)
    town.capture(made[3], beside)
    for number in (1, 2):
        assert town.take_offline(session, till, number, made[number - 1]).kind != "offline_conflict"
    is_conflict(town.take_offline(session, till, 3, made[2]), "above_cap", "merchant")
    is_conflict(town.take_offline(session, till, 4, made[3]), "already_captured", "merchant")
    town.close_offline(session, till, 4)
    # What was above the cap is still the holder's.
    assert town.redemption(made[2]).state == "reserved"

    second, dear = town.open_offline(till, KEY), signed(town, ana, coffee, till, 3)
    assert town.take_offline(second, till, 1, made[2]).kind == "redemption_captured"
    is_conflict(town.take_offline(second, till, 2, dear), "above_cap", "merchant")


def test_too_late_for_what_ended_is_the_merchants(
    town: Town, ana: str, till: Till, coffee: str
) -> None:
    """Two days after closing time the value has gone back: nobody waits for ever."""
    expired, released = (signed(town, ana, coffee, till) for _ in range(2))
    session = town.open_offline(till, KEY)
    accepted = town.clock.ms + 60_000
    town.clock.set("2025-03-12 19:00")
    town.release(released, ana)
    town.expire(expired)
    for number, (made, ground) in enumerate(((expired, "expired"), (released, "released")), 1):
        taken = town.take_offline(session, till, number, made, accepted=accepted)
        is_conflict(taken, ground, "merchant")


@pytest.mark.parametrize("seconds", [-15, -14.999, -3, 0.001, 14.999, 15])
def test_by_the_tills_own_times_one_may_be_too_soon_after_another(
    town: Town, ana: str, till: Till, coffee: str, seconds: float
) -> None:
    """Two shops, or one till whose second voucher comes in first: whichever is told later waits."""
    other = town.till()
    one = signed(town, ana, coffee, till)
    two = signed(town, ana, town.reward(other, hold_minutes=540), other)
    late = signed(town, ana, coffee, till)
    here, there = town.open_offline(till, KEY), town.open_offline(other, KEY)
    noon = at("2025-03-10 12:00")
    town.clock.set("2025-03-10 14:00")
    first = town.take_offline(here, till, 1, one, accepted=noon)
    # What is taken long after does not hide it.
    town.take_offline(here, till, 2, late, accepted=noon + 3_600_000)
    accepted = noon + round(seconds * 1000)
    second = town.take_offline(
        there, other, 1, two, accepted=accepted, step=accepted // 30_000 + 99
    )
    assert first.facts["flag"] == "none"
    assert second.facts["flag"] == ("rapid" if abs(seconds) < 15 else "none")
    assert replay(entries_of(town.book.database)) is None


def test_one_may_be_too_soon_after_a_capture_with_a_network(
    town: Town, ana: str, till: Till, coffee: str
) -> None:
    other = town.till()
    one, two = (signed(town, ana, coffee, till) for _ in range(2))
    online = town.reserve(ana, town.reward(other))
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=10)
    town.capture(online, other)
    taken = town.clock.ms
    town.clock.forward(minutes=5)
    early = town.take_offline(session, till, 1, one, accepted=taken - 300_000, step=1)
    soon = town.take_offline(session, till, 2, two, accepted=taken + 5_000, step=2)
    assert (early.facts["flag"], soon.facts["flag"]) == ("none", "rapid")


def test_an_upload_makes_nothing_too_soon(town: Town, ana: str, till: Till, coffee: str) -> None:
    """What was taken this morning comes in now; the holder takes another the next second."""
    made, online = signed(town, ana, coffee, till), town.reserve(ana, town.reward(till))
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=10)
    town.take_offline(session, till, 1, made)
    town.clock.forward(seconds=1)
    town.capture(online, till)
    assert town.redemption(online).flag == "none"


def test_junk_of_one_till_ends_for_the_day(town: Town, ana: str, till: Till, coffee: str) -> None:
    """Twice as many conflicts as it may take vouchers; what it took is captured all the same."""
    town.rules({"offline.captures": 3})
    other = town.till()
    good = signed(town, ana, coffee, till)
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=2)
    for counter in range(2, 7):
        is_conflict(town.take_offline(session, till, counter, ""), "unknown", "merchant")
    assert town.take_offline(session, till, 1, good).kind == "redemption_captured"
    town.take_offline(session, till, 7, good)
    size = town.size()
    for redemption in ("", good):
        with town.refuses("too_many_conflicts"):
            town.take_offline(session, till, 8, redemption)
    # Neither a new session nor a new voucher changes that; another till has its own count.
    town.close_offline(session, till, 7)
    again = town.open_offline(till, KEY)
    with town.refuses("too_many_conflicts"):
        town.take_offline(again, till, 1, "")
    town.take_offline(town.open_offline(other, KEY), other, 1, "")
    assert town.size() == size + 4
    town.clock.set("2025-03-11 00:00")
    is_conflict(town.take_offline(again, till, 1, ""), "unknown", "merchant")


# Counters ----------------------------------------------------------------------------------------


def test_a_session_closes_when_every_counter_is_there(
    town: Town, ana: str, till: Till, coffee: str
) -> None:
    made = [signed(town, ana, coffee, till) for _ in range(3)]
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=2)
    town.take_offline(session, till, 3, made[2])
    town.take_offline(session, till, 1, made[0])
    with town.book.database.reading() as connection:
        assert offline.missing_counters(connection, session_of(town, session), 9) == [2]
    for last in (0, 1, 2, 3, 4):
        with town.refuses("counters_missing"):
            town.close_offline(session, till, last)
    # The third came out of turn, and so does the second: both are looked at.
    town.take_offline(session, till, 2, made[1])
    flags = [town.redemption(each).flag for each in made]
    assert flags == ["offline", "offline", "offline"]
    with town.refuses("counter_reused"):
        town.take_offline(session, till, 2, made[0])
    town.close_offline(session, till, 3)
    with town.refuses("offline_session_closed"):
        town.close_offline(session, till, 3)
    with town.refuses("offline_session_closed"):
        town.take_offline(session, till, 4, made[0])
    stranger = town.till()
    with town.refuses("unknown_offline_session"):
        town.close_offline(session, stranger, 3)


def test_saved_time_is_taken_offline_too(town: Town, till: Till) -> None:
    """An hour of help for sixty minutes; the rules that take hours along do so here as well."""
    town.rules({"redeem.reduces_service_hours": True})
    old = town.volunteer()
    town.saved(old, 240)
    town.clock.set(TEN)
    made = signed(town, old, town.service_order(till, hold_minutes=540), till)
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=2)
    taken = town.take_offline(session, till, 1, made)
    assert taken.facts["amount"] == 60
    assert (town.time(old), town.minutes(old)) == (180, 180)
    assert session_of(town, session).taken_minutes == 60


def test_what_is_projected_can_be_made_again(town: Town, ana: str, till: Till, coffee: str) -> None:
    made = [signed(town, ana, coffee, till) for _ in range(2)]
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=2)
    town.take_offline(session, till, 1, made[0])
    town.take_offline(session, till, 2, made[0])
    assert list(differences(town.book.database, town.book.origin)) == []


def test_who_bears_a_conflict_cannot_be_written_otherwise(
    town: Town, ana: str, till: Till, coffee: str
) -> None:
    """Whoever decides the entries again finds the first that says what the rules do not."""
    made = signed(town, ana, coffee, till)
    session = town.open_offline(till, KEY)
    town.clock.forward(minutes=2)
    town.take_offline(session, till, 1, made)
    town.take_offline(session, till, 2, made)
    entries = entries_of(town.book.database)
    assert replay(entries) is None
    for kind, name, value in (
        ("offline_conflict", "bearer", "programme"),
        ("offline_conflict", "ground", "expired"),
        ("redemption_captured", "flag", "offline"),
        ("offline_opened", "captures", 51),
        ("voucher_signed", "upload_by", 0),
    ):
        told = [
            each._replace(facts={**each.facts, name: value}) if each.kind == kind else each
            for each in entries
        ]
        difference = replay(told)
        assert difference is not None
        assert (difference.kind, difference.what) == (kind, name)


# Over HTTP ---------------------------------------------------------------------------------------


class Away:
    """A till that signs what it takes, and its session."""

    def __init__(self, site: Site, till: SiteTill) -> None:
        self.site, self.till = site, till
        self.session = site.made(till.token, "/offline", {"till_key": KEY.public_key.hex()})[
            "session"
        ]
        name = till_name(site.book.origin, self.session)
        self.key = Ed25519Signer(name, bytes(range(32)))

    def takes(self, counter: int, voucher: str, **given: Any) -> dict[str, str]:
        """A signed acceptance of a voucher, a minute ago."""
        fields: dict[str, Any] = {
            "origin": self.site.book.origin,
            "session": self.session,
            "accepted": self.site.clock.ms - 60_000,
            "value": "",
            "voucher": digest_of(voucher.encode()),
            **given,
        }
        signer = fields.pop("signer", self.key)
        note = sign_acceptance(Acceptance(counter=counter, **fields), signer)
        return {"acceptance": note.decode(), "voucher": voucher}

    def uploads(self, *acceptances: dict[str, str]) -> list[dict[str, Any]]:
        answer = self.upload(*acceptances)
        assert answer.status == 200, answer.text
        items: list[dict[str, Any]] = answer["items"]
        return items

    def upload(self, *acceptances: dict[str, str], token: str = "") -> Answer:
        body = {"acceptances": list(acceptances)}
        path = f"/offline/{self.session}/uploads"
        return self.site.post(token or self.till.token, path, body, key="")


@pytest.fixture
def site(book: Book, ledger: Ledger) -> Site:
    return Site(book, ledger.clock)


@pytest.fixture
def cast(site: Site) -> Cast:
    made = Cast(site)
    made.served("2025-03-07 08:00", "13:00")
    site.clock.set(TEN)
    return made


def ask(site: Site, cast: Cast, till: SiteTill, reward: str) -> dict[str, Any]:
    """A signed voucher of Ana's."""
    made = site.made(cast.ana_token, "/redemptions", {"reward": reward})
    path = f"/redemptions/{made['redemption']}/offline"
    signed: dict[str, Any] = site.made(cast.ana_token, path, {"branch": till.branch})
    return signed


def test_a_voucher_is_signed_taken_and_uploaded(site: Site, cast: Cast) -> None:
    """With the six digits of that half minute it is paid; uploaded again it is the same entry."""
    till = site.till()
    reward = site.reward(till, hold_minutes=540)
    voucher = ask(site, cast, till, reward)
    assert voucher["item"] == "咖啡一杯"
    assert voucher["upload_by"] == "2025-03-12T11:00:00.000Z"
    path = f"/redemptions/{voucher['redemption']}/offline"
    again = site.get(cast.ana_token, path)
    assert again["voucher"] == voucher["voucher"]
    away = Away(site, till)
    site.clock.forward(minutes=30)
    accepted = site.clock.ms - 60_000
    value = Rotating(site.book.keys.code).shown(cast.ana, accepted).value
    taken = away.takes(1, voucher["voucher"], value=value, accepted=accepted)

    (first,) = away.uploads(taken)
    (second,) = away.uploads(taken)

    assert (first["outcome"], first["redemption"]) == ("captured", voucher["redemption"])
    assert first == second
    proof = site.book.entry(first["entry"] + 1).facts
    assert proof["proof"] == digest_of(taken["acceptance"].encode())
    assert (proof["step"], proof["accepted"]) == (accepted // 30_000, accepted)
    shown = site.get(site.operator, f"/redemptions/{voucher['redemption']}")
    assert shown["captured"] == "2025-03-10T02:29:00.000Z"
    closed = site.made(till.token, f"/offline/{away.session}/close", {"last": 1})
    assert closed["last"] == 1
    assert site.get(till.token, f"/offline/{away.session}")["state"] == "closed"
    # What had its answer keeps it, also after the end.
    assert away.uploads(taken) == [first]


@pytest.mark.parametrize("minutes", [-2, 2])
def test_the_value_of_another_moment_is_none(site: Site, cast: Cast, minutes: int) -> None:
    till = site.till()
    voucher = ask(site, cast, till, site.reward(till, hold_minutes=540))
    away = Away(site, till)
    site.clock.forward(minutes=30)
    accepted = site.clock.ms - 5 * 60_000
    value = Rotating(site.book.keys.code).shown(cast.ana, accepted + minutes * 60_000).value
    (answer,) = away.uploads(away.takes(1, voucher["voucher"], value=value, accepted=accepted))
    assert answer["outcome"] == "review"


def test_what_the_till_did_not_sign_is_refused_and_writes_nothing(site: Site, cast: Cast) -> None:
    """Another key, another session, another voucher, noise: nobody claims in a till's name."""
    till = site.till()
    reward = site.reward(till, hold_minutes=540)
    one, other = (ask(site, cast, till, reward)["voucher"] for _ in range(2))
    away = Away(site, till)
    site.clock.forward(minutes=5)
    size = site.size()
    forged = away.takes(1, one, signer=Ed25519Signer(away.key.name, bytes(32)))
    foreign = away.takes(1, one, session="5" * 16)
    swapped = {**away.takes(1, one), "voucher": other}
    elsewhere = away.takes(1, one, origin="elsewhere.example/log/x")
    noise = {"acceptance": "noise", "voucher": one}

    items = away.uploads(forged, foreign, swapped, elsewhere, noise)

    assert [(each["outcome"], each["code"]) for each in items] == [
        ("refused", "bad_acceptance")
    ] * 5
    assert site.size() == size
    for wrong in ([], [away.takes(1, one)] * (ITEMS_MAX + 1)):
        assert away.upload(*wrong).status == 422


def test_what_no_ledger_of_ours_signed_is_the_merchants_conflict(site: Site, cast: Cast) -> None:
    """The till signed that it took it: its mistake is on the record, and its session can end."""
    till = site.till()
    voucher = ask(site, cast, till, site.reward(till, hold_minutes=540))["voucher"]
    away = Away(site, till)
    site.clock.forward(minutes=5)
    text = voucher.rpartition("\n\n")[0] + "\n"
    forged = sign_note(text, [Ed25519Signer(site.book.keys.voucher.name, bytes(32))]).decode()
    dearer = voucher.replace("\n1\n", "\n9\n", 1)

    items = away.uploads(away.takes(1, forged), away.takes(2, dearer))

    assert [(each["ground"], each["bearer"]) for each in items] == [("unknown", "merchant")] * 2
    site.made(till.token, f"/offline/{away.session}/close", {"last": 2})


def test_a_heap_is_put_in_order_and_each_has_its_own_answer(site: Site, cast: Cast) -> None:
    """Uploaded backwards, with a counter used twice: no gap, one refusal, the rest is there."""
    till = site.till()
    reward = site.reward(till, hold_minutes=540)
    vouchers = [ask(site, cast, till, reward)["voucher"] for _ in range(4)]
    away = Away(site, till)
    site.clock.forward(minutes=5)
    heap = [away.takes(number, vouchers[number - 1]) for number in (3, 1, 2)]
    twice = away.takes(2, vouchers[3])

    items = away.uploads(*heap, twice)

    assert [each["counter"] for each in items] == [3, 1, 2, 2]
    assert [each["outcome"] for each in items] == ["review", "review", "review", "refused"]
    assert items[3]["code"] == "counter_reused"
    found = site.get(till.token, f"/offline/{away.session}")
    assert (found["last"], found["uploaded"], found["missing"]) == (3, 3, [])
    # They wait because no value was shown, not for a gap: the last one comes with its value.
    site.clock.forward(minutes=1)
    accepted = site.clock.ms - 60_000
    value = Rotating(site.book.keys.code).shown(cast.ana, accepted).value
    (last,) = away.uploads(away.takes(4, vouchers[3], value=value, accepted=accepted))
    assert last["outcome"] == "captured"


def test_what_a_clerk_takes_offline_is_theirs_whoever_uploads_it(site: Site, cast: Cast) -> None:
    """In their lines and in their day; a clerk who only uploads has taken nothing."""
    till = site.till()
    owner = site.token(f"merchant:{till.merchant}", "merchant")
    reward = site.reward(till, hold_minutes=540)
    clerks, tokens = [], []
    for name in ("王五", "李四"):
        path = f"/branches/{till.branch}/clerks"
        clerks.append(site.made(owner, path, {"name": name})["clerk"])
        body = {"party": f"merchant:{till.merchant}", "role": "merchant", "clerk": clerks[-1]}
        tokens.append(site.made(owner, "/tokens", body | {"terminal": till.terminal})["token"])
        site.made(owner, f"/clerks/{clerks[-1]}/limits", {"captures": 2})
    vouchers = [ask(site, cast, till, reward) for _ in range(2)]
    online = site.made(cast.ana_token, "/redemptions", {"reward": reward})
    away = Away(site, replace(till, token=tokens[0]))
    assert site.get(till.token, f"/offline/{away.session}")["clerk"] == clerks[0]
    for number, by in enumerate((tokens[1], till.token), 1):
        site.clock.forward(minutes=5)
        taken = away.takes(number, vouchers[number - 1]["voucher"])
        assert away.upload(taken, token=by)["items"][0]["outcome"] == "review"
    for each in vouchers:
        shown = site.get(owner, f"/redemptions/{each['redemption']}")
        assert shown["clerk"] == clerks[0]
        assert site.get(tokens[0], f"/redemptions/{each['redemption']}").status == 200
        assert site.get(tokens[1], f"/redemptions/{each['redemption']}").status == 404

    for by, status in zip(tokens, (409, 201), strict=True):
        site.clock.forward(minutes=5)
        answer = site.post(by, "/redemptions/capture", {"code": online["code"]})
        assert answer.status == status, answer.text
    assert list(differences(site.book.database, site.book.origin)) == []


def test_a_clerk_who_is_gone_by_the_upload_is_looked_at(site: Site, cast: Cast) -> None:
    till = site.till()
    owner = site.token(f"merchant:{till.merchant}", "merchant")
    path = f"/branches/{till.branch}/clerks"
    clerk = site.made(owner, path, {"name": "王五"})["clerk"]
    body = {"party": f"merchant:{till.merchant}", "role": "merchant", "clerk": clerk}
    token = site.made(owner, "/tokens", body | {"terminal": till.terminal})["token"]
    voucher = ask(site, cast, till, site.reward(till, hold_minutes=540))["voucher"]
    away = Away(site, replace(till, token=token))
    site.clock.forward(minutes=5)
    accepted = site.clock.ms - 60_000
    value = Rotating(site.book.keys.code).shown(cast.ana, accepted).value
    site.made(owner, f"/parties/clerk:{clerk}/suspend", {"reason": "离职"})
    taken = away.takes(1, voucher, value=value, accepted=accepted)
    assert away.upload(taken, token=till.token)["items"][0]["outcome"] == "review"


def test_conflicts_are_listed_for_both_sides_and_nobody_else(site: Site, cast: Cast) -> None:
    till, stranger = site.till(), site.till()
    reward = site.reward(till, hold_minutes=540)
    voucher = ask(site, cast, till, reward)
    away = Away(site, till)
    site.clock.forward(minutes=5)
    away.uploads(away.takes(1, voucher["voucher"]), away.takes(2, voucher["voucher"]))
    other = site.volunteer_token(site.volunteer(cast.home))

    (mine,) = site.get(till.token, f"/offline/{away.session}/conflicts")["data"]
    (hers,) = site.get(cast.ana_token, "/offline/conflicts")["data"]
    (all_,) = site.get(site.operator, "/offline/conflicts")["data"]

    assert mine == hers == all_
    assert (mine["ground"], mine["bearer"], mine["counter"]) == ("already_captured", "merchant", 2)
    assert (mine["redemption"], mine["amount_hundredths"]) == (voucher["redemption"], 100)
    assert site.get(other, "/offline/conflicts")["data"] == []
    assert site.get(stranger.token, "/offline/conflicts")["data"] == []
    assert site.get(stranger.token, f"/offline/{away.session}").status == 404
    assert site.get(stranger.token, f"/offline/{away.session}/conflicts").status == 404
    assert site.get(stranger.token, "/offline")["data"] == []
    (session,) = site.get(till.token, "/offline")["data"]
    assert site.get(till.token, "/offline?newest_first=yes")["data"] == [session]
    older = f"/offline?newest_first=yes&starting_after={session['entry']}"
    assert site.get(till.token, older)["data"] == []


@pytest.mark.parametrize("accepted", [ACCEPTED_MAX, 2**53 - 1])
def test_a_till_accepts_nothing_in_another_century(
    site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch, accepted: int
) -> None:
    """A time that no calendar has would keep everybody from reading the list it stands in."""
    till = site.till()
    voucher = ask(site, cast, till, site.reward(till, hold_minutes=540))["voucher"]
    away = Away(site, till)
    with pytest.raises(MalformedNote):
        away.takes(1, voucher, accepted=accepted)
    with monkeypatch.context() as lax:
        lax.setattr("ledger.voucher.ACCEPTED_MAX", 2**53)
        taken = away.takes(1, voucher, accepted=accepted)
    size = site.size()
    (refused,) = away.uploads(taken)
    assert (refused["code"], site.size()) == ("bad_acceptance", size)
    (late,) = away.uploads(away.takes(1, voucher, accepted=ACCEPTED_MAX - 1))
    assert (late["outcome"], late["ground"]) == ("conflict", "expired")
    for token in (till.token, cast.ana_token, site.operator):
        (row,) = site.get(token, "/offline/conflicts")["data"]
        assert row["accepted"] == "2100-12-31T23:59:59.999Z"


@pytest.mark.parametrize("kind", ["terminal", "branch"])
def test_what_a_suspended_till_took_is_looked_at_first(site: Site, cast: Cast, kind: str) -> None:
    """It may have been stolen; the holder's digits alone do not say who stood there."""
    till = site.till()
    voucher = ask(site, cast, till, site.reward(till, hold_minutes=540))["voucher"]
    away = Away(site, till)
    site.clock.forward(minutes=5)
    accepted = site.clock.ms - 60_000
    value = Rotating(site.book.keys.code).shown(cast.ana, accepted).value
    taken = away.takes(1, voucher, value=value, accepted=accepted)
    halted = f"{kind}:{till.terminal if kind == 'terminal' else till.branch}"
    site.made(site.operator, f"/parties/{halted}/suspend", {"reason": "stolen"})
    (item,) = away.uploads(taken)
    assert item["outcome"] == "review"


def test_only_the_tills_own_token_speaks_for_it(site: Site, cast: Cast) -> None:
    """Neither another shop, nor another till of this one, nor a token without a till."""
    till = site.till()
    voucher = ask(site, cast, till, site.reward(till, hold_minutes=540))["voucher"]
    away = Away(site, till)
    site.clock.forward(minutes=5)
    taken = away.takes(1, voucher)
    manager = site.token(f"merchant:{till.merchant}", "merchant")
    for token in (site.till().token, site.till(till.merchant).token, manager):
        assert away.upload(taken, token=token).code == "unknown_offline_session"
        closing = site.post(token, f"/offline/{away.session}/close", {"last": 0})
        assert closing.code == "unknown_offline_session"
    opening = site.post(manager, "/offline", {"till_key": KEY.public_key.hex()})
    assert opening.code == "terminal_needed"


def test_a_voucher_is_fetched_by_its_holder_alone(site: Site, cast: Cast) -> None:
    till = site.till()
    reward = site.reward(till, hold_minutes=540)
    made = site.made(cast.ana_token, "/redemptions", {"reward": reward})["redemption"]
    path = f"/redemptions/{made}/offline"
    assert site.get(cast.ana_token, path).code == "voucher_not_signed"
    other = site.volunteer_token(site.volunteer(cast.home))
    assert site.post(other, path, {"branch": till.branch}).code == "unknown_redemption"
    key = f"sign-{'x' * 20}"
    first = site.post(cast.ana_token, path, {"branch": till.branch}, key=key)
    again = site.post(cast.ana_token, path, {"branch": till.branch}, key=key)
    assert (first.status, again.status, again["entry"]) == (201, 201, first["entry"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert site.get(other, path).code == "unknown_redemption"


@pytest.mark.parametrize("sent", ["", "xyz", "AB" * 32, "ab" * 31, 7])
def test_a_tills_key_has_its_form(site: Site, sent: Any) -> None:
    assert site.post(site.till().token, "/offline", {"till_key": sent}).status == 422


def test_no_entry_and_no_log_holds_what_the_phone_showed(site: Site, cast: Cast) -> None:
    till = site.till()
    voucher = ask(site, cast, till, site.reward(till, hold_minutes=540))["voucher"]
    away = Away(site, till)
    site.clock.forward(minutes=5)
    accepted = site.clock.ms - 60_000
    value = Rotating(site.book.keys.code).shown(cast.ana, accepted).value
    (item,) = away.uploads(away.takes(1, voucher, value=value, accepted=accepted))
    entries = b"".join(site.book.entry(item["entry"] + part).data for part in (0, 1))
    assert f'"{value}"'.encode() not in entries
    assert value not in site.log.getvalue()
    assert "咖啡".encode() not in entries
