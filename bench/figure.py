"""What a figure is, and the two things all of them need: taking turns, and medians."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to measure. `folder` is private and goes away; `cache` keeps the large ledgers."""

    folder: Path
    cache: Path
    quick: bool = False
    profile: Path | None = None

    def choose(self, quick: int, full: int) -> int:
        """The small number in a quick run."""
        return quick if self.quick else full


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report.

    `value` and `baseline` are in `unit`; `floor` is what the ratio, or else the value, must reach,
    and `ceiling` what it must not exceed. `how` says how it was measured.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    floor: float | None = None
    ceiling: float | None = None
    how: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """The value in baselines."""
        return None if self.baseline is None else self.value / self.baseline

    @property
    def reached(self) -> bool | None:
        """Whether the floor or the ceiling was kept; None where there is neither."""
        judged = self.value if self.ratio is None else self.ratio
        if self.floor is not None:
            return judged >= self.floor
        if self.ceiling is not None:
            return judged <= self.ceiling
        return None

    def as_json(self) -> dict[str, Any]:
        """The figure with what follows from it; absent parts are left out."""
        parts = {
            "figure": self.name,
            "value": _short(self.value),
            "unit": self.unit,
            "baseline": _short(self.baseline),
            "ratio": _short(self.ratio),
            "floor": self.floor,
            "ceiling": self.ceiling,
            "reached": self.reached,
            "how": dict(self.how) or None,
        }
        return {name: part for name, part in parts.items() if part is not None}


Runs = dict[str, list[float]]


def take_turns(repetitions: int, contenders: Mapping[str, Callable[[], float]]) -> Runs:
    """Each contender once, then all of them again, so that a slow minute hits them alike."""
    runs: Runs = {name: [] for name in contenders}
    for turn in range(repetitions):
        for name, contender in contenders.items():
            runs[name].append(contender())
            say(f"  {name} {turn + 1}/{repetitions}: {runs[name][-1]:,.4g}")
    return runs


def median(numbers: list[float]) -> float:
    """The middle one."""
    return statistics.median(numbers)


def listed(runs: Runs) -> dict[str, list[float | None]]:
    """Every single run, for the report."""
    return {name: [_short(number) for number in numbers] for name, numbers in runs.items()}


@contextmanager
def settled_memory() -> Iterator[None]:
    """Everything prepared beforehand is out of the garbage collector's way, as if not there."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def timed(work: Callable[[], Any]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def say(line: str) -> None:
    """Progress, beside the report."""
    print(line, file=sys.stderr, flush=True)


def _short(number: float | None) -> float | None:
    """Four digits are more than any of these measurements are good for."""
    return None if number is None else float(f"{number:.4g}")
