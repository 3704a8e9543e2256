"""Certificates of service 志愿服务记录证明: issued, checked by anybody, switched off by the holder.

What a certificate says is sealed in the vault under its holder's key; the ledger keeps a
commitment that names nobody. So a check needs the number, which is 128 random bits, and shows the
certified period only (trust §5; Order 67 arts. 14, 15, 17).
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final, Literal

from ledger import account
from ledger.actions.certificates import IssueCertificate
from ledger.book import SYSTEM, Book
from ledger.codes import ALPHABET
from ledger.door.asking import Asking
from ledger.door.tree import Tree, unknown_party
from ledger.door.vouchers import WINDOW_MS
from ledger.entry import canonical
from ledger.errors import Refused
from ledger.rows import Mark, Record
from ledger.sequencer import Receipt
from ledger.store import checks, queries
from ledger.store.vouchers import count_failure, failures
from ledger.vault import certificates

NUMBER_CHARACTERS: Final = 26
"""Five bits each: 128 random bits need 26."""
SALT_BYTES: Final = 16
CHECKS_MAX: Final = 60
"""So many checks in ten minutes from one network address, of IPv6 from one /64: a desk that checks
a queue's papers."""
CHECKS_OF_ALL_MAX: Final = 6_000
"""So many from everywhere: each writes two rows."""

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
    checks: int = 0
    """How often strangers have checked it, this time included."""
    checked_before: int = 0
    """When (ms) it was checked the last time before; 0 for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A certificate as its holder sees it: what it states, and what a check says of it whether or
    not that is shown. Its `checks` are those so far, `checked_before` the last of them."""

    opening: Mapping[str, Any] = field(repr=False)
    checked: Checked
    entry: int
    """Index of the entry that issued it, -1 where the ledger does not know it."""


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
    if opening is None or opening["shown"] != "yes":
        return Checked(state="unknown")
    return _judged(book, opening)[0]


def check_counted(book: Book, number: str, *, address: str) -> Checked:
    """As `check` for a stranger at a network address: counted, and the count is told, so that a
    holder sees that somebody looked. Refuses with `too_many_checks`."""
    _refuse_too_many(book, address)
    checked = check(book, number)
    if checked.state == "unknown":
        return checked
    times, before = checks.count(book.database, digest_of(number), book.clock.now_ms())
    return replace(checked, checks=times, checked_before=before)


def typed(text: str) -> str:
    """A number as somebody typed or pasted it, the whole address of a QR code included: read as
    codes are (I and L as 1, O as 0). What cannot be a number comes back as it is, and is unknown.
    """
    shown = unicodedata.normalize("NFKC", text).rpartition("#")[2]
    bare = "".join(each for each in shown.upper() if each.isalnum())
    return bare.replace("I", "1").replace("L", "1").replace("O", "0")


def grouped(number: str) -> str:
    """A number as people read it: `ABCDE-FGHJK-…`, the last group of six."""
    ends = [0, 5, 10, 15, 20, len(number)]
    return "-".join(number[start:end] for start, end in pairwise(ends))


def of(book: Book, volunteer: str) -> list[Held]:
    """A volunteer's own certificates, newest period first, with what a check would say of each."""
    found = [_held(book, opening) for opening in certificates.of(book.vault, volunteer)]
    return sorted(found, key=lambda one: (one.opening["last_day"], one.entry), reverse=True)


def at_entry(book: Book, volunteer: str, entry: int) -> Held:
    """A volunteer's certificate by the number of its entry, which may stand in an address. Refuses
    with `unknown_certificate`."""
    for one in of(book, volunteer):
        if one.entry == entry:
            return one
    raise Refused("unknown_certificate", "this volunteer has no certificate by this entry")


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
    return sum(
        each.paid for each in records_between(book, volunteer, organisation, first_day, last_day)
    )


def records_between(
    book: Book, volunteer: str, organisation: str, first_day: date, last_day: date
) -> list[Record]:
    """The records behind `minutes_between`, in order of check-in."""
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
        and each.paid
        and f"organisation:{each.organisation}" in units
        and (each.evidence == "check_in" or "certificate" in policy.backfill_counts_for)
    ]
    return sorted(counted, key=lambda each: (each.check_in, each.record))


def _held(book: Book, opening: Mapping[str, Any]) -> Held:
    checked, entry = _judged(book, opening)
    with book.database.reading() as connection:
        times, last = checks.counted(connection, digest_of(opening["number"]))
    checked = replace(checked, checks=times, checked_before=last)
    return Held(opening=opening, checked=checked, entry=entry)


def _judged(book: Book, opening: Mapping[str, Any]) -> tuple[Checked, int]:
    """What is so of an opened certificate, and the index of its entry, -1 where there is none."""
    stated = {name: value for name, value in opening.items() if name != "shown"}
    owner = f"certificate:{digest_of(stated['number'])}"
    with book.database.reading() as connection:
        mark: Mark | None = book.standing_in(connection).marks[owner, "issued"]
    # The vault alone does not vouch: what it says must be what the ledger committed to.
    if mark is None or mark.value != sha256(canonical(stated)).hexdigest():
        return Checked(state="unknown"), -1
    first, last = date.fromisoformat(stated["first_day"]), date.fromisoformat(stated["last_day"])
    current = minutes_between(book, stated["volunteer"], stated["organisation"], first, last)
    checked = Checked(
        state="valid" if current == stated["minutes"] else "superseded",
        first_day=stated["first_day"],
        last_day=stated["last_day"],
        certified_minutes=stated["minutes"],
        current_minutes=current,
        organisation=stated["organisation"],
    )
    return checked, mark.since


def _refuse_too_many(book: Book, address: str) -> None:
    """Count one more look from an address and from everywhere. Refuses with `too_many_checks`.

    What comes from an address that has had its share is not counted: nobody uses up what is left
    for everybody else.
    """
    limits = {
        f"checks:{book.codes.place(address)}": CHECKS_MAX,
        "checks": CHECKS_OF_ALL_MAX,
    }
    now = book.clock.now_ms()
    window = now // WINDOW_MS * WINDOW_MS
    with book.database.reading() as connection:
        before = failures(connection, list(limits), window)
    if all(before.get(scope, 0) < limit for scope, limit in limits.items()):
        counted = count_failure(book.database, list(limits), window)
        if all(counted[scope] <= limit for scope, limit in limits.items()):
            return
    wait = -(-(window + WINDOW_MS - now) // 1000)
    raise Refused(
        "too_many_checks",
        f"too many certificates were checked from here; try again in {wait} seconds",
        wait_seconds=wait,
    )


def digest_of(number: str) -> str:
    """What the ledger knows a certificate's number by."""
    return sha256(f"sidereal/certificate@v1\n{number}".encode()).hexdigest()


def _new_number() -> str:
    bits = secrets.randbits(5 * NUMBER_CHARACTERS)
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(NUMBER_CHARACTERS))
