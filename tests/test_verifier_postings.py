"""The verifier: which postings a kind may carry (docs/format.md, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.every_kind import (
    CLAIMED,
    CLAIMS,
    EARNED,
    FACTS,
    HELD,
    HERE,
    LAPSE,
    MOVES,
    OTHER,
    RETURNED,
    SAVED,
    SERVED,
    SET_ASIDE,
    TO_POOL,
    VO,
    VR,
    R,
    begun,
    one_more_with,
)
from tests.forge import CLUB, VINTAGE, posting
from tests.verifying import check, refused


def mv(source: str, destination: str, asset: str, amount: int) -> dict[str, Any]:
    """A posting between accounts of R where they begin with a colon."""
    here = [VR + each if each.startswith(":") else each for each in (source, destination)]
    return posting(here[0], here[1], asset, amount)


HOUR: dict[str, Any] = {"minutes": 60}
PAID = HOUR | {"outcome": "effective", "reasons": "", "evidence": "check_in"}
MORE = mv("issuer:point", f":points:{VINTAGE}", "POINT", 3)
REPAID = mv("issuer:point", ":owed:point", "POINT", 3)
UNSERVED = mv(":service:check_in", "issuer:service", "SERVICE", 60)
FIVE: dict[str, Any] = {"amount": 5}
POINTS = {"amount": 5, "asset": "POINT"}
CLAIM = mv(HELD, f"merchant:{R}:claims", "POINT", 3)
BACK = mv(HELD, f":points:{LAPSE}", "POINT", 2)
LEARNT = mv("issuer:service", ":service:check_in", "SERVICE", 60)
PORTED = mv("issuer:service", ":service:backfill", "SERVICE", 60)
NEW_CREDIT, OLD_CREDIT = MOVES["credit_listed"][0], mv(":credit", "issuer:credit", "CREDIT", 3)
TO_CLUB = mv(":time", f"pool:{CLUB}", "TIME", 4)
USED_UP = mv(":service:check_in", "issuer:service", "SERVICE", 9)
RESTORED = mv("issuer:service", ":service:backfill", "SERVICE", 9)
PAY = MOVES["order_confirmed"]
UNDONE = MOVES["redemption_voided"]
CLAWED = f"merchant:{R}:clawed_back"
Case = tuple[str, dict[str, Any], list[dict[str, Any]]]
MAY: list[Case] = [
    ("service_recorded", {"outcome": "held"}, []),
    ("service_recorded", PAID, [SERVED]),
    ("service_recorded", PAID, [SERVED, EARNED]),
    ("service_recorded", PAID, [MORE, SERVED, EARNED]),
    ("service_recorded", PAID, [USED_UP, SERVED, EARNED]),
    (
        "service_recorded",
        PAID | {"evidence": "backfill"},
        [mv("issuer:service", ":service:backfill", "SERVICE", 60)],
    ),
    ("service_confirmed", {"minutes": 0}, []),
    ("service_confirmed", HOUR, [SERVED, EARNED]),
    ("service_confirmed", HOUR, [SERVED, USED_UP]),
    ("service_confirmed", HOUR, [mv("issuer:service", ":service:backfill", "SERVICE", 60)]),
    ("service_reversed", {"minutes": 0}, []),
    ("service_reversed", HOUR, [UNSERVED]),
    (
        "service_reversed",
        HOUR,
        [
            UNSERVED,
            mv(f":points:{LAPSE}", "issuer:point", "POINT", 9),
            mv(":owed:point", "issuer:point", "POINT", 9),
            mv(":time", "issuer:time", "TIME", 9),
            mv(":owed:time", "issuer:time", "TIME", 9),
            mv("pool:platform", "issuer:time", "TIME", 9),
        ],
    ),
    ("time_deposited", {"minutes": 60, "overflow_minutes": 30}, [SAVED, TO_POOL]),
    ("time_deposited", {"minutes": 0, "overflow_minutes": 30}, [TO_POOL]),
    ("time_transferred", {"minutes": 2}, [mv(":time", f"{VO}:time", "TIME", 2)]),
    ("time_donated", {"pool": CLUB}, [mv(":time", f"pool:{CLUB}", "TIME", 1)]),
    ("redemption_reserved", POINTS, [SET_ASIDE]),
    (
        "redemption_reserved",
        POINTS,
        [
            mv(f":points:{LAPSE}", HELD, "POINT", 2),
            mv(f":points:{LAPSE}", HELD, "POINT", 3),
        ],
    ),
    ("redemption_reserved", FIVE, [mv(":time", HELD, "TIME", 5)]),
    ("redemption_captured", {"amount": 3}, [CLAIM, BACK]),
    ("redemption_captured", {"amount": 3}, [mv(HELD, "lapsed", "POINT", 2), CLAIM]),
    ("redemption_released", FIVE, [BACK, mv(HELD, "lapsed", "POINT", 3)]),
    ("redemption_expired", FIVE, [BACK, mv(HELD, f":points:{VINTAGE}", "POINT", 3)]),
    ("qualification_recorded", {}, []),
    ("service_ported", {}, []),
    ("service_ported", HOUR | {"evidence": "check_in"}, [LEARNT]),
    ("credit_listed", {"points": 0}, []),
    ("credit_withdrawn", {"points": 0}, []),
    ("referral_awarded", {}, []),
    ("referral_awarded", {}, [MORE]),
    ("referral_awarded", {}, [MORE, EARNED]),
    ("time_granted", {"minutes": 0}, []),
    ("order_confirmed", {}, [*PAY, USED_UP]),
    ("order_confirmed", {}, [USED_UP, *reversed(PAY)]),
    ("order_settled", {"minutes": 20, "returned_minutes": 0}, [mv(HELD, f"{VO}:time", "TIME", 20)]),
    ("redemption_captured", {"amount": 3}, [CLAIM, BACK, USED_UP]),
    ("redemption_captured", {"amount": 5}, [USED_UP, CLAIM | {"amount": 5}]),
    ("redemption_voided", {}, [*UNDONE, RESTORED]),
    (
        "redemption_voided",
        {"redemption": CLUB, "amount": 4},
        [mv(CLAIMS, ":time", "TIME", 4), RESTORED],
    ),
    (
        "redemption_refunded",
        {},
        [mv(CLAWED, ":time", "TIME", 1), RESTORED, mv(CLAWED, ":time", "TIME", 1)],
    ),
]


def test_a_kind_may_carry_its_postings(tmp_path: Path) -> None:
    for number, (kind, facts, moves) in enumerate(MAY):
        verdict = one_more_with(tmp_path / str(number), kind, facts, moves)
        assert verdict.exit_code == 0, (kind, facts, moves, verdict.reason)


MAY_NOT: list[Case] = [
    # Service: paid once, as recorded, to whom it was recorded for.
    ("service_recorded", HOUR | {"outcome": "held"}, [SERVED]),
    ("service_recorded", {"outcome": "held"}, [EARNED]),
    ("service_recorded", PAID, []),
    ("service_recorded", PAID, [EARNED]),
    ("service_recorded", PAID, [SERVED, SERVED]),
    ("service_recorded", PAID | {"minutes": 61}, [SERVED]),
    ("service_recorded", PAID | {"minutes": 6}, [SERVED]),
    ("service_recorded", PAID | {"minutes": 0}, [EARNED]),
    ("service_recorded", PAID | {"volunteer": OTHER}, [SERVED]),
    ("service_recorded", PAID | {"evidence": "backfill"}, [SERVED]),
    ("service_recorded", PAID, [SERVED, EARNED | {"destination": f"{VO}:points:{LAPSE}"}]),
    ("service_recorded", PAID, [SERVED, EARNED | {"source": "lapsed"}]),
    ("service_recorded", PAID, [SERVED, SAVED]),
    ("service_recorded", PAID, [USED_UP]),
    ("service_recorded", HOUR | {"outcome": "held"}, [USED_UP]),
    ("service_recorded", PAID, [SERVED, USED_UP | {"source": f"{VO}:service:check_in"}]),
    ("service_recorded", PAID, [SERVED, USED_UP | {"source": f"{VR}:service:backfill"}]),
    ("service_recorded", PAID, [SERVED, USED_UP | {"destination": f"{VO}:service:check_in"}]),
    ("service_recorded", PAID, [SERVED, mv("issuer:point", "lapsed", "POINT", 1)]),
    ("service_confirmed", {"minutes": 0}, [EARNED]),
    ("service_confirmed", HOUR, [EARNED]),
    ("service_confirmed", HOUR, [SERVED | {"amount": 59}, EARNED]),
    ("service_confirmed", HOUR, [SERVED | {"destination": f"{VO}:service:check_in"}]),
    # Reversals: to the issuer, of the one volunteer.
    ("service_reversed", {"minutes": 0}, [UNSERVED]),
    ("service_reversed", HOUR, []),
    ("service_reversed", HOUR, [UNSERVED | {"amount": 59}]),
    ("service_reversed", HOUR, [SERVED]),
    ("service_reversed", HOUR, [UNSERVED | {"source": f"{VO}:service:check_in"}]),
    ("service_reversed", {}, [mv(f"{VO}:points:{LAPSE}", "issuer:point", "POINT", 1)]),
    ("service_reversed", {}, [mv(f"{VO}:time", "issuer:time", "TIME", 1)]),
    ("service_reversed", {}, [mv(f"pool:{CLUB}", "issuer:time", "TIME", 1)]),
    ("service_reversed", {}, [mv("issuer:point", f":points:{LAPSE}", "POINT", 1)]),
    # Lapse: one vintage, the one that is named.
    ("points_lapsed", {}, []),
    ("points_lapsed", {}, MOVES["points_lapsed"] * 2),
    ("points_lapsed", {"lapse": VINTAGE}, MOVES["points_lapsed"]),
    ("points_lapsed", {"volunteer": OTHER}, MOVES["points_lapsed"]),
    ("points_lapsed", {}, [mv(f":points:{LAPSE}", "issuer:point", "POINT", 1)]),
    # Saved time.
    ("time_deposited", {}, []),
    ("time_deposited", {"minutes": 61}, [SAVED]),
    ("time_deposited", {"minutes": 90}, [SAVED, TO_POOL]),
    ("time_deposited", {"overflow_minutes": 29}, [SAVED, TO_POOL]),
    ("time_deposited", {"overflow_minutes": 30}, [SAVED]),
    ("time_deposited", {"volunteer": OTHER}, [SAVED]),
    (
        "time_deposited",
        {"minutes": 0, "overflow_minutes": 1},
        [mv("issuer:time", f"pool:{CLUB}", "TIME", 1)],
    ),
    ("time_transferred", {}, []),
    ("time_transferred", {"minutes": 2}, MOVES["time_transferred"]),
    ("time_transferred", {"recipient": CLUB}, MOVES["time_transferred"]),
    ("time_transferred", {}, [mv("issuer:time", f"{VO}:time", "TIME", 1)]),
    ("time_transferred", {}, [mv(":time", "pool:platform", "TIME", 1)]),
    ("time_donated", {}, []),
    ("time_donated", {"minutes": 2}, MOVES["time_donated"]),
    ("time_donated", {"minutes": 2}, MOVES["time_donated"] * 2),
    ("time_donated", {"pool": CLUB}, MOVES["time_donated"]),
    ("time_donated", {"volunteer": OTHER}, MOVES["time_donated"]),
    # Redemptions: what is set aside for one goes to its shop or back to one person.
    ("redemption_reserved", POINTS, []),
    ("redemption_reserved", POINTS | {"amount": 4}, [SET_ASIDE]),
    ("redemption_reserved", FIVE, [SET_ASIDE]),
    ("redemption_reserved", POINTS, [mv(":time", HELD, "TIME", 5)]),
    ("redemption_reserved", POINTS | {"redemption": OTHER}, [SET_ASIDE]),
    ("redemption_reserved", POINTS | {"volunteer": OTHER}, [SET_ASIDE]),
    ("redemption_reserved", POINTS, [mv("issuer:point", HELD, "POINT", 5)]),
    ("redemption_reserved", POINTS, [mv(":owed:point", HELD, "POINT", 5)]),
    ("redemption_captured", {"amount": 0}, []),
    ("redemption_captured", {"amount": 2}, [BACK]),
    ("redemption_captured", {"amount": 2}, [CLAIM]),
    ("redemption_captured", {"amount": 3}, [CLAIM, CLAIM]),
    ("redemption_captured", {"amount": 3, "merchant": OTHER}, [CLAIM]),
    ("redemption_captured", {"amount": 3, "redemption": OTHER}, [CLAIM]),
    ("redemption_captured", {"amount": 3}, [CLAIM, MORE]),
    (
        "redemption_captured",
        {"amount": 3},
        [CLAIM, BACK | {"amount": 1}, mv(HELD, f"{VO}:points:{LAPSE}", "POINT", 1)],
    ),
    ("redemption_released", FIVE, []),
    ("redemption_released", FIVE, [BACK]),
    ("redemption_released", FIVE, [BACK, CLAIM]),
    ("redemption_released", {"amount": 2, "redemption": OTHER}, [BACK]),
    (
        "redemption_released",
        {"amount": 4},
        [BACK, BACK | {"destination": f"{VO}:points:{LAPSE}"}],
    ),
    ("redemption_expired", {"amount": 2}, [BACK, BACK]),
    ("redemption_expired", {"amount": 2}, [mv(HELD, "issuer:point", "POINT", 2)]),
    ("redemption_expired", {"amount": 2}, [mv(HELD, ":stars", "STAR", 2)]),
]
MAY_NOT += [
    # Points for bringing somebody: to who brought them, from nowhere else.
    ("referral_awarded", {}, [MORE | {"destination": f"{VO}:points:{LAPSE}"}]),
    ("referral_awarded", {}, [MORE | {"source": "lapsed"}]),
    ("referral_awarded", {}, [SERVED]),
    ("referral_awarded", {}, [SAVED]),
    # What is not paid moves nothing.
    ("qualification_recorded", {}, [LEARNT]),
    ("service_ported", {}, [PORTED]),
    ("service_ported", HOUR, [PORTED, EARNED]),
    ("service_ported", HOUR, [LEARNT]),
    ("credit_listed", {"points": 0}, MOVES["credit_listed"]),
    ("credit_withdrawn", {"points": 0}, MOVES["credit_withdrawn"]),
    # Time that a pool gives, and that of the dead.
    ("time_granted", {"pool": CLUB}, MOVES["time_granted"]),
    ("time_granted", {}, [mv("issuer:time", ":time", "TIME", 7)]),
    ("time_granted", {}, [mv("pool:platform", f"{VO}:time", "TIME", 7)]),
    ("frozen_time_moved", {}, [TO_CLUB]),
    ("frozen_time_moved", {"pool": CLUB}, [TO_CLUB]),
    ("frozen_time_moved", {"recipient": ""}, MOVES["frozen_time_moved"]),
    ("frozen_time_moved", {"recipient": ""}, [mv(":time", "pool:platform", "TIME", 4)]),
    ("frozen_time_moved", {"recipient": "", "pool": "platform"}, [TO_CLUB]),
    # Orders: to who served, the rest to who paid; only the payer's hours are used up.
    ("order_requested", {"order": OTHER}, MOVES["order_requested"]),
    ("order_confirmed", {"order": OTHER}, PAY),
    ("order_confirmed", {"provider": CLUB}, PAY),
    ("order_confirmed", {"volunteer": CLUB}, PAY),
    ("order_confirmed", {"minutes": 7, "returned_minutes": 10}, PAY),
    ("order_confirmed", {"overflow_minutes": 4}, PAY),
    ("order_confirmed", {}, [*PAY, USED_UP | {"source": f"{VO}:service:check_in"}]),
    ("order_confirmed", {}, [*PAY, RESTORED]),
    ("order_confirmed", {}, [PAY[0], PAY[1] | {"destination": f"pool:{CLUB}"}, PAY[2]]),
    ("order_settled", {}, [USED_UP]),
    ("order_cancelled", {}, [RETURNED, USED_UP]),
    ("order_cancelled", {}, [RETURNED | {"destination": f"{VO}:time"}]),
    ("order_expired", {"returned_minutes": 0}, [RETURNED]),
    # Hours that a redemption used up are its holder's, and so are those that come back.
    ("redemption_captured", {"amount": 3}, [CLAIM, BACK, RESTORED]),
    (
        "redemption_captured",
        {"amount": 3},
        [CLAIM, BACK, USED_UP | {"source": f"{VO}:service:check_in"}],
    ),
    (
        "redemption_captured",
        {"amount": 3},
        [CLAIM, USED_UP, USED_UP | {"source": f"{VO}:service:backfill"}],
    ),
    ("redemption_released", {"amount": 2}, [BACK, USED_UP]),
    ("redemption_voided", {}, [*UNDONE, USED_UP]),
    ("redemption_voided", {}, [*UNDONE, RESTORED | {"destination": f"{VO}:service:backfill"}]),
    ("redemption_voided", {"merchant": OTHER}, UNDONE),
    ("redemption_voided", {"amount": 2}, [BACK]),
    ("redemption_voided", {"amount": 17}, [*UNDONE, RESTORED]),
    # Settlement: once, and nobody else's.
    ("settlement_closed", {"points": 0}, CLAIMED),
    ("settlement_closed", {"minutes": 0}, CLAIMED),
    ("settlement_closed", {"merchant": OTHER}, CLAIMED),
    ("settlement_closed", {"points": 4, "minutes": 8}, CLAIMED),
]
EXACT: list[Case] = [
    ("qualification_recorded", HOUR, [LEARNT]),
    ("service_ported", HOUR, [PORTED]),
    ("star_granted", {}, MOVES["star_granted"]),
    ("star_granted", {"star": 4, "stars": 2}, [mv("issuer:star", ":stars", "STAR", 2)]),
    ("star_downgraded", {}, MOVES["star_downgraded"]),
    ("star_downgraded", {"stars": 2}, [mv(":stars", "issuer:star", "STAR", 2)]),
    ("credit_listed", {}, [NEW_CREDIT]),
    ("credit_listed", {"taken_back": 3}, [NEW_CREDIT, OLD_CREDIT]),
    ("credit_listed", {"points": 0, "taken_back": 3}, [OLD_CREDIT]),
    ("credit_withdrawn", {}, MOVES["credit_withdrawn"]),
    ("time_granted", {}, MOVES["time_granted"]),
    ("frozen_time_moved", {}, MOVES["frozen_time_moved"]),
    ("frozen_time_moved", {"recipient": "", "pool": CLUB}, [TO_CLUB]),
    ("order_requested", {}, MOVES["order_requested"]),
    ("order_confirmed", {}, PAY),
    ("order_settled", {}, [RETURNED]),
    (
        "order_settled",
        {"record": R, "minutes": 10, "overflow_minutes": 3, "returned_minutes": 7},
        PAY,
    ),
    ("order_cancelled", {}, [RETURNED]),
    ("order_expired", {}, [RETURNED]),
    ("redemption_voided", {}, UNDONE),
    ("settlement_closed", {}, CLAIMED),
    ("settlement_closed", {}, CLAIMED[::-1]),
    ("settlement_closed", {"redemptions": CLUB, "lines": 1, "points": 0}, CLAIMED[1:]),
    ("settlement_closed", {"redemptions": OTHER, "lines": 1, "minutes": 0}, CLAIMED[:1]),
    ("redemption_refunded", {}, MOVES["redemption_refunded"]),
]
"""Entries whose postings are all said by their facts: each amount, each account, how many."""
ELSEWHERE = {
    "SERVICE": f"{VO}:service:check_in",
    "TIME": f"merchant:{OTHER}:claims",
    "POINT": f"merchant:{OTHER}:claims",
    "STAR": f"{VO}:stars",
    "CREDIT": f"{VO}:credit",
}
"""An account that may hold the asset, and has no part in any of them."""


def bent(moves: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The same postings with one of them changed, missing or there twice, and one more."""
    yield "none at all", []
    yield "one more", [*moves, mv("issuer:point", "lapsed", "POINT", 1)]
    for at, move in enumerate(moves):
        before, after = moves[:at], moves[at + 1 :]
        elsewhere = ELSEWHERE[move["asset"]]
        yield "missing", [*before, *after]
        yield "twice", [*moves, move]
        yield "more", [*before, move | {"amount": move["amount"] + 1}, *after]
        yield "from elsewhere", [*before, move | {"source": elsewhere}, *after]
        yield "to elsewhere", [*before, move | {"destination": elsewhere}, *after]
        yield (
            "back",
            [
                *before,
                move | {"source": move["destination"], "destination": move["source"]},
                *after,
            ],
        )
        if move["amount"] > 1:
            yield "less", [*before, move | {"amount": move["amount"] - 1}, *after]


@pytest.mark.parametrize("case", EXACT, ids=lambda case: case[0])
def test_what_facts_say_of_postings_is_held_to_each_of_them(case: Case, tmp_path: Path) -> None:
    kind, facts, moves = case
    verdict = one_more_with(tmp_path / "good", kind, facts, moves)
    assert verdict.exit_code == 0, verdict.reason
    for number, (what, others) in enumerate(bent(moves)):
        verdict = one_more_with(tmp_path / str(number), kind, facts, others)
        found = (verdict.verdict, verdict.check, verdict.first_bad_index)
        assert found == ("refuted", "postings", HERE), (what, others, verdict.reason)


@pytest.mark.parametrize("kind", ["order_confirmed", "order_settled"])
def test_nobody_is_served_by_themselves(kind: str, tmp_path: Path) -> None:
    """Both sums would be the same one, so neither would say anything."""
    facts = {"provider": R, "minutes": 20, "overflow_minutes": 0, "returned_minutes": 20}
    refused(one_more_with(tmp_path / "b", kind, facts, [RETURNED]), "facts", HERE)


def test_a_star_that_nobody_holds_cannot_be_taken(tmp_path: Path) -> None:
    moves = [mv(":stars", "issuer:star", "STAR", 3)]
    refused(one_more_with(tmp_path / "b", "star_downgraded", {"stars": 3}, moves), "balance", HERE)


def test_claims_are_settled_once(tmp_path: Path) -> None:
    log = begun()
    for _ in range(2):
        log.add("settlement_closed", FACTS["settlement_closed"], *CLAIMED)
    refused(check(log.bundle(tmp_path / "b")), "balance", HERE + 1)


def test_a_kind_may_carry_no_other_postings(tmp_path: Path) -> None:
    for number, (kind, facts, moves) in enumerate(MAY_NOT):
        verdict = one_more_with(tmp_path / str(number), kind, facts, moves)
        found = (verdict.verdict, verdict.check, verdict.first_bad_index)
        assert found == ("refuted", "postings", HERE), (kind, facts, moves, verdict.reason)
