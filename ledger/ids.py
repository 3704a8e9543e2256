"""Ids: random, and saying nothing.

Sixteen characters of lowercase Crockford base-32 from ten random bytes. Whoever asks for an id
brings the randomness, so that a decision can be replayed. Pure.
"""

from __future__ import annotations

import re
from typing import Final

ID_RANDOM_BYTES: Final = 10
"""How many random bytes an id is made of: 80 bits."""

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ID: Final = re.compile(f"[{_ALPHABET}]{{16}}")


def new_id(random_bytes: bytes) -> str:
    """Write ten random bytes as sixteen characters, the first bits first.

    Raises ValueError for any other number of bytes.
    """
    if len(random_bytes) != ID_RANDOM_BYTES:
        raise ValueError(f"an id is made of {ID_RANDOM_BYTES} bytes, not {len(random_bytes)}")
    number = int.from_bytes(random_bytes, "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id."""
    return _ID.fullmatch(text) is not None
