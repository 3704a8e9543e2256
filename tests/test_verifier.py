"""The verifier: an honest bundle is verified, and every tamper is refuted where it happened.

The bundles are made by `tests.forge` from docs/format.md; nothing here imports the ledger. Where
a forger is said to hold the log key, every hash and signature after the tamper fits again, so
that only the rule under test can refuse.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import kinds, shapes
from audit.accounts import Book
from audit.note import parse_key
from audit.tree import Tree
from audit.verdict import Refuted, Verdict
from audit.verify import utc, verify
from tests import forge
from tests.forge import ANA, BEN, CLUB, SHOP, VINTAGE, Forger, Signer, posting

ROOT = Path(__file__).resolve().parent.parent
ACCOMPLICE = Signer(seed=b"\x09" * 32)

Change = Callable[[bytes], bytes]


def check(folder: Path, *since: Path, signer: Signer | None = None) -> Verdict:
    return verify(folder, parse_key((signer or Signer()).vkey), since)


def refused(verdict: Verdict, name: str, index: int | None) -> None:
    """The verdict is `refuted`, by this check, at this entry, with a reason."""
    assert (verdict.verdict, verdict.check, verdict.first_bad_index) == ("refuted", name, index)
    assert verdict.exit_code == 1
    assert verdict.reason


def incomplete(verdict: Verdict, name: str = "files") -> None:
    assert (verdict.verdict, verdict.check) == ("incomplete", name)
    assert verdict.exit_code == 2
    assert verdict.reason


def with_the_key(folder: Path, forger: Forger, index: int, change: Change) -> Path:
    """Change the bytes of one entry and do everything after it anew, the signature included."""
    lines: list[bytes] = []
    before = forge.ZEROS
    for entry in forger.entries:
        data = forge.canonical(entry | {"prev": entry["prev"] or before})
        if entry["index"] == index:
            data = change(data)
        before = forge.leaf(data).hex()
        lines.append(data)
    checkpoint = forger.signer.checkpoint(len(lines), forge.root([forge.leaf(x) for x in lines]))
    forge.write(folder, lines, checkpoint, forger.balances(), forger.signer.origin)
    return folder


def swapped(old: bytes, new: bytes) -> Change:
    """Replace bytes that must be there once."""

    def change(data: bytes) -> bytes:
        assert data.count(old) == 1, (old, data.count(old))
        return data.replace(old, new)

    return change


def line_changed(index: int, change: Change) -> Change:
    """Change one line of a file."""

    def all_lines(data: bytes) -> bytes:
        lines = data.split(b"\n")
        lines[index] = change(lines[index])
        return b"\n".join(lines)

    return all_lines


@pytest.fixture
def log() -> Forger:
    return forge.small_log()


@pytest.fixture
def bundle(log: Forger, tmp_path: Path) -> Path:
    return log.bundle(tmp_path / "bundle")


# The positive verdict.


def test_an_honest_bundle_is_verified_and_says_what_was_not_shown(bundle: Path) -> None:
    verdict = check(bundle)
    assert (verdict.verdict, verdict.exit_code, verdict.first_bad_index) == ("verified", 0, None)
    assert verdict.size == 8
    assert verdict.facts["time"] == forge.START + 7000
    assert verdict.facts["time_utc"] == "2026-01-01 00:00:07.000 UTC"
    assert "newest head" in verdict.reason


def test_a_log_of_its_genesis_alone_is_verified(tmp_path: Path) -> None:
    log = Forger()
    log.genesis()
    assert check(log.bundle(tmp_path / "b")).exit_code == 0


def test_a_log_without_entries_shows_nothing(tmp_path: Path) -> None:
    incomplete(check(Forger().bundle(tmp_path / "b")), "size")


def test_a_million_minutes_from_1970_is_said_in_utc() -> None:
    assert utc(60_000_000_000) == "1971-11-26 10:40:00.000 UTC"
    assert utc(2**53 - 1) == "outside the years 1 to 9999"


# T1 to T14: what a verifier must catch.


@pytest.mark.parametrize("fit", [False, True])
@pytest.mark.parametrize("index", range(8))
def test_t1_a_changed_salt_is_found_at_its_entry(bundle: Path, index: int, fit: bool) -> None:
    """Nothing but the hash can tell; the entry after, or the root, vouches for its neighbour."""

    def change(line: bytes) -> bytes:
        at = line.index(b'"salt":"') + 8
        return line[:at] + (b"0" if line[at : at + 1] != b"0" else b"1") + line[at + 1 :]

    forge.edit(bundle, "entries.jsonl", line_changed(index, change), fit=fit)
    refused(check(bundle), "root" if index == 7 else "prev", index)


@pytest.mark.parametrize("index", range(1, 8))
def test_t1_a_changed_prev_is_found_at_its_entry(bundle: Path, index: int) -> None:
    def change(line: bytes) -> bytes:
        return re.sub(rb'"prev":"[0-9a-f]{64}"', b'"prev":"' + b"5" * 64 + b'"', line)

    forge.edit(bundle, "entries.jsonl", line_changed(index, change))
    refused(check(bundle), "prev", index)


def test_entry_0_has_nothing_before_it(tmp_path: Path) -> None:
    log = forge.small_log()
    log.entries[0]["prev"] = "5" * 64
    refused(check(log.bundle(tmp_path / "b")), "prev", 0)


@pytest.mark.parametrize("kept", [0, 1, 7])
def test_t2_entries_cut_off_the_end_are_missed(bundle: Path, kept: int) -> None:
    def cut(data: bytes) -> bytes:
        return b"".join(data.splitlines(keepends=True)[:kept])

    forge.edit(bundle, "entries.jsonl", cut)
    refused(check(bundle), "size", kept)


def test_t3_an_older_bundle_is_found_by_a_newer_kept_checkpoint(
    log: Forger, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(log.checkpoint())
    del log.entries[6:]
    older = log.bundle(tmp_path / "older")
    assert check(older).exit_code == 0
    refused(check(older, kept), "since", 6)


def test_t4_swapped_entries_stand_at_the_wrong_index(bundle: Path) -> None:
    def swap(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        lines[4], lines[5] = lines[5], lines[4]
        return b"".join(lines)

    forge.edit(bundle, "entries.jsonl", swap)
    refused(check(bundle), "index", 4)


def rewritten(log: Forger) -> Forger:
    """The same log in which Ben's hour became two, every hash and signature redone."""
    other = forge.small_log(log.signer)
    ben = other.entries[5]
    ben["facts"]["minutes"] = 120
    ben["postings"][0]["amount"] = 120
    return other


def test_t5_a_rewritten_history_without_the_key_has_another_root(
    log: Forger, tmp_path: Path
) -> None:
    other = rewritten(log)
    folder = tmp_path / "b"
    forge.write(folder, other.lines(), log.checkpoint(), other.balances(), forge.ORIGIN)
    refused(check(folder), "root", 7)


def test_t5_a_rewritten_history_with_the_key_is_found_by_a_kept_checkpoint(
    log: Forger, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(log.checkpoint(6))
    folder = rewritten(log).bundle(tmp_path / "b")
    assert check(folder).exit_code == 0
    refused(check(folder, kept), "since", 5)
    kept.write_bytes(log.checkpoint(5))
    assert check(folder, kept).exit_code == 0


def test_t6_two_histories_of_one_size_are_told_apart(log: Forger, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(log.checkpoint())
    verdict = check(rewritten(log).bundle(tmp_path / "b"), kept)
    refused(verdict, "since", None)
    assert "two histories" in verdict.reason


def test_t7_another_key_refutes_the_whole_bundle(bundle: Path, tmp_path: Path) -> None:
    refused(check(bundle, signer=ACCOMPLICE), "signature", None)
    stolen = forge.small_log(ACCOMPLICE).bundle(tmp_path / "stolen")
    refused(check(stolen), "signature", None)


def test_t7_a_log_begun_with_another_key_is_not_the_pinned_one(tmp_path: Path) -> None:
    log = forge.small_log()
    log.entries[0]["facts"]["log_key"] = ACCOMPLICE.public.hex()
    refused(check(log.bundle(tmp_path / "b")), "genesis", 0)


def test_t8_time_never_decreases(tmp_path: Path) -> None:
    log = forge.small_log()
    log.entries[5]["time"] = log.entries[4]["time"]
    assert check(log.bundle(tmp_path / "same")).exit_code == 0
    log.entries[5]["time"] -= 1
    refused(check(log.bundle(tmp_path / "before")), "time", 5)


def test_t9_an_entry_twice_is_found(bundle: Path) -> None:
    def twice(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        return b"".join([*lines[:5], lines[4], *lines[5:]])

    forge.edit(bundle, "entries.jsonl", twice)
    refused(check(bundle), "index", 5)


def test_t9_an_idempotency_key_twice_is_found(tmp_path: Path) -> None:
    log = forge.small_log()
    log.entries[7]["idem"]["key"] = log.entries[4]["idem"]["key"]
    refused(check(log.bundle(tmp_path / "b")), "idem", 7)


@pytest.mark.parametrize("fit", [False, True])
def test_t11_an_edited_balance_is_found(bundle: Path, fit: bool) -> None:
    forge.edit(bundle, "balances.jsonl", swapped(b'"amount":50,', b'"amount":90,'), fit=fit)
    refused(check(bundle), "balances", None)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.split(b"\n", 1)[1],
        lambda data: data + data.splitlines(keepends=True)[-1],
        lambda data: b"".join(sorted(data.splitlines(keepends=True), reverse=True)),
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data + b'{"account":"lapsed","amount":0,"asset":"POINT"}\n',
        lambda data: b"",
    ],
)
def test_t12_t13_balances_are_compared_byte_for_byte_and_both_ways(
    bundle: Path, change: Change
) -> None:
    forge.edit(bundle, "balances.jsonl", change)
    refused(check(bundle), "balances", None)


def test_a_balance_that_went_back_to_zero_is_listed(bundle: Path) -> None:
    lines = (bundle / "balances.jsonl").read_bytes().splitlines()
    assert b'{"account":"held:hhhhhhhhhhhhhhhh","amount":0,"asset":"POINT"}' in lines


# T15: one entry has one encoding.

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


# Names, shapes and closed lists.

D, R = "ab" * 32, "2" * 16
NOTHING_TO_STATE: dict[str, Any] = {
    "settlement": "9" * 16,
    "merchant": R,
    "branch": "",
    "starts": 0,
    "ends": 9,
    "lines": 0,
    "refunds": "",
    "points": 0,
    "minutes": 0,
    "refunded_points": 0,
    "refunded_minutes": 0,
}


def statement_digest(
    facts: dict[str, Any], claims: Sequence[Any] = (), refunds: Sequence[Any] = ()
) -> str:
    """SHA-256 of a settlement's statement: docs/format.md, section 12."""
    names = ("settlement", "merchant", "branch", "starts", "ends")
    sums = ("points", "minutes", "refunded_points", "refunded_minutes")
    document = {name: facts[name] for name in (*names, *sums)}
    document |= {"claims": list(claims), "refunds": list(refunds)}
    document["format"] = "sidereal/settlement@1"
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


FACTS: dict[str, dict[str, Any]] = {
    "calendar_adopted": {
        "calendar": "cn",
        "year": 2026,
        "toml_sha256": D,
        "document": {
            "id": "cn",
            "year": 2026,
            "version": 1,
            "source": "a notice",
            "holidays": ["2026-01-01"],
            "workdays": [],
        },
    },
    "policy_adopted": {
        "policy": "cn-default",
        "version": 1,
        "toml_sha256": D,
        "document": forge.policy_document(),
    },
    "volunteer_registered": {"volunteer": R, "organisation": "", "guardian": "missing"},
    "group_registered": {"volunteer": R, "organisation": R},
    "guardian_consented": {"volunteer": R},
    "majority_reached": {"volunteer": R, "age_gate": "met", "age_tested": 18},
    "organisation_registered": {
        "organisation": R,
        "parent": "",
        "tier": "township",
        "form": "team",
    },
    "staff_registered": {"staff": R, "organisation": R},
    "merchant_registered": {"merchant": R},
    "branch_registered": {"merchant": R, "branch": R},
    "terminal_registered": {"merchant": R, "branch": R, "terminal": R},
    "clerk_registered": {"merchant": R, "branch": R, "clerk": R, "text": D},
    "clerk_limited": {"merchant": R, "clerk": R, "captures": 9, "points": 0, "minutes": 60},
    "credential_bound": {"credential": R, "clerk": R, "merchant": R},
    "credential_linked": {"credential": R, "means": "oidc"},
    "credential_lent": {"credential": R, "volunteer": R, "helper": f"staff:{R}"},
    "auditor_registered": {"auditor": R},
    "operator_registered": {"operator": R},
    "party_suspended": {"party": f"merchant:{R}", "reason": D},
    "party_reinstated": {"party": f"merchant:{R}", "reason": ""},
    "party_left": {"party": f"volunteer:{R}", "reason": ""},
    "party_died": {"party": f"volunteer:{R}", "reason": D},
    "party_forgotten": {"party": f"volunteer:{R}"},
    "relation_registered": {"volunteer": R, "relation": R},
    "relation_removed": {"volunteer": R, "relation": R},
    "circumstance_recorded": {"volunteer": R, "circumstance": R},
    "circumstance_removed": {"volunteer": R, "circumstance": R},
    "consent_recorded": {
        "volunteer": R,
        "purpose": "share_records",
        "party": f"organisation:{R}",
        "answer": "withdrawn",
    },
    "credential_issued": {
        "credential": R,
        "party": f"merchant:{R}",
        "role": "merchant",
        "scopes": "redemption:capture+redemption:verify",
        "terminal": R,
        "expires": 0,
    },
    "credential_revoked": {"credential": R},
    "webhook_set": {
        "webhook": R,
        "party": f"merchant:{R}",
        "events": "redemption.captured+settlement.closed",
        "url": D,
        "state": "active",
        "ground": "asked",
    },
    "activity_registered": {
        "activity": R,
        "organisation": R,
        "category": "elderly_and_disabled",
        "starts": 0,
        "ends": 0,
        "text": "",
    },
    "activity_terms": {
        "activity": R,
        "organisation": R,
        "training": R,
        "insurance": "required",
        "min_age": 18,
        "participants": 100,
    },
    "qualification_recorded": {
        "volunteer": R,
        "organisation": R,
        "what": "insurance",
        "learning_minutes": 90,
        "minutes": 0,
        "valid_from": 1,
        "valid_until": 0,
        "recorder": "",
    },
    "gates_met": {
        "record": R,
        "volunteer": R,
        "activity": R,
        "training": "",
        "insurance_until": 0,
        "age_gate": "met",
        "age_tested": 18,
    },
    "service_recorded": {
        "record": R,
        "volunteer": R,
        "organisation": R,
        "activity": R,
        "evidence": "backfill",
        "starts": 1,
        "ends": 2,
        "check_in": 1,
        "check_out": 2,
        "recorded": 3,
        "deducted_minutes": 0,
        "minutes": 0,
        "recorder": R,
        "approver": R,
        "outcome": "held",
        "reasons": "day_over_12h+late+self_check_in",
        "calendar": "monday_to_friday",
        "corrects": R,
    },
    "service_confirmed": {"record": R, "volunteer": R, "organisation": R, "minutes": 0},
    "service_refused": {"record": R, "volunteer": R, "organisation": R, "reason": ""},
    "service_reversed": {
        "record": R,
        "volunteer": R,
        "organisation": R,
        "minutes": 0,
        "reason": D,
        "replaced_by": "",
    },
    "service_evaluated": {
        "record": R,
        "volunteer": R,
        "organisation": R,
        "score": 5,
        "conduct": "good",
        "text": D,
    },
    "fraud_proven": {
        "party": f"volunteer:{R}",
        "reason": D,
        "ban_until": 9,
        "minutes_at": 600,
        "minutes_needed": 6000,
    },
    "fraud_dismissed": {"party": f"volunteer:{R}", "reason": D},
    "objection_filed": {
        "objection": R,
        "volunteer": R,
        "subject_kind": "record",
        "subject": R,
        "organisation": R,
        "text": D,
        "flag_by": "2026-01-05",
        "decide_by": "2026-01-09",
        "calendar": "cn",
    },
    "objection_forwarded": {
        "objection": R,
        "volunteer": R,
        "organisation": R,
        "decide_by": "2026-01-16",
        "calendar": "monday_to_friday",
    },
    "objection_decided": {
        "objection": R,
        "volunteer": R,
        "outcome": "upheld",
        "reviewer": R,
        "reason": D,
        "on_time": "yes",
    },
    "statement_issued": {"statement": D, "volunteer": R, "records": 2, "minutes": 120, "size": 9},
    "statement_accepted": {
        "statement": D,
        "volunteer": R,
        "origin": D,
        "key": D,
        "size": 9,
        "records": 2,
        "known": 1,
    },
    "service_ported": {
        "record": R,
        "volunteer": R,
        "statement": D,
        "origin": D,
        "foreign_record": R,
        "foreign_hash": D,
        "evidence": "backfill",
        "starts": 1,
        "ends": 2,
        "check_in": 1,
        "check_out": 2,
        "claimed_minutes": 60,
        "minutes": 0,
    },
    "star_applied": {
        "case": R,
        "volunteer": R,
        "star": 1,
        "minutes": 6000,
        "organisation": R,
        "nominated": "no",
    },
    "star_noticed": {
        "case": R,
        "volunteer": R,
        "star": 1,
        "organisation": "",
        "notice_from": "2026-01-05",
        "notice_until": "2026-01-07",
        "calendar": "cn",
    },
    "star_granted": {
        "case": "",
        "volunteer": R,
        "star": 1,
        "stars": 1,
        "minutes": 6000,
        "organisation": "",
    },
    "star_refused": {"case": R, "volunteer": R, "star": 1, "organisation": R, "reason": D},
    "star_downgrade_proposed": {"case": R, "volunteer": R, "star": 0, "held": 1, "minutes": 5999},
    "star_downgraded": {
        "case": R,
        "volunteer": R,
        "star": 0,
        "stars": 1,
        "organisation": "",
        "reason": D,
    },
    "star_downgrade_dismissed": {
        "case": R,
        "volunteer": R,
        "star": 0,
        "organisation": R,
        "reason": D,
    },
    "medal_granted": {"volunteer": R, "medal": 1, "minutes": 60000, "organisation": ""},
    "commendation_recorded": {
        "commendation": R,
        "volunteer": R,
        "organisation": R,
        "level": "province",
        "awarded": 7,
        "text": D,
    },
    "population_stated": {
        "organisation": R,
        "year": 2026,
        "residents": 1000,
        "staff": 10,
        "staff_registered": 6,
        "members": 5,
        "members_registered": 5,
    },
    "dishonesty_recorded": {"volunteer": R, "serious": "yes", "reason": D},
    "dishonesty_repaired": {"volunteer": R, "reason": ""},
    "credit_listed": {
        "volunteer": R,
        "cycle": "2026-H1",
        "star": 1,
        "minutes": 6000,
        "points": 5,
        "measures": 2,
        "taken_back": 0,
    },
    "credit_withdrawn": {
        "volunteer": R,
        "cycle": "2026",
        "points": 4,
        "ground": "dishonesty",
        "reason": D,
    },
    "referral_awarded": {"volunteer": R, "referred": "3" * 16},
    "points_lapsed": {"volunteer": R, "lapse": "2028-02-29"},
    "time_deposited": {
        "record": R,
        "volunteer": R,
        "minutes": 60,
        "overflow_minutes": 0,
        "age_gate": "met",
        "age_tested": 18,
    },
    "time_transferred": {"volunteer": R, "recipient": "3" * 16, "minutes": 1, "relation": "lineal"},
    "time_donated": {"volunteer": R, "pool": "platform", "minutes": 1},
    "time_granted": {"volunteer": R, "pool": "platform", "minutes": 7, "ground": "starting"},
    "frozen_time_moved": {
        "volunteer": R,
        "recipient": "3" * 16,
        "pool": "",
        "minutes": 4,
        "reason": D,
    },
    "order_requested": {
        "order": R,
        "volunteer": R,
        "organisation": R,
        "category": "health",
        "minutes": 20,
        "starts": 1,
        "ends": 2,
        "expires": 1,
        "text": D,
        "age_gate": "spouse",
        "age_tested": 60,
    },
    "order_offered": {"order": R, "provider": R},
    "order_assigned": {"order": R, "provider": R, "organisation": R},
    "order_declined": {"order": R, "provider": R, "volunteer": R},
    "order_accepted": {"order": R, "provider": R, "volunteer": R},
    "order_done": {"order": R, "provider": R, "record": R, "minutes": 20},
    "order_confirmed": {
        "order": R,
        "volunteer": R,
        "provider": "3" * 16,
        "record": R,
        "minutes": 10,
        "overflow_minutes": 3,
        "returned_minutes": 7,
    },
    "order_disputed": {"order": R, "volunteer": R, "text": D},
    "order_settled": {
        "order": R,
        "volunteer": R,
        "provider": "3" * 16,
        "record": "",
        "minutes": 0,
        "overflow_minutes": 0,
        "returned_minutes": 20,
        "reason": D,
    },
    "order_cancelled": {"order": R, "volunteer": R, "returned_minutes": 20, "reason": ""},
    "order_expired": {"order": R, "volunteer": R, "returned_minutes": 20},
    "reward_published": {
        "reward": R,
        "merchant": R,
        "form": "service_order",
        "asset": "TIME",
        "price": 1,
        "stock": 1,
        "per_person": 0,
        "gate_stars": 0,
        "hold_minutes": 30,
        "branches": f"{R}+{'3' * 16}",
        "opens": 0,
        "closes": 1440,
        "valid_from": 0,
        "valid_until": 1,
        "text": D,
    },
    "reward_drafted": {
        "reward": R,
        "merchant": R,
        "form": "gift",
        "asset": "POINT",
        "price": 1,
        "stock": 1,
        "per_person": 0,
        "gate_stars": 0,
        "hold_minutes": 0,
        "branches": "",
        "opens": 0,
        "closes": 1440,
        "valid_from": 0,
        "valid_until": 1,
        "text": "",
    },
    "reward_terms": {
        "reward": R,
        "merchant": R,
        "per_period": 2,
        "period": "week",
        "min_age": 60,
        "tiers": "community+township",
        "within": R,
        "weekdays": "1+2+3+4+5",
        "fund": R,
        "value_cents": 500,
    },
    "reward_restocked": {"reward": R, "merchant": R, "change": -3},
    "reward_withdrawn": {"reward": R, "reason": ""},
    "fund_stated": {"fund": R, "organisation": R, "cents": 9, "merchants": R, "text": D},
    "redemption_gates": {
        "redemption": R,
        "volunteer": R,
        "reward": R,
        "age_gate": "met",
        "age_tested": 60,
    },
    "redemption_reserved": {
        "redemption": R,
        "volunteer": R,
        "reward": R,
        "merchant": R,
        "quantity": 1,
        "amount": 1,
        "asset": "TIME",
        "expires": 1,
        "age_gate": "met",
        "age_tested": 60,
    },
    "redemption_captured": {
        "redemption": R,
        "reward": R,
        "merchant": R,
        "branch": R,
        "terminal": R,
        "quantity": 1,
        "amount": 1,
        "flag": "rapid",
    },
    "redemption_released": {"redemption": R, "reward": R, "merchant": R, "amount": 1},
    "redemption_expired": {"redemption": R, "reward": R, "merchant": R, "amount": 1},
    "redemption_voided": {
        "redemption": "3" * 16,
        "reward": R,
        "merchant": R,
        "amount": 8,
        "ground": "cannot_supply",
    },
    "redemption_extended": {"redemption": R, "reward": R, "merchant": R, "expires": 2},
    "redemption_refunded": {
        "redemption": "7" * 16,
        "reward": R,
        "merchant": R,
        "settlement": "7" * 16,
        "amount": 2,
        "ground": "system_fault",
    },
    "capture_presented": {
        "redemption": R,
        "merchant": R,
        "means": "card",
        "step": 7,
        "card": R,
        "till_session": "",
        "counter": 0,
        "accepted": 0,
        "proof": "",
    },
    "voucher_signed": {"redemption": R, "merchant": R, "branch": R, "upload_by": 7},
    "offline_opened": {
        "session": R,
        "merchant": R,
        "branch": R,
        "terminal": R,
        "till_key": D,
        "captures": 50,
        "points": 0,
        "minutes": 600,
        "until": 7,
        "upload_by": 8,
    },
    "offline_closed": {"session": R, "merchant": R, "branch": R, "terminal": R, "last": 0},
    "offline_conflict": {
        "session": R,
        "merchant": R,
        "branch": R,
        "terminal": R,
        "counter": 1,
        "redemption": "",
        "accepted": 7,
        "asset": "",
        "amount": 0,
        "ground": "unknown",
        "bearer": "merchant",
        "proof": D,
    },
    "card_issued": {"card": R, "volunteer": R, "organisation": R},
    "card_closed": {"card": R, "volunteer": R, "ground": "replaced"},
    "card_pin_changed": {"card": R, "volunteer": R, "organisation": ""},
    "redemption_assisted": {"redemption": R, "volunteer": R, "organisation": R, "card": ""},
    "redemption_guarded": {"redemption": R, "volunteer": R},
    "code_reissued": {"redemption": R, "volunteer": R, "organisation": "", "card": ""},
    "capture_noted": {"redemption": R, "merchant": R, "text": D},
    "capture_reviewed": {"redemption": R, "merchant": R, "reason": D},
    "settlement_closed": {
        "settlement": R,
        "merchant": R,
        "redemptions": f"{'3' * 16}+{CLUB}",
        "lines": 2,
        "points": 8,
        "minutes": 4,
    },
    "settlement_stated": NOTHING_TO_STATE | {"digest": statement_digest(NOTHING_TO_STATE)},
    "certificate_issued": {"certificate": D, "commitment": D, "organisation": R},
    "access_committed": {"last": 9, "count": 9, "digest": D},
}
POSTING_KINDS = {
    "service_recorded",
    "service_confirmed",
    "service_reversed",
    "points_lapsed",
    "time_deposited",
    "time_transferred",
    "time_donated",
    "redemption_reserved",
    "redemption_captured",
    "redemption_released",
    "redemption_expired",
    "qualification_recorded",
    "service_ported",
    "star_granted",
    "star_downgraded",
    "credit_listed",
    "credit_withdrawn",
    "referral_awarded",
    "time_granted",
    "frozen_time_moved",
    "order_requested",
    "order_confirmed",
    "order_settled",
    "order_cancelled",
    "order_expired",
    "redemption_voided",
    "redemption_refunded",
    "settlement_closed",
    "settlement_stated",
}


OTHER, LAPSE = "3" * 16, "2028-02-29"
CLEARED = "7" * 16
"""A redemption that was captured and settled."""
VR, VO, HELD = f"volunteer:{R}", f"volunteer:{OTHER}", f"held:{R}"
SERVED = posting("issuer:service", f"{VR}:service:check_in", "SERVICE", 60)
EARNED = posting("issuer:point", f"{VR}:points:{LAPSE}", "POINT", 100)
SAVED = posting("issuer:time", f"{VR}:time", "TIME", 60)
TO_POOL = posting("issuer:time", "pool:platform", "TIME", 30)
SET_ASIDE = posting(f"{VR}:points:{LAPSE}", HELD, "POINT", 5)
CLAIMS = f"merchant:{R}:claims"
RETURNED = posting(HELD, f"{VR}:time", "TIME", 20)
CLAIMED = [
    posting(CLAIMS, f"merchant:{R}:settled", "POINT", 8),
    posting(CLAIMS, f"merchant:{R}:settled", "TIME", 4),
]

# The postings of the facts above, where they ask for some.
MOVES: dict[str, list[dict[str, Any]]] = {
    "points_lapsed": [posting(f"{VR}:points:{LAPSE}", "lapsed", "POINT", 7)],
    "time_deposited": [SAVED],
    "time_transferred": [posting(f"{VR}:time", f"{VO}:time", "TIME", 1)],
    "time_donated": [posting(f"{VR}:time", "pool:platform", "TIME", 1)],
    "redemption_reserved": [posting(f"{VR}:time", HELD, "TIME", 1)],
    "redemption_captured": [posting(HELD, f"merchant:{R}:claims", "POINT", 1)],
    "redemption_released": [posting(HELD, f"{VR}:points:{LAPSE}", "POINT", 1)],
    "redemption_expired": [posting(HELD, "lapsed", "POINT", 1)],
    "star_granted": [posting("issuer:star", f"{VR}:stars", "STAR", 1)],
    "star_downgraded": [posting(f"{VR}:stars", "issuer:star", "STAR", 1)],
    "credit_listed": [posting("issuer:credit", f"{VR}:credit", "CREDIT", 5)],
    "credit_withdrawn": [posting(f"{VR}:credit", "issuer:credit", "CREDIT", 4)],
    "time_granted": [posting("pool:platform", f"{VR}:time", "TIME", 7)],
    "frozen_time_moved": [posting(f"{VR}:time", f"{VO}:time", "TIME", 4)],
    "order_requested": [posting(f"{VR}:time", HELD, "TIME", 20)],
    "order_confirmed": [
        posting(HELD, f"{VO}:time", "TIME", 10),
        posting(HELD, "pool:platform", "TIME", 3),
        posting(HELD, f"{VR}:time", "TIME", 7),
    ],
    "order_settled": [RETURNED],
    "order_cancelled": [RETURNED],
    "order_expired": [RETURNED],
    "redemption_voided": [
        posting(CLAIMS, f"{VR}:points:{LAPSE}", "POINT", 6),
        posting(CLAIMS, "lapsed", "POINT", 2),
    ],
    "redemption_refunded": [posting(f"merchant:{R}:clawed_back", f"{VR}:time", "TIME", 2)],
    "settlement_closed": CLAIMED,
}


def begun() -> Forger:
    """A log in which R served an hour, earned a point, saved time and set some of both aside, for
    a redemption and an order; holds two stars and is on the credit list; and has been to a shop."""
    log = Forger()
    log.genesis()

    def add(kind: str, changed: dict[str, Any], *moves: Any) -> None:
        log.add(kind, FACTS[kind] | changed, *moves)

    add("service_confirmed", {"minutes": 60}, SERVED, EARNED)
    add("time_deposited", {"overflow_minutes": 30}, SAVED, TO_POOL)
    add("redemption_reserved", {"asset": "POINT", "amount": 5}, SET_ASIDE)
    add("order_requested", {}, *MOVES["order_requested"])
    add("star_granted", {"star": 2, "stars": 2}, posting("issuer:star", f"{VR}:stars", "STAR", 2))
    add("credit_listed", {}, *MOVES["credit_listed"])
    taken = ((OTHER, "POINT", f"points:{LAPSE}", 8), (CLUB, "TIME", "time", 4))
    for which, asset, purse, amount in (*taken, (CLEARED, "TIME", "time", 2)):
        facts = {"redemption": which, "asset": asset, "amount": amount}
        held = f"held:{which}"
        add("redemption_reserved", facts, posting(f"{VR}:{purse}", held, asset, amount))
        facts = {"redemption": which, "amount": amount}
        add("redemption_captured", facts, posting(held, CLAIMS, asset, amount))
    settled = posting(CLAIMS, f"merchant:{R}:settled", "TIME", 2)
    once = {"settlement": CLEARED, "redemptions": CLEARED, "lines": 1, "points": 0, "minutes": 2}
    add("settlement_closed", once, settled)
    return log


HERE = 14
"""The index of what follows `begun`."""


def one_more(
    folder: Path, kind: str, facts: dict[str, Any], /, *moves: Any, **changed: Any
) -> Verdict:
    """The verdict on `begun` and one entry, which has the postings of its kind if none is given."""
    log = begun()
    log.add(kind, facts, *(moves or MOVES.get(kind, ())), **changed)
    return check(log.bundle(folder))


def one_more_with(folder: Path, kind: str, facts: dict[str, Any], moves: list[Any]) -> Verdict:
    """The verdict on `begun` and one entry with exactly these postings."""
    log = begun()
    log.add(kind, FACTS[kind] | facts, *moves)
    return check(log.bundle(folder))


def test_the_kinds_are_those_of_the_format() -> None:
    text = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    section = text.partition("## 3. Kinds")[2].partition("\nCategories of")[0]
    rows = [line.split("|")[1:4] for line in section.splitlines() if line.startswith("| `")]
    names = {name for row in rows for name in re.findall("`([a-z_]+)`", row[0])}
    posting = {n for row in rows if row[2].strip() for n in re.findall("`([a-z_]+)`", row[0])}
    assert names == set(kinds.KINDS) == {*FACTS, "genesis"}
    assert posting == POSTING_KINDS == {name for name, kind in kinds.KINDS.items() if kind.posts}


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_a_kind_has_exactly_its_facts(kind: str, tmp_path: Path) -> None:
    facts = FACTS[kind]
    assert one_more(tmp_path / "yes", kind, facts).exit_code == 0
    refused(one_more(tmp_path / "more", kind, facts | {"note": ""}), "facts", HERE)
    for name in facts:
        fewer = {each: value for each, value in facts.items() if each != name}
        refused(one_more(tmp_path / "fewer", kind, fewer), "facts", HERE)
        wrongs: tuple[object, ...] = ("?", [], {}, "A" * 16, "a " * 8)
        for wrong in wrongs:
            refused(one_more(tmp_path / "wrong", kind, facts | {name: wrong}), "facts", HERE)
        large = facts | {name: -(2**53)}
        refused(one_more(tmp_path / "large", kind, large), "canonical", HERE)


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_no_kind_mints_beside_its_postings(kind: str, tmp_path: Path) -> None:
    minted = posting("issuer:star", f"{VR}:stars", "STAR", 1)
    moves = MOVES.get(kind, [])
    assert one_more_with(tmp_path / "yes", kind, {}, moves).exit_code == 0
    refused(one_more_with(tmp_path / "no", kind, {}, [*moves, minted]), "postings", HERE)
    refused(one_more_with(tmp_path / "first", kind, {}, [minted, *moves]), "postings", HERE)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("service_recorded", "reasons", "late+day_over_12h"),
        ("service_recorded", "reasons", "late+late"),
        ("service_recorded", "reasons", "late+"),
        ("service_recorded", "evidence", "Check_in"),
        ("service_recorded", "calendar", ""),
        ("service_recorded", "minutes", "60"),
        *(
            (kind, name, -1)
            for kind, facts in FACTS.items()
            for name in facts
            if name in ("amount", "quantity", "price", "stock") or name.endswith("minutes")
        ),
        ("credential_issued", "scopes", "b+a"),
        ("credential_issued", "scopes", "a+a"),
        ("webhook_set", "events", "b+a"),
        ("webhook_set", "events", "Redemption.captured"),
        ("webhook_set", "party", f"volunteer:{R}"),
        ("webhook_set", "url", ""),
        ("webhook_set", "state", "gone"),
        ("webhook_set", "ground", ""),
        ("reward_published", "branches", f"{'3' * 16}+{R}"),
        ("reward_published", "asset", "STAR"),
        ("points_lapsed", "lapse", "2026-02-29"),
        ("points_lapsed", "lapse", "2026-2-28"),
        ("time_donated", "pool", ""),
        ("redemption_reserved", "age_gate", "unmet"),
        ("party_left", "party", "reviewer:" + R),
        ("party_left", "party", "volunteer:" + R[:-1] + "u"),
        ("party_left", "reason", D.upper()),
        ("majority_reached", "age_gate", ""),
        ("consent_recorded", "party", "console"),
        ("consent_recorded", "answer", ""),
        ("activity_terms", "insurance", "insurance"),
        ("activity_terms", "min_age", -1),
        ("qualification_recorded", "what", ""),
        ("qualification_recorded", "what", "training"),
        ("gates_met", "age_gate", "spouse"),
        ("service_evaluated", "score", 0),
        ("service_evaluated", "score", 6),
        ("service_evaluated", "conduct", ""),
        ("objection_filed", "subject_kind", "points"),
        ("objection_filed", "decide_by", ""),
        ("objection_forwarded", "organisation", ""),
        ("objection_decided", "outcome", "filed"),
        ("objection_decided", "on_time", ""),
        ("statement_accepted", "key", R),
        ("star_applied", "star", 0),
        ("star_applied", "nominated", "true"),
        ("star_noticed", "notice_until", "2026-02-29"),
        ("star_granted", "stars", 0),
        ("star_downgraded", "case", ""),
        ("star_downgraded", "stars", -1),
        ("medal_granted", "medal", 0),
        ("commendation_recorded", "level", "township"),
        ("population_stated", "year", 0),
        ("population_stated", "members", -1),
        ("dishonesty_recorded", "serious", ""),
        ("credit_listed", "cycle", "2026-H3"),
        ("credit_listed", "cycle", "2026-Q1"),
        ("credit_listed", "points", -5),
        ("credit_withdrawn", "ground", "wish"),
        ("time_deposited", "age_gate", "spouse"),
        ("time_deposited", "age_gate", ""),
        ("time_transferred", "relation", "cousin"),
        ("time_granted", "ground", "friend"),
        ("order_requested", "age_gate", "guardian"),
        ("order_requested", "category", "shopping"),
        ("order_confirmed", "record", ""),
        ("redemption_reserved", "age_gate", "group"),
        ("redemption_voided", "ground", "regret"),
        ("redemption_refunded", "ground", "regret"),
        ("redemption_refunded", "settlement", ""),
        ("reward_terms", "period", "decade"),
        ("reward_terms", "tiers", "township+community"),
        ("reward_terms", "weekdays", "0"),
        ("fund_stated", "merchants", ""),
        ("fund_stated", "merchants", f"{R}+{R}"),
        ("redemption_gates", "age_gate", "unmet"),
        ("capture_presented", "means", "bare"),
        ("credential_linked", "means", "password"),
        ("settlement_stated", "refunds", f"{'3' * 16}+{R}"),
        ("settlement_closed", "redemptions", ""),
        ("settlement_closed", "redemptions", f"{'3' * 16}+{R}"),
        ("settlement_closed", "redemptions", f"{R}+{R}"),
        ("settlement_closed", "lines", 3),
        ("settlement_closed", "lines", 0),
        ("certificate_issued", "certificate", R),
        ("policy_adopted", "version", 0),
        ("policy_adopted", "version", 2),
        ("policy_adopted", "policy", "other"),
        ("policy_adopted", "document", {}),
        ("calendar_adopted", "year", 2027),
    ],
)
def test_a_fact_outside_its_list_is_refused(
    tmp_path: Path, kind: str, name: str, value: object
) -> None:
    refused(one_more(tmp_path / "b", kind, FACTS[kind] | {name: value}), "facts", HERE)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"v": 2}, "shape"),
        ({"origin": "hours.example/log/another"}, "origin"),
        ({"index": 99}, "index"),
        ({"index": -1}, "shape"),
        ({"kind": "genesis"}, "facts"),
        ({"kind": "hours_deleted"}, "kind"),
        ({"kind": 7}, "kind"),
        ({"actor": "root"}, "shape"),
        ({"actor": "reviewer:" + R}, "shape"),
        ({"actor": "console"}, "shape"),
        ({"auth": ""}, "shape"),
        ({"actor": "system", "auth": R}, "shape"),
        ({"salt": "0" * 31}, "shape"),
        ({"salt": "A" * 32}, "shape"),
        ({"rules": 0}, "shape"),
        ({"rules": "1"}, "shape"),
        ({"policy": "cn-default"}, "shape"),
        ({"policy": "cn-default/0"}, "shape"),
        ({"policy": "cn-default/01"}, "shape"),
        ({"policy": ""}, "shape"),
        ({"facts": []}, "facts"),
        ({"postings": {}}, "shape"),
        ({"time": "0"}, "shape"),
        ({"idem": {"key": D, "request": D, "part": 0}}, "shape"),
        ({"idem": {"key": D, "request": D, "part": 0, "parts": 0}}, "shape"),
        ({"idem": {"key": D[1:], "request": D, "part": 0, "parts": 1}}, "shape"),
        ({"note": ""}, "names"),
    ],
)
def test_a_field_of_another_shape_is_refused(
    tmp_path: Path, changed: dict[str, Any], name: str
) -> None:
    refused(one_more(tmp_path / "b", "merchant_registered", {"merchant": R}, **changed), name, HERE)


def test_a_policy_is_one_that_was_adopted_before(tmp_path: Path) -> None:
    for policy, index in (("cn-default/1", None), ("cn-default/2", 2), ("cn/1", 2)):
        log = Forger()
        log.genesis()
        forge.adopt(log)
        log.add("merchant_registered", {"merchant": R}, policy=policy)
        verdict = check(log.bundle(tmp_path / policy.replace("/", "-")))
        if index is None:
            assert verdict.exit_code == 0
        else:
            refused(verdict, "policy", index)
    log = Forger()
    log.genesis()
    forge.adopt(log)["policy"] = "cn-default/1"
    refused(check(log.bundle(tmp_path / "itself")), "policy", 1)


@pytest.mark.parametrize("actor", ["console", "system"])
def test_console_and_system_act_without_a_credential(tmp_path: Path, actor: str) -> None:
    verdict = one_more(tmp_path / "b", "auditor_registered", {"auditor": R}, actor=actor, auth="")
    assert verdict.exit_code == 0


@pytest.mark.parametrize("change", ["suspended", "reinstated", "left"])
@pytest.mark.parametrize("role", ["branch", "clerk", "terminal"])
def test_a_shops_branch_or_till_is_a_party_too(tmp_path: Path, change: str, role: str) -> None:
    facts = {"party": f"{role}:{R}", "reason": ""}
    assert one_more(tmp_path / "yes", f"party_{change}", facts).exit_code == 0
    forgotten = one_more(tmp_path / "no", "party_forgotten", {"party": f"{role}:{R}"})
    if role == "clerk":
        assert forgotten.exit_code == 0, "a clerk is somebody"
    else:
        refused(forgotten, "facts", HERE)


def scoped(scope: Any) -> dict[str, Any]:
    """The facts of an adopted policy for whom `scope` says."""
    facts = FACTS["policy_adopted"]
    return facts | {"document": facts["document"] | {"scope": scope}}


EVERYBODY = {"region": "CN", "organisation": "", "tier": "", "categories": []}


def test_a_policy_says_for_whom_it_is(tmp_path: Path) -> None:
    scopes: list[dict[str, Any]] = [
        {"region": "CN"},
        {"region": "620500"},
        EVERYBODY,
        EVERYBODY | {"organisation": R},
        EVERYBODY | {"tier": "province", "region": "62"},
        EVERYBODY | {"categories": ["culture", "traffic"]},
    ]
    for number, scope in enumerate(scopes):
        verdict = one_more(tmp_path / str(number), "policy_adopted", scoped(scope))
        assert verdict.exit_code == 0, (scope, verdict.reason)


@pytest.mark.parametrize(
    "scope",
    [
        {},
        "CN",
        ["CN"],
        {"region": "cn"},
        {"region": "62050"},
        {"region": "CN", "organisation": ""},
        EVERYBODY | {"note": ""},
        EVERYBODY | {"organisation": "everybody"},
        EVERYBODY | {"tier": "village"},
        EVERYBODY | {"categories": "culture"},
        EVERYBODY | {"categories": ["shopping"]},
        EVERYBODY | {"categories": ["traffic", "culture"]},
        EVERYBODY | {"categories": ["culture", "culture"]},
        EVERYBODY | {"categories": [["culture"]]},
    ],
)
def test_a_policy_for_whom_nobody_knows_is_refused(tmp_path: Path, scope: Any) -> None:
    refused(one_more(tmp_path / "b", "policy_adopted", scoped(scope)), "facts", HERE)


def test_a_log_begins_with_its_genesis(tmp_path: Path) -> None:
    log = Forger()
    log.add("merchant_registered", {"merchant": R})
    refused(check(log.bundle(tmp_path / "b")), "genesis", 0)


def test_a_log_begins_once(tmp_path: Path) -> None:
    log = Forger()
    log.genesis()
    log.genesis()
    refused(check(log.bundle(tmp_path / "b")), "genesis", 1)


def test_a_real_day_is_what_a_calendar_has() -> None:
    pattern = re.compile(shapes.DATE_TEXT)
    for year in (0, 1, 4, 100, 400, 1900, 1996, 2000, 2023, 2024, 2100, 9999):
        for month in range(14):
            for day in range(33):
                try:
                    real = bool(datetime.date(year, month, day))
                except ValueError:
                    real = False
                text = f"{year:04}-{month:02}-{day:02}"
                assert bool(pattern.fullmatch(text)) == real, text


@given(st.integers(min_value=0, max_value=2**64) | st.integers(2**53 - 999, 2**53 + 999))
def test_an_integer_is_less_than_2_to_the_53rd(number: int) -> None:
    assert bool(re.fullmatch(shapes.COUNT, str(number))) == (number < 2**53)
    assert bool(re.fullmatch(shapes.INTEGER, str(-number))) == (number < 2**53)
    assert not re.fullmatch(shapes.INTEGER, f"0{number}")


@pytest.mark.parametrize("kind", ["policy_adopted", "calendar_adopted"])
def test_what_stands_beside_a_document_cannot_pass_for_a_part_of_it(
    tmp_path: Path, kind: str
) -> None:
    """Read as text alone, both would be one longer document between braces."""
    facts = FACTS[kind]
    refused(one_more(tmp_path / "fact", kind, facts | {"dust": {"a": 1}}), "facts", HERE)
    bare = {"document": facts["document"]}
    rest = {name: value for name, value in facts.items() if name != "document"}
    hidden = one_more(tmp_path / "name", kind, bare, gap={"a": {}} | rest)
    refused(hidden, "names", HERE)


def test_a_document_may_quote_an_entry(tmp_path: Path) -> None:
    log = forge.small_log()
    document = log.entries[1]["facts"]["document"]
    document["title"] = '"},"kind":"genesis","policy":"none","postings":[]'
    document["values"]["kind"] = "genesis"
    document["bases"]["kind"] = "choice"
    assert check(log.bundle(tmp_path / "b")).exit_code == 0


# One action, several entries.


def action(*parts: tuple[str, int, int, str]) -> Forger:
    log = Forger()
    log.genesis()
    for key, part, of, request in parts:
        idem = {"key": key * 32, "request": request * 32, "part": part, "parts": of}
        log.add("merchant_registered", {"merchant": log.identifier()}, idem=idem)
    return log


@pytest.mark.parametrize(
    ("parts", "index"),
    [
        ([("a", 0, 2, "c"), ("a", 1, 2, "c"), ("b", 0, 1, "c")], None),
        ([("a", 0, 2, "c")], 1),  # cut off
        ([("a", 1, 2, "c")], 1),  # its beginning is missing
        ([("a", 0, 2, "c"), ("b", 0, 1, "c"), ("a", 1, 2, "c")], 2),  # not neighbours
        ([("a", 0, 2, "c"), ("a", 1, 2, "d")], 2),  # another request
        ([("a", 0, 2, "c"), ("a", 1, 3, "c")], 2),  # another number of parts
        ([("a", 0, 3, "c"), ("a", 2, 3, "c"), ("a", 1, 3, "c")], 2),  # out of order
        ([("a", 0, 1, "c"), ("a", 1, 1, "c")], 2),  # one too many
        ([("a", 0, 2, "c"), ("a", 0, 2, "c")], 2),  # a part twice
        ([("a", 0, 1, "c"), ("a", 0, 1, "c")], 2),  # an action twice
    ],
)
def test_the_parts_of_an_action_are_neighbours(
    tmp_path: Path, parts: list[tuple[str, int, int, str]], index: int | None
) -> None:
    verdict = check(action(*parts).bundle(tmp_path / "b"))
    if index is None:
        assert verdict.exit_code == 0
    else:
        refused(verdict, "idem", index)


# Postings and balances.

V = f"volunteer:{ANA}"


@pytest.mark.parametrize(
    ("source", "destination", "asset", "name"),
    [
        ("issuer:service", f"{V}:service:check_in", "SERVICE", None),
        ("issuer:service", f"{V}:service:backfill", "SERVICE", None),
        ("issuer:time", f"{V}:time", "TIME", None),
        ("issuer:point", f"{V}:points:2028-02-29", "POINT", None),
        ("issuer:star", f"{V}:stars", "STAR", None),
        ("issuer:credit", f"{V}:credit", "CREDIT", None),
        (f"{V}:owed:time", "issuer:time", "TIME", None),
        (f"{V}:owed:point", "issuer:point", "POINT", None),
        ("issuer:point", f"held:{R}", "POINT", None),
        ("issuer:time", f"held:{R}", "TIME", None),
        ("issuer:point", f"merchant:{SHOP}:claims", "POINT", None),
        ("issuer:time", f"merchant:{SHOP}:claims", "TIME", None),
        ("issuer:time", f"pool:{CLUB}", "TIME", None),
        ("issuer:point", "lapsed", "POINT", None),
        # An asset where it does not belong.
        ("issuer:point", f"{V}:time", "TIME", "postings"),
        ("issuer:time", f"{V}:time", "POINT", "postings"),
        ("issuer:star", f"{V}:stars", "POINT", "postings"),
        ("issuer:point", "pool:platform", "POINT", "postings"),
        ("issuer:time", "lapsed", "TIME", "postings"),
        (f"{V}:owed:time", "issuer:point", "POINT", "postings"),
        ("issuer:service", f"held:{R}", "SERVICE", "postings"),
        # Accounts that do not exist.
        ("issuer:gold", f"{V}:time", "TIME", "postings"),
        ("issuer:time", f"{V}:savings", "TIME", "postings"),
        ("issuer:time", f"{V}:time:", "TIME", "postings"),
        ("issuer:time", "volunteer::time", "TIME", "postings"),
        ("issuer:time", f"volunteer:{ANA}a:time", "TIME", "postings"),
        ("issuer:point", f"{V}:points:2026-02-29", "POINT", "postings"),
        ("issuer:point", f"{V}:points:", "POINT", "postings"),
        ("issuer:time", "pool:nowhere", "TIME", "postings"),
        ("issuer:time", "POOL:PLATFORM", "TIME", "postings"),
        ("issuer:time", "", "TIME", "postings"),
        # One account is no movement.
        ("issuer:time", "issuer:time", "TIME", "postings"),
    ],
)
def test_an_account_holds_its_assets(
    source: str, destination: str, asset: str, name: str | None
) -> None:
    move = posting(source, destination, asset, 5)
    assert booked([move]) == (None if name is None else (name, 0))


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": "5"},
        {"asset": "MONEY"},
        {"destination": ""},
        {"destination": "VOLUNTEER"},
        {"note": ""},
    ],
)
def test_a_posting_has_its_shape(tmp_path: Path, changed: dict[str, Any]) -> None:
    log = Forger()
    log.genesis()
    facts = FACTS["service_confirmed"] | {"minutes": 60}
    log.add("service_confirmed", facts, SERVED | changed)
    folder = tmp_path / "b"
    forge.write(folder, log.lines(), log.checkpoint(), b"", forge.ORIGIN)
    refused(check(folder), "shape", 1)


def test_a_vintage_is_a_real_day(tmp_path: Path) -> None:
    for day, code in (("2028-02-29", 0), ("2027-02-29", 1), ("----------", 1)):
        earned = posting("issuer:point", f"{VR}:points:{day}", "POINT", 100)
        verdict = one_more_with(
            tmp_path / day, "service_confirmed", {"minutes": 60}, [SERVED, earned]
        )
        assert verdict.exit_code == code
        if code:
            refused(verdict, "postings", HERE)


def booked(*entries: list[dict[str, Any]], overdraft: int = 0) -> tuple[str, int] | None:
    """Which check refuses which of the entries that move what their lists say, if any does."""
    book = Book()
    book.allow_overdraft(overdraft)
    for index, moves in enumerate(entries):
        names = ("asset", "destination", "source")
        try:
            book.post(
                [
                    (b"%d" % move["amount"], *(move[name].encode() for name in names))
                    for move in moves
                ]
            )
        except Refuted as refuted:
            return refuted.check, index
    return None


EARN = posting("issuer:point", f"{V}:points:{VINTAGE}", "POINT", 100)


@pytest.mark.parametrize(
    ("source", "destination", "asset"),
    [
        (f"{V}:points:{VINTAGE}", f"held:{R}", "POINT"),
        (f"{V}:service:check_in", "issuer:service", "SERVICE"),
        (f"{V}:time", "pool:platform", "TIME"),
        (f"{V}:stars", "issuer:star", "STAR"),
        (f"{V}:credit", "issuer:credit", "CREDIT"),
        (f"held:{R}", "lapsed", "POINT"),
        (f"merchant:{SHOP}:claims", "issuer:point", "POINT"),
        ("pool:platform", f"{V}:time", "TIME"),
        ("lapsed", "issuer:point", "POINT"),
    ],
)
def test_what_is_not_there_cannot_leave(source: str, destination: str, asset: str) -> None:
    issuer = f"issuer:{asset.lower()}"
    full = [posting(issuer, source, asset, 100)]
    exactly = [posting(source, destination, asset, 100)]
    too_much = [posting(source, destination, asset, 101)]
    assert booked(full, exactly) is None
    assert booked(full, too_much) == ("balance", 1)


def test_balances_are_held_to_the_rules_after_every_entry_not_only_at_the_end() -> None:
    spend = posting(f"{V}:points:{VINTAGE}", f"held:{R}", "POINT", 100)
    assert booked([spend], [EARN]) == ("balance", 0)
    assert booked([spend, EARN]) is None


def test_what_is_owed_is_never_above_zero() -> None:
    owe = [posting(f"{V}:owed:point", "issuer:point", "POINT", 50)]
    repay = [posting("issuer:point", f"{V}:owed:point", "POINT", 50)]
    too_much = [posting("issuer:point", f"{V}:owed:point", "POINT", 51)]
    assert booked(owe, repay) is None
    assert booked(owe, too_much) == ("balance", 1)


def test_balances_stay_below_2_to_the_53rd() -> None:
    most = 2**53 - 1
    fill = [posting("issuer:time", "pool:platform", "TIME", most)]
    one = [posting("issuer:time", f"{V}:time", "TIME", 1)]
    assert booked(fill) is None
    assert booked(fill, one) == ("balance", 1)


def donate(log: Forger, minutes: int) -> None:
    facts = {"volunteer": ANA, "pool": "platform", "minutes": minutes}
    log.add("time_donated", facts, posting(f"{V}:time", "pool:platform", "TIME", minutes))


def test_time_goes_as_far_below_zero_as_the_most_generous_policy_so_far(tmp_path: Path) -> None:
    for overdraft, name in ((30, None), (29, "balance")):
        log = Forger()
        log.genesis()
        forge.adopt(log, tb_overdraft_min_minutes=overdraft)
        donate(log, 30)
        verdict = check(log.bundle(tmp_path / str(overdraft)))
        if name is None:
            assert verdict.exit_code == 0
        else:
            refused(verdict, name, 2)
    log = Forger()
    log.genesis()
    donate(log, 30)
    forge.adopt(log, tb_overdraft_min_minutes=30)
    refused(check(log.bundle(tmp_path / "not yet")), "balance", 1)


def test_a_stricter_policy_takes_no_overdraft_back(tmp_path: Path) -> None:
    log = Forger()
    log.genesis()
    forge.adopt(log, tb_overdraft_min_minutes=30)
    forge.adopt(log, tb_overdraft_min_minutes=0)
    donate(log, 30)
    assert check(log.bundle(tmp_path / "b")).exit_code == 0


@pytest.mark.parametrize("minutes", [-1, "30", [30]])
def test_an_overdraft_is_a_number_of_minutes(tmp_path: Path, minutes: Any) -> None:
    log = Forger()
    log.genesis()
    forge.adopt(log, tb_overdraft_min_minutes=minutes)
    refused(check(log.bundle(tmp_path / "b")), "facts", 1)


# Section 6: which postings a kind may carry.


def mv(source: str, destination: str, asset: str, amount: int) -> dict[str, Any]:
    """A posting between accounts of R where they begin with a colon."""
    here = [VR + each if each.startswith(":") else each for each in (source, destination)]
    return posting(here[0], here[1], asset, amount)


HOUR: dict[str, Any] = {"minutes": 60}
PAID = HOUR | {"outcome": "effective", "reasons": "", "evidence": "check_in"}
MORE = mv("issuer:point", f":points:{VINTAGE}", "POINT", 3)
REPAID = mv("issuer:point", ":owed:point", "POINT", 3)
UNSERVED = mv(":service:check_in", "issuer:service", "SERVICE", 60)
FIVE: dict[str, Any] = {"amount": 5}
POINTS = {"amount": 5, "asset": "POINT"}
CLAIM = mv(HELD, f"merchant:{R}:claims", "POINT", 3)
BACK = mv(HELD, f":points:{LAPSE}", "POINT", 2)

LEARNT = mv("issuer:service", ":service:check_in", "SERVICE", 60)
PORTED = mv("issuer:service", ":service:backfill", "SERVICE", 60)
NEW_CREDIT, OLD_CREDIT = MOVES["credit_listed"][0], mv(":credit", "issuer:credit", "CREDIT", 3)
TO_CLUB = mv(":time", f"pool:{CLUB}", "TIME", 4)
USED_UP = mv(":service:check_in", "issuer:service", "SERVICE", 9)
RESTORED = mv("issuer:service", ":service:backfill", "SERVICE", 9)
PAY = MOVES["order_confirmed"]
UNDONE = MOVES["redemption_voided"]
CLAWED = f"merchant:{R}:clawed_back"

Case = tuple[str, dict[str, Any], list[dict[str, Any]]]

MAY: list[Case] = [
    ("service_recorded", {"outcome": "held"}, []),
    ("service_recorded", PAID, [SERVED]),
    ("service_recorded", PAID, [SERVED, EARNED]),
    ("service_recorded", PAID, [MORE, SERVED, EARNED]),
    ("service_recorded", PAID, [USED_UP, SERVED, EARNED]),
    (
        "service_recorded",
        PAID | {"evidence": "backfill"},
        [mv("issuer:service", ":service:backfill", "SERVICE", 60)],
    ),
    ("service_confirmed", {"minutes": 0}, []),
    ("service_confirmed", HOUR, [SERVED, EARNED]),
    ("service_confirmed", HOUR, [SERVED, USED_UP]),
    ("service_confirmed", HOUR, [mv("issuer:service", ":service:backfill", "SERVICE", 60)]),
    ("service_reversed", {"minutes": 0}, []),
    ("service_reversed", HOUR, [UNSERVED]),
    (
        "service_reversed",
        HOUR,
        [
            UNSERVED,
            mv(f":points:{LAPSE}", "issuer:point", "POINT", 9),
            mv(":owed:point", "issuer:point", "POINT", 9),
            mv(":time", "issuer:time", "TIME", 9),
            mv(":owed:time", "issuer:time", "TIME", 9),
            mv("pool:platform", "issuer:time", "TIME", 9),
        ],
    ),
    ("time_deposited", {"minutes": 60, "overflow_minutes": 30}, [SAVED, TO_POOL]),
    ("time_deposited", {"minutes": 0, "overflow_minutes": 30}, [TO_POOL]),
    ("time_transferred", {"minutes": 2}, [mv(":time", f"{VO}:time", "TIME", 2)]),
    ("time_donated", {"pool": CLUB}, [mv(":time", f"pool:{CLUB}", "TIME", 1)]),
    ("redemption_reserved", POINTS, [SET_ASIDE]),
    (
        "redemption_reserved",
        POINTS,
        [
            mv(f":points:{LAPSE}", HELD, "POINT", 2),
            mv(f":points:{LAPSE}", HELD, "POINT", 3),
        ],
    ),
    ("redemption_reserved", FIVE, [mv(":time", HELD, "TIME", 5)]),
    ("redemption_captured", {"amount": 3}, [CLAIM, BACK]),
    ("redemption_captured", {"amount": 3}, [mv(HELD, "lapsed", "POINT", 2), CLAIM]),
    ("redemption_released", FIVE, [BACK, mv(HELD, "lapsed", "POINT", 3)]),
    ("redemption_expired", FIVE, [BACK, mv(HELD, f":points:{VINTAGE}", "POINT", 3)]),
    ("qualification_recorded", {}, []),
    ("service_ported", {}, []),
    ("service_ported", HOUR | {"evidence": "check_in"}, [LEARNT]),
    ("credit_listed", {"points": 0}, []),
    ("credit_withdrawn", {"points": 0}, []),
    ("referral_awarded", {}, []),
    ("referral_awarded", {}, [MORE]),
    ("referral_awarded", {}, [MORE, EARNED]),
    ("time_granted", {"minutes": 0}, []),
    ("order_confirmed", {}, [*PAY, USED_UP]),
    ("order_confirmed", {}, [USED_UP, *reversed(PAY)]),
    ("order_settled", {"minutes": 20, "returned_minutes": 0}, [mv(HELD, f"{VO}:time", "TIME", 20)]),
    ("redemption_captured", {"amount": 3}, [CLAIM, BACK, USED_UP]),
    ("redemption_captured", {"amount": 5}, [USED_UP, CLAIM | {"amount": 5}]),
    ("redemption_voided", {}, [*UNDONE, RESTORED]),
    (
        "redemption_voided",
        {"redemption": CLUB, "amount": 4},
        [mv(CLAIMS, ":time", "TIME", 4), RESTORED],
    ),
    (
        "redemption_refunded",
        {},
        [mv(CLAWED, ":time", "TIME", 1), RESTORED, mv(CLAWED, ":time", "TIME", 1)],
    ),
]


def test_a_kind_may_carry_its_postings(tmp_path: Path) -> None:
    for number, (kind, facts, moves) in enumerate(MAY):
        verdict = one_more_with(tmp_path / str(number), kind, facts, moves)
        assert verdict.exit_code == 0, (kind, facts, moves, verdict.reason)


MAY_NOT: list[Case] = [
    # Service: paid once, as recorded, to whom it was recorded for.
    ("service_recorded", HOUR | {"outcome": "held"}, [SERVED]),
    ("service_recorded", {"outcome": "held"}, [EARNED]),
    ("service_recorded", PAID, []),
    ("service_recorded", PAID, [EARNED]),
    ("service_recorded", PAID, [SERVED, SERVED]),
    ("service_recorded", PAID | {"minutes": 61}, [SERVED]),
    ("service_recorded", PAID | {"minutes": 6}, [SERVED]),
    ("service_recorded", PAID | {"minutes": 0}, [EARNED]),
    ("service_recorded", PAID | {"volunteer": OTHER}, [SERVED]),
    ("service_recorded", PAID | {"evidence": "backfill"}, [SERVED]),
    ("service_recorded", PAID, [SERVED, EARNED | {"destination": f"{VO}:points:{LAPSE}"}]),
    ("service_recorded", PAID, [SERVED, EARNED | {"source": "lapsed"}]),
    ("service_recorded", PAID, [SERVED, SAVED]),
    ("service_recorded", PAID, [USED_UP]),
    ("service_recorded", HOUR | {"outcome": "held"}, [USED_UP]),
    ("service_recorded", PAID, [SERVED, USED_UP | {"source": f"{VO}:service:check_in"}]),
    ("service_recorded", PAID, [SERVED, USED_UP | {"source": f"{VR}:service:backfill"}]),
    ("service_recorded", PAID, [SERVED, USED_UP | {"destination": f"{VO}:service:check_in"}]),
    ("service_recorded", PAID, [SERVED, mv("issuer:point", "lapsed", "POINT", 1)]),
    ("service_confirmed", {"minutes": 0}, [EARNED]),
    ("service_confirmed", HOUR, [EARNED]),
    ("service_confirmed", HOUR, [SERVED | {"amount": 59}, EARNED]),
    ("service_confirmed", HOUR, [SERVED | {"destination": f"{VO}:service:check_in"}]),
    # Reversals: to the issuer, of the one volunteer.
    ("service_reversed", {"minutes": 0}, [UNSERVED]),
    ("service_reversed", HOUR, []),
    ("service_reversed", HOUR, [UNSERVED | {"amount": 59}]),
    ("service_reversed", HOUR, [SERVED]),
    ("service_reversed", HOUR, [UNSERVED | {"source": f"{VO}:service:check_in"}]),
    ("service_reversed", {}, [mv(f"{VO}:points:{LAPSE}", "issuer:point", "POINT", 1)]),
    ("service_reversed", {}, [mv(f"{VO}:time", "issuer:time", "TIME", 1)]),
    ("service_reversed", {}, [mv(f"pool:{CLUB}", "issuer:time", "TIME", 1)]),
    ("service_reversed", {}, [mv("issuer:point", f":points:{LAPSE}", "POINT", 1)]),
    # Lapse: one vintage, the one that is named.
    ("points_lapsed", {}, []),
    ("points_lapsed", {}, MOVES["points_lapsed"] * 2),
    ("points_lapsed", {"lapse": VINTAGE}, MOVES["points_lapsed"]),
    ("points_lapsed", {"volunteer": OTHER}, MOVES["points_lapsed"]),
    ("points_lapsed", {}, [mv(f":points:{LAPSE}", "issuer:point", "POINT", 1)]),
    # Saved time.
    ("time_deposited", {}, []),
    ("time_deposited", {"minutes": 61}, [SAVED]),
    ("time_deposited", {"minutes": 90}, [SAVED, TO_POOL]),
    ("time_deposited", {"overflow_minutes": 29}, [SAVED, TO_POOL]),
    ("time_deposited", {"overflow_minutes": 30}, [SAVED]),
    ("time_deposited", {"volunteer": OTHER}, [SAVED]),
    (
        "time_deposited",
        {"minutes": 0, "overflow_minutes": 1},
        [mv("issuer:time", f"pool:{CLUB}", "TIME", 1)],
    ),
    ("time_transferred", {}, []),
    ("time_transferred", {"minutes": 2}, MOVES["time_transferred"]),
    ("time_transferred", {"recipient": CLUB}, MOVES["time_transferred"]),
    ("time_transferred", {}, [mv("issuer:time", f"{VO}:time", "TIME", 1)]),
    ("time_transferred", {}, [mv(":time", "pool:platform", "TIME", 1)]),
    ("time_donated", {}, []),
    ("time_donated", {"minutes": 2}, MOVES["time_donated"]),
    ("time_donated", {"minutes": 2}, MOVES["time_donated"] * 2),
    ("time_donated", {"pool": CLUB}, MOVES["time_donated"]),
    ("time_donated", {"volunteer": OTHER}, MOVES["time_donated"]),
    # Redemptions: what is set aside for one goes to its shop or back to one person.
    ("redemption_reserved", POINTS, []),
    ("redemption_reserved", POINTS | {"amount": 4}, [SET_ASIDE]),
    ("redemption_reserved", FIVE, [SET_ASIDE]),
    ("redemption_reserved", POINTS, [mv(":time", HELD, "TIME", 5)]),
    ("redemption_reserved", POINTS | {"redemption": OTHER}, [SET_ASIDE]),
    ("redemption_reserved", POINTS | {"volunteer": OTHER}, [SET_ASIDE]),
    ("redemption_reserved", POINTS, [mv("issuer:point", HELD, "POINT", 5)]),
    ("redemption_reserved", POINTS, [mv(":owed:point", HELD, "POINT", 5)]),
    ("redemption_captured", {"amount": 0}, []),
    ("redemption_captured", {"amount": 2}, [BACK]),
    ("redemption_captured", {"amount": 2}, [CLAIM]),
    ("redemption_captured", {"amount": 3}, [CLAIM, CLAIM]),
    ("redemption_captured", {"amount": 3, "merchant": OTHER}, [CLAIM]),
    ("redemption_captured", {"amount": 3, "redemption": OTHER}, [CLAIM]),
    ("redemption_captured", {"amount": 3}, [CLAIM, MORE]),
    (
        "redemption_captured",
        {"amount": 3},
        [CLAIM, BACK | {"amount": 1}, mv(HELD, f"{VO}:points:{LAPSE}", "POINT", 1)],
    ),
    ("redemption_released", FIVE, []),
    ("redemption_released", FIVE, [BACK]),
    ("redemption_released", FIVE, [BACK, CLAIM]),
    ("redemption_released", {"amount": 2, "redemption": OTHER}, [BACK]),
    (
        "redemption_released",
        {"amount": 4},
        [BACK, BACK | {"destination": f"{VO}:points:{LAPSE}"}],
    ),
    ("redemption_expired", {"amount": 2}, [BACK, BACK]),
    ("redemption_expired", {"amount": 2}, [mv(HELD, "issuer:point", "POINT", 2)]),
    ("redemption_expired", {"amount": 2}, [mv(HELD, ":stars", "STAR", 2)]),
]


MAY_NOT += [
    # Points for bringing somebody: to who brought them, from nowhere else.
    ("referral_awarded", {}, [MORE | {"destination": f"{VO}:points:{LAPSE}"}]),
    ("referral_awarded", {}, [MORE | {"source": "lapsed"}]),
    ("referral_awarded", {}, [SERVED]),
    ("referral_awarded", {}, [SAVED]),
    # What is not paid moves nothing.
    ("qualification_recorded", {}, [LEARNT]),
    ("service_ported", {}, [PORTED]),
    ("service_ported", HOUR, [PORTED, EARNED]),
    ("service_ported", HOUR, [LEARNT]),
    ("credit_listed", {"points": 0}, MOVES["credit_listed"]),
    ("credit_withdrawn", {"points": 0}, MOVES["credit_withdrawn"]),
    # Time that a pool gives, and that of the dead.
    ("time_granted", {"pool": CLUB}, MOVES["time_granted"]),
    ("time_granted", {}, [mv("issuer:time", ":time", "TIME", 7)]),
    ("time_granted", {}, [mv("pool:platform", f"{VO}:time", "TIME", 7)]),
    ("frozen_time_moved", {}, [TO_CLUB]),
    ("frozen_time_moved", {"pool": CLUB}, [TO_CLUB]),
    ("frozen_time_moved", {"recipient": ""}, MOVES["frozen_time_moved"]),
    ("frozen_time_moved", {"recipient": ""}, [mv(":time", "pool:platform", "TIME", 4)]),
    ("frozen_time_moved", {"recipient": "", "pool": "platform"}, [TO_CLUB]),
    # Orders: to who served, the rest to who paid; only the payer's hours are used up.
    ("order_requested", {"order": OTHER}, MOVES["order_requested"]),
    ("order_confirmed", {"order": OTHER}, PAY),
    ("order_confirmed", {"provider": CLUB}, PAY),
    ("order_confirmed", {"volunteer": CLUB}, PAY),
    ("order_confirmed", {"minutes": 7, "returned_minutes": 10}, PAY),
    ("order_confirmed", {"overflow_minutes": 4}, PAY),
    ("order_confirmed", {}, [*PAY, USED_UP | {"source": f"{VO}:service:check_in"}]),
    ("order_confirmed", {}, [*PAY, RESTORED]),
    ("order_confirmed", {}, [PAY[0], PAY[1] | {"destination": f"pool:{CLUB}"}, PAY[2]]),
    ("order_settled", {}, [USED_UP]),
    ("order_cancelled", {}, [RETURNED, USED_UP]),
    ("order_cancelled", {}, [RETURNED | {"destination": f"{VO}:time"}]),
    ("order_expired", {"returned_minutes": 0}, [RETURNED]),
    # Hours that a redemption used up are its holder's, and so are those that come back.
    ("redemption_captured", {"amount": 3}, [CLAIM, BACK, RESTORED]),
    (
        "redemption_captured",
        {"amount": 3},
        [CLAIM, BACK, USED_UP | {"source": f"{VO}:service:check_in"}],
    ),
    (
        "redemption_captured",
        {"amount": 3},
        [CLAIM, USED_UP, USED_UP | {"source": f"{VO}:service:backfill"}],
    ),
    ("redemption_released", {"amount": 2}, [BACK, USED_UP]),
    ("redemption_voided", {}, [*UNDONE, USED_UP]),
    ("redemption_voided", {}, [*UNDONE, RESTORED | {"destination": f"{VO}:service:backfill"}]),
    ("redemption_voided", {"merchant": OTHER}, UNDONE),
    ("redemption_voided", {"amount": 2}, [BACK]),
    ("redemption_voided", {"amount": 17}, [*UNDONE, RESTORED]),
    # Settlement: once, and nobody else's.
    ("settlement_closed", {"points": 0}, CLAIMED),
    ("settlement_closed", {"minutes": 0}, CLAIMED),
    ("settlement_closed", {"merchant": OTHER}, CLAIMED),
    ("settlement_closed", {"points": 4, "minutes": 8}, CLAIMED),
]

EXACT: list[Case] = [
    ("qualification_recorded", HOUR, [LEARNT]),
    ("service_ported", HOUR, [PORTED]),
    ("star_granted", {}, MOVES["star_granted"]),
    ("star_granted", {"star": 4, "stars": 2}, [mv("issuer:star", ":stars", "STAR", 2)]),
    ("star_downgraded", {}, MOVES["star_downgraded"]),
    ("star_downgraded", {"stars": 2}, [mv(":stars", "issuer:star", "STAR", 2)]),
    ("credit_listed", {}, [NEW_CREDIT]),
    ("credit_listed", {"taken_back": 3}, [NEW_CREDIT, OLD_CREDIT]),
    ("credit_listed", {"points": 0, "taken_back": 3}, [OLD_CREDIT]),
    ("credit_withdrawn", {}, MOVES["credit_withdrawn"]),
    ("time_granted", {}, MOVES["time_granted"]),
    ("frozen_time_moved", {}, MOVES["frozen_time_moved"]),
    ("frozen_time_moved", {"recipient": "", "pool": CLUB}, [TO_CLUB]),
    ("order_requested", {}, MOVES["order_requested"]),
    ("order_confirmed", {}, PAY),
    ("order_settled", {}, [RETURNED]),
    (
        "order_settled",
        {"record": R, "minutes": 10, "overflow_minutes": 3, "returned_minutes": 7},
        PAY,
    ),
    ("order_cancelled", {}, [RETURNED]),
    ("order_expired", {}, [RETURNED]),
    ("redemption_voided", {}, UNDONE),
    ("settlement_closed", {}, CLAIMED),
    ("settlement_closed", {}, CLAIMED[::-1]),
    ("settlement_closed", {"redemptions": CLUB, "lines": 1, "points": 0}, CLAIMED[1:]),
    ("settlement_closed", {"redemptions": OTHER, "lines": 1, "minutes": 0}, CLAIMED[:1]),
    ("redemption_refunded", {}, MOVES["redemption_refunded"]),
]
"""Entries whose postings are all said by their facts: each amount, each account, how many."""

ELSEWHERE = {
    "SERVICE": f"{VO}:service:check_in",
    "TIME": f"merchant:{OTHER}:claims",
    "POINT": f"merchant:{OTHER}:claims",
    "STAR": f"{VO}:stars",
    "CREDIT": f"{VO}:credit",
}
"""An account that may hold the asset, and has no part in any of them."""


def bent(moves: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The same postings with one of them changed, missing or there twice, and one more."""
    yield "none at all", []
    yield "one more", [*moves, mv("issuer:point", "lapsed", "POINT", 1)]
    for at, move in enumerate(moves):
        before, after = moves[:at], moves[at + 1 :]
        elsewhere = ELSEWHERE[move["asset"]]
        yield "missing", [*before, *after]
        yield "twice", [*moves, move]
        yield "more", [*before, move | {"amount": move["amount"] + 1}, *after]
        yield "from elsewhere", [*before, move | {"source": elsewhere}, *after]
        yield "to elsewhere", [*before, move | {"destination": elsewhere}, *after]
        yield (
            "back",
            [
                *before,
                move | {"source": move["destination"], "destination": move["source"]},
                *after,
            ],
        )
        if move["amount"] > 1:
            yield "less", [*before, move | {"amount": move["amount"] - 1}, *after]


@pytest.mark.parametrize("case", EXACT, ids=lambda case: case[0])
def test_what_facts_say_of_postings_is_held_to_each_of_them(case: Case, tmp_path: Path) -> None:
    kind, facts, moves = case
    verdict = one_more_with(tmp_path / "good", kind, facts, moves)
    assert verdict.exit_code == 0, verdict.reason
    for number, (what, others) in enumerate(bent(moves)):
        verdict = one_more_with(tmp_path / str(number), kind, facts, others)
        found = (verdict.verdict, verdict.check, verdict.first_bad_index)
        assert found == ("refuted", "postings", HERE), (what, others, verdict.reason)


@pytest.mark.parametrize("kind", ["order_confirmed", "order_settled"])
def test_nobody_is_served_by_themselves(kind: str, tmp_path: Path) -> None:
    """Both sums would be the same one, so neither would say anything."""
    facts = {"provider": R, "minutes": 20, "overflow_minutes": 0, "returned_minutes": 20}
    refused(one_more_with(tmp_path / "b", kind, facts, [RETURNED]), "facts", HERE)


def test_a_star_that_nobody_holds_cannot_be_taken(tmp_path: Path) -> None:
    moves = [mv(":stars", "issuer:star", "STAR", 3)]
    refused(one_more_with(tmp_path / "b", "star_downgraded", {"stars": 3}, moves), "balance", HERE)


def test_claims_are_settled_once(tmp_path: Path) -> None:
    log = begun()
    for _ in range(2):
        log.add("settlement_closed", FACTS["settlement_closed"], *CLAIMED)
    refused(check(log.bundle(tmp_path / "b")), "balance", HERE + 1)


def test_a_kind_may_carry_no_other_postings(tmp_path: Path) -> None:
    for number, (kind, facts, moves) in enumerate(MAY_NOT):
        verdict = one_more_with(tmp_path / str(number), kind, facts, moves)
        found = (verdict.verdict, verdict.check, verdict.first_bad_index)
        assert found == ("refuted", "postings", HERE), (kind, facts, moves, verdict.reason)


# The checkpoint and the key.


def resigned(folder: Path, change: Change) -> Verdict:
    """Change the text of the checkpoint and sign it again."""
    old = (folder / "checkpoint").read_bytes()
    text, _, _ = old.rpartition(b"\n\n")
    text = change(text + b"\n")
    (folder / "checkpoint").write_bytes(text + b"\n" + Signer().line(text))
    forge.refit(folder, "checkpoint")
    return check(folder)


@pytest.mark.parametrize(
    "change",
    [
        swapped(b"\n8\n", b"\n08\n"),
        swapped(b"\n8\n", b"\n+8\n"),
        swapped(b"\n8\n", b"\n8 \n"),
        swapped(b"\n8\n", b"\n8_0\n"),
        swapped(b"\n8\n", "\n٨\n".encode()),
        swapped(b"\n8\n", b"\n-8\n"),
        swapped(b"\n8\n", b"\n" + b"8" * 5000 + b"\n"),
        swapped(b"\n8\n", b"\n0\n"),
        swapped(b"=\n", b"\n"),
        swapped(b"=\n", b"=\r\n"),
        swapped(b"=\n", b"==\n"),
        lambda text: text + b"more\n",
        lambda text: text + b"\n",
        lambda text: b"\n".join(text.split(b"\n")[:2]) + b"\n",
        lambda text: re.sub(rb"(.)=\n", lambda m: chr(m[1][0] + 1).encode() + b"=\n", text),
    ],
)
def test_a_signed_text_has_one_form(bundle: Path, change: Change) -> None:
    refused(resigned(bundle, change), "checkpoint", None)


def test_the_size_that_is_signed_is_the_size_that_is_there(bundle: Path) -> None:
    refused(resigned(bundle, swapped(b"\n8\n", b"\n9\n")), "manifest", None)
    manifest = bundle / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"size":8', b'"size":9'))
    refused(check(bundle), "size", 8)


def test_the_origin_that_is_signed_is_the_name_of_the_key(bundle: Path) -> None:
    verdict = resigned(bundle, swapped(b"k7wq2m9x", b"k7wq2m9y"))
    refused(verdict, "origin", None)


def test_signatures_of_unknown_keys_are_ignored(bundle: Path) -> None:
    def more(data: bytes) -> bytes:
        text = data.rpartition(b"\n\n")[0] + b"\n"
        others = [Signer(seed=bytes([n]) * 32).line(text) for n in range(20, 40)]
        witness = Signer(seed=b"w" * 32, origin="witness.example/log/w").line(text)
        return text + b"\n" + b"".join(others) + witness + Signer().line(text)

    forge.edit(bundle, "checkpoint", more)
    assert check(bundle).exit_code == 0


def test_a_false_line_of_the_known_key_spoils_a_good_one(bundle: Path) -> None:
    def more(data: bytes) -> bytes:
        return data + Signer().line(b"something else\n")

    forge.edit(bundle, "checkpoint", more)
    refused(check(bundle), "signature", None)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda data: data[:-1], "checkpoint"),
        (lambda data: data.replace(b"\n\n", b"\n"), "checkpoint"),
        (lambda data: data.rpartition(b"\n\n")[0] + b"\n\n", "checkpoint"),
        (lambda data: data.replace("— ".encode(), b"- "), "checkpoint"),
        (lambda data: data[:-3] + b"\n", "checkpoint"),
        (lambda data: data[:-5] + b"\n", "signature"),
        (lambda data: data + b"\n", "checkpoint"),
        (lambda data: data + b"hello\n", "checkpoint"),
        (lambda data: data.replace(b"\n", b"\r\n"), "checkpoint"),
        (lambda data: b"\xff" + data, "checkpoint"),
        (lambda data: b"\xef\xbb\xbf" + data, "signature"),
        (lambda data: b"", "checkpoint"),
    ],
)
def test_a_checkpoint_of_another_form_is_refused(bundle: Path, change: Change, name: str) -> None:
    path = bundle / "checkpoint"
    path.write_bytes(change(path.read_bytes()))
    refused(check(bundle), name, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda vkey: "",
        lambda vkey: vkey[:-1],
        lambda vkey: vkey + "\n",
        lambda vkey: " " + vkey,
        lambda vkey: vkey.replace("hours", "tours"),
        lambda vkey: vkey.replace("/log/", "/"),
        lambda vkey: vkey.replace("k7wq", "k 7wq"),
        lambda vkey: vkey.replace("hours", "h" * 250),
        lambda vkey: vkey.split("+", 2)[0] + "+00000000+" + vkey.split("+", 2)[2],
        lambda vkey: vkey.replace("+", "+A", 1),
        lambda vkey: vkey.replace("hours", "\udcff"),
        lambda vkey: vkey.split("+", 2)[0] + "+" + vkey.split("+", 2)[1] + "+AQ==",
    ],
)
def test_a_key_is_copied_whole_or_not_at_all(change: Callable[[str], str]) -> None:
    assert parse_key(Signer().vkey).public == Signer().public
    with pytest.raises(ValueError, match="key"):
        parse_key(change(Signer().vkey))


# The manifest.


def manifest_changed(bundle: Path, change: Callable[[dict[str, Any]], object]) -> Verdict:
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_bytes(forge.canonical(manifest) + b"\n")
    return check(bundle)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(format="sidereal/bundle@2"),
        lambda m: m.update(origin="hours.example/log/other"),
        lambda m: m.update(root="0" * 64),
        lambda m: m.update(size=7),
        lambda m: m.update(size="8"),
        lambda m: m.update(exported="today"),
        lambda m: m.update(note=""),
        lambda m: m.pop("exported"),
        lambda m: m.update(files=[]),
        lambda m: m["files"].update(checkpoint=7),
        lambda m: m["files"]["checkpoint"].update(bytes=7),
        lambda m: m["files"]["checkpoint"].update(sha256=D),
        lambda m: m["files"]["checkpoint"].update(sha256=D.upper()),
        lambda m: m["files"]["checkpoint"].update(note=""),
        lambda m: m["files"]["entries.jsonl"].update(bytes=7),
        lambda m: m["files"]["entries.jsonl"].update(sha256=D),
        lambda m: m["files"]["balances.jsonl"].update(bytes=7),
        lambda m: m["files"]["balances.jsonl"].update(sha256=D),
    ],
)
def test_a_manifest_that_contradicts_the_bundle_is_refused(
    bundle: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    refused(manifest_changed(bundle, change), "manifest", None)


@pytest.mark.parametrize("name", ["../checkpoint", "/etc/hosts", "extra", "manifest.json", ""])
def test_a_manifest_of_other_files_is_not_a_bundle(bundle: Path, name: str) -> None:
    entry = {"bytes": 1, "sha256": D}
    incomplete(manifest_changed(bundle, lambda m: m["files"].update({name: entry})))


def test_a_manifest_that_lists_too_little_is_not_a_bundle(bundle: Path) -> None:
    incomplete(manifest_changed(bundle, lambda m: m["files"].pop("entries.jsonl")))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data.replace(b":", b": ", 1),
        lambda data: data.replace(b'"size":8', b'"size":8.0'),
        lambda data: data.replace(b'"size":8', b'"size":8,"size":8'),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"[" * 100_000,
        lambda data: b"\xff\n",
        lambda data: b"null\n",
        lambda data: b"",
    ],
)
def test_a_manifest_has_one_encoding(bundle: Path, change: Change) -> None:
    forge.edit(bundle, "manifest.json", change, fit=False)
    refused(check(bundle), "manifest", None)


# The folder.

NAMES = ["checkpoint", "entries.jsonl", "balances.jsonl", "manifest.json"]


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_part_is_no_verdict(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    incomplete(check(bundle))


@pytest.mark.parametrize("name", NAMES)
def test_a_part_is_a_regular_file_and_no_link(bundle: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (bundle / name).rename(elsewhere)
    (bundle / name).symlink_to(elsewhere)
    incomplete(check(bundle))
    (bundle / name).unlink()
    (bundle / name).mkdir()
    incomplete(check(bundle))
    (bundle / name).rmdir()
    os.mkfifo(bundle / name)
    incomplete(check(bundle))


def test_another_file_beside_the_four_is_no_bundle(bundle: Path) -> None:
    (bundle / ".hidden").write_bytes(b"")
    incomplete(check(bundle))


def test_a_folder_that_is_not_there_is_no_verdict(tmp_path: Path) -> None:
    incomplete(check(tmp_path / "nowhere"))
    (tmp_path / "file").write_bytes(b"")
    incomplete(check(tmp_path / "file"))


@pytest.mark.parametrize("name", ["checkpoint", "manifest.json"])
def test_a_small_file_that_is_huge_is_not_read(bundle: Path, name: str) -> None:
    with (bundle / name).open("ab") as file:
        file.truncate(10**9)
    incomplete(check(bundle))


# Kept checkpoints.


@pytest.mark.parametrize("size", range(9))
def test_every_kept_checkpoint_of_this_log_agrees(
    log: Forger, bundle: Path, tmp_path: Path, size: int
) -> None:
    kept = [tmp_path / "kept", tmp_path / "another"]
    kept[0].write_bytes(log.checkpoint(size))
    kept[1].write_bytes(log.checkpoint(3))
    verdict = check(bundle, *kept)
    assert verdict.exit_code == 0
    assert verdict.facts["kept_sizes"] == [size, 3]


def test_a_kept_checkpoint_is_held_to_its_signature(bundle: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(forge.small_log(ACCOMPLICE).checkpoint(3))
    refused(check(bundle, kept), "signature", None)
    kept.write_bytes(b"")
    refused(check(bundle, kept), "checkpoint", None)


def test_a_kept_checkpoint_that_cannot_be_read_is_no_verdict(bundle: Path, tmp_path: Path) -> None:
    incomplete(check(bundle, tmp_path / "nowhere"))
    incomplete(check(bundle, tmp_path))


# The tree.


def test_the_tree_is_that_of_rfc_6962() -> None:
    tree, leaves = Tree(), list[bytes]()
    for number in range(70):
        assert tree.root() == forge.root(leaves)
        leaves.append(forge.leaf(bytes([number])))
        tree.push(leaves[-1])


# Any byte.


# The fixture's bundle is put back after each example.
@settings(
    max_examples=400,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(data=st.data())
def test_no_single_byte_can_be_changed_unseen(bundle: Path, data: st.DataObject) -> None:
    """The time of export in the manifest is the one thing that nothing proves."""
    name = data.draw(st.sampled_from(NAMES))
    path = bundle / name
    old = path.read_bytes()
    manifest = (bundle / "manifest.json").read_bytes()
    at = data.draw(st.integers(0, len(old) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != old[at]))
    path.write_bytes(old[:at] + bytes([byte]) + old[at + 1 :])
    try:
        if name == "manifest.json" or data.draw(st.booleans()):
            verdict = check(bundle)
        else:
            forge.refit(bundle, name)
            verdict = check(bundle)
        new = path.read_bytes()
    finally:
        path.write_bytes(old)
        (bundle / "manifest.json").write_bytes(manifest)
    number = re.compile(rb'"exported":[0-9]+')
    if name == "manifest.json" and number.sub(b"", old) == number.sub(b"", new):
        assert verdict.exit_code == 0
    else:
        assert verdict.exit_code in (1, 2)
        assert verdict.reason


# The command.


def command(
    *arguments: str | Path, python: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *python, *(("-m", "audit") if "-c" not in python else ()), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("python", [(), ("-O",), ("-OO",), ("-c",)])
def test_the_command_answers_alike_however_python_is_started(
    bundle: Path, python: tuple[str, ...]
) -> None:
    """The last of them can import nothing but the standard library, cryptography and audit."""
    if "-c" in python:
        python = ("-c", ONLY_CRYPTOGRAPHY)
    key = ("--key", Signer().vkey)
    honest = command(bundle, *key, python=python)
    assert honest.returncode == 0, honest.stderr
    assert "VERIFIED" in honest.stdout
    assert "newest head" in honest.stdout
    assert "2026-01-01 00:00:07.000 UTC (1767225607000)" in honest.stdout

    forge.edit(bundle, "entries.jsonl", swapped(b'"minutes":60,', b'"minutes":90,'))
    forged = command(bundle, *key, "--json", python=python)
    assert forged.returncode == 1
    answer = json.loads(forged.stdout)
    assert (answer["verdict"], answer["first_bad_index"], answer["check"]) == (
        "refuted",
        5,
        "postings",
    )
    assert answer["size"] == 8

    (bundle / "checkpoint").unlink()
    missing = command(bundle, *key, "--json", python=python)
    assert missing.returncode == 2
    assert json.loads(missing.stdout)["verdict"] == "incomplete"


ONLY_CRYPTOGRAPHY = """
import runpy, sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {
            "sqlalchemy", "flask", "ledger", "api", "migrations", "marshmallow", "orjson",
            "click", "psycopg", "structlog", "alembic", "granian", "hypothesis", "pytest",
        }:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
runpy.run_module("audit", run_name="__main__")
"""


def test_json_is_one_object_with_exactly_these_names(bundle: Path) -> None:
    answer = json.loads(command(bundle, "--key", Signer().vkey, "--json").stdout)
    names = ["verdict", "size", "root", "first_bad_index", "check", "reason", "facts"]
    assert list(answer) == names


def test_kept_checkpoints_are_given_one_after_another(
    log: Forger, bundle: Path, tmp_path: Path
) -> None:
    one, two, three = tmp_path / "1", tmp_path / "2", tmp_path / "3"
    for size, path in enumerate((one, two, three), 1):
        path.write_bytes(log.checkpoint(size))
    said = command(bundle, "--key", Signer().vkey, "--json", "--since", one, two, "--since", three)
    assert json.loads(said.stdout)["facts"]["kept_sizes"] == [1, 2, 3]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--help"],
        ["BUNDLE"],
        ["BUNDLE", "--key"],
        ["BUNDLE", "--key", "nonsense"],
        ["BUNDLE", "--key", "nonsense", "--json"],
        ["BUNDLE", "--key", Signer().vkey, "--force"],
        ["BUNDLE", "--key", Signer().vkey, "--since"],
        ["BUNDLE", "BUNDLE", "--key", Signer().vkey],
        ["nowhere", "--key", Signer().vkey],
        ["a\x00b", "--key", Signer().vkey],
    ],
)
def test_wrong_usage_is_never_a_verdict(
    bundle: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit import __main__ as program

    given = [str(bundle) if each == "BUNDLE" else each for each in arguments]
    monkeypatch.setattr(sys, "argv", ["audit", *given])
    with pytest.raises(SystemExit) as ended:
        program.run()
    assert ended.value.code == 2


def test_t16_a_crash_of_the_verifier_is_no_verdict(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from audit import __main__ as program
    from audit import verify as procedure

    for fault in (RuntimeError("broken"), RecursionError(), MemoryError(), KeyboardInterrupt()):

        def crash(*_: object, fault: BaseException = fault) -> Verdict:
            raise fault

        monkeypatch.setattr(procedure, "verify", crash)
        assert program.main([str(bundle), "--key", Signer().vkey, "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["check"] == "fault"


def test_t16_a_missing_library_is_no_verdict(bundle: Path) -> None:
    blocked = ONLY_CRYPTOGRAPHY.replace('"sqlalchemy"', '"cryptography"')
    said = command(bundle, "--key", Signer().vkey, python=("-c", blocked))
    assert said.returncode == 2
    assert "INCOMPLETE" in said.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_verdict_that_cannot_be_written_is_not_given(bundle: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "audit", bundle, "--key", Signer().vkey],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    assert ended.returncode not in (0, 1)


def test_a_key_that_is_encoded_otherwise_is_not_the_key() -> None:
    name, hexadecimal, encoded = Signer().vkey.split("+", 2)
    raw = base64.b64decode(encoded)
    for other in (
        encoded[:20] + "\n" + encoded[20:],
        base64.urlsafe_b64encode(raw).decode() + "=",
        base64.b64encode(b"\x02" + raw[1:]).decode(),
    ):
        with pytest.raises(ValueError, match="key"):
            parse_key(f"{name}+{hexadecimal}+{other}")


def test_the_stream_that_measures_is_honest(tmp_path: Path) -> None:
    vkey = forge.forge(500, tmp_path / "b")
    verdict = verify(tmp_path / "b", parse_key(vkey))
    assert (verdict.exit_code, verdict.size) == (0, 500), verdict.reason


def test_ben_has_no_more_than_he_earned(log: Forger, tmp_path: Path) -> None:
    """A story to its end: one hour is a hundred hundredths, and not one more can be reserved."""
    with_all = forge.small_log()
    forge.reserve(with_all, BEN, "k" * 16, 100)
    assert check(with_all.bundle(tmp_path / "yes")).exit_code == 0
    forge.reserve(log, BEN, "k" * 16, 101)
    refused(check(log.bundle(tmp_path / "no")), "balance", 8)
