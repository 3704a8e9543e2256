"""Where the sequencer's time goes, written for `python -m pstats`."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figure import say
from ledger.sequencer import Sequencer

LINES = 40


@contextmanager
def profiled_sequencer(folder: Path | None, name: str) -> Iterator[None]:
    """Sequencers that start inside this block are profiled until they end, into `folder`.

    With None nothing happens. A profiled run is slower: never compare it with another.
    """
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    plain = Sequencer._run

    def run(sequencer: Sequencer) -> None:
        profile = cProfile.Profile()
        try:
            profile.runcall(plain, sequencer)
        finally:
            file = folder / f"{name}.prof"
            profile.dump_stats(file)
            with file.with_suffix(".txt").open("w") as text:
                stats = pstats.Stats(profile, stream=text)
                stats.sort_stats("tottime").print_stats(LINES)
                stats.sort_stats("cumulative").print_stats(LINES)
            say(f"  profile: {file}")

    Sequencer._run = run  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Sequencer._run = plain  # type: ignore[method-assign]
