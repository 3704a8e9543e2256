"""The kinds of entries: docs/format.md, section 3; which facts they have and what they may post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from audit import moves
from audit.shapes import (
    ADDRESS,
    CALENDAR,
    CATEGORY,
    COUNT,
    CYCLE,
    DATE,
    DATE_TEXT,
    DIGEST,
    DIGEST_OR_NONE,
    DOCUMENT,
    FORGOTTEN,
    HALF_ASSET,
    ID,
    ID_OR_NONE,
    ID_TEXT,
    IDS,
    IDS_OR_NONE,
    INTEGER,
    LISTENER,
    NAME,
    OWNER_OR_NONE,
    PARTY,
    POSITIVE,
    ROLE,
    SAVER_GATE,
    SCOPES,
    SERVED_GATE,
    TIME,
    YES_NO,
    or_none,
    word,
    words,
)


@dataclass(frozen=True, slots=True)
class Together:
    """A fact that several postings add up to, whatever asset but SERVICE they move.

    They are those to accounts that begin with `receivers`, followed by the id that the fact
    `whose` holds if it is named.
    """

    fact: str
    receivers: bytes = b""
    whose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a kind holds.

    `facts`: each fact with the expression of its canonical text.
    `postings`: the expression of all its postings, "" if it carries none.
    `together`: what several postings move together.
    """

    facts: dict[str, str]
    postings: str
    together: tuple[Together, ...]

    @property
    def posts(self) -> bool:
        """Whether an entry of the kind may carry postings."""
        return bool(self.postings)


def _kind(*, postings: str = "", together: tuple[Together, ...] = (), **facts: str) -> Kind:
    return Kind(facts=facts, postings=postings, together=together)


_REWARD = _kind(
    reward=ID,
    merchant=ID,
    form=word("gift", "discount", "service_order"),
    asset=HALF_ASSET,
    price=COUNT,
    stock=COUNT,
    per_person=INTEGER,
    gate_stars=INTEGER,
    hold_minutes=COUNT,
    branches=IDS_OR_NONE,
    opens=INTEGER,
    closes=INTEGER,
    valid_from=TIME,
    valid_until=TIME,
    text=DIGEST_OR_NONE,
)
_PARTY = _kind(party=PARTY, reason=DIGEST_OR_NONE)
_RELATION = _kind(volunteer=ID, relation=ID)
_CIRCUMSTANCE = _kind(volunteer=ID, circumstance=ID)
_GIVEN_BACK = _kind(
    redemption=moves.REDEMPTION,
    reward=ID,
    merchant=ID,
    amount=moves.AMOUNT,
    postings=moves.give_back(),
    together=(Together("amount"),),
)
_STAR_DECIDED = _kind(
    case=ID, volunteer=ID, star=COUNT, organisation=ID_OR_NONE, reason=DIGEST_OR_NONE
)
_ORDER_GOES_ON = _kind(order=ID, provider=ID, volunteer=ID)
_ORDER_PAID = {
    "order": moves.ORDER,
    "volunteer": moves.VOLUNTEER,
    "provider": moves.PROVIDER,
    "minutes": moves.MINUTES,
    "overflow_minutes": moves.OVERFLOW,
    "returned_minutes": moves.RETURNED,
}
_PAID_TOGETHER = (
    Together("minutes", b"volunteer:", "provider"),
    Together("overflow_minutes", b"pool:"),
    Together("returned_minutes", b"volunteer:", "volunteer"),
)
_ORDER_RETURNED = {
    "order": moves.ORDER,
    "volunteer": moves.VOLUNTEER,
    "returned_minutes": moves.RETURNED,
}

KINDS: Final[dict[str, Kind]] = {
    "genesis": _kind(hash=word("sha256"), log_key=DIGEST, ack_key=DIGEST, manifest_key=DIGEST),
    "policy_adopted": _kind(policy=NAME, version=POSITIVE, toml_sha256=DIGEST, document=DOCUMENT),
    "calendar_adopted": _kind(calendar=NAME, year=INTEGER, toml_sha256=DIGEST, document=DOCUMENT),
    "volunteer_registered": _kind(
        volunteer=ID,
        organisation=ID_OR_NONE,
        guardian=word("not_needed", "consented", "missing"),
    ),
    "group_registered": _kind(volunteer=ID, organisation=ID),
    "guardian_consented": _kind(volunteer=ID),
    "majority_reached": _kind(volunteer=ID, age_gate=word("met"), age_tested=INTEGER),
    "organisation_registered": _kind(
        organisation=ID,
        parent=ID_OR_NONE,
        tier=word("city", "county", "township", "community"),
        form=word("organisation", "team"),
    ),
    "staff_registered": _kind(staff=ID, organisation=ID_OR_NONE),
    "merchant_registered": _kind(merchant=ID),
    "branch_registered": _kind(merchant=ID, branch=ID),
    "terminal_registered": _kind(merchant=ID, branch=ID, terminal=ID),
    "clerk_registered": _kind(merchant=ID, branch=ID, clerk=ID, text=DIGEST_OR_NONE),
    "clerk_limited": _kind(merchant=ID, clerk=ID, captures=COUNT, points=COUNT, minutes=COUNT),
    "credential_bound": _kind(credential=ID, clerk=ID, merchant=ID),
    "auditor_registered": _kind(auditor=ID),
    "operator_registered": _kind(operator=ID),
    "party_suspended": _PARTY,
    "party_reinstated": _PARTY,
    "party_left": _PARTY,
    "party_died": _PARTY,
    "party_forgotten": _kind(party=FORGOTTEN),
    "relation_registered": _RELATION,
    "relation_removed": _RELATION,
    "circumstance_recorded": _CIRCUMSTANCE,
    "circumstance_removed": _CIRCUMSTANCE,
    "consent_recorded": _kind(
        volunteer=ID,
        purpose=word(
            "credit_list", "merchant_display", "office_redemption", "share_records", "statement"
        ),
        party=OWNER_OR_NONE,
        answer=word("given", "refused", "withdrawn"),
    ),
    "credential_issued": _kind(
        credential=ID, party=ADDRESS, role=ROLE, scopes=SCOPES, terminal=ID_OR_NONE, expires=TIME
    ),
    "credential_revoked": _kind(credential=ID),
    "activity_registered": _kind(
        activity=ID,
        organisation=ID,
        category=CATEGORY,
        starts=TIME,
        ends=TIME,
        text=DIGEST_OR_NONE,
    ),
    "activity_terms": _kind(
        activity=ID,
        organisation=ID,
        training=ID_OR_NONE,
        insurance=or_none("required"),
        min_age=COUNT,
        participants=COUNT,
    ),
    "qualification_recorded": _kind(
        volunteer=moves.VOLUNTEER,
        organisation=ID,
        what=word("insurance", ID_TEXT),
        learning_minutes=COUNT,
        minutes=moves.MINUTES,
        valid_from=TIME,
        valid_until=TIME,
        recorder=ID_OR_NONE,
        postings=moves.serve("check_in"),
    ),
    "gates_met": _kind(
        record=ID,
        volunteer=ID,
        activity=ID,
        training=ID_OR_NONE,
        insurance_until=TIME,
        age_gate=or_none("met"),
        age_tested=INTEGER,
    ),
    "service_recorded": _kind(
        record=ID,
        volunteer=moves.VOLUNTEER,
        organisation=ID,
        activity=ID,
        evidence=moves.EVIDENCE,
        starts=TIME,
        ends=TIME,
        check_in=TIME,
        check_out=TIME,
        recorded=TIME,
        deducted_minutes=COUNT,
        minutes=moves.MINUTES,
        recorder=ID,
        approver=ID,
        outcome='"(?:effective|(?P<held>held))"',
        reasons=words("day_over_8h", "day_over_12h", "late", "overlap", "self_check_in"),
        calendar=CALENDAR,
        corrects=ID_OR_NONE,
        postings=rf"(?(held)\[\]|{moves.earn(moves.fact('evidence'))})",
    ),
    "service_confirmed": _kind(
        record=ID,
        volunteer=moves.VOLUNTEER,
        organisation=ID,
        minutes=moves.MINUTES,
        postings=moves.earn("(?:check_in|backfill)"),
    ),
    "service_refused": _kind(record=ID, volunteer=ID, organisation=ID, reason=DIGEST_OR_NONE),
    "service_reversed": _kind(
        record=ID,
        volunteer=moves.VOLUNTEER,
        organisation=ID_OR_NONE,
        minutes=moves.MINUTES,
        reason=DIGEST_OR_NONE,
        replaced_by=ID_OR_NONE,
        postings=moves.claw_back(),
    ),
    "service_evaluated": _kind(
        record=ID,
        volunteer=ID,
        organisation=ID,
        score="[1-5]",
        conduct=word("good", "poor"),
        text=DIGEST_OR_NONE,
    ),
    "fraud_proven": _kind(
        party=ADDRESS,
        reason=DIGEST_OR_NONE,
        ban_until=TIME,
        minutes_at=COUNT,
        minutes_needed=COUNT,
    ),
    "fraud_dismissed": _kind(party=ADDRESS, reason=DIGEST_OR_NONE),
    "objection_filed": _kind(
        objection=ID,
        volunteer=ID,
        subject_kind=word("credit", "other", "record", "redemption", "star"),
        subject=ID_OR_NONE,
        organisation=ID_OR_NONE,
        text=DIGEST_OR_NONE,
        flag_by=DATE,
        decide_by=DATE,
        calendar=CALENDAR,
    ),
    "objection_forwarded": _kind(
        objection=ID, volunteer=ID, organisation=ID, decide_by=DATE, calendar=CALENDAR
    ),
    "objection_decided": _kind(
        objection=ID,
        volunteer=ID,
        outcome=word("upheld", "rejected"),
        reviewer=ID_OR_NONE,
        reason=DIGEST_OR_NONE,
        on_time=YES_NO,
    ),
    "statement_issued": _kind(
        statement=DIGEST, volunteer=ID, records=COUNT, minutes=COUNT, size=COUNT
    ),
    "statement_accepted": _kind(
        statement=DIGEST,
        volunteer=ID,
        origin=DIGEST,
        key=DIGEST,
        size=COUNT,
        records=COUNT,
        known=COUNT,
    ),
    "service_ported": _kind(
        record=ID,
        volunteer=moves.VOLUNTEER,
        statement=DIGEST,
        origin=DIGEST,
        foreign_record=ID,
        foreign_hash=DIGEST,
        evidence=moves.EVIDENCE,
        starts=TIME,
        ends=TIME,
        check_in=TIME,
        check_out=TIME,
        claimed_minutes=COUNT,
        minutes=moves.MINUTES,
        postings=moves.serve(moves.fact("evidence")),
    ),
    "star_applied": _kind(
        case=ID,
        volunteer=ID,
        star=POSITIVE,
        minutes=COUNT,
        organisation=ID_OR_NONE,
        nominated=YES_NO,
    ),
    "star_noticed": _kind(
        case=ID,
        volunteer=ID,
        star=POSITIVE,
        organisation=ID_OR_NONE,
        notice_from=DATE,
        notice_until=DATE,
        calendar=CALENDAR,
    ),
    "star_granted": _kind(
        case=ID_OR_NONE,
        volunteer=moves.VOLUNTEER,
        star=POSITIVE,
        stars=moves.STARS,
        minutes=COUNT,
        organisation=ID_OR_NONE,
        postings=moves.grant_star(),
    ),
    "star_refused": _STAR_DECIDED,
    "star_downgrade_proposed": _kind(
        case=ID, volunteer=ID, star=COUNT, held=POSITIVE, minutes=COUNT
    ),
    "star_downgraded": _kind(
        case=ID,
        volunteer=moves.VOLUNTEER,
        star=COUNT,
        stars=moves.STARS,
        organisation=ID_OR_NONE,
        reason=DIGEST_OR_NONE,
        postings=moves.take_star(),
    ),
    "star_downgrade_dismissed": _STAR_DECIDED,
    "medal_granted": _kind(volunteer=ID, medal=POSITIVE, minutes=COUNT, organisation=ID_OR_NONE),
    "commendation_recorded": _kind(
        commendation=ID,
        volunteer=ID,
        organisation=ID_OR_NONE,
        level=word("national", "province", "city", "county", "organisation"),
        awarded=TIME,
        text=DIGEST_OR_NONE,
    ),
    "population_stated": _kind(
        organisation=ID,
        year=POSITIVE,
        residents=COUNT,
        staff=COUNT,
        staff_registered=COUNT,
        members=COUNT,
        members_registered=COUNT,
    ),
    "dishonesty_recorded": _kind(volunteer=ID, serious=YES_NO, reason=DIGEST_OR_NONE),
    "dishonesty_repaired": _kind(volunteer=ID, reason=DIGEST_OR_NONE),
    "credit_listed": _kind(
        volunteer=moves.VOLUNTEER,
        cycle=CYCLE,
        star=COUNT,
        minutes=COUNT,
        points=moves.counted("points"),
        measures=COUNT,
        taken_back=moves.counted("taken_back"),
        postings=moves.list_for_credit(),
    ),
    "credit_withdrawn": _kind(
        volunteer=moves.VOLUNTEER,
        cycle=CYCLE,
        points=moves.counted("points"),
        ground=word("consent", "dishonesty", "gone"),
        reason=DIGEST_OR_NONE,
        postings=moves.take_credit(),
    ),
    "referral_awarded": _kind(
        volunteer=moves.VOLUNTEER,
        referred=ID,
        postings=moves.refer(),
    ),
    "points_lapsed": _kind(
        volunteer=moves.VOLUNTEER,
        lapse=moves.held_to("lapse", DATE_TEXT),
        postings=moves.lapse(),
    ),
    "time_deposited": _kind(
        record=ID,
        volunteer=moves.VOLUNTEER,
        minutes=moves.MINUTES,
        overflow_minutes=moves.OVERFLOW,
        age_gate=SAVER_GATE,
        age_tested=INTEGER,
        postings=moves.deposit(),
        together=(Together("minutes", b"volunteer:"), Together("overflow_minutes", b"pool:")),
    ),
    "time_transferred": _kind(
        volunteer=moves.VOLUNTEER,
        recipient=moves.held_to("recipient", ID_TEXT),
        minutes=moves.MINUTES,
        relation=word("spouse", "lineal", "friend", "needy_elder"),
        postings=moves.transfer(),
        together=(Together("minutes"),),
    ),
    "time_donated": _kind(
        volunteer=moves.VOLUNTEER,
        pool=moves.POOL,
        minutes=moves.MINUTES,
        postings=moves.donate(),
    ),
    "time_granted": _kind(
        volunteer=moves.VOLUNTEER,
        pool=moves.POOL,
        minutes=moves.MINUTES,
        ground=word("starting", "key_lonely_elder", "needy_elder", "special_difficulty"),
        postings=moves.grant_time(),
        together=(Together("minutes"),),
    ),
    "frozen_time_moved": _kind(
        volunteer=moves.VOLUNTEER,
        recipient=f'"(?P<recipient>{ID_TEXT})?"',
        pool=f'"(?P<pool>platform|{ID_TEXT})?"',
        minutes=moves.MINUTES,
        reason=DIGEST_OR_NONE,
        postings=moves.move_frozen(),
        together=(Together("minutes"),),
    ),
    "order_requested": _kind(
        order=moves.ORDER,
        volunteer=moves.VOLUNTEER,
        organisation=ID,
        category=CATEGORY,
        minutes=moves.MINUTES,
        starts=TIME,
        ends=TIME,
        expires=TIME,
        text=DIGEST_OR_NONE,
        age_gate=SERVED_GATE,
        age_tested=INTEGER,
        postings=moves.request_order(),
    ),
    "order_offered": _kind(order=ID, provider=ID),
    "order_assigned": _kind(order=ID, provider=ID, organisation=ID),
    "order_declined": _ORDER_GOES_ON,
    "order_accepted": _ORDER_GOES_ON,
    "order_done": _kind(order=ID, provider=ID, record=ID, minutes=COUNT),
    "order_confirmed": _kind(
        **_ORDER_PAID, record=ID, postings=moves.pay_order(), together=_PAID_TOGETHER
    ),
    "order_disputed": _kind(order=ID, volunteer=ID, text=DIGEST_OR_NONE),
    "order_settled": _kind(
        **_ORDER_PAID,
        record=ID_OR_NONE,
        reason=DIGEST_OR_NONE,
        postings=moves.pay_order(),
        together=_PAID_TOGETHER,
    ),
    "order_cancelled": _kind(
        **_ORDER_RETURNED,
        reason=DIGEST_OR_NONE,
        postings=moves.return_order(),
        together=(Together("returned_minutes"),),
    ),
    "order_expired": _kind(
        **_ORDER_RETURNED,
        postings=moves.return_order(),
        together=(Together("returned_minutes"),),
    ),
    "reward_published": _REWARD,
    "reward_drafted": _REWARD,
    "reward_terms": _kind(
        reward=ID,
        merchant=ID,
        per_period=COUNT,
        period=or_none("day|week|month|quarter|year"),
        min_age=COUNT,
        tiers=words("city", "county", "township", "community"),
        within=ID_OR_NONE,
        weekdays=words(*"1234567"),
        fund=ID_OR_NONE,
        value_cents=COUNT,
    ),
    "reward_restocked": _kind(reward=ID, merchant=ID, change=INTEGER),
    "fund_stated": _kind(fund=ID, organisation=ID, cents=COUNT, merchants=IDS, text=DIGEST_OR_NONE),
    "redemption_gates": _kind(
        redemption=ID, volunteer=ID, reward=ID, age_gate=word("met"), age_tested=INTEGER
    ),
    "reward_withdrawn": _kind(reward=ID, reason=DIGEST_OR_NONE),
    "redemption_reserved": _kind(
        redemption=moves.REDEMPTION,
        volunteer=moves.VOLUNTEER,
        reward=ID,
        merchant=ID,
        quantity=COUNT,
        amount=moves.AMOUNT,
        asset='"(?:POINT|(?P<saved>TIME))"',
        expires=TIME,
        age_gate=SERVED_GATE,
        age_tested=INTEGER,
        postings=moves.reserve(),
        together=(Together("amount"),),
    ),
    "redemption_captured": _kind(
        redemption=moves.REDEMPTION,
        reward=ID,
        merchant=moves.MERCHANT,
        branch=moves.BRANCH,
        terminal=ID,
        quantity=COUNT,
        amount=moves.AMOUNT,
        flag=word("none", "offline", "rapid"),
        postings=moves.capture(),
    ),
    "capture_presented": _kind(
        redemption=ID,
        merchant=ID,
        means=word("card", "offline", "rotating"),
        step=COUNT,
        card=ID_OR_NONE,
        till_session=ID_OR_NONE,
        counter=COUNT,
        accepted=TIME,
        proof=DIGEST_OR_NONE,
    ),
    "voucher_signed": _kind(redemption=ID, merchant=ID, branch=ID, upload_by=TIME),
    "offline_opened": _kind(
        session=ID,
        merchant=ID,
        branch=ID,
        terminal=ID,
        till_key=DIGEST,
        captures=POSITIVE,
        points=COUNT,
        minutes=COUNT,
        until=TIME,
        upload_by=TIME,
    ),
    "offline_closed": _kind(session=ID, merchant=ID, branch=ID, terminal=ID, last=COUNT),
    "offline_conflict": _kind(
        session=ID,
        merchant=ID,
        branch=ID,
        terminal=ID,
        counter=POSITIVE,
        redemption=ID_OR_NONE,
        accepted=TIME,
        asset=or_none("POINT|TIME"),
        amount=COUNT,
        ground=word(
            "above_cap",
            "already_captured",
            "expired",
            "holder_gone",
            "refunded",
            "released",
            "too_old",
            "unknown",
            "voided",
        ),
        bearer=word("merchant", "programme"),
        proof=DIGEST,
    ),
    "card_issued": _kind(card=ID, volunteer=ID, organisation=ID_OR_NONE),
    "card_closed": _kind(card=ID, volunteer=ID, ground=word("lost", "replaced", "returned")),
    "card_pin_changed": _kind(card=ID, volunteer=ID, organisation=ID_OR_NONE),
    "redemption_assisted": _kind(redemption=ID, volunteer=ID, organisation=ID, card=ID_OR_NONE),
    "redemption_guarded": _kind(redemption=ID, volunteer=ID),
    "code_reissued": _kind(redemption=ID, volunteer=ID, organisation=ID_OR_NONE, card=ID_OR_NONE),
    "capture_noted": _kind(redemption=ID, merchant=ID, text=DIGEST),
    "redemption_released": _GIVEN_BACK,
    "redemption_expired": _GIVEN_BACK,
    "redemption_extended": _kind(redemption=ID, reward=ID, merchant=ID, expires=TIME),
    "redemption_refunded": _kind(
        redemption=moves.REDEMPTION,
        reward=ID,
        merchant=moves.MERCHANT,
        settlement=moves.SETTLEMENT,
        amount=moves.AMOUNT,
        ground=word("cannot_supply", "mistake", "system_fault"),
        postings=moves.refund(),
        together=(Together("amount"),),
    ),
    "redemption_voided": _kind(
        redemption=moves.REDEMPTION,
        reward=ID,
        merchant=moves.MERCHANT,
        amount=moves.AMOUNT,
        ground=word("cannot_supply", "mistake", "system_fault"),
        postings=moves.void(),
        together=(Together("amount"),),
    ),
    "capture_reviewed": _kind(redemption=ID, merchant=ID, reason=DIGEST_OR_NONE),
    "settlement_closed": _kind(
        settlement=ID,
        merchant=moves.MERCHANT,
        redemptions=IDS,
        lines=POSITIVE,
        points=moves.counted("points"),
        minutes=moves.MINUTES,
        postings=moves.settle(),
    ),
    "webhook_set": _kind(
        webhook=ID,
        party=LISTENER,
        events=SCOPES,
        url=DIGEST,
        state=word("active", "disabled"),
        ground=word("asked", "failing", "gone"),
    ),
    "settlement_stated": _kind(
        settlement=ID,
        merchant=moves.MERCHANT,
        branch=ID_OR_NONE,
        starts=TIME,
        ends=TIME,
        lines=COUNT,
        refunds=IDS_OR_NONE,
        points=COUNT,
        minutes=COUNT,
        refunded_points=moves.counted("refunded_points"),
        refunded_minutes=moves.counted("refunded_minutes"),
        digest=DIGEST,
        postings=moves.adjust(),
    ),
    "certificate_issued": _kind(certificate=DIGEST, commitment=DIGEST, organisation=ID),
    "access_committed": _kind(last=INTEGER, count=INTEGER, digest=DIGEST),
}
