"""What the environment decides. This file alone reads it, and it names places, never secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ledger.errors import Refused
from ledger.webhooks.address import Network, networks_of

BODY_BYTES_MAX: Final = 1_000_000
BATCH_BYTES_MAX: Final = 8_000_000
IDLE_MINUTES: Final = 60
"""What NIST SP 800-63B-4 recommends at most for its second level (§2.2.3)."""
IDLE_MINUTES_MAX: Final = 24 * 60

_WHOLE: Final = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where a ledger lives and how it is served."""

    home: Path = Path("var")
    """SIDEREAL_HOME: keys, signed heads, origin, and the SQLite files."""
    database_url: str = ""
    """SIDEREAL_DATABASE_URL; SQLite in `home` unless told otherwise."""
    vault_url: str = ""
    """SIDEREAL_VAULT_URL; SQLite in `home` unless told otherwise."""
    public_url: str = "http://127.0.0.1:8080"
    """SIDEREAL_PUBLIC_URL, without a final slash: what links and QR codes begin with."""
    host: str = "127.0.0.1"
    """SIDEREAL_HOST: the address to listen on."""
    port: int = 8080
    """SIDEREAL_PORT"""
    body_bytes_max: int = BODY_BYTES_MAX
    """SIDEREAL_BODY_BYTES_MAX: longer request bodies are refused."""
    batch_bytes_max: int = BATCH_BYTES_MAX
    """SIDEREAL_BATCH_BYTES_MAX: the same for batches."""
    checkpoint_seconds: int = 10
    """SIDEREAL_CHECKPOINT_SECONDS: how often a serving ledger signs what is new."""
    idle_minutes: int = IDLE_MINUTES
    """SIDEREAL_IDLE_MINUTES: after how long without a request a session at a desk ends."""
    webhook_networks: tuple[Network, ...] = ()
    """SIDEREAL_WEBHOOK_NETWORKS: networks such as `10.1.0.0/16, fd00::/8` that webhooks may go to
    although they are not public, there also by http and to any port."""

    oidc_issuer: str = ""
    """SIDEREAL_OIDC_ISSUER: the provider of OpenID Connect by whom people may sign in, exactly as
    it names itself; https, or plain http on this machine."""
    oidc_client_id: str = ""
    """SIDEREAL_OIDC_CLIENT_ID: as the provider knows this server."""
    oidc_client_secret_file: Path | None = None
    """SIDEREAL_OIDC_CLIENT_SECRET_FILE: where the secret is that was agreed with it."""

    def __post_init__(self) -> None:
        # A database in the ledger's own folder is the default, so it depends on the folder.
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.home / 'ledger.db'}")
        if not self.vault_url:
            object.__setattr__(self, "vault_url", f"sqlite:///{self.home / 'vault.db'}")
        parts = urlsplit(self.public_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
            raise Refused("bad_setting", "SIDEREAL_PUBLIC_URL is an http or https address")
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        self._refuse_half_a_provider()

    def _refuse_half_a_provider(self) -> None:
        named = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret_file)
        if not any(named):
            return
        if not all(named):
            raise Refused(
                "bad_setting",
                "SIDEREAL_OIDC_ISSUER, SIDEREAL_OIDC_CLIENT_ID and SIDEREAL_OIDC_CLIENT_SECRET_FILE"
                " belong together: set all three or none",
            )
        parts = urlsplit(self.oidc_issuer)
        is_here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        if not (parts.scheme == "https" or is_here) or not parts.netloc:
            raise Refused("bad_setting", "SIDEREAL_OIDC_ISSUER is an https address")
        if parts.query or parts.fragment or "@" in parts.netloc:
            raise Refused("bad_setting", "SIDEREAL_OIDC_ISSUER has no user, query or fragment")
        if find_spec("joserfc") is None or find_spec("requests") is None:
            raise Refused(
                "bad_setting",
                'signing in by a provider needs the extra: pip install "sidereal-ledger[oidc]"',
            )
        self.oidc_client_secret()

    def oidc_client_secret(self) -> str:
        """The secret that was agreed with the provider. Refuses with `bad_setting` a file that is
        not there, empty, or for others to read."""
        path = self.oidc_client_secret_file
        try:
            if path is None or not path.is_file() or path.stat().st_mode & 0o077:
                raise Refused(
                    "bad_setting",
                    "SIDEREAL_OIDC_CLIENT_SECRET_FILE is a file that only its owner reads (0600)",
                )
            secret = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise Refused(
                "bad_setting", f"SIDEREAL_OIDC_CLIENT_SECRET_FILE cannot be read: {fault}"
            ) from fault
        if not secret:
            raise Refused("bad_setting", "SIDEREAL_OIDC_CLIENT_SECRET_FILE is empty")
        return secret

    @property
    def is_public_secure(self) -> bool:
        """Whether people reach this server by https."""
        return self.public_url.startswith("https://")

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of an environment, by default the process's own.

        An empty variable counts as unset. Refuses with `bad_setting`.
        """
        given = os.environ if environment is None else environment
        # Of a class with slots, `cls.host` would be the slot and not its default.
        unset = cls()
        host = given.get("SIDEREAL_HOST") or unset.host
        port = _whole(given, "SIDEREAL_PORT", unset.port, most=65_535)
        shown = f"[{host}]" if ":" in host else host
        return cls(
            home=Path(given.get("SIDEREAL_HOME") or unset.home),
            database_url=given.get("SIDEREAL_DATABASE_URL", ""),
            vault_url=given.get("SIDEREAL_VAULT_URL", ""),
            public_url=given.get("SIDEREAL_PUBLIC_URL") or f"http://{shown}:{port}",
            host=host,
            port=port,
            body_bytes_max=_whole(given, "SIDEREAL_BODY_BYTES_MAX", unset.body_bytes_max),
            batch_bytes_max=_whole(given, "SIDEREAL_BATCH_BYTES_MAX", unset.batch_bytes_max),
            checkpoint_seconds=_whole(
                given, "SIDEREAL_CHECKPOINT_SECONDS", unset.checkpoint_seconds
            ),
            idle_minutes=_whole(
                given, "SIDEREAL_IDLE_MINUTES", unset.idle_minutes, most=IDLE_MINUTES_MAX
            ),
            webhook_networks=_networks(given, "SIDEREAL_WEBHOOK_NETWORKS"),
            oidc_issuer=given.get("SIDEREAL_OIDC_ISSUER", ""),
            oidc_client_id=given.get("SIDEREAL_OIDC_CLIENT_ID", ""),
            oidc_client_secret_file=Path(secret)
            if (secret := given.get("SIDEREAL_OIDC_CLIENT_SECRET_FILE", ""))
            else None,
        )


def _networks(environment: Mapping[str, str], name: str) -> tuple[Network, ...]:
    try:
        return networks_of(environment.get(name, ""))
    except ValueError as odd:
        raise Refused(
            "bad_setting", f"{name} is a list of networks with commas: {odd}", setting=name
        ) from odd


def _whole(environment: Mapping[str, str], name: str, default: int, *, most: int = 10**9) -> int:
    written = environment.get(name, "")
    if not written:
        return default
    if not _WHOLE.fullmatch(written) or not 1 <= int(written) <= most:
        raise Refused("bad_setting", f"{name} is a whole number from 1 to {most}", setting=name)
    return int(written)
