"""The verifier: an entry has one encoding (docs/format.md, section 2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import forge
from tests.forge import Forger
from tests.verifying import Change, check, refused, swapped, with_the_key

MINUTES = b'"deducted_minutes":0'
ENCODINGS: list[tuple[str, int, Change]] = [
    ("a byte order mark", 4, lambda data: b"\xef\xbb\xbf" + data),
    ("a space before", 4, lambda data: b" " + data),
    ("a space behind", 4, lambda data: data + b" "),
    ("a carriage return", 4, lambda data: data + b"\r"),
    ("a space after a colon", 4, swapped(b'"v":1', b'"v": 1')),
    ("a name twice", 4, swapped(b'"v":1', b'"v":1,"v":1')),
    ("a name twice, first another", 4, swapped(MINUTES, b'"deducted_minutes":9,' + MINUTES)),
    ("names not sorted", 4, lambda data: b'{"v":1,' + data[1:].replace(b',"v":1', b"")),
    ("a letter as an escape", 4, swapped(b'"cn"', rb'"c\u006e"')),
    ("a fraction", 4, swapped(MINUTES, MINUTES + b".0")),
    ("an exponent", 4, swapped(MINUTES, MINUTES + b"e3")),
    ("minus zero", 4, swapped(MINUTES, b'"deducted_minutes":-0')),
    ("a plus", 4, swapped(MINUTES, b'"deducted_minutes":+1')),
    ("a leading zero", 4, swapped(MINUTES, b'"deducted_minutes":01')),
    ("an underscore", 4, swapped(MINUTES, b'"deducted_minutes":1_0')),
    ("2 to the 53rd", 4, swapped(MINUTES, b'"deducted_minutes":9007199254740992')),
    ("17 digits", 4, swapped(MINUTES, b'"deducted_minutes":10000000000000000')),
    ("5,000 digits", 4, swapped(MINUTES, b'"deducted_minutes":' + b"7" * 5000)),
    ("true", 4, swapped(MINUTES, b'"deducted_minutes":true')),
    ("null", 4, swapped(MINUTES, b'"deducted_minutes":null')),
    ("NaN", 4, swapped(MINUTES, b'"deducted_minutes":NaN')),
    ("infinity", 4, swapped(MINUTES, b'"deducted_minutes":-Infinity')),
    ("not UTF-8", 4, swapped(b'"cn"', b'"c\xff"')),
    ("a lone surrogate", 1, swapped(b'"an office\\\\here"', rb'"\ud800"')),
    ("a surrogate in bytes", 1, swapped(b'"an office\\\\here"', b'"\xed\xa0\x80"')),
    ("an overlong form", 1, swapped(b'"an office\\\\here"', b'"\xc0\x80"')),
    ("a control character", 1, swapped(b'"an office\\\\here"', b'"\x1b"')),
    ("an escaped newline", 1, swapped(b'"an office\\\\here"', rb'"\n"')),
    ("delete", 1, swapped(b'"an office\\\\here"', b'"\x7f"')),
    ("an escaped slash", 1, swapped(b'"an office\\\\here"', rb'"\/"')),
    ("a fraction in a document", 1, swapped(b"[100,", b"[100.0,")),
    ("null in a document", 1, swapped(b"[100,", b"[null,")),
    ("true in a document", 1, swapped(b"[100,", b"[true,")),
    ("a large number in a document", 1, swapped(b"[100,", b"[" + b"9" * 4400 + b",")),
    ("2 to the 53rd in a document", 1, swapped(b"[100,", b"[9007199254740992,")),
    ("a name in capitals", 1, swapped(b'"region":', b'"Region":')),
    ("seven deep", 1, swapped(b"[100,", b"[[[]],")),
    ("30,000 deep", 1, swapped(b"[100,", b"[" + b"[" * 30_000 + b"]" * 30_000 + b",")),
    ("30,000 deep and open", 1, swapped(b"[100,", b"[" + b"[" * 30_000)),
    ("an array for an entry", 4, lambda data: b"[]"),
    ("a number for an entry", 4, lambda data: b"7"),
    ("an empty line", 4, lambda data: b""),
    ("half an entry", 4, lambda data: data[: len(data) // 2]),
]


@pytest.mark.parametrize(
    ("index", "change"), [x[1:] for x in ENCODINGS], ids=[x[0] for x in ENCODINGS]
)
def test_t15_whoever_holds_the_key_can_sign_no_other_encoding(
    log: Forger, tmp_path: Path, index: int, change: Change
) -> None:
    verdict = check(with_the_key(tmp_path / "b", log, index, change))
    assert verdict.check in ("canonical", "line", "names"), verdict.reason
    refused(verdict, verdict.check, index)


def test_t15_nesting_of_six_passes(log: Forger, tmp_path: Path) -> None:
    """The entry, its facts, the document, its values, a list: the sixth is a list in it."""
    folder = with_the_key(tmp_path / "b", log, 1, swapped(b"[100,", b"[[],"))
    assert check(folder).exit_code == 0


@pytest.mark.parametrize(("length", "code"), [(65_535, 0), (65_536, 1), (65_537, 1), (200_000, 1)])
def test_an_entry_has_at_most_65535_bytes(tmp_path: Path, length: int, code: int) -> None:
    log = forge.small_log()
    document = log.entries[1]["facts"]["document"]
    document["title"] += "x" * (length - len(log.lines()[1]))
    verdict = check(log.bundle(tmp_path / "b"))
    assert verdict.exit_code == code
    if code:
        refused(verdict, "line", 1)


@pytest.mark.parametrize("cut", [1, 2, 500])
def test_the_last_entry_ends_with_a_newline(bundle: Path, cut: int) -> None:
    forge.edit(bundle, "entries.jsonl", lambda data: data[:-cut])
    refused(check(bundle), "line", 7)


@pytest.mark.parametrize("more", [b"\n", b"{}\n", b"x", b"\x00" * 70_000])
def test_nothing_follows_the_signed_entries(bundle: Path, more: bytes) -> None:
    forge.edit(bundle, "entries.jsonl", lambda data: data + more)
    refused(check(bundle), "size", 8)
