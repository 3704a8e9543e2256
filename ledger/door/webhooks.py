"""Webhooks at the door: who is told where, and telling somebody again (docs/webhooks.md).

The address is sealed in the vault, since it may hold a secret, and only its owner reads it again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from ledger.actions.webhooks import SetWebhook
from ledger.book import Book, Caller
from ledger.decide.webhooks import REMOVED, unknown_webhook
from ledger.door.asking import Asking
from ledger.door.tree import Tree, one_row
from ledger.entry import decode
from ledger.errors import Refused
from ledger.rows import Webhook
from ledger.sequencer import Receipt
from ledger.standing import Standing
from ledger.store import journal, outbox
from ledger.store.projections import StoredRows
from ledger.webhooks.address import Network, target_of
from ledger.webhooks.events import Announced, hears, owner_of, owners_told

READ_MAX: Final = 20_000
"""How many entries one replay looks through."""


def create(
    ask: Asking,
    *,
    url: str,
    events: Collection[str] = (),
    party: str = "",
    networks: Sequence[Network] = (),
) -> Receipt:
    """Tell a party (by default the caller's own) of entries at `url`; no `events`: of all.

    Refuses with `unknown_party`, `role_not_allowed` (a till's token), and what `target_of` and the
    decision refuse.
    """
    refuse_till(ask.caller)
    party = party or ask.caller.party
    Tree(ask.book, ask.caller).refuse_unless_ours(party)
    target_of(url, networks)
    return ask.record(
        SetWebhook(
            webhook=ask.book.new_id(),
            party=party,
            events="+".join(sorted(set(events))),
            url=ask.sealed(url=url),
        )
    )


def change(
    ask: Asking,
    *,
    webhook: str,
    url: str = "",
    events: Collection[str] | None = None,
    state: str = "",
    networks: Sequence[Network] = (),
) -> Receipt:
    """Another address, other events, disabled or enabled; what is not given stays.

    The address before is destroyed. Refuses with `unknown_webhook` and as `create` does.
    """
    refuse_till(ask.caller)
    before = webhook_of_ours(ask.book, ask.caller, webhook)
    if url:
        target_of(url, networks)
    receipt = ask.record(
        SetWebhook(
            webhook=webhook,
            party=before.party,
            events=before.events if events is None else "+".join(sorted(set(events))),
            url=ask.sealed(url=url) if url else before.url,
            state=state or before.state,
            # Else two at once would bring back an address that the other has destroyed.
            seen=before.since,
        )
    )
    written = receipt.entry.facts
    if written["url"] != before.url and not receipt.replayed:
        # A crash before this leaves an address that nobody uses and nobody can read but us.
        ask.book.vault.forget_text(before.url)
    if written["state"] == "disabled":
        outbox.stop(ask.book.database, webhook)
    return receipt


def remove(ask: Asking, *, webhook: str) -> Receipt:
    """Tell an endpoint nothing any more, and destroy its address; for good.

    Refuses with `role_not_allowed` (a till's token), `unknown_webhook` and
    `webhook_state_conflict`, where somebody changed it meanwhile.
    """
    receipt = change(ask, webhook=webhook, state=REMOVED)
    book = ask.book
    book.vault.forget_text(receipt.entry.facts["url"])
    outbox.stop(book.database, webhook)
    return receipt


def test(ask: Asking, *, webhook: str) -> int:
    """Send an endpoint the message about the entry that set it last, which nothing else sends; the
    number of that entry.

    It goes the way of every message and stands among the deliveries. Refuses with
    `role_not_allowed` (a till's token), `unknown_webhook` and `webhook_disabled`.
    """
    found = _active(ask, webhook)
    wanted = [Announced(found.since, webhook)]
    outbox.again(ask.book.database, wanted, now=ask.now(), asked=ask.idem.hex())
    return found.since


class Replayed(NamedTuple):
    """How many messages are on their way again; `next_entry` where to go on, None at the end."""

    messages: int
    next_entry: int | None


def replay(
    ask: Asking, *, webhook: str, entry: int | None = None, since: int | None = None
) -> Replayed:
    """Tell an endpoint again of one entry, or of everything it hears from entry `since` on.

    The messages are made anew from the entries, with the ids they always had; whether they were
    ever sent does not matter. Refuses with `role_not_allowed` (a till's token), `unknown_webhook`,
    `webhook_disabled`, and `unknown_entry` for an entry that the endpoint is not told of.
    """
    found = _active(ask, webhook)
    book = ask.book
    first, count = (entry, 1) if entry is not None else (since or 0, READ_MAX)
    with book.database.snapshot() as connection:
        standing = Standing(StoredRows(connection))
        size = journal.count(connection)
        owner = owner_of(found.party)
        wanted = [
            Announced(each.index, webhook)
            for each in map(decode, journal.read_data(connection, first, count))
            if hears(found.events, each.kind) and owner in owners_told(each, standing)
        ]
    if entry is not None and not wanted:
        raise Refused("unknown_entry", f"this endpoint is not told of entry {entry}", entry=entry)
    made = outbox.again(book.database, wanted, now=ask.now(), asked=ask.idem.hex())
    end = first + count
    return Replayed(made, end if entry is None and end < size else None)


def _active(ask: Asking, webhook: str) -> Webhook:
    """An endpoint of ours that can be sent something."""
    refuse_till(ask.caller)
    found = webhook_of_ours(ask.book, ask.caller, webhook)
    if found.state != "active":
        raise Refused("webhook_disabled", "this endpoint is disabled; enable it first")
    return found


def webhook_of_ours(book: Book, caller: Caller, webhook: str) -> Webhook:
    """An endpoint of the caller's, or of somebody they act for. Refuses with `unknown_webhook`,
    also for one that was removed."""
    found: Webhook | None = one_row(book, "webhooks", webhook)
    if found is None or found.state == REMOVED or not Tree(book, caller).acts_for(found.party):
        raise unknown_webhook()
    return found


def refuse_till(caller: Caller) -> None:
    """An address may hold a secret, and who stands at a till needs none of it."""
    if caller.terminal:
        raise Refused("role_not_allowed", "a till's token has nothing to do with webhooks")
