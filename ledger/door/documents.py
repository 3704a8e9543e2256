"""Adopting a policy document (design §5)."""

from __future__ import annotations

from ledger.actions.documents import AdoptPolicy
from ledger.door.asking import Asking
from ledger.policy import read_policy
from ledger.sequencer import Receipt


def adopt_policy(ask: Asking, *, toml: str) -> Receipt:
    """Put a policy document in force from its effective date. Refuses with `policy_refused`."""
    document = read_policy(toml.encode())
    return ask.record(
        AdoptPolicy(
            policy=document.policy.id,
            version=document.policy.version,
            toml_sha256=document.toml_sha256,
            document=document.canonical,
        )
    )
