"""What an authenticator says, checked: that whoever has a passkey was there, here and now.

`webauthn` checks it (W3C Web Authentication, sections 7.1 and 7.2); what it leaves to us stands
here: no attestation is looked at, no page inside another's, and every odd form is one no.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

from api.provider import origin_of
from api.settings import Settings
from ledger.door.passkeys import refused
from ledger.store.passkeys import PasskeyRow

ID_BYTES_MAX: Final = 1_023
"""As Web Authentication has it."""
KEY_BYTES_MAX: Final = 1_024
"""An RSA key of 4096 bits has half of it."""
TIMEOUT_MS: Final = 5 * 60_000
"""How long a browser may ask for a finger or a PIN."""
_ES256, _EDDSA, _RS256 = -7, -8, -257


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was just made."""

    passkey: bytes
    """What the authenticator calls it."""
    public_key: bytes
    counter: int


@dataclass(frozen=True, slots=True)
class Here:
    """This server, as browsers and authenticators know it."""

    name: str
    """Its host: a passkey is good for this name alone."""
    origin: str

    def options_to_make(
        self, *, title: str, called: str, handle: bytes, challenge: bytes, mine: Sequence[bytes]
    ) -> dict[str, Any]:
        """What `navigator.credentials.create` takes. `mine` are not made twice in one place."""
        from webauthn import generate_registration_options
        from webauthn.helpers import options_to_json_dict
        from webauthn.helpers.cose import COSEAlgorithmIdentifier
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        options = generate_registration_options(
            rp_id=self.name,
            rp_name=title,
            user_id=handle,
            user_name=called,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in mine],
            supported_pub_key_algs=[
                COSEAlgorithmIdentifier(each) for each in (_ES256, _EDDSA, _RS256)
            ],
        )
        return options_to_json_dict(options)

    def options_to_show(self, *, challenge: bytes) -> dict[str, Any]:
        """What `navigator.credentials.get` takes: any passkey for this name."""
        from webauthn import generate_authentication_options
        from webauthn.helpers import options_to_json_dict
        from webauthn.helpers.structs import UserVerificationRequirement

        options = generate_authentication_options(
            rp_id=self.name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def made(self, sent: Mapping[str, str], *, challenge: bytes) -> Made:
        """The passkey that answers a challenge. Refuses with `passkey_refused`."""
        from webauthn import verify_registration_response
        from webauthn.helpers import (
            base64url_to_bytes,
            bytes_to_base64url,
            decode_credential_public_key,
            decoded_public_key_to_cryptography,
        )
        from webauthn.helpers.cose import COSEAlgorithmIdentifier
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            said = base64url_to_bytes(sent.get("client_data", ""))
            _refuse_framed(said)
            verified = verify_registration_response(
                credential={
                    "id": sent.get("id", ""),
                    "rawId": sent.get("id", ""),
                    "type": "public-key",
                    "response": {
                        "clientDataJSON": sent.get("client_data", ""),
                        "attestationObject": _unattested(sent.get("attestation", "")),
                    },
                },
                expected_challenge=challenge,
                expected_rp_id=self.name,
                expected_origin=self.origin,
                require_user_verification=True,
                supported_pub_key_algs=[
                    COSEAlgorithmIdentifier(each) for each in (_ES256, _EDDSA, _RS256)
                ],
            )
            key = verified.credential_public_key
            # What could not be read at every sign-in is not kept.
            decoded_public_key_to_cryptography(decode_credential_public_key(key))
        except (WebAuthnException, ValueError, TypeError, LookupError) as odd:
            raise refused("what was sent makes no passkey") from odd
        if bytes_to_base64url(verified.credential_id) != sent.get("id", ""):
            raise refused("it has two names")
        if len(verified.credential_id) > ID_BYTES_MAX or len(key) > KEY_BYTES_MAX:
            raise refused("it is longer than any")
        return Made(verified.credential_id, key, verified.sign_count)

    def counter_shown(
        self, sent: Mapping[str, str], *, challenge: bytes, passkey: PasskeyRow, handle: bytes
    ) -> int:
        """How often a passkey was used, as it says, where it answers a challenge as its owner's.
        Refuses with `passkey_refused`."""
        from webauthn import verify_authentication_response
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            _refuse_framed(base64url_to_bytes(sent.get("client_data", "")))
            verified = verify_authentication_response(
                credential={
                    "id": sent.get("id", ""),
                    "rawId": sent.get("id", ""),
                    "type": "public-key",
                    "response": {
                        "clientDataJSON": sent.get("client_data", ""),
                        "authenticatorData": sent.get("data", ""),
                        "signature": sent.get("signature", ""),
                    },
                },
                expected_challenge=challenge,
                expected_rp_id=self.name,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.counter,
                require_user_verification=True,
            )
            shown = base64url_to_bytes(sent.get("handle", ""))
        except (WebAuthnException, ValueError) as odd:
            raise refused("what was sent is not this passkey's answer") from odd
        if not hmac.compare_digest(shown, handle):
            raise refused("it is another person's")
        return verified.new_sign_count


def here(settings: Settings) -> Here | None:
    """This server, where people may sign in by passkeys: at a name, by https or on this machine,
    with the extra `passkeys`. A bare address of the network is no name, so there is none then."""
    parts = urlsplit(settings.public_url)
    name = parts.hostname or ""
    if not settings.is_public_secure and name != "localhost":
        return None
    try:
        ipaddress.ip_address(name)
    except ValueError:
        installed = find_spec("webauthn") is not None
        return Here(name, origin_of(settings.public_url)) if name and installed else None
    return None


def id_shown(sent: Mapping[str, str]) -> bytes:
    """What the authenticator calls the passkey that is shown. Refuses with `passkey_refused`."""
    from webauthn.helpers import base64url_to_bytes

    try:
        return base64url_to_bytes(sent.get("id", ""))
    except ValueError as odd:
        raise refused("it has no name") from odd


def _unattested(attestation: str) -> str:
    """The same without whoever vouches for the device: nothing of that is read, let alone kept."""
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor, parse_cbor

    said = parse_cbor(base64url_to_bytes(attestation))
    if not isinstance(said, dict) or not isinstance(said.get("authData"), bytes):
        raise refused("what was sent makes no passkey")
    bare = {"fmt": "none", "attStmt": {}, "authData": said["authData"]}
    return bytes_to_base64url(encode_cbor(bare))


def _refuse_framed(client_data: bytes) -> None:
    """Refuse what was answered on a page inside somebody else's."""
    from webauthn.helpers import parse_client_data_json

    try:
        framed = parse_client_data_json(client_data).cross_origin
    except RecursionError as odd:
        raise refused("what was sent is no answer") from odd
    if framed:
        raise refused("it was answered inside another page")
