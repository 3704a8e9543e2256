"""`python -m audit.receipt FILE --key VKEY`: check one entry's receipt, without a network.

FILE is what `GET /v1/entries/<n>/receipt` answers: an entry's bytes beside a
`c2sp.org/tlog-proof@v1` (docs/format.md, section 8). Nothing but the pinned key is believed.

 1. Open the checkpoint at the end of the proof with the pinned key.
 2. The index of the proof is the index in the entry's bytes, its origin that of the key, and
    the checkpoint covers it.
 3. The hashes lead from the leaf hash of the bytes to the checkpoint's root (RFC 9162, 2.1.3.2).

Exit codes: 0 verified, 1 refuted, 2 incomplete, as `python -m audit`.
"""

from __future__ import annotations

import argparse
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from audit.command import end, parser, say
from audit.verdict import EXIT_CODES, Incomplete, Refuted

RECEIPT_BYTES_MAX: Final = 262_144
HASHES_MAX: Final = 63
_HEADER: Final = "c2sp.org/tlog-proof@v1"
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,15})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one receipt, print what was shown, and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        lines = _checked(options.receipt, options.key)
        say("\n".join(["VERIFIED", *lines]))
        return EXIT_CODES["verified"]
    except Refuted as refuted:
        say(f"REFUTED\nfailed check: {refuted.check}\n{refuted.reason}")
        return EXIT_CODES["refuted"]
    except Incomplete as incomplete:
        say(f"INCOMPLETE\nfailed check: {incomplete.check}\n{incomplete.reason}")
    # Whatever it was, it is no verdict. Without this line Python would answer 1, “refuted”.
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001
        say(f"INCOMPLETE\nfailed check: fault\n{type(error).__name__}: {str(error)!a}")
    return EXIT_CODES["incomplete"]


def _checked(path: Path, vkey: str) -> list[str]:
    """Go through the procedure; what may be said of the entry. Raises Refuted, Incomplete."""
    # Imported here, so that a missing library is an incomplete verification as well.
    from audit.canonical import read
    from audit.note import open_checkpoint, parse_key
    from audit.tree import leaf_hash

    try:
        key = parse_key(vkey)
    except ValueError as error:
        raise Incomplete("key", str(error)) from None
    data, index, hashes, note = _read(path)

    # 1. The checkpoint is signed by the pinned key, and of its log.
    checkpoint = open_checkpoint(note, key)

    # 2. The bytes are an entry of this log, at the index of the proof, which is covered.
    try:
        entry = read(data)
    except ValueError as error:
        raise Refuted("entry", f"the bytes are no entry: {str(error)!a}") from None
    if not isinstance(entry, dict) or entry.get("index") != index:
        raise Refuted("index", f"the bytes are not of entry {index}, which the proof is about")
    if entry.get("origin") != key.origin:
        raise Refuted("origin", "the entry is of another log than the key's")
    if index >= checkpoint.size:
        raise Refuted("index", f"the checkpoint covers {checkpoint.size} entries, not this one")

    # 3. The hashes lead from the leaf to the root that was signed.
    leaf = leaf_hash(data)
    if root_of(leaf, index, checkpoint.size, hashes) != checkpoint.root:
        raise Refuted("proof", "the hashes do not lead from the entry to the signed root")
    return [
        f"entry: {index}",
        f"kind: {ascii(str(entry.get('kind')))[1:-1]}",
        f"hash: {leaf.hex()}",
        f"signed size: {checkpoint.size}",
        f"signed root: {checkpoint.root.hex()}",
        "The signed log holds this entry as it is. Nothing here shows that it is the newest head.",
    ]


def root_of(leaf: bytes, index: int, size: int, hashes: Sequence[bytes]) -> bytes | None:
    """The root that these hashes lead to from the leaf at `index` of `size`; None where there are
    too few or too many of them."""
    node, last, root = index, size - 1, leaf
    for sibling in hashes:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = sha256(b"\x01" + sibling + root).digest()
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            root = sha256(b"\x01" + root + sibling).digest()
        node >>= 1
        last >>= 1
    return root if last == 0 else None


def _read(path: Path) -> tuple[bytes, int, list[bytes], bytes]:
    """(entry's bytes, index, hashes from leaf to root, signed checkpoint). Raises Incomplete."""
    from audit.bundle import open_part

    try:
        with open_part(path, follow_links=True) as file:
            content = file.read(RECEIPT_BYTES_MAX + 1)
    except OSError as error:
        raise Incomplete("files", f"the receipt cannot be read: {error.strerror}") from None
    if len(content) > RECEIPT_BYTES_MAX:
        raise Incomplete("files", f"a receipt has at most {RECEIPT_BYTES_MAX} bytes")
    try:
        receipt = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Incomplete("files", "the receipt is no JSON") from None
    if not isinstance(receipt, dict):
        raise Incomplete("files", "the receipt is no JSON object")
    data, proof = receipt.get("data"), receipt.get("proof")
    if not isinstance(data, str) or not isinstance(proof, str):
        raise Incomplete("files", "the receipt has no `data` or no `proof`")
    head, gap, note = proof.partition("\n\n")
    header, *rest = head.split("\n")
    about = _INDEX.fullmatch(rest[0]) if rest else None
    if header != _HEADER or about is None or not gap or len(rest) - 1 > HASHES_MAX:
        raise Incomplete("proof", "the proof is no tlog-proof of version 1")
    hashes = [_bytes_of(line) for line in rest[1:]]
    if any(len(each) != sha256().digest_size for each in hashes):
        raise Incomplete("proof", "a hash of the proof has not 32 bytes")
    return _bytes_of(data), int(about[1]), hashes, note.encode("utf-8", "surrogatepass")


def _bytes_of(text: str) -> bytes:
    """The bytes of which `text` is the one standard, padded base64. Raises Incomplete."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = b""
    if b64encode(data).decode() != text:
        raise Incomplete("proof", "a part of the receipt is no standard base64")
    return data


def _parser() -> argparse.ArgumentParser:
    made = parser("python -m audit.receipt", "Check one entry's receipt offline.", "receipt")
    made.add_argument("receipt", metavar="FILE", type=Path, help="the receipt, as downloaded")
    return made


if __name__ == "__main__":
    end(main)
