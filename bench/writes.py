"""Single writes on PostgreSQL, against plain double-entry tables without a chain.

The baseline is what a sensible engineer would write who needs no proof: one transaction a write,
with a transaction row, two posting rows and the volunteer's two balances, and no row that all
writers share (the issuer has no balance). It keeps no idempotency key, no record of the session
and no history by person, checks no rule, and runs in C (pgbench, prepared statements), so it does
far less than ours. A second baseline packs the same rows into a single statement.
"""

from __future__ import annotations

import multiprocessing
import re
import subprocess
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import make_url

from bench.figure import Figure, Settings, listed, median, say, settled_memory, take_turns
from bench.profiling import profiled_sequencer
from bench.town import Asks, Place, Town, keyed, require_effective, settle
from ledger.book import CONSOLE, Book
from tests.postgres import PostgresServer, binaries

PEOPLE: Final = 4_000
CLIENTS: Final = 32
MANY_CALLERS: Final = 128
WRITES_A_SECOND_MAX: Final = 14_000
"""So many actions are made ready for each second."""

BASELINE_TABLES: Final = """
CREATE TABLE transactions (
    id bigserial PRIMARY KEY, kind text NOT NULL, volunteer bigint NOT NULL,
    minutes bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE postings (
    id bigserial PRIMARY KEY, transaction bigint NOT NULL, source bigint NOT NULL,
    destination bigint NOT NULL, asset text NOT NULL, amount bigint NOT NULL);
CREATE TABLE balances (
    account bigint NOT NULL, asset text NOT NULL, amount bigint NOT NULL,
    PRIMARY KEY (account, asset));
"""
ADD_TO_BALANCES: Final = """
INSERT INTO balances (account, asset, amount)
VALUES (:volunteer, 'SERVICE', 120), (:volunteer, 'POINT', 200)
ON CONFLICT (account, asset) DO UPDATE SET amount = balances.amount + excluded.amount
"""
A_TRANSACTION: Final = f"""
\\set volunteer random(1, {PEOPLE})
BEGIN;
INSERT INTO transactions (kind, volunteer, minutes)
VALUES ('service', :volunteer, 120) RETURNING id AS transaction \\gset
INSERT INTO postings (transaction, source, destination, asset, amount)
VALUES (:transaction, 0, :volunteer, 'SERVICE', 120),
       (:transaction, 0, :volunteer, 'POINT', 200);
{ADD_TO_BALANCES};
COMMIT;
"""
A_STATEMENT: Final = f"""
\\set volunteer random(1, {PEOPLE})
WITH t AS (INSERT INTO transactions (kind, volunteer, minutes)
           VALUES ('service', :volunteer, 120) RETURNING id, volunteer),
     p AS (INSERT INTO postings (transaction, source, destination, asset, amount)
           SELECT t.id, 0, t.volunteer, moved.asset, moved.amount
           FROM t, (VALUES ('SERVICE', 120), ('POINT', 200)) AS moved (asset, amount))
{ADD_TO_BALANCES};
"""


def run(settings: Settings) -> list[Figure]:
    """The two floors, and two processes as a third line."""
    seconds, repetitions = settings.choose(3, 15), settings.choose(2, 3)
    with PostgresServer(durable=True) as server:
        baseline = Baseline(server, settings.folder)
        place = Place(home=settings.folder / "writes", database_url=server.create_database())
        book = place.found()
        ours = Ours(book, place, settle(book, PEOPLE))
        contenders = {
            "pgbench, 32 clients": partial(baseline.rate, A_TRANSACTION, seconds),
            "book.record, 32 callers": partial(ours.rate, CLIENTS, seconds),
            "pgbench, 32 clients, one statement": partial(baseline.rate, A_STATEMENT, seconds),
            "book.record, 128 callers": partial(ours.rate, MANY_CALLERS, seconds),
            "book.record, 2 processes of 64": partial(ours.rate_of_two, 64, seconds),
        }
        runs = take_turns(repetitions, contenders)
        ours.close()
        if settings.profile is not None:
            with profiled_sequencer(settings.profile, "writes"):
                again = ours.reopened()
                again.rate(CLIENTS, seconds)
                again.close()
    rates = {name: median(numbers) for name, numbers in runs.items()}
    plain = rates["pgbench, 32 clients"]
    how = {
        "seconds": seconds,
        "repetitions": repetitions,
        "durable": "fsync, full_page_writes and synchronous_commit on",
        "ours": "RecordService, every rule; 2 postings; effective; nobody signs meanwhile",
        "baseline": "pgbench -M prepared -c 32: 1 transaction row, 2 postings, 2 balances, BEGIN"
        " to COMMIT",
        "against_one_statement": {
            callers: round(rates[f"book.record, {callers} callers"] / rates[name], 3)
            for callers in (CLIENTS, MANY_CALLERS)
            for name in ["pgbench, 32 clients, one statement"]
        },
        "cpu_us_a_write": {
            callers: round(median(taken), 1) for callers, taken in ours.cpu_us.items()
        },
        "runs": listed(runs),
    }
    lines = [
        ("single writes, PostgreSQL, 32 callers", "book.record, 32 callers", 0.85),
        ("single writes, PostgreSQL, 128 callers", "book.record, 128 callers", 1.4),
        ("single writes, PostgreSQL, 2 × 64 callers", "book.record, 2 processes of 64", None),
    ]
    return [
        Figure(
            name=name,
            value=rates[contender],
            unit="writes/s",
            baseline=plain,
            floor=floor,
            how=how if floor == 0.85 else {},
        )
        for name, contender, floor in lines
    ]


class Baseline:
    """Plain tables in a database of their own on the same server."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._address = make_url(server.create_database()).set(drivername="postgresql")
        self._folder = folder
        with self._connected() as connection:
            connection.execute(BASELINE_TABLES)

    def rate(self, script: str, seconds: int) -> float:
        """Writes a second by pgbench's own count."""
        with self._connected() as connection:
            connection.execute("CHECKPOINT")
        file = self._folder / "write.sql"
        file.write_text(script)
        address = self._address
        # fmt: off
        said = subprocess.run(
            [binaries() / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}",
             "--jobs=2", f"--time={seconds}", f"--file={file}",
             f"--host={address.query['host']}", f"--username={address.username}",
             str(address.database)],
            capture_output=True, text=True, check=False,
        )
        # fmt: on
        found = re.search(r"^tps = ([0-9.]+)", said.stdout, re.MULTILINE)
        if said.returncode != 0 or found is None:
            raise RuntimeError(f"pgbench failed: {said.stderr or said.stdout}")
        return float(found[1])

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._address.render_as_string(hide_password=False), autocommit=True)


class Ours:
    """The ledger, with sessions that were never recorded before."""

    def __init__(self, book: Book, place: Place, town: Town) -> None:
        self._book = book
        self._place = place
        self._town = town
        self._next = 0
        self.cpu_us: defaultdict[int, list[float]] = defaultdict(list)
        """Processor time of this process for each write, by the number of callers."""

    def reopened(self) -> Ours:
        """The same ledger with a new sequencer; whoever asks closes it."""
        again = Ours(self._place.open(), self._place, self._town)
        again._next = self._next
        return again

    def close(self) -> None:
        """Let go of the ledger."""
        self._book.close()

    def rate(self, callers: int, seconds: int) -> float:
        """Writes a second through `book.record` with so many threads."""
        _settle_disk(self._book)
        first = self._reserve(seconds * WRITES_A_SECOND_MAX)
        rate, cpu_us = write_for(self._book, self._town, first, callers, seconds)
        self.cpu_us[callers].append(cpu_us)
        return rate

    def rate_of_two(self, callers: int, seconds: int) -> float:
        """The same from two processes with so many threads each, on the same ledger."""
        _settle_disk(self._book)
        count = seconds * WRITES_A_SECOND_MAX
        context = multiprocessing.get_context("spawn")
        with context.Pool(2) as pool:
            jobs = [
                pool.apply_async(
                    write_elsewhere,
                    (self._place, self._town, self._reserve(count), callers, seconds),
                )
                for _ in range(2)
            ]
            return sum(job.get(timeout=300) for job in jobs)

    def _reserve(self, count: int) -> int:
        """Numbers of sessions for one run, whole days apart so that no two runs meet."""
        first = self._next
        self._next += -(-count // PEOPLE) * PEOPLE
        return first


def write_elsewhere(place: Place, town: Town, first: int, callers: int, seconds: int) -> float:
    """`write_for` in a process of its own."""
    book = place.open()
    try:
        return write_for(book, town, first, callers, seconds)[0]
    finally:
        book.close()


def write_for(
    book: Book, town: Town, first: int, callers: int, seconds: int
) -> tuple[float, float]:
    """Record sessions from number `first` on with `callers` threads.

    Writes a second, and µs of this process's processor time for each.
    """
    asks = keyed(book, town.sessions(book, first, seconds * WRITES_A_SECOND_MAX))
    ready = threading.Barrier(callers + 1)
    with settled_memory(), ThreadPoolExecutor(callers) as pool:
        jobs = [
            pool.submit(_write, book, asks[caller::callers], ready, seconds)
            for caller in range(callers)
        ]
        ready.wait()
        start, cpu_start = time.perf_counter(), time.process_time()
        written = sum(job.result() for job in jobs)
        taken, cpu_taken = time.perf_counter() - start, time.process_time() - cpu_start
    if written == len(asks):
        say("  every prepared action was used; the rate is right, the run was shorter")
    return written / taken, cpu_taken / written * 1e6


def _write(book: Book, asks: Asks, ready: threading.Barrier, seconds: int) -> int:
    ready.wait()
    end = time.perf_counter() + seconds
    written = 0
    for action, key, _ in asks:
        if time.perf_counter() >= end:
            break
        require_effective(book.record(action, caller=CONSOLE, key=key))
        written += 1
    return written


def _settle_disk(book: Book) -> None:
    """What earlier runs left to be written is on disk before this one begins."""
    address = make_url(book.database.url).set(drivername="postgresql")
    with psycopg.connect(
        address.render_as_string(hide_password=False), autocommit=True
    ) as connection:
        connection.execute("CHECKPOINT")
