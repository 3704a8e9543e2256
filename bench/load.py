"""A load generator: many keep-alive connections, one loop, as little Python as possible.

The same generator drives both sides of a ratio, in a process of its own, so whatever it costs is
in both. It speaks just enough HTTP/1.1 for answers with a Content-Length.
"""

from __future__ import annotations

import itertools
import multiprocessing
import select
import socket
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

RECEIVED_MAX = 65_536
SILENCE_SECONDS_MAX = 30


@dataclass(slots=True)
class Answers:
    """What came back. `latencies` in ms; `examples` has one body of each status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    examples: dict[int, bytes] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentiles(self) -> tuple[float, float]:
        """Median and 99th percentile, ms."""
        hundredths = statistics.quantiles(self.latencies, n=100)
        return hundredths[49], hundredths[98]


@dataclass(slots=True)
class Connection:
    """One connection with its request under way."""

    socket: socket.socket
    sent: float = 0.0
    received: bytes = b""

    def send(self, request: bytes) -> None:
        """Begin a request; it fits into the kernel's buffer, as nothing else is in it."""
        self.received = b""
        self.sent = time.perf_counter()
        if self.socket.send(request) != len(request):
            raise RuntimeError("a request did not go out in one piece")

    def answer(self) -> tuple[int, bytes] | None:
        """(status, body) once all of it is here."""
        piece = self.socket.recv(RECEIVED_MAX)
        if not piece:
            raise RuntimeError("the server hung up")
        self.received = received = self.received + piece
        end = received.find(b"\r\n\r\n")
        if end < 0:
            return None
        length = received[:end].lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        body = received[end + 4 :]
        if len(body) < int(length):
            return None
        return int(received[9:12]), body


def load_elsewhere(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: float | None = None,
) -> Answers:
    """`load` in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(load, (port, requests, connections, seconds))


def load(port: int, requests: Sequence[bytes], connections: int, seconds: float | None) -> Answers:
    """Send each request once, or a single one for `seconds`, over so many connections."""
    forever = seconds is not None and len(requests) == 1
    waiting = itertools.repeat(requests[0]) if forever else iter(requests)
    answers = Answers()
    poll = select.epoll()
    open_connections = {}
    for _ in range(connections):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        open_connections[sock.fileno()] = Connection(sock)
        poll.register(sock.fileno(), select.EPOLLIN)
    start = time.perf_counter()
    _drive(poll, open_connections, waiting, start + (seconds or float("inf")), answers)
    answers.seconds = time.perf_counter() - start
    for connection in open_connections.values():
        connection.socket.close()
    poll.close()
    return answers


def _drive(
    poll: select.epoll,
    connections: dict[int, Connection],
    waiting: Iterator[bytes],
    end: float,
    answers: Answers,
) -> None:
    busy = 0
    for connection, request in zip(connections.values(), waiting, strict=False):
        connection.send(request)
        busy += 1
    while busy:
        ready = poll.poll(SILENCE_SECONDS_MAX)
        if not ready:
            raise RuntimeError(f"the server was silent for {SILENCE_SECONDS_MAX} seconds")
        for handle, _ in ready:
            connection = connections[handle]
            answer = connection.answer()
            if answer is None:
                continue
            now = time.perf_counter()
            answers.latencies.append((now - connection.sent) * 1000)
            answers.statuses[answer[0]] += 1
            answers.examples.setdefault(*answer)
            following = next(waiting, None) if now < end else None
            if following is None:
                busy -= 1
            else:
                connection.send(following)
