"""Who is told of entries, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger.actions import Action, Touch
from ledger.webhooks.events import LISTENS, owner_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWebhook(Action):
    """A party is to be told of entries at an address, in another way than before, or no more.

    `events` are words joined by `+`, "" for all; `url` the digest of the sealed address; `state`
    active, disabled or removed. A `webhook` that nobody has is a new endpoint. `seen` is the index
    of the entry that set it as it was found, 0 where nobody looked: address and events that stay
    were read there.
    """

    FRESH: ClassVar[frozenset[str]] = frozenset({"webhook", "url"})

    webhook: str
    party: str
    events: str
    url: str
    state: str = "active"
    seen: int = 0

    def touches(self) -> Iterator[Touch]:
        yield "webhooks", self.webhook
        yield "parties", self.party
        yield "marks", (owner_of(self.party), LISTENS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopWebhook(Action):
    """The ledger itself disables an endpoint that is `gone` or was `failing` for days.

    `seen` is the index of the entry that set it as it was found: what its owner has changed since
    is another endpoint.
    """

    webhook: str
    ground: str
    seen: int

    def touches(self) -> Iterator[Touch]:
        yield "webhooks", self.webhook
