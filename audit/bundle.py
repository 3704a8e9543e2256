"""The folder that an auditor downloads: docs/format.md, section 7.

All four files are opened before anything is believed, without following links, and each is read
once, from its beginning to its end, while its digest is taken. So what was checked is what was
hashed, even if somebody changes the folder meanwhile.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from audit import canonical
from audit.canonical import NotCanonical, Value
from audit.grammar import ENTRY_BYTES_MAX
from audit.note import Checkpoint
from audit.verdict import Incomplete, Refuted

CHECKPOINT, ENTRIES = "checkpoint", "entries.jsonl"
BALANCES, MANIFEST = "balances.jsonl", "manifest.json"
NAMES = frozenset((CHECKPOINT, ENTRIES, BALANCES, MANIFEST))
FORMAT = "sidereal/bundle@1"

# Far above what a checkpoint or a manifest needs; a file that is larger is something else.
SMALL_FILE_BYTES_MAX = 1_000_000
_BUFFER_BYTES = 1 << 20

_DIGEST = re.compile("[0-9a-f]{64}")


class Part:
    """One open file of a bundle. `bytes_read` and `digest` cover what was read so far."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self.bytes_read = 0
        self._file = file
        self._hash = sha256()

    def lines(self) -> Iterator[bytes]:
        """Each line with its newline; one that is too long to be an entry comes in pieces."""
        # The longest entry and its newline: a longer line ends without one.
        limit = ENTRY_BYTES_MAX + 1
        readline, update = self._file.readline, self._hash.update
        while line := readline(limit):
            update(line)
            self.bytes_read += len(line)
            yield line

    def whole(self) -> bytes:
        """All bytes of a file that must be small."""
        data = self._file.read(SMALL_FILE_BYTES_MAX + 1)
        if len(data) > SMALL_FILE_BYTES_MAX:
            raise Incomplete("files", f"{self.name} is larger than {SMALL_FILE_BYTES_MAX} bytes")
        self._hash.update(data)
        self.bytes_read += len(data)
        return data

    def digest(self) -> str:
        """SHA-256 in hexadecimal of the bytes read so far."""
        return self._hash.hexdigest()


class Bundle:
    """The four open parts; a context manager that closes them."""

    def __init__(self, folder: Path) -> None:
        """Open exactly the four regular files; raises `Incomplete` for any other folder."""
        try:
            with os.scandir(folder) as found:
                names = {each.name for each in found}
        except OSError as error:
            raise Incomplete("files", f"the folder cannot be read: {error.strerror}") from None
        for word, odd in (("lacks", NAMES - names), ("also holds", names - NAMES)):
            if odd:
                raise Incomplete("files", f"the folder {word} {min(odd)!a}")
        with ExitStack() as stack:
            parts = {name: stack.enter_context(open_part(folder / name)) for name in sorted(NAMES)}
            self._close = stack.pop_all()
        self.checkpoint = Part(parts[CHECKPOINT], CHECKPOINT)
        self.entries = Part(parts[ENTRIES], ENTRIES)
        self.balances = Part(parts[BALANCES], BALANCES)
        self.manifest = Part(parts[MANIFEST], MANIFEST)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close.close()


def open_part(path: Path, *, follow_links: bool = False) -> BinaryIO:
    """Open a regular file; raises `Incomplete` for anything else, a link included."""
    # Without O_NONBLOCK a pipe put in a file's place would make us wait for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if not follow_links:
            if path.is_symlink():
                raise Incomplete("files", f"{path.name} is a link")
            flags |= getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(path, flags)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Incomplete("files", f"{path.name!a} is not a regular file")
        return os.fdopen(descriptor, "rb", buffering=_BUFFER_BYTES)
    except OSError as error:
        name = ascii(path.name)
        raise Incomplete("files", f"{name} cannot be read: {error.strerror}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What `manifest.json` says. `exported` (milliseconds) is the one value that nothing proves."""

    exported: int
    files: dict[str, tuple[int, str]]

    def check(self, part: Part) -> None:
        """Raise `Refuted` unless the part, read to its end, has the length and digest listed."""
        if self.files[part.name] != (part.bytes_read, part.digest()):
            raise Refuted("manifest", f"{part.name} has not the length and digest in the manifest")


def read_manifest(data: bytes, checkpoint: Checkpoint) -> Manifest:
    """The manifest of the bundle with this checkpoint.

    Raises `Incomplete` where it lists other files, `Refuted` where it contradicts the format or
    the checkpoint.
    """
    if not data.endswith(b"\n"):
        raise Refuted("manifest", "the manifest does not end with a newline")
    try:
        manifest = canonical.read(data[:-1], any_name=True)
    except NotCanonical as error:
        raise Refuted("manifest", f"the manifest is not canonical: {error}") from None
    expected: dict[str, Value] = {
        "format": FORMAT,
        "origin": checkpoint.origin,
        "root": checkpoint.root.hex(),
        "size": checkpoint.size,
    }
    if not isinstance(manifest, dict) or manifest.keys() != expected.keys() | {"exported", "files"}:
        raise Refuted("manifest", "the manifest has not exactly its six names")
    for name, value in expected.items():
        if manifest[name] != value:
            raise Refuted("manifest", f"the manifest's {name} is not {value!a}")
    exported = manifest["exported"]
    if not isinstance(exported, int):
        raise Refuted("manifest", "the manifest's time of export is not an integer")
    return Manifest(exported=exported, files=_read_files(manifest["files"]))


def _read_files(listed: Value) -> dict[str, tuple[int, str]]:
    if not isinstance(listed, dict):
        raise Refuted("manifest", "the manifest's files are not an object")
    if listed.keys() != NAMES - {MANIFEST}:
        raise Incomplete("files", "the manifest lists other files than a bundle has")
    files: dict[str, tuple[int, str]] = {}
    for name, value in listed.items():
        size = value.get("bytes") if isinstance(value, dict) else None
        digest = value.get("sha256") if isinstance(value, dict) else None
        if (
            not isinstance(value, dict)
            or len(value) != 2
            or not isinstance(size, int)
            or not isinstance(digest, str)
            or not _DIGEST.fullmatch(digest)
        ):
            raise Refuted("manifest", f"the manifest does not give bytes and sha256 of {name}")
        files[name] = (size, digest)
    return files
