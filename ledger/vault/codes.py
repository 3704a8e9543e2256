"""Voucher codes at rest: an HMAC to find them by, and a sealed copy to show them again.

Both keys are derived from the ledger's code key, which lies in neither database. Entries hold
neither form (trust §6). A sealed code opens for its own redemption only.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.network import network_of
from ledger.vault.seal import NONCE_BYTES, VERSION, SealBroken

_FIND: Final = b"sidereal/code/find\x00"
_SEAL: Final = b"sidereal/code/seal"
_PLACE: Final = b"sidereal/code/address\x00"


class CodeBox:
    """Works with the code key, 32 bytes."""

    __slots__ = ("_cipher", "_key")

    def __init__(self, code_key: bytes) -> None:
        self._key = code_key
        self._cipher = AESGCM(hmac.digest(code_key, _SEAL, "sha256"))

    def fingerprint(self, code: str) -> bytes:
        """What a normalised code is found by: 32 bytes."""
        return hmac.digest(self._key, _FIND + code.encode(), "sha256")

    def seal(self, redemption: str, code: str) -> bytes:
        """The code, to be opened again for this redemption."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        place = VERSION + redemption.encode()
        return VERSION + nonce + self._cipher.encrypt(nonce, code.encode(), place)

    def open(self, redemption: str, sealed: bytes) -> str:
        """The code that was sealed for this redemption. Raises SealBroken for anything else."""
        nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, rest, VERSION + redemption.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"the code of redemption {redemption} does not open") from error

    def place(self, address: str) -> str:
        """Where a request came from, as limits by address are counted: one IPv6 /64 is one place
        (`network_of`). Never the address itself."""
        return self._counted(network_of(address))

    def unknown_card(self, number: str) -> str:
        """A card's number that nobody has, as wrong PINs for it are counted: never the number."""
        return self._counted("card " + number)

    def _counted(self, what: str) -> str:
        return hmac.digest(self._key, _PLACE + what.encode(), "sha256")[:16].hex()
