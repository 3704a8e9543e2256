"""Objections: what a volunteer says is wrong, and whose answer is awaited (domain §10 P61)."""

from __future__ import annotations

from ledger.actions.objections import DecideObjection, FileObjection, ForwardObjection
from ledger.book import Book, Caller
from ledger.door.asking import Asking
from ledger.door.tree import Tree, one_row
from ledger.errors import Refused
from ledger.rows import Objection
from ledger.sequencer import Receipt


def file(
    ask: Asking, *, subject_kind: str, text: str, subject: str = "", organisation: str = ""
) -> Receipt:
    """A volunteer objects to something about them and says why; what they say is sealed."""
    return ask.record(
        FileObjection(
            objection=ask.book.new_id(),
            volunteer=ask.caller.id,
            subject_kind=subject_kind,
            subject=subject,
            organisation=organisation,
            text=ask.sealed(text=text),
        )
    )


def forward(ask: Asking, *, objection: str, organisation: str) -> Receipt:
    """It is another organisation's to answer. Refuses with `unknown_objection`."""
    objection_of_ours(ask.book, ask.caller, objection)
    return ask.record(ForwardObjection(objection=objection, organisation=organisation))


def decide(ask: Asking, *, objection: str, outcome: str, reason: str) -> Receipt:
    """Answer an objection and say why. Refuses with `unknown_objection`."""
    objection_of_ours(ask.book, ask.caller, objection)
    return ask.record(
        DecideObjection(
            objection=objection,
            outcome=outcome,
            reviewer=ask.caller.id if ask.caller.role == "reviewer" else "",
            reason=ask.sealed(reason=reason),
        )
    )


def objection_of_ours(book: Book, caller: Caller, objection: str) -> Objection:
    """An objection that the caller may answer: one that awaits an organisation they act for; the
    operator, also one that awaits nobody else. Refuses with `unknown_objection`."""
    found: Objection | None = one_row(book, "objections", objection)
    if found is None or not answers(book, caller, found):
        raise Refused("unknown_objection", "there is no such objection")
    return found


def answers(book: Book, caller: Caller, objection: Objection) -> bool:
    """Whether it is the caller's to answer this objection."""
    if caller.role == "operator":
        return True
    organisation = objection.organisation
    return bool(organisation) and Tree(book, caller).acts_for(f"organisation:{organisation}")
