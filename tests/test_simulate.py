"""What a draft would have changed, told by numbers that can be checked mentally."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ledger.actions.parties import RegisterVolunteer
from ledger.book import Book
from ledger.errors import Refused
from ledger.founding import found
from ledger.policies import shipped
from ledger.policy import Policy, read_policy
from ledger.simulation import FIGURES, Change, Outcome, simulate
from tests.kit import Ledger, Town
from tests.replaying import entries_of

PER_HOUR = ("per_hour = { value = 1,", "per_hour = { value = 2,")
LOW_THRESHOLDS = (
    "thresholds_h = { value = [100, 300, 600, 1000, 1500],",
    "thresholds_h = { value = [2, 4, 600, 1000, 1500],",
)
SHORT_DAY = ("day_auto_limit = { value = 480,", "day_auto_limit = { value = 120,")


def draft(*changes: tuple[str, str]) -> Policy:
    """`cn-default` with some of its text replaced, under another name."""
    toml = shipped("cn-default").decode().replace('id = "cn-default"', 'id = "draft"')
    for old, new in changes:
        assert old in toml, f"cn-default has no {old!r}"
        toml = toml.replace(old, new)
    return read_policy(toml.encode()).policy


def simulated(book: Book, *changes: tuple[str, str], since: str = "") -> Outcome:
    begins = date.fromisoformat(since) if since else None
    return simulate(entries_of(book.database), draft(*changes), since=begins)


def moved(outcome: Outcome) -> dict[str, tuple[int, int, int, int]]:
    """(people gaining, gained, people losing, lost) by figure."""
    return {
        name: (found.gaining, found.gained, found.losing, found.lost)
        for name, found in outcome.changes.items()
    }


def test_an_identical_draft_changes_nothing(book: Book, town: Town, ana: str, bo: str) -> None:
    """Earn, hold, confirm, save, spend, reverse, correct: the same rules give the same."""
    till = town.till()
    first = town.served(ana, "2024-03-04 09:00", "12:00")
    late = town.served(ana, "2024-03-05 09:00", "18:00")
    town.confirm(late.id)
    town.deposit(ana, first.id, 120)
    town.give(ana, bo, 30)
    coffee = town.reward(till)
    town.capture(town.reserve(ana, coffee, 3), till, 1)
    town.release(town.reserve(ana, coffee), ana)
    town.correct(late.id, town.session(ana, "2024-03-05 09:00", "17:00"))
    town.reverse(first.id)
    held = town.served(bo, "2024-03-06 08:00", "22:00")
    town.refuse(held.id)

    outcome = simulated(book)

    assert not outcome.differs
    assert (outcome.volunteers, outcome.assumed, outcome.set_aside) == (2, 0, 0)
    assert outcome.by_tier == {}
    assert outcome.entries == town.size()


def test_twice_the_points_an_hour_doubles_them(book: Book, town: Town, ana: str, bo: str) -> None:
    town.served(ana, "2024-03-04 09:00", "12:00")
    town.served(bo, "2024-03-04 09:00", "10:00")

    outcome = simulated(book, PER_HOUR)

    assert moved(outcome) == {
        "points_earned_hundredths": (2, 400, 0, 0),
        "points_hundredths": (2, 400, 0, 0),
    }
    assert outcome.refused == outcome.held == outcome.let_through == {}


def test_a_lower_day_limit_moves_minutes_to_review(book: Book, town: Town, ana: str) -> None:
    """Two hours are within the limit; one minute more is held, and nobody has reviewed it."""
    town.served(ana, "2024-03-04 09:00", "11:00")
    town.served(ana, "2024-03-05 09:00", "11:01")

    outcome = simulated(book, SHORT_DAY)

    assert outcome.held == {"day_over_8h": 1}
    assert moved(outcome)["service_minutes"] == (0, 0, 1, 121)
    assert moved(outcome)["points_hundredths"] == (0, 0, 1, 201)


def test_what_is_held_no_longer_counts_at_once(book: Book, town: Town, ana: str) -> None:
    """A higher limit lets a session through; its confirmation finds nothing to confirm."""
    town.confirm(town.served(ana, "2024-03-04 08:00", "17:00").id)
    town.served(ana, "2024-03-05 08:00", "17:00")

    outcome = simulated(
        book, ("day_auto_limit = { value = 480,", "day_auto_limit = { value = 600,")
    )

    assert outcome.let_through == {"day_over_8h": 2}
    assert moved(outcome)["service_minutes"] == (1, 540, 0, 0)
    assert (outcome.set_aside, outcome.refused) == (1, {})


def test_lower_thresholds_make_eligible(book: Book, town: Town, ana: str, bo: str) -> None:
    """Two hours reach the first star, one minute less does not; stars are granted, not computed."""
    town.served(ana, "2024-03-04 09:00", "11:00")
    town.served(bo, "2024-03-04 09:00", "10:59")

    outcome = simulated(book, LOW_THRESHOLDS)

    assert moved(outcome) == {"eligible_star": (1, 1, 0, 0)}
    assert outcome.eligible_stars == {(0, 1): 1, (0, 0): 1}
    assert outcome.held_stars == {(0, 0): 2}


def test_a_policy_that_grants_by_itself_would_have_granted(
    book: Book, town: Town, ana: str
) -> None:
    town.served(ana, "2024-03-04 09:00", "13:00")

    automatic = ('mode = { value = "application",', 'mode = { value = "automatic",')
    outcome = simulated(book, LOW_THRESHOLDS, automatic)

    assert outcome.held_stars == {(0, 2): 1}
    assert moved(outcome)["held_star"] == (1, 2, 0, 0)


def test_nobody_applies_for_a_star_that_they_hold(book: Book, town: Town, ana: str) -> None:
    """A reversal took the star; under the draft it never did, and there is nothing to apply for."""
    served = town.minutes_served(ana, 6000)
    town.starred(ana, 1)
    town.reverse(served[-1].id)
    town.decide_downgrade(served[-1].id, confirmed=True)
    town.minutes_served(ana, 480, since="2023-01-04")
    town.starred(ana, 1)

    outcome = simulated(book, LOW_THRESHOLDS)

    assert outcome.refused == {}
    # The downgrade, and what came of the second application: made, noticed, granted.
    assert outcome.set_aside == 4
    assert outcome.held_stars == {(1, 1): 1}


def test_since_leaves_earlier_service_alone(book: Book, town: Town, ana: str) -> None:
    """Service goes by the day of its activity: the day itself is in, the day before is not."""
    town.served(ana, "2024-03-04 09:00", "10:00")
    town.served(ana, "2024-03-05 09:00", "10:00")

    assert simulated(book, PER_HOUR).changes["points_hundredths"].gained == 200
    assert simulated(book, PER_HOUR, since="2024-03-05").changes["points_hundredths"].gained == 100
    assert not simulated(book, PER_HOUR, since="2024-03-06").differs


def test_a_draft_of_next_year_can_be_tried_on_this_one(book: Book, town: Town, ana: str) -> None:
    town.served(ana, "2024-03-04 09:00", "10:00")
    later = ("effective_from = 2000-01-01", "effective_from = 2031-01-01")

    assert not simulated(book, PER_HOUR, later).differs
    assert simulated(book, PER_HOUR, later, since="2024-01-01").differs


def test_a_draft_that_ends_before_it_begins_is_refused(book: Book) -> None:
    ended = (
        "effective_from = 2000-01-01",
        "effective_from = 2000-01-01\neffective_to = 2023-12-31",
    )

    with pytest.raises(Refused) as caught:
        simulated(book, ended, since="2024-01-01")

    assert caught.value.code == "bad_time"


def test_what_other_rules_decided_is_not_tried(book: Book, ana: str) -> None:
    entries = entries_of(book.database)
    last = entries[-1]
    assert last.facts["volunteer"] == ana

    with pytest.raises(Refused) as caught:
        simulate([*entries[:-1], last._replace(rules=2)], draft())

    assert (caught.value.code, caught.value.facts) == ("not_replayable", {"entry": last.index})


def test_what_was_never_earned_cannot_be_spent(book: Book, town: Town, ana: str) -> None:
    """Half the points: the voucher is refused, and its capture is nobody's request any more."""
    town.served(ana, "2024-03-04 09:00", "12:00")
    till = town.till()
    town.capture(town.reserve(ana, town.reward(till), 3), till)

    outcome = simulated(book, ("per_hour = { value = 1,", "per_hour = { value = 0.5,"))

    assert outcome.refused == {"insufficient_points": 1}
    assert outcome.set_aside == 1
    # 1.5 points are kept where 3 were spent.
    assert moved(outcome) == {
        "points_earned_hundredths": (0, 0, 1, 150),
        "points_hundredths": (1, 150, 0, 0),
    }


def test_a_whole_record_is_saved_whole(book: Book, town: Town, ana: str) -> None:
    """Fifty minutes count as sixty under the draft, and all of them would have been saved."""
    town.deposit(ana, town.served(ana, "2024-03-04 09:00", "09:50").id, 50)
    town.deposit(ana, town.served(ana, "2024-03-05 09:00", "09:50").id, 20)

    outcome = simulated(book, ('rounding = { value = "none",', 'rounding = { value = "ceil_30",'))

    assert moved(outcome)["service_minutes"] == (1, 20, 0, 0)
    assert moved(outcome)["time_minutes"] == (1, 10, 0, 0)


def test_another_age_is_taken_to_be_reached(book: Book, town: Town, ana: str) -> None:
    """The door attested 18; what it would have said of 16 nobody knows, and the count says so."""
    town.deposit(ana, town.served(ana, "2024-03-04 09:00", "10:00").id, 60)

    outcome = simulated(
        book, ("depositor_min_age = { value = 18,", "depositor_min_age = { value = 16,")
    )

    assert outcome.assumed == 1
    assert not outcome.differs


def test_a_listing_is_for_the_cycle_that_runs(book: Book, town: Town, ana: str) -> None:
    """A list for half-years instead of years: nobody is refused for naming the year."""
    town.minutes_served(ana, 6000)
    town.starred(ana, 1)
    town.consent(ana)
    town.clock.set("2028-06-02 09:00")
    town.list_for_credit(ana, "2028")

    outcome = simulated(book, ('cycle = { value = "year",', 'cycle = { value = "half_year",'))

    assert not outcome.differs


def test_whom_a_refused_session_brought_along_is_there(book: Book, town: Town) -> None:
    """The first row of an import registers its volunteer; refused, the second still counts."""
    who = town.new()
    town.do(
        town.session(
            who,
            "2024-03-04 09:00",
            "13:00",
            introduces=(RegisterVolunteer(volunteer=who, organisation=town.home),),
        )
    )
    town.served(who, "2024-03-05 09:00", "10:00")

    outcome = simulated(book, ("session_max = { value = 1440,", "session_max = { value = 120,"))

    assert outcome.refused == {"session_too_long": 1}
    assert moved(outcome)["service_minutes"] == (0, 0, 1, 240)


def test_tiers_are_those_of_the_home_organisation(book: Book, town: Town, ana: str) -> None:
    county = town.organisation(tier="county")
    served = town.volunteer(organisation=county)
    for who in (ana, served):
        town.served(who, "2024-03-04 09:00", "10:00")

    outcome = simulated(book, PER_HOUR)

    assert outcome.by_tier["county"]["points_hundredths"] == Change(gaining=1, gained=100)
    assert outcome.by_tier["none"]["points_hundredths"] == Change(gaining=1, gained=100)


def test_a_draft_for_one_organisation_touches_nobody_elses(
    book: Book, town: Town, ana: str
) -> None:
    county = town.organisation(tier="county")
    theirs = town.new_activity(organisation=county)
    town.served(ana, "2024-03-04 09:00", "10:00", organisation=county, activity=theirs)
    town.served(ana, "2024-03-05 09:00", "11:00")
    scope = ('region = "CN"', f'region = "CN"\norganisation = "{county}"')

    outcome = simulated(book, PER_HOUR, scope)

    assert moved(outcome)["points_earned_hundredths"] == (1, 100, 0, 0)


def test_an_answer_cut_in_two_is_refused(book: Book, town: Town, ana: str) -> None:
    """Half an answer cannot be decided again: whoever passes it on is told, not shown a trace."""
    town.correct(
        town.served(ana, "2024-03-04 09:00", "11:00").id,
        town.session(ana, "2024-03-04 09:00", "10:00"),
    )
    entries = entries_of(book.database)

    with pytest.raises(Refused) as caught:
        simulate(entries[:-1], draft())

    assert caught.value.code == "not_replayable"


def test_what_is_adopted_meanwhile_does_not_displace_the_draft(
    book: Book, town: Town, ana: str
) -> None:
    """The draft counts as adopted last of all, whatever history adopted after its first day."""
    town.served(ana, "2024-03-04 09:00", "10:00")
    town.adopt(("per_hour = { value = 1,", "per_hour = { value = 5,"))
    town.served(ana, "2024-03-05 09:00", "10:00")

    outcome = simulated(book, PER_HOUR)

    # 1 and 5 points were earned, 2 and 2 would have been.
    assert moved(outcome)["points_earned_hundredths"] == (0, 0, 1, 200)


def test_overdue_vouchers_give_back_in_both_histories(
    ledger: Ledger, book: Book, town: Town, ana: str
) -> None:
    """No timer came by; a draft must not look generous because of that."""
    town.served(ana, "2024-03-04 09:00", "12:00")
    coffee = town.reward(town.till())
    town.reserve(ana, coffee, 2)
    ledger.clock.forward(days=60)
    town.volunteer()

    assert not simulated(book).differs


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with one volunteer who served three hours in 2024."""
    home = tmp_path_factory.mktemp("simulated") / "home"
    book = found(
        home, database_url=f"sqlite:///{home}/ledger.db", vault_url=f"sqlite:///{home}/vault.db"
    )
    town = Town(book, book.clock)  # type: ignore[arg-type]  # nobody moves this clock
    town.served(town.volunteer(), "2024-03-04 09:00", "12:00")
    book.close()
    return home


class TestTheCommand:
    """`sidereal policy simulate` prints it, and writes nothing."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "draft.toml"
        path.write_text(shipped("cn-default").decode().replace(*PER_HOUR), encoding="utf-8")
        return path

    def run(self, home: Path, *words: str) -> tuple[int, str, str]:
        from click.testing import CliRunner

        from api.cli import main

        environment = {
            "SIDEREAL_HOME": str(home),
            "SIDEREAL_DATABASE_URL": "",
            "SIDEREAL_VAULT_URL": "",
        }
        result = CliRunner(env=environment).invoke(main, ["policy", "simulate", *words])
        return result.exit_code, result.stdout, result.stderr

    def test_it_says_who_gains_and_what_nobody_can_know(self, home: Path, file: Path) -> None:
        before = (home / "ledger.db").read_bytes()
        code, said, _ = self.run(home, str(file))

        assert code == 0
        assert "cn-default version 3, as if in force from 2000-01-01, on " in said
        (line,) = [each for each in said.splitlines() if "points to spend" in each][:1]
        assert line.split() == ["points", "to", "spend", "1", "3", "0", "0"]
        assert "what cannot be known:" in said
        assert (home / "ledger.db").read_bytes() == before

    def test_the_json_has_every_figure(self, home: Path, file: Path) -> None:
        code, said, _ = self.run(home, str(file), "--json", "--since", "2024-03-04")

        told = json.loads(said)
        assert code == 0
        assert set(told["changes"]) == set(FIGURES)
        assert told["changes"]["points_hundredths"] == {
            "gaining": 1,
            "gained": 300,
            "losing": 0,
            "lost": 0,
        }
        assert told["differs"]
        assert (told["in_force_from"], told["refused"]) == ("2024-03-04", {})

    def test_a_day_beyond_history_says_so(self, home: Path, file: Path) -> None:
        code, said, _ = self.run(home, str(file), "--since", "2050-01-01")

        assert code == 0
        assert "give an earlier day by --since" in said
        assert "nothing changes for any of 1 volunteers" in said
