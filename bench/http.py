"""Verify and capture over HTTP, against an empty view on the same server (PostgreSQL, granian).

The server is the product's own with its timers, its request log (into a file) and its number of
threads; one route is added that answers `{}`. Both sides see the same connections from the same
load generator. A capture is one once-only voucher each, because a captured code is spent, and one
holder each, because a holder who captures twice within seconds is refused. Each code is verified
before it is captured, as a careful till does.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from api import serve
from api.settings import Settings as ApiSettings
from bench.figure import Figure, Settings, listed, median, take_turns
from bench.load import Answers, load_elsewhere
from bench.town import Place, batches, keyed, record_everything, require_written, settle
from ledger import codes
from ledger.actions.catalogue import PublishReward
from ledger.actions.credentials import IssueCredential
from ledger.actions.parties import RegisterBranch, RegisterMerchant, RegisterTerminal
from ledger.actions.rewards import Reserve
from ledger.book import CONSOLE, Book
from ledger.door.asking import with_its_entry
from ledger.door.tokens import ROLE_SCOPES, new_token
from ledger.sequencer import Result
from ledger.store import tables
from ledger.vault.codes import CodeBox
from tests.postgres import PostgresServer

CONNECTIONS: Final = 64
EMPTY: Final = "/bench/empty"
CAPTURE: Final = "/v1/redemptions/capture"
VERIFY: Final = "/v1/redemptions/verify"
PRICE_HUNDREDTHS: Final = 100
START_SECONDS_MAX: Final = 30


@dataclass(frozen=True, slots=True)
class Shop:
    """A till's token, and the codes of vouchers that nobody has taken yet."""

    till: str
    codes: Sequence[str]


def run(settings: Settings) -> list[Figure]:
    """Two figures."""
    captures, repetitions = settings.choose(1_000, 8_000), settings.choose(2, 3)
    seconds = settings.choose(2, 5)
    with PostgresServer(durable=True) as server:
        place = Place(home=settings.folder / "http", database_url=server.create_database())
        book = place.found()
        shop = _open_shop(book, captures * repetitions)
        requests = [
            _request("POST", CAPTURE, shop.till, book.new_id(), {"code": code})
            for code in shop.codes
        ]
        questions = [
            _request("POST", VERIFY, shop.till, body={"code": code}) for code in shop.codes
        ]
        book.close()
        with serving(place) as port:
            seen: list[Answers] = []
            taken: list[Answers] = []
            empty: list[Answers] = []

            def verify() -> float:
                first = len(seen) * captures
                seen.append(_load(port, questions[first : first + captures], None, 200))
                return seen[-1].rate

            def capture() -> float:
                first = len(taken) * captures
                taken.append(_load(port, requests[first : first + captures], None, 201))
                return taken[-1].rate

            def nothing() -> float:
                empty.append(_load(port, [_request("GET", EMPTY)], seconds, 200))
                return empty[-1].rate

            runs = take_turns(
                repetitions, {"empty view": nothing, "verify": verify, "capture": capture}
            )
            wrk = _wrk(port, seconds)
    how: dict[str, Any] = {
        "connections": CONNECTIONS,
        "server": f"granian, 1 process, {serve.THREADS} threads, PostgreSQL with fsync on",
        "captures_a_turn": captures,
        "seconds_of_empty_view": seconds,
        "repetitions": repetitions,
        "verify_ms": _milliseconds(seen),
        "capture_ms": _milliseconds(taken),
        "empty_view_ms": _milliseconds(empty),
        "runs": listed(runs),
    }
    if wrk is not None:
        how["empty_view_by_wrk"] = wrk
        how["against_empty_view_by_wrk"] = round(median(runs["capture"]) / wrk, 3)
    return [
        Figure(
            name="a capture over HTTP, PostgreSQL, 64 connections",
            value=median(runs["capture"]),
            unit="captures/s",
            baseline=median(runs["empty view"]),
            floor=0.2,
            how=how,
        ),
        Figure(
            name="a verify over HTTP, PostgreSQL, 64 connections",
            value=median(runs["verify"]),
            unit="answers/s",
            baseline=median(runs["empty view"]),
            how={"verify_ms": how["verify_ms"], "empty_view_ms": how["empty_view_ms"]},
        ),
    ]


# The shop ----------------------------------------------------------------------------------------


def _open_shop(book: Book, vouchers: int) -> Shop:
    """A till, a reward with enough pieces, and as many holders with enough points."""
    town = settle(book, vouchers)
    record_everything(book, town.sessions(book, 0, vouchers))
    merchant, branch, terminal, reward = (book.new_id() for _ in range(4))
    now = book.clock.now_ms()
    record_everything(
        book,
        [
            RegisterMerchant(merchant=merchant),
            RegisterBranch(merchant=merchant, branch=branch),
            RegisterTerminal(merchant=merchant, branch=branch, terminal=terminal),
            PublishReward(
                reward=reward,
                merchant=merchant,
                form="gift",
                asset="POINT",
                price=PRICE_HUNDREDTHS,
                stock=vouchers,
                valid_from=now - 60_000,
                valid_until=now + 86_400_000,
            ),
        ],
    )
    till = _token(book, f"merchant:{merchant}", terminal)
    reservations = [
        Reserve(redemption=book.new_id(), volunteer=volunteer, reward=reward, quantity=1)
        for volunteer in town.volunteers
    ]
    shop = Shop(till, _reserved(book, reservations))
    book.signer.sign()
    return shop


def _token(book: Book, party: str, terminal: str) -> str:
    """A till's token, stored as the product stores it."""
    credential = book.new_id()
    token, digest = new_token(credential)
    book.record(
        IssueCredential(
            credential=credential,
            party=party,
            role="merchant",
            scopes="+".join(sorted(ROLE_SCOPES["merchant"])),
            terminal=terminal,
        ),
        caller=CONSOLE,
        key=book.new_id(),
        beside=with_its_entry(tables.tokens, (credential, digest)),
    )
    return token


def _reserved(book: Book, reservations: Sequence[Reserve]) -> list[str]:
    """The codes of these reservations, stored as the product stores them."""
    box, shown = CodeBox(book.keys.code), []
    for batch in batches(keyed(book, reservations)):
        rows = []
        for action, _, _ in batch:
            code = codes.make_code(secrets.token_bytes(codes.RANDOM_BYTES))
            redemption = cast(Reserve, action).redemption
            rows.append((box.fingerprint(code), redemption, box.seal(redemption, code)))
            shown.append(code)
        stored = [(tables.codes, row) for row in rows]
        results = book.record_all(batch, caller=CONSOLE, beside=partial(_just, stored))
        require_written(results)
    return shown


def _just(
    stored: Sequence[tuple[Any, Sequence[Any]]], _results: Sequence[Result]
) -> Sequence[tuple[Any, Sequence[Any]]]:
    """These rows, whatever was decided: a refusal stops the bench anyway."""
    return stored


# The server and its callers ----------------------------------------------------------------------


@contextmanager
def serving(place: Place) -> Iterator[int]:
    """The product's server on a free port, in processes of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    settings = ApiSettings(
        home=place.home, database_url=place.database_url, vault_url=place.vault_url, port=port
    )
    process = multiprocessing.get_context("spawn").Process(target=serve_quietly, args=(settings,))
    process.start()
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not _listens(port):
            if not process.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start: {_last_words(place.home)}")
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.join(START_SECONDS_MAX)
        if process.is_alive():
            process.kill()


def serve_quietly(settings: ApiSettings) -> None:
    """`sidereal serve`, its log written into a file, and with one more route.

    Its refusal to serve as the owner of the tables is left out: this server is thrown away.
    """
    log = os.open(_log_of(settings.home), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    Granian(
        "bench.http",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=serve.THREADS,
        backpressure=serve.BACKPRESSURE,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve(target_loader=partial(load_app, settings), wrap_loader=False)


def load_app(settings: ApiSettings) -> Callable[..., Any]:
    """The product's application and the empty view."""
    app = cast(Flask, serve.load(settings))
    app.add_url_rule(EMPTY, "bench.empty", dict)
    return app


def _log_of(home: Path) -> Path:
    return home / "server.log"


def _last_words(home: Path) -> str:
    log = _log_of(home)
    return log.read_text()[-4_000:] if log.exists() else "it said nothing"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _request(method: str, path: str, token: str = "", key: str = "", body: object = None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    content = b"" if body is None else json.dumps(body).encode()
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if key:
        lines.append(f"Idempotency-Key: {key}")
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def _load(port: int, requests: Sequence[bytes], seconds: float | None, good: int) -> Answers:
    answers = load_elsewhere(port, requests, connections=CONNECTIONS, seconds=seconds)
    if answers.statuses.keys() != {good}:
        raise RuntimeError(f"answers were {dict(answers.statuses)}, such as {answers.examples}")
    return answers


def _milliseconds(rounds: Sequence[Answers]) -> dict[str, float]:
    """The middle of the rounds' percentiles."""
    halves, tails = zip(*(each.percentiles() for each in rounds), strict=True)
    return {"p50": round(median(list(halves)), 2), "p99": round(median(list(tails)), 2)}


def _wrk(port: int, seconds: int) -> float | None:
    """The empty view's answers a second as wrk sees them, where it is installed: a check that our
    own generator is not what limits them."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return None
    # fmt: off
    said = subprocess.run(
        [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"http://127.0.0.1:{port}{EMPTY}"],
        capture_output=True, text=True, check=True,
    ).stdout
    # fmt: on
    return float(said.partition("Requests/sec:")[2].split()[0])
