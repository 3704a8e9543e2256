"""Commands about consent and the credit list: withdraw for somebody, list everybody who is
eligible, publish without names."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import click

from api.cli.common import fresh_key, opened, say_json
from api.cli.records import volunteer_id
from api.settings import Settings
from ledger.actions.consents import CONSENT_PURPOSES, RecordConsent
from ledger.actions.credit import ListForCredit
from ledger.book import CONSOLE, Book
from ledger.door.credit import published, running_cycle, willing_volunteers
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.sequencer import Receipt

_PAGE = 500


@click.group("credits")
def credits_() -> None:
    """The credit list of a cycle."""


@credits_.command("list")
@click.option("--cycle", default="", help="By default the cycle that runs, such as 2025.")
@click.option("--dry-run", is_flag=True, help="Say who would be listed and record nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def list_(settings: Settings, cycle: str, dry_run: bool, as_json: bool) -> None:
    """List every volunteer who agreed and is eligible.

    Run again, it lists whoever became eligible meanwhile.
    """
    found: list[dict[str, Any]] = []
    noes: Counter[str] = Counter()
    with opened(settings) as book:
        wanted = cycle or running_cycle(book)
        for some in willing_volunteers(book):
            asked = [ListForCredit(volunteer=each, cycle=wanted) for each in some]
            for answer in _decided(book, asked, dry_run=dry_run):
                if isinstance(answer, Refused):
                    noes[answer.code] += 1
                else:
                    found.append(answer)
    if as_json:
        say_json({"cycle": wanted, "listed": found, "not_listed": dict(sorted(noes.items()))})
        return
    for one in found:
        click.echo(
            f"{one['volunteer']}  {one['star']} stars, {one['points']} points,"
            f" {one['measures']} measures"
        )
    verb = "would be" if dry_run else "are now"
    click.echo(f"{len(found)} {verb} on the list of {wanted}")
    for code, count in sorted(noes.items()):
        click.echo(f"  not listed: {count} ({code})")


def _decided(
    book: Book, asked: list[ListForCredit], *, dry_run: bool
) -> list[dict[str, Any] | Refused]:
    """What each listing says, or why it is none."""
    if dry_run:
        return [_facts(each) for each in book.would_mean(asked)]
    results = book.record_all([(action, fresh_key(book), None) for action in asked], caller=CONSOLE)
    return [_facts(each) for each in results]


def _facts(answer: Receipt | list[Draft] | Refused) -> dict[str, Any] | Refused:
    if isinstance(answer, Refused):
        return answer
    said = answer.entry.facts if isinstance(answer, Receipt) else answer[0].facts
    return {name: said[name] for name in ("volunteer", "star", "minutes", "points", "measures")}


@credits_.command()
@click.option("--cycle", default="", help="By default the cycle that runs, such as 2025.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def publish(settings: Settings, cycle: str, as_json: bool) -> None:
    """Print the list of a cycle without names or ids, ready to be published."""
    with opened(settings) as book:
        wanted = cycle or running_cycle(book)
        places, more = published(book, wanted, limit=_PAGE)
        while more:
            further, more = published(book, wanted, after=len(places), limit=_PAGE)
            places += further
    if as_json:
        say_json({"cycle": wanted, "places": [asdict(place) for place in places]})
        return
    click.echo(f"credit list {wanted}, {len(places)} places")
    click.echo("position  stars  points  measures")
    for place in places:
        click.echo(f"{place.position:>8}  {place.star:>5}  {place.points:>6}  {place.measures:>8}")


@click.command()
@click.argument("volunteer")
@click.option("--purpose", required=True, type=click.Choice(CONSENT_PURPOSES))
@click.option("--answer", required=True, type=click.Choice(["refused", "withdrawn"]))
@click.option("--party", default="", help="An address such as merchant:ID; by default everybody.")
@click.pass_obj
def consent(settings: Settings, volunteer: str, purpose: str, answer: str, party: str) -> None:
    """Record that VOLUNTEER (an id or a volunteer number) refuses or withdraws consent.

    For those who cannot say so themselves any more. Giving consent is their own act.
    """
    with opened(settings) as book:
        who = volunteer_id(book, volunteer)
        action = RecordConsent(volunteer=who, purpose=purpose, answer=answer, party=party)
        receipt = book.record(action, caller=CONSOLE, key=fresh_key(book))
        for entry in receipt.entries:
            click.echo(f"{entry.kind} by entry {entry.index}")
