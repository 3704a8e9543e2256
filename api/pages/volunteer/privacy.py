"""What a volunteer allows, who looked at their data, and being forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages import words
from api.pages.calling import every, read, write
from api.pages.guard import for_roles, page, pages, take_session
from api.pages.troubles import Noes, Trouble, trouble_of
from api.pages.volunteer.asked import PAGE, names, near_organisations, went_through
from api.problems import Problem
from api.reads.cards import list_looks
from api.reads.credit_lists import list_consents
from api.reads.own_data import list_access_days, list_accesses
from api.reads.parties import list_merchants, list_organisations
from api.reads.rewards import get_redemption
from api.times import rfc3339
from api.writes.consents import record_consent
from api.writes.parties import forget_party
from ledger.actions.consents import CONSENT_PURPOSES, OFFICE_REDEMPTION
from ledger.door import sessions
from ledger.door.tree import refuse_helpers

TO_AN_ORGANISATION: Final = (OFFICE_REDEMPTION, "share_records")
"""What is allowed to one organisation by its name."""


# Consents ----------------------------------------------------------------------------------------


@pages.get("/me/consents")
@for_roles("volunteer")
def my_consents() -> Response:
    """Each thing that can be allowed, what it means, and the answer so far."""
    return _consents_page()


@pages.post("/me/consents")
@for_roles("volunteer")
def answer_consent() -> ResponseReturnValue:
    """Give, refuse or withdraw one."""
    said = {name: request.form.get(name, "") for name in ("purpose", "answer", "party")}
    try:
        receipt, _ = write(record_consent, said, volunteer=g.caller.id)
    except Noes as no:
        return _consents_page(trouble_of(no))
    return went_through(receipt)


def _consents_page(trouble: Trouble | None = None) -> Response:
    answers: list[dict[str, Any]] = list(every(list_consents, volunteer=g.caller.id))
    near = near_organisations()
    others = every(list_organisations, {"state": "active"})
    shop = request.args.get("shop", "").strip()
    known = dict(near)
    anybody = [(one["organisation"], one.get("name", "")) for one in others]
    return page(
        "volunteer/consents",
        trouble.status if trouble else 200,
        purposes=CONSENT_PURPOSES,
        general={each["purpose"]: each for each in answers if not each["party"]},
        named={
            purpose: [each for each in answers if each["purpose"] == purpose and each["party"]]
            for purpose in CONSENT_PURPOSES
        },
        names=names(each["party"].partition(":")[2] for each in answers),
        to_organisation=TO_AN_ORGANISATION,
        organisations=[*near, *(one for one in anybody if one[0] not in known and one[1])],
        shop=shop,
        shops=_shops(shop) if shop else [],
        trouble=trouble,
        about=request.form.get("purpose", ""),
    )


def _shops(name: str) -> list[tuple[str, str]]:
    """(address, name) of the shops with something to redeem that are called so, or about so; none
    for a name that no shop can have."""
    query = {"name": name, "offering": "yes", "state": "active", "limit": PAGE}
    try:
        found = read(list_merchants, query)["data"]
    except Problem as no:
        if no.code not in ("too_long", "bad_text", "empty"):
            raise
        return []
    return [(f"merchant:{one['merchant']}", one.get("name", "")) for one in found]


# Who looked --------------------------------------------------------------------------------------


@pages.get("/me/looks")
@for_roles("volunteer")
def my_looks() -> Response:
    """Who read my personal data, in which role and for what: equal looks of a day in one line, the
    newest first."""
    own = "yes" if request.args.get("own") == "yes" else ""
    query = {"before": request.args.get("after", ""), "limit": PAGE, "own": own}
    found = read(list_access_days, query, volunteer=g.caller.id)
    return page(
        "volunteer/looks",
        found=found["data"],
        more=found["has_more"],
        own=own,
        names=_names_of_readers(found["data"]),
    )


@pages.get("/me/looks/<int:access>")
@for_roles("volunteer")
def looks_like(access: int) -> Response:
    """Each of the looks that stand in one line, with its time."""
    query = {"before": request.args.get("after", ""), "limit": PAGE, "like": str(access)}
    found = read(list_accesses, query, volunteer=g.caller.id)
    return page(
        "volunteer/look",
        found=found["data"],
        more=found["has_more"],
        access=access,
        names=_names_of_readers(found["data"]),
    )


def _names_of_readers(found: list[dict[str, Any]]) -> Mapping[str, str]:
    """What organisations and shops among those who looked are called."""
    return names(each["organisation"] or each["by"].partition(":")[2] for each in found)


@pages.get("/me/looks/till")
@for_roles("volunteer")
def till_looks() -> Response:
    """Who asked about my vouchers at a till in the last 90 days, newest first."""
    sent = request.args.get("after", "")
    before = rfc3339(int(sent)) if sent.isascii() and sent.isdigit() and len(sent) < 15 else ""
    found = read(list_looks, {"limit": PAGE, "before": before}, volunteer=g.caller.id)
    redemptions = dict.fromkeys(each["redemption"] for each in found["data"] if each["redemption"])
    places = [one for each in found["data"] for one in (each["merchant"], each["branch"])]
    return page(
        "volunteer/till_looks",
        found=found["data"],
        more=found["has_more"],
        items={
            one: read(get_redemption, redemption=one)["item"].get("title", "")
            for one in redemptions
        },
        names=current_book().vault.place_names(places),
    )


# Being forgotten ---------------------------------------------------------------------------------


@pages.get("/me/forget")
@for_roles("volunteer")
def my_forget() -> Response:
    """What would be destroyed and what stays, and a field to type the words that do it."""
    refuse_helpers(g.caller)
    return page("volunteer/forget", trouble=None)


@pages.post("/me/forget")
@for_roles("volunteer")
def my_forget_now() -> ResponseReturnValue:
    """Destroy it, once the words were typed; then nobody is signed in any more."""
    refuse_helpers(g.caller)
    caller = g.caller
    wanted = {words.say("my.forget.words", lang).casefold() for lang in words.LANGUAGES}
    if " ".join(request.form.get("words", "").split()).casefold() not in wanted:
        said = words.say("my.forget.not_typed", g.lang)
        trouble = Trouble(code="not_typed", sentence=said, status=422, fields={"words": said})
        return page("volunteer/forget", trouble.status, trouble=trouble)
    try:
        receipt, _ = write(forget_party, {}, address=caller.party)
    except Noes as no:
        trouble = trouble_of(no)
        return page("volunteer/forget", trouble.status, trouble=trouble)
    sessions.sign_out_everywhere(current_book(), caller)
    answer = make_response(redirect(f"/forgotten?number={receipt.entry.index}", 303))
    take_session(answer)
    return answer


@pages.get("/forgotten")
def forgotten() -> Response:
    """The last page. It knows nobody, and asks nothing."""
    sent = request.args.get("number", "")
    is_number = sent.isascii() and sent.isdigit() and len(sent) < 16
    return page("volunteer/forgotten", number=int(sent) if is_number else None)
