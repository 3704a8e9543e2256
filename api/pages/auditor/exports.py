"""What an auditor takes away, and how to verify it without us."""

from __future__ import annotations

from typing import Final

from flask import Response

from api.current import current_book, current_settings
from api.log import prefix_of
from api.pages.auditor.looking import for_auditors, looking
from api.pages.calling import read
from api.pages.guard import page, pages
from api.reads.entries import get_bundle
from api.reads.head import get_head
from ledger.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH
from ledger.store import journal

SAMPLED: Final = 1_000
"""How many of the newest entries say how long one is."""


@pages.get("/audit/exports")
@for_auditors
def audit_exports() -> Response:
    """What there is to download, how large it is and what it is for."""
    head = read(get_head)
    size = head["checkpoint"]["size"] if "checkpoint" in head else 0
    book = current_book()
    with book.database.reading() as connection:
        sample = journal.read_data(connection, max(0, size - SAMPLED), SAMPLED)
    a_entry = sum(map(len, sample)) // len(sample) if sample else 0
    return page(
        "auditor/exports",
        head=head,
        size=size,
        bundle_bytes=(a_entry + 1) * size,
        note_bytes=len(book.checkpoint()[1]) if size else 0,
        tiles=_tiles(size),
        keys=[
            ("log", book.keys.log.vkey),
            ("ack", book.keys.ack.vkey),
            ("manifest", book.keys.manifest.vkey),
        ],
        prefix=prefix_of(book.origin),
        public_url=current_settings().public_url,
    )


@pages.post("/audit/bundle")
@looking
def audit_bundle() -> Response:
    """The bundle of the newest checkpoint. A form, so that no browser fetches it beforehand."""
    bundle: Response = read(get_bundle)
    return bundle


@pages.get("/audit/verify")
@for_auditors
def audit_verify() -> Response:
    """How to verify the whole ledger without this server, with the commands filled in."""
    head = read(get_head)
    size = head["checkpoint"]["size"] if "checkpoint" in head else 0
    return page(
        "auditor/verify",
        head=head,
        size=size,
        prefix=prefix_of(current_book().origin),
        public_url=current_settings().public_url,
    )


def _tiles(size: int) -> list[tuple[int, int, int]]:
    """(level, tiles, bytes) of the hash tiles under a checkpoint of this size."""
    found, hashes, level = [], size, 0
    while hashes:
        found.append((level, -(-hashes // TILE_WIDTH), hashes * HASH_BYTES))
        hashes >>= TILE_HEIGHT
        level += 1
    return found


@pages.app_template_filter("bytes")
def _bytes(count: int) -> str:
    """A size as people say it."""
    for unit, least in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= least:
            return f"{count / least:,.1f} {unit}"
    return f"{count} B"
