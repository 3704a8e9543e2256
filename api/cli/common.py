"""What the commands share: the open ledger, keys of their own, progress, JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import click

from api.opening import open_ledger
from api.settings import Settings
from ledger.book import Book

LINES_A_RUN: Final = 10
"""How many lines long work writes where there is no terminal."""

Advance = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@contextmanager
def opened(settings: Settings, *, check: bool = True) -> Iterator[Book]:
    """The ledger, closed again whatever happens."""
    book = open_ledger(settings, check=check)
    try:
        yield book
    finally:
        book.close()


def fresh_key(book: Book) -> str:
    """A key for a request that is made once, by hand."""
    return f"console-{book.new_id()}"


def say_json(document: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@contextmanager
def progress(label: str) -> Iterator[Advance]:
    """A bar on a terminal, a few plain lines elsewhere; both on standard error."""
    if sys.stderr.isatty():
        with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

            def draw(done: int, total: int) -> None:
                bar.length = max(1, total)
                bar.update(done - bar.pos)

            yield draw
        return
    said = -1

    def write(done: int, total: int) -> None:
        nonlocal said
        tenth = LINES_A_RUN * done // max(1, total)
        if tenth > said:
            said = tenth
            click.echo(f"{label}: {done} of {total}", err=True)

    yield write


def hours_and_minutes(minutes: int) -> str:
    """Minutes as people say them: 2 h 30 min."""
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def points(hundredths: int) -> str:
    """Hundredths of a point as people write them, with decimals only when there are any."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)
