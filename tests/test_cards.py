"""Cards and rotating values: numbers, PINs, what the vault keeps, and what the rules say."""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.actions import Action
from ledger.actions.cards import ChangeCardPin, CloseCard, GuardRedemption, IssueCard, ReissueCode
from ledger.actions.consents import RecordConsent
from ledger.actions.objections import DecideObjection, FileObjection
from ledger.actions.rewards import ExtendRedemption, Reserve
from ledger.actions.settlement import CloseSettlement
from ledger.actors import why_not_made_by
from ledger.book import Caller
from ledger.cards import (
    BadCard,
    grouped_card,
    is_pin,
    is_trivial,
    looks_like_card,
    make_card_number,
    normalise_card,
)
from ledger.codes import BadCode, make_code, normalise, split_rotating, with_rotating
from ledger.errors import Refused
from ledger.fold.cards import rotating_step_used
from ledger.store.cards import FAILURES_A_TIME, WAITS_MS, judge
from ledger.store.projections import standing_from
from ledger.vault import Vault, VolunteerClaim, cards
from ledger.vault.rotating import Rotating
from migrations.vault import upgrade
from tests.kit import DAY_MS, MINUTE_MS, Ledger, Till, Town, scenario

NUMBERS = st.binary(min_size=8, max_size=8).map(make_card_number)
STEP_MS = 30_000


# Numbers -----------------------------------------------------------------------------------------


def wrong_digits(number: str) -> Iterator[str]:
    for place, right in enumerate(number):
        for digit in "0123456789":
            if digit != right:
                yield number[:place] + digit + number[place + 1 :]


def swaps(number: str) -> Iterator[str]:
    for place in range(len(number) - 1):
        one, other = number[place], number[place + 1]
        if one != other:
            yield number[:place] + other + one + number[place + 2 :]


def test_every_wrong_digit_and_every_swap_of_neighbours_changes_the_remainder() -> None:
    """For all numbers at once: an error adds d·10ᵏ or 9·d·10ᵏ, and 97 divides none of them."""
    for power in range(12):
        for difference in range(1, 10):
            assert difference * 10**power % 97
            assert difference * 9 * 10**power % 97


@settings(deadline=None, max_examples=50)
@given(NUMBERS)
def test_every_wrong_digit_and_every_swap_is_refused(number: str) -> None:
    assert (len(number), int(number) % 97, number[0] != "0") == (12, 1, True)
    wrong = [*wrong_digits(number), *swaps(number)]
    assert len(wrong) >= 108
    for each in wrong:
        with pytest.raises(BadCard):
            normalise_card(each)


def test_a_number_that_can_be_checked_by_hand() -> None:
    """10⁹ · 100 leaves 5 by 97, and 98 - 5 is 93."""
    assert 10**11 % 97 == 5
    assert make_card_number(bytes(8)) == "100000000093"
    assert grouped_card("100000000093") == "1000 0000 0093"


@settings(deadline=None)
@given(NUMBERS, st.binary(min_size=6, max_size=6).map(make_code))
def test_a_card_is_never_taken_for_a_code_nor_a_code_for_a_card(number: str, code: str) -> None:
    """At the one field of a till, however it is typed."""
    for typed in (number, grouped_card(number), f" {number[:6]}-{number[6:]}\n"):
        assert looks_like_card(typed)
        assert normalise_card(typed) == number
        with pytest.raises(BadCode):
            normalise(typed)
    for typed in (code, code.lower(), f"{code[:5]}-{code[5:]}", with_rotating(code, "123456")):
        assert not looks_like_card(typed)


@pytest.mark.parametrize("typed", ["", "1" * 11, "1" * 13, "10000000001O", "１" * 12, "1" * 1000])
def test_what_is_no_card_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(BadCard) as refused:
        normalise_card(typed)
    assert not typed or typed not in refused.value.sentence


def test_a_number_is_made_of_eight_bytes() -> None:
    with pytest.raises(ValueError, match="8 bytes"):
        make_card_number(b"1234567")


@pytest.mark.parametrize(
    "pin",
    ["000000", "123456", "654321", "890123", "121212", "123123", "112233", "123321", "111222",
     "505050"],
)  # fmt: skip
def test_pins_that_anybody_would_try_first(pin: str) -> None:
    assert is_pin(pin)
    assert is_trivial(pin)


@pytest.mark.parametrize("pin", ["271839", "907153", "135792", "100200"])
def test_other_pins_are_no_worse_than_any(pin: str) -> None:
    assert is_pin(pin)
    assert not is_trivial(pin)


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345a", "１２３４５６", "12 456"])
def test_a_pin_is_six_digits(pin: str) -> None:
    assert not is_pin(pin)


# A code and the value beside it ------------------------------------------------------------------


def test_a_code_and_a_value_are_parted_at_the_dot() -> None:
    assert split_rotating("ABCDE-FGHJK") == ("ABCDE-FGHJK", "")
    assert split_rotating("ABCDE-FGHJK.123 456") == ("ABCDE-FGHJK", "123456")
    for typed in ("ABCDEFGHJK.", "ABCDEFGHJK.12345", "ABCDEFGHJK.1234567", "ABCDEFGHJK.12a456"):
        with pytest.raises(BadCode):
            split_rotating(typed)


def by_the_standard(secret: bytes, step: int) -> str:
    """RFC 4226 §5.3 with SHA-256 as RFC 6238 allows, written as it reads."""
    mac = hmac.digest(secret, struct.pack(">Q", step), "sha256")
    offset = mac[-1] & 15
    return f"{(int.from_bytes(mac[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(1, 2**40), st.integers(0, 29_999))
def test_the_value_is_what_the_standard_says(key: bytes, step: int, into: int) -> None:
    shown = Rotating(key).shown("ana", step * STEP_MS + into)
    secret = hmac.digest(key, b"sidereal/code/rotating\x00ana", "sha256")
    assert (shown.value, shown.step) == (by_the_standard(secret, step), step)
    assert shown.seconds_left == -(-(STEP_MS - into) // 1000)
    assert 1 <= shown.seconds_left <= 30


def test_the_current_and_the_previous_step_are_taken_and_no_other() -> None:
    rotating, step = Rotating(sha256(b"key").digest()), 1_000_000
    value = rotating.shown("ana", step * STEP_MS).value
    taken = {
        later: rotating.step_of("ana", value, (step + later) * STEP_MS) for later in (-1, 0, 1, 2)
    }
    assert taken == {-1: 0, 0: step, 1: step, 2: 0}
    assert rotating.step_of("ana", value, (step + 2) * STEP_MS - 1) == step
    assert rotating.step_of("bo", value, step * STEP_MS) == 0, "each holder has values of their own"


# What the vault keeps ----------------------------------------------------------------------------


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    url = f"sqlite:///{tmp_path}/vault.db"
    upgrade(url)
    opened = Vault.open(url, master_key=b"m" * 32, index_key=b"i" * 32)
    yield opened
    opened.close()


@pytest.fixture
def holder(vault: Vault) -> str:
    """Born on 7 March 1990."""
    with vault.claims(persist=True, at=0) as claims:
        (claimed,) = claims.volunteers(
            [VolunteerClaim(number=None, identity_number="110105199003074578", name="张三")]
        )
    return claimed.id


CARD = "0123456789abcdef"
NEXT = "fedcba9876543210"


def opens(vault: Vault, holder: str, card: str, pin: str, changed_by: str = "") -> bool:
    """As the door asks, which looks up what the card's last entry stands for."""
    return cards.is_pin_of(vault, holder, card, pin, lambda: changed_by)


def test_a_card_is_found_by_its_number_and_opened_by_its_pin(vault: Vault, holder: str) -> None:
    number = cards.issue(vault, holder, CARD, "271839")
    assert cards.find(vault, number) == (holder, CARD)
    assert opens(vault, holder, CARD, "271839")
    assert not opens(vault, holder, CARD, "271838")
    assert cards.issue(vault, holder, CARD, "907153") == number, "sent again, the same card"
    assert not opens(vault, holder, CARD, "271839")
    assert opens(vault, holder, CARD, "907153")


def test_a_changed_pin_is_in_force_once_the_card_says_so(vault: Vault, holder: str) -> None:
    cards.issue(vault, holder, CARD, "271839")
    cards.set_pin(vault, holder, CARD, "907153", "aa" * 16)
    cards.set_pin(vault, holder, CARD, "135791", "bb" * 16)
    for changed_by, pin in (
        ("", "271839"),
        ("cc" * 16, "271839"),
        ("aa" * 16, "907153"),
        ("bb" * 16, "135791"),
    ):
        good = {
            each
            for each in ("271839", "907153", "135791")
            if opens(vault, holder, CARD, each, changed_by)
        }
        assert good == {pin}
    cards.drop_pin(vault, holder, CARD, "bb" * 16)
    assert not opens(vault, holder, CARD, "135791", "bb" * 16)
    assert cards.destroy(vault, holder, CARD)
    assert list(vault.store.fields_beginning(holder, "card_")) == []


def test_a_number_that_nobody_has_finds_nothing_and_opens_nothing(
    vault: Vault, holder: str
) -> None:
    assert cards.find(vault, "100000000093") == ("", "")
    assert not opens(vault, "", "", "271839")
    assert not opens(vault, holder, CARD, "271839")


def test_neither_number_nor_pin_stands_in_the_files(
    vault: Vault, holder: str, tmp_path: Path
) -> None:
    number = cards.issue(vault, holder, CARD, "271839")
    files = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert number.encode() not in files
    assert b"271839" not in files
    assert b"argon2id" not in files


def test_a_copy_of_the_database_alone_tries_no_pin(vault: Vault, holder: str) -> None:
    """Whoever opened the fields still lacks the secret that is mixed in."""
    cards.issue(vault, holder, CARD, "271839")
    (hashed,) = [
        vault.person_key(holder).open_field(field, sealed)
        for _, _, field, sealed in vault.store.fields_beginning(holder, "card_pin_")
    ]
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    with pytest.raises(InvalidKey):
        Argon2id.verify_phc_encoded(b"271839", hashed)
    Argon2id.verify_phc_encoded(b"271839", hashed, secret=vault.sealer.pin_secret())


def test_a_closed_card_leaves_nothing(vault: Vault, holder: str, tmp_path: Path) -> None:
    number, kept = (
        cards.issue(vault, holder, CARD, "271839"),
        cards.issue(vault, holder, NEXT, "907153"),
    )
    blind = vault.sealer.blind("volunteer", "card_number", number)
    assert cards.destroy(vault, holder, CARD)
    assert not cards.destroy(vault, holder, CARD)
    assert cards.find(vault, number) == ("", "")
    assert not opens(vault, holder, CARD, "271839")
    assert cards.find(vault, kept) == (holder, NEXT)
    assert opens(vault, holder, NEXT, "907153")
    assert blind not in b"".join(each.read_bytes() for each in tmp_path.iterdir())


def test_forgetting_destroys_number_pin_and_index(
    vault: Vault, holder: str, tmp_path: Path
) -> None:
    number = cards.issue(vault, holder, CARD, "271839")
    blind = vault.sealer.blind("volunteer", "card_number", number)
    vault.forget(holder)
    assert cards.find(vault, number) == ("", "")
    assert not opens(vault, holder, CARD, "271839")
    assert blind not in b"".join(each.read_bytes() for each in tmp_path.iterdir())
    with pytest.raises(KeyError):
        cards.issue(vault, holder, NEXT, "271839")


@pytest.mark.parametrize("pin", ["900307", "070390", "030790", "199003", "031990", "074578"])
def test_a_holders_birthday_and_number_are_no_pin(vault: Vault, holder: str, pin: str) -> None:
    assert not is_trivial(pin)
    assert cards.is_guessable(vault, holder, pin)
    assert not cards.is_guessable(vault, holder, "271839")


# Waiting -----------------------------------------------------------------------------------------


def test_after_three_wrong_ones_one_waits_longer_each_time(town: Town) -> None:
    database, now, waits = town.book.database, 1_000_000_000, []
    for _ in range(4):
        for left in (2, 1):
            told = judge(database, "pin:x", now, lambda: False)
            assert (told.right, told.tried, told.left, told.wait_seconds) == (False, True, left, 0)
        told = judge(database, "pin:x", now, lambda: False)
        assert (told.tried, told.left) == (True, 0)
        waits.append(told.wait_seconds * 1000)
        waiting = judge(database, "pin:x", now + waits[-1] - 1, pytest.fail)
        assert (waiting.right, waiting.tried, waiting.wait_seconds) == (False, False, 1)
        now += waits[-1]
    assert waits == [*WAITS_MS, WAITS_MS[-1]]
    assert judge(database, "pin:y", now, lambda: True).right, "each scope waits for itself"
    assert judge(database, "pin:x", now, lambda: True).right
    assert judge(database, "pin:x", now, lambda: False).left == 2, "the right one forgets"


def test_a_wrong_one_long_ago_is_forgotten(town: Town) -> None:
    database = town.book.database
    for _ in range(2):
        judge(database, "pin:x", 0, lambda: False)
    assert judge(database, "pin:x", 30 * DAY_MS - 1, lambda: False).left == 0
    assert judge(database, "pin:y", 0, lambda: False).left == 2
    assert judge(database, "pin:y", 30 * DAY_MS, lambda: False).left == 2


def test_a_hundred_tries_at_once_are_counted_as_a_hundred(town: Town) -> None:
    """No more than three are looked at before the wait, however many come together."""
    looked: list[int] = []

    def look(number: int) -> bool:
        looked.append(number)
        return False

    def ask(number: int) -> bool:
        return judge(town.book.database, "pin:x", 1_000, lambda: look(number)).tried

    with ThreadPoolExecutor(16) as pool:
        tried = list(pool.map(ask, range(100)))
    assert (len(looked), sum(tried)) == (FAILURES_A_TIME, FAILURES_A_TIME)


# The rules: cards --------------------------------------------------------------------------------


@pytest.fixture
def rich(town: Town, ana: str) -> str:
    """A volunteer with ten points."""
    town.minutes_served(ana, 600)
    return ana


def card_of(town: Town, who: str, **given: str) -> str:
    card = town.new()
    town.do(IssueCard(card=card, volunteer=who, **{"organisation": town.home, **given}))
    return card


def state_of(town: Town, card: str) -> str:
    with town.book.database.reading() as connection:
        row = standing_from(connection).cards[card]
    assert row is not None
    return row.state


def test_one_card_at_a_time_and_another_in_one_go(town: Town, ana: str, bo: str) -> None:
    first = card_of(town, ana)
    with town.refuses("card_held_already"):
        card_of(town, ana)
    receipt = town.do(
        IssueCard(card=town.new(), volunteer=ana, organisation=town.home, replaces=first)
    )
    assert [entry.kind for entry in receipt.entries] == ["card_closed", "card_issued"]
    assert receipt.entries[0].facts["ground"] == "replaced"
    assert state_of(town, first) == "replaced"
    with town.refuses("card_closed"):
        card_of(town, ana, replaces=first)
    with town.refuses("unknown_card"):
        card_of(town, bo, replaces=receipt.entry.facts["card"])
    assert state_of(town, receipt.entry.facts["card"]) == "active"


@scenario("""
  id       | ground
  lost     | lost
  returned | returned
""")
def test_a_closed_card_stays_closed(town: Town, ana: str, ground: str) -> None:
    card = card_of(town, ana)
    town.suspend(ana)
    town.do(CloseCard(card=card, volunteer=ana, ground=ground))
    assert state_of(town, card) == ground
    with town.refuses("card_closed"):
        town.do(CloseCard(card=card, volunteer=ana, ground=ground))
    with town.refuses("card_closed"):
        town.do(ChangeCardPin(card=card, volunteer=ana))
    town.becomes(f"volunteer:{ana}", "reinstated")
    card_of(town, ana)


def test_another_cannot_close_or_change_a_card(town: Town, ana: str, bo: str) -> None:
    card = card_of(town, ana)
    with town.refuses("unknown_card"):
        town.do(CloseCard(card=card, volunteer=bo, ground="lost"))
    with town.refuses("unknown_card"):
        town.do(ChangeCardPin(card=card, volunteer=bo))
    with town.refuses("unknown_card"):
        town.do(CloseCard(card=town.new(), volunteer=ana, ground="lost"))


def test_only_who_is_active_gets_a_card_and_only_from_who_is(town: Town, ana: str) -> None:
    town.suspend(ana)
    with town.refuses("party_not_active"):
        card_of(town, ana)
    with town.refuses("unknown_party"):
        card_of(town, town.new())


def test_a_card_takes_its_holders_voucher_and_nobody_elses(town: Town, rich: str, bo: str) -> None:
    till = town.till()
    reserved = town.reserve(rich, town.reward(till))
    card, others = card_of(town, rich), card_of(town, bo)
    for wrong in (others, town.new()):
        with town.refuses("card_closed"):
            town.do(replace(town.capturing(reserved, till), means="card", card=wrong))
    entry, shown = town.do(replace(town.capturing(reserved, till), means="card", card=card)).entries
    assert (entry.kind, shown.kind) == ("redemption_captured", "capture_presented")
    assert (shown.facts["means"], shown.facts["card"]) == ("card", card)


def test_a_card_that_was_lost_this_moment_takes_nothing(town: Town, rich: str) -> None:
    till = town.till()
    reserved, card = town.reserve(rich, town.reward(till)), card_of(town, rich)
    town.do(CloseCard(card=card, volunteer=rich, ground="lost"))
    with town.refuses("card_closed"):
        town.do(replace(town.capturing(reserved, till), means="card", card=card))
    town.capture(reserved, till)


# The rules: rotating values ----------------------------------------------------------------------


def by_value(town: Town, redemption: str, till: Till, step: int) -> None:
    town.do(replace(town.capturing(redemption, till), means="rotating", step=step))


def step_now(town: Town) -> int:
    return town.clock.ms // STEP_MS


def test_a_step_is_used_once_and_no_earlier_one_after_it(town: Town, rich: str, bo: str) -> None:
    town.minutes_served(bo, 600)
    till = town.till()
    coffee = town.reward(till)
    first, second, others = (town.reserve(who, coffee) for who in (rich, rich, bo))
    by_value(town, first, till, step_now(town))
    used = step_now(town)
    town.clock.forward(seconds=6)
    for step in (used, used - 1):
        with pytest.raises(Refused) as caught:
            by_value(town, second, till, step)
        assert caught.value.code == "rotating_value_used"
        assert caught.value.facts == {"wait_seconds": 24}
    by_value(town, others, till, used)
    town.clock.forward(seconds=24)
    by_value(town, second, till, used + 1)
    with town.book.database.reading() as connection:
        standing = standing_from(connection)
        assert rotating_step_used(standing, f"volunteer:{rich}") == used + 1
        assert rotating_step_used(standing, f"volunteer:{bo}") == used


@scenario("""
  id            | later | code
  too-old       | -3    | attestation_outdated
  not-come-yet  | 1     | attestation_outdated
  just-ended    | -2    |
  the-one-before | -1   |
  this-one      | 0     |
""")
def test_a_step_is_one_of_now(town: Town, rich: str, later: int, code: str) -> None:
    till = town.till()
    reserved = town.reserve(rich, town.reward(till))
    if code:
        with town.refuses(code):
            by_value(town, reserved, till, step_now(town) + later)
    else:
        by_value(town, reserved, till, step_now(town) + later)


def test_a_holder_who_guards_a_voucher_shows_more_than_its_code(town: Town, rich: str) -> None:
    till = town.till()
    coffee = town.reward(till)
    guarded, carded, plain = (town.reserve(rich, coffee) for _ in range(3))
    for one in (guarded, carded):
        town.do(GuardRedemption(redemption=one, volunteer=rich))
    with town.refuses("guarded_already"):
        town.do(GuardRedemption(redemption=guarded, volunteer=rich))
    with town.refuses("rotating_value_needed"):
        town.capture(guarded, till)
    by_value(town, guarded, till, step_now(town))
    town.clock.forward(minutes=1)
    town.do(replace(town.capturing(carded, till), means="card", card=card_of(town, rich)))
    town.clock.forward(minutes=1)
    town.capture(plain, till)


def test_only_the_holder_guards_what_is_reserved(town: Town, rich: str, bo: str) -> None:
    till = town.till()
    reserved = town.reserve(rich, town.reward(till))
    with town.refuses("unknown_redemption"):
        town.do(GuardRedemption(redemption=reserved, volunteer=bo))
    town.capture(reserved, till)
    with town.refuses("redemption_state_conflict"):
        town.do(GuardRedemption(redemption=reserved, volunteer=rich))


def test_the_rules_may_ask_it_of_every_code_but_a_printed_one(town: Town, rich: str) -> None:
    town.adopt(('rotating = { value = "off"', 'rotating = { value = "required"'))
    till = town.till()
    coffee = town.reward(till)
    own = town.reserve(rich, coffee)
    printed = town.reserve(rich, coffee, organisation=town.home, card=card_of(town, rich))
    with town.refuses("rotating_value_needed"):
        town.capture(own, till)
    town.capture(printed, till)
    town.clock.forward(minutes=1)
    by_value(town, own, till, step_now(town))


# The rules: at the office ------------------------------------------------------------------------


def reserving(
    town: Town, who: str, reward: str, *, organisation: str = "", card: str = ""
) -> Reserve:
    return Reserve(
        redemption=town.new(),
        volunteer=who,
        reward=reward,
        quantity=1,
        organisation=organisation or town.home,
        card=card,
    )


def consent(town: Town, who: str, answer: str = "given", *, party: str = "") -> None:
    town.do(
        RecordConsent(
            volunteer=who,
            purpose="office_redemption",
            party=party or f"organisation:{town.home}",
            answer=answer,
        )
    )


def test_paper_is_made_longer_by_as_much_as_paper_has(town: Town, rich: str) -> None:
    """And not by what a phone has."""
    coffee = town.reward(town.till())
    printed = town.reserve(rich, coffee, organisation=town.home, card=card_of(town, rich))
    longer = town.do(ExtendRedemption(redemption=printed, volunteer=rich)).entry
    assert longer.facts["expires"] == town.clock.ms + 2 * 10_080 * MINUTE_MS


def test_an_office_reserves_with_the_holders_card(town: Town, rich: str, bo: str) -> None:
    coffee, card = town.reward(town.till()), card_of(town, rich)
    receipt = town.do(reserving(town, rich, coffee, card=card))
    assisted, reserved = receipt.entries
    assert receipt.entry is reserved
    assert (assisted.kind, reserved.kind) == ("redemption_assisted", "redemption_reserved")
    assert assisted.facts == {
        "redemption": reserved.facts["redemption"],
        "volunteer": rich,
        "organisation": town.home,
        "card": card,
    }
    assert town.points(rich) == 900
    others = card_of(town, bo)
    with town.refuses("unknown_card"):
        town.do(reserving(town, rich, coffee, card=others))
    town.do(CloseCard(card=card, volunteer=rich, ground="lost"))
    with town.refuses("card_closed"):
        town.do(reserving(town, rich, coffee, card=card))


def test_or_on_the_holders_consent_for_that_very_office(town: Town, rich: str) -> None:
    coffee, other = town.reward(town.till()), town.organisation()
    with town.refuses("consent_missing"):
        town.do(reserving(town, rich, coffee))
    for party in ("", f"merchant:{town.till().merchant}"):
        with pytest.raises(Refused) as caught:
            town.do(
                RecordConsent(
                    volunteer=rich, purpose="office_redemption", party=party, answer="given"
                )
            )
        assert caught.value.code == "bad_consent", "it names one organisation"
    consent(town, rich)
    with town.refuses("consent_missing"):
        town.do(reserving(town, rich, coffee, organisation=other))
    town.do(reserving(town, rich, coffee))
    consent(town, rich, "withdrawn")
    with town.refuses("consent_missing"):
        town.do(reserving(town, rich, coffee))


def test_what_is_printed_waits_for_a_week_and_longer_where_the_reward_says_so(
    town: Town, rich: str
) -> None:
    till, card = town.till(), card_of(town, rich)
    expires = []
    for hold in (0, 5, 20_000):
        coffee = town.reward(till, hold_minutes=hold)
        entry = town.do(reserving(town, rich, coffee, card=card)).entry
        expires.append((entry.facts["expires"] - entry.time) // 60_000)
    assert expires == [10_080, 10_080, 20_000]
    town.adopt(("printed_hold_minutes = { value = 10080", "printed_hold_minutes = { value = 0"))
    entry = town.do(reserving(town, rich, town.reward(till), card=card)).entry
    assert entry.facts["expires"] - entry.time == 30 * 60_000


def test_another_code_for_the_holder_or_for_the_office_that_reserved_it(
    town: Town, rich: str, bo: str
) -> None:
    till, card = town.till(), card_of(town, rich)
    coffee = town.reward(till)
    printed = town.reserve(rich, coffee, organisation=town.home, card=card)
    own = town.reserve(rich, coffee)
    office = {"organisation": town.home, "card": card}

    def again(
        redemption: str, given: Mapping[str, str] = {}, *, who: str = rich, times: int = 0
    ) -> None:
        town.do(ReissueCode(redemption=redemption, volunteer=who, times=times, **given))

    again(printed, office)
    with town.refuses("code_reissued_already"):
        again(printed, office)
    again(printed, times=1)
    again(own)
    with town.refuses("unknown_redemption"):
        again(own, office, times=1)
    with town.refuses("unknown_redemption"):
        again(printed, who=bo, times=2)
    with town.refuses("consent_missing"):
        again(printed, {"organisation": town.home}, times=2)
    town.clock.forward(minutes=30)
    with town.refuses("expired"):
        again(own, times=1)
    town.capture(printed, till)
    with town.refuses("redemption_state_conflict"):
        again(printed, times=2)


# Until settlement --------------------------------------------------------------------------------


def test_a_capture_that_its_holder_objects_to_waits_for_the_answer(town: Town, rich: str) -> None:
    till = town.till()
    coffee = town.reward(till)
    disputed, other = town.reserve(rich, coffee), town.reserve(rich, coffee)
    town.capture(disputed, till)
    town.clock.forward(minutes=1)
    town.capture(other, till)
    town.clock.forward(days=2)
    objection = town.new()
    town.do(
        FileObjection(
            objection=objection,
            volunteer=rich,
            subject_kind="redemption",
            subject=disputed,
            text="ab" * 32,
        )
    )

    def settle(*redemptions: str) -> None:
        town.do(
            CloseSettlement(settlement=town.new(), merchant=till.merchant, redemptions=redemptions)
        )

    with town.refuses("objection_open"):
        settle(disputed, other)
    settle(other)
    town.do(DecideObjection(objection=objection, outcome="rejected", reason="cd" * 32))
    settle(disputed)
    assert town.balance(f"merchant:{till.merchant}:settled", "POINT") == 200


# Who may make which entries ----------------------------------------------------------------------


def made_by(town: Town, actor: str, action: Action) -> tuple[str, str] | None:
    """The kind that an actor may not have made, and why, whatever the doors let through."""
    caller = Caller(party=actor, role=actor.partition(":")[0])
    odd = why_not_made_by(list(town.do(action, caller=caller).entries))
    return (odd[0].kind, odd[1].partition(": ")[2]) if odd is not None else None


def test_an_office_acts_in_its_own_name_and_a_holder_in_nobodys(
    ledger: Ledger, town: Town, rich: str, bo: str
) -> None:
    # These are what no door lets through: the rules decide them, and an auditor finds who did.
    ledger.tampered = True
    coffee, other = town.reward(town.till()), town.organisation()
    home, holder = f"organisation:{town.home}", f"volunteer:{rich}"
    card, next_card = town.new(), town.new()
    issued = IssueCard(card=card, volunteer=rich, organisation=town.home)
    assert made_by(town, home, issued) is None
    bare = replace(reserving(town, rich, coffee, card=card), organisation="", card="")
    not_theirs = "it is not for the role organisation"
    assert made_by(town, home, bare) == ("redemption_reserved", not_theirs)
    office = reserving(town, rich, coffee, card=card)
    assert made_by(town, home, office) is None
    stranger = reserving(town, rich, coffee, card=card)
    assert made_by(town, f"organisation:{other}", stranger) == (
        "redemption_assisted",
        "it is another office's",
    )
    own = reserving(town, rich, coffee, card=card)
    assert made_by(town, holder, own) == (
        "redemption_assisted",
        "it is not for the role volunteer",
    )
    theirs = ReissueCode(
        redemption=office.redemption, volunteer=rich, organisation=town.home, card=card
    )
    assert made_by(town, holder, theirs) == ("code_reissued", "it is another office's")
    anew = IssueCard(card=next_card, volunteer=rich, organisation=town.home, replaces=card)
    assert made_by(town, holder, anew) == ("card_issued", "it is not for the role volunteer")
    closed = CloseCard(card=next_card, volunteer=rich, ground="lost")
    assert made_by(town, f"volunteer:{bo}", closed) == ("card_closed", "it is another's")
