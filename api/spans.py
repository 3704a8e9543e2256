"""Spans of time in requests: a named period, or two instants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.problems import Problem
from ledger.book import Book
from ledger.periods import period

PERIOD: Final[Mapping[str, str]] = {
    "description": "`2026-02-03`, `2026-W07`, `2026-02`, `2026-Q1`, `2026` or"
    " `2026-02-03..2026-02-20`, in the policy's zone; instead of `starts` and `ends`"
}


def span_of(asked: Mapping[str, Any], book: Book) -> tuple[int, int]:
    """[starts, ends) in ms that a request's `period`, or `starts` and `ends`, name; 0 for what was
    not said. Raises Problem, and Refused as `ledger.periods.period` does."""
    named = asked.get("period", "")
    starts, ends = asked.get("starts", 0), asked.get("ends", 0)
    if named and (starts or ends):
        raise Problem("bad_period", "name a period, or when it starts and ends; not both")
    if named:
        found = period(named, zone=book.policy().time_zone)
        return found.since, found.until
    if ends and starts >= ends:
        raise Problem("bad_period", "a period ends after it starts")
    return starts, ends
