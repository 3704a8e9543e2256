"""Reading objections: a volunteer their own, whoever answers those that await them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    PageFromEitherEnd,
    log_look,
    not_there,
    organisations_of,
    page,
    page_of,
    reading,
    texts_of,
)
from api.schemas import Choice, Id, Moment, Whole
from ledger import account
from ledger.actions.objections import SUBJECTS
from ledger.book import Caller
from ledger.decide.objections import OPEN
from ledger.door.objections import answers
from ledger.door.tree import Tree, one_row
from ledger.entry import Entry
from ledger.rows import Objection, Record
from ledger.store import journal
from ledger.store.objections import objections_page

_STATES: Final = ("filed", "forwarded", "upheld", "rejected")
_KINDS: Final = ("objection_filed", "objection_forwarded", "objection_decided")
_ROLES: Final = ("operator", "organisation", "reviewer", "volunteer", "auditor")
_PAGE: Final = 200


class PageOfObjections(PageFromEitherEnd):
    """Which objections."""

    state = Choice(
        "open",
        *_STATES,
        "all",
        metadata={
            "description": "`open` are filed and forwarded ones, the soonest last day first;"
            " by default `all` of a volunteer's own, and `open` for everybody else"
        },
    )
    overdue = Choice("true", metadata={"description": "only open ones whose last day has passed"})


class ObjectionSchema(Schema):
    """An objection of a volunteer's."""

    objection = Id(required=True)
    entry = Whole(required=True, least=0)
    volunteer = Id(required=True)
    subject_kind = Choice(*SUBJECTS, required=True)
    subject = fields.String(required=True, metadata={"description": "its id; may be empty"})
    organisation = fields.String(
        required=True, metadata={"description": "whose answer is awaited; empty: the operator's"}
    )
    state = Choice(*_STATES, required=True)
    filed = Moment(required=True)
    flag_by = fields.String(required=True, metadata={"description": "last day, ISO"})
    decide_by = fields.String(required=True, metadata={"description": "last day, ISO"})
    overdue = fields.Boolean(required=True)
    text = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "what the volunteer wrote, by field"},
    )


class StepSchema(Schema):
    """One thing that was done about an objection."""

    entry = Whole(required=True, least=0)
    time = Moment(required=True)
    kind = Choice(*_KINDS, required=True)
    organisation = fields.String(metadata={"description": "who was to answer from then on"})
    decide_by = fields.String()
    calendar = fields.String(metadata={"description": "which calendar the days were counted with"})
    outcome = Choice("upheld", "rejected")
    on_time = Choice("yes", "no")
    text = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class WholeObjectionSchema(ObjectionSchema):
    """An objection and all that was done about it."""

    steps = fields.List(fields.Nested(StepSchema), required=True)


@reading(
    "/objections",
    "list_objections",
    answer=page_of(ObjectionSchema, "ObjectionPage"),
    query=PageOfObjections,
    roles=_ROLES,
    scope="objections:read",
    tag="objections",
    auditors_say_why=True,
)
def list_objections(query: Mapping[str, Any]) -> dict[str, Any]:
    """Objections: a volunteer's own, or those that await an organisation one acts for, and those
    to its records that another one answers.

    Open ones stand by their last day, so that overdue ones come first, unless the newest are to.
    An auditor says why in a `Reason` header.
    """
    caller = current_caller()
    own = caller.role == "volunteer"
    state = query.get("state") or ("all" if own else "open")
    states = {"open": OPEN, "all": None}.get(state, (state,))
    organisations = None if own else _organisations_seen(caller)
    with current_book().database.reading() as connection:
        rows, more = objections_page(
            connection,
            after=query["starting_after"],
            limit=query["limit"],
            states=states,
            overdue_on=_today() if "overdue" in query else "",
            volunteer=caller.id if own else None,
            organisations=organisations,
            newest_first="newest_first" in query,
        )
        filed = journal.read_entries(connection, [row.since for row in rows])
    log_look(caller, *(f"objections/{row.objection}" for row in rows))
    return page(_shown(rows, filed), more)


@reading(
    "/objections/<id:objection>",
    "get_objection",
    answer=WholeObjectionSchema,
    roles=_ROLES,
    scope="objections:read",
    refusals=("not_found",),
    tag="objections",
    auditors_say_why=True,
)
def get_objection(objection: str) -> dict[str, Any]:
    """One objection, and what was done about it."""
    caller, book = current_caller(), current_book()
    row: Objection | None = one_row(book, "objections", objection)
    if row is None or not _sees(caller, row):
        raise not_there()
    log_look(caller, f"objections/{objection}")
    entries = _steps(row)
    (shown,) = _shown([row], entries[:1])
    return shown | {"steps": _told(entries)}


def _sees(caller: Caller, row: Objection) -> bool:
    if caller.role == "volunteer":
        return row.volunteer == caller.id
    book = current_book()
    if caller.role == "auditor" or answers(book, caller, row):
        return True
    # Whose record it is about learns what is said of it and what came of it, whoever answers.
    record: Record | None = None
    if row.subject_kind == "record":
        record = one_row(book, "records", row.subject)
    recorded_by = record.organisation if record is not None else ""
    return bool(recorded_by) and Tree(book, caller).acts_for(f"organisation:{recorded_by}")


def _organisations_seen(caller: Caller) -> list[str] | None:
    addresses = organisations_of(caller)
    return None if addresses is None else [each.partition(":")[2] for each in addresses]


def _today() -> str:
    book = current_book()
    return book.policy().local_date(book.clock.now_ms()).isoformat()


def _shown(rows: Sequence[Objection], filed: Sequence[Entry]) -> list[dict[str, Any]]:
    """What is shown of objections; `filed` are the entries that began them, in any order."""
    digests = {entry.index: str(entry.facts["text"]) for entry in filed}
    texts = texts_of(digests.values())
    today = _today()
    return [
        {
            **row._asdict(),
            "entry": row.since,
            "overdue": row.state in OPEN and row.decide_by < today,
            "text": texts.get(digests[row.since], {}),
        }
        for row in rows
    ]


def _steps(row: Objection) -> list[Entry]:
    """The entries about an objection, the first being that which filed it."""
    book, found = current_book(), []
    owner, after = account.volunteer(row.volunteer), row.since - 1
    while entries := book.history(owner, after=after, limit=_PAGE):
        about = [each for each in entries if each.kind in _KINDS]
        found += [each for each in about if each.facts["objection"] == row.objection]
        if found and found[-1].kind == "objection_decided":
            break
        after = entries[-1].index
    return found


def _told(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    said = [str(each.facts.get("text") or each.facts.get("reason", "")) for each in entries]
    texts = texts_of(said)
    named = ("organisation", "decide_by", "calendar", "outcome", "on_time")
    return [
        {
            "entry": entry.index,
            "time": entry.time,
            "kind": entry.kind,
            "text": texts.get(digest, {}),
            **{name: entry.facts[name] for name in named if name in entry.facts},
        }
        for entry, digest in zip(entries, said, strict=True)
    ]
