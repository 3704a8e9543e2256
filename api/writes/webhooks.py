"""Webhooks: where a party is told of entries, and telling it again (docs/webhooks.md)."""

from __future__ import annotations

from typing import Any, Final

from flask import Response
from marshmallow import Schema, ValidationError, fields, validates_schema

from api.caller import access_of, current_caller, require
from api.current import current_settings
from api.routes import documented
from api.schemas import Listed, NothingSchema, PartyAddress, Strict, Typed, Whole
from api.writes.asking import (
    COMMON_REFUSALS,
    KEY_PARAMETERS,
    asking_with,
    idempotency_key,
    json_answer,
    writes,
    writing,
)
from ledger.door import webhooks
from ledger.door.asking import Asking
from ledger.door.webhooks import Replayed
from ledger.sequencer import Receipt
from ledger.webhooks.address import URL_CHARACTERS_MAX
from ledger.webhooks.message import message_id

_TAG: Final = "webhooks"
_SCOPE: Final = "webhooks:write"
_REFUSALS: Final = (
    "unknown_webhook unknown_party party_not_active role_not_of_party role_not_allowed bad_event"
    " bad_webhook_url address_not_global webhook_state_conflict too_many_webhooks"
)

Body = dict[str, Any]


class _Endpoint(Strict):
    url = Typed(
        most=URL_CHARACTERS_MAX,
        metadata={"description": "https, port 443 or 8443; sealed, and shown to its owner alone"},
    )
    events = Listed(Typed(most=64), most=200)
    """Such as `redemption.captured`; none for all there are."""


class NewWebhookSchema(_Endpoint):
    """An endpoint to be told of entries."""

    url = Typed(
        required=True,
        most=URL_CHARACTERS_MAX,
        metadata={"description": "https, port 443 or 8443; sealed, and shown to its owner alone"},
    )
    party = PartyAddress(metadata={"description": "by default the caller's own"})


class WebhookChangeSchema(_Endpoint):
    """What is to be another; what is left out stays."""


class ReplaySchema(Strict):
    """Which messages to send again: that of one entry, or all from an entry on."""

    entry = Whole(least=0)
    since = Whole(least=0)

    @validates_schema
    def one_of_both(self, data: Body, **_given: Any) -> None:
        """Exactly one is said."""
        if len(data) != 1:
            raise ValidationError("missing_field|give `entry` or `since`, one of the two")


class TestedSchema(Schema):
    """A test that is on its way."""

    entry = Whole(required=True, least=0, metadata={"description": "it is about this entry"})
    message = fields.String(required=True, metadata={"description": "its webhook-id"})


class ReplayedSchema(Schema):
    """What is on its way."""

    messages = fields.Integer(
        required=True, metadata={"description": "messages that are sent (again) now"}
    )
    next_since = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "go on with this `since`; null where nothing is left"},
    )


@writing("/webhooks", NewWebhookSchema, scope=_SCOPE, tag=_TAG, refusals=_REFUSALS)
def create_webhook(ask: Asking, body: Body) -> Receipt:
    """Tell a party of entries at an address from now on."""
    return webhooks.create(ask, **body, networks=current_settings().webhook_networks)


@writing("/webhooks/<id:webhook>", WebhookChangeSchema, scope=_SCOPE, tag=_TAG, refusals=_REFUSALS)
def change_webhook(ask: Asking, body: Body, webhook: str) -> Receipt:
    """Change an endpoint's address or events; its id stays."""
    networks = current_settings().webhook_networks
    return webhooks.change(ask, webhook=webhook, **body, networks=networks)


@writing(
    "/webhooks/<id:webhook>/disable", NothingSchema, scope=_SCOPE, tag=_TAG, refusals=_REFUSALS
)
def disable_webhook(ask: Asking, _body: Body, webhook: str) -> Receipt:
    """Send nothing more to an endpoint. What happens meanwhile can be replayed later."""
    return webhooks.change(ask, webhook=webhook, state="disabled")


@writing("/webhooks/<id:webhook>/enable", NothingSchema, scope=_SCOPE, tag=_TAG, refusals=_REFUSALS)
def enable_webhook(ask: Asking, _body: Body, webhook: str) -> Receipt:
    """Send to an endpoint again, from now on."""
    return webhooks.change(ask, webhook=webhook, state="active")


@writing(
    "/webhooks/<id:webhook>/remove",
    NothingSchema,
    scope=_SCOPE,
    tag=_TAG,
    refusals="unknown_webhook party_not_active role_not_allowed webhook_state_conflict",
)
def remove_webhook(ask: Asking, _body: Body, webhook: str) -> Receipt:
    """Send nothing more to an endpoint and destroy its address, for good."""
    return webhooks.remove(ask, webhook=webhook)


@writes.route("/webhooks/<id:webhook>/test", methods=["POST"], tags=[_TAG], endpoint="test_webhook")
@writes.doc(operationId="test_webhook", parameters=KEY_PARAMETERS[:1])
@require(scope=_SCOPE)
@documented(writes, [*COMMON_REFUSALS, "unknown_webhook", "webhook_disabled", "role_not_allowed"])
@writes.arguments(NothingSchema(), location="json")
@writes.response(200, TestedSchema)
def try_webhook(_body: Body, webhook: str) -> Response:
    """Send an endpoint a message that tries everything: `webhook.set`, about the entry that set it
    last. Nothing else sends one.

    What comes of it stands among the deliveries. Writes no entry; the same key sends it once.
    """
    entry = tested(idempotency_key(), webhook)
    return json_answer({"entry": entry, "message": message_id(webhook, entry)}, 200)


@writes.route("/webhooks/<id:webhook>/replay", methods=["POST"], tags=[_TAG])
@writes.doc(operationId="replay_webhook", parameters=KEY_PARAMETERS[:1])
@require(scope=_SCOPE)
@documented(
    writes,
    [*COMMON_REFUSALS, "unknown_webhook", "unknown_entry", "webhook_disabled", "role_not_allowed"],
)
@writes.arguments(ReplaySchema(), location="json")
@writes.response(200, ReplayedSchema)
def replay_webhook(body: Body, webhook: str) -> Response:
    """Send messages again, under their first ids and from the start of the schedule; those that
    wait for another attempt at once.

    Writes no entry. The same key again sends nothing twice.
    """
    done = replayed(idempotency_key(), webhook, body)
    return json_answer({"messages": done.messages, "next_since": done.next_entry}, 200)


def tested(key: str, webhook: str) -> int:
    """Send whoever asks a test; the number of the entry that it is about. Refuses as the door and
    with `role_not_allowed`, `scope_missing`."""
    access_of((), _SCOPE).refuse_others(current_caller())
    ask = asking_with(key, "/webhooks/<id:webhook>/test", {"webhook": webhook}, {})
    return webhooks.test(ask, webhook=webhook)


def replayed(key: str, webhook: str, body: Body) -> Replayed:
    """Send messages again for whoever asks: `entry` or `since`. Refuses as `tested`."""
    access_of((), _SCOPE).refuse_others(current_caller())
    ask = asking_with(key, "/webhooks/<id:webhook>/replay", {"webhook": webhook}, body)
    return webhooks.replay(ask, webhook=webhook, **body)
