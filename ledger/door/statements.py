"""Statements: a volunteer's records leave for another ledger, or come from one
(docs/statement.md; domain §1 transfer, worked example I14).

Every look at somebody's records for this is in the vault's access log first, which is kept for
years (domain §10 P64); that it happened is an entry as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from ledger import account
from ledger.actions.service import EVIDENCE
from ledger.actions.statements import AcceptStatement, IssueStatement, PortedRecord
from ledger.book import Book, Caller
from ledger.decide.consents import has_consented
from ledger.door.asking import Asking
from ledger.door.tree import Tree, unknown_party
from ledger.errors import Refused
from ledger.keys import Ed25519Verifier
from ledger.note import NoteRefused
from ledger.rows import Record
from ledger.sequencer import Receipt
from ledger.standing import Standing
from ledger.statement import STATEMENT_BYTES_MAX, Statement, build, open_statement
from ledger.store import journal, queries
from ledger.store.projections import StoredRows

RECORDS_MAX: Final = 1_000
"""Records read for one statement; about four hundred fit into one."""
SHARE: Final = "share_records"
"""The purpose to which a volunteer consents before an organisation takes a statement of theirs."""
_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A statement that was made, and what it holds."""

    statement: bytes
    records: int
    minutes: int
    size: int
    last: int
    """Index of the entry that recorded its last session: where the next statement goes on."""
    has_more: bool
    entry: int
    """The entry that says it was issued."""


def issue(book: Book, caller: Caller, *, volunteer: str, after: int = -1) -> Issued:
    """A statement of a volunteer's effective records, those recorded after entry `after`.

    For the volunteer themselves and the console; for an organisation with the volunteer's consent
    `share_records`, given to it or to everybody, and else `consent_missing`, or `unknown_party`
    where it does not act for the volunteer. Records that came over from other ledgers are not in
    it: their own ledger states those. Refuses with `nothing_to_state`, `not_yet_covered`,
    `no_checkpoint`.
    """
    _refuse_unless_shared(book, caller, volunteer)
    purpose = "own_data" if caller.party == account.volunteer(volunteer) else "sharing"
    book.vault.read_many([volunteer], [], by=caller.party, purpose=purpose, at=book.clock.now_ms())
    with book.database.snapshot() as connection:
        stated: list[Record] = []
        more = True
        # Of a thousand records none may be stated, where all of them came from elsewhere.
        while more and not stated:
            rows, more = queries.records_page(
                connection, after=after, limit=RECORDS_MAX, state="effective", volunteer=volunteer
            )
            paid = _paid_by(connection, volunteer, rows)
            stated = [row for row in rows if row.record in paid]
            after = rows[-1].since if rows else after
    while stated:
        data, size = _built(book, volunteer, stated, paid)
        if len(data) <= STATEMENT_BYTES_MAX:
            break
        fits = len(stated) * STATEMENT_BYTES_MAX // len(data)
        stated, more = stated[: max(1, min(fits, len(stated) - 1))], True
    if not stated:
        raise Refused("nothing_to_state", "there is no effective record of service to state")
    digest = sha256(data).hexdigest()
    minutes = sum(row.paid for row in stated)
    receipt = book.record(
        IssueStatement(
            statement=digest, volunteer=volunteer, records=len(stated), minutes=minutes, size=size
        ),
        caller=caller,
        # The same statement asked for again is the same entry.
        key=f"statement-{digest[:48]}",
    )
    return Issued(
        statement=data,
        records=len(stated),
        minutes=minutes,
        size=size,
        last=stated[-1].since,
        has_more=more,
        entry=receipt.entry.index,
    )


def _refuse_unless_shared(book: Book, caller: Caller, volunteer: str) -> None:
    owner = account.volunteer(volunteer)
    tree = Tree(book, caller)
    party = tree.party(owner)
    if party is None or party.state == "forgotten":
        raise unknown_party(owner)
    if caller.party in (owner, account.CONSOLE):
        return
    if caller.role == "organisation":
        with book.database.reading() as connection:
            if has_consented(Standing(StoredRows(connection)), volunteer, SHARE, caller.party):
                return
    if not tree.acts_for(owner):
        raise unknown_party(owner)
    raise Refused(
        "consent_missing",
        "the volunteer consents first to their records being shared (purpose `share_records`)",
        purpose=SHARE,
    )


def _paid_by(connection: Connection, volunteer: str, rows: Sequence[Record]) -> dict[str, int]:
    """By record, the entry that brought its minutes; nothing for what came from another ledger,
    and for what brought no minute."""
    # Nobody here is the organisation of a record that came over.
    own = {row.record: row for row in rows if row.paid and row.organisation}
    paid = {record: row.since for record, row in own.items() if not row.reasons}
    waiting = own.keys() - paid.keys()
    after = min((own[record].since for record in waiting), default=0)
    while waiting:
        indexes = queries.mentions(
            connection, account.volunteer(volunteer), after=after, limit=_PAGE
        )
        for entry in journal.read_entries(connection, indexes):
            if entry.kind == "service_confirmed" and entry.facts["record"] in waiting:
                paid[entry.facts["record"]] = entry.index
                waiting.discard(entry.facts["record"])
        if len(indexes) < _PAGE:
            break
        after = indexes[-1]
    return paid


def _built(
    book: Book, volunteer: str, stated: Sequence[Record], paid: dict[str, int]
) -> tuple[bytes, int]:
    """The statement of these records, and the size of its checkpoint."""
    indexes = {0}
    minutes = Counter(dict.fromkeys(EVIDENCE, 0))
    for row in stated:
        indexes |= {row.since, paid[row.record]}
        minutes[row.evidence] += row.paid
    checkpoint, note, entries = book.proven(sorted(indexes))
    data = build(
        origin=book.origin,
        size=checkpoint.size,
        volunteer=volunteer,
        records=len(stated),
        minutes=minutes,
        checkpoint=note,
        entries=entries,
        signer=book.keys.manifest,
    )
    return data, checkpoint.size


def read(book: Book, statement: bytes, key: str) -> tuple[Statement, Ed25519Verifier]:
    """A statement of another ledger, checked, and the key (VKEY) it was checked with.

    Refuses with `own_statement`, and with `statement_invalid` for whatever does not hold.
    """
    try:
        log = Ed25519Verifier.from_vkey(key)
    except (NoteRefused, ValueError):
        raise Refused(
            "statement_invalid",
            "the key is no VKEY; the other ledger's `sidereal keys show` prints it",
            part="key",
        ) from None
    if log.name == book.origin:
        raise Refused("own_statement", "these records are on this ledger already")
    return open_statement(statement, log=log, verifier=Ed25519Verifier), log


def accept(ask: Asking, *, volunteer: str, statement: bytes, key: str) -> Receipt:
    """Take in a statement as that of `volunteer` here, who consented to it (`statement`).

    Whoever accepts says who it is. An organisation accepts for its own volunteers, and only from a
    ledger from which the operator has accepted with this key before (`origin_not_known`): keys are
    brought by the operator, or anybody could bring their own.
    """
    book = ask.book
    Tree(book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    found, log = read(book, statement, key)
    origin = sha256(found.origin.encode()).hexdigest()
    if ask.caller.role != "operator":
        _refuse_unknown_origin(book, origin, log.public_key.hex())
    book.vault.read_many([volunteer], [], by=ask.caller.party, purpose="sharing", at=ask.now())
    return ask.record(
        AcceptStatement(
            statement=found.digest,
            volunteer=volunteer,
            origin=origin,
            key=log.public_key.hex(),
            size=found.size,
            records=tuple(
                PortedRecord(
                    record=book.new_id(),
                    foreign_record=each.record,
                    foreign_hash=each.hash,
                    evidence=each.evidence,
                    starts=each.starts,
                    ends=each.ends,
                    check_in=each.check_in,
                    check_out=each.check_out,
                    minutes=each.minutes,
                )
                for each in found.records
            ),
        )
    )


def _refuse_unknown_origin(book: Book, origin: str, key: str) -> None:
    wanted = (f"origin:{origin}", "key")
    with book.database.reading() as connection:
        mark = StoredRows(connection).fetch("marks", [wanted]).get(wanted)
    if mark is None or mark.value != key:
        raise Refused(
            "origin_not_known",
            "the operator accepts the first statement of another ledger and its key; ask them",
        )
