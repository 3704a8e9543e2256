"""Commands that make a ledger and serve it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import click

from api.cli.common import opened, progress
from api.settings import Settings
from ledger.errors import Refused


@click.command()
@click.option(
    "--host",
    default="ledger.example",
    show_default=True,
    help="The name your ledger will be known by; it begins the origin and never changes.",
)
@click.pass_obj
def init(settings: Settings, host: str) -> None:
    """Make a working ledger with cn-default adopted; again it changes nothing."""
    from ledger.founding import found

    if host.startswith("demo-"):
        raise Refused("bad_host", "a host that begins with demo- marks a demonstration")
    book = found(
        settings.home,
        database_url=settings.database_url,
        vault_url=settings.vault_url,
        host=host,
    )
    try:
        book.signer.release()
        click.echo(f"the ledger {book.origin} is ready in {settings.home}")
        click.echo(f"its public key: {book.keys.log.vkey}")
        if book.database.is_sqlite:
            click.echo("serve it with: sidereal serve")
        else:
            click.echo(
                "serve it with a login that may add entries and never change one, made with\n"
                "  CREATE ROLE serving LOGIN IN ROLE sidereal_writer;\n"
                "and named in SIDEREAL_DATABASE_URL; keep this login, the owner, for migrations"
            )
        click.echo(
            f"keep a copy of {settings.home}/keys apart from the database: sidereal keys backup DIR"
        )
    finally:
        book.close()


@click.command()
@click.option("--host", help="Address to listen on [default: SIDEREAL_HOST or 127.0.0.1].")
@click.option("--port", type=click.IntRange(1, 65_535), help="[default: SIDEREAL_PORT or 8080]")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True)
@click.pass_obj
def serve(
    settings: Settings, host: str | None, port: int | None, workers: int, threads: int
) -> None:
    """Serve the ledger over HTTP until SIGTERM or Ctrl-C."""
    from api.serve import serve as serve_ledger

    serve_ledger(listening(settings, host, port), workers=workers, threads=threads)


def listening(settings: Settings, host: str | None, port: int | None) -> Settings:
    """The settings with another address, also in what links begin with unless that was given."""
    host, port = host or settings.host, port or settings.port
    derived = Settings(host=settings.host, port=settings.port).public_url
    given = settings.public_url not in (derived, f"http://{settings.host}:{settings.port}")
    url = settings.public_url if given else f"http://{f'[{host}]' if ':' in host else host}:{port}"
    return replace(settings, host=host, port=port, public_url=url)


@click.command()
@click.option("--serve", "then_serve", is_flag=True, help="Serve the town until Ctrl-C.")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to build it [default: demo in SIDEREAL_HOME].",
)
@click.option("--keep", is_flag=True, help="Use the town that is there already.")
@click.option("--volunteers", type=click.IntRange(40, 1_440), default=320, show_default=True)
@click.option("--port", type=click.IntRange(1, 65_535), help="[default: SIDEREAL_PORT or 8080]")
@click.pass_obj
def demo(
    settings: Settings,
    then_serve: bool,
    home: Path | None,
    keep: bool,
    volunteers: int,
    port: int | None,
) -> None:
    """Build a demonstration town on SQLite, with everybody in it invented."""
    from api.demo import Scale, build_town, tour
    from api.serve import refuse_taken_port
    from api.serve import serve as serve_ledger

    home = home or settings.home / "demo"
    own = Settings(
        home=home,
        host="127.0.0.1",
        port=settings.port,
        webhook_networks=settings.webhook_networks,
    )
    town_settings = listening(own, None, port)
    # The same machine by its name: passkeys are good for a name, and an address of numbers is none.
    url = f"http://localhost:{town_settings.port}"
    town_settings = replace(town_settings, public_url=url)
    if then_serve:
        # Before anything is removed: whoever listens there may be serving the town of this folder.
        refuse_taken_port(town_settings)
    if keep and (home / tour.TOUR_FILE).exists():
        click.echo((home / tour.TOUR_FILE).read_text(encoding="utf-8"), nl=False)
    else:
        began = time.monotonic()
        clear(home)
        with progress("building the town") as advance:
            town = build_town(town_settings, scale=Scale(volunteers=volunteers), progress=advance)
        text = tour.describe(town, town_settings, seconds=time.monotonic() - began)
        tour.keep(home, text)
        click.echo(text, nl=False)
    if then_serve:
        with opened(town_settings) as book:
            links = tour.sign_in_links(book, town_settings)
        click.echo(links)
        click.echo(f"Serving {town_settings.public_url} until Ctrl-C.")
        serve_ledger(town_settings, quiet=True)


def clear(home: Path) -> None:
    """Remove an earlier demonstration; nothing else is ever removed.

    Refuses with `not_a_demonstration` where a folder holds anything that no demonstration made.
    """
    import shutil

    if not home.exists() or not any(home.iterdir()):
        return
    origin = home / "origin"
    if not origin.exists() or not origin.read_text(encoding="ascii").startswith("demo-"):
        raise Refused(
            "not_a_demonstration",
            f"{home} is not empty and holds no demonstration; name another folder with --home",
        )
    shutil.rmtree(home)
