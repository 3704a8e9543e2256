"""Vouchers and acceptances: what a till without a network reads, and what it keeps.

A voucher is a signed note of the ledger's voucher key: it names one reservation and one branch. An
acceptance is a signed note of a till's own key: it names the voucher that was taken, when, and by
which number of the till's own counting (docs/format.md §13). Neither names anybody. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger.account import POINT, TIME
from ledger.note import MalformedNote, Signer, Verifier, check_origin, open_note, sign_note

VOUCHER: Final = "sidereal/voucher@v1"
ACCEPTANCE: Final = "sidereal/acceptance@v1"
ITEM_CHARACTERS_MAX: Final = 40
"""Longer titles are cut, so that a voucher fits into a QR code that cheap cameras read."""
VOUCHER_BYTES_MAX: Final = 4_096
"""No voucher that a ledger signs is near this; a till reads no more."""
ACCEPTED_MAX: Final = 4_133_980_800_000
"""A till's clock stands before 2101 (ms): later times have no date that everybody can write."""
NOTHING: Final = "-"
"""Stands for a title or a rotating value that there is none of: a note keeps no empty line."""

_ID: Final = re.compile(r"[0-9a-hjkmnp-tv-z]{16}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_VALUE: Final = re.compile(r"-|[0-9]{6}")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """What a holder may take at `branch`, and until when. Times are ms.

    `amount` is hundredths of a point or minutes; `item` is for people to read.
    """

    origin: str
    redemption: str
    merchant: str
    branch: str
    quantity: int
    amount: int
    asset: str
    issued: int
    until: int
    """It can be taken before this."""
    upload_by: int
    """Who took it says so before this; until then the ledger keeps its value aside."""
    item: str

    def text(self) -> str:
        """The lines that are signed."""
        lines = (
            VOUCHER,
            self.origin,
            self.redemption,
            self.merchant,
            self.branch,
            str(self.quantity),
            f"{self.amount} {self.asset}",
            str(self.issued),
            str(self.until),
            str(self.upload_by),
            self.item,
        )
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A till took a voucher. `counter` counts from 1 within its session; `accepted` is ms by the
    till's clock; `value` the rotating value that the holder showed, "" for none."""

    origin: str
    session: str
    counter: int
    accepted: int
    value: str
    voucher: str
    """SHA-256 of the voucher's note, hex."""

    def text(self) -> str:
        """The lines that are signed."""
        lines = (
            ACCEPTANCE,
            self.origin,
            self.session,
            str(self.counter),
            str(self.accepted),
            self.value or NOTHING,
            self.voucher,
        )
        return "\n".join(lines) + "\n"


def item_of(title: str) -> str:
    """A title as a voucher says it: one line of at most `ITEM_CHARACTERS_MAX` characters."""
    line = " ".join("".join(each if each.isprintable() else " " for each in title).split())
    if len(line) > ITEM_CHARACTERS_MAX:
        line = line[: ITEM_CHARACTERS_MAX - 1] + "…"
    return line or NOTHING


def till_name(origin: str, session: str) -> str:
    """The name under which a till signs in a session."""
    return f"{origin}/till/{session}"


def sign_voucher(voucher: Voucher, signer: Signer) -> bytes:
    """The note to show. Raises MalformedNote for a voucher that no till would read."""
    note = sign_note(voucher.text(), [signer])
    _parse_voucher(voucher.text())
    return note


def open_voucher(note: bytes, verifiers: Iterable[Verifier]) -> Voucher:
    """The voucher, only if one of these keys signed it. Raises NoteRefused."""
    if len(note) > VOUCHER_BYTES_MAX:
        raise MalformedNote(f"a voucher has at most {VOUCHER_BYTES_MAX} bytes")
    return _parse_voucher(open_note(note, verifiers).text)


def sign_acceptance(acceptance: Acceptance, signer: Signer) -> bytes:
    """The note that a till keeps and uploads."""
    _parse_acceptance(acceptance.text())
    return sign_note(acceptance.text(), [signer])


def open_acceptance(note: bytes, verifiers: Iterable[Verifier]) -> Acceptance:
    """The acceptance, only if one of these keys signed it. Raises NoteRefused."""
    return _parse_acceptance(open_note(note, verifiers).text)


def digest_of(note: bytes) -> str:
    """SHA-256 of a note, hex: what an acceptance says of its voucher, an entry of its
    acceptance."""
    return sha256(note).hexdigest()


def as_shown(text: str) -> bytes:
    """The note behind a text that was scanned, typed or piped: where lines end, and whether the
    last one does, is lost on the way."""
    lines = text.replace("\r\n", "\n").strip("\n")
    return f"{lines}\n".encode("utf-8", "surrogatepass")


def _parse_voucher(text: str) -> Voucher:
    lines = text.split("\n")
    if len(lines) != 12 or lines[0] != VOUCHER or lines[11]:
        raise MalformedNote(f"a voucher is the line {VOUCHER} and ten more")
    amount, _, asset = lines[6].partition(" ")
    if asset not in (POINT, TIME):
        raise MalformedNote("a voucher's amount is of POINT or TIME")
    quantity = _number(lines[5])
    if quantity < 1:
        raise MalformedNote("a voucher is for at least one")
    return Voucher(
        origin=_origin(lines[1]),
        redemption=_matching(_ID, lines[2]),
        merchant=_matching(_ID, lines[3]),
        branch=_matching(_ID, lines[4]),
        quantity=quantity,
        amount=_number(amount),
        asset=asset,
        issued=_number(lines[7]),
        until=_number(lines[8]),
        upload_by=_number(lines[9]),
        item=_item(lines[10]),
    )


def _parse_acceptance(text: str) -> Acceptance:
    lines = text.split("\n")
    if len(lines) != 8 or lines[0] != ACCEPTANCE or lines[7]:
        raise MalformedNote(f"an acceptance is the line {ACCEPTANCE} and six more")
    value = _matching(_VALUE, lines[5])
    counter, accepted = _number(lines[3]), _number(lines[4])
    if counter < 1:
        raise MalformedNote("a till counts from 1")
    if accepted >= ACCEPTED_MAX:
        raise MalformedNote("a till's clock stands before 2101")
    return Acceptance(
        origin=_origin(lines[1]),
        session=_matching(_ID, lines[2]),
        counter=counter,
        accepted=accepted,
        value="" if value == NOTHING else value,
        voucher=_matching(_DIGEST, lines[6]),
    )


def _origin(line: str) -> str:
    check_origin(line)
    return line


def _item(line: str) -> str:
    if item_of(line) != line:
        raise MalformedNote("a voucher's item is one short line")
    return line


def _matching(pattern: re.Pattern[str], line: str) -> str:
    if pattern.fullmatch(line) is None:
        raise MalformedNote("a line is not what stands at its place")
    return line


def _number(line: str) -> int:
    found = int(_matching(_NUMBER, line))
    if found >= 2**53:
        raise MalformedNote("a number is too large")
    return found
