"""What certificates say, sealed under their holder's key and found by their number (trust §5).

`forget` destroys them with everything else of a person: whoever is shown such a certificate
afterwards learns that it is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ledger.vault.claims import VOLUNTEER
from ledger.vault.door import Vault

_FIELD: Final = "certificate_"
_INDEX: Final = "certificate"


def keep(vault: Vault, volunteer: str, number: str, opening: Mapping[str, Any]) -> None:
    """Seal the opening of a certificate. Raises KeyError for an unknown or forgotten volunteer."""
    blind = vault.sealer.blind(VOLUNTEER, _INDEX, number)
    key = vault.sealer.person(volunteer, _wrapped(vault, volunteer))
    field = _FIELD + blind.hex()[:32]
    sealed = key.seal_field(field, json.dumps(dict(opening), ensure_ascii=False, sort_keys=True))
    vault.store.add_indexed_field(volunteer, field, sealed, index=_INDEX, blind=blind)


def find(vault: Vault, number: str) -> dict[str, Any] | None:
    """The opening of the certificate with this number; None where nothing is known of it."""
    blind = vault.sealer.blind(VOLUNTEER, _INDEX, number)
    field = _FIELD + blind.hex()[:32]
    for holder in vault.store.by_blind(_INDEX, [blind]).get(blind, []):
        for subject, wrapped, name, sealed in vault.store.fields([holder], [field]):
            opened = vault.sealer.person(subject, wrapped).open_field(name, sealed)
            return dict(json.loads(opened))
    return None


def of(vault: Vault, volunteer: str) -> list[dict[str, Any]]:
    """The openings of a volunteer's certificates, in no order that says anything."""
    return [
        dict(json.loads(vault.sealer.person(subject, wrapped).open_field(name, sealed)))
        for subject, wrapped, name, sealed in vault.store.fields_beginning(volunteer, _FIELD)
    ]


def replace(vault: Vault, volunteer: str, number: str, opening: Mapping[str, Any]) -> None:
    """Seal another opening under the same number; what was there is erased."""
    field = _FIELD + vault.sealer.blind(VOLUNTEER, _INDEX, number).hex()[:32]
    vault.correct(volunteer, {field: json.dumps(dict(opening), ensure_ascii=False, sort_keys=True)})


def _wrapped(vault: Vault, volunteer: str) -> bytes:
    known = vault.store.keys([volunteer])
    if volunteer not in known:
        raise KeyError(f"the vault knows no {volunteer}")
    return known[volunteer][1]
