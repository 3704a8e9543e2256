"""Keys and checkpoints: docs/format.md, section 5.

A checkpoint is believed only as far as the pinned key signed it, and only in the one form that
the format allows: what two readers could read differently is refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.canonical import INTEGER_MAX
from audit.tree import EMPTY_ROOT
from audit.verdict import Refuted

ORIGIN_BYTES_MAX = 255
_ED25519 = b"\x01"

_ORIGIN = re.compile(r"[^/]+/log/[^/]+")
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The pinned key: `public` signs the log named `origin`; `key_id` is four bytes."""

    origin: str
    key_id: bytes
    public: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What the pinned key signed: the first `size` entries of the log have this `root`."""

    origin: str
    size: int
    root: bytes


def parse_key(vkey: str) -> Key:
    """Read `<origin>+<8 hex>+<base64(0x01 + key)>`; raises ValueError with a sentence."""
    origin, _, rest = vkey.partition("+")
    hexadecimal, _, encoded = rest.partition("+")
    if not _is_origin(origin):
        raise ValueError("the key's name is not an origin, <host>/log/<suffix>")
    if not _KEY_ID.fullmatch(hexadecimal):
        raise ValueError("the key's id is not eight hexadecimal digits")
    raw = _strict_base64(encoded)
    if raw is None or len(raw) != 33 or not raw.startswith(_ED25519):
        raise ValueError("the key is not the base64 of 0x01 and 32 bytes")
    key_id = sha256(origin.encode() + b"\n" + raw).digest()[:4]
    if key_id.hex() != hexadecimal:
        raise ValueError("the key's id does not belong to this name and key; was it copied whole?")
    return Key(origin=origin, key_id=key_id, public=raw[1:])


def open_checkpoint(data: bytes, key: Key, *, name: str = "the checkpoint") -> Checkpoint:
    """The signed checkpoint in `data`; raises `Refuted` unless `key` signed exactly this text."""
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refuted("checkpoint", f"{name} is not UTF-8") from None
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise Refuted("checkpoint", f"{name} is not a signed note")
    text += "\n"
    _check_signatures(text.encode(), signatures.removesuffix("\n").split("\n"), key, name)

    origin, *rest = text.removesuffix("\n").split("\n")
    if origin != key.origin:
        raise Refuted("origin", f"{name} is of the log {origin!a}, not of the key's log")
    if len(rest) != 2:
        raise Refuted("checkpoint", f"{name} has {1 + len(rest)} lines of text, not three")
    size, root = rest[0], _strict_base64(rest[1])
    if not _SIZE.fullmatch(size) or int(size) > INTEGER_MAX:
        raise Refuted("checkpoint", f"the size of {name} is not an integer")
    if root is None or len(root) != 32:
        raise Refuted("checkpoint", f"the root of {name} is not the base64 of 32 bytes")
    if size == "0" and root != EMPTY_ROOT:
        raise Refuted("checkpoint", f"{name} has size 0 and not the empty root")
    return Checkpoint(origin=origin, size=int(size), root=root)


def _check_signatures(text: bytes, lines: list[str], key: Key, name: str) -> None:
    """Raise unless the pinned key signed `text`. Lines of other keys are ignored."""
    public = Ed25519PublicKey.from_public_bytes(key.public)
    signed = False
    for line in lines:
        parts = _SIGNATURE_LINE.fullmatch(line)
        signature = _strict_base64(parts[2]) if parts else None
        if parts is None or signature is None or len(signature) < 5:
            raise Refuted("checkpoint", f"{name} has a signature line of another form")
        if parts[1] != key.origin or signature[:4] != key.key_id:
            continue
        try:
            public.verify(signature[4:], text)
        except InvalidSignature:
            raise Refuted("signature", f"the key's signature of {name} is false") from None
        signed = True
    if not signed:
        raise Refuted("signature", f"{name} is not signed by the key that was given")


def _is_origin(text: str) -> bool:
    """Whether `text` is `<host>/log/<suffix>` without space, plus sign or control character."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return False
    return (
        _ORIGIN.fullmatch(text) is not None
        and len(encoded) <= ORIGIN_BYTES_MAX
        and not any(each.isspace() or each == "+" or _is_control(each) for each in text)
    )


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f"


def _strict_base64(text: str) -> bytes | None:
    """The bytes of which `text` is the one standard, padded encoding; None if there are none."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None
