"""One entry of every kind, as docs/format.md has it, and a log in which each of them may follow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audit.verdict import Verdict
from tests import forge
from tests.forge import CLUB, Forger, posting
from tests.verifying import check

D, R = "ab" * 32, "2" * 16
NOTHING_TO_STATE: dict[str, Any] = {
    "settlement": "9" * 16,
    "merchant": R,
    "branch": "",
    "starts": 0,
    "ends": 9,
    "lines": 0,
    "refunds": "",
    "points": 0,
    "minutes": 0,
    "refunded_points": 0,
    "refunded_minutes": 0,
}


def statement_digest(
    facts: dict[str, Any], claims: Sequence[Any] = (), refunds: Sequence[Any] = ()
) -> str:
    """SHA-256 of a settlement's statement: docs/format.md, section 12."""
    names = ("settlement", "merchant", "branch", "starts", "ends")
    sums = ("points", "minutes", "refunded_points", "refunded_minutes")
    document = {name: facts[name] for name in (*names, *sums)}
    document |= {"claims": list(claims), "refunds": list(refunds)}
    document["format"] = "sidereal/settlement@1"
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


FACTS: dict[str, dict[str, Any]] = {
    "calendar_adopted": {
        "calendar": "cn",
        "year": 2026,
        "toml_sha256": D,
        "document": {
            "id": "cn",
            "year": 2026,
            "version": 1,
            "source": "a notice",
            "holidays": ["2026-01-01"],
            "workdays": [],
        },
    },
    "policy_adopted": {
        "policy": "cn-default",
        "version": 1,
        "toml_sha256": D,
        "document": forge.policy_document(),
    },
    "volunteer_registered": {"volunteer": R, "organisation": "", "guardian": "missing"},
    "group_registered": {"volunteer": R, "organisation": R},
    "guardian_consented": {"volunteer": R},
    "majority_reached": {"volunteer": R, "age_gate": "met", "age_tested": 18},
    "organisation_registered": {
        "organisation": R,
        "parent": "",
        "tier": "township",
        "form": "team",
    },
    "staff_registered": {"staff": R, "organisation": R},
    "merchant_registered": {"merchant": R},
    "branch_registered": {"merchant": R, "branch": R},
    "terminal_registered": {"merchant": R, "branch": R, "terminal": R},
    "clerk_registered": {"merchant": R, "branch": R, "clerk": R, "text": D},
    "clerk_limited": {"merchant": R, "clerk": R, "captures": 9, "points": 0, "minutes": 60},
    "credential_bound": {"credential": R, "clerk": R, "merchant": R},
    "credential_linked": {"credential": R, "means": "oidc"},
    "credential_lent": {"credential": R, "volunteer": R, "helper": f"staff:{R}"},
    "auditor_registered": {"auditor": R},
    "operator_registered": {"operator": R},
    "party_suspended": {"party": f"merchant:{R}", "reason": D},
    "party_reinstated": {"party": f"merchant:{R}", "reason": ""},
    "party_left": {"party": f"volunteer:{R}", "reason": ""},
    "party_died": {"party": f"volunteer:{R}", "reason": D},
    "party_forgotten": {"party": f"volunteer:{R}"},
    "relation_registered": {"volunteer": R, "relation": R},
    "relation_removed": {"volunteer": R, "relation": R},
    "circumstance_recorded": {"volunteer": R, "circumstance": R},
    "circumstance_removed": {"volunteer": R, "circumstance": R},
    "consent_recorded": {
        "volunteer": R,
        "purpose": "share_records",
        "party": f"organisation:{R}",
        "answer": "withdrawn",
    },
    "credential_issued": {
        "credential": R,
        "party": f"merchant:{R}",
        "role": "merchant",
        "scopes": "redemption:capture+redemption:verify",
        "terminal": R,
        "expires": 0,
    },
    "credential_revoked": {"credential": R},
    "webhook_set": {
        "webhook": R,
        "party": f"merchant:{R}",
        "events": "redemption.captured+settlement.closed",
        "url": D,
        "state": "active",
        "ground": "asked",
    },
    "activity_registered": {
        "activity": R,
        "organisation": R,
        "category": "elderly_and_disabled",
        "starts": 0,
        "ends": 0,
        "text": "",
    },
    "activity_terms": {
        "activity": R,
        "organisation": R,
        "training": R,
        "insurance": "required",
        "min_age": 18,
        "participants": 100,
    },
    "qualification_recorded": {
        "volunteer": R,
        "organisation": R,
        "what": "insurance",
        "learning_minutes": 90,
        "minutes": 0,
        "valid_from": 1,
        "valid_until": 0,
        "recorder": "",
    },
    "gates_met": {
        "record": R,
        "volunteer": R,
        "activity": R,
        "training": "",
        "insurance_until": 0,
        "age_gate": "met",
        "age_tested": 18,
    },
    "service_recorded": {
        "record": R,
        "volunteer": R,
        "organisation": R,
        "activity": R,
        "evidence": "backfill",
        "starts": 1,
        "ends": 2,
        "check_in": 1,
        "check_out": 2,
        "recorded": 3,
        "deducted_minutes": 0,
        "minutes": 0,
        "recorder": R,
        "approver": R,
        "outcome": "held",
        "reasons": "day_over_12h+late+self_check_in",
        "calendar": "monday_to_friday",
        "corrects": R,
    },
    "service_confirmed": {"record": R, "volunteer": R, "organisation": R, "minutes": 0},
    "service_refused": {"record": R, "volunteer": R, "organisation": R, "reason": ""},
    "service_reversed": {
        "record": R,
        "volunteer": R,
        "organisation": R,
        "minutes": 0,
        "reason": D,
        "replaced_by": "",
    },
    "service_evaluated": {
        "record": R,
        "volunteer": R,
        "organisation": R,
        "score": 5,
        "conduct": "good",
        "text": D,
    },
    "fraud_proven": {
        "party": f"volunteer:{R}",
        "reason": D,
        "ban_until": 9,
        "minutes_at": 600,
        "minutes_needed": 6000,
    },
    "fraud_dismissed": {"party": f"volunteer:{R}", "reason": D},
    "objection_filed": {
        "objection": R,
        "volunteer": R,
        "subject_kind": "record",
        "subject": R,
        "organisation": R,
        "text": D,
        "flag_by": "2026-01-05",
        "decide_by": "2026-01-09",
        "calendar": "cn",
    },
    "objection_forwarded": {
        "objection": R,
        "volunteer": R,
        "organisation": R,
        "decide_by": "2026-01-16",
        "calendar": "monday_to_friday",
    },
    "objection_decided": {
        "objection": R,
        "volunteer": R,
        "outcome": "upheld",
        "reviewer": R,
        "reason": D,
        "on_time": "yes",
    },
    "statement_issued": {"statement": D, "volunteer": R, "records": 2, "minutes": 120, "size": 9},
    "statement_accepted": {
        "statement": D,
        "volunteer": R,
        "origin": D,
        "key": D,
        "size": 9,
        "records": 2,
        "known": 1,
    },
    "service_ported": {
        "record": R,
        "volunteer": R,
        "statement": D,
        "origin": D,
        "foreign_record": R,
        "foreign_hash": D,
        "evidence": "backfill",
        "starts": 1,
        "ends": 2,
        "check_in": 1,
        "check_out": 2,
        "claimed_minutes": 60,
        "minutes": 0,
    },
    "star_applied": {
        "case": R,
        "volunteer": R,
        "star": 1,
        "minutes": 6000,
        "organisation": R,
        "nominated": "no",
    },
    "star_noticed": {
        "case": R,
        "volunteer": R,
        "star": 1,
        "organisation": "",
        "notice_from": "2026-01-05",
        "notice_until": "2026-01-07",
        "calendar": "cn",
    },
    "star_granted": {
        "case": "",
        "volunteer": R,
        "star": 1,
        "stars": 1,
        "minutes": 6000,
        "organisation": "",
    },
    "star_refused": {"case": R, "volunteer": R, "star": 1, "organisation": R, "reason": D},
    "star_downgrade_proposed": {"case": R, "volunteer": R, "star": 0, "held": 1, "minutes": 5999},
    "star_downgraded": {
        "case": R,
        "volunteer": R,
        "star": 0,
        "stars": 1,
        "organisation": "",
        "reason": D,
    },
    "star_downgrade_dismissed": {
        "case": R,
        "volunteer": R,
        "star": 0,
        "organisation": R,
        "reason": D,
    },
    "medal_granted": {"volunteer": R, "medal": 1, "minutes": 60000, "organisation": ""},
    "commendation_recorded": {
        "commendation": R,
        "volunteer": R,
        "organisation": R,
        "level": "province",
        "awarded": 7,
        "text": D,
    },
    "population_stated": {
        "organisation": R,
        "year": 2026,
        "residents": 1000,
        "staff": 10,
        "staff_registered": 6,
        "members": 5,
        "members_registered": 5,
    },
    "dishonesty_recorded": {"volunteer": R, "serious": "yes", "reason": D},
    "dishonesty_repaired": {"volunteer": R, "reason": ""},
    "credit_listed": {
        "volunteer": R,
        "cycle": "2026-H1",
        "star": 1,
        "minutes": 6000,
        "points": 5,
        "measures": 2,
        "taken_back": 0,
    },
    "credit_withdrawn": {
        "volunteer": R,
        "cycle": "2026",
        "points": 4,
        "ground": "dishonesty",
        "reason": D,
    },
    "referral_awarded": {"volunteer": R, "referred": "3" * 16},
    "points_lapsed": {"volunteer": R, "lapse": "2028-02-29"},
    "time_deposited": {
        "record": R,
        "volunteer": R,
        "minutes": 60,
        "overflow_minutes": 0,
        "age_gate": "met",
        "age_tested": 18,
    },
    "time_transferred": {"volunteer": R, "recipient": "3" * 16, "minutes": 1, "relation": "lineal"},
    "time_donated": {"volunteer": R, "pool": "platform", "minutes": 1},
    "time_granted": {"volunteer": R, "pool": "platform", "minutes": 7, "ground": "starting"},
    "frozen_time_moved": {
        "volunteer": R,
        "recipient": "3" * 16,
        "pool": "",
        "minutes": 4,
        "reason": D,
    },
    "order_requested": {
        "order": R,
        "volunteer": R,
        "organisation": R,
        "category": "health",
        "minutes": 20,
        "starts": 1,
        "ends": 2,
        "expires": 1,
        "text": D,
        "age_gate": "spouse",
        "age_tested": 60,
    },
    "order_offered": {"order": R, "provider": R},
    "order_assigned": {"order": R, "provider": R, "organisation": R},
    "order_declined": {"order": R, "provider": R, "volunteer": R},
    "order_accepted": {"order": R, "provider": R, "volunteer": R},
    "order_done": {"order": R, "provider": R, "record": R, "minutes": 20},
    "order_confirmed": {
        "order": R,
        "volunteer": R,
        "provider": "3" * 16,
        "record": R,
        "minutes": 10,
        "overflow_minutes": 3,
        "returned_minutes": 7,
    },
    "order_disputed": {"order": R, "volunteer": R, "text": D},
    "order_settled": {
        "order": R,
        "volunteer": R,
        "provider": "3" * 16,
        "record": "",
        "minutes": 0,
        "overflow_minutes": 0,
        "returned_minutes": 20,
        "reason": D,
    },
    "order_cancelled": {"order": R, "volunteer": R, "returned_minutes": 20, "reason": ""},
    "order_expired": {"order": R, "volunteer": R, "returned_minutes": 20},
    "reward_published": {
        "reward": R,
        "merchant": R,
        "form": "service_order",
        "asset": "TIME",
        "price": 1,
        "stock": 1,
        "per_person": 0,
        "gate_stars": 0,
        "hold_minutes": 30,
        "branches": f"{R}+{'3' * 16}",
        "opens": 0,
        "closes": 1440,
        "valid_from": 0,
        "valid_until": 1,
        "text": D,
    },
    "reward_drafted": {
        "reward": R,
        "merchant": R,
        "form": "gift",
        "asset": "POINT",
        "price": 1,
        "stock": 1,
        "per_person": 0,
        "gate_stars": 0,
        "hold_minutes": 0,
        "branches": "",
        "opens": 0,
        "closes": 1440,
        "valid_from": 0,
        "valid_until": 1,
        "text": "",
    },
    "reward_terms": {
        "reward": R,
        "merchant": R,
        "per_period": 2,
        "period": "week",
        "min_age": 60,
        "tiers": "community+township",
        "within": R,
        "weekdays": "1+2+3+4+5",
        "fund": R,
        "value_cents": 500,
    },
    "reward_restocked": {"reward": R, "merchant": R, "change": -3},
    "reward_withdrawn": {"reward": R, "reason": ""},
    "fund_stated": {"fund": R, "organisation": R, "cents": 9, "merchants": R, "text": D},
    "redemption_gates": {
        "redemption": R,
        "volunteer": R,
        "reward": R,
        "age_gate": "met",
        "age_tested": 60,
    },
    "redemption_reserved": {
        "redemption": R,
        "volunteer": R,
        "reward": R,
        "merchant": R,
        "quantity": 1,
        "amount": 1,
        "asset": "TIME",
        "expires": 1,
        "age_gate": "met",
        "age_tested": 60,
    },
    "redemption_captured": {
        "redemption": R,
        "reward": R,
        "merchant": R,
        "branch": R,
        "terminal": R,
        "quantity": 1,
        "amount": 1,
        "flag": "rapid",
    },
    "redemption_released": {"redemption": R, "reward": R, "merchant": R, "amount": 1},
    "redemption_expired": {"redemption": R, "reward": R, "merchant": R, "amount": 1},
    "redemption_voided": {
        "redemption": "3" * 16,
        "reward": R,
        "merchant": R,
        "amount": 8,
        "ground": "cannot_supply",
    },
    "redemption_extended": {"redemption": R, "reward": R, "merchant": R, "expires": 2},
    "redemption_refunded": {
        "redemption": "7" * 16,
        "reward": R,
        "merchant": R,
        "settlement": "7" * 16,
        "amount": 2,
        "ground": "system_fault",
    },
    "capture_presented": {
        "redemption": R,
        "merchant": R,
        "means": "card",
        "step": 7,
        "card": R,
        "till_session": "",
        "counter": 0,
        "accepted": 0,
        "proof": "",
    },
    "voucher_signed": {"redemption": R, "merchant": R, "branch": R, "upload_by": 7},
    "offline_opened": {
        "session": R,
        "merchant": R,
        "branch": R,
        "terminal": R,
        "till_key": D,
        "captures": 50,
        "points": 0,
        "minutes": 600,
        "until": 7,
        "upload_by": 8,
    },
    "offline_closed": {"session": R, "merchant": R, "branch": R, "terminal": R, "last": 0},
    "offline_conflict": {
        "session": R,
        "merchant": R,
        "branch": R,
        "terminal": R,
        "counter": 1,
        "redemption": "",
        "accepted": 7,
        "asset": "",
        "amount": 0,
        "ground": "unknown",
        "bearer": "merchant",
        "proof": D,
    },
    "card_issued": {"card": R, "volunteer": R, "organisation": R},
    "card_closed": {"card": R, "volunteer": R, "ground": "replaced"},
    "card_pin_changed": {"card": R, "volunteer": R, "organisation": ""},
    "redemption_assisted": {"redemption": R, "volunteer": R, "organisation": R, "card": ""},
    "redemption_guarded": {"redemption": R, "volunteer": R},
    "code_reissued": {"redemption": R, "volunteer": R, "organisation": "", "card": ""},
    "capture_noted": {"redemption": R, "merchant": R, "text": D},
    "capture_reviewed": {"redemption": R, "merchant": R, "reason": D},
    "settlement_closed": {
        "settlement": R,
        "merchant": R,
        "redemptions": f"{'3' * 16}+{CLUB}",
        "lines": 2,
        "points": 8,
        "minutes": 4,
    },
    "settlement_stated": NOTHING_TO_STATE | {"digest": statement_digest(NOTHING_TO_STATE)},
    "certificate_issued": {"certificate": D, "commitment": D, "organisation": R},
    "access_committed": {"last": 9, "count": 9, "digest": D},
}
POSTING_KINDS = {
    "service_recorded",
    "service_confirmed",
    "service_reversed",
    "points_lapsed",
    "time_deposited",
    "time_transferred",
    "time_donated",
    "redemption_reserved",
    "redemption_captured",
    "redemption_released",
    "redemption_expired",
    "qualification_recorded",
    "service_ported",
    "star_granted",
    "star_downgraded",
    "credit_listed",
    "credit_withdrawn",
    "referral_awarded",
    "time_granted",
    "frozen_time_moved",
    "order_requested",
    "order_confirmed",
    "order_settled",
    "order_cancelled",
    "order_expired",
    "redemption_voided",
    "redemption_refunded",
    "settlement_closed",
    "settlement_stated",
}
OTHER, LAPSE = "3" * 16, "2028-02-29"
CLEARED = "7" * 16
"""A redemption that was captured and settled."""
VR, VO, HELD = f"volunteer:{R}", f"volunteer:{OTHER}", f"held:{R}"
SERVED = posting("issuer:service", f"{VR}:service:check_in", "SERVICE", 60)
EARNED = posting("issuer:point", f"{VR}:points:{LAPSE}", "POINT", 100)
SAVED = posting("issuer:time", f"{VR}:time", "TIME", 60)
TO_POOL = posting("issuer:time", "pool:platform", "TIME", 30)
SET_ASIDE = posting(f"{VR}:points:{LAPSE}", HELD, "POINT", 5)
CLAIMS = f"merchant:{R}:claims"
RETURNED = posting(HELD, f"{VR}:time", "TIME", 20)
CLAIMED = [
    posting(CLAIMS, f"merchant:{R}:settled", "POINT", 8),
    posting(CLAIMS, f"merchant:{R}:settled", "TIME", 4),
]
# The postings of the facts above, where they ask for some.
MOVES: dict[str, list[dict[str, Any]]] = {
    "points_lapsed": [posting(f"{VR}:points:{LAPSE}", "lapsed", "POINT", 7)],
    "time_deposited": [SAVED],
    "time_transferred": [posting(f"{VR}:time", f"{VO}:time", "TIME", 1)],
    "time_donated": [posting(f"{VR}:time", "pool:platform", "TIME", 1)],
    "redemption_reserved": [posting(f"{VR}:time", HELD, "TIME", 1)],
    "redemption_captured": [posting(HELD, f"merchant:{R}:claims", "POINT", 1)],
    "redemption_released": [posting(HELD, f"{VR}:points:{LAPSE}", "POINT", 1)],
    "redemption_expired": [posting(HELD, "lapsed", "POINT", 1)],
    "star_granted": [posting("issuer:star", f"{VR}:stars", "STAR", 1)],
    "star_downgraded": [posting(f"{VR}:stars", "issuer:star", "STAR", 1)],
    "credit_listed": [posting("issuer:credit", f"{VR}:credit", "CREDIT", 5)],
    "credit_withdrawn": [posting(f"{VR}:credit", "issuer:credit", "CREDIT", 4)],
    "time_granted": [posting("pool:platform", f"{VR}:time", "TIME", 7)],
    "frozen_time_moved": [posting(f"{VR}:time", f"{VO}:time", "TIME", 4)],
    "order_requested": [posting(f"{VR}:time", HELD, "TIME", 20)],
    "order_confirmed": [
        posting(HELD, f"{VO}:time", "TIME", 10),
        posting(HELD, "pool:platform", "TIME", 3),
        posting(HELD, f"{VR}:time", "TIME", 7),
    ],
    "order_settled": [RETURNED],
    "order_cancelled": [RETURNED],
    "order_expired": [RETURNED],
    "redemption_voided": [
        posting(CLAIMS, f"{VR}:points:{LAPSE}", "POINT", 6),
        posting(CLAIMS, "lapsed", "POINT", 2),
    ],
    "redemption_refunded": [posting(f"merchant:{R}:clawed_back", f"{VR}:time", "TIME", 2)],
    "settlement_closed": CLAIMED,
}


def begun() -> Forger:
    """A log in which R served an hour, earned a point, saved time and set some of both aside, for
    a redemption and an order; holds two stars and is on the credit list; and has been to a shop."""
    log = Forger()
    log.genesis()

    def add(kind: str, changed: dict[str, Any], *moves: Any) -> None:
        log.add(kind, FACTS[kind] | changed, *moves)

    add("service_confirmed", {"minutes": 60}, SERVED, EARNED)
    add("time_deposited", {"overflow_minutes": 30}, SAVED, TO_POOL)
    add("redemption_reserved", {"asset": "POINT", "amount": 5}, SET_ASIDE)
    add("order_requested", {}, *MOVES["order_requested"])
    add("star_granted", {"star": 2, "stars": 2}, posting("issuer:star", f"{VR}:stars", "STAR", 2))
    add("credit_listed", {}, *MOVES["credit_listed"])
    taken = ((OTHER, "POINT", f"points:{LAPSE}", 8), (CLUB, "TIME", "time", 4))
    for which, asset, purse, amount in (*taken, (CLEARED, "TIME", "time", 2)):
        facts = {"redemption": which, "asset": asset, "amount": amount}
        held = f"held:{which}"
        add("redemption_reserved", facts, posting(f"{VR}:{purse}", held, asset, amount))
        facts = {"redemption": which, "amount": amount}
        add("redemption_captured", facts, posting(held, CLAIMS, asset, amount))
    settled = posting(CLAIMS, f"merchant:{R}:settled", "TIME", 2)
    once = {"settlement": CLEARED, "redemptions": CLEARED, "lines": 1, "points": 0, "minutes": 2}
    add("settlement_closed", once, settled)
    return log


HERE = 14
"""The index of what follows `begun`."""


def one_more(
    folder: Path, kind: str, facts: dict[str, Any], /, *moves: Any, **changed: Any
) -> Verdict:
    """The verdict on `begun` and one entry, which has the postings of its kind if none is given."""
    log = begun()
    log.add(kind, facts, *(moves or MOVES.get(kind, ())), **changed)
    return check(log.bundle(folder))


def one_more_with(folder: Path, kind: str, facts: dict[str, Any], moves: list[Any]) -> Verdict:
    """The verdict on `begun` and one entry with exactly these postings."""
    log = begun()
    log.add(kind, FACTS[kind] | facts, *moves)
    return check(log.bundle(folder))
