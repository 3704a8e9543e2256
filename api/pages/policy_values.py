"""What a policy's values say, in words: a closed list's words, amounts in their units.

What people write in TOML stands beside it; this is for whoever reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from api.pages import words
from ledger.policy.parameters import Parameter
from ledger.policy.shapes import (
    Flag,
    Fraction,
    MonthDay,
    Packs,
    Weights,
    Word,
    Words,
    WordsListed,
)

ZERO: Final[Mapping[str, str]] = {
    "checkin.max_per_activity_day": "unlimited",
    "credit.points_max": "unlimited",
    "offline.captures": "none",
    "offline.max_age_minutes": "none",
    "points.activity_cap_min": "unlimited",
    "points.day_cap": "unlimited",
    "redeem.per_period": "unlimited",
    "redeem.refund_days": "never",
    "star.nominated_from": "never",
    "tb.account_cap_h": "unlimited",
    "tb.daily_cap_minutes": "unlimited",
    "tb.elder_home_coins": "none",
    "tb.redeem_min_age_difficulty": "none",
}
"""What a 0 means where it is no amount (docs/policy.md §2)."""
_COUNTED: Final[Mapping[str, str]] = {
    "age": "ages",
    "coins": "coins",
    "credit points": "credits",
    "d": "days",
    "days": "days",
    "h": "hours",
    "measures": "measures",
    "months": "months",
    "percent": "percent",
    "points": "points",
    "s": "seconds",
    "stars": "stars",
    "working days": "working_days",
    "years": "years",
}
"""By unit, the word that counts it."""
_LEAP_YEAR: Final = 2000


def in_words(parameter: Parameter, canonical: Any, lang: str) -> str:
    """A value in canonical form as readers say it; "" where words say no more than the value.

    Raises KeyError for a word or a unit that has no words.
    """
    shape = parameter.shape
    if canonical == []:
        return words.say("policy.nothing", lang)
    if canonical == 0 and parameter.name in ZERO:
        return words.say(f"policy.zero.{ZERO[parameter.name]}", lang)
    if isinstance(shape, Flag):
        return words.say(f"policy.flag.{canonical}", lang)
    if isinstance(shape, Word | Words | WordsListed):
        some = [canonical] if isinstance(canonical, str) else canonical
        return _listed([_word(parameter.name, each, lang) for each in some], lang)
    if isinstance(shape, MonthDay):
        month, day = map(int, canonical.split("-"))
        # A day of every year: whichever year is asked in, it is said without it.
        return words.month_day(date(_LEAP_YEAR, month, day), lang)
    if isinstance(shape, Weights):
        return _listed([_weight(each, lang) for each in canonical], lang)
    if isinstance(shape, Packs) or not parameter.unit:
        return ""
    is_age = parameter.unit == "years" and "_age" in parameter.name
    say = _unit("age" if is_age else parameter.unit, lang)
    per_mille = isinstance(shape, Fraction)
    some = canonical if isinstance(canonical, list) else [canonical]
    return _listed([say(_number(each) if per_mille else str(each)) for each in some], lang)


def _word(name: str, value: str, lang: str) -> str:
    if name == "star.granting_tier":
        return words.say(f"tier.{value}", lang)
    return words.say(f"policy.value.{name}.{value}", lang)


def _weight(weight: Mapping[str, Any], lang: str) -> str:
    category = words.say(f"office.category.{weight['category']}", lang)
    return f"{category} ×{_number(int(weight['weight_thousandths']))}"


def _unit(unit: str, lang: str) -> Callable[[str], str]:
    if unit == "min":
        return lambda number: words.duration(int(number), lang)
    if unit == "hundredths":
        return lambda number: words.say("policy.in.points", lang, n=words.points(int(number)))
    if unit == "hundredths of an evaluation":
        return lambda number: words.say("policy.in.marks", lang, n=words.points(int(number)))
    if unit == "hundredths or min":
        return lambda number: words.say(
            "policy.in.worth",
            lang,
            points=words.points(int(number)),
            time=words.duration(int(number), lang),
        )
    counted = _COUNTED[unit]
    return lambda number: words.say(f"policy.in.{counted}", lang, n=number)


def _number(thousandths: int) -> str:
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03}".rstrip("0") if rest else str(whole)


def _listed(said: list[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(said)
