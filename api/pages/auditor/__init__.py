"""The auditor's desk: a ledger book whose margin says what was checked and when."""

from __future__ import annotations

from api.pages.auditor import home, looking

__all__ = ["home", "looking"]
