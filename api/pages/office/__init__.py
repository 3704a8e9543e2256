"""The desk of an organisation and of its reviewers: what awaits them, files, records, reviews,
members, staff and organisations below."""

from __future__ import annotations

from api.pages.office import (
    below,
    home,
    member_acts,
    members,
    objections,
    orders,
    records,
    reports,
    review,
    stars,
    uploads,
)

__all__ = [
    "below",
    "home",
    "member_acts",
    "members",
    "objections",
    "orders",
    "records",
    "reports",
    "review",
    "stars",
    "uploads",
]
