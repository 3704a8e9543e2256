"""A certificate's public check, for strangers who have never heard of us.

The number comes in a form's body, so that it stands in no log. In a QR code's address it is behind
the `#`, which no server is sent: a script puts it into the field, and somebody presses the button.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from flask import Response, g, request

from api.current import current_book, current_settings
from api.pages import words
from api.pages.guard import page, pages
from api.pages.troubles import Noes, trouble_of
from api.reads.certificates import looked_up
from ledger.door import certificates

TYPED_MAX: Final = 200
"""So much of what was typed is looked at: a number, or the whole address of a QR code."""


@pages.get("/c")
def check() -> Response:
    """A field for the number of a certificate."""
    return page("public/check", host=real_host(), trouble=None, number="")


@pages.post("/c")
def check_now() -> Response:
    """Valid, superseded or unknown, and how often it was asked. Nothing about the person."""
    number = request.form.get("number", "")[:TYPED_MAX]
    try:
        checked = looked_up(number)
    except Noes as no:
        trouble = trouble_of(no)
        return page(
            "public/check", trouble.status, host=real_host(), trouble=trouble, number=number
        )
    unit = checked.organisation
    typed = certificates.typed(number)
    return page(
        "public/checked",
        checked=checked,
        unit=current_book().vault.place_names([unit]).get(unit, unit) if unit else "",
        number=certificates.grouped(typed) if len(typed) == certificates.NUMBER_CHARACTERS else "",
        typed=number,
        host=real_host(),
    )


@pages.app_template_filter("whole_day")
def whole_day(day: str) -> str:
    """A day with its year, whichever year it is: what a paper says is read in other years too."""
    return words.day(day, 0, g.lang)


@pages.app_template_filter("whole_days")
def whole_days(since: str, until: str) -> str:
    """From one day to another as a paper says it."""
    return words.days(since, until, g.lang)


def real_host() -> str:
    """The only host at which certificates of this ledger are checked."""
    return urlsplit(current_settings().public_url).netloc
