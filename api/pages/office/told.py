"""What people and activities in a list are called."""

from __future__ import annotations

from collections.abc import Sequence

from api.pages.calling import read
from api.problems import Problem
from api.reads.parties import get_volunteer
from api.reads.service import get_activity
from ledger.errors import Refused


def volunteer_names(ids: Sequence[str]) -> dict[str, str]:
    """Volunteers' names as the caller may see them; whom they may not see is left out."""
    found = {}
    for one in dict.fromkeys(ids):
        try:
            found[one] = read(get_volunteer, volunteer=one).get("name", "")
        except (Problem, Refused):
            # Registered by somebody else: a record of theirs here names nobody.
            continue
    return found


def activity_names(ids: Sequence[str]) -> dict[str, str]:
    """What activities are called; whose are not the caller's are left out."""
    found = {}
    for one in dict.fromkeys(each for each in ids if each):
        try:
            found[one] = read(get_activity, activity=one)["text"].get("name", "")
        except (Problem, Refused):
            continue
    return found
