"""Stars that are being decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, present, set_mark
from ledger.rows import StarCase
from ledger.standing import Standing

OPEN_STAR_CASE: Final = "open_star_case"
"""The mark on a volunteer whose star is being decided; its value is the case."""


def star_applied_for(standing: Standing, case: StarCase) -> int:
    """When a star was applied for: ms."""
    return int(present(standing.marks[f"star_case:{case.case_id}", "applied"]).value)


def _star_case(state: str, change: str = "grant") -> Fold:
    """A case begins: one at a time for a volunteer."""

    def open_case(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        case = StarCase(
            case_id=facts["case"],
            volunteer=facts["volunteer"],
            change=change,
            star=facts["star"],
            state=state,
            organisation=facts.get("organisation", ""),
            notice_until="",
            since=entry.index,
        )
        standing.star_cases.add(case.case_id, case)
        owner = account.volunteer(case.volunteer)
        set_mark(standing, owner, OPEN_STAR_CASE, case.case_id, entry)
        if change == "grant":
            set_mark(standing, f"star_case:{case.case_id}", "applied", str(entry.time), entry)
        standing.mention(owner, entry)

    return open_case


def _star_noticed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    case = present(standing.star_cases[facts["case"]])
    after = case._replace(state="noticed", notice_until=facts["notice_until"])
    standing.star_cases.change(case.case_id, after)
    set_mark(standing, f"star_case:{case.case_id}", "noticed", facts["notice_from"], entry)
    standing.mention(account.volunteer(case.volunteer), entry)


def _star_case_ends(state: str) -> Fold:
    """A case ends. Automatic grants have none; an automatic downgrade begins and ends at once."""

    def end_case(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        owner = account.volunteer(facts["volunteer"])
        case = standing.star_cases[facts["case"]] if facts["case"] else None
        if case is not None:
            standing.star_cases.change(case.case_id, case._replace(state=state))
            set_mark(standing, owner, OPEN_STAR_CASE, "", entry)
        standing.mention(owner, entry)

    return end_case


FOLDS: Final[Mapping[str, Fold]] = {
    "star_applied": _star_case("applied"),
    "star_noticed": _star_noticed,
    "star_granted": _star_case_ends("granted"),
    "star_refused": _star_case_ends("refused"),
    "star_downgrade_proposed": _star_case("proposed", "downgrade"),
    "star_downgraded": _star_case_ends("confirmed"),
    "star_downgrade_dismissed": _star_case_ends("dismissed"),
}
