"""Import of service records that other systems export (design §10).

A file goes in by chunks of records, one database transaction each: entries, balances and what
became of each record are stored together, so a crash leaves whole chunks and the same file sent
again goes on where the last one ended. What comes out does not depend on the size of the chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table

from ledger.actions.service import RecordService
from ledger.book import CONSOLE, Book, Caller
from ledger.errors import Refused
from ledger.fold.points import points_brought
from ledger.intake.desk import Asked, Desk, open_desk
from ledger.intake.files import FileRecord, TableFile, open_table
from ledger.intake.gate import Gate, Noes, OpenGate
from ledger.intake.people import People
from ledger.intake.report import MINOR_WITHOUT_CONSENT, Report
from ledger.intake.rows import HEADER, Read, Session, normalised, read_session
from ledger.intake.turnstile import alone
from ledger.sequencer import Receipt, Result, collector_at_rest
from ledger.store import tables
from ledger.store.outcomes import NO_ENTRY, Outcome

BATCH_MAX: Final = 5_000
"""Records in one transaction, at most."""

Progress = Callable[[int, int], None]
"""Told (records done, records in the file) after each chunk."""


def import_service_records(
    book: Book,
    file: Path | bytes,
    *,
    caller: Caller = CONSOLE,
    gate: Gate | None = None,
    dry_run: bool = False,
    batch: int = BATCH_MAX,
    progress: Progress | None = None,
    with_lines: bool = True,
) -> Report:
    """Record every session of a CSV file and say what became of each (design §10).

    `gate` says which of them the caller may hand in; without one, all. A dry run decides all the
    same and writes nothing. `batch` is the number of records in one transaction, 1 to 5,000
    (ValueError otherwise). Without `with_lines` the report holds sums
    only. No volunteer can be registered elsewhere meanwhile.

    Raises Refused, and nothing is imported, for whatever is wrong with the file as a whole (see
    `open_table`) and with `import_running`; with `file_changed` if somebody writes to the file
    meanwhile, and then what was recorded before stays and the file can be sent again.
    """
    if not 1 <= batch <= BATCH_MAX:
        raise ValueError(f"a batch has 1 to {BATCH_MAX} records, not {batch}")
    gate = gate or OpenGate()
    with open_table(file, HEADER, normalised) as table, alone(book.database, book.home):
        source = gate.source(table.digest)
        now = book.clock.now_ms()
        policy = book.policy()
        report = Report(policy, with_lines=with_lines)
        with (
            book.vault.claims(persist=not dry_run, at=now) as claims,
            # After the claims: a rehearsal must see whoever was registered before they began.
            open_desk(book, caller, dry_run=dry_run) as desk,
        ):
            # A run that died before it recorded anything has left refusals only.
            desk.forget_if_nothing_recorded(source)
            people = People(
                claims,
                desk,
                book.new_id,
                guardian_below_age=policy.guardian_below_age,
                today=policy.local_date(now),
            )
            _Import(table, source, gate, desk, people, report).run(batch, progress)
            desk.forget_if_nothing_recorded(source)
        if not dry_run:
            people.sweep(book.vault, made_before_ms=now + 1)
    return report


class _Import:
    """One run through one file."""

    def __init__(
        self,
        file: TableFile,
        source: bytes,
        gate: Gate,
        desk: Desk,
        people: People,
        report: Report,
    ) -> None:
        self._file = file
        self._source = source
        self._gate = gate
        self._desk = desk
        self._people = people
        self._report = report
        self._begun = desk.has_begun(source)
        self._recorded = 0
        self._flagged: set[str] = set()

    def run(self, batch: int, progress: Progress | None) -> None:
        done = 0
        for chunk in _chunks(self._file.records(), batch):
            with collector_at_rest():
                self._take(chunk)
            done += len(chunk)
            if progress is not None:
                progress(done, self._file.total)
        if self._begun:
            self._report.recorded = self._recorded

    def _take(self, chunk: Sequence[FileRecord]) -> None:
        """Decide one chunk, or answer it from what is known."""
        reads = {record.number: read_session(record.cells) for record in chunk}
        known: Mapping[int, Outcome] = {}
        if self._begun:
            known = self._desk.outcomes(self._source, chunk[0].number, chunk[-1].number)
        undecided = {number: read for number, read in reads.items() if number not in known}
        fresh = self._decide(undecided, known, reads) if undecided else {}
        for record in chunk:
            read = reads[record.number]
            outcome = known.get(record.number) or fresh[record.number]
            if outcome.flag and isinstance(read, Session):
                self._flagged.add(read.volunteer)
            self._report.add(record.line, read, outcome)

    def _decide(
        self,
        undecided: Mapping[int, Read],
        known: Mapping[int, Outcome],
        reads: Mapping[int, Read],
    ) -> dict[int, Outcome]:
        """Hand in what nobody has decided yet; outcomes by record number."""
        sessions = {n: read for n, read in undecided.items() if isinstance(read, Session)}
        noes = dict(self._gate.before_claims(sessions))
        sessions = {n: session for n, session in sessions.items() if n not in noes}
        made = self._people.actions(list(sessions.values())) if sessions else []
        actions = dict(zip(sessions, made, strict=True))
        noes |= self._gate.before_decisions(sessions, actions, self._desk)
        actions = {n: action for n, action in actions.items() if n not in noes}
        asks: list[Asked] = [(action, *self._key(number)) for number, action in actions.items()]

        outcomes: list[Outcome] = []

        def beside(results: Sequence[Result]) -> Sequence[tuple[Table, Sequence[Any]]]:
            # Made afresh each time it is asked, because a group that fails is decided again.
            decided = dict(zip(actions, zip(actions.values(), results, strict=True), strict=True))
            outcomes[:] = self._outcomes(undecided, noes, decided, known, reads)
            return [(tables.outcomes, outcome) for outcome in outcomes]

        self._file.refuse_change()
        # A crash before this line leaves candidates that the next run of the file claims again;
        # after it, the whole chunk is there, each record with its outcome.
        for result in self._desk.record(asks, beside):
            if isinstance(result, Receipt):
                self._people.learn(result.entries)
                # Known to the journal, though nothing remembered what became of the record.
                self._begun = self._begun or result.replayed
                self._recorded += not result.replayed
        return {outcome.item: outcome for outcome in outcomes}

    def _key(self, number: int) -> tuple[str, bytes]:
        """A record's key and request. The digest stands for all that the record says; the colon
        keeps the key apart from any that a client may send."""
        name = f"import:{self._source.hex()}:{number}"
        return name, name.encode()

    def _outcomes(
        self,
        undecided: Mapping[int, Read],
        noes: Noes,
        decided: Mapping[int, tuple[RecordService, Result]],
        known: Mapping[int, Outcome],
        reads: Mapping[int, Read],
    ) -> Iterator[Outcome]:
        """What became of each undecided record; changes nothing, for it may be asked twice."""
        source = self._source
        flagged = set(self._flagged)
        for number, read in reads.items():
            earlier = known.get(number)
            if earlier is not None:
                if earlier.flag and isinstance(read, Session):
                    flagged.add(read.volunteer)
            elif isinstance(read, str):
                yield Outcome(source, number, "refused", read, 0, 0, "", NO_ENTRY)
            elif not isinstance(read, Session):
                yield Outcome(source, number, "skipped", "", 0, 0, "", NO_ENTRY)
            elif number in noes:
                yield Outcome(source, number, "refused", noes[number].code, 0, 0, "", NO_ENTRY)
            else:
                action, result = decided[number]
                if isinstance(result, Refused):
                    code = self._gate.told(action, result)
                    yield Outcome(source, number, "refused", code, 0, 0, "", NO_ENTRY)
                    continue
                flag = ""
                if read.volunteer not in flagged and self._people.is_minor_without_consent(
                    action.volunteer
                ):
                    flag = MINOR_WITHOUT_CONSENT
                    flagged.add(read.volunteer)
                facts = result.entry.facts
                points, _ = points_brought(result.entry.postings)
                yield Outcome(
                    source,
                    number,
                    facts["outcome"],
                    facts["reasons"],
                    facts["minutes"],
                    points,
                    flag,
                    result.entry.index,
                )


def _chunks(records: Iterator[FileRecord], size: int) -> Iterator[list[FileRecord]]:
    while chunk := list(islice(records, size)):
        yield chunk
