"""An auditor decides every entry again, from the bundle and the rules alone."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from audit.note import parse_key
from audit.replay import replayed
from audit.verdict import Verdict
from audit.verify import verify
from ledger.actions.cards import ChangeCardPin, CloseCard, GuardRedemption, IssueCard, ReissueCode
from ledger.actions.catalogue import RestockReward, StateFund, WithdrawReward
from ledger.actions.certificates import IssueCertificate
from ledger.actions.clerks import LimitClerk, NoteCapture, RegisterClerk
from ledger.actions.consents import RecordConsent
from ledger.actions.credentials import MEANS_TO_SIGN_IN, ROLES, IssueCredential, RevokeCredential
from ledger.actions.credit import ListForCredit, RecordDishonesty, RepairDishonesty
from ledger.actions.documents import CommitAccessLog
from ledger.actions.honours import GrantMedal, RecordCommendation, StatePopulation
from ledger.actions.objections import DecideObjection, FileObjection, ForwardObjection
from ledger.actions.orders import (
    AcceptOrder,
    AssignOrder,
    CancelOrder,
    ConfirmOrder,
    DeclineOrder,
    DisputeOrder,
    ExpireOrder,
    OfferService,
    ReportOrderDone,
    RequestOrder,
    SettleOrder,
)
from ledger.actions.parties import (
    ReachMajority,
    RecordCircumstance,
    RecordGuardianConsent,
    RegisterAuditor,
    RegisterGroup,
    RegisterOperator,
    RegisterRelation,
    RemoveCircumstance,
    RemoveRelation,
)
from ledger.actions.points import AwardReferral
from ledger.actions.rewards import ExtendRedemption, RefundRedemption, VoidRedemption
from ledger.actions.service import (
    CorrectService,
    DismissFraud,
    EvaluateService,
    ProveFraud,
    RecordQualification,
)
from ledger.actions.settlement import CloseSettlement, ReviewCapture
from ledger.actions.stars import (
    ApplyForStar,
    AssessStars,
    DecideDowngrade,
    GrantStar,
    NoticeStar,
    RefuseStar,
)
from ledger.actions.statements import AcceptStatement, IssueStatement, PortedRecord
from ledger.actions.time_bank import GrantTime, MoveFrozenTime
from ledger.actions.webhooks import SetWebhook, StopWebhook
from ledger.actors import ISSUES, KINDS_OF
from ledger.book import SYSTEM, Book, Caller
from ledger.entry import KINDS, Entry
from ledger.export import export_bundle
from ledger.founding import adopt_policy
from ledger.keys import Ed25519Signer
from ledger.note import sign_note
from ledger.policies import shipped
from ledger.replay import (
    BUILDERS,
    NotAnAnswer,
    answers,
    first_difference,
    sweep,
    take_up,
)
from ledger.standing import Standing
from ledger.store import journal
from tests import forge
from tests.api_client import Cast, Site
from tests.kit import DAY_MS, Ledger, Till, Town, at, scenario
from tests.replaying import entries_of, refuse_other_decisions, replay
from tests.test_bundle_of_a_story import everything_is_told

ROOT = Path(__file__).resolve().parent.parent
TEXT = hashlib.sha256(b"why").hexdigest()
SECOND: Final = frozenset(
    {
        "activity_terms",
        "capture_presented",
        "credential_bound",
        "credential_lent",
        "credential_linked",
        "credit_withdrawn",
        "gates_met",
        "reward_terms",
        "service_ported",
        "service_recorded",
        "star_downgrade_proposed",
    }
)
"""Kinds that come with others and never begin an answer, but for a plain record."""


def _go_by(town: Town, *changes: tuple[str, str]) -> None:
    """`cn-default` with some of its text replaced, in a version that nobody has adopted."""
    town.adopt(*changes, version=town.size())


# Stories: each tells of one subject, with every kind that belongs to it --------------------------


def parties_come_and_go(town: Town) -> None:
    minor, other = town.volunteer(guardian="missing"), town.volunteer(guardian="missing")
    town.do(RecordGuardianConsent(volunteer=minor))
    town.do(ReachMajority(volunteer=other, age_gate="met", age_tested=18))
    town.do(RegisterGroup(volunteer=town.new(), organisation=town.home))
    town.do(RegisterAuditor(auditor=town.new()))
    town.do(RegisterOperator(operator=town.new()))
    till, badge = town.till(), town.new()
    town.do(
        IssueCredential(
            credential=badge,
            party=f"merchant:{till.merchant}",
            role="merchant",
            scopes="redemptions:capture",
            terminal=till.terminal,
        )
    )
    town.do(RevokeCredential(credential=badge))
    told = SetWebhook(
        webhook=town.new(),
        party=f"merchant:{till.merchant}",
        events="settlement.closed+redemption.captured",
        url=TEXT,
    )
    first = town.do(told).entry.index
    town.do(StopWebhook(webhook=told.webhook, ground="gone", seen=first), caller=SYSTEM)
    town.do(told)
    town.do(replace(told, state="disabled"))
    town.do(replace(told, state="removed"))
    for change in ("suspended", "reinstated", "left", "forgotten"):
        town.becomes(f"volunteer:{minor}", change)
    town.becomes(f"volunteer:{other}", "died")
    ana = town.volunteer()
    relation, circumstance = town.new(), town.new()
    town.do(RegisterRelation(volunteer=ana, relation=relation))
    town.do(RemoveRelation(volunteer=ana, relation=relation))
    town.do(RecordCircumstance(volunteer=ana, circumstance=circumstance))
    town.do(RemoveCircumstance(volunteer=ana, circumstance=circumstance))
    town.do(CommitAccessLog(last=3, count=3, digest=TEXT))
    helped, lent = f"volunteer:{ana}", town.new()
    own = IssueCredential(
        credential=town.new(), party=helped, role="volunteer", scopes="orders:read"
    )
    town.do(own)
    owner = Caller(party=helped, role="volunteer", credential=own.credential)
    help_agreed = replace(
        own,
        credential=lent,
        scopes="orders:read+orders:write",
        expires=town.clock.ms + DAY_MS,
        helper=f"volunteer:{town.volunteer()}",
    )
    town.do(help_agreed, caller=owner)
    acting = Caller(party=helped, role="volunteer", credential=lent)
    town.do(
        FileObjection(
            objection=town.new(), volunteer=ana, subject_kind="other", subject="", text=TEXT
        ),
        caller=acting,
    )
    town.do(RevokeCredential(credential=lent), caller=owner)
    for means in MEANS_TO_SIGN_IN:
        town.do(replace(own, credential=town.new(), means=means), caller=owner)


def service_is_guarded(town: Town) -> None:
    """Terms, training, insurance, age; self check-in; poor conduct takes a record back; fraud."""
    _go_by(
        town,
        ("zero_on_bad_conduct = { value = false,", "zero_on_bad_conduct = { value = true,"),
        ("training_counts = { value = false,", "training_counts = { value = true,"),
    )
    ana, course = town.volunteer(), town.new()
    guarded = town.new_activity(training=course, insurance="required", min_age=18, participants=200)
    for what, minutes in ((course, 90), ("insurance", 0)):
        town.do(
            RecordQualification(
                volunteer=ana,
                organisation=town.home,
                what=what,
                learning_minutes=minutes,
                valid_from=at("2025-01-01 00:00"),
                recorder=town.recorder,
            )
        )
    town.clock.set("2025-03-20 18:00")
    asked: dict[str, Any] = {
        "activity": guarded,
        "recorded": "now",
        "age_gate": "met",
        "age_tested": 18,
    }
    kept = town.do(town.session(ana, "2025-03-20 09:00", "10:00", **asked)).entries[-1]
    alone = town.do(
        town.session(ana, "2025-03-20 13:00", "14:30", method="self_gps", deducted=7, **asked)
    ).entries[-1]
    town.confirm(alone.facts["record"], reviewer="")
    town.do(EvaluateService(record=kept.facts["record"], score=4, text=TEXT))
    town.do(EvaluateService(record=alone.facts["record"], score=1, conduct="poor", text=TEXT))
    moved = town.session(ana, "2025-03-20 08:30", "10:00", **asked)
    town.do(CorrectService(record=kept.facts["record"], corrected=moved, reason=TEXT))
    refused = town.served(ana, "2025-03-09 08:00", "20:00")
    town.refuse(refused.id)
    town.do(ProveFraud(volunteer=ana, reason=TEXT))
    town.do(DismissFraud(volunteer=ana, reason=TEXT))


def stars_rise_and_fall(town: Town) -> None:
    """Applied for, noticed, granted; refused; proposed to be taken, confirmed and dismissed; taken
    at once; granted by the policy itself. Medals, commendations, populations beside them."""
    _go_by(
        town,
        ("[100, 300, 600, 1000, 1500], unit", "[2, 3, 600, 1000, 1500], unit"),
        (
            "[parameters.medal]\nthresholds_h = { value = []",
            "[parameters.medal]\nthresholds_h = { value = [2]",
        ),
    )
    county = town.organisation(tier="county")
    ana, bo = town.volunteer(organisation=county), town.volunteer(organisation=county)
    for who in (ana, bo):
        town.served(who, "2024-03-04 09:00", "10:30")
    more = {who: town.served(who, "2024-03-05 09:00", "10:30").id for who in (ana, bo)}
    for who, nominated_by in ((ana, ""), (bo, county)):
        case = town.new()
        town.do(ApplyForStar(case=case, volunteer=who, star=1, nominated_by=nominated_by))
        town.do(NoticeStar(case=case, organisation=county))
        town.clock.forward(days=14)
        town.do(GrantStar(case=case, organisation=county))
        town.reverse(more[who])
        confirmed = who == ana
        town.do(
            DecideDowngrade(case=more[who], confirmed=confirmed, organisation=county, reason=TEXT)
        )
    third = town.volunteer(organisation=county)
    town.served(third, "2024-03-04 09:00", "11:00")
    case = town.new()
    town.do(ApplyForStar(case=case, volunteer=third, star=1))
    town.do(RefuseStar(case=case, organisation=county, reason=TEXT))
    town.do(GrantMedal(volunteer=third, medal=1, organisation=county))
    town.do(
        RecordCommendation(
            commendation=town.new(),
            volunteer=third,
            organisation=county,
            level="city",
            awarded=at("2025-01-01 00:00"),
            text=TEXT,
        )
    )
    town.do(StatePopulation(organisation=county, year=2025, residents=900, staff=3))
    _go_by(
        town,
        ("[100, 300, 600, 1000, 1500], unit", "[1, 2, 600, 1000, 1500], unit"),
        ('mode = { value = "application",', 'mode = { value = "automatic",'),
        ('after_reversal = { value = "propose",', 'after_reversal = { value = "automatic",'),
    )
    last = town.served(third, "2024-03-06 09:00", "10:00")
    town.do(AssessStars(volunteer=third))
    first = town.served(bo, "2024-03-07 09:00", "10:00")
    town.do(AssessStars(volunteer=bo))
    town.reverse(first.id)
    town.reverse(last.id)


def a_clerk_takes(town: Town, till: Till, redemption: str) -> None:
    """With a token of their own, within a day's limit, with a note then and one afterwards."""
    shop, clerk, credential = f"merchant:{till.merchant}", town.new(), town.new()
    town.do(RegisterClerk(merchant=till.merchant, branch=till.branch, clerk=clerk, text=TEXT))
    town.do(LimitClerk(merchant=till.merchant, clerk=clerk, captures=3, points=500, minutes=0))
    town.do(
        IssueCredential(
            credential=credential,
            party=shop,
            role="merchant",
            scopes="redemptions:capture",
            terminal=till.terminal,
            clerk=clerk,
        )
    )
    who = Caller(party=shop, role="merchant", credential=credential, terminal=till.terminal)
    taking = replace(town.capturing(redemption, till), clerk=clerk, note=TEXT)
    town.do(taking, caller=who)
    town.do(NoteCapture(redemption=redemption, merchant=till.merchant, text=TEXT), caller=who)


def a_catalogue(town: Town, till: Till) -> None:
    """A fund, a draft with terms, drafted anew, published, restocked, reserved, made longer."""
    fund = town.new()
    town.do(
        StateFund(
            fund=fund, organisation=town.home, cents=10_000, merchants=till.merchant, text=TEXT
        )
    )
    who = town.volunteer(organisation=town.home)
    town.served(who, "2024-03-04 09:00", "12:00")
    which = town.reward(till, draft=True, min_age=18, weekdays="1+2+3+4+5+6+7")
    town.reward(till, draft=True, reward=which, stock=3)
    terms = {
        "per_period": 2,
        "period": "month",
        "min_age": 16,
        "tiers": "community",
        "within": town.home,
        "fund": fund,
        "value_cents": 500,
    }
    town.reward(till, reward=which, stock=3, **terms)
    town.do(RestockReward(reward=which, change=2))
    reserved = town.reserve(who, which, reward_gate="met", reward_tested=16)
    town.do(ExtendRedemption(redemption=reserved, volunteer=who))


def points_bring_credit(town: Town) -> None:
    """Referral, lapse, void, settlement; lists, dishonesty, repair, consent withdrawn."""
    _go_by(
        town,
        ("referral = { value = 0,", "referral = { value = 2,"),
        ("clean_years = { value = 3,", "clean_years = { value = 0,"),
        ("[100, 300, 600, 1000, 1500], unit", "[1, 300, 600, 1000, 1500], unit"),
        ('mode = { value = "application",', 'mode = { value = "automatic",'),
    )
    ana, bo, till = town.volunteer(), town.volunteer(), town.till()
    for who in (ana, bo):
        town.served(who, "2024-03-04 09:00", "12:00")
        town.do(AssessStars(volunteer=who))
    town.do(AwardReferral(volunteer=ana, referred=bo))
    coffee = town.reward(till)
    undone, settled = town.reserve(ana, coffee), town.reserve(bo, coffee)
    town.capture(undone, till)
    town.capture(settled, till)
    town.do(VoidRedemption(redemption=undone, merchant=till.merchant, ground="system_fault"))
    town.clock.forward(days=1)
    town.do(CloseSettlement(settlement=town.new(), merchant=till.merchant, redemptions=(settled,)))
    town.do(RefundRedemption(redemption=settled, merchant=till.merchant, ground="cannot_supply"))
    town.do(
        CloseSettlement(
            settlement=town.new(),
            merchant=till.merchant,
            redemptions=(),
            refunds=(settled,),
            branch=till.branch,
            starts=1,
            ends=town.clock.ms,
        )
    )
    a_catalogue(town, till)
    one, other = town.reserve(ana, coffee), town.reserve(ana, coffee)
    for again in (one, other):
        town.clock.forward(seconds=8)
        step = town.clock.ms // 30_000 - (again == one)
        town.capture(again, till, means="rotating", step=step)
    a_clerk_takes(town, till, town.reserve(bo, coffee))
    town.do(ReviewCapture(redemption=other, reason=TEXT))
    town.do(WithdrawReward(reward=coffee, reason=TEXT))
    for who in (ana, bo):
        town.do(RecordConsent(volunteer=who, purpose="credit_list", answer="given"))
        town.do(ListForCredit(volunteer=who, cycle="2025"))
    town.do(RecordDishonesty(volunteer=ana, serious=True, reason=TEXT))
    town.do(RepairDishonesty(volunteer=ana, reason=TEXT))
    town.do(RecordConsent(volunteer=bo, purpose="credit_list", answer="withdrawn"))
    for change in ("left", "died", "forgotten"):
        gone = town.volunteer()
        town.served(gone, "2024-03-04 09:00", "12:00")
        town.do(AssessStars(volunteer=gone))
        town.do(RecordConsent(volunteer=gone, purpose="credit_list", answer="given"))
        town.do(ListForCredit(volunteer=gone, cycle="2025"))
        town.becomes(f"volunteer:{gone}", change)
    town.do(
        IssueCertificate(
            certificate=TEXT, commitment=TEXT, organisation=town.home, minutes=180, content=True
        )
    )
    town.clock.forward(days=4 * 366)
    town.lapse(ana)


def cards_are_shown(town: Town) -> None:
    """A card is given, used at a desk and at a till, lost and replaced; a holder asks for more."""
    ana, till, office = town.volunteer(), town.till(), town.home
    town.minutes_served(ana, 600, since="2024-03-04")
    coffee = town.reward(till)
    card, other = town.new(), town.new()
    town.do(IssueCard(card=card, volunteer=ana, organisation=office))
    printed = town.reserve(ana, coffee, organisation=office, card=card)
    town.do(ReissueCode(redemption=printed, volunteer=ana, organisation=office, card=card))
    town.do(ChangeCardPin(card=card, volunteer=ana, organisation=office))
    town.do(IssueCard(card=other, volunteer=ana, organisation=office, replaces=card))
    town.capture(printed, till, means="card", card=other)
    town.do(
        RecordConsent(
            volunteer=ana,
            purpose="office_redemption",
            party=f"organisation:{office}",
            answer="given",
        )
    )
    town.reserve(ana, coffee, organisation=office)
    own = town.reserve(ana, coffee)
    town.do(GuardRedemption(redemption=own, volunteer=ana))
    town.do(ReissueCode(redemption=own, volunteer=ana))
    town.do(CloseCard(card=other, volunteer=ana, ground="lost"))


def time_is_ordered(town: Town) -> None:
    """Coins of whole hours, orders to every end, grants, and what the dead leave behind."""
    _go_by(
        town,
        ("granularity_minutes = { value = 1,", "granularity_minutes = { value = 30,"),
        ("rate_minutes = { value = 60,", "rate_minutes = { value = 30,"),
        ("grant_starting_minutes = { value = 0,", "grant_starting_minutes = { value = 60,"),
        ("grant_to = { value = [],", 'grant_to = { value = ["needy_elder"],'),
        ("reduces_service_hours = { value = false,", "reduces_service_hours = { value = true,"),
    )
    ana, bo = town.volunteer(organisation=town.home), town.volunteer(organisation=town.home)
    town.saved(ana, 900)
    town.donate(ana, 300)
    for ground, minutes in (("starting", 0), ("needy_elder", 60)):
        town.do(GrantTime(volunteer=bo, pool="platform", ground=ground, minutes=minutes))
    town.give(ana, bo, 30)
    for ending in ("confirmed", "settled", "cancelled", "expired", "declined"):
        _an_order(town, ana, bo, ending)
    till = town.till()
    town.capture(town.reserve(ana, town.service_order(till)), till)
    town.becomes(f"volunteer:{ana}", "died")
    for there in ({"recipient": bo}, {"pool": "platform"}):
        town.do(MoveFrozenTime(volunteer=ana, minutes=15, reason=TEXT, **there))


def _an_order(town: Town, ana: str, bo: str, ending: str) -> None:
    order, begins = town.new(), town.clock.now_ms() + 2 * DAY_MS
    day = begins - (begins + 8 * 3_600_000) % DAY_MS
    town.do(
        RequestOrder(
            order=order,
            volunteer=ana,
            organisation=town.home,
            category="health",
            minutes=120,
            starts=day + 9 * 3_600_000,
            ends=day + 11 * 3_600_000,
            text=TEXT,
            age_gate="met",
            age_tested=60,
        )
    )
    if ending == "expired":
        town.clock.forward(days=3)
        town.do(ExpireOrder(order=order))
        return
    if ending == "cancelled":
        town.do(CancelOrder(order=order, volunteer=ana, reason=TEXT))
        return
    assigned = ending == "settled"
    if assigned:
        town.do(AssignOrder(order=order, provider=bo, organisation=town.home))
    else:
        town.do(OfferService(order=order, provider=bo))
    if ending == "declined":
        town.do(DeclineOrder(order=order, volunteer=ana))
        return
    town.do(AcceptOrder(order=order, volunteer=bo if assigned else ana))
    town.clock.forward(days=3)
    done = town.do(
        replace(
            town.session(bo, "2025-01-01 09:00", "10:00", recorded="now"),
            starts=day + 9 * 3_600_000,
            ends=day + 11 * 3_600_000,
            check_in=day + 9 * 3_600_000,
            check_out=day + 10 * 3_600_000 + 1_800_000,
        )
    ).entry
    town.do(ReportOrderDone(order=order, record=done.facts["record"]))
    if ending == "confirmed":
        town.do(ConfirmOrder(order=order, volunteer=ana))
        return
    town.do(DisputeOrder(order=order, volunteer=ana, text=TEXT))
    town.do(SettleOrder(order=order, minutes=60, organisation=town.home, reason=TEXT))


def objections_and_statements(town: Town) -> None:
    """Filed, forwarded, decided; a statement issued, and two accepted of which one overlaps."""
    ana, other = town.volunteer(organisation=town.home), town.organisation()
    kept = town.served(ana, "2025-03-03 09:00", "10:00")
    for outcome, forwarded in (("upheld", True), ("rejected", False)):
        objection = town.new()
        town.do(
            FileObjection(
                objection=objection,
                volunteer=ana,
                subject_kind="record",
                subject=kept.id,
                organisation=town.home,
                text=TEXT,
            )
        )
        if forwarded:
            town.do(ForwardObjection(objection=objection, organisation=other))
        town.do(
            DecideObjection(
                objection=objection, outcome=outcome, reviewer=town.reviewer, reason=TEXT
            )
        )
    town.do(IssueStatement(statement=TEXT, volunteer=ana, records=1, minutes=60, size=town.size()))
    town.do(RecordConsent(volunteer=ana, purpose="statement", answer="given"))
    foreign = [
        PortedRecord(
            record=town.new(),
            foreign_record=town.new(),
            foreign_hash=hashlib.sha256(start.encode()).hexdigest(),
            evidence="check_in",
            starts=at(start),
            ends=at(start) + 3_600_000,
            check_in=at(start),
            check_out=at(start) + 3_600_000,
            minutes=60,
        )
        for start in ("2025-02-03 09:00", "2025-03-03 09:30", "2025-03-04 09:00")
    ]
    for count in (2, 3):
        town.do(
            AcceptStatement(
                statement=hashlib.sha256(bytes([count])).hexdigest(),
                volunteer=ana,
                origin=TEXT,
                key="ab" * 32,
                size=40 + count,
                # The second is newer and holds the first one's records again.
                records=tuple(foreign[:count]),
            )
        )


def tills_go_offline(town: Town) -> None:
    """Signed, taken, looked at; a conflict of each bearer; a session closed and another begun."""
    _go_by(town, ("captures = { value = 50,", "captures = { value = 5,"))
    ana, till = town.volunteer(), town.till()
    town.served(ana, "2024-03-04 09:00", "17:00")
    coffee = town.reward(till, hold_minutes=600)
    signed = [town.reserve(ana, coffee) for _ in range(6)]
    for each in signed:
        town.sign_voucher(each, till.branch)
    key = Ed25519Signer("till", bytes(32))
    session = town.open_offline(till, key)
    town.clock.forward(minutes=5)
    town.capture(signed[1], till)
    town.clock.forward(minutes=5)
    town.take_offline(session, till, 1, signed[0])
    town.take_offline(session, till, 2, signed[1])
    town.take_offline(session, till, 3, "")
    town.take_offline(session, till, 5, signed[2], step=0)
    town.take_offline(session, till, 4, signed[3])
    town.take_offline(session, till, 6, signed[4])
    town.do(ReviewCapture(redemption=signed[2], reason=TEXT))
    town.close_offline(session, till, 6)
    later = town.open_offline(till, key)
    town.clock.forward(days=4)
    town.take_offline(later, till, 1, signed[4])
    town.release(signed[5], ana)


STORIES: Final[tuple[Callable[[Town], None], ...]] = (
    service_is_guarded,
    parties_come_and_go,
    objections_and_statements,
    stars_rise_and_fall,
    cards_are_shown,
    time_is_ordered,
    points_bring_credit,
    tills_go_offline,
)
"""In the order of their days, so that one town can live through all of them."""


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_story_comes_out_the_same(town: Town, story: Callable[[Town], None]) -> None:
    story(town)

    refuse_other_decisions(town.book.database.url)


def test_the_stories_tell_of_every_kind(
    ledger: Ledger, book: Book, town: Town, ana: str, bo: str
) -> None:
    """All of them in one ledger, and the older story too: whoever adds a kind adds to a story."""
    everything_is_told(ledger, town, ana, bo)
    for story in STORIES:
        story(town)
    entries = entries_of(book.database)

    assert replay(entries) is None
    assert {entry.kind for entry in entries} == set(KINDS)


def test_every_kind_begins_an_answer_or_comes_with_one() -> None:
    assert set(BUILDERS) | SECOND == set(KINDS)
    assert not set(BUILDERS) & SECOND


# Forged bundles ----------------------------------------------------------------------------------

Change = Callable[[list[dict[str, Any]]], int]
"""Changes entries in place; the index of the one that is wrong now."""


def forged(book: Book, folder: Path, change: Change) -> int:
    """A bundle in which something was changed before it was linked, hashed and signed by the log's
    own key: everything in it fits, but for the rules."""
    with book.database.reading() as connection:
        written = [json.loads(data) for _, data in journal.every_entry(connection)]
    index = change(written)
    lines, before = [], bytes(32)
    for entry in written:
        lines.append(forge.canonical(entry | {"prev": before.hex()}))
        before = forge.leaf(lines[-1])
    root = base64.b64encode(forge.root([forge.leaf(line) for line in lines])).decode()
    checkpoint = sign_note(f"{book.origin}\n{len(lines)}\n{root}\n", [book.keys.log])
    forge.write(folder, lines, checkpoint, forge.balances(written), book.origin)
    return index


def the_last(written: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return [entry for entry in written if entry["kind"] == kind][-1]


def more_points(written: list[dict[str, Any]]) -> int:
    """Four points for three hours."""
    entry = the_last(written, "service_recorded")
    (points,) = [each for each in entry["postings"] if each["asset"] == "POINT"]
    assert points["amount"] == 300
    points["amount"] = 400
    return int(entry["index"])


def not_held(written: list[dict[str, Any]]) -> int:
    """Nine hours of a day that nobody reviewed count at once."""
    entry = next(each for each in written if each["facts"].get("outcome") == "held")
    facts = entry["facts"]
    facts |= {"outcome": "effective", "reasons": ""}
    served = f"volunteer:{facts['volunteer']}:service:check_in"
    entry["postings"] = [forge.posting("issuer:service", served, "SERVICE", facts["minutes"])]
    return int(entry["index"])


def another_policy(written: list[dict[str, Any]]) -> int:
    """Decided by rules that were adopted, and are not those in force."""
    entry = the_last(written, "service_recorded")
    entry["policy"] = "draft/7"
    return int(entry["index"])


def one_lapses_early(written: list[dict[str, Any]]) -> int:
    """A vintage that ends a month before it should."""
    entry = the_last(written, "service_recorded")
    (points,) = [each for each in entry["postings"] if each["asset"] == "POINT"]
    points["destination"] = points["destination"].replace("-03-31", "-02-29")
    return int(entry["index"])


@pytest.fixture
def served(town: Town, ana: str) -> str:
    """Ana served nine hours, which are held, and three, which count."""
    adopt_policy(
        town.book,
        shipped("cn-default")
        .replace(b'id = "cn-default"', b'id = "draft"')
        .replace(b"version = 3", b"version = 7")
        .replace(b"effective_from = 2000-01-01", b"effective_from = 2030-01-01"),
    )
    assert town.served(ana, "2024-03-04 08:00", "17:00").outcome == "held"
    town.served(ana, "2024-03-05 09:00", "12:00")
    return ana


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            more_points,
            (
                "service_recorded: its posting 1 is 400 POINT from {right}, and the rules give 300"
                " POINT from {right}"
            ),
        ),
        (
            not_held,
            "service_recorded: its outcome is 'effective', and the rules give 'held'",
        ),
        (
            another_policy,
            "service_recorded: its policy is draft/7, and the rules go by cn-default/3",
        ),
        (
            one_lapses_early,
            (
                "service_recorded: its posting 1 is 300 POINT from {early}, and the rules give 300"
                " POINT from {right}"
            ),
        ),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_no_rule_gives_is_named(
    book: Book, served: str, tmp_path: Path, change: Change, said: str
) -> None:
    """Signed, hashed and balanced: the verifier cannot know, the rules do."""
    index = forged(book, tmp_path / "bundle", change)

    verdict = verify(tmp_path / "bundle", parse_key(book.keys.log.vkey))
    assert (verdict.verdict, verdict.reason[:20]) == ("verified", "Every check passed. ")

    again = replayed(tmp_path / "bundle", verdict)
    assert again.verdict == "refuted"
    assert (again.check, again.first_bad_index) == ("replay", index)
    vintage = f"issuer:point to volunteer:{served}:points:"
    assert again.reason == said.format(right=f"{vintage}2028-03-31", early=f"{vintage}2028-02-29")
    assert (again.size, again.root) == (verdict.size, verdict.root)


@pytest.mark.usefixtures("served")
def test_other_rules_are_not_judged(book: Book, tmp_path: Path) -> None:
    """Entries of a later decision code cannot be decided by this one, and nobody pretends."""

    def later(written: list[dict[str, Any]]) -> int:
        entry = the_last(written, "service_recorded")
        entry["rules"] = 2
        return int(entry["index"])

    index = forged(book, tmp_path / "bundle", later)
    again = replayed(
        tmp_path / "bundle", verify(tmp_path / "bundle", parse_key(book.keys.log.vkey))
    )

    assert (again.verdict, again.check) == ("incomplete", "replay")
    assert again.reason.startswith(f"entry {index} was decided by rules 2, which are not here")


@pytest.mark.usefixtures("served")
def test_what_is_not_verified_is_not_replayed(book: Book, tmp_path: Path) -> None:
    forged(book, tmp_path / "bundle", more_points)
    (tmp_path / "bundle" / "balances.jsonl").write_bytes(b"")
    verdict = verify(tmp_path / "bundle", parse_key(book.keys.log.vkey))

    assert verdict.verdict == "refuted"
    assert replayed(tmp_path / "bundle", verdict) is verdict


@pytest.mark.parametrize("change", [more_points, not_held])
@pytest.mark.usefixtures("served")
def test_a_folder_that_changes_meanwhile_is_incomplete_or_refuted(
    book: Book, tmp_path: Path, change: Change
) -> None:
    """Verified as one bundle and replayed as another: never verified."""
    folder, key = tmp_path / "bundle", parse_key(book.keys.log.vkey)
    forged(book, folder, lambda written: 0)
    verdict = verify(folder, key)
    assert replayed(folder, verdict).verdict == "verified"

    lines = (folder / "entries.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "entries.jsonl").write_bytes(b"".join(lines[:-1]))
    shorter = replayed(folder, verdict)
    (folder / "entries.jsonl").write_bytes(b"".join([*lines, lines[-1]]))
    longer = replayed(folder, verdict)
    shutil.rmtree(folder)
    forged(book, folder, change)
    other = replayed(folder, verdict)

    assert (shorter.verdict, shorter.check) == ("incomplete", "files")
    assert (longer.verdict, longer.check) == ("incomplete", "files")
    assert other.verdict == "refuted"


# Who may have made it ---------------------------------------------------------------------------

OTHERS_WORD: Final = "its auth names a credential of somebody else"


@pytest.fixture
def cast(ledger: Ledger) -> Cast:
    """A town over HTTP: everybody has a credential. Ana's nine hours were held and confirmed by a
    reviewer, her hour of another day counts, and she has left a note."""
    site = Site(ledger.open(), ledger.clock)
    made = Cast(site)
    held = made.served("2025-03-06 08:00", "17:00")["record"]
    site.made(made.reviewer, f"/service-records/{held}/confirm")
    made.served("2025-03-07 09:00", "10:00")
    body = {"subject_kind": "record", "subject": held, "text": "x"}
    site.made(made.ana_token, "/objections", body)
    return made


def credential_of(written: list[dict[str, Any]], party: str) -> str:
    issued = [entry["facts"] for entry in written if entry["kind"] == "credential_issued"]
    return str(next(facts["credential"] for facts in issued if facts["party"] == party))


def judged(cast: Cast, folder: Path, change: Change) -> Verdict:
    """The replay of a bundle that its bytes alone do not give away."""
    book = cast.site.book
    forged(book, folder, change)
    verdict = verify(folder, parse_key(book.keys.log.vkey))
    assert verdict.verdict == "verified", verdict.reason
    return replayed(folder, verdict)


def test_everybody_has_a_credential_and_the_bundle_is_good(cast: Cast, tmp_path: Path) -> None:
    assert judged(cast, tmp_path / "b", lambda written: 0).verdict == "verified"


@scenario("""
    id                        | kind              | party
    confirmed-by-the-served   | service_confirmed | volunteer:ANA
    confirmed-by-the-host     | service_confirmed | organisation:HOME
    recorded-by-the-served    | service_recorded  | volunteer:ANA
    registered-by-the-served  | staff_registered  | volunteer:ANA
    objected-by-the-host      | objection_filed   | organisation:HOME
    issued-by-the-host        | credential_issued | organisation:HOME
""")
def test_what_no_actor_of_that_role_may_make_is_named(
    cast: Cast, tmp_path: Path, kind: str, party: str
) -> None:
    """With a credential of their own, so that nothing else is wrong."""
    actor = party.replace("ANA", cast.ana).replace("HOME", cast.home)

    def change(written: list[dict[str, Any]]) -> int:
        # The last of its kind that somebody with a credential made, once this one had theirs.
        auth = credential_of(written, actor)
        (entry, *_) = [each for each in reversed(written) if each["kind"] == kind and each["auth"]]
        if kind == "credential_issued":
            entry["facts"] |= {"role": "operator", "party": "operator:" + "9" * 16}
        entry |= {"actor": actor, "auth": auth}
        return int(entry["index"])

    found = judged(cast, tmp_path / "b", change)

    assert (found.verdict, found.check) == ("refuted", "replay")


def test_the_table_says_so_and_not_chance(cast: Cast, tmp_path: Path) -> None:
    def by_the_served(written: list[dict[str, Any]]) -> int:
        entry = the_last(written, "service_confirmed")
        actor = f"volunteer:{cast.ana}"
        entry |= {"actor": actor, "auth": credential_of(written, actor)}
        return int(entry["index"])

    found = judged(cast, tmp_path / "b", by_the_served)

    assert found.reason == (
        f"service_confirmed: volunteer:{cast.ana} may not make it: it is not for the role volunteer"
    )


def test_an_organisation_tells_of_what_its_system_recorded(cast: Cast, tmp_path: Path) -> None:
    """In its own name, as its uploads do, so that it answers for it."""

    def as_history(written: list[dict[str, Any]]) -> int:
        entry = the_last(written, "service_recorded")
        entry["facts"]["recorded"] = entry["facts"]["check_out"]
        return int(entry["index"])

    assert judged(cast, tmp_path / "b", as_history).verdict == "verified"


def test_no_organisation_tells_of_what_will_be_recorded(cast: Cast, tmp_path: Path) -> None:
    """Else service could be put under the fewer rules of an import before it is over."""

    def before_it_was(written: list[dict[str, Any]]) -> int:
        entry = the_last(written, "service_recorded")
        entry["facts"]["recorded"] = entry["time"] + 1
        return int(entry["index"])

    found = judged(cast, tmp_path / "b", before_it_was)

    home = f"organisation:{cast.home}"
    sentence = f"service_recorded: {home} may not tell of what was recorded at another time"
    assert (found.verdict, found.reason) == ("refuted", sentence)


def test_a_volunteer_acts_for_nobody_else(cast: Cast, tmp_path: Path) -> None:
    other = cast.site.volunteer(cast.home)
    cast.site.volunteer_token(other)
    record = cast.served("2025-03-08 09:00", "10:00")["record"]
    body = {"subject_kind": "record", "subject": record, "text": "y"}
    cast.site.made(cast.ana_token, "/objections", body)

    def by_another(written: list[dict[str, Any]]) -> int:
        entry = the_last(written, "objection_filed")
        actor = f"volunteer:{other}"
        entry |= {"actor": actor, "auth": credential_of(written, actor)}
        return int(entry["index"])

    found = judged(cast, tmp_path / "b", by_another)

    assert found.verdict == "refuted"
    assert found.reason.endswith("may not make it: it is another's")


def test_who_acts_for_a_volunteer_withdraws_consent_and_gives_none(
    cast: Cast, tmp_path: Path
) -> None:
    path = f"/volunteers/{cast.ana}/consents"
    for token, answer in ((cast.ana_token, "given"), (cast.host, "withdrawn")):
        cast.site.made(token, path, {"purpose": "statement", "answer": answer})
    assert judged(cast, tmp_path / "a", lambda written: 0).verdict == "verified"
    home = f"organisation:{cast.home}"

    def given_for_them(written: list[dict[str, Any]]) -> int:
        given, _ = (entry for entry in written if entry["kind"] == "consent_recorded")
        given |= {"actor": home, "auth": credential_of(written, home)}
        return int(given["index"])

    found = judged(cast, tmp_path / "b", given_for_them)

    assert found.reason == (
        f"consent_recorded: {home} may not make it: consent is the volunteer's to give"
    )


def test_no_shop_reviews_its_own_captures(cast: Cast, tmp_path: Path) -> None:
    """Two captures within seconds; the operator looks at the second, and says so."""
    site = cast.site
    till = site.till()
    reward = site.reward(till)
    cast.served("2025-03-08 09:00", "14:00")
    for _ in range(2):
        site.clock.forward(seconds=10)
        made = site.made(cast.ana_token, "/redemptions", {"reward": reward})
        site.made(till.token, "/redemptions/capture", {"code": made["code"]})
    site.made(site.operator, f"/redemptions/{made['redemption']}/review", {"reason": "x"})
    assert judged(cast, tmp_path / "a", lambda written: 0).verdict == "verified"
    shop = f"merchant:{till.merchant}"

    def by_the_shop(written: list[dict[str, Any]]) -> int:
        entry = the_last(written, "capture_reviewed")
        entry |= {"actor": shop, "auth": credential_of(written, shop)}
        return int(entry["index"])

    found = judged(cast, tmp_path / "b", by_the_shop)

    assert found.reason == (
        f"capture_reviewed: {shop} may not make it: it is not for the role merchant"
    )


def unknown(written: list[dict[str, Any]], entry: dict[str, Any]) -> None:
    """Nobody in the whole log was given it."""
    assert "9" * 16 not in str(written)
    entry["auth"] = "9" * 16


def somebody_elses(written: list[dict[str, Any]], entry: dict[str, Any]) -> None:
    """A volunteer's, for what an organisation did."""
    entry["auth"] = credential_of(written, f"volunteer:{entry['facts']['volunteer']}")


def revoked_before(written: list[dict[str, Any]], entry: dict[str, Any]) -> None:
    """The credential of the entry takes the place of the one that was revoked before it."""
    revoked = the_last(written, "credential_revoked")
    assert revoked["index"] < entry["index"]
    revoked["facts"]["credential"] = entry["auth"]


def run_out(written: list[dict[str, Any]], entry: dict[str, Any]) -> None:
    for each in written:
        if each["facts"].get("credential") == entry["auth"]:
            each["facts"]["expires"] = entry["time"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (unknown, "its auth names no credential that was issued before"),
        (somebody_elses, OTHERS_WORD),
        (revoked_before, "its auth names a credential that was revoked before"),
        (run_out, "its auth names a credential whose time was over"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_an_entry_names_a_credential_that_was_good(
    cast: Cast, tmp_path: Path, change: Callable[..., None], said: str
) -> None:
    site = cast.site
    spare = site.made(
        site.operator, "/tokens", {"party": f"volunteer:{cast.ana}", "role": "volunteer"}
    )["credential"]
    site.made(site.operator, f"/tokens/{spare}/revoke")
    # What the credential made before was in time.
    site.clock.forward(minutes=1)
    recorded = cast.served("2025-03-08 09:00", "10:00")["entry"]

    def change_it(written: list[dict[str, Any]]) -> int:
        change(written, written[recorded])
        return int(recorded)

    found = judged(cast, tmp_path / "b", change_it)

    assert (found.verdict, found.first_bad_index) == ("refuted", recorded)
    assert found.reason == f"service_recorded: {said}"


def test_every_kind_that_is_asked_for_is_somebodys() -> None:
    """Whoever adds a kind says who may make it; what only comes along is nobody's to ask for."""
    asked = {*BUILDERS, "service_recorded"} - {"gates_met", "redemption_gates", "activity_terms"}
    given = frozenset().union(*KINDS_OF.values())
    assert asked - given == {"operator_registered"}
    assert given <= asked
    assert set(ISSUES) <= set(KINDS_OF)
    assert set(ROLES) | {"system"} == set(KINDS_OF)


def test_the_table_is_the_one_that_is_written_down() -> None:
    page = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    part = page.partition("### Who may be `actor`")[2].partition("###")[0]
    rows = [line.split("|")[1:3] for line in part.splitlines() if line.startswith("| `")]
    told = {role.strip().strip("`"): set(re.findall(r"`(\w+)`", kinds)) for role, kinds in rows}
    assert told == {role: set(kinds) for role, kinds in KINDS_OF.items()}


# What no decision gives --------------------------------------------------------------------------

FAR: Final = 2**53 - 1


@pytest.mark.parametrize("name", ["starts", "ends", "check_in", "check_out", "recorded"])
@pytest.mark.parametrize("value", [FAR, -FAR, 0, -62_135_596_800_001])
@pytest.mark.usefixtures("served")
def test_a_value_that_no_rule_survives_is_named_and_no_crash(
    book: Book, tmp_path: Path, name: str, value: int
) -> None:
    """Refuted at that entry: a verdict of `incomplete` would leave it open."""

    def change(written: list[dict[str, Any]]) -> int:
        entry = the_last(written, "service_recorded")
        entry["facts"][name] = value
        return int(entry["index"])

    index = forged(book, tmp_path / "bundle", change)
    verdict = verify(tmp_path / "bundle", parse_key(book.keys.log.vkey))
    assert verdict.verdict == "verified", verdict.reason
    found = replayed(tmp_path / "bundle", verdict)

    assert (found.verdict, found.check, found.first_bad_index) == ("refuted", "replay", index)


@pytest.mark.usefixtures("served")
def test_the_rules_cannot_have_made_it(book: Book, tmp_path: Path) -> None:
    def no_such_end(written: list[dict[str, Any]]) -> int:
        entry = the_last(written, "service_recorded")
        entry["facts"]["ends"] = -FAR
        (points,) = [each for each in entry["postings"] if each["asset"] == "POINT"]
        points["amount"] = 40_000
        return int(entry["index"])

    index = forged(book, tmp_path / "bundle", no_such_end)
    key = ("--key", book.keys.log.vkey, "--json")
    told = json.loads(command(tmp_path / "bundle", *key, "--replay").stdout)

    assert (told["verdict"], told["check"], told["first_bad_index"]) == ("refuted", "replay", index)


@pytest.mark.parametrize("error", [ValueError, OverflowError, KeyError, IndexError])
@pytest.mark.usefixtures("served")
def test_whatever_deciding_raises_is_a_difference(
    book: Book, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def broken(*_: object) -> None:
        raise error("as it is")

    monkeypatch.setattr("ledger.replay.decide", broken)
    group = next(answers(entries_of(book.database)))

    found = first_difference(group, Standing())

    assert found is not None
    assert (found.index, found.what) == (0, "impossible")
    assert found.sentence == f"the rules cannot have made it: {error.__name__}"


# The command -------------------------------------------------------------------------------------

NO_DATABASE = """
import runpy, sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {
            "sqlalchemy", "flask", "api", "migrations", "marshmallow", "click", "psycopg",
            "structlog", "alembic", "granian", "hypothesis", "pytest",
        }:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
runpy.run_module("audit", run_name="__main__")
"""


def command(*words: str | Path, python: tuple[str, ...] = ("-m", "audit"), at_: Path = ROOT) -> Any:
    return subprocess.run(
        [sys.executable, *python, *words],
        cwd=at_,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "python", [("-m", "audit"), ("-O", "-m", "audit"), ("-c", NO_DATABASE)], ids=["", "-O", "bare"]
)
@pytest.mark.usefixtures("served")
def test_the_command_answers_alike_however_python_is_started(
    book: Book, tmp_path: Path, python: tuple[str, ...]
) -> None:
    """The last of them can import neither a database nor a web library."""
    book.signer.sign()
    export_bundle(book, tmp_path / "honest", at=0)
    index = forged(book, tmp_path / "forged", more_points)
    key = ("--key", book.keys.log.vkey, "--replay")

    honest = command(tmp_path / "honest", *key, python=python)
    assert honest.returncode == 0, honest.stdout + honest.stderr
    assert "Every entry was decided again by the rules, and came out the same." in honest.stdout
    assert "newest head" in honest.stdout

    found = command(tmp_path / "forged", *key, "--json", python=python)
    told = json.loads(found.stdout)
    assert found.returncode == 1
    assert (told["verdict"], told["check"], told["first_bad_index"]) == ("refuted", "replay", index)
    assert told["facts"]["origin"] == book.origin


@pytest.mark.usefixtures("served")
def test_without_the_rules_beside_it_nothing_is_shown(book: Book, tmp_path: Path) -> None:
    """The auditor's folder alone verifies, and says what it lacks to decide again."""
    book.signer.sign()
    export_bundle(book, tmp_path / "bundle", at=0)
    shutil.copytree(ROOT / "audit", tmp_path / "audit")
    alone: dict[str, Any] = {"python": ("-I", "-c", ALONE), "at_": tmp_path}
    key = ("--key", book.keys.log.vkey)

    assert command(tmp_path / "bundle", *key, **alone).returncode == 0
    lacking = command(tmp_path / "bundle", *key, "--replay", "--json", **alone)
    told = json.loads(lacking.stdout)
    assert lacking.returncode == 2
    assert (told["verdict"], told["check"]) == ("incomplete", "replay")
    assert told["reason"].startswith("deciding again needs the pure files of ledger beside")


ALONE = """
import pathlib, runpy, sys
sys.path = ["."] + [each for each in sys.path if not (pathlib.Path(each) / "ledger").exists()]
runpy.run_module("audit", run_name="__main__")
"""


# What no ledger of ours holds --------------------------------------------------------------------


def the_first(entries: list[Entry], kind: str) -> Entry:
    return next(entry for entry in entries if entry.kind == kind)


@pytest.mark.usefixtures("served")
def test_entries_that_no_action_leads_to_are_named(book: Book) -> None:
    """Half an answer, a follower alone, a vote on what was never there, an entry too many."""
    entries = entries_of(book.database)
    record = the_first(entries, "service_recorded")

    with pytest.raises(NotAnAnswer):
        list(answers([record._replace(parts=2)]))
    with pytest.raises(NotAnAnswer):
        list(answers([record._replace(part=1, parts=2)]))

    lost = first_difference([record._replace(kind="service_ported")], Standing())
    assert lost is not None
    assert lost.sentence == "no action begins with service_ported"

    facts = {"redemption": "x" * 16, "reward": "y" * 16, "merchant": "z" * 16, "amount": 1}
    nothing = record._replace(kind="redemption_released", facts=facts)
    unknown = first_difference([nothing], Standing())
    assert unknown is not None
    assert unknown.sentence == "it speaks of a redemption that no entry before it began"


@pytest.mark.usefixtures("served")
def test_an_answer_with_too_much_or_too_little_in_it_is_named(book: Book) -> None:
    entries = entries_of(book.database)
    standing = Standing()
    groups = list(answers(entries))
    for group in groups[:-1]:
        take_up(standing, group)
    (last,) = groups[-1]

    twice = first_difference([last, last._replace(index=last.index + 1)], standing)
    assert twice is not None
    assert (twice.index, twice.sentence) == (
        last.index + 1,
        "the rules give no such entry here",
    )


@pytest.mark.usefixtures("served")
def test_what_the_rules_refuse_is_named_with_their_reason(book: Book) -> None:
    """The same session a second time, under another id."""
    entries = entries_of(book.database)
    standing = Standing()
    for group in answers(entries):
        take_up(standing, group)
    last = entries[-1]
    again = last._replace(facts={**last.facts, "record": "9" * 16})

    found = first_difference([again], standing)

    assert found is not None
    assert found.what == "refused"
    assert found.sentence.startswith("the rules refuse it: duplicate_record: this session is")


@pytest.mark.usefixtures("served")
def test_a_replay_keeps_no_list_of_what_changed(book: Book) -> None:
    """What only the sequencer stores is forgotten, what decisions read is not."""
    standing = Standing()
    for group in answers(entries_of(book.database)):
        take_up(standing, group)
    rows = len(standing.records)

    sweep(standing)

    assert not standing.mentions
    assert not standing.moved
    assert not standing.seen
    assert not any(getattr(standing, name).added for name in Standing.ROW_TABLES)
    assert len(standing.records) == rows == 2
