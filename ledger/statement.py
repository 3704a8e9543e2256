"""A volunteer's statement: one text file that another ledger can check (docs/statement.md).

A signed note says whose records these are and what they add up to; behind it stand the checkpoint
and the entries themselves, each with its way to the checkpoint's root. What a file says is
believed only where an entry under the pinned key says the same. Pure: keys come in as signers and
verifiers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final, NamedTuple

import orjson

from ledger.account import ISSUERS, SERVICE, service_of
from ledger.actions.service import EVIDENCE
from ledger.entry import ENTRY_BYTES_MAX, KINDS, VERSION, canonical, leaf_hash
from ledger.errors import Refused
from ledger.ids import is_id
from ledger.merkle import HASH_BYTES, InvalidProof, verify_inclusion
from ledger.note import (
    Checkpoint,
    NoteRefused,
    Signer,
    Verifier,
    decode_base64,
    encode_base64,
    open_checkpoint,
    open_note,
    sign_note,
)

FORMAT: Final = "sidereal/statement@v1"
STATEMENT_BYTES_MAX: Final = 900_000
"""So that a statement fits into a request of a megabyte, where each line break costs two bytes."""
DAY_MS: Final = 86_400_000

_DECIMAL: Final = re.compile("0|[1-9][0-9]{0,15}")
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_HASHES_MAX: Final = 63
_EARLIEST: Final = 946_684_800_000
"""2000-01-01 UTC: no rules are in force before."""
_LATEST: Final = 4_133_980_800_000
"""2101-01-01 UTC."""
_FIELDS: Final = frozenset(
    "v origin index prev time kind actor auth idem salt rules policy facts postings".split()
)
_TOLD: Final = ("genesis", "service_recorded", "service_confirmed")
"""The only kinds that a statement holds."""


class Proven(NamedTuple):
    """An entry's exact bytes and the hashes from its leaf to the checkpoint's root."""

    index: int  # type: ignore[assignment]  # the journal's word; nobody searches a tuple here
    data: bytes
    hashes: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRecord:
    """An effective record as its entries say. Times in ms; `minutes` is what it brought."""

    record: str
    organisation: str
    evidence: str
    starts: int
    ends: int
    check_in: int
    check_out: int
    minutes: int
    hash: str
    """Leaf hash of its `service_recorded` entry, hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a statement says, once everything in it was checked."""

    digest: str
    """SHA-256 of the whole file, hex."""
    origin: str
    size: int
    """Entries of the other ledger that it speaks of."""
    volunteer: str
    """Their id there."""
    minutes: Mapping[str, int]
    """By evidence: check_in, backfill."""
    records: tuple[StatedRecord, ...]
    """In the order in which they were paid."""


def build(
    *,
    origin: str,
    size: int,
    volunteer: str,
    records: int,
    minutes: Mapping[str, int],
    checkpoint: bytes,
    entries: Sequence[Proven],
    signer: Signer,
) -> bytes:
    """The file of a statement. `entries` begin with the genesis and rise by index; `minutes` are
    by evidence; `checkpoint` is the signed note of `size` entries; `signer` the manifest key."""
    lines = [f"checkpoint {encode_base64(checkpoint)}"]
    for entry in entries:
        lines.append(f"entry {entry.index} {encode_base64(entry.data)}")
        lines += map(encode_base64, entry.hashes)
    body = "".join(f"{line}\n" for line in lines).encode()
    head = [FORMAT, origin, str(size), volunteer, f"records {records}"]
    head += [f"{evidence} {minutes[evidence]}" for evidence in EVIDENCE]
    head.append(f"body {sha256(body).hexdigest()}")
    return sign_note("".join(f"{line}\n" for line in head), [signer]) + b"\n" + body


def open_statement(
    data: bytes, *, log: Verifier, verifier: Callable[[str, bytes], Verifier]
) -> Statement:
    """What a statement says, only if all of it holds. `log` is the pinned key of the other ledger,
    `verifier` makes one from a name and a raw public key.

    1. At most `STATEMENT_BYTES_MAX` bytes; a header, one signature line and a body.
    2. The body is the one whose digest the header names.
    3. The checkpoint: signed by the pinned key, of the header's origin and size.
    4. Each entry: canonical bytes, of this origin, at the index that its way leads from to the
       checkpoint's root; indexes rise.
    5. Entry 0 is the genesis, its log key the pinned one.
    6. The header is signed by the genesis entry's manifest key, under the name origin/manifest.
    7. Every other entry records or confirms a session of this volunteer, and its postings bring
       what it says.
    8. Count and minutes by evidence are the header's.

    Refuses with `statement_invalid`; the fact `part` says where: size, header, body, checkpoint,
    entries, genesis, signature, sums.
    """
    note, body = _split(data)
    head = _head(note)
    if sha256(body).hexdigest() != head.body:
        raise _invalid("body", "its body is not the one that its header names")
    checkpoint_note, proven = _body(body)
    checkpoint = _checkpoint(checkpoint_note, head, log)
    entries = [_entry(each, head.origin, checkpoint) for each in proven]
    _check_genesis(entries, log, note, verifier)
    records = _records(entries[1:], head.volunteer)
    minutes = {
        evidence: sum(each.minutes for each in records if each.evidence == evidence)
        for evidence in EVIDENCE
    }
    if len(records) != head.records or minutes != head.minutes:
        raise _invalid("sums", "its header does not add up to its records")
    return Statement(
        digest=sha256(data).hexdigest(),
        origin=head.origin,
        size=head.size,
        volunteer=head.volunteer,
        minutes=minutes,
        records=tuple(records),
    )


# The file -----------------------------------------------------------------------------------------


class _Head(NamedTuple):
    origin: str
    size: int
    volunteer: str
    records: int
    minutes: dict[str, int]
    body: str


def _split(data: bytes) -> tuple[bytes, bytes]:
    """The signed note and the body (step 1)."""
    if len(data) > STATEMENT_BYTES_MAX:
        raise _invalid("size", f"a statement has at most {STATEMENT_BYTES_MAX} bytes")
    parts = data.split(b"\n\n", 2)
    if len(parts) != 3 or b"\n" in parts[1]:
        raise _invalid("header", "it is not a header, one signature line and a body")
    text, signature, body = parts
    return text + b"\n\n" + signature + b"\n", body


def _head(note: bytes) -> _Head:
    """The header's lines, believed by nobody yet."""
    try:
        lines = note.partition(b"\n\n")[0].decode().split("\n")
    except UnicodeDecodeError:
        raise _invalid("header", "its header is not UTF-8") from None
    if len(lines) != 6 + len(EVIDENCE) or lines[0] != FORMAT:
        raise _invalid("header", f"it does not begin as {FORMAT} does")
    origin, size, volunteer = lines[1:4]
    if not is_id(volunteer):
        raise _invalid("header", "the volunteer's id is none")
    records = _number_after("records", lines[4])
    minutes = {
        name: _number_after(name, line) for name, line in zip(EVIDENCE, lines[5:-1], strict=True)
    }
    label, _, digest = lines[-1].partition(" ")
    if label != "body" or not _DIGEST.fullmatch(digest):
        raise _invalid("header", "its last line is `body` and a digest")
    return _Head(origin, _decimal(size), volunteer, records, minutes, digest)


def _number_after(label: str, line: str) -> int:
    found, _, number = line.partition(" ")
    if found != label:
        raise _invalid("header", f"a line of its header is not `{label}` and a number")
    return _decimal(number)


def _decimal(text: str, part: str = "header") -> int:
    if not _DECIMAL.fullmatch(text):
        raise _invalid(part, "a number in it is not written in plain digits")
    return int(text)


def _body(body: bytes) -> tuple[bytes, list[Proven]]:
    """The signed checkpoint and the entries with their ways, as they are written."""
    if not body.isascii() or not body.endswith(b"\n"):
        raise _invalid("body", "its body is lines of ASCII")
    first, *lines = body[:-1].decode("ascii").split("\n")
    label, _, written = first.partition(" ")
    if label != "checkpoint":
        raise _invalid("body", "its body begins with `checkpoint` and base64")
    checkpoint = _base64(written, "checkpoint")
    found: list[Proven] = []
    hashes: list[bytes] = []
    for line in lines:
        if line.startswith("entry "):
            _, index, data = (*line.split(" "), "", "")[:3]
            hashes = []
            found.append(Proven(_decimal(index, "entries"), _base64(data, "entries"), hashes))
            if line.count(" ") != 2:
                raise _invalid("entries", "an entry's line is `entry`, its index and base64")
        elif not found or len(hashes) >= _HASHES_MAX:
            raise _invalid("body", "a line of it belongs to no entry")
        else:
            hashes.append(_base64(line, "entries"))
            if len(hashes[-1]) != HASH_BYTES:
                raise _invalid("entries", f"a hash has {HASH_BYTES} bytes")
    indexes = [each.index for each in found]
    if any(after <= before for before, after in pairwise(indexes)):
        raise _invalid("entries", "its entries do not rise by index")
    return checkpoint, found


def _base64(text: str, part: str) -> bytes:
    try:
        return decode_base64(text)
    except NoteRefused:
        raise _invalid(part, "something in it is not base64 as it should be") from None


# What it must show --------------------------------------------------------------------------------


def _checkpoint(note: bytes, head: _Head, log: Verifier) -> Checkpoint:
    """Step 3."""
    if head.origin != log.name:
        raise _invalid("checkpoint", "it comes from another ledger than the key that was given")
    try:
        checkpoint = open_checkpoint(note, log.name, [log])
    except NoteRefused as refused:
        raise _invalid("checkpoint", str(refused)) from None
    if checkpoint.size != head.size:
        raise _invalid("checkpoint", "its checkpoint is not of the size that its header names")
    return checkpoint


def _entry(proven: Proven, origin: str, checkpoint: Checkpoint) -> dict[str, Any]:
    """Step 4: the fields of an entry that is in the log."""
    data = proven.data
    place = f"entry {proven.index}"
    if len(data) > ENTRY_BYTES_MAX:
        raise _invalid("entries", f"{place} is longer than any entry")
    try:
        verify_inclusion(
            leaf=leaf_hash(data),
            index=proven.index,
            size=checkpoint.size,
            proof=proven.hashes,
            root=checkpoint.root,
        )
    except InvalidProof as invalid:
        raise _invalid("entries", f"{place} is not shown to be in the log: {invalid}") from None
    try:
        fields = orjson.loads(data)
        is_canonical = canonical(fields) == data
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        raise _invalid("entries", f"{place} is not the JSON of an entry") from None
    if not is_canonical or type(fields) is not dict or fields.keys() != _FIELDS:
        raise _invalid("entries", f"{place} is not written as an entry is")
    expected = {"v": VERSION, "origin": origin, "index": proven.index}
    if canonical({name: fields[name] for name in expected}) != canonical(expected):
        raise _invalid("entries", f"{place} is of another ledger, version or index")
    kind, facts, postings = fields["kind"], fields["facts"], fields["postings"]
    if type(postings) is not list or type(kind) is not str or kind not in _TOLD:
        raise _invalid("entries", f"{place} is of a kind that no statement holds")
    shape = KINDS[kind]
    if type(facts) is not dict or facts.keys() != shape.keys():
        raise _invalid("entries", f"{place} has not the facts of its kind")
    if any(type(facts[name]) is not wanted for name, wanted in shape.items()):
        raise _invalid("entries", f"{place} has a fact of another type")
    return fields


def _check_genesis(
    entries: Sequence[Mapping[str, Any]],
    log: Verifier,
    note: bytes,
    verifier: Callable[[str, bytes], Verifier],
) -> None:
    """Steps 5 and 6."""
    if not entries or entries[0]["index"] != 0 or entries[0]["kind"] != "genesis":
        raise _invalid("genesis", "its first entry is not the other ledger's first")
    facts = entries[0]["facts"]
    if not all(_DIGEST.fullmatch(facts[name]) for name in ("log_key", "manifest_key")):
        raise _invalid("genesis", "its genesis entry names no keys")
    try:
        first = verifier(log.name, bytes.fromhex(facts["log_key"]))
        manifest = verifier(f"{log.name}/manifest", bytes.fromhex(facts["manifest_key"]))
        if first.key_id != log.key_id:
            raise _invalid("genesis", "the log's first key is not the key that was given")
        open_note(note, [manifest])
    except NoteRefused as refused:
        raise _invalid("signature", str(refused)) from None
    except ValueError:
        raise _invalid("genesis", "its genesis entry holds a key that is none") from None


def _records(entries: Sequence[Mapping[str, Any]], volunteer: str) -> list[StatedRecord]:
    """Step 7: the effective records, in the order in which they were paid: a record brought what
    those before it had left, so that only in this order each brings as much again."""
    waiting: dict[str, Mapping[str, Any]] = {}
    found: dict[str, StatedRecord] = {}
    for fields in entries:
        facts = fields["facts"]
        record = facts.get("record", "")
        if not is_id(record) or facts.get("volunteer") != volunteer:
            raise _invalid("entries", f"entry {fields['index']} is not about this volunteer")
        if fields["kind"] == "service_confirmed":
            first = waiting.pop(record, None)
            if first is None or first["facts"]["organisation"] != facts["organisation"]:
                raise _invalid("entries", "a session is confirmed that was not held before")
            found[record] = _stated(first, fields)
        elif fields["kind"] != "service_recorded" or record in found or record in waiting:
            raise _invalid("entries", "a record in it stands twice, or is none")
        elif facts["outcome"] == "effective":
            found[record] = _stated(fields, fields)
        else:
            # Its confirmation must follow.
            waiting[record] = fields
    if waiting:
        raise _invalid("entries", "a session in it is held and was never confirmed")
    return list(found.values())


def _stated(recorded: Mapping[str, Any], paid: Mapping[str, Any]) -> StatedRecord:
    """A record from the entry that tells of the session and the one that brought its minutes."""
    facts, minutes = recorded["facts"], paid["facts"]["minutes"]
    times = [facts[name] for name in ("starts", "ends", "check_in", "check_out")]
    whole = all(_EARLIEST <= each < _LATEST for each in times)
    if (
        not whole
        or not 0 < facts["check_out"] - facts["check_in"] <= DAY_MS
        or facts["evidence"] not in EVIDENCE
        or not is_id(facts["organisation"])
    ):
        raise _invalid("entries", f"entry {recorded['index']} tells of no session")
    served = {
        "source": ISSUERS[SERVICE],
        "destination": service_of(facts["volunteer"], facts["evidence"]),
        "asset": SERVICE,
        "amount": minutes,
    }
    brought = [each for each in paid["postings"] if _moves_service(each)]
    # Compared as bytes: in Python true is 1.
    if not 0 < minutes <= facts["minutes"] or canonical(brought) != canonical([served]):
        raise _invalid("entries", f"entry {paid['index']} does not bring the minutes it says")
    return StatedRecord(
        record=facts["record"],
        organisation=facts["organisation"],
        evidence=facts["evidence"],
        starts=facts["starts"],
        ends=facts["ends"],
        check_in=facts["check_in"],
        check_out=facts["check_out"],
        minutes=minutes,
        hash=leaf_hash(canonical(dict(recorded))).hex(),
    )


def _moves_service(posting: object) -> bool:
    return type(posting) is dict and posting.get("asset") == SERVICE


def _invalid(part: str, sentence: str) -> Refused:
    return Refused("statement_invalid", f"this statement cannot be accepted: {sentence}", part=part)
