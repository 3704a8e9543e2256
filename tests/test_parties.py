"""Who takes part: tiers, suspension, leaving, being forgotten, credentials (domain part 0, §9)."""

from __future__ import annotations

import pytest

from ledger.actions.credentials import IssueCredential, RevokeCredential
from ledger.actions.parties import (
    ReachMajority,
    RecordCircumstance,
    RecordGuardianConsent,
    RegisterAuditor,
    RegisterBranch,
    RegisterGroup,
    RegisterOperator,
    RegisterOrganisation,
    RegisterRelation,
    RegisterStaff,
    RegisterTerminal,
    RegisterVolunteer,
    RemoveCircumstance,
    RemoveRelation,
)
from ledger.vault.door import CIRCUMSTANCES
from tests.api_client import Cast, Site
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


# Groups and growing up -------------------------------------------------------------------------


def test_a_group_serves_like_a_volunteer(town: Town) -> None:
    group = town.new()
    with town.refuses("unknown_party"):
        town.do(RegisterGroup(volunteer=group, organisation=town.new()))
    town.do(RegisterGroup(volunteer=group, organisation=town.home))
    with town.refuses("already_registered"):
        town.do(RegisterGroup(volunteer=group, organisation=town.home))
    assert town.noted(group, "2025-03-12 09:00", "10:00").outcome == "effective"
    assert town.minutes(group) == 60


@scenario("""
  id                 | guardian   | gate    | tested | code
  eighteen           | missing    | met     |     18 |
  seventeen          | missing    | unmet   |     18 | age_gate_unmet
  nobody-knows       | missing    | unknown |     18 | age_gate_unmet
  another-age        | missing    | met     |     16 | attestation_outdated
  has-consent        | consented  | met     |     18 | consent_not_missing
  needed-none        | not_needed | met     |     18 | consent_not_missing
""")
def test_who_has_grown_up_needs_no_guardian(
    town: Town, guardian: str, gate: str, tested: int, code: str
) -> None:
    """P22; the door attests the age that policy names."""
    who = town.volunteer(guardian=guardian)
    action = ReachMajority(volunteer=who, age_gate=gate, age_tested=tested)
    if code:
        with town.refuses(code):
            town.do(action)
    else:
        town.do(action)
        assert town.noted(who, "2025-03-12 09:00", "10:00").outcome == "effective"
        with town.refuses("consent_not_missing"):
            town.do(action)


def test_circumstances_are_of_somebody(town: Town, ana: str) -> None:
    town.do(RecordCircumstance(volunteer=ana, circumstance=town.new()))
    town.do(RemoveCircumstance(volunteer=ana, circumstance=town.new()))
    with town.refuses("unknown_party"):
        town.do(RecordCircumstance(volunteer=town.new(), circumstance=town.new()))
    town.suspend(ana)
    with town.refuses("party_not_active"):
        town.do(RecordCircumstance(volunteer=ana, circumstance=town.new()))
    town.do(RemoveCircumstance(volunteer=ana, circumstance=town.new()))


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
  active-dies              |            | died       | yes
  suspended-dies           | suspended  | died       | yes
  left-dies                | left       | died       | yes
  nobody-dies-twice        | died       | died       | no
  the-dead-do-not-return   | died       | reinstated | no
  the-dead-do-not-leave    | died       | left       | no
  the-dead-are-forgotten   | died       | forgotten  | yes
  forgotten-does-not-die   | forgotten  | died       | no
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
        becomes = {"reinstated": "active", "died": "deceased"}
        assert town.standing(ana).state == becomes.get(then, then)
    else:
        with town.refuses("party_state_conflict"):
            town.becomes(f"volunteer:{ana}", then)


def test_only_a_person_dies(town: Town) -> None:
    group = town.new()
    town.do(RegisterGroup(volunteer=group, organisation=town.home))
    for address in (f"organisation:{town.home}", f"volunteer:{group}"):
        with town.refuses("not_a_person"):
            town.becomes(address, "died")
    town.becomes(f"staff:{town.recorder}", "died")


def test_nobody_unknown_changes(town: Town) -> None:
    with town.refuses("unknown_party"):
        town.becomes(f"volunteer:{town.new()}", "suspended")


@pytest.mark.parametrize("change", ["suspended", "left", "died", "forgotten"])
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


# Over HTTP -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CIRCUMSTANCES)
def test_what_is_true_of_somebody_is_sealed_attested_and_destroyed(
    site: Site, cast: Cast, kind: str
) -> None:
    vault, path = site.book.vault, f"/volunteers/{cast.ana}/circumstances"
    made = site.made(cast.host, path, {"circumstance": kind})
    assert kind not in site.book.entry(made["entry"]).data.decode()
    assert [one for one in CIRCUMSTANCES if vault.attest_circumstance(cast.ana, one)] == [kind]
    stranger = site.organisation_token(site.organisation())
    assert site.post(stranger, path, {"circumstance": kind}).code == "unknown_party"
    assert site.post(cast.host, path, {"circumstance": "rich"}).code == "not_a_choice"
    end = f"{path}/{made['circumstance']}/end"
    assert site.post(stranger, end).code == "unknown_party"
    site.made(cast.host, end)
    assert not vault.attest_circumstance(cast.ana, kind)
    assert site.post(cast.host, end).code == "unknown_circumstance"


def test_a_circumstance_goes_with_the_person(site: Site, cast: Cast) -> None:
    """Sealed under their own key, so forgetting leaves nothing to open."""
    vault = site.book.vault
    body = {"circumstance": "needy_elder"}
    site.made(cast.host, f"/volunteers/{cast.ana}/circumstances", body)
    site.made(site.operator, f"/parties/volunteer:{cast.ana}/forget")
    assert not vault.attest_circumstance(cast.ana, "needy_elder")
    with pytest.raises(KeyError):
        vault.add_circumstance(cast.ana, "needy_elder", circumstance_id="x" * 16)


def test_a_circumstance_that_was_never_entered_is_not_kept(site: Site, cast: Cast) -> None:
    site.made(cast.host, f"/parties/volunteer:{cast.ana}/suspend")
    path = f"/volunteers/{cast.ana}/circumstances"
    answer = site.post(cast.host, path, {"circumstance": "needy_elder"})
    assert answer.code == "party_not_active"
    assert not site.book.vault.attest_circumstance(cast.ana, "needy_elder")


def test_one_circumstance_id_stands_for_one_thing(site: Site, cast: Cast) -> None:
    vault, one = site.book.vault, "c" * 16
    vault.add_circumstance(cast.ana, "needy_elder", circumstance_id=one)
    vault.add_circumstance(cast.ana, "needy_elder", circumstance_id=one)
    with pytest.raises(ValueError, match="another"):
        vault.add_circumstance(cast.ana, "key_lonely_elder", circumstance_id=one)
    with pytest.raises(ValueError, match="one of"):
        vault.add_circumstance(cast.ana, "rich", circumstance_id="d" * 16)
    assert vault.remove_circumstance(cast.ana, one)
    assert not vault.remove_circumstance(cast.ana, one)


def test_a_friend_is_a_relation_and_the_nearest_is_attested(site: Site, cast: Cast) -> None:
    friend, vault = site.volunteer(cast.home), site.book.vault
    path = f"/volunteers/{cast.ana}/relations"
    for relation in ("friend", "lineal", "spouse"):
        site.made(cast.host, path, {"relative": friend, "relation": relation})
        assert vault.attest_relation(friend, cast.ana) == relation
    assert vault.attest_relation(cast.ana, site.volunteer()) == "none"


def test_a_group_is_registered_by_its_organisation(site: Site, cast: Cast) -> None:
    group = site.made(cast.host, "/groups", {"name": "蓝天救援队", "number": "7"})["volunteer"]
    shown = site.get(cast.host, f"/volunteers/{group}").json
    assert (shown["form"], shown["guardian"], shown["organisation"]) == (
        "group",
        "not_needed",
        cast.home,
    )
    again = site.post(cast.host, "/groups", {"name": "蓝天救援队", "number": "7"})
    assert again.code == "already_registered"
    foreign = {"name": "x", "organisation": site.organisation()}
    assert site.post(cast.host, "/groups", foreign).code == "unknown_party"
    assert site.post(site.operator, "/groups", {"name": "x"}).code == "organisation_needed"


def test_a_death_is_recorded_by_whoever_stands_above(site: Site, cast: Cast) -> None:
    path = f"/parties/volunteer:{cast.ana}/died"
    stranger = site.organisation_token(site.organisation())
    assert site.post(stranger, path).code == "unknown_party"
    assert site.post(cast.ana_token, path).code == "role_not_allowed"
    site.made(cast.host, path, {"reason": "社区来信"})
    assert site.get(cast.host, f"/volunteers/{cast.ana}").json["state"] == "deceased"
    assert site.get(cast.ana_token, "/me").code == "caller_not_active"
    assert site.post(cast.host, path).code == "party_state_conflict"
    own = f"/parties/organisation:{cast.home}/died"
    assert site.post(cast.host, own).code == "not_for_oneself"
    assert site.post(site.operator, own).code == "not_a_person"
