"""What one parameter's value may be: a class for each shape.

`canonical` turns what TOML says into what an entry holds, `typed` turns that into what decisions
read; both check the range, so a document is checked when it is written and when it is replayed.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ledger.policy.reading import published_line, shown
from ledger.policy.words import SERVICE_CATEGORIES

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
REGION: Final = re.compile(r"CN|[1-9][0-9](?:[0-9]{2}){0,2}")
# Files beside the zones: what a machine or its packager chose, which another decides otherwise.
_NO_ZONES: Final = ("localtime", "posixrules", "Factory")
_NO_CITATION: Final = re.compile(
    r"(?:(?:a|an|by|free|just|local|my|only|our|own|the|their|this|was)\W+)*"
    r"(?:choice|default|(?:guess|nobody|none|nothing|unknown|n/a)\b)"
)
_DAYS_OF_MONTH: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
WEIGHT_MAX: Final = 100
PACKS_MAX: Final = 100


class Weight(NamedTuple):
    """How much a minute of one category counts, in thousandths, and the text that says so."""

    category: str
    thousandths: int
    basis: str


@dataclass(frozen=True, slots=True)
class Pack:
    """One item of the courtesy pack of a star (domain §5 S20): `count` of `item`, `value_yuan`
    whole yuan each, 0 where it has no price."""

    star: int
    item: str
    count: int
    value_yuan: int


class Shape(Protocol):
    """What one parameter's value may be; both methods raise `ValueError` with the reason."""

    @property
    def suffix(self) -> str:
        """What the canonical name adds, so that a reader sees the unit."""

    @property
    def kind(self) -> str:
        """What a document writes: "whole number", "list of words" …"""

    @property
    def range(self) -> str:
        """Which values pass, in words; "" where the kind says it all."""

    def canonical(self, written: object) -> Any:
        """What an entry holds for the value as written in TOML."""

    def typed(self, canonical: object) -> Any:
        """What `Policy` holds for a canonical value; checks the same range again."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`; `Policy` holds it times `scale` (hours as minutes)."""

    low: int
    high: int
    scale: int = 1
    suffix: str = ""

    @property
    def kind(self) -> str:
        return "whole number"

    @property
    def range(self) -> str:
        return f"{self.low:,} to {self.high:,}"

    def canonical(self, written: object) -> int:
        # A TOML boolean is a Python int; it must not pass as 0 or 1.
        if isinstance(written, bool) or not isinstance(written, int):
            raise ValueError(f"must be a whole number, not {shown(written)}")
        if not self.low <= written <= self.high:
            raise ValueError(f"must be from {self.low} to {self.high}, not {shown(written)}")
        return written

    def typed(self, canonical: object) -> int:
        return self.canonical(canonical) * self.scale


@dataclass(frozen=True, slots=True)
class Fraction:
    """A number from `low` to `high` in whole thousandths; held and stored as thousandths."""

    low: int
    high: int
    suffix: str = "_thousandths"

    @property
    def kind(self) -> str:
        return "number, three decimals"

    @property
    def range(self) -> str:
        return f"{self.low:,} to {self.high:,}"

    def canonical(self, written: object) -> int:
        if isinstance(written, bool) or not isinstance(written, int | Decimal):
            raise ValueError(f"must be a number, not {shown(written)}")
        number = Decimal(written)
        if number.is_nan() or not self.low <= number <= self.high:
            raise ValueError(f"must be from {self.low} to {self.high}, not {shown(written)}")
        thousandths = int(number.scaleb(3))
        # Compared exactly, because a product in decimal arithmetic may already be rounded.
        if Decimal(thousandths).scaleb(-3) != number:
            raise ValueError(f"must have at most three decimals, not {shown(written)}")
        return thousandths

    def typed(self, canonical: object) -> int:
        return Whole(self.low * 1000, self.high * 1000).canonical(canonical)


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`; stored as `yes` or `no`, because entries hold no booleans."""

    suffix: str = ""

    @property
    def kind(self) -> str:
        return "true or false"

    @property
    def range(self) -> str:
        return ""

    def canonical(self, written: object) -> str:
        if not isinstance(written, bool):
            raise ValueError(f"must be true or false, not {shown(written)}")
        return "yes" if written else "no"

    def typed(self, canonical: object) -> bool:
        if canonical not in ("yes", "no"):
            raise ValueError(f"must be yes or no, not {shown(canonical)}")
        return canonical == "yes"


def _word_of(allowed: tuple[str, ...], written: object) -> str:
    if not isinstance(written, str) or written not in allowed:
        raise ValueError(f"{shown(written)} is none of {', '.join(allowed)}")
    return written


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a closed list."""

    allowed: tuple[str, ...]
    suffix: str = ""

    @property
    def kind(self) -> str:
        return "word"

    @property
    def range(self) -> str:
        return ", ".join(self.allowed)

    def canonical(self, written: object) -> str:
        return _word_of(self.allowed, written)

    typed = canonical


@dataclass(frozen=True, slots=True)
class Words:
    """Distinct words of a closed list, in any order; stored sorted, held as a frozen set."""

    allowed: tuple[str, ...]
    suffix: str = ""

    @property
    def kind(self) -> str:
        return "list of words"

    @property
    def range(self) -> str:
        return ", ".join(self.allowed)

    def canonical(self, written: object) -> list[str]:
        words = [_word_of(self.allowed, word) for word in _items(written)]
        if len(set(words)) != len(words):
            raise ValueError("names one word twice")
        return sorted(words)

    def typed(self, canonical: object) -> frozenset[str]:
        return frozenset(self.canonical(canonical))


@dataclass(frozen=True, slots=True)
class WordsListed:
    """One to `most` words of a closed list in an order that means something; repeats allowed."""

    allowed: tuple[str, ...]
    most: int
    suffix: str = ""

    @property
    def kind(self) -> str:
        return "list of words in order"

    @property
    def range(self) -> str:
        return f"1 to {self.most} of {', '.join(self.allowed)}"

    def canonical(self, written: object) -> list[str]:
        words = [_word_of(self.allowed, word) for word in _items(written)]
        if not 1 <= len(words) <= self.most:
            raise ValueError(f"must have 1 to {self.most} words, not {len(words)}")
        return words

    def typed(self, canonical: object) -> tuple[str, ...]:
        return tuple(self.canonical(canonical))


@dataclass(frozen=True, slots=True)
class Listed:
    """None to `most` whole numbers in an order that means something (one a star)."""

    low: int
    high: int
    most: int
    suffix: str = ""

    @property
    def kind(self) -> str:
        return "list of whole numbers"

    @property
    def range(self) -> str:
        return f"0 to {self.most} numbers, {self.low:,} to {self.high:,}"

    def canonical(self, written: object) -> list[int]:
        items = _items(written)
        if len(items) > self.most:
            raise ValueError(f"must have 0 to {self.most} numbers, not {len(items)}")
        return [Whole(self.low, self.high).canonical(number) for number in items]

    def typed(self, canonical: object) -> tuple[int, ...]:
        return tuple(self.canonical(canonical))


@dataclass(frozen=True, slots=True)
class Rising:
    """`least` to `most` whole numbers, each larger than the one before; held times `scale`."""

    low: int
    high: int
    most: int
    scale: int = 1
    least: int = 1
    suffix: str = ""

    @property
    def kind(self) -> str:
        return "rising list"

    @property
    def range(self) -> str:
        return f"{self.least} to {self.most} numbers, {self.low:,} to {self.high:,}"

    def canonical(self, written: object) -> list[int]:
        items = _items(written)
        if not self.least <= len(items) <= self.most:
            raise ValueError(f"must have {self.least} to {self.most} numbers, not {len(items)}")
        numbers = [Whole(self.low, self.high).canonical(number) for number in items]
        for before, after in pairwise(numbers):
            if after <= before:
                raise ValueError(f"must rise: {after} follows {before}")
        return numbers

    def typed(self, canonical: object) -> tuple[int, ...]:
        return tuple(number * self.scale for number in self.canonical(canonical))


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day that every year has, as `MM-DD`; 29 February is none."""

    suffix: str = ""

    @property
    def kind(self) -> str:
        return "day of the year"

    @property
    def range(self) -> str:
        return "01-01 to 12-31, not 02-29"

    def canonical(self, written: object) -> str:
        if not isinstance(written, str) or not re.fullmatch(r"[0-9]{2}-[0-9]{2}", written):
            raise ValueError(f"must be a month and a day such as 12-31, not {shown(written)}")
        month, day = int(written[:2]), int(written[3:])
        if not 1 <= month <= 12 or not 1 <= day <= _DAYS_OF_MONTH[month - 1]:
            raise ValueError(f"{written} is not a day of every year")
        return written

    typed = canonical


@dataclass(frozen=True, slots=True)
class Weights:
    """What a minute of a category counts: `{category, weight, basis}`, a category at most once.

    A weight other than 1 must cite a text (domain §10 P50): no official multiplier was found, and
    one that nobody decreed would make some people's hours worth more by our whim.
    """

    suffix: str = ""

    @property
    def kind(self) -> str:
        return "list of {category, weight, basis}"

    @property
    def range(self) -> str:
        return f"0 to {WEIGHT_MAX} each, three decimals; other than 1 it must cite a text"

    def canonical(self, written: object) -> list[dict[str, Any]]:
        weights = [
            _fields(item, number, ("category", "weight", "basis"))
            for number, item in enumerate(_items(written), start=1)
        ]
        checked = self._checked(
            [
                {
                    "category": weight["category"],
                    "weight_thousandths": _in_item(
                        number, "weight", Fraction(0, WEIGHT_MAX).canonical, weight["weight"]
                    ),
                    "basis": weight["basis"],
                }
                for number, weight in enumerate(weights, start=1)
            ]
        )
        for number, each in enumerate(weights, start=1):
            if each["weight"] != 1 and cites_nothing(each["basis"]):
                raise _uncited(number, each["basis"])
        return checked

    def typed(self, canonical: object) -> tuple[Weight, ...]:
        weights = [
            _fields(item, number, ("category", "weight_thousandths", "basis"))
            for number, item in enumerate(_items(canonical), start=1)
        ]
        return tuple(
            Weight(each["category"], each["weight_thousandths"], each["basis"])
            for each in self._checked(weights)
        )

    def _checked(self, weights: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen = set()
        for number, each in enumerate(weights, start=1):
            category = _in_item(
                number,
                "category",
                lambda word: _word_of(SERVICE_CATEGORIES, word),
                each["category"],
            )
            if category in seen:
                raise ValueError(f"weighs {category} twice")
            seen.add(category)
            weight = _in_item(
                number,
                "weight",
                Fraction(0, WEIGHT_MAX).typed,
                each["weight_thousandths"],
            )
            basis = _in_item(number, "basis", published_line, each["basis"])
            # All that was asked when the first documents were adopted; `canonical` asks more.
            if weight != 1000 and basis.strip().lower().startswith(("choice", "default")):
                raise _uncited(number, basis)
        return sorted(weights, key=lambda each: str(each["category"]))


def _uncited(number: int, basis: str) -> ValueError:
    return ValueError(
        f"item {number}: a weight other than 1 must cite a text, and {shown(basis)} is none (P50)"
    )


@dataclass(frozen=True, slots=True)
class Packs:
    """Courtesy packs: `{star, item, count, value_yuan}`, in the order written (domain §5 S20)."""

    suffix: str = ""

    @property
    def kind(self) -> str:
        return "list of {star, item, count, value_yuan}"

    @property
    def range(self) -> str:
        return f"0 to {PACKS_MAX} items; star 1 to 20, count 1 to 1,000, value 0 to 1,000,000"

    def canonical(self, written: object) -> list[dict[str, Any]]:
        return [asdict(pack) for pack in self.typed(written)]

    def typed(self, canonical: object) -> tuple[Pack, ...]:
        items = _items(canonical)
        if len(items) > PACKS_MAX:
            raise ValueError(f"must have 0 to {PACKS_MAX} items, not {len(items)}")
        packs = []
        for number, item in enumerate(items, start=1):
            each = _fields(item, number, ("star", "item", "count", "value_yuan"))
            packs.append(
                Pack(
                    star=_in_item(number, "star", Whole(1, 20).canonical, each["star"]),
                    item=_in_item(number, "item", published_line, each["item"]),
                    count=_in_item(number, "count", Whole(1, 1000).canonical, each["count"]),
                    value_yuan=_in_item(
                        number, "value_yuan", Whole(0, 1_000_000).canonical, each["value_yuan"]
                    ),
                )
            )
        return tuple(packs)


@dataclass(frozen=True, slots=True)
class Name:
    """The name of another document: small letters, digits and hyphens."""

    suffix: str = ""

    @property
    def kind(self) -> str:
        return "name of a document"

    @property
    def range(self) -> str:
        return "small letters, digits, hyphens"

    def canonical(self, written: object) -> str:
        if not isinstance(written, str) or not NAME.fullmatch(written):
            raise ValueError(f"must be small letters, digits and hyphens, not {shown(written)}")
        return written

    typed = canonical


@dataclass(frozen=True, slots=True)
class TimeZone:
    """A zone of the tz database, such as Asia/Shanghai.

    `typed` still reads whatever file this machine can read as a zone: a document adopted with one
    stays readable.
    """

    suffix: str = ""

    @property
    def kind(self) -> str:
        return "time zone"

    @property
    def range(self) -> str:
        return "tz database"

    def canonical(self, written: object) -> str:
        zone = self.typed(written)
        if zone not in _zones():
            raise ValueError(f"{shown(written)} is no zone of the tz database")
        return zone

    def typed(self, canonical: object) -> str:
        if not isinstance(canonical, str) or not re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", canonical):
            raise ValueError(f"must name a time zone, not {shown(canonical)}")
        try:
            ZoneInfo(canonical)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{shown(canonical)} is no zone of the tz database") from None
        return canonical


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """The zones that every machine means alike; `right/` and `posix/` are not among them."""
    return frozenset(available_timezones().difference(_NO_ZONES))


def cites_nothing(basis: str) -> bool:
    """Whether a basis names no text: `default`, `choice` or `our choice`, alone or with a reason,
    "none" and the like, or signs without a letter or a digit."""
    said = basis.strip().lower()
    says_something = any(map(str.isalnum, said))
    return not says_something or _NO_CITATION.match(re.sub(r"^\W+", "", said)) is not None


def region(written: object) -> str:
    """`CN`, or a division code of 2, 4 or 6 digits (`ValueError` otherwise)."""
    if not isinstance(written, str) or not REGION.fullmatch(written):
        raise ValueError(f"must be CN or a division code of 2, 4 or 6 digits, not {shown(written)}")
    return written


def _items(written: object) -> list[Any] | tuple[Any, ...]:
    if not isinstance(written, list | tuple):
        raise ValueError(f"must be a list, not {shown(written)}")
    return written


def _fields(item: object, number: int, names: tuple[str, ...]) -> dict[str, Any]:
    """A table of a list with exactly these names."""
    if not isinstance(item, Mapping):
        raise ValueError(f"item {number} must be a table, not {shown(item)}")
    for name in item:
        if name not in names:
            raise ValueError(f"item {number} has the unknown key {shown(name)}")
    for name in names:
        if name not in item:
            raise ValueError(f"item {number} lacks {name}")
    return dict(item)


def _in_item(number: int, name: str, check: Any, written: object) -> Any:
    """A checked value of a table in a list; the reason says which table and which key."""
    try:
        return check(written)
    except ValueError as error:
        raise ValueError(f"item {number}, {name}: {error}") from None
