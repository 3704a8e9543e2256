"""A message: what is sent, under which id, how it is signed, and when it is tried again.

Standard Webhooks 1.0 with the asymmetric scheme: ed25519 over `id.timestamp.body`. Everything but
the time of the attempt follows from the entry, so a message is the same however often it is sent,
and the same again when it is made anew from the entries. Pure.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from ledger.entry import Entry
from ledger.webhooks.events import ids_of, type_of

RETRY_AFTER_S: Final = (
    0,
    5,
    5 * 60,
    30 * 60,
    2 * 3_600,
    5 * 3_600,
    10 * 3_600,
    14 * 3_600,
    20 * 3_600,
    24 * 3_600,
)
"""How long after the attempt before it each attempt is made, in seconds: the schedule of Standard
Webhooks 1.0, a little more than three days in all."""
JITTER_FROM_S: Final = 5 * 60
"""Waits of this length and more are drawn out by up to a tenth, so that what failed together does
not come back together."""
_JITTER_PARTS: Final = 10


def message_id(webhook: str, index: int) -> str:
    """The id of the message that tells an endpoint of an entry: always the same one.

    It names the endpoint, so that a message shown to somebody else is known for what it is.
    """
    return f"msg_{webhook}_{index}"


def body_of(entry: Entry) -> bytes:
    """What is sent about an entry: its type, its time, and ids; nothing about people."""
    message = {
        "type": type_of(entry.kind),
        "timestamp": _rfc3339(entry.time),
        "data": {"entry": entry.index, "hash": entry.hash.hex(), **ids_of(entry.facts)},
    }
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def signed_headers(
    id_: str, body: bytes, *, at_ms: int, sign: Callable[[bytes], bytes]
) -> Mapping[str, str]:
    """The three headers of an attempt made at `at_ms`; `sign` makes the ed25519 signature."""
    seconds = at_ms // 1000
    signature = sign(f"{id_}.{seconds}.".encode() + body)
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1a,{b64encode(signature).decode()}",
    }


def public_key_text(key: bytes) -> str:
    """A raw ed25519 public key as receivers of webhooks are given it."""
    return f"whpk_{b64encode(key).decode()}"


def next_attempt(id_: str, attempts: int, *, at_ms: int, asked_s: int = 0) -> int | None:
    """When a message is tried again that has failed `attempts` times, the last time at `at_ms`;
    None once the schedule is used up. `asked_s`: how long the receiver asked us to wait."""
    if attempts >= len(RETRY_AFTER_S):
        return None
    wait = RETRY_AFTER_S[attempts] * 1000
    if wait >= JITTER_FROM_S * 1000:
        # By the message and not by chance, so that whoever tells the story again gets the same.
        drawn = hashlib.sha256(f"{id_}.{attempts}".encode()).digest()
        wait += wait // _JITTER_PARTS * int.from_bytes(drawn[:4], "big") // 2**32
    return at_ms + max(wait, min(asked_s, RETRY_AFTER_S[-1]) * 1000)


def _rfc3339(ms: int) -> str:
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
