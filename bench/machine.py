"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from bench.figure import median
from tests.postgres import binaries

LIBRARIES: Final = (
    "sqlalchemy",
    "psycopg",
    "orjson",
    "cryptography",
    "flask",
    "flask-smorest",
    "marshmallow",
    "granian",
)
FLUSHES: Final = 200


def facts(folder: Path) -> dict[str, Any]:
    """Processor, memory, versions, and how long the disk under `folder` takes to flush."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mib": pages * page_bytes // 2**20,
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": {name: version(name) for name in LIBRARIES},
        "sqlite": sqlite3.sqlite_version,
        "postgresql": _postgresql(),
        "flush_ms": round(_flush_ms(folder), 3),
        "load_before": os.getloadavg()[0],
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _postgresql() -> str:
    said = subprocess.run(
        [binaries() / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return said.stdout.strip()


def _flush_ms(folder: Path) -> float:
    """Median ms of appending 8 KiB and flushing it: what a commit cannot be faster than."""
    block, taken = os.urandom(8192), []
    file = folder / "flush"
    with file.open("wb", buffering=0) as opened:
        for _ in range(FLUSHES):
            opened.write(block)
            start = time.perf_counter()
            os.fdatasync(opened.fileno())
            taken.append((time.perf_counter() - start) * 1000)
    file.unlink()
    return median(taken)
