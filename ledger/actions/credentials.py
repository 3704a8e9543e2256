"""What a party shows to be let in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from ledger.actions import Action, Touch

ROLES: Final = ("operator", "organisation", "reviewer", "merchant", "volunteer", "auditor")
MEANS_TO_SIGN_IN: Final = ("oidc", "passkey")
"""By what somebody signs in on a credential of their own: an identity elsewhere, a passkey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCredential(Action):
    """A token for a party. `scopes` sorted and joined by `+`; `expires` ms, 0 for never; `clerk` is
    the id of who alone uses it at a merchant's terminal, or ""; `helper` the address of who acts
    for a volunteer with it, or ""; `means` by what somebody signs in on it again and again (one of
    `MEANS_TO_SIGN_IN`), or ""."""

    FRESH: ClassVar[frozenset[str]] = frozenset({"credential"})

    credential: str
    party: str
    role: str
    scopes: str
    terminal: str = ""
    expires: int = 0
    clerk: str = ""
    helper: str = ""
    means: str = ""

    def touches(self) -> Iterator[Touch]:
        yield "parties", self.party
        if self.helper:
            yield "parties", self.helper
        if self.terminal:
            yield "parties", f"terminal:{self.terminal}"
        if self.clerk:
            yield "parties", f"clerk:{self.clerk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCredential(Action):
    """A token stops working."""

    credential: str

    def touches(self) -> Iterator[Touch]:
        yield "credentials", self.credential
