"""What people type for amounts and days, as the API takes it. What is no amount is handed on as it
was typed, so that the API says what is wrong with it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, Final

from flask import request

from api.current import current_book
from api.times import rfc3339

_HUNDREDTHS: Final = re.compile(r"([0-9]{1,12})(?:[.．]([0-9]{1,2}))?", re.ASCII)
_DIGITS: Final = re.compile(r"-?[0-9]{1,15}", re.ASCII)
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])(?::00)?", re.ASCII)


def typed(name: str) -> str:
    """What stands in a field, without the space around it."""
    return request.form.get(name, "").strip()


def whole_typed(name: str) -> Any:
    """A whole number; None for an empty field."""
    text = typed(name).replace(",", "")
    return int(text) if _DIGITS.fullmatch(text) else text or None


def points_typed(name: str) -> Any:
    """Points or yuan with at most two decimals, as hundredths; None for an empty field."""
    text = typed(name).replace(",", "")
    found = _HUNDREDTHS.fullmatch(text)
    if found is None:
        return text or None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def minutes_typed(hours: str, minutes: str) -> Any:
    """Hours and minutes as minutes; None for two empty fields."""
    parts = whole_typed(hours), whole_typed(minutes)
    for part in parts:
        if isinstance(part, str):
            return part
    return None if parts == (None, None) else (parts[0] or 0) * 60 + (parts[1] or 0)


def clock_typed(name: str) -> Any:
    """A time of day as the minute of the day; None for an empty field."""
    text = typed(name)
    found = _CLOCK.fullmatch(text)
    return int(found[1]) * 60 + int(found[2]) if found else text or None


def day_typed(name: str, *, after: bool = False) -> str:
    """The first instant of a local day, or `after` it; "" for an empty field."""
    text = typed(name)
    try:
        day = date.fromisoformat(text) + timedelta(days=1 if after else 0)
    except (ValueError, OverflowError):
        return text
    return rfc3339(current_book().policy().first_instant(day))
