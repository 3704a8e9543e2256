"""Policy: the values of one document and the arithmetic that only they decide. Pure.

No clock, no database, no configuration: a replay computes the same from the same document.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.policy.local_time import last_day_of_month, local_time, months_after
from ledger.policy.parameters import Parameters
from ledger.policy.shapes import Pack, Weight

if TYPE_CHECKING:
    # For the annotation alone: calendars are read with this package's tools.
    from ledger.calendar import Calendar

NEVER: Final = date(9999, 12, 31)
"""The lapse date of points that do not lapse."""
_MONTHS_IN: Final = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_ROUND_TO: Final = {
    "none": (1, 0),
    "floor_15": (15, 0),
    "ceil_15": (15, 14),
    "floor_30": (30, 0),
    "ceil_30": (30, 29),
    "floor_60": (60, 0),
}
"""Unit of each rounding, and what is added before rounding down to it."""


class StarNeeds(NamedTuple):
    """What a star asks beside its hours, and who grants it (domain §10 P27–P29)."""

    tenure_months: int
    """Whole months since registration, 0 for none (P27)."""
    quality_min: int
    """Least mean evaluation in hundredths, 1–5 being 100–500; 0 for none (P28)."""
    points_min_hundredths: int
    """Least points earned in all, in hundredths; 0 for none (P28)."""
    nominated: bool
    """Whether an organisation must nominate; nobody applies alone (P28, S16)."""
    granting_tier: str
    """The level of organisation that grants it (P29)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Parameters):
    """Every number and switch that a decision reads, and the arithmetic that only they decide.

    Made by `policy_from_canonical` alone. Times are milliseconds since 1970 UTC; dates are local
    to `time_zone`.
    """

    @property
    def version_name(self) -> str:
        """How an entry names the policy that decided it: `cn-default/1`."""
        return f"{self.id}/{self.version}"

    @property
    def scoped(self) -> bool:
        """Whether it decides for some organisations or categories only; a region limits nothing."""
        return bool(self.scope_organisation or self.scope_tier or self.scope_categories)

    def in_force_on(self, day: date) -> bool:
        """Whether the document is effective on that day; the last day is included."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )

    # Days

    def local_date(self, instant_ms: int) -> date:
        """The day on which an instant falls in the policy's time zone (domain §10 P9)."""
        return local_time(self.time_zone).day(instant_ms // 1000)

    def midnight_after(self, instant_ms: int) -> int:
        """The first instant of the next local day: later than `instant_ms`, milliseconds."""
        return local_time(self.time_zone).next_day_starts(instant_ms // 1000) * 1000

    def first_instant(self, day: date) -> int:
        """The first millisecond of a local day."""
        return local_time(self.time_zone).starts(day) * 1000

    def split_minutes_by_day(self, check_in_ms: int, minutes: int) -> list[tuple[date, int]]:
        """The local days a session's minutes belong to: none, one or two, no zero among them.

        The minutes run on from check-in; the first day takes at most the whole minutes that are
        left to its midnight and the next takes the rest (domain §10 P9, worked example T13).
        Without `day_split` all of them belong to the day of check-in.
        `minutes` is 0 to 1,440; anything else is a mistake of the caller (`ValueError`).
        """
        if not 0 <= minutes <= 1440:
            raise ValueError(f"a session has 0 to 1,440 minutes, not {minutes}")
        local = local_time(self.time_zone)
        check_in_s = check_in_ms // 1000
        first = minutes
        if self.day_split:
            left_ms = local.next_day_starts(check_in_s) * 1000 - check_in_ms
            first = min(minutes, left_ms // 60_000)
        days = []
        if first:
            days.append((local.day(check_in_s), first))
        if minutes > first:
            days.append((local.day(check_in_s) + timedelta(days=1), minutes - first))
        return days

    @staticmethod
    def months_after(day: date, months: int) -> date:
        """The same day `months` later, or the last day of a shorter month (Civil Code art. 202)."""
        return months_after(day, months)

    # Service time (domain §10 P3, P13)

    def rounded(self, minutes: int) -> int:
        """Minutes of service after the policy's rounding, once what does not count is taken off.

        `session_min_minutes` lifts what is left, if anything is: it makes no service out of none.
        By default nothing changes (P3).
        """
        unit, added = _ROUND_TO[self.rounding]
        whole = (minutes + added) // unit * unit
        return max(whole, self.session_min_minutes) if whole > 0 else whole

    def lateness(self, calendar: Calendar, ended_ms: int, recorded_ms: int) -> tuple[bool, str]:
        """Whether a record is late, and the name of the calendar that says so.

        It is late if its local day lies after the `deadline_working_days`-th working day that
        follows the local day on which the activity ended (domain §10 P13, worked example T14).
        The name is `monday_to_friday` if a year that was counted has no adopted calendar.
        """
        days = calendar.named(self.calendar_name)
        deadline = days.deadline(self.local_date(ended_ms), self.deadline_working_days)
        return self.local_date(recorded_ms) > deadline.last_day, deadline.calendar

    # Stars and medals (domain §10 P23–P32; numbers are compared with ≥)

    def star_span(self, time_ms: int) -> tuple[int, int] | None:
        """The check-ins that count for stars at `time_ms`: start ≤ check-in < end, milliseconds.

        `year` runs from the day after `star_year_ends` to that day; `rolling_year` is the twelve
        months that end with the local day of `time_ms`. None where every check-in is looked at:
        `lifetime`, and `cycle`, whose thresholds come round again (P24).
        """
        today = self.local_date(time_ms)
        if self.star_window == "year":
            month, day = int(self.star_year_ends[:2]), int(self.star_year_ends[3:])
            last = date(today.year, month, day)
            if last < today:
                last = date(today.year + 1, month, day)
            before = date(last.year - 1, month, day)
        elif self.star_window == "rolling_year":
            last = today
            before = months_after(today, -12)
        else:
            return None
        local = local_time(self.time_zone)
        day_long = timedelta(days=1)
        return local.starts(before + day_long) * 1000, local.starts(last + day_long) * 1000

    def star_minutes_of(self, check_in: int, backfill: int) -> int:
        """The minutes compared with the thresholds, from the confirmed ones of each class.

        Backfilled minutes count only where `backfill_counts_for` says so (P16).
        """
        return check_in + (backfill if "stars" in self.backfill_counts_for else 0)

    def eligible_star(self, service_minutes: int) -> int:
        """How many thresholds the minutes reach; 0 below the first (P23).

        In a `cycle` each full one has brought all its stars, and the thresholds begin again with
        what lies beyond it (P24).
        """
        full = 0
        if self.star_window == "cycle":
            full, service_minutes = divmod(service_minutes, self.star_cycle_minutes)
        thresholds = self.star_thresholds_minutes
        return full * len(thresholds) + bisect_right(thresholds, service_minutes)

    def minutes_of_star(self, star: int) -> int | None:
        """The minutes that reach `star` (1 or more); None if nothing does (P23, P24)."""
        thresholds = self.star_thresholds_minutes
        if self.star_window == "cycle":
            full, before = divmod(star - 1, len(thresholds))
            return full * self.star_cycle_minutes + thresholds[before]
        return thresholds[star - 1] if star <= len(thresholds) else None

    def minutes_to_next_star(self, service_minutes: int) -> int | None:
        """Minutes still missing to the next threshold, at least 1; None above the last one, of
        which a `cycle` has none."""
        needed = self.minutes_of_star(self.eligible_star(service_minutes) + 1)
        return None if needed is None else needed - service_minutes

    def level_of(self, star: int) -> int:
        """The place of a star in lists by star: in a `cycle` the star within its own cycle, so
        that the sixth of cycles of five is a first one; else the star itself. 0 is none (P24)."""
        if self.star_window == "cycle" and star > 0:
            return (star - 1) % len(self.star_thresholds_minutes) + 1
        return star

    def star_needs(self, star: int) -> StarNeeds:
        """What `star` (1 or more) asks beside its hours; what a list does not reach asks nothing.

        The last granting tier goes for the stars beyond its list (P27–P29).
        """
        star = self.level_of(star)
        return StarNeeds(
            tenure_months=_at(self.star_tenure_months, star),
            quality_min=_at(self.star_quality_min, star),
            points_min_hundredths=_at(self.star_points_min, star) * 100,
            nominated=0 < self.star_nominated_from <= star,
            granting_tier=self.star_granting_tier[min(star, len(self.star_granting_tier)) - 1],
        )

    def medals(self, minutes: int) -> int:
        """How many medals the lifetime minutes reach; 0 where a policy gives none (P32)."""
        return bisect_right(self.medal_thresholds_minutes, minutes)

    # Points (domain §10 P48–P53)

    def points_hundredths(self, minutes: int, category: str = "") -> int:
        """Hundredths of a point that minutes of a category earn, rounded down once (P48, P50)."""
        weight = _weight(self.points_weights, category)
        return minutes * 100 * self.points_per_hour_thousandths * weight // (60 * 1000 * 1000)

    def lapse_date(self, earned_at_ms: int) -> date:
        """The last day on which points credited then can be spent (P52).

        It is the last day of the month that lies `points_validity_months` after the local month of
        earning: earned in 2026-11 and valid for 36 months, they can be spent to 2029-11-30. With
        `year_end` it is the last day of that month's year, with `never` the last day there is.
        """
        if self.points_lapse == "never":
            return NEVER
        month = _lapse_month(self.time_zone, self.points_validity_months, earned_at_ms)
        return date(month.year, 12, 31) if self.points_lapse == "year_end" else month

    def redeem_months(self, day: date) -> tuple[str, ...]:
        """The months, as `2025-04`, of the redemption period in which `day` lies (P53)."""
        length = _MONTHS_IN[self.redeem_period]
        first = (day.month - 1) // length * length + 1
        return tuple(f"{day.year:04}-{month:02}" for month in range(first, first + length))

    # Time bank (domain §10 P33, P34)

    def time_credit(self, minutes: int, category: str = "") -> int:
        """Minutes of saved time for minutes of service of a category.

        `tb_rate_minutes` of service make one coin, 60 minutes of saved time, times the category's
        weight; rounded down once, to whole `tb_granularity_minutes`.
        """
        weight = _weight(self.tb_weights, category)
        saved = minutes * 60 * weight // (self.tb_rate_minutes * 1000)
        return self.whole_coins(saved)

    def whole_coins(self, minutes: int) -> int:
        """Minutes of saved time rounded down to whole `tb_granularity_minutes` (P34)."""
        return minutes // self.tb_granularity_minutes * self.tb_granularity_minutes

    # Courtesy and credit (domain §5; §10 P59)

    def price_for(self, star: int, price: int) -> int:
        """The price for a holder of `star`, in the price's own unit, rounded up and at least 1.

        Without a star, or in a policy that lists no percentages, it is `price` unchanged. Stars
        beyond the list pay as its last one.
        """
        percents = self.courtesy_price_percent
        if star < 1 or not percents:
            return price
        percent = percents[min(self.level_of(star), len(percents)) - 1]
        return max(1, -(-price * percent // 100))

    def pack(self, star: int) -> tuple[Pack, ...]:
        """The items of the courtesy pack of exactly this star, in the document's order."""
        level = self.level_of(star)
        return tuple(pack for pack in self.courtesy_packs if pack.star == level)

    def credit_points(self, star: int, minutes: int) -> int:
        """Whole credit points for a star and for minutes of service, up to `credit_points_max`.

        Those by star are the list's; stars beyond it get what its last one gets. Those by time
        are `credit_points_per_10h_thousandths` for each 600 minutes, rounded down.
        """
        listed, star = self.credit_points_by_star, self.level_of(star)
        by_star = listed[min(star, len(listed)) - 1] if star > 0 and listed else 0
        points = by_star + minutes * self.credit_points_per_10h_thousandths // (600 * 1000)
        return min(points, self.credit_points_max) if self.credit_points_max else points

    def credit_measures(self, star: int) -> int:
        """How many measures a holder of `star` may be offered, 0 being registered without one."""
        listed = self.credit_measures_by_star
        return listed[min(self.level_of(star), len(listed) - 1)] if listed else 0

    def credit_cycle_of(self, day: date) -> str:
        """The list that a day belongs to: `2025`, or `2025-H1` in half-years (P59)."""
        if self.credit_cycle == "year":
            return f"{day.year:04}"
        return f"{day.year:04}-H{1 if day.month <= 6 else 2}"


def _at(listed: Sequence[int], star: int) -> int:
    return listed[star - 1] if star <= len(listed) else 0


def _weight(weights: tuple[Weight, ...], category: str) -> int:
    """The category's weight in thousandths; 1 where the policy weighs nothing."""
    for weight in weights:
        if weight.category == category:
            return weight.thousandths
    return 1000


# Everything that is earned in one group of entries is earned at one instant.
@lru_cache(maxsize=256)
def _lapse_month(zone: str, months_valid: int, earned_at_ms: int) -> date:
    """The last day of the month that lies `months_valid` after the local month of earning."""
    earned = local_time(zone).day(earned_at_ms // 1000)
    return last_day_of_month(earned.year * 12 + earned.month - 1 + months_valid)
