"""Seal, open and index: the vault's cryptography, knowing no database.

Every sealed value is `version ‖ nonce ‖ ciphertext and tag` of AES-256-GCM with a random 96-bit
nonce. Its associated data names the format, its version and the place the value belongs to, each
part behind its length, so that no value opens anywhere but where it was sealed
(docs/vault.md, "Sealing").
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
VERSION: Final = b"\x01"

_TAG_BYTES: Final = 16
_WRAPPED_BYTES: Final = len(VERSION) + NONCE_BYTES + KEY_BYTES + _TAG_BYTES
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_PERSON_KEY: Final = b"sidereal/vault/person-key"
_FIELD: Final = b"sidereal/vault/field"
_RELATION: Final = b"sidereal/vault/relation"
_TEXT_KEY: Final = b"sidereal/vault/text-key"
_TEXT: Final = b"sidereal/vault/text"
_FILE_KEY: Final = b"sidereal/vault/file-key"
_FILE: Final = b"sidereal/vault/file"
_CANARY: Final = b"sidereal/vault/canary"
_PIN: Final = b"sidereal/vault/pin"


class SealBroken(Exception):
    """A sealed value does not open: another key, another place, or changed bytes."""


class PersonKey:
    """The key of one subject, unwrapped. What it seals opens for this subject only."""

    __slots__ = ("_cipher", "_key", "_subject")

    def __init__(self, subject: str, key: bytes) -> None:
        self._subject = subject.encode()
        self._key = key
        self._cipher = AESGCM(key)

    def seal_field(self, field: str, value: str) -> bytes:
        """Seal `value` for this subject's `field`."""
        place = _place(_FIELD, self._subject, _name(field).encode())
        return _seal(self._cipher, value.encode(), place)

    def open_field(self, field: str, sealed: bytes) -> str:
        """Open what `seal_field` made. Raises SealBroken for anything else."""
        place = _place(_FIELD, self._subject, field.encode())
        return _open(self._cipher, sealed, place, f"field {field}").decode()

    def seal_relation(self, relative: PersonKey, relation_id: str, kind: str) -> bytes:
        """Seal what `relative` is to this subject, so that it takes both keys to open."""
        place = _place(_RELATION, relation_id.encode(), self._subject, relative._subject)
        return _seal(self._shared_with(relative), kind.encode(), place)

    def open_relation(self, relative: PersonKey, relation_id: str, sealed: bytes) -> str:
        """Open what `seal_relation` made. Raises SealBroken for anything else."""
        place = _place(_RELATION, relation_id.encode(), self._subject, relative._subject)
        cipher = self._shared_with(relative)
        return _open(cipher, sealed, place, f"relation {relation_id}").decode()

    def _shared_with(self, relative: PersonKey) -> AESGCM:
        derive = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=_RELATION)
        return AESGCM(derive.derive(self._key + relative._key))


class Sealer:
    """Works with the two keys that are not in the vault: the master key and the index key."""

    __slots__ = ("_index_key", "_master")

    def __init__(self, *, master_key: bytes, index_key: bytes) -> None:
        """Take two keys of 32 bytes each. Raises ValueError for another length or equal keys."""
        if len(master_key) != KEY_BYTES or len(index_key) != KEY_BYTES:
            raise ValueError(f"the vault's keys have {KEY_BYTES} bytes each")
        if hmac.compare_digest(master_key, index_key):
            raise ValueError("the master key and the index key must differ")
        self._master = AESGCM(master_key)
        self._index_key = index_key

    def new_person(self, subject: str) -> tuple[bytes, PersonKey]:
        """Make a random key for `subject`; returns it wrapped, and ready to seal with."""
        key = secrets.token_bytes(KEY_BYTES)
        wrapped = _seal(self._master, key, _place(_PERSON_KEY, subject.encode()))
        return wrapped, PersonKey(subject, key)

    def person(self, subject: str, wrapped: bytes) -> PersonKey:
        """Unwrap the key of `subject`. Raises SealBroken if it was wrapped for another."""
        place = _place(_PERSON_KEY, subject.encode())
        return PersonKey(subject, _open(self._master, wrapped, place, f"key of {subject}"))

    def blind(self, kind: str, field: str, value: str) -> bytes:
        """The index value under which `value` is found: 32 bytes, the same for the same value.

        `kind` and `field` are plain names, so the zero bytes between the three cannot move.
        """
        message = f"{_name(kind)}\0{_name(field)}\0{value}".encode()
        return hmac.digest(self._index_key, message, "sha256")

    def pin_secret(self) -> bytes:
        """What Argon2id mixes into every PIN: derived from the index key, as index values are."""
        return hmac.digest(self._index_key, _place(_PIN), "sha256")

    def seal_text(self, fields: Mapping[str, str]) -> tuple[str, bytes, bytes]:
        """Seal typed text under a key of its own: (digest, wrapped key, sealed bytes).

        The sealed bytes begin with a commitment to the key. AES-GCM alone would let whoever
        holds the master key find two keys that open one ciphertext to two texts, and an entry
        that names the digest must stand for one text.
        """
        key = secrets.token_bytes(KEY_BYTES)
        plain = json.dumps(dict(fields), ensure_ascii=False, sort_keys=True).encode()
        sealed = _commitment(key) + _seal(AESGCM(key), plain, _place(_TEXT))
        digest = hashlib.sha256(sealed).hexdigest()
        wrapped = _seal(self._master, key, _place(_TEXT_KEY, digest.encode()))
        return digest, wrapped, sealed

    def open_text(self, digest: str, wrapped: bytes, sealed: bytes) -> dict[str, str]:
        """Open what `seal_text` made. Raises SealBroken unless digest, key and bytes agree."""
        if hashlib.sha256(sealed).hexdigest() != digest:
            raise SealBroken(f"text {digest} is not what its digest says")
        what = f"text {digest}"
        key = _open(self._master, wrapped, _place(_TEXT_KEY, digest.encode()), f"key of {what}")
        commitment, rest = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
        if not hmac.compare_digest(commitment, _commitment(key)):
            raise SealBroken(f"{what} was sealed under another key")
        fields: dict[str, str] = json.loads(_open(AESGCM(key), rest, _place(_TEXT), what))
        return fields

    def seal_file(self, place: str, content: bytes) -> bytes:
        """A file that is kept for a while, under a key of its own that lies before it, wrapped.

        It opens for this `place` only. Whoever deletes it deletes its key.
        """
        key = secrets.token_bytes(KEY_BYTES)
        wrapped = _seal(self._master, key, _place(_FILE_KEY, place.encode()))
        return wrapped + _seal(AESGCM(key), content, _place(_FILE, place.encode()))

    def open_file(self, place: str, sealed: bytes) -> bytes:
        """Open what `seal_file` made. Raises SealBroken for anything else."""
        wrapped, rest = sealed[:_WRAPPED_BYTES], sealed[_WRAPPED_BYTES:]
        what = f"the file of {place}"
        key = _open(self._master, wrapped, _place(_FILE_KEY, place.encode()), f"key of {what}")
        return _open(AESGCM(key), rest, _place(_FILE, place.encode()), what)

    def canary(self) -> tuple[bytes, bytes]:
        """What an open vault keeps to know its keys again: (sealed, blind)."""
        return _seal(self._master, _CANARY, _place(_CANARY)), self._canary_blind()

    def knows(self, sealed: bytes, blind: bytes) -> None:
        """Raise SealBroken unless both keys are those that made this canary."""
        _open(self._master, sealed, _place(_CANARY), "canary (the master key is another)")
        if not hmac.compare_digest(blind, self._canary_blind()):
            raise SealBroken("the index key is another")

    def _canary_blind(self) -> bytes:
        return hmac.digest(self._index_key, _place(_CANARY), "sha256")


def _seal(cipher: AESGCM, plain: bytes, place: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + cipher.encrypt(nonce, plain, place)


def _open(cipher: AESGCM, sealed: bytes, place: bytes, what: str) -> bytes:
    if sealed[:1] != VERSION:
        raise SealBroken(f"{what} has a version that is not known here")
    nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, rest, place)
    except (InvalidTag, ValueError) as error:
        raise SealBroken(f"{what} does not open") from error


def _place(*parts: bytes) -> bytes:
    """Associated data: version, then each part behind its length in four bytes."""
    return VERSION + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _commitment(key: bytes) -> bytes:
    return hashlib.sha256(_place(_TEXT_KEY, key)).digest()


def _name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a name: lowercase letters, digits and _ only")
    return text
