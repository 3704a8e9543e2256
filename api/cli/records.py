"""Commands about service records: import a file of them, and what a volunteer has."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import click

from api.cli.common import hours_and_minutes, opened, points, progress, say_json
from api.settings import Settings
from ledger import account
from ledger.book import Book, VolunteerStanding
from ledger.errors import Refused
from ledger.ids import is_id
from ledger.store.projections import StoredRows

BATCH_MAX = 5_000


@click.group("import")
def import_() -> None:
    """Take in files from other systems."""


@import_.command("service-records")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Decide every row and record nothing.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the whole report, with each row's fate, as JSON.",
)
@click.option("--batch", type=click.IntRange(1, BATCH_MAX), default=BATCH_MAX, show_default=True)
@click.pass_obj
def service_records(
    settings: Settings, file: Path, dry_run: bool, report: Path | None, batch: int
) -> None:
    """Import a CSV of service records.

    Importing the same file again answers each row as the first time and records nothing.
    """
    from ledger.intake import import_service_records

    with opened(settings) as book, progress("rows") as advance:
        made = import_service_records(
            book, file, dry_run=dry_run, batch=batch, progress=advance
        ).as_dict()
    if report is not None:
        text = json.dumps(made, ensure_ascii=False, indent=1)
        report.write_text(text + "\n", encoding="utf-8")
    summary = {name: value for name, value in made.items() if name not in ("lines", "flags")}
    say_json(summary)


@click.command()
@click.argument("volunteer")
@click.option("--json", "as_json", is_flag=True, help="Six numbers, for programs.")
@click.pass_obj
def standing(settings: Settings, volunteer: str, as_json: bool) -> None:
    """Say what a volunteer has. VOLUNTEER is an id or a volunteer number."""
    with opened(settings) as book:
        found = book.standing(volunteer_id(book, volunteer))
        if as_json:
            say_json(six_numbers(found))
        else:
            _say(book, found)


def six_numbers(found: VolunteerStanding) -> dict[str, int]:
    """Minutes, hundredths of a point and stars (design §9)."""
    return {
        "service_minutes": found.service_minutes,
        "points_hundredths": found.points_hundredths,
        "points_earned_hundredths": found.points_earned_hundredths,
        "time_minutes": found.time_minutes,
        "eligible_star": found.eligible_star,
        "star": found.star,
    }


def volunteer_id(book: Book, typed: str) -> str:
    """The registered volunteer whom an id or a number names. Refuses with `unknown_party`."""
    normal = unicodedata.normalize("NFKC", typed).strip()
    candidates = [normal] if is_id(normal) else []
    # Several candidates may hold one number; at most one of them was registered.
    candidates += book.vault.find("volunteer", "number", normal)
    addresses = [account.volunteer(each) for each in candidates]
    if addresses:
        with book.database.reading() as connection:
            known = StoredRows(connection).fetch("parties", addresses)
        for address in addresses:
            if address in known:
                return address.partition(":")[2]
    raise Refused("unknown_party", "no volunteer is registered under this id or number")


def _say(book: Book, found: VolunteerStanding) -> None:
    # Personal data, so the read is in the access log.
    person = book.vault.read(
        found.volunteer,
        ["name", "number"],
        by=account.CONSOLE,
        purpose="operation",
        at=book.clock.now_ms(),
    )
    title = " ".join(person[each] for each in ("name", "number") if each in person)
    click.echo(f"{title or 'a volunteer'} ({found.volunteer}), {found.state}")
    click.echo(f"  service       {hours_and_minutes(found.service_minutes)}")
    click.echo(f"  star          {found.star} granted, eligible for {found.eligible_star}")
    if found.minutes_to_next_star is not None:
        click.echo(f"  to the next   {hours_and_minutes(found.minutes_to_next_star)}")
    click.echo(f"  points        {points(found.points_hundredths)} to spend")
    for last_day, hundredths in found.lapsing[:1]:
        click.echo(f"                {points(hundredths)} of them until {last_day}")
    click.echo(f"  points earned {points(found.points_earned_hundredths)}")
    if found.points_owed_hundredths:
        click.echo(f"  points owed   {points(found.points_owed_hundredths)}")
    click.echo(f"  saved time    {hours_and_minutes(found.time_minutes)}")
    if found.time_owed_minutes:
        click.echo(f"  time owed     {hours_and_minutes(found.time_owed_minutes)}")
    click.echo(f"  as of entry {found.as_of_entry - 1}, under {found.policy}")
