"""Two real servers on one PostgreSQL, as `sidereal serve` starts them, and people who ask at once.

What happens between processes is tested between processes: each server is one of its own with a
sequencer of its own, both log in as the writer, and time is the machine's. The ledger's owner sits
in the test's own process, a third sequencer.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import make_url
from werkzeug.serving import run_simple

from api import serve
from api.settings import Settings
from ledger import codes
from ledger.actions import Action
from ledger.actions.parties import RegisterOperator, RegisterVolunteer
from ledger.actions.rewards import Reserve
from ledger.book import CONSOLE, Book
from ledger.clock import SystemClock
from ledger.door import tokens
from ledger.door.asking import Asking
from ledger.errors import Refused
from ledger.founding import found
from ledger.sequencer import Result
from ledger.store import tables
from tests.kit import TODAY, FakeClock, Till, Town
from tests.postgres import PostgresServer

ROOT: Final = Path(__file__).resolve().parent.parent
START_SECONDS_MAX: Final = 60
SILENCE_SECONDS_MAX: Final = 30
PUBLIC_URL: Final = "https://ledger.example"
"""Both servers are one to those who ask, behind whatever shares the requests out."""
AT_ONCE: Final = 8
"""How many ask at the same instant, at most."""
FOUNDED_BEHIND_MS: Final = 90_000
DOOM: Final = "doom"
"""A file in the ledger's home that names the step at which a doomed server dies."""


def key() -> str:
    """An idempotency key that was never used."""
    return f"doubt-{secrets.token_hex(12)}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: Mapping[str, Any]
    replayed: bool

    @property
    def code(self) -> str:
        """The code of a problem, "" of anything else."""
        return str(self.body.get("code", ""))

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts of a problem."""
        found: Mapping[str, Any] = self.body["facts"]
        return found


@dataclass(frozen=True, slots=True)
class Voucher:
    """A reservation that waits to be taken, and the holder's code for it."""

    redemption: str
    holder: str
    code: str


class Server:
    """One server and a connection to it for each of those who ask at once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._lines = [
            HTTPConnection("127.0.0.1", port, timeout=SILENCE_SECONDS_MAX) for _ in range(AT_ONCE)
        ]

    def post(self, token: str, path: str, body: Any, *, key: str, line: int = 0) -> Reply:
        """A write over the connection number `line`, which nobody else may be using."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        connection = self._lines[line]
        connection.request("POST", f"/v1{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        return Reply(answer.status, said, answer.headers.get("Idempotency-Replayed") == "true")

    def hang_up_after(self, token: str, path: str, body: Any, *, key: str) -> None:
        """Send a write and be gone before its answer."""
        content = json.dumps(body).encode()
        lines = [
            f"POST /v1{path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {token}",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
            f"Idempotency-Key: {key}",
        ]
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode() + content)

    def close(self) -> None:
        """Hang up."""
        for each in self._lines:
            each.close()


Request = Callable[[int], Reply]
"""Asks over the connection of this number."""


class LateClock:
    """The machine's clock, some milliseconds behind: a reservation made by it expires earlier."""

    def __init__(self, behind_ms: int) -> None:
        self.behind_ms = behind_ms
        self._clock = SystemClock()

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return self._clock.now_ms() - self.behind_ms


class Street:
    """A founded ledger on PostgreSQL, two servers of it, and the people who come to them."""

    def __init__(self, book: Book, clock: LateClock, writer_url: str) -> None:
        self.book = book
        self.clock = clock
        self.writer_url = writer_url
        self.town = Town(book, FakeClock(TODAY))
        # These stories are told by the machine's clock, and nobody waits a day for a settlement.
        self.town.rules({"redeem.void_hours": 0})
        self.servers: list[Server] = []
        self._pool = ThreadPoolExecutor(AT_ONCE)
        # Nobody here waits a day until a capture can be settled.
        self.town.rules({"redeem.void_hours": 0})
        operator = book.new_id()
        self.town.do(RegisterOperator(operator=operator))
        self.operator = self.token(f"operator:{operator}", "operator")

    @property
    def home(self) -> Path:
        """Keys, heads and the vault."""
        return self.book.home

    @property
    def vault_url(self) -> str:
        """The vault that both servers share."""
        return f"sqlite:///{self.home}/vault.db"

    @property
    def owner_url(self) -> str:
        """The ledger's database, as its owner sees it."""
        return self.book.database.url

    def settings(self, port: int = 8080) -> Settings:
        """How this ledger is served."""
        return Settings(
            home=self.home,
            database_url=self.writer_url,
            vault_url=self.vault_url,
            port=port,
            public_url=PUBLIC_URL,
        )

    def close(self) -> None:
        """Go home."""
        for each in self.servers:
            each.close()
        self._pool.shutdown()
        self.book.close()

    def at_once(self, *asked: Request) -> list[Reply]:
        """Every request in the same instant, each over a connection of its own."""
        barrier = threading.Barrier(len(asked))

        def ask(line: int) -> Reply:
            barrier.wait(SILENCE_SECONDS_MAX)
            return asked[line](line)

        return list(self._pool.map(ask, range(len(asked))))

    def together(self, *work: Callable[[], Any]) -> list[Any]:
        """Everything that takes a while, side by side."""
        return [each.result() for each in [self._pool.submit(each) for each in work]]

    def token(self, party: str, role: str, *, terminal: str = "") -> str:
        """A token made at the command line."""
        ask = Asking(book=self.book, caller=CONSOLE, key=key(), request=b"[]")
        return tokens.issue(ask, party=party, role=role, terminal=terminal)[1]

    def till_token(self, till: Till) -> str:
        """The token of a till."""
        return self.token(f"merchant:{till.merchant}", "merchant", terminal=till.terminal)

    def coffee(self, till: Till, *, title: str) -> str:
        """A reward for one point, with words about it in the vault."""
        text = self.book.vault.seal_text({"title": title}, at=self.book.clock.now_ms())
        return self.town.reward(till, text=text)

    def holders(self, count: int) -> list[str]:
        """So many volunteers with eight points each."""
        people = [self.book.new_id() for _ in range(count)]
        self._all([RegisterVolunteer(volunteer=who) for who in people])
        self._all([self.town.session(who, "2024-03-04 09:00", "17:00") for who in people])
        return people

    def vouchers(self, reward: str, holders: Sequence[str]) -> list[Voucher]:
        """A reservation for each of them."""
        made = [
            Voucher(
                self.book.new_id(), who, codes.make_code(secrets.token_bytes(codes.RANDOM_BYTES))
            )
            for who in holders
        ]
        box = self.book.codes
        rows = [
            (
                tables.codes,
                (box.fingerprint(each.code), each.redemption, box.seal(each.redemption, each.code)),
            )
            for each in made
        ]
        wanted: list[Action] = [
            Reserve(redemption=each.redemption, volunteer=each.holder, reward=reward, quantity=1)
            for each in made
        ]
        self._all(wanted, rows)
        return made

    def _all(
        self,
        wanted: Sequence[Action],
        rows: Sequence[tuple[Any, Sequence[Any]]] = (),
    ) -> None:
        def beside(_results: Sequence[Result]) -> Sequence[tuple[Any, Sequence[Any]]]:
            return rows

        asks = [(action, key(), None) for action in wanted]
        for result in self.book.record_all(asks, caller=CONSOLE, beside=beside):
            if isinstance(result, Refused):
                raise result


@contextmanager
def street(folder: Path) -> Iterator[Street]:
    """Found a ledger, serve it twice, and take everything away again."""
    home = folder / "home"
    with PostgresServer(durable=True) as server:
        owner = server.create_database()
        # Founded a little in the past, so that one story can begin there.
        clock = LateClock(FOUNDED_BEHIND_MS)
        book = found(home, database_url=owner, vault_url=f"sqlite:///{home}/vault.db", clock=clock)
        book.signer.release()
        made = Street(book, clock, _writer_login(owner))
        try:
            with served(made) as first, served(made) as second:
                made.servers = [first, second]
                yield made
        finally:
            made.close()
            _drop_login(owner, made.writer_url)


def _writer_login(owner_url: str) -> str:
    """The same database for a login that may add entries and never change one."""
    name = f"till_{secrets.token_hex(6)}"
    _as_owner(owner_url, f"CREATE ROLE {name} LOGIN IN ROLE sidereal_writer PASSWORD '{name}'")
    login = make_url(owner_url).set(username=name, password=name)
    return login.render_as_string(hide_password=False)


def _drop_login(owner_url: str, writer_url: str) -> None:
    _as_owner(owner_url, f"DROP ROLE {make_url(writer_url).username}")


def _as_owner(url: str, statement: str) -> None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def served(ledger: Street) -> Iterator[Server]:
    """`sidereal serve` in a process of its own."""
    port = _free_port()
    environment = {
        **os.environ,
        "SIDEREAL_HOME": str(ledger.home),
        "SIDEREAL_DATABASE_URL": ledger.writer_url,
        "SIDEREAL_VAULT_URL": ledger.vault_url,
        "SIDEREAL_CHECKPOINT_SECONDS": "1",
        "SIDEREAL_PUBLIC_URL": PUBLIC_URL,
    }
    program = [sys.executable, "-c", "from api.cli import main; main()"]
    command = [*program, "serve", "--port", str(port), "--threads", "16"]
    log = ledger.home / f"server-{port}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    try:
        _await(port, lambda: process.poll() is None, log)
        server = Server(port)
        yield server
        server.close()
    finally:
        process.terminate()
        process.wait(START_SECONDS_MAX)


@contextmanager
def doomed(ledger: Street) -> Iterator[Server]:
    """A server that dies as by `kill -9` once it reaches the step that file `DOOM` names."""
    port = _free_port()
    log = ledger.home / f"server-{port}.log"
    process = multiprocessing.get_context("spawn").Process(
        target=_serve_doomed, args=(ledger.settings(port), log)
    )
    process.start()
    try:
        _await(port, process.is_alive, log)
        server = Server(port)
        yield server
        server.close()
    finally:
        (ledger.home / DOOM).unlink(missing_ok=True)
        process.terminate()
        process.join(START_SECONDS_MAX)


def _serve_doomed(settings: Settings, log: Path) -> None:
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    app: Any = serve.load(settings)
    doom = settings.home / DOOM

    def reached(step: str) -> None:
        if doom.exists() and doom.read_text() == step:
            os.kill(os.getpid(), signal.SIGKILL)

    app.extensions["sidereal"].book._sequencer._reached = reached
    run_simple("127.0.0.1", settings.port, app, threaded=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _await(port: int, alive: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if not alive() or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start: {log.read_text()[-4_000:]}")
        time.sleep(0.05)
