"""The form of a reward: what people type, and what the API takes, each made of the other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flask import request

from api.pages.merchant.amounts import (
    clock_typed,
    day_typed,
    minutes_typed,
    points_typed,
    typed,
    whole_typed,
)
from api.pages.merchant.asked import today
from api.pages.troubles import Trouble
from api.pages.words import points
from ledger.standing import china_time

_MANY: Final = ("branches", "weekdays", "tiers")
_TEXT: Final = ("title", "description", "within", "fund", "period")
_WHOLE: Final = ("stock", "per_person", "gate_stars", "per_period", "min_age")
_FIELDS: Final = (
    *_TEXT,
    *_WHOLE,
    *("kind", "pay", "price", "price_hours", "price_minutes", "from", "until", "opens", "closes"),
    *("hold_days", "hold_hours", "hold_minutes", "value"),
)
_STANDS_AT: Final = {
    "form": "kind",
    "price_hundredths": "price",
    "valid_from": "from",
    "valid_until": "until",
    "opens_minute": "opens",
    "closes_minute": "closes",
    "value_cents": "value",
    "hold_minutes": "hold_days",
    "price_minutes": "price_hours",
}
"""Which field of the form says what the API calls otherwise."""
_A_DAY: Final = 1440
_DAYS: Final = frozenset("1234567")
_QUARTER_DAYS: Final = 90


def fields_of(one: Mapping[str, Any] | None) -> dict[str, Any]:
    """A reward as the form shows it; for a new one what most of them are."""
    if one is None:
        last = today() + timedelta(days=_QUARTER_DAYS)
        empty: dict[str, Any] = dict.fromkeys(_FIELDS, "") | {name: [] for name in _MANY}
        first, until = today().isoformat(), last.isoformat()
        return empty | {"kind": "gift", "pay": "points", "from": first, "until": until}
    shown: dict[str, Any] = {name: one.get(name) or "" for name in (*_TEXT, *_WHOLE)}
    shown |= {name: [str(each) for each in one[name]] for name in _MANY}
    shown |= {name: one["text"].get(name, "") for name in ("title", "description")}
    minutes = one.get("price_minutes", 0)
    hold = one["hold_minutes"]
    return shown | {
        "kind": one["form"],
        "pay": "time" if minutes else "points",
        "price": _plain(one.get("price_hundredths", 0)),
        "price_hours": minutes // 60 or "",
        "price_minutes": minutes % 60 or "",
        "from": china_time(one["valid_from"]).date().isoformat(),
        # The last day on which it can be had, its end not included.
        "until": china_time(one["valid_until"] - 1).date().isoformat(),
        "opens": _clock(one["opens_minute"]) if one["opens_minute"] else "",
        "closes": _clock(one["closes_minute"]) if one["closes_minute"] < _A_DAY else "",
        "hold_days": hold // _A_DAY or "",
        "hold_hours": hold % _A_DAY // 60 or "",
        "hold_minutes": hold % 60 or "",
        "value": _plain(one["value_cents"]),
    }


def fields_typed() -> dict[str, Any]:
    """What was typed, for the same form again."""
    return {name: typed(name) for name in _FIELDS} | {
        name: request.form.getlist(name) for name in _MANY
    }


def body_typed() -> dict[str, Any]:
    """What was typed, as the API takes it."""
    pays_time = typed("pay") == "time"
    body: dict[str, Any] = {name: typed(name) for name in _TEXT}
    body |= {name: whole_typed(name) for name in _WHOLE}
    body |= {
        # The form's own token is called `form`.
        "form": typed("kind"),
        "branches": request.form.getlist("branches"),
        "tiers": request.form.getlist("tiers"),
        "weekdays": [int(day) if day in _DAYS else day for day in request.form.getlist("weekdays")],
        "price_minutes": minutes_typed("price_hours", "price_minutes") if pays_time else None,
        "price_hundredths": None if pays_time else points_typed("price"),
        "valid_from": day_typed("from"),
        "valid_until": day_typed("until", after=True),
        "opens_minute": clock_typed("opens"),
        "closes_minute": clock_typed("closes"),
        "hold_minutes": _hold(),
        "value_cents": points_typed("value") if typed("fund") else None,
    }
    if not body["per_period"]:
        body["period"] = ""
    # Nothing said is nothing asked for.
    return {name: value for name, value in body.items() if value not in ([], 0)}


def said_of_fields(trouble: Trouble | None) -> dict[str, str]:
    """By field of the form, what is wrong with it."""
    found = trouble.fields if trouble else {}
    return {_STANDS_AT.get(name, name): said for name, said in found.items()}


def _hold() -> Any:
    rest, days = minutes_typed("hold_hours", "hold_minutes"), whole_typed("hold_days")
    if isinstance(rest, str) or isinstance(days, str):
        return rest if isinstance(rest, str) else days
    return (days or 0) * _A_DAY + (rest or 0)


def _plain(hundredths: int) -> str:
    return points(hundredths).replace(",", "") if hundredths else ""


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
