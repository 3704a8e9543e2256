"""What can be read over HTTP: one blueprint, a file a subject.

Every list is paged by entry index and answers `{data, has_more}`; every item carries the number of
the entry that made it. What is another's answers exactly as what is not there. Every look at
personal data goes through the vault's `read`, which writes its access log first.
"""

from __future__ import annotations

from api.reads import (
    access,
    anomalies,
    cards,
    certificates,
    clerks,
    credit_lists,
    drafts,
    entries,
    funds,
    head,
    history,
    honours,
    objections,
    offline,
    orders,
    own_data,
    parties,
    policies,
    practice,
    reports,
    rewards,
    runs,
    service,
    settleable,
    settlements,
    staff,
    stars,
    statements,
    time_bank,
    vouchers,
    webhooks,
)
from api.reads.asking import reads

__all__ = [
    "access",
    "anomalies",
    "cards",
    "certificates",
    "clerks",
    "credit_lists",
    "drafts",
    "entries",
    "funds",
    "head",
    "history",
    "honours",
    "objections",
    "offline",
    "orders",
    "own_data",
    "parties",
    "policies",
    "practice",
    "reads",
    "reports",
    "rewards",
    "runs",
    "service",
    "settleable",
    "settlements",
    "staff",
    "stars",
    "statements",
    "time_bank",
    "vouchers",
    "webhooks",
]
