"""What a volunteer allows, who looked at their data, and being forgotten."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages import words
from api.pages.calling import read, write
from api.pages.guard import for_roles, page, pages, take_session
from api.pages.troubles import Noes, Trouble, trouble_of
from api.pages.volunteer.asked import PAGE, names, near_organisations, went_through
from api.reads.cards import list_looks
from api.reads.credit_lists import list_consents
from api.reads.own_data import list_accesses
from api.reads.parties import list_organisations
from api.reads.rewards import get_redemption
from api.times import rfc3339
from api.writes.consents import record_consent
from api.writes.parties import forget_party
from ledger.actions.consents import CONSENT_PURPOSES, OFFICE_REDEMPTION
from ledger.door import sessions
from ledger.door.tree import refuse_helpers

TO_AN_ORGANISATION: Final = (OFFICE_REDEMPTION, "share_records")
"""What is allowed to one organisation by its name."""
_ALL: Final = "200"


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
    answers: list[dict[str, Any]] = []
    after, more = "", True
    while more:
        query = {"limit": _ALL, "starting_after": after}
        found = read(list_consents, query, volunteer=g.caller.id)
        answers += found["data"]
        more = found["has_more"]
        after = str(found["data"][-1]["entry"]) if more else ""
    near = near_organisations()
    others = read(list_organisations, {"state": "active", "limit": _ALL})["data"]
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
        trouble=trouble,
        about=request.form.get("purpose", ""),
    )


# Who looked --------------------------------------------------------------------------------------


@pages.get("/me/looks")
@for_roles("volunteer")
def my_looks() -> Response:
    """Who read my personal data, in which role and for what, newest first."""
    own = "yes" if request.args.get("own") == "yes" else ""
    query = {"before": request.args.get("after", ""), "limit": PAGE, "own": own}
    found = read(list_accesses, query, volunteer=g.caller.id)
    merchants = [each["by"].partition(":")[2] for each in found["data"]]
    return page(
        "volunteer/looks",
        found=found["data"],
        more=found["has_more"],
        own=own,
        names=names(
            one or other
            for one, other in zip(
                (each["organisation"] for each in found["data"]), merchants, strict=True
            )
        ),
    )


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
