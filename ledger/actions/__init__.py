"""Everything that can be asked of the ledger, one frozen dataclass each, one file a subject.

Ids in an action are fresh random ones made at the door; digests name text sealed in the vault;
attested answers (`age_gate`, `relation`, `guardian`) were worked out at the door from sealed data.
`FRESH` names the fields that differ when the same request is sent again, so that they stay out of
the request's digest. `touches()` names what the decision will read, to fetch it in one go. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

Touch = tuple[str, Any]


class Action:
    """Something asked. Subclasses are frozen dataclasses."""

    __slots__ = ()
    FRESH: ClassVar[frozenset[str]] = frozenset()

    def touches(self) -> Iterator[Touch]:
        """(table, key) pairs of `Standing` that the decision reads."""
        return iter(())
