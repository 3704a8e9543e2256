"""Where the journal stands: its head, and the newest checkpoint with everybody who signed it."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields

from api.current import current_book
from api.reads.asking import reading
from api.schemas import Moment, Whole
from ledger.note import signature_lines
from ledger.store import journal, queries

_MS: Final = 1_000


class CosignatureSchema(Schema):
    """Another key's signature of the same checkpoint. Nothing here has verified it: whoever knows
    that key can."""

    name = fields.String(required=True)
    key_id = fields.String(required=True)
    time = Moment(metadata={"description": "when it saw this head, as that witness says"})


class SignedHeadSchema(Schema):
    """The newest checkpoint."""

    size = Whole(required=True, least=0)
    root = fields.String(required=True, metadata={"description": "hex"})
    time = Moment(required=True, metadata={"description": "when it was signed"})
    key_id = fields.String(required=True, metadata={"description": "of the log's key, hex"})
    cosignatures = fields.List(fields.Nested(CosignatureSchema), required=True)


class HeadSchema(Schema):
    """Where the journal stands."""

    origin = fields.String(required=True)
    key = fields.String(required=True, metadata={"description": "the log's public key, a VKEY"})
    size = Whole(required=True, least=0, metadata={"description": "entries so far"})
    hash = fields.String(
        required=True, metadata={"description": "of the last entry; 64 zeros before the first"}
    )
    time = Moment(required=True, metadata={"description": "of the last entry"})
    kind = fields.String(metadata={"description": "of the last entry; absent before the first"})
    checkpoint = fields.Nested(
        SignedHeadSchema, metadata={"description": "absent until the first was signed"}
    )


@reading(
    "/head",
    "get_head",
    answer=HeadSchema,
    roles=("operator", "auditor"),
    scope="entries:read",
    tag="entries",
)
def get_head() -> dict[str, Any]:
    """Head, newest checkpoint and its signatures: what an auditor looks at first.

    Says nothing about anybody, so no reason is asked. The key is the server's word: have it from
    somewhere else.
    """
    book = current_book()
    with book.database.snapshot() as connection:
        chain = journal.read_head(connection, book.origin).chain
        made = queries.checkpoint_made_at(connection)
        last = journal.read_entries(connection, [chain.size - 1])
    found: dict[str, Any] = {
        "origin": book.origin,
        "key": book.keys.log.vkey,
        "size": chain.size,
        "hash": chain.hash.hex(),
        "time": chain.time,
    }
    if last:
        found["kind"] = last[0].kind
    if made is not None:
        found["checkpoint"] = _signed(made[1])
    return found


def _signed(time: int) -> dict[str, Any]:
    book = current_book()
    checkpoint, note = book.checkpoint()
    own = (book.keys.log.name, book.keys.log.key_id)
    return {
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "time": time,
        "key_id": book.keys.log.key_id.hex(),
        "cosignatures": [
            {"name": each.name, "key_id": each.key_id.hex()}
            | ({"time": each.time * _MS} if each.time else {})
            for each in signature_lines(note)
            if (each.name, each.key_id) != own
        ],
    }
