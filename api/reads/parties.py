"""Reading who takes part: volunteers, organisations, merchants, and who the token is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    PAGE_MAX,
    Page,
    PageOfMerchants,
    PageOfOrganisations,
    PageOfParties,
    acts_for,
    not_there,
    organisations_of,
    page,
    page_of,
    reading,
    texts_of,
)
from api.schemas import Choice, Id, Moment, Whole
from ledger import account
from ledger.book import Caller
from ledger.identity import mask_identity_number, mask_name
from ledger.rows import Party
from ledger.store import queries

OWN_FIELDS: Final = ("name", "number", "identity_number", "birth_date")
MASKED_FIELDS: Final = ("name", "identity_number")
NAME: Final = ("name",)

PURPOSE_OF_ROLE: Final[Mapping[str, str]] = {
    "operator": "operation",
    "organisation": "registration",
    "reviewer": "record_review",
    "volunteer": "own_data",
    "merchant": "own_data",
    "auditor": "audit",
}
"""Why a caller of each role looks at personal data (docs/vault.md)."""


class ProfileSchema(Schema):
    """A volunteer. Name and identity number are masked for everybody but the volunteer."""

    volunteer = Id(required=True)
    entry = Whole(required=True, least=0, metadata={"description": "the registration"})
    state = Choice("active", "suspended", "left", "deceased", "forgotten", required=True)
    form = fields.String(
        required=True, metadata={"description": "`group` where many are meant; else empty"}
    )
    organisation = fields.String(
        required=True, metadata={"description": "who registered the volunteer; may be empty"}
    )
    guardian = Choice("not_needed", "consented", "missing", required=True)
    name = fields.String(metadata={"description": "absent once forgotten"})
    number = fields.String()
    identity_number = fields.String()
    birth_date = fields.String()


class QualificationSchema(Schema):
    """A course completed, or an accident insurance."""

    what = fields.String(
        required=True, metadata={"description": "`insurance`, or the id of the course"}
    )
    entry = Whole(required=True, least=0, metadata={"description": "the newest about it"})
    learning_minutes = Whole(
        required=True, least=0, metadata={"description": "in all; these are no service"}
    )
    valid_from = Moment(required=True)
    valid_until = Moment(
        required=True, allow_none=True, metadata={"description": "null for without end"}
    )
    text = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "what people wrote about the course, by field"},
    )


class LapsingSchema(Schema):
    """Points that lapse together."""

    last_day = fields.String(required=True, metadata={"description": "the last day of use, ISO"})
    points_hundredths = Whole(required=True, least=0)


class PackItemSchema(Schema):
    """One item of a star's courtesy pack."""

    item = fields.String(required=True)
    count = Whole(required=True)
    value_yuan = Whole(required=True, least=0, metadata={"description": "0: not said"})


class StandingSchema(Schema):
    """What a volunteer has now."""

    volunteer = Id(required=True)
    state = fields.String(required=True)
    service_minutes = Whole(required=True, least=0)
    check_in_minutes = Whole(required=True, least=0)
    backfill_minutes = Whole(required=True, least=0)
    learning_minutes = Whole(
        required=True, least=0, metadata={"description": "courses completed; no service"}
    )
    star_minutes = Whole(
        required=True, least=0, metadata={"description": "service that counts for stars now"}
    )
    eligible_star = Whole(required=True, least=0)
    star = Whole(required=True, least=0, metadata={"description": "what has been granted"})
    star_case = fields.String(
        required=True, metadata={"description": "what is being decided; empty if nothing is"}
    )
    courtesy_pack = fields.List(
        fields.Nested(PackItemSchema),
        required=True,
        metadata={"description": "what the star that is held brings"},
    )
    minutes_to_next_star = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null at the highest star"}
    )
    points_hundredths = Whole(
        required=True, least=0, metadata={"description": "what can be spent today"}
    )
    points_earned_hundredths = Whole(required=True, least=0)
    points_owed_hundredths = Whole(required=True, least=0)
    lapsing = fields.List(fields.Nested(LapsingSchema), required=True)
    time_minutes = fields.Integer(required=True)
    time_owed_minutes = Whole(required=True, least=0)
    elder_home_entitled = fields.Boolean(
        required=True,
        metadata={"description": "coins and hours reach what policy asks for a public elder home"},
    )
    policy = fields.String(required=True)
    as_of_entry = Whole(
        required=True, least=0, metadata={"description": "how many entries were counted"}
    )


class OrganisationSchema(Schema):
    """An organisation or team in the tree of four tiers."""

    organisation = Id(required=True)
    entry = Whole(required=True, least=0)
    state = fields.String(required=True)
    parent = fields.String(required=True, metadata={"description": "the id above; empty at a root"})
    tier = fields.String(required=True)
    form = fields.String(required=True)
    name = fields.String()


class MerchantSchema(Schema):
    """A partner merchant."""

    merchant = Id(required=True)
    entry = Whole(required=True, least=0)
    state = fields.String(required=True)
    name = fields.String()


class TerminalSchema(Schema):
    """A registered till."""

    terminal = Id(required=True)
    entry = Whole(required=True, least=0)
    state = fields.String(required=True)
    name = fields.String()


class BranchSchema(Schema):
    """A branch; its tills are shown to the merchant and to operators."""

    branch = Id(required=True)
    entry = Whole(required=True, least=0)
    state = fields.String(required=True)
    name = fields.String()
    terminals = fields.List(fields.Nested(TerminalSchema))


class MerchantWithBranchesSchema(MerchantSchema):
    """A partner merchant and where it is."""

    branches = fields.List(fields.Nested(BranchSchema), required=True)


class MeSchema(Schema):
    """Who a token is, and what it may do."""

    party = fields.String(required=True)
    role = fields.String(required=True)
    credential = Id(required=True)
    scopes = fields.List(fields.String(), required=True)
    terminal = fields.String(required=True, metadata={"description": "empty without a till"})
    expires = Moment(required=True, allow_none=True, metadata={"description": "null for never"})


@reading("/me", "who_am_i", answer=MeSchema, any_token=True, tag="parties")
def who_am_i() -> dict[str, Any]:
    """Who this token is."""
    caller = current_caller()
    with current_book().database.reading() as connection:
        row = queries.credential(connection, caller.credential)
    return {
        "party": caller.party,
        "role": caller.role,
        "credential": caller.credential,
        "scopes": sorted(caller.scopes),
        "terminal": caller.terminal,
        "expires": row.expires if row and row.expires else None,
    }


@reading(
    "/volunteers",
    "list_volunteers",
    answer=page_of(ProfileSchema, "VolunteerPage"),
    query=PageOfParties,
    roles=("operator", "organisation"),
    scope="volunteers:read",
    tag="parties",
)
def list_volunteers(query: Mapping[str, Any]) -> dict[str, Any]:
    """Volunteers, masked. An organisation sees those registered by it or below it."""
    caller = current_caller()
    parents = organisations_of(caller)
    with current_book().database.reading() as connection:
        rows, more = queries.parties_page(
            connection,
            "volunteer",
            after=query["starting_after"],
            limit=query["limit"],
            state=query.get("state"),
            parents=parents,
        )
    return page(profiles(rows, caller), more)


@reading(
    "/volunteers/<id:volunteer>",
    "get_volunteer",
    answer=ProfileSchema,
    roles=("operator", "organisation", "reviewer", "volunteer"),
    scope="volunteers:read",
    refusals=("not_found",),
    tag="parties",
)
def get_volunteer(volunteer: str) -> dict[str, Any]:
    """One volunteer: in full to the volunteer, masked to others."""
    caller = current_caller()
    return profiles([visible_volunteer(volunteer, caller)], caller)[0]


@reading(
    "/volunteers/<id:volunteer>/standing",
    "get_standing",
    answer=StandingSchema,
    roles=("operator", "organisation", "reviewer", "volunteer"),
    scope="volunteers:read",
    refusals=("not_found", "no_policy_in_force", "clock_unsure"),
    tag="parties",
)
def get_standing(volunteer: str) -> dict[str, Any]:
    """Hours, stars, points and saved time as they stand."""
    visible_volunteer(volunteer, current_caller())
    standing = current_book().standing(volunteer)
    shown = {name: getattr(standing, name) for name in StandingSchema().fields}
    shown["lapsing"] = [
        {"last_day": last_day, "points_hundredths": hundredths}
        for last_day, hundredths in standing.lapsing
    ]
    shown["courtesy_pack"] = [
        {"item": pack.item, "count": pack.count, "value_yuan": pack.value_yuan}
        for pack in standing.courtesy_pack
    ]
    return shown


@reading(
    "/volunteers/<id:volunteer>/qualifications",
    "list_qualifications",
    answer=page_of(QualificationSchema, "QualificationPage"),
    query=Page,
    roles=("operator", "organisation", "reviewer", "volunteer"),
    scope="volunteers:read",
    refusals=("not_found",),
    tag="parties",
)
def list_qualifications(query: Mapping[str, Any], volunteer: str) -> dict[str, Any]:
    """Courses that a volunteer completed and insurances that cover them, the oldest entry first."""
    visible_volunteer(volunteer, current_caller())
    with current_book().database.reading() as connection:
        found, more = queries.qualifications_page(
            connection, volunteer, after=query["starting_after"], limit=query["limit"]
        )
        courses = queries.activities_named(connection, [each.what for each in found])
    texts = texts_of(course.text for course in courses.values())
    return page(
        [
            {
                "what": each.what,
                "entry": each.since,
                "learning_minutes": each.minutes,
                "valid_from": each.valid_from,
                "valid_until": each.valid_until or None,
                "text": texts.get(courses[each.what].text, {}) if each.what in courses else {},
            }
            for each in found
        ],
        more,
    )


@reading(
    "/organisations",
    "list_organisations",
    answer=page_of(OrganisationSchema, "OrganisationPage"),
    query=PageOfOrganisations,
    scope="parties:read",
    tag="parties",
)
def list_organisations(query: Mapping[str, Any]) -> dict[str, Any]:
    """Organisations and teams, with the one above each."""
    parent = query.get("parent")
    with current_book().database.reading() as connection:
        rows, more = queries.parties_page(
            connection,
            "organisation",
            after=query["starting_after"],
            limit=query["limit"],
            state=query.get("state"),
            parents=[f"organisation:{parent}"] if parent else None,
        )
    return page(_organisations(rows), more)


@reading(
    "/organisations/<id:organisation>",
    "get_organisation",
    answer=OrganisationSchema,
    scope="parties:read",
    refusals=("not_found",),
    tag="parties",
)
def get_organisation(organisation: str) -> dict[str, Any]:
    """One organisation or team."""
    with current_book().database.reading() as connection:
        row = queries.party(connection, f"organisation:{organisation}")
    if row is None:
        raise not_there()
    return _organisations([row])[0]


@reading(
    "/merchants",
    "list_merchants",
    answer=page_of(MerchantSchema, "MerchantPage"),
    query=PageOfMerchants,
    scope="parties:read",
    tag="parties",
)
def list_merchants(query: Mapping[str, Any]) -> dict[str, Any]:
    """Partner merchants; a merchant sees itself."""
    caller = current_caller()
    after, state, limit = query["starting_after"], query.get("state"), query["limit"]
    is_narrowed = "offering" in query or "name" in query
    with current_book().database.reading() as connection:
        offering = queries.merchants_offering(connection) if "offering" in query else None
        if caller.role == "merchant":
            own = queries.party(connection, caller.party)
            fits = own is not None and own.since > after and state in (None, own.state)
            rows, more = ([own] if own is not None and fits else []), False
        else:
            size = PAGE_MAX if is_narrowed else limit
            rows, more = queries.parties_page(
                connection, "merchant", after=after, limit=size, state=state
            )
        found, part = [], query.get("name", "").casefold()
        while True:
            names = names_of([bare(row) for row in rows])
            found += [
                _merchant(row, names)
                for row in rows
                if (offering is None or bare(row) in offering)
                and part in names.get(bare(row), "").casefold()
            ]
            # What merchants are called is sealed, so that they are looked through here.
            if not (more and is_narrowed) or len(found) > limit:
                return page(found[:limit], more or len(found) > limit)
            rows, more = queries.parties_page(
                connection, "merchant", after=rows[-1].since, limit=size, state=state
            )


@reading(
    "/merchants/<id:merchant>",
    "get_merchant",
    answer=MerchantWithBranchesSchema,
    scope="parties:read",
    refusals=("not_found",),
    tag="parties",
)
def get_merchant(merchant: str) -> dict[str, Any]:
    """One merchant, its branches, and to itself its tills."""
    caller = current_caller()
    address = f"merchant:{merchant}"
    if caller.role == "merchant" and caller.party != address:
        raise not_there()
    with current_book().database.reading() as connection:
        row = queries.party(connection, address)
        if row is None:
            raise not_there()
        branches = queries.children(connection, "branch", [address])
        terminals = queries.children(connection, "terminal", [each.address for each in branches])
    with_tills = caller.role in ("operator", "merchant")
    named = (row, *branches, *terminals) if with_tills else (row, *branches)
    names = names_of([bare(each) for each in named])
    return {
        **_merchant(row, names),
        "branches": [
            _branch(branch, names, terminals if with_tills else None) for branch in branches
        ],
    }


def visible_volunteer(volunteer: str, caller: Caller) -> Party:
    """The volunteer, where the caller may look; else the problem of an unknown id."""
    address = account.volunteer(volunteer)
    with current_book().database.reading() as connection:
        row = queries.party(connection, address)
    if row is None or not acts_for(caller, address):
        raise not_there()
    return row


def names_of(ids: Sequence[str]) -> Mapping[str, str]:
    """What organisations, merchants and branches are called; logged like every look behind an
    id."""
    if not ids:
        return {}
    book, caller = current_book(), current_caller()
    purpose = "operation" if caller.role == "operator" else "notice"
    found = book.vault.read_many(
        ids, NAME, by=caller.reader, purpose=purpose, at=book.clock.now_ms()
    )
    return {one: kept["name"] for one, kept in found.items() if "name" in kept}


def bare(party: Party) -> str:
    """A party's id without its role."""
    return party.address.partition(":")[2]


def profiles(rows: Sequence[Party], caller: Caller) -> list[dict[str, Any]]:
    """Volunteers as the caller may see them: in full to themselves, masked to others."""
    book = current_book()
    # Who acts for a volunteer needs to know who they are, not their numbers.
    in_full = caller.role == "volunteer" and not caller.helper
    found = book.vault.read_many(
        [bare(row) for row in rows],
        OWN_FIELDS if in_full else MASKED_FIELDS,
        by=caller.reader,
        purpose="helping" if caller.helper else PURPOSE_OF_ROLE[caller.role],
        at=book.clock.now_ms(),
    )
    return [
        {
            "volunteer": bare(row),
            "entry": row.since,
            "state": row.state,
            "form": row.form,
            "organisation": row.parent.partition(":")[2],
            "guardian": row.guardian,
            **(found[bare(row)] if in_full else _masked(found[bare(row)])),
        }
        for row in rows
    ]


def _masked(kept: Mapping[str, str]) -> dict[str, str]:
    shown = {}
    if "name" in kept:
        shown["name"] = mask_name(kept["name"])
    if "identity_number" in kept:
        shown["identity_number"] = mask_identity_number(kept["identity_number"])
    return shown


def _organisations(rows: Sequence[Party]) -> list[dict[str, Any]]:
    names = names_of([bare(row) for row in rows])
    return [
        {
            "organisation": bare(row),
            "entry": row.since,
            "state": row.state,
            "parent": row.parent.partition(":")[2],
            "tier": row.tier,
            "form": row.form,
            **_named(bare(row), names),
        }
        for row in rows
    ]


def _merchant(row: Party, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "merchant": bare(row),
        "entry": row.since,
        "state": row.state,
        **_named(bare(row), names),
    }


def _branch(
    row: Party, names: Mapping[str, str], terminals: Sequence[Party] | None
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "branch": bare(row),
        "entry": row.since,
        "state": row.state,
        **_named(bare(row), names),
    }
    if terminals is not None:
        shown["terminals"] = [
            {
                "terminal": bare(each),
                "entry": each.since,
                "state": each.state,
                **_named(bare(each), names),
            }
            for each in terminals
            if each.parent == row.address
        ]
    return shown


def _named(one: str, names: Mapping[str, str]) -> dict[str, str]:
    return {"name": names[one]} if one in names else {}
