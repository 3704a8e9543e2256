"""Offline verification of an exported bundle, as `bench.verify` measures it on one core."""

from __future__ import annotations

from typing import Final

from bench import verify
from bench.figure import Figure, Settings

MEBIBYTES_MAX: Final = 300


def run(settings: Settings) -> list[Figure]:
    """Entries a second with orjson and without, and the most memory that it took."""
    entries = settings.choose(100_000, 1_000_000)
    measured = verify.measure(entries)
    how = {"entries": entries, **measured}
    return [
        Figure(
            name="offline verification with orjson",
            value=measured["entries_per_second_orjson"],
            unit="entries/s",
            floor=80_000,
            how=how,
        ),
        Figure(
            name="offline verification without orjson",
            value=measured["entries_per_second_plain"],
            unit="entries/s",
            floor=35_000,
        ),
        Figure(
            name="memory of offline verification",
            value=measured["peak_rss_mb"],
            unit="MiB",
            ceiling=MEBIBYTES_MAX,
        ),
    ]
