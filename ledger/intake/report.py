"""What an import came to: the sums, and the fate of every record."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from ledger.intake.rows import EVIDENCE, Read, Session
from ledger.policy import Policy
from ledger.store.outcomes import Outcome

MINOR_WITHOUT_CONSENT = "minor_without_consent"


class Line(NamedTuple):
    """One record's fate. `line` is the physical line of the file on which it starts."""

    record: int
    line: int
    outcome: str
    reasons: str
    minutes: int


class Report:
    """Counts of records, minutes and hundredths of a point, for one file.

    Built record by record, in file order. No ids and nothing personal: people are only counted.
    """

    def __init__(self, policy: Policy, *, with_lines: bool = True) -> None:
        """`policy` says which stars minutes reach."""
        self._policy = policy
        self._lines: list[Line] | None = [] if with_lines else None
        self._flags: list[tuple[int, str]] = []
        self._outcomes: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        self._effective = dict.fromkeys(EVIDENCE.values(), 0)
        self._minutes = dict.fromkeys(EVIDENCE.values(), 0)
        self._points_hundredths = 0
        # Within one file a volunteer number that was not refused is one person.
        self._minutes_of: Counter[str] = Counter()
        self.recorded: int | None = None
        """Records that this run wrote, if an earlier run had begun; else None."""

    def add(self, line: int, read: Read, outcome: Outcome) -> None:
        """Count one record."""
        fate = outcome.outcome
        self._outcomes[fate] += 1
        if self._lines is not None:
            self._lines.append(Line(outcome.item, line, fate, outcome.reasons, outcome.minutes))
        if outcome.flag:
            self._flags.append((outcome.item, outcome.flag))
        if fate == "refused":
            self._refused[outcome.reasons] += 1
        elif fate == "held":
            self._held[outcome.reasons] += 1
        if isinstance(read, Session) and fate in ("effective", "held"):
            self._minutes_of[read.volunteer] += 0
            if fate == "effective":
                self._effective[read.evidence] += 1
                self._minutes[read.evidence] += outcome.minutes
                self._minutes_of[read.volunteer] += outcome.minutes
                self._points_hundredths += outcome.points

    @property
    def rows(self) -> int:
        """Records after the header, skipped ones included."""
        return self._outcomes.total()

    @property
    def lines(self) -> list[Line]:
        """Every record's fate, in file order; empty if they were not asked for."""
        return self._lines or []

    def as_dict(self) -> dict[str, Any]:
        """The report in the form that is printed and compared (design §10)."""
        stars = Counter(self._policy.eligible_star(each) for each in self._minutes_of.values())
        report: dict[str, Any] = {
            "rows": self.rows,
            "skipped": self._outcomes["skipped"],
            "refused": dict(sorted(self._refused.items())),
            "refused_total": self._outcomes["refused"],
            "held": dict(sorted(self._held.items())),
            "held_total": self._outcomes["held"],
            "effective": dict(self._effective),
            "effective_total": self._outcomes["effective"],
            "service_minutes": dict(self._minutes),
            "service_minutes_total": sum(self._minutes.values()),
            "points_hundredths_total": self._points_hundredths,
            "volunteers": len(self._minutes_of),
            "eligible_stars": {str(star): stars[star] for star in sorted(stars)},
            "flags": [{"record": record, "flag": flag} for record, flag in self._flags],
            "lines": [
                {
                    "record": each.record,
                    "line": each.line,
                    "outcome": each.outcome,
                    "reasons": each.reasons.split("+") if each.reasons else [],
                    "minutes": each.minutes,
                }
                for each in self.lines
            ],
        }
        if self.recorded is not None:
            report["recorded"] = self.recorded
        return report
