"""What a page keeps of what somebody typed, from one form to the next, where nobody may read it.

A holder's PIN must not stand in a page. It is sealed (AES-256-GCM) under a key made of the ledger's
session key, for one browser's session and for a few minutes: in another session, later, or changed,
it opens to nothing, and the till asks the holder again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.book import Book

KEPT_MS: Final = 10 * 60_000
"""How long it opens."""
_NONCE_BYTES: Final = 12
_PURPOSE: Final = b"sidereal/kept@1"


def sealed(book: Book, session: str, what: Mapping[str, str]) -> str:
    """`what` for the form of this session, in letters; "" for nothing."""
    if not what:
        return ""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    until = book.clock.now_ms() + KEPT_MS
    text = json.dumps({"until": until, "what": dict(what)}).encode()
    closed = AESGCM(_key(book)).encrypt(nonce, text, _bound_to(session))
    return base64.urlsafe_b64encode(nonce + closed).decode()


def opened(book: Book, session: str, kept: str) -> dict[str, str]:
    """What `sealed` kept for this session, as long as it opens; {} for anything else."""
    try:
        raw = base64.b64decode(kept, altchars=b"-_", validate=True)
        text = AESGCM(_key(book)).decrypt(
            raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(session)
        )
    except (InvalidTag, NotBase64, ValueError):
        return {}
    found = json.loads(text)
    what: dict[str, str] = found["what"]
    return what if book.clock.now_ms() < found["until"] else {}


def _key(book: Book) -> bytes:
    return hmac.new(book.keys.session, _PURPOSE, hashlib.sha256).digest()


def _bound_to(session: str) -> bytes:
    """Associated data: a digest of what the cookie holds."""
    return _PURPOSE + hashlib.sha256(session.encode()).digest()
