"""Who records, approves and reviews; and whose number this is."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import access_of, current_caller, require
from api.current import current_book
from api.published import Published, publish
from api.reads.asking import (
    PageOfParties,
    not_there,
    organisations_of,
    page,
    page_of,
    reading,
    reads,
)
from api.reads.parties import PURPOSE_OF_ROLE, ProfileSchema, bare, profiles, visible_volunteer
from api.routes import documented
from api.schemas import Id, Strict, Typed, Whole
from ledger import account
from ledger.door.tree import Tree
from ledger.store import queries

_FIND: Final = "/volunteers/find"
_ROLES: Final = ("operator", "organisation")
_READ: Final = "volunteers:read"
_KINDS: Final = ("number", "identity_number")
_NUMBER_MAX: Final = 64
_REFUSALS: Final = (
    "missing_body malformed_json duplicate_name not_a_json_number nested_too_deep body_too_large"
    " wrong_media_type compressed_body invalid_request missing_field unknown_field wrong_type"
    " too_long empty bad_text token_missing token_invalid token_expired token_revoked"
    " caller_not_active role_not_allowed scope_missing"
).split()


class StaffSchema(Schema):
    """Somebody who works for an organisation."""

    staff = Id(required=True)
    entry = Whole(required=True, least=0)
    state = fields.String(required=True)
    organisation = fields.String(
        required=True, metadata={"description": "for whom; may be empty where it was imported"}
    )
    name = fields.String(metadata={"description": "absent where none is known"})


class NumberSchema(Strict):
    """A volunteer's number, or their identity number."""

    number = Typed(required=True, most=_NUMBER_MAX)


@reading(
    "/staff",
    "list_staff",
    answer=page_of(StaffSchema, "StaffPage"),
    query=PageOfParties,
    roles=_ROLES,
    scope="parties:read",
    tag="parties",
)
def list_staff(query: Mapping[str, Any]) -> dict[str, Any]:
    """Who records, approves or reviews, by name. An organisation sees its own and those of whom
    stands below it."""
    caller, book = current_caller(), current_book()
    with book.database.reading() as connection:
        rows, more = queries.parties_page(
            connection,
            "staff",
            after=query["starting_after"],
            limit=query["limit"],
            state=query.get("state"),
            parents=organisations_of(caller),
        )
    found = book.vault.read_many(
        [bare(row) for row in rows],
        ("name",),
        by=caller.party,
        purpose=PURPOSE_OF_ROLE[caller.role],
        at=book.clock.now_ms(),
    )
    shown = [
        {
            "staff": bare(row),
            "entry": row.since,
            "state": row.state,
            "organisation": row.parent.partition(":")[2],
            **found[bare(row)],
        }
        for row in rows
    ]
    return page(shown, more)


def find_volunteer(body: Mapping[str, Any]) -> dict[str, Any]:
    """Whose number this is, masked: a volunteer's own number or their identity number.

    Only among the volunteers that the caller acts for; another's is not found, as one that nobody
    has. Nothing is written but the look.
    """
    book, caller = current_book(), current_caller()
    typed = unicodedata.normalize("NFKC", body["number"]).strip()
    ids = {
        one
        for kind in _KINDS
        for one in book.vault.find(
            "volunteer", kind, typed.upper() if kind == "identity_number" else typed
        )
    }
    tree = Tree(book, caller)
    ours = [one for one in sorted(ids) if tree.acts_for(account.volunteer(one))]
    if not ours:
        raise not_there()
    return profiles([visible_volunteer(ours[0], caller)], caller)[0]


def _published() -> None:
    """A number is personal: it is sent in a body and stands in no address, so this is no GET."""
    made: Any = reads.response(200, ProfileSchema)(find_volunteer)
    made = reads.arguments(NumberSchema(), location="json")(made)
    made = documented(reads, [*_REFUSALS, "not_found"])(made)
    made = require(*_ROLES, scope=_READ)(made)
    made = reads.doc(operationId="find_volunteer")(made)
    reads.route(_FIND, methods=["POST"], tags=["parties"], endpoint="find_volunteer")(made)
    access = access_of(_ROLES, _READ)
    publish(find_volunteer, Published(rule=_FIND, access=access, schema=NumberSchema))


_published()
