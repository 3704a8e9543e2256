"""An entry's bytes: RFC 8785 and nothing else, for every document of our domain."""

from __future__ import annotations

import hashlib
import json
import string
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import Head, advance, link
from ledger.entry import KINDS, Draft, Entry, Idem, canonical, decode, encode
from ledger.posting import Posting
from tests.recheck import Laws, parse

NAMES = st.text(string.ascii_lowercase + string.digits + "_", min_size=1, max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), max_size=40
)
DOCUMENTS = st.recursive(
    NUMBERS | TEXT,
    lambda within: st.lists(within, max_size=5) | st.dictionaries(NAMES, within, max_size=5),
    max_leaves=30,
)
IDEM = Idem("ab" * 32, "cd" * 32)


def encoded(draft: Draft, **given: Any) -> bytes:
    fields: dict[str, Any] = {
        "origin": "ledger.example/log/0123456789abcdef",
        "index": 0,
        "prev": bytes(32),
        "time": 1_700_000_000_000,
        "actor": "console",
        "auth": "",
        "idem": IDEM,
        "part": 0,
        "parts": 1,
        "salt": "0f" * 16,
        "draft": draft,
        **given,
    }
    return encode(**fields)


def facts_of(kind: str, text: str = "x", number: int = 7) -> dict[str, Any]:
    made: dict[type, Any] = {str: text, int: number, dict: {"a": 1}}
    return {name: made[type_] for name, type_ in KINDS[kind].items()}


@given(DOCUMENTS)
def test_the_encoding_is_rfc_8785(document: Any) -> None:
    assert canonical(document) == rfc8785.dumps(document)


@given(st.dictionaries(TEXT, NUMBERS, max_size=8))
def test_names_of_the_basic_plane_sort_as_rfc_8785_says(document: dict[str, int]) -> None:
    """Beyond it UTF-16 and UTF-8 sort differently; our names are ASCII, so this never matters."""
    if all(ord(each) < 0x1_0000 for name in document for each in name):
        assert canonical(document) == rfc8785.dumps(document)


@pytest.mark.parametrize("value", [2**53, -(2**53), "\ud800", b"bytes", {1, 2}, object()])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical({"value": value})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_its_facts_and_no_others(kind: str) -> None:
    good = facts_of(kind)
    assert parse(encoded(Draft(kind, good)))["facts"] == good
    with pytest.raises(ValueError, match="has the facts"):
        encoded(Draft(kind, {**good, "extra": 1}))
    for name in good:
        rest = {key: value for key, value in good.items() if key != name}
        with pytest.raises(ValueError, match="has the facts"):
            encoded(Draft(kind, rest))
        with pytest.raises((ValueError, KeyError)):
            encoded(Draft(kind, {**rest, "renamed": good[name]}))
        for wrong in (None, 1.0, True, [1], b"x"):
            with pytest.raises(ValueError, match=name):
                encoded(Draft(kind, {**good, name: wrong}))


def test_a_text_is_no_number_and_a_number_no_text() -> None:
    deposit = facts_of("time_deposited")
    with pytest.raises(ValueError, match="minutes is a int"):
        encoded(Draft("time_deposited", {**deposit, "minutes": "3"}))
    with pytest.raises(ValueError, match="record is a str"):
        encoded(Draft("time_deposited", {**deposit, "record": 3}))


def test_there_is_no_other_kind() -> None:
    with pytest.raises(KeyError):
        encoded(Draft("money_printed", {}))


@pytest.mark.parametrize("text", ["a\nb", "\x00", "\x1f", 'say "so"', "back\\slash", "\t"])
def test_nothing_that_needs_an_escape_gets_in(text: str) -> None:
    with pytest.raises(ValueError, match="escaping"):
        encoded(Draft("merchant_registered", {"merchant": text}))


def test_a_lone_surrogate_does_not_get_in() -> None:
    with pytest.raises(TypeError):
        encoded(Draft("merchant_registered", {"merchant": "\udfff"}))


def test_an_entry_has_at_most_65_535_bytes() -> None:
    """Exactly so many are fine, one more is not."""
    empty = len(encoded(Draft("merchant_registered", {"merchant": ""})))
    full = encoded(Draft("merchant_registered", {"merchant": "m" * (65_535 - empty)}))
    assert len(full) == 65_535
    with pytest.raises(ValueError, match="65535"):
        encoded(Draft("merchant_registered", {"merchant": "m" * (65_536 - empty)}))


def test_bytes_count_and_not_characters() -> None:
    empty = len(encoded(Draft("merchant_registered", {"merchant": ""})))
    room = (65_535 - empty) // 3
    encoded(Draft("merchant_registered", {"merchant": "店" * room}))
    with pytest.raises(ValueError, match="65535"):
        encoded(Draft("merchant_registered", {"merchant": "店" * (room + 1)}))


@given(
    st.sampled_from(sorted(set(KINDS) - {"policy_adopted", "calendar_adopted"})),
    TEXT,
    NUMBERS,
    st.lists(st.integers(1, 2**53 - 1), max_size=3),
    st.integers(0, 2**40),
)
def test_decoding_gives_back_what_was_encoded(
    kind: str, text: str, number: int, amounts: list[int], time: int
) -> None:
    postings = tuple(Posting("issuer:time", "volunteer:a:time", "TIME", each) for each in amounts)
    draft = Draft(kind, facts_of(kind, text, number), postings, "cn-default/1")
    [entry] = link(
        Head("o", 5, bytes(range(32)), 0),
        [draft],
        time=time,
        actor="console",
        auth="",
        idem=IDEM,
        salts=["0f" * 16],
    )
    again = decode(entry.data)
    assert again == entry
    assert (again.facts, tuple(again.postings)) == (draft.facts, postings)
    assert json.loads(entry.data)["prev"] == bytes(range(32)).hex()
    parse(entry.data)


# The chain -------------------------------------------------------------------------------------


def chained(head: Head, count: int) -> list[Entry]:
    drafts = [Draft("merchant_registered", {"merchant": f"m{n}"}) for n in range(count)]
    salts = [f"{n:032x}" for n in range(count)]
    return link(head, drafts, time=head.time + 1, actor="console", auth="", idem=IDEM, salts=salts)


def test_each_entry_carries_the_hash_of_the_one_before() -> None:
    head = Head("ledger.example/log/x")
    first = chained(head, 3)
    assert (head.size, head.hash) == (0, bytes(32)), "linking leaves the head alone"
    advance(head, first)
    assert (head.size, head.time) == (3, 1)
    assert head.hash == hashlib.sha256(b"\x00" + first[-1].data).digest()
    laws = Laws()
    for entry in first:
        laws.take(entry.data)
    assert [(entry.part, entry.parts) for entry in first] == [(0, 3), (1, 3), (2, 3)]


def test_every_draft_needs_a_salt() -> None:
    with pytest.raises(ValueError, match="zip"):
        link(
            Head("o"),
            [Draft("merchant_registered", {"merchant": "m"})],
            time=0,
            actor="console",
            auth="",
            idem=IDEM,
            salts=[],
        )


def test_a_changed_byte_a_swap_and_a_gap_are_seen() -> None:
    """The second opinion of these tests is itself put to the test."""
    head = Head("o")
    entries = []
    for _ in range(3):
        entries += (made := chained(head, 1))
        advance(head, made)
    data = [
        entry.data.replace(IDEM.key.encode(), f"{entry.index:064x}".encode()) for entry in entries
    ]
    for broken in (
        [data[0].replace(b'"m0"', b'"m9"'), data[1]],
        [data[1]],
        [data[0], data[2]],
        [data[0], data[0]],
        [data[0].replace(b'"v":1', b'"v":1.0')],
        [data[0].replace(b'"v":1', b'"v": 1')],
        [data[0].replace(b'{"actor"', b'{"actor":"x","actor"')],
    ):
        laws = Laws()
        *sound, last = broken
        for each in sound:
            laws.take(each)
        with pytest.raises(AssertionError):
            laws.take(last)


# The laws of the rules of the field -----------------------------------------------------------


def told(kind: str, *moves: tuple[str, str, str, int], **given: Any) -> Draft:
    """An entry of a kind, with those facts that its law looks at."""
    return Draft(kind, facts_of(kind) | given, [Posting(*move) for move in moves])


ANA, BO = {"volunteer": "a"}, {"volunteer": "b"}
SERVED = ("issuer:service", "volunteer:a:service:check_in", "SERVICE", 60)
EARNED = ("issuer:point", "volunteer:a:points:2028-03-31", "POINT", 9)
SAVED = ("issuer:time", "volunteer:a:time", "TIME", 60)
STAR = ("issuer:star", "volunteer:a:stars", "STAR", 1)
LISTED = ("issuer:credit", "volunteer:a:credit", "CREDIT", 3)
UNLISTED = ("volunteer:a:credit", "issuer:credit", "CREDIT", 3)
FILL = told("time_deposited", SAVED, record="r")
ASK = told("order_requested", ("volunteer:a:time", "held:o", "TIME", 60), **ANA, order="o")
PAY = ("held:o", "volunteer:b:time", "TIME", 60)
DONE = told("order_done", order="o", record="s")
PAID: dict[str, Any] = {"order": "o", "record": "s", "minutes": 60, "overflow_minutes": 0, **ANA}
RESERVED = told(
    "redemption_reserved", ("volunteer:a:time", "held:k", "TIME", 60), **ANA, redemption="k"
)
CAPTURED = told("redemption_captured", ("held:k", "merchant:m:claims", "TIME", 60), redemption="k")
FLAGGED = CAPTURED._replace(facts={**CAPTURED.facts, "flag": "rapid"})
AGREED = told("consent_recorded", **ANA, purpose="credit_list", party="", answer="given")
ON_LIST = told("credit_listed", LISTED, **ANA, cycle="2026", points=3, taken_back=0)
APPLIED = told("star_applied", **ANA, case="c")
GRANTED = told("star_granted", STAR, **ANA, case="c", star=1)
SETTLED = told("settlement_closed", redemptions="k", lines=1, settlement="t")

SOUND: list[list[Draft]] = [
    [told("qualification_recorded", SERVED), told("service_ported", SERVED, record="p")],
    [
        APPLIED,
        told("star_noticed", **ANA, case="c"),
        GRANTED,
        told("star_applied", **ANA, case="d"),
    ],
    [FILL, ASK, DONE, told("order_confirmed", PAY, **PAID)],
    [FILL, RESERVED, CAPTURED, SETTLED],
    [FILL, RESERVED, CAPTURED, told("redemption_voided", redemption="k")],
    [FILL, RESERVED, FLAGGED, told("capture_reviewed", redemption="k"), SETTLED],
    [
        AGREED,
        ON_LIST,
        told("credit_withdrawn", UNLISTED, **ANA, cycle="2026", points=3),
        ON_LIST,
        told("credit_listed", LISTED, UNLISTED, **ANA, cycle="2027", points=3, taken_back=3),
    ],
]


@pytest.mark.parametrize("drafts", SOUND, ids=lambda drafts: drafts[-1].kind)
def test_a_sound_story_keeps_every_law(drafts: list[Draft]) -> None:
    laws = Laws()
    for data in written(drafts):
        laws.take(data)
    laws.finish()


def written(drafts: list[Draft]) -> list[bytes]:
    salts = [f"{n:032x}" for n in range(len(drafts))]
    made = link(Head("o"), drafts, time=1, actor="console", auth="", idem=IDEM, salts=salts)
    return [entry.data for entry in made]


BROKEN: list[tuple[str, list[Draft]]] = [
    ("moved SERVICE", [told("time_donated", SERVED)]),
    ("moved STAR", [told("medal_granted", STAR)]),
    ("moved CREDIT", [told("dishonesty_recorded", LISTED)]),
    ("made TIME", [told("time_granted", SAVED)]),
    ("made POINT", [told("redemption_voided", EARNED)]),
    ("1 stars are held, not 2", [told("star_granted", STAR, **ANA, case="", star=2)]),
    ("two cases", [APPLIED, told("star_applied", **ANA, case="d")]),
    ("no such case", [APPLIED, told("star_noticed", **ANA, case="d")]),
    ("end twice", [APPLIED, told("star_refused", **ANA, case="c"), GRANTED]),
    ("nobody asked", [told("order_expired", **ANA, order="o")]),
    ("stayed behind", [FILL, ASK, told("order_expired", **ANA, order="o")]),
    (
        "ended twice",
        [
            *(FILL, ASK, DONE),
            told("order_confirmed", PAY, **PAID),
            told("order_cancelled", **ANA, order="o"),
        ],
    ),
    ("nothing was reported", [FILL, ASK, told("order_confirmed", PAY, **PAID)]),
    (
        "saved twice",
        [
            FILL,
            ASK,
            DONE._replace(facts={**DONE.facts, "record": "r"}),
            told("order_settled", PAY, **PAID | {"record": "r"}),
        ],
    ),
    (
        "what did not happen",
        [
            FILL,
            ASK,
            DONE,
            told("service_reversed", record="s"),
            told("order_confirmed", PAY, **PAID),
        ],
    ),
    ("nobody looked", [FILL, RESERVED, FLAGGED, SETTLED]),
    ("nothing to look", [FILL, RESERVED, CAPTURED, told("capture_reviewed", redemption="k")]),
    ("never captured", [told("redemption_voided", redemption="k")]),
    (
        "undone or settled",
        [FILL, RESERVED, CAPTURED, SETTLED, told("redemption_voided", redemption="k")],
    ),
    ("miscounted", [FILL, RESERVED, CAPTURED, told("settlement_closed", redemptions="k", lines=2)]),
    ("listed unasked", [ON_LIST]),
    ("listed twice", [AGREED, ON_LIST, ON_LIST]),
    (
        "points stay",
        [AGREED, ON_LIST, told("credit_listed", **ANA, cycle="2027", points=0, taken_back=0)],
    ),
    ("another listing", [AGREED, ON_LIST, told("credit_withdrawn", **ANA, cycle="2026", points=2)]),
    ("the same answer", [AGREED, AGREED]),
    ("nobody objected", [told("objection_decided", objection="x")]),
    *(
        ("twice", [told(kind), told(kind)])
        for kind in (
            "service_evaluated",
            "objection_filed",
            "statement_accepted",
            "service_ported",
            "medal_granted",
            "referral_awarded",
            "order_requested",
            "certificate_issued",
        )
    ),
    ("made twice", [told("service_recorded", record="r"), told("service_ported", record="r")]),
    (
        "given a start twice",
        [told("time_granted", ground="starting"), told("time_granted", ground="starting")],
    ),
]


@pytest.mark.parametrize(
    ("why", "drafts"), BROKEN, ids=lambda each: each if isinstance(each, str) else each[-1].kind
)
def test_a_broken_law_of_the_field_is_seen(why: str, drafts: list[Draft]) -> None:
    laws = Laws()
    *sound, last = written(drafts)
    for each in sound:
        laws.take(each)
    with pytest.raises(AssertionError, match=why):
        laws.take(last)
