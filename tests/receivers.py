"""A receiver of webhooks on this machine, that does what a test tells it to."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from api.webhook_transport import Outcome


@dataclass(frozen=True)
class Taken:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> Any:
        return json.loads(self.body)

    def verify(self, whpk: str) -> None:
        """By the published key alone, with code that shares nothing with the ledger's."""
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(whpk.removeprefix("whpk_")))
        stamp = self.headers["webhook-timestamp"]
        scheme, _, signature = self.headers["webhook-signature"].partition(",")
        assert scheme == "v1a"
        key.verify(base64.b64decode(signature), f"{self.id}.{stamp}.".encode() + self.body)


Answering = Callable[[BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Answering:
    """Answer with a status and nothing else."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def sleeping(seconds: float) -> Answering:
    """Say nothing for a while."""

    def answer(_handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)

    return answer


class Receiver:
    """Listens on loopback. `answers` are used up in turn; then everything is taken."""

    def __init__(self) -> None:
        self.answers: list[Answering] = []
        self.taken: list[Taken] = []
        self.tls: ssl.SSLContext | None = None
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    def listen(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.taken.append(Taken(self.path, headers, body))
                answer = receiver.answers.pop(0) if receiver.answers else status(204)
                answer(self)

            def log_message(self, *_said: Any) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def hang_up(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told?secret=4711"


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    receiver.tls = tls
    receiver.listen()
    try:
        yield receiver
    finally:
        receiver.hang_up()


class Post:
    """What carries messages where no network is wanted. `outcomes` are used up in turn."""

    def __init__(self, *outcomes: Outcome, always: Outcome | None = None) -> None:
        self.outcomes = list(outcomes)
        self.always = always or Outcome(status=204)
        self.taken: list[Taken] = []
        self.slowly = 0.0
        self._lock = threading.Lock()

    def post(self, url: str, headers: dict[str, str], body: bytes) -> Outcome:
        time.sleep(self.slowly)
        with self._lock:
            self.taken.append(Taken(url, headers, body))
            return self.outcomes.pop(0) if self.outcomes else self.always

    @property
    def types(self) -> list[str]:
        return [each.message["type"] for each in self.taken]
