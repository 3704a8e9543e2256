"""Decide about helpers: who may act for a volunteer who cannot, for how long, in what.

A helper acts with a credential of the volunteer's that names them, so that each entry's `auth`
leads to who did it. What nobody may do for somebody else is no helper's, whatever was agreed.
"""

from __future__ import annotations

from typing import Final

from ledger.actions.credentials import IssueCredential
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.standing import DAY_MS, Standing

HELP_DAYS_MAX: Final = 366
"""For how long help is agreed at most; then it is agreed anew."""
HELPER_SCOPES: Final = frozenset(
    "activities:read cards:read credits:read entries:read honours:read objections:read"
    " objections:write orders:read orders:write parties:read policies:read redemptions:read"
    " redemptions:reserve rewards:read service-records:read stars:read stars:write"
    " time-bank:read time-bank:write volunteers:read".split()
)
"""What a helper may do at most: never leave or forget, consent, show a certificate or a statement,
change a card or a PIN, or let somebody else help."""
_ROLES: Final = ("staff", "volunteer")


def lent(action: IssueCredential, standing: Standing, time: int) -> Draft:
    """A volunteer's credential is for a helper. Refuses with `unknown_party`, `party_not_active`,
    `bad_helper`, `scope_not_of_role` or `bad_time`."""
    helped, helper = standing.active(action.party), standing.active(action.helper)
    is_person = action.helper.partition(":")[0] in _ROLES and helper.form != "group"
    if action.role != "volunteer" or helped.form == "group" or not is_person:
        raise Refused(
            "bad_helper", "one person helps another: a volunteer, or somebody of the staff"
        )
    if action.helper == action.party:
        raise Refused("bad_helper", "nobody is their own helper")
    if action.terminal or action.clerk or not _may_all_be_lent(action.scopes):
        raise Refused("scope_not_of_role", "a helper cannot be given all of these scopes")
    if not time < action.expires <= time + HELP_DAYS_MAX * DAY_MS:
        raise Refused("bad_time", f"help ends within {HELP_DAYS_MAX} days, and may be agreed anew")
    facts = {
        "credential": action.credential,
        "volunteer": action.party.partition(":")[2],
        "helper": action.helper,
    }
    return Draft("credential_lent", facts)


def _may_all_be_lent(scopes: str) -> bool:
    return bool(scopes) and HELPER_SCOPES.issuperset(scopes.split("+"))


def not_active() -> Refused:
    """The no for what a helper does who is suspended, gone or forgotten."""
    return Refused(
        "helper_not_active", "whoever helps here takes no part at present, so they act for nobody"
    )
