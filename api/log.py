"""The log as strangers' tools read it: checkpoint and tiles (C2SP tlog-tiles; trust §2).

The addresses are those of the origin. Checkpoint and hash tiles are for everybody; bundles of
entries need an auditor's token and a reason. Nothing beyond the newest checkpoint is served, and
every tile that any checkpoint ever needed is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import Response, request

from api.caller import current_caller, require
from api.current import current_book
from api.reads.asking import (
    REASON_PARAMETER,
    log_reason,
    not_there,
    stated_reason,
)
from api.routes import Routes, documented
from ledger.merkle import TILE_WIDTH, Tile, parse_tile_path, tile_width
from ledger.store import journal, queries

BYTES: Final = "application/octet-stream"
FOREVER: Final = "public, max-age=31536000, immutable"
TAG: Final = "log"
_BINARY: Final = {"type": "string", "format": "binary"}
_CHANGED: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "an ETag that you hold",
    "schema": {"type": "string"},
}

log = Routes("log", __name__, description="The public log")


def prefix_of(origin: str) -> str:
    """The path under which a log is served: its origin without the host."""
    return "/" + origin.partition("/")[2]


@log.route("/checkpoint", methods=["GET"], tags=[TAG])
@log.doc(operationId="get_checkpoint", security=[{}], parameters=[_CHANGED])
@documented(log, ["no_checkpoint"])
@log.alt_response(304, description="you hold it already")
@log.response(
    200, {"type": "string"}, content_type="text/plain", description="C2SP tlog-checkpoint"
)
def get_checkpoint() -> Response:
    """The newest signed checkpoint."""
    _, note = current_book().checkpoint()
    answer = Response(note, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return _unless_held(answer)


@log.route("/tile/<path:place>", methods=["GET"], tags=[TAG])
@log.doc(operationId="get_tile", security=[{}], parameters=[_CHANGED])
@documented(log, ["not_found"])
@log.alt_response(304, description="you hold it already")
@log.response(200, _BINARY, content_type=BYTES, description="hashes of 32 bytes, in order")
def get_tile(place: str) -> Response:
    """A tile of hashes, `<L>/<N>` or `<L>/<N>.p/<W>`."""
    tile = _covered(f"tile/{place}")
    if tile.level is None:
        raise not_there()
    with current_book().database.reading() as connection:
        hashes = journal.read_tile(connection, tile.level, tile.index, tile.width)
    answer = Response(b"".join(hashes), content_type=BYTES)
    # A tile of a given width never changes, partial or full.
    answer.headers["Cache-Control"] = FOREVER
    return _unless_held(answer)


@log.route("/tile/entries/<path:place>", methods=["GET"], tags=[TAG])
@log.doc(operationId="get_entry_bundle", parameters=[REASON_PARAMETER])
@require("auditor", scope="entries:read")
@documented(
    log,
    [
        "not_found",
        "reason_missing",
        "bad_reason",
        "token_missing",
        "token_invalid",
        "token_expired",
        "token_revoked",
        "caller_not_active",
        "role_not_allowed",
        "scope_missing",
    ],
)
@log.response(
    200,
    _BINARY,
    content_type=BYTES,
    description="entries in order, each behind its length in two bytes, big-endian",
)
def get_entry_bundle(place: str) -> Response:
    """A bundle of entries, `<N>` or `<N>.p/<W>`, for auditors who say why."""
    reason = stated_reason()
    path = f"tile/entries/{place}"
    tile = _covered(path)
    log_reason(current_caller(), [path], reason)
    with current_book().database.reading() as connection:
        entries = journal.read_data(connection, tile.index * TILE_WIDTH, tile.width)
    return Response(_framed(entries), content_type=BYTES)


def _covered(path: str) -> Tile:
    """The tile at a path, if the newest checkpoint covers all of it; else not found."""
    try:
        tile = parse_tile_path(path)
    except ValueError:
        raise not_there() from None
    with current_book().database.reading() as connection:
        newest = queries.newest_checkpoint(connection)
    size = newest[0] if newest else 0
    if tile.width > tile_width(tile.level or 0, tile.index, size):
        raise not_there()
    return tile


def _framed(entries: Sequence[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def _unless_held(answer: Response) -> Response:
    """The answer, or 304 for somebody who holds it."""
    answer.add_etag()
    answer.make_conditional(request)
    return answer
