"""Files of service records that an organisation uploads (design §10, trust §5).

A file is tried first: every row's fate is known before anything is committed. What may be recorded
is decided by the import itself, and `import_gate` says what an organisation may hand in and learn.
Between the steps the file lies sealed, for a few days. Committed, it goes in by slices that any
process may take up where the last one ended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ledger.book import Book, Caller
from ledger.door.import_files import identities_in, revised, rows_of_people
from ledger.door.import_gate import OrganisationGate
from ledger.door.tree import one_row
from ledger.errors import Refused
from ledger.intake import Report, import_service_records
from ledger.intake.rows import EVIDENCE, HEADER, normalised
from ledger.rows import Credential, Party
from ledger.store import imports as stored
from ledger.store.imports import CHECKED, COMMITTED, COMMITTING, DISCARDED, OPEN, STOPPED, Import
from ledger.store.outcomes import highest_entry

FILE_BYTES_MAX: Final = 24 * 1024 * 1024
"""More than a hundred thousand rows."""
IDENTITIES_A_DAY: Final = 10_000
"""How many people an organisation may ask about in dry runs of one local day (trust §5)."""
KEPT_MS: Final = 3 * 86_400_000
"""How long a file is kept after the last step, sealed."""
KNOWN_MS: Final = 90 * 86_400_000
"""How long its counts and the fates of its rows are kept; nobody is named in them."""
SLICE: Final = 500
"""Records in one transaction of a commit, so that tills need not wait long."""
SLICE_SECONDS: Final = 3.0
"""How long a commit keeps others from registering anybody, at a time."""
WAIT_SECONDS: Final = 30.0
"""How long a dry run waits for an import that is running."""

PERSON_FORGOTTEN: Final = "person_forgotten"
"""Why rows of a file are empty that were not."""
_EVIDENCE_AT: Final = HEADER.index("记录方式")

Changes = Mapping[int, Sequence[str] | None]
"""By record number, its cells anew, or None to leave the row out."""


def check(book: Book, caller: Caller, content: bytes, *, import_id: str) -> Import:
    """Try a file and keep it, sealed, with every row's fate. The same id again answers with what is
    there.

    Refuses as `open_table`, with `key_reused`, `file_too_large`, `too_many_identities` and
    `import_running`.
    """
    if len(content) > FILE_BYTES_MAX:
        raise Refused("file_too_large", "the file is longer than is taken; send it in parts")
    gate = OrganisationGate(book, caller)
    with book.database.reading() as connection:
        before = stored.find(connection, import_id)
    if before is not None:
        if before.organisation != caller.id or before.source != gate.source_of(content):
            raise Refused("key_reused", "this key stood for another file; send a new key")
        return before
    row, report = _tried(book, caller, content, import_id=import_id, revision=1, before=frozenset())
    stored.keep(book.database, row, _told(report), book.vault.sealer.seal_file(import_id, content))
    return found(book, caller, import_id)


def change(book: Book, caller: Caller, import_id: str, revision: int, changes: Changes) -> Import:
    """Put other cells into rows, or leave rows out, and try it anew. Record numbers stay.

    Refuses with `not_found`, `import_state_conflict`, `import_changed`, `unknown_row`,
    `too_many_identities` and `import_running`.
    """
    before = _open(book, caller, import_id, revision)
    content = content_of(book, before)
    made = revised(content, changes)
    row, report = _tried(
        book,
        caller,
        made,
        import_id=import_id,
        revision=before.revision + 1,
        before=identities_in(content),
    )
    sealed = book.vault.sealer.seal_file(import_id, made)
    if not stored.replace(
        book.database, before, row._replace(made=before.made), _told(report), sealed
    ):
        raise _changed()
    return found(book, caller, import_id)


def commit(book: Book, caller: Caller, import_id: str, revision: int) -> Import:
    """Record what was seen, from now on and without anybody waiting for it. Again changes nothing.

    Refuses with `not_found`, `import_state_conflict`, `import_changed` and `import_file_gone`.
    """
    before = found(book, caller, import_id)
    if before.revision == revision and before.state in (COMMITTING, COMMITTED):
        return before
    before = _open(book, caller, import_id, revision)
    if not before.until:
        raise _gone()
    now = book.clock.now_ms()
    if not stored.move(
        book.database,
        before,
        COMMITTING,
        now=now,
        until=now + KEPT_MS,
        credential=caller.credential,
        why=before.why if before.why == PERSON_FORGOTTEN else "",
    ):
        raise _changed()
    return found(book, caller, import_id)


def discard(book: Book, caller: Caller, import_id: str) -> Import:
    """Record nothing of it; the file goes at once. Refuses with `not_found` and
    `import_state_conflict`."""
    before = found(book, caller, import_id)
    if before.state == DISCARDED:
        return before
    if before.state not in OPEN:
        raise _conflict(before)
    if not stored.move(book.database, before, DISCARDED, now=book.clock.now_ms(), until=0):
        raise _changed()
    return found(book, caller, import_id)


# Looking -----------------------------------------------------------------------------------------


def found(book: Book, caller: Caller, import_id: str) -> Import:
    """An upload of the caller's own. Refuses with `not_found`."""
    with book.database.reading() as connection:
        row = stored.find(connection, import_id)
    if row is None or row.organisation != caller.id:
        raise Refused("not_found", "there is no such import")
    return row


def known(book: Book, caller: Caller, import_id: str) -> bool:
    """Whether the caller has an upload of this id."""
    with book.database.reading() as connection:
        row = stored.find(connection, import_id)
    return row is not None and row.organisation == caller.id


def recent(
    book: Book, caller: Caller, *, before: int = 0, limit: int = 20
) -> tuple[list[Import], bool]:
    """The caller's uploads, the newest first, made before a time (ms); whether more follow."""
    with book.database.reading() as connection:
        return stored.of_organisation(connection, caller.id, before=before, limit=limit)


def report(book: Book, row: Import) -> dict[str, Any]:
    """What the file comes to, or came to (design §10)."""
    with book.database.reading() as connection:
        kept = stored.report_of(connection, row.import_id)
    told: dict[str, Any] = json.loads(kept)
    return told


def done(book: Book, row: Import) -> int:
    """How many of its records have been decided so far; all of them once it is committed."""
    if row.state == COMMITTED:
        return row.records
    with book.database.reading() as connection:
        return min(row.records, stored.decided(connection, row.source))


def content_of(book: Book, row: Import) -> bytes:
    """The file's bytes. Refuses with `import_file_gone`."""
    with book.database.reading() as connection:
        sealed = stored.sealed_of(connection, row.import_id)
    if not sealed:
        raise _gone()
    return book.vault.sealer.open_file(row.import_id, sealed)


def log_look(book: Book, caller: Caller, row: Import) -> None:
    """Note that somebody is shown what stands in the file (trust §5)."""
    book.vault.read_many(
        [f"imports/{row.import_id}"],
        [],
        by=caller.party,
        purpose="registration",
        at=book.clock.now_ms(),
    )


# Being forgotten ---------------------------------------------------------------------------------


def forget_people(book: Book, volunteers: Sequence[str]) -> int:
    """Empty the rows of these people (ids) in every file that lies here, before the vault forgets
    by what numbers they are named; how many files had any.

    Every other row keeps its number and what is known of it. What was tried before stands as
    another revision, so that nobody commits what they have not seen; what is being recorded goes
    on without those rows.
    """
    numbers = book.vault.written_as(volunteers)
    if not numbers:
        return 0
    with book.database.reading() as connection:
        waiting = stored.with_files(connection)
    return sum(_emptied(book, one, numbers) for one in waiting)


def _emptied(book: Book, import_id: str, numbers: frozenset[str]) -> bool:
    """Whether a file had rows of theirs, which are empty now."""
    while True:
        with book.database.reading() as connection:
            row = stored.find(connection, import_id)
            sealed = stored.sealed_of(connection, import_id)
            told = stored.report_of(connection, import_id)
        if row is None or not sealed:
            return False
        content = book.vault.sealer.open_file(import_id, sealed)
        theirs = rows_of_people(content, numbers)
        if not theirs:
            return False
        after = row._replace(
            revision=row.revision + (row.state in OPEN),
            why=row.why or PERSON_FORGOTTEN,
        )
        emptied = book.vault.sealer.seal_file(import_id, revised(content, dict.fromkeys(theirs)))
        report = json.loads(told) if row.state in OPEN else None
        if stored.replace(
            book.database,
            row,
            after,
            _without(report, theirs) if report is not None else told,
            emptied,
        ):
            return True
        # Somebody changed it between our look and now: look again.


def _without(report: dict[str, Any], theirs: Mapping[int, Sequence[str]]) -> str:
    """A report in which these rows are skipped. What they would have brought in points, and how
    many people there are, is known again when the file is tried anew."""
    for line in report["lines"]:
        if line["record"] not in theirs or line["outcome"] == "skipped":
            continue
        outcome, why = line["outcome"], "+".join(line["reasons"])
        report[f"{outcome}_total"] -= 1
        report["skipped"] += 1
        if outcome == "effective":
            evidence = EVIDENCE[normalised(theirs[line["record"]][_EVIDENCE_AT])]
            report["effective"][evidence] -= 1
            report["service_minutes"][evidence] -= line["minutes"]
            report["service_minutes_total"] -= line["minutes"]
        else:
            left = report[outcome][why] - 1
            report[outcome] = {**report[outcome], why: left}
            if not left:
                del report[outcome][why]
        line |= {"outcome": "skipped", "reasons": [], "minutes": 0}
    report["flags"] = [each for each in report["flags"] if each["record"] not in theirs]
    return json.dumps(report, ensure_ascii=False, separators=(",", ":"))


# By itself ---------------------------------------------------------------------------------------


class _Enough(Exception):
    """The slice is over; the next one goes on."""


def advance(book: Book, *, seconds: float = SLICE_SECONDS) -> dict[str, Any]:
    """Record the next slice of what waits longest: what was done, {} where nothing waits.

    Any process may; what one leaves undone the next takes up. The organisation must still be
    active and the credential not revoked, else it stops.
    """
    with book.database.reading() as connection:
        row = stored.next_committing(connection)
    if row is None:
        return {}
    try:
        caller = _still_acting(book, row)
        report = _slice(book, caller, row, seconds)
    except _Enough:
        return {"import": row.import_id, "done": done(book, row), "of": row.records}
    except Refused as no:
        if no.code == "import_running":
            return {}
        stored.move(
            book.database,
            row,
            STOPPED,
            now=book.clock.now_ms(),
            until=row.until,
            why=no.code,
        )
        return {"import": row.import_id, "stopped": no.code}
    now = book.clock.now_ms()
    with book.database.reading() as connection:
        # Told as well where rows were emptied while it was being recorded.
        latest = stored.find(connection, row.import_id)
    why = latest.why if latest is not None else ""
    stored.move(
        book.database, row, COMMITTED, now=now, until=now + KEPT_MS, why=why, report=_told(report)
    )
    return {"import": row.import_id, "done": row.records, "of": row.records}


def sweep(book: Book, now: int) -> int:
    """Files whose time is over go; how many."""
    return stored.sweep(book.database, now=now, kept_since=now - KNOWN_MS)


def _slice(book: Book, caller: Caller, row: Import, seconds: float) -> Report:
    """One slice. Raises _Enough where more is left, and Refused."""
    with book.database.reading() as connection:
        before = stored.decided(connection, row.source)
    ends = time.monotonic() + seconds

    def progress(done: int, of: int) -> None:
        if done >= of or done <= before or time.monotonic() < ends:
            return
        with book.database.reading() as connection:
            highest = highest_entry(connection, row.source)
        # Where nothing was recorded yet, the next slice would have to begin again.
        if highest is not None and highest >= 0:
            raise _Enough

    return import_service_records(
        book,
        content_of(book, row),
        caller=caller,
        gate=OrganisationGate(book, caller, source=row.source),
        batch=SLICE,
        progress=progress,
    )


def _still_acting(book: Book, row: Import) -> Caller:
    """Who committed it. That their session or token has run out since stops nothing.

    Refuses with `token_revoked` and `caller_not_active`.
    """
    credential: Credential | None = one_row(book, "credentials", row.credential)
    if credential is None or credential.revoked:
        raise Refused("token_revoked", "the access of whoever committed this was taken back")
    party: Party | None = one_row(book, "parties", credential.party)
    if party is None or party.state != "active":
        raise Refused("caller_not_active", "the organisation may not act at present")
    return Caller(
        party=credential.party,
        role=credential.role,
        credential=credential.credential,
        scopes=frozenset(credential.scopes.split("+")),
    )


def _tried(
    book: Book,
    caller: Caller,
    content: bytes,
    *,
    import_id: str,
    revision: int,
    before: frozenset[str],
) -> tuple[Import, Report]:
    """A dry run, noted and counted before it begins."""
    now = book.clock.now_ms()
    gate = OrganisationGate(book, caller)
    policy = book.policy()
    stored.count_dry_run(
        book.database,
        import_id,
        revision,
        caller.id,
        now=now,
        since=policy.first_instant(policy.local_date(now)),
        identities=len(identities_in(content) - before),
        most=IDENTITIES_A_DAY,
    )
    report = _waiting(
        lambda: import_service_records(book, content, caller=caller, gate=gate, dry_run=True)
    )
    row = Import(
        import_id=import_id,
        organisation=caller.id,
        credential=caller.credential,
        state=CHECKED,
        why="",
        revision=revision,
        source=gate.source_of(content),
        records=report.rows,
        made=now,
        changed=now,
        until=now + KEPT_MS,
    )
    log_look(book, caller, row)
    return row, report


def _waiting(run: Callable[[], Report]) -> Report:
    """Run once nobody else imports. Refuses with `import_running` where that takes too long."""
    ends = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return run()
        except Refused as no:
            if no.code != "import_running" or time.monotonic() >= ends:
                raise
        time.sleep(0.05)


def _told(report: Report) -> str:
    return json.dumps(report.as_dict(), ensure_ascii=False, separators=(",", ":"))


def _open(book: Book, caller: Caller, import_id: str, revision: int) -> Import:
    row = found(book, caller, import_id)
    if row.state not in OPEN:
        raise _conflict(row)
    if row.revision != revision:
        raise _changed()
    return row


def _conflict(row: Import) -> Refused:
    return Refused(
        "import_state_conflict",
        f"this import is {row.state}; nothing can be changed",
        state=row.state,
    )


def _gone() -> Refused:
    return Refused("import_file_gone", "a file is kept for three days; upload it again")


def _changed() -> Refused:
    return Refused("import_changed", "this import was changed meanwhile; look at it again")
