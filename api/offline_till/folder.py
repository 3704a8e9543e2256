"""What a till keeps: its key, its session, and everything that it took.

    till.key              its Ed25519 seed, hex; made once, 0600
    session.json          the session that is open, as the ledger told it
    taken-<session>.jsonl what it took: one signed acceptance a line, only ever added to
    answers-<session>.json  what became of each, as far as it was uploaded
    past/                 sessions that were closed

An acceptance is on the disk before anybody is told that a voucher is valid. If the power fails
while a line is written, nobody was told: the torn line is cut off and said so.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from api.offline_till.judging import Session, Taken
from ledger.account import POINT, TIME
from ledger.errors import Refused
from ledger.keys import Ed25519Signer, Ed25519Verifier
from ledger.note import NoteRefused
from ledger.voucher import (
    Acceptance,
    Voucher,
    digest_of,
    open_acceptance,
    open_voucher,
    sign_acceptance,
    till_name,
)

_SEED: Final = re.compile(r"[0-9a-f]{64}\n")
_TAKEN: Final = "taken-{}.jsonl"
_ANSWERS: Final = "answers-{}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A voucher that was taken, as it is kept and uploaded."""

    acceptance: Acceptance
    voucher: Voucher
    notes: Mapping[str, str]
    """The signed notes: `acceptance` and `voucher`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the till's ledger is: the server's address, and the file with the till's token."""

    server: str
    token_file: str


class Folder:
    """A till's folder, for as long as `opened` holds its lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = 0
        """Bytes of a torn line that was cut off since the folder was opened."""

    # Key ---------------------------------------------------------------------------------------

    def make_key(self) -> str:
        """The till's public key, hex; made if there is none yet."""
        path = self.path / "till.key"
        if not path.exists():
            _write_new(path, secrets.token_bytes(32).hex().encode() + b"\n")
        return self.signer("till").public_key.hex()

    def signer(self, name: str) -> Ed25519Signer:
        """The till's key, signing as `name`. Refuses with `till_unreadable`."""
        seed = _private(self.path / "till.key")
        if not _SEED.fullmatch(seed):
            raise unreadable(self.path / "till.key", "it is no key")
        return Ed25519Signer(name, bytes.fromhex(seed.strip()))

    # Session -----------------------------------------------------------------------------------

    def session(self) -> tuple[Session, Place]:
        """The session that is open. Refuses with `no_session`, `till_unreadable`."""
        path = self.path / "session.json"
        if not path.exists():
            raise Refused("no_session", "this till has no session; begin with `sidereal till open`")
        kept = _json(path)
        try:
            session = Session(**{field.name: kept[field.name] for field in fields(Session)})
            return session, Place(server=kept["server"], token_file=kept["token_file"])
        except (KeyError, TypeError):
            raise unreadable(path, "it is no session of a till") from None

    def begin(self, session: Session, place: Place) -> None:
        """Remember a session that the ledger opened."""
        _replace(self.path / "session.json", asdict(session) | asdict(place))
        self.forget_opening()

    def opening(self) -> str:
        """The key under which a session is asked for: the same until one was opened, so that an
        answer that was lost opens no second one."""
        path = self.path / "opening.json"
        if not path.exists():
            _replace(path, {"key": f"till-{secrets.token_hex(16)}"})
        return str(_json(path)["key"])

    def forget_opening(self) -> None:
        """The next session is asked for under another key."""
        (self.path / "opening.json").unlink(missing_ok=True)

    def end(self, session: Session) -> None:
        """Put a closed session away."""
        past = self.path / "past"
        past.mkdir(mode=0o700, exist_ok=True)
        for name in (_ANSWERS.format(session.session), _TAKEN.format(session.session)):
            if (self.path / name).exists():
                (self.path / name).rename(past / name)
        # Last, so that a crash before leaves a session that can be closed again.
        (self.path / "session.json").rename(past / f"session-{session.session}.json")
        _sync_folder(self.path)

    # What was taken ----------------------------------------------------------------------------

    def lines(self, session: Session) -> list[Line]:
        """Everything taken in a session, in order. A torn last line is cut off: it was never said
        to be valid. Refuses with `till_unreadable` for anything else that is not as it was kept."""
        path = self.path / _TAKEN.format(session.session)
        if not path.exists():
            return []
        data = path.read_bytes()
        whole, _, rest = data.rpartition(b"\n")
        if rest:
            self.torn += len(rest)
            _cut(path, len(data) - len(rest))
        till = self.signer(till_name(session.origin, session.session)).verifier
        ledger = Ed25519Verifier.from_vkey(session.voucher_key)
        found = [_line(path, each, till, ledger) for each in whole.split(b"\n") if each]
        if [each.acceptance.counter for each in found] != list(range(1, len(found) + 1)):
            raise unreadable(path, "its lines are not counted one by one")
        return found

    def taken(self, session: Session) -> Taken:
        """What all that amounts to."""
        lines = self.lines(session)
        amounts = {POINT: 0, TIME: 0}
        ever = dict(self._taken_before())
        for each in lines:
            amounts[each.voucher.asset] += each.voucher.amount
            ever[each.voucher.redemption] = each.acceptance.accepted
        return Taken(
            counter=len(lines),
            points=amounts[POINT],
            minutes=amounts[TIME],
            last=lines[-1].acceptance.accepted if lines else 0,
            redemptions=ever,
        )

    def keep(
        self, session: Session, note: bytes, *, counter: int, accepted: int, value: str
    ) -> Acceptance:
        """Sign that a voucher is taken, and have it on the disk before this returns. Refuses with
        `not_kept` where the disk does not take it."""
        acceptance = Acceptance(
            origin=session.origin,
            session=session.session,
            counter=counter,
            accepted=accepted,
            value=value,
            voucher=digest_of(note),
        )
        signed = sign_acceptance(
            acceptance, self.signer(till_name(session.origin, session.session))
        )
        line = json.dumps(
            {"acceptance": signed.decode(), "voucher": note.decode()}, ensure_ascii=False
        )
        try:
            _append(self.path / _TAKEN.format(session.session), line.encode() + b"\n")
        except OSError as error:
            raise Refused(
                "not_kept",
                f"无法保存，请勿收取 · this could not be kept ({error.strerror}): do not take it",
            ) from None
        return acceptance

    def _taken_before(self) -> Iterator[tuple[str, int]]:
        """(redemption, when) of everything in sessions that were closed."""
        for path in sorted((self.path / "past").glob("session-*.json")):
            kept = _json(path)
            till = self.signer(till_name(kept["origin"], kept["session"])).verifier
            ledger = Ed25519Verifier.from_vkey(kept["voucher_key"])
            taken = path.with_name(_TAKEN.format(kept["session"]))
            for data in taken.read_bytes().splitlines() if taken.exists() else ():
                line = _line(taken, data, till, ledger)
                yield line.voucher.redemption, line.acceptance.accepted

    # What became of it -------------------------------------------------------------------------

    def answers(self, session: Session) -> dict[int, dict[str, Any]]:
        """What the ledger answered, by counter."""
        path = self.path / _ANSWERS.format(session.session)
        kept = _json(path) if path.exists() else {}
        return {int(counter): answer for counter, answer in kept.items()}

    def keep_answers(self, session: Session, answers: Mapping[int, Mapping[str, Any]]) -> None:
        """Remember what the ledger answered."""
        kept = {str(counter): answers[counter] for counter in sorted(answers)}
        _replace(self.path / _ANSWERS.format(session.session), kept)


@contextmanager
def opened(path: Path, *, make: bool = False) -> Iterator[Folder]:
    """A till's folder, and nobody else in it: whoever comes second waits. Refuses with
    `no_till`, and with `till_unreadable` where others could put other files into it."""
    if make:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not (path / "till.key").exists():
        raise Refused("no_till", f"{path} is no till's folder; begin with `sidereal till open`")
    if path.stat().st_mode & 0o022:
        raise unreadable(path, f"others may write to it; run `chmod go-w {path}`")
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(path / "till.lock", flags, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield Folder(path)
    finally:
        os.close(handle)


def read_token(path: Path) -> str:
    """A till's token, from a file that nobody else may read. Refuses with `till_unreadable`."""
    return _private(path).strip()


def unreadable(path: Path, why: str) -> Refused:
    """The no for a file that is not what a till keeps there."""
    return Refused("till_unreadable", f"{path} cannot be used: {why}")


def _line(path: Path, data: bytes, till: Ed25519Verifier, ledger: Ed25519Verifier) -> Line:
    try:
        notes = json.loads(data)
        acceptance = open_acceptance(notes["acceptance"].encode(), [till])
        voucher = open_voucher(notes["voucher"].encode(), [ledger])
    except (ValueError, KeyError, TypeError, AttributeError, NoteRefused) as bad:
        raise unreadable(path, f"a line of it was changed ({bad})") from None
    return Line(acceptance=acceptance, voucher=voucher, notes=notes)


def _private(path: Path) -> str:
    """The text of a file that only its owner may read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise unreadable(path, str(error.strerror)) from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise unreadable(path, "it is no file")
        if status.st_mode & 0o077:
            raise unreadable(path, f"others may read it; run `chmod 600 {path}`")
        return file.read(4_096).decode("ascii", "replace")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise unreadable(path, f"it cannot be read ({error})") from None
    if not isinstance(found, dict):
        raise unreadable(path, "it is no JSON object")
    return found


def _write_new(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    _write(os.open(path, flags, 0o600), data)
    _sync_folder(path.parent)


def _append(path: Path, data: bytes) -> None:
    made = not path.exists()
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    _write(os.open(path, flags, 0o600), data)
    if made:
        _sync_folder(path.parent)


def _write(handle: int, data: bytes) -> None:
    """Write everything and wait until it is on the disk."""
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, document: Mapping[str, Any]) -> None:
    """The whole document or, after a crash, the one that was there."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    text = json.dumps(document, ensure_ascii=False, indent=1)
    _write_new(draft, f"{text}\n".encode())
    draft.replace(path)
    _sync_folder(path.parent)


def _cut(path: Path, size: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.ftruncate(handle, size)
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
