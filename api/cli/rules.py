"""Commands about policy: check a draft, adopt it, show what decides, compare two documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from api.cli.common import fresh_key, opened, say_json
from api.cli.simulate import simulate_
from api.settings import Settings
from ledger.actions.documents import AdoptPolicy
from ledger.book import CONSOLE, Book
from ledger.errors import Refused
from ledger.policies import profile_names, shipped
from ledger.policy import (
    PARAMETERS,
    SERVICE_CATEGORIES,
    Parameter,
    PolicyDocument,
    read_policy,
    scope_of,
)
from ledger.standing import DAY_MS, EPOCH_DAY
from ledger.store import journal, queries
from ledger.store.projections import standing_from

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_ALL = 1_000
"""Adopted documents asked for at a time."""


@click.group()
def policy() -> None:
    """Dated rule documents."""


policy.add_command(simulate_)


@policy.command()
@click.argument("file", type=_FILE)
def check(file: Path) -> None:
    """Say whether FILE is a policy document that could be adopted."""
    document = read_policy(file.read_bytes())
    click.echo(f"{_title(document)} can be adopted; SHA-256 {document.toml_sha256}")


@policy.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--profile", help="A document that comes with the ledger, by its name.")
@click.pass_obj
def adopt(settings: Settings, file: Path | None, profile: str | None) -> None:
    """Put FILE in force from its effective date on, by an entry."""
    if (file is None) == (profile is None):
        raise click.UsageError("name a FILE, or a shipped document with --profile")
    if file is not None:
        document = read_policy(file.read_bytes())
    else:
        document = read_policy(shipped(_profile(profile or "")))
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
@click.option("--at", type=_DAY, help="A local day, such as 2025-03-07; today by default.")
@click.option("--organisation", default="", help="Id of the organisation that it decides about.")
@click.option(
    "--category",
    default="",
    type=click.Choice(["", *SERVICE_CATEGORIES]),
    help="Service category that it decides about.",
    show_choices=False,
)
@click.option(
    "--json", "as_json", is_flag=True, help="The adopted document, as the entry holds it."
)
@click.pass_obj
def show(
    settings: Settings, at: datetime | None, organisation: str, category: str, as_json: bool
) -> None:
    """Print the policy that decides, each value with its unit and basis."""
    with opened(settings) as book:
        time = book.clock.now_ms() if at is None else (at.toordinal() - EPOCH_DAY) * DAY_MS
        document = deciding_document(book, time, organisation, category)
    if as_json:
        say_json(document)
        return
    click.echo(f"{document['id']} version {document['version']}: {document['title']}")
    click.echo(f"in force {_dates(document)}, issued by {document['issuer']}")
    click.echo(f"scope: {_scope(document)}")
    for parameter in PARAMETERS.values():
        value, basis = _value_and_basis(document, parameter)
        click.echo(f"  {parameter.name} = {value}")
        click.echo(f"      {basis}")
        click.echo(f"      {_meant(parameter)}")


@policy.command()
@click.argument("a")
@click.argument("b")
@click.pass_obj
def diff(settings: Settings, a: str, b: str) -> None:
    """Compare A and B: each a file, the name of a shipped document, or an adopted ID/VERSION."""
    before, after = _found(settings, a), _found(settings, b)
    differing = 0
    for what in (lambda one: f"{one['id']}/{one['version']}", _dates, _scope):
        if what(before) != what(after):
            click.echo(f"{what(before)} → {what(after)}")
    for parameter in PARAMETERS.values():
        (was, because), (becomes, now_because) = (
            _value_and_basis(before, parameter),
            _value_and_basis(after, parameter),
        )
        if was != becomes:
            differing += 1
            click.echo(f"{parameter.name}: {was} → {becomes}")
            click.echo(f"    {a}: {because}")
            click.echo(f"    {b}: {now_because}")
    click.echo(f"{differing} of {len(PARAMETERS)} parameters differ")


@policy.command(name="list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """Print the adopted documents, in the order of adoption, and the shipped ones."""
    with opened(settings) as book:
        adopted = _adopted(book)
    click.echo("adopted:")
    for index, document in adopted:
        name = f"{document['id']}/{document['version']}"
        click.echo(f"  {name}, {_dates(document)}, scope {_scope(document)}, entry {index}")
    click.echo("shipped, to adopt with --profile:")
    for name in profile_names():
        document = read_policy(shipped(name)).canonical
        click.echo(f"  {name}, {_dates(document)}, scope {_scope(document)}: {document['title']}")


def deciding_document(
    book: Book, time: int, organisation: str = "", category: str = ""
) -> dict[str, Any]:
    """The document that decides at `time` (ms) for an organisation and a category, in canonical
    form. Refuses with `unknown_party` or `no_policy_in_force`."""
    with book.database.reading() as connection:
        standing = standing_from(connection)
        if organisation:
            standing.party(f"organisation:{organisation}")
        policy = standing.policy_for(time, organisation, category)
        row = queries.document(connection, "policy", policy.id, policy.version)
        if row is None:
            raise Refused(
                "unknown_document",
                f"{policy.version_name} decides and is not in the tables; rebuild them",
            )
        (entry,) = journal.read_entries(connection, [row.since])
    return dict(entry.facts["document"])


def _adopted(book: Book) -> list[tuple[int, Mapping[str, Any]]]:
    """(entry, document) of every adopted policy, in the order of adoption."""
    found: list[tuple[int, Mapping[str, Any]]] = []
    with book.database.reading() as connection:
        more, after = True, -1
        while more:
            rows, more = queries.documents_page(connection, "policy", after=after, limit=_ALL)
            after = rows[-1].since if rows else after
            entries = journal.read_entries(connection, [row.since for row in rows])
            found += [(entry.index, entry.facts["document"]) for entry in entries]
    return found


def _found(settings: Settings, named: str) -> Mapping[str, Any]:
    """The canonical document that a word of the command line means."""
    if Path(named).is_file():
        return read_policy(Path(named).read_bytes()).canonical
    if named in profile_names():
        return read_policy(shipped(named)).canonical
    with opened(settings) as book:
        for _, document in _adopted(book):
            if named == f"{document['id']}/{document['version']}":
                return document
    raise Refused(
        "unknown_document",
        f"{named} is no file, no shipped document and no adopted one; see sidereal policy list",
    )


def _profile(name: str) -> str:
    if name not in profile_names():
        raise Refused(
            "unknown_document",
            f"no policy of this name is shipped; there are {', '.join(profile_names())}",
        )
    return name


def _title(document: PolicyDocument) -> str:
    return f"{document.policy.id} version {document.policy.version}"


def _dates(document: Mapping[str, Any]) -> str:
    ends = f" to {document['effective_to']}" if document["effective_to"] else " on"
    return f"from {document['effective_from']}{ends}"


def _scope(document: Mapping[str, Any]) -> str:
    """Where and about what a document decides, in words."""
    scope = scope_of(document)
    words = [f"region {scope['region']}"]
    if scope["organisation"]:
        words.append(f"organisation {scope['organisation']} and below")
    if scope["tier"]:
        words.append(f"{scope['tier']} tier and below")
    if scope["categories"]:
        words.append(f"only {', '.join(scope['categories'])}")
    return "; ".join(words)


def _meant(parameter: Parameter) -> str:
    """What else the parameter may be, what it is by default, the rule it follows, and whether it
    is stated for readers alone."""
    default = parameter.said(parameter.canonical_default)
    words = (
        parameter.shape.kind,
        parameter.shape.range,
        f"default {default}",
        parameter.rule,
        "stated for readers" if parameter.for_readers else "",
    )
    return "; ".join(word for word in words if word)


def _value_and_basis(document: Mapping[str, Any], parameter: Parameter) -> tuple[str, str]:
    """What a document says of a parameter; one adopted before it existed leaves it as it was."""
    value, basis = parameter.stated(document)
    return value, "adopted before this parameter existed" if basis is None else basis or "no basis"
