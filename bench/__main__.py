"""Measure, and print the figures as JSON.

python -m bench [NAME ...] [--quick] [--out FILE] [--cache FOLDER] [--profile FOLDER]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from bench import batch, crash, http, machine, reads, storage, verification, writes
from bench.figure import Figure, Settings, say

FIGURES: Final[Mapping[str, Callable[[Settings], list[Figure]]]] = {
    "writes": writes.run,
    "batch": batch.run,
    "http": http.run,
    "verify": verification.run,
    "storage": storage.run,
    "reads": reads.run,
    "crash": crash.run,
}


def main() -> int:
    """Measure what was asked for; 1 where a floor was missed."""
    asked = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="sidereal-bench-"))
    report: dict[str, Any] = {"quick": asked.quick, "figures": []}
    figures: list[Figure] = []
    try:
        settings = Settings(
            folder=folder,
            cache=asked.cache or folder / "cache",
            quick=asked.quick,
            profile=asked.profile,
        )
        settings.cache.mkdir(parents=True, exist_ok=True)
        report["machine"] = machine.facts(folder)
        for name in asked.names or FIGURES:
            say(f"{name} ...")
            start = time.monotonic()
            figures += FIGURES[name](settings)
            report.setdefault("seconds", {})[name] = round(time.monotonic() - start)
    finally:
        # What was measured before a figure failed is worth having.
        shutil.rmtree(folder)
        report["figures"] = [figure.as_json() for figure in figures]
        text = json.dumps(report, indent=2, ensure_ascii=False)
        print(text)
        if asked.out:
            asked.out.write_text(text + "\n", encoding="utf-8")
    return int(any(figure.reached is False for figure in figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FIGURES)}")
    parser.add_argument("--quick", action="store_true", help="small and short, to see that it runs")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the report here too")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keep large ledgers here")
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="profile the sequencer")
    asked = parser.parse_args()
    for name in asked.names:
        if name not in FIGURES:
            parser.error(f"there is no figure {name}; there are {', '.join(FIGURES)}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
