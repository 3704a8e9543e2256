"""Is it alive, is it ready, how does it do: `/healthz`, `/readyz`, `/metrics`.

Figures are counted by route template, never by address, so none of them names anybody.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from alembic.script import ScriptDirectory
from flask import Flask, Response, current_app, g, request
from marshmallow import Schema, fields
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

import migrations
from api.caller import authenticate
from api.current import current_book, current_settings
from api.problems import Problem
from api.routes import Routes, documented
from ledger.book import Book
from ledger.clock import check_clock
from ledger.errors import Refused
from ledger.store import journal, queries
from ledger.vault import VaultUnusable

TAG: Final = "server"
LATE_CHECKPOINTS: Final = 6
"""So many turns of the signer may pass without a checkpoint that entries wait for."""
LATE_SECONDS_MIN: Final = 60
_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP")

metrics = Routes("metrics", __name__, description="The server itself")


class AliveSchema(Schema):
    """The process answers."""

    status = fields.String(required=True)


class ReadySchema(Schema):
    """Whether requests can be served, and what stands in the way."""

    status = fields.String(required=True, metadata={"enum": ["ready", "not_ready"]})
    checks = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "`ok`, or the code of what is wrong"},
    )
    entries = fields.Integer(required=True, allow_none=True)
    checkpoint_size = fields.Integer(required=True, allow_none=True)
    checkpoint_age_seconds = fields.Integer(required=True, allow_none=True)


class Meters:
    """What one application counts."""

    def __init__(self, book: Book) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "sidereal_http_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "sidereal_http_request_seconds",
            "Time until a request was answered",
            ("method", "route"),
            registry=self.registry,
        )
        self.registry.register(_LedgerFigures(book))


class _LedgerFigures(Collector):
    """Entries and checkpoints, looked up when somebody asks."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def collect(self) -> Iterable[Metric]:
        """Gauges as they stand."""
        entries, size, age = figures(self._book)
        yield GaugeMetricFamily("sidereal_entries", "Entries in the journal", value=entries)
        if size is not None:
            yield GaugeMetricFamily(
                "sidereal_checkpoint_size", "Entries under the newest checkpoint", value=size
            )
        if age is not None:
            yield GaugeMetricFamily(
                "sidereal_checkpoint_age_seconds", "Since it was published", value=age
            )


def count_requests(app: Flask, book: Book) -> None:
    """Count every request of this application from now on."""
    meters = app.extensions["sidereal_meters"] = Meters(book)

    @app.before_request
    def begin() -> None:
        g.metered = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        # A path that is no route of ours is one label, whatever a stranger made up.
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.url_rule else "any"
        meters.requests.labels(method, route, str(response.status_code)).inc()
        if "metered" in g:
            meters.seconds.labels(method, route).observe(time.perf_counter() - g.metered)
        return response


def figures(book: Book) -> tuple[int, int | None, int | None]:
    """(entries, size of the newest checkpoint, its age in whole seconds where the clock is sure).

    A clock that is not is a finding of its own, which `/readyz` names.
    """
    with book.database.reading() as connection:
        entries = journal.read_head(connection, book.origin).chain.size
        newest = queries.checkpoint_made_at(connection)
    if newest is None:
        return entries, None, None
    size, made = newest
    try:
        now = book.clock.now_ms()
    except Refused:
        return entries, size, None
    return entries, size, max(0, now - made) // 1000


@metrics.route("/healthz", methods=["GET"], tags=[TAG])
@metrics.doc(operationId="is_alive", security=[{}])
@documented(metrics, [])
@metrics.response(200, AliveSchema)
def is_alive() -> dict[str, str]:
    """The process is there and answers; nothing else is looked at."""
    return {"status": "alive"}


@metrics.route("/readyz", methods=["GET"], tags=[TAG])
@metrics.doc(operationId="is_ready", security=[{}])
@documented(metrics, [])
@metrics.alt_response(503, schema=ReadySchema, description="not ready; `checks` says why")
@metrics.response(200, ReadySchema)
def is_ready() -> tuple[dict[str, Any], int]:
    """Database, vault, migrations, head, clock and checkpoint are as they should be."""
    body = readiness()
    return body, 200 if body["status"] == "ready" else 503


def readiness() -> dict[str, Any]:
    """What `/readyz` answers."""
    book, turn = current_book(), current_settings().checkpoint_seconds
    checks = {name: _outcome(check, book) for name, check in CHECKS.items()}
    entries = size = age = None
    if checks["database"] == "ok":
        entries, size, age = figures(book)
        late = max(LATE_SECONDS_MIN, LATE_CHECKPOINTS * turn)
        waits = size is None or (entries > size and (age or 0) > late)
        checks["checkpoint"] = "checkpoint_late" if waits else "ok"
    ready = all(outcome == "ok" for outcome in checks.values())
    return {
        "status": "ready" if ready else "not_ready",
        "checks": checks,
        "entries": entries,
        "checkpoint_size": size,
        "checkpoint_age_seconds": age,
    }


@metrics.route("/metrics", methods=["GET"], tags=[TAG])
@metrics.doc(operationId="get_metrics", security=[{}, {"bearer": []}])
@documented(
    metrics,
    [
        "token_missing",
        "token_invalid",
        "token_expired",
        "token_revoked",
        "caller_not_active",
        "role_not_allowed",
    ],
)
@metrics.response(
    200, {"type": "string"}, content_type="text/plain", description="Prometheus' text format"
)
def get_metrics() -> Response:
    """Figures for a monitor on this machine, or one with an operator's token."""
    if not is_from_here():
        caller = g.caller = authenticate(current_book(), request.headers.get("Authorization"))
        if caller.role != "operator":
            raise Problem("role_not_allowed", f"this is not for the role {caller.role}")
    meters: Meters = current_app.extensions["sidereal_meters"]
    return Response(generate_latest(meters.registry), content_type=CONTENT_TYPE_LATEST)


def is_from_here() -> bool:
    """Whether the request comes from this machine itself, and through no proxy on it."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _outcome(check: Callable[[Book], None], book: Book) -> str:
    try:
        check(book)
    except Refused as refused:
        return refused.code
    except (SQLAlchemyError, OSError, VaultUnusable):
        return "unreachable"
    return "ok"


def _database(book: Book) -> None:
    with book.database.reading() as connection:
        journal.read_head(connection, book.origin)


def _vault(book: Book) -> None:
    book.vault.open_text("0" * 64)


def _migrations(book: Book) -> None:
    with book.database.reading() as connection:
        _refuse_unless_newest(connection, "ledger")
    with book.vault.store.engine.connect() as connection:
        _refuse_unless_newest(connection, "vault")


def _refuse_unless_newest(connection: Connection, which: str) -> None:
    if queries.applied_migration(connection, f"{which}_version") != _newest_migration(which):
        raise Refused("migrations_missing", f"run `sidereal init`: the {which} is of another age")


@cache
def _newest_migration(which: str) -> str:
    scripts = ScriptDirectory(str(Path(migrations.__file__).with_name(which)))
    return scripts.get_current_head() or ""


def _head(book: Book) -> None:
    """The newest published checkpoint and the signed head do not contradict each other, and no
    entry of either is missing. The whole tree was hashed when the ledger was opened."""
    head = book.signer.head()
    with book.database.reading() as connection:
        size = journal.read_head(connection, book.origin).chain.size
        newest = queries.newest_checkpoint(connection)
    if size < head.size:
        raise Refused("head_ahead", "entries that were signed are missing")
    if newest is not None and newest[0] == head.size and newest[1] != head.root:
        raise Refused("head_differs", "the published checkpoint is not the one that was signed")


def _clock(book: Book) -> None:
    with book.database.reading() as connection:
        head_time = journal.read_head(connection, book.origin).chain.time
    check_clock(
        book.clock.now_ms(),
        head_time=head_time,
        database_ms=book.database.now_ms(),
        # A quiet ledger is no broken one; its age matters when a process starts.
        confirmed_head=head_time,
    )


CHECKS: Final[Mapping[str, Callable[[Book], None]]] = {
    "database": _database,
    "vault": _vault,
    "migrations": _migrations,
    "head": _head,
    "clock": _clock,
}
