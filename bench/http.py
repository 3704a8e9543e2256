"""A capture over HTTP, against an empty view on the same server (PostgreSQL, granian).

The server is the product's own with its timers, its request log (into nothing) and its number of
threads; one route is added that answers `{}`. Both sides see the same connections from the same
load generator. A capture is one once-only voucher each, because a captured code is spent, and one
holder each, because a holder who captures twice within seconds is refused.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from api import serve
from api.caller import new_token, scopes_for
from api.settings import Settings as ApiSettings
from bench.figure import Figure, Settings, listed, median, take_turns
from bench.load import Answers, load_elsewhere
from bench.town import Place, batches, keyed, record_everything, require_written, settle
from ledger.actions import (
    IssueCredential,
    PublishReward,
    RegisterBranch,
    RegisterMerchant,
    RegisterTerminal,
)
from ledger.book import CONSOLE, Book
from ledger.sequencer import Result
from ledger.store import tables
from tests.postgres import PostgresServer

CONNECTIONS: Final = 64
EMPTY: Final = "/bench/empty"
CAPTURE: Final = "/v1/redemptions/capture"
RESERVE: Final = "/v1/redemptions"
PRICE_HUNDREDTHS: Final = 100
START_SECONDS_MAX: Final = 30


@dataclass(frozen=True, slots=True)
class Shop:
    """A till's token, a reward, and a token of every holder."""

    till: str
    reward: str
    holders: Sequence[str]


def run(settings: Settings) -> list[Figure]:
    """One figure."""
    captures, repetitions = settings.choose(1_000, 8_000), settings.choose(2, 3)
    seconds = settings.choose(2, 5)
    with PostgresServer(durable=True) as server:
        place = Place(home=settings.folder / "http", database_url=server.create_database())
        book = place.found()
        shop = _open_shop(book, captures * repetitions)
        book.close()
        with serving(place) as port:
            requests = _captures(port, shop, book)
            taken: list[Answers] = []
            empty: list[Answers] = []

            def capture() -> float:
                first = len(taken) * captures
                taken.append(_load(port, requests[first : first + captures], None, 200, 201))
                return taken[-1].rate

            def nothing() -> float:
                empty.append(_load(port, [_request("GET", EMPTY)], seconds, 200))
                return empty[-1].rate

            runs = take_turns(repetitions, {"empty view": nothing, "capture": capture})
            wrk = _wrk(port, seconds)
    how: dict[str, Any] = {
        "connections": CONNECTIONS,
        "server": f"granian, 1 process, {serve.THREADS} threads, PostgreSQL with fsync on",
        "captures_a_turn": captures,
        "seconds_of_empty_view": seconds,
        "repetitions": repetitions,
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
        )
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
    book.signer.sign()
    (till,) = _tokens(book, [f"merchant:{merchant}"], "merchant", terminal)
    holders = [f"volunteer:{volunteer}" for volunteer in town.volunteers]
    return Shop(till, reward, _tokens(book, holders, "volunteer", ""))


def _tokens(book: Book, parties: Sequence[str], role: str, terminal: str) -> list[str]:
    """A token for each party, stored as the product stores them."""
    scopes, tokens = scopes_for(role, None), []
    digests: dict[str, bytes] = {}
    actions = []
    for party in parties:
        credential = book.new_id()
        token, digests[credential] = new_token(credential)
        tokens.append(token)
        actions.append(
            IssueCredential(
                credential=credential, party=party, role=role, scopes=scopes, terminal=terminal
            )
        )

    def beside(results: Sequence[Result]) -> list[tuple[Any, Sequence[Any]]]:
        require_written(results)
        issued = [result.entry.facts["credential"] for result in results]  # type: ignore[union-attr]
        return [(tables.tokens, (credential, digests[credential])) for credential in issued]

    for batch in batches(keyed(book, actions)):
        require_written(book.record_all(batch, caller=CONSOLE, beside=beside))
    return tokens


def _captures(port: int, shop: Shop, book: Book) -> list[bytes]:
    """Reserve one piece for each holder over HTTP; a request to capture each code."""
    reserve = {"reward": shop.reward, "quantity": 1}
    reserved = _load(
        port,
        [_request("POST", RESERVE, holder, book.new_id(), reserve) for holder in shop.holders],
        None,
        201,
        keep=True,
    )
    codes = [json.loads(body)["code"] for body in reserved.bodies.values()]
    return [_request("POST", CAPTURE, shop.till, book.new_id(), {"code": code}) for code in codes]


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
                raise RuntimeError("the server did not start")
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.join(START_SECONDS_MAX)
        if process.is_alive():
            process.kill()


def serve_quietly(settings: ApiSettings) -> None:
    """`sidereal serve`, its log written into nothing, and with one more route.

    Its refusal to serve as the owner of the tables is left out: this server is thrown away.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
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


def _load(
    port: int, requests: Sequence[bytes], seconds: float | None, *good: int, keep: bool = False
) -> Answers:
    answers = load_elsewhere(port, requests, connections=CONNECTIONS, seconds=seconds, keep=keep)
    if not answers.statuses.keys() <= set(good):
        example = next(iter(answers.bodies.values()), b"")
        raise RuntimeError(f"answers were {dict(answers.statuses)} {example!r}")
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
