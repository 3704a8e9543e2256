"""Who takes part: tiers, suspension, leaving, being forgotten, credentials (domain part 0, §9)."""

from __future__ import annotations

import pytest

from ledger.actions import (
    IssueCredential,
    RecordGuardianConsent,
    RegisterAuditor,
    RegisterBranch,
    RegisterOperator,
    RegisterOrganisation,
    RegisterRelation,
    RegisterStaff,
    RegisterTerminal,
    RegisterVolunteer,
    RemoveRelation,
    RevokeCredential,
)
from tests.kit import Town, scenario
from tests.recheck import recheck

# Registration ----------------------------------------------------------------------------------


def test_an_id_is_registered_once(town: Town, ana: str) -> None:
    till = town.till()
    for again in (
        RegisterVolunteer(volunteer=ana),
        RegisterOrganisation(organisation=town.home),
        RegisterStaff(staff=town.recorder),
        RegisterBranch(merchant=till.merchant, branch=till.branch),
        RegisterTerminal(merchant=till.merchant, branch=till.branch, terminal=till.terminal),
    ):
        with town.refuses("already_registered"):
            town.do(again)
    for kind, field in ((RegisterAuditor, "auditor"), (RegisterOperator, "operator")):
        who = town.new()
        town.do(kind(**{field: who}))
        with town.refuses("already_registered"):
            town.do(kind(**{field: who}))


def test_one_id_may_be_a_volunteer_and_staff(town: Town, ana: str) -> None:
    """They are two addresses; nobody is both in one record (T17)."""
    town.do(RegisterStaff(staff=ana))


@scenario("""
  id                       | parent    | tier      | form         | code
  city-over-county         | city      | county    | organisation |
  city-over-community      | city      | community | organisation |
  township-over-community  | township  | community | organisation |
  same-tier                | county    | county    | organisation | tier_not_below_parent
  upside-down              | community | city      | organisation | tier_not_below_parent
  a-team-upside-down       | community | township  | team         | tier_not_below_parent
  a-team-of-the-same-tier  | community | community | team         |
  a-team-below             | city      | community | team         |
  no-such-tier             | city      | province  | organisation | bad_tier
  no-such-form             | city      | county    | club         | bad_tier
""")
def test_organisations_stand_in_four_tiers(
    town: Town, parent: str, tier: str, form: str, code: str
) -> None:
    above = town.organisation(tier=parent)
    if code:
        with town.refuses(code):
            town.organisation(parent=above, tier=tier, form=form)
    else:
        town.organisation(parent=above, tier=tier, form=form)


def test_the_four_tiers_reach_from_city_to_community(town: Town) -> None:
    above = ""
    for tier in ("city", "county", "township", "community"):
        above = town.organisation(parent=above, tier=tier)
    with town.refuses("unknown_party"):
        town.organisation(parent=town.new())


def test_nobody_joins_an_organisation_that_is_not_there(town: Town) -> None:
    closed = town.organisation()
    town.becomes(f"organisation:{closed}", "suspended")
    with town.refuses("party_not_active"):
        town.volunteer(organisation=closed)
    with town.refuses("unknown_party"):
        town.volunteer(organisation=town.new())
    with town.refuses("party_not_active"):
        town.new_activity(organisation=closed)
    with town.refuses("party_not_active"):
        town.organisation(parent=closed, form="team")


@scenario("""
  id              | field    | value  | code
  unknown-kind    | category | bingo  | bad_category
  ends-at-once    | ends     | 1_000  | ends_before_it_starts
  ends-before     | ends     | 999    | ends_before_it_starts
""")
def test_an_activity_that_makes_no_sense(
    town: Town, field: str, value: str | int, code: str
) -> None:
    with town.refuses(code):
        town.new_activity(**{"starts": 1_000, "ends": 2_000, field: value})


def test_a_minor_waits_for_a_guardian(town: Town) -> None:
    """I12: consent is recorded once, and only where it was missing."""
    child = town.volunteer(guardian="missing")
    adult = town.volunteer()
    town.do(RecordGuardianConsent(volunteer=child))
    for who in (child, adult):
        with town.refuses("consent_not_missing"):
            town.do(RecordGuardianConsent(volunteer=who))


def test_a_terminal_belongs_to_a_branch_of_its_merchant(town: Town) -> None:
    till, rival = town.till(), town.till()
    with town.refuses("unknown_party"):
        town.do(RegisterTerminal(merchant=till.merchant, branch=rival.branch, terminal=town.new()))
    with town.refuses("unknown_party"):
        town.do(RegisterBranch(merchant=town.new(), branch=town.new()))


def test_relations_need_a_volunteer(town: Town, ana: str) -> None:
    town.do(RegisterRelation(volunteer=ana, relation=town.new()))
    town.do(RemoveRelation(volunteer=ana, relation=town.new()))
    with town.refuses("unknown_party"):
        town.do(RegisterRelation(volunteer=town.new(), relation=town.new()))


# Suspend, reinstate, leave, forget -------------------------------------------------------------


@scenario("""
  id                       | first      | then       | allowed
  suspended-twice          | suspended  | suspended  | no
  suspended-reinstated     | suspended  | reinstated | yes
  suspended-leaves         | suspended  | left       | yes
  active-is-not-reinstated |            | reinstated | no
  left-comes-back          | left       | reinstated | yes
  left-leaves              | left       | left       | no
  left-is-forgotten        | left       | forgotten  | yes
  active-is-forgotten      |            | forgotten  | yes
  forgotten-is-for-ever    | forgotten  | reinstated | no
  forgotten-leaves         | forgotten  | left       | no
  forgotten-twice          | forgotten  | forgotten  | no
  forgotten-suspended      | forgotten  | suspended  | no
""")
def test_how_a_party_may_change(town: Town, ana: str, first: str, then: str, allowed: str) -> None:
    if first:
        town.becomes(f"volunteer:{ana}", first)
    if allowed == "yes":
        town.becomes(f"volunteer:{ana}", then)
        assert town.standing(ana).state == {"reinstated": "active"}.get(then, then)
    else:
        with town.refuses("party_state_conflict"):
            town.becomes(f"volunteer:{ana}", then)


def test_nobody_unknown_changes(town: Town) -> None:
    with town.refuses("unknown_party"):
        town.becomes(f"volunteer:{town.new()}", "suspended")


@pytest.mark.parametrize("change", ["suspended", "left", "forgotten"])
def test_who_is_not_active_earns_saves_gives_and_spends_nothing(
    town: Town, ana: str, bo: str, change: str
) -> None:
    """And keeps every hour: nothing is deleted (I13: the entries stay under a pseudonym)."""
    saved = town.served(ana, "2025-03-07 09:00", "10:00")
    unsaved = town.served(ana, "2025-03-07 10:00", "11:00")
    town.deposit(ana, saved.id, 60)
    till = town.till()
    coffee = town.reward(till)
    town.becomes(f"volunteer:{ana}", change)
    with town.refuses("party_not_active"):
        town.served(ana, "2025-03-08 09:00", "10:00")
    with town.refuses("party_not_active"):
        town.deposit(ana, unsaved.id, 60)
    with town.refuses("party_not_active"):
        town.give(ana, bo, 10)
    with town.refuses("party_not_active"):
        town.give(bo, ana, 10)
    with town.refuses("party_not_active"):
        town.donate(ana, 10)
    with town.refuses("party_not_active"):
        town.reserve(ana, coffee)
    standing = town.standing(ana)
    assert (standing.service_minutes, standing.points_hundredths) == (120, 200)
    assert standing.time_minutes == 60


def test_being_forgotten_changes_no_balance_and_no_earlier_entry(town: Town, ana: str) -> None:
    town.minutes_served(ana, 600)
    till = town.till()
    reserved = town.reserve(ana, town.reward(till))
    before = town.standing(ana)
    entries = [entry.data for entry in town.book.history(f"volunteer:{ana}")]
    town.becomes(f"volunteer:{ana}", "forgotten")
    after = town.standing(ana)
    assert after.state == "forgotten"
    assert (after.service_minutes, after.points_hundredths) == (
        before.service_minutes,
        before.points_hundredths,
    )
    again = [entry.data for entry in town.book.history(f"volunteer:{ana}")]
    assert again[:-1] == entries
    with town.refuses("holder_not_active"):
        town.capture(reserved, till)
    town.clock.forward(days=1)
    town.expire(reserved)
    recheck(town.book.database.url)


def test_a_record_of_somebody_who_left_can_still_be_put_right(town: Town, ana: str) -> None:
    """Leaving takes away what one may do, not what others owe one's record."""
    wrong = town.served(ana, "2025-03-07 09:00", "10:00")
    held = town.served(ana, "2025-03-07 09:30", "10:30")
    town.becomes(f"volunteer:{ana}", "left")
    town.becomes(f"staff:{town.recorder}", "left")
    corrected = town.correct(wrong.id, town.session(ana, "2025-03-07 09:00", "09:30"))
    assert corrected.reasons == ""
    town.confirm(held.id)
    assert town.minutes(ana) == 90
    gone = town.staff()
    town.becomes(f"staff:{gone}", "left")
    with town.refuses("party_not_active"):
        town.correct(corrected.id, town.session(ana, "2025-03-07 09:00", "09:20", approver=gone))


# Credentials -----------------------------------------------------------------------------------


@scenario("""
  id                    | kind         | role         | code
  a-volunteer           | volunteer    | volunteer    |
  staff-reviews         | staff        | reviewer     |
  an-organisation       | organisation | organisation |
  a-merchant            | merchant     | merchant     |
  not-an-operator       | volunteer    | operator     | role_not_of_party
  not-a-reviewer        | volunteer    | reviewer     | role_not_of_party
  no-auditor-from-shop  | merchant     | auditor      | role_not_of_party
""")
def test_a_credential_has_a_role_that_its_party_can_have(
    town: Town, kind: str, role: str, code: str
) -> None:
    party = {
        "volunteer": f"volunteer:{town.volunteer()}",
        "staff": f"staff:{town.recorder}",
        "organisation": f"organisation:{town.home}",
        "merchant": f"merchant:{town.till().merchant}",
    }[kind]
    action = IssueCredential(credential=town.new(), party=party, role=role, scopes="read")
    if code:
        with town.refuses(code):
            town.do(action)
    else:
        town.do(action)


def test_a_merchants_credential_names_its_own_terminal(town: Town) -> None:
    till, rival = town.till(), town.till()
    merchant = f"merchant:{till.merchant}"

    def issue(terminal: str) -> None:
        town.do(
            IssueCredential(
                credential=town.new(),
                party=merchant,
                role="merchant",
                scopes="redemption:capture",
                terminal=terminal,
            )
        )

    issue(till.terminal)
    for foreign in (rival.terminal, town.new()):
        with town.refuses("unknown_party"):
            issue(foreign)
    town.becomes(f"terminal:{till.terminal}", "suspended")
    with town.refuses("party_not_active"):
        issue(till.terminal)


def test_a_credential_is_revoked_once_and_for_good(town: Town, ana: str) -> None:
    which = town.new()
    with town.refuses("unknown_credential"):
        town.do(RevokeCredential(credential=which))
    issue = IssueCredential(
        credential=which, party=f"volunteer:{ana}", role="volunteer", scopes="read"
    )
    town.do(issue)
    town.do(RevokeCredential(credential=which))
    with town.refuses("credential_revoked"):
        town.do(RevokeCredential(credential=which))


def test_who_is_suspended_gets_no_new_credential(town: Town, ana: str) -> None:
    town.suspend(ana)
    with town.refuses("party_not_active"):
        town.do(
            IssueCredential(
                credential=town.new(), party=f"volunteer:{ana}", role="volunteer", scopes="read"
            )
        )
