"""What tests are given: a fresh ledger on SQLite and on PostgreSQL, and a look at it afterwards.

Founding is done once for each database; every test gets a copy. When a test is over its ledger is
held to every law again, by code that shares nothing with the writer (`tests/recheck.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.founding import found
from tests.kit import FOUNDED, TODAY, FakeClock, Ledger, Town
from tests.postgres import PostgresServer
from tests.recheck import recheck

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


@pytest.fixture(scope="session")
def postgres_template(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The home of a founded ledger, and the database to copy."""
    home = tmp_path_factory.mktemp("template") / "postgresql"
    url = postgres.create_database()
    _found(home, url)
    return home, url


@pytest.fixture(params=DATABASES)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A founded ledger of a test's own."""
    home = tmp_path / "home"
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_template"), home)
        url, server = f"sqlite:///{home}/ledger.db", None
    else:
        server = request.getfixturevalue("postgres")
        template, origin = request.getfixturevalue("postgres_template")
        shutil.copytree(template, home)
        url = server.create_database(template=origin)
    made = Ledger(home, url, FakeClock(TODAY))
    try:
        yield made
        made.close()
        if not made.tampered:
            recheck(url)
    finally:
        made.close()
        if server is not None:
            server.drop_database(url)


@pytest.fixture
def book(ledger: Ledger) -> Book:
    """The ledger, open."""
    return ledger.open()


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
