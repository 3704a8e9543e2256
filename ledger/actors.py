"""Who may make which entries: the closed table that a replay holds every answer against.

The doors ask for scopes and for one's place in the tree (`ledger/door/tokens.py`); an entry shows
no more than its `actor`. What no door lets an actor of that role do, it did not do. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ledger import account
from ledger.actions.credentials import ROLES
from ledger.entry import Entry
from ledger.fold.credentials import helper_of
from ledger.standing import Standing

ROLE_OF: Final = {
    account.SYSTEM: "system",
    "operator": "operator",
    "organisation": "organisation",
    "staff": "reviewer",
    "merchant": "merchant",
    "volunteer": "volunteer",
    "auditor": "auditor",
}
"""By the part of an address before the colon. The console is missing: it may do everything."""

_PARTIES: Final = (
    "volunteer_registered group_registered guardian_consented majority_reached"
    " organisation_registered staff_registered relation_registered relation_removed"
    " circumstance_recorded circumstance_removed fraud_proven"
    " party_suspended party_reinstated party_left party_died"
    " credential_issued credential_revoked referral_awarded card_issued card_closed"
)
_SERVICE: Final = (
    "activity_registered qualification_recorded service_recorded service_evaluated"
    " service_reversed statement_accepted"
)
_HONOURS: Final = (
    "star_applied star_noticed star_granted star_refused star_downgraded star_downgrade_dismissed"
    " medal_granted commendation_recorded population_stated"
)
_TIME: Final = "time_granted order_assigned order_settled order_cancelled"
_REVIEW: Final = "service_confirmed service_refused"
_OBJECTIONS: Final = "objection_forwarded objection_decided"
_SHOPS: Final = (
    "branch_registered terminal_registered clerk_registered clerk_limited reward_drafted"
    " reward_published reward_restocked reward_withdrawn redemption_voided redemption_refunded"
    " settlement_closed settlement_stated"
)
_FUNDS: Final = "fund_stated"
_PLATFORM: Final = (
    "policy_adopted merchant_registered auditor_registered party_forgotten fraud_dismissed"
    " capture_reviewed frozen_time_moved credit_listed dishonesty_recorded dishonesty_repaired"
    " consent_recorded"
)
_TIMERS: Final = (
    "genesis policy_adopted calendar_adopted access_committed points_lapsed star_granted"
    " order_expired redemption_expired certificate_issued webhook_set"
)
_VOLUNTEERS: Final = (
    "party_left party_forgotten consent_recorded objection_filed statement_issued star_applied"
    " time_deposited time_transferred time_donated"
    " order_requested order_offered order_accepted order_declined order_done order_confirmed"
    " order_disputed order_cancelled redemption_reserved redemption_extended redemption_released"
    " voucher_signed redemption_guarded code_reissued card_closed card_pin_changed"
    " credential_issued credential_revoked"
)

KINDS_OF: Final[dict[str, frozenset[str]]] = {
    role: frozenset(" ".join(kinds).split())
    for role, kinds in {
        "system": (_TIMERS,),
        "operator": (
            _PARTIES,
            _SERVICE,
            _HONOURS,
            _TIME,
            _REVIEW,
            _OBJECTIONS,
            _SHOPS,
            _FUNDS,
            _PLATFORM,
            "webhook_set",
        ),
        "organisation": (
            _PARTIES,
            _SERVICE,
            _HONOURS,
            _TIME,
            _OBJECTIONS,
            _FUNDS,
            "statement_issued consent_recorded webhook_set",
            "card_pin_changed redemption_assisted code_reissued",
        ),
        "reviewer": (_REVIEW, _OBJECTIONS, "credential_issued credential_revoked"),
        "merchant": (
            _SHOPS,
            "party_suspended party_reinstated party_left credential_issued credential_revoked",
            "webhook_set redemption_captured capture_noted",
            "offline_opened offline_closed offline_conflict",
        ),
        "volunteer": (_VOLUNTEERS,),
        "auditor": ("credential_issued credential_revoked",),
    }.items()
}
"""Kinds that an answer of each role may begin with; what comes with them follows from the rules."""
GATES: Final = frozenset({"gates_met", "redemption_gates"})
"""Kinds that begin an answer only together with what they let through."""
_ASKED_ALSO: Final = frozenset({"service_recorded", "card_issued"})
"""Kinds that are somebody's own doing wherever they stand in an answer: a record, and a card that
takes another's place."""
HISTORY: Final = frozenset({account.CONSOLE, "operator"})
"""Who may tell of what another system recorded, whenever it did: it is held to fewer rules."""
UPLOADS: Final = "organisation"
"""Who may tell of what its own system recorded before, by a file that it uploads."""
ISSUES: Final[dict[str, frozenset[str]]] = {
    "operator": frozenset(ROLES),
    # Nobody but the operator can make a token with which a volunteer's value is spent.
    "organisation": frozenset({"organisation", "reviewer"}),
    "merchant": frozenset({"merchant"}),
    # Only by what they sign in themselves; a volunteer also what a helper uses, who is named
    # beside it.
    "reviewer": frozenset({"reviewer"}),
    "volunteer": frozenset({"volunteer"}),
    "auditor": frozenset({"auditor"}),
}
"""For which roles each role may issue credentials."""
_OWN: Final = {
    "order_offered": "provider",
    "order_done": "provider",
    # Either side may call an order off; the decision asks which of them it was.
    "order_cancelled": "",
    "redemption_extended": "",
    "redemption_released": "",
    "voucher_signed": "",
    "reward_withdrawn": "",
}
"""The fact that names whose doing it is, where that is not the one named after the role."""


_AT_OFFICES: Final = frozenset(
    {"card_issued", "card_pin_changed", "code_reissued", "redemption_assisted"}
)
"""Kinds that name the office at which it was done; "" where somebody else did it. An organisation
reserves in no other way, and for no other office."""
_OWN_ALONE: Final = frozenset({"reviewer", "volunteer", "auditor"})
"""Roles that issue credentials only to be signed in themselves, or helped."""
_BESIDE: Final = {
    "reviewer": frozenset({"credential_linked"}),
    "volunteer": frozenset({"credential_lent", "credential_linked"}),
    "auditor": frozenset({"credential_linked"}),
}
NOT_FOR_HELPERS: Final = frozenset(
    "party_left party_forgotten consent_recorded statement_issued credential_issued"
    " credential_revoked code_reissued card_closed card_issued card_pin_changed".split()
)
"""Kinds that are a volunteer's own and never a helper's, whatever was agreed."""
_OF_A_SHOP: Final = frozenset({"branch", "clerk", "terminal"})
"""Kinds of parties that stand below a merchant; whose they are is the doors' to know."""


def role_of(actor: str) -> str:
    """The role in which an actor's address acts; `console` for the console."""
    return ROLE_OF.get(actor.partition(":")[0], account.CONSOLE)


def why_not_made_by(group: Sequence[Entry]) -> tuple[Entry, str] | None:
    """The entry of an answer that its actor may not have made, and why; None where all may be.

    Volunteers and merchants act for themselves alone. Whether an organisation or a reviewer acted
    within its own part of the tree is the doors' to know.
    """
    head = group[0]
    actor, role = head.actor, role_of(head.actor)
    for entry in group:
        if entry.actor != actor:
            return entry, f"its actor is {entry.actor}, and the answer that it belongs to {actor}'s"
        # Gates stand before what they let through in its answer and are nobody's own doing.
        asked = (entry is head and entry.kind not in GATES) or entry.kind in _ASKED_ALSO
        asked |= entry.kind == "redemption_reserved" and head.kind in GATES
        if asked and role != account.CONSOLE and entry.kind not in KINDS_OF[role]:
            return entry, f"{actor} may not make it: it is not for the role {role}"
        if entry.kind in _AT_OFFICES and role != account.CONSOLE:
            office = actor.partition(":")[2] if role == "organisation" else ""
            if entry.facts["organisation"] != office:
                return entry, f"{actor} may not make it: it is another office's"
    if role in ("volunteer", "merchant") and _owner(head, role) != actor:
        return head, f"{actor} may not make it: it is another's"
    if head.kind == "credential_issued" and role != account.CONSOLE:
        why = _why_not_issued(group, role)
        if why:
            return head, f"{actor} may not make it: {why}"
    # The ledger itself disables an endpoint for what it saw, its owner because they want to.
    by_itself = head.kind == "webhook_set" and head.facts["ground"] != "asked"
    if head.kind == "webhook_set" and by_itself != (role == "system") and role != account.CONSOLE:
        return head, f"{actor} may not make it: on another ground only"
    # Who acts for somebody says no for them, never yes.
    agrees = head.kind == "consent_recorded" and head.facts["answer"] == "given"
    if agrees and role not in ("volunteer", account.CONSOLE):
        return head, f"{actor} may not make it: consent is the volunteer's to give"
    for entry in group:
        if head.kind != "service_reversed" and _tells_too_much(entry, role):
            return entry, f"{actor} may not tell of what was recorded at another time"
    return None


def _tells_too_much(entry: Entry, role: str) -> bool:
    """Whether a record was made at another time than this role may tell of: an organisation tells
    of what its own system recorded before."""
    if entry.kind != "service_recorded" or role in HISTORY:
        return False
    recorded = int(entry.facts["recorded"])
    return recorded > entry.time if role == UPLOADS else recorded != entry.time


def _why_not_issued(group: Sequence[Entry], role: str) -> str:
    """Why an actor of a role may not have issued the credential that begins an answer; "" where
    they may."""
    facts, kinds = group[0].facts, {entry.kind for entry in group}
    if facts["role"] not in ISSUES[role]:
        return f"the role {facts['role']} is not theirs to give"
    if "credential_linked" in kinds and facts["party"] != group[0].actor:
        return "one links only how one signs in oneself"
    if role in _OWN_ALONE and not kinds & _BESIDE[role]:
        return "nobody is named who could use it"
    if role in _OWN_ALONE and facts["party"] != group[0].actor:
        return "it is another's"
    return ""


def _owner(head: Entry, role: str) -> str:
    """Whose doing the first entry of an answer is: an address, or the actor's where its facts do
    not say."""
    facts = head.facts
    name = _OWN.get(head.kind, role)
    if name in facts:
        return f"{role}:{facts[name]}"
    party = str(facts.get("party", head.actor))
    # A merchant speaks for its branches, tills and clerks as well.
    own = role == "merchant" and party.partition(":")[0] in _OF_A_SHOP
    return head.actor if own else party


def why_not_with(standing: Standing, entry: Entry) -> str:
    """Why an entry cannot have been made with the credential that its `auth` names, as everything
    stood before it; "" where it can."""
    credential = standing.credentials[entry.auth]
    if credential is None:
        return "its auth names no credential that was issued before"
    if credential.party != entry.actor or credential.role != role_of(entry.actor):
        return "its auth names a credential of somebody else"
    if credential.revoked:
        return "its auth names a credential that was revoked before"
    if credential.expires and entry.time >= credential.expires:
        return "its auth names a credential whose time was over"
    if helper := helper_of(standing, entry.auth):
        who = standing.parties[helper]
        if who is None or who.state != "active":
            return "its auth names a credential of a helper who takes no part"
        if entry.kind in NOT_FOR_HELPERS:
            return "its auth names a helper's credential, and no helper may make it"
    if entry.kind == "credential_revoked" and credential.role in _OWN_ALONE:
        ended = standing.credentials[entry.facts["credential"]]
        if ended is None or ended.party != entry.actor:
            return "it revokes a credential of somebody else"
    return ""
