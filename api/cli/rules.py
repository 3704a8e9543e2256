"""Commands about policy: check a draft, adopt it, show what is in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from api.cli.common import fresh_key, opened, say_json
from api.settings import Settings
from ledger.actions import AdoptPolicy
from ledger.book import CONSOLE, Book
from ledger.policy import PARAMETERS, PolicyDocument, read_policy
from ledger.store import journal
from ledger.store.projections import StoredRows

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def policy() -> None:
    """Dated rule documents."""


@policy.command()
@click.argument("file", type=_FILE)
def check(file: Path) -> None:
    """Say whether FILE is a policy document that could be adopted."""
    document = read_policy(file.read_bytes())
    click.echo(f"{_title(document)} can be adopted; SHA-256 {document.toml_sha256}")


@policy.command()
@click.argument("file", type=_FILE)
@click.pass_obj
def adopt(settings: Settings, file: Path) -> None:
    """Put FILE in force from its effective date on, by an entry."""
    document = read_policy(file.read_bytes())
    with opened(settings) as book:
        receipt = book.record(
            AdoptPolicy(
                policy=document.policy.id,
                version=document.policy.version,
                toml_sha256=document.toml_sha256,
                document=document.canonical,
            ),
            caller=CONSOLE,
            key=fresh_key(book),
        )
        click.echo(f"{_title(document)} adopted by entry {receipt.entry.index}")


@policy.command()
@click.option(
    "--json", "as_json", is_flag=True, help="The adopted document, as the entry holds it."
)
@click.pass_obj
def show(settings: Settings, as_json: bool) -> None:
    """Print the policy in force now, each value with its basis."""
    with opened(settings) as book:
        document = adopted_document(book)
    if as_json:
        say_json(document)
        return
    click.echo(f"{document['id']} version {document['version']}: {document['title']}")
    click.echo(f"in force from {document['effective_from']}, issued by {document['issuer']}")
    for parameter in PARAMETERS.values():
        name = parameter.canonical_name
        if name in document["values"]:
            value, basis = document["values"][name], document["bases"].get(name, "")
            click.echo(f"  {name} = {value}")
            if basis:
                click.echo(f"      {basis}")


def adopted_document(book: Book) -> dict[str, Any]:
    """The document of the policy in force now, in canonical form."""
    policy = book.policy()
    key = ("policy", policy.id, policy.version)
    with book.database.reading() as connection:
        row = StoredRows(connection).fetch("documents", [key])[key]
        (entry,) = journal.read_entries(connection, [row.since])
    return dict(entry.facts["document"])


def _title(document: PolicyDocument) -> str:
    return f"{document.policy.id} version {document.policy.version}"
