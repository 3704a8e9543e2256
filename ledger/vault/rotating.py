"""Rotating values: six digits on a volunteer's phone that change every 30 seconds (trust §6).

RFC 6238 with SHA-256. Each holder's secret is derived from the ledger's code key, so nothing is
kept of it anywhere, and nothing has to be destroyed when somebody is forgotten but the id it is
derived from. Which step a value belongs to is worked out at the door; that no step is used twice
is decided by the ledger, in the capture's own transaction.
"""

from __future__ import annotations

import hmac
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from ledger.codes import ROTATING_LENGTH, ROTATING_STEP_MS

STEPS_ACCEPTED: Final = 2
"""The current step and the one before: a value is good for 30 to 60 seconds."""
_SECRET: Final = b"sidereal/code/rotating\x00"


class Shown(NamedTuple):
    """What a phone shows now: the value, its step, and for how many seconds it is the newest."""

    value: str
    step: int
    seconds_left: int


class Rotating:
    """Works with the code key, 32 bytes."""

    __slots__ = ("_key",)

    def __init__(self, code_key: bytes) -> None:
        self._key = code_key

    def shown(self, holder: str, at_ms: int) -> Shown:
        """What the phone of a holder (id) shows at a time."""
        step = at_ms // ROTATING_STEP_MS
        left = -(-((step + 1) * ROTATING_STEP_MS - at_ms) // 1000)
        return Shown(self._value(holder, step), step, left)

    def step_of(self, holder: str, value: str, at_ms: int) -> int:
        """The newest accepted step at which this was the holder's value; 0 where it was not."""
        now, found = at_ms // ROTATING_STEP_MS, 0
        # Every step is compared, so that the time taken says nothing.
        for step in range(now - STEPS_ACCEPTED + 1, now + 1):
            if hmac.compare_digest(self._value(holder, step).encode(), value.encode()):
                found = step
        return found

    def _value(self, holder: str, step: int) -> str:
        secret = hmac.digest(self._key, _SECRET + holder.encode(), "sha256")
        return HOTP(secret, ROTATING_LENGTH, SHA256()).generate(step).decode()
