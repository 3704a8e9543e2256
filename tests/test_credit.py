"""The credit list: consent, who is eligible, one cycle at a time, dishonesty, and publication
without names (domain §5, §10 P58–P60)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from api.cli import main
from api.opening import open_ledger
from api.settings import Settings
from audit.note import parse_key
from audit.verify import verify
from ledger.actions.consents import RecordConsent
from ledger.actions.parties import ChangeParty
from ledger.actions.stars import AssessStars
from ledger.book import CONSOLE
from ledger.door.credit import published, running_cycle
from ledger.export import export_bundle
from ledger.policies import shipped
from ledger.store import credit_lists, tables
from ledger.store.projections import standing_from
from tests.api_client import Cast, Site, key
from tests.kit import TODAY, FakeClock, Ledger, Town, policy_toml, scenario
from tests.recheck import recheck

RULES: dict[str, Any] = {
    "star.thresholds_h": [1, 2, 3, 4, 5],
    "star.mode": "automatic",
    "credit.clean_years": 0,
}
"""So that stars take an hour each, and nobody need wait three years."""


def starred(town: Town, stars: int = 1, *, backfill: int = 0, **given: Any) -> str:
    """A volunteer with so many hours, and as many stars."""
    who = town.volunteer(**given)
    town.minutes_served(who, 60 * stars)
    if stars:
        town.do(AssessStars(volunteer=who))
    if backfill:
        town.served(who, "2025-03-06 08:00", "16:00", evidence="backfill", deducted=480 - backfill)
    return who


def credit_points(town: Town, who: str) -> int:
    return town.balance(f"volunteer:{who}:credit", "CREDIT")


def credit_of(town: Town, who: str) -> tuple[str, int]:
    """(cycle, points) of the place they have now."""
    with town.book.database.reading() as connection:
        row = standing_from(connection).credits[who]
    return (row.cycle, row.points) if row is not None else ("", 0)


# Consent ---------------------------------------------------------------------------------------


def test_only_who_consented_is_listed(town: Town) -> None:
    """K18: who refuses is on no list, and their hours are what they were."""
    town.rules(RULES)
    ana = starred(town, 2)
    with town.refuses("consent_missing"):
        town.list_for_credit(ana)
    town.consent(ana, answer="refused")
    with town.refuses("consent_missing"):
        town.list_for_credit(ana)
    assert (town.minutes(ana), town.standing(ana).star, credit_points(town, ana)) == (120, 2, 0)
    town.consent(ana)
    entry = town.list_for_credit(ana)
    assert entry.facts == {
        "volunteer": ana,
        "cycle": "2025",
        "star": 2,
        "minutes": 120,
        "points": 2,
        "measures": 0,
        "taken_back": 0,
    }
    assert credit_points(town, ana) == 2


@pytest.mark.parametrize("answer", ["withdrawn", "refused"])
def test_who_takes_consent_back_leaves_the_list_at_once(town: Town, answer: str) -> None:
    """In the same answer, with the points; and may be listed again once they agree again."""
    town.rules(RULES)
    ana = starred(town, 3)
    town.consent(ana)
    town.list_for_credit(ana)
    receipt = town.consent(ana, answer=answer)
    assert [each.kind for each in receipt.entries] == ["consent_recorded", "credit_withdrawn"]
    assert receipt.entry.kind == "consent_recorded"
    withdrawn = receipt.entries[1].facts
    assert (withdrawn["cycle"], withdrawn["points"], withdrawn["ground"]) == ("2025", 3, "consent")
    assert (credit_points(town, ana), credit_of(town, ana)) == (0, ("", 0))
    assert town.minutes(ana) == 180
    town.consent(ana)
    town.list_for_credit(ana)
    assert credit_points(town, ana) == 3


def test_the_same_answer_twice_is_no_news(town: Town, ana: str) -> None:
    with town.refuses("consent_unchanged"):
        town.consent(ana, answer="withdrawn")
    town.consent(ana)
    with town.refuses("consent_unchanged"):
        town.consent(ana)
    assert len(town.consent(ana, answer="withdrawn").entries) == 1
    with town.refuses("consent_unchanged"):
        town.consent(ana, answer="withdrawn")
    town.consent(ana, answer="refused")
    with town.refuses("consent_unchanged"):
        town.consent(ana, answer="withdrawn")
    with town.refuses("consent_unchanged"):
        town.consent(ana, answer="refused")


def test_each_purpose_and_each_party_has_its_own_answer(town: Town, ana: str) -> None:
    till = town.till()
    shop = f"merchant:{till.merchant}"
    town.consent(ana, "merchant_display")
    town.consent(ana, "merchant_display", "refused", party=shop)
    town.consent(ana, "share_records", party=f"organisation:{town.home}")
    with town.refuses("consent_unchanged"):
        town.consent(ana, "merchant_display")
    with town.refuses("unknown_party"):
        town.consent(ana, "merchant_display", party=f"merchant:{town.new()}")


@scenario("""
  id             | purpose     | answer | party
  no-purpose     | marketing   | given  |
  no-answer      | credit_list | maybe  |
  public-to-one  | credit_list | given  | home
""")
def test_a_consent_that_means_nothing_is_refused(
    town: Town, ana: str, purpose: str, answer: str, party: str
) -> None:
    named = f"organisation:{town.home}" if party else ""
    with town.refuses("bad_consent"):
        town.do(RecordConsent(volunteer=ana, purpose=purpose, answer=answer, party=named))


def test_who_is_suspended_may_withdraw_but_not_give(town: Town, ana: str) -> None:
    town.consent(ana, "statement")
    town.suspend(ana)
    with town.refuses("party_not_active"):
        town.consent(ana)
    town.consent(ana, "statement", "withdrawn")
    town.becomes(f"volunteer:{ana}", "forgotten")
    with town.refuses("party_not_active"):
        town.consent(ana, "statement", "refused")
    with town.refuses("unknown_party"):
        town.consent(town.new())


# Who is eligible -------------------------------------------------------------------------------


@scenario("""
  id                     | registered       | listed           | code
  K16-two-years-eleven   | 2026-03-10 09:00 | 2029-02-10 09:00 | credit_not_clean
  K16-a-day-short        | 2026-03-10 00:00 | 2029-03-09 23:59 | credit_not_clean
  K16-three-years        | 2026-03-10 23:59 | 2029-03-10 00:00 |
  leap-day-short         | 2028-02-29 09:00 | 2031-02-27 23:59 | credit_not_clean
  leap-day               | 2028-02-29 09:00 | 2031-02-28 00:00 |
""")
def test_a_record_is_clean_for_three_years(
    town: Town, registered: str, listed: str, code: str
) -> None:
    """Calendar years, to the corresponding day or the month's last (Civil Code art. 202)."""
    town.rules({**RULES, "credit.clean_years": 3})
    town.clock.set(registered)
    ana = starred(town)
    town.consent(ana)
    town.clock.set(listed)
    if code:
        with town.refuses(code):
            town.list_for_credit(ana, listed[:4])
    else:
        town.list_for_credit(ana, listed[:4])


@scenario("""
  id                    | restores | repaired | listed     | code
  unrepaired-short      | yes      |          | 2029-05-31 | credit_not_clean
  unrepaired-over       | yes      |          | 2029-06-01 |
  repaired-and-restored | yes      | 2028-03-10 | 2028-03-10 |
  repair-begins-anew    | no       | 2027-06-01 | 2030-05-31 | credit_not_clean
  repaired-long-ago     | no       | 2027-06-01 | 2030-06-01 |
""")
def test_serious_dishonesty_begins_the_years_anew(
    town: Town, restores: str, repaired: str, listed: str, code: str
) -> None:
    """Domain §10 P58. Found on 1 June 2026; what repair does is the policy's to say."""
    rules = {**RULES, "credit.clean_years": 3, "credit.repair_restores": restores == "yes"}
    town.rules(rules)
    ana = starred(town)
    town.consent(ana)
    town.clock.set("2026-06-01 09:00")
    town.dishonest(ana)
    if repaired:
        town.clock.set(f"{repaired} 09:00")
        town.repair(ana)
    town.clock.set(f"{listed} 10:00")
    if code:
        with town.refuses(code):
            town.list_for_credit(ana, listed[:4])
    else:
        town.list_for_credit(ana, listed[:4])


def test_a_small_thing_changes_nothing_and_repairs_nothing(town: Town, ana: str) -> None:
    town.dishonest(ana, serious=False)
    with town.refuses("nothing_to_repair"):
        town.repair(ana)
    town.dishonest(ana)
    town.dishonest(ana, serious=False)
    town.repair(ana)
    with town.refuses("nothing_to_repair"):
        town.repair(ana)
    town.dishonest(ana)
    town.repair(ana)


def test_serious_dishonesty_ends_the_listing_in_the_same_answer(town: Town) -> None:
    town.rules(RULES)
    ana = starred(town, 4)
    town.consent(ana)
    town.list_for_credit(ana)
    assert len(town.dishonest(ana, serious=False).entries) == 1
    receipt = town.dishonest(ana)
    assert [each.kind for each in receipt.entries] == ["dishonesty_recorded", "credit_withdrawn"]
    assert receipt.entries[1].facts["ground"] == "dishonesty"
    assert credit_points(town, ana) == 0
    assert len(town.dishonest(ana).entries) == 1, "there is nothing more to withdraw"


def test_repair_gives_no_place_back_by_itself(town: Town) -> None:
    town.rules({**RULES, "credit.clean_years": 3})
    ana = starred(town)
    town.consent(ana)
    town.clock.set("2028-03-10 09:00")
    town.list_for_credit(ana, "2028")
    town.dishonest(ana)
    with town.refuses("credit_not_clean"):
        town.list_for_credit(ana, "2028")
    town.repair(ana)
    assert credit_of(town, ana) == ("", 0)
    town.list_for_credit(ana, "2028")


@scenario("""
  id               | stars | backfill | counts | min_stars | min_hours | code
  a-star-short     | 1     | 0        |        | 2         | 0         | credit_stars_short
  a-star-enough    | 2     | 0        |        | 2         | 0         |
  an-hour-short    | 2     | 0        |        | 1         | 3         | credit_minutes_short
  hours-enough     | 3     | 0        |        | 1         | 3         |
  backfill-not     | 2     | 60       |        | 1         | 3         | credit_minutes_short
  backfill-counts  | 2     | 60       | credit | 1         | 3         |
  backfill-short   | 2     | 59       | credit | 1         | 3         | credit_minutes_short
""")
def test_stars_and_hours_that_the_list_asks_for(
    town: Town,
    stars: int,
    backfill: int,
    counts: str,
    min_stars: int,
    min_hours: int,
    code: str,
) -> None:
    """Checked-in hours; backfilled ones only where policy says so (domain §10 P16)."""
    town.rules(
        {
            **RULES,
            "credit.min_stars": min_stars,
            "credit.min_hours": min_hours,
            "backfill.counts_for": ["certificate", *([counts] if counts else [])],
        }
    )
    ana = starred(town, stars, backfill=backfill)
    town.consent(ana)
    if code:
        with town.refuses(code):
            town.list_for_credit(ana)
    else:
        expected = 60 * stars + (backfill if counts else 0)
        assert town.list_for_credit(ana).facts["minutes"] == expected


@scenario("""
  id            | stars | hours | per_10h | most | points
  fuzhou-one    | 1     | 1     | 0       | 50   | 1
  fuzhou-five   | 5     | 5     | 0       | 50   | 5
  by-hours      | 1     | 20    | 1       | 0    | 3
  capped        | 5     | 20    | 30      | 50   | 50
""")
def test_points_by_star_and_by_hours(
    town: Town, stars: int, hours: int, per_10h: int, most: int, points: int
) -> None:
    """Fuzhou: 1 to 5 points for 1 to 5 stars, at most 50; Hangzhou schools: 1 for 10 h (§5)."""
    town.rules(
        {
            **RULES,
            "credit.points_per_10h": per_10h,
            "credit.points_max": most,
            "credit.measures_by_star": [0, 75, 75, 75, 75, 83],
        }
    )
    ana = starred(town, stars)
    town.minutes_served(ana, 60 * (hours - stars), since="2022-01-03")
    town.consent(ana)
    facts = town.list_for_credit(ana).facts
    assert (facts["points"], facts["measures"]) == (points, 83 if stars == 5 else 75)
    assert credit_points(town, ana) == points


# Cycles ----------------------------------------------------------------------------------------


def test_once_a_cycle_and_the_next_takes_the_last_ones_points_back(town: Town) -> None:
    town.rules(RULES)
    ana = starred(town, 2)
    town.consent(ana)
    with town.refuses("wrong_cycle"):
        town.list_for_credit(ana, "2024")
    with town.refuses("wrong_cycle"):
        town.list_for_credit(ana, "2026")
    town.list_for_credit(ana)
    with town.refuses("already_listed"):
        town.list_for_credit(ana)
    town.clock.set("2025-12-31 23:59:59.999")
    with town.refuses("already_listed"):
        town.list_for_credit(ana)
    town.clock.ms += 1
    town.minutes_served(ana, 60, since="2022-01-03")
    town.do(AssessStars(volunteer=ana))
    entry = town.list_for_credit(ana, "2026")
    assert (entry.facts["points"], entry.facts["taken_back"]) == (3, 2)
    assert credit_points(town, ana) == 3


def test_half_years_are_cycles_where_policy_says_so(town: Town) -> None:
    """Huizhou lists every half-year (domain §5, S49)."""
    town.rules({**RULES, "credit.cycle": "half_year"})
    ana = starred(town)
    town.consent(ana)
    with town.refuses("wrong_cycle"):
        town.list_for_credit(ana, "2025")
    town.list_for_credit(ana, "2025-H1")
    town.clock.set("2025-07-01 00:00")
    town.list_for_credit(ana, "2025-H2")


def test_who_is_not_active_is_not_listed(town: Town) -> None:
    town.rules(RULES)
    ana = starred(town)
    town.consent(ana)
    town.suspend(ana)
    with town.refuses("party_not_active"):
        town.list_for_credit(ana)
    with town.refuses("unknown_party"):
        town.list_for_credit(town.new())
    town.dishonest(ana)
    town.becomes(f"volunteer:{ana}", "forgotten")
    with town.refuses("party_not_active"):
        town.dishonest(ana)


@pytest.mark.parametrize("change", ["left", "died", "forgotten"])
def test_who_is_gone_leaves_the_list_in_the_same_answer(town: Town, change: str) -> None:
    town.rules(RULES)
    ana = starred(town, 2)
    town.consent(ana)
    town.list_for_credit(ana)
    receipt = town.do(ChangeParty(party=f"volunteer:{ana}", change=change))
    assert [each.kind for each in receipt.entries] == [f"party_{change}", "credit_withdrawn"]
    assert receipt.entry.kind == f"party_{change}"
    withdrawn = receipt.entries[1].facts
    assert (withdrawn["cycle"], withdrawn["points"], withdrawn["ground"]) == ("2025", 2, "gone")
    assert (credit_points(town, ana), credit_of(town, ana)) == (0, ("", 0))
    assert published(town.book, "2025", limit=10) == ([], False)


def test_who_is_suspended_stays_on_the_list_and_leaves_it_when_they_go(town: Town) -> None:
    town.rules(RULES)
    ana = starred(town, 2)
    town.consent(ana)
    town.list_for_credit(ana)
    town.suspend(ana)
    assert len(published(town.book, "2025", limit=10)[0]) == 1
    town.becomes(f"volunteer:{ana}", "left")
    assert published(town.book, "2025", limit=10) == ([], False)
    assert len(town.do(ChangeParty(party=f"volunteer:{ana}", change="forgotten")).entries) == 1


@pytest.mark.parametrize("state", ["left", "deceased", "forgotten"])
def test_no_list_shows_who_is_gone_even_if_no_entry_took_them_off(
    ledger: Ledger, town: Town, state: str
) -> None:
    town.rules(RULES)
    ana = starred(town, 2)
    town.consent(ana)
    town.list_for_credit(ana)
    home = [f"organisation:{town.home}"]
    owner = tables.parties.c.address == f"volunteer:{ana}"
    engine = sa.create_engine(ledger.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert credit_lists.list_page(connection, "2025", after=0, limit=9)[0]
        connection.execute(sa.update(tables.parties).where(owner).values(state=state))
        assert credit_lists.list_page(connection, "2025", after=0, limit=9) == ([], False)
        assert credit_lists.credits_page(connection, after=0, limit=9, listed_below=home)[0] == []
        connection.rollback()


def test_points_without_any_are_a_place_all_the_same(town: Town) -> None:
    """A list that gives no points posts none, and takes none back."""
    town.rules({**RULES, "credit.points_by_star": [], "credit.measures_by_star": [0, 39]})
    ana = starred(town)
    town.consent(ana)
    entry = town.list_for_credit(ana)
    assert (entry.facts["measures"], list(entry.postings)) == (39, [])
    withdrawn = town.consent(ana, answer="withdrawn").entries[1]
    assert (withdrawn.facts["points"], list(withdrawn.postings)) == (0, [])


# Many at once, and in public ---------------------------------------------------------------------


def run(home: Path, *words: str) -> str:
    """What a command prints."""
    environment = {
        "SIDEREAL_HOME": str(home),
        "SIDEREAL_DATABASE_URL": "",
        "SIDEREAL_VAULT_URL": "",
    }
    result = CliRunner(env=environment).invoke(main, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_lists_everybody_who_agreed_and_is_eligible(tmp_path: Path) -> None:
    """Dry first, then for good, then again: the same people, once. Published without names."""
    home = tmp_path / "home"
    run(home, "init")
    book = open_ledger(Settings(home=home))
    clock = FakeClock(TODAY)
    clock.ms = book.clock.now_ms()
    town = Town(book, clock)
    town.rules(RULES)
    ana, bo, cy, unwilling = (starred(town, stars) for stars in (3, 5, 0, 2))
    for each in (ana, bo, cy):
        town.consent(each)
    before = town.size()
    cycle = running_cycle(book)
    book.close()

    dry = json.loads(run(home, "credits", "list", "--dry-run", "--json", "--cycle", cycle))
    done = json.loads(run(home, "credits", "list", "--json", "--cycle", cycle))
    again = json.loads(run(home, "credits", "list", "--json"))
    assert dry == done
    assert {one["volunteer"]: one["points"] for one in done["listed"]} == {ana: 3, bo: 5}
    assert done["not_listed"] == {"credit_stars_short": 1}
    assert (again["listed"], again["not_listed"]) == (
        [],
        {"already_listed": 2, "credit_stars_short": 1},
    )
    printed = run(home, "credits", "list", "--dry-run")
    assert f"0 would be on the list of {cycle}" in printed
    assert "not listed: 2 (already_listed)" in printed

    printed = run(home, "credits", "publish", "--cycle", cycle)
    assert printed.splitlines()[1:] == [
        "position  stars  points  measures",
        "       1      5       5         0",
        "       2      3       3         0",
    ]
    as_json = run(home, "credits", "publish", "--json")
    assert json.loads(as_json)["places"] == [
        {"position": 1, "star": 5, "points": 5, "measures": 0},
        {"position": 2, "star": 3, "points": 3, "measures": 0},
    ]
    for who in (ana, bo, cy, unwilling):
        assert who not in printed + as_json
    assert run(home, "credits", "publish", "--cycle", "1999").startswith("credit list 1999, 0 ")
    assert recheck(f"sqlite:///{home}/ledger.db").size == before + 2

    asked = ("--purpose", "credit_list", "--answer", "withdrawn")
    said = run(home, "consent", bo, *asked)
    assert [line.split()[0] for line in said.splitlines()] == [
        "consent_recorded",
        "credit_withdrawn",
    ]
    places = json.loads(run(home, "credits", "publish", "--json"))["places"]
    assert [place["points"] for place in places] == [3]
    given = (*asked[:3], "given")
    assert CliRunner().invoke(main, ("consent", bo, *given)).exit_code == 2


# Over HTTP ---------------------------------------------------------------------------------------


@pytest.fixture
def site(sqlite_site: Site) -> Site:
    """A served ledger under rules by which one hour is a star, and tills may see a masked name."""
    rules = {
        **RULES,
        "activity.publish_before_start": False,
        "credit.measures_by_star": [0, 75],
        "merchant.sees": ["masked_name"],
        "points.referral": 2,
    }
    sqlite_site.made(sqlite_site.operator, "/policies", {"toml": policy_toml(rules)})
    return sqlite_site


def refused(site: Site, code: str, status: int, token: str, path: str, body: Any = None) -> None:
    before = site.size()
    answer = site.post(token, path, body)
    assert (answer.status, answer.code) == (status, code), answer.text
    assert site.size() == before


def with_star(site: Site, cast: Cast) -> None:
    """Ana serves three hours, and has a star for it."""
    cast.served("2025-03-07 09:00", "12:00")
    site.book.record(AssessStars(volunteer=cast.ana), caller=CONSOLE, key=key())


def test_a_volunteer_answers_for_themselves_alone(site: Site, cast: Cast) -> None:
    mine = f"/volunteers/{cast.ana}/consents"
    body = {"purpose": "credit_list", "answer": "given"}
    made = site.made(cast.ana_token, mine, body)
    assert (made["kind"], made["answer"]) == ("consent_recorded", "given")
    refused(site, "consent_unchanged", 409, cast.ana_token, mine, body)
    other = site.volunteer(cast.home)
    refused(site, "unknown_party", 404, cast.ana_token, f"/volunteers/{other}/consents", body)
    refused(site, "consent_is_personal", 403, cast.host, mine, body)
    refused(site, "consent_is_personal", 403, site.operator, mine, body)
    (answer,) = site.get(cast.ana_token, mine)["data"]
    assert {name: answer[name] for name in ("purpose", "party", "answer")} == {**body, "party": ""}
    assert len(site.get(cast.host, mine)["data"]) == 1
    stranger = site.organisation_token(site.organisation())
    assert site.get(stranger, mine).status == 404
    assert site.get(site.volunteer_token(other), mine).status == 404


def test_a_place_is_seen_by_those_whose_business_it_is(site: Site, cast: Cast) -> None:
    """The published list has neither id nor name, nor does anybody need a token for it."""
    with_star(site, cast)
    site.made(
        cast.ana_token,
        f"/volunteers/{cast.ana}/consents",
        {"purpose": "credit_list", "answer": "given"},
    )
    made = site.made(site.operator, "/credits/listings", {"volunteer": cast.ana})
    assert {name: made[name] for name in ("cycle", "star", "points", "measures")} == {
        "cycle": "2025",
        "star": 3,
        "points": 3,
        "measures": 75,
    }
    refused(
        site, "already_listed", 409, site.operator, "/credits/listings", {"volunteer": cast.ana}
    )
    public = site.get("", "/credits/lists/2025")
    assert public.json == {
        "data": [{"position": 1, "star": 3, "points": 3, "measures": 75}],
        "has_more": False,
    }
    assert cast.ana not in public.text
    assert "张" not in public.text
    assert site.get("", "/credits/lists/2024").json == {"data": [], "has_more": False}
    for none in ("2025-H3", "25", "２０２５"):
        assert site.get("", f"/credits/lists/{none}").status == 404

    (own,) = site.get(cast.ana_token, "/credits")["data"]
    assert (own["cycle"], own["star"], own["service_minutes"]) == ("2025", 3, 180)
    assert own["dishonest"] is None
    (theirs,) = site.get(cast.host, "/credits")["data"]
    assert theirs == {name: own[name] for name in own if name not in ("dishonest", "repaired")}
    assert site.get(site.organisation_token(site.organisation()), "/credits")["data"] == []
    assert len(site.get(site.operator, "/credits")["data"]) == 1
    auditor = site.made(site.operator, "/auditors", {"name": "审计所"})["auditor"]
    token = site.token(f"auditor:{auditor}", "auditor")
    assert site.get(token, "/credits").code == "reason_missing"
    assert len(site.get(token, "/credits", Reason="complaint 17")["data"]) == 1

    path = f"/volunteers/{cast.ana}/dishonesty"
    found = site.made(site.operator, path, {"serious": True, "reason": "虚报时长"})
    assert (found["kind"], found["serious"], len(found["entries"])) == (
        "dishonesty_recorded",
        "yes",
        2,
    )
    assert site.get("", "/credits/lists/2025")["data"] == []
    assert site.get(cast.host, "/credits")["data"] == [], "who is off the list is nobody's business"
    (own,) = site.get(cast.ana_token, "/credits")["data"]
    assert (own["cycle"], own["points"]) == ("", 0)
    assert own["dishonest"] is not None
    site.made(site.operator, f"{path}/repair", {"reason": "已改正"})
    refused(site, "nothing_to_repair", 409, site.operator, f"{path}/repair", {"reason": "again"})
    refused(site, "role_not_allowed", 403, cast.host, path, {"serious": True, "reason": "x"})


@pytest.mark.parametrize("change", ["suspend", "leave"])
@pytest.mark.parametrize("by", ["operator", "organisation"])
def test_who_has_no_token_any_more_withdraws_through_others(
    site: Site, cast: Cast, change: str, by: str
) -> None:
    """Personal Information Protection Law, article 15: consent can be withdrawn at any time."""
    token = site.operator if by == "operator" else cast.host
    path = f"/volunteers/{cast.ana}/consents"
    given = {"purpose": "share_records", "answer": "given"}
    withdrawn = {"purpose": "share_records", "answer": "withdrawn"}
    site.made(cast.ana_token, path, given)
    site.made(site.operator, f"/parties/volunteer:{cast.ana}/{change}", {"reason": "x"})
    refused(site, "caller_not_active", 403, cast.ana_token, path, withdrawn)
    stranger = site.organisation_token(site.organisation())
    refused(site, "unknown_party", 404, stranger, path, withdrawn)
    refused(site, "consent_is_personal", 403, token, path, {**given, "purpose": "statement"})
    assert site.made(token, path, withdrawn)["answer"] == "withdrawn"
    site.made(token, path, {**withdrawn, "answer": "refused"})


def test_who_is_forgotten_is_on_no_list(site: Site, cast: Cast) -> None:
    """The answer quotes that they were forgotten; the listing ends in the entry beside it."""
    with_star(site, cast)
    agreed = {"purpose": "credit_list", "answer": "given"}
    site.made(cast.ana_token, f"/volunteers/{cast.ana}/consents", agreed)
    site.made(site.operator, "/credits/listings", {"volunteer": cast.ana})
    gone = site.made(cast.ana_token, f"/parties/volunteer:{cast.ana}/forget", {})
    assert (gone["kind"], len(gone["entries"])) == ("party_forgotten", 2)
    assert site.get("", "/credits/lists/2025")["data"] == []
    assert site.get(cast.host, "/credits")["data"] == []


def test_places_come_in_pages_by_position(site: Site, cast: Cast) -> None:
    for hours in (1, 3, 2):
        who = site.volunteer(cast.home)
        cast.served("2025-03-07 09:00", f"{9 + hours}:00", who=who)
        site.book.record(AssessStars(volunteer=who), caller=CONSOLE, key=key())
        site.made(
            site.volunteer_token(who),
            f"/volunteers/{who}/consents",
            {"purpose": "credit_list", "answer": "given"},
        )
        site.made(site.operator, "/credits/listings", {"volunteer": who, "cycle": "2025"})
    first = site.get("", "/credits/lists/2025?limit=2")
    second = site.get("", "/credits/lists/2025?limit=2&starting_after=2")
    assert [place["points"] for place in first["data"]] == [3, 2]
    assert first["has_more"]
    assert [(place["position"], place["points"]) for place in second["data"]] == [(3, 1)]
    assert not second["has_more"]
    assert site.get("", "/credits/lists/2025?starting_after=-1").status == 422


def test_without_consent_nothing_is_listed_over_http_either(site: Site, cast: Cast) -> None:
    """K18."""
    with_star(site, cast)
    refused(
        site, "consent_missing", 409, site.operator, "/credits/listings", {"volunteer": cast.ana}
    )
    bad = {"volunteer": cast.ana, "cycle": "now"}
    refused(site, "bad_value", 422, site.operator, "/credits/listings", bad)
    wrong = {"volunteer": cast.ana, "cycle": "2024-H1"}
    consents = f"/volunteers/{cast.ana}/consents"
    site.made(cast.ana_token, consents, {"purpose": "credit_list", "answer": "given"})
    refused(site, "wrong_cycle", 409, site.operator, "/credits/listings", wrong)


def test_an_organisation_says_who_was_brought_to_it(site: Site, cast: Cast) -> None:
    """It acts for the newcomer; who brought them may be another's."""
    newcomer = site.volunteer(cast.home)
    cast.served("2025-03-07 09:00", "10:00", who=newcomer)
    path = f"/volunteers/{cast.ana}/referrals"
    stranger = site.organisation_token(site.organisation())
    refused(site, "unknown_party", 404, stranger, path, {"referred": newcomer})
    made = site.made(cast.host, path, {"referred": newcomer})
    assert (made["volunteer"], made["referred"]) == (cast.ana, newcomer)
    refused(site, "already_referred", 409, cast.host, path, {"referred": newcomer})
    standing = site.get(cast.ana_token, f"/volunteers/{cast.ana}/standing")
    assert standing["points_hundredths"] == 200


def test_a_capture_is_undone_by_its_merchant_or_the_operator(site: Site, cast: Cast) -> None:
    cast.served("2025-03-07 09:00", "14:00")
    till, other = site.till(), site.till()
    reward = site.reward(till)

    def captured() -> str:
        site.clock.forward(minutes=1)
        reserved = site.made(cast.ana_token, "/redemptions", {"reward": reward})
        site.made(till.token, "/redemptions/capture", {"code": reserved["code"]})
        return str(reserved["redemption"])

    first, second = captured(), captured()
    body = {"ground": "cannot_supply"}
    refused(site, "unknown_redemption", 404, other.token, f"/redemptions/{first}/void", body)
    refused(site, "role_not_allowed", 403, cast.ana_token, f"/redemptions/{first}/void", body)
    mistake = {"ground": "mistake"}
    refused(site, "not_reversible", 409, till.token, f"/redemptions/{first}/void", mistake)
    made = site.made(till.token, f"/redemptions/{first}/void", body)
    assert (made["kind"], made["redemption"]) == ("redemption_voided", first)
    assert "volunteer" not in made
    site.made(site.operator, f"/redemptions/{second}/void", {"ground": "system_fault"})
    refused(site, "redemption_state_conflict", 409, till.token, f"/redemptions/{second}/void", body)
    voided = site.get(cast.ana_token, "/redemptions?state=voided")["data"]
    assert {each["redemption"] for each in voided} == {first, second}


def test_a_till_sees_a_masked_name_only_with_consent(site: Site, cast: Cast) -> None:
    """K11: nothing without separate consent; with it 张*, and the look is in the access log."""
    cast.served("2025-03-07 09:00", "14:00")
    till, other = site.till(), site.till()
    reserved = site.made(cast.ana_token, "/redemptions", {"reward": site.reward(till)})
    shop = f"merchant:{till.merchant}"

    def answers(answer: str, party: str = "") -> None:
        body = {"purpose": "merchant_display", "answer": answer} | (
            {"party": party} if party else {}
        )
        site.made(cast.ana_token, f"/volunteers/{cast.ana}/consents", body)

    def seen() -> Any:
        shown = site.post(till.token, "/redemptions/verify", {"code": reserved["code"]}, key="")
        assert shown.status == 200, shown.text
        assert cast.ana not in shown.text
        return shown.json.get("holder")

    def looks() -> int:
        return len(
            [row for row in site.book.vault.store.access_rows(0) if row[4] == "merchant_display"]
        )

    assert (seen(), looks()) == (None, 0)
    answers("given", f"merchant:{other.merchant}")
    assert (seen(), looks()) == (None, 0)
    answers("given")
    assert (seen(), looks()) == ("张*", 1)
    answers("refused", shop)
    assert (seen(), looks()) == (None, 1)
    answers("given", shop)
    answers("withdrawn")
    assert (seen(), looks()) == ("张*", 2)
    site.made(site.operator, "/policies", {"toml": policy_toml({})})
    assert (seen(), looks()) == (None, 2), "by default a till sees code, item and quantity (P57)"


def test_a_discount_says_what_each_star_pays(site: Site) -> None:
    till = site.till()
    gift = site.reward(till)
    ticket = site.reward(till, form="discount")
    assert "star_prices" not in site.get("", f"/rewards/{ticket}").json
    site.made(site.operator, "/policies", {"toml": shipped("guangxi").decode()})
    assert site.get("", f"/rewards/{ticket}")["star_prices"] == [90, 80, 70, 60, 50]
    assert "star_prices" not in site.get("", f"/rewards/{gift}").json


# What an auditor makes of it ---------------------------------------------------------------------


def test_the_verifier_allows_every_turn_of_it(ledger: Ledger, town: Town, tmp_path: Path) -> None:
    """Consent, listing in two cycles, dishonesty, referral, discounts, and voids that repay, lapse
    and bring hours back: writer and verifier agree."""
    town.rules(
        {
            **RULES,
            "points.referral": 2,
            "points.validity_months": 1,
            "redeem.reduces_service_hours": True,
            "courtesy.price_percent": [90, 80, 70],
        }
    )
    ana, newcomer = starred(town, 3), starred(town, 1)
    town.refer(ana, newcomer)
    till = town.till()
    ticket = town.reward(till, form="discount")
    lapsing = town.reserve(ana, ticket, 2)
    town.capture(lapsing, till, quantity=1)
    town.saved(ana, 120, since="2022-01-03")
    orders = [town.reserve(ana, town.service_order(till)) for _ in range(2)]
    for each in orders:
        town.clock.forward(minutes=1)
        town.capture(each, till)
    town.void(orders[0], till)
    town.consent(ana, "merchant_display", party=f"merchant:{till.merchant}")
    for who in (ana, newcomer):
        town.consent(who)
        town.list_for_credit(who)
    town.clock.set("2026-01-01 09:00")
    town.void(lapsing, till)
    town.list_for_credit(ana, "2026")
    town.dishonest(ana)
    town.repair(ana)
    town.consent(newcomer, answer="withdrawn")
    assert town.balance("lapsed", "POINT") == 70
    town.book.signer.sign()
    export_bundle(town.book, tmp_path / "bundle", at=ledger.clock.now_ms())
    verdict = verify(tmp_path / "bundle", parse_key(town.book.keys.log.vkey))
    assert verdict.reason.startswith("Every check passed"), verdict
    assert verdict.exit_code == 0
