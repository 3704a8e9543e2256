"""`kill -9` under load, again and again, and every promise looked at after each.

A writer in a process of its own records with many threads and notes each write *after* it was
acknowledged. It is killed at a random moment. Then: every noted write is there with its hash;
sending one of them again gives the same receipt; every write in flight is there as a whole or not
at all; the chain holds; and every projection is what the entries say.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.figure import Figure, Settings, say
from bench.town import Place, Town, settle
from ledger.book import CONSOLE, Book
from ledger.entry import NOTHING_BEFORE, decode, leaf_hash
from ledger.sequencer import Receipt
from ledger.store import journal
from ledger.store.rebuilding import differences
from tests.postgres import PostgresServer

CALLERS: Final = 16
PEOPLE: Final = 160
"""Ten for each caller, so that two callers never speak of one person."""
SECONDS: Final = (0.3, 2.0)
START_SECONDS_MAX: Final = 60


@dataclass(slots=True)
class Toll:
    """What was seen over all rounds."""

    acknowledged: int = 0
    missing: int = 0
    changed: int = 0
    broken_links: int = 0
    different_rows: int = 0
    replayed: int = 0
    in_flight_kept: int = 0
    in_flight_gone: int = 0
    acknowledged_by_round: list[int] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """Promises broken."""
        return self.missing + self.changed + self.broken_links + self.different_rows


def run(settings: Settings) -> list[Figure]:
    """SQLite, then PostgreSQL."""
    rounds = settings.choose(5, 20)
    figures = [_measure(Place.on_sqlite(settings.folder / "crash-sqlite"), "SQLite", rounds)]
    with PostgresServer(durable=True) as server:
        home = settings.folder / "crash-postgresql"
        place = Place(home=home, database_url=server.create_database())
        figures.append(_measure(place, "PostgreSQL", rounds))
    return figures


def _measure(place: Place, name: str, rounds: int) -> Figure:
    chosen = random.Random(9)
    book = place.found()
    town = settle(book, PEOPLE)
    book.signer.sign()
    book.close()
    toll = Toll()
    for number in range(rounds):
        notes = place.home / f"acknowledged-{number}"
        _kill_under_load(place, town, number, notes, chosen.uniform(*SECONDS))
        _look(place, town, number, notes, toll)
        say(f"  {name} {number + 1}/{rounds}: {toll.acknowledged_by_round[-1]} acknowledged")
    return Figure(
        name=f"promises broken by kill -9, {name}",
        value=toll.failures,
        unit="promises",
        ceiling=0,
        how={
            "rounds": rounds,
            "callers": CALLERS,
            "killed_after_seconds": list(SECONDS),
            "killed": "the ledger's process; the database server of PostgreSQL lives on",
            "acknowledged": toll.acknowledged,
            "acknowledged_and_missing": toll.missing,
            "acknowledged_with_another_hash": toll.changed,
            "broken_links": toll.broken_links,
            "projected_rows_that_differ": toll.different_rows,
            "sent_again_and_replayed": toll.replayed,
            "in_flight_found_whole": toll.in_flight_kept,
            "in_flight_never_written": toll.in_flight_gone,
            "acknowledged_by_round": toll.acknowledged_by_round,
        },
    )


# The writer --------------------------------------------------------------------------------------


def _kill_under_load(place: Place, town: Town, number: int, notes: Path, seconds: float) -> None:
    context = multiprocessing.get_context("spawn")
    writer = context.Process(target=write, args=(place, town, number, notes))
    writer.start()
    deadline = time.monotonic() + START_SECONDS_MAX
    while not (notes.exists() and notes.stat().st_size):
        if not writer.is_alive() or time.monotonic() > deadline:
            writer.kill()
            raise RuntimeError("the writer did not begin to write")
        time.sleep(0.005)
    time.sleep(seconds)
    if not writer.is_alive():
        raise RuntimeError("the writer ended before it was killed")
    writer.kill()
    writer.join()


def write(place: Place, town: Town, number: int, notes: Path) -> None:
    """Record for ever with many threads; a line in `notes` for each acknowledged write."""
    book = place.open()
    file = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    threads = [
        threading.Thread(target=_write, args=(book, town, number, caller, file))
        for caller in range(CALLERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _write(book: Book, town: Town, number: int, caller: int, file: int) -> None:
    for step in itertools.count():
        entry = _send(book, town, number, caller, step).entry
        # One call, so the line is in the kernel whole or not at all, and outlives the process.
        os.write(file, f"{caller} {step} {entry.index} {entry.hash.hex()}\n".encode())


def _send(book: Book, town: Town, number: int, caller: int, step: int) -> Receipt:
    """Write number `step` of a caller: always the same request under the same key."""
    people = PEOPLE // CALLERS
    action = town.session(
        caller * people + step % people, number * 1_000 + step // people, book.new_id()
    )
    return book.record(action, caller=CONSOLE, key=_key(number, caller, step))


def _key(number: int, caller: int, step: int) -> str:
    return f"crash-round-{number}-caller-{caller}-{step}"


# Afterwards --------------------------------------------------------------------------------------


def _look(place: Place, town: Town, number: int, notes: Path, toll: Toll) -> None:
    """Open the ledger as after any crash, and look at every promise."""
    noted = [line.split() for line in notes.read_text().splitlines()]
    toll.acknowledged += len(noted)
    toll.acknowledged_by_round.append(len(noted))
    book = place.open()
    _look_at_chain(book, {int(index): hash_ for _, _, index, hash_ in noted}, toll)
    toll.different_rows += sum(1 for _ in differences(book.database, book.origin))
    for caller in range(CALLERS):
        steps = [int(step) for at, step, _, _ in noted if int(at) == caller]
        _send_again(book, town, number, caller, max(steps, default=-1), toll)
    toll.different_rows += sum(1 for _ in differences(book.database, book.origin))
    book.signer.sign()
    book.close()


def _look_at_chain(book: Book, noted: dict[int, str], toll: Toll) -> None:
    index, prev = 0, NOTHING_BEFORE
    with book.database.reading() as connection:
        for stored, data in journal.every_entry(connection):
            entry = decode(data)
            linked = f'"prev":"{prev.hex()}"'.encode() in data
            if not linked or entry.index != index or leaf_hash(data) != stored:
                toll.broken_links += 1
            if noted.pop(index, stored.hex()) != stored.hex():
                toll.changed += 1
            index, prev = index + 1, stored
        head = journal.read_head(connection, book.origin).chain
    toll.broken_links += (head.size, head.hash) != (index, prev)
    toll.missing += len(noted)


def _send_again(book: Book, town: Town, number: int, caller: int, last: int, toll: Toll) -> None:
    """The last acknowledged write gives the same receipt; the one in flight is whole or new."""
    if last >= 0:
        if _send(book, town, number, caller, last).replayed:
            toll.replayed += 1
        else:
            toll.missing += 1
    if _send(book, town, number, caller, last + 1).replayed:
        toll.in_flight_kept += 1
    else:
        toll.in_flight_gone += 1
