"""From written entries back to what was asked, and to what the rules make of it again.

An answer is the entries that one request led to (parts 0 … n − 1). `action_of` rebuilds the action
from them and from what stood before; deciding it again must give the same entries. Nothing else is
needed: attested answers are in the entries, and whatever was only an input follows from them
(docs/format.md §3). Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import zip_longest
from typing import Any, Final, NamedTuple, TypeVar

from ledger import account
from ledger.actions import (
    Action,
    cards,
    catalogue,
    certificates,
    clerks,
    consents,
    credentials,
    credit,
    documents,
    honours,
    objections,
    offline,
    orders,
    parties,
    points,
    rewards,
    service,
    settlement,
    stars,
    statements,
    time_bank,
    webhooks,
)
from ledger.actions.parties import RegisterOrganisation, RegisterStaff, RegisterVolunteer
from ledger.actions.service import Introduction, RecordService, RegisterActivity
from ledger.actions.statements import AcceptStatement, PortedRecord
from ledger.actors import why_not_made_by
from ledger.decide import RULES, decide
from ledger.decide.cards import times_reissued
from ledger.entry import Draft, Entry
from ledger.errors import Refused
from ledger.fold import fold
from ledger.fold.clerks import clerk_of
from ledger.posting import Posting
from ledger.rows import Order
from ledger.standing import WINDOW_MS, Standing

ANSWERS_A_SWEEP: Final = 1_000
"""After so many answers a standing forgets what only the sequencer stores."""

PORTED_MAX: Final = 10_000
"""More records than the largest statement that a door takes could name."""

NO_RULE_MADE_IT: Final = (ArithmeticError, LookupError, ValueError)
"""What deciding or folding raises on values that no decision gives: times without a date, numbers
out of reach, rows that are not there."""

Row = TypeVar("Row")


class NotAnAnswer(Exception):
    """No action leads to these entries. `index` is the entry that no action explains."""

    def __init__(self, index: int, sentence: str) -> None:
        super().__init__(sentence)
        self.index = index
        self.sentence = sentence


class OtherRules(Exception):
    """Entry `index` was decided by decision code of another number: `rules`."""

    def __init__(self, index: int, rules: int) -> None:
        super().__init__(f"entry {index} was decided by rules {rules}, and these are {RULES}")
        self.index = index
        self.rules = rules


class Difference(NamedTuple):
    """The first entry of an answer that the rules do not give, and how it differs."""

    index: int  # type: ignore[assignment]  # the journal's word, as in `Entry`
    kind: str
    what: str
    """`kind`, `refused`, `missing`, a fact's name, `postings`, `policy` …"""
    sentence: str


def answers(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries, one answer at a time. Raises NotAnAnswer for one that is not complete."""
    group: list[Entry] = []
    for entry in entries:
        if entry.part != len(group) or (group and entry.idem != group[0].idem):
            raise NotAnAnswer(entry.index, "it does not go on with the answer before it")
        group.append(entry)
        if len(group) == entry.parts:
            yield group
            group = []
    if group:
        raise NotAnAnswer(group[0].index, "its answer is not complete")


def take_up(standing: Standing, group: Sequence[Entry]) -> None:
    """Fold an answer into a standing that holds everything since the genesis.

    Raises ValueError where a posting breaks a floor, and what reading a document raises.
    """
    for entry in group:
        if entry.kind in _SESSIONS:
            # The fold adds a session only to a window that is in memory, and here no window is
            # anywhere else.
            facts = entry.facts
            key = (facts["volunteer"], facts["check_in"] // WINDOW_MS)
            standing.sessions.setdefault(key, [])
        fold(standing, entry)


_SESSIONS: Final = frozenset({"service_recorded", "service_ported"})


def sweep(standing: Standing) -> None:
    """Forget which rows changed, which requests came and what entries were about: memory that
    only who stores them needs."""
    standing.forget_changes()
    standing.forget_passing()


def decide_again(group: Sequence[Entry], standing: Standing) -> list[Draft]:
    """What the rules make of the action behind an answer. Raises Refused where they say no,
    NotAnAnswer where no action fits, OtherRules where another decision code decided."""
    for entry in group:
        if entry.rules != RULES:
            raise OtherRules(entry.index, entry.rules)
    return decide(action_of(group, standing), standing, group[0].time)


def first_difference(group: Sequence[Entry], standing: Standing) -> Difference | None:
    """Decide an answer again and hold every entry of it against what the rules give; None where
    they agree, and its actor is one who may ask for it. Raises OtherRules."""
    head = group[0]
    try:
        drafts = decide_again(group, standing)
        odd_one = why_not_made_by(group)
    except Refused as refused:
        return Difference(head.index, head.kind, "refused", f"the rules refuse it: {refused}")
    except NotAnAnswer as odd:
        kind = group[odd.index - head.index].kind
        return Difference(odd.index, kind, "answer", odd.sentence)
    except NO_RULE_MADE_IT as broken:
        sentence = f"the rules cannot have made it: {type(broken).__name__}"
        return Difference(head.index, head.kind, "impossible", sentence)
    if odd_one is not None:
        entry_of, why = odd_one
        return Difference(entry_of.index, entry_of.kind, "actor", why)
    for entry, draft in zip_longest(group, drafts):
        if entry is None:
            last = group[-1]
            return Difference(
                last.index, last.kind, "missing", f"the rules give {draft.kind} after it as well"
            )
        if draft is None:
            return Difference(entry.index, entry.kind, "kind", "the rules give no such entry here")
        found = _how_differs(entry, draft)
        if found is not None:
            return Difference(entry.index, entry.kind, *found)
    return None


def _how_differs(entry: Entry, draft: Draft) -> tuple[str, str] | None:
    """(what, sentence) of the first thing in which an entry is not its draft."""
    if entry.kind != draft.kind:
        return "kind", f"the rules give {draft.kind} here"
    if entry.facts != draft.facts:
        for name in sorted({*entry.facts, *draft.facts}):
            here, there = entry.facts.get(name), draft.facts.get(name)
            if here != there:
                return name, f"its {name} is {here!a}, and the rules give {there!a}"
    written, given = list(entry.postings), list(draft.postings)
    if written != given:
        for place, (one, other) in enumerate(zip_longest(written, given)):
            if one != other:
                sentence = f"its posting {place} is {_said(one)}, and the rules give {_said(other)}"
                return "postings", sentence
    if entry.policy != draft.policy:
        return "policy", f"its policy is {entry.policy}, and the rules go by {draft.policy}"
    if entry.rules != draft.rules:
        return "rules", f"its rules are {entry.rules}, and these are {draft.rules}"
    return None


def _said(posting: Posting | None) -> str:
    if posting is None:
        return "none"
    source, destination, asset, amount = posting
    return f"{amount} {asset} from {source} to {destination}"


# From entries to the action ----------------------------------------------------------------------


def action_of(group: Sequence[Entry], standing: Standing) -> Action:
    """The action that led to an answer, given what stood before it.

    What only led to a refusal that did not come (`conflicts`, an excluded `kind` of service) is
    left at its default. Raises NotAnAnswer where the entries cannot be one action's.
    """
    head = group[0]
    build = BUILDERS.get(head.kind)
    if head.kind in _MAY_INTRODUCE and any(each.kind == "service_recorded" for each in group):
        return _record_service(group, standing)
    if build is None:
        raise NotAnAnswer(head.index, f"no action begins with {head.kind}")
    return build(group, standing)


Build = Callable[[Sequence[Entry], Standing], Action]


def _like(action: type[Action], **renamed: str) -> Build:
    """An action whose fields are facts of the first entry, some under another name."""
    names = {field.name: renamed.get(field.name, field.name) for field in fields(action)}  # type: ignore[arg-type]  # each action is a dataclass

    def build(group: Sequence[Entry], standing: Standing) -> Action:
        facts = group[0].facts
        return action(**{name: facts[fact] for name, fact in names.items()})

    return build


def _by_actor(actor: str, role: str) -> str:
    """The id of who asked, if it was somebody of that kind; else ""."""
    kind, _, id_ = actor.partition(":")
    return id_ if kind == role else ""


def _known(row: Row | None, entry: Entry, what: str) -> Row:
    if row is None:
        raise NotAnAnswer(entry.index, f"it speaks of a {what} that no entry before it began")
    return row


def _change_party(change: str) -> Build:
    def build(group: Sequence[Entry], standing: Standing) -> Action:
        facts = group[0].facts
        reason = facts.get("reason", "")
        return parties.ChangeParty(party=facts["party"], change=change, reason=reason)

    return build


def _register_activity(group: Sequence[Entry], standing: Standing) -> Action:
    return _activity_of(group)


def _activity_of(group: Sequence[Entry]) -> RegisterActivity:
    """The activity with its terms, which follow in the same answer where there are any."""
    terms: Mapping[str, Any] = {}
    if len(group) > 1 and group[1].kind == "activity_terms":
        terms = group[1].facts
    asked = ("training", "insurance", "min_age", "participants")
    return RegisterActivity(
        **group[0].facts, **{name: terms[name] for name in asked if name in terms}
    )


_NEWCOMERS: Final[Mapping[str, type[Introduction]]] = {
    "volunteer_registered": RegisterVolunteer,
    "organisation_registered": RegisterOrganisation,
    "staff_registered": RegisterStaff,
}
REGISTRATIONS: Final = frozenset({*_NEWCOMERS, "activity_registered", "activity_terms"})
"""Kinds that a service record may bring along for parties still unknown."""
_MAY_INTRODUCE: Final = frozenset({*REGISTRATIONS, "gates_met", "service_recorded"})


def _introductions(before: Sequence[Entry]) -> tuple[Introduction, ...]:
    """The registrations among the entries before a record."""
    found: list[Introduction] = []
    for place, entry in enumerate(before):
        if entry.kind in _NEWCOMERS:
            found.append(_NEWCOMERS[entry.kind](**entry.facts))
        elif entry.kind == "activity_registered":
            found.append(_activity_of(before[place : place + 2]))
        elif entry.kind not in ("activity_terms", "gates_met"):
            raise NotAnAnswer(entry.index, f"no record brings {entry.kind} along")
    return tuple(found)


def _record_service(group: Sequence[Entry], standing: Standing) -> RecordService:
    place = next(at for at, entry in enumerate(group) if entry.kind == "service_recorded")
    entry = group[place]
    recorded = entry.facts["recorded"]
    return _session(
        group,
        place,
        # Entered when it was written, unless it tells of another system's past.
        recorded=0 if recorded == entry.time else recorded,
        introduces=_introductions(group[:place]) if place else (),
    )


def _session(
    group: Sequence[Entry], place: int, *, recorded: int, introduces: tuple[Introduction, ...] = ()
) -> RecordService:
    """The session that the entry at `place` records. Its deductions are known together only."""
    facts = group[place].facts
    gate: Mapping[str, Any] = {}
    if place and group[place - 1].kind == "gates_met":
        gate = group[place - 1].facts
    return RecordService(
        record=facts["record"],
        volunteer=facts["volunteer"],
        organisation=facts["organisation"],
        activity=facts["activity"],
        evidence=facts["evidence"],
        starts=facts["starts"],
        ends=facts["ends"],
        check_in=facts["check_in"],
        check_out=facts["check_out"],
        deducted_minutes=facts["deducted_minutes"],
        recorder=facts["recorder"],
        approver=facts["approver"],
        recorded=recorded,
        introduces=introduces,
        method="self_gps" if "self_check_in" in facts["reasons"].split("+") else "",
        age_gate=gate.get("age_gate", ""),
        age_tested=gate.get("age_tested", 0),
    )


def _reverse_or_correct(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    for place, entry in enumerate(group):
        if entry.kind == "service_recorded":
            # The original's entry time is the decision's to carry over.
            return service.CorrectService(
                record=facts["record"],
                corrected=_session(group, place, recorded=0),
                reason=facts["reason"],
            )
    return service.ReverseService(record=facts["record"], reason=facts["reason"])


def _confirm(group: Sequence[Entry], standing: Standing) -> Action:
    entry = group[0]
    reviewer = _by_actor(entry.actor, "staff")
    return service.ConfirmService(record=entry.facts["record"], reviewer=reviewer)


def _refuse(group: Sequence[Entry], standing: Standing) -> Action:
    entry = group[0]
    return service.RefuseService(
        record=entry.facts["record"],
        reviewer=_by_actor(entry.actor, "staff"),
        reason=entry.facts["reason"],
    )


def _evaluate(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    return service.EvaluateService(
        record=facts["record"],
        score=facts["score"],
        conduct=facts["conduct"],
        text=facts["text"],
    )


def _prove_fraud(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    return service.ProveFraud(volunteer=facts["party"].partition(":")[2], reason=facts["reason"])


def _dismiss_fraud(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    return service.DismissFraud(volunteer=facts["party"].partition(":")[2], reason=facts["reason"])


def _accept_statement(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    records = []
    for entry in group[1:]:
        if entry.kind != "service_ported":
            raise NotAnAnswer(entry.index, f"no statement brings {entry.kind} along")
        names = {field.name: field.name for field in fields(PortedRecord)}
        names["minutes"] = "claimed_minutes"
        records.append(PortedRecord(**{name: entry.facts[fact] for name, fact in names.items()}))
    known = list(_ported_before(facts, standing))[: facts["known"]]
    # Whatever else was known stood twice in the statement itself.
    twice = facts["known"] - len(known)
    if twice > PORTED_MAX or (twice and not records):
        raise NotAnAnswer(group[0].index, f"no statement holds {twice} records twice")
    return AcceptStatement(
        statement=facts["statement"],
        volunteer=facts["volunteer"],
        origin=facts["origin"],
        key=facts["key"],
        size=facts["size"],
        records=(*records, *known, *records[:1] * twice),
    )


def _ported_before(facts: Mapping[str, Any], standing: Standing) -> Iterator[PortedRecord]:
    """The volunteer's records that came over from the same ledger before: a newer statement holds
    them again, and the entry says only how many."""
    owner = f"origin:{facts['origin']}"
    for (of, foreign), mark in standing.marks.items():
        if of == owner and mark is not None:
            found = standing.records[mark.value]
            if found is not None and found.volunteer == facts["volunteer"]:
                yield PortedRecord(
                    record=found.record,
                    foreign_record=foreign,
                    foreign_hash="",
                    evidence=found.evidence,
                    starts=found.starts,
                    ends=found.ends,
                    check_in=found.check_in,
                    check_out=found.check_out,
                    minutes=found.minutes,
                )


def _apply_for_star(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    return stars.ApplyForStar(
        case=facts["case"],
        volunteer=facts["volunteer"],
        star=facts["star"],
        nominated_by=facts["organisation"] if facts["nominated"] == "yes" else "",
    )


def _refuse_star(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    return stars.RefuseStar(
        case=facts["case"],
        organisation=facts["organisation"],
        reason=facts["reason"],
        # Whether a downgrade follows is decided again; all that is taken over is its id.
        next_case=group[1].facts["case"] if len(group) > 1 else "",
    )


def _grant_or_assess(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    if not facts["case"]:
        return stars.AssessStars(volunteer=facts["volunteer"])
    return stars.GrantStar(case=facts["case"], organisation=facts["organisation"])


def _decide_downgrade(confirmed: bool) -> Build:
    def build(group: Sequence[Entry], standing: Standing) -> Action:
        facts = group[0].facts
        return stars.DecideDowngrade(
            case=facts["case"],
            confirmed=confirmed,
            organisation=facts["organisation"],
            reason=facts["reason"],
        )

    return build


def _record_dishonesty(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    return credit.RecordDishonesty(
        volunteer=facts["volunteer"], serious=facts["serious"] == "yes", reason=facts["reason"]
    )


def _deposit(group: Sequence[Entry], standing: Standing) -> Action:
    """The least minutes of service that bring what was saved: whatever more was asked came to the
    same, because saved time is credited in whole units only."""
    entry = group[0]
    facts = entry.facts
    found = _known(standing.records[facts["record"]], entry, "record")
    policy = standing.policy_of(account.volunteer(facts["volunteer"]), entry.time)
    activity = standing.activities[found.activity] if found.activity else None
    category = activity.category if activity is not None else ""
    minutes = bisect_left(
        range(found.paid + 1),
        facts["minutes"] + facts["overflow_minutes"],
        key=lambda served: policy.time_credit(served, category),
    )
    return time_bank.DepositTime(
        record=facts["record"],
        volunteer=facts["volunteer"],
        minutes=minutes,
        age_gate=facts["age_gate"],
        age_tested=facts["age_tested"],
    )


def _grant_time(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    return time_bank.GrantTime(
        volunteer=facts["volunteer"],
        pool=facts["pool"],
        ground=facts["ground"],
        minutes=0 if facts["ground"] == "starting" else facts["minutes"],
    )


def _order(group: Sequence[Entry], standing: Standing) -> Order:
    entry = group[0]
    return _known(standing.orders[entry.facts["order"]], entry, "service order")


def _settle_order(group: Sequence[Entry], standing: Standing) -> Action:
    entry = group[0]
    order = _order(group, standing)
    return orders.SettleOrder(
        order=order.order_id,
        minutes=order.minutes - entry.facts["returned_minutes"],
        organisation=_by_actor(entry.actor, "organisation"),
        reason=entry.facts["reason"],
    )


def _cancel_order(group: Sequence[Entry], standing: Standing) -> Action:
    entry = group[0]
    return orders.CancelOrder(
        order=entry.facts["order"],
        volunteer=_by_actor(entry.actor, "volunteer"),
        reason=entry.facts["reason"],
    )


def _release(group: Sequence[Entry], standing: Standing) -> Action:
    entry = group[0]
    found = _known(standing.redemptions[entry.facts["redemption"]], entry, "redemption")
    volunteer = _by_actor(entry.actor, "volunteer") or found.volunteer
    return rewards.Release(redemption=found.redemption, volunteer=volunteer)


def _reissue_code(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    times = times_reissued(facts["redemption"], standing)
    return cards.ReissueCode(**facts, times=times)


def _issue_card(group: Sequence[Entry], standing: Standing) -> Action:
    return cards.IssueCard(**group[0].facts)


def _close_or_replace_card(group: Sequence[Entry], standing: Standing) -> Action:
    closed, *rest = group
    if rest:
        return cards.IssueCard(**rest[0].facts, replaces=closed.facts["card"])
    return cards.CloseCard(**closed.facts)


def _issue_credential(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    bound = [entry for entry in group[1:] if entry.kind == "credential_bound"]
    clerk = bound[0].facts["clerk"] if bound else ""
    lent = [entry for entry in group[1:] if entry.kind == "credential_lent"]
    helper = lent[0].facts["helper"] if lent else ""
    linked = [entry for entry in group[1:] if entry.kind == "credential_linked"]
    means = linked[0].facts["means"] if linked else ""
    names = ("credential", "party", "role", "scopes", "terminal", "expires")
    given = {name: facts[name] for name in names}
    return credentials.IssueCredential(**given, clerk=clerk, helper=helper, means=means)


def _capture(group: Sequence[Entry], standing: Standing) -> Action:
    facts = group[0].facts
    shown: dict[str, Any] = {}
    note = ""
    for entry in group[1:]:
        if entry.kind == "capture_presented":
            shown = {name: entry.facts[name] for name in _SHOWN}
        elif entry.kind == "capture_noted":
            note = entry.facts["text"]
    if shown.get("means") == "offline":
        found = _known(standing.redemptions[facts["redemption"]], group[0], "redemption")
        return _take_offline(shown, facts, asset=found.asset, amount=found.amount)
    return rewards.Capture(
        redemption=facts["redemption"],
        merchant=facts["merchant"],
        branch=facts["branch"],
        terminal=facts["terminal"],
        quantity=facts["quantity"],
        clerk=clerk_of(standing, group[0].auth),
        note=note,
        **shown,
    )


def _take_offline(
    shown: Mapping[str, Any], facts: Mapping[str, Any], *, asset: str, amount: int
) -> Action:
    return offline.TakeOffline(
        session=shown["till_session"],
        merchant=facts["merchant"],
        counter=shown["counter"],
        redemption=facts["redemption"],
        asset=asset,
        amount=amount,
        accepted=shown["accepted"],
        step=shown["step"],
        proof=shown["proof"],
    )


def _offline_conflict(group: Sequence[Entry], standing: Standing) -> Action:
    """Whether the holder's value was right led to nothing here."""
    facts = group[0].facts
    shown = {**facts, "till_session": facts["session"], "step": 0}
    return _take_offline(shown, facts, asset=facts["asset"], amount=facts["amount"])


def _sign_voucher(group: Sequence[Entry], standing: Standing) -> Action:
    entry = group[0]
    found = _known(standing.redemptions[entry.facts["redemption"]], entry, "redemption")
    return offline.SignVoucher(
        redemption=found.redemption,
        volunteer=_by_actor(entry.actor, "volunteer") or found.volunteer,
        branch=entry.facts["branch"],
    )


_SHOWN: Final = ("means", "step", "card", "till_session", "counter", "accepted", "proof")


def _close_settlement(group: Sequence[Entry], standing: Standing) -> Action:
    closed = {entry.kind: entry.facts for entry in group}
    stated: Mapping[str, Any] = closed.get("settlement_stated", {})
    return settlement.CloseSettlement(
        settlement=group[0].facts["settlement"],
        merchant=group[0].facts["merchant"],
        redemptions=_words(closed.get("settlement_closed", {}).get("redemptions", "")),
        refunds=_words(stated.get("refunds", "")),
        branch=stated.get("branch", ""),
        starts=stated.get("starts", 0),
        ends=stated.get("ends", 0),
    )


def _words(joined: str) -> tuple[str, ...]:
    return tuple(joined.split("+")) if joined else ()


def _say_reward(action: type[catalogue.PublishReward]) -> Build:
    """A reward drafted or published, with the terms that came with it."""

    def build(group: Sequence[Entry], _: Standing) -> Action:
        terms = group[1].facts if group[1:] and group[1].kind == "reward_terms" else {}
        return action(**{**group[0].facts, **terms})

    return build


def _reserve(group: Sequence[Entry], _: Standing) -> Action:
    """What the reward asks, and what office asked for the holder, stand before a reservation."""
    facts = {entry.kind: entry.facts for entry in group}
    reserved = facts.get("redemption_reserved")
    if reserved is None:
        raise NotAnAnswer(group[0].index, "it lets nothing through that comes with it")
    gates = facts.get("redemption_gates", {"age_gate": "", "age_tested": 0})
    office = facts.get("redemption_assisted", {"organisation": "", "card": ""})
    return rewards.Reserve(
        redemption=reserved["redemption"],
        volunteer=reserved["volunteer"],
        reward=reserved["reward"],
        quantity=reserved["quantity"],
        age_gate=reserved["age_gate"],
        age_tested=reserved["age_tested"],
        reward_gate=gates["age_gate"],
        reward_tested=gates["age_tested"],
        organisation=office["organisation"],
        card=office["card"],
    )


def _issue_certificate(group: Sequence[Entry], standing: Standing) -> Action:
    """What it says, only the certificate opens; that it says anything is the door's word."""
    facts = group[0].facts
    return certificates.IssueCertificate(
        certificate=facts["certificate"],
        commitment=facts["commitment"],
        organisation=facts["organisation"],
        minutes=1,
        content=True,
    )


def _undo(action: type[rewards.VoidRedemption]) -> Build:
    def build(group: Sequence[Entry], _: Standing) -> Action:
        facts = group[0].facts
        return action(
            redemption=facts["redemption"], merchant=facts["merchant"], ground=facts["ground"]
        )

    return build


def _extend(group: Sequence[Entry], standing: Standing) -> Action:
    entry = group[0]
    found = _known(standing.redemptions[entry.facts["redemption"]], entry, "redemption")
    volunteer = _by_actor(entry.actor, "volunteer") or found.volunteer
    return rewards.ExtendRedemption(redemption=found.redemption, volunteer=volunteer)


def _set_or_stop_webhook(group: Sequence[Entry], standing: Standing) -> Action:
    head = group[0]
    facts = head.facts
    if facts["ground"] != "asked":
        before = _known(standing.webhooks[facts["webhook"]], head, "webhook")
        return webhooks.StopWebhook(
            webhook=facts["webhook"], ground=facts["ground"], seen=before.since
        )
    asked = ("webhook", "party", "events", "url", "state")
    return webhooks.SetWebhook(**{name: facts[name] for name in asked})


BUILDERS: Final[Mapping[str, Build]] = {
    "genesis": _like(documents.Begin),
    "policy_adopted": _like(documents.AdoptPolicy),
    "calendar_adopted": _like(documents.AdoptCalendar),
    "access_committed": _like(documents.CommitAccessLog),
    "volunteer_registered": lambda group, _: RegisterVolunteer(**group[0].facts),
    "group_registered": _like(parties.RegisterGroup),
    "guardian_consented": _like(parties.RecordGuardianConsent),
    "majority_reached": _like(parties.ReachMajority),
    "organisation_registered": _like(RegisterOrganisation),
    "staff_registered": _like(RegisterStaff),
    "merchant_registered": _like(parties.RegisterMerchant),
    "branch_registered": _like(parties.RegisterBranch),
    "terminal_registered": _like(parties.RegisterTerminal),
    "auditor_registered": _like(parties.RegisterAuditor),
    "operator_registered": _like(parties.RegisterOperator),
    "party_suspended": _change_party("suspended"),
    "party_reinstated": _change_party("reinstated"),
    "party_left": _change_party("left"),
    "party_died": _change_party("died"),
    "party_forgotten": _change_party("forgotten"),
    "relation_registered": _like(parties.RegisterRelation),
    "relation_removed": _like(parties.RemoveRelation),
    "circumstance_recorded": _like(parties.RecordCircumstance),
    "circumstance_removed": _like(parties.RemoveCircumstance),
    "consent_recorded": _like(consents.RecordConsent),
    "clerk_registered": _like(clerks.RegisterClerk),
    "clerk_limited": _like(clerks.LimitClerk),
    "credential_issued": _issue_credential,
    "credential_revoked": _like(credentials.RevokeCredential),
    "activity_registered": _register_activity,
    "qualification_recorded": _like(service.RecordQualification),
    "service_confirmed": _confirm,
    "service_refused": _refuse,
    "service_reversed": _reverse_or_correct,
    "service_evaluated": _evaluate,
    "fraud_proven": _prove_fraud,
    "fraud_dismissed": _dismiss_fraud,
    "objection_filed": _like(objections.FileObjection),
    "objection_forwarded": _like(objections.ForwardObjection),
    "objection_decided": _like(objections.DecideObjection),
    "statement_issued": _like(statements.IssueStatement),
    "statement_accepted": _accept_statement,
    "star_applied": _apply_for_star,
    "star_noticed": _like(stars.NoticeStar),
    "star_granted": _grant_or_assess,
    "star_refused": _refuse_star,
    "star_downgraded": _decide_downgrade(confirmed=True),
    "star_downgrade_dismissed": _decide_downgrade(confirmed=False),
    "medal_granted": _like(honours.GrantMedal),
    "commendation_recorded": _like(honours.RecordCommendation),
    "population_stated": _like(honours.StatePopulation),
    "dishonesty_recorded": _record_dishonesty,
    "dishonesty_repaired": _like(credit.RepairDishonesty),
    "credit_listed": _like(credit.ListForCredit),
    "referral_awarded": _like(points.AwardReferral),
    "points_lapsed": _like(points.LapsePoints),
    "time_deposited": _deposit,
    "time_transferred": _like(time_bank.TransferTime),
    "time_donated": _like(time_bank.DonateTime),
    "time_granted": _grant_time,
    "frozen_time_moved": _like(time_bank.MoveFrozenTime),
    "order_requested": _like(orders.RequestOrder),
    "order_offered": _like(orders.OfferService),
    "order_assigned": _like(orders.AssignOrder),
    "order_declined": _like(orders.DeclineOrder),
    "order_accepted": _like(orders.AcceptOrder),
    "order_done": _like(orders.ReportOrderDone),
    "order_confirmed": _like(orders.ConfirmOrder),
    "order_disputed": _like(orders.DisputeOrder),
    "order_settled": _settle_order,
    "order_cancelled": _cancel_order,
    "order_expired": _like(orders.ExpireOrder),
    "reward_published": _say_reward(catalogue.PublishReward),
    "reward_drafted": _say_reward(catalogue.DraftReward),
    "reward_restocked": _like(catalogue.RestockReward),
    "reward_withdrawn": _like(catalogue.WithdrawReward),
    "fund_stated": _like(catalogue.StateFund),
    "redemption_gates": _reserve,
    "redemption_reserved": _reserve,
    "redemption_extended": _extend,
    "redemption_captured": _capture,
    "voucher_signed": _sign_voucher,
    "offline_opened": _like(offline.OpenOffline),
    "offline_closed": _like(offline.CloseOffline),
    "offline_conflict": _offline_conflict,
    "redemption_assisted": _reserve,
    "redemption_guarded": _like(cards.GuardRedemption),
    "code_reissued": _reissue_code,
    "card_issued": _issue_card,
    "card_closed": _close_or_replace_card,
    "card_pin_changed": _like(cards.ChangeCardPin),
    "redemption_released": _release,
    "redemption_expired": _like(rewards.ExpireRedemption),
    "redemption_voided": _undo(rewards.VoidRedemption),
    "redemption_refunded": _undo(rewards.RefundRedemption),
    "capture_noted": _like(clerks.NoteCapture),
    "capture_reviewed": _like(settlement.ReviewCapture),
    "settlement_closed": _close_settlement,
    "webhook_set": _set_or_stop_webhook,
    "settlement_stated": _close_settlement,
    "certificate_issued": _issue_certificate,
}
"""By the kind of an answer's first entry; a record may bring registrations along before itself."""
