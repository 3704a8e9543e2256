"""Commands about keys, tokens and signing in."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.common import fresh_key, opened
from api.settings import Settings
from ledger.actions.credentials import ROLES, RevokeCredential
from ledger.actions.parties import RegisterAuditor, RegisterOperator
from ledger.book import CONSOLE, Book
from ledger.door.asking import Asking
from ledger.entry import canonical


@click.group()
def keys() -> None:
    """The ledger's keys."""


@keys.command("show")
@click.option("--all", "every", is_flag=True, help="Also the keys of acknowledgements and so on.")
@click.option("--webhook", is_flag=True, help="Instead the key that receivers of webhooks need.")
@click.pass_obj
def show_keys(settings: Settings, every: bool, webhook: bool) -> None:
    """Print the public key (VKEY) that an auditor needs."""
    from ledger.founding import read_origin
    from ledger.keys import KeyRing
    from ledger.webhooks.message import public_key_text

    ring = KeyRing.load(settings.home, read_origin(settings.home))
    if webhook:
        click.echo(public_key_text(ring.webhook.public_key))
        return
    click.echo(ring.log.vkey)
    if every:
        for signer in (ring.ack, ring.manifest, ring.voucher, ring.webhook):
            click.echo(signer.vkey)


@keys.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def backup_keys(settings: Settings, folder: Path) -> None:
    """Copy the keys, and nothing else, into a new FOLDER."""
    from ledger.keys import keys_backup

    keys_backup(settings.home, folder)
    click.echo(f"{folder} holds copies of the keys; whoever has them can sign as this ledger")


@click.group()
def token() -> None:
    """Access tokens of the HTTP interface."""


@token.command()
@click.option(
    "--party",
    default="",
    help="Whose it is: an address such as merchant:<id>; by default a new operator or auditor.",
)
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--scopes", help="Comma-separated; by default all that the role may have.")
@click.option("--terminal", default="", help="A merchant's registered till.")
@click.option("--hours", type=click.IntRange(1, 87_600), help="Valid for so long; else for ever.")
@click.pass_obj
def issue(
    settings: Settings, party: str, role: str, scopes: str | None, terminal: str, hours: int | None
) -> None:
    """Print a new token; it is shown once, the ledger keeps its hash."""
    from ledger.door import tokens

    if not party and role not in ("operator", "auditor"):
        raise click.UsageError("say whose it is with --party")
    wanted = None if scopes is None else [each for each in scopes.split(",") if each]
    with opened(settings) as book:
        party = party or _newcomer(book, role)
        key = fresh_key(book)
        receipt, made = tokens.issue(
            Asking(book=book, caller=CONSOLE, key=key, request=canonical(["token_issue", key])),
            party=party,
            role=role,
            scopes=wanted,
            terminal=terminal,
            expires=0 if hours is None else book.clock.now_ms() + hours * 3_600_000,
        )
        click.echo(made)
        click.echo(f"credential {receipt.entry.facts['credential']}", err=True)


def _newcomer(book: Book, role: str) -> str:
    """The address of an operator or auditor who is registered now."""
    newcomer = book.new_id()
    action = (
        RegisterOperator(operator=newcomer)
        if role == "operator"
        else RegisterAuditor(auditor=newcomer)
    )
    book.record(action, caller=CONSOLE, key=fresh_key(book))
    return f"{role}:{newcomer}"


@token.command()
@click.argument("credential")
@click.pass_obj
def revoke(settings: Settings, credential: str) -> None:
    """Stop a token from working. CREDENTIAL is its id, or the token itself."""
    if credential.startswith("sdk_"):
        credential = credential.split("_")[1]
    with opened(settings) as book:
        # The credential is the key: to revoke twice is to have revoked once.
        receipt = book.record(
            RevokeCredential(credential=credential), caller=CONSOLE, key=f"revoke-{credential}"
        )
        click.echo(f"revoked by entry {receipt.entry.index}")


@click.group("sign-in")
def sign_in() -> None:
    """Signing in to the pages."""


@sign_in.command("link")
@click.option("--party", required=True, help="Who: an address such as merchant:<id>.")
@click.option("--terminal", default="", help="A merchant's registered till.")
@click.option("--clerk", default="", help="Who stands at that till.")
@click.option(
    "--hours",
    type=click.IntRange(1, 744),
    default=12,
    show_default=True,
    help="How long they stay signed in.",
)
@click.pass_obj
def sign_in_link(settings: Settings, party: str, terminal: str, clerk: str, hours: int) -> None:
    """Print a link that signs somebody in, once, within ten minutes; and the same as a code to
    type at /sign-in."""
    from ledger.door import sessions

    with opened(settings) as book:
        key = fresh_key(book)
        receipt, secret, _ = sessions.make_link(
            Asking(book=book, caller=CONSOLE, key=key, request=canonical(["sign_in_link", key])),
            party=party,
            terminal=terminal,
            clerk=clerk,
            hours=hours,
        )
        click.echo(f"{settings.public_url}/sign-in/{secret}")
        click.echo(f"code {sessions.grouped(secret)}, good for ten minutes", err=True)
        click.echo(f"credential {receipt.entry.facts['credential']}", err=True)
