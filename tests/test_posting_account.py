"""A posting cannot be wrong, and an address says how far its balance may fall."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import account
from ledger.posting import AMOUNT_MAX, Posting

FROM, TO = "issuer:time", "volunteer:ana:time"


@given(st.integers(1, AMOUNT_MAX))
def test_any_whole_amount_from_one_up_can_move(amount: int) -> None:
    assert Posting(FROM, TO, "TIME", amount).amount == amount


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_MAX + 1, 1.0, "1", True, None])
def test_no_other_amount_can(amount: Any) -> None:
    with pytest.raises(ValueError, match="a posting moves"):
        Posting(FROM, TO, "TIME", amount)


def test_value_does_not_move_in_a_circle() -> None:
    with pytest.raises(ValueError, match="two accounts"):
        Posting(TO, TO, "TIME", 1)


@pytest.mark.parametrize("asset", ["", "time", "CNY", "TIME "])
def test_there_are_five_assets(asset: str) -> None:
    with pytest.raises(ValueError, match="no asset"):
        Posting(FROM, TO, asset, 1)
    assert len(account.ASSETS) == 5


@pytest.mark.parametrize(
    ("address", "owner", "purse"),
    [
        ("volunteer:a:points:2029-11-30", "volunteer:a", "points:2029-11-30"),
        ("volunteer:a:service:check_in", "volunteer:a", "service:check_in"),
        ("volunteer:a:time", "volunteer:a", "time"),
        ("merchant:m:claims", "merchant:m", "claims"),
        ("held:r", "held:r", ""),
        ("pool:platform", "pool:platform", ""),
        ("issuer:point", "issuer:point", ""),
        ("lapsed", "lapsed", ""),
    ],
)
def test_an_address_is_an_owner_and_a_purse(address: str, owner: str, purse: str) -> None:
    assert account.split(address) == (owner, purse)


@pytest.mark.parametrize(
    ("address", "floor"),
    [
        (account.time_of("a"), 0),
        (account.points_of("a", "2029-11-30"), 0),
        (account.service_of("a", "check_in"), 0),
        (account.service_of("a", "backfill"), 0),
        (account.held("r"), 0),
        (account.claims_of("m"), 0),
        (account.pool("platform"), 0),
        (account.LAPSED, 0),
        (account.owed_of("a", "TIME"), None),
        (account.owed_of("a", "POINT"), None),
        *((issuer, None) for issuer in account.ISSUERS.values()),
    ],
)
def test_only_issuers_and_debts_fall_below_zero(address: str, floor: int | None) -> None:
    assert account.floor_of(address, 0) == floor


def test_an_overdraft_is_for_saved_time_alone() -> None:
    assert account.floor_of(account.time_of("a"), 600) == -600
    assert account.floor_of(account.points_of("a", "2029-11-30"), 600) == 0
    assert account.floor_of(account.service_of("a", "check_in"), 600) == 0
