"""What can be written over HTTP: one blueprint, a file a subject.

Every write carries an `Idempotency-Key`, goes through the door into the book, and answers with the
entry's index and hash. Sent again, it answers with the same status and body and the header
`Idempotency-Replayed: true`, for as long as the entry exists. Refusals are not remembered.
"""

from __future__ import annotations

from api.writes import (
    cards,
    certificates,
    consents,
    credit_lists,
    drafts,
    helping,
    honours,
    imports,
    objections,
    offline,
    orders,
    parties,
    policies,
    practice,
    redemptions,
    rewards,
    service,
    settlements,
    stars,
    statements,
    time_bank,
    tokens,
    webhooks,
)
from api.writes.asking import writes

__all__ = [
    "cards",
    "certificates",
    "consents",
    "credit_lists",
    "drafts",
    "helping",
    "honours",
    "imports",
    "objections",
    "offline",
    "orders",
    "parties",
    "policies",
    "practice",
    "redemptions",
    "rewards",
    "service",
    "settlements",
    "stars",
    "statements",
    "time_bank",
    "tokens",
    "webhooks",
    "writes",
]
