"""Where a request came from, as limits count it. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Final

from ledger.webhooks.address import unwrapped

SUBSCRIBER_BITS: Final = 64
"""Whoever has one IPv6 address has all with the same first 64 bits (RFC 4291 §2.5.1, RFC 6177)."""


def network_of(address: str) -> str:
    """The network that a limit counts a request from `address` under.

    An IPv4 address counts as itself, also where it is written or carried inside an IPv6 one
    (mapped, 6to4, NAT64). An IPv6 address counts as its /64: all of those are one subscriber's,
    who could else use a new one for each try. What is no address, such as that of a socket in the
    file system or "", counts as it stands. Every limit by address is counted under this.
    """
    try:
        given = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    real = unwrapped(given)
    if isinstance(real, IPv4Address):
        return str(real)
    return str(IPv6Network((int(real), SUBSCRIBER_BITS), strict=False))
