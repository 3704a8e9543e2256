"""A volunteer's own pages, made for a phone: what I have, what came of it, what I can get for it.

Every template extends `pages/volunteer/base.html`: its sections stand at the bottom of a phone,
where a thumb is, and at the top of a wider screen.
"""

from __future__ import annotations

from api.pages.volunteer import history, home, rewards, vouchers

__all__ = ["history", "home", "rewards", "vouchers"]
