"""A stranger reads the log: tiles and checkpoints over HTTP, checked with code of this file alone.

Nothing here is shared with the writer but the addresses of C2SP tlog-tiles.
"""

from __future__ import annotations

import base64
import struct
from hashlib import sha256

import pytest
from werkzeug.test import TestResponse

from ledger.actions.parties import RegisterVolunteer
from ledger.book import CONSOLE
from tests.kit import Town
from tests.readers import WHY, Readers


@pytest.fixture
def readers(town: Town) -> Readers:
    return Readers(town)


class Stranger:
    """Somebody with a browser, a public key's worth of arithmetic and no token."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def fetch(self, path: str, **headers: str) -> TestResponse:
        return self._readers.get(f"{self._readers.log_prefix}/{path}", headers=headers)

    def checkpoint(self) -> tuple[str, int, bytes]:
        """(origin, size, root)."""
        answer = self.fetch("checkpoint")
        assert answer.status_code == 200
        origin, size, root = answer.text.split("\n")[:3]
        return origin, int(size), base64.b64decode(root)

    def hashes(self, level: int, size: int) -> list[bytes]:
        """Every hash of one level, fetched tile by tile."""
        there = size >> 8 * level
        found: list[bytes] = []
        for index in range(-(-there // 256)):
            width = min(256, there - index * 256)
            partial = "" if width == 256 else f".p/{width}"
            answer = self.fetch(f"tile/{level}/{index:03d}{partial}")
            assert answer.status_code == 200, answer.text
            assert answer.content_type == "application/octet-stream"
            assert len(answer.data) == 32 * width
            found += [answer.data[at : at + 32] for at in range(0, len(answer.data), 32)]
        return found


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, as it stands there."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = root_of(leaves[:split]), root_of(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


def climb(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root that a proof leads to (RFC 9162 §2.1.3.2)."""
    at, last, here = index, size - 1, leaf
    for each in proof:
        assert last > 0
        if at % 2 or at == last:
            here = sha256(b"\x01" + each + here).digest()
            while not at % 2 and at:
                at, last = at // 2, last // 2
        else:
            here = sha256(b"\x01" + here + each).digest()
        at, last = at // 2, last // 2
    assert last == 0
    return here


def crowd(readers: Readers, count: int) -> None:
    """So many more entries, signed."""
    book, town = readers.book, readers.town
    book.record_all(
        [(RegisterVolunteer(volunteer=book.new_id()), town.key(), None) for _ in range(count)],
        caller=CONSOLE,
    )
    book.signer.sign()


def test_a_stranger_recomputes_the_root_from_tiles_alone(readers: Readers) -> None:
    crowd(readers, 600)
    stranger = Stranger(readers)
    origin, size, root = stranger.checkpoint()
    assert origin == readers.book.origin
    leaves = stranger.hashes(0, size)
    assert len(leaves) == size > 600
    assert root_of(leaves) == root
    # A hash of level 1 is the root of a full tile below it.
    assert stranger.hashes(1, size) == [
        root_of(leaves[at : at + 256]) for at in range(0, size - size % 256, 256)
    ]


def test_receipts_lead_from_an_entrys_bytes_to_the_signed_root(readers: Readers) -> None:
    crowd(readers, 300)
    stranger = Stranger(readers)
    _, size, root = stranger.checkpoint()
    for index in (0, 1, readers.ours.record_entry, 255, 256, size - 1):
        receipt = readers.one(f"/v1/entries/{index}/receipt", "auditor", headers=WHY)
        header, claimed, *rest = receipt["proof"].split("\n\n")[0].split("\n")
        assert (header, claimed) == ("c2sp.org/tlog-proof@v1", f"index {index}")
        leaf = sha256(b"\x00" + base64.b64decode(receipt["data"])).digest()
        assert climb(leaf, index, size, [base64.b64decode(each) for each in rest]) == root
        # The checkpoint inside is the one that everybody sees.
        assert receipt["proof"].split("\n\n", 1)[1] == stranger.fetch("checkpoint").text


def test_nothing_beyond_the_newest_checkpoint_is_served(readers: Readers) -> None:
    stranger = Stranger(readers)
    _, size, _ = stranger.checkpoint()
    readers.town.volunteer()
    assert stranger.checkpoint()[1] == size
    assert stranger.fetch(f"tile/0/000.p/{size}").status_code == 200
    assert stranger.fetch(f"tile/0/000.p/{size + 1}").status_code == 404
    assert stranger.fetch("tile/0/000").status_code == 404
    assert stranger.fetch("tile/1/000.p/1").status_code == 404
    readers.book.signer.sign()
    assert stranger.fetch(f"tile/0/000.p/{size + 1}").status_code == 200


def test_a_partial_tile_stays_when_it_has_become_a_full_one(readers: Readers) -> None:
    stranger = Stranger(readers)
    size = stranger.checkpoint()[1]
    before = stranger.fetch(f"tile/0/000.p/{size}").data
    crowd(readers, 256)
    assert stranger.fetch(f"tile/0/000.p/{size}").data == before
    assert stranger.fetch("tile/0/000").data.startswith(before)


def test_one_tile_has_one_address(readers: Readers) -> None:
    crowd(readers, 256)
    stranger = Stranger(readers)
    assert stranger.fetch("tile/0/000").status_code == 200
    for path in (
        "tile/0/0",
        "tile/00/000",
        "tile/0/x000/000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000/",
        "tile/0/-01",
        "tile/0/../0/000",
        "tile/64/000",
        "tile/63/000.p/1",
        "tile/0/x999/x999/x999/x999/x999/x999/999.p/1",
        "tile/data/000",
        "tile/0/００0",
        "tile/",
    ):
        answer = stranger.fetch(path)
        assert answer.status_code == 404, path


def test_what_never_changes_may_be_kept_for_ever_and_the_checkpoint_never(
    readers: Readers,
) -> None:
    stranger = Stranger(readers)
    size = stranger.checkpoint()[1]
    tile = stranger.fetch(f"tile/0/000.p/{size}")
    assert tile.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    checkpoint = stranger.fetch("checkpoint")
    assert checkpoint.headers["Cache-Control"] == "no-store"
    assert checkpoint.content_type == "text/plain; charset=utf-8"
    held = checkpoint.headers["ETag"]
    again = stranger.fetch("checkpoint", **{"If-None-Match": held})
    assert (again.status_code, again.data) == (304, b"")
    readers.town.volunteer()
    readers.book.signer.sign()
    assert stranger.fetch("checkpoint", **{"If-None-Match": held}).status_code == 200


def test_bundles_of_entries_are_for_auditors_who_say_why(readers: Readers) -> None:
    _, size, root = Stranger(readers).checkpoint()
    place = f"{readers.log_prefix}/tile/entries/000.p/{size}"
    why = {"Reason": "complaint 17"}
    assert readers.get(place, headers=why).status_code == 401
    assert readers.get(place, "operator", headers=why).status_code == 403
    unsaid = readers.get(place, "auditor")
    assert (unsaid.status_code, unsaid.get_json()["code"]) == (422, "reason_missing")
    before, _, _ = readers.book.vault.access_digest(0)
    answer = readers.get(place, "auditor", headers=why)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    leaves, rest = [], answer.data
    while rest:
        (length,) = struct.unpack(">H", rest[:2])
        leaves.append(sha256(b"\x00" + rest[2 : 2 + length]).digest())
        rest = rest[2 + length :]
    assert root_of(leaves) == root
    ((_, _, by, what, purpose),) = readers.book.vault.store.access_rows(before)
    assert (by, what, purpose) == (
        readers.parties["auditor"],
        f"tile/entries/000.p/{size}",
        "audit",
    )
    assert "complaint 17" in readers.log.getvalue()


def test_a_bundle_beyond_the_checkpoint_is_not_there_and_not_logged(readers: Readers) -> None:
    _, size, _ = Stranger(readers).checkpoint()
    readers.town.volunteer()
    before, _, _ = readers.book.vault.access_digest(0)
    place = f"{readers.log_prefix}/tile/entries/000.p/{size + 1}"
    assert readers.get(place, "auditor", headers={"Reason": "why not"}).status_code == 404
    assert list(readers.book.vault.store.access_rows(before)) == []
