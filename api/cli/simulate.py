"""`sidereal policy simulate`: what a draft would have changed, before anybody adopts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final

import click
from sqlalchemy import Connection

from api import simulated
from api.cli.common import hours_and_minutes, opened, points, progress, say_json
from api.settings import Settings
from ledger.entry import Entry, decode
from ledger.policies import profile_names, shipped
from ledger.policy import PolicyDocument, read_policy
from ledger.simulation import Change, Outcome, simulate
from ledger.store import journal

_WORDS: Final[Mapping[str, str]] = {
    "service_minutes": "service",
    "points_earned_hundredths": "points earned",
    "points_hundredths": "points to spend",
    "time_minutes": "saved time",
    "eligible_star": "star eligible for",
    "held_star": "star held",
}


@click.command("simulate")
@click.argument("file")
@click.option(
    "--since",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="The first day on which the draft is taken to be in force; its own first day by default.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def simulate_(settings: Settings, file: str, since: datetime | None, as_json: bool) -> None:
    """Show what FILE, or the shipped document of that name, would have changed on recorded history.

    Every recorded request is decided again as if FILE had been adopted last. Nothing is written.
    """
    document = read_policy(_toml(file))
    begins: date | None = since.date() if since is not None else None
    with (
        opened(settings) as book,
        book.database.snapshot() as connection,
        progress("entries") as advance,
    ):
        total = journal.count(connection)
        outcome = simulate(
            _entries(connection, total),
            document.policy,
            since=begins,
            tell=lambda done: advance(done, total),
        )
    until = document.policy.local_date(outcome.last)
    if as_json:
        say_json(simulated.as_json(document, outcome, until))
    else:
        click.echo("\n".join(_as_text(document, outcome, until)))


def _toml(named: str) -> bytes:
    """The document in a file, or the shipped one of that name. A name alone is no file's unless
    there is one."""
    if not Path(named).is_file() and named in profile_names():
        return shipped(named)
    try:
        return Path(named).read_bytes()
    except OSError:
        raise click.UsageError(
            f"{named} cannot be read, and no document of this name is shipped"
        ) from None


def _entries(connection: Connection, end: int) -> Iterator[Entry]:
    for _, data in journal.every_entry(connection, end=end):
        yield decode(data)


def _as_text(document: PolicyDocument, outcome: Outcome, until: date) -> Iterator[str]:
    policy = document.policy
    yield (
        f"{policy.id} version {policy.version}, as if in force from {outcome.begins},"
        f" on {outcome.entries} entries to {until}"
    )
    if outcome.begins > until:
        yield f"nothing is recorded on {outcome.begins} or after it: give an earlier day by --since"
    if not outcome.differs:
        yield f"nothing changes for any of {outcome.volunteers} volunteers"
    if outcome.changes:
        yield ""
        yield from _table(f"all {outcome.volunteers} volunteers", outcome.changes)
        for tier, found in outcome.by_tier.items():
            yield ""
            yield from _table(f"home organisation: {tier}", found)
    for title, moved in (
        ("star eligible for, before and under the draft", outcome.eligible_stars),
        ("star held, before and under the draft", outcome.held_stars),
    ):
        if any(before != after for before, after in moved):
            yield ""
            yield from _matrix(title, moved)
    for title, counted in (
        ("granted then, and refused by the draft:", outcome.refused),
        ("counted at once then, and held by the draft:", outcome.held),
        ("held then, and counted at once by the draft:", outcome.let_through),
    ):
        if counted:
            yield ""
            yield title
            for name, count in sorted(counted.items(), key=lambda each: (-each[1], each[0])):
                yield f"  {count:>8}  {name}"
    yield ""
    if outcome.set_aside:
        yield f"{outcome.set_aside} requests were about something that came out otherwise"
    if outcome.assumed:
        yield f"{outcome.assumed} times the draft asks another age than was attested; taken as met"
    yield "what cannot be known:"
    for sentence in simulated.UNKNOWN:
        yield f"  {sentence}"


def _table(title: str, found: Mapping[str, Change]) -> Iterator[str]:
    yield f"{title:32}{'gain':>8} {'in all':>18}{'lose':>8} {'in all':>18}"
    for name, change in found.items():
        gained, lost = _amount(name, change.gained), _amount(name, change.lost)
        yield (f"  {_WORDS[name]:30}{change.gaining:>8} {gained:>18}{change.losing:>8} {lost:>18}")


def _amount(name: str, amount: int) -> str:
    if name.endswith("_minutes"):
        return hours_and_minutes(amount)
    return points(amount) if name.endswith("_hundredths") else str(amount)


def _matrix(title: str, moved: Mapping[tuple[int, int], int]) -> Iterator[str]:
    """Rows: before; columns: under the draft."""
    columns = sorted({after for _, after in moved})
    yield f"{title:48}" + "".join(f"{after:>8}" for after in columns)
    for row in sorted({before for before, _ in moved}):
        cells = (moved.get((row, column), 0) for column in columns)
        yield f"  {row:<46}" + "".join(f"{people or '-':>8}" for people in cells)
