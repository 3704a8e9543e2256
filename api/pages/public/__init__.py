"""What strangers see, and certificates from all sides: what is checked, held and issued."""

from __future__ import annotations

from api.pages.public import check, desk, home, mine

__all__ = ["check", "desk", "home", "mine"]
