"""The verifier: which accounts there are, what they hold, and how far down they may go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audit.accounts import Book
from audit.verdict import Refuted
from tests import forge
from tests.every_kind import FACTS, HERE, SERVED, VR, R, one_more_with
from tests.forge import ANA, CLUB, SHOP, VINTAGE, Forger, posting
from tests.verifying import check, refused

V = f"volunteer:{ANA}"


@pytest.mark.parametrize(
    ("source", "destination", "asset", "name"),
    [
        ("issuer:service", f"{V}:service:check_in", "SERVICE", None),
        ("issuer:service", f"{V}:service:backfill", "SERVICE", None),
        ("issuer:time", f"{V}:time", "TIME", None),
        ("issuer:point", f"{V}:points:2028-02-29", "POINT", None),
        ("issuer:star", f"{V}:stars", "STAR", None),
        ("issuer:credit", f"{V}:credit", "CREDIT", None),
        (f"{V}:owed:time", "issuer:time", "TIME", None),
        (f"{V}:owed:point", "issuer:point", "POINT", None),
        ("issuer:point", f"held:{R}", "POINT", None),
        ("issuer:time", f"held:{R}", "TIME", None),
        ("issuer:point", f"merchant:{SHOP}:claims", "POINT", None),
        ("issuer:time", f"merchant:{SHOP}:claims", "TIME", None),
        ("issuer:time", f"pool:{CLUB}", "TIME", None),
        ("issuer:point", "lapsed", "POINT", None),
        # An asset where it does not belong.
        ("issuer:point", f"{V}:time", "TIME", "postings"),
        ("issuer:time", f"{V}:time", "POINT", "postings"),
        ("issuer:star", f"{V}:stars", "POINT", "postings"),
        ("issuer:point", "pool:platform", "POINT", "postings"),
        ("issuer:time", "lapsed", "TIME", "postings"),
        (f"{V}:owed:time", "issuer:point", "POINT", "postings"),
        ("issuer:service", f"held:{R}", "SERVICE", "postings"),
        # Accounts that do not exist.
        ("issuer:gold", f"{V}:time", "TIME", "postings"),
        ("issuer:time", f"{V}:savings", "TIME", "postings"),
        ("issuer:time", f"{V}:time:", "TIME", "postings"),
        ("issuer:time", "volunteer::time", "TIME", "postings"),
        ("issuer:time", f"volunteer:{ANA}a:time", "TIME", "postings"),
        ("issuer:point", f"{V}:points:2026-02-29", "POINT", "postings"),
        ("issuer:point", f"{V}:points:", "POINT", "postings"),
        ("issuer:time", "pool:nowhere", "TIME", "postings"),
        ("issuer:time", "POOL:PLATFORM", "TIME", "postings"),
        ("issuer:time", "", "TIME", "postings"),
        # One account is no movement.
        ("issuer:time", "issuer:time", "TIME", "postings"),
    ],
)
def test_an_account_holds_its_assets(
    source: str, destination: str, asset: str, name: str | None
) -> None:
    move = posting(source, destination, asset, 5)
    assert booked([move]) == (None if name is None else (name, 0))


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": "5"},
        {"asset": "MONEY"},
        {"destination": ""},
        {"destination": "VOLUNTEER"},
        {"note": ""},
    ],
)
def test_a_posting_has_its_shape(tmp_path: Path, changed: dict[str, Any]) -> None:
    log = Forger()
    log.genesis()
    facts = FACTS["service_confirmed"] | {"minutes": 60}
    log.add("service_confirmed", facts, SERVED | changed)
    folder = tmp_path / "b"
    forge.write(folder, log.lines(), log.checkpoint(), b"", forge.ORIGIN)
    refused(check(folder), "shape", 1)


def test_a_vintage_is_a_real_day(tmp_path: Path) -> None:
    for day, code in (("2028-02-29", 0), ("2027-02-29", 1), ("----------", 1)):
        earned = posting("issuer:point", f"{VR}:points:{day}", "POINT", 100)
        verdict = one_more_with(
            tmp_path / day, "service_confirmed", {"minutes": 60}, [SERVED, earned]
        )
        assert verdict.exit_code == code
        if code:
            refused(verdict, "postings", HERE)


def booked(*entries: list[dict[str, Any]], overdraft: int = 0) -> tuple[str, int] | None:
    """Which check refuses which of the entries that move what their lists say, if any does."""
    book = Book()
    book.allow_overdraft(overdraft)
    for index, moves in enumerate(entries):
        names = ("asset", "destination", "source")
        try:
            book.post(
                [
                    (b"%d" % move["amount"], *(move[name].encode() for name in names))
                    for move in moves
                ]
            )
        except Refuted as refuted:
            return refuted.check, index
    return None


EARN = posting("issuer:point", f"{V}:points:{VINTAGE}", "POINT", 100)


@pytest.mark.parametrize(
    ("source", "destination", "asset"),
    [
        (f"{V}:points:{VINTAGE}", f"held:{R}", "POINT"),
        (f"{V}:service:check_in", "issuer:service", "SERVICE"),
        (f"{V}:time", "pool:platform", "TIME"),
        (f"{V}:stars", "issuer:star", "STAR"),
        (f"{V}:credit", "issuer:credit", "CREDIT"),
        (f"held:{R}", "lapsed", "POINT"),
        (f"merchant:{SHOP}:claims", "issuer:point", "POINT"),
        ("pool:platform", f"{V}:time", "TIME"),
        ("lapsed", "issuer:point", "POINT"),
    ],
)
def test_what_is_not_there_cannot_leave(source: str, destination: str, asset: str) -> None:
    issuer = f"issuer:{asset.lower()}"
    full = [posting(issuer, source, asset, 100)]
    exactly = [posting(source, destination, asset, 100)]
    too_much = [posting(source, destination, asset, 101)]
    assert booked(full, exactly) is None
    assert booked(full, too_much) == ("balance", 1)


def test_balances_are_held_to_the_rules_after_every_entry_not_only_at_the_end() -> None:
    spend = posting(f"{V}:points:{VINTAGE}", f"held:{R}", "POINT", 100)
    assert booked([spend], [EARN]) == ("balance", 0)
    assert booked([spend, EARN]) is None


def test_what_is_owed_is_never_above_zero() -> None:
    owe = [posting(f"{V}:owed:point", "issuer:point", "POINT", 50)]
    repay = [posting("issuer:point", f"{V}:owed:point", "POINT", 50)]
    too_much = [posting("issuer:point", f"{V}:owed:point", "POINT", 51)]
    assert booked(owe, repay) is None
    assert booked(owe, too_much) == ("balance", 1)


def test_balances_stay_below_2_to_the_53rd() -> None:
    most = 2**53 - 1
    fill = [posting("issuer:time", "pool:platform", "TIME", most)]
    one = [posting("issuer:time", f"{V}:time", "TIME", 1)]
    assert booked(fill) is None
    assert booked(fill, one) == ("balance", 1)


def donate(log: Forger, minutes: int) -> None:
    facts = {"volunteer": ANA, "pool": "platform", "minutes": minutes}
    log.add("time_donated", facts, posting(f"{V}:time", "pool:platform", "TIME", minutes))


def test_time_goes_as_far_below_zero_as_the_most_generous_policy_so_far(tmp_path: Path) -> None:
    for overdraft, name in ((30, None), (29, "balance")):
        log = Forger()
        log.genesis()
        forge.adopt(log, tb_overdraft_min_minutes=overdraft)
        donate(log, 30)
        verdict = check(log.bundle(tmp_path / str(overdraft)))
        if name is None:
            assert verdict.exit_code == 0
        else:
            refused(verdict, name, 2)
    log = Forger()
    log.genesis()
    donate(log, 30)
    forge.adopt(log, tb_overdraft_min_minutes=30)
    refused(check(log.bundle(tmp_path / "not yet")), "balance", 1)


def test_a_stricter_policy_takes_no_overdraft_back(tmp_path: Path) -> None:
    log = Forger()
    log.genesis()
    forge.adopt(log, tb_overdraft_min_minutes=30)
    forge.adopt(log, tb_overdraft_min_minutes=0)
    donate(log, 30)
    assert check(log.bundle(tmp_path / "b")).exit_code == 0


@pytest.mark.parametrize("minutes", [-1, "30", [30]])
def test_an_overdraft_is_a_number_of_minutes(tmp_path: Path, minutes: Any) -> None:
    log = Forger()
    log.genesis()
    forge.adopt(log, tb_overdraft_min_minutes=minutes)
    refused(check(log.bundle(tmp_path / "b")), "facts", 1)
