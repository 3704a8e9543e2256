"""Commands about the journal itself: sign it, export it, rebuild from it, copy it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import click

from api.cli.common import opened
from api.opening import confirm_clock
from api.settings import Settings
from ledger.book import CONSOLE, Book
from ledger.errors import Refused
from ledger.store.journal import read_head

LEASE_SECONDS: Final = 15
"""How long to wait for a serving process that signs instead."""
DIFFERENCES_SHOWN: Final = 20


@click.command()
@click.option(
    "--adopt-head",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A signed checkpoint that you trust, when the file of the last head was lost.",
)
@click.pass_obj
def checkpoint(settings: Settings, adopt_head: Path | None) -> None:
    """Sign the present head and print the signed note."""
    with opened(settings, check=adopt_head is None) as book:
        if adopt_head is not None:
            book.signer.adopt(adopt_head.read_bytes())
            book.check()
        click.echo(signed_note(book).decode(), nl=False)


def signed_note(book: Book) -> bytes:
    """A signed checkpoint that covers every entry there is now.

    Where a serving process holds the signer's lease, its next checkpoint is waited for. Refuses
    with `signer_busy` when none comes, and as `CheckpointSigner.sign` does.
    """
    with book.database.reading() as connection:
        size = read_head(connection, book.origin).chain.size
    for _ in range(LEASE_SECONDS * 5):
        if book.signer.sign() is not None:
            # The next command, or the serving process, need not wait for this one's lease.
            book.signer.release()
            break
        if book.checkpoint()[0].size >= size:
            break
        time.sleep(0.2)
    else:
        raise Refused(
            "signer_busy", "another process holds the signer's lease; ask again in a minute"
        )
    return book.checkpoint()[1]


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def export(settings: Settings, folder: Path) -> None:
    """Write the auditor's bundle into a new FOLDER."""
    from ledger.export import export_bundle

    with opened(settings) as book:
        signed_note(book)
        bundle = export_bundle(book, folder, at=book.clock.now_ms())
        click.echo(f"{bundle.size} entries under the root {bundle.root.hex()} in {folder}")
        click.echo(f"verify with: python -m audit {folder} --key {book.keys.log.vkey}")


@click.command()
@click.option("--check", is_flag=True, help="Compare every row with the entries; change nothing.")
@click.pass_obj
def rebuild(settings: Settings, check: bool) -> None:
    """Make every projection again from the entries alone."""
    from api import checking
    from ledger.store import rebuilding

    with opened(settings) as book:
        if not check:
            count = rebuilding.rebuild(book.database, book.origin)
            click.echo(f"rebuilt from {count} entries")
            return
        found = checking.check(book, asked_by=CONSOLE.party, shown=DIFFERENCES_SHOWN)
        for each in found.first:
            key = " ".join(
                part.hex() if isinstance(part, bytes) else str(part) for part in each.key
            )
            click.echo(f"{each.table} {key}: stored {each.stored}, rebuilt {each.rebuilt}")
        if found.count:
            raise Refused(
                "projections_differ",
                f"{found.count} rows are not what the entries say; `sidereal rebuild` makes"
                " them again",
            )
        click.echo("every row is what the entries say")


@click.command()
@click.pass_obj
def expire(settings: Settings) -> None:
    """Give back what expired reservations and orders hold, and lapse points whose last day has
    passed."""
    from api import timers

    with opened(settings) as book:
        found = timers.expire(book, book.clock.now_ms())
        click.echo(f"{found.get('redemptions_expired', 0)} reservations expired")
        click.echo(f"{found.get('orders_expired', 0)} service orders expired")
        click.echo(f"points of {found.get('volunteers_lapsed', 0)} volunteers lapsed")


@click.group()
def clock() -> None:
    """The time that entries carry."""


@clock.command()
@click.pass_obj
def confirm(settings: Settings) -> None:
    """Say that today's date is right although the last entry is more than seven days old."""
    with opened(settings, check=False) as book:
        head_time = confirm_clock(book)
        book.check(confirmed_head=head_time)
        click.echo("confirmed; the ledger may go on from its last entry")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--vault", is_flag=True, help="Copy the vault instead; keep it at most 30 days.")
@click.pass_obj
def backup(settings: Settings, file: Path, vault: bool) -> None:
    """Copy the ledger's SQLite database into a new FILE, without keys and without the vault.

    The vault is copied apart (--vault), because it holds personal data and its copies are kept for
    30 days at most; keys with `sidereal keys backup`. PostgreSQL has tools of its own.
    """
    from ledger.store.copying import copy_sqlite

    size = copy_sqlite(settings.vault_url if vault else settings.database_url, file)
    click.echo(f"{file}: {size} bytes")
