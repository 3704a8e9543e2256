"""One attempt to hand a message to a receiver, over a connection that goes where it may (trust §8).

The name is resolved once, every address must be one that messages may go to, and the connection
is made to one of these very addresses, so that no second answer of a name server leads it away.
Redirects are not followed. All of it takes at most `ATTEMPT_S`, however slowly the other side
drips; at most `ANSWER_BYTES_MAX` of the answer are read, and nothing but its status is kept.
"""

from __future__ import annotations

import io
import re
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from ipaddress import ip_address
from time import monotonic
from typing import Any, Final, NamedTuple

from ledger.errors import Refused
from ledger.webhooks.address import Network, Target, refuse_addresses, target_of

ATTEMPT_S: Final = 5.0
ANSWER_BYTES_MAX: Final = 65_536
PIECE_BYTES: Final = 8_192
RESOLVERS: Final = 32
"""So many names are looked up at once: a resolver may hang several times as long as an attempt."""
AGENT: Final = "Sidereal-Webhooks/1"
_SECONDS: Final = re.compile(r"[0-9]{1,6}", re.ASCII)

Place = tuple[int, Any]
"""(address family, socket address) as the resolver gives them."""
Resolver = Callable[[str, int], Sequence[Place]]


class Outcome(NamedTuple):
    """What came of an attempt: the HTTP status or 0, and a word for what kept one from coming."""

    status: int = 0
    fault: str = ""
    """`not_allowed` (address or spelling), `unresolved`, `refused`, `timeout`, `tls`, `broken`"""
    wait_s: int = 0
    """How long the receiver asks us to wait; 0 where it does not."""

    @property
    def ok(self) -> bool:
        """Whether the message was taken."""
        return 200 <= self.status <= 299


def look_up(host: str, port: int) -> Sequence[Place]:
    """The addresses of a name, as this machine's resolver has them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


class Transport:
    """Makes attempts; usable from many threads. `close()` when done.

    `networks` are those that the operator allows although they are not global.
    """

    def __init__(
        self,
        networks: Sequence[Network] = (),
        *,
        resolve: Resolver = look_up,
        context: ssl.SSLContext | None = None,
        seconds: float = ATTEMPT_S,
    ) -> None:
        self._networks = tuple(networks)
        self._resolve = resolve
        self._context = context or ssl.create_default_context()
        self._seconds = seconds
        # A resolver cannot be told to give up, so it is asked in threads that may be left behind.
        self._resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="sidereal-resolver")

    def close(self) -> None:
        """Ask for no more names."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send `body` to `url`, once."""
        deadline = monotonic() + self._seconds
        try:
            target = target_of(url, self._networks)
            places = self._places(target, deadline)
            refuse_addresses(
                target, [ip_address(address[0]) for _, address in places], self._networks
            )
        except Refused:
            return Outcome(fault="not_allowed")
        except socket.gaierror:
            return Outcome(fault="unresolved")
        except TimeoutError:
            return Outcome(fault="timeout")
        try:
            with self._connected(target, places, deadline) as connection:
                _tell(connection, target, headers, body, deadline)
                return _answer(connection, deadline)
        except TimeoutError:
            return Outcome(fault="timeout")
        except ssl.SSLError:
            return Outcome(fault="tls")
        except ConnectionRefusedError:
            return Outcome(fault="refused")
        except (OSError, HTTPException):
            return Outcome(fault="broken")

    def _places(self, target: Target, deadline: float) -> Sequence[Place]:
        asked = self._resolvers.submit(self._resolve, target.host, target.port)
        try:
            return asked.result(timeout=_left(deadline))
        except TimeoutError:
            # Nobody waits for it any more; one that has begun cannot be told so.
            asked.cancel()
            raise
        except UnicodeError as odd:
            raise socket.gaierror(f"the resolver cannot read the name: {odd}") from odd

    def _connected(self, target: Target, places: Sequence[Place], deadline: float) -> socket.socket:
        """A connection to the first of these places that takes one."""
        for number, (family, address) in enumerate(places, 1):
            plain = socket.socket(family, socket.SOCK_STREAM)
            try:
                plain.settimeout(_left(deadline))
                plain.connect(address)
                if target.scheme == "http":
                    return plain
                plain.settimeout(_left(deadline))
                return self._context.wrap_socket(plain, server_hostname=target.host)
            except BaseException as failure:
                plain.close()
                # Another place is tried only where this one cannot be reached at all.
                unreachable = isinstance(failure, OSError) and not isinstance(
                    failure, TimeoutError | ssl.SSLError
                )
                if not unreachable or number == len(places):
                    raise
        raise ConnectionRefusedError(f"{target.host} has no address")


def _tell(
    connection: socket.socket,
    target: Target,
    headers: Mapping[str, str],
    body: bytes,
    deadline: float,
) -> None:
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.host_header}",
        f"User-Agent: {AGENT}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        "",
    ]
    connection.settimeout(_left(deadline))
    connection.sendall("\r\n".join(lines).encode("ascii") + body)


def _answer(connection: socket.socket, deadline: float) -> Outcome:
    answer = HTTPResponse(_Wire(connection, deadline), method="POST")  # type: ignore[arg-type]
    try:
        answer.begin()
        asked = answer.getheader("Retry-After", "")
        wait = int(asked) if _SECONDS.fullmatch(asked) else 0
        # The status decides. The rest is read so that the other side can finish its sentence, and
        # if it breaks off, takes too long, goes on for ever or makes no sense, that changes
        # nothing. (A chunk of fewer than no bytes is a ValueError of `http.client`'s.)
        with suppress(OSError, HTTPException, ValueError):
            while answer.read(PIECE_BYTES):
                pass
        return Outcome(status=answer.status, wait_s=wait)
    finally:
        answer.close()


class _Wire(io.RawIOBase):
    """What comes back: until the deadline, and no more of it than is read of any answer."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        super().__init__()
        self._connection = connection
        self._deadline = deadline
        self._bytes_left = ANSWER_BYTES_MAX

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What `http.client` asks of a socket."""
        return io.BufferedReader(self, PIECE_BYTES)

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes; 0 at the end, which is also where the limit is."""
        wanted = min(len(buffer), self._bytes_left)
        if not wanted:
            return 0
        self._connection.settimeout(_left(self._deadline))
        count = self._connection.recv_into(buffer, wanted)
        self._bytes_left -= count
        return count


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError("the attempt has taken too long")
    return left
