"""The text of each kind of value: docs/format.md, section 1, and its closed lists of words.

Each name here is an expression for the canonical text of a value, quotation marks included.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import Final

from audit.canonical import INTEGER_MAX


def _digits_up_to(limit: int) -> str:
    """Decimals from 1 to `limit` without leading zeros."""
    text = str(limit)
    shorter = f"[1-9][0-9]{{0,{len(text) - 2}}}"
    as_long = [
        f"{text[:at]}[{'0' if at else '1'}-{int(digit) - 1}][0-9]{{{len(text) - at - 1}}}"
        for at, digit in enumerate(text)
        if int(digit) > (0 if at else 1)
    ]
    return f"(?:{'|'.join([shorter, *as_long, text])})"


POSITIVE: Final = _digits_up_to(INTEGER_MAX)
COUNT = f"(?:0|{POSITIVE})"
INTEGER = f"(?:0|-?{POSITIVE})"
TIME = INTEGER

ID_TEXT = "[0-9a-hjkmnp-tv-z]{16}"
DIGEST_TEXT = "[0-9a-f]{64}"
MAC_TEXT = "[0-9a-f]{32}"
NAME_TEXT = "[a-z0-9][a-z0-9-]*"
_CYCLE = "[0-9]{4}(?:-H[12])?"
OWNER_TEXT = f"(?:operator|organisation|staff|merchant|volunteer|auditor):{ID_TEXT}"

# A real day of the years 0001 to 9999: any month to the 28th, the later days of the longer
# months, and 29 February of the leap years.
_YEAR = "(?!0000)[0-9]{4}"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?!0000)(?:[02468][048]|[13579][26])00)"
DATE_TEXT = (
    f"(?:{_YEAR}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    f"|{_LEAP_YEAR}-02-29)"
)


def or_none(pattern: str) -> str:
    """A string of that shape, or the empty one."""
    return f'"(?:{pattern})?"'


def word(*given: str) -> str:
    """One of these strings."""
    return f'"(?:{"|".join(given)})"'


def words(*given: str) -> str:
    """Words of a closed list, sorted and joined by `+`; none at all is `""`."""
    some = [
        "+".join(each) for n in range(len(given)) for each in combinations(sorted(given), n + 1)
    ]
    return or_none("|".join(re.escape(each) for each in some))


ID = f'"{ID_TEXT}"'
ID_OR_NONE = or_none(ID_TEXT)
DIGEST = f'"{DIGEST_TEXT}"'
DIGEST_OR_NONE = or_none(DIGEST_TEXT)
NAME = f'"{NAME_TEXT}"'
CYCLE = f'"{_CYCLE}"'
DATE = f'"{DATE_TEXT}"'
ADDRESS = f'"(?:console|system|{OWNER_TEXT})"'
OWNER_OR_NONE = or_none(OWNER_TEXT)
PARTY = f'"(?:console|system|{OWNER_TEXT}|(?:branch|clerk|terminal):{ID_TEXT})"'
"""Whoever can be suspended: also a shop's branch, clerk or till, who never ask by themselves."""
FORGOTTEN = f'"(?:console|system|{OWNER_TEXT}|clerk:{ID_TEXT})"'
"""Whoever can be forgotten: a shop's branch or till is nobody."""
HELPER = f'"(?:staff|volunteer):{ID_TEXT}"'
"""Whoever acts for a volunteer who cannot."""
LISTENER = f'"(?:operator|organisation|merchant):{ID_TEXT}"'
"""Whoever may have webhooks."""
# The format names no closed list for scopes, so only their shape is checked.
SCOPES = or_none(r"[a-z][a-z0-9_:.-]*(?:\+[a-z][a-z0-9_:.-]*)*")
IDS_OR_NONE = or_none(rf"{ID_TEXT}(?:\+{ID_TEXT})*")
IDS = rf'"{ID_TEXT}(?:\+{ID_TEXT})*"'
# Its content is read as a value and taken out before the expression is asked: see `Grammar.match`.
DOCUMENT = r"\{\}"
HALF_ASSET = word("POINT", "TIME")
YES_NO = word("no", "yes")
CALENDAR = word(NAME_TEXT, "monday_to_friday")
SAVER_GATE = word("met", "guardian", "group")
"""Who may save time: of age, a guardian agreed, or a group that only donates."""
SERVED_GATE = or_none("met|spouse|difficulty")
"""Who may be served for saved time: of age, a spouse of age, or special difficulty."""
ROLE = word("operator", "organisation", "reviewer", "merchant", "volunteer", "auditor")
CATEGORY = word(
    "community_governance",
    "culture",
    "education",
    "elderly_and_disabled",
    "emergency",
    "environment",
    "events",
    "health",
    "legal_aid",
    "traffic",
    "other",
)


def object_of(fields: dict[str, str]) -> str:
    """An object with exactly these names."""
    return r"\{" + ",".join(f'"{name}":{fields[name]}' for name in sorted(fields)) + r"\}"
