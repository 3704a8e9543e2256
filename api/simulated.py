"""What a simulation came to, as JSON: printed by the command line, answered by the API, shown on a
page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from ledger.policy import PolicyDocument
from ledger.simulation import FIGURES, Change, Outcome

UNKNOWN: Final = (
    "Service that the old rules refused is not on the ledger, nor what a draft would let in.",
    "What went into travel, meals or rest is on the ledger as one deduction; it stays deducted.",
    "Reviewers decided what they were asked: what the draft holds and nobody reviewed stays held.",
    "Nobody serves, saves, redeems or applies otherwise because the rules are others.",
)
"""What recorded history cannot tell of a draft."""


def as_json(document: PolicyDocument, outcome: Outcome, until: date) -> dict[str, Any]:
    """Everything that `sidereal policy simulate --json` prints."""
    return {
        "policy": document.policy.version_name,
        "toml_sha256": document.toml_sha256,
        "in_force_from": outcome.begins.isoformat(),
        "entries": outcome.entries,
        "until": until.isoformat(),
        "volunteers": outcome.volunteers,
        "differs": outcome.differs,
        "changes": _changes(outcome.changes),
        "by_tier": {tier: _changes(found) for tier, found in outcome.by_tier.items()},
        "eligible_stars": _moves(outcome.eligible_stars),
        "held_stars": _moves(outcome.held_stars),
        "refused": dict(sorted(outcome.refused.items())),
        "held": dict(sorted(outcome.held.items())),
        "let_through": dict(sorted(outcome.let_through.items())),
        "set_aside": outcome.set_aside,
        "assumed": outcome.assumed,
        "cannot_be_known": list(UNKNOWN),
    }


def _changes(found: Mapping[str, Change]) -> dict[str, dict[str, int]]:
    return {name: asdict(found.get(name, Change())) for name in FIGURES}


def _moves(found: Mapping[tuple[int, int], int]) -> list[dict[str, int]]:
    return [
        {"from": before, "to": after, "people": people}
        for (before, after), people in sorted(found.items())
    ]
