"""The few requests that a till makes when there is a network, with the standard library alone.

What comes back is read as a stranger's: whatever has not the shape of a ledger's answer is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from http.client import HTTPException, HTTPMessage
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from api.offline_till.judging import Session
from ledger.errors import Refused
from ledger.ids import is_id
from ledger.keys import Ed25519Verifier
from ledger.note import NoteRefused, check_origin

TIMEOUT_S: Final = 15.0
ANSWER_BYTES_MAX: Final = 4_000_000
OUTCOMES: Final = ("captured", "review", "conflict", "refused")
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NUMBER_MAX: Final = 2**53 - 1
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class _NoRedirects(HTTPRedirectHandler):
    """A token goes where the merchant said, and nowhere else."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


class Server:
    """The ledger's server, spoken to with a till's token."""

    def __init__(self, url: str, token: str) -> None:
        self.url = checked_url(url)
        self._token = token
        self._opener = build_opener(_NoRedirects())

    def get(self, path: str) -> dict[str, Any]:
        """Read something. Raises Refused with the server's own code, or `server_unreachable`."""
        return self._send(Request(f"{self.url}/v1{path}"))  # noqa: S310 - see `checked_url`

    def post(self, path: str, body: Mapping[str, Any], *, key: str = "") -> dict[str, Any]:
        """Write something, as `get`."""
        request = Request(  # noqa: S310 - see `checked_url`
            f"{self.url}/v1{path}", data=json.dumps(body).encode(), method="POST"
        )
        request.add_header("Content-Type", "application/json")
        if key:
            request.add_header("Idempotency-Key", key)
        return self._send(request)

    def _send(self, request: Request) -> dict[str, Any]:
        request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return _object(answer.read(ANSWER_BYTES_MAX))
        except HTTPError as error:
            with error:
                said = _object(error.read(ANSWER_BYTES_MAX))
            code = said.get("code")
            if not isinstance(code, str) or not _CODE.fullmatch(code):
                raise _unreachable(f"it answered with status {error.code}") from None
            raise Refused(code, shown(said.get("detail", ""))) from None
        except (URLError, HTTPException, OSError) as error:
            reason = getattr(error, "reason", None) or error
            raise _unreachable(str(reason)) from None


def checked_url(url: str) -> str:
    """A server's address without its last slash. Refuses with `bad_server` where a token would go
    over the network for everybody to read."""
    parts = urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not (plain or (parts.scheme == "https" and parts.hostname)) or parts.username is not None:
        raise Refused("bad_server", "a server's address begins with https://")
    return url.rstrip("/")


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def id_in(answer: Mapping[str, Any], name: str) -> str:
    """An id of the ledger's; it may become part of a file's name. Refuses with
    `server_unreachable`, as all that follows."""
    found = answer.get(name)
    if not isinstance(found, str) or not is_id(found):
        raise _no_ledger()
    return found


def number_in(answer: Mapping[str, Any], name: str) -> int:
    """A whole number from 0."""
    found = answer.get(name)
    if type(found) is not int or not 0 <= found <= _NUMBER_MAX:
        raise _no_ledger()
    return found


def ms_in(answer: Mapping[str, Any], name: str) -> int:
    """A time with its zone, in ms."""
    try:
        found = datetime.fromisoformat(answer.get(name, ""))
    except (TypeError, ValueError):
        raise _no_ledger() from None
    if found.tzinfo is None:
        raise _no_ledger()
    return round(found.timestamp() * 1000)


def session_in(answer: Mapping[str, Any], offset: int) -> Session:
    """What the ledger lets a till do; `offset` in ms, as in `Session`."""
    origin, voucher_key = answer.get("origin"), answer.get("voucher_key")
    try:
        check_origin(origin if isinstance(origin, str) else "")
        Ed25519Verifier.from_vkey(voucher_key if isinstance(voucher_key, str) else "")
    except (NoteRefused, ValueError):
        raise _no_ledger() from None
    return Session(
        origin=str(origin),
        voucher_key=str(voucher_key),
        session=id_in(answer, "session"),
        merchant=id_in(answer, "merchant"),
        branch=id_in(answer, "branch"),
        captures=number_in(answer, "captures"),
        points=number_in(answer, "points_hundredths"),
        minutes=number_in(answer, "minutes"),
        opened=ms_in(answer, "opened"),
        until=ms_in(answer, "until"),
        upload_by=ms_in(answer, "upload_by"),
        offset=offset,
    )


def outcomes_in(answer: Mapping[str, Any], count: int) -> Sequence[dict[str, Any]]:
    """What became of `count` acceptances, in the order in which they were sent."""
    items = answer.get("items")
    if not isinstance(items, list) or len(items) != count:
        raise _no_ledger()
    for item in items:
        if not isinstance(item, dict) or item.get("outcome") not in OUTCOMES:
            raise _no_ledger()
        words = {"refused": ("code", "reason"), "conflict": ("ground", "bearer")}
        for name in words.get(item["outcome"], ()):
            item[name] = shown(item.get(name, ""))
        if item["outcome"] != "refused":
            number_in(item, "entry")
    return items


def shown(text: object) -> str:
    """What a server said, as it may be written on a terminal: one line, and none of the characters
    that move a cursor."""
    return "".join(each if each.isprintable() else " " for each in str(text)[:1_000])


def _no_ledger() -> Refused:
    return _unreachable("it does not answer as a ledger does")


def _unreachable(why: str) -> Refused:
    return Refused(
        "server_unreachable", f"the server cannot be reached ({shown(why)}); try again later"
    )
