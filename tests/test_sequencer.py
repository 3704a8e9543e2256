"""Many callers, several processes, and a crash at any line: every acknowledged write is there
exactly once, and nothing is half-done.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ledger import sequencer
from ledger.actions import Action
from ledger.actions.credentials import IssueCredential, RevokeCredential
from ledger.actions.parties import RegisterMerchant, RegisterStaff, RegisterVolunteer
from ledger.book import CONSOLE, Book, Caller
from ledger.decide import decide
from ledger.errors import Refused
from ledger.ids import new_id
from ledger.sequencer import Receipt
from ledger.store import tables
from tests.kit import TODAY, FakeClock, Ledger, Town
from tests.recheck import Laws, recheck

PROCESSES = multiprocessing.get_context("forkserver")
"""Children of a process that has nothing open and has imported us already."""
PROCESSES.set_forkserver_preload(["tests.test_sequencer"])

STEPS = ("locked", "decided", "appended", "written", "committed")


class Crash(Exception):
    """The machine stopped here."""


def staff(number: int) -> RegisterStaff:
    return RegisterStaff(staff=new_id(number.to_bytes(10, "big")))


def write(book: Book, action: Action, key: str) -> Receipt:
    return book.record(action, caller=CONSOLE, key=key)


def together(work: Callable[[int], None], count: int) -> None:
    """`work(0)` … `work(count − 1)` in a thread each, all at once."""
    gate = threading.Barrier(count)
    failed: list[BaseException] = []

    def run(number: int) -> None:
        gate.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def indexes(receipts: Sequence[Receipt]) -> list[int]:
    return sorted(entry.index for receipt in receipts for entry in receipt.entries)


# Many at once ----------------------------------------------------------------------------------


def test_32_callers_at_once_lose_nothing(ledger: Ledger) -> None:
    book = ledger.open()
    first = book.checkpoint()[0].size
    receipts: list[Receipt] = []

    def work(caller: int) -> None:
        for turn in range(10):
            number = caller * 10 + turn
            receipts.append(write(book, staff(number), f"many-{number:011d}"))

    together(work, 32)
    assert indexes(receipts) == list(range(first, first + 320))
    for receipt in receipts:
        assert book.entry(receipt.entry.index).data == receipt.entry.data


def test_two_books_on_one_database_take_turns(ledger: Ledger) -> None:
    """Each with a sequencer of its own, as two processes have."""
    books = [ledger.open(), ledger.open()]
    first = books[0].checkpoint()[0].size
    receipts: list[Receipt] = []

    def work(caller: int) -> None:
        for turn in range(8):
            number = caller * 8 + turn
            receipts.append(write(books[caller % 2], staff(number), f"turn-{number:011d}"))

    together(work, 8)
    assert indexes(receipts) == list(range(first, first + 64))


def test_what_one_book_wrote_the_other_knows_at_once(ledger: Ledger) -> None:
    """Nobody decides against what they remember when somebody else has written since."""
    here, there = ledger.open(), ledger.open()
    town, other = Town(here, ledger.clock), Town(there, ledger.clock)
    ana = town.volunteer()
    town.minutes_served(ana, 120)
    till = other.till()
    coffee = other.reward(till, price=200, stock=1)
    town.reserve(ana, coffee)
    with other.refuses("out_of_stock"):
        other.reserve(ana, coffee)
    other.suspend(ana)
    with town.refuses("party_not_active"):
        town.served(ana, "2025-03-07 09:00", "10:00")


class Writer:
    """A process of its own that writes with keys `<prefix>-00000000000`, … `-00000000001`, …

    It notes each write once that is acknowledged; `crash_at` is `<step>:<nth time it is reached>`.
    """

    def __init__(
        self, ledger: Ledger, prefix: str, count: int, *, crash_at: str = "", name: str = "notes"
    ) -> None:
        self._notes = ledger.home / name
        self._notes.touch()
        self.process = PROCESSES.Process(
            target=_keep_writing,
            args=(ledger.home, ledger.database_url, prefix, count, crash_at, self._notes),
        )
        self.process.start()

    def told(self) -> dict[str, int]:
        """Key → index of every write that the process knows to be durable."""
        lines = [line.split() for line in self._notes.read_text().splitlines(keepends=True)]
        return {line[0]: int(line[1]) for line in lines if line[2:] == ["ok"]}

    def wait(self) -> dict[str, int]:
        """What it was told until its end."""
        self.process.join(120)
        assert self.process.exitcode is not None
        return self.told()


def _keep_writing(
    home: Path, database_url: str, prefix: str, count: int, crash_at: str, notes: Path
) -> None:
    step, _, nth = crash_at.partition(":")
    left = [int(nth or 0)]

    def reached(now: str) -> None:
        if now == step:
            left[0] -= 1
            if not left[0]:
                os._exit(9)

    ledger = Ledger(home, database_url, FakeClock(TODAY))
    book = ledger.open(reached=reached)
    with notes.open("a") as file:
        for number in range(count):
            key = f"{prefix}-{number:011d}"
            receipt = write(book, staff_of(prefix, number), key)
            file.write(f"{key} {receipt.entry.index} ok\n")
            file.flush()
    ledger.close()


def staff_of(prefix: str, number: int) -> RegisterStaff:
    """An id that both processes work out alike."""
    return RegisterStaff(staff=new_id(prefix.encode() + number.to_bytes(6, "big")))


def test_two_processes_write_at_once(ledger: Ledger) -> None:
    """Different keys all arrive; the same keys from both arrive once, and answer alike."""
    before = ledger.open().checkpoint()[0].size
    ledger.close()
    writers = [
        Writer(ledger, prefix, 40, name=f"notes-{number}")
        for number, prefix in enumerate(("same", "same", "else"))
    ]
    one, two, three = (writer.wait() for writer in writers)
    assert [writer.process.exitcode for writer in writers] == [0, 0, 0]
    assert (len(one), len(three)) == (40, 40)
    assert one == two
    assert sorted([*one.values(), *three.values()]) == list(range(before, before + 80))


# Neighbours ------------------------------------------------------------------------------------


def test_one_refusal_spoils_no_neighbour(ledger: Ledger) -> None:
    book = ledger.open()
    first = book.checkpoint()[0].size
    asks: list[tuple[Action, str, bytes | None]] = [
        (staff(number % 3), f"batch-{number:010d}", None) for number in range(6)
    ]
    results = book.record_all(asks, caller=CONSOLE)
    assert [isinstance(result, Receipt) for result in results] == [True] * 3 + [False] * 3
    assert indexes([r for r in results if isinstance(r, Receipt)]) == [first, first + 1, first + 2]
    assert {r.code for r in results if isinstance(r, Refused)} == {"already_registered"}


def test_later_asks_of_a_batch_see_the_earlier_ones(town: Town, ana: str) -> None:
    session = town.session(ana, "2025-03-07 09:00", "10:00")
    again = town.session(ana, "2025-03-07 09:00", "10:00")
    one, two = town.book.record_all(
        [(session, town.key(), None), (again, town.key(), None)], caller=CONSOLE
    )
    assert isinstance(one, Receipt)
    assert isinstance(two, Refused)
    assert two.code == "duplicate_record"


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> str:
    """A bug: deciding about this merchant fails with a plain exception."""

    def broken(action: Action, *rest: Any) -> Any:
        if isinstance(action, RegisterMerchant):
            raise ZeroDivisionError("a bug")
        return decide(action, *rest)

    monkeypatch.setattr(sequencer, "decide", broken)
    return "0" * 16


def test_a_bug_fails_its_caller_alone(ledger: Ledger, faulty: str) -> None:
    book = ledger.open()
    first = book.checkpoint()[0].size
    receipts: list[Receipt] = []
    bugs: list[int] = []

    def work(caller: int) -> None:
        for turn in range(4):
            number = caller * 4 + turn
            if number % 5 == 0:
                with pytest.raises(ZeroDivisionError):
                    write(book, RegisterMerchant(merchant=faulty), f"bug-{number:012d}")
                bugs.append(number)
            else:
                receipts.append(write(book, staff(number), f"good-{number:011d}"))

    together(work, 12)
    assert (len(bugs), len(receipts)) == (10, 38)
    assert indexes(receipts) == list(range(first, first + 38))


def test_a_bug_leaves_nothing_of_its_own_batch(ledger: Ledger, faulty: str) -> None:
    """A turn is one transaction: whoever asked for it learns that it failed, whole."""
    book = ledger.open()
    first = book.checkpoint()[0].size
    with pytest.raises(ZeroDivisionError):
        book.record_all(
            [
                (staff(1), "batch-0000000001", None),
                (RegisterMerchant(merchant=faulty), "batch-0000000002", None),
            ],
            caller=CONSOLE,
        )
    receipt = write(book, staff(1), "batch-0000000001")
    assert (receipt.entry.index, receipt.replayed) == (first, False)


def test_a_floor_that_would_break_is_a_bug_and_writes_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last guard behind every decision: the fold refuses, and the group is not written."""
    from ledger.entry import Draft
    from ledger.posting import Posting

    book = ledger.open()
    size = book.checkpoint()[0].size
    steal = Draft(
        "time_donated",
        {"volunteer": "a", "pool": "platform", "minutes": 5},
        [Posting("volunteer:a:time", "pool:platform", "TIME", 5)],
    )
    monkeypatch.setattr(sequencer, "decide", lambda *_: [steal])
    with pytest.raises(ValueError, match="would stand at -5"):
        write(book, staff(1), "steal-0000000001")
    monkeypatch.setattr(sequencer, "decide", decide)
    assert write(book, staff(1), "steal-0000000001").entry.index == size


# The same request again ------------------------------------------------------------------------


def test_a_retry_gets_the_same_receipt(ledger: Ledger) -> None:
    book = ledger.open()
    first = write(book, staff(1), "retry-0000000001")
    again = write(book, staff(1), "retry-0000000001")
    assert (first.replayed, again.replayed) == (False, True)
    assert [e.data for e in again.entries] == [e.data for e in first.entries]
    ledger.close()
    assert write(ledger.open(), staff(1), "retry-0000000001").entry.data == first.entry.data


def test_an_answer_of_several_entries_is_whole_again(town: Town, ana: str) -> None:
    original = town.served(ana, "2025-03-07 09:00", "12:00")
    from ledger.actions.service import CorrectService

    action = CorrectService(
        record=original.id, corrected=town.session(ana, "2025-03-07 09:00", "11:00")
    )
    first = town.do(action, key="correct-00000001")
    again = town.do(action, key="correct-00000001")
    assert len(first.entries) == 2
    assert [e.data for e in again.entries] == [e.data for e in first.entries]


def test_a_key_belongs_to_one_request_one_party_and_one_terminal(ledger: Ledger) -> None:
    book = ledger.open()
    key = "shared-000000001"
    write(book, RegisterVolunteer(volunteer=new_id(b"0" * 10)), key)
    # Fresh ids differ when a request is sent again; what was asked does not.
    assert write(book, RegisterVolunteer(volunteer=new_id(b"1" * 10)), key).replayed
    with pytest.raises(Refused, match="key_reused"):
        write(book, RegisterVolunteer(volunteer=new_id(b"2" * 10), guardian="missing"), key)
    with pytest.raises(Refused, match="key_reused"):
        write(book, staff(1), key)
    here: dict[str, Any] = {"party": f"organisation:{'0' * 16}", "role": "organisation"}
    there: dict[str, Any] = {"party": f"operator:{'0' * 16}", "role": "operator"}
    for number, caller in enumerate(
        (
            Caller(**here, credential="1" * 16),
            Caller(**there, credential="2" * 16),
            Caller(**there, credential="3" * 16, terminal="t1"),
            Caller(**there, credential="4" * 16, terminal="t2"),
        )
    ):
        assert not book.record(staff(10 + number), caller=caller, key=key).replayed
    other_token = Caller(**there, terminal="t2", credential="new")
    assert book.record(staff(99), caller=other_token, key=key).replayed, "keys outlive tokens"


def test_a_token_that_ends_between_door_and_entry_writes_nothing(
    ledger: Ledger, town: Town
) -> None:
    """An entry's `auth` names a credential that was good when it was written: a replay asks."""
    revoked, short = town.new(), town.new()
    party = f"organisation:{town.home}"
    given: dict[str, Any] = {"party": party, "role": "organisation", "scopes": "parties:write"}
    soon = ledger.clock.ms + 1_000
    town.do(IssueCredential(credential=revoked, **given))
    town.do(IssueCredential(credential=short, expires=soon, **given))
    with_revoked = Caller(party=party, role="organisation", credential=revoked)
    with_short = Caller(party=party, role="organisation", credential=short)
    first = town.do(staff(1), key="ended-0000000001", caller=with_revoked)
    town.do(staff(2), caller=with_short)

    town.do(RevokeCredential(credential=revoked))
    with town.refuses("token_revoked"):
        town.do(staff(3), caller=with_revoked)
    ledger.clock.ms = soon - 1
    town.do(staff(3), caller=with_short)
    ledger.clock.ms = soon
    with town.refuses("token_expired"):
        town.do(staff(4), caller=with_short)
    # What it wrote before is still the answer to the same request.
    again = town.do(staff(1), key="ended-0000000001", caller=with_revoked)
    assert again.entry.data == first.entry.data


def test_one_key_from_many_threads_is_one_write(ledger: Ledger) -> None:
    book, other = ledger.open(), ledger.open()
    size = book.checkpoint()[0].size
    receipts: list[Receipt] = []
    together(
        lambda number: receipts.append(
            write((book, other)[number % 2], staff(7), "once-00000000001")
        ),
        16,
    )
    assert {receipt.entry.data for receipt in receipts} == {book.entry(size).data}
    assert sum(not receipt.replayed for receipt in receipts) == 1
    assert recheck(ledger.database_url).size == size + 1


def test_one_key_twice_in_a_batch_is_one_write(ledger: Ledger) -> None:
    book = ledger.open()
    one, two, three = book.record_all(
        [
            (staff(7), "twice-0000000001", None),
            (staff(7), "twice-0000000001", None),
            (RegisterMerchant(merchant="0" * 16), "twice-0000000001", None),
        ],
        caller=CONSOLE,
    )
    assert isinstance(one, Receipt)
    assert isinstance(two, Receipt)
    assert two.replayed
    assert one.entry == two.entry
    assert isinstance(three, Refused)
    assert three.code == "key_reused"


def test_a_refused_action_remembers_nothing(town: Town) -> None:
    """The same key may be used again, for the same request once it can be, or for another."""
    merchant, key = town.new(), "refused-00000001"
    from ledger.actions.parties import RegisterBranch

    branch = RegisterBranch(merchant=merchant, branch=town.new())
    with town.refuses("unknown_party"):
        town.do(branch, key=key)
    caller_request = b'{"a":1}'
    assert town.book.answered(caller=CONSOLE, key=key, request=caller_request) is None
    town.do(RegisterMerchant(merchant=merchant))
    assert not town.do(branch, key=key).replayed


def test_an_answer_can_be_looked_up_before_anything_is_sealed(ledger: Ledger) -> None:
    book = ledger.open()
    key, request = "lookup-000000001", b'{"name":"x"}'
    assert book.answered(caller=CONSOLE, key=key, request=request) is None
    receipt = book.record(staff(1), caller=CONSOLE, key=key, request=request)
    found = book.answered(caller=CONSOLE, key=key, request=request)
    assert found is not None
    assert (found.entry.data, found.replayed) == (receipt.entry.data, True)
    with pytest.raises(Refused, match="key_reused"):
        book.answered(caller=CONSOLE, key=key, request=b'{"name":"y"}')


# Rows beside -----------------------------------------------------------------------------------


def outcome_rows(book: Book) -> int:
    with book.database.reading() as connection:
        return len(connection.execute(tables.outcomes.select()).fetchall())


def test_rows_beside_are_stored_with_their_entries_or_not_at_all(
    ledger: Ledger, faulty: str
) -> None:
    book = ledger.open()

    def beside(results: Sequence[Receipt | Refused]) -> list[tuple[Any, tuple[Any, ...]]]:
        return [
            (tables.outcomes, (b"source", number, "effective", "", 0, 0, "", 0))
            for number, result in enumerate(results)
            if isinstance(result, Receipt)
        ]

    book.record(staff(1), caller=CONSOLE, key="beside-000000001", beside=beside)
    assert outcome_rows(book) == 1
    with pytest.raises(ZeroDivisionError):
        book.record_all(
            [
                (staff(2), "beside-000000002", None),
                (RegisterMerchant(merchant=faulty), "beside-000000003", None),
            ],
            caller=CONSOLE,
            beside=beside,
        )
    assert outcome_rows(book) == 1


def test_a_fault_in_rows_beside_writes_no_entry(ledger: Ledger) -> None:
    book = ledger.open()
    size = book.checkpoint()[0].size

    def beside(_: object) -> list[Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        book.record(staff(1), caller=CONSOLE, key="beside-000000001", beside=beside)
    assert write(book, staff(1), "beside-000000001").entry.index == size


# Crashes ---------------------------------------------------------------------------------------


def crashing(at_step: str, times: int = 1) -> Callable[[str], None]:
    left = [times]

    def reached(step: str) -> None:
        if step == at_step and left[0]:
            left[0] -= 1
            raise Crash(step)

    return reached


@pytest.mark.parametrize("step", STEPS)
def test_a_fault_at_any_step_leaves_nothing_half_done(ledger: Ledger, step: str) -> None:
    """Before the commit nothing is there, after it all of it; a retry gives one entry."""
    book = ledger.open(reached=crashing(step))
    size = book.checkpoint()[0].size
    with pytest.raises(Crash):
        write(book, staff(1), "crash-0000000001")
    assert recheck(ledger.database_url).size == size + (step == "committed")
    again = write(book, staff(1), "crash-0000000001")
    assert (again.entry.index, again.replayed) == (size, step == "committed")
    write(book, staff(2), "crash-0000000002")
    assert recheck(ledger.database_url).size == size + 2


@pytest.mark.parametrize("step", STEPS)
def test_a_fault_in_a_crowd_is_survived_by_the_crowd(ledger: Ledger, step: str) -> None:
    """The group is settled again, each turn alone: nobody is answered wrongly."""
    book = ledger.open(reached=crashing(step))
    size = book.checkpoint()[0].size
    answered: list[Receipt] = []
    failed: list[int] = []

    def work(number: int) -> None:
        try:
            answered.append(write(book, staff(number), f"crowd-{number:010d}"))
        except Crash:
            failed.append(number)

    together(work, 8)
    assert len(failed) <= 1
    answered += [write(book, staff(number), f"crowd-{number:010d}") for number in failed]
    assert indexes(answered) == list(range(size, size + 8))


@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_dies_at_any_step_leaves_nothing_half_done(
    ledger: Ledger, step: str
) -> None:
    """A real death, at the third write; the next process goes on."""
    size = ledger.open().checkpoint()[0].size
    ledger.close()
    writer = Writer(ledger, "dies", 5, crash_at=f"{step}:3")
    told = writer.wait()
    assert writer.process.exitcode == 9
    assert told == {"dies-00000000000": size, "dies-00000000001": size + 1}
    there = size + 2 + (step == "committed")
    assert recheck(ledger.database_url).size == there
    book = ledger.open()
    retried = write(book, staff_of("dies", 2), "dies-00000000002")
    assert (retried.entry.index, retried.replayed) == (size + 2, step == "committed")


def test_killed_under_load_every_acknowledged_write_is_there(ledger: Ledger) -> None:
    """kill -9, three times, in the middle of whatever it was doing."""
    told: dict[str, int] = {}
    for life in range(3):
        writer = Writer(ledger, f"lf{life:02d}", 100_000, name=f"life-{life}")
        while len(writer.told()) < 15 + 10 * life:
            assert writer.process.is_alive()
            time.sleep(0.01)
        writer.process.kill()
        told |= writer.wait()
        laws: Laws = recheck(ledger.database_url)
        assert laws.size > max(told.values())
    book = ledger.open()
    for key, index in told.items():
        assert write(book, staff_of(key[:4], int(key[5:])), key).entry.index == index


# Stopping --------------------------------------------------------------------------------------


def test_a_stopped_book_refuses_and_hangs_nobody(ledger: Ledger) -> None:
    book = ledger.open()
    written: list[Receipt] = []
    refused: list[str] = []

    def work(number: int) -> None:
        if number == 0:
            book.close()
            return
        try:
            written.append(write(book, staff(number), f"stop-{number:011d}"))
        except Refused as no:
            refused.append(no.code)

    size = book.checkpoint()[0].size
    together(work, 12)
    assert len(written) + len(refused) == 11
    assert set(refused) <= {"stopping"}
    assert recheck(ledger.database_url).size == size + len(written)
    with pytest.raises(Refused, match="stopping"):
        write(book, staff(99), "stop-late-000001")
