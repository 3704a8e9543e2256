"""Times as people and programs write them in exports: Asia/Shanghai, to the minute or second.

Three forms and no other (design §10), after NFKC has made every digit and colon a plain one.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_DAY: Final = re.compile(
    r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|年(\d{1,2})月)(\d{1,2})(日?)", re.ASCII
)
_CLOCK: Final = re.compile(r"(\d{1,2})(?::(\d{2})(?::(\d{2}))?|时(\d{1,2})分)", re.ASCII)
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_CONSTANT_SINCE: Final = date(1992, 1, 1).toordinal()
"""China has kept UTC+8 all year since then."""
_OFFSET_SECONDS: Final = 8 * 3600


class BadTime(Exception):
    """This is not a real time in one of the three forms."""


def parse_time(text: str) -> int:
    """Milliseconds since 1970 UTC of a local time in Asia/Shanghai. Raises BadTime.

    `Y-M-D H:MM[:SS]`, `Y/M/D H:MM[:SS]` or `Y年M月D日 H时M分`: the year has four digits, minute and
    second two, all else one or two. A local time that the clock showed twice is its first.
    """
    day, _, clock = text.partition(" ")
    ordinal, in_words = _day(day)
    found = _CLOCK.fullmatch(clock)
    if found is None:
        raise BadTime
    hour, minute, second, minute_in_words = found.groups()
    if in_words != (minute_in_words is not None):
        raise BadTime
    h, m, s = int(hour), int(minute or minute_in_words), int(second or 0)
    if h > 23 or m > 59 or s > 59:
        raise BadTime
    offset = _OFFSET_SECONDS
    if ordinal < _CONSTANT_SINCE:
        offset = _historical_offset(ordinal, time(h, m, s, tzinfo=_ZONE))
    return ((ordinal - _EPOCH_ORDINAL) * 86_400 + h * 3600 + m * 60 + s - offset) * 1000


@lru_cache(maxsize=8_192)
def _day(text: str) -> tuple[int, bool]:
    """The day's ordinal, and whether it is written with 年, 月 and 日."""
    found = _DAY.fullmatch(text)
    if found is None:
        raise BadTime
    year, dashed, slashed, worded, day, closed = found.groups()
    if (worded is not None) != bool(closed):
        raise BadTime
    try:
        ordinal = date(int(year), int(dashed or slashed or worded), int(day)).toordinal()
    except ValueError:
        raise BadTime from None
    return ordinal, worded is not None


def _historical_offset(ordinal: int, clock: time) -> int:
    """Seconds ahead of UTC: local mean time, wartime and summer times (tz database)."""
    offset = datetime.combine(date.fromordinal(ordinal), clock).utcoffset()
    if offset is None:
        raise ValueError("the zone has no offset")
    return offset.days * 86_400 + offset.seconds
