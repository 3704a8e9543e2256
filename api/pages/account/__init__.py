"""What is whose: who is signed in, where else they are, who may act for them."""

from __future__ import annotations

from api.pages.account import helping, identities, overview, passkeys

__all__ = ["helping", "identities", "overview", "passkeys"]
