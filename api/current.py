"""What a request works on: the open book, and the settings of this server."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import current_app

from api.settings import Settings
from ledger.book import Book


@dataclass(slots=True)
class InFlight:
    """Requests that are being answered in this process, by their idempotency HMAC.

    Marks live in memory: after a crash nothing is in flight. Two processes at once are ordered by
    the ledger's head, and the second finds the first one's entries.
    """

    keys: set[str] = field(default_factory=set)

    def begin(self, key: str) -> bool:
        """Mark a key; False if it is marked already."""
        # `setdefault`-like in one step: two threads cannot both find the key absent.
        before = len(self.keys)
        self.keys.add(key)
        return len(self.keys) != before


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One server's own."""

    book: Book
    settings: Settings


def current_state() -> State:
    """This server's state."""
    state: State = current_app.extensions["sidereal"]
    return state


def current_book() -> Book:
    """The open ledger."""
    return current_state().book


def current_settings() -> Settings:
    """This server's settings."""
    return current_state().settings
