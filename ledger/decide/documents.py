"""Decide what fixes the ledger's own frame: genesis, policies, calendars, the access log."""

from __future__ import annotations

from typing import Any

from ledger.actions.documents import AdoptCalendar, AdoptPolicy, Begin, CommitAccessLog
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import scope_of
from ledger.standing import Standing


def begin(action: Begin, standing: Standing, time: int) -> list[Draft]:
    """The genesis entry names the hash and the first public keys (docs/format.md §3)."""
    facts = {
        "hash": "sha256",
        "log_key": action.log_key,
        "ack_key": action.ack_key,
        "manifest_key": action.manifest_key,
    }
    return [Draft("genesis", facts)]


def adopt_policy(action: AdoptPolicy, standing: Standing, time: int) -> list[Draft]:
    """A version is adopted once; a change is a new version (design §5).

    Refuses with `policy_already_adopted`, and with `unknown_party` where its scope names an
    organisation that nobody registered: it would decide nothing.
    """
    if standing.documents["policy", action.policy, action.version] is not None:
        raise Refused(
            "policy_already_adopted",
            f"{action.policy} version {action.version} is adopted already; raise the version",
            policy=action.policy,
            version=action.version,
        )
    organisation = scope_of(action.document)["organisation"]
    if organisation:
        standing.party(f"organisation:{organisation}")
    facts: dict[str, Any] = {
        "policy": action.policy,
        "version": action.version,
        "toml_sha256": action.toml_sha256,
        "document": dict(action.document),
    }
    return [Draft("policy_adopted", facts)]


def adopt_calendar(action: AdoptCalendar, standing: Standing, time: int) -> list[Draft]:
    """A year's working days; a notice that amends them is adopted over the first (design §5)."""
    facts: dict[str, Any] = {
        "calendar": action.calendar,
        "year": action.year,
        "toml_sha256": action.toml_sha256,
        "document": dict(action.document),
    }
    return [Draft("calendar_adopted", facts)]


def commit_access_log(action: CommitAccessLog, standing: Standing, time: int) -> list[Draft]:
    """Reads of personal data, fixed so that none can be struck out later (trust §5)."""
    facts = {"last": action.last, "count": action.count, "digest": action.digest}
    return [Draft("access_committed", facts)]
