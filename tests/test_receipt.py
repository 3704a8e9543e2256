"""One entry's receipt, checked offline: yes for what was signed, no for whatever was changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from audit.receipt import main, root_of
from ledger.merkle import EMPTY_ROOT, inclusion_proof
from tests.forge import root
from tests.kit import Town

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def receipt(town: Town, ana: str) -> dict[str, Any]:
    """Of the record that Ana has, three entries before the end."""
    index = town.served(ana, "2025-03-03 09:00", "17:00").entry.index
    for _ in range(3):
        town.volunteer()
    town.book.signer.sign()
    found = town.book.receipt(index)
    return {
        "entry": index,
        "data": b64encode(found.data).decode(),
        "proof": found.proof.decode(),
        "key": town.book.keys.log.vkey,
    }


def checked(folder: Path, receipt: Any, key: str) -> int:
    file = folder / "receipt.json"
    file.write_text(receipt if isinstance(receipt, str) else json.dumps(receipt))
    return main([str(file), "--key", key])


def test_what_was_signed_is_verified(
    receipt: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(tmp_path, receipt, receipt["key"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"VERIFIED\nentry: {receipt['entry']}\nkind: service_recorded\n")
    assert sha256(b"\0" + b64decode(receipt["data"])).hexdigest() in said


def bytes_changed(receipt: dict[str, Any]) -> None:
    data = b64decode(receipt["data"]).replace(b'"minutes":480', b'"minutes":481')
    receipt["data"] = b64encode(data).decode()


def index_changed(receipt: dict[str, Any]) -> None:
    index = receipt["entry"]
    receipt["proof"] = receipt["proof"].replace(f"index {index}", f"index {index + 1}")


def hash_changed(receipt: dict[str, Any]) -> None:
    lines = receipt["proof"].split("\n")
    lines[2] = b64encode(bytes(32)).decode()
    receipt["proof"] = "\n".join(lines)


def hash_missing(receipt: dict[str, Any]) -> None:
    lines = receipt["proof"].split("\n")
    receipt["proof"] = "\n".join([*lines[:2], *lines[3:]])


def size_changed(receipt: dict[str, Any]) -> None:
    head, _, note = receipt["proof"].partition("\n\n")
    origin, size, rest = note.split("\n", 2)
    receipt["proof"] = f"{head}\n\n{origin}\n{int(size) + 1}\n{rest}"


@pytest.mark.parametrize(
    "change", [bytes_changed, index_changed, hash_changed, hash_missing, size_changed]
)
def test_whatever_was_changed_is_refuted(
    receipt: dict[str, Any], tmp_path: Path, change: Change
) -> None:
    change(receipt)
    assert checked(tmp_path, receipt, receipt["key"]) == 1


def test_another_logs_key_verifies_nothing(
    receipt: dict[str, Any], tmp_path: Path, town: Town
) -> None:
    assert checked(tmp_path, receipt, town.book.keys.voucher.vkey) != 0
    assert checked(tmp_path, receipt, receipt["key"][:-4] + "AAA=") == 2


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "no", '{"data": "!", "proof": "x"}', '{"data": 1, "proof": 2}']
)
def test_what_is_no_receipt_shows_nothing(
    receipt: dict[str, Any], tmp_path: Path, content: str
) -> None:
    assert checked(tmp_path, content, receipt["key"]) == 2
    assert main([str(tmp_path / "nothing.json"), "--key", receipt["key"]]) == 2


def test_help_is_no_verdict_and_the_command_runs(
    receipt: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it stands on the page, and with `python -O` alike."""
    del capsys
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt))
    command = ["-m", "audit.receipt", str(file), "--key", receipt["key"]]
    for options in ([], ["-O"]):
        ran = subprocess.run(
            [sys.executable, *options, *command], capture_output=True, check=False, env=os.environ
        )
        assert (ran.returncode, ran.stdout[:8]) == (0, b"VERIFIED")
    ran = subprocess.run(
        [sys.executable, "-m", "audit.receipt", "--help"], capture_output=True, check=False
    )
    assert ran.returncode == 2


@pytest.mark.parametrize("size", range(1, 18))
def test_every_leaf_of_a_small_tree_leads_to_its_root(size: int) -> None:
    leaves = [sha256(bytes([each])).digest() for each in range(size)]

    def subtree(level: int, index: int) -> bytes:
        return root(leaves[index << level : (index + 1) << level])

    signed = root(leaves)
    assert signed != EMPTY_ROOT
    for index, leaf in enumerate(leaves):
        hashes = inclusion_proof(index, size, subtree)
        assert root_of(leaf, index, size, hashes) == signed
        assert root_of(leaf, index, size, [*hashes, leaf]) is None
        if hashes:
            assert root_of(leaf, index, size, hashes[:-1]) != signed
