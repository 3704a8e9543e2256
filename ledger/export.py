"""The auditor's bundle: everything a stranger needs to check this ledger (docs/format.md §7)."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from ledger.book import Book
from ledger.entry import canonical
from ledger.errors import Refused
from ledger.merkle import Frontier
from ledger.store import journal

FORMAT: Final = "sidereal/bundle@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What was exported: how many entries, under which root."""

    folder: Path
    size: int
    root: bytes


class _Measured:
    """A file that counts and hashes what is written into it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = sha256()
        self._bytes = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._bytes += len(data)

    def facts(self) -> dict[str, Any]:
        """Size and digest for the manifest."""
        return {"bytes": self._bytes, "sha256": self._digest.hexdigest()}


def export_bundle(book: Book, folder: Path, *, at: int) -> Bundle:
    """Write the bundle of the newest checkpoint into `folder`, which must not exist or be empty.

    Balances are made from the exported entries themselves, never copied from the tables, so a
    bundle says what its entries say. `at` is the time of export (ms). Refuses with
    `folder_not_empty`, `no_checkpoint` or `entries_differ`.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refused("folder_not_empty", f"{folder} is not empty; export into a new folder")
    checkpoint, note = book.checkpoint()
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        files: dict[str, Any] = {}
        balances: defaultdict[tuple[str, str], int] = defaultdict(int)
        tree = Frontier()
        with (work / "entries.jsonl").open("wb") as file, book.database.snapshot() as connection:
            out = _Measured(file)
            for stored, data in journal.every_entry(connection, end=checkpoint.size):
                out.write(data + b"\n")
                tree.append(stored)
                for posting in orjson.loads(data)["postings"]:
                    asset, amount = posting["asset"], posting["amount"]
                    balances[posting["source"], asset] -= amount
                    balances[posting["destination"], asset] += amount
        if tree.size != checkpoint.size or tree.root() != checkpoint.root:
            raise Refused(
                "entries_differ",
                "the entries are not those that the newest checkpoint signed; nothing was exported",
            )
        files["entries.jsonl"] = out.facts()
        with (work / "balances.jsonl").open("wb") as file:
            out = _Measured(file)
            for (account, asset), amount in sorted(balances.items()):
                line = {"account": account, "amount": amount, "asset": asset}
                out.write(canonical(line) + b"\n")
        files["balances.jsonl"] = out.facts()
        with (work / "checkpoint").open("wb") as file:
            out = _Measured(file)
            out.write(note)
        files["checkpoint"] = out.facts()
        manifest = {
            "exported": at,
            "files": files,
            "format": FORMAT,
            "origin": book.origin,
            "root": checkpoint.root.hex(),
            "size": checkpoint.size,
        }
        (work / "manifest.json").write_bytes(canonical(manifest) + b"\n")
        # The folder appears whole or not at all.
        work.chmod(0o755)
        work.replace(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return Bundle(folder=folder, size=checkpoint.size, root=checkpoint.root)
