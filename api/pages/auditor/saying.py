"""Accounts, amounts and facts as the ledger book prints them: words, and the exact value beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flask import g

from api.pages import words
from api.pages.guard import pages
from ledger import account
from ledger.account import POINT, SERVICE, STAR, TIME
from ledger.ids import is_id

TIMES: Final = frozenset(
    "accepted awarded ban_until check_in check_out ends expires insurance_until recorded starts"
    " until upload_by valid_from valid_until".split()
)
"""Facts that are times (ms), 0 where there is none."""
DAYS: Final = frozenset("decide_by flag_by lapse notice_from notice_until".split())
DIGESTS: Final = 64
OF_THE_DAY: Final = frozenset({"opens", "closes"})
"""Minutes since midnight."""
OWNERS: Final[Mapping[str, str]] = {
    "volunteer": "volunteer",
    "recipient": "volunteer",
    "provider": "volunteer",
    "referred": "volunteer",
    "organisation": "organisation",
    "parent": "organisation",
    "merchant": "merchant",
    "redemption": "held",
}
"""Facts that are ids of whose accounts can be looked at, with the role of the owner."""


class Named(NamedTuple):
    """An account: what it is, whose, and where its page is."""

    kind: str
    """Key of its word, `acct.<kind>`."""
    id: str
    day: str
    """Of a vintage of points, its last day; else ""."""
    owner: str
    whole: str


class Fact(NamedTuple):
    """One fact of an entry."""

    name: str
    value: str
    """Exactly as it stands there, "" for none."""
    said: str
    """The same for people; "" where the value says it."""
    owner: str
    """Whose accounts it leads to, or ""."""
    is_digest: bool


def named(address: str) -> Named:
    """An account's address in words."""
    owner, purse = account.split(address)
    role, _, one = owner.partition(":")
    day = ""
    if purse.startswith(account.POINTS_PURSE):
        purse, day = "points", purse.removeprefix(account.POINTS_PURSE)
    if role == "issuer" or owner == account.PLATFORM_POOL:
        kind, one = f"{role}.{one}", ""
    elif purse:
        kind = f"{role}.{purse.replace(':', '.')}"
    else:
        kind = role
    return Named(kind, one, day, owner, address)


def amount(asset: str, units: int) -> str:
    """An amount with its unit, without a sign."""
    lang = g.lang
    if asset in (SERVICE, TIME):
        return words.duration(units, lang)
    if asset == POINT:
        return words.say("audit.points", lang, n=words.points(units))
    return words.say("audit.stars" if asset == STAR else "audit.credit", lang, n=units)


def facts_of(facts: Mapping[str, Any]) -> list[Fact]:
    """Each fact as it stands, and as people say it."""
    return [_fact(name, value, facts) for name, value in facts.items() if name != "document"]


def _fact(name: str, value: Any, facts: Mapping[str, Any]) -> Fact:
    text = str(value)
    owner = OWNERS.get(name, "")
    if owner:
        owner = f"{owner}:{text}" if is_id(text) else ""
    elif name == "party" and is_id(text.partition(":")[2]):
        owner = text
    is_digest = isinstance(value, str) and len(text) == DIGESTS and is_hex(text)
    return Fact(name, text, _said(name, value, facts), owner, is_digest)


def is_hex(text: str) -> bool:
    """Whether a text is lower-case hexadecimal."""
    return not text.strip("0123456789abcdef")


def _said(name: str, value: Any, facts: Mapping[str, Any]) -> str:
    if name in DAYS and value:
        return _dayed(value)
    if not isinstance(value, int):
        return ""
    if name in TIMES:
        return words.exact(value) if value else ""
    if name in OF_THE_DAY:
        return f"{value // 60:02d}:{value % 60:02d}"
    if "minutes" in name.split("_"):
        return words.duration(value, g.lang)
    if name in ("amount", "price") and facts.get("asset") in (POINT, TIME):
        return amount(facts["asset"], value)
    return ""


def _dayed(value: str) -> str:
    year, month, day = value.split("-")
    return f"{year}年{int(month)}月{int(day)}日" if g.lang == "zh" else ""


@pages.app_template_filter("units")
def _units(units: int, asset: str) -> str:
    return amount(asset, abs(units))


@pages.app_template_filter("balance")
def _balance(units: int, asset: str) -> str:
    return f"{'−' if units < 0 else ''}{amount(asset, abs(units))}"


@pages.app_template_filter("signed_units")
def _signed_units(units: int, asset: str) -> str:
    return words.signed(units, amount(asset, abs(units)))


pages.app_template_filter("named")(named)
