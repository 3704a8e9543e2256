"""The canonical form of docs/format.md, sections 1 and 2, for what is read as values.

Entries are recognised as text, in `kinds`. This file reads the manifest, the documents that
some entries hold, and a refused entry, to say what is wrong with it. Nothing lenient about a
JSON reader gets through, because what it read is written again and must come to the same bytes.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn, TypeAlias

Value: TypeAlias = "int | str | list[Value] | dict[str, Value]"

INTEGER_MAX = 2**53 - 1
NESTING_MAX = 6
_DIGITS_MAX = 16

_NAME = re.compile("[a-z0-9_]+")
_ANY_NAME = re.compile("[^\x00-\x1f\x7f]*")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


class NotCanonical(ValueError):
    """The bytes are not the canonical form of any value that the format allows."""


def read(data: bytes, *, any_name: bool = False) -> Value:
    """The value whose canonical form is exactly `data`; raises `NotCanonical` if there is none.

    `any_name` is for the manifest, whose names are names of files.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotCanonical(f"byte {error.start} is not UTF-8") from None
    try:
        value: Value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_such_number,
            parse_constant=_no_such_number,
        )
    except NotCanonical:
        raise
    except ValueError as error:
        raise NotCanonical(f"it is not JSON: {error}") from None
    except RecursionError:
        raise NotCanonical(f"it is nested deeper than {NESTING_MAX}") from None
    _check(value, NESTING_MAX, _ANY_NAME if any_name else _NAME)
    if encode(value) != data:
        raise NotCanonical("its canonical form is other bytes (order, white space or escapes)")
    return value


def encode(value: Value) -> bytes:
    """The canonical form of a value; raises `NotCanonical` for a lone surrogate."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical("it holds half of a surrogate pair") from None


def _object(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotCanonical("an object has one name twice")
    return value


def _integer(digits: str) -> int:
    # The length comes first: converting a million digits would take for ever.
    if len(digits.lstrip("-")) > _DIGITS_MAX or abs(int(digits)) > INTEGER_MAX:
        raise NotCanonical("an integer is out of range")
    return int(digits)


def _no_such_number(text: str) -> NoReturn:
    raise NotCanonical(f"{text[:24]} is not an integer")


def _check(value: object, depth_left: int, names: re.Pattern[str]) -> None:
    """Raise unless `value` is made of what the format knows, at most `depth_left` deep."""
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise NotCanonical("a string holds a control character")
    elif isinstance(value, list | dict):
        if not depth_left:
            raise NotCanonical(f"it is nested deeper than {NESTING_MAX}")
        if isinstance(value, dict):
            for name in value:
                if not names.fullmatch(name):
                    raise NotCanonical(f"{name[:24]!a} is not a name")
        for inner in value.values() if isinstance(value, dict) else value:
            _check(inner, depth_left - 1, names)
    elif type(value) is not int:
        raise NotCanonical("there is no null, true or false")
