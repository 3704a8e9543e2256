"""Which minutes of a session are covered already: no minute of service is paid twice
(domain §10 P8, P10). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MINUTE_MS: Final = 60_000


def uncovered_minutes(check_in: int, check_out: int, covered: Iterable[tuple[int, int]]) -> int:
    """Whole minutes of [check_in, check_out) (ms) that none of the `covered` intervals, each
    [start, end) in ms and in any order, takes."""
    free, at = 0, check_in
    for start, end in sorted(covered):
        if start > at:
            free += min(start, check_out) - at
        at = max(at, end)
        if at >= check_out:
            break
    return (free + max(0, check_out - at)) // _MINUTE_MS
