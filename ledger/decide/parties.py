"""Decide who takes part: registration, suspension, leaving, credentials, activities."""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.actions.credentials import MEANS_TO_SIGN_IN, IssueCredential, RevokeCredential
from ledger.actions.parties import (
    FORMS,
    TIERS,
    ChangeParty,
    ReachMajority,
    RecordCircumstance,
    RecordGuardianConsent,
    RegisterAuditor,
    RegisterBranch,
    RegisterGroup,
    RegisterMerchant,
    RegisterOperator,
    RegisterOrganisation,
    RegisterRelation,
    RegisterStaff,
    RegisterTerminal,
    RegisterVolunteer,
    RemoveCircumstance,
    RemoveRelation,
)
from ledger.actions.service import CATEGORIES, Introduction, RegisterActivity
from ledger.decide.clerks import bound
from ledger.decide.credit import withdrawal
from ledger.decide.helpers import lent
from ledger.decide.qualifications import has_terms
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.rows import Party
from ledger.standing import Standing

_PARTY_OF_ROLE: Final = {
    "operator": "operator",
    "organisation": "organisation",
    "reviewer": "staff",
    "merchant": "merchant",
    "volunteer": "volunteer",
    "auditor": "auditor",
}
_CHANGES: Final = {
    "suspended": ("party_suspended", ("active",)),
    "reinstated": ("party_reinstated", ("suspended", "left")),
    "left": ("party_left", ("active", "suspended")),
    "died": ("party_died", ("active", "suspended", "left")),
    "forgotten": ("party_forgotten", ("active", "suspended", "left", "deceased")),
}
_GONE: Final = ("left", "died", "forgotten")
_PERSONS: Final = ("auditor", "clerk", "operator", "staff", "volunteer")
_INSURANCE: Final = ("", "required")


def refuse_conflicts(conflicts: tuple[str, ...], standing: Standing) -> None:
    """One number, one person: an id that holds half of this identity must not be registered
    (design §10 `identity_conflict`)."""
    for other in conflicts:
        if standing.parties[account.volunteer(other)] is not None:
            raise Refused(
                "identity_conflict",
                "this volunteer number belongs to another ID number, or the other way round; "
                "check both with the volunteer",
            )


def register_volunteer(action: RegisterVolunteer, standing: Standing, time: int) -> list[Draft]:
    """A person becomes a volunteer (domain §1); who they are stays in the vault."""
    refuse_conflicts(action.conflicts, standing)
    _refuse_known(standing, account.volunteer(action.volunteer))
    if action.organisation:
        standing.active(f"organisation:{action.organisation}")
    return drafts_of(action)


def register_group(action: RegisterGroup, standing: Standing, time: int) -> list[Draft]:
    """Volunteers who serve and save time as one (domain §3 S28, §10 P40); an organisation answers
    for them. Refuses with `already_registered`, `unknown_party` or `party_not_active`."""
    _refuse_known(standing, account.volunteer(action.volunteer))
    standing.active(f"organisation:{action.organisation}")
    facts = {"volunteer": action.volunteer, "organisation": action.organisation}
    return [Draft("group_registered", facts)]


def record_guardian_consent(
    action: RecordGuardianConsent, standing: Standing, time: int
) -> list[Draft]:
    """A guardian consents (domain §10 P22); only where one was missing."""
    _refuse_unless_missing(standing.active(account.volunteer(action.volunteer)))
    return [Draft("guardian_consented", {"volunteer": action.volunteer})]


def reach_majority(action: ReachMajority, standing: Standing, time: int) -> list[Draft]:
    """Whoever has reached the age needs no guardian's consent any more (domain §10 P22; Civil
    Code articles 17–18). The door attested the age (years, today).

    Refuses with `consent_not_missing`, `attestation_outdated` or `age_gate_unmet`.
    """
    party = standing.active(account.volunteer(action.volunteer))
    _refuse_unless_missing(party)
    policy = standing.policy_of(account.volunteer(action.volunteer), time)
    if action.age_tested != policy.guardian_below_age:
        raise Refused(
            "attestation_outdated", "the rules changed this moment; please send the request again"
        )
    if action.age_gate != "met":
        raise Refused(
            "age_gate_unmet",
            f"one must be {policy.guardian_below_age} to need no guardian's consent",
            minimum_years=policy.guardian_below_age,
            gate=action.age_gate,
        )
    facts = {
        "volunteer": action.volunteer,
        "age_gate": action.age_gate,
        "age_tested": action.age_tested,
    }
    return [Draft("majority_reached", facts, policy=policy.version_name)]


def _refuse_unless_missing(party: Party) -> None:
    if party.guardian != "missing":
        raise Refused(
            "consent_not_missing",
            "a guardian's consent is recorded already, or not needed",
            guardian=party.guardian,
        )


def register_organisation(
    action: RegisterOrganisation, standing: Standing, time: int
) -> list[Draft]:
    """Tiers run city, county, township, community; a team may share its organisation's tier
    (domain §9)."""
    _refuse_known(standing, f"organisation:{action.organisation}")
    if action.tier not in TIERS or action.form not in FORMS:
        raise Refused("bad_tier", f"the tier is one of {', '.join(TIERS)}", tier=action.tier)
    if action.parent:
        parent = standing.active(f"organisation:{action.parent}")
        below = TIERS.index(action.tier) - TIERS.index(parent.tier)
        if below < 0 or (below == 0 and action.form != "team"):
            raise Refused(
                "tier_not_below_parent",
                f"a {action.tier} {action.form} cannot stand under a {parent.tier} organisation",
                tier=action.tier,
                parent_tier=parent.tier,
            )
    return drafts_of(action)


def register_staff(action: RegisterStaff, standing: Standing, time: int) -> list[Draft]:
    """Somebody who may record, approve or review."""
    _refuse_known(standing, f"staff:{action.staff}")
    if action.organisation:
        standing.active(f"organisation:{action.organisation}")
    return drafts_of(action)


def register_merchant(action: RegisterMerchant, standing: Standing, time: int) -> list[Draft]:
    """A partner merchant joins."""
    _refuse_known(standing, f"merchant:{action.merchant}")
    return [Draft("merchant_registered", {"merchant": action.merchant})]


def register_branch(action: RegisterBranch, standing: Standing, time: int) -> list[Draft]:
    """A branch of a merchant."""
    standing.active(f"merchant:{action.merchant}")
    _refuse_known(standing, f"branch:{action.branch}")
    return [Draft("branch_registered", {"merchant": action.merchant, "branch": action.branch})]


def register_terminal(action: RegisterTerminal, standing: Standing, time: int) -> list[Draft]:
    """A till: captures are only taken at registered ones (trust §6)."""
    standing.active(f"merchant:{action.merchant}")
    branch = standing.active(f"branch:{action.branch}")
    if branch.parent != f"merchant:{action.merchant}":
        raise Refused("unknown_party", "this merchant has no such branch", branch=action.branch)
    _refuse_known(standing, f"terminal:{action.terminal}")
    facts = {
        "merchant": action.merchant,
        "branch": action.branch,
        "terminal": action.terminal,
    }
    return [Draft("terminal_registered", facts)]


def register_auditor(action: RegisterAuditor, standing: Standing, time: int) -> list[Draft]:
    """Somebody who checks."""
    _refuse_known(standing, f"auditor:{action.auditor}")
    return [Draft("auditor_registered", {"auditor": action.auditor})]


def register_operator(action: RegisterOperator, standing: Standing, time: int) -> list[Draft]:
    """Somebody who runs the ledger."""
    _refuse_known(standing, f"operator:{action.operator}")
    return [Draft("operator_registered", {"operator": action.operator})]


def change_party(action: ChangeParty, standing: Standing, time: int) -> list[Draft]:
    """Suspend, reinstate, leave, die, forget: entries, never deletions (domain part 0). Who has
    died stays so: their saved time is frozen, and a person decides about it (domain §10 P46). Who
    leaves, dies or is forgotten leaves the credit list in the same answer.

    Refuses with `unknown_party`, `not_a_person` or `party_state_conflict`.
    """
    party = standing.party(action.party)
    is_person = action.party.partition(":")[0] in _PERSONS and party.form != "group"
    if action.change == "forgotten" and action.party.startswith(("branch:", "terminal:")):
        raise Refused("not_a_person", "there is nothing to forget about it", party=action.party)
    if action.change == "died" and not is_person:
        raise Refused("not_a_person", "only a person dies; what is none leaves", party=action.party)
    kind, from_states = _CHANGES[action.change]
    if party.state not in from_states:
        raise Refused(
            "party_state_conflict",
            f"{action.party} is {party.state} and cannot become {action.change}",
            party=action.party,
            state=party.state,
        )
    facts = {"party": action.party}
    if action.change != "forgotten":
        facts["reason"] = action.reason
    drafts = [Draft(kind, facts)]
    role, _, id_ = action.party.partition(":")
    if role == "volunteer" and action.change in _GONE:
        drafts += withdrawal(id_, standing, time, ground="gone")
    return drafts


def register_relation(action: RegisterRelation, standing: Standing, time: int) -> list[Draft]:
    """A relative is on file (domain §10 P39)."""
    standing.active(account.volunteer(action.volunteer))
    facts = {"volunteer": action.volunteer, "relation": action.relation}
    return [Draft("relation_registered", facts)]


def remove_relation(action: RemoveRelation, standing: Standing, time: int) -> list[Draft]:
    """A relation ends."""
    standing.party(account.volunteer(action.volunteer))
    facts = {"volunteer": action.volunteer, "relation": action.relation}
    return [Draft("relation_removed", facts)]


def record_circumstance(action: RecordCircumstance, standing: Standing, time: int) -> list[Draft]:
    """Something that a policy asks about is true of a volunteer (domain §10 P38, P44); what it is
    stays in the vault."""
    standing.active(account.volunteer(action.volunteer))
    facts = {"volunteer": action.volunteer, "circumstance": action.circumstance}
    return [Draft("circumstance_recorded", facts)]


def remove_circumstance(action: RemoveCircumstance, standing: Standing, time: int) -> list[Draft]:
    """It is true no longer."""
    standing.party(account.volunteer(action.volunteer))
    facts = {"volunteer": action.volunteer, "circumstance": action.circumstance}
    return [Draft("circumstance_removed", facts)]


def issue_credential(action: IssueCredential, standing: Standing, time: int) -> list[Draft]:
    """A token for a party; a merchant's terminal must be its own (design §8, trust §5), and a clerk
    one of that terminal's branch. What a helper uses is as `ledger.decide.helpers` says."""
    standing.active(action.party)
    if action.party.split(":")[0] != _PARTY_OF_ROLE[action.role]:
        raise Refused(
            "role_not_of_party",
            f"{action.party} cannot have the role {action.role}",
            party=action.party,
            role=action.role,
        )
    if action.terminal:
        branch = standing.active(f"terminal:{action.terminal}").parent
        if standing.party(branch).parent != action.party:
            raise Refused(
                "unknown_party", "this merchant has no such terminal", terminal=action.terminal
            )
    facts = {
        "credential": action.credential,
        "party": action.party,
        "role": action.role,
        "scopes": "+".join(sorted(set(action.scopes.split("+")))) if action.scopes else "",
        "terminal": action.terminal,
        "expires": action.expires,
    }
    drafts = [Draft("credential_issued", facts)]
    if action.helper:
        drafts.append(lent(action, standing, time))
    if action.means:
        drafts.append(linked(action))
    if action.clerk:
        drafts.append(
            bound(action.credential, action.party, action.terminal, action.clerk, standing)
        )
    return drafts


def linked(action: IssueCredential) -> Draft:
    """Somebody signs in on a credential again and again, by what only they have. Refuses with
    `bad_means`: it is no till's, no helper's and has no end."""
    alone = not (action.terminal or action.clerk or action.helper or action.expires)
    if action.means not in MEANS_TO_SIGN_IN or not alone:
        raise Refused("bad_means", "one links how one signs in oneself, until it is taken back")
    return Draft("credential_linked", {"credential": action.credential, "means": action.means})


def revoke_credential(action: RevokeCredential, standing: Standing, time: int) -> list[Draft]:
    """A token stops working."""
    credential = standing.credentials[action.credential]
    if credential is None:
        raise Refused("unknown_credential", "there is no such credential")
    if credential.revoked:
        raise Refused("credential_revoked", "this credential is revoked already")
    return [Draft("credential_revoked", {"credential": action.credential})]


def register_activity(action: RegisterActivity, standing: Standing, time: int) -> list[Draft]:
    """An activity of an organisation (domain part 0: registered before hours are), and beside it
    what it asks of those who take part, if anything (domain §9)."""
    standing.active(f"organisation:{action.organisation}")
    if standing.activities[action.activity] is not None:
        raise Refused("already_registered", "this activity is registered already")
    if action.category not in CATEGORIES:
        raise Refused("bad_category", f"the category is one of {', '.join(CATEGORIES)}")
    if action.ends and action.ends <= action.starts:
        raise Refused("ends_before_it_starts", "the activity must end after it starts")
    if action.insurance not in _INSURANCE or action.min_age < 0 or action.participants < 0:
        raise Refused(
            "bad_terms", "insurance is required or nothing; age and participants are from 0 on"
        )
    return drafts_of(action)


def look_up(newcomer: Introduction, standing: Standing) -> tuple[str, bool]:
    """The newcomer's address, and whether it is registered already."""
    match newcomer:
        case RegisterVolunteer(volunteer=id_):
            address = account.volunteer(id_)
        case RegisterOrganisation(organisation=id_):
            address = f"organisation:{id_}"
        case RegisterStaff(staff=id_):
            address = f"staff:{id_}"
        case RegisterActivity(activity=id_):
            return f"activity:{id_}", standing.activities[id_] is not None
    return address, standing.parties[address] is not None


def drafts_of(newcomer: Introduction) -> list[Draft]:
    """The registration itself, where nothing speaks against it."""
    match newcomer:
        case RegisterVolunteer(volunteer=id_, organisation=organisation, guardian=guardian):
            facts = {"volunteer": id_, "organisation": organisation, "guardian": guardian}
            return [Draft("volunteer_registered", facts)]
        case RegisterOrganisation(organisation=id_, parent=parent, tier=tier, form=form):
            facts = {"organisation": id_, "parent": parent, "tier": tier, "form": form}
            return [Draft("organisation_registered", facts)]
        case RegisterStaff(staff=id_, organisation=organisation):
            return [Draft("staff_registered", {"staff": id_, "organisation": organisation})]
        case RegisterActivity():
            registered = Draft(
                "activity_registered",
                {
                    "activity": newcomer.activity,
                    "organisation": newcomer.organisation,
                    "category": newcomer.category,
                    "starts": newcomer.starts,
                    "ends": newcomer.ends,
                    "text": newcomer.text,
                },
            )
            if not has_terms(newcomer):
                return [registered]
            terms = {
                "activity": newcomer.activity,
                "organisation": newcomer.organisation,
                "training": newcomer.training,
                "insurance": newcomer.insurance,
                "min_age": newcomer.min_age,
                "participants": newcomer.participants,
            }
            return [registered, Draft("activity_terms", terms)]


def _refuse_known(standing: Standing, address: str) -> None:
    if standing.parties[address] is not None:
        raise Refused("already_registered", f"{address} is registered already", party=address)
