"""What tests are given: a fresh ledger on SQLite and on PostgreSQL, and a look at it afterwards.

Founding is done once for each database; every test gets a copy. When a test is over its ledger is
held to every law again, by code that shares nothing with the writer (`tests/recheck.py`), and
every answer is decided a second time from its entries alone (`tests/replaying.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser
from sqlalchemy import make_url

from ledger.book import Book
from ledger.founding import found
from ledger.store import tables
from tests.api_client import Cast, Site, site_of_its_own
from tests.browser import NO_BROWSER, launched
from tests.forge import Forger, small_log
from tests.kit import FOUNDED, TODAY, FakeClock, Ledger, Town
from tests.postgres import PostgresServer
from tests.recheck import recheck
from tests.replaying import refuse_other_decisions

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL that nobody else uses."""
    with PostgresServer() as server:
        yield server


def _found(home: Path, database_url: str) -> None:
    book = found(
        home,
        database_url=database_url,
        vault_url=f"sqlite:///{home}/vault.db",
        clock=FakeClock(FOUNDED),
        durable=False,
    )
    book.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a founded ledger with its database inside."""
    home = tmp_path_factory.mktemp("template") / "sqlite"
    _found(home, f"sqlite:///{home}/ledger.db")
    return home


class Restored:
    """One founded PostgreSQL ledger, put back as it was before every test.

    A copy of its rows is kept in a schema of its own: making a database for every test would take
    longer than the tests.
    """

    def __init__(self, server: PostgresServer, home: Path) -> None:
        self.home = home
        self._server = server
        self._template = server.create_database()
        _found(home, self._template)
        self._tables = [table.name for table in tables.metadata.sorted_tables]
        self._execute(
            self._template,
            "CREATE SCHEMA kept",
            *(f"CREATE TABLE kept.{name} AS TABLE {name}" for name in self._tables),
        )
        self._kept = [name for name in self._tables if self._holds_rows(f"kept.{name}")]
        self._free = ""

    def take(self) -> str:
        """The URL of a database with nothing but the founding in it."""
        url, self._free = self._free, ""
        if not url:
            return self._server.create_database(template=self._template)
        # Triggers would refuse this, and replication is how a superuser goes around them.
        self._execute(
            url,
            "SET session_replication_role = replica",
            *(f"DELETE FROM {name}" for name in self._tables),
            *(f"INSERT INTO {name} SELECT * FROM kept.{name}" for name in self._kept),
        )
        return url

    def give_back(self, url: str, *, broken: bool) -> None:
        if broken or self._free:
            self._server.drop_database(url)
        else:
            self._free = url

    def _holds_rows(self, table: str) -> bool:
        found = self._execute(self._template, f"SELECT 1 FROM {table} LIMIT 1")
        return found.fetchone() is not None

    def _execute(self, url: str, *statements: str) -> psycopg.Cursor[tuple[Any, ...]]:
        address = make_url(url).set(drivername="postgresql")
        with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
            return connection.execute(";".join(statements))


@pytest.fixture(scope="session")
def restored(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """Founded PostgreSQL ledgers to take and give back."""
    return Restored(postgres, tmp_path_factory.mktemp("template") / "postgresql")


@pytest.fixture(params=DATABASES)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A founded ledger of a test's own."""
    home = tmp_path / "home"
    restored: Restored | None = None
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_template"), home)
        url = f"sqlite:///{home}/ledger.db"
    else:
        restored = request.getfixturevalue("restored")
        shutil.copytree(restored.home, home)
        url = restored.take()
    made = Ledger(home, url, FakeClock(TODAY))
    sound = False
    try:
        yield made
        made.close()
        if not made.tampered:
            recheck(url)
            refuse_other_decisions(url)
            sound = True
    finally:
        made.close()
        if restored is not None:
            restored.give_back(url, broken=not sound)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The machine's browser."""
    with launched() as browser:
        yield browser


@pytest.fixture
def book(ledger: Ledger) -> Book:
    """The ledger, open."""
    return ledger.open()


@pytest.fixture
def site(ledger: Ledger) -> Site:
    """The ledger's API."""
    return Site(ledger.open(), ledger.clock)


@pytest.fixture
def cast(site: Site) -> Cast:
    """People and their tokens around the API."""
    return Cast(site)


@pytest.fixture
def sqlite_site(sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:
    """The API of a ledger of a test's own on SQLite, for tests of what no database changes."""
    with site_of_its_own(sqlite_template, tmp_path / "home") as made:
        yield made


@pytest.fixture
def town(book: Book, ledger: Ledger) -> Town:
    """People and shops around the book."""
    return Town(book, ledger.clock)


@pytest.fixture
def ana(town: Town) -> str:
    """A volunteer."""
    return town.volunteer()


@pytest.fixture
def bo(town: Town) -> str:
    """Another volunteer."""
    return town.volunteer()


@pytest.fixture
def log() -> Forger:
    """A small log by docs/format.md alone."""
    return small_log()


@pytest.fixture
def bundle(log: Forger, tmp_path: Path) -> Path:
    """Its bundle, which every verifier must take."""
    return log.bundle(tmp_path / "bundle")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last how many tests had no browser, so that nobody takes their silence for a yes."""
    left_out = [
        report
        for report in terminalreporter.stats.get("skipped", ())
        if NO_BROWSER in str(report.longrepr)
    ]
    if left_out:
        terminalreporter.write_line(
            f"{len(left_out)} tests were left out: {NO_BROWSER};"
            " apt-get install chromium fonts-noto-cjk"
        )
