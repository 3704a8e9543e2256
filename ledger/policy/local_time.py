"""Local days and calendar months in integers. Pure.

Times are seconds since 1970 UTC here; `Policy` deals in milliseconds.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_DAY_S: Final = 86_400
_CACHED_DAYS_MAX: Final = 100_000
# Python has no datetime before year 1 or after year 9999; offsets there are taken from these edges.
_FIRST_S: Final = int((datetime(1, 1, 3, tzinfo=UTC) - _EPOCH).total_seconds())
_LAST_S: Final = int((datetime(9999, 12, 29, tzinfo=UTC) - _EPOCH).total_seconds())
_CHANGES: Final = -1_000_000


class LocalTime:
    """Local days of one zone, in integers.

    Asking `zoneinfo` costs microseconds and each record asks several times, so the offset of each
    UTC day is remembered when it is the same at all of the day's 25 full hours (no zone changes
    its offset and back within one hour). Days on which it changes are marked and asked afresh.
    """

    __slots__ = ("_offsets", "_zone")

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets: dict[int, int] = {}

    def day(self, instant_s: int) -> date:
        """The local day on which the instant falls."""
        return date.fromordinal((instant_s + self._offset(instant_s)) // _DAY_S + _EPOCH_ORDINAL)

    def next_day_starts(self, instant_s: int) -> int:
        """The first second after the instant that belongs to a later local day."""
        offset = self._offset_of_utc_day(instant_s // _DAY_S)
        if offset != _CHANGES:
            midnight = ((instant_s + offset) // _DAY_S + 1) * _DAY_S - offset
            # At most 24 hours ahead: in the same UTC day or the next, and both must agree.
            if self._offset_of_utc_day(midnight // _DAY_S) == offset:
                return midnight
        return self._search_next_day(instant_s)

    def starts(self, day: date) -> int:
        """The first second of the local day, or of the next one that exists if it was skipped."""
        # Before the day in every zone: none is more than a day away from UTC.
        instant_s = (day.toordinal() - _EPOCH_ORDINAL - 2) * _DAY_S
        while self.day(instant_s) < day:
            instant_s = self.next_day_starts(instant_s)
        return instant_s

    def _search_next_day(self, instant_s: int) -> int:
        """Bisection, for days on which clocks change: right whether midnight is skipped or not."""
        today = self.day(instant_s)
        before, after = instant_s, instant_s + 50 * 3600
        while after - before > 1:
            middle = (before + after) // 2
            if self.day(middle) > today:
                after = middle
            else:
                before = middle
        return after

    def _offset(self, instant_s: int) -> int:
        offset = self._offset_of_utc_day(instant_s // _DAY_S)
        return offset if offset != _CHANGES else self._ask(instant_s)

    def _offset_of_utc_day(self, utc_day: int) -> int:
        offset = self._offsets.get(utc_day)
        if offset is None:
            start = utc_day * _DAY_S
            found = {self._ask(start + hour * 3600) for hour in range(25)}
            offset = found.pop() if len(found) == 1 else _CHANGES
            # A bound, so that hostile dates cannot fill the memory; refilling is cheap.
            if len(self._offsets) >= _CACHED_DAYS_MAX:
                self._offsets.clear()
            self._offsets[utc_day] = offset
        return offset

    def _ask(self, instant_s: int) -> int:
        within = min(max(instant_s, _FIRST_S), _LAST_S)
        offset = (_EPOCH + timedelta(seconds=within)).astimezone(self._zone).utcoffset()
        if offset is None:
            raise ValueError(f"{self._zone} has no offset")
        return offset // timedelta(seconds=1)


@lru_cache(maxsize=64)
def local_time(zone: str) -> LocalTime:
    """The days of a zone of the tz database."""
    return LocalTime(ZoneInfo(zone))


def months_after(day: date, months: int) -> date:
    """The same day `months` later (before, if negative), or the last day of a shorter month.

    Civil Code art. 202: a period of months ends on the corresponding day. Raises ValueError where
    there is no such year.
    """
    counted = day.year * 12 + day.month - 1 + months
    year, month = divmod(counted, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=4096)
def last_day_of_month(months: int) -> date:
    """The last day of a month counted from January of year 0."""
    year, month = divmod(months, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])
