"""What waits for a person, who that may be, and what organisations say of a service: review by the
right tier, evaluation, the queue (domain §8, §10 P7, P10, P18, P21, P28, P31)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from ledger.actions.parties import RegisterStaff
from ledger.actions.service import CorrectService, ReverseService
from tests.api_client import Cast, Site, identity_number
from tests.kit import Ledger, Served, Town, scenario

FRIDAY = "2025-03-07"


@dataclass(frozen=True)
class Tiers:
    """A county, a township below it, a community below that, and what each employs."""

    county: str
    township: str
    community: str
    stranger: str
    reviewers: dict[str, str]
    activity: str


@pytest.fixture
def tiers(town: Town) -> Tiers:
    """A tree of three, and an organisation that stands apart."""
    county = town.organisation(tier="county")
    township = town.organisation(tier="township", parent=county)
    community = town.organisation(tier="community", parent=township)
    stranger = town.organisation(tier="county")
    places = {
        "county": county,
        "township": township,
        "community": community,
        "stranger": stranger,
        "nowhere": "",
    }
    reviewers = {name: town.staff(organisation=place) for name, place in places.items()}
    activity = town.new_activity(organisation=community)
    return Tiers(county, township, community, stranger, reviewers, activity)


def held_at(town: Town, tiers: Tiers, who: str, minutes: int) -> Served:
    """So many minutes of one day at the community, from midnight on."""
    end = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return town.served(
        who,
        f"{FRIDAY} 00:00",
        end,
        organisation=tiers.community,
        activity=tiers.activity,
    )


# Who may decide --------------------------------------------------------------------------------


@scenario("""
  id                           | minutes | reviewer  | code
  T7-481-the-host              |     481 | community |
  T7-481-above-the-host        |     481 | township  |
  T7-481-the-top               |     481 | county    |
  T7-481-a-stranger            |     481 | stranger  | reviewer_of_wrong_tier
  T7-481-of-no-organisation    |     481 | nowhere   | reviewer_of_wrong_tier
  T7-720-the-host              |     720 | community |
  T7-721-the-host              |     721 | community | reviewer_of_wrong_tier
  T7-721-above-the-host        |     721 | township  | reviewer_of_wrong_tier
  T7-721-the-top               |     721 | county    |
  T7-721-another-top           |     721 | stranger  | reviewer_of_wrong_tier
  T7-721-the-console           |     721 | console   |
""")
def test_a_long_day_is_reviewed_by_the_right_tier(
    town: Town, ana: str, tiers: Tiers, minutes: int, reviewer: str, code: str
) -> None:
    """T7 (P7): up to twelve hours the host or above, beyond that the top of the tree."""
    held = held_at(town, tiers, ana, minutes)
    decides = tiers.reviewers.get(reviewer, "")
    if code:
        with town.refuses(code):
            town.confirm(held.id, reviewer=decides)
        with town.refuses(code):
            town.refuse(held.id, reviewer=decides)
    else:
        assert town.confirm(held.id, reviewer=decides) == minutes


def test_480_minutes_need_nobody(town: Town, ana: str, tiers: Tiers) -> None:
    """T7: auto."""
    assert held_at(town, tiers, ana, 480).outcome == "effective"


def test_every_other_reason_is_for_the_host(town: Town, ana: str, tiers: Tiers) -> None:
    """Late, overlapping, checked in by oneself: whoever stands near knows best."""
    town.served(ana, f"{FRIDAY} 09:00", "10:00")
    overlapping = town.served(
        ana, f"{FRIDAY} 09:30", "10:30", organisation=tiers.community, activity=tiers.activity
    )
    with town.refuses("reviewer_of_wrong_tier"):
        town.confirm(overlapping.id, reviewer=tiers.reviewers["stranger"])
    assert town.confirm(overlapping.id, reviewer=tiers.reviewers["community"]) == 30


def test_without_tiers_any_member_of_staff_reviews(town: Town, ana: str, tiers: Tiers) -> None:
    town.rules({"review.by_tier": False})
    held = held_at(town, tiers, ana, 721)
    assert town.confirm(held.id, reviewer=tiers.reviewers["nowhere"]) == 721


@pytest.mark.parametrize("who", ["recorder", "approver", "volunteer"])
def test_nobody_reviews_what_they_took_part_in(
    town: Town, ana: str, tiers: Tiers, who: str
) -> None:
    """T17, P18: from the right place, and still not."""
    me = tiers.reviewers["county"]
    given: dict[str, Any] = {} if who == "volunteer" else {who: me}
    if who == "volunteer":
        me = town.volunteer()
        town.do(RegisterStaff(staff=me, organisation=tiers.county))
    held = town.served(
        me if who == "volunteer" else ana,
        f"{FRIDAY} 00:00",
        "09:00",
        organisation=tiers.community,
        activity=tiers.activity,
        **given,
    )
    with town.refuses("reviewer_took_part"):
        town.confirm(held.id, reviewer=me)
    with town.refuses("reviewer_took_part"):
        town.refuse(held.id, reviewer=me)


def test_a_reviewer_who_left_reviews_nothing(town: Town, ana: str, tiers: Tiers) -> None:
    held = held_at(town, tiers, ana, 481)
    town.becomes(f"staff:{tiers.reviewers['county']}", "left")
    with town.refuses("party_not_active"):
        town.confirm(held.id, reviewer=tiers.reviewers["county"])


# What an organisation says of a service --------------------------------------------------------


def test_a_record_is_evaluated_once(town: Town, ana: str) -> None:
    served = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    entry = town.evaluate(served.id, 4).entry
    assert (entry.kind, entry.facts["score"], entry.facts["conduct"]) == (
        "service_evaluated",
        4,
        "good",
    )
    with town.refuses("already_evaluated"):
        town.evaluate(served.id, 5)
    assert town.minutes(ana) == 60


@scenario("""
  id             | score | conduct | code
  none-at-all    |     0 | good    | bad_evaluation
  the-least      |     1 | good    |
  the-most       |     5 | poor    |
  one-too-many   |     6 | good    | bad_evaluation
  no-such-word   |     3 | fair    | bad_evaluation
""")
def test_an_evaluation_is_from_one_to_five(
    town: Town, ana: str, score: int, conduct: str, code: str
) -> None:
    served = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    if code:
        with town.refuses(code):
            town.evaluate(served.id, score, conduct=conduct)
    else:
        town.evaluate(served.id, score, conduct=conduct)


def test_only_what_counts_is_evaluated(town: Town, ana: str) -> None:
    held = town.served(ana, f"{FRIDAY} 00:00", "09:00")
    with town.refuses("record_state_conflict"):
        town.evaluate(held.id)
    with town.refuses("unknown_record"):
        town.evaluate(town.new())


@scenario("""
  id                          | rule | conduct | kinds                              | minutes
  P21-off-poor-conduct        | no   | poor    | service_evaluated                  | 60
  P21-on-poor-conduct         | yes  | poor    | service_evaluated service_reversed | 0
  P21-on-good-conduct         | yes  | good    | service_evaluated                  | 60
""")
def test_poor_conduct_takes_hours_back_only_where_a_policy_says_so(
    town: Town, ana: str, rule: str, conduct: str, kinds: str, minutes: int
) -> None:
    """P21, Hailin: that activity's hours become nothing, with the points and the saving."""
    town.rules({"quality.zero_on_bad_conduct": rule == "yes"})
    served = town.served(ana, f"{FRIDAY} 09:00", "10:00")
    town.deposit(ana, served.id, 60)
    receipt = town.evaluate(served.id, 1, conduct=conduct)
    assert [each.kind for each in receipt.entries] == kinds.split()
    assert (town.minutes(ana), town.points(ana) * 60) == (minutes, minutes * 100)
    assert town.time(ana) == minutes


# What follows for a star -----------------------------------------------------------------------


def test_a_reversal_below_the_line_proposes_and_a_person_decides(town: Town, ana: str) -> None:
    """S-15: 1★ at 100 h, 30 min reversed. The answer quotes the reversal that was asked for."""
    last = _one_star(town, ana)
    receipt = town.do(ReverseService(record=last.id))
    assert [each.kind for each in receipt.entries] == [
        "service_reversed",
        "star_downgrade_proposed",
    ]
    assert receipt.entry.kind == "service_reversed"
    assert receipt.entries[-1].facts["case"] == last.id
    standing = town.standing(ana)
    assert (standing.star, standing.eligible_star, standing.star_case) == (1, 0, last.id)


def test_a_correction_proposes_by_what_is_left_of_it(town: Town, ana: str) -> None:
    """A minute more is no downgrade; a minute less than the line is one."""
    last = _one_star(town, ana)
    longer = town.correct(last.id, town.session(ana, f"{FRIDAY} 09:00", "09:31"))
    shorter = town.session(ana, f"{FRIDAY} 09:00", "09:29")
    receipt = town.do(CorrectService(record=longer.id, corrected=shorter))
    assert [each.kind for each in receipt.entries] == [
        "service_reversed",
        "service_recorded",
        "star_downgrade_proposed",
    ]
    assert receipt.entry.kind == "service_recorded"
    assert town.minutes(ana) == 5_999


def _one_star(town: Town, who: str) -> Served:
    """Exactly a hundred hours and one star; the record of the last half hour."""
    town.rules({"star.publicity_working_days": 0})
    town.minutes_served(who, 5_970)
    last = town.served(who, f"{FRIDAY} 09:00", "09:30")
    town.grant_star(town.apply_for(who))
    assert town.standing(who).star == 1
    return last


# The queue, over HTTP --------------------------------------------------------------------------


@dataclass(frozen=True)
class Queue:
    """A county with a community below it, and held records of a volunteer there."""

    site: Site
    cast: Cast
    community: str
    tokens: dict[str, str]
    held: dict[str, str]

    def waits(self, who: str, query: str = "") -> list[str]:
        """Names of the held records that wait for somebody."""
        names = {record: name for name, record in self.held.items()}
        path = f"/service-records?awaiting=me{query}"
        answer = self.site.get(self.tokens[who], path)
        assert answer.status == 200, answer.text
        return [names[each["record"]] for each in answer["data"]]


@pytest.fixture
def queue(ledger: Ledger) -> Queue:
    """Nine hours, thirteen hours, and nine hours that the community's own reviewer recorded."""
    site = Site(ledger.open(), ledger.clock)
    cast = Cast(site)
    below = {"parent": cast.home, "tier": "community", "form": "team"}
    community = str(
        site.made(site.operator, "/organisations", {"name": "社区队", **below})["organisation"]
    )
    near, far = site.staff(community), site.staff(cast.home)
    tokens = {
        "near": site.token(f"staff:{near}", "reviewer"),
        "far": site.token(f"staff:{far}", "reviewer"),
        "elsewhere": site.token(f"staff:{site.staff(site.organisation())}", "reviewer"),
        "nowhere": site.token(f"staff:{site.staff()}", "reviewer"),
        "operator": site.operator,
        "host": cast.host,
        "volunteer": cast.ana_token,
    }
    activity = site.activity(community)
    site.clock.set("2025-03-14 20:00")
    held = {}
    for name, day, end, recorder in (
        ("nine", "2025-03-11", "09:00", cast.recorder),
        ("thirteen", "2025-03-12", "13:00", cast.recorder),
        ("own", "2025-03-13", "09:00", near),
    ):
        body = cast.session(f"{day} 00:00", end, activity=activity, recorder=recorder)
        made = site.made(cast.host, "/service-records", body)
        assert made["outcome"] == "held"
        held[name] = str(made["record"])
    return Queue(site, cast, community, tokens, held)


@scenario("""
  id         | who       | waits
  near       | near      | nine
  far        | far       | nine thirteen own
  elsewhere  | elsewhere |
  nowhere    | nowhere   |
  operator   | operator  | nine thirteen own
  host       | host      |
  volunteer  | volunteer |
""")
def test_everybody_finds_what_waits_for_them(queue: Queue, who: str, waits: str) -> None:
    assert queue.waits(who) == waits.split()


def test_what_waits_can_really_be_decided_and_nothing_else(queue: Queue) -> None:
    site = queue.site
    refusal = {"nine": "", "thirteen": "reviewer_of_wrong_tier", "own": "reviewer_took_part"}
    for name, code in refusal.items():
        path = f"/service-records/{queue.held[name]}/refuse"
        answer = site.post(queue.tokens["near"], path, {"reason": "没有看到这个人"})
        assert (answer.code if answer.status != 201 else "") == code
    assert queue.waits("near") == []
    assert queue.waits("far") == ["thirteen", "own"]
    for name, minutes in (("thirteen", 780), ("own", 540)):
        path = f"/service-records/{queue.held[name]}/confirm"
        assert site.post(queue.tokens["elsewhere"], path).code == "unknown_record"
        assert site.made(queue.tokens["far"], path)["minutes"] == minutes
    assert queue.waits("far") == []


def test_the_list_says_why_and_whose_review_is_needed(queue: Queue) -> None:
    answer = queue.site.get(queue.cast.host, "/service-records?state=held")
    shown = {each["record"]: (each["reasons"], each["review"]) for each in answer["data"]}
    assert shown == {
        queue.held["nine"]: (["day_over_8h"], "host"),
        queue.held["thirteen"]: (["day_over_12h"], "top"),
        queue.held["own"]: (["day_over_8h"], "host"),
    }
    record = queue.held["nine"]
    queue.site.made(queue.tokens["near"], f"/service-records/{record}/confirm")
    assert queue.site.get(queue.cast.host, f"/service-records/{record}")["review"] is None


def test_the_queue_comes_page_by_page(queue: Queue) -> None:
    first = queue.site.get(queue.tokens["far"], "/service-records?awaiting=me&limit=2")
    assert (len(first["data"]), first["has_more"]) == (2, True)
    after = first["data"][-1]["entry"]
    rest = queue.site.get(
        queue.tokens["far"], f"/service-records?awaiting=me&limit=2&starting_after={after}"
    )
    assert [each["record"] for each in rest["data"]] == [queue.held["own"]]
    assert rest["has_more"] is False
    assert queue.waits("far", "&state=refused") == []
    assert queue.waits("far", f"&organisation={queue.cast.home}") == []


# What is said over HTTP ------------------------------------------------------------------------


def test_an_organisation_evaluates_its_own_and_the_words_stay_sealed(queue: Queue) -> None:
    site, cast = queue.site, queue.cast
    served = cast.served("2025-03-14 09:00", "10:00")
    path = f"/service-records/{served['record']}/evaluate"
    stranger = site.organisation_token(site.organisation())
    body = {"score": 2, "conduct": "poor", "text": "迟到半小时"}
    assert site.post(stranger, path, body).code == "unknown_record"
    assert site.post(cast.host, path, {**body, "score": 6}).code == "out_of_range"
    made = site.made(cast.host, path, body)
    assert (made["score"], made["conduct"]) == (2, "poor")
    entry = site.book.entry(made["entry"])
    assert "迟到" not in entry.data.decode()
    assert site.book.vault.open_text(str(entry.facts["text"])) == {"text": "迟到半小时"}
    site.made(site.operator, f"/parties/volunteer:{cast.ana}/forget")
    assert site.book.vault.open_text(str(entry.facts["text"])) == {}


def test_a_record_says_what_its_time_went_into(queue: Queue) -> None:
    """T1 and T10 over HTTP: travel is deducted, a telephone's check-in needs a crowd."""
    site, cast = queue.site, queue.cast
    site.clock.set("2025-03-17 20:00")
    body = cast.session("2025-03-17 08:00", "12:30", travel_minutes=90, meal_minutes=20)
    made = site.made(cast.host, "/service-records", {**body, "rest_minutes": 10})
    assert made["minutes"] == 150
    other = {**cast.session("2025-03-17 14:00", "15:00"), "method": "self_gps"}
    answer = site.post(cast.host, "/service-records", other)
    assert answer.code == "self_check_in_not_allowed"


def test_an_organisation_records_only_for_people_it_knows(queue: Queue) -> None:
    """Registered in its own line of the tree, by nobody, or served here before (S59)."""
    site, cast = queue.site, queue.cast
    site.clock.set("2025-03-18 20:00")
    elsewhere = site.organisation()
    sister = site.made(
        site.operator,
        "/organisations",
        {"name": "邻队", "parent": cast.home, "tier": "community", "form": "team"},
    )["organisation"]
    people = {
        "ours": (site.volunteer(cast.home), 201),
        "below": (site.volunteer(queue.community), 201),
        "of-nobody": (site.volunteer(), 201),
        "theirs": (site.volunteer(elsewhere), 404),
    }
    for name, (who, status) in people.items():
        body = cast.session("2025-03-18 09:00", "10:00", who=who)
        answer = site.post(cast.host, "/service-records", body)
        assert answer.status == status, name
        if status == 404:
            assert answer.code == "unknown_party"
    theirs = people["theirs"][0]
    # The operator may, and from then on she has an earlier record with us.
    site.made(
        site.operator, "/service-records", cast.session("2025-03-18 09:00", "10:00", who=theirs)
    )
    cast.served("2025-03-18 11:00", "12:00", who=theirs)
    # Two sisters know each other's volunteers only through the one above both.
    activity = site.activity(queue.community)
    site.clock.set("2025-03-19 20:00")
    body = cast.session("2025-03-19 09:00", "10:00", who=site.volunteer(sister), activity=activity)
    assert site.post(cast.host, "/service-records", body).code == "unknown_party"


def test_a_batch_keeps_the_strangers_out_and_takes_the_rest(queue: Queue) -> None:
    site, cast = queue.site, queue.cast
    site.clock.set("2025-03-18 20:00")
    stranger = site.volunteer(site.organisation())
    items = [
        cast.session("2025-03-18 09:00", "10:00"),
        cast.session("2025-03-18 09:00", "10:00", who=stranger),
    ]
    answer = site.post(cast.host, "/service-records/batch", {"items": items})
    outcomes = [(each["outcome"], each["reasons"]) for each in answer["items"]]
    assert outcomes == [("effective", []), ("refused", ["unknown_party"])]


def test_fraud_is_proven_over_http_and_the_person_does_not_come_back(queue: Queue) -> None:
    """P17: the ban is on the person, whatever number they come with next."""
    site, cast = queue.site, queue.cast
    number = identity_number()
    person = {"name": "王五", "identity_number": number}
    who = site.made(cast.host, "/volunteers", person)["volunteer"]
    path = f"/volunteers/{who}/fraud"
    reason = {"reason": "同一时段重复补录"}
    stranger = site.organisation_token(site.organisation())
    assert site.post(stranger, path, reason).code == "unknown_party"
    made = site.made(cast.host, path, reason)
    assert made["minutes_needed"] == 6_000
    site.clock.set("2025-03-18 20:00")
    body = cast.session("2025-03-18 09:00", "10:00", who=who, evidence="backfill")
    assert site.post(cast.host, "/service-records", body).code == "backfill_banned"
    site.made(site.operator, f"/parties/volunteer:{who}/forget")
    assert site.post(cast.host, "/volunteers", person).code == "held_for_identity_check"
    site.clock.set("2026-03-15 00:00")
    site.made(cast.host, "/volunteers", person)
