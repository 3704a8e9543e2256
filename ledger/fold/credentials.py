"""Who is let in with what, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, present, set_mark
from ledger.rows import CLERK, HELPER, HELPS, LENT, LINKED, Credential
from ledger.standing import Standing


def helper_of(standing: Standing, credential: str) -> str:
    """The address of whoever acts for a volunteer with this credential; "" for nobody."""
    mark = standing.marks[f"credential:{credential}", HELPER] if credential else None
    return mark.value if mark is not None else ""


def _credential_issued(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.credentials.add(
        facts["credential"],
        Credential(
            credential=facts["credential"],
            party=facts["party"],
            role=facts["role"],
            scopes=facts["scopes"],
            terminal=facts["terminal"],
            expires=facts["expires"],
            revoked=0,
            since=entry.index,
        ),
    )
    standing.mention(facts["party"], entry)


def _credential_bound(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    set_mark(standing, f"credential:{facts['credential']}", CLERK, facts["clerk"], entry)
    standing.mention(f"clerk:{facts['clerk']}", entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _credential_lent(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credential, helped = facts["credential"], account.volunteer(facts["volunteer"])
    set_mark(standing, f"credential:{credential}", HELPER, facts["helper"], entry)
    set_mark(standing, helped, f"{LENT}{credential}", facts["helper"], entry)
    set_mark(standing, facts["helper"], f"{HELPS}{credential}", helped, entry)
    standing.mention(helped, entry)
    standing.mention(facts["helper"], entry)


def _credential_linked(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credential = present(standing.credentials[facts["credential"]])
    set_mark(standing, f"credential:{credential.credential}", LINKED, facts["means"], entry)
    standing.mention(credential.party, entry)


def _credential_revoked(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credential = present(standing.credentials[facts["credential"]])
    standing.credentials.change(credential.credential, credential._replace(revoked=1))
    standing.mention(credential.party, entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "credential_issued": _credential_issued,
    "credential_bound": _credential_bound,
    "credential_lent": _credential_lent,
    "credential_linked": _credential_linked,
    "credential_revoked": _credential_revoked,
}
