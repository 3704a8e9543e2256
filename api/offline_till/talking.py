"""The few requests that a till makes when there is a network, with the standard library alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ledger.errors import Refused

TIMEOUT_S: Final = 15.0
ANSWER_BYTES_MAX: Final = 4_000_000
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
            code, sentence = str(said.get("code", "")), str(said.get("detail", ""))
            if not code:
                raise _unreachable(f"it answered with status {error.code}") from None
            raise Refused(code, sentence) from None
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
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _unreachable(why: str) -> Refused:
    return Refused("server_unreachable", f"the server cannot be reached ({why}); try again later")
