"""A provider of OpenID Connect: who somebody is elsewhere, as it says and we have checked.

The code flow with PKCE. State, nonce and verifier are made of one secret that only this browser
has, in a cookie that lives for ten minutes; so no table is needed, and nobody begins what another
ends. Of what the provider says nothing is kept but issuer and subject. It is asked at the
configured issuer's own address alone, without redirects.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from ledger.errors import Refused

FLOW_MS: Final = 10 * 60_000
"""How long somebody may take to sign in there."""
SECONDS_MAX: Final = 5
BYTES_MAX: Final = 262_144
KEPT_SECONDS: Final = 3_600
"""How long we remember what the provider says about itself."""
LEEWAY_SECONDS: Final = 60
ALGORITHMS: Final = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA".split()
"""Signatures with a key that only the provider has; none by a secret that we have as well."""
_METADATA: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, as a provider knows them."""

    issuer: str
    subject: str


@dataclass(slots=True)
class Provider:
    """One provider. Safe to use from several threads."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    back: str
    """The address to which it sends people back."""
    clock: Callable[[], int]
    """ms"""
    _known: dict[str, tuple[int, Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, purpose: str) -> tuple[str, str]:
        """(where to send the browser, what its cookie is to hold). `purpose` comes back from
        `finish` of this browser alone. Refuses with `provider_unreachable`."""
        metadata = self._metadata()
        kept = f"{self.clock()}.{secrets.token_urlsafe(32)}"
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.back,
            "scope": "openid",
            "state": _derived(kept, "state", purpose),
            "nonce": _derived(kept, "nonce", purpose),
            "code_challenge": _without_padding(
                hashlib.sha256(_derived(kept, "verifier", purpose).encode()).digest()
            ),
            "code_challenge_method": "S256",
        }
        address = metadata["authorization_endpoint"]
        address += f"{'&' if '?' in address else '?'}{urlencode(asked)}"
        return address, kept

    def finish(self, sent: Mapping[str, str], kept: str, purpose: str) -> Identity:
        """Who has come back. Refuses with `identity_refused` whatever is not as it was begun in
        this browser for this purpose, and with `provider_unreachable`."""
        begun = kept.partition(".")[0]
        if not begun.isascii() or not begun.isdigit() or len(begun) > 16:
            raise _refused("nothing was begun in this browser")
        if not 0 <= self.clock() - int(begun) < FLOW_MS:
            raise _refused("it was begun too long ago")
        if not hmac.compare_digest(
            sent.get("state", "").encode(), _derived(kept, "state", purpose).encode()
        ):
            raise _refused("it was not begun in this browser")
        # RFC 9207: who says `iss` says who answers.
        if sent.get("iss", self.issuer) != self.issuer:
            raise _refused("another provider answers")
        if sent.get("error") or not sent.get("code"):
            raise _refused("the provider did not say who this is")
        token = self._exchange(sent["code"], _derived(kept, "verifier", purpose))
        claims = self._claims(token)
        self._check(claims, _derived(kept, "nonce", purpose))
        return Identity(issuer=self.issuer, subject=claims["sub"])

    def end_address(self, back: str) -> str:
        """Where a browser goes to sign out there as well, and then on to `back`; "" where the
        provider has no such page of its own. It asks the person first, as no token says who it is.
        OpenID Connect RP-Initiated Logout 1.0, §2. Refuses with `provider_unreachable`."""
        address = self._metadata().get("end_session_endpoint", "")
        if not address:
            return ""
        asked = urlencode({"client_id": self.client_id, "post_logout_redirect_uri": back})
        return f"{address}{'&' if '?' in address else '?'}{asked}"

    def _exchange(self, code: str, verifier: str) -> str:
        """The id_token for a code."""
        import requests
        from urllib3.exceptions import HTTPError

        endpoint = self._metadata()["token_endpoint"]
        # RFC 6749, section 2.3.1: both are encoded as in a form first.
        client = (quote(self.client_id, safe=""), quote(self.client_secret, safe=""))
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": verifier,
        }
        try:
            with requests.post(
                endpoint,
                data=asked,
                auth=client,
                timeout=SECONDS_MAX,
                allow_redirects=False,
                stream=True,
            ) as got:
                status, answer = got.status_code, _object_in(got)
        except (requests.RequestException, HTTPError, OSError) as fault:
            raise _unreachable() from fault
        if status >= 500:
            raise _unreachable()
        if status != 200 or answer is None:
            raise _refused("the provider does not know this code")
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise _refused("the provider did not say who this is")
        return token

    def _claims(self, token: str) -> dict[str, Any]:
        """What a token says, once its signature is that of a key of the provider's."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        for fresh in (False, True):
            keys = self._document(self._metadata()["jwks_uri"], fresh=fresh)
            try:
                found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
            except (JoseError, ValueError, TypeError, KeyError) as bad:
                # Its keys may have changed since we looked: look once more.
                if fresh:
                    raise _refused("its signature is not the provider's") from bad
                continue
            return dict(found)
        raise AssertionError("unreachable")

    def _check(self, claims: Mapping[str, Any], nonce: str) -> None:
        audience = claims.get("aud")
        named = [audience] if isinstance(audience, str) else audience
        if claims.get("iss") != self.issuer:
            raise _refused("it is of another provider")
        if not isinstance(named, list) or self.client_id not in named:
            raise _refused("it is for another application")
        if claims.get("azp", self.client_id) != self.client_id or (
            len(named) > 1 and "azp" not in claims
        ):
            raise _refused("it is for another application")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise _refused("it is not of this sign-in")
        now = self.clock() // 1000
        expires, issued = claims.get("exp"), claims.get("iat")
        if not isinstance(expires, int) or now >= expires + LEEWAY_SECONDS:
            raise _refused("its time is over")
        if not isinstance(issued, int) or issued > now + LEEWAY_SECONDS:
            raise _refused("it is of a time to come")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise _refused("it names nobody")

    def _metadata(self) -> dict[str, str]:
        """What the provider says about itself. Refuses with `provider_unreachable`."""
        said = self._document(self.issuer.rstrip("/") + _METADATA)
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if said.get("issuer") != self.issuer or any(
            not isinstance(said.get(name), str) or origin_of(said[name]) != origin_of(self.issuer)
            for name in wanted
        ):
            raise _unreachable()
        found = {name: said[name] for name in wanted}
        end = said.get("end_session_endpoint")
        if isinstance(end, str) and origin_of(end) == origin_of(self.issuer):
            found["end_session_endpoint"] = end
        return found

    def _document(self, address: str, *, fresh: bool = False) -> Any:
        """A JSON object at the provider's own address, remembered for an hour."""
        import requests
        from urllib3.exceptions import HTTPError

        now = self.clock()
        with self._lock:
            at, known = self._known.get(address, (0, None))
        if known is not None and not fresh and 0 <= now - at < KEPT_SECONDS * 1000:
            return known
        try:
            with requests.get(
                address, timeout=SECONDS_MAX, allow_redirects=False, stream=True
            ) as answer:
                said = _object_in(answer) if answer.status_code == 200 else None
        except (requests.RequestException, HTTPError, OSError) as fault:
            raise _unreachable() from fault
        if said is None:
            raise _unreachable()
        with self._lock:
            self._known[address] = (now, said)
        return said


def origin_of(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _derived(kept: str, what: str, purpose: str) -> str:
    made = hmac.new(kept.encode(), f"{what} {purpose}".encode(), hashlib.sha256).digest()
    return _without_padding(made)


def _without_padding(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _object_in(answer: Any) -> dict[str, Any] | None:
    """The JSON object in an answer; None where there is none, or more than `BYTES_MAX`."""
    body = answer.raw.read(BYTES_MAX + 1, decode_content=True)
    try:
        said = json.loads(body) if len(body) <= BYTES_MAX else None
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _refused(why: str) -> Refused:
    return Refused("identity_refused", f"nobody is signed in: {why}; begin again")


def _unreachable() -> Refused:
    return Refused("provider_unreachable", "the provider does not answer as it should; try later")
