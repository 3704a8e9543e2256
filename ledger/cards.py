"""Card numbers and PINs, for people without a phone (trust §6).

A number has twelve digits: ten that say nothing, then two check digits by ISO 7064 MOD 97-10, so
that the whole number leaves 1 when it is divided by 97. A wrong digit changes it by d·10ᵏ, a swap
of unequal neighbours by 9·d·10ᵏ, with d from 1 to 9; the prime 97 divides neither, so both are
always found. The first digit is never 0, which a spreadsheet would drop. A voucher code has ten
characters: at the one field of a till the length tells the two apart.

Pure; the randomness is passed in. No message of this module repeats what was typed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

CARD_LENGTH: Final = 12
RANDOM_BYTES: Final = 8
PIN_LENGTH: Final = 6
_TYPED_MAX: Final = 64
_IGNORED: Final = frozenset(" \t\r\n\u00a0\u3000-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d")
_PRACTICE: Final = "00000000"
"""What a practice card begins with. No card of anybody's begins with 0."""
_CHECK: Final = 1
_PRACTICE_CHECK: Final = 2
"""What a number leaves when it is divided by 97."""
_FIRST: Final = 10**9
_NUMBERS: Final = 9 * 10**9


class BadCard(Exception):
    """What was typed is no card number; `sentence` says what is wrong without repeating it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def make_card_number(random_bytes: bytes) -> str:
    """A card number out of eight random bytes: one of nine thousand million.

    Raises ValueError for any other number of bytes.
    """
    if len(random_bytes) != RANDOM_BYTES:
        raise ValueError(f"a card number is made of {RANDOM_BYTES} bytes, not {len(random_bytes)}")
    # 2^64 is two thousand million times as many, so that no number is likelier by more than that.
    body = _FIRST + int.from_bytes(random_bytes, "big") % _NUMBERS
    return f"{body}{98 - body * 100 % 97:02d}"


def looks_like_card(text: str) -> bool:
    """Whether somebody typed twelve digits, spaces and dashes apart: no voucher code has so many
    characters."""
    if len(text) > _TYPED_MAX:
        return False
    typed = _bare(text)
    return len(typed) == CARD_LENGTH and typed.isascii() and typed.isdigit()


def normalise_card(text: str) -> str:
    """The twelve digits that somebody typed or swiped; spaces and dashes do not matter.

    Raises BadCard for any other character or length, and where the check digits do not fit.
    """
    if not looks_like_card(text):
        raise BadCard(f"a card number has {CARD_LENGTH} digits")
    typed = _bare(text)
    if typed[0] == "0" or int(typed) % 97 != _CHECK:
        raise BadCard("one of the digits is wrong; compare the number with the card")
    return typed


def make_practice_card(number: int) -> str:
    """The number of a card for training (0 to 99): another beginning and other check digits than
    anybody's. Raises ValueError for another number."""
    if not 0 <= number <= 99:
        raise ValueError(f"practice cards are numbered from 0 to 99, not {number}")
    body = f"{_PRACTICE}{number:02d}"
    return f"{body}{(_PRACTICE_CHECK - int(body) * 100) % 97:02d}"


def practice_card_number(text: str) -> int | None:
    """The number of the card for training that was typed; None for anything else, a volunteer's
    card always."""
    typed = _bare(text)
    if not looks_like_card(text) or not typed.startswith(_PRACTICE):
        return None
    return int(typed[8:10]) if int(typed) % 97 == _PRACTICE_CHECK else None


def grouped_card(number: str) -> str:
    """A normalised number as people read it: `1234 5678 9012`."""
    return f"{number[:4]} {number[4:8]} {number[8:]}"


def is_pin(text: str) -> bool:
    """Whether `text` has the form of a PIN: six digits."""
    return len(text) == PIN_LENGTH and text.isascii() and text.isdigit()


def is_trivial(pin: str) -> bool:
    """Whether a PIN is among the first that anybody would try: one digit or one short pattern
    again and again, digits in a row up or down, pairs of the same, a mirror image."""
    digits = [int(each) for each in pin]
    steps = {(after - before) % 10 for before, after in pairwise(digits)}
    return (
        steps in ({0}, {1}, {9})
        or pin == pin[:2] * 3
        or pin == pin[:3] * 2
        or pin == pin[::-1]
        or (pin[0::2] == pin[1::2])
        or (len(set(pin[:3])) == 1 and len(set(pin[3:])) == 1)
    )


def _bare(text: str) -> str:
    return "".join(each for each in text if each not in _IGNORED)
