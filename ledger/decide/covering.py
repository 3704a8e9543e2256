"""Which minutes of a session no other session covers (domain §10 P8, P10). Pure."""

from __future__ import annotations

from typing import Final

from ledger.standing import DAY_MS, Standing

MINUTE_MS: Final = 60_000


def uncovered_minutes(
    volunteer: str, check_in: int, check_out: int, standing: Standing, *, beside: str = ""
) -> int:
    """Whole minutes of [check_in, check_out) (ms) that no effective record of the volunteer covers.

    `beside` is a record that does not count: the one that is asked about, if it is there already.
    """
    uncovered, at = 0, check_in
    others = standing.sessions_between(volunteer, check_in - DAY_MS, check_out)
    for other in sorted(others, key=lambda each: each.check_in):
        if other.state != "effective" or other.record == beside:
            continue
        if other.check_in > at:
            uncovered += min(other.check_in, check_out) - at
        at = max(at, other.check_out)
        if at >= check_out:
            break
    return (uncovered + max(0, check_out - at)) // MINUTE_MS
