"""What a visitor of the town is told: where it is, who they may be, and a line to try for each."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import select

from api.demo.town import Town
from api.pages.roles import AREAS
from api.settings import Settings
from ledger.book import CONSOLE, Book
from ledger.codes import grouped
from ledger.door import sessions
from ledger.door.asking import Asking
from ledger.store import queries, tables

TOUR_FILE: Final = "tour.txt"


def describe(town: Town, settings: Settings, *, seconds: float) -> str:
    """Address, a token and a line for each kind of user, and how to verify it all."""
    rows = sum(report["rows"] for report in town.reports)
    parts = [
        f"The town of Xinghe, built in {seconds:.1f} s. Everybody in it is invented.",
        f"{len(town.volunteers)} volunteers, {rows} imported rows, {town.entries} entries",
        "",
        f"Address   {settings.public_url}",
        f"Origin    {town.origin}",
        "",
    ]
    for role, title, lines in _lines(town, settings.public_url):
        parts += [f"{title}: {town.tokens[role]}", *(f"  {line}" for line in lines), ""]
    sidereal = _sidereal(settings)
    bundle = settings.home / "bundle"
    parts += [
        "Verify it all, with a file and a public key:",
        f"  {sidereal} export {bundle} && {_beside('python')} -m audit {bundle} --key {town.vkey}",
        "",
        "Decide every entry again, and try another programme's rules on what has happened:",
        f"  {_beside('python')} -m audit {bundle} --key {town.vkey} --replay",
        f"  {sidereal} policy simulate hailin",
        "",
        "A certificate, checked by anybody who was given its number:",
        f"  curl -s '{settings.public_url}/v1/certificates/{town.certificate}'",
        "",
    ]
    return "\n".join(parts)


def sign_in_links(book: Book, settings: Settings) -> str:
    """Links for a browser, one for each kind of user that has pages, and one for a clerk at a till.
    Made when the town is served, because they are good for ten minutes."""
    sidereal = _sidereal(settings)
    lines = ["In a browser (each link once, within ten minutes; below it how to make another):"]
    for title, party, terminal, clerk in _visitors(book):
        key = book.new_id()
        ask = Asking(book=book, caller=CONSOLE, key=key, request=key.encode())
        _, secret, _ = sessions.make_link(ask, party=party, terminal=terminal, clerk=clerk)
        at = f" --terminal {terminal} --clerk {clerk}" if terminal else ""
        lines += [
            f"  {title:13} {settings.public_url}/sign-in/{secret}",
            f"  {'':13} {sidereal} sign-in link --party {party}{at}",
        ]
    return "\n".join([*lines, ""])


def _sidereal(settings: Settings) -> str:
    """A command line on this town, whose links begin as the town is served."""
    home = shlex.quote(str(settings.home))
    return f"SIDEREAL_HOME={home} SIDEREAL_PUBLIC_URL={settings.public_url} {_beside('sidereal')}"


def _visitors(book: Book) -> Iterator[tuple[str, str, str, str]]:
    """(title, address of the party, id of the till, id of the clerk) of everybody to be tried."""
    rows = tables.credentials.c
    with book.database.reading() as connection:
        found = connection.execute(
            select(rows.role, rows.party).where(rows.terminal == "").order_by(rows.since)
        )
        # The first of each role is who the town names; links of earlier evenings came later.
        by_role = dict(tuple(row) for row in reversed(found.fetchall()))
    for role in ("volunteer", "organisation", "reviewer", "auditor", "operator"):
        if role in AREAS:
            yield role, by_role[role], "", ""
    merchant, terminal, clerk = _till_with_a_clerk(book)
    yield "clerk", merchant, terminal, clerk
    yield "merchant", merchant, "", ""


def _till_with_a_clerk(book: Book) -> tuple[str, str, str]:
    """(address of the merchant, id of the terminal, id of the clerk)."""
    with book.database.reading() as connection:
        merchants = [each.address for each in queries.children(connection, "merchant", [""])]
        branches = queries.children(connection, "branch", merchants)
        addresses = [each.address for each in branches]
        clerk = queries.children(connection, "clerk", addresses)[0]
        terminal = queries.children(connection, "terminal", [clerk.parent])[0]
    merchant = next(each.parent for each in branches if each.address == clerk.parent)
    return merchant, terminal.address.partition(":")[2], clerk.address.partition(":")[2]


def keep(home: Path, text: str) -> None:
    """Keep the tour beside the ledger, readable by its owner only: it holds tokens."""
    handle = os.open(home / TOUR_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _lines(town: Town, url: str) -> list[tuple[str, str, list[str]]]:
    def get(role: str, path: str) -> str:
        return f"curl -s '{url}/v1/{path}' -H 'Authorization: Bearer {town.tokens[role]}'"

    def post(role: str, path: str, body: str, key: str = "") -> str:
        once = f" -H 'Idempotency-Key: {key}'" if key else ""
        return f"{get(role, path)}{once} -H 'Content-Type: application/json' -d '{body}'"

    volunteer = town.volunteers[town.cast.people[9].number]
    code = grouped(town.codes[0])
    reward, shop = town.offers[2].reward, town.offers[0].shop.merchant
    return [
        ("operator", "Operator", [get("operator", f"indicators?year={town.year}")]),
        (
            "organisation",
            "Organisation (a district's centre)",
            [get("organisation", "service-records?limit=5")],
        ),
        (
            "reviewer",
            "Reviewer",
            [
                get("reviewer", "service-records?state=held&limit=5"),
                post(
                    "reviewer",
                    f"service-records/{town.waiting_record}/confirm",
                    "{}",
                    "tour-confirm-00001",
                ),
            ],
        ),
        (
            "merchant",
            f"Merchant (a tea house's till; the vouchers {code} and {grouped(town.codes[1])} wait)",
            [
                post("merchant", "redemptions/verify", f'{{"code":"{code}"}}'),
                post(
                    "merchant", "redemptions/capture", f'{{"code":"{code}"}}', "tour-capture-00001"
                ),
            ],
        ),
        (
            "clerk",
            "Clerk (at the same till, with a day's limits)",
            [
                get("clerk", "till"),
                f"curl -s '{url}/v1/practice/codes'",
                post("clerk", "practice/redemptions/verify", '{"code":"TEST0-0009S"}'),
            ],
        ),
        (
            "shop",
            "Shop (the tea house itself, what it is owed and has on paper)",
            [
                get("shop", f"merchants/{shop}/balances"),
                get("shop", f"merchants/{shop}/claims?period={town.year}&format=pdf")
                + " -o claims.pdf",
                post("shop", "settlements", f'{{"merchant":"{shop}"}}', "tour-settle-000001"),
                get("shop", "settlements"),
            ],
        ),
        (
            "volunteer",
            "Volunteer",
            [
                get("volunteer", f"volunteers/{volunteer}/standing"),
                get("volunteer", f"volunteers/{volunteer}/certificates"),
                post(
                    "volunteer",
                    "redemptions",
                    f'{{"reward":"{reward}","quantity":1}}',
                    "tour-reserve-00001",
                ),
            ],
        ),
        (
            "auditor",
            "Auditor",
            [
                get("auditor", "entries?limit=3") + " -H 'Reason: looking around'",
                get("auditor", "anomalies") + " -H 'Reason: looking around'",
            ],
        ),
    ]


def _beside(command: str) -> str:
    """A command of the environment that this runs in, as short as a reader can use it."""
    found = Path(sys.executable).parent / command
    if not found.exists():
        return command
    try:
        return str(found.relative_to(Path.cwd()))
    except ValueError:
        return str(found)
