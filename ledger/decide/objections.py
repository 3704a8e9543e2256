"""Decide about objections: a volunteer says that something about them is wrong, and somebody who
had no part in it must answer in time (Order 67, article 13; domain §10 P61, worked example K19).

The clock runs in working days of the calendar that the policy of the volunteer's own organisation
names; the day on which something happens is not counted (Civil Code, article 201). What an upheld
objection corrects is corrected by an action of its own.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from ledger import account
from ledger.actions.objections import DecideObjection, FileObjection, ForwardObjection
from ledger.calendar import MONDAY_TO_FRIDAY, Deadline
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.rows import Objection, objection_mark
from ledger.standing import Standing

OPEN: Final = ("filed", "forwarded")
"""States in which an objection waits for its answer."""
_GONE: Final = ("deceased", "forgotten")


def file(action: FileObjection, standing: Standing, time: int) -> list[Draft]:
    """A volunteer objects to a record, a redemption, a star case, their credit listing or anything
    else about them; even one who is suspended or has left.

    Who answers is the record's organisation; for everything else the one that is named, by default
    the volunteer's own, and the operator where there is none. Flagged at once: `flag_by` and
    `decide_by` are the last days allowed (P61: 1 and 5 working days).
    """
    owner = account.volunteer(action.volunteer)
    party = standing.party(owner)
    if party.state in _GONE:
        raise Refused(
            "party_not_active", f"{owner} is {party.state}", party=owner, state=party.state
        )
    kind, _, home = party.parent.partition(":")
    home = home if kind == "organisation" else ""
    organisation = _concerned(action, standing)
    if not organisation:
        organisation = action.organisation or home
        if organisation != home:
            standing.active(f"organisation:{organisation}")
    mark = standing.marks[owner, objection_mark(action.subject_kind, action.subject)]
    if mark is not None and mark.value:
        raise Refused(
            "objection_open",
            "an objection to this is open already; wait for its answer",
            objection=mark.value,
        )
    policy = standing.policy_of(owner, time)
    today = policy.local_date(time)
    flag = _deadline(standing, policy, today, policy.dispute_flag_days)
    answer = _deadline(standing, policy, today, policy.dispute_decide_days)
    facts = {
        "objection": action.objection,
        "volunteer": action.volunteer,
        "subject_kind": action.subject_kind,
        "subject": action.subject,
        "organisation": organisation,
        "text": action.text,
        "flag_by": flag.last_day.isoformat(),
        "decide_by": answer.last_day.isoformat(),
        "calendar": _counted_with(flag, answer),
    }
    return [Draft("objection_filed", facts, policy=policy.version_name)]


def forward(action: ForwardObjection, standing: Standing, time: int) -> list[Draft]:
    """Another organisation answers, once, within its own days (P61: forwarded within 2 working
    days, decided 5 after that).

    Forwarding late is better than not at all, but wins no time: the days then count from the last
    one on which it should have been forwarded.
    """
    objection = open_objection(action.objection, standing)
    if objection.state == "forwarded":
        raise Refused(
            "already_forwarded", "an objection is forwarded once; whoever has it now decides it"
        )
    standing.active(f"organisation:{action.organisation}")
    if action.organisation == objection.organisation:
        raise Refused("same_organisation", "it is this organisation's to answer already")
    policy = standing.policy_of(account.volunteer(objection.volunteer), time)
    filed, today = policy.local_date(objection.filed), policy.local_date(time)
    should = _deadline(standing, policy, filed, policy.dispute_forward_days)
    answer = _deadline(standing, policy, min(today, should.last_day), policy.dispute_forwarded_days)
    facts = {
        "objection": objection.objection,
        "volunteer": objection.volunteer,
        "organisation": action.organisation,
        "decide_by": answer.last_day.isoformat(),
        "calendar": _counted_with(should, answer),
    }
    return [Draft("objection_forwarded", facts, policy=policy.version_name)]


def decide(action: DecideObjection, standing: Standing, time: int) -> list[Draft]:
    """Upheld or rejected, with a reason, and whether the answer came by its last day. Nobody
    decides about what they recorded, approved or served themselves: `reviewer_took_part`."""
    objection = open_objection(action.objection, standing)
    if action.reviewer:
        standing.active(f"staff:{action.reviewer}")
        took_part = {objection.volunteer}
        if objection.subject_kind == "record":
            record = standing.records[objection.subject]
            if record is not None:
                took_part |= {record.recorder, record.approver, record.volunteer}
        if action.reviewer in took_part:
            raise Refused(
                "reviewer_took_part",
                "somebody who did not record or approve it must decide about it",
            )
    policy = standing.policy_of(account.volunteer(objection.volunteer), time)
    on_time = policy.local_date(time) <= date.fromisoformat(objection.decide_by)
    facts = {
        "objection": objection.objection,
        "volunteer": objection.volunteer,
        "outcome": action.outcome,
        "reviewer": action.reviewer,
        "reason": action.reason,
        "on_time": "yes" if on_time else "no",
    }
    return [Draft("objection_decided", facts, policy=policy.version_name)]


def open_objection(objection: str, standing: Standing) -> Objection:
    """The objection, if it still waits for its answer. Refuses with `unknown_objection` or
    `objection_state_conflict`."""
    found = standing.objections[objection]
    if found is None:
        raise Refused("unknown_objection", "there is no such objection")
    if found.state not in OPEN:
        raise Refused(
            "objection_state_conflict",
            f"this objection is {found.state}; a decided one stays decided",
            state=found.state,
        )
    return found


def _concerned(action: FileObjection, standing: Standing) -> str:
    """Whose doing the subject is: the record's organisation, else "". What is another's answers
    as what is not there."""
    if action.subject_kind == "record":
        record = standing.records[action.subject]
        if record is None or record.volunteer != action.volunteer:
            raise Refused("unknown_record", "there is no such service record")
        return record.organisation
    if action.subject_kind == "redemption":
        redemption = standing.redemptions[action.subject]
        if redemption is None or redemption.volunteer != action.volunteer:
            raise Refused("unknown_redemption", "there is no such redemption")
    elif action.subject_kind == "star" and action.subject:
        case = standing.star_cases[action.subject]
        if case is None or case.volunteer != action.volunteer:
            raise Refused("unknown_star_case", "there is no such star case")
    elif action.subject:
        raise Refused(
            "no_such_subject",
            "an objection to a credit listing or to anything else names no id; leave it out",
        )
    return ""


def _deadline(standing: Standing, policy: Policy, day: date, working_days: int) -> Deadline:
    return standing.calendar(policy.calendar_name).deadline(day, working_days)


def _counted_with(*deadlines: Deadline) -> str:
    """The calendar that all of them were counted with; Monday to Friday if that was any's."""
    names = [each.calendar for each in deadlines]
    return MONDAY_TO_FRIDAY if MONDAY_TO_FRIDAY in names else names[0]
