"""A volunteer's own pages, made for a phone: what I have, what came of it, what I can get for it.

Every template extends `pages/volunteer/base.html`: its sections stand at the bottom of a phone,
where a thumb is, and at the top of a wider screen.
"""

from __future__ import annotations

from api.pages.volunteer import (
    asked,
    download,
    history,
    home,
    more,
    objections,
    orders,
    privacy,
    records,
    rewards,
    saved_time,
    stars,
    vouchers,
)

__all__ = [
    "asked",
    "download",
    "history",
    "home",
    "more",
    "objections",
    "orders",
    "privacy",
    "records",
    "rewards",
    "saved_time",
    "stars",
    "vouchers",
]
