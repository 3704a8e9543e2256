"""The town lives by the rules of the field: stars, credit, service orders, training, objections.

Each chapter takes the story as it stands and goes on with it, by the same actions as everybody
else. What takes days, such as a public notice, runs over two quarters.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from api.demo.people import CHINA
from ledger import account
from ledger.actions import Action
from ledger.actions.consents import RecordConsent
from ledger.actions.credit import ListForCredit
from ledger.actions.honours import RecordCommendation, StatePopulation
from ledger.actions.objections import DecideObjection, FileObjection
from ledger.actions.orders import (
    AcceptOrder,
    ConfirmOrder,
    OfferService,
    ReportOrderDone,
    RequestOrder,
)
from ledger.actions.rewards import VoidRedemption
from ledger.actions.service import (
    EvaluateService,
    ProveFraud,
    RecordQualification,
    RecordService,
    RegisterActivity,
    ReverseService,
)
from ledger.actions.settlement import CloseSettlement
from ledger.actions.stars import ApplyForStar, DecideDowngrade, GrantStar, NoticeStar
from ledger.book import CONSOLE
from ledger.decide.settlement import why_not_settle
from ledger.decide.stars import (
    lifetime_minutes,
    minutes_that_count,
    organisations_above,
    stars_held,
)
from ledger.door import certificates
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.fold.stars import OPEN_STAR_CASE
from ledger.rows import Record, Redemption
from ledger.standing import Purse, Standing
from ledger.store import queries
from ledger.store.projections import StoredRows, standing_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.demo.town import Story

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
SERVED_MINUTES: Final = 60


def text(story: Story, **written: str) -> str:
    """The digest of something typed, sealed in the vault."""
    return story.book.vault.seal_text(written, at=story.clock.now_ms())


def volunteers_train(story: Story) -> None:
    """First aid for twelve, insurance for eight: what a risky activity asks for."""
    now, city = story.clock.now_ms(), story.town.organisations[0]
    course = story.book.new_id()
    story.town.course = course
    some = list(story.town.volunteers.values())[:12]
    story.do(
        *(
            RecordQualification(
                volunteer=one, organisation=city, what=course, learning_minutes=120, valid_from=now
            )
            for one in some
        ),
        *(
            RecordQualification(
                volunteer=one,
                organisation=city,
                what="insurance",
                valid_from=now,
                valid_until=now + 3_650 * DAY_MS,
            )
            for one in some[:8]
        ),
    )


def a_risky_activity(story: Story) -> None:
    """Published before it begins, with training and insurance: gates stand beside its records."""
    staff = _staff(story)
    activity, starts = story.book.new_id(), story.clock.now_ms() + HOUR_MS
    story.do(
        RegisterActivity(
            activity=activity,
            organisation=story.town.organisations[0],
            category="emergency",
            starts=starts,
            ends=starts + 2 * HOUR_MS,
            text=text(story, name="防汛巡查", content="沿河巡查与秩序维护"),
            training=story.town.course,
            insurance="required",
            participants=20,
        )
    )
    story.clock.wait(4 * HOUR_MS)
    some = list(story.town.volunteers.values())[:8]
    for one in some:
        try:
            story.do(
                RecordService(
                    record=story.book.new_id(),
                    volunteer=one,
                    organisation=story.town.organisations[0],
                    activity=activity,
                    evidence="check_in",
                    starts=starts,
                    ends=starts + 2 * HOUR_MS,
                    check_in=starts,
                    check_out=starts + 2 * HOUR_MS,
                    deducted_minutes=0,
                    recorder=staff[0],
                    approver=staff[1],
                )
            )
        except Refused as refused:
            # A minor whose guardian has not consented yet stays at home.
            if refused.code != "guardian_consent_needed":
                raise


def organisations_evaluate(story: Story, seen: Sequence[Entry]) -> None:
    """What people say of the service they received, as the organisations enter it."""
    effective = [each.facts["record"] for each in seen if each.facts["outcome"] == "effective"]
    with story.book.database.reading() as connection:
        rows: dict[str, Record] = dict(StoredRows(connection).fetch("records", effective[:40]))
    story.do(
        *(
            EvaluateService(record=record, score=2 if n % 10 == 9 else 4 + n % 2)
            for n, record in enumerate(effective[:40])
            if rows[record].state == "effective"
        )
    )


def stars_are_applied_for(story: Story) -> None:
    """Whoever is eligible applies for the next star; for most of them the notice begins."""
    now = story.clock.now_ms()
    asked: list[tuple[str, str]] = []
    applied: list[Action] = []
    with story.book.database.snapshot() as connection:
        standing = standing_from(connection)
        volunteers = list(story.town.volunteers.values())
        owners = [account.volunteer(one) for one in volunteers]
        standing.prefetch({"parties": owners, "purses": owners})
        for volunteer, owner in zip(volunteers, owners, strict=True):
            open_case = standing.marks[owner, OPEN_STAR_CASE]
            if standing.party(owner).state != "active" or (open_case and open_case.value):
                continue
            policy, purse = standing.policy_of(owner, now), standing.purse(owner)
            minutes = minutes_that_count(standing, policy, volunteer, purse, now)
            star = stars_held(purse) + 1
            if policy.eligible_star(minutes) >= star:
                case = story.book.new_id()
                applied.append(ApplyForStar(case=case, volunteer=volunteer, star=star))
                asked.append((case, _granting_body(standing, owner, star, now)))
    story.do(*applied)
    noticed = [each for n, each in enumerate(asked) if n % 7]
    story.do(*(NoticeStar(case=case, organisation=body) for case, body in noticed))
    story.town.noticed += noticed


def stars_are_granted(story: Story) -> None:
    """The notice is over and nobody objected."""
    granted, story.town.noticed = story.town.noticed, []
    story.do(*(GrantStar(case=case, organisation=body) for case, body in granted))


def _granting_body(standing: Standing, owner: str, star: int, now: int) -> str:
    """The organisation of the star's tier above a volunteer, or "" for the operator."""
    tier = standing.policy_of(owner, now).star_needs(star).granting_tier
    for above in organisations_above(standing, standing.party(owner)):
        if above.tier == tier:
            return above.address.partition(":")[2]
    return ""


def a_star_is_looked_at_again(story: Story) -> None:
    """Reversals bring a holder below the line: a downgrade is proposed, and a person decides."""
    now = story.clock.now_ms()
    with story.book.database.snapshot() as connection:
        standing = standing_from(connection)
        line = standing.policy_at(now).star_thresholds_minutes[0]
        owners = [account.volunteer(one) for one in story.town.volunteers.values()]
        standing.prefetch({"purses": owners})
        above = {
            owner: lifetime_minutes(standing.policy_at(now), standing.purse(owner)) - line
            for owner in owners
            if stars_held(standing.purse(owner)) == 1
        }
        if not above:
            return
        owner = min(above, key=lambda one: (above[one], one))
        volunteer = owner.partition(":")[2]
        records = [
            each
            for each in standing.sessions_between(volunteer, now - 400 * DAY_MS, now)
            if each.state == "effective" and each.paid
        ]
        body = _granting_body(standing, owner, 1, now)
    reason = text(story, reason="经核查，该次活动未实际开展")
    for record in records:
        [receipt] = story.do(ReverseService(record=record.record, reason=reason))
        if receipt.entries[-1].kind == "star_downgrade_proposed":
            confirmed = text(story, reason="时长不足，征求本人意见后确认")
            fraud = text(story, reason="重复补录，已核实")
            story.do(
                DecideDowngrade(
                    case=record.record, organisation=body, confirmed=True, reason=confirmed
                ),
                ProveFraud(volunteer=volunteer, reason=fraud),
            )
            return


def honours_are_recorded(story: Story) -> None:
    """Commendations by the city, and the figures that the organisations state for the year."""
    city, now = story.town.organisations[0], story.clock.now_ms()
    story.town.year = _today(story).year
    minutes = {one: _purse_minutes(purse) for one, purse in _purses(story).items()}
    best = sorted(minutes, key=lambda one: (-minutes[one], one))
    story.do(
        *(
            RecordCommendation(
                commendation=story.book.new_id(),
                volunteer=one,
                organisation=city,
                level="city",
                awarded=now,
                text=text(story, title="年度优秀志愿者"),
            )
            for one in best[:3]
        ),
        StatePopulation(
            organisation=city,
            year=story.town.year,
            residents=2_300,
            staff=180,
            staff_registered=96,
            members=60,
            members_registered=55,
        ),
    )


def credit_is_listed(story: Story) -> None:
    """Who holds a star and agrees is listed; one refuses, one thinks better of it."""
    holders = [one for one, purse in _purses(story).items() if stars_held(purse)]
    policy = story.book.policy()
    cycle = policy.credit_cycle_of(policy.local_date(story.clock.now_ms()))
    for n, one in enumerate(holders):
        answer = "refused" if n == 1 else "given"
        story.do(RecordConsent(volunteer=one, purpose="credit_list", answer=answer))
        if answer == "refused":
            continue
        try:
            story.do(ListForCredit(volunteer=one, cycle=cycle))
        except Refused as refused:
            # Registered less than three years ago.
            if refused.code != "credit_not_clean":
                raise
        else:
            if n == 2:
                story.do(RecordConsent(volunteer=one, purpose="credit_list", answer="withdrawn"))


def neighbours_serve_each_other(story: Story) -> None:
    """Service orders: one asked for, offered, done and confirmed; one still open."""
    policy = story.book.policy()
    minimum, on = policy.tb_redeem_min_age, _today(story)
    done = 0
    for elder, neighbour in zip(
        story.town.cast.people[:8], story.town.cast.people[16:24], strict=True
    ):
        if not {elder.number, neighbour.number} <= story.town.volunteers.keys():
            continue
        recipient = story.town.volunteers[elder.number]
        provider = story.town.volunteers[neighbour.number]
        there = story.book.standing(recipient)
        if there.time_minutes < SERVED_MINUTES or there.state != "active":
            continue
        if story.book.vault.attest_age(recipient, minimum, on) != "met":
            continue
        order, starts = story.book.new_id(), story.clock.now_ms() + 2 * HOUR_MS
        story.do(
            RequestOrder(
                order=order,
                volunteer=recipient,
                organisation=story.town.organisations[0],
                category="elderly_and_disabled",
                minutes=SERVED_MINUTES,
                starts=starts,
                ends=starts + HOUR_MS,
                text=text(story, wish="陪同取药"),
                age_gate="met",
                age_tested=minimum,
            )
        )
        if done:
            return
        activity = story.book.new_id()
        story.do(
            OfferService(order=order, provider=provider),
            AcceptOrder(order=order, volunteer=recipient),
            RegisterActivity(
                activity=activity,
                organisation=story.town.organisations[0],
                category="elderly_and_disabled",
                starts=starts,
                ends=starts + HOUR_MS,
                text=text(story, name="邻里互助", content="陪同取药"),
            ),
        )
        story.clock.wait(4 * HOUR_MS)
        recorder, approver = _staff(story)
        record = story.book.new_id()
        story.do(
            RecordService(
                record=record,
                volunteer=provider,
                organisation=story.town.organisations[0],
                activity=activity,
                evidence="check_in",
                starts=starts,
                ends=starts + HOUR_MS,
                check_in=starts,
                check_out=starts + HOUR_MS,
                deducted_minutes=0,
                recorder=recorder,
                approver=approver,
            )
        )
        story.do(
            ReportOrderDone(order=order, record=record),
            ConfirmOrder(order=order, volunteer=recipient),
        )
        done += 1


def somebody_objects(story: Story, seen: Sequence[Entry]) -> None:
    """Two volunteers object to refused records: one is answered, one waits."""
    effective = [each.facts for each in seen if each.facts["outcome"] == "effective"]
    for n, facts in enumerate(effective[1:3]):
        objection = story.book.new_id()
        story.do(
            FileObjection(
                objection=objection,
                volunteer=facts["volunteer"],
                subject_kind="record",
                subject=facts["record"],
                text=text(story, text="当日服务时长少记半小时"),
            )
        )
        if n == 0:
            story.do(
                DecideObjection(
                    objection=objection,
                    outcome="rejected",
                    reviewer=story.town.reviewers[0],
                    reason=text(story, reason="签退时间与现场记录一致"),
                )
            )


def claims_are_settled(story: Story) -> None:
    """One capture is undone, for the till had failed; then each shop is settled for what it took,
    but for what was flagged."""
    shop = story.town.shops[0].merchant
    with story.book.database.reading() as connection:
        [undone], _ = queries.redemptions_page(
            connection, after=-1, limit=1, merchant=shop, state="captured"
        )
    story.do(VoidRedemption(redemption=undone.redemption, merchant=shop, ground="system_fault"))
    now = story.book.clock.now_ms()
    with story.book.database.snapshot() as connection:
        standing = standing_from(connection)
        by_shop = {
            shop.merchant: queries.redemptions_page(
                connection, after=-1, limit=500, merchant=shop.merchant, state="captured"
            )[0]
            for shop in story.town.shops
        }
        settled = {
            merchant: [each.redemption for each in taken if _can_be_settled(each, standing, now)]
            for merchant, taken in by_shop.items()
        }
    story.do(
        *(
            CloseSettlement(
                settlement=story.book.new_id(),
                merchant=merchant,
                redemptions=tuple(some),
                ends=now,
            )
            for merchant, some in settled.items()
            if some
        )
    )


def _can_be_settled(redemption: Redemption, standing: Standing, time: int) -> bool:
    try:
        why_not_settle(redemption.redemption, redemption.merchant, standing, time)
    except Refused:
        return False
    return True


def a_certificate_is_issued(story: Story, volunteer: str) -> None:
    """The visitor's: its number is in the tour, so that anybody can check it."""
    today = _today(story)
    _, number = certificates.issue(
        story.asking(CONSOLE),
        volunteer=volunteer,
        organisation=story.town.organisations[0],
        first_day=date(today.year, 1, 1),
        last_day=today,
        content="社区服务",
    )
    story.town.certificate = number


def _staff(story: Story) -> tuple[str, str]:
    """A recorder and an approver: the first two reviewers record where they do not review."""
    return story.town.reviewers[0], story.town.reviewers[1]


def _today(story: Story) -> date:
    return datetime.fromtimestamp(story.clock.now_ms() / 1000, CHINA).date()


def _purses(story: Story) -> dict[str, Purse]:
    """What every volunteer has, by id."""
    with story.book.database.reading() as connection:
        owners = [account.volunteer(one) for one in story.town.volunteers.values()]
        found = StoredRows(connection).fetch("purses", owners)
    return {one: found.get(account.volunteer(one), {}) for one in story.town.volunteers.values()}


def _purse_minutes(purse: Purse) -> int:
    return sum(amount for (_, asset), amount in purse.items() if asset == account.SERVICE)
