"""Reading webhooks: who is told where, what became of each message, and the key that signs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import Page, PageFromEitherEnd, not_there, page, page_of, reading
from api.schemas import Choice, Id, Moment, Whole
from ledger.book import Caller
from ledger.door.webhooks import refuse_till, webhook_of_ours
from ledger.errors import Refused
from ledger.rows import Webhook
from ledger.store import journal, outbox
from ledger.webhooks.events import type_of
from ledger.webhooks.message import message_id, public_key_text

_TAG: Final = "webhooks"
_SCOPE: Final = "webhooks:read"


class PageOfDeliveries(PageFromEitherEnd):
    """Which deliveries."""

    state = Choice(*outbox.STATES)


class WebhookKeySchema(Schema):
    """What checks the signatures of webhooks."""

    public_key = fields.String(
        required=True, metadata={"description": "`whpk_` and the raw ed25519 key in base64"}
    )


class WebhookSchema(Schema):
    """An endpoint."""

    webhook = Id(required=True)
    entry = Whole(required=True, least=0, metadata={"description": "the entry that made it"})
    set_by = Whole(required=True, least=0, metadata={"description": "the entry that set it last"})
    party = fields.String(required=True)
    host = fields.String(required=True)
    url = fields.String(metadata={"description": "for its owner alone"})
    events = fields.List(
        fields.String(), required=True, metadata={"description": "empty: all there are"}
    )
    state = Choice("active", "disabled", required=True)
    ground = Choice(
        "asked",
        "failing",
        "gone",
        required=True,
        metadata={
            "description": "`gone`: it answered 410; `failing`: it took nothing for three days"
        },
    )
    waiting = Whole(required=True, least=0, metadata={"description": "messages still to be taken"})
    failed = Whole(
        required=True, least=0, metadata={"description": "messages given up, of thirty days"}
    )


class DeliverySchema(Schema):
    """What became of one message."""

    entry = Whole(required=True, least=0)
    message = fields.String(required=True, metadata={"description": "its webhook-id"})
    type = fields.String(required=True)
    state = Choice(*outbox.STATES, required=True)
    attempts = Whole(required=True, least=0)
    next_attempt = Moment(required=True, allow_none=True)
    last_attempt = Moment(required=True, allow_none=True)
    status = Whole(
        required=True, least=0, metadata={"description": "HTTP status of the last attempt, 0: none"}
    )
    fault = fields.String(
        required=True,
        metadata={
            "description": "why no status came: `not_allowed`, `unresolved`, `refused`,"
            " `timeout`, `tls`, `broken`; else empty"
        },
    )


@reading("/webhooks/key", "get_webhook_key", answer=WebhookKeySchema, tag=_TAG)
def get_webhook_key() -> dict[str, Any]:
    """The key that signs every webhook of this ledger, for everybody."""
    return {"public_key": public_key_text(current_book().keys.webhook.public_key)}


@reading(
    "/webhooks",
    "list_webhooks",
    answer=page_of(WebhookSchema, "WebhookPage"),
    query=Page,
    scope=_SCOPE,
    tag=_TAG,
)
def list_webhooks(query: Mapping[str, Any]) -> dict[str, Any]:
    """The caller's endpoints; for operators everybody's, without the address. Not for tills."""
    caller = current_caller()
    refuse_till(caller)
    with current_book().database.reading() as connection:
        rows, more = outbox.webhooks_page(
            connection,
            party=None if caller.role == "operator" else caller.party,
            after=query["starting_after"],
            limit=query["limit"],
        )
    return page(_webhooks(rows, caller), more)


@reading(
    "/webhooks/<id:webhook>",
    "get_webhook",
    answer=WebhookSchema,
    scope=_SCOPE,
    refusals=("not_found",),
    tag=_TAG,
)
def get_webhook(webhook: str) -> dict[str, Any]:
    """One endpoint."""
    return _webhooks([_visible(webhook)], current_caller())[0]


@reading(
    "/webhooks/<id:webhook>/deliveries",
    "list_deliveries",
    answer=page_of(DeliverySchema, "DeliveryPage"),
    query=PageOfDeliveries,
    scope=_SCOPE,
    refusals=("not_found",),
    tag=_TAG,
)
def list_deliveries(query: Mapping[str, Any], webhook: str) -> dict[str, Any]:
    """What became of each message to an endpoint, in the order of the entries; `state=failed` for
    those that were given up.

    What was delivered or given up is kept for thirty days; the entries can be replayed for ever.
    """
    _visible(webhook)
    with current_book().database.reading() as connection:
        rows, more = outbox.deliveries(
            connection,
            webhook,
            state=query.get("state"),
            after=query["starting_after"],
            limit=query["limit"],
            newest_first="newest_first" in query,
        )
        entries = journal.read_entries(connection, [row.entry for row in rows])
    types = {entry.index: type_of(entry.kind) for entry in entries}
    return page(
        (
            {
                "entry": row.entry,
                "message": message_id(webhook, row.entry),
                "type": types[row.entry],
                "state": row.state,
                "attempts": row.attempts,
                "next_attempt": row.due if row.state == outbox.WAITING else None,
                "last_attempt": row.last or None,
                "status": row.status,
                "fault": row.fault,
            }
            for row in rows
        ),
        more,
    )


def _visible(webhook: str) -> Webhook:
    refuse_till(current_caller())
    try:
        return webhook_of_ours(current_book(), current_caller(), webhook)
    except Refused as refused:
        if refused.code != "unknown_webhook":
            raise
        raise not_there() from None


def _webhooks(rows: Sequence[Webhook], caller: Caller) -> list[dict[str, Any]]:
    book = current_book()
    urls = book.vault.open_texts([row.url for row in rows])
    with book.database.reading() as connection:
        counts = outbox.counts(connection, [row.webhook for row in rows])
    shown = []
    for row in rows:
        url = urls[row.url].get("url", "")
        one = {
            "webhook": row.webhook,
            "entry": row.made,
            "set_by": row.since,
            "party": row.party,
            "host": urlsplit(url).hostname or "",
            "events": [event for event in row.events.split("+") if event],
            "state": row.state,
            "ground": row.ground,
            "waiting": counts[row.webhook].get(outbox.WAITING, 0),
            "failed": counts[row.webhook].get(outbox.FAILED, 0),
        }
        shown.append(one | ({"url": url} if row.party == caller.party else {}))
    return shown
