"""What tests of the verifier share: bundles of a small log, changed, and verdicts on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from audit.note import parse_key
from audit.verdict import Verdict
from audit.verify import verify
from tests import forge
from tests.forge import Forger, Signer

NAMES = ["checkpoint", "entries.jsonl", "balances.jsonl", "manifest.json"]
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
