"""The closed lists of words that policy documents use. Pure.

A word here is one that decisions know: a document cannot invent another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NOT_SERVICE: Final[Mapping[str, str]] = {
    "meeting": "会议",
    "duty_shift": "值班",
    "own_job": "本职工作",
    "donation": "捐款捐物",
    "social_practice": "社会实践",
    "school_duty": "校内劳动",
}
"""Kinds of activity that a policy may exclude (domain §10 P20): id → the word organisations use."""

KINDS: Final = tuple(NOT_SERVICE)

SERVICE_CATEGORIES: Final = (
    "community_governance",
    "culture",
    "education",
    "elderly_and_disabled",
    "emergency",
    "environment",
    "events",
    "health",
    "legal_aid",
    "traffic",
    "other",
)
"""What an activity can be about; scopes and weights name these."""

GRANTING_TIERS: Final = ("province", "city", "county", "township", "community")
"""Levels of organisation, the highest first, that may grant stars (domain §10 P29)."""

RELATIONS: Final = ("spouse", "lineal")
"""Relations to whom time may be given unless a policy says otherwise (domain §10 P39)."""

RECEIVERS: Final = (*RELATIONS, "friend", "needy_elder")
"""Everybody to whom a policy may let time be given (domain §10 P39)."""

GRANT_GROUPS: Final = ("needy_elder", "key_lonely_elder", "special_difficulty")
"""Groups to whom a pool may grant time (domain §10 P44)."""

NOT_TIME: Final = ("travel", "meals", "rest")
"""Parts of a day out that are no time given (domain §10 P4)."""

VOID_GROUNDS: Final = ("cannot_supply", "mistake", "system_fault")
"""Why a captured redemption may be undone (domain §10 P54)."""

FORBIDDEN: Final = ("tb.cash_out", "tb.buy_in", "tb.interest")
"""What no document may even name: money in, money out, interest (domain §10 P41)."""
