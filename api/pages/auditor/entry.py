"""One entry: its exact bytes, what they say, and how it hangs together with all the others."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson
from flask import Response

from api.current import current_book, current_settings
from api.pages.auditor.looking import looking
from api.pages.auditor.saying import facts_of
from api.pages.calling import read
from api.pages.guard import page, pages
from api.problems import Problem
from api.reads.entries import get_entry
from api.reads.head import get_head
from ledger.errors import Refused
from ledger.keys import Ed25519Verifier
from ledger.merkle import InvalidProof
from ledger.note import NoteRefused, TlogProof, open_checkpoint, parse_proof, verify_proof
from ledger.store import journal

_HEADING: Final = ("actor", "auth", "policy", "rules", "origin", "v")


class Step(NamedTuple):
    """One hash of an inclusion proof: on which side it stands, and what both come to."""

    is_left: bool
    sibling: str
    result: str


class Checked(NamedTuple):
    """What was looked at just now. `what` is the key of its word; `is_good` None: not yet to be
    had."""

    what: str
    is_good: bool | None


@pages.get("/audit/entries/<int:index>")
@looking
def audit_entry(index: int) -> Response:
    """Everything there is to know of one entry, checked while the page was made."""
    found, head = read(get_entry, index=index), read(get_head)
    data: bytes = found["data"].encode()
    document = orjson.loads(data)
    proof, size = _proof(index)
    steps = proof_steps(sha256(b"\x00" + data).digest(), index, size, proof.hashes) if proof else []
    return page(
        "auditor/entry",
        entry=found,
        document=document,
        heading=[(name, document[name]) for name in _HEADING],
        facts=facts_of(document["facts"]),
        pretty=json.dumps(document, ensure_ascii=False, indent=1),
        bytes_count=len(data),
        size=head["size"],
        covered=size,
        steps=steps,
        root=head["checkpoint"]["root"] if "checkpoint" in head else "",
        checked=_checked(index, data, document, proof),
        key=head["key"],
        public_url=current_settings().public_url,
    )


@pages.get("/audit/entries/<int:index>/bytes")
@looking
def audit_entry_bytes(index: int) -> Response:
    """The exact bytes that were hashed, and no newline behind them."""
    found = read(get_entry, index=index)
    return _file(found["data"].encode(), "application/json", f"entry-{index}.json")


@pages.get("/audit/entries/<int:index>/receipt")
@looking
def audit_entry_receipt(index: int) -> Response:
    """The receipt as the API answers it, for `python -m audit.receipt`."""
    read(get_entry, index=index)
    given = current_book().receipt(index)
    receipt = {
        "entry": index,
        "data": base64.b64encode(given.data).decode(),
        "proof": given.proof.decode(),
    }
    return _file(json.dumps(receipt).encode(), "application/json", f"receipt-{index}.json")


def _file(data: bytes, kind: str, name: str) -> Response:
    answer = Response(data, content_type=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _proof(index: int) -> tuple[TlogProof | None, int]:
    """The proof under the newest checkpoint and that checkpoint's size; none until one covers the
    entry."""
    try:
        given = current_book().receipt(index)
    except (Refused, Problem):
        return None, 0
    proof = parse_proof(given.proof)
    book = current_book()
    return proof, open_checkpoint(proof.checkpoint, book.origin, [_log_key()]).size


def proof_steps(leaf: bytes, index: int, size: int, hashes: Sequence[bytes]) -> list[Step]:
    """How a proof leads from a leaf to the root (RFC 9162, section 2.1.3.2)."""
    steps, place, last, root = [], index, size - 1, leaf
    for each in hashes:
        is_left = bool(place & 1) or place == last
        pair = each + root if is_left else root + each
        root = sha256(b"\x01" + pair).digest()
        steps.append(Step(is_left, each.hex(), root.hex()))
        if is_left:
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    return steps


def _checked(
    index: int, data: bytes, document: dict[str, Any], proof: TlogProof | None
) -> list[Checked]:
    """Hash the bytes again and follow every link from them, now."""
    book = current_book()
    leaf = sha256(b"\x00" + data).digest()
    with book.database.reading() as connection:
        (stored,) = journal.read_tile(connection, 0, index // 256, index % 256 + 1)[-1:]
        neighbours = journal.read_data(connection, max(0, index - 1), 3)
    # Only their links are looked at; what they say is asked for on their own pages.
    around = {orjson.loads(each)["index"]: each for each in neighbours}
    before, behind = around.get(index - 1), around.get(index + 1)
    wanted = sha256(b"\x00" + before).hexdigest() if before is not None else "0" * 64
    found = [
        Checked("audit.now.hash", leaf == bytes(stored)),
        Checked("audit.now.index", document["index"] == index),
        Checked("audit.now.origin", document["origin"] == book.origin),
        Checked("audit.now.prev", document["prev"] == wanted),
    ]
    if behind is not None:
        found.append(Checked("audit.now.next", orjson.loads(behind)["prev"] == leaf.hex()))
    return [*found, Checked("audit.now.proof", _leads_to_the_root(leaf, proof))]


def _leads_to_the_root(leaf: bytes, proof: TlogProof | None) -> bool | None:
    if proof is None:
        return None
    book = current_book()
    try:
        verify_proof(proof.to_bytes(), leaf=leaf, origin=book.origin, verifiers=[_log_key()])
    except (NoteRefused, InvalidProof):
        return False
    return True


def _log_key() -> Ed25519Verifier:
    return Ed25519Verifier.from_vkey(current_book().keys.log.vkey)
