"""Reading documents that people write: shared by policies and calendars. Pure.

Whatever is wrong is refused with the key's path and the reason, or the line for a syntax error.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ledger.errors import Refused

Canonical = dict[str, Any]
"""A document in the form that entries hold: strings, whole numbers, lists and objects."""

TEXT_CHARACTERS_MAX: Final = 500
TOML_BYTES_MAX: Final = 262_144
# An entry holds at most 65,535 bytes; the rest of it (hashes, ids, salt) needs far less than this.
CANONICAL_BYTES_MAX: Final = 60_000
KEY_PARTS_MAX: Final = 8
KEY_CHARACTERS_MAX: Final = 200
NUMBER_DIGITS_MAX: Final = 1_000

# Comments and texts, in which nothing is a key or a number although it may look like one. What is
# never closed runs to the end of its line or of the document: the parser says what is wrong.
_TEXT: Final = re.compile(
    r"#[^\n]*"
    r'|"""(?:\\[\s\S]|[^\\])*?(?:"""|\Z)'
    r"|'''[\s\S]*?(?:'''|\Z)"
    r'|"(?:\\[^\n]|[^"\\\n])*"?'
    r"|'[^'\n]*'?"
)
_WORDS: Final = re.compile(
    r"(?P<words>[A-Za-z0-9_-]+(?:[ \t]*\.[ \t]*[A-Za-z0-9_-]+)*)(?P<key>[ \t]*=)?"
)
_NO_DIGIT: Final = re.compile(r"[^0-9_]+")


class PolicyRefused(Refused):
    """A policy or calendar document cannot be used as it is written.

    `path` is the key's path in the document (`""` for the document as a whole) and `reason` says
    what is wrong with it. The code is `policy_refused`.
    """

    def __init__(self, path: str, reason: str) -> None:
        sentence = f"{path}: {reason}" if path else reason
        super().__init__("policy_refused", sentence, path=path, reason=reason)
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        return (PolicyRefused, (self.path, self.reason))


def parse_toml(toml: bytes) -> dict[str, Any]:
    """TOML as a dictionary, decimals exact. `PolicyRefused` names the line of a syntax error.

    Keys of more than 8 parts or 200 characters and numbers of more than 1,000 digits are refused
    before they are parsed, which takes time that grows with their square.
    """
    if len(toml) > TOML_BYTES_MAX:
        raise PolicyRefused("", f"the document is longer than {TOML_BYTES_MAX} bytes")
    try:
        written = toml.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = toml.count(b"\n", 0, error.start) + 1
        raise PolicyRefused("", f"line {line} is not UTF-8") from None
    plain = _TEXT.sub(_blank, written)
    _refuse_too_long(plain)

    def decimal(number: str) -> Decimal:
        try:
            return Decimal(number)
        except InvalidOperation:
            line = _line(plain, plain.find(number))
            raise PolicyRefused(
                "", f"line {line}: the number {number[:20]} is beyond any that can be meant"
            ) from None

    try:
        return tomllib.loads(written, parse_float=decimal)
    except tomllib.TOMLDecodeError as error:
        at_the_end = f"(at the end, line {_line(written, len(written.rstrip()))})"
        said = clean(str(error)).replace("(at end of document)", at_the_end)
        raise PolicyRefused("", f"this is not TOML: {said}") from None
    except RecursionError:
        raise PolicyRefused("", "lists or tables are nested too deeply") from None


def _blank(text: re.Match[str]) -> str:
    """A text as hyphens, a comment as spaces: all else keeps its place and its line."""
    return re.sub(r"[^\n]", " " if text[0].startswith("#") else "-", text[0])


def _line(written: str, position: int) -> int:
    return written.count("\n", 0, position) + 1


def _refuse_too_long(plain: str) -> None:
    """Refuse a key or number that no document needs and that parsing would take long over."""
    for found in _WORDS.finditer(plain):
        words = found["words"]
        if words.count(".") >= KEY_PARTS_MAX:
            reason = f"a key has more than {KEY_PARTS_MAX} parts"
        elif found["key"] and len(words) > KEY_CHARACTERS_MAX:
            reason = f"a key has more than {KEY_CHARACTERS_MAX} characters"
        elif any(len(run) > NUMBER_DIGITS_MAX for run in _NO_DIGIT.split(words)):
            reason = f"a number has more than {NUMBER_DIGITS_MAX} digits"
        else:
            continue
        raise PolicyRefused("", f"line {_line(plain, found.start())}: {reason}")


def only_keys(
    node: Mapping[str, Any], *, needed: tuple[str, ...], allowed: tuple[str, ...], under: str = ""
) -> None:
    """Refuse a table that lacks a needed key or has one that nobody reads."""
    prefix = f"{under}." if under else ""
    for key in node:
        if key not in needed and key not in allowed:
            raise PolicyRefused(f"{prefix}{key_shown(key)}", "there is no such key here")
    for key in needed:
        if key not in node:
            raise PolicyRefused(f"{prefix}{key}", "is missing")


def table(node: object, path: str) -> Mapping[str, Any]:
    """The node as a table; refused if it is anything else."""
    if not isinstance(node, Mapping):
        raise PolicyRefused(path, f"must be a table, not {shown(node)}")
    return node


def checked(check: Any, written: object, path: str) -> Any:
    """What `check` makes of the value; its `ValueError` becomes a refusal at `path`."""
    try:
        return check(written)
    except ValueError as error:
        raise PolicyRefused(path, str(error)) from None


def text(written: object, path: str) -> str:
    """One line of published text: 1 to 500 characters, none that a reader cannot see."""
    line: str = checked(published_line, written, path)
    return line


def published_line(written: object) -> str:
    """As `text`, for a value that is checked where its path is not known (`ValueError`)."""
    if not isinstance(written, str):
        raise ValueError(f"must be text, not {shown(written)}")
    if not written.strip() or len(written) > TEXT_CHARACTERS_MAX:
        raise ValueError(f"must have 1 to {TEXT_CHARACTERS_MAX} characters")
    if clean(written) != written:
        raise ValueError("has a line break or a character that cannot be seen")
    return written


def day(written: object, path: str) -> date:
    """A TOML local date, such as 2025-03-07; a date with a time is refused."""
    if isinstance(written, datetime) or not isinstance(written, date):
        raise PolicyRefused(path, f"must be a date such as 2025-03-07, not {shown(written)}")
    return written


def iso_day(written: object, path: str) -> date:
    """A date in canonical form, `YYYY-MM-DD`."""
    if not isinstance(written, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
        raise PolicyRefused(path, f"must be a date such as 2025-03-07, not {shown(written)}")
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise PolicyRefused(path, f"{written} is not a day of the calendar") from None


def fits_an_entry(canonical: Canonical) -> None:
    """Refuse a document whose canonical form would not fit into one entry."""
    size = len(json.dumps(canonical, ensure_ascii=False, separators=(",", ":")).encode())
    if size > CANONICAL_BYTES_MAX:
        raise PolicyRefused("", f"needs {size} bytes in an entry; {CANONICAL_BYTES_MAX} fit")


def clean(written: str) -> str:
    """The text with every control, format and separator character shown as `�`."""
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return "".join("�" if unicodedata.category(c) in hidden else c for c in written)


def key_shown(key: str) -> str:
    """An unknown key as a refusal names it: on one line, and no longer than a key may be."""
    key = clean(key)
    return key if len(key) <= KEY_CHARACTERS_MAX else f"{key[: KEY_CHARACTERS_MAX - 1]}…"


def shown(written: object) -> str:
    """A value as a refusal quotes it: short, on one line."""
    if isinstance(written, bool):
        return "true" if written else "false"
    if isinstance(written, str):
        said = f'"{clean(written)}"'
    elif isinstance(written, int) and abs(written) >= 10**20:
        return "a number of more than 20 digits"
    elif isinstance(written, Mapping):
        return "a table"
    elif isinstance(written, list | tuple):
        return "a list"
    else:
        said = str(written)
    return said if len(said) <= 60 else f"{said[:57]}…"
