"""A shop's own pages: what it took and is owed, its settlements, its branches, tills and clerks,
what it offers, and practice at the till."""

from __future__ import annotations

from api.pages.merchant import books, conflicts, offers, places, practice, settlements

__all__ = ["books", "conflicts", "offers", "places", "practice", "settlements"]
