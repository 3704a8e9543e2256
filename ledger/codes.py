"""Voucher codes: ten characters that people read aloud, type and scan.

Pure; the randomness is passed in. Nine characters of Crockford's base-32
alphabet and a check character such that Σ αⁱ·cᵢ = 0 over GF(32), with the
polynomial x⁵ + x² + 1, α = 2 and i = 0 … 9. So every single wrong character
and every swap of two unequal neighbours is found (`docs/format.md`).

A code may be followed by a dot and the six digits that the holder's phone
shows beside it (`with_rotating`, `split_rotating`).

A code is worth money: no message of this module repeats what was typed.
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10
PRACTICE_PREFIX = "TEST"
RANDOM_BYTES = 6
ROTATING_LENGTH = 6
ROTATING_STEP_MS = 30_000
"""A rotating value changes with each multiple of this since 1970 (RFC 6238)."""

_PRACTICE_SUM = 1
"""What the weighted sum of a practice code is. A voucher's is 0, so that no code is ever both."""
_TYPED_MAX = 64
_IGNORED = frozenset(" \t\r\n\u00a0\u3000-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d")
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_VALUES |= {character.lower(): value for character, value in _VALUES.items()}
_VALUES |= dict.fromkeys("IiLl", 1) | dict.fromkeys("Oo", 0)


class BadCode(Exception):
    """What was typed is no code; `sentence` says what is wrong without repeating it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def make_code(random_bytes: bytes) -> str:
    """The code of 45 of these 48 random bits: 9 characters and the check character, upper case.

    Raises ValueError unless there are exactly six bytes.
    """
    if len(random_bytes) != RANDOM_BYTES:
        raise ValueError(f"a code is made of {RANDOM_BYTES} random bytes, not {len(random_bytes)}")
    bits = int.from_bytes(random_bytes, "big")
    values = [bits >> 5 * place & 31 for place in range(CODE_LENGTH - 1)]
    values.append(_check_value(values))
    return "".join(ALPHABET[value] for value in values)


def normalise(text: str) -> str:
    """The ten upper-case characters of a voucher's code that somebody typed or scanned.

    Case, spaces and dashes do not matter, full-width and typographic ones
    included; I and L read as 1, O as 0. Raises BadCode for a U, any other
    character, another length, and a check character that does not fit.
    """
    values = _values(text)
    if _weighted_sum(values) != 0:
        raise BadCode("one of the characters is wrong; compare the code with the voucher")
    return "".join(ALPHABET[value] for value in values)


def make_practice_code(number: int) -> str:
    """A code for training (0 to 99,999): `TEST`, the number, and a check character that is never
    the one of a voucher. Raises ValueError for another number."""
    if not 0 <= number <= 99_999:
        raise ValueError(f"practice codes are numbered from 0 to 99,999, not {number}")
    values = [_VALUES[each] for each in f"{PRACTICE_PREFIX}{number:05d}"]
    values.append(_check_value(values, _PRACTICE_SUM))
    return "".join(ALPHABET[value] for value in values)


def practice_number(text: str) -> int | None:
    """The number of the code for training that was typed or scanned; None for anything else, a
    voucher's code always."""
    try:
        values = _values(text)
    except BadCode:
        return None
    code = "".join(ALPHABET[value] for value in values)
    number = code[len(PRACTICE_PREFIX) : -1]
    fits = _weighted_sum(values) == _PRACTICE_SUM and code.startswith(PRACTICE_PREFIX)
    return int(number) if fits and number.isdigit() else None


def grouped(code: str) -> str:
    """A normalised code as people read it: `ABCDE-FGHJK`."""
    return f"{code[:5]}-{code[5:]}"


def with_rotating(code: str, value: str) -> str:
    """A normalised code and the value beside it, as a QR code holds them: `ABCDEFGHJK.123456`."""
    return f"{code}.{value}"


def split_rotating(text: str) -> tuple[str, str]:
    """What was typed or scanned, parted into a code and the digits after the dot, "" for none.

    The code is as it was typed. Raises BadCode where something else than six digits follows the
    dot; full-width dots are none.
    """
    code, dot, value = text.partition(".")
    if not dot:
        return text, ""
    value = "".join(each for each in value if each not in _IGNORED)
    if not is_rotating(value):
        raise BadCode(f"after the dot there are {ROTATING_LENGTH} digits")
    return code, value


def is_rotating(value: str) -> bool:
    """Whether it has the form of a rotating value: six digits."""
    return len(value) == ROTATING_LENGTH and value.isascii() and value.isdigit()


def _values(text: str) -> list[int]:
    """The values of ten characters. Raises BadCode for any other number of them, and for what is
    no character of a code."""
    if len(text) > _TYPED_MAX:
        raise BadCode(f"a code has {CODE_LENGTH} characters; this is much longer")
    values = [_value(character) for character in text if character not in _IGNORED]
    if len(values) != CODE_LENGTH:
        raise BadCode(f"a code has {CODE_LENGTH} characters, this has {len(values)}")
    return values


def _value(character: str) -> int:
    value = _VALUES.get(character)
    if value is None:
        if character in "Uu":
            raise BadCode("codes have no U; it may be a V")
        raise BadCode("codes have only the letters A to Z and the digits 0 to 9")
    return value


def _weighted_sum(values: list[int]) -> int:
    """Σ αⁱ·cᵢ, from the last character inward: each step multiplies what is there by α."""
    total = 0
    for value in reversed(values):
        total = _times_alpha(total) ^ value
    return total


def _check_value(values: list[int], total: int = 0) -> int:
    """The c₉ with which Σ αⁱ·cᵢ is `total`, given the nine before: α⁹·c₉ is that less their sum; in
    GF(32) minus is plus and α³¹ = 1."""
    check = _weighted_sum(values) ^ total
    for _turn in range(31 - (CODE_LENGTH - 1)):
        check = _times_alpha(check)
    return check


def _times_alpha(value: int) -> int:
    """α times `value`: a shift, and x⁵ replaced by x² + 1."""
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled
