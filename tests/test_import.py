"""The import of service records: what a file comes to, told by small files and by the real one.

The real export has 40,092 records; `tests/data/expected.json` was worked out apart from this code.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from ledger.actions.parties import RecordGuardianConsent
from ledger.book import CONSOLE, Book
from ledger.errors import Refused
from ledger.intake import Report, import_service_records
from ledger.intake.turnstile import alone
from ledger.store import journal, tables
from ledger.vault import store as vault_tables
from tests.exports import (
    ANA_ID,
    BO_ID,
    CHILD_ID,
    CLUB,
    LEAGUE,
    expected,
    real_file,
    real_slice,
    row,
    text_of,
    with_check,
    write,
)
from tests.kit import TODAY, FakeClock, Ledger

ROOT = Path(__file__).resolve().parent.parent

Fate = tuple[str, str, int]
"""Outcome, reasons joined by `+`, minutes."""

TWO_HOURS: Fate = ("effective", "", 120)


def refused(code: str) -> Fate:
    return ("refused", code, 0)


def held(reasons: str, minutes: int = 120) -> Fate:
    return ("held", reasons, minutes)


def fates(report: Report) -> list[Fate]:
    return [(each.outcome, each.reasons, each.minutes) for each in report.lines]


def stored(book: Book) -> dict[str, int]:
    """How much of everything there is."""
    counted = {}
    with book.database.reading() as connection:
        counted["entries"] = journal.count(connection)
        for table in (*tables.PROJECTIONS, *tables.OPERATIONAL):
            counted[table.name] = connection.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
    with book.vault.store.engine.connect() as connection:
        for table in vault_tables.tables.sorted_tables:
            counted[f"vault {table.name}"] = connection.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
    return counted


@pytest.fixture(scope="module")
def quiet_book(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """A ledger on which only dry runs and refused files are tried, so that many tests share it."""
    home = tmp_path_factory.mktemp("quiet") / "home"
    shutil.copytree(sqlite_template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(TODAY))
    yield ledger.open()
    ledger.close()


# One row at a time: every refusal, and the nearest yes -----------------------------------------

SCENARIOS: Mapping[str, tuple[list[list[str]], list[Fate]]] = {
    "a good session": ([row()], [TWO_HOURS]),
    "a cell too few": ([row()[:-1]], [refused("malformed_row")]),
    "a cell too many": ([[*row(), ""]], [refused("malformed_row")]),
    "no activity name": ([row(活动名称="　")], [refused("missing_field")]),
    "no content": ([row(服务内容="")], [refused("missing_field")]),
    "no place, leader, names, deduction": (
        [row(服务地点="", 活动负责人="", 姓名="", 组织名称="", 扣除分钟="")],
        [TWO_HOURS],
    ),
    "a wrong check character": ([row(证件号码=BO_ID[:-1] + "Y")], [refused("bad_identity_number")]),
    "the old 15 digits": ([row(证件号码="620502800101001")], [refused("bad_identity_number")]),
    "born on 30 February": (
        [row(证件号码=with_check("62050219800230001"))],
        [refused("bad_identity_number")],
    ),
    "a small x": ([row(证件号码="11010519491231002x")], [TWO_HOURS]),
    "an organisation code of 17": (
        [row(统一社会信用代码=CLUB[:-1])],
        [refused("bad_organisation_code")],
    ),
    "an organisation code with a wrong check": (
        [row(统一社会信用代码=CLUB[:-1] + "4")],
        [refused("bad_organisation_code")],
    ),
    "an organisation code in small letters": ([row(统一社会信用代码=CLUB.lower())], [TWO_HOURS]),
    "a day that is none": ([row(签到="2025-02-29 09:00")], [refused("bad_time")]),
    "an entry time with a zone": ([row(录入时间="2025-03-08 12:00Z")], [refused("bad_time")]),
    "a bad check-out": ([row(签退="11:00")], [refused("bad_time")]),
    "a negative deduction": ([row(扣除分钟="-10")], [refused("bad_number")]),
    "half a minute deducted": ([row(扣除分钟="0.5")], [refused("bad_number")]),
    "twenty minutes deducted": ([row(扣除分钟="20")], [("effective", "", 100)]),
    "by hand": ([row(记录方式="手工")], [refused("unknown_evidence")]),
    "no check-out": ([row(签退="")], [refused("missing_check_out")]),
    "no check-out comes after unknown evidence": (
        [row(签退="", 记录方式="手工")],
        [refused("unknown_evidence")],
    ),
    "a meeting": ([row(服务类别="会议")], [refused("not_volunteer_service")]),
    "a category nobody knows": ([row(服务类别="其他")], [TWO_HOURS]),
    "the same number for another person": (
        [row(), row(证件号码=BO_ID, 活动编号="A2")],
        [TWO_HOURS, refused("identity_conflict")],
    ),
    "the same person under another number": (
        [row(), row(志愿者编号="V2", 活动编号="A2")],
        [TWO_HOURS, refused("identity_conflict")],
    ),
    "a refused row teaches nothing": (
        [row(记录人="S2"), row(证件号码=BO_ID), row()],
        [refused("recorder_is_approver"), TWO_HOURS, refused("identity_conflict")],
    ),
    "a conflict comes before self-recording": (
        [row(), row(证件号码=BO_ID, 记录人="V1")],
        [TWO_HOURS, refused("identity_conflict")],
    ),
    "another person with another number": (
        [row(), row(志愿者编号="V2", 证件号码=BO_ID)],
        [TWO_HOURS, TWO_HOURS],
    ),
    "recorded by oneself": ([row(记录人="V1")], [refused("self_recorded")]),
    "approved by oneself": ([row(审核人="Ｖ１")], [refused("self_recorded")]),
    "both by oneself": ([row(记录人="V1", 审核人="V1")], [refused("self_recorded")]),
    "recorded by another volunteer": (
        [row(志愿者编号="V2", 证件号码=BO_ID), row(记录人="V2")],
        [TWO_HOURS, TWO_HOURS],
    ),
    "recorder is approver": ([row(审核人="S1")], [refused("recorder_is_approver")]),
    "out as one comes in": ([row(签退="2025-03-08 09:00")], [refused("ends_before_it_starts")]),
    "a minute": ([row(签退="2025-03-08 09:01")], [("effective", "", 1)]),
    "24 hours": (
        [row(签退="2025-03-09 09:00", 录入时间="2025-03-09 09:00")],
        [held("day_over_12h", 1440)],
    ),
    "24 hours and a second": (
        [row(签退="2025-03-09 09:00:01", 录入时间="2025-03-09 10:00")],
        [refused("session_too_long")],
    ),
    "entered as one goes": ([row(录入时间="2025-03-08 11:00:00")], [TWO_HOURS]),
    "entered a second before": (
        [row(录入时间="2025-03-08 10:59:59")],
        [refused("recorded_before_it_ended")],
    ),
    "all deducted": ([row(扣除分钟="120")], [refused("nothing_served")]),
    "all but a minute deducted": ([row(扣除分钟="119")], [("effective", "", 1)]),
    "more deducted than Python reads": ([row(扣除分钟="9" * 5000)], [refused("nothing_served")]),
    "59 seconds": ([row(签退="2025-03-08 09:00:59")], [refused("nothing_served")]),
    "backfill pays at most the plan": (
        [row(记录方式="补录", 签退="2025-03-08 11:30", 录入时间="2025-03-08 12:00")],
        [TWO_HOURS],
    ),
    "backfill of a plan that ends before it starts": (
        [row(记录方式="补录", 活动结束="2025-03-08 08:00")],
        [refused("nothing_served")],
    ),
    "a check-in is not held to the plan": (
        [row(签退="2025-03-08 11:30")],
        [("effective", "", 150)],
    ),
    "the same again": ([row(), row(服务内容="x")], [TWO_HOURS, refused("duplicate_record")]),
    "the same in other words": (
        [row(), row(签到="2025年3月8日 9时0分", 签退="2025/3/8 11:00:00")],
        [TWO_HOURS, refused("duplicate_record")],
    ),
    "the same of a held one": (
        [row(录入时间="2025-04-30 12:00"), row()],
        [held("late"), refused("duplicate_record")],
    ),
    "the same of a refused one": (
        [row(记录人="S2"), row()],
        [refused("recorder_is_approver"), TWO_HOURS],
    ),
    "the same at another activity overlaps": (
        [row(), row(活动编号="A2")],
        [TWO_HOURS, held("overlap")],
    ),
    "one after the other": (
        [row(), row(签到="2025-03-08 11:00", 签退="2025-03-08 11:45")],
        [TWO_HOURS, ("effective", "", 45)],
    ),
    "overlap with a held one": (
        [row(录入时间="2025-04-30 12:00"), row(活动编号="A2", 签退="2025-03-08 10:00")],
        [held("late"), held("overlap", 60)],
    ),
    "eight hours a day": (
        [row(签退="2025-03-08 17:00", 录入时间="2025-03-08 18:00")],
        [("effective", "", 480)],
    ),
    "a minute more": (
        [row(签退="2025-03-08 17:01", 录入时间="2025-03-08 18:00")],
        [held("day_over_8h", 481)],
    ),
    "held minutes do not fill the day": (
        [
            row(签退="2025-03-08 17:01", 录入时间="2025-03-08 18:00"),
            row(签到="2025-03-08 18:00", 签退="2025-03-08 23:00", 录入时间="2025-03-09 09:00"),
        ],
        [held("day_over_8h", 481), ("effective", "", 300)],
    ),
    "the tenth working day": ([row(录入时间="2025-03-21 23:59:59")], [TWO_HOURS]),
    "the day after it": ([row(录入时间="2025-03-22 00:00")], [held("late")]),
    "late and overlapping": (
        [row(), row(活动编号="A2", 录入时间="2025-04-30 12:00")],
        [TWO_HOURS, held("late+overlap")],
    ),
    "before any policy": (
        [row(活动开始="1999-12-31 09:00", 活动结束="1999-12-31 11:00")],
        [refused("no_policy_in_force")],
    ),
    "the year 1": (
        [row(签到="0001-01-01 00:00", 签退="0001-01-01 01:00")],
        [("effective", "", 60)],
    ),
    "the last day there is": (
        [
            row(
                活动开始="9999-12-31 09:00",
                活动结束="9999-12-31 11:00",
                签到="9999-12-31 22:00",
                签退="9999-12-31 23:59",
                录入时间="9999-12-31 23:59",
            )
        ],
        [("effective", "", 119)],
    ),
    "totals and blanks are skipped": (
        [row(), [], ["", " "], ["合计", "共", "1行"], list(row())[:0]],
        [TWO_HOURS, *[("skipped", "", 0)] * 4],
    ),
    "nothing in a cell is run": (
        [row(姓名="=HYPERLINK(1)", 活动名称="'; DROP TABLE entries --", 志愿者编号="@SUM(1)")],
        [TWO_HOURS],
    ),
    "64 KB of content": ([row(服务内容="长" * 65_536)], [TWO_HOURS]),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_row_is_refused_for_the_first_thing_wrong_with_it(
    quiet_book: Book, tmp_path: Path, name: str
) -> None:
    rows, wanted = SCENARIOS[name]
    report = import_service_records(quiet_book, write(tmp_path / "export.csv", rows), dry_run=True)
    assert fates(report) == wanted


def test_every_refusal_of_the_list_has_a_row_of_its_own() -> None:
    seen = {reasons for _, all_fates in SCENARIOS.values() for _, reasons, _ in all_fates}
    assert set(expected()["refused"]) <= seen


# Files as a whole ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"PK\x03\x04\x00\x00", "binary_file"),
        (b"\xff\xff", "bad_encoding"),
        (text_of([row()]).replace("姓名", "名字", 1).encode(), "wrong_header"),
        (text_of([row()]).encode() + b'"', "unclosed_quote"),
    ],
)
def test_a_wrong_file_imports_nothing(
    quiet_book: Book, tmp_path: Path, data: bytes, code: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(data)
    before = stored(quiet_book)

    with pytest.raises(Refused) as no:
        import_service_records(quiet_book, path)

    assert no.value.code == code
    assert stored(quiet_book) == before


def test_a_batch_has_one_to_five_thousand_records(quiet_book: Book, tmp_path: Path) -> None:
    path = write(tmp_path / "export.csv", [row()])
    for batch in (0, 5_001):
        with pytest.raises(ValueError, match="1 to 5000"):
            import_service_records(quiet_book, path, dry_run=True, batch=batch)
    for batch in (1, 5_000):
        assert import_service_records(quiet_book, path, dry_run=True, batch=batch).lines


def test_one_import_runs_at_a_time(book: Book, tmp_path: Path) -> None:
    path = write(tmp_path / "export.csv", [row()])
    with alone(book.database, book.home), pytest.raises(Refused, match="import_running"):
        import_service_records(book, path)
    assert fates(import_service_records(book, path)) == [TWO_HOURS]


# What is left behind ---------------------------------------------------------------------------


def test_a_volunteer_found_by_number_has_what_the_file_said(book: Book, tmp_path: Path) -> None:
    path = write(
        tmp_path / "export.csv",
        [
            row(),
            row(
                记录方式="补录",
                活动编号="A2",
                签到="2025-03-09 09:00",
                签退="2025-03-09 10:00",
                录入时间="2025-03-09 10:00",
            ),
        ],
    )
    import_service_records(book, path)
    (ana,) = book.vault.find("volunteer", "number", "V1")
    standing = book.standing(ana)

    assert (standing.check_in_minutes, standing.backfill_minutes) == (120, 60)
    assert standing.points_hundredths == 200, "backfill earns none"
    told = book.vault.read(
        ana, ["name", "identity_number"], by="console", purpose="operation", at=book.clock.now_ms()
    )
    assert told == {"name": "王安", "identity_number": ANA_ID}
    (activity,) = book.vault.find("activity", "number", "A1")
    with book.database.reading() as connection:
        (text,) = connection.scalars(
            select(tables.activities.c.text).where(tables.activities.c.activity == activity)
        )
    assert book.vault.open_text(text) == {"name": "社区清洁", "category": "环境保护"}


def test_nothing_typed_is_in_an_entry(book: Book, tmp_path: Path) -> None:
    import_service_records(book, write(tmp_path / "export.csv", [row()]))
    with book.database.reading() as connection:
        size = journal.count(connection)
        written = b"".join(journal.read_data(connection, size - 7, 7))
    for cell in row():
        # Two characters are found by chance in hashes, and an hour in a number.
        if len(cell) > 2:
            assert cell.encode() not in written


def test_whoever_no_entry_names_is_forgotten_at_the_end(book: Book, tmp_path: Path) -> None:
    """Candidates of refused rows leave nothing in the vault, texts neither."""
    rows = [
        row(),
        row(证件号码=BO_ID, 活动编号="A2"),
        row(志愿者编号="V3", 证件号码=CHILD_ID, 记录人="S9", 审核人="S9", 统一社会信用代码=LEAGUE),
    ]
    report = import_service_records(book, write(tmp_path / "export.csv", rows))
    counted = stored(book)

    assert [fate[0] for fate in fates(report)] == ["effective", "refused", "refused"]
    assert counted["vault subjects"] == 5, "Ana, her club, two of staff, one activity"
    assert counted["vault texts"] == 1
    assert book.vault.find("staff", "number", "S9") == []


def test_a_file_of_which_nothing_was_recorded_is_not_remembered(book: Book, tmp_path: Path) -> None:
    path = write(tmp_path / "export.csv", [row(审核人="S1"), ["合计"]])
    before = stored(book)
    first = import_service_records(book, path)
    again = import_service_records(book, path)

    assert fates(first) == [refused("recorder_is_approver"), ("skipped", "", 0)]
    assert first.as_dict() == again.as_dict()
    assert "recorded" not in again.as_dict()
    assert stored(book) == before


def test_a_suspended_or_registered_party_keeps_its_state(book: Book, tmp_path: Path) -> None:
    """The second file finds everybody registered and introduces nobody."""
    import_service_records(book, write(tmp_path / "a.csv", [row()]))
    before = stored(book)
    later = row(签到="2025-03-09 09:00", 签退="2025-03-09 10:00", 录入时间="2025-03-09 11:00")
    import_service_records(book, write(tmp_path / "b.csv", [later]))
    after = stored(book)

    assert after["entries"] == before["entries"] + 1
    assert after["parties"] == before["parties"]
    assert after["vault subjects"] == before["vault subjects"]
    assert after["vault texts"] == before["vault texts"]


def test_a_minor_without_consent_is_flagged_once(book: Book, tmp_path: Path) -> None:
    child = {"志愿者编号": "V9", "证件号码": CHILD_ID}
    rows = [
        row(),
        row(**child, 审核人="S1"),
        row(**child),
        row(**child, 签到="2025-03-09 09:00", 签退="2025-03-09 10:00", 录入时间="2025-03-09 11:00"),
    ]
    path = write(tmp_path / "export.csv", rows)
    dry = import_service_records(book, path, dry_run=True).as_dict()
    report = import_service_records(book, path, batch=1).as_dict()

    assert report["flags"] == [{"record": 3, "flag": "minor_without_consent"}]
    assert dry == report
    assert import_service_records(book, path).as_dict()["flags"] == report["flags"]
    (of_age,) = book.vault.find("volunteer", "number", "V1")
    (minor,) = book.vault.find("volunteer", "number", "V9")
    with book.database.reading() as connection:
        guardians = dict(
            connection.execute(select(tables.parties.c.address, tables.parties.c.guardian)).all()
        )
    assert guardians[f"volunteer:{of_age}"] == "not_needed"
    assert guardians[f"volunteer:{minor}"] == "missing"


def test_a_minor_with_consent_is_not_flagged(book: Book, tmp_path: Path) -> None:
    child = {"志愿者编号": "V9", "证件号码": CHILD_ID}
    import_service_records(book, write(tmp_path / "a.csv", [row(**child)]))
    (minor,) = book.vault.find("volunteer", "number", "V9")
    book.record(RecordGuardianConsent(volunteer=minor), caller=CONSOLE, key="consent-0000000000")
    later = row(
        **child, 签到="2025-03-09 09:00", 签退="2025-03-09 10:00", 录入时间="2025-03-09 11:00"
    )
    second = import_service_records(book, write(tmp_path / "b.csv", [later]))
    assert second.as_dict()["flags"] == []


# Again, elsewhere, and after a crash -----------------------------------------------------------


def test_the_result_does_not_depend_on_batch_size(ledger: Ledger, tmp_path: Path) -> None:
    """On the first 300 records, so that batches of one need only 300 transactions."""
    path = real_slice(tmp_path / "export.csv", 1, 300)
    book = ledger.open()
    dry = {
        batch: import_service_records(book, path, dry_run=True, batch=batch).as_dict()
        for batch in (1, 7, 5_000)
    }
    real = import_service_records(book, path, batch=7).as_dict()

    assert dry[1] == dry[7] == dry[5_000] == real
    assert real["rows"] == 300
    assert min(real["refused_total"], real["held_total"], real["skipped"]) > 0


@pytest.mark.parametrize("batch", [1, 7, 5_000])
def test_every_story_ends_alike_whatever_the_batch_size(
    ledger: Ledger, tmp_path: Path, batch: int
) -> None:
    """All scenarios in one file and a real import: identity and duplicates cross batches too."""
    rows, wanted = [], []
    for at, (story, ends) in enumerate(SCENARIOS.values()):
        # Every story has its own people, so that none meets another's.
        people = {
            ANA_ID: with_check(f"62050219800101{at:03}"),
            BO_ID: with_check(f"62050219900202{at:03}"),
            **{number: f"{number}-{at}" for number in ("V1", "V2", "Ｖ１")},
        }
        rows += [[people.get(cell, cell) for cell in each] for each in story]
        wanted += ends
    report = import_service_records(ledger.open(), write(tmp_path / "e.csv", rows), batch=batch)
    assert fates(report) == wanted


def test_a_dry_run_decides_all_and_writes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    path = real_slice(tmp_path / "export.csv", 1_000, 1_000)
    book = ledger.open()
    before = stored(book)
    dry = import_service_records(book, path, dry_run=True, batch=300)

    assert stored(book) == before
    assert import_service_records(book, path).as_dict() == dry.as_dict()
    assert stored(book) != before


def test_a_dry_run_of_what_was_imported_answers_as_a_repeat_would(
    book: Book, tmp_path: Path
) -> None:
    path = write(tmp_path / "export.csv", [row(), row()])
    first = import_service_records(book, path).as_dict()
    dry = import_service_records(book, path, dry_run=True).as_dict()
    assert dry == {**first, "recorded": 0}


def test_without_its_operational_rows_a_file_is_answered_from_the_journal(
    book: Book, tmp_path: Path
) -> None:
    path = real_slice(tmp_path / "export.csv", 2_000, 300)
    first = import_service_records(book, path).as_dict()
    with book.database.writing() as connection:
        connection.execute(delete(tables.outcomes))
    again = import_service_records(book, path).as_dict()

    assert again == {**first, "recorded": 0}


def test_an_import_that_was_killed_is_resumed(ledger: Ledger, tmp_path: Path) -> None:
    """kill -9 in the middle: whole chunks are there, the rest follows, the report is the same."""
    path = real_slice(tmp_path / "export.csv", 1, 3_000)
    book = ledger.open()
    whole = import_service_records(book, path, dry_run=True).as_dict()
    code = (
        "import sys; from pathlib import Path; from tests.kit import *;"
        "from ledger.intake import import_service_records;"
        "book = Ledger(Path(sys.argv[1]), sys.argv[2], FakeClock(TODAY)).open();"
        "import_service_records(book, Path(sys.argv[3]), batch=250,"
        " progress=lambda done, total: print(done, flush=True))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, ledger.home, ledger.database_url, path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    for done in child.stdout:
        if int(done) >= 750:
            break
    child.kill()
    assert child.wait() == -9, "it was still at work"
    child.stdout.close()

    entered = whole["effective_total"] + whole["held_total"]
    resumed = import_service_records(book, path).as_dict()
    assert 0 < resumed.pop("recorded") < entered
    assert resumed == whole
    assert import_service_records(book, path).as_dict() == {**whole, "recorded": 0}


# The acceptance --------------------------------------------------------------------------------


def without(report: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name not in names}


def test_the_real_export_comes_to_what_it_must(ledger: Ledger, tmp_path: Path) -> None:
    """Sums, people, the repeated import, and another file that holds the same rows."""
    book = ledger.open()
    path = real_file(tmp_path / "service_records.csv")
    wanted = expected()
    people = wanted.pop("people")
    told: list[tuple[int, int]] = []
    first = import_service_records(
        book, path, progress=lambda done, total: told.append((done, total))
    ).as_dict()

    assert without(first, "lines", "flags") == wanted
    assert told[-1] == (40_092, 40_092)
    assert [each["record"] for each in first["lines"]] == list(range(1, 40_093))
    # 83 records hold a quoted line break, and each moves those below it by a line.
    assert first["lines"][-1]["line"] == 40_092 + 1 + 83

    for number, has in people.items():
        (volunteer,) = book.vault.find("volunteer", "number", number)
        standing = book.standing(volunteer)
        assert {
            "service_minutes": standing.service_minutes,
            "points_hundredths": standing.points_earned_hundredths,
            "eligible_star": standing.eligible_star,
        } == has

    assert import_service_records(book, path).as_dict() == {**first, "recorded": 0}

    other = real_slice(tmp_path / "other.csv", 1, 2_000)
    again = import_service_records(book, other).as_dict()
    assert again["effective_total"] == again["held_total"] == 0
    assert again["refused"]["duplicate_record"] > 1_800
