"""What a draft policy would have changed on recorded history.

The journal is folded twice: once as it is, and once deciding every answer again as if the draft
had been adopted last of all. Whatever the draft refuses is counted by its code, and what only
followed from something that came out otherwise is set aside. At the end every volunteer's numbers
are compared. Nothing is written, and nobody's name or id is in the outcome. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from ledger import account
from ledger.account import (
    ISSUERS,
    OWED_PURSES,
    POINT,
    SERVICE,
    SERVICE_PURSE,
    TIME,
    TIME_PURSE,
)
from ledger.actions import Action
from ledger.actions.credit import ListForCredit
from ledger.actions.orders import ExpireOrder, RequestOrder
from ledger.actions.parties import ReachMajority
from ledger.actions.points import LapsePoints
from ledger.actions.rewards import ExpireRedemption, Reserve
from ledger.actions.service import EVIDENCE
from ledger.actions.stars import ApplyForStar, AssessStars
from ledger.actions.time_bank import DepositTime
from ledger.decide import RULES, decide
from ledger.decide.points import spendable
from ledger.decide.stars import minutes_that_count, stars_held
from ledger.entry import Draft, Entry
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.posting import Posting
from ledger.replay import (
    ANSWERS_A_SWEEP,
    REGISTRATIONS,
    NotAnAnswer,
    action_of,
    answers,
    sweep,
    take_up,
)
from ledger.rows import Party
from ledger.standing import Standing

FIGURES: Final = (
    "service_minutes",
    "points_earned_hundredths",
    "points_hundredths",
    "time_minutes",
    "eligible_star",
    "held_star",
)
"""What is compared for each volunteer: confirmed minutes; points that were issued and not taken
back; points that can be spent, less what is owed; saved minutes, less what is owed; stars."""
NO_TIER: Final = "none"
"""The tier of whoever no organisation registered."""

_BY_TIMERS: Final = (AssessStars, ExpireOrder, ExpireRedemption, LapsePoints)
"""What timers ask for: no is an answer, and refuses nobody anything."""
_LIVES: Final = frozenset(
    {
        "credits",
        "marks",
        "objections",
        "orders",
        "records",
        "redemptions",
        "rewards",
        "star_cases",
    }
)
"""Tables whose rows begin and end by requests."""
_STATES: Final = ("state", "value", "cycle")
"""What such a row calls the state it is in."""

Tell = Callable[[int], None]
"""Told how many entries were read."""


@dataclass(frozen=True, slots=True)
class Change:
    """How many people gain and lose, and how much in all, in the figure's unit."""

    gaining: int = 0
    gained: int = 0
    losing: int = 0
    lost: int = 0

    def and_(self, difference: int) -> Change:
        """With one person more whose figure differs by so much."""
        if difference > 0:
            return replace(self, gaining=self.gaining + 1, gained=self.gained + difference)
        if difference < 0:
            return replace(self, losing=self.losing + 1, lost=self.lost - difference)
        return self


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What the draft would have changed. Times in ms; counters by code, reason or star."""

    begins: date
    """The first day on which the draft was taken to be in force."""
    entries: int = 0
    volunteers: int = 0
    last: int = 0
    """Time of the last entry."""
    changes: dict[str, Change] = field(default_factory=dict)
    """By figure, those of `FIGURES` that differ for anybody."""
    by_tier: dict[str, dict[str, Change]] = field(default_factory=dict)
    """The same by the tier of the home organisation."""
    eligible_stars: Counter[tuple[int, int]] = field(default_factory=Counter)
    """People by (star, star under the draft)."""
    held_stars: Counter[tuple[int, int]] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """Requests that were granted and that the draft refuses, by code."""
    held: Counter[str] = field(default_factory=Counter)
    """Sessions that counted at once and that the draft holds for review, by reasons."""
    let_through: Counter[str] = field(default_factory=Counter)
    """Sessions that were held, by reasons, and that count at once under the draft."""
    set_aside: int = 0
    """Requests about something that came out otherwise, and so could not be asked."""
    assumed: int = 0
    """Attested ages for which the draft asks another age than the one that was attested."""

    @property
    def differs(self) -> bool:
        """Whether anything at all would have been otherwise."""
        return bool(self.changes or self.refused or self.held or self.let_through or self.set_aside)


def simulate(
    entries: Iterable[Entry], draft: Policy, *, since: date | None = None, tell: Tell | None = None
) -> Outcome:
    """Compare recorded history with what it would have been under `draft`.

    `entries` are all of a ledger's, from the genesis on. The draft counts as adopted last, in
    force from `since` on (by default its own first day) to its own last day. Refuses with
    `bad_time` where it would never be in force; `not_replayable` where other decision code decided
    than this, or none of it can have.
    """
    begins = since or draft.effective_from
    if draft.effective_to is not None and draft.effective_to < begins:
        raise Refused(
            "bad_time",
            f"this policy ends on {draft.effective_to.isoformat()}, before it would begin",
        )
    draft = replace(draft, effective_from=begins)
    outcome = Outcome(begins=begins)
    recorded, drafted = _History(), _History(draft)
    last: Entry | None = None
    try:
        for at, group in enumerate(answers(entries), 1):
            _try_again(group, recorded, drafted, outcome)
            take_up(recorded, group)
            last = group[-1]
            if at % ANSWERS_A_SWEEP == 0:
                for each in (recorded, drafted):
                    sweep(each)
                if tell is not None:
                    tell(last.index + 1)
    except NotAnAnswer as odd:
        raise _not_replayable(odd.index, odd.sentence) from odd
    if last is not None:
        outcome.entries, outcome.last = last.index + 1, last.time
        for each in (recorded, drafted):
            _let_timers_come(each, last)
        _compare(recorded, drafted, outcome)
        if tell is not None:
            tell(outcome.entries)
    return outcome


class _History(Standing):
    """A standing that knows a draft, which counts as adopted last whatever is adopted meanwhile,
    and how many points each volunteer got from the issuer and kept."""

    def __init__(self, draft: Policy | None = None) -> None:
        super().__init__()
        self.issued: defaultdict[str, int] = defaultdict(int)
        self._draft = draft
        if draft is not None:
            self._put_last(draft)

    def learn_policy(self, document: Mapping[str, Any], entry: int = 0) -> None:
        """An adopted policy comes before the draft."""
        if self._draft is not None:
            self.policies.remove(self._draft)
        super().learn_policy(document, entry)
        if self._draft is not None:
            self._put_last(self._draft)

    def _put_last(self, draft: Policy) -> None:
        self.policies.append(draft)
        self._policies_are_scoped |= draft.scoped
        self._policy_by_day.clear()
        self.overdraft_minutes = max(self.overdraft_minutes, draft.tb_overdraft_min_minutes)
        self.hours_may_be_taken |= draft.redeem_reduces_hours

    def move(self, postings: Sequence[Posting]) -> None:
        """Count what the issuer of points gave and got back."""
        super().move(postings)
        for source, destination, asset, amount in postings:
            if asset == POINT:
                if source == ISSUERS[POINT]:
                    self.issued[account.split(destination)[0]] += amount
                elif destination == ISSUERS[POINT]:
                    self.issued[account.split(source)[0]] -= amount


# One answer --------------------------------------------------------------------------------------


def _try_again(
    group: Sequence[Entry], recorded: _History, drafted: _History, outcome: Outcome
) -> None:
    """Decide an answer under the draft, and fold what it gives."""
    head = group[0]
    for entry in group:
        if entry.rules != RULES:
            raise _not_replayable(entry.index, f"it was decided by rules {entry.rules}")
    action = _fitting(action_of(group, recorded), recorded, drafted, head.time)
    try:
        try:
            drafts = decide(action, drafted, head.time)
        except Refused as refused:
            if refused.code != "attestation_outdated":
                raise
            drafts = decide(_of_age(action, drafted, head.time), drafted, head.time)
            outcome.assumed += 1
    except Refused as refused:
        if isinstance(action, _BY_TIMERS) or _came_otherwise(action, recorded, drafted):
            outcome.set_aside += 1
        else:
            outcome.refused[refused.code] += 1
        # Whom a refused session brought along is there all the same.
        take_up(drafted, [entry for entry in group if entry.kind in REGISTRATIONS])
        return
    _count_held(group, drafts, outcome)
    take_up(drafted, _written(drafts, head))


def _not_replayable(index: int, why: str) -> Refused:
    return Refused("not_replayable", f"entry {index} cannot be decided again: {why}", entry=index)


def _written(drafts: Sequence[Draft], head: Entry) -> list[Entry]:
    """Drafts as entries to fold: their bytes are never looked at."""
    return [
        head._replace(
            index=head.index + part,
            kind=draft.kind,
            facts=draft.facts,
            postings=draft.postings,
            policy=draft.policy,
            part=part,
            parts=len(drafts),
        )
        for part, draft in enumerate(drafts)
    ]


def _fitting(action: Action, recorded: Standing, drafted: Standing, time: int) -> Action:
    """The action as it would be asked under the draft: whoever saved a whole record would save the
    whole of what it brings, and whoever saved a part no more than it brings; whoever was listed is
    listed for the cycle that runs."""
    if isinstance(action, ListForCredit):
        policy = drafted.policy_of(account.volunteer(action.volunteer), time)
        return replace(action, cycle=policy.credit_cycle_of(policy.local_date(time)))
    if not isinstance(action, DepositTime):
        return action
    before, after = recorded.records[action.record], drafted.records[action.record]
    if before is None or after is None or not after.paid:
        return action
    policy = recorded.policy_of(account.volunteer(action.volunteer), time)
    activity = recorded.activities[before.activity] if before.activity else None
    category = activity.category if activity is not None else ""
    whole = policy.time_credit(before.paid, category)
    if policy.time_credit(action.minutes, category) == whole:
        return replace(action, minutes=after.paid)
    return replace(action, minutes=min(action.minutes, after.paid))


def _of_age(action: Action, drafted: Standing, time: int) -> Action:
    """The action as it would have been asked of a door that attests the draft's age: met."""
    if isinstance(action, DepositTime):
        policy = drafted.policy_of(account.volunteer(action.volunteer), time)
        return replace(action, age_gate="met", age_tested=policy.tb_depositor_min_age)
    if isinstance(action, ReachMajority):
        policy = drafted.policy_of(account.volunteer(action.volunteer), time)
        return replace(action, age_gate="met", age_tested=policy.guardian_below_age)
    if isinstance(action, Reserve | RequestOrder):
        policy = drafted.policy_of(account.volunteer(action.volunteer), time)
        return replace(action, age_gate="met", age_tested=policy.tb_redeem_min_age)
    return action


def _came_otherwise(action: Action, recorded: Standing, drafted: Standing) -> bool:
    """Whether a record, a redemption, a case … that the action is about stands otherwise under the
    draft, or not at all: then nobody would have asked. So it is with a star that is held by now."""
    if isinstance(action, ApplyForStar):
        owner = account.volunteer(action.volunteer)
        if stars_held(recorded.purse(owner)) != stars_held(drafted.purse(owner)):
            return True
    return any(
        _state(recorded, table, key) != _state(drafted, table, key)
        for table, key in action.touches()
        if table in _LIVES
    )


def _state(standing: Standing, table: str, key: Any) -> Any:
    row = getattr(standing, table)[key]
    return next((getattr(row, name) for name in _STATES if hasattr(row, name)), None)


def _count_held(group: Sequence[Entry], drafts: Sequence[Draft], outcome: Outcome) -> None:
    """Sessions that are held under the draft and were not, and the other way round."""
    was, would = _session(entry.facts for entry in group), _session(each.facts for each in drafts)
    if was is None or would is None or was["outcome"] == would["outcome"]:
        return
    if would["outcome"] == "held":
        outcome.held[would["reasons"]] += 1
    else:
        outcome.let_through[was["reasons"]] += 1


def _session(facts: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The facts of the session among those of an answer."""
    return next((each for each in facts if "check_in" in each and "outcome" in each), None)


def _let_timers_come(standing: Standing, last: Entry) -> None:
    """What the timers would have done by the time of the last entry: reservations and orders that
    are over give back what they hold, and stars that a policy grants by itself are granted."""
    head = last._replace(index=last.index + 1)
    for action in list(_due(standing, last.time)):
        try:
            drafts = decide(action, standing, last.time)
        except Refused:
            # Nothing is due there.
            continue
        take_up(standing, _written(drafts, head))


def _due(standing: Standing, time: int) -> Iterator[Action]:
    for redemption in standing.redemptions.values():
        if redemption is not None and redemption.state == "reserved" and redemption.expires <= time:
            yield ExpireRedemption(redemption=redemption.redemption)
    for order in standing.orders.values():
        if order is not None and order.expires <= time:
            yield ExpireOrder(order=order.order_id)
    for address, _ in _volunteers(standing):
        yield AssessStars(volunteer=address.partition(":")[2])


# The end of it -----------------------------------------------------------------------------------


def _volunteers(standing: Standing) -> list[tuple[str, Party]]:
    return [
        (address, party)
        for address, party in standing.parties.items()
        if party is not None and address.startswith("volunteer:")
    ]


def _compare(recorded: _History, drafted: _History, outcome: Outcome) -> None:
    """Every volunteer's figures, before and after."""
    changes: defaultdict[str, Change] = defaultdict(Change)
    by_tier: defaultdict[str, defaultdict[str, Change]] = defaultdict(lambda: defaultdict(Change))
    for address, party in _volunteers(recorded):
        outcome.volunteers += 1
        before = _figures(recorded, address, outcome.last)
        after = _figures(drafted, address, outcome.last)
        outcome.eligible_stars[before["eligible_star"], after["eligible_star"]] += 1
        outcome.held_stars[before["held_star"], after["held_star"]] += 1
        if before == after:
            continue
        home = recorded.parties[party.parent] if party.parent else None
        tier = home.tier if home is not None else NO_TIER
        for name in FIGURES:
            if difference := after[name] - before[name]:
                changes[name] = changes[name].and_(difference)
                by_tier[tier][name] = by_tier[tier][name].and_(difference)
    outcome.changes = {name: changes[name] for name in FIGURES if name in changes}
    outcome.by_tier = {
        tier: {name: found[name] for name in FIGURES if name in found}
        for tier, found in sorted(by_tier.items())
    }


def _figures(standing: _History, owner: str, time: int) -> dict[str, int]:
    """By name, what a volunteer has at `time`; see `FIGURES`."""
    policy = standing.policy_of(owner, time)
    purse = standing.purse(owner)
    volunteer = owner.partition(":")[2]
    counted = minutes_that_count(standing, policy, volunteer, purse, time)
    today = policy.local_date(time).isoformat()
    return {
        "service_minutes": sum(purse.get((SERVICE_PURSE + one, SERVICE), 0) for one in EVIDENCE),
        "points_earned_hundredths": standing.issued.get(owner, 0),
        "points_hundredths": spendable(purse, today) + purse.get((OWED_PURSES[POINT], POINT), 0),
        "time_minutes": purse.get((TIME_PURSE, TIME), 0) + purse.get((OWED_PURSES[TIME], TIME), 0),
        "eligible_star": policy.eligible_star(counted),
        "held_star": stars_held(purse),
    }
