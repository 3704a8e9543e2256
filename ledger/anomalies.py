"""Patterns that an auditor should look into (domain §8): sold hours entered from the back end,
invented activities, one person who approves everything.

A finding is a question, not a verdict: it names who and which records, how many and how much of
all theirs, and why that matters. Each threshold stands here with its reason; none decides
anything. Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeVar

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000

BULK_WITHIN_MS: Final = 10 * MINUTE_MS
"""Entering one session by hand takes about a minute; ten in ten minutes is copying."""
BULK_RECORDS: Final = 10
BULK_LATE_MS: Final = 14 * DAY_MS
"""Ten working days are the time allowed (Order 67, article 11): fourteen days as a rule."""
TOLD_LATE_MS: Final = 14 * DAY_MS
"""As long as the ten working days last; whoever uploads every week or month is well within it."""
FIRST_UPLOADS_MS: Final = 60 * DAY_MS
"""Moving in takes weeks: a file for each year, then what was refused and put right."""
TOLD_RECORDS: Final = 10
TOLD_SHARE: Final = 200
"""A few rows stay behind in any export, are put right and come with a later one."""
SAME_TIMES_PEOPLE: Final = 50
"""Where nobody said how many take part: fictitious activities begin at 50 people (domain §8)."""
SAME_LENGTH_RECORDS: Final = 20
SAME_LENGTH_SHARE: Final = 900
"""People do not leave to the millisecond after the same time nine times out of ten."""
DAY_MINUTES: Final = 720
"""Above 12 hours even one organisation's day needs the top of its tree (domain §10 P7)."""
APPROVER_RECORDS: Final = 50
"""Below that a small team simply has one person for it."""
APPROVER_SHARE: Final = 950
PAIR_SHARE: Final = 800
LIMIT_MINUTES: Final = 480
"""What passes without a review (domain §10 P6)."""
LIMIT_RECORDS: Final = 20
LIMIT_SHARE: Final = 900
BACKFILL_RECORDS: Final = 30
BACKFILL_SHARE: Final = 500
"""Backfill is the exception; where it is half of all there is, check-in is not used."""
EXAMPLES: Final = 5

Key = TypeVar("Key")

_CHINA_MS: Final = 8 * 3_600_000


class Session(NamedTuple):
    """A service record that stands, as far as patterns show in it. Times in ms."""

    record: str
    entry: int
    volunteer: str
    organisation: str
    activity: str
    effective: bool
    """False: held."""
    evidence: str
    starts: int
    ends: int
    check_in: int
    check_out: int
    recorded: int
    entered: int
    """When the ledger first had it. `recorded` is the same, but for what a file told of: there it
    is the file's own word."""
    minutes: int
    """What it brought, or claims while it is held."""
    recorder: str
    approver: str
    participants: int
    """How many the activity expects; 0: not said."""


class Finding(NamedTuple):
    """Something to look into."""

    kind: str
    who: tuple[tuple[str, str], ...]
    """(what they are, id): of volunteer, organisation, activity, recorder, approver, those that it
    is about."""
    count: int  # type: ignore[assignment]  # a finding is no list to be searched
    """Records in the pattern."""
    share: int
    """Thousandths of all records of theirs that it could have been."""
    minutes: int
    """What those records brought or claim."""
    examples: tuple[tuple[str, int], ...]
    """(record id, index of its entry), the first few."""
    why: str

    @property
    def weight(self) -> int:
        """Minutes at stake times how much of the whole it is: the order of findings."""
        return self.minutes * self.share // 1000

    def as_dict(self) -> dict[str, Any]:
        """The finding for programs, units in the names."""
        return {
            "kind": self.kind,
            "who": dict(self.who),
            "count": self.count,
            "share_thousandths": self.share,
            "minutes": self.minutes,
            "weight": self.weight,
            "examples": [{"record": record, "entry": entry} for record, entry in self.examples],
            "why": self.why,
        }


WHY: Final[Mapping[str, str]] = {
    "back_dated_bulk": "Many sessions were entered within minutes and long after they took place,"
    " which is how sold hours come from an organiser's back end.",
    "told_late": "A file says that these were recorded in time, yet neither what this organisation"
    " brought since then nor what the same person recorded here held them; when a record was made"
    " is the file's own word.",
    "identical_sessions": "More people came and left at the very same times than this activity"
    " explains, as in a list that was filled in without anybody there.",
    "same_length": "Nearly every session of this volunteer is exactly as long as the others, as"
    " if it were copied rather than served.",
    "impossible_day": "More service is effective on this day than one person can give.",
    "overlapping_sessions": "Two effective sessions of one person are paid for the same time.",
    "one_approver": "One person approves nearly everything of this organisation, so nobody else"
    " ever looks.",
    "one_pair": "The same two people record and approve most of this organisation's service, so"
    " two agreeing are enough.",
    "always_at_the_limit": "Nearly every session of this activity is exactly at the limit that"
    " passes without review, or exactly as long as was planned.",
    "mostly_backfill": "Most of this organisation's service was written down afterwards instead of"
    " being checked in.",
}
"""Why each kind of finding matters, in one sentence."""


def find(sessions: Iterable[Session]) -> list[Finding]:
    """Every finding in these sessions, the heaviest first; equal ones in order of kind and ids.

    Refused and reversed records are not handed in. Reads the sessions once and keeps them all: a
    million take about a gigabyte, so ask for a part of the time where there are more.
    """
    every = list(sessions)
    found = [finding for pattern in _PATTERNS for finding in pattern(every)]
    return sorted(found, key=lambda each: (-each.weight, each.kind, each.who))


# The patterns -------------------------------------------------------------------------------------


def _back_dated_bulk(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Per recorder: at least `BULK_RECORDS` late entries within `BULK_WITHIN_MS`."""
    for recorder, theirs in _by(sessions, lambda each: each.recorder).items():
        late = sorted(
            (each for each in theirs if each.recorded - each.check_out > BULK_LATE_MS),
            key=lambda each: (each.recorded, each.entry),
        )
        bulk = [each for run in _runs(late) if len(run) >= BULK_RECORDS for each in run]
        if bulk:
            yield _finding("back_dated_bulk", bulk, theirs, recorder=recorder)


def _runs(late: Sequence[Session]) -> Iterator[list[Session]]:
    """Entries that lie within `BULK_WITHIN_MS` of the first of their run."""
    run: list[Session] = []
    for each in late:
        if run and each.recorded - run[0].recorded > BULK_WITHIN_MS:
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _told_late(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Per organisation, and its recorder where one has most of them: records that a file tells of
    as made long before, which should have been here earlier if they were.

    An honest import of years of history is told apart by when it comes: with the organisation's
    first uploads, from before the recorder recorded here.
    """
    for organisation, theirs in _by(sessions, lambda each: each.organisation).items():
        told = [each for each in theirs if each.recorded < each.entered]
        if len(told) < TOLD_RECORDS:
            continue
        here = [each for each in theirs if each.recorded >= each.entered]
        uploads = sorted({each.entered for each in told})
        settled = uploads[0] + FIRST_UPLOADS_MS
        by_hand = {
            recorder: sorted(each.entered for each in made)
            for recorder, made in _by(here, lambda each: each.recorder).items()
        }
        late, of = [], []
        for each in told:
            at_work = by_hand.get(each.recorder, [])
            is_late = (each.entered > settled and _came_between(uploads, each)) or (
                # Who recorded here before and after it is said to have been recorded elsewhere.
                bool(at_work) and at_work[0] <= each.recorded and _came_between(at_work, each)
            )
            if is_late:
                late.append(each)
            if is_late or each.entered > settled:
                of.append(each)
        if len(late) >= TOLD_RECORDS and _share(len(late), len(of)) >= TOLD_SHARE:
            recorder, most = Counter(each.recorder for each in late).most_common(1)[0]
            alone = {"recorder": recorder} if _share(most, len(late)) >= PAIR_SHARE else {}
            yield _finding("told_late", late, of, **alone, organisation=organisation)


def _came_between(entered: Sequence[int], session: Session) -> bool:
    """Whether something was entered so long after a session is said to have been recorded that it
    would have come along, and at least a day before the session did."""
    first = bisect_left(entered, session.recorded + TOLD_LATE_MS)
    return first < len(entered) and entered[first] <= session.entered - DAY_MS


def _identical_sessions(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Per activity and pair of times: more people than are expected, or than `SAME_TIMES_PEOPLE`
    where nobody said."""
    for activity, theirs in _by(sessions, lambda each: each.activity).items():
        for same in _by(theirs, lambda each: (each.check_in, each.check_out)).values():
            people = len({each.volunteer for each in same})
            if people > (same[0].participants or SAME_TIMES_PEOPLE):
                yield _finding(
                    "identical_sessions",
                    same,
                    theirs,
                    activity=activity,
                    organisation=same[0].organisation,
                )


def _same_length(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Per volunteer: checked-in sessions of one length to the millisecond."""
    checked_in = [each for each in sessions if each.evidence == "check_in"]
    for volunteer, theirs in _by(checked_in, lambda each: each.volunteer).items():
        if len(theirs) < SAME_LENGTH_RECORDS:
            continue
        lengths = Counter(each.check_out - each.check_in for each in theirs)
        length, count = lengths.most_common(1)[0]
        if count >= SAME_LENGTH_RECORDS and _share(count, len(theirs)) >= SAME_LENGTH_SHARE:
            same = [each for each in theirs if each.check_out - each.check_in == length]
            yield _finding("same_length", same, theirs, volunteer=volunteer)


def _impossible_day(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Per volunteer and local day: effective minutes above `DAY_MINUTES`, whatever the
    organisations; those of a night are split at midnight (domain §10 P9)."""
    effective = [each for each in sessions if each.effective and each.minutes]
    for volunteer, theirs in _by(effective, lambda each: each.volunteer).items():
        total: Counter[int] = Counter()
        served: defaultdict[int, list[Session]] = defaultdict(list)
        for each in theirs:
            for day, minutes in _by_day(each):
                total[day] += minutes
                served[day].append(each)
        for day, minutes in total.items():
            if minutes > DAY_MINUTES:
                yield _finding("impossible_day", served[day], served[day], volunteer=volunteer)


def _overlapping(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Per volunteer: effective sessions that are paid for time that another one covers."""
    effective = [each for each in sessions if each.effective and each.minutes]
    for volunteer, theirs in _by(effective, lambda each: each.volunteer).items():
        ordered = sorted(theirs, key=lambda each: (each.check_in, each.entry))
        pairs = [
            pair
            for pair in pairwise(ordered)
            if pair[1].check_in < pair[0].check_out and _paid_twice(*pair)
        ]
        if pairs:
            both = list({each.record: each for pair in pairs for each in pair}.values())
            yield _finding("overlapping_sessions", both, theirs, volunteer=volunteer)


def _paid_twice(first: Session, second: Session) -> bool:
    """Whether both together brought more minutes than the time from one's check-in to the other's
    check-out has: a confirmation pays only what no other record covers."""
    span = max(first.check_out, second.check_out) - first.check_in
    return first.minutes + second.minutes > span // MINUTE_MS


def _one_approver(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Per approver, in one organisation."""
    for organisation, theirs in _by(sessions, lambda each: each.organisation).items():
        for approver, approved in _by(theirs, lambda each: each.approver).items():
            share = _share(len(approved), len(theirs))
            if len(approved) >= APPROVER_RECORDS and share >= APPROVER_SHARE:
                yield _finding(
                    "one_approver",
                    approved,
                    theirs,
                    approver=approver,
                    organisation=organisation,
                )


def _one_pair(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Per organisation: one recorder and one approver."""
    for organisation, theirs in _by(sessions, lambda each: each.organisation).items():
        for pair, both in _by(theirs, lambda each: (each.recorder, each.approver)).items():
            if len(both) >= APPROVER_RECORDS and _share(len(both), len(theirs)) >= PAIR_SHARE:
                yield _finding(
                    "one_pair",
                    both,
                    theirs,
                    recorder=pair[0],
                    approver=pair[1],
                    organisation=organisation,
                )


def _always_at_the_limit(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Per activity: checked-in sessions of exactly `LIMIT_MINUTES`, or exactly as planned."""
    checked_in = [each for each in sessions if each.evidence == "check_in"]
    for activity, theirs in _by(checked_in, lambda each: each.activity).items():
        full = [
            each
            for each in theirs
            if each.minutes in (LIMIT_MINUTES, (each.ends - each.starts) // MINUTE_MS)
        ]
        if len(full) >= LIMIT_RECORDS and _share(len(full), len(theirs)) >= LIMIT_SHARE:
            yield _finding(
                "always_at_the_limit",
                full,
                theirs,
                activity=activity,
                organisation=full[0].organisation,
            )


def _mostly_backfill(sessions: Sequence[Session]) -> Iterator[Finding]:
    """Per organisation."""
    for organisation, theirs in _by(sessions, lambda each: each.organisation).items():
        backfill = [each for each in theirs if each.evidence == "backfill"]
        share = _share(len(backfill), len(theirs))
        if len(backfill) >= BACKFILL_RECORDS and share >= BACKFILL_SHARE:
            yield _finding("mostly_backfill", backfill, theirs, organisation=organisation)


_PATTERNS: Final[tuple[Callable[[Sequence[Session]], Iterator[Finding]], ...]] = (
    _back_dated_bulk,
    _told_late,
    _identical_sessions,
    _same_length,
    _impossible_day,
    _overlapping,
    _one_approver,
    _one_pair,
    _always_at_the_limit,
    _mostly_backfill,
)


def _by(sessions: Iterable[Session], key: Callable[[Session], Key]) -> dict[Key, list[Session]]:
    found: defaultdict[Key, list[Session]] = defaultdict(list)
    for each in sessions:
        found[key(each)].append(each)
    return found


def _by_day(session: Session) -> Iterator[tuple[int, int]]:
    """(local day, minutes) of a session, its minutes running on from check-in. Days are counted in
    China's time, which has been the same all year since 1992."""
    local = session.check_in + _CHINA_MS
    day, within = divmod(local, DAY_MS)
    first = min(session.minutes, (DAY_MS - within) // MINUTE_MS)
    if first:
        yield day, first
    if session.minutes > first:
        yield day + 1, session.minutes - first


def _share(part: int, whole: int) -> int:
    return part * 1000 // whole


def _finding(kind: str, pattern: Sequence[Session], of: Sequence[Session], **who: str) -> Finding:
    first = sorted(pattern, key=lambda each: each.entry)[:EXAMPLES]
    return Finding(
        kind=kind,
        who=tuple(who.items()),
        count=len(pattern),
        share=_share(len(pattern), len(of)),
        minutes=sum(each.minutes for each in pattern),
        examples=tuple((each.record, each.entry) for each in first),
        why=WHY[kind],
    )
