"""Practice at the till: every answer of the real shape, and nothing of the ledger touched."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import cards, codes, practice
from ledger.codes import RANDOM_BYTES, make_code, make_practice_code, practice_number
from ledger.practice import LESSONS, NO_LESSON, Lesson
from ledger.till_words import AT_THE_TILL
from tests.api_client import Answer, Cast, Site, Till, key
from tests.test_till import everything, show

BEFORE = {
    *("TEST00001X", "TEST00002E", "TEST00003W", "TEST00004D", "TEST00005Z", "TEST00006C"),
    *("TEST000070", "TEST00008B", "TEST00009S", "TEST000106", "TEST00011M", "TEST000127"),
    *("TEST00013N", "TEST000144", "TEST00015P", "TEST000165", "TEST00017Q", "TEST000182"),
}
"""Codes that lie printed beside tills since there is practice: they keep their lesson."""
VALID = [each for each in LESSONS if each.answer == "valid"]


@pytest.fixture
def cast(site: Site) -> Cast:
    """Before anything else happens: its activity is published before its sessions start."""
    made = Cast(site)
    made.served("2025-03-07 09:00", "14:00")
    return made


@pytest.fixture
def till(cast: Cast) -> Till:
    return cast.site.till()


def practise(
    site: Site, till: Till, what: Lesson | str, act: str, quantity: int = 0, **beside: str
) -> Answer:
    """Show it at the till; of a lesson, with what it tells typed beside it, or something else."""
    body: dict[str, Any] = {"code": what}
    if isinstance(what, Lesson):
        printed = site.get("", "/practice/codes")["data"][LESSONS.index(what)]
        body = {name: printed[name] for name in ("code", "pin", "rotating") if name in printed}
    body |= ({"quantity": quantity} if quantity else {}) | beside
    body = {name: given for name, given in body.items() if given}
    return site.post(till.token, f"/practice/redemptions/{act}", body)


# Codes that are no vouchers ----------------------------------------------------------------------


@given(st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES))
def test_the_generator_gives_out_no_practice_code(random_bytes: bytes) -> None:
    assert practice_number(make_code(random_bytes)) is None


def test_not_even_one_that_begins_alike() -> None:
    """For the same nine characters a voucher has one check character and practice another, so
    the two sets of codes have nothing in common: tried for every number that practice has."""
    for number in range(0, 100_000, 7):
        code = make_practice_code(number)
        assert practice_number(code) == number
        values = [codes.ALPHABET.index(each) for each in code[:9]]
        bits = sum(value << 5 * place for place, value in enumerate(values))
        given_out = make_code(bits.to_bytes(RANDOM_BYTES, "big"))
        assert given_out[:9] == code[:9]
        assert given_out[9] != code[9]
        assert practice_number(given_out) is None
        with pytest.raises(codes.BadCode):
            codes.normalise(code)


@pytest.mark.parametrize("number", [-1, 100_000])
def test_practice_codes_have_five_digits(number: int) -> None:
    with pytest.raises(ValueError, match="numbered from 0 to 99,999"):
        make_practice_code(number)


def test_a_practice_code_is_read_however_it_is_typed() -> None:
    assert practice_number(" test0 0001x ") == 1
    assert practice_number("TESTO-OOO1X") == 1
    for other in ("", "TEST0-00010", "TEST0-0001", "00000-00000", "TESTA-BCDE0"):
        assert practice_number(other) is None


def test_there_is_a_lesson_for_every_answer_that_a_voucher_brings() -> None:
    taught = {each.answer for each in LESSONS}
    assert taught == {"valid", *AT_THE_TILL} - NO_LESSON
    assert len({each.code for each in LESSONS}) == len(LESSONS)
    assert [each.number for each in LESSONS if each.code not in BEFORE] == [*range(19, 33)]
    taught_in_order = list(dict.fromkeys(each.answer for each in LESSONS))
    taught_in_order.remove("valid")
    assert taught_in_order == [code for code in AT_THE_TILL if code not in NO_LESSON]


# The answers -------------------------------------------------------------------------------------


def test_every_code_answers_what_its_lesson_says(site: Site, till: Till) -> None:
    """By verify and by capture alike, at any hour, as often as one likes."""
    for hour in ("2025-03-10 09:00", "2025-03-10 18:30", "2025-03-10 23:59"):
        site.clock.set(hour)
        for lesson in LESSONS:
            for act in ("verify", "capture", "capture"):
                answer = practise(site, till, lesson, act)
                assert answer["practice"] is True
                assert answer["till"]["zh"].startswith("【练习】"), lesson
                assert answer["till"]["en"].startswith("[Practice] "), lesson
                if lesson.answer == "valid":
                    assert answer.status == (200 if act == "verify" else 201), answer.text
                else:
                    assert answer.code == lesson.answer, (hour, lesson.answer, answer.text)


def test_practice_answers_have_the_shape_of_real_ones(site: Site, cast: Cast, till: Till) -> None:
    made = site.made(cast.ana_token, "/redemptions", {"reward": site.reward(till)})
    lesson = VALID[0]

    def compare(real: Answer, practised: Answer, nothing: set[str]) -> None:
        assert practised.status == real.status
        assert set(practised.json) == set(real.json) | {"practice"}
        assert {name for name, value in practised.json.items() if value is None} == nothing
        for name in set(real.json) - nothing:
            assert type(practised[name]) is type(real[name]), name

    compare(show(site, till.token, made["code"]), practise(site, till, lesson, "verify"), set())
    no_entry = {"entry", "hash", "receipt"}
    compare(
        show(site, till.token, made["code"], act="capture"),
        practise(site, till, lesson, "capture"),
        no_entry | {"acknowledgement"},
    )
    ground = {"ground": "cannot_supply"}
    merchant = site.token(f"merchant:{till.merchant}", "merchant")
    compare(
        site.post(merchant, f"/redemptions/{made['redemption']}/void", ground),
        site.post(till.token, f"/practice/redemptions/{lesson.redemption}/void", ground),
        no_entry,
    )
    used = next(each for each in LESSONS if each.answer == "voided")
    compare(show(site, till.token, made["code"]), practise(site, till, used, "verify"), set())


def test_a_part_is_practised_too(site: Site, till: Till) -> None:
    three = VALID[1]
    assert practise(site, till, three, "verify")["quantity"] == 3
    assert practise(site, till, three, "capture", 1)["quantity"] == 1
    assert practise(site, till, three, "capture", 4).code == "quantity_too_large"


def test_only_what_was_taken_is_undone(site: Site, till: Till) -> None:
    noes = {}
    for lesson in LESSONS:
        path = f"/practice/redemptions/{lesson.redemption}/void"
        answer = site.post(till.token, path, {"ground": "cannot_supply"})
        noes[lesson.answer] = "" if answer.status == 201 else answer.code
    assert noes["valid"] == noes["already_captured"] == ""
    assert noes["voided"] == noes["released"] == noes["expired"] == "redemption_state_conflict"
    path = f"/practice/redemptions/{VALID[0].redemption}/void"
    assert site.post(till.token, path, {"ground": "mistake"}).code == "not_reversible"


def test_a_masked_name_is_practised_only_where_rules_show_one(site: Site, till: Till) -> None:
    shown = [practise(site, till, lesson, "verify").json.get("holder") for lesson in VALID]
    named = "masked_name" in site.book.policy().merchant_sees
    name = practice.HOLDER_NAME if named else None
    assert shown == [name if lesson.title == practice.TICKETS else None for lesson in VALID]


def of(kind: str, answer: str, **has: Any) -> Lesson:
    """The one lesson of this kind with this answer."""
    (found,) = (
        each
        for each in LESSONS
        if (each.kind, each.answer) == (kind, answer)
        and all(getattr(each, name) == value for name, value in has.items())
    )
    return found


def test_a_card_asks_for_the_pin_that_its_lesson_tells(site: Site, till: Till) -> None:
    card = of("card", "valid")
    assert practise(site, till, card, "verify", pin="").code == "pin_needed"
    assert practise(site, till, card, "verify", pin="60517").code == "bad_pin"
    for act in ("verify", "capture"):
        wrong = practise(site, till, card, act, pin="605173")
        assert (wrong.status, wrong.code) == (422, "wrong_card_or_pin")
        assert "还可试 2 次" in wrong["till"]["zh"]
    assert practise(site, till, card, "capture", pin="605172").status == 201
    wrong_first = of("card", "wrong_card_or_pin")
    assert practise(site, till, wrong_first, "capture", pin=practice.PIN).status == 201
    blocked = practise(site, till, of("card", "pin_cooling_off"), "verify", pin=practice.PIN)
    assert (blocked.status, blocked.code) == (429, "pin_cooling_off")
    assert "请 5 分钟后再试" in blocked["till"]["zh"]


def test_one_of_several_vouchers_of_a_card_is_chosen(site: Site, till: Till) -> None:
    lesson = of("card", "choose_voucher")
    asked = practise(site, till, lesson, "verify")
    first, second = asked["facts"]["vouchers"]
    assert (first["item"], second["item"]) == (practice.COFFEE, practice.TICKETS)
    taken = practise(site, till, lesson, "capture", redemption=second["redemption"])
    assert (taken["title"], taken["redemption"]) == (practice.TICKETS, second["redemption"])
    path = f"/practice/redemptions/{second['redemption']}/void"
    assert site.post(till.token, path, {"ground": "cannot_supply"}).status == 201
    other = practise(site, till, lesson, "verify", redemption=VALID[0].redemption)
    assert other.code == "nothing_reserved_here"


def test_a_phones_digits_are_good_for_their_half_minute_and_the_next(
    site: Site, till: Till
) -> None:
    site.clock.set("2025-03-10 10:00")
    phone = of("phone", "valid")
    assert practise(site, till, phone, "verify", rotating="").code == "rotating_value_needed"
    told = site.get("", "/practice/codes")["data"][LESSONS.index(phone)]["rotating"]
    site.clock.forward(seconds=59)
    assert practise(site, till, phone, "capture", rotating=told).status == 201
    scanned = {"code": f"{phone.printed}.{told}"}
    assert site.post(till.token, "/practice/redemptions/capture", scanned).status == 201
    site.clock.forward(seconds=1)
    stale = practise(site, till, phone, "capture", rotating=told)
    assert (stale.code, stale["facts"]["attempts_left"]) == ("wrong_rotating_value", 2)
    assert "重新扫持券人手机上的二维码" in stale["till"]["zh"]
    right = phone.digits(practice_counter_at(site))
    assert practise(site, till, phone, "capture", rotating=right).status == 201
    for lesson in (
        of("phone", "wrong_rotating_value", mistyped=True),
        of("phone", "wrong_rotating_value", age=2),
    ):
        assert practise(site, till, lesson, "capture").code == "wrong_rotating_value"
        assert practise(site, till, lesson, "capture", rotating=right).status == 201
    used = practise(site, till, of("phone", "rotating_value_used"), "capture")
    assert "请等 30 秒后再扫" in used["till"]["zh"]


def practice_counter_at(site: Site) -> practice.Counter:
    return practice.Counter(
        merchant="", branch="", terminal="", policy=site.book.policy(), now=site.clock.now_ms()
    )


def test_mistyped_digits_are_never_right_by_chance() -> None:
    """Neither the newest digits nor the ones before, in any half minute of a day."""
    lesson = of("phone", "wrong_rotating_value", mistyped=True)
    for step in range(2_880):
        wrong = lesson.digits_at(step)
        assert wrong not in (practice.digits_of(step), practice.digits_of(step - 1))
        assert codes.is_rotating(wrong)


def test_a_practice_card_is_nobodys_and_the_other_way_round(
    site: Site, cast: Cast, till: Till
) -> None:
    for number in range(100):
        made = cards.make_practice_card(number)
        assert cards.practice_card_number(f" {cards.grouped_card(made)}") == number
        with pytest.raises(cards.BadCard):
            cards.normalise_card(made)
    with pytest.raises(ValueError, match="from 0 to 99"):
        cards.make_practice_card(100)
    body = {"code": of("card", "valid").printed, "pin": practice.PIN}
    assert site.post(till.token, "/redemptions/verify", body).code == "practice_code"
    card = site.made(cast.host, f"/volunteers/{cast.ana}/cards", {"pin": "271839"})["number"]
    assert practise(site, till, card, "verify", pin="271839").code == "real_code"
    assert practise(site, till, "0000 0000 9999", "verify").code == "bad_card"
    assert everything(site)["attempts"] == []


# Neither for the other ----------------------------------------------------------------------------


def test_a_real_voucher_is_never_taken_by_mistake(site: Site, cast: Cast, till: Till) -> None:
    made = site.made(cast.ana_token, "/redemptions", {"reward": site.reward(till)})
    for act in ("verify", "capture"):
        refused = practise(site, till, made["code"], act)
        assert (refused.code, refused["practice"]) == ("real_code", True)
        assert cast.ana not in refused.text
    path = f"/practice/redemptions/{made['redemption']}/void"
    assert site.post(till.token, path, {"ground": "mistake"}).code == "unknown_redemption"
    site.made(till.token, "/redemptions/capture", {"code": made["code"]})
    assert site.post(till.token, path, {"ground": "mistake"}).code == "unknown_redemption"


def test_a_practice_code_never_passes_for_a_voucher(site: Site, till: Till) -> None:
    """It is told apart at a real till, however often, and counted as no wrong try."""
    for lesson in LESSONS:
        for act in ("verify", "capture"):
            answer = show(site, till.token, lesson.code, act=act)
            mistyped = lesson.answer in ("bad_code", "bad_card")
            expected = lesson.answer if mistyped else "practice_code"
            assert answer.code == expected
            assert "practice" not in answer.json
    answer = show(site, till.token, VALID[0].code)
    assert answer["till"]["zh"].startswith("这是练习码")
    path = f"/redemptions/{VALID[0].redemption}/void"
    merchant = site.token(f"merchant:{till.merchant}", "merchant")
    assert site.post(merchant, path, {"ground": "mistake"}).code == "unknown_redemption"
    assert everything(site)["attempts"] == []


def test_practice_is_for_a_registered_till(site: Site, till: Till) -> None:
    merchant = site.token(f"merchant:{till.merchant}", "merchant")
    body = {"code": VALID[0].code}
    assert site.post(merchant, "/practice/redemptions/verify", body).code == "terminal_needed"
    verify_only = site.token(
        f"merchant:{till.merchant}",
        "merchant",
        terminal=till.terminal,
        scopes=["redemptions:verify"],
    )
    assert site.post(verify_only, "/practice/redemptions/verify", body).status == 200
    assert site.post(verify_only, "/practice/redemptions/capture", body).code == "scope_missing"
    no_key = site.post(till.token, "/practice/redemptions/capture", body, key="")
    assert no_key.code == "idempotency_key_missing"
    told = site.post(till.token, "/practice/redemptions/capture", body, key=VALID[0].code + "-" * 8)
    assert told.code == "bad_idempotency_key"


# A whole day -------------------------------------------------------------------------------------


def test_a_day_of_practice_leaves_no_trace(site: Site, cast: Cast, till: Till) -> None:
    """Every table of ledger and vault, byte for byte; the journal's files and heads too."""
    made = site.made(cast.ana_token, "/redemptions", {"reward": site.reward(till)})
    before, files = everything(site), kept(site)
    printed = site.get("", "/practice/codes")["data"]
    assert len(printed) == len(LESSONS)
    for each in printed:
        for act in ("verify", "capture"):
            for _ in range(12):
                practise(site, till, each["code"], act)
        path = f"/practice/redemptions/{each['redemption']}/void"
        site.post(till.token, path, {"ground": "cannot_supply"}, key=key())
        site.clock.forward(minutes=25)
    for wrong in (made["code"], "00000-00000", "00000-00001", "TEST9-99992", "?", "U" * 10):
        practise(site, till, wrong, "capture")
    assert everything(site) == before
    assert kept(site) == files


def kept(site: Site) -> dict[str, Any]:
    """What lies beside the databases."""
    home = site.book.home
    return {
        str(file.relative_to(home)): file.read_bytes()
        for file in sorted(home.rglob("*"))
        if file.is_file()
        and file.suffix not in (".db", ".db-wal", ".db-shm")
        and not file.name.endswith(("-wal", "-shm"))
    }
