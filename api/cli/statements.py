"""Commands about records that leave for other ledgers or come from them, and about patterns that an
auditor should look into."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from api.cli.common import fresh_key, hours_and_minutes, opened, say_json
from api.cli.journal import signed_note
from api.cli.records import volunteer_id
from api.settings import Settings
from ledger.book import CONSOLE
from ledger.entry import canonical
from ledger.errors import Refused

if TYPE_CHECKING:
    from ledger.anomalies import Finding
    from ledger.statement import Statement


@click.group()
def statement() -> None:
    """A volunteer's records, taken along to another ledger."""


@statement.command("export")
@click.argument("volunteer")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--after",
    default=-1,
    type=click.IntRange(-1),
    help="Go on after this entry, where one file was not enough.",
)
@click.pass_obj
def export(settings: Settings, volunteer: str, out: Path, after: int) -> None:
    """Write the signed statement of VOLUNTEER (an id or a volunteer number) into a new file.

    At the volunteer's own request; an entry says that it was issued.
    """
    from ledger.door import statements

    with opened(settings) as book:
        who = volunteer_id(book, volunteer)
        # Before the entry: a file that cannot be written was not issued.
        with _new_file(out) as file:
            try:
                signed_note(book)
                issued = statements.issue(book, CONSOLE, volunteer=who, after=after)
                file.write(issued.statement)
            except BaseException:
                out.unlink()
                raise
        click.echo(
            f"{out}: {issued.records} records, {hours_and_minutes(issued.minutes)},"
            f" of the first {issued.size} entries"
        )
        click.echo(f"its key is {book.keys.log.vkey}")
        if issued.has_more:
            click.echo(f"more did not fit: export again with --after {issued.last}")


def _new_file(out: Path) -> BinaryIO:
    """A file of our own making, for nobody else to read: it tells where somebody was and when."""
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        return os.fdopen(handle, "wb")
    except FileExistsError:
        raise Refused("file_exists", f"{out} is there already; name a new file") from None


@statement.command("accept")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, help="The other ledger's VKEY.")
@click.option("--volunteer", default="", help="Whose it is here: an id or a volunteer number.")
@click.pass_obj
def accept(settings: Settings, file: Path, key: str, volunteer: str) -> None:
    """Accept a statement that another ledger signed.

    Without --volunteer it is only checked, and nothing is recorded. With it, the volunteer's
    consent must be on the ledger (purpose `statement`).
    """
    from ledger.door import statements
    from ledger.door.asking import Asking
    from ledger.statement import STATEMENT_BYTES_MAX

    with file.open("rb") as opened_file:
        data = opened_file.read(STATEMENT_BYTES_MAX + 1)
    with opened(settings) as book:
        found, _ = statements.read(book, data, key)
        if not volunteer:
            _say(found)
            click.echo("it holds; nothing was recorded: name the volunteer with --volunteer")
            return
        who = volunteer_id(book, volunteer)
        request = canonical(["accept_statement", who, found.digest])
        ask = Asking(book=book, caller=CONSOLE, key=fresh_key(book), request=request)
        receipt = statements.accept(ask, volunteer=who, statement=data, key=key)
        facts = receipt.entry.facts
        _say(found)
        brought = sum(each.facts["minutes"] for each in receipt.entries[1:])
        click.echo(
            f"entry {receipt.entry.index}: {facts['records']} records came over and brought"
            f" {hours_and_minutes(brought)}; {facts['known']} had come before"
        )


def _say(found: Statement) -> None:
    click.echo(f"{len(found.records)} records of {found.volunteer} on {found.origin}")
    click.echo(f"  as of its first {found.size} entries")
    for evidence, minutes in found.minutes.items():
        click.echo(f"  {evidence:9} {hours_and_minutes(minutes)}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only sessions that began on that day or later.",
)
@click.pass_obj
def anomalies(settings: Settings, as_json: bool, since: datetime | None) -> None:
    """Patterns in service records that an auditor should look into, the heaviest first.

    Each is a question, not a verdict.
    """
    from ledger.door.anomalies import look

    with opened(settings) as book:
        found = look(book, since=since.date() if since else None)
    if as_json:
        say_json({"data": [each.as_dict() for each in found], "findings": len(found)})
        return
    for each in found:
        _tell(each)
    click.echo(f"{len(found)} findings")


def _tell(finding: Finding) -> None:
    who = ", ".join(f"{what} {one}" for what, one in finding.who)
    click.echo(f"{finding.kind}: {who}")
    click.echo(
        f"  {finding.count} records, {finding.share / 10:.1f} % of theirs,"
        f" {hours_and_minutes(finding.minutes)}; such as entries"
        f" {', '.join(str(entry) for _, entry in finding.examples)}"
    )
    click.echo(f"  {finding.why}")
