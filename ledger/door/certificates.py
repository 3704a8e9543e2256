"""Certificates of service 志愿服务记录证明: issued, checked by anybody, switched off by the holder.

What a certificate says is sealed in the vault under its holder's key; the ledger keeps a
commitment that names nobody. So a check needs the number, which is 128 random bits, and shows the
certified period only (trust §5; Order 67 arts. 14, 15, 17).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final, Literal

from ledger import account
from ledger.actions import IssueCertificate
from ledger.book import SYSTEM, Book
from ledger.codes import ALPHABET
from ledger.door.asking import Asking
from ledger.door.tree import Tree, unknown_party
from ledger.entry import canonical
from ledger.errors import Refused
from ledger.rows import Mark
from ledger.sequencer import Receipt
from ledger.store import queries
from ledger.vault import certificates

NUMBER_CHARACTERS: Final = 26
"""Five bits each: 128 random bits need 26."""
SALT_BYTES: Final = 16

State = Literal["valid", "superseded", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What anybody learns from a certificate's number.

    `superseded`: the records of the period come to `current_minutes` by now.
    """

    state: State
    first_day: str = ""
    last_day: str = ""
    certified_minutes: int = 0
    current_minutes: int = 0
    organisation: str = ""


def issue(
    ask: Asking,
    *,
    volunteer: str,
    organisation: str,
    first_day: date,
    last_day: date,
    content: str,
    fee_cents: int = 0,
) -> tuple[Receipt, str]:
    """A certificate of a volunteer's service from `first_day` to `last_day`, both included; the
    receipt and the number.

    Who organises service records it, and who records it certifies it (Order 67 arts. 15, 17): its
    minutes are those of effective records at `organisation` or one below it whose check-in lies in
    that period. Backfilled ones count where policy says so (domain §10 P16); records that came over
    from another ledger count for nobody here. Refuses with `certificate_incomplete`,
    `certificate_is_free`, `unknown_party`, `bad_time`.
    """
    book = ask.book
    tree = Tree(book, ask.caller)
    tree.refuse_unless_ours(account.volunteer(volunteer))
    if tree.party(f"organisation:{organisation}") is None:
        raise unknown_party(f"organisation:{organisation}")
    if last_day < first_day:
        raise Refused("bad_time", "the last day is before the first; swap them")
    number = _new_number()
    opening = {
        "number": number,
        "salt": secrets.token_hex(SALT_BYTES),
        "volunteer": volunteer,
        "organisation": organisation,
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat(),
        "minutes": minutes_between(book, volunteer, organisation, first_day, last_day),
        "content": content,
    }
    action = IssueCertificate(
        certificate=digest_of(number),
        commitment=sha256(canonical(opening)).hexdigest(),
        organisation=organisation,
        minutes=int(str(opening["minutes"])),
        content=bool(content.strip()),
        fee_cents=fee_cents,
    )
    # Recorded as the ledger's own act: a volunteer who prints it at home must not be named. Sealed
    # only once the entry stands; a crash in between leaves a number that nobody was told.
    key = f"certificate-{ask.idem.hex()}"
    receipt = book.record(action, caller=SYSTEM, key=key, request=ask.request)
    if not receipt.replayed:
        certificates.keep(book.vault, volunteer, number, opening | {"shown": "yes"})
    return receipt, number


def check(book: Book, number: str) -> Checked:
    """What the public learns of a certificate (Order 67 art. 17; domain §12 T23)."""
    opening = certificates.find(book.vault, number)
    if opening is None or opening.pop("shown") != "yes":
        return Checked(state="unknown")
    owner = f"certificate:{digest_of(number)}"
    with book.database.reading() as connection:
        mark: Mark | None = book.standing_in(connection).marks[owner, "issued"]
    # The vault alone does not vouch: what it says must be what the ledger committed to.
    if mark is None or mark.value != sha256(canonical(opening)).hexdigest():
        return Checked(state="unknown")
    first, last = date.fromisoformat(opening["first_day"]), date.fromisoformat(opening["last_day"])
    current = minutes_between(book, opening["volunteer"], opening["organisation"], first, last)
    return Checked(
        state="valid" if current == opening["minutes"] else "superseded",
        first_day=opening["first_day"],
        last_day=opening["last_day"],
        certified_minutes=opening["minutes"],
        current_minutes=current,
        organisation=opening["organisation"],
    )


def of(book: Book, volunteer: str) -> list[dict[str, Any]]:
    """A volunteer's own certificates, newest period first."""
    found = certificates.of(book.vault, volunteer)
    return sorted(found, key=lambda each: (each["last_day"], each["number"]), reverse=True)


def show(book: Book, volunteer: str, number: str, *, shown: bool) -> None:
    """The holder switches the public check of a certificate off, or on again. Refuses with
    `unknown_certificate`."""
    opening = certificates.find(book.vault, number)
    if opening is None or opening["volunteer"] != volunteer:
        raise Refused("unknown_certificate", "you have no certificate with this number")
    opening["shown"] = "yes" if shown else "no"
    certificates.replace(book.vault, volunteer, number, opening)


def minutes_between(
    book: Book, volunteer: str, organisation: str, first_day: date, last_day: date
) -> int:
    """Certified minutes: what effective records at an organisation or one below it, with check-in
    in the period, have brought."""
    policy = book.policy()
    start = policy.first_instant(first_day)
    end = policy.first_instant(last_day + timedelta(days=1))
    with book.database.snapshot() as connection:
        records = book.standing_in(connection).sessions_between(volunteer, start, end)
        units = set(queries.organisations_below(connection, f"organisation:{organisation}"))
    counted = [
        each
        for each in records
        if each.state == "effective"
        and f"organisation:{each.organisation}" in units
        and (each.evidence == "check_in" or "certificate" in policy.backfill_counts_for)
    ]
    return sum(each.paid for each in counted)


def digest_of(number: str) -> str:
    """What the ledger knows a certificate's number by."""
    return sha256(f"sidereal/certificate@v1\n{number}".encode()).hexdigest()


def _new_number() -> str:
    bits = secrets.randbits(5 * NUMBER_CHARACTERS)
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(NUMBER_CHARACTERS))
