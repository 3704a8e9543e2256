"""What was scanned or typed at a till, from one form to the next, and what a no asks for.

The till and practice read alike. What of it is the holder's, a PIN or a phone's digits, is sealed
between two forms (`api.pages.keeping`), in practice too: somebody may type their own.
"""

from __future__ import annotations

from typing import Any, Final

from flask import request
from marshmallow import Schema, ValidationError

from api.current import current_book
from api.pages.guard import session_sent
from api.pages.keeping import opened, sealed
from ledger.errors import Refused

ASKS_PIN: Final = frozenset({"pin_needed", "bad_pin", "wrong_card_or_pin"})
ASKS_DIGITS: Final = frozenset({"rotating_value_needed", "wrong_rotating_value"})
_SHOWN: Final = ("code", "pin", "rotating", "redemption")
"""What says which voucher is meant."""
_SECRET: Final = ("pin", "rotating")
"""What of it is the holder's: no page shows it again."""


def read_as(schema: Schema) -> dict[str, Any]:
    """What was scanned or typed, read as the API reads it. Refuses with `bad_code`."""
    body: dict[str, Any] = sent()
    quantity = request.form.get("quantity", "")
    if quantity.isascii() and quantity.isdigit() and len(quantity) < 10:
        body["quantity"] = int(quantity)
    try:
        read: dict[str, Any] = schema.load(body)
    except ValidationError as odd:
        raise Refused("bad_code", "this cannot be a voucher's code") from odd
    return read


def sent() -> dict[str, str]:
    """What the form says of it, with what was sealed in the form before."""
    found = {name: request.form.get(name, "").strip() for name in _SHOWN}
    # A scanner reads the whole address of a QR code; the code is behind its `#`.
    found["code"] = found["code"].rpartition("#")[2]
    before = opened(current_book(), session_sent(), request.form.get("kept", ""))
    return before | {name: text for name, text in found.items() if text}


def kept(*without: str) -> dict[str, str]:
    """The same for the next page's form, the holder's part of it sealed."""
    again = {name: text for name, text in sent().items() if name not in without}
    secret: dict[str, str] = {name: again.pop(name) for name in _SECRET if name in again}
    closed = sealed(current_book(), session_sent(), secret)
    return again | ({"kept": closed} if closed else {})


def asked_for(code: str) -> str:
    """What a no asks the holder for: `pin`, `digits` or nothing."""
    return "pin" if code in ASKS_PIN else "digits" if code in ASKS_DIGITS else ""


def kept_after(code: str) -> dict[str, str]:
    """As `kept`, after a no: what is asked for anew is not sent along as it was."""
    asks = asked_for(code)
    again = kept(*{"pin": ("pin",), "digits": ("rotating",)}.get(asks, ()))
    if asks == "digits":
        again["code"] = again["code"].partition(".")[0]
    return again
