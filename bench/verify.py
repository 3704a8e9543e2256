"""How fast a bundle is verified offline, and in how much memory.

The bundle is forged, so that nothing of the ledger has to run; each measurement is a process of
its own, because a peak of memory belongs to a process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests import forge

ROOT = Path(__file__).resolve().parent.parent

_VERIFY = """
import json, resource, sys, time
from pathlib import Path

folder, vkey, with_orjson = sys.argv[1:]
if with_orjson == "no":
    sys.modules["orjson"] = None

from audit.note import parse_key
from audit.verify import verify

began = time.perf_counter()
verdict = verify(Path(folder), parse_key(vkey))
seconds = time.perf_counter() - began
status = Path("/proc/self/status")
if status.exists():
    # Of this program alone; ru_maxrss would also remember the process that started it.
    (peak,) = [int(line.split()[1]) for line in status.open() if line.startswith("VmHWM:")]
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"exit": verdict.exit_code, "seconds": seconds, "peak_kib": peak}))
"""


def measure(n: int) -> dict[str, Any]:
    """Verify a bundle of `n` entries with orjson installed and without it.

    The verifier reads entries as text and never asks for orjson, so the two figures differ only
    by chance; both are measured, because both are promised. `peak_rss_mb` is in MiB.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "bundle"
        vkey = forge.forge(n, folder)
        mean_bytes = (folder / "entries.jsonl").stat().st_size / n
        usual = _verify(folder, vkey, with_orjson=True)
        plain = _verify(folder, vkey, with_orjson=False)
    return {
        "entries_per_second_orjson": round(n / usual["seconds"]),
        "entries_per_second_plain": round(n / plain["seconds"]),
        "peak_rss_mb": round(max(usual["peak_kib"], plain["peak_kib"]) / 1024, 1),
        "entry_bytes_mean": round(mean_bytes),
    }


def _verify(folder: Path, vkey: str, *, with_orjson: bool) -> dict[str, float]:
    answer = subprocess.run(
        [sys.executable, "-c", _VERIFY, folder, vkey, "yes" if with_orjson else "no"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    measured: dict[str, float] = json.loads(answer.stdout)
    assert measured["exit"] == 0, "what is measured must be a positive verdict"
    return measured
