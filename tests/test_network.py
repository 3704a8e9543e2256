"""Limits by address count one subscriber as one, however many addresses they may choose from."""

from __future__ import annotations

import pytest

from ledger.network import network_of
from ledger.vault.codes import CodeBox


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("64:ff9b::192.0.2.7", "192.0.2.7"),
        ("2002:c000:207::1", "192.0.2.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_address_counts_as_whoever_could_choose_it(address: str, network: str) -> None:
    """IPv4 as itself, inside IPv6 too; IPv6 as its first 64 bits; anything else as it stands."""
    assert network_of(address) == network


def test_what_is_counted_under_is_one_for_a_network_and_never_the_address() -> None:
    codes = CodeBox(bytes(32))
    first, *others = [codes.place(f"2001:db8:1:2::{n:x}") for n in range(1, 200)]
    assert set(others) == {first}
    assert codes.place("2001:db8:1:3::1") != first
    assert codes.place("192.0.2.7") != codes.place("192.0.2.8")
    assert "2001" not in first
