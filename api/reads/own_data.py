"""What a volunteer alone may ask: who read their personal data, and whom they are related to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import CURSOR_MAX, PAGE, PAGE_MAX, Number, not_there, page, page_of, reading
from api.schemas import Choice, Id, Moment, Strict, Whole
from ledger import account
from ledger.actors import role_of
from ledger.door.tree import refuse_helpers
from ledger.door.tree import rows as rows_of
from ledger.identity import mask_name
from ledger.rows import Party
from ledger.vault.door import PURPOSES, RELATIONS

_SCOPE: Final = "volunteers:read"


class PageOfAccesses(Strict):
    """Which looks at personal data."""

    limit = Number(least=1, most=PAGE_MAX, load_default=PAGE)
    before = Number(
        least=0,
        most=CURSOR_MAX,
        load_default=CURSOR_MAX,
        metadata={"description": "the `access` of the last item of the page before"},
    )
    own = Choice("yes", metadata={"description": "one's own looks as well"})
    like = Number(
        least=1,
        most=CURSOR_MAX,
        metadata={
            "description": "only looks of the same reader, purpose and day as this `access`,"
            " whoever the reader is"
        },
    )


class PageOfAccessDays(Strict):
    """Which days of looks at personal data."""

    limit = Number(least=1, most=PAGE_MAX, load_default=PAGE)
    before = Number(
        least=0,
        most=CURSOR_MAX,
        load_default=CURSOR_MAX,
        metadata={"description": "the `first` of the last item of the page before"},
    )
    own = Choice("yes", metadata={"description": "one's own looks as well"})


class AccessSchema(Schema):
    """Somebody read what is held about the volunteer."""

    access = Whole(
        required=True,
        metadata={"description": "its number in the access log, which hourly entries commit to"},
    )
    time = Moment(required=True)
    by = fields.String(required=True, metadata={"description": "the reader's address"})
    role = fields.String(
        required=True, metadata={"description": "the reader's; `operator` for the console as well"}
    )
    organisation = fields.String(
        required=True,
        metadata={"description": "id of the organisation that the reader is, or is of; or empty"},
    )
    purpose = Choice(*sorted(PURPOSES), required=True)


class AccessDaySchema(Schema):
    """Equal looks of one day: somebody read what is held about the volunteer, so many times."""

    first = Whole(
        required=True,
        metadata={"description": "the `access` of the first; `like` it are all of them"},
    )
    count = Whole(required=True, least=1)
    since = Moment(required=True, metadata={"description": "when the first was"})
    until = Moment(required=True, metadata={"description": "when the last was"})
    by = fields.String(required=True, metadata={"description": "the reader's address"})
    role = fields.String(required=True, metadata={"description": "as in the single looks"})
    organisation = fields.String(
        required=True, metadata={"description": "as in the single looks; may be empty"}
    )
    purpose = Choice(*sorted(PURPOSES), required=True)


class RelationSchema(Schema):
    """Whom a volunteer is related to."""

    relation = Id(required=True)
    relative = Id(required=True, metadata={"description": "to whom time can be given"})
    kind = Choice(*RELATIONS, required=True)
    name = fields.String(required=True, metadata={"description": "masked"})
    can_receive = fields.Boolean(
        required=True, metadata={"description": "whether the rules let time be given to them"}
    )


class RelationsSchema(Schema):
    """All of them: nobody has so many that they need pages."""

    data = fields.List(fields.Nested(RelationSchema), required=True)


@reading(
    "/volunteers/<id:volunteer>/accesses",
    "list_accesses",
    answer=page_of(AccessSchema, "AccessPage"),
    query=PageOfAccesses,
    roles=("volunteer",),
    scope=_SCOPE,
    refusals=("not_found", "not_for_helpers"),
    tag="parties",
)
def list_accesses(query: Mapping[str, Any], volunteer: str) -> dict[str, Any]:
    """Who read the caller's own personal data, in which role and for what, the newest first.

    One's own looks are left out unless they are asked for. Asking is no look: nothing is opened.
    """
    caller, book, limit = current_caller(), current_book(), query["limit"]
    _refuse_another(volunteer)
    refuse_helpers(caller)
    before, like = query["before"], query.get("like")
    if like is not None:
        try:
            found = book.vault.accesses_like(volunteer, like, before=before, limit=limit + 1)
        except KeyError:
            raise not_there() from None
    else:
        without = "" if "own" in query else caller.party
        found = book.vault.accesses(volunteer, before=before, limit=limit + 1, without=without)
    shown = found[:limit]
    who = _readers(each.by for each in shown)
    return page(
        (
            {"access": each.id, "time": each.at_ms, "purpose": each.purpose, **who[each.by]}
            for each in shown
        ),
        len(found) > limit,
    )


@reading(
    "/volunteers/<id:volunteer>/accesses/days",
    "list_access_days",
    answer=page_of(AccessDaySchema, "AccessDayPage"),
    query=PageOfAccessDays,
    roles=("volunteer",),
    scope=_SCOPE,
    refusals=("not_found", "not_for_helpers"),
    tag="parties",
)
def list_access_days(query: Mapping[str, Any], volunteer: str) -> dict[str, Any]:
    """The same with equal looks of one reader, purpose and day (in China) as one, with how many
    and from when to when; none is left out. Each by its first look, the newest first."""
    caller, book, limit = current_caller(), current_book(), query["limit"]
    _refuse_another(volunteer)
    refuse_helpers(caller)
    found = book.vault.access_days(
        volunteer,
        before=query["before"],
        limit=limit + 1,
        without="" if "own" in query else caller.party,
    )
    shown = found[:limit]
    who = _readers(each.by for each in shown)
    return page(
        (
            {
                "first": each.first,
                "count": each.looks,
                "since": each.from_ms,
                "until": each.until_ms,
                "purpose": each.purpose,
                **who[each.by],
            }
            for each in shown
        ),
        len(found) > limit,
    )


@reading(
    "/volunteers/<id:volunteer>/relations",
    "list_relations",
    answer=RelationsSchema,
    roles=("volunteer",),
    scope=_SCOPE,
    refusals=("not_found", "no_policy_in_force"),
    tag="parties",
)
def list_relations(volunteer: str) -> dict[str, Any]:
    """Spouse, lineal relatives and friends on file of the caller, by masked name, whoever of the
    two it was recorded for. Looking at a name is in that person's access log."""
    caller, book = current_caller(), current_book()
    _refuse_another(volunteer)
    counted = book.policy_of(caller.party).tb_transfer_to
    relations = book.vault.relations_of(volunteer)
    names = book.vault.read_many(
        [relative for _, relative, _ in relations],
        ["name"],
        by=caller.reader,
        purpose="relation",
        at=book.clock.now_ms(),
    )
    return {
        "data": [
            {
                "relation": relation,
                "relative": relative,
                "kind": kind,
                "name": mask_name(names[relative].get("name", "")),
                "can_receive": kind in counted,
            }
            for relation, relative, kind in sorted(
                relations, key=lambda one: (RELATIONS.index(one[2]), one[0])
            )
        ]
    }


def _refuse_another(volunteer: str) -> None:
    """Another's answers as what is not there. Raises Problem."""
    if volunteer != current_caller().id:
        raise not_there()


def _readers(addresses: Iterable[str]) -> dict[str, dict[str, str]]:
    """Who reads, by address: `by`, `role` and `organisation`."""
    wanted = sorted(set(addresses))
    staff: dict[str, Party] = rows_of(current_book(), "parties", wanted)
    return {
        one: {"by": one, "role": _role(one), "organisation": _organisation(one, staff.get(one))}
        for one in wanted
    }


def _role(address: str) -> str:
    """In which role somebody at this address reads; console and timers are the operator's."""
    role = role_of(address)
    return "operator" if role in (account.CONSOLE, account.SYSTEM) else role


def _organisation(address: str, party: Party | None) -> str:
    kind, _, one = address.partition(":")
    if kind == "organisation":
        return one
    above = party.parent if party is not None and kind == "staff" else ""
    return above.removeprefix("organisation:") if above.startswith("organisation:") else ""
