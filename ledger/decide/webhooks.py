"""Decide about webhooks: where a party is told of entries (docs/webhooks.md).

Who listens, where and to what is a setting, and settings change by entries (trust §5). The address
itself is sealed: it may hold a secret.
"""

from __future__ import annotations

from typing import Final

from ledger.actions.webhooks import SetWebhook, StopWebhook
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.standing import Standing
from ledger.webhooks.events import HEARD, LISTENS, listeners, owner_of

ENDPOINTS_MAX: Final = 10
"""How many active endpoints an owner has; all operators together are one owner."""
REMOVED: Final = "removed"
"""The last state of an endpoint: its address is destroyed, and nothing follows."""
GROUNDS: Final = ("gone", "failing")
"""Why the ledger itself disables an endpoint."""


def set_webhook(action: SetWebhook, standing: Standing, time: int) -> list[Draft]:
    """An endpoint begins, changes, is disabled or enabled by its owner, or removed for good.

    Refuses with `unknown_webhook` (another's, or one that was removed), `unknown_party`,
    `party_not_active`, `role_not_of_party`, `bad_event`, `webhook_state_conflict` (it is so
    already, would begin disabled, or was changed meanwhile) and `too_many_webhooks`.
    """
    before = standing.webhooks[action.webhook]
    if before is not None and (before.party != action.party or before.state == REMOVED):
        raise unknown_webhook()
    if before is not None and action.seen not in (0, before.since):
        raise _changed_meanwhile()
    standing.active(action.party)
    heard = HEARD.get(action.party.partition(":")[0])
    if heard is None:
        raise Refused(
            "role_not_of_party",
            "webhooks are for merchants, organisations and operators",
            party=action.party,
        )
    events = sorted(set(action.events.split("+"))) if action.events else []
    for event in events:
        if event not in heard:
            raise Refused("bad_event", f"{action.party} cannot be told of {event}", event=event)
    facts = {
        "webhook": action.webhook,
        "party": action.party,
        "events": "+".join(events),
        "url": action.url,
        "state": action.state,
        "ground": "asked",
    }
    was = {} if before is None else {name: getattr(before, name) for name in facts}
    if was | {"ground": "asked"} == facts or (before is None and action.state != "active"):
        raise Refused("webhook_state_conflict", "the endpoint is so already; nothing would change")
    if action.state == "active" and was.get("state") != "active":
        mark = standing.marks[owner_of(action.party), LISTENS]
        if mark is not None and len(list(listeners(mark.value))) >= ENDPOINTS_MAX:
            raise Refused(
                "too_many_webhooks",
                f"there are {ENDPOINTS_MAX} active endpoints already; disable one first",
                most=ENDPOINTS_MAX,
            )
    return [Draft("webhook_set", facts)]


def stop(action: StopWebhook, standing: Standing, time: int) -> list[Draft]:
    """The ledger disables an endpoint. Refuses with `unknown_webhook`, and with
    `webhook_state_conflict` where somebody changed or disabled it meanwhile."""
    before = standing.webhooks[action.webhook]
    if before is None:
        raise unknown_webhook()
    if before.state != "active" or before.since != action.seen:
        raise _changed_meanwhile()
    if action.ground not in GROUNDS:
        raise ValueError(f"the ledger disables an endpoint that is {GROUNDS}, not {action.ground}")
    facts = {
        "webhook": before.webhook,
        "party": before.party,
        "events": before.events,
        "url": before.url,
        "state": "disabled",
        "ground": action.ground,
    }
    return [Draft("webhook_set", facts)]


def _changed_meanwhile() -> Refused:
    return Refused("webhook_state_conflict", "the endpoint was changed meanwhile")


def unknown_webhook() -> Refused:
    """The no for an endpoint that is not there, or another's."""
    return Refused("unknown_webhook", "there is no such webhook")
