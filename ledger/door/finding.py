"""Where what an auditor holds in their hand leads: an entry's number, an account, a volunteer's
number, a voucher's code, a certificate's number.

What is found is a number of an entry or an id, never a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger import account, codes
from ledger.book import Book
from ledger.codes import BadCode
from ledger.door import certificates
from ledger.door.vouchers import limited
from ledger.errors import Refused
from ledger.ids import is_id
from ledger.store import journal, queries, tables, vouchers
from ledger.store.projections import StoredRows

WRONG_CODES_MAX: Final = 40
"""How many codes that no voucher has one auditor may try in a window (trust §6)."""
_NUMBER: Final = re.compile(r"#?\s*(0|[1-9](?:[0-9 ,\u2009\u202f]*[0-9])?)")
_CERTIFICATE: Final = re.compile(rf"[{codes.ALPHABET}]{{{certificates.NUMBER_CHARACTERS}}}")
_ROLES: Final = ("volunteer", "organisation", "merchant", "staff", "branch", "terminal", "clerk")


class Lead(NamedTuple):
    """One thing that was meant, and where it stands."""

    what: str
    """`entry`, `account`, `volunteer`, `voucher`, `record`, `certificate`."""
    id: str
    owner: str = ""
    """Whose entries these are, where somebody's are."""
    entry: int = -1
    """The entry that made it or last changed it; −1 where it is an owner's."""


def leads_of(book: Book, by: str, typed: str) -> list[Lead]:
    """Everything that what was typed can mean, the nearest first; none where nothing is known.

    `by` is the address of whoever asks: wrong voucher codes are counted for them. Refuses with
    `too_many_attempts`.
    """
    normal = unicodedata.normalize("NFKC", typed).strip()
    with book.database.reading() as connection:
        found = [
            *_entry(connection, normal),
            *_owner(connection, normal),
            *_id(connection, normal),
            *_certificate(connection, normal),
        ]
    found += _volunteer(book, normal)
    if not found:
        found += _code(book, by, normal)
    return list(dict.fromkeys(found))


def _entry(connection: Connection, typed: str) -> Iterator[Lead]:
    matched = _NUMBER.fullmatch(typed)
    digits = re.sub(r"[^0-9]", "", matched[1]) if matched else ""
    if digits and len(digits) < 16 and int(digits) < journal.count(connection):
        yield Lead("entry", digits, entry=int(digits))


def _owner(connection: Connection, typed: str) -> Iterator[Lead]:
    """The owner of an account that was written whole, or an owner alone."""
    owner, _ = account.split(typed.lower())
    party = queries.party(connection, owner)
    balances = tables.balances
    if (
        party is not None
        or connection.execute(
            balances.select().where(balances.c.owner == owner).limit(1)
        ).fetchone()
    ):
        yield Lead("account", owner, owner=owner)


def _id(connection: Connection, typed: str) -> Iterator[Lead]:
    one = typed.lower()
    if not is_id(one):
        return
    for role in _ROLES:
        if queries.party(connection, f"{role}:{one}") is not None:
            yield Lead("volunteer" if role == "volunteer" else "account", one, f"{role}:{one}")
    redemption = queries.redemption(connection, one)
    if redemption is not None:
        yield Lead("voucher", one, account.volunteer(redemption.volunteer), redemption.since)
    record = queries.record(connection, one)
    if record is not None:
        yield Lead("record", one, account.volunteer(record.volunteer), record.since)


def _certificate(connection: Connection, typed: str) -> Iterator[Lead]:
    """By its number alone; whose it is, its entry does not say, and neither do we."""
    number = typed.upper().replace(" ", "").replace("-", "")
    if not _CERTIFICATE.fullmatch(number):
        return
    digest = certificates.digest_of(number)
    key = (f"certificate:{digest}", "issued")
    mark = StoredRows(connection).fetch("marks", [key]).get(key)
    if mark is not None:
        yield Lead("certificate", digest, entry=mark.since)


def _volunteer(book: Book, typed: str) -> Iterator[Lead]:
    """The registered volunteer with this number."""
    ids = book.vault.find("volunteer", "number", typed) if typed else []
    with book.database.reading() as connection:
        for one in ids:
            if queries.party(connection, account.volunteer(one)) is not None:
                yield Lead("volunteer", one, account.volunteer(one))


def _code(book: Book, by: str, typed: str) -> list[Lead]:
    """The voucher with this code, or with this address of a QR code."""
    try:
        code = codes.normalise(typed.rpartition("#")[2].partition(".")[0])
    except BadCode:
        return []

    def look() -> Lead:
        with book.database.reading() as connection:
            one = vouchers.redemption_of(connection, book.codes.fingerprint(code))
            found = queries.redemption(connection, one) if one else None
        if found is None:
            raise Refused("unknown_code", "no voucher has this code; check the digits")
        owner = account.volunteer(found.volunteer)
        return Lead("voucher", found.redemption, owner, found.since)

    try:
        return [limited(book, {by: WRONG_CODES_MAX}, look)]
    except Refused as no:
        if no.code != "unknown_code":
            raise
        return []
