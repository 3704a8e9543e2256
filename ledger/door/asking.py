"""One request on its way to the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.actions import Action
from ledger.book import Book, Caller
from ledger.ids import ID_RANDOM_BYTES, new_id
from ledger.sequencer import Beside, Receipt, Result

Mark = tuple[str, str, str]
"""(party, terminal, key)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks what of which book. `request` is its canonical form, `key` the client's own."""

    book: Book
    caller: Caller
    key: str
    request: bytes

    def record(self, action: Action, *, beside: Beside | None = None) -> Receipt:
        """Write what the request means, once. Raises Refused."""
        return self.book.record(
            action, caller=self.caller, key=self.key, request=self.request, beside=beside
        )

    def answered(self) -> Receipt | None:
        """The receipt of this very request, if it was answered before. Refuses with
        `key_reused`."""
        return self.book.answered(caller=self.caller, key=self.key, request=self.request)

    @property
    def mark(self) -> Mark:
        """What tells this request from all others that are under way."""
        return self.caller.party, self.caller.terminal, self.key

    @property
    def idem(self) -> bytes:
        """The HMAC of (party, terminal, key): 16 bytes that this request alone has."""
        return bytes.fromhex(self.book.idem(self.caller, self.key, None, self.request).key)

    def own_id(self) -> str:
        """An id that is the same when the request is sent again, for what the vault keeps before
        the entry is there."""
        return new_id(self.idem[:ID_RANDOM_BYTES])

    def now(self) -> int:
        """The clock's time (ms)."""
        return self.book.clock.now_ms()

    def sealed(self, **text: str) -> str:
        """The digest of typed text, kept in the vault; "" where nothing was typed."""
        kept = {name: each for name, each in text.items() if each}
        return self.book.vault.seal_text(kept, at=self.now()) if kept else ""


def with_its_entry(table: Any, row: Sequence[Any]) -> Beside:
    """`row` of an operational table in the transaction of the entry that makes it so: neither
    without the other, and nothing where the request was answered before."""

    def beside(results: Sequence[Result]) -> list[tuple[Any, Sequence[Any]]]:
        (result,) = results
        made = isinstance(result, Receipt) and not result.replayed
        return [(table, row)] if made else []

    return beside
