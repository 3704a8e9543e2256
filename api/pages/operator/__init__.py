"""The operator's desk: what awaits, rules and their drafts, parties, credentials, keys, health."""

from __future__ import annotations

from api.pages.operator import access, drafts, health, helping, home, parties, policies

__all__ = ["access", "drafts", "health", "helping", "home", "parties", "policies"]
