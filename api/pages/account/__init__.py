"""What is whose: who is signed in, where else they are, and how they sign in."""

from __future__ import annotations

from api.pages.account import overview

__all__ = ["overview"]
