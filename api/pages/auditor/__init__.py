"""The auditor's desk: a ledger book whose margin says what was checked and when."""

from __future__ import annotations

from api.pages.auditor import accounts, book, entry, exports, findings, home, looking, search

__all__ = ["accounts", "book", "entry", "exports", "findings", "home", "looking", "search"]
