"""What a verifier must catch among claims and settlements: docs/format.md, section 12."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.every_kind import CLEARED, FACTS, HERE, VR, R, begun, statement_digest
from tests.forge import CLUB, Forger, posting
from tests.verifying import check

SHOP = f"merchant:{R}"
SETTLED, CLAIMS, CLAWED = f"{SHOP}:settled", f"{SHOP}:claims", f"{SHOP}:clawed_back"
OTHER = "3" * 16
BRANCH = "2" * 16
REFUND = posting(CLAWED, f"{VR}:time", "TIME", 2)
ADJUST = posting(SETTLED, CLAWED, "TIME", 2)


def refunded(log: Forger) -> None:
    log.add("redemption_refunded", FACTS["redemption_refunded"], REFUND)


def stated(log: Forger, moves: list[dict[str, Any]] | None = None, **changed: Any) -> None:
    """A statement that takes the one refund off."""
    facts = FACTS["settlement_stated"] | {"refunds": CLEARED, "refunded_minutes": 2} | changed
    line = {"entry": HERE, "redemption": CLEARED, "branch": BRANCH, "asset": "TIME", "amount": 2}
    facts["digest"] = changed.get("digest") or statement_digest(facts, [], [line])
    log.add("settlement_stated", facts, *([ADJUST] if moves is None else moves))


def test_an_honest_refund_and_its_statement_pass(tmp_path: Path) -> None:
    log = begun()
    refunded(log)
    stated(log)
    assert check(log.bundle(tmp_path / "b")).exit_code == 0


def a_wrong_digest(log: Forger) -> None:
    refunded(log)
    stated(log, digest="cd" * 32)


def another_sum(log: Forger) -> None:
    refunded(log)
    stated(log, [posting(SETTLED, CLAWED, "TIME", 1)], refunded_minutes=1)


def another_branch(log: Forger) -> None:
    refunded(log)
    stated(log, branch="4" * 16)


def taken_off_twice(log: Forger) -> None:
    refunded(log)
    stated(log)
    # The accounts would bear it: something else was refunded meanwhile.
    stated(log, [], settlement="8" * 16, refunded_minutes=0)


def never_refunded(log: Forger) -> None:
    stated(log, [], refunded_minutes=0)


def refunded_twice(log: Forger) -> None:
    refunded(log)
    refunded(log)


def refunded_out_of_another_settlement(log: Forger) -> None:
    log.add("redemption_refunded", FACTS["redemption_refunded"] | {"settlement": R}, REFUND)


def refunded_for_more(log: Forger) -> None:
    more = posting(CLAWED, f"{VR}:time", "TIME", 3)
    log.add("redemption_refunded", FACTS["redemption_refunded"] | {"amount": 3}, more)


def refunded_unsettled(log: Forger) -> None:
    facts = FACTS["redemption_refunded"] | {"redemption": OTHER, "amount": 8}
    log.add("redemption_refunded", facts, posting(CLAWED, "lapsed", "POINT", 8))


def voided_after_settlement(log: Forger) -> None:
    facts = FACTS["redemption_voided"] | {"redemption": CLEARED, "amount": 2}
    log.add("redemption_voided", facts, posting(CLAIMS, f"{VR}:time", "TIME", 2))


def settled_after_settlement(log: Forger) -> None:
    once = {"redemptions": CLEARED, "lines": 1, "points": 0, "minutes": 2}
    log.add(
        "settlement_closed",
        FACTS["settlement_closed"] | once,
        posting(CLAIMS, SETTLED, "TIME", 2),
    )


def settled_unknown(log: Forger) -> None:
    once = {"redemptions": "6" * 16, "lines": 1, "points": 0, "minutes": 2}
    log.add(
        "settlement_closed",
        FACTS["settlement_closed"] | once,
        posting(CLAIMS, SETTLED, "TIME", 2),
    )


def settled_for_less(log: Forger) -> None:
    once = {"redemptions": OTHER, "lines": 1, "points": 7, "minutes": 0}
    log.add(
        "settlement_closed",
        FACTS["settlement_closed"] | once,
        posting(CLAIMS, SETTLED, "POINT", 7),
    )


def captured_twice(log: Forger) -> None:
    facts = FACTS["redemption_captured"] | {"redemption": OTHER, "amount": 1}
    set_aside = FACTS["redemption_reserved"] | {"redemption": OTHER, "amount": 1}
    log.add("redemption_reserved", set_aside, posting(f"{VR}:time", f"held:{OTHER}", "TIME", 1))
    log.add("redemption_captured", facts, posting(f"held:{OTHER}", CLAIMS, "TIME", 1))


def lines_of_nothing(log: Forger) -> None:
    facts = FACTS["settlement_stated"] | {"lines": 1}
    log.add("settlement_stated", facts | {"digest": statement_digest(facts)})


def stated_apart_from_what_it_closes(log: Forger) -> None:
    facts = FACTS["settlement_stated"] | {"settlement": CLEARED}
    log.add("settlement_stated", facts | {"digest": statement_digest(facts)})


def part(number: int, parts: int) -> dict[str, Any]:
    """The place of an entry in one answer of so many."""
    return {"key": "ab" * 16, "request": "cd" * 16, "part": number, "parts": parts}


def closing(log: Forger, **changed: Any) -> dict[str, Any]:
    """The last points are settled; gives the statement that goes with it."""
    once = {"redemptions": OTHER, "lines": 1, "points": 8, "minutes": 0}
    move = posting(CLAIMS, SETTLED, "POINT", 8)
    log.add("settlement_closed", FACTS["settlement_closed"] | once, move, **changed)
    facts = FACTS["settlement_stated"] | {"lines": 1, "points": 8}
    facts["settlement"] = FACTS["settlement_closed"]["settlement"]
    line = {"entry": 8, "redemption": OTHER, "branch": BRANCH, "asset": "POINT", "amount": 8}
    return facts | {"digest": statement_digest(facts, [line])}


def test_an_honest_settlement_and_its_statement_pass(tmp_path: Path) -> None:
    log = begun()
    facts = closing(log, idem=part(0, 2))
    log.add("settlement_stated", facts, idem=part(1, 2))
    verdict = check(log.bundle(tmp_path / "b"))
    assert verdict.exit_code == 0, verdict.reason


def stated_twice_in_one_answer(log: Forger) -> None:
    facts = closing(log, idem=part(0, 3))
    log.add("settlement_stated", facts, idem=part(1, 3))
    later = facts | {"ends": facts["ends"] + 1}
    line = {"entry": 8, "redemption": OTHER, "branch": BRANCH, "asset": "POINT", "amount": 8}
    later["digest"] = statement_digest(later, [line])
    log.add("settlement_stated", later, idem=part(2, 3))


def stated_after_another_answer(log: Forger) -> None:
    """What was closed before is stated behind something that no claim is in."""
    facts = closing(log)
    log.add("capture_noted", FACTS["capture_noted"], idem=part(0, 2))
    log.add("settlement_stated", facts, idem=part(1, 2))


def closed_and_another_stated(log: Forger) -> None:
    closing(log, idem=part(0, 2))
    facts = FACTS["settlement_stated"] | {"settlement": "8" * 16}
    facts["digest"] = statement_digest(facts)
    log.add("settlement_stated", facts, idem=part(1, 2))


def given_back_in_another_asset(log: Forger) -> None:
    """Another claim, given back the other way round, would make the accounts agree."""
    facts = FACTS["redemption_voided"] | {"redemption": CLUB, "amount": 4}
    log.add("redemption_voided", facts, posting(CLAIMS, "lapsed", "POINT", 4))


LIES: list[tuple[Callable[[Forger], None], int]] = [
    (a_wrong_digest, 1),
    (another_sum, 1),
    (another_branch, 1),
    (taken_off_twice, 2),
    (never_refunded, 0),
    (refunded_twice, 1),
    (refunded_out_of_another_settlement, 0),
    (refunded_for_more, 0),
    (refunded_unsettled, 0),
    (voided_after_settlement, 0),
    (settled_after_settlement, 0),
    (settled_unknown, 0),
    (settled_for_less, 0),
    (captured_twice, 1),
    (lines_of_nothing, 0),
    (stated_apart_from_what_it_closes, 0),
    (stated_twice_in_one_answer, 2),
    (stated_after_another_answer, 2),
    (closed_and_another_stated, 1),
    (given_back_in_another_asset, 0),
]


@pytest.mark.parametrize(("lie", "after"), LIES, ids=lambda each: getattr(each, "__name__", ""))
def test_a_lie_about_claims_is_named(
    lie: Callable[[Forger], None], after: int, tmp_path: Path
) -> None:
    """Whatever the accounts would bear: the first entry that tells it is named."""
    log = begun()
    lie(log)
    verdict = check(log.bundle(tmp_path / "b"))
    found = (verdict.verdict, verdict.check, verdict.first_bad_index)
    assert found == ("refuted", "claims", HERE + after), verdict.reason
