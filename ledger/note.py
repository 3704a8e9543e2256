"""Signed notes, checkpoints and proofs, in the formats that other people's tools read.

Pure: keys come in as signers and verifiers. The formats are C2SP signed-note,
tlog-checkpoint and tlog-proof, narrowed where `docs/format.md` is narrower.
Whatever is not exactly in the format is refused, never repaired.
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from ledger.merkle import EMPTY_ROOT, HASH_BYTES, InvalidProof, verify_inclusion

ED25519 = 1
"""The signature type of plain Ed25519 notes, the one that a VKEY of ours names."""

KEY_ID_BYTES = 4
ORIGIN_BYTES_MAX = 255
NOTE_BYTES_MAX = 1_000_000
SIGNATURES_MAX = 100
PROOF_HEADER = "c2sp.org/tlog-proof@v1"

_SIZE_MAX = 2**53 - 1
_PROOF_HASHES_MAX = 63
_COSIGNATURE_BYTES = 8 + 64
_SIGNATURE_LINE = re.compile("— ([^ ]+) ([^ ]+)")
# In UTF-8 no byte below 0x20 is part of another character.
_CONTROL_BYTE = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_SPACE_OR_PLUS = re.compile(r"[\s+]")
_CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DECIMAL = re.compile("0|[1-9][0-9]{0,15}")


class NoteRefused(Exception):
    """A note, checkpoint, proof or key is not accepted; the sentence says why."""


class MalformedNote(NoteRefused):
    """The bytes are not in the format."""


class InvalidSignature(NoteRefused):
    """A signature is not of the text by the key that it names. Verifiers raise this."""


class UnknownSigners(NoteRefused):
    """Nobody we know has signed."""


class Signer(Protocol):
    """A key that can sign notes. `key_id` is four bytes; `sign` gives the bare signature."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    def sign(self, message: bytes) -> bytes: ...


class Verifier(Protocol):
    """A key that can check notes; `verify` raises InvalidSignature, or returns nothing."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    def verify(self, message: bytes, signature: bytes) -> None: ...


# Notes


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedNote:
    """A note's text and the keys, (name, key id), whose signatures of it were verified."""

    text: str
    keys: tuple[tuple[str, bytes], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of those keys, in the order of their lines; one name may have two keys."""
        return tuple(name for name, _ in self.keys)


def sign_note(text: str, signers: Sequence[Signer]) -> bytes:
    """`text`, an empty line, and one line a signer. `text` ends with a newline.

    Raises MalformedNote for a text that no note can hold, ValueError without signers.
    """
    if not signers:
        raise ValueError("a note has at least one signer")
    message = _encode_note(text)
    if not text.endswith("\n"):
        raise MalformedNote("a note's text ends with a newline")
    lines = []
    for signer in signers:
        check_key_name(signer.name)
        stamp = b64encode(signer.key_id + signer.sign(message)).decode("ascii")
        lines.append(f"— {signer.name} {stamp}\n")
    return message + b"\n" + "".join(lines).encode()


def open_note(note: bytes, verifiers: Iterable[Verifier]) -> OpenedNote:
    """The text of a note that somebody we know has signed.

    Lines of unknown (name, key id) are ignored. Raises MalformedNote for bytes
    that are no note, InvalidSignature when the line of a known key fails, even
    beside good ones, and UnknownSigners when no known key has signed. At least
    16 and at most 100 signature lines are read.
    """
    text, lines = _split_note(note)
    message = text.encode()
    known = _by_key(verifiers)
    verified: dict[tuple[str, bytes], None] = {}
    for line in lines:
        name, key_id, signature = _parse_signature_line(line)
        verifier = known.get((name, key_id))
        if verifier is not None:
            verifier.verify(message, signature)
            verified[name, key_id] = None
    if not verified:
        raise UnknownSigners("no key that we know has signed this note")
    return OpenedNote(text=text, keys=tuple(verified))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """Whose signature a line says it is. Nothing here was verified."""

    name: str
    key_id: bytes
    time: int = 0
    """Of a witness's cosignature: seconds since 1970, as the witness says; else 0."""


def signature_lines(note: bytes) -> list[SignatureLine]:
    """Who says to have signed a note, in the order of its lines. Raises MalformedNote."""
    return [_described(*_parse_signature_line(line)) for line in _split_note(note)[1]]


def _described(name: str, key: bytes, signature: bytes) -> SignatureLine:
    # C2SP tlog-cosignature: a witness puts eight bytes of time before its Ed25519 signature.
    is_cosignature = len(signature) == _COSIGNATURE_BYTES
    time = int.from_bytes(signature[:8], "big") if is_cosignature else 0
    return SignatureLine(name=name, key_id=key, time=time)


def _by_key(verifiers: Iterable[Verifier]) -> dict[tuple[str, bytes], Verifier]:
    """Two verifiers of one name and id would leave open which of them must be content."""
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.name, verifier.key_id), verifier) is not verifier:
            raise ValueError(f"two verifiers are named {verifier.name} with the same key id")
    return known


def _split_note(note: bytes) -> tuple[str, list[str]]:
    """Text and signature lines: the text ends where the last empty line stands."""
    if len(note) > NOTE_BYTES_MAX:
        raise MalformedNote(f"a note has at most {NOTE_BYTES_MAX} bytes, not {len(note)}")
    whole = _decode_note(note)
    end = whole.rfind("\n\n") + 1
    if end == 0:
        raise MalformedNote("a note has an empty line between its text and its signatures")
    text, signatures = whole[:end], whole[end + 1 :]
    if not signatures.endswith("\n"):
        raise MalformedNote("a note ends with a signature line and a newline")
    lines = signatures[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise MalformedNote(f"a note has at most {SIGNATURES_MAX} signatures, not {len(lines)}")
    return text, lines


def _parse_signature_line(line: str) -> tuple[str, bytes, bytes]:
    """The key's name, the key's id, the signature."""
    found = _SIGNATURE_LINE.fullmatch(line)
    if found is None:
        raise MalformedNote("a signature line is not `— name base64`")
    name, stamp = found.groups()
    check_key_name(name)
    decoded = decode_base64(stamp)
    if len(decoded) <= KEY_ID_BYTES:
        raise MalformedNote("a signature line holds no signature")
    return name, decoded[:KEY_ID_BYTES], decoded[KEY_ID_BYTES:]


def _encode_note(text: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise MalformedNote("a note is valid Unicode") from None
    _refuse_control_bytes(data)
    return data


def _decode_note(note: bytes) -> str:
    _refuse_control_bytes(note)
    try:
        return note.decode()
    except UnicodeDecodeError:
        raise MalformedNote("a note is valid UTF-8") from None


def _refuse_control_bytes(data: bytes) -> None:
    if _CONTROL_BYTE.search(data):
        raise MalformedNote("a note has no control characters but newlines")


# Names and keys


def check_origin(name: str) -> None:
    """Raise NoteRefused unless `name` can be a log's origin, and so a key's name.

    1 to 255 bytes of UTF-8 without a space of any kind, a plus or a control character.
    """
    check_key_name(name)
    length = len(name.encode())
    if length > ORIGIN_BYTES_MAX:
        raise NoteRefused(f"an origin has at most {ORIGIN_BYTES_MAX} bytes, not {length}")


def check_key_name(name: str) -> None:
    """Raise NoteRefused unless `name` can stand in a signature line and in a VKEY."""
    if not name:
        raise NoteRefused("a key's name is empty")
    if _SPACE_OR_PLUS.search(name):
        raise NoteRefused("a key's name has no space and no plus")
    if _CONTROL_CHARACTER.search(name):
        raise NoteRefused("a key's name has no control character")


def key_id(name: str, public_key: bytes, signature_type: int = ED25519) -> bytes:
    """The first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key)."""
    return sha256(b"%s\n%c%s" % (name.encode(), signature_type, public_key)).digest()[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """What a VKEY says: an Ed25519 public key of 32 bytes and the name it signs under."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public_key) != 32:
            raise NoteRefused(f"an Ed25519 public key has 32 bytes, not {len(self.public_key)}")

    @property
    def key_id(self) -> bytes:
        """Four bytes that together with the name say which key signed."""
        return key_id(self.name, self.public_key)


def vkey(name: str, public_key: bytes) -> str:
    """`name+8 hex+base64(0x01 ‖ public key)`: how a public key is handed to people."""
    key = VerifierKey(name=name, public_key=public_key)
    return f"{name}+{key.key_id.hex()}+{encode_base64(bytes([ED25519]) + public_key)}"


def parse_vkey(text: str) -> VerifierKey:
    """Read what `vkey` writes; raise NoteRefused for any other spelling or another type of key."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise MalformedNote("a verifier key is `name+8 hex+base64`")
    name, hex_id, encoded = parts
    typed_key = decode_base64(encoded)
    if len(typed_key) != 33 or typed_key[0] != ED25519:
        raise MalformedNote("a verifier key is the byte 01 and 32 bytes of Ed25519 public key")
    key = VerifierKey(name=name, public_key=typed_key[1:])
    if key.key_id.hex() != hex_id:
        raise MalformedNote("the id in a verifier key is not that of its name and key")
    return key


# Checkpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The tree of `size` entries of the log `origin` has this `root` (32 bytes).

    `extensions` are further lines that others may have added; ours has none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_origin(self.origin)
        if not 0 <= self.size <= _SIZE_MAX:
            raise MalformedNote(f"a checkpoint's size is 0 to 2^53 - 1, not {self.size}")
        if len(self.root) != HASH_BYTES:
            raise MalformedNote(f"a root has 32 bytes, not {len(self.root)}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise MalformedNote("the root of a log without entries is the hash of nothing")
        if any(not line or "\n" in line for line in self.extensions):
            raise MalformedNote("an extension line is one line and not empty")

    def text(self) -> str:
        """The text that is signed: origin, size, root, each with a newline."""
        lines = [self.origin, str(self.size), encode_base64(self.root), *self.extensions]
        return "\n".join(lines) + "\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text, without its signatures; raise MalformedNote for anything else."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "":
        raise MalformedNote("a checkpoint is three lines or more, each ended by a newline")
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin=origin,
        size=_parse_decimal(size),
        root=decode_base64(root),
        extensions=tuple(extensions),
    )


def open_checkpoint(note: bytes, origin: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint of `origin` in a note that a key named `origin` has signed.

    A witness's signature alone is not enough: what a log says, its own key says.
    Raises NoteRefused.
    """
    opened = open_note(note, verifiers)
    checkpoint = parse_checkpoint(opened.text)
    if checkpoint.origin != origin:
        raise NoteRefused(f"this is a checkpoint of {checkpoint.origin}, not of {origin}")
    if origin not in opened.names:
        raise UnknownSigners(f"no key named {origin} that we know has signed this checkpoint")
    return checkpoint


# Proofs


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """Entry `index` is in the log: the hashes from leaf to root, and a checkpoint as signed."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.index <= _SIZE_MAX:
            raise MalformedNote(f"an index is 0 to 2^53 - 1, not {self.index}")
        if len(self.hashes) > _PROOF_HASHES_MAX:
            raise MalformedNote(f"a proof has at most 63 hashes, not {len(self.hashes)}")
        if any(len(each) != HASH_BYTES for each in self.hashes):
            raise MalformedNote("a hash of a proof has 32 bytes")

    def to_bytes(self) -> bytes:
        """`c2sp.org/tlog-proof@v1`, `index N`, a hash a line, an empty line, the checkpoint."""
        lines = [PROOF_HEADER, f"index {self.index}", *map(encode_base64, self.hashes)]
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint


def parse_proof(data: bytes) -> TlogProof:
    """Read what `TlogProof.to_bytes` writes; raise MalformedNote for anything else.

    The checkpoint is kept as it is, opened by nobody yet. A line of extra data,
    which the public format allows, is refused: ours has none, and nothing signs it.
    """
    head, empty_line, checkpoint = data.partition(b"\n\n")
    if not empty_line or not checkpoint:
        raise MalformedNote("a proof has an empty line and a checkpoint after it")
    if not head.isascii():
        raise MalformedNote("a proof is ASCII up to its checkpoint")
    lines = head.decode("ascii").split("\n")
    if lines[0] != PROOF_HEADER:
        raise MalformedNote(f"a proof begins with the line {PROOF_HEADER}")
    if len(lines) < 2 or not lines[1].startswith("index "):
        raise MalformedNote("the second line of a proof is `index` and a number")
    return TlogProof(
        index=_parse_decimal(lines[1].removeprefix("index ")),
        hashes=tuple(decode_base64(line) for line in lines[2:]),
        checkpoint=checkpoint,
    )


def verify_proof(
    data: bytes, *, leaf: bytes, origin: str, verifiers: Iterable[Verifier]
) -> tuple[TlogProof, Checkpoint]:
    """The proof and its opened checkpoint, only if it shows `leaf` in the log `origin`.

    Whoever holds the entry must still compare the index inside its bytes with the proof's.
    Raises NoteRefused for a proof or checkpoint, InvalidProof for a way that leads elsewhere.
    """
    proof = parse_proof(data)
    checkpoint = open_checkpoint(proof.checkpoint, origin, verifiers)
    if proof.index >= checkpoint.size:
        raise InvalidProof(f"the checkpoint does not reach entry {proof.index}")
    verify_inclusion(
        leaf=leaf,
        index=proof.index,
        size=checkpoint.size,
        proof=proof.hashes,
        root=checkpoint.root,
    )
    return proof, checkpoint


# Helpers


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Exactly what `encode_base64` writes; raise MalformedNote for any other spelling."""
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote("this is not base64") from None
    # The last character has bits to spare, so several spellings decode alike: one is right.
    if encode_base64(data) != text:
        raise MalformedNote("this is not canonical base64")
    return data


def _parse_decimal(text: str) -> int:
    if _DECIMAL.fullmatch(text) is None:
        raise MalformedNote("a number is written in decimal digits without leading zeroes")
    return int(text)
