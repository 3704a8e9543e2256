"""Vouchers and acceptances: their lines, their signatures, how small they are."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from ledger.keys import Ed25519Signer
from ledger.note import NoteRefused, sign_note
from ledger.voucher import (
    ITEM_CHARACTERS_MAX,
    Acceptance,
    Voucher,
    as_shown,
    digest_of,
    item_of,
    open_acceptance,
    open_voucher,
    sign_acceptance,
    sign_voucher,
    till_name,
)
from tests.kit import at

ORIGIN = "ledger.example.org/log/2f7c1d90b4"
LEDGER = Ed25519Signer(f"{ORIGIN}/voucher", bytes(range(32)))
SESSION = "5essxn0000000001"
TILL = Ed25519Signer(till_name(ORIGIN, SESSION), bytes(range(32, 64)))
VOUCHER = Voucher(
    origin=ORIGIN,
    redemption="7redempt00000001",
    merchant="7mercnt000000001",
    branch="7branch000000001",
    quantity=2,
    amount=300,
    asset="POINT",
    issued=at("2025-03-10 09:00"),
    until=at("2025-03-10 19:00"),
    upload_by=at("2025-03-12 19:00"),
    item="现磨咖啡（中杯）两份券",
)
ACCEPTANCE = Acceptance(
    origin=ORIGIN,
    session=SESSION,
    counter=3,
    accepted=at("2025-03-10 10:31"),
    value="280157",
    voucher=digest_of(sign_voucher(VOUCHER, LEDGER)),
)
VECTOR = Path(__file__).parent / "vectors" / "offline-1.json"


def test_what_was_signed_is_read() -> None:
    note = sign_voucher(VOUCHER, LEDGER)
    assert open_voucher(note, [LEDGER.verifier]) == VOUCHER
    taken = sign_acceptance(ACCEPTANCE, TILL)
    assert open_acceptance(taken, [TILL.verifier]) == ACCEPTANCE
    without = replace(ACCEPTANCE, value="")
    assert open_acceptance(sign_acceptance(without, TILL), [TILL.verifier]) == without


def test_the_formats_are_the_published_vector() -> None:
    """Never edited: a changed format is a new version and another file."""
    assert json.loads(VECTOR.read_text(encoding="utf-8")) == {
        "voucher_seed": bytes(range(32)).hex(),
        "voucher_key": LEDGER.vkey,
        "voucher": sign_voucher(VOUCHER, LEDGER).decode(),
        "till_seed": bytes(range(32, 64)).hex(),
        "till_key": TILL.public_key.hex(),
        "acceptance": sign_acceptance(ACCEPTANCE, TILL).decode(),
        "proof": sha256(sign_acceptance(ACCEPTANCE, TILL)).hexdigest(),
    }


def test_a_stranger_reads_the_vector_without_our_code() -> None:
    """Lines, name, key id and signature, as docs/format.md §13 and §5 say."""
    from base64 import b64decode

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    vector = json.loads(VECTOR.read_text(encoding="utf-8"))
    text, _, line = vector["voucher"].rpartition("\n\n")
    lines = text.split("\n")
    assert (lines[0], lines[1], lines[6], len(lines)) == (
        "sidereal/voucher@v1",
        ORIGIN,
        "300 POINT",
        11,
    )
    dash, name, stamp = line.removesuffix("\n").split(" ")
    key = b64decode(vector["voucher_key"].split("+", 2)[2])[1:]
    hint = sha256(name.encode() + b"\n\x01" + key).digest()[:4]
    assert (dash, name, b64decode(stamp)[:4]) == ("—", f"{ORIGIN}/voucher", hint)
    Ed25519PublicKey.from_public_bytes(key).verify(b64decode(stamp)[4:], f"{text}\n".encode())


def test_a_voucher_is_small_enough_for_a_cheap_camera() -> None:
    """333 bytes; the longest title and a long origin still leave a code to print."""
    note = sign_voucher(VOUCHER, LEDGER)
    code = segno.make(note.decode(), error="m", micro=False, boost_error=False)
    assert len(note) == 333
    assert code.designator == "14-M"
    longest = replace(VOUCHER, item="券" * ITEM_CHARACTERS_MAX, amount=10**9)
    large = segno.make(sign_voucher(longest, LEDGER).decode(), error="m", boost_error=False)
    assert large.designator == "16-M"


@pytest.mark.parametrize("place", range(11))
def test_no_line_of_a_voucher_can_be_changed(place: int) -> None:
    note = sign_voucher(VOUCHER, LEDGER).decode()
    lines = note.split("\n")
    lines[place] = lines[place][:-1] + ("1" if lines[place][-1] != "1" else "2")
    with pytest.raises(NoteRefused):
        open_voucher("\n".join(lines).encode(), [LEDGER.verifier])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sidereal/voucher@v1", "sidereal/voucher@v2"),
        ("\n2\n", "\n02\n"),
        ("\n2\n", "\n0\n"),
        ("\n2\n", "\n-2\n"),
        ("300 POINT", "300 STAR"),
        ("300 POINT", "300  POINT"),
        ("300 POINT", "9007199254740992 POINT"),
        ("7redempt00000001", "7REDEMPT00000001"),
        ("7redempt00000001", "7redempt0000001"),
        (ORIGIN, "not an origin"),
        ("现磨咖啡（中杯）两份券", ""),
        ("现磨咖啡（中杯）两份券", " 咖啡"),
        ("现磨咖啡（中杯）两份券", "券" * 41),
        ("现磨咖啡（中杯）两份券", "咖啡\n另一行"),
    ],
)
def test_the_ledgers_own_signature_makes_no_bad_voucher_good(old: str, new: str) -> None:
    """Exactly these lines, or nothing: a till never guesses."""
    text = VOUCHER.text()
    assert old in text
    with pytest.raises(NoteRefused):
        open_voucher(sign_note(text.replace(old, new, 1), [LEDGER]), [LEDGER.verifier])


@pytest.mark.parametrize(
    ("field", "value"),
    [("counter", 0), ("value", "12345"), ("value", "1234567"), ("voucher", "ab"), ("session", "x")],
)
def test_a_till_signs_no_bad_acceptance(field: str, value: Any) -> None:
    with pytest.raises(NoteRefused):
        sign_acceptance(replace(ACCEPTANCE, **{field: value}), TILL)


def test_another_key_signs_nothing_for_the_ledger() -> None:
    """Not with its own name, nor with the ledger's."""
    for name in ("elsewhere/log/x/voucher", LEDGER.name):
        forged = sign_voucher(VOUCHER, Ed25519Signer(name, bytes(32)))
        with pytest.raises(NoteRefused):
            open_voucher(forged, [LEDGER.verifier])
    # A checkpoint or an acknowledgement of the same key would be no voucher either.
    with pytest.raises(NoteRefused):
        open_voucher(sign_note(f"{ORIGIN}\n7\nAAAA\n", [LEDGER]), [LEDGER.verifier])


@given(st.text(max_size=80))
def test_any_title_becomes_one_short_line(title: str) -> None:
    item = item_of(title)
    assert 1 <= len(item) <= ITEM_CHARACTERS_MAX
    assert item_of(item) == item
    assert item.isprintable()
    voucher = replace(VOUCHER, item=item)
    assert open_voucher(sign_voucher(voucher, LEDGER), [LEDGER.verifier]) == voucher


def test_what_a_scanner_does_to_line_ends_does_no_harm() -> None:
    note = sign_voucher(VOUCHER, LEDGER)
    for shown in (note.decode(), note.decode().rstrip("\n"), note.decode().replace("\n", "\r\n")):
        assert as_shown(shown) == note
