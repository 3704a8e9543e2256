"""The verifier: an honest bundle is verified, and every tamper is refuted where it happened.

The bundles are made by `tests.forge` from docs/format.md; nothing here imports the ledger. Where
a forger is said to hold the log key, every hash and signature after the tamper fits again, so
that only the rule under test can refuse.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.verify import utc
from tests import forge
from tests.forge import Forger
from tests.verifying import (
    ACCOMPLICE,
    NAMES,
    Change,
    check,
    incomplete,
    line_changed,
    refused,
    swapped,
)

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
