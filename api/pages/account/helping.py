"""Acting for a volunteer who cannot: who may, agreeing to it and ending it, and doing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages.calling import read, write
from api.pages.guard import (
    for_roles,
    give_session,
    idle_ms,
    page,
    pages,
    refuse_foreign_form,
    session_sent,
    signed_in,
)
from api.pages.roles import AREAS
from api.pages.troubles import Noes, Trouble, trouble_of
from api.reads.helping import list_entries_of_help, list_helpers, masked_names
from api.times import rfc3339
from api.writes.helping import allow_helper, end_help
from ledger.decide.helpers import HELPER_SCOPES
from ledger.door import helping, sessions
from ledger.door.tree import refuse_helpers
from ledger.entry import decode
from ledger.errors import Refused
from ledger.standing import DAY_MS

WHAT: Final[dict[str, tuple[str, ...]]] = {
    "orders": ("orders:write", "time-bank:write"),
    # Whoever sees a voucher's code can use it.
    "vouchers": ("redemptions:read", "redemptions:reserve"),
    "objections": ("objections:write",),
    "stars": ("stars:write",),
}
"""What somebody may be allowed beside looking, by the name of its box."""
LOOKING: Final = frozenset(
    scope
    for scope in HELPER_SCOPES
    if scope.endswith(":read") and scope not in ("cards:read", "redemptions:read")
)
DAYS: Final = (7, 30, 90, 365)
ENTRIES_SHOWN: Final = "50"


def said_scopes(scopes: Sequence[str]) -> list[str]:
    """By the name of its box, what a helper may do beside looking."""
    return [name for name, each in WHAT.items() if set(each) <= set(scopes)]


@pages.get("/account/helpers/new")
@for_roles("volunteer")
def new_helper() -> Response:
    """A form: who may act for me, in what, and for how long."""
    _refuse_unless_may_agree()
    return _form({"days": "30"})


@pages.post("/account/helpers/check")
@for_roles("volunteer")
def check_helper() -> Response:
    """What will be agreed, by name, before it is. Nothing is written."""
    _refuse_unless_may_agree()
    sent = sent_form()
    try:
        helper = helper_of(sent, g.caller.party)
        names = masked_names([helper], g.caller)
        return page(
            "account/agree",
            sent=sent,
            name=names.get(helper, ""),
            chosen=chosen(sent),
            until=until_of(sent),
        )
    except Noes as no:
        return _form(sent, trouble_of(no))


@pages.post("/account/helpers")
@for_roles("volunteer")
def agree_on_helper() -> ResponseReturnValue:
    """Somebody may act for me from now on."""
    _refuse_unless_may_agree()
    sent = sent_form()
    try:
        body = body_of(sent, g.caller.party)
        receipt, _ = write(allow_helper, body, volunteer=g.caller.id)
    except Noes as no:
        return _form(sent, trouble_of(no))
    credential = receipt.entries[0].facts["credential"]
    return redirect(f"/account/helpers/{credential}?done=agreed", 303)


@pages.get("/account/helpers/<id:credential>")
@for_roles("volunteer")
def helper_page(credential: str) -> Response:
    """One helper of mine: in what, until when, and everything that they did for me."""
    refuse_helpers(g.caller)
    return _one(credential)


@pages.post("/account/helpers/<id:credential>/end")
@for_roles("volunteer")
def end_helper(credential: str) -> ResponseReturnValue:
    """They act for me no more, from this moment on."""
    refuse_helpers(g.caller)
    try:
        write(end_help, {}, credential=credential)
    except Noes as no:
        if not isinstance(no, Refused) or no.code != "credential_revoked":
            raise
    return redirect(f"/account/helpers/{credential}?done=ended", 303)


@pages.post("/account/acting")
@signed_in
def begin_acting() -> Response:
    """Act for somebody: a session of its own, which stands on what they lent me."""
    session, until = sessions.act_for(
        current_book(), session_sent(), request.form.get("credential", ""), idle_ms=idle_ms()
    )
    answer = make_response(redirect(AREAS["volunteer"].home, 303))
    give_session(answer, session, until)
    return answer


@pages.post("/account/acting/end")
def end_acting() -> Response:
    """Be only oneself again. Also for whoever finds that the help is over."""
    refuse_foreign_form(session_sent())
    book = current_book()
    session, until = sessions.act_for_oneself(book, session_sent(), idle_ms=idle_ms())
    answer = make_response(redirect("/account", 303))
    give_session(answer, session, until)
    return answer


def _refuse_unless_may_agree() -> None:
    """Whoever helps goes on when this session is over, for a year: so nobody is named in one that
    was begun long ago, as nobody adds a way of signing in there. Refuses with `not_for_helpers`,
    `sign_in_again`."""
    refuse_helpers(g.caller)
    sessions.refuse_unless_lately(current_book(), session_sent())


def _one(credential: str) -> Response:
    found = [
        each
        for each in read(list_helpers, volunteer=g.caller.id)["data"]
        if each["credential"] == credential
    ]
    if not found:
        raise Refused("unknown_credential", "there is no such helper")
    entries = read(list_entries_of_help, {"limit": ENTRIES_SHOWN}, credential=credential)
    kinds = [decode(each["data"].encode()) for each in entries["data"]]
    return page(
        "account/helper",
        help=found[0],
        what=said_scopes(found[0]["scopes"]),
        entries=kinds,
        has_more=entries["has_more"],
        done=request.args.get("done", ""),
    )


def sent_form() -> dict[str, str]:
    """What the form says about a helper: whose number, what, for how long."""
    names = ("helper", "days", *WHAT)
    return {name: request.form.get(name, "").strip() for name in names}


def helper_of(sent: dict[str, str], helped: str) -> str:
    """The address of whoever is to act for `helped`. Refuses with `too_many_attempts`,
    `unknown_party`, `bad_helper`."""
    number = sessions.typed(sent["helper"])
    return helping.named(current_book(), g.caller, number, helped=helped)


def chosen(sent: dict[str, str]) -> list[str]:
    """The names of the boxes that were ticked."""
    return [name for name in WHAT if sent.get(name)]


def body_of(sent: dict[str, str], helped: str) -> dict[str, Any]:
    """The form as the API takes it. Refuses as `helper_of` and with `bad_time`."""
    more = {scope for name in chosen(sent) for scope in WHAT[name]}
    return {
        "helper": helper_of(sent, helped),
        "scopes": sorted(LOOKING | more),
        "expires": rfc3339(until_of(sent)),
    }


def until_of(sent: dict[str, str]) -> int:
    """The end (ms) of the last day, in China. Refuses with `bad_time`."""
    if sent["days"] not in {str(each) for each in DAYS}:
        raise Refused("bad_time", "choose for how long")
    book = current_book()
    return book.policy().midnight_after(book.clock.now_ms() + int(sent["days"]) * DAY_MS - DAY_MS)


def _form(sent: dict[str, str], trouble: Trouble | None = None) -> Response:
    return page(
        "account/new_helper",
        trouble.status if trouble else 200,
        sent=sent,
        trouble=trouble,
        days=DAYS,
        boxes=list(WHAT),
    )
