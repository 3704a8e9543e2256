"""Forms of an organisation's desk: fields as the API names them, one request, one page after it.

What is typed is text; `body_of` makes of it what the API takes, and leaves what it cannot read as
it was typed, so that the API says what is wrong with which field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from flask import Response, g, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_book
from api.pages import words
from api.pages.calling import made_here, new_key, read, write
from api.pages.guard import page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.problems import Problem
from api.reads.parties import get_organisation, get_volunteer
from api.reads.staff import find_volunteer
from ledger.errors import Refused
from ledger.identity import BadIdentityNumber, check_identity_number
from ledger.sequencer import Receipt
from ledger.standing import china_time

Kind = Literal["text", "lines", "number", "choice", "day", "last_day", "moment", "check", "pin"]
Options = Sequence[tuple[str, str]]
Ids = Mapping[str, str]

PAGE: Final = "25"
"""How many lines a list of the desk has."""
UNSURE: Final = frozenset({"request_in_flight", "clock_unsure", "stopping", "internal_error"})
"""Noes after which the same form may be sent again with its key."""
_CHINA: Final = "+08:00"
_SAYS_FIELD: Final[Mapping[str, str]] = {
    "bad_identity_number": "identity_number",
    "bad_organisation_code": "organisation_code",
    "guardian_consent_needed": "guardian_consent",
    "age_gate_unmet": "identity_number",
    "bad_pin": "pin",
    "trivial_pin": "pin",
    "pin_needed": "pin",
    "bad_card": "card",
    "tier_not_below_parent": "tier",
}
"""Beside which field a no is said that the ledger gives for the whole request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. Its label is `office.field.<label or name>`, its hint `office.hint.<hint>`."""

    name: str
    kind: Kind = "text"
    options: Options = ()
    required: bool = True
    label: str = ""
    hint: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What can be done. It says `office.act.<act>` and `office.about.<act>`."""

    act: str
    view: Callable[..., Any]
    fields: tuple[Field, ...] = ()
    ids: Ids = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """What of the body is not typed."""
    back: str = "/office"
    whom: str = ""
    """About whom or what, as the page says it."""
    is_dangerous: bool = False
    also: tuple[str, str] | None = None
    """(address, act) of what may have to be done first."""
    read_typed: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """Makes the body of what was typed, where it is not the same. May refuse."""


def answered(
    form: Form, then: Callable[[Receipt, Mapping[str, Any]], ResponseReturnValue] | None = None
) -> ResponseReturnValue:
    """The form, or what became of it: what `then` answers, by default the page it came from with
    the number of the entry. A no shows the form again as it was filled in."""
    if request.method != "POST":
        return shown(form)
    try:
        body = {**body_of(form.fields), **form.fixed}
        if form.read_typed is not None:
            body = form.read_typed(body)
        receipt, once = write(form.view, body, **form.ids)
    except Noes as no:
        return shown(form, trouble=_beside_fields(trouble_of(no), form))
    if then is not None:
        return then(receipt, once)
    return done(form.back, form.act, receipt)


def shown(form: Form, *, trouble: Trouble | None = None) -> Response:
    """The form, filled in as it was sent."""
    kept = request.form if request.method == "POST" else request.args
    filled = tuple(
        each
        if each.kind == "pin"
        else replace(each, value=kept.get(each.name, each.value if kept is request.args else ""))
        for each in form.fields
    )
    same = trouble is not None and trouble.code in UNSURE
    return page(
        "office/form",
        trouble.status if trouble else 200,
        form=form,
        fields=filled,
        trouble=trouble,
        key=request.form.get("key", "") if same else new_key(),
    )


def done(back: str, act: str, receipt: Receipt) -> ResponseReturnValue:
    """On to a page that says what was done, with the number of its entry."""
    return redirect(f"{back}?done={act}&entry={receipt.entry.index}", 303)


def what_was_done() -> tuple[str, int] | None:
    """(act, number of the entry) that this page is to say, if any."""
    act, number = request.args.get("done", ""), made_here(request.args.get("entry", ""))
    return None if f"office.act.{act}" not in words.WORDS or number is None else (act, number)


def body_of(fields: Sequence[Field]) -> dict[str, Any]:
    """What was typed, as JSON would hold it; what is empty is left out."""
    made: dict[str, Any] = {}
    for each in fields:
        typed = request.form.get(each.name, "").strip()
        if not typed:
            continue
        if each.kind == "check":
            made[each.name] = True
        elif each.kind == "number" and typed.isascii() and typed.isdigit() and len(typed) < 17:
            made[each.name] = int(typed)
        elif each.kind == "day":
            made[each.name] = f"{typed}T00:00:00{_CHINA}"
        elif each.kind == "last_day":
            # To the end of the day that was named.
            made[each.name] = f"{typed}T23:59:59.999{_CHINA}"
        elif each.kind == "moment":
            made[each.name] = f"{typed}:00{_CHINA}" if len(typed) == 16 else typed + _CHINA
        else:
            made[each.name] = typed
    return made


@pages.app_template_filter("day_of")
def day_of(time: int) -> str:
    """The day of a time (ms) on the clocks of China."""
    return words.day(china_time(time).date(), current_book().clock.now_ms(), g.lang)


def choices(family: str, values: Sequence[str]) -> Options:
    """A closed list in the reader's language: `office.choice.<family>.<value>`."""
    return [(each, words.say(f"office.choice.{family}.{each}", g.lang)) for each in values]


def after() -> dict[str, str]:
    """Which part of a list is asked for."""
    return {"starting_after": request.args.get("after", ""), "limit": PAGE}


def names_of_organisations(ids: Sequence[str]) -> dict[str, str]:
    """What organisations are called; an id where no name is known."""
    found = {}
    for one in dict.fromkeys(each for each in ids if each):
        found[one] = read(get_organisation, organisation=one).get("name", one)
    return found


def names_of_members(ids: Sequence[str]) -> dict[str, str]:
    """Masked names of those among these volunteers whom the caller acts for."""
    found = {}
    for one in dict.fromkeys(each for each in ids if each):
        try:
            found[one] = str(read(get_volunteer, volunteer=one).get("name", ""))
        except Problem as no:
            if no.code != "not_found":
                raise
    return found


def id_of_member(number: str) -> str:
    """Whose number this is. Refuses with `unknown_party` where it is none of ours."""
    try:
        return str(read(find_volunteer, {"number": number})["volunteer"])
    except Problem as no:
        if no.code != "not_found":
            raise
        raise Refused("unknown_party", "none of our volunteers has this number") from no


def _beside_fields(trouble: Trouble, form: Form) -> Trouble:
    """A no that is about one field is said there too."""
    name = _SAYS_FIELD.get(trouble.code, "")
    if name not in {each.name for each in form.fields}:
        return trouble
    said = trouble.sentence
    if trouble.code == "bad_identity_number":
        said = words.say(f"office.identity.{_odd_identity()}", g.lang)
    return replace(trouble, fields={**trouble.fields, name: said})


def _odd_identity() -> str:
    """What is odd about the identity number that was typed."""
    typed = request.form.get("identity_number", "").strip().upper()
    if len(typed) == 15:
        return "old"
    if len(typed) != 18:
        return "length"
    try:
        check_identity_number(typed)
    except BadIdentityNumber:
        digits = typed[:17]
        return "check" if digits.isascii() and digits.isdigit() else "shape"
    return "shape"
