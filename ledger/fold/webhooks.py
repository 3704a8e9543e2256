"""Who is told of entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger.entry import Entry
from ledger.fold.changes import Fold, put, set_mark
from ledger.rows import Webhook
from ledger.standing import Standing
from ledger.webhooks.events import LISTENS, listeners, owner_of


def _webhook_set(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    webhook = facts["webhook"]
    before = standing.webhooks[webhook]
    made = entry.index if before is None else before.made
    put(standing.webhooks, webhook, Webhook(**facts, since=entry.index, made=made))
    owner = owner_of(facts["party"])
    mark = standing.marks[owner, LISTENS]
    listening = dict(listeners(mark.value)) if mark is not None else {}
    listening.pop(webhook, None)
    if facts["state"] == "active":
        listening[webhook] = facts["events"]
    value = " ".join(f"{each}={events}" for each, events in listening.items())
    set_mark(standing, owner, LISTENS, value, entry)
    standing.mention(facts["party"], entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "webhook_set": _webhook_set,
}
