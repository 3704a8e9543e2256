"""The verifier: what is signed and by whom, and what a bundle is made of."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.note import parse_key
from audit.tree import Tree
from audit.verdict import Verdict
from tests import forge
from tests.every_kind import D
from tests.forge import Forger, Signer
from tests.verifying import ACCOMPLICE, NAMES, Change, check, incomplete, refused, swapped

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
