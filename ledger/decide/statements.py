"""Decide about statements: records that a volunteer takes along to another ledger (domain §1,
transfer; worked example I14).

Signatures, proofs and sums were checked at the door (`ledger/statement.py`); here it is decided
what of it counts: with the volunteer's consent, each foreign record once for ever, no minute that
is covered already, and SERVICE alone.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Final

from ledger import account
from ledger.account import ISSUERS, SERVICE
from ledger.actions.statements import AcceptStatement, IssueStatement, PortedRecord
from ledger.decide.consents import has_consented
from ledger.decide.covering import uncovered_minutes
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.standing import DAY_MS, Standing

CONSENT: Final = "statement"
"""The purpose to which a volunteer consents before records of another ledger come over."""
DAY_MINUTES_MAX: Final = 1_440
"""No local day has more minutes of service (domain §10 P8)."""


def issue(action: IssueStatement, standing: Standing, time: int) -> list[Draft]:
    """A statement of somebody's records leaves the ledger. Whoever asks for their own consents by
    asking; whom else it may go to is the door's to know."""
    owner = account.volunteer(action.volunteer)
    party = standing.party(owner)
    if party.state == "forgotten":
        raise Refused("party_not_active", f"{owner} is forgotten", party=owner, state=party.state)
    facts = {
        "statement": action.statement,
        "volunteer": action.volunteer,
        "records": action.records,
        "minutes": action.minutes,
        "size": action.size,
    }
    return [Draft("statement_issued", facts, policy=standing.policy_at(time).version_name)]


def accept(action: AcceptStatement, standing: Standing, time: int) -> list[Draft]:
    """Foreign records come over: one entry for the statement, one for each record that is new.

    A record brings what it brought where it comes from, but no minute that an effective record
    here covers and none above 1,440 on a local day; one that brings nothing is written all the
    same, so that it never counts later. They come over in the order in which they were paid at
    home (`ledger/statement.py`): of two that overlap, the later one brought what was left of it.
    Nothing is taken away because a newer statement lacks it.
    """
    owner = account.volunteer(action.volunteer)
    standing.active(owner)
    if not has_consented(standing, action.volunteer, CONSENT):
        raise Refused(
            "consent_missing",
            "the volunteer consents first to records coming over (purpose `statement`)",
            purpose=CONSENT,
        )
    if standing.marks[f"statement:{action.statement}", "accepted"] is not None:
        raise _known()
    if any(each.check_out > time for each in action.records):
        raise Refused("statement_invalid", "a session in it has not ended yet", part="entries")
    fresh = _not_seen(action, standing)
    if not fresh:
        raise _known()
    policy = standing.policy_at(time)
    accepted = {
        "statement": action.statement,
        "volunteer": action.volunteer,
        "origin": action.origin,
        "key": action.key,
        "size": action.size,
        "records": len(fresh),
        "known": len(action.records) - len(fresh),
    }
    drafts = [Draft("statement_accepted", accepted, policy=policy.version_name)]
    taken = _Taken(standing, policy, action.volunteer)
    return [*drafts, *(_ported(action, each, taken.minutes(each), policy) for each in fresh)]


def _not_seen(action: AcceptStatement, standing: Standing) -> list[PortedRecord]:
    """The records that never came over before, each once. Refuses with `statement_of_another`
    where one of them came over for somebody else: one person is one volunteer."""
    fresh: dict[str, PortedRecord] = {}
    for each in action.records:
        mark = standing.marks[f"origin:{action.origin}", each.foreign_record]
        if mark is None:
            fresh.setdefault(each.foreign_record, each)
            continue
        known = standing.records[mark.value]
        if known is not None and known.volunteer != action.volunteer:
            raise Refused(
                "statement_of_another",
                "records of this statement came over for another volunteer; find out who it is",
            )
    return list(fresh.values())


class _Taken:
    """The time that a volunteer's effective records take, those of this statement included as
    they come over."""

    def __init__(self, standing: Standing, policy: Policy, volunteer: str) -> None:
        self._standing = standing
        self._policy = policy
        self._volunteer = volunteer
        self._ported: list[tuple[int, int, int]] = []
        """(check-in, check-out, minutes)."""

    def minutes(self, record: PortedRecord) -> int:
        """What a record may bring; from now on it counts among the others."""
        near = self._near(record)
        # What brought no minute covers none.
        covered = [(start, end) for start, end, paid in near if paid]
        free = uncovered_minutes(record.check_in, record.check_out, covered)
        minutes = self._within_days(record.check_in, min(record.minutes, free), near)
        self._ported.append((record.check_in, record.check_out, minutes))
        return minutes

    def _near(self, record: PortedRecord) -> list[tuple[int, int, int]]:
        """What lies so near that it may share a minute or a local day with the record."""
        first, last = record.check_in - 2 * DAY_MS, record.check_out + DAY_MS
        here = self._standing.sessions_between(self._volunteer, first, last)
        found = [(r.check_in, r.check_out, r.paid) for r in here if r.state == "effective"]
        return found + [each for each in self._ported if first <= each[0] < last]

    def _within_days(self, check_in: int, minutes: int, near: list[tuple[int, int, int]]) -> int:
        """At most so many that no local day has more than there are in one."""
        served: Counter[date] = Counter()
        for start, _, paid in near:
            for day, part in self._policy.split_minutes_by_day(start, min(paid, DAY_MINUTES_MAX)):
                served[day] += part
        parts = self._policy.split_minutes_by_day(check_in, min(minutes, DAY_MINUTES_MAX))
        return sum(min(part, max(0, DAY_MINUTES_MAX - served[day])) for day, part in parts)


def _ported(action: AcceptStatement, record: PortedRecord, minutes: int, policy: Policy) -> Draft:
    facts = {
        "record": record.record,
        "volunteer": action.volunteer,
        "statement": action.statement,
        "origin": action.origin,
        "foreign_record": record.foreign_record,
        "foreign_hash": record.foreign_hash,
        "evidence": record.evidence,
        "starts": record.starts,
        "ends": record.ends,
        "check_in": record.check_in,
        "check_out": record.check_out,
        "claimed_minutes": record.minutes,
        "minutes": minutes,
    }
    postings = []
    if minutes:
        served = account.service_of(action.volunteer, record.evidence)
        postings.append(Posting(ISSUERS[SERVICE], served, SERVICE, minutes))
    return Draft("service_ported", facts, postings, policy.version_name)


def _known() -> Refused:
    return Refused("statement_known", "every record of this statement has come over before")
