"""An organisation's desk for certificates: issued for a member who asks, free, and printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages.calling import every, new_key, read, write
from api.pages.guard import for_roles, page, pages
from api.pages.public.check import real_host
from api.pages.troubles import Noes, Trouble, trouble_of
from api.problems import Problem
from api.reads.certificates import get_certificate_paper
from api.reads.parties import get_organisation, get_volunteer, list_organisations
from api.reads.staff import find_volunteer
from api.writes.certificates import issue_certificate
from ledger.door import certificates
from ledger.errors import Refused
from ledger.ids import is_id
from ledger.standing import china_time

FIELDS: Final = ("number", "organisation", "first_day", "last_day", "content")


@pages.get("/office/certificates")
@for_roles("organisation")
def office_certificates() -> Response:
    """For whom, recorded by whom, for which days, and what was done."""
    today = china_time(current_book().clock.now_ms()).date()
    member = request.args.get("volunteer", "")
    return _form(
        {
            "volunteer": member if is_id(member) else "",
            "organisation": g.caller.id,
            "first_day": today.replace(month=1, day=1).isoformat(),
            "last_day": today.isoformat(),
        }
    )


@pages.post("/office/certificates")
@for_roles("organisation")
def issue_for_member() -> ResponseReturnValue:
    """Issue it for a member, found by number or come to from their page."""
    sent = {name: request.form.get(name, "").strip() for name in (*FIELDS, "volunteer")}
    try:
        volunteer = sent["volunteer"]
        if not is_id(volunteer):
            volunteer = read(find_volunteer, {"number": sent["number"]})["volunteer"]
        body = {name: sent[name] for name in FIELDS if name != "number"}
        receipt, _ = write(issue_certificate, body, volunteer=volunteer)
    except Noes as no:
        return _form(sent, trouble_of(no))
    return redirect(f"/office/certificates/{volunteer}/{receipt.entry.index}", 303)


@pages.get("/office/certificates/<id:volunteer>/<int:entry>")
@for_roles("organisation")
def issued_for_member(volunteer: str, entry: int) -> Response:
    """What was issued: its entry, and the paper. The number stands on the paper alone."""
    member = read(get_volunteer, volunteer=volunteer)
    try:
        held = certificates.at_entry(current_book(), volunteer, entry)
    except Refused:
        raise Problem("not_found", "there is no such certificate") from None
    unit = held.opening["organisation"]
    return page(
        "public/issued",
        member=member,
        entry_number=entry,
        opening=held.opening,
        unit=current_book().vault.place_names([unit]).get(unit, unit),
        state=held.checked.state,
        current=held.checked.current_minutes,
        host=real_host(),
        volunteer=volunteer,
    )


@pages.get("/office/certificates/<id:volunteer>/<int:entry>/paper")
@for_roles("organisation")
def paper_for_member(volunteer: str, entry: int) -> Response:
    """The PDF."""
    made: Response = read(get_certificate_paper, volunteer=volunteer, entry=entry)
    return made


def _form(sent: Mapping[str, str], trouble: Trouble | None = None) -> Response:
    member = None
    if sent.get("volunteer"):
        member = read(get_volunteer, volunteer=sent["volunteer"])
    own = read(get_organisation, organisation=g.caller.id)
    below = every(list_organisations, {"parent": g.caller.id})
    return page(
        "public/desk",
        trouble.status if trouble else 200,
        sent=sent,
        member=member,
        units=[
            (each["organisation"], each.get("name", each["organisation"])) for each in (own, *below)
        ],
        trouble=trouble,
        key=new_key(),
    )
