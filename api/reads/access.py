"""Reading who may do what: credentials, parties of every kind, and the ledger's public keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import Page, PageOfParties, page, page_of, reading
from api.reads.parties import bare, names_of
from api.schemas import PARTY_KINDS, Choice, Id, Moment, PartyAddress, Whole
from ledger.identity import mask_name
from ledger.store import queries
from ledger.webhooks.message import public_key_text

_NAMED: Final = frozenset({"organisation", "merchant", "branch", "terminal"})
"""Kinds whose names say nothing about a person."""
_MASKED: Final = frozenset({"auditor", "clerk", "staff"})
"""Kinds of people whom an operator knows by masked name; of volunteers a list says none."""


class CredentialSchema(Schema):
    """A token, or what a sign-in link stands on. The secret itself is kept nowhere."""

    credential = Id(required=True)
    entry = Whole(required=True, least=0, metadata={"description": "the issue"})
    party = fields.String(required=True)
    name = fields.String(
        metadata={"description": "what the party is called, as far as a list of parties says it"}
    )
    role = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    terminal = fields.String(required=True, metadata={"description": "the till, or empty"})
    expires = Moment(required=True, allow_none=True, metadata={"description": "null for never"})
    state = Choice("good", "expired", "revoked", required=True)


class PageOfCredentials(Page):
    """Whose."""

    party = PartyAddress(metadata={"description": "only this party's"})


class PartySchema(Schema):
    """Anybody who takes part, without what is known about people."""

    party = fields.String(required=True)
    entry = Whole(required=True, least=0, metadata={"description": "the registration"})
    state = fields.String(required=True)
    parent = fields.String(required=True, metadata={"description": "who stands above, or empty"})
    tier = fields.String(required=True)
    parent_name = fields.String(metadata={"description": "what that is called, where known"})
    name = fields.String(
        metadata={
            "description": "of organisations and shops, where known; of staff, clerks and auditors"
            " masked"
        }
    )


class PageOfKind(PageOfParties):
    """Of which kind."""

    kind = Choice(*PARTY_KINDS, required=True)


class KeySchema(Schema):
    """One public key."""

    use = Choice("log", "acknowledgement", "manifest", "voucher", "webhook", required=True)
    key = fields.String(required=True, metadata={"description": "as verifiers take it"})


class KeysSchema(Schema):
    """The keys that sign now."""

    origin = fields.String(required=True)
    data = fields.List(fields.Nested(KeySchema), required=True)


@reading(
    "/tokens",
    "list_tokens",
    answer=page_of(CredentialSchema, "CredentialPage"),
    query=PageOfCredentials,
    scope="tokens:write",
    tag="tokens",
)
def list_tokens(query: Mapping[str, Any]) -> dict[str, Any]:
    """Credentials in the order of their issue: for operators everybody's, else the caller's own
    party's. A till's token sees none."""
    caller, book = current_caller(), current_book()
    wanted = query.get("party", "")
    if caller.role != "operator":
        if caller.terminal or wanted not in ("", caller.party):
            return page([], False)
        wanted = caller.party
    with book.database.reading() as connection:
        rows, more = queries.credentials_page(
            connection, after=query["starting_after"], limit=query["limit"], party=wanted
        )
    now = book.clock.now_ms()
    named = _names_of_parties({row.party for row in rows})
    shown = (
        {
            "credential": row.credential,
            "entry": row.since,
            "party": row.party,
            **_known("name", named.get(row.party, "")),
            "role": row.role,
            "scopes": sorted(row.scopes.split("+")),
            "terminal": row.terminal,
            "expires": row.expires or None,
            "state": "revoked"
            if row.revoked
            else "expired"
            if row.expires and row.expires <= now
            else "good",
        }
        for row in rows
    )
    return page(shown, more)


@reading(
    "/parties",
    "list_parties",
    answer=page_of(PartySchema, "PartyPage"),
    query=PageOfKind,
    roles=("operator",),
    scope="parties:read",
    tag="parties",
)
def list_parties(query: Mapping[str, Any]) -> dict[str, Any]:
    """Parties of one kind in the order of registration. Volunteers are ids here; the names of
    others who are people are masked, and looking at them is in their access log."""
    with current_book().database.reading() as connection:
        rows, more = queries.parties_page(
            connection,
            query["kind"],
            after=query["starting_after"],
            limit=query["limit"],
            state=query.get("state"),
        )
    names = _names(query["kind"], [bare(row) for row in rows])
    above = current_book().vault.place_names(
        sorted({row.parent.partition(":")[2] for row in rows if row.parent})
    )
    return page(
        (
            {
                "party": row.address,
                "entry": row.since,
                "state": row.state,
                "parent": row.parent,
                "tier": row.tier,
                **_known("parent_name", above.get(row.parent.partition(":")[2], "")),
                **_known("name", names.get(bare(row), "")),
            }
            for row in rows
        ),
        more,
    )


def _names(kind: str, ids: list[str]) -> Mapping[str, str]:
    """What these are called, as far as a list says it."""
    if kind in _NAMED:
        return names_of(ids)
    if kind in _MASKED:
        return {one: mask_name(name) for one, name in names_of(ids).items()}
    return {}


def _names_of_parties(addresses: Collection[str]) -> dict[str, str]:
    """The same of parties of several kinds, by address."""
    found = {}
    for kind in sorted({each.partition(":")[0] for each in addresses}):
        ids = sorted(each.partition(":")[2] for each in addresses if each.startswith(f"{kind}:"))
        found.update({f"{kind}:{one}": name for one, name in _names(kind, ids).items()})
    return found


def _known(name: str, text: str) -> dict[str, str]:
    return {name: text} if text else {}


@reading("/keys", "list_keys", answer=KeysSchema, tag="parties")
def list_keys() -> dict[str, Any]:
    """The public keys that sign now. Take the log's from somewhere else as well: a key that came
    with what it signed proves nothing."""
    book = current_book()
    ring = book.keys
    keys = [
        {"use": use, "key": signer.vkey}
        for use, signer in (
            ("log", ring.log),
            ("acknowledgement", ring.ack),
            ("manifest", ring.manifest),
            ("voucher", ring.voucher),
        )
    ]
    keys.append({"use": "webhook", "key": public_key_text(ring.webhook.public_key)})
    return {"origin": book.origin, "data": keys}
