"""The time that entries carry, and when it cannot be trusted (trust §3)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from ledger.errors import Refused

DRIFT_MS_MAX: Final = 5_000
HEAD_AGE_MS_MAX: Final = 7 * 86_400_000


class Clock(Protocol):
    """Something that tells the time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC. Refuses with `clock_unsure`."""


class SystemClock:
    """The machine's clock, checked against its own monotonic one.

    Refuses with `clock_unsure` once the two have moved apart by more than five seconds since the
    start: somebody set the clock, and whatever it says now is a guess. The process must be
    restarted, which looks at the head and the database's clock again.
    """

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        steady: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall, self._steady = wall, steady
        self._apart_ms = (wall() - steady()) // 1_000_000
        self._distrusted: Refused | None = None

    def distrust(self, why: Refused) -> None:
        """Never tell the time again: something outside showed that it is wrong."""
        self._distrusted = why

    def now_ms(self) -> int:
        """Now, in ms."""
        if self._distrusted is not None:
            raise self._distrusted
        wall_ns = self._wall()
        moved_ms = (wall_ns - self._steady()) // 1_000_000 - self._apart_ms
        if abs(moved_ms) > DRIFT_MS_MAX:
            raise Refused(
                "clock_unsure",
                f"the clock was moved by {moved_ms} ms while this ran; set it right and restart",
                moved_ms=moved_ms,
            )
        return wall_ns // 1_000_000


def check_clock(
    now_ms: int, *, head_time: int, database_ms: int | None, confirmed_head: int = 0
) -> None:
    """Whether writing may begin at `now_ms`, given the head's time and the database's clock.

    `confirmed_head` is the time of the head for which an operator said that it is right to go on
    after a long rest (`sidereal clock confirm`). Refuses with `clock_unsure` or
    `clock_unconfirmed`.
    """
    if head_time > now_ms:
        raise Refused(
            "clock_unsure",
            f"the clock is {head_time - now_ms} ms behind the last entry; set it right",
            behind_ms=head_time - now_ms,
        )
    check_database_clock(now_ms, database_ms)
    if head_time and now_ms - head_time > HEAD_AGE_MS_MAX and confirmed_head != head_time:
        raise Refused(
            "clock_unconfirmed",
            "the last entry is more than seven days old; if today's date is right, say so with"
            " `sidereal clock confirm`",
            head_time=head_time,
        )


def check_database_clock(now_ms: int, database_ms: int | None) -> None:
    """Refuse with `clock_unsure` where the database server's clock differs by more than 5 s; None
    where there is no server."""
    if database_ms is not None and abs(database_ms - now_ms) > DRIFT_MS_MAX:
        raise Refused(
            "clock_unsure",
            f"the database's clock differs by {database_ms - now_ms} ms; set one of them right",
            moved_ms=database_ms - now_ms,
        )
