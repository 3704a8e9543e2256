"""Webhooks: who is told where, what became of each message, and what to do when it fails.

One set of pages for all who may have endpoints: a shop's manager under `/manage`, an organisation
under `/office`, operators under `/operator`, who see everybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Final, NamedTuple

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages import words
from api.pages.calling import form_key, made_here, new_key, read, write
from api.pages.guard import View, for_roles, page, pages
from api.pages.people import place_of
from api.pages.troubles import Noes, Trouble, trouble_of
from api.problems import Problem
from api.reads.webhooks import get_webhook, get_webhook_key, list_deliveries, list_webhooks
from api.writes.webhooks import (
    change_webhook,
    create_webhook,
    disable_webhook,
    enable_webhook,
    remove_webhook,
    replayed,
    tested,
)
from ledger.door.tree import refuse_tills
from ledger.errors import Refused
from ledger.store import outbox
from ledger.webhooks.events import HEARD

AREAS: Final = {"manage": "merchant", "office": "organisation", "operator": "operator"}
"""Whose pages stand under which address."""
DESKS: Final = {
    "manage": "pages/merchant/base.html",
    "office": "pages/office/desk.html",
    "operator": "pages/operator/desk.html",
}
_PAGE: Final = "25"
_PAGES_MAX: Final = 10
_CHANGES: Final[Mapping[str, Callable[..., Any]]] = {
    "disable": disable_webhook,
    "enable": enable_webhook,
    "remove": remove_webhook,
}
GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "vouchers": "capture card code fund offline redemption reward settlement voucher".split(),
    "service": "activity fraud gates objection qualification service statement".split(),
    "time": "frozen order time".split(),
    "honours": "certificate commendation credit dishonesty medal points referral star".split(),
    "parties": (
        "auditor branch circumstance clerk consent group guardian majority merchant operator"
        " organisation party population relation staff terminal volunteer"
    ).split(),
    "rules": "calendar credential policy".split(),
}
"""Under which heading an event stands, by what comes before its dot."""


class Events(NamedTuple):
    """The events of one heading, each with its kind of entry."""

    group: str
    events: list[tuple[str, str]]


def in_area(view: View) -> View:
    """Let only those reach a view whose area it stands in, and no till. Refuses as `for_roles`."""

    @wraps(view)
    def guarded(area: str, **ids: Any) -> Any:
        if g.caller.role != AREAS[area]:
            raise Refused("role_not_allowed", f"this is not for the role {g.caller.role}")
        refuse_tills(g.caller)
        return view(area, **ids)

    return for_roles(*AREAS.values())(guarded)  # type: ignore[return-value]


_AT: Final = "/<any(manage, office, operator):area>/webhooks"
_ONE: Final = f"{_AT}/<id:webhook>"


@pages.get(_AT)
@in_area
def webhooks_listed(area: str) -> Response:
    """Every endpoint: to where, of what, and whether it takes what it is sent."""
    found = _every()
    return _page(
        area,
        "list",
        own=[each for each in found if each["party"] == g.caller.party],
        others=[each for each in found if each["party"] != g.caller.party],
        names=_names(found),
        done=made_here(request.args.get("done", "")),
    )


@pages.route(f"{_AT}/new", methods=["GET", "POST"])
@in_area
def new_webhook(area: str) -> ResponseReturnValue:
    """Add an address."""
    if request.method != "POST":
        return _form(area, chosen=())
    sent = {"url": request.form.get("url", "").strip(), "events": request.form.getlist("events")}
    try:
        receipt, _ = write(create_webhook, sent)
    except Noes as no:
        return _form(area, chosen=sent["events"], url=str(sent["url"]), trouble=trouble_of(no))
    made = receipt.entry.facts["webhook"]
    return redirect(f"/{area}/webhooks/{made}?done={receipt.entry.index}", 303)


@pages.get(_ONE)
@in_area
def webhook_page(area: str, webhook: str) -> Response:
    """One endpoint, and what became of each message."""
    return _one(area, webhook)


@pages.route(f"{_ONE}/change", methods=["GET", "POST"])
@in_area
def webhook_changed(area: str, webhook: str) -> ResponseReturnValue:
    """Another address, other events."""
    found = read(get_webhook, webhook=webhook)
    if request.method != "POST":
        return _form(area, found, chosen=found["events"], url=found.get("url", ""))
    sent = {"url": request.form.get("url", "").strip(), "events": request.form.getlist("events")}
    try:
        receipt, _ = write(change_webhook, sent, webhook=webhook)
    except Noes as no:
        return _form(
            area, found, chosen=sent["events"], url=str(sent["url"]), trouble=trouble_of(no)
        )
    return redirect(f"/{area}/webhooks/{webhook}?done={receipt.entry.index}", 303)


@pages.post(f"{_ONE}/<any(disable, enable, remove):change>")
@in_area
def webhook_state(area: str, webhook: str, change: str) -> ResponseReturnValue:
    """Pause it, go on (and tell what happened meanwhile, if wished), or remove it for good."""
    try:
        since = read(get_webhook, webhook=webhook)["set_by"] if change == "enable" else 0
        receipt, _ = write(_CHANGES[change], {}, webhook=webhook)
        if change == "enable" and request.form.get("missed"):
            return _told_from(area, webhook, since)
    except Noes as no:
        return _one(area, webhook, trouble=trouble_of(no))
    where = f"/{area}/webhooks" if change == "remove" else f"/{area}/webhooks/{webhook}"
    return redirect(f"{where}?done={receipt.entry.index}", 303)


@pages.post(f"{_ONE}/test")
@in_area
def webhook_tested(area: str, webhook: str) -> ResponseReturnValue:
    """Send it a message that tries everything."""
    try:
        tested(form_key(), webhook)
    except Noes as no:
        return _one(area, webhook, trouble=trouble_of(no))
    return redirect(f"/{area}/webhooks/{webhook}#deliveries", 303)


@pages.post(f"{_ONE}/again")
@in_area
def webhook_told_again(area: str, webhook: str) -> ResponseReturnValue:
    """Send one message again, or everything from an entry on."""
    entry, since = (request.form.get(each, "").strip() for each in ("entry", "since"))
    try:
        if entry:
            replayed(form_key(), webhook, {"entry": _number("entry", entry)})
        else:
            return _told_from(area, webhook, _number("since", since))
    except Noes as no:
        return _one(area, webhook, trouble=trouble_of(no))
    return redirect(f"/{area}/webhooks/{webhook}#deliveries", 303)


def groups_of(role: str) -> list[Events]:
    """What a party of this role may hear of, under its headings, in the order of the kinds."""
    kinds = {key.removeprefix("kind."): key for key in words.WORDS if key.startswith("kind.")}
    heard = [(kind.replace("_", ".", 1), kind) for kind in kinds]
    found = [
        Events(group, [each for each in heard if _is_of(each[0], role, prefixes)])
        for group, prefixes in GROUPS.items()
    ]
    return [each for each in found if each.events]


def answer_of(status: int) -> str:
    """The word for what an HTTP status says of a receiver."""
    named = {401: "denied", 403: "denied", 404: "missing", 405: "missing", 410: "gone", 429: "busy"}
    if 200 <= status < 300:
        return "ok"
    if 300 <= status < 400:
        return "moved"
    return named.get(status, "broken" if status >= 500 else "other")


def _is_of(event: str, role: str, prefixes: Sequence[str]) -> bool:
    return event in HEARD[role] and event.partition(".")[0] in prefixes


def _told_from(area: str, webhook: str, since: int) -> ResponseReturnValue:
    """Everything from an entry on; where the journal is too long for one request, the page says
    from where to go on."""
    key, then = form_key(), since
    # The same form sent again asks the same, and sends nothing twice.
    for _ in range(_PAGES_MAX):
        done = replayed(key, webhook, {"since": then})
        if done.next_entry is None:
            return redirect(f"/{area}/webhooks/{webhook}#deliveries", 303)
        then = done.next_entry
    return redirect(f"/{area}/webhooks/{webhook}?from={then}#again", 303)


def _number(name: str, typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 16):
        no = "this is a whole number in digits"
        raise Problem("wrong_type", no, errors=[(f"/{name}", "wrong_type", no)])
    return int(typed)


def _every() -> list[dict[str, Any]]:
    """All endpoints that the caller sees, the oldest first: at most ten pages of them."""
    found: list[dict[str, Any]] = []
    after = ""
    for _ in range(_PAGES_MAX):
        part = read(list_webhooks, {"limit": "200", "starting_after": after})
        found += part["data"]
        if not part["has_more"]:
            break
        after = str(found[-1]["entry"])
    return found


def _names(found: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the owners of endpoints are called, by their addresses, where it is known."""
    ids = {each["party"].partition(":")[2]: each["party"] for each in found}
    named = current_book().vault.place_names(list(ids)) if ids else {}
    return {ids[one]: name for one, name in named.items()}


def _one(area: str, webhook: str, trouble: Trouble | None = None) -> Response:
    found = read(get_webhook, webhook=webhook)
    state = request.args.get("state", "")
    state = state if state in outbox.STATES else ""
    query = {"limit": _PAGE, "newest_first": "yes", "state": state}
    after = request.args.get("after", "")
    told = read(list_deliveries, {**query, "starting_after": after}, webhook=webhook)
    lost = [
        part["data"][0]["entry"]
        for each in (outbox.FAILED, outbox.STOPPED)
        if (part := read(list_deliveries, {"limit": "1", "state": each}, webhook=webhook))["data"]
    ]
    newest = told["data"][0] if told["data"] else None
    return _page(
        area,
        "one",
        trouble.status if trouble else 200,
        one=found,
        is_own=found["party"] == g.caller.party,
        name=_names([found]).get(found["party"], ""),
        told=told,
        state=state,
        states=outbox.STATES,
        kind_of=lambda event: event.replace(".", "_", 1),
        answer_of=answer_of,
        lost_since=min(lost, default=None),
        goes_on_from=from_ if (from_ := request.args.get("from", "")).isdecimal() else "",
        fails=found["ground"] != "asked"
        or bool(found["failed"])
        or (newest is not None and newest["attempts"] > 0 and answer_of(newest["status"]) != "ok"),
        on_its_way=any(each["state"] == "waiting" and not each["attempts"] for each in told["data"])
        and found["state"] == "active",
        public_key=read(get_webhook_key)["public_key"],
        key=new_key(),
        trouble=trouble,
        done=made_here(request.args.get("done", "")),
    )


def _form(
    area: str,
    one: Mapping[str, Any] | None = None,
    *,
    chosen: Sequence[str],
    url: str = "",
    trouble: Trouble | None = None,
) -> Response:
    role = one["party"].partition(":")[0] if one is not None else g.caller.role
    return _page(
        area,
        "form",
        trouble.status if trouble else 200,
        one=one,
        groups=groups_of(role),
        chosen=set(chosen),
        url=url,
        trouble=trouble,
    )


def _page(area: str, template: str, status: int = 200, **shown: Any) -> Response:
    return page(
        f"webhooks/{template}",
        status,
        desk=DESKS[area],
        place=place_of(g.caller) if area == "manage" else None,
        at=f"/{area}/webhooks",
        **shown,
    )
