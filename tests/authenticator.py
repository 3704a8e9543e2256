"""A phone that keeps passkeys, of the tests' own: it answers as W3C Web Authentication has it, and
says whatever else a test wants."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from webauthn.helpers import encode_cbor

from tests.api_client import PUBLIC_URL

ES256: Final = -7
EDDSA: Final = -8
RS256: Final = -257
PRESENT: Final = 0x01
VERIFIED: Final = 0x04
MADE: Final = 0x40
"""Flags: a finger was on it; it was the right one; a key was made."""

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def text_of(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """And back."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Kept:
    """One passkey on the phone."""

    id: bytes
    key: Key
    handle: bytes
    counter: int


@dataclass
class Phone:
    """Makes passkeys and shows them. With `counts` False its counters stay 0, as where a passkey
    is on several devices."""

    algorithm: int = ES256
    counts: bool = True
    kept: list[Kept] = field(default_factory=list)

    def make(self, options: dict[str, Any], **odd: Any) -> dict[str, str]:
        """The form that adds a passkey. `odd`: what is said instead of the truth (`_client_data`,
        `_data`), `public_key`, `attestation`, `sent_id`."""
        key = new_key(odd.get("algorithm", self.algorithm))
        made = Kept(secrets.token_bytes(32), key, bytes_of(options["user"]["id"]), 0)
        self.kept.append(made)
        said = _client_data("webauthn.create", options, odd)
        public = odd.get("public_key") or encode_cbor(cose(key))
        # No model (AAGUID), the id with its length, the key.
        attested = bytes(16) + len(made.id).to_bytes(2, "big") + made.id + public
        data = _data(odd, options["rp"]["id"], MADE, 0) + attested
        whole = {"fmt": "none", "attStmt": {}, "authData": data}
        return {
            "id": odd.get("sent_id") or text_of(made.id),
            "client_data": text_of(said),
            "attestation": text_of(
                odd.get("attestation") or encode_cbor(whole | odd.get("of", {}))
            ),
        }

    def show(self, options: dict[str, Any], **odd: Any) -> dict[str, str]:
        """The form that signs in by the newest passkey."""
        kept = self.kept[-1]
        kept.counter += self.counts
        said = _client_data("webauthn.get", options, odd)
        data = _data(odd, options["rpId"], 0, odd.get("counter", kept.counter))
        signature = signed(kept.key, data + hashlib.sha256(said).digest())
        if odd.get("signature"):
            signature = odd["signature"](signature)
        return {
            "id": odd.get("sent_id") or text_of(kept.id),
            "client_data": text_of(said),
            "data": text_of(data),
            "signature": text_of(signature),
            "handle": text_of(odd.get("handle", kept.handle)),
        }


def _client_data(kind: str, options: dict[str, Any], odd: dict[str, Any]) -> bytes:
    said = {"type": kind, "challenge": options["challenge"], "origin": PUBLIC_URL}
    return odd.get("client_data") or json.dumps(said | odd.get("said", {})).encode()


def _data(odd: dict[str, Any], name: str, also: int, counter: int) -> bytes:
    flags = odd.get("flags", PRESENT | VERIFIED) | also
    name = odd.get("name", name)
    return hashlib.sha256(name.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big")


def new_key(algorithm: int) -> Key:
    """A pair of its kind."""
    if algorithm == EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == RS256:
        return rsa.generate_private_key(65_537, 2_048)
    return ec.generate_private_key(ec.SECP256R1())


def signed(key: Key, message: bytes) -> bytes:
    """Its signature."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(message, ec.ECDSA(hashes.SHA256()))


def cose(key: Key) -> dict[int, Any]:
    """The public half as COSE writes it (RFC 9053)."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {1: 1, 3: EDDSA, -1: 6, -2: key.public_key().public_bytes_raw()}
    public = key.public_key().public_numbers()
    if isinstance(public, rsa.RSAPublicNumbers):
        return {1: 3, 3: RS256, -1: public.n.to_bytes(256, "big"), -2: public.e.to_bytes(3, "big")}
    return {
        1: 2,
        3: ES256,
        -1: 1,
        -2: public.x.to_bytes(32, "big"),
        -3: public.y.to_bytes(32, "big"),
    }
