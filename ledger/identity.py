"""Identity numbers and organisation codes: are they real, and how are they shown.

Pure. Citizens' numbers follow GB 11643, organisations' unified social credit
codes GB 32100 (domain §6). Callers normalise first (NFKC, outer space, upper
case); here nothing is repaired. No message repeats a number, so none can
reach a log.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from operator import mul

_IDENTITY_SHAPE = re.compile("[0-9]{17}[0-9X]")
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECKS = "10X98765432"
# The byte of a digit is 48 more than the digit: this much too much, summed over the weights.
_IDENTITY_ASCII_SHIFT = ord("0") * sum(_IDENTITY_WEIGHTS)

_ORGANISATION_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_SHAPE = re.compile(f"[{_ORGANISATION_ALPHABET}]{{18}}")
_ORGANISATION_VALUES = {character: at for at, character in enumerate(_ORGANISATION_ALPHABET)}
_ORGANISATION_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


class BadIdentityNumber(Exception):
    """This is no citizen's identity number; `sentence` says why without repeating it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BadOrganisationCode(Exception):
    """This is no unified social credit code; `sentence` says why without repeating it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityNumber:
    """A number that passed, and the birth date inside it. Neither shows in a `repr`."""

    number: str = field(repr=False)
    birth_date: date = field(repr=False)


def check_identity_number(text: str) -> IdentityNumber:
    """The number and its birth date; 18 characters, real date, check character (GB 11643).

    The old form of 15 digits is refused: it has no check. So is a small `x`,
    which the caller turns into `X`. Raises BadIdentityNumber.
    """
    if _IDENTITY_SHAPE.fullmatch(text) is None:
        raise BadIdentityNumber(_wrong_identity_shape(text))
    try:
        birth_date = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        raise BadIdentityNumber("the identity number has no real birth date") from None
    # The weights end before the check character, and so does the sum.
    total = sum(map(mul, _IDENTITY_WEIGHTS, text.encode())) - _IDENTITY_ASCII_SHIFT
    if _IDENTITY_CHECKS[total % 11] != text[17]:
        raise BadIdentityNumber("the last character of the identity number does not fit the rest")
    return IdentityNumber(number=text, birth_date=birth_date)


def _wrong_identity_shape(text: str) -> str:
    if len(text) == 15:
        return "the identity number has the old form of 15 digits; give the one of 18 characters"
    if len(text) != 18:
        return f"an identity number has 18 characters, this has {len(text)}"
    return "an identity number is 17 digits and a digit or X"


def check_organisation_code(text: str) -> str:
    """The same code, if it is one: 18 characters of the alphabet and check character (GB 32100).

    The alphabet has no I, O, S, V and Z. Where the weighted sum leaves the
    remainder 0, the check character is `0`. The check digit of GB 11714 inside
    the code is not tested. Raises BadOrganisationCode.
    """
    if _ORGANISATION_SHAPE.fullmatch(text) is None:
        raise BadOrganisationCode(
            "an organisation code is 18 digits and capital letters without I, O, S, V and Z"
        )
    values = _ORGANISATION_VALUES
    total = 0
    for weight, character in zip(_ORGANISATION_WEIGHTS, text, strict=False):
        total += weight * values[character]
    if -total % 31 != values[text[17]]:
        raise BadOrganisationCode(
            "the last character of the organisation code does not fit the rest"
        )
    return text


def mask_name(name: str) -> str:
    """The first character and one star, however long the name is (domain §12 I11).

    One star for every name, because two or three would tell its length. An
    empty name stays empty.
    """
    bare = name.strip()
    return f"{bare[0]}*" if bare else ""


def mask_identity_number(number: str) -> str:
    """The first three and the last four characters with eleven stars between (domain §12 I11).

    Raises BadIdentityNumber when there are not 18 characters: a shorter number
    would show too much of itself.
    """
    if len(number) != 18:
        raise BadIdentityNumber(f"an identity number has 18 characters, this has {len(number)}")
    return f"{number[:3]}***********{number[-4:]}"


def age_on(birth: date, day: date) -> int:
    """Years completed on `day`; a year is completed on the birthday itself.

    Who was born on 29 February completes a year on 1 March where there is no
    29 February. Raises ValueError when `day` lies before `birth`.
    """
    if day < birth:
        raise ValueError("nobody has an age before the day of birth")
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
