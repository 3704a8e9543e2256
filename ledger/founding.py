"""Founding a ledger and opening one that is there.

A ledger is a home folder (keys, the signed head, its origin), a database and a vault. Founding is
safe to repeat: each step looks whether it was done.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ledger.actions.documents import AdoptCalendar, AdoptPolicy, Begin
from ledger.book import SYSTEM, Book
from ledger.calendar import read_calendar
from ledger.clock import Clock
from ledger.errors import Refused
from ledger.keys import KeyRing, KeysRefused
from ledger.note import check_origin
from ledger.policies import shipped, shipped_names
from ledger.policy import read_policy
from ledger.store import journal, roles
from ledger.store.database import Database, refuse_unusable
from ledger.vault import Vault
from migrations import ledger as ledger_migrations
from migrations import vault as vault_migrations

HOST: Final = re.compile(r"[a-z0-9.-]{1,200}")


def found(
    home: Path,
    *,
    database_url: str,
    vault_url: str,
    host: str = "ledger.example",
    clock: Clock | None = None,
    durable: bool = True,
) -> Book:
    """Make a working ledger with `cn-default` and the published calendars adopted, and open it.

    `host` begins the origin; an unguessable suffix ends it, so that copies and demonstrations
    never share one. Again on the same home it changes nothing. Raises KeysRefused, or Refused:
    `vault_missing` where the journal has entries and the vault is lost.
    """
    if not HOST.fullmatch(host):
        raise Refused("bad_host", "the host is letters, digits, dots and dashes")
    refuse_unusable(database_url)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    ledger_migrations.upgrade(database_url)
    origin_file = home / "origin"
    if not origin_file.exists():
        _write_once(origin_file, f"{host}/log/{secrets.token_hex(8)}\n")
    origin = read_origin(home)
    database = Database(database_url, durable=durable)
    roles.prepare(database)
    with database.reading() as connection:
        empty = journal.count(connection) == 0
    if empty and not (home / "keys").exists():
        # Keys are made for an empty journal only; a missing key is never silently made again.
        KeyRing.create(home, origin)
    database.close()
    if not empty and not vault_migrations.exists(vault_url):
        raise Refused(
            "vault_missing",
            "the journal has entries and its vault is gone; restore the vault from its backup: a"
            " new one would know nobody, and everybody could be registered again",
        )
    vault_migrations.upgrade(vault_url)
    book = open_book(
        home,
        database_url=database_url,
        vault_url=vault_url,
        clock=clock,
        durable=durable,
        check=not empty,
    )
    if empty:
        book.signer.begin()
    if book.signer.head().size == 0:
        # The first signature ends the founding. Whatever broke off before it is finished now: an
        # entry that is there already answers its key again.
        _begin(book)
    return book


def open_book(
    home: Path,
    *,
    database_url: str,
    vault_url: str,
    clock: Clock | None = None,
    durable: bool = True,
    check: bool = True,
    confirmed_head: int = 0,
    reached: Callable[[str], None] | None = None,
) -> Book:
    """Open the ledger of `home`.

    Raises KeysRefused, or Refused: `not_founded`; `database_empty`, `database_outdated` or
    `database_newer` where its tables are not those of this release; and what `Book.check` refuses.
    """
    origin = read_origin(home)
    try:
        keys = KeyRing.load(home, origin)
    except KeysRefused as refused:
        raise Refused(refused.code, refused.sentence) from refused
    refuse_unusable(database_url)
    _refuse_other_tables(database_url)
    database = Database(database_url, durable=durable)
    vault = Vault.open(vault_url, master_key=keys.vault, index_key=keys.index)
    book = Book(
        home=home,
        origin=origin,
        database=database,
        vault=vault,
        keys=keys,
        clock=clock,
        reached=reached,
    )
    if check:
        try:
            book.check(confirmed_head=confirmed_head)
        except BaseException:
            book.close()
            raise
    return book


def read_origin(home: Path) -> str:
    """The origin of the ledger that lives in `home`. Refuses with `not_founded`."""
    try:
        origin = (home / "origin").read_text(encoding="ascii").rstrip("\n")
    except FileNotFoundError:
        raise Refused(
            "not_founded", f"no ledger lives in {home}; make one with `sidereal init`"
        ) from None
    check_origin(origin)
    return origin


def _refuse_other_tables(database_url: str) -> None:
    """Whether the database has the tables that this release reads and writes."""
    match ledger_migrations.state(database_url):
        case "none":
            raise Refused(
                "database_empty",
                "no ledger is in the database; is its address right? If the database was lost,"
                " restore it from its backup",
            )
        case "outdated":
            raise Refused(
                "database_outdated",
                "the database was made by an earlier release; run `sidereal init` to bring it up"
                " to date: it keeps every entry",
            )
        case "newer":
            raise Refused(
                "database_newer",
                "the database was brought up to date by a newer release; use that one",
            )


def _begin(book: Book) -> None:
    """Genesis, the published calendars, `cn-default`, and the first checkpoint."""
    keys = book.keys
    book.record(
        Begin(
            log_key=keys.log.public_key.hex(),
            ack_key=keys.ack.public_key.hex(),
            manifest_key=keys.manifest.public_key.hex(),
        ),
        caller=SYSTEM,
        key="genesis-0000000000",
    )
    for name in sorted(shipped_names()):
        toml = shipped(name)
        if name.startswith("calendar-"):
            calendar = read_calendar(toml)
            book.record(
                AdoptCalendar(
                    calendar=calendar.name,
                    year=calendar.year,
                    toml_sha256=calendar.toml_sha256,
                    document=calendar.canonical,
                ),
                caller=SYSTEM,
                key=f"adopt-{name}-0000000000",
            )
    adopt_policy(book, shipped("cn-default"))
    book.signer.sign()


def adopt_policy(book: Book, toml: bytes) -> None:
    """Adopt a policy document as the ledger itself. Raises PolicyRefused or Refused."""
    document = read_policy(toml)
    policy = document.policy
    book.record(
        AdoptPolicy(
            policy=policy.id,
            version=policy.version,
            toml_sha256=document.toml_sha256,
            document=document.canonical,
        ),
        caller=SYSTEM,
        key=f"adopt-{policy.id}-{policy.version}-0000000000"[:64],
    )


def _write_once(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
