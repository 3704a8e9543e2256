"""The shape of what comes in and goes out. Shape only: what it means is decided in `ledger`.

Fields never guess: "3", 3.0 and true are no integers, a time has its zone, text has a length.
Messages are written `code|reason`; `api.problems` tells the two apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields

from ledger.ids import is_id

AMOUNT_MAX: Final = 2**53 - 1
_RFC3339: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100

_MESSAGES: Final = {
    "required": "missing_field|this field is missing",
    "null": "wrong_type|null is no value here; leave the field out",
}


class Strict(Schema):
    """A body: unknown fields are refused, by name."""

    error_messages = {  # noqa: RUF012 - marshmallow's own way to name it
        "unknown": "unknown_field|there is no such field here",
        "type": "wrong_type|this must be a JSON object",
    }


class Whole(fields.Integer):
    """A JSON integer from `least` to `most`, units in its name."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def __init__(self, *, least: int = 1, most: int = AMOUNT_MAX, **kwargs: Any) -> None:
        metadata = {"minimum": least, "maximum": most, **kwargs.pop("metadata", {})}
        super().__init__(strict=True, metadata=metadata, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("wrong_type|this must be an integer, without quotes or fraction")
        if not self.least <= value <= self.most:
            raise ValidationError(f"out_of_range|this is from {self.least} to {self.most}")
        return value


class Typed(fields.String):
    """Text that people typed: NFC, outer space stripped, `least` to `most` characters, one line
    unless `lines`."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def __init__(
        self, *, least: int = 1, most: int = 200, lines: bool = False, **kwargs: Any
    ) -> None:
        metadata = {"minLength": least, "maxLength": most, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)
        self.least, self.most, self.lines = least, most, lines

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        # Measured first: normalising is no work for text that is refused anyway.
        if len(value) > self.most:
            raise ValidationError(f"too_long|this has at most {self.most} characters")
        text = unicodedata.normalize("NFC", value).strip()
        if len(text) < self.least:
            raise ValidationError("empty|this must not be empty")
        if not self.lines and not {"\n", "\r", "\t"}.isdisjoint(text):
            raise ValidationError("bad_text|this is one line, without tabs")
        return text


class Choice(fields.String):
    """One of a closed list of words."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        metadata = {"enum": list(choices), **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)
        self.choices = choices

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        if value not in self.choices:
            raise ValidationError(f"not_a_choice|this is one of {', '.join(self.choices)}")
        return value


class Id(fields.String):
    """An id of ours: 16 characters."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        if not is_id(value):
            raise ValidationError("bad_id|an id has 16 characters; copy it as it was answered")
        return value


class Moment(fields.Field[int]):
    """RFC 3339 with a zone, such as `2026-03-01T09:00:00+08:00`, from 2000 to 2100; ms UTC
    inside."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|a time is text, such as 2026-03-01T09:00:00+08:00")
        return milliseconds(value)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else rfc3339(value)


def milliseconds(written: str) -> int:
    """Milliseconds since 1970 UTC of an RFC 3339 time; what is finer than a millisecond is cut.

    Raises ValidationError.
    """
    matched = _RFC3339.fullmatch(written) if len(written) <= 40 else None
    if matched is None:
        raise ValidationError("bad_time|a time is written like 2026-03-01T09:00:00+08:00")
    *parts, fraction, zone = matched.groups()
    if zone is None:
        raise ValidationError("no_time_zone|a time needs its zone, such as +08:00 or Z")
    if not _FIRST_YEAR <= int(parts[0]) <= _LAST_YEAR:
        raise ValidationError(f"bad_time|the year is from {_FIRST_YEAR} to {_LAST_YEAR}")
    offset = "+00:00" if zone in "Zz" else zone
    try:
        moment = datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*parts) + offset)
    except ValueError:
        raise ValidationError("bad_time|there is no such day or time") from None
    whole = int(moment.timestamp()) * 1000
    return whole + int((fraction or "0").ljust(3, "0")[:3])


def rfc3339(milliseconds_utc: int) -> str:
    """A time as the API writes it: UTC, to the millisecond."""
    moment = datetime.fromtimestamp(milliseconds_utc / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
