"""What a till is told: one answer, the first that holds, in two languages, and nothing written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from sqlalchemy import select

from api.writes.asking import COMMON_REFUSALS
from api.writes.redemptions import _NO_CAPTURE
from ledger.codes import make_practice_code
from ledger.door.presenting import COUNTED
from ledger.door.vouchers import LIMITS, WINDOW_MS
from ledger.store import due, tables
from ledger.till_words import AROUND_THE_TILL, AT_THE_TILL, OTHERWISE, said, said_valid
from ledger.vault import store as vault_store
from tests.api_client import Answer, Cast, Site, Till
from tests.kit import at

ROOT = Path(__file__).resolve().parent.parent
PIN = "271839"
OTHER_PIN = "907153"
RIGHT_FORM = "00000-00000"
"""A code whose check character fits, and that nobody was given."""


# The words -------------------------------------------------------------------------------------


def listed_at_the_till() -> list[str]:
    """The codes of docs/refusals.md "At the till", in order."""
    text = (ROOT / "docs" / "refusals.md").read_text(encoding="utf-8")
    section = text.partition("## At the till")[2].partition("In practice (")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [code for row in rows for code in re.findall(r"`(\w+)`", row.split("|")[1])]


def test_the_list_of_noes_is_one_list() -> None:
    """Words, documents and routes name the same codes in the same order of precedence."""
    assert list(AT_THE_TILL) == listed_at_the_till()
    assert list(AT_THE_TILL) == _NO_CAPTURE.split()


def blanks(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize(
    "words",
    [
        *(each for some in AT_THE_TILL.values() for each in some),
        *AROUND_THE_TILL.values(),
        OTHERWISE,
    ],
    ids=lambda words: words.en[:40],
)
def test_every_sentence_is_said_in_both_languages(words: Any) -> None:
    """Chinese without a Latin word, English without a Chinese one; both end, and both are short
    enough for a telephone's screen."""
    zh, en = (Formatter().vformat(text, (), Blank()) for text in words)
    assert blanks(words.zh) == blanks(words.en)
    assert re.search("[\u4e00-\u9fff]", zh)
    assert not re.search("[A-Za-z]", zh)
    assert en.isascii()
    assert (zh[-1], en[-1]) == ("。", ".")
    assert len(zh) <= 45
    assert len(en) <= 130


class Blank(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "0"


@pytest.mark.parametrize(
    ("captured", "zh", "en"),
    [
        ("2025-03-10 10:31", "10:31", "at 10:31"),
        ("2025-03-09 23:59", "3月9日 23:59", "on 9 March at 23:59"),
        ("2024-12-31 00:00", "2024年12月31日 00:00", "on 31 December 2024 at 00:00"),
    ],
)
def test_a_time_is_told_as_people_tell_it(captured: str, zh: str, en: str) -> None:
    now, facts = at("2025-03-10 23:59"), {"captured_at": at(captured), "branch": "east"}
    assert said("already_captured", facts, now=now, names={"east": "城东店"}) == {
        "zh": f"这张券已于 {zh} 在 城东店 核销，不能再用。",
        "en": f"This voucher was taken {en} at 城东店. It cannot be used again.",
    }
    unnamed = said("already_captured", facts, now=now, names={})
    assert unnamed["zh"] == f"这张券已于 {zh} 核销，不能再用。"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (1, "1 秒", "1 second"),
        (119, "119 秒", "119 seconds"),
        (120, "2 分钟", "2 minutes"),
        (121, "3 分钟", "3 minutes"),
        (600, "10 分钟", "10 minutes"),
    ],
)
def test_a_wait_is_never_told_too_short(seconds: int, zh: str, en: str) -> None:
    words = said("too_soon", {"wait_seconds": seconds}, now=0, names={})
    assert f"请等 {zh}再核销" in words["zh"]
    assert f"Wait {en}," in words["en"]


def test_the_branches_are_all_named_or_none() -> None:
    facts = {"branches": ["a", "b"]}
    both = said("wrong_branch", facts, now=0, names={"a": "城东店", "b": "城西店"})
    assert both["zh"] == "这张券本店不能用，限 城东店、城西店。"
    assert both["en"] == "This voucher is for 城东店, 城西店, not for this branch."
    one = said("wrong_branch", facts, now=0, names={"a": "城东店"})
    assert one["zh"] == "这张券本店不能用，限本商户其他门店。"


def test_a_title_is_only_a_title() -> None:
    """Whatever a merchant typed: it fills a blank and is not read for blanks itself."""
    assert said_valid(title="{quantity.__class__}", quantity=2, rapid=False)["zh"] == (
        "有效：{quantity.__class__} 2 份，可以核销。"
    )
    assert said_valid(title="", quantity=2, rapid=False)["en"] == "Valid: quantity 2. Go ahead."


# The answer ------------------------------------------------------------------------------------


def everything(site: Site) -> dict[str, list[Any]]:
    """Every row of every table of both databases."""
    found: dict[str, list[Any]] = {}
    with site.book.database.reading() as connection:
        for table in tables.metadata.sorted_tables:
            found[table.name] = sorted(map(repr, connection.execute(select(table))))
    with site.book.vault.store._reading() as connection:
        for table in vault_store.tables.sorted_tables:
            found[f"vault.{table.name}"] = sorted(map(repr, connection.execute(select(table))))
    return found


def show(
    site: Site, token: str, code: str, quantity: int = 0, *, act: str = "verify", **shown: str
) -> Answer:
    """A code, or with `card` a card instead of it."""
    body: dict[str, Any] = {"code": code} if "card" not in shown else {}
    body |= shown | ({"quantity": quantity} if quantity else {})
    return site.post(token, f"/redemptions/{act}", body)


def test_a_valid_voucher_shows_the_item_and_nothing_of_the_holder(site: Site, cast: Cast) -> None:
    cast.served("2025-03-07 09:00", "14:00")
    till = site.till()
    where = site.reward(till, branches=[till.branch], opens_minute=480, closes_minute=560)
    made = site.made(cast.ana_token, "/redemptions", {"reward": where, "quantity": 2})
    site.clock.set("2025-03-10 09:05:00.500")
    before = everything(site)
    shown = show(site, till.token, made["code"])
    after = everything(site)
    assert after | {"looks": []} == before
    assert len(after["looks"]) == 1, "its holder can read that it was asked about"
    assert shown.json == {
        "valid": True,
        "redemption": made["redemption"],
        "reward": where,
        "title": "咖啡一杯",
        "quantity": 2,
        "amount_hundredths": 200,
        "branches": ["东门店"],
        "expires": made["expires"],
        # Until 09:20, when it closes for the day, not until 09:30, when it expires.
        "seconds_left": 15 * 60 - 1,
        "flag": "none",
        "till": {
            "zh": "有效：咖啡一杯 2 份，可以核销。",
            "en": "Valid: 咖啡一杯, quantity 2. Go ahead.",
        },
    }
    one = show(site, till.token, made["code"], 1)
    assert one["till"]["zh"] == "有效：咖啡一杯 1 份，可以核销。"


def test_a_voucher_for_any_branch_runs_until_it_expires(site: Site, cast: Cast) -> None:
    cast.served("2025-03-07 09:00", "14:00")
    till = site.till()
    made = site.made(cast.ana_token, "/redemptions", {"reward": site.reward(till)})
    shown = show(site, till.token, made["code"])
    assert (shown["branches"], shown["seconds_left"]) == ([], 30 * 60)


def test_a_capture_says_when_and_says_the_same_again(site: Site, cast: Cast) -> None:
    """So that a till that repeats it never shows plain green for something long gone."""
    cast.served("2025-03-07 09:00", "14:00")
    till = site.till()
    made = site.made(cast.ana_token, "/redemptions", {"reward": site.reward(till)})
    used = "till-0001-capture-1"
    first = site.post(till.token, "/redemptions/capture", {"code": made["code"]}, key=used)
    assert first["till"] == {
        "zh": "3月10日 09:00 已核销 1 份。",
        "en": "Taken on 10 March at 09:00: quantity 1.",
    }
    site.clock.forward(days=3)
    again = site.post(till.token, "/redemptions/capture", {"code": made["code"]}, key=used)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")


def test_a_rapid_second_one_is_told_before_it_is_taken(site: Site, cast: Cast) -> None:
    cast.served("2025-03-07 09:00", "14:00")
    till = site.till()
    coffee = {"reward": site.reward(till)}
    first = site.made(cast.ana_token, "/redemptions", coffee)
    second = site.made(cast.ana_token, "/redemptions", coffee)
    site.made(till.token, "/redemptions/capture", {"code": first["code"]})
    site.clock.forward(seconds=2.5)
    soon = show(site, till.token, second["code"])
    assert (soon.code, soon.headers["Retry-After"]) == ("too_soon", "3")
    assert soon["till"]["zh"] == "持券人刚刚用过一张券，请等 3 秒再核销。"
    site.clock.forward(seconds=2.5)
    shown = show(site, till.token, second["code"])
    assert shown["flag"] == "rapid"
    assert "核销后须经复核才结算" in shown["till"]["zh"]


# Precedence ------------------------------------------------------------------------------------


@dataclass
class Scene:
    """A voucher, its holder and a till, and what is the matter with each."""

    site: Site
    cast: Cast
    holder: str = ""
    holder_token: str = ""
    till: Till = field(init=False)
    shown_at: Till = field(init=False)
    token: str = ""
    code: str = ""
    redemption: str = ""
    quantity: int = 0
    shown: dict[str, str] = field(default_factory=dict)
    """What is shown besides the code, or instead of it."""
    reward: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.till = self.shown_at = self.site.till()
        self.token = self.till.token
        self.holder = self.site.volunteer(self.cast.home)
        self.holder_token = self.site.volunteer_token(self.holder)
        self.cast.history("2025-03-07 09:00", "2025-03-07 14:00", who=self.holder)

    def reserve(self) -> dict[str, Any]:
        body = {"reward": self.site.reward(self.till, **self.reward)}
        made: dict[str, Any] = self.site.made(self.holder_token, "/redemptions", body)
        return made

    def begin(self) -> None:
        made = self.reserve()
        self.code, self.redemption = made["code"], made["redemption"]

    def capture(self) -> None:
        self.site.made(self.till.token, "/redemptions/capture", {"code": self.code})
        self.site.clock.forward(minutes=1)

    def show_card(self) -> None:
        """The holder has a card, and shows it instead of the code."""
        path = f"/volunteers/{self.holder}/cards"
        made = self.site.made(self.site.operator, path, {"pin": PIN})
        self.shown = {"card": made["number"], "pin": PIN}


Matter = Callable[[Scene], object]


def as_a_clerk(scene: Scene) -> str:
    """A clerk of the branch with a token for the till, at which the scene goes on."""
    site = scene.site
    path = f"/branches/{scene.till.branch}/clerks"
    clerk = str(site.made(site.operator, path, {"name": "王五"})["clerk"])
    scene.token = site.token(
        f"merchant:{scene.till.merchant}", "merchant", terminal=scene.till.terminal, clerk=clerk
    )
    return clerk


def clerk_suspended(scene: Scene) -> None:
    path = f"/parties/clerk:{as_a_clerk(scene)}/suspend"
    scene.site.made(scene.site.operator, path, {"reason": "休假"})


def clerk_at_limit(scene: Scene) -> None:
    path = f"/clerks/{as_a_clerk(scene)}/limits"
    scene.site.made(scene.site.operator, path, {"points_hundredths": 99})


def no_terminal(scene: Scene) -> None:
    scene.token = scene.site.token(f"merchant:{scene.till.merchant}", "merchant")


def till_suspended(scene: Scene) -> None:
    scene.site.made(
        scene.site.operator,
        f"/parties/terminal:{scene.shown_at.terminal}/suspend",
        {"reason": "送修"},
    )


def attempts_used_up(scene: Scene) -> None:
    for _ in range(LIMITS["terminal"]):
        assert show(scene.site, scene.token, RIGHT_FORM).code == "unknown_code"


def mistyped(scene: Scene) -> None:
    scene.code = "00000-00001"


def of_practice(scene: Scene) -> None:
    scene.code = make_practice_code(1)


def anothers(scene: Scene) -> None:
    scene.shown_at = scene.site.till()
    scene.token = scene.shown_at.token


def captured(scene: Scene) -> None:
    scene.capture()


def voided(scene: Scene) -> None:
    scene.capture()
    path = f"/redemptions/{scene.redemption}/void"
    scene.site.made(scene.site.operator, path, {"ground": "cannot_supply"})


def released(scene: Scene) -> None:
    scene.site.made(scene.holder_token, f"/redemptions/{scene.redemption}/release")


def expired(scene: Scene) -> None:
    scene.site.clock.forward(minutes=31)


def elsewhere(scene: Scene) -> None:
    scene.reward["branches"] = [scene.site.till(scene.till.merchant).branch]


def closed(scene: Scene) -> None:
    scene.reward |= {"opens_minute": 1, "closes_minute": 2}


def too_many(scene: Scene) -> None:
    scene.quantity = 99


def wrong_balance(scene: Scene) -> None:
    book = scene.site.book
    due.stop_owners(book.database, [f"held:{scene.redemption}"], book.clock.now_ms())


def holder_suspended(scene: Scene) -> None:
    scene.site.made(
        scene.site.operator, f"/parties/volunteer:{scene.holder}/suspend", {"reason": "核查"}
    )


def moments_after_another(scene: Scene) -> None:
    given, scene.reward = scene.reward, {}
    other = scene.reserve()
    scene.reward = given
    scene.site.made(scene.till.token, "/redemptions/capture", {"code": other["code"]})


def card_mistyped(scene: Scene) -> None:
    scene.show_card()
    digits = scene.shown["card"]
    scene.shown["card"] = digits[:-1] + str((int(digits[-1]) + 1) % 10)


def pin_missing(scene: Scene) -> None:
    if not scene.shown:
        scene.show_card()
    del scene.shown["pin"]


def pin_too_short(scene: Scene) -> None:
    scene.show_card()
    scene.shown["pin"] = "12345"


def pin_wrong(scene: Scene) -> None:
    if not scene.shown:
        scene.show_card()
    scene.shown["pin"] = OTHER_PIN


def pins_used_up(scene: Scene) -> None:
    scene.show_card()
    for left in (2, 1, 0):
        told = show(scene.site, scene.token, "", card=scene.shown["card"], pin=OTHER_PIN)
        assert (told.code, told["facts"]["attempts_left"]) == ("wrong_card_or_pin", left)


def nothing_reserved(scene: Scene) -> None:
    if not scene.shown:
        scene.show_card()
    released(scene)


def two_reserved(scene: Scene) -> None:
    scene.show_card()
    scene.site.made(scene.holder_token, "/redemptions", {"reward": scene.site.reward(scene.till)})


def guarded(scene: Scene) -> None:
    scene.site.made(scene.holder_token, f"/redemptions/{scene.redemption}/rotating")


def value_wrong(scene: Scene) -> None:
    right = value_of(scene)
    scene.shown["rotating"] = f"{(int(right) + 1) % 10**6:06d}"


def values_used_up(scene: Scene) -> None:
    value_wrong(scene)
    for left in (2, 1, 0):
        told = show(scene.site, scene.token, scene.code, rotating=scene.shown["rotating"])
        assert (told.code, told["facts"]["attempts_left"]) == ("wrong_rotating_value", left)
    scene.shown["rotating"] = value_of(scene)


def value_used(scene: Scene) -> None:
    other = scene.reserve()
    value = value_of(scene)
    body = {"code": f"{other['code']}.{value}"}
    scene.site.made(scene.till.token, "/redemptions/capture", body)
    # Long enough after another capture, and still the same step.
    scene.site.clock.forward(seconds=20)
    scene.shown["rotating"] = value


def value_of(scene: Scene) -> str:
    """What the holder's phone shows."""
    book = scene.site.book
    return book.rotating.shown(scene.holder, book.clock.now_ms()).value


MATTERS: Mapping[str, Matter] = {
    "clerk_not_active": clerk_suspended,
    "terminal_needed": no_terminal,
    "party_not_active": till_suspended,
    "too_many_attempts": attempts_used_up,
    "practice_code": of_practice,
    "bad_code": mistyped,
    "bad_card": card_mistyped,
    "pin_needed": pin_missing,
    "bad_pin": pin_too_short,
    "unknown_code": anothers,
    "pin_cooling_off": pins_used_up,
    "wrong_card_or_pin": pin_wrong,
    "nothing_reserved_here": nothing_reserved,
    "choose_voucher": two_reserved,
    "already_captured": captured,
    "voided": voided,
    "released": released,
    "expired": expired,
    "wrong_branch": elsewhere,
    "outside_hours": closed,
    "quantity_too_large": too_many,
    "account_stopped": wrong_balance,
    "holder_not_active": holder_suspended,
    "clerk_limit_reached": clerk_at_limit,
    "too_soon": moments_after_another,
    "rotating_value_needed": guarded,
    "rotating_cooling_off": values_used_up,
    "wrong_rotating_value": value_wrong,
    "rotating_value_used": value_used,
}
BEFORE_IT_IS_RESERVED = {"wrong_branch", "outside_hours"}
_ORDER = [
    *("wrong_branch", "outside_hours", "rotating_value_needed", "pin_cooling_off", "too_soon"),
    *("rotating_cooling_off", "wrong_rotating_value", "unknown_code"),
    *("bad_code", "practice_code", "bad_card", "pin_needed", "wrong_card_or_pin"),
    "too_many_attempts",
]


def as_it_happens(code: str) -> int:
    """So that what happens later does not stop what must have happened before."""
    return _ORDER.index(code) if code in _ORDER else len(_ORDER)


APART = {
    # A clerk's token is always for a terminal.
    ("clerk_not_active", "terminal_needed"),
    # A token without a terminal has no till that could be unknown, suspended or tired of codes.
    ("terminal_needed", "unknown_party"),
    # No token is issued for a till that is not registered; the rules ask it of an action.
    ("unknown_party", "party_not_active"),
    # A redemption has one state.
    ("already_captured", "voided"),
    ("voided", "released"),
    # A code is shown, or a card.
    ("bad_code", "bad_card"),
    ("bad_pin", "unknown_code"),
    ("unknown_code", "pin_cooling_off"),
    # A PIN is there or not; one reservation, several or none.
    ("pin_needed", "bad_pin"),
    ("nothing_reserved_here", "choose_voucher"),
    ("choose_voucher", "already_captured"),
    # A closed card's number is destroyed; only a capture under way meets it.
    ("too_soon", "card_closed"),
    ("card_closed", "rotating_value_needed"),
    # A value is shown or not, right or wrong; right when it came and late is a matter of moments.
    ("rotating_value_needed", "rotating_cooling_off"),
    ("wrong_rotating_value", "attestation_outdated"),
    ("attestation_outdated", "rotating_value_used"),
}
"""Neighbours that cannot hold together."""
FURTHER = {
    ("clerk_not_active", "party_not_active"),
    ("clerk_not_active", "unknown_code"),
    ("terminal_needed", "bad_code"),
    ("terminal_needed", "unknown_code"),
    ("party_not_active", "unknown_code"),
    ("too_many_attempts", "unknown_code"),
    ("already_captured", "expired"),
    ("voided", "expired"),
    ("too_many_attempts", "wrong_card_or_pin"),
    ("already_captured", "wrong_rotating_value"),
    ("expired", "rotating_value_needed"),
    ("too_soon", "rotating_value_needed"),
    ("too_soon", "wrong_rotating_value"),
}
"""Pairs further apart that a till meets too."""
ONLY_ON_THE_WAY = {"unknown_party", "card_closed", "attestation_outdated"}
"""What the rules ask of an action, and a door has asked before: tests of the rules meet it."""
NEIGHBOURS = set(zip(AT_THE_TILL, list(AT_THE_TILL)[1:], strict=False))


ATTEMPTS: dict[str, list[Any]] = {"attempts": [], "cool_offs": [], "looks": []}
"""The only tables that asking changes."""
NAMES_NO_VOUCHER = {
    *("clerk_not_active", "terminal_needed", "party_not_active", "too_many_attempts"),
    "practice_code",
    *("bad_code", "bad_card", "pin_needed", "bad_pin", "nothing_reserved_here", "choose_voucher"),
}
"""Noes that no holder is told of: nobody's voucher or card was named, or the holder stood there."""


def test_every_neighbour_is_tried_or_cannot_be() -> None:
    assert APART <= NEIGHBOURS
    assert set(MATTERS) | ONLY_ON_THE_WAY == set(AT_THE_TILL)


def pairs() -> Iterator[tuple[str, ...]]:
    yield from sorted(NEIGHBOURS - APART)
    yield from sorted(FURTHER)
    # Each alone: the nearest situation in which the later one is the answer.
    yield from ((code,) for code in MATTERS)


def test_the_first_that_holds_is_the_answer_and_nothing_is_written(site: Site, cast: Cast) -> None:
    """For each pair of neighbours both hold, and the first is said; alike by verify and capture,
    with a sentence, and with nothing changed anywhere but in the count of attempts."""
    for day, codes in enumerate(pairs(), start=1):
        # A day for each, so that only its own wrong codes count.
        site.clock.ms = at("2025-03-10 09:00") + day * 86_400_000
        scene = Scene(site, cast)
        for code in sorted(codes, key=as_it_happens):
            if code not in BEFORE_IT_IS_RESERVED and not scene.code:
                scene.begin()
            MATTERS[code](scene)
        if not scene.code:
            scene.begin()

        before = everything(site)
        answers = [
            show(site, scene.token, scene.code, scene.quantity, act=act, **scene.shown)
            for act in ("verify", "capture")
        ]
        after = everything(site)

        said_codes = [answer.code for answer in answers]
        assert said_codes == [codes[0]] * 2, (codes, said_codes)
        assert before | ATTEMPTS == after | ATTEMPTS, codes
        counted = before["attempts"] != after["attempts"]
        assert counted == (codes[0] in COUNTED), codes
        assert (before["looks"] != after["looks"]) == (codes[0] not in NAMES_NO_VOUCHER), codes
        for answer in answers:
            assert answer["till"]["zh"], codes
            assert scene.holder not in answer.text
            assert scene.code.replace("-", "") not in answer.text
        if codes[0] == "unknown_code":
            first, second = (each["till"] for each in answers)
            assert (first["zh"], second["zh"]) == tuple(
                f"本店没有这张券，请核对券码。还可试 {left} 次。" for left in (9, 8)
            )
        elif codes[0] not in COUNTED:
            assert answers[0]["till"] == answers[1]["till"]


# Attempts --------------------------------------------------------------------------------------


def test_tries_that_are_left_are_told_with_every_wrong_code(site: Site) -> None:
    till = site.till()
    site.clock.ms = site.clock.ms // WINDOW_MS * WINDOW_MS + WINDOW_MS + 1_500
    told = show(site, till.token, RIGHT_FORM)
    assert told["facts"] == {"attempts_left": 9, "attempts_limit": 10, "resets_seconds": 599}
    assert told.headers["RateLimit-Policy"] == '"codes";q=10;w=600'
    assert told.headers["RateLimit"] == '"codes";r=9;t=599'
    mistyped = show(site, till.token, "00000-00001")
    assert mistyped["facts"]["attempts_left"] == 9
    assert mistyped["till"]["zh"] == "券码有误，请对照券面重新输入。这次不计，还可试 9 次。"
    for left in range(8, -1, -1):
        told = show(site, till.token, RIGHT_FORM)
        assert told["facts"]["attempts_left"] == left
    assert told["till"]["zh"] == "本店没有这张券，请核对券码。"
    for code in (RIGHT_FORM, "00000-00001"):
        over = show(site, till.token, code)
        assert (over.status, over.code) == (429, "too_many_attempts")
        assert over.headers["Retry-After"] == "599"
        assert over["till"]["zh"] == "输错次数过多，这张券没有查。请 10 分钟后再试。"
        assert over.headers["RateLimit"] == '"codes";r=0;t=599'


# What comes before the till ----------------------------------------------------------------------


def test_every_no_at_a_tills_routes_has_a_sentence(site: Site, cast: Cast) -> None:
    till = site.till()
    narrow = site.token(
        f"merchant:{till.merchant}", "merchant", terminal=till.terminal, scopes=["parties:read"]
    )
    noes = {
        "token_missing": show(site, "", RIGHT_FORM),
        "token_invalid": show(site, "sdk_nobody", RIGHT_FORM),
        "role_not_allowed": show(site, cast.ana_token, RIGHT_FORM),
        "scope_missing": show(site, narrow, RIGHT_FORM),
        "missing_field": site.post(till.token, "/redemptions/verify", {}),
        "malformed_json": site.send("POST", "/v1/redemptions/verify", token=till.token, data=b"{"),
    }
    for code, answer in noes.items():
        assert answer.code == code
        expected = AROUND_THE_TILL.get(code, OTHERWISE)
        assert answer["till"] == {"zh": expected.zh, "en": expected.en}, code
    elsewhere = site.post(till.token, "/redemptions/nobody/void", {"ground": "mistake"})
    assert "till" not in elsewhere.json


def test_what_people_at_a_till_can_meet_has_words_of_its_own() -> None:
    """What remains are faults of the till's program."""
    assert set(AROUND_THE_TILL) - {"internal_error", "real_code"} <= set(COMMON_REFUSALS)
    assert not set(AROUND_THE_TILL) & set(AT_THE_TILL)
