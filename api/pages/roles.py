"""Where each role begins, and what stands at the top of its pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Area:
    """One role's pages: where it begins, and (address, key of its word) of each that is named at
    the top; behind them the scope that it needs, where not everybody of the role has it."""

    home: str
    pages: tuple[tuple[str, ...], ...] = ()

    def offered_to(self, scopes: Collection[str]) -> Area:
        """The same for whoever may do just this: (address, key) of what is theirs."""
        theirs = (each for each in self.pages if set(each[2:]) <= set(scopes))
        return Area(self.home, tuple((address, key) for address, key, *_ in theirs))


AREAS: Final[Mapping[str, Area]] = {
    "auditor": Area(
        "/audit",
        (
            ("/audit", "audit.home"),
            ("/audit/entries", "audit.book"),
            ("/audit/search", "audit.search"),
            ("/audit/findings", "audit.findings"),
            ("/audit/exports", "audit.exports"),
            ("/audit/verify", "audit.verify"),
        ),
    ),
    "merchant": Area(
        "/till",
        (
            ("/till", "till.title"),
            ("/shop", "shop.title", "settlements:read"),
            ("/manage", "manage.title", "parties:write"),
        ),
    ),
    "operator": Area(
        "/operator",
        (
            ("/operator", "op.nav.home"),
            ("/operator/policies", "op.nav.policies"),
            ("/operator/parties", "op.nav.parties"),
            ("/operator/access", "op.nav.access"),
            ("/operator/helpers", "op.nav.helpers"),
            ("/operator/keys", "op.nav.keys"),
            ("/operator/webhooks", "op.nav.webhooks", "webhooks:read"),
            ("/operator/health", "op.nav.health"),
        ),
    ),
    "organisation": Area(
        "/office",
        (
            ("/office", "office.title"),
            ("/office/uploads", "upload.title"),
            ("/office/records", "record.title"),
            ("/office/review", "office.nav.review"),
            ("/office/members", "office.members"),
            ("/office/stars", "office.stars"),
            ("/office/objections", "office.objections"),
            ("/office/orders", "office.orders"),
            ("/office/reports", "office.reports"),
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
