"""Commands about stars that policy grants by itself, and about indicators."""

from __future__ import annotations

import click

from api.cli.common import fresh_key, hours_and_minutes, opened, say_json
from api.cli.records import volunteer_id
from api.settings import Settings
from ledger.actions.stars import AssessStars
from ledger.book import CONSOLE
from ledger.indicators import NOT_APPLICABLE, Indicators, Ratio, Served

_RATIOS = ("residents", "staff", "members")
_VERDICTS = {"met": "above", "not_met": "not above"}


@click.group("stars")
def stars_() -> None:
    """Stars of volunteers."""


@stars_.command()
@click.option("--volunteer", default="", help="Only this one: an id or a volunteer number.")
@click.pass_obj
def assess(settings: Settings, volunteer: str) -> None:
    """Grant the stars that policy grants by itself.

    Where stars are applied for, nothing is granted; one volunteer is then refused with the reason.
    """
    from ledger.door.stars import assess_all

    with opened(settings) as book:
        if not volunteer:
            granted = assess_all(book)
            click.echo(f"{granted} volunteer{'' if granted == 1 else 's'} got a star")
            return
        action = AssessStars(volunteer=volunteer_id(book, volunteer))
        receipt = book.record(action, caller=CONSOLE, key=fresh_key(book))
        for entry in receipt.entries:
            click.echo(f"star {entry.facts['star']} granted by entry {entry.index}")


@click.command()
@click.option("--organisation", default="", help="Its id; by default the whole ledger.")
@click.option("--year", type=click.IntRange(2000, 2100), help="By default this one.")
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON document.")
@click.pass_obj
def indicators(settings: Settings, organisation: str, year: int | None, as_json: bool) -> None:
    """Say how far volunteering reaches: registration ratios, active rate, hours."""
    from api.reads.honours import as_document
    from ledger.door.honours import read_indicators

    with opened(settings) as book:
        found = read_indicators(book, organisation=organisation, year=year or 0)
    if as_json:
        say_json(as_document(found))
    else:
        _say(found)


def _say(found: Indicators) -> None:
    click.echo(f"{found.organisation or 'everybody'}, {found.year}, under {found.policy}")
    for name in _RATIOS:
        click.echo(f"  {name:<12}{_ratio(getattr(found, name))}")
    click.echo(f"  {'volunteers':<12}{_served(found.total)}")
    for tier, what in sorted(found.by_tier.items()):
        click.echo(f"    {tier:<10}{_served(what)}")
    for month, what in enumerate(found.by_month, 1):
        if what.active:
            click.echo(f"    {found.year}-{month:02d}   {_served(what)}")


def _ratio(ratio: Ratio) -> str:
    if ratio.verdict == NOT_APPLICABLE:
        return "not applicable: nobody stated how many there are"
    verdict = _VERDICTS[ratio.verdict]
    return (
        f"{ratio.part} of {ratio.whole} ({percent(ratio.per_ten_thousand)}),"
        f" {verdict} {ratio.target_percent} %"
    )


def _served(what: Served) -> str:
    return (
        f"{what.registered} registered, {what.active} active"
        f" ({percent(what.active_per_ten_thousand)}), {hours_and_minutes(what.minutes)},"
        f" {hours_and_minutes(what.minutes_per_volunteer)} each"
    )


def percent(per_ten_thousand: int) -> str:
    """Ten-thousandths as people write them: 13.01 %."""
    return f"{per_ten_thousand // 100}.{per_ten_thousand % 100:02d} %"
