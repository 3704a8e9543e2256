"""A standing and a receipt in a large ledger, against the same in a small one (SQLite).

Every volunteer has the same number of sessions in both, because a standing is about one person;
the large ledger has more people. The two take turns, question by question.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.figure import Figure, Settings, median, say, settled_memory
from bench.town import Place, record_everything, settle
from ledger.book import Book

SMALL: Final = 10_000
RECORDS_EACH: Final = 20
RATIO_MAX: Final = 1.3


@dataclass(frozen=True, slots=True)
class Asked:
    """An open ledger, and whom and what to ask it for."""

    book: Book
    volunteers: list[str]
    indexes: list[int]


def run(settings: Settings) -> list[Figure]:
    """A standing; a receipt asked for again; a receipt asked for the first time."""
    large, questions = settings.choose(100_000, 1_000_000), settings.choose(500, 2_000)
    chosen = random.Random(20)
    ledgers = [_ask(settings, entries, questions, chosen) for entries in (SMALL, large)]
    warming = [_warm(ledger) for ledger in ledgers]
    first = _alternate(ledgers, questions, _receipt)
    again = _alternate(ledgers, questions, _receipt)
    _alternate(ledgers, questions, _standing)
    standing = _alternate(ledgers, questions, _standing)
    for ledger in ledgers:
        ledger.book.close()
    how = {
        "entries": [SMALL, large],
        "questions": questions,
        "records_of_each_volunteer": RECORDS_EACH,
        "database": "SQLite, files in the page cache",
        "turns": "question by question; the second round of each is counted",
    }
    name = f"{large:,} entries against {SMALL:,}"
    return [
        _figure(f"a standing, {name}", standing, how),
        _figure(f"a receipt, {name}", again, how),
        _figure(
            f"a receipt, first questions after the start, {name}",
            first,
            {"why": "a serving process reads all tiles at its start", "warming_seconds": warming},
            judged=False,
        ),
    ]


def _ask(settings: Settings, entries: int, questions: int, chosen: random.Random) -> Asked:
    place = _built(settings.cache / f"reads-{entries}", entries)
    people = json.loads((place.home / "people.json").read_text())
    return Asked(
        place.open(),
        [chosen.choice(people) for _ in range(questions)],
        [chosen.randrange(entries) for _ in range(questions)],
    )


def _built(home: Path, entries: int) -> Place:
    """A ledger of exactly so many entries, kept from an earlier run if it is there."""
    place = Place.on_sqlite(home)
    if (home / "people.json").exists():
        return place
    if home.exists():
        # An earlier run was broken off here.
        shutil.rmtree(home)
    say(f"  building a ledger of {entries:,} entries")
    start = time.monotonic()
    book = place.found()
    people = entries // (RECORDS_EACH + 2)
    town = settle(book, people)
    size = book.signer.sign()
    if size is None:
        raise RuntimeError("somebody else signs for a ledger that is new")
    missing = entries - size.size
    for number in range(0, missing, 50_000):
        record_everything(book, town.sessions(book, number, min(50_000, missing - number)))
    book.signer.sign()
    book.close()
    (home / "people.json").write_text(json.dumps(town.volunteers))
    say(f"  built in {time.monotonic() - start:.0f} s")
    return place


def _warm(ledger: Asked) -> float:
    """Read the tiles as a serving process does at its start; seconds."""
    start = time.perf_counter()
    ledger.book.warm()
    return round(time.perf_counter() - start, 2)


def _standing(ledger: Asked, number: int) -> None:
    ledger.book.standing(ledger.volunteers[number])


def _receipt(ledger: Asked, number: int) -> None:
    ledger.book.receipt(ledger.indexes[number])


def _alternate(
    ledgers: list[Asked], questions: int, ask: Callable[[Asked, int], None]
) -> list[float]:
    """Median ms of each ledger's answers."""
    taken: list[list[float]] = [[] for _ in ledgers]
    with settled_memory():
        for number in range(questions):
            for ledger, times in zip(ledgers, taken, strict=True):
                start = time.perf_counter()
                ask(ledger, number)
                times.append((time.perf_counter() - start) * 1000)
    return [median(times) for times in taken]


def _figure(
    name: str, medians: list[float], how: dict[str, object], *, judged: bool = True
) -> Figure:
    small, large = medians
    return Figure(
        name=name,
        value=large,
        unit="ms",
        baseline=small,
        ceiling=RATIO_MAX if judged else None,
        how=how,
    )
