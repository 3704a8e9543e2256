"""Adopting rules."""

from __future__ import annotations

from typing import Any

from api.schemas import NewPolicySchema
from api.writes.asking import writing
from ledger.door import documents
from ledger.door.asking import Asking
from ledger.sequencer import Receipt


@writing(
    "/policies",
    NewPolicySchema,
    scope="policies:write",
    tag="policies",
    refusals="policy_refused policy_already_adopted unknown_party",
)
def adopt_policy(ask: Asking, body: dict[str, Any]) -> Receipt:
    """Adopt a policy document; it is in force from its own effective date."""
    return documents.adopt_policy(ask, toml=body["toml"])
