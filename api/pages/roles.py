"""Where each role begins, and what stands at the top of its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Area:
    """One role's pages: where it begins, and (address, key of its word) of each that is named at
    the top."""

    home: str
    pages: tuple[tuple[str, str], ...] = ()


AREAS: Final[Mapping[str, Area]] = {
    "auditor": Area("/audit", (("/audit", "audit.home"),)),
    "merchant": Area("/till"),
    "organisation": Area(
        "/office",
        (
            ("/office", "office.title"),
            ("/office/review", "office.nav.review"),
            ("/office/members", "office.members"),
            ("/office/stars", "office.stars"),
            ("/office/objections", "office.objections"),
            ("/office/orders", "office.orders"),
        ),
    ),
    "reviewer": Area("/office/review", (("/office/review", "office.nav.review"),)),
    "volunteer": Area(
        "/me",
        (
            ("/me", "me.nav.home"),
            ("/me/history", "me.nav.history"),
            ("/me/vouchers", "me.nav.vouchers"),
            ("/me/more", "me.nav.more"),
        ),
    ),
}
