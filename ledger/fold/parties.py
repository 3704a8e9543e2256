"""Who is there, and in what state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, about_volunteer, organisation_address
from ledger.rows import Party
from ledger.standing import Standing


def register(standing: Standing, entry: Entry, address: str, **given: str) -> None:
    """Somebody is there. `given` are columns of `Party` that are not "" for their kind."""
    party = Party(
        address=address,
        state="active",
        parent=given.get("parent", ""),
        tier=given.get("tier", ""),
        form=given.get("form", ""),
        guardian=given.get("guardian", ""),
        last_capture=0,
        since=entry.index,
        registered=entry.time,
    )
    standing.parties.add(address, party)
    standing.mention(address, entry)


def _volunteer_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    register(
        standing,
        entry,
        account.volunteer(facts["volunteer"]),
        parent=organisation_address(facts["organisation"]),
        guardian=facts["guardian"],
    )


def _group_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    register(
        standing,
        entry,
        account.volunteer(facts["volunteer"]),
        parent=organisation_address(facts["organisation"]),
        form="group",
        guardian="not_needed",
    )


def _guardian_becomes(guardian: str) -> Fold:
    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        address = account.volunteer(facts["volunteer"])
        standing.parties.change(address, standing.party(address)._replace(guardian=guardian))
        standing.mention(address, entry)

    return change


def _organisation_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    register(
        standing,
        entry,
        organisation_address(facts["organisation"]),
        parent=organisation_address(facts["parent"]),
        tier=facts["tier"],
        form=facts["form"],
    )


def _staff_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    parent = organisation_address(facts["organisation"])
    register(standing, entry, f"staff:{facts['staff']}", parent=parent)


def _branch_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    merchant = f"merchant:{facts['merchant']}"
    register(standing, entry, f"branch:{facts['branch']}", parent=merchant)
    standing.mention(merchant, entry)


def _terminal_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    register(standing, entry, f"terminal:{facts['terminal']}", parent=f"branch:{facts['branch']}")
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _registers(role: str) -> Fold:
    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        register(standing, entry, f"{role}:{facts[role]}")

    return change


def _party_becomes(state: str) -> Fold:
    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        address = facts["party"]
        standing.parties.change(address, standing.party(address)._replace(state=state))
        standing.mention(address, entry)

    return change


FOLDS: Final[Mapping[str, Fold]] = {
    "volunteer_registered": _volunteer_registered,
    "group_registered": _group_registered,
    "guardian_consented": _guardian_becomes("consented"),
    "majority_reached": _guardian_becomes("not_needed"),
    "organisation_registered": _organisation_registered,
    "staff_registered": _staff_registered,
    "merchant_registered": _registers("merchant"),
    "branch_registered": _branch_registered,
    "terminal_registered": _terminal_registered,
    "auditor_registered": _registers("auditor"),
    "operator_registered": _registers("operator"),
    "party_suspended": _party_becomes("suspended"),
    "party_reinstated": _party_becomes("active"),
    "party_left": _party_becomes("left"),
    "party_died": _party_becomes("deceased"),
    "party_forgotten": _party_becomes("forgotten"),
    # Who is related to whom, and how, is the vault's to know.
    "relation_registered": about_volunteer,
    "relation_removed": about_volunteer,
    "circumstance_recorded": about_volunteer,
    "circumstance_removed": about_volunteer,
}
