"""What a shop's pages ask in common: whole lists, and which days are meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, g, request

from api.current import current_book
from api.pages.guard import View, for_roles, page
from api.pages.people import place_of
from ledger.door.tree import refuse_tills
from ledger.periods import period_around

PRESETS: Final = ("day", "week", "month", "quarter")
"""Days that a shop asks for by name: those around today."""
_LONG_AGO: Final = "2000-01-01"


def for_managers(view: View) -> View:
    """Let only the shop itself reach a view, none of its tills and clerks. Refuses as
    `for_roles`."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        refuse_tills(g.caller)
        return view(*args, **kwargs)

    return for_roles("merchant")(guarded)  # type: ignore[return-value]


def shop_page(template: str, status: int = 200, **shown: Any) -> Response:
    """A shop's page, with where its caller stands at the top."""
    return page(f"merchant/{template}", status, place=place_of(g.caller), **shown)


def shop() -> str:
    """The merchant's id."""
    return str(g.caller.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Which days an address asks for: by name, else from one to another, both included."""

    preset: str
    first: str
    last: str

    @property
    def period(self) -> str:
        """As the API takes it."""
        if self.preset:
            return period_around(self.preset, current_book().clock.now_ms(), zone=_zone()).name
        first, last = self.first or _LONG_AGO, self.last or today().isoformat()
        return first if first == last else f"{first}..{last}"

    @property
    def query(self) -> dict[str, str]:
        """The same in an address."""
        given = {"days": self.preset, "from": self.first, "to": self.last}
        return {name: text for name, text in given.items() if text}


def days_asked(otherwise: str = "day") -> Days:
    """The days that this address names; `otherwise` where it names none."""
    first, last = request.args.get("from", ""), request.args.get("to", "")
    preset = request.args.get("days", "")
    if preset not in PRESETS:
        preset = "" if first or last else otherwise
    return Days(preset=preset, first="" if preset else first, last="" if preset else last)


def today() -> date:
    """The local day."""
    book = current_book()
    return book.policy().local_date(book.clock.now_ms())


def address_of(path: str, **query: str) -> str:
    """An address with what it asks, empty things left out."""
    said = urlencode({name: text for name, text in query.items() if text})
    return f"{path}?{said}" if said else path


def _zone() -> str:
    return current_book().policy().time_zone
