"""The commands of a till that works without a network (docs/offline.md)."""

from __future__ import annotations

import re
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from api.offline_till import folder as folders
from api.offline_till.folder import Folder, Line, Place
from api.offline_till.judging import Session, judge
from api.offline_till.talking import Server, id_in, ms_in, outcomes_in, session_in
from ledger.errors import Refused
from ledger.keys import Ed25519Verifier
from ledger.voucher import NOTHING, VOUCHER_BYTES_MAX, Voucher, as_shown

ITEMS_A_REQUEST: Final = 100
CLOCK_MS_MAX: Final = 60_000
"""How far a till's clock may be from the server's when a session is opened."""
_VALUE: Final = re.compile(r"[0-9]{6}")

_folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("till"),
    show_default=True,
    help="What this till keeps.",
)


@click.group()
def till() -> None:
    """Take vouchers where there is no network, and say so afterwards."""


@till.command("open")
@_folder
@click.option("--server", required=True, help="The ledger's address: https://…")
@click.option(
    "--token-file",
    required=True,
    envvar="SIDEREAL_TILL_TOKEN_FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file with this till's token [or SIDEREAL_TILL_TOKEN_FILE].",
)
def open_(folder: Path, server: str, token_file: Path) -> None:
    """Begin, with a network: fetch the ledger's key and what this till may take."""
    with folders.opened(folder, make=True) as kept:
        if (folder / "session.json").exists():
            raise Refused("session_open", "this till has a session; upload and close it first")
        talk = Server(server, folders.read_token(token_file))
        public_key = kept.make_key()
        session = _opened(kept, talk, public_key)
        kept.begin(session, Place(server=talk.url, token_file=str(token_file.resolve())))
    click.echo(f"离线时段已开始 · this till takes vouchers until {_clock(session.until)}")
    click.echo(
        f"at most {session.captures} vouchers, {session.points} hundredths of a point,"
        f" {session.minutes} minutes; upload by {_clock(session.upload_by)}"
    )


def _opened(kept: Folder, talk: Server, public_key: str) -> Session:
    """The session, of which the ledger's clock and ours agree."""
    try:
        answer = talk.post("/offline", {"till_key": public_key}, key=kept.opening())
    except Refused as refused:
        if refused.code != "server_unreachable":
            kept.forget_opening()
        raise
    made = talk.get(f"/offline/{id_in(answer, 'session')}")
    offset = ms_in(made, "now") - _now()
    if abs(offset) > CLOCK_MS_MAX:
        raise Refused(
            "clock_unsure", "this till's clock is not the server's; set it, then open again"
        )
    return session_in(made, offset)


@till.command("take")
@_folder
@click.option("--value", default="", help="The six digits on the holder's phone.")
@click.argument("voucher")
def take(folder: Path, value: str, voucher: str) -> None:
    """Take a voucher without a network: VOUCHER is what its QR holds, or - to read it."""
    if value and not _VALUE.fullmatch(value):
        raise click.UsageError("the value is the six digits on the holder's phone")
    note = as_shown(_scanned() if voucher == "-" else voucher)
    with folders.opened(folder) as kept:
        session, _ = kept.session()
        try:
            found, counter = _take(kept, session, note, value)
        except Refused as refused:
            click.echo("无效 · NOT VALID")
            if "taken_at" in refused.facts:
                click.echo(f"收取时间 · taken {_clock(refused.facts['taken_at'])}")
            raise
    title = "（未注明） · (not named)" if found.item == NOTHING else found.item
    click.echo("有效 · VALID")
    click.echo(f"商品 · item: {title}")
    click.echo(f"数量 · quantity: {found.quantity}")
    click.echo(f"编号 · number: {counter}")
    if not value:
        click.echo(
            "未核对动态码，付款前须复核 · without the six digits: reviewed before it is paid"
        )


def _scanned() -> str:
    """What stands on standard input; bytes that are no text make it no voucher."""
    data = sys.stdin.buffer.read(VOUCHER_BYTES_MAX + 1)
    return data.decode("utf-8", "replace")


def _take(kept: Folder, session: Session, note: bytes, value: str) -> tuple[Voucher, int]:
    taken = kept.taken(session)
    _say_torn(kept)
    now = _now() + session.offset
    ledger = Ed25519Verifier.from_vkey(session.voucher_key)
    found = judge(note, session, taken, now, ledger=ledger)
    # On the disk before anybody hears that it is valid: a crash here leaves a voucher that is
    # taken and was not handed out, which the merchant sees; never the other way round.
    kept.keep(session, note, counter=taken.counter + 1, accepted=now, value=value)
    return found, taken.counter + 1


@till.command("status")
@_folder
def status(folder: Path) -> None:
    """Show what this till took, what it may still take, and what became of it."""
    with folders.opened(folder) as kept:
        session, _ = kept.session()
        lines, answers, taken = kept.lines(session), kept.answers(session), kept.taken(session)
        _say_torn(kept)
    click.echo(f"session {session.session}, takes vouchers until {_clock(session.until)}")
    click.echo(f"taken: {taken.counter} of {session.captures}")
    click.echo(f"points: {taken.points} of {session.points} hundredths")
    click.echo(f"minutes: {taken.minutes} of {session.minutes}")
    waiting = sum(each.acceptance.counter not in answers for each in lines)
    click.echo(f"not uploaded: {waiting}; upload by {_clock(session.upload_by)}")
    for each in lines:
        click.echo(_told(each, answers.get(each.acceptance.counter)))


@till.command("upload")
@_folder
@click.option("--again", is_flag=True, help="Everything, also what was answered before.")
def upload(folder: Path, again: bool) -> None:
    """Say what was taken, with a network; what did not fit is listed with its reason."""
    with folders.opened(folder) as kept:
        session, place = kept.session()
        lines, answers = kept.lines(session), kept.answers(session)
        _say_torn(kept)
    talk = Server(place.server, folders.read_token(Path(place.token_file)))
    sending = [each for each in lines if again or each.acceptance.counter not in answers]
    for start in range(0, len(sending), ITEMS_A_REQUEST):
        # The folder is free meanwhile: vouchers are taken however slow the network is.
        answered = _upload(session, talk, sending[start : start + ITEMS_A_REQUEST])
        with folders.opened(folder) as kept:
            answers = kept.answers(session) | answered
            kept.keep_answers(session, answers)
    counts: dict[str, int] = {}
    for each in lines:
        answer = answers.get(each.acceptance.counter)
        click.echo(_told(each, answer))
        outcome = answer["outcome"] if answer else "not uploaded"
        counts[outcome] = counts.get(outcome, 0) + 1
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    click.echo(f"{len(sending)} uploaded now; of {len(lines)} taken: {said or 'none'}")


def _upload(session: Session, talk: Server, some: list[Line]) -> dict[int, dict[str, Any]]:
    """Upload some; what was answered by counter. A refusal is asked again next time."""
    body = {"acceptances": [dict(each.notes) for each in some]}
    answer = talk.post(f"/offline/{session.session}/uploads", body)
    answered = {}
    for line, item in zip(some, outcomes_in(answer, len(some)), strict=True):
        if item["outcome"] == "refused":
            click.echo(f"{line.acceptance.counter}: {item['code']}: {item['reason']}", err=True)
        else:
            answered[line.acceptance.counter] = item
    return answered


@till.command("close")
@_folder
def close(folder: Path) -> None:
    """End the session, once everything has been uploaded."""
    with folders.opened(folder) as kept:
        session, place = kept.session()
        lines, answers = kept.lines(session), kept.answers(session)
        _say_torn(kept)
        waiting = sum(each.acceptance.counter not in answers for each in lines)
        if waiting:
            raise Refused("not_uploaded", f"{waiting} vouchers were not uploaded yet; do so first")
        talk = Server(place.server, folders.read_token(Path(place.token_file)))
        try:
            talk.post(
                f"/offline/{session.session}/close",
                {"last": len(lines)},
                key=f"till-close-{session.session}",
            )
        except Refused as refused:
            # The answer to an earlier try may have been lost on the way.
            if refused.code != "offline_session_closed":
                raise
        kept.end(session)
    click.echo(f"离线时段已结束 · session {session.session} is closed: {len(lines)} vouchers")


def _say_torn(kept: Folder) -> None:
    if kept.torn:
        click.echo(
            f"a line of {kept.torn} bytes was torn, as by a power failure, and is cut off: nobody"
            " was told that it was valid",
            err=True,
        )
        kept.torn = 0


def _told(line: Line, answer: dict[str, Any] | None) -> str:
    acceptance = line.acceptance
    said = f"{acceptance.counter:>4}  {_clock(acceptance.accepted)}  {line.voucher.redemption}"
    if answer is None:
        return f"{said}  not uploaded"
    outcome = str(answer["outcome"])
    if outcome == "conflict":
        outcome += f" {answer['ground']}, borne by the {answer['bearer']}"
    return f"{said}  {outcome}  entry {answer['entry']}"


def _now() -> int:
    return time.time_ns() // 1_000_000


def _clock(ms: int) -> str:
    """A time as the till's own clock shows it."""
    return datetime.fromtimestamp(ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")
