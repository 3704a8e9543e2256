"""The credit list: consent, who is eligible, one cycle at a time, dishonesty, and publication
without names (domain §5, §10 P58–P60)."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api.cli import main
from ledger.actions import AssessStars, ListForCredit, RecordConsent
from ledger.errors import Refused
from tests.api_client import Cast, Site
from tests.kit import DAY_MS, TODAY, FakeClock, Ledger, Town, policy_toml, scenario
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
        town.served(
            who, "2025-03-06 08:00", "16:00", evidence="backfill", deducted=480 - backfill
        )
    return who


def credit_points(town: Town, who: str) -> int:
    return town.balance(f"volunteer:{who}:credit", "CREDIT")


def credit_of(town: Town, who: str) -> tuple[str, int]:
    """(cycle, points) of the place they have now."""
    with town.book.database.reading() as connection:
        from ledger.store.projections import standing_from

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
  repaired-and-restored | yes      | 2027-06-01 | 2027-06-01 |
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
            "credit.measures_by_star": [48, 75, 75, 75, 75, 83],
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


def test_points_without_any_are_a_place_all_the_same(town: Town) -> None:
    """A list that gives no points posts none, and takes none back."""
    town.rules({**RULES, "credit.points_by_star": [], "credit.measures_by_star": [1, 39]})
    ana = starred(town)
    town.consent(ana)
    entry = town.list_for_credit(ana)
    assert (entry.facts["measures"], list(entry.postings)) == (39, [])
    withdrawn = town.consent(ana, answer="withdrawn").entries[1]
    assert (withdrawn.facts["points"], list(withdrawn.postings)) == (0, [])


# Many at once, and in public ---------------------------------------------------------------------


def run(ledger: Ledger, *arguments: str) -> Any:
    environment = {
        "SIDEREAL_HOME": str(ledger.home),
        "SIDEREAL_DATABASE_URL": ledger.database_url,
        "SIDEREAL_VAULT_URL": ledger.vault_url,
    }
    result = CliRunner().invoke(main, list(arguments), env=environment)
    assert result.exit_code == 0, result.output
    return result


def test_the_command_lists_everybody_who_agreed_and_is_eligible(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dry first, then for good, then again: the same people, once. Published without names."""
    from ledger.clock import SystemClock

    monkeypatch.setattr(SystemClock, "now_ms", lambda _: town.clock.ms)
    town.rules(RULES)
    ana, bo, cy = starred(town, 3), starred(town, 5), starred(town, 0)
    unwilling = starred(town, 2)
    for each in (ana, bo, cy):
        town.consent(each)
    would = town.book.would_mean([ListForCredit(volunteer=each, cycle="2025") for each in (ana, cy)])
    assert not isinstance(would[0], Refused)
    assert would[0][0].facts["points"] == 3
    assert isinstance(would[1], Refused)
    before = town.size()
    assert would == town.book.would_mean(
        [ListForCredit(volunteer=each, cycle="2025") for each in (ana, cy)]
    ) or town.size() == before
    assert credit_of(town, unwilling) == ("", 0)


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:
    """A served ledger under rules by which one hour is a star."""
    home = tmp_path / "home"
    shutil.copytree(sqlite_template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(TODAY))
    made = Site(ledger.open(), ledger.clock)
    made.made(made.operator, "/policies", {"toml": policy_toml(RULES)})
    yield made
    ledger.close()
    recheck(ledger.database_url)


def test_placeholder() -> None:
    _ = (json, re, DAY_MS, Cast, run)
