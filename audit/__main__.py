"""`python -m audit BUNDLE --key VKEY [--since OLD_CHECKPOINT ...] [--replay] [--json]`.

Exit codes: 0 verified, and nothing else gives 0, not even `--help`; 1 refuted; 2 incomplete,
wrong usage, or a fault in the verifier itself, because a checker that crashed has shown nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from audit.command import end, parser, say
from audit.verdict import Verdict


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify one bundle, print the verdict, and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        # Imported here, so that a missing library is an incomplete verification as well.
        from audit.note import parse_key
        from audit.verify import verify

        try:
            key = parse_key(options.key)
        except ValueError as error:
            return _fault("key", str(error), as_json=options.json)
        if options.replay:
            try:
                from audit.replay import replayed
            except ImportError as error:
                reason = (
                    "deciding again needs the pure files of ledger beside this folder, and what"
                    f" they import: {error}"
                )
                return _fault("replay", reason, as_json=options.json)
        verdict = verify(options.bundle, key, options.since)
        if options.replay:
            verdict = replayed(options.bundle, verdict)
        say(_as_json(verdict) if options.json else _as_text(verdict))
        return verdict.exit_code
    # Whatever it was, it is no verdict. Without this line Python would answer 1, “refuted”.
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001
        return _fault("fault", f"{type(error).__name__}: {error}", as_json=options.json)


def _as_text(verdict: Verdict) -> str:
    """The verdict for people. What came out of the bundle is printed in ASCII only."""
    lines = [verdict.verdict.upper()]
    if verdict.first_bad_index is not None:
        lines.append(f"first bad entry: {verdict.first_bad_index}")
    if verdict.check:
        lines.append(f"failed check: {verdict.check}")
    lines.append(verdict.reason)
    if verdict.size is not None:
        lines.append(f"signed size: {verdict.size}")
        lines.append(f"signed root: {verdict.root}")
    if "time" in verdict.facts:
        lines.append(f"last entry: {verdict.facts['time_utc']} ({verdict.facts['time']})")
    return "\n".join(lines)


def _as_json(verdict: Verdict) -> str:
    return json.dumps(asdict(verdict))


def _fault(check: str, reason: str, *, as_json: bool) -> int:
    """Say that nothing was shown, and why; always 2."""
    verdict = Verdict(
        verdict="incomplete",
        size=None,
        root=None,
        first_bad_index=None,
        check=check,
        reason=ascii(reason)[1:-1],
    )
    say(_as_json(verdict) if as_json else _as_text(verdict))
    return verdict.exit_code


def _parser() -> argparse.ArgumentParser:
    made = parser("python -m audit", "Verify a bundle offline.", "bundle")
    made.add_argument("bundle", metavar="BUNDLE", type=Path, help="the folder to verify")
    made.add_argument(
        "--since",
        metavar="OLD_CHECKPOINT",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        help="checkpoints of this log that you kept from earlier",
    )
    made.add_argument(
        "--replay",
        action="store_true",
        help="then decide every entry again by the rules in ledger's pure files",
    )
    made.add_argument("--json", action="store_true", help="print one JSON object")
    return made


if __name__ == "__main__":
    end(main)
