"""What a request works on: the open book, and the settings of this server."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import current_app

from api.checking import Checker
from api.idempotency import InFlight
from api.provider import Provider
from api.settings import Settings
from ledger.book import Book
from ledger.door.review_times import ReviewTimes
from ledger.door.totals import Keeper


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One server's own."""

    book: Book
    settings: Settings
    checker: Checker
    in_flight: InFlight = field(default_factory=InFlight)
    totals: Keeper = field(default_factory=Keeper)
    review_times: ReviewTimes = field(default_factory=ReviewTimes)
    provider: Provider | None = None
    """By whom people may sign in, if by anybody."""


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
