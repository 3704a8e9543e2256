"""Serving the ledger with granian, in one process of its own with several threads.

The book and the timers are opened inside the serving process, never before it is there: a thread
or a database connection does not survive the making of a process. At SIGTERM granian takes no more
connections and lets requests finish; then the timers stop, the head is signed once more, and the
book is closed.
"""

from __future__ import annotations

import gc
import ipaddress
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.util import Finalize
from threading import Thread
from typing import Any, Final

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from sqlalchemy.exc import SQLAlchemyError

from api import create_app, request_log
from api.checking import Checker, by_the_week
from api.opening import open_ledger
from api.settings import Settings
from api.timers import Task, Timers, sign_moved_head, tasks
from api.webhook_delivery import delivering
from ledger.book import Book
from ledger.errors import Refused
from ledger.founding import read_origin

THREADS: Final = 64
"""Requests that may wait for the ledger at once: they share a transaction."""
BACKPRESSURE: Final = 256
"""Connections that may wait in one process; more wait in the kernel's queue."""
STOP_SECONDS: Final = 30
"""How long a request may take to finish once the server is told to stop."""
DEMO_PREFIX: Final = "demo-"


def serve(
    settings: Settings, *, workers: int = 1, threads: int = THREADS, quiet: bool = False
) -> None:
    """Serve until told to stop. Raises Refused before anything listens where it must not."""
    refuse_unfit(settings)
    refuse_taken_port(settings)
    server = Granian(
        "api.serve",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backpressure=BACKPRESSURE,
        workers_kill_timeout=STOP_SECONDS,
        websockets=False,
        log_level=LogLevels.error if quiet else LogLevels.info,
    )
    server.serve(target_loader=partial(load, settings), wrap_loader=False)


def refuse_unfit(settings: Settings) -> None:
    """Whether this ledger may be served from here.

    Refuses with `demo_stays_here` (demonstration keys listen on loopback only),
    `owner_must_not_serve` (the owner could drop the guards, trust §4), and what opening refuses.
    """
    origin = read_origin(settings.home)
    if origin.startswith(DEMO_PREFIX) and not is_loopback(settings.host):
        raise Refused(
            "demo_stays_here",
            "this is a demonstration: its keys and tokens protect nothing, so it listens on"
            " 127.0.0.1 only; make a ledger of your own with `sidereal init`",
            host=settings.host,
        )
    book = open_ledger(settings)
    try:
        if book.database.owns_entries():
            raise Refused(
                "owner_must_not_serve",
                "this login owns the table of entries and could drop its guards; serve with a login"
                " that only has the role sidereal_writer (`sidereal init` says how to make one)",
            )
    finally:
        book.close()


def refuse_taken_port(settings: Settings) -> None:
    """Whether somebody listens there already. Refuses with `port_taken`.

    The server shares its port between its own processes, so the system would let a second server
    share it too, and requests would reach one ledger or the other by chance.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # A port that was just let go of may be taken again at once.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host.strip("[]"), settings.port))
        except OSError as taken:
            raise Refused(
                "port_taken",
                f"{settings.host}:{settings.port} cannot be listened at ({taken.strerror}); end"
                " what serves there, or choose another with --port",
                port=settings.port,
            ) from taken


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def load(settings: Settings) -> Callable[..., Any]:
    """Inside a serving process: open the book, start the timers, give the application."""
    # Until the server listens to them itself, the handlers are those of the process that made this
    # one: a stop that comes this early would be lost. Now it ends the process, which any crash may.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_DFL)
    book = open_ledger(settings)
    log = request_log.make_logger()
    app = create_app(book, settings, logger=log)
    checker = app.extensions["sidereal"].checker
    timers = Timers(book, timed(book, settings, checker), log=log)
    timers.start()
    Thread(target=warm, args=(book,), name="sidereal-warming", daemon=True).start()
    # What is here now stays; the collector need not look through it ever again.
    gc.collect()
    gc.freeze()
    # Runs when this process ends, however it was made; atexit does not after a fork.
    Finalize(None, stop, args=(book, timers), exitpriority=100)
    return app


def warm(book: Book) -> None:
    """Read the tiles that receipts need, beside the first requests."""
    # Nothing is covered yet, or the ledger is stopping already: receipts read what they need.
    with suppress(Refused, SQLAlchemyError):
        book.warm()


def timed(book: Book, settings: Settings, checker: Checker) -> tuple[Task, ...]:
    """The tasks of a serving ledger, with checkpoints as often as the settings say, webhooks
    delivered to the networks that they allow, and every row compared once a week."""
    own = tasks(book, sign_seconds=settings.checkpoint_seconds)
    return (*own, delivering(book, settings.webhook_networks), by_the_week(checker))


def stop(book: Book, timers: Timers) -> None:
    """Let go of everything, with what was written last under a signature."""
    timers.stop()
    timers.run_once(
        Task(name="checkpoint", every_seconds=0, run=lambda _now: sign_moved_head(book))
    )
    book.signer.release()
    book.close()
