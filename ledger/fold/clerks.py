"""Who stands at a merchant's tills, what they may take and what they took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, present, set_mark
from ledger.fold.parties import register
from ledger.rows import CLERK, CLERK_DAY, CLERK_LIMITS, NOTED, Mark
from ledger.standing import Standing, china_date


def _clerk_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    register(standing, entry, f"clerk:{facts['clerk']}", parent=f"branch:{facts['branch']}")
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _clerk_limited(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    clerk = f"clerk:{facts['clerk']}"
    numbers = (facts["captures"], facts["points"], facts["minutes"])
    set_mark(standing, clerk, CLERK_LIMITS, " ".join(map(str, numbers)), entry)
    standing.mention(clerk, entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def taken_limits(standing: Standing, clerk: str) -> tuple[int, int, int]:
    """What a clerk may take in a day: captures, hundredths of a point, minutes; 0 for any."""
    return _three(standing.marks[f"clerk:{clerk}", CLERK_LIMITS])


def taken_by(standing: Standing, clerk: str, time: int) -> tuple[int, int, int]:
    """What a clerk took so far on the local day of `time` (ms): captures, hundredths of a point,
    minutes."""
    return _three(standing.marks[f"clerk:{clerk}", CLERK_DAY + china_date(time)])


def clerk_of(standing: Standing, credential: str) -> str:
    """Id of the clerk whose credential this is; "" for nobody's, or none."""
    mark = standing.marks[f"credential:{credential}", CLERK] if credential else None
    return mark.value if mark is not None else ""


def count_for_clerk(
    standing: Standing, clerk: str, asset: str, amount: int, captures: int, entry: Entry
) -> None:
    """What a clerk took on the day of an entry goes up, or down where another took it."""
    before = taken_by(standing, clerk, entry.time)
    points = amount if asset == account.POINT else 0
    now = (before[0] + captures, before[1] + points, before[2] + amount - points)
    day = CLERK_DAY + china_date(entry.time)
    set_mark(standing, f"clerk:{clerk}", day, " ".join(map(str, now)), entry)


def _three(mark: Mark | None) -> tuple[int, int, int]:
    if mark is None:
        return 0, 0, 0
    captures, points, minutes = map(int, mark.value.split(" "))
    return captures, points, minutes


def _capture_noted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = present(standing.redemptions[facts["redemption"]])
    set_mark(standing, f"redemption:{facts['redemption']}", NOTED, facts["text"], entry)
    # What is noted about a capture is about its holder too: it is forgotten with them.
    standing.mention(account.volunteer(redemption.volunteer), entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "clerk_registered": _clerk_registered,
    "clerk_limited": _clerk_limited,
    "capture_noted": _capture_noted,
}
