"""Cards, values and printed codes as people use them, over HTTP."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ledger.actions.cards import CloseCard
from ledger.book import CONSOLE, Book
from ledger.door import people
from ledger.errors import Refused
from ledger.store import tables
from ledger.store.cards import Look, drop_old_looks, looks_page
from ledger.vault import cards as sealed
from tests.api_client import Answer, Cast, Site, Till, key
from tests.kit import Ledger
from tests.test_papers import text_of

PIN = "271839"
OTHER_PIN = "907153"
NOBODYS = "100000000093"


@pytest.fixture
def cast(site: Site) -> Cast:
    """Ana has five points."""
    made = Cast(site)
    made.served("2025-03-07 09:00", "14:00")
    return made


@pytest.fixture
def till(site: Site) -> Till:
    return site.till()


def give_card(cast: Cast, pin: str = PIN, **given: Any) -> dict[str, Any]:
    path = f"/volunteers/{cast.ana}/cards"
    made: dict[str, Any] = cast.site.made(cast.host, path, {"pin": pin, **given})
    return made


def reserve(cast: Cast, reward: str) -> dict[str, Any]:
    made: dict[str, Any] = cast.site.made(cast.ana_token, "/redemptions", {"reward": reward})
    return made


def shown(cast: Cast, till: Till, act: str, *, used: str | None = None, **body: Any) -> Answer:
    return cast.site.post(till.token, f"/redemptions/{act}", body, key=used)


# A card at a till --------------------------------------------------------------------------------


def test_a_card_and_its_pin_take_what_is_reserved_here(site: Site, cast: Cast, till: Till) -> None:
    made = reserve(cast, site.reward(till))
    card = give_card(cast)
    assert len(card["number"].replace(" ", "")) == 12
    verified = shown(cast, till, "verify", card=card["number"], pin=PIN)
    assert (verified.status, verified["redemption"]) == (200, made["redemption"])
    # A till has one field: a card's number may stand where a code does.
    taken = shown(cast, till, "capture", code=card["number"], pin=PIN)
    assert (taken.status, taken["redemption"]) == (201, made["redemption"])
    entry, after = (site.book.entry(index) for index in taken["entries"])
    assert (entry.kind, after.kind) == ("redemption_captured", "capture_presented")
    assert (after.facts["means"], after.facts["card"]) == ("card", card["card"])
    assert cast.ana not in taken.text


def test_a_shop_does_not_know_a_card_again(site: Site, cast: Cast, till: Till) -> None:
    """Its id is on the ledger; by it a shop would know the same holder at every visit."""
    made, card = reserve(cast, site.reward(till)), give_card(cast)
    taken = shown(cast, till, "capture", card=card["number"], pin=PIN)
    shop = site.token(f"merchant:{till.merchant}", "merchant")
    first, second = taken["entries"]
    for token in (shop, till.token):
        assert card["card"] not in site.get(token, "/entries?limit=100").text
        assert card["card"] not in site.get(token, f"/redemptions/{made['redemption']}").text
        assert site.get(token, f"/entries/{first}").status == 200
        for path in (f"/entries/{second}", f"/entries/{second}/receipt"):
            assert site.get(token, path).status == 404
    assert card["card"] in site.get(cast.ana_token, f"/entries/{second}").text


def test_a_number_alone_does_nothing(site: Site, cast: Cast, till: Till) -> None:
    reserve(cast, site.reward(till))
    number = give_card(cast)["number"]
    for body in ({"card": number}, {"code": number}):
        alone = shown(cast, till, "capture", **body)
        assert (alone.code, alone["facts"]["attempts_left"]) == ("pin_needed", 10)
    for both in ({}, {"card": number, "code": "00000-00000", "pin": PIN}):
        assert shown(cast, till, "capture", **both).code == "missing_field"


def test_a_card_selects_only_what_is_reserved_here(site: Site, cast: Cast, till: Till) -> None:
    number, elsewhere = give_card(cast)["number"], site.till()
    made = reserve(cast, site.reward(elsewhere))
    for body in ({}, {"redemption": made["redemption"]}):
        none = shown(cast, till, "verify", card=number, pin=PIN, **body)
        assert none.code == "nothing_reserved_here"
    assert shown(cast, elsewhere, "verify", card=number, pin=PIN).status == 200


def test_of_several_one_is_chosen_and_nothing_is_told_of_the_holder(
    site: Site, cast: Cast, till: Till
) -> None:
    number = give_card(cast)["number"]
    coffee, cake = site.reward(till), site.reward(till, title="蛋糕")
    first, second = reserve(cast, coffee), reserve(cast, cake)
    several = shown(cast, till, "capture", card=number, pin=PIN)
    assert (several.status, several.code) == (409, "choose_voucher")
    assert several["facts"]["vouchers"] == [
        {"redemption": first["redemption"], "item": "咖啡一杯", "quantity": 1},
        {"redemption": second["redemption"], "item": "蛋糕", "quantity": 1},
    ]
    assert cast.ana not in several.text
    taken = shown(cast, till, "capture", card=number, pin=PIN, redemption=second["redemption"])
    assert taken["redemption"] == second["redemption"]
    site.clock.forward(minutes=1)
    assert shown(cast, till, "capture", card=number, pin=PIN)["redemption"] == first["redemption"]
    site.clock.forward(minutes=1)
    again = shown(cast, till, "capture", card=number, pin=PIN, redemption=first["redemption"])
    assert again.code == "already_captured"


def test_wrong_pins_are_counted_for_the_holder_at_every_till(
    site: Site, cast: Cast, till: Till
) -> None:
    """Told in the answer, kept in the database: another till and another process wait as well."""
    reserve(cast, site.reward(till))
    number, other = give_card(cast)["number"], site.till(till.merchant)
    for left, at_till in ((2, till), (1, other), (0, till)):
        wrong = shown(cast, at_till, "verify", card=number, pin=OTHER_PIN)
        assert (wrong.code, wrong["facts"]["attempts_left"]) == ("wrong_card_or_pin", left)
    assert wrong.headers["Retry-After"] == "300"
    for pin in (PIN, OTHER_PIN):
        waiting = shown(cast, other, "capture", card=number, pin=pin)
        assert (waiting.status, waiting.code) == (429, "pin_cooling_off")
        assert waiting.headers["Retry-After"] == "300"
        assert waiting["till"]["zh"] == "这张卡密码输错次数过多，请 5 分钟后再试。"
    site.clock.forward(minutes=5)
    assert shown(cast, till, "verify", card=number, pin=PIN).status == 200


def test_a_number_nobody_has_answers_like_a_wrong_pin(site: Site, cast: Cast, till: Till) -> None:
    reserve(cast, site.reward(till))
    number, stranger = give_card(cast)["number"], site.till()
    answers = []
    for each, at_till in ((number, till), (NOBODYS, stranger)):
        answers.append([shown(cast, at_till, "verify", card=each, pin=OTHER_PIN) for _ in range(4)])
    known, unknown = ([(a.status, a.code, a["facts"]) for a in some] for some in answers)
    assert known == unknown


def test_a_capture_whose_answer_was_lost_is_repeated_without_counting(
    site: Site, cast: Cast, till: Till
) -> None:
    """With the key, whatever PIN is typed the second time; with another key it was used."""
    reserve(cast, site.reward(till))
    number, used = give_card(cast)["number"], key()
    first = shown(cast, till, "capture", used=used, card=number, pin=PIN)
    site.clock.forward(minutes=3)
    again = shown(cast, till, "capture", used=used, card=number, pin=OTHER_PIN)
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    fresh = shown(cast, till, "verify", card=number, pin=OTHER_PIN)
    assert fresh["facts"]["attempts_left"] == 2, "nothing was counted before"


def test_the_key_may_not_contain_the_number(cast: Cast, till: Till) -> None:
    number = give_card(cast)["number"].replace(" ", "")
    refused = shown(cast, till, "capture", used=f"till-{number}-x", card=number, pin=PIN)
    assert refused.code == "bad_idempotency_key"


# Given, lost, replaced ---------------------------------------------------------------------------


def test_a_lost_card_stops_at_once_and_another_takes_its_place(
    site: Site, cast: Cast, till: Till
) -> None:
    reserve(cast, site.reward(till))
    card = give_card(cast)
    path = f"/volunteers/{cast.ana}/cards/{card['card']}/close"
    site.made(cast.ana_token, path, {"ground": "lost"})
    lost = shown(cast, till, "capture", card=card["number"], pin=PIN)
    assert lost.code == "wrong_card_or_pin"
    assert sealed.find(site.book.vault, card["number"].replace(" ", "")) == ("", "")
    found = give_card(cast, OTHER_PIN)
    swapped = give_card(cast, PIN, replaces=found["card"])
    assert (swapped["kind"], len(swapped["entries"])) == ("card_issued", 2)
    assert shown(cast, till, "verify", card=found["number"], pin=OTHER_PIN).status == 422
    assert shown(cast, till, "capture", card=swapped["number"], pin=PIN).status == 201


def test_a_card_is_taken_back_by_whoever_acts_for_its_holder(site: Site, cast: Cast) -> None:
    stranger = site.organisation_token(site.organisation())
    for who in (cast.host, site.operator):
        card = give_card(cast)["card"]
        path = f"/volunteers/{cast.ana}/cards/{card}/close"
        assert site.post(stranger, path, {"ground": "lost"}).code == "unknown_party"
        site.made(who, path, {"ground": "returned"})


def test_the_number_is_for_the_holder_and_the_office_that_issued_it(site: Site, cast: Cast) -> None:
    card = give_card(cast)
    above = site.operator
    path = f"/volunteers/{cast.ana}/cards"
    for token in (cast.ana_token, cast.host):
        (row,) = site.get(token, path)["data"]
        assert (row["card"], row["number"], row["state"]) == (
            card["card"],
            card["number"],
            "active",
        )
    (row,) = site.get(above, path)["data"]
    assert "number" not in row
    stranger = site.organisation_token(site.organisation())
    assert site.get(stranger, path).status == 404
    site.made(cast.host, f"{path}/{card['card']}/close", {"ground": "lost"})
    (row,) = site.get(cast.ana_token, path)["data"]
    assert (row["state"], "number" in row) == ("lost", False)


def test_neither_number_nor_pin_is_in_an_entry_or_a_log(site: Site, cast: Cast, till: Till) -> None:
    reserve(cast, site.reward(till))
    number = give_card(cast)["number"]
    shown(cast, till, "capture", card=number, pin=PIN)
    digits = number.replace(" ", "")
    for index in range(site.size()):
        assert digits.encode() not in site.book.entry(index).data
        assert PIN.encode() not in site.book.entry(index).data
    assert digits not in site.log.getvalue()
    assert PIN not in site.log.getvalue()


def test_the_pin_is_no_part_of_what_an_entry_stands_for(site: Site, cast: Cast) -> None:
    """Else whoever has the key of requests could try a million PINs against an entry for ever."""
    used, path = key(), f"/volunteers/{cast.ana}/cards"
    first = site.post(cast.host, path, {"pin": PIN}, key=used)
    again = site.post(cast.host, path, {"pin": OTHER_PIN}, key=used)
    assert (again.status, again["card"]) == (201, first["card"])
    assert "number" not in again.json, "shown once"


@pytest.mark.parametrize(
    ("pin", "code"),
    [("12345", "bad_pin"), ("123456", "trivial_pin"), ("900101", "trivial_pin")],
)
def test_a_pin_that_others_would_try_is_not_taken(
    site: Site, cast: Cast, pin: str, code: str
) -> None:
    """Ana was born on 1 January 1990."""
    before = site.size()
    refused = site.post(cast.host, f"/volunteers/{cast.ana}/cards", {"pin": pin})
    assert (refused.status, refused.code, site.size()) == (422, code, before)
    assert pin not in refused.text


def test_a_pin_is_changed_by_who_knows_it(site: Site, cast: Cast, till: Till) -> None:
    reserve(cast, site.reward(till))
    card = give_card(cast)
    path = f"/volunteers/{cast.ana}/cards/{card['card']}/pin"
    for left in (2, 1):
        wrong = site.post(cast.ana_token, path, {"pin": "135790", "new_pin": OTHER_PIN})
        assert (wrong.code, wrong["facts"]["attempts_left"]) == ("wrong_pin", left)
    site.made(cast.ana_token, path, {"pin": PIN, "new_pin": OTHER_PIN})
    assert shown(cast, till, "verify", card=card["number"], pin=PIN).code == "wrong_card_or_pin"
    site.made(cast.host, path, {"pin": OTHER_PIN, "new_pin": PIN})
    assert shown(cast, till, "verify", card=card["number"], pin=PIN).status == 200
    assert site.post(site.operator, path, {"pin": PIN, "new_pin": PIN}).code == "role_not_allowed"


@pytest.mark.parametrize("step", ["locked", "decided", "appended", "written", "committed"])
def test_wherever_a_change_of_pin_breaks_off_the_entry_says_which_is_good(
    ledger: Ledger, step: str
) -> None:
    """Either the entry is there and the new PIN alone is good, or it is not and the old one is."""
    doomed: list[str] = []

    def reached(name: str) -> None:
        if name in doomed:
            doomed.clear()
            raise RuntimeError(f"died at {name}")

    site = Site(ledger.open(reached=reached), ledger.clock)
    cast, till = Cast(site), site.till()
    cast.served("2025-03-07 09:00", "14:00")
    reserve(cast, site.reward(till))
    card = give_card(cast)
    path = f"/volunteers/{cast.ana}/cards/{card['card']}/pin"
    used = key()
    doomed.append(step)
    broken = site.post(cast.ana_token, path, {"pin": PIN, "new_pin": OTHER_PIN}, key=used)
    assert broken.status == 500

    # Another process has only what is stored.
    again = Site(ledger.open(), ledger.clock)
    good, wrong = (OTHER_PIN, PIN) if step == "committed" else (PIN, OTHER_PIN)
    for pin, status in ((wrong, 422), (good, 200)):
        body = {"card": card["number"], "pin": pin}
        assert again.post(till.token, "/redemptions/verify", body).status == status
    # The same request sent again ends it, whichever it was.
    sent = again.post(cast.ana_token, path, {"pin": PIN, "new_pin": OTHER_PIN}, key=used)
    assert sent.status == 201, sent.text
    assert ("Idempotency-Replayed" in sent.headers) == (step == "committed")
    body = {"card": card["number"], "pin": OTHER_PIN}
    assert again.post(till.token, "/redemptions/verify", body).status == 200
    again.made(cast.ana_token, path, {"pin": OTHER_PIN, "new_pin": "135791"})
    assert again.post(till.token, "/redemptions/verify", body).status == 422
    fields = again.book.vault.store.fields_beginning(cast.ana, "card_pin_")
    assert len(list(fields)) == 1, "what was in force before is erased"


def test_a_refused_change_of_pin_leaves_nothing_in_the_vault(
    site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card is reported lost while its PIN is being changed."""
    card = give_card(cast)
    before = list(site.book.vault.store.fields_beginning(cast.ana, "card_"))
    keep = sealed.set_pin

    def lost_meanwhile(*given: Any) -> None:
        keep(*given)
        action = CloseCard(card=card["card"], volunteer=cast.ana, ground="lost")
        site.book.record(action, caller=CONSOLE, key=key())

    monkeypatch.setattr(sealed, "set_pin", lost_meanwhile)
    path = f"/volunteers/{cast.ana}/cards/{card['card']}/pin"
    refused = site.post(cast.ana_token, path, {"pin": PIN, "new_pin": OTHER_PIN})
    assert refused.code == "card_closed"
    assert list(site.book.vault.store.fields_beginning(cast.ana, "card_")) == before


@pytest.mark.parametrize("code", ["stopping", "clock_unsure"])
def test_a_process_that_stops_takes_no_pin_away_that_another_put_in_force(
    site: Site, cast: Cast, till: Till, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """The same request was sent to two processes, and the second is about to stop."""
    reserve(cast, site.reward(till))
    card = give_card(cast)
    path = f"/volunteers/{cast.ana}/cards/{card['card']}/pin"
    used = key()
    record = Book.record

    def written_elsewhere(*given: Any, **named: Any) -> None:
        record(*given, **named)
        raise Refused(code, "send it again")

    with monkeypatch.context() as patched:
        patched.setattr(Book, "record", written_elsewhere)
        refused = site.post(cast.ana_token, path, {"pin": PIN, "new_pin": OTHER_PIN}, key=used)
    assert refused.code == code
    assert shown(cast, till, "verify", card=card["number"], pin=OTHER_PIN).status == 200
    again = site.post(cast.ana_token, path, {"pin": PIN, "new_pin": OTHER_PIN}, key=used)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert shown(cast, till, "verify", card=card["number"], pin=PIN).code == "wrong_card_or_pin"


def test_a_refused_card_leaves_nothing_in_the_vault(site: Site, cast: Cast) -> None:
    card = give_card(cast)
    assert site.post(cast.host, f"/volunteers/{cast.ana}/cards", {"pin": OTHER_PIN}).code == (
        "card_held_already"
    )
    fields = list(site.book.vault.store.fields_beginning(cast.ana, "card_"))
    assert [field for _, _, field, _ in fields] == [
        f"card_number_{card['card']}",
        f"card_pin_{card['card']}",
    ]


def test_whoever_is_forgotten_has_no_card(site: Site, cast: Cast, till: Till) -> None:
    """Number, PIN and index value go with everything else, and again at every start."""
    number = give_card(cast)["number"].replace(" ", "")
    site.made(cast.ana_token, f"/parties/volunteer:{cast.ana}/forget")
    assert sealed.find(site.book.vault, number) == ("", "")
    assert people.repeat_forgets(site.book) == 0
    assert shown(cast, till, "capture", card=number, pin=PIN).code == "wrong_card_or_pin"


def test_whoever_is_forgotten_leaves_no_looks(site: Site, cast: Cast, till: Till) -> None:
    """When and where somebody was; and again at every start, for a backup brings them back."""
    made, number = reserve(cast, site.reward(till)), give_card(cast)["number"]
    shown(cast, till, "verify", code=made["code"])
    site.clock.forward(seconds=1)
    shown(cast, till, "verify", card=number, pin=OTHER_PIN)
    looks = [Look(*each) for each in rows_of(site, tables.looks)]
    waits = rows_of(site, tables.cool_offs)
    assert (len(looks), len(waits)) == (2, 1)
    another = looks[0]._replace(volunteer=site.volunteer(cast.home))
    site.made(cast.ana_token, f"/parties/volunteer:{cast.ana}/forget")
    assert (rows_of(site, tables.looks), rows_of(site, tables.cool_offs)) == ([], [])
    with site.book.database.writing() as connection:
        connection.execute(tables.looks.insert(), [each._asdict() for each in (*looks, another)])
        connection.execute(tables.cool_offs.insert(), [dict(each._mapping) for each in waits])
    people.repeat_forgets(site.book)
    assert (rows_of(site, tables.looks), rows_of(site, tables.cool_offs)) == ([another], [])


def rows_of(site: Site, table: Any) -> list[Any]:
    with site.book.database.reading() as connection:
        return list(connection.execute(table.select()).fetchall())


# The value on a phone ----------------------------------------------------------------------------


def test_a_phone_shows_a_value_and_a_till_takes_it_once(site: Site, cast: Cast, till: Till) -> None:
    coffee = site.reward(till)
    made, second = reserve(cast, coffee), reserve(cast, coffee)
    path = f"/redemptions/{made['redemption']}/rotating"
    phone = site.get(cast.ana_token, path)
    assert phone["needed"] is False
    site.made(cast.ana_token, path)
    phone = site.get(cast.ana_token, path)
    assert phone["needed"] is True
    bare = made["code"].replace("-", "")
    assert phone["code_url"] == f"https://ledger.example/r#{bare}.{phone['value']}"
    assert shown(cast, till, "verify", code=bare).code == "rotating_value_needed"
    scanned = phone["code_url"].partition("#")[2]
    assert shown(cast, till, "verify", code=scanned).status == 200
    taken = shown(cast, till, "capture", code=bare, rotating=phone["value"])
    assert taken.status == 201
    step = site.book.entry(taken["entries"][1]).facts["step"]
    assert step == site.clock.ms // 30_000
    site.clock.forward(seconds=20)
    used = shown(cast, till, "capture", code=f"{second['code']}.{phone['value']}")
    assert (used.code, used.headers["Retry-After"]) == ("rotating_value_used", "10")
    assert site.get(cast.ana_token, path).code == "redemption_state_conflict"


def test_the_value_before_is_taken_and_the_one_before_that_is_not(
    site: Site, cast: Cast, till: Till
) -> None:
    made = reserve(cast, site.reward(till))
    phone = site.get(cast.ana_token, f"/redemptions/{made['redemption']}/rotating")
    site.clock.forward(seconds=phone["seconds_left"] + 29)
    code = f"{made['code']}.{phone['value']}"
    assert shown(cast, till, "verify", code=code).status == 200
    site.clock.forward(seconds=1)
    late = shown(cast, till, "verify", code=code)
    assert (late.code, late["facts"]["attempts_left"]) == ("wrong_rotating_value", 2)


def test_wrong_values_are_counted_for_the_holder(site: Site, cast: Cast, till: Till) -> None:
    made = reserve(cast, site.reward(till))
    phone = site.get(cast.ana_token, f"/redemptions/{made['redemption']}/rotating")
    wrong = f"{(int(phone['value']) + 1) % 10**6:06d}"
    for left in (2, 1, 0):
        no = shown(cast, till, "capture", code=made["code"], rotating=wrong)
        assert (no.code, no["facts"]["attempts_left"]) == ("wrong_rotating_value", left)
    right = shown(cast, till, "capture", code=made["code"], rotating=phone["value"])
    assert (right.status, right.code) == (429, "rotating_cooling_off")


def test_a_capture_by_value_is_repeated_long_after_the_value_is_gone(
    site: Site, cast: Cast, till: Till
) -> None:
    made, used = reserve(cast, site.reward(till)), key()
    value = site.get(cast.ana_token, f"/redemptions/{made['redemption']}/rotating")["value"]
    first = shown(cast, till, "capture", used=used, code=f"{made['code']}.{value}")
    site.clock.forward(days=2)
    again = shown(cast, till, "capture", used=used, code=f"{made['code']}.{value}")
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    with site.book.database.reading() as connection:
        assert connection.execute(tables.cool_offs.select()).fetchall() == []


def test_only_the_holder_sees_the_value(site: Site, cast: Cast, till: Till) -> None:
    made = reserve(cast, site.reward(till))
    path = f"/redemptions/{made['redemption']}/rotating"
    other = site.volunteer_token(site.volunteer(cast.home))
    assert site.get(other, path).status == 404
    assert site.get(till.token, path).code == "role_not_allowed"
    assert site.post(other, path).code == "unknown_redemption"


# At the office -----------------------------------------------------------------------------------


def test_an_office_prints_a_code_once_and_the_holder_is_told(
    site: Site, cast: Cast, till: Till
) -> None:
    number, coffee, used = give_card(cast)["number"], site.reward(till), key()
    body = {"reward": coffee, "card": number, "pin": PIN, "slip": True}
    made = site.post(cast.host, "/redemptions/office", body, key=used)
    assert made.status == 201, made.text
    assert [site.book.entry(each).kind for each in made["entries"]] == [
        "redemption_assisted",
        "redemption_reserved",
    ]
    paper = base64.b64decode(made["slip_pdf"])
    assert paper.startswith(b"%PDF-")
    assert made["code"] in text_of(paper)
    again = site.post(cast.host, "/redemptions/office", body, key=used)
    assert again.status == 201
    assert {"code", "code_url", "slip_pdf"}.isdisjoint(again.json), "shown once"
    (row,) = site.get(cast.ana_token, "/redemptions")["data"]
    assert (row["assisted_by"], row["guarded"]) == (cast.home, False)
    assert row["code"] == made["code"], "her own voucher, in her own list"
    shop = site.token(f"merchant:{till.merchant}", "merchant")
    (seen,) = site.get(shop, "/redemptions")["data"]
    assert "assisted_by" not in seen
    assert shown(cast, till, "capture", code=made["code"]).status == 201


def test_an_office_reserves_what_the_holder_is_old_enough_for(
    site: Site, cast: Cast, till: Till
) -> None:
    """The holder's age counts, not the office's."""
    number, walk = give_card(cast)["number"], site.reward(till, min_age=30)
    body = {"reward": walk, "card": number, "pin": PIN}
    made = site.post(cast.host, "/redemptions/office", body)
    assert made.status == 201, made.text
    assert [site.book.entry(each).kind for each in made["entries"]] == [
        "redemption_assisted",
        "redemption_gates",
        "redemption_reserved",
    ]
    body["reward"] = site.reward(till, min_age=60)
    assert site.post(cast.host, "/redemptions/office", body).code == "age_gate_unmet"
    taken = shown(cast, till, "capture", card=number, pin=PIN, note="一杯")
    assert [site.book.entry(each).kind for each in taken["entries"]] == [
        "redemption_captured",
        "capture_presented",
        "capture_noted",
    ]


def test_an_office_reserves_on_consent_and_for_its_own_alone(
    site: Site, cast: Cast, till: Till
) -> None:
    coffee = site.reward(till)
    body = {"reward": coffee, "volunteer": cast.ana}
    assert site.post(cast.host, "/redemptions/office", body).code == "consent_missing"
    answer = {
        "purpose": "office_redemption",
        "answer": "given",
        "party": f"organisation:{cast.home}",
    }
    path = f"/volunteers/{cast.ana}/consents"
    assert site.post(cast.host, path, answer).code == "consent_is_personal"
    site.made(cast.ana_token, path, answer)
    assert "code" in site.made(cast.host, "/redemptions/office", body)
    stranger = site.organisation_token(site.organisation())
    assert site.post(stranger, "/redemptions/office", body).code == "unknown_party"
    assert site.post(cast.host, "/redemptions/office", {"reward": coffee}).code == (
        "volunteer_or_card_needed"
    )
    site.made(cast.ana_token, path, {**answer, "answer": "withdrawn"})
    assert site.post(cast.host, "/redemptions/office", body).code == "consent_missing"


def test_at_an_office_it_is_the_holder_whose_age_counts(site: Site, cast: Cast, till: Till) -> None:
    number, wine = give_card(cast)["number"], site.reward(till, min_age=18)
    rest = site.reward(till, min_age=60)
    with_card = {"card": number, "pin": PIN}
    made = site.made(cast.host, "/redemptions/office", {"reward": wine, **with_card})
    gates = site.book.entry(made["entries"][1]).facts
    assert (gates["age_gate"], gates["age_tested"]) == ("met", 18)
    refused = site.post(cast.host, "/redemptions/office", {"reward": rest, **with_card})
    assert refused.code == "age_gate_unmet"


def test_a_card_tells_another_office_nothing_of_its_holder(
    site: Site, cast: Cast, till: Till
) -> None:
    number, coffee = give_card(cast)["number"], site.reward(till)
    stranger = site.organisation_token(site.organisation())
    body = {"reward": coffee, "card": number, "pin": PIN}
    refused = site.post(stranger, "/redemptions/office", body)
    assert (refused.code, cast.ana in refused.text) == ("unknown_party", False)


def test_the_key_of_an_office_may_not_contain_the_number(
    site: Site, cast: Cast, till: Till
) -> None:
    number, coffee = give_card(cast)["number"], site.reward(till)
    used = f"desk-{number.replace(' ', '-')}"
    body = {"card": number, "pin": PIN}
    made = site.made(cast.host, "/redemptions/office", {"reward": coffee, **body})
    for path, more in (
        ("/redemptions/office", {"reward": coffee}),
        (f"/redemptions/{made['redemption']}/reissue", {}),
    ):
        refused = site.post(cast.host, path, {**body, **more}, key=used)
        assert refused.code == "bad_idempotency_key"


def test_wrong_pins_at_a_desk_count_where_those_at_a_till_do(
    site: Site, cast: Cast, till: Till
) -> None:
    number, coffee = give_card(cast)["number"], site.reward(till)
    body = {"reward": coffee, "card": number, "pin": OTHER_PIN}
    for left in (2, 1):
        wrong = site.post(cast.host, "/redemptions/office", body)
        assert (wrong.code, wrong["facts"]["attempts_left"]) == ("wrong_card_or_pin", left)
    last = shown(cast, till, "verify", card=number, pin=OTHER_PIN)
    assert last["facts"]["attempts_left"] == 0
    body["pin"] = PIN
    assert site.post(cast.host, "/redemptions/office", body).code == "pin_cooling_off"
    other = site.volunteer(cast.home)
    site.clock.forward(minutes=5)
    named = site.post(cast.host, "/redemptions/office", {**body, "volunteer": other})
    assert named.code == "card_of_another"


def test_a_new_code_stops_the_one_before(site: Site, cast: Cast, till: Till) -> None:
    number, coffee = give_card(cast)["number"], site.reward(till)
    with_card = {"card": number, "pin": PIN}
    made = site.made(cast.host, "/redemptions/office", {"reward": coffee, **with_card})
    path = f"/redemptions/{made['redemption']}/reissue"
    second = site.made(cast.host, path, with_card)
    assert second["code"] != made["code"]
    assert shown(cast, till, "verify", code=made["code"]).code == "unknown_code"
    third = site.made(cast.ana_token, path)
    assert shown(cast, till, "verify", code=second["code"]).code == "unknown_code"
    stranger = site.organisation_token(site.organisation())
    assert site.post(stranger, path, with_card).code in ("unknown_party", "unknown_redemption")
    assert shown(cast, till, "capture", code=third["code"]).status == 201
    assert site.post(cast.ana_token, path).code == "redemption_state_conflict"


def test_an_organisation_cannot_reserve_as_a_volunteer_does(
    site: Site, cast: Cast, till: Till
) -> None:
    body = {"reward": site.reward(till)}
    assert site.post(cast.host, "/redemptions", body).code == "role_not_allowed"
    assert site.post(cast.ana_token, "/redemptions/office", body).code == "role_not_allowed"
    assert site.post(site.operator, "/redemptions/office", body).code == "role_not_allowed"


# Looks -------------------------------------------------------------------------------------------


def test_a_holder_reads_who_asked_about_their_vouchers(site: Site, cast: Cast, till: Till) -> None:
    made, number = reserve(cast, site.reward(till)), give_card(cast)["number"]
    foreign = site.till()
    shown(cast, till, "verify", code=made["code"])
    site.clock.forward(seconds=1)
    shown(cast, foreign, "capture", code=made["code"])
    site.clock.forward(seconds=1)
    shown(cast, till, "verify", card=number, pin=OTHER_PIN)
    site.clock.forward(seconds=1)
    shown(cast, till, "capture", code=made["code"])
    site.clock.forward(seconds=1)
    shown(cast, till, "capture", code=made["code"])

    path = f"/volunteers/{cast.ana}/looks"
    looks = site.get(cast.ana_token, path)["data"]
    assert [(each["asked"], each["outcome"], each["redemption"]) for each in looks] == [
        ("capture", "already_captured", made["redemption"]),
        ("verify", "wrong_card_or_pin", ""),
        ("capture", "unknown_code", made["redemption"]),
        ("verify", "valid", made["redemption"]),
    ]
    assert (looks[2]["merchant"], looks[2]["branch"]) == (foreign.merchant, foreign.branch)
    older = site.get(
        cast.ana_token, f"{path}?limit=1&before={looks[1]['time'].replace('+', '%2B')}"
    )
    assert (older["data"], older["has_more"]) == ([looks[2]], True)
    assert site.get(site.operator, path)["data"] == looks
    other = site.volunteer_token(site.volunteer(cast.home))
    assert site.get(other, path).status == 404
    assert site.get(cast.host, path).code == "role_not_allowed"


def test_a_holder_is_told_of_ninety_days_of_looks_and_older_ones_go(
    site: Site, cast: Cast, till: Till
) -> None:
    made = reserve(cast, site.reward(till))
    shown(cast, till, "verify", code=made["code"])
    path = f"/volunteers/{cast.ana}/looks"
    site.clock.forward(days=90)
    shown(cast, till, "verify", code=made["code"])
    assert len(site.get(cast.ana_token, path)["data"]) == 2

    site.clock.forward(seconds=1)
    assert len(site.get(cast.ana_token, path)["data"]) == 1
    assert drop_old_looks(site.book.database, site.clock.now_ms()) == 1
    assert drop_old_looks(site.book.database, site.clock.now_ms()) == 0
    assert len(site.get(cast.ana_token, path)["data"]) == 1


def test_looks_of_one_till_in_one_millisecond_are_one(site: Site) -> None:
    now = site.clock.now_ms()
    look = Look("v1", now - 1, "t1", "r1", "m1", "b1", "verify", "valid")
    rows = [look, look._replace(outcome="expired"), look._replace(terminal="t2")]
    kept: list[None] = []
    with ThreadPoolExecutor(len(rows)) as crowd:
        kept += crowd.map(lambda row: site.book.keep(tables.looks, row), rows)
    with site.book.database.reading() as connection:
        found, more = looks_page(connection, "v1", before=now, limit=9, now_ms=now)
    assert [each.terminal for each in found] == ["t1", "t2"]
    assert not more
