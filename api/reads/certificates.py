"""Certificates of service: checked by anybody, listed and printed for their holder (Order 67
art. 17)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask import Response, request
from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book, current_settings
from api.papers import PDF
from api.papers.certificate import Certificate, Service, certificate_pdf
from api.reads.asking import not_there, reading, reads, texts_of
from api.schemas import Choice, Moment, Whole
from ledger import account
from ledger.door import certificates
from ledger.door.certificates import Checked, Held
from ledger.door.tree import Tree
from ledger.entry import canonical
from ledger.errors import Refused
from ledger.identity import mask_identity_number
from ledger.store import queries
from ledger.vault.claims import IDENTITY_NUMBER, NAME, NUMBER

_FILE: Final = {"type": "string", "format": "binary"}


class CheckedSchema(Schema):
    """What anybody learns from a certificate's number: the certified period only."""

    state = Choice("valid", "superseded", "unknown", required=True)
    first_day = fields.String()
    last_day = fields.String()
    certified_minutes = Whole(least=0)
    current_minutes = Whole(least=0, metadata={"description": "what the period comes to by now"})
    organisation = fields.String(metadata={"description": "the recording unit"})
    checks = Whole(
        least=1, metadata={"description": "how often it has been checked, this time included"}
    )
    checked_before = Moment(
        allow_none=True, metadata={"description": "when it was checked the last time before"}
    )


class OwnCertificateSchema(Schema):
    """A certificate as its holder sees it."""

    number = fields.String(required=True)
    entry = Whole(required=True, least=0, metadata={"description": "which issued it"})
    first_day = fields.String(required=True)
    last_day = fields.String(required=True)
    minutes = Whole(required=True)
    content = fields.String(required=True)
    organisation = fields.String(required=True)
    shown = fields.Boolean(required=True)
    state = Choice("valid", "superseded", "unknown", required=True)
    current_minutes = Whole(
        required=True, least=0, metadata={"description": "what the period comes to by now"}
    )
    checks = Whole(required=True, least=0, metadata={"description": "by strangers, so far"})
    last_checked = Moment(required=True, allow_none=True)


class OwnCertificatesSchema(Schema):
    """All of them: nobody has so many that they need pages."""

    data = fields.List(fields.Nested(OwnCertificateSchema), required=True)


@reading(
    "/certificates/<string:number>",
    "check_certificate",
    answer=CheckedSchema,
    refusals=("too_many_checks",),
    tag="certificates",
)
def check_certificate(number: str) -> dict[str, Any]:
    """Whether a certificate is good, superseded (with the present figure) or unknown. Each answer
    about a known one is counted, and its holder sees the count."""
    return described(looked_up(number))


@reading(
    "/volunteers/<id:volunteer>/certificates",
    "list_certificates",
    answer=OwnCertificatesSchema,
    roles=("volunteer",),
    scope="certificates:write",
    refusals=["not_found"],
    tag="certificates",
)
def list_certificates(volunteer: str) -> dict[str, Any]:
    """The caller's own certificates with their numbers, and what a check says of them."""
    caller, book = current_caller(), current_book()
    if volunteer != caller.id:
        raise not_there()
    book.vault.read(volunteer, [], by=caller.party, purpose="own_data", at=book.clock.now_ms())
    return {"data": [_own(each) for each in certificates.of(book, volunteer)]}


@reading(
    "/volunteers/<id:volunteer>/certificates/<int:entry>/paper",
    "get_certificate_paper",
    answer=None,
    roles=("volunteer", "organisation", "operator"),
    scope="certificates:write",
    refusals=("not_found", "printing_not_installed", "wrong_font"),
    tag="certificates",
    also=reads.response(200, _FILE, content_type=PDF, description="A4, Chinese with English"),
)
def get_certificate_paper(volunteer: str, entry: int) -> Response:
    """A certificate to be printed, by the number of its entry: for its holder, and for whoever may
    issue one for them. The same certificate gives the same bytes as long as the records behind it
    stand. Its own number stands in the file alone, never in an address."""
    caller, book = current_caller(), current_book()
    if not Tree(book, caller).acts_for(account.volunteer(volunteer)):
        raise not_there()
    try:
        held = certificates.at_entry(book, volunteer, entry)
    except Refused:
        raise not_there() from None
    purpose = "own_data" if caller.id == volunteer else "certificate"
    answer = Response(certificate_pdf(_paper(held, by=caller.party, purpose=purpose)), mimetype=PDF)
    answer.headers["Content-Disposition"] = "attachment; filename=certificate.pdf"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def looked_up(number: str) -> Checked:
    """What a stranger learns of a number as it was typed or pasted. Refuses with
    `too_many_checks`."""
    return certificates.check_counted(
        current_book(), certificates.typed(number), address=request.remote_addr or ""
    )


def described(checked: Checked) -> dict[str, Any]:
    """A check as the API answers it."""
    if checked.state == "unknown":
        return {"state": "unknown"}
    return {
        "state": checked.state,
        "first_day": checked.first_day,
        "last_day": checked.last_day,
        "certified_minutes": checked.certified_minutes,
        "current_minutes": checked.current_minutes,
        "organisation": checked.organisation,
        "checks": checked.checks,
        "checked_before": checked.checked_before or None,
    }


def check_url(number: str) -> str:
    """The address of a certificate's check, with its number behind the `#` that no server is
    sent."""
    return f"{current_settings().public_url}/c#{number}"


def _own(held: Held) -> dict[str, Any]:
    opening, checked = held.opening, held.checked
    return {
        "number": opening["number"],
        "entry": held.entry,
        "first_day": opening["first_day"],
        "last_day": opening["last_day"],
        "minutes": opening["minutes"],
        "content": opening["content"],
        "organisation": opening["organisation"],
        "shown": opening["shown"] == "yes",
        "state": checked.state,
        "current_minutes": checked.current_minutes,
        "checks": checked.checks,
        "last_checked": checked.checked_before or None,
    }


def _paper(held: Held, *, by: str, purpose: str) -> Certificate:
    """What is printed. Looking at who it is about is logged as every look is."""
    book, opening = current_book(), held.opening
    person = book.vault.read(
        opening["volunteer"],
        [NAME, IDENTITY_NUMBER, NUMBER],
        by=by,
        purpose=purpose,
        at=book.clock.now_ms(),
    )
    unit = opening["organisation"]
    first, last = date.fromisoformat(opening["first_day"]), date.fromisoformat(opening["last_day"])
    records = certificates.records_between(book, opening["volunteer"], unit, first, last)
    with book.database.reading() as connection:
        activities = queries.activities_named(connection, [each.activity for each in records])
    texts = texts_of(each.text for each in activities.values())
    titles = {name: texts.get(each.text, {}).get("name", "") for name, each in activities.items()}
    stated = {name: value for name, value in opening.items() if name != "shown"}
    return Certificate(
        number=opening["number"],
        name=person.get(NAME, ""),
        identity_number=mask_identity_number(person[IDENTITY_NUMBER])
        if IDENTITY_NUMBER in person
        else "",
        volunteer_number=person.get(NUMBER, ""),
        organisation=book.vault.place_names([unit]).get(unit, unit),
        first_day=first,
        last_day=last,
        minutes=opening["minutes"],
        current_minutes=held.checked.current_minutes,
        content=opening["content"],
        services=tuple(
            Service(time=each.check_in, activity=titles.get(each.activity, ""), minutes=each.paid)
            for each in records
        ),
        issued=book.entry(held.entry).time,
        entry=held.entry,
        size=held.entry + 1,
        root=book.root_at(held.entry + 1).hex(),
        origin=book.origin,
        address=current_settings().public_url,
        check_url=check_url(opening["number"]),
        opening=canonical(stated).decode(),
    )
