"""What the ledger does by itself, with a clock that a test moves."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from api import timers
from api.checking import TASK, Checker, by_the_week, is_due
from api.comparing import Child
from api.timers import Task, Timers
from ledger import account
from ledger.actions.parties import ChangeParty, RegisterOrganisation
from ledger.book import Book
from ledger.errors import Refused
from ledger.standing import DAY_MS, china_time
from ledger.store import runs
from ledger.store.rebuilding import rebuild
from tests.kit import Ledger, Town, at


class Said:
    """A log that remembers."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def info(self, event: str, **facts: Any) -> None:
        self.lines.append(("info", event, facts))

    def warning(self, event: str, **facts: Any) -> None:
        self.lines.append(("warning", event, facts))

    def error(self, event: str, **facts: Any) -> None:
        self.lines.append(("error", event, facts))


@pytest.fixture(autouse=True)
def one_clock(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database server's clock agrees with the one of the test."""
    now_ms = "ledger.store.database.Database.now_ms"
    monkeypatch.setattr(now_ms, lambda _self: ledger.clock.now_ms())


def signed(book: Book) -> int:
    return book.checkpoint()[0].size


# Checkpoints ------------------------------------------------------------------------------------


def test_a_head_that_moved_is_signed_and_one_that_rests_is_not(book: Book, town: Town) -> None:
    assert timers.sign_moved_head(book) == {"size": town.size()}
    assert timers.sign_moved_head(book) == {}
    town.volunteer()
    assert timers.sign_moved_head(book) == {"size": town.size()}
    assert signed(book) == town.size()


def test_of_two_processes_one_signs_until_its_lease_is_over(
    ledger: Ledger, book: Book, town: Town
) -> None:
    other = ledger.open()
    timers.sign_moved_head(book)
    town.volunteer()
    assert timers.sign_moved_head(other) == {}
    ledger.clock.forward(seconds=61)
    assert timers.sign_moved_head(other) == {"size": town.size()}


# Reservations and points ------------------------------------------------------------------------


def test_a_reservation_expires_at_its_time_and_not_before(
    ledger: Ledger, book: Book, town: Town, ana: str
) -> None:
    till = town.till()
    reward = town.reward(till)
    town.minutes_served(ana, 60, since="2025-03-03")
    redemption = town.reserve(ana, reward)
    assert town.points(ana) == 0

    ledger.clock.ms = town.redemption(redemption).expires - 1
    assert timers.expire(book, ledger.clock.now_ms()) == {}
    ledger.clock.ms += 1
    found = timers.expire(book, ledger.clock.now_ms())

    assert found == {"redemptions_expired": 1, "orders_expired": 0, "volunteers_lapsed": 0}
    assert town.redemption(redemption).state == "expired"
    assert town.points(ana) == 100


def test_points_lapse_on_the_day_after_their_last_and_only_once(
    ledger: Ledger, book: Book, town: Town, ana: str
) -> None:
    town.minutes_served(ana, 60, since="2025-03-03")
    ((last_day, hundredths),) = town.vintages(ana).items()
    assert (last_day, hundredths) == ("2028-03-31", 100)

    ledger.clock.set("2028-03-31 23:59")
    assert timers.expire(book, ledger.clock.now_ms()) == {}
    ledger.clock.set("2028-04-01 00:00")
    found = timers.expire(book, ledger.clock.now_ms())

    assert found == {"redemptions_expired": 0, "orders_expired": 0, "volunteers_lapsed": 1}
    assert town.vintages(ana) == {}
    assert town.balance(account.LAPSED, account.POINT) == 100
    assert timers.expire(book, ledger.clock.now_ms()) == {}


def test_more_reservations_than_a_turn_takes_all_expire(
    ledger: Ledger, book: Book, town: Town, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "ASKS_A_TURN", 2)
    till = town.till()
    reward = town.reward(till)
    town.minutes_served(ana, 300, since="2025-03-03")
    for _ in range(5):
        town.reserve(ana, reward)
    ledger.clock.forward(minutes=31)
    assert timers.expire(book, ledger.clock.now_ms())["redemptions_expired"] == 5


def test_nothing_lapses_by_a_clock_that_is_behind_the_last_entry(
    ledger: Ledger, book: Book, town: Town, ana: str
) -> None:
    till = town.till()
    town.minutes_served(ana, 60, since="2025-03-03")
    town.reserve(ana, town.reward(till))
    with town.refuses("clock_unsure"):
        timers.expire(book, ledger.clock.now_ms() - 1)


def test_nothing_lapses_by_a_clock_that_the_database_contradicts(
    ledger: Ledger, book: Book, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = ledger.clock.now_ms()
    monkeypatch.setattr("ledger.store.database.Database.now_ms", lambda _self: now + 5_001)
    with town.refuses("clock_unsure"):
        timers.expire(book, now)
    monkeypatch.setattr("ledger.store.database.Database.now_ms", lambda _self: now + 5_000)
    assert timers.expire(book, now) == {}


def test_a_ledger_that_rested_for_a_month_expires_without_being_asked(
    ledger: Ledger, book: Book, town: Town, ana: str
) -> None:
    town.minutes_served(ana, 60, since="2025-03-03")
    town.reserve(ana, town.reward(town.till()))
    ledger.clock.forward(days=30)
    assert timers.expire(book, ledger.clock.now_ms())["redemptions_expired"] == 1


# The access log ---------------------------------------------------------------------------------


def read_somebody(ledger: Ledger, book: Book) -> None:
    book.vault.read(
        book.new_id(), ["name"], by="console", purpose="operation", at=ledger.clock.now_ms()
    )


def test_reads_of_personal_data_are_committed_to_and_only_new_ones(
    ledger: Ledger, book: Book
) -> None:
    assert timers.commit_access_log(book) == {}
    read_somebody(ledger, book)
    read_somebody(ledger, book)
    assert timers.commit_access_log(book)["rows"] == 2
    assert timers.commit_access_log(book) == {}
    read_somebody(ledger, book)
    entry = book.entry(timers.commit_access_log(book)["entry"])
    assert (entry.kind, entry.facts["count"]) == ("access_committed", 1)
    assert entry.facts["last"] == 3


def test_another_process_goes_on_where_the_first_one_committed(ledger: Ledger, book: Book) -> None:
    read_somebody(ledger, book)
    timers.commit_access_log(book)
    assert timers.commit_access_log(ledger.open()) == {}


# The sweep --------------------------------------------------------------------------------------


def test_a_sound_ledger_has_no_wrong_account(
    ledger: Ledger, book: Book, town: Town, ana: str
) -> None:
    town.minutes_served(ana, 90, since="2025-03-03")
    found = timers.sweep(book, ledger.clock.now_ms())
    assert "wrong" not in found
    assert found["entries"] == town.size()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE balances SET amount = amount + 1 WHERE purse = 'service:check_in'",
        "DELETE FROM balances WHERE purse = 'service:check_in'",
    ],
)
def test_a_balance_that_its_postings_do_not_say_is_told(
    ledger: Ledger, book: Book, town: Town, ana: str, statement: str
) -> None:
    town.minutes_served(ana, 90, since="2025-03-03")
    ledger.tampered = True
    with book.database.writing() as connection:
        connection.execute(sa.text(statement))

    said = Said()
    sweep = Task(name="sweep", every_seconds=1, run=lambda now: timers.sweep(book, now))
    assert Timers(book, [sweep], log=said).run_once(sweep)

    ((level, _, facts),) = said.lines
    assert level == "error"
    assert facts["wrong"] == [f"volunteer:{ana}:service:check_in SERVICE"]


def test_what_no_entry_named_for_a_day_is_forgotten_and_nothing_else(
    ledger: Ledger, book: Book, town: Town
) -> None:
    now = ledger.clock.now_ms()
    with book.vault.claims(persist=True, at=now) as claims:
        kept, orphan = (
            each.id for each in claims.others("organisation", [("a", {"name": "甲"}), ("b", {})])
        )
    town.do(RegisterOrganisation(organisation=kept))
    reason = book.vault.seal_text({"reason": "搬家"}, at=now)
    loose = book.vault.seal_text({"reason": "无人提及"}, at=now)
    town.do(ChangeParty(party=f"organisation:{kept}", change="suspended", reason=reason))

    ledger.clock.forward(days=1)
    early = timers.sweep(book, ledger.clock.now_ms())
    assert (early["orphans"], early["orphaned_texts"]) == (0, 0)
    ledger.clock.forward(seconds=1)
    found = timers.sweep(book, ledger.clock.now_ms())

    assert (found["orphans"], found["orphaned_texts"]) == (1, 1)
    assert book.vault.find("organisation", "organisation_code", "a") == [kept]
    assert book.vault.find("organisation", "organisation_code", "b") == []
    assert book.vault.open_text(reason) == {"reason": "搬家"}
    assert book.vault.open_text(loose) == {}
    assert orphan != kept


# The timers themselves --------------------------------------------------------------------------


def test_a_task_that_fails_is_told_and_tried_again(book: Book) -> None:
    turns = 0
    twice = threading.Event()

    def run(_now: int) -> dict[str, int]:
        nonlocal turns
        turns += 1
        if turns == 1:
            raise OSError("the disk went away")
        if turns == 2:
            raise Refused("clock_unsure", "set it right")
        twice.set()
        return {"turn": turns}

    said = Said()
    running = Timers(book, [Task(name="try", every_seconds=0.001, run=run)], log=said)
    running.start()
    assert twice.wait(30)
    running.stop()

    events = [(level, event) for level, event, _ in said.lines[:3]]
    assert events[:2] == [("error", "timer_failed"), ("warning", "timer_refused")]
    assert isinstance(said.lines[0][2]["exc_info"], OSError)
    assert said.lines[1][2]["code"] == "clock_unsure"


def test_after_stop_nothing_runs_any_more(book: Book) -> None:
    turns: list[int] = []
    begun = threading.Event()

    def run(now: int) -> dict[str, int]:
        turns.append(now)
        begun.set()
        return {}

    running = Timers(book, [Task(name="count", every_seconds=0.001, run=run)], log=Said())
    running.start()
    assert begun.wait(30)
    running.stop()
    so_far = len(turns)
    assert not [each for each in threading.enumerate() if each.name == "sidereal-count"]
    assert len(turns) == so_far


def test_a_start_repeats_what_was_forgotten(ledger: Ledger, book: Book, town: Town) -> None:
    with book.vault.claims(persist=True, at=ledger.clock.now_ms()) as claims:
        (claimed,) = claims.others("organisation", [("c", {"name": "丙"})])
    town.do(RegisterOrganisation(organisation=claimed.id))
    town.do(ChangeParty(party=f"organisation:{claimed.id}", change="forgotten"))
    assert book.vault.find("organisation", "organisation_code", "c")

    # A crash, or a backup of the vault, has left what the entry said to forget.
    said = Said()
    running = Timers(book, [], log=said)
    running.start()
    running.stop()

    assert book.vault.find("organisation", "organisation_code", "c") == []
    assert said.lines == [("info", "timer_done", {"task": "forget_again", "forgotten_again": 1})]


def test_a_serving_ledger_has_six_tasks(book: Book) -> None:
    assert [task.name for task in timers.tasks(book)] == [
        "checkpoint",
        "expire",
        "access_log",
        "sweep",
        "imports",
        "stars",
    ]


# Every row, once a week ---------------------------------------------------------------------------


def checks(book: Book) -> list[runs.Run]:
    with book.database.reading() as connection:
        return runs.of_task(connection, TASK)


def test_every_row_is_compared_once_a_week_at_a_quiet_hour(
    ledger: Ledger, book: Book, town: Town
) -> None:
    """By whom the last one was asked for does not matter, and it is done beside the ledger."""
    said = Said()
    checker = Checker(book, said)
    weekly = Timers(book, [], log=said)
    task = by_the_week(checker)
    asked = []
    for day, hour in ((12, 2), (12, 4), (13, 3), (19, 1), (19, 2)):
        ledger.clock.ms = at(f"2025-03-{day} {hour:02}:00")
        assert weekly.run_once(task)
        checker.wait()
        asked.append(len(checks(book)))
    assert asked == [1, 1, 1, 1, 2]
    newest = checks(book)[0]
    assert (newest.outcome, newest.asked_by) == ("done", "")
    assert newest.found == {"entries": town.size(), "different": 0, "tables": []}
    assert ("info", "check_done") in [line[:2] for line in said.lines]


def test_a_ledger_that_is_never_served_at_night_is_compared_all_the_same(
    ledger: Ledger, book: Book, town: Town
) -> None:
    town.volunteer()
    ledger.clock.ms = book.entry(0).time
    while china_time(ledger.clock.ms).hour != 12:
        ledger.clock.forward(minutes=60)
    assert not is_due(book, ledger.clock.ms)
    assert is_due(book, ledger.clock.ms + 15 * DAY_MS)


def test_a_row_that_differs_is_told_loudly_and_named_by_table_alone(
    ledger: Ledger, book: Book, town: Town
) -> None:
    who = town.volunteer()
    engine = sa.create_engine(book.database.url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE parties SET tier = 'city' WHERE address LIKE 'volunteer:%'")
        )
    engine.dispose()
    said = Said()
    checker = Checker(book, said)
    ledger.clock.ms = at("2025-03-12 03:00")
    checker.ask_by_the_week(ledger.clock.ms)
    checker.wait()
    (run,) = checks(book)
    assert (run.found["different"], run.found["tables"]) == (1, ["parties"])
    assert ("error", "check_done") in [line[:2] for line in said.lines]
    assert who not in str(run)
    rebuild(book.database, book.origin)


def test_a_stop_breaks_the_comparison_off_and_says_so(
    ledger: Ledger, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again at the next quiet hour."""

    class Endless(Child):
        def compared(self, *_given: Any, **_more: Any) -> Any:
            # Nothing is asked of the child, so it waits for ever.
            waiting.set()
            with self._process as process:
                raise RuntimeError(f"ended with {process.wait()}")

    waiting = threading.Event()
    monkeypatch.setattr("api.checking.Child", Endless)
    checker = Checker(book, Said())
    ledger.clock.ms = at("2025-03-12 03:00")
    assert checker.ask_by_the_week(ledger.clock.ms) == {"begun": 1}
    assert Checker(book, Said()).ask_by_the_week(ledger.clock.ms) == {}, "one at a time"
    assert waiting.wait(60)
    checker.end()
    (run,) = checks(book)
    assert (run.outcome, run.found) == ("refused", {"code": "stopping"})
    assert is_due(book, ledger.clock.ms)
