"""Where a message may go (trust §8): a global address, on a port of HTTPS, spelt in one way.

What a name resolves to is asked when a message is sent, of every address that comes back, and the
connection goes to one of those very addresses. An operator may allow networks of their own; then
plain HTTP and any port will do there. Pure: nothing is looked up here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from ledger.errors import Refused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

URL_CHARACTERS_MAX: Final = 2_000
PORTS: Final = (443, 8443)
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_VISIBLE: Final = re.compile(r"[!-~]+", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
"""Resolvers read a name that ends so as an IPv4 address, in a dozen spellings."""

# Addresses that stand for an IPv4 address: how many bits come before it.
_MAPPED: Final = (
    (IPv6Network("::ffff:0:0/96"), 96),
    (IPv6Network("::ffff:0:0:0/96"), 96),
    (IPv6Network("64:ff9b::/96"), 96),
    (IPv6Network("2002::/16"), 16),
    (IPv6Network("::/96"), 96),
)
_NOT_GLOBAL: Final = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
"""The special-purpose networks of IANA's registry, multicast and what is kept for the future."""
_GLOBAL_6: Final = IPv6Network("2000::/3")
_NOT_GLOBAL_6: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))


class Target(NamedTuple):
    """Where a URL leads: `host` a name in lower case or an address, `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str, allowed: Sequence[Network] = ()) -> Target:
    """Where `url` leads. Refuses with `bad_webhook_url`, and with `address_not_global` for a
    literal address that messages may not go to."""
    if len(url) > URL_CHARACTERS_MAX or not _VISIBLE.fullmatch(url) or "\\" in url:
        raise _bad(f"it has at most {URL_CHARACTERS_MAX} visible characters of ASCII, no backslash")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad("it cannot be read") from None
    if parts.scheme not in ("https", "http"):
        raise _bad("it begins with https://")
    if "@" in parts.netloc:
        raise _bad("it has no user name and no password; put a secret into its path")
    if "#" in url:
        raise _bad("it has no fragment")
    host = parts.hostname or ""
    # What a URL's reader makes of the address must be what stands there.
    written = parts.netloc.lower()
    shown = f"[{host}]" if ":" in host else host
    if written not in (shown, f"{shown}:{port}"):
        raise _bad("its host and port are written the usual way")
    literal = _literal(host)
    target = Target(
        parts.scheme,
        str(literal) if literal is not None else host,
        port if port is not None else _DEFAULT_PORTS[parts.scheme],
        (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )
    if literal is not None:
        refuse_addresses(target, [literal], allowed)
    elif not allowed:
        _refuse_plain(target)
    return target


def refuse_addresses(
    target: Target, addresses: Iterable[Address], allowed: Sequence[Network] = ()
) -> None:
    """Return if a message for `target` may go to all of these addresses, and there is one.

    Refuses with `address_not_global`, and with `bad_webhook_url` for plain HTTP or another port
    outside the networks that are allowed.
    """
    every = [(each, unwrapped(each)) for each in addresses]
    inside = [any(_within(each, network) for network in allowed for each in both) for both in every]
    if not every or not all(
        within or is_global(real) for within, (_, real) in zip(inside, every, strict=True)
    ):
        raise Refused(
            "address_not_global",
            "messages go to public addresses only, and this is, or resolves to, another; give an"
            " address that the internet reaches, or ask the operator to allow the network",
        )
    if not all(inside):
        _refuse_plain(target)


def unwrapped(address: Address) -> Address:
    """The address that packets would come to: IPv4 inside a mapped, translated, 6to4, NAT64 or
    compatible form; otherwise the same."""
    if isinstance(address, IPv6Address):
        for network, before in _MAPPED:
            if address in network:
                return IPv4Address(int(address) >> (96 - before) & 0xFFFF_FFFF)
    return address


def is_global(address: Address) -> bool:
    """Whether the internet at large reaches an address that is unwrapped already.

    Written out, because what the standard library says differs between its versions and counts
    multicast.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_GLOBAL)
    return (
        address in _GLOBAL_6
        and address.scope_id is None
        and not any(address in network for network in _NOT_GLOBAL_6)
    )


def networks_of(text: str) -> tuple[Network, ...]:
    """Networks from a list such as `10.1.0.0/16, fd00::/8`. Raises ValueError."""
    return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())


def _within(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def _literal(host: str) -> Address | None:
    """The address that `host` spells, None for a name. Refuses with `bad_webhook_url`."""
    if ":" in host:
        if "%" in host:
            raise _bad("an address in it has no zone")
        try:
            return ip_address(host)
        except ValueError:
            raise _bad("its address is not one") from None
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return IPv4Address(host)
        except ValueError:
            raise _bad("an IPv4 address is written as four decimals") from None
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _bad("its host is a name of the internet, in ASCII (xn--…), or an address")
    return None


def _refuse_plain(target: Target) -> None:
    if target.scheme != "https":
        raise _bad("it begins with https://")
    if target.port not in PORTS:
        raise _bad(f"its port is {' or '.join(map(str, PORTS))}")


def _bad(why: str) -> Refused:
    return Refused("bad_webhook_url", f"this is no address for a webhook: {why}")
