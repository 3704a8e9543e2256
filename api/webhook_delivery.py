"""Delivering what the outbox holds (docs/webhooks.md).

A `Courier` looks for endpoints with something due and serves each in a thread of its own, so that
one slow receiver keeps nobody else waiting. Any number of processes may have one: rows are claimed
for a while before they are sent. A crash between sending and noting it sends the same message
again, under the same id: receivers are told at least once.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from time import monotonic
from typing import Final, Protocol

from api.timers import Found, Task
from api.webhook_transport import Outcome, Transport
from ledger.actions.webhooks import StopWebhook
from ledger.book import SYSTEM, Book
from ledger.door.tree import one_row
from ledger.errors import Refused
from ledger.rows import Party, Webhook
from ledger.store import outbox
from ledger.store.outbox import Delivery
from ledger.webhooks.address import Network
from ledger.webhooks.message import body_of, message_id, next_attempt, signed_headers

LOOK_SECONDS: Final = 1.0
"""How often a serving ledger looks for what is due: the longest that a first attempt waits."""
WORKERS: Final = 8
ENDPOINTS_A_TURN: Final = 100
CLAIMED_AT_ONCE: Final = 20
CLAIM_MS: Final = 150_000
"""Longer than all that is claimed at once can take, each attempt its whole time."""
SERVING_SECONDS: Final = 20.0
"""So long one endpoint keeps a thread, before it waits for its next turn."""
KEPT_MS: Final = 30 * 86_400_000
"""Rows that wait for nothing are kept so long for their owners to look at."""
FORGET_EVERY_MS: Final = 3_600_000
GONE: Final = 410


class Posts(Protocol):
    """What carries a message."""

    def post(self, url: str, headers: dict[str, str], body: bytes) -> Outcome:
        """One attempt."""


class Courier:
    """Delivers for one open book. `turn()` again and again, `close()` when done."""

    def __init__(self, book: Book, posts: Posts, *, workers: int = WORKERS) -> None:
        self._book = book
        self._posts = posts
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="sidereal-webhook")
        self._workers = workers
        self._lock = threading.Lock()
        self._serving: dict[str, Future[None]] = {}
        self._began: dict[str, int] = {}
        self._turns = itertools.count(1)
        self._found: Counter[str] = Counter()
        self._faults: list[BaseException] = []
        self._closing = False
        self._forgot_at = 0

    def turn(self, now_ms: int) -> Found:
        """Begin to serve every endpoint with something due that is not being served; what was done
        since the last turn. Raises what went wrong since then."""
        with self._book.database.reading() as connection:
            due = outbox.endpoints_due(connection, now_ms, ENDPOINTS_A_TURN)
        # In turns: one that never answers, with much that waits, would else always be first.
        for webhook in sorted(due, key=lambda each: self._began.get(each, 0)):
            self._begin(webhook)
        if now_ms - self._forgot_at >= FORGET_EVERY_MS:
            self._forgot_at = now_ms
            outbox.forget(self._book.database, now_ms - KEPT_MS)
        with self._lock:
            faults, self._faults = self._faults, []
        if faults:
            raise faults[0] if len(faults) == 1 else BaseExceptionGroup("webhooks", faults)
        with self._lock:
            found, self._found = self._found, Counter()
        return dict(found)

    def wait(self) -> None:
        """Until nothing is being served."""
        while True:
            with self._lock:
                serving = list(self._serving.values())
            if not serving:
                return
            wait(serving)

    def close(self) -> None:
        """Finish the attempts that are being made, and begin no others."""
        self._closing = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, webhook: str) -> None:
        with self._lock:
            if self._closing or webhook in self._serving:
                return
            # Never more than can be begun at once: what waits in a queue here could be done by
            # another process.
            if len(self._serving) >= self._workers:
                return
            future = self._serving[webhook] = self._pool.submit(self._serve, webhook)
            self._began[webhook] = next(self._turns)
        future.add_done_callback(partial(self._served, webhook))

    def _served(self, webhook: str, future: Future[None]) -> None:
        with self._lock:
            del self._serving[webhook]
            if not future.cancelled() and (fault := future.exception()) is not None:
                self._faults.append(fault)

    def _serve(self, webhook: str) -> None:
        """Deliver what is due to one endpoint, for a while."""
        until = monotonic() + SERVING_SECONDS
        goes_on = True
        while goes_on:
            endpoint: Webhook | None = one_row(self._book, "webhooks", webhook)
            if endpoint is None or not self._may_hear(endpoint):
                self._count("stopped", outbox.stop(self._book.database, webhook))
                return
            goes_on = self._deliver_some(endpoint, until)

    def _may_hear(self, endpoint: Webhook) -> bool:
        """Whether its owner could still ask over the API: who is suspended, gone or forgotten is
        told nothing either."""
        party: Party | None = one_row(self._book, "parties", endpoint.party)
        return endpoint.state == "active" and party is not None and party.state == "active"

    def _deliver_some(self, endpoint: Webhook, until: float) -> bool:
        """Claim a few rows and send them in order; whether to go on with this endpoint now."""
        book = self._book
        name, now = secrets.token_hex(16), book.clock.now_ms()
        claimed = outbox.claim(
            book.database,
            endpoint.webhook,
            now=now,
            until=now + CLAIM_MS,
            name=name,
            limit=CLAIMED_AT_ONCE,
        )
        if not claimed:
            return False
        url = book.vault.open_text(endpoint.url).get("url", "")
        for delivery in claimed:
            outcome = self._attempt(delivery, url)
            goes_on = self._note(endpoint, delivery, outcome)
            if not goes_on or self._closing or monotonic() > until:
                outbox.release(book.database, name)
                return False
        return True

    def _attempt(self, delivery: Delivery, url: str) -> Outcome:
        entry = self._book.entry(delivery.entry)
        body = body_of(entry)
        headers = signed_headers(
            message_id(delivery.webhook, delivery.entry),
            body,
            at_ms=self._book.clock.now_ms(),
            sign=self._book.keys.webhook.sign,
        )
        return self._posts.post(url, dict(headers), body)

    def _note(self, endpoint: Webhook, delivery: Delivery, outcome: Outcome) -> bool:
        """Store what came of an attempt; whether the endpoint is worth another one now."""
        now = self._book.clock.now_ms()
        attempts = delivery.attempts + 1
        after = delivery._replace(
            attempts=attempts,
            first=delivery.first or now,
            last=now,
            status=outcome.status,
            fault=outcome.fault,
        )
        ground = ""
        if outcome.ok:
            after = after._replace(state=outbox.DELIVERED)
        elif outcome.status == GONE:
            after = after._replace(state=outbox.STOPPED)
            ground = "gone"
        else:
            id_ = message_id(delivery.webhook, delivery.entry)
            due = next_attempt(id_, attempts, at_ms=now, asked_s=outcome.wait_s)
            if due is None:
                after = after._replace(state=outbox.FAILED)
                ground = "" if self._took_any(after) else "failing"
            else:
                after = after._replace(due=due)
        if not outbox.finish(self._book.database, after):
            # The claim had run out: somebody else sends it, and says what came of that.
            return False
        self._count("delivered" if outcome.ok else "failed", 1)
        if ground:
            self._disable(endpoint, ground)
        return not ground and bool(outcome.status)

    def _took_any(self, failed: Delivery) -> bool:
        """Whether the endpoint took anything while this message failed, for days."""
        with self._book.database.reading() as connection:
            return outbox.was_delivered_since(connection, failed.webhook, failed.first)

    def _disable(self, endpoint: Webhook, ground: str) -> None:
        """By an entry, which its owner sees; unless the owner changed the endpoint meanwhile."""
        action = StopWebhook(webhook=endpoint.webhook, ground=ground, seen=endpoint.since)
        key = f"webhook-{endpoint.webhook}-{endpoint.since}-{ground}"
        try:
            self._book.record(action, caller=SYSTEM, key=key)
        except Refused as refused:
            if refused.code != "webhook_state_conflict":
                raise
            return
        outbox.stop(self._book.database, endpoint.webhook)
        self._count("disabled", 1)

    def _count(self, what: str, number: int) -> None:
        if number:
            with self._lock:
                self._found[what] += number


def delivering(book: Book, networks: Sequence[Network]) -> Task:
    """The timer of a serving ledger that delivers."""
    transport = Transport(networks)
    courier = Courier(book, transport)

    def end() -> None:
        courier.close()
        transport.close()

    return Task(name="webhooks", every_seconds=LOOK_SECONDS, run=courier.turn, end=end)
