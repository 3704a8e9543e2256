"""Times as the API writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(milliseconds_utc: int) -> str:
    """A time as the API writes it: UTC, to the millisecond."""
    moment = datetime.fromtimestamp(milliseconds_utc / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
