"""The vault: everything personal or typed, sealed, and able to forget.

A database of its own. The journal holds random ids and digests; the vault alone knows whom and
what they stand for, and destroying one wrapped key makes it stop knowing. `seal` does the
cryptography, `store` holds every table and statement, `claims` turns numbers into ids, `door` is
what the rest of the ledger calls. `docs/vault.md` describes the formats.
"""

from __future__ import annotations

from ledger.vault.claims import Claimed, Claims, VolunteerClaim, key_field
from ledger.vault.door import PURPOSES, Vault, VaultUnusable
from ledger.vault.seal import SealBroken

__all__ = [
    "PURPOSES",
    "Claimed",
    "Claims",
    "SealBroken",
    "Vault",
    "VaultUnusable",
    "VolunteerClaim",
    "key_field",
]
