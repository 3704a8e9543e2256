"""A real provider of OpenID Connect (Canaille) on this machine, in a process of its own.

Its libraries warn of what is theirs to mend, so it is kept apart from the tests. Run as
`python -m tests.identity_provider <address to come back to>`; it says on a line who it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
USERS: Final = ("jing", "bo")
SECRET: Final = "agreed-with-the-provider"
CLIENT: Final = "sidereal"
BACK: Final = "https://ledger.example/sign-in/provider/back"


@dataclass(frozen=True)
class Running:
    """The provider, once it answers."""

    issuer: str

    def be(self, user: str) -> None:
        """Whoever comes from now on is signed in there as this user; "" for nobody."""
        import requests

        requests.post(f"{self.issuer}/as/{user or '-'}", timeout=10).raise_for_status()

    def visit(self, address: str) -> str:
        """Go where a browser was sent, signed in there; the address to which one is sent back."""
        import requests

        answer = requests.get(address, allow_redirects=False, timeout=10)
        assert answer.status_code in (302, 303), answer.text[:2_000]
        return answer.headers["Location"]

    def sign_out(self, address: str) -> str:
        """Go where a browser was sent to sign out, and say yes; the address one is sent on to."""
        import requests

        with requests.Session() as browser:
            asked = browser.get(address, allow_redirects=False, timeout=10)
            assert asked.status_code == 200, asked.text[:2_000]
            assert 'name="answer"' in asked.text
            answer = browser.post(
                address, data={"answer": "logout"}, allow_redirects=False, timeout=10
            )
        assert answer.status_code in (302, 303), answer.text[:2_000]
        return answer.headers["Location"]


@contextmanager
def provider(back: str = BACK) -> Iterator[Running]:
    """A provider that knows `USERS` and this server."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.identity_provider", back],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the provider did not start"
        yield Running(issuer=json.loads(line)["issuer"])
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


def _serve(back: str) -> None:
    import datetime
    import socket
    import uuid
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    from canaille import create_app
    from canaille.app import models
    from canaille.app.session import UserSession, login_user
    from canaille.backends import Backend
    from flask import g
    from joserfc.jwk import JWKRegistry

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    host = f"localhost:{port}"
    key = JWKRegistry.generate_key("RSA", 2048)
    key.ensure_kid()
    app = create_app(
        config={
            "TESTING": True,
            "ENV_FILE": None,
            "SECRET_KEY": str(uuid.uuid4()),
            "PREFERRED_URL_SCHEME": "http",
            "SERVER_NAME": host,
            "WTF_CSRF_ENABLED": False,
            "CANAILLE": {
                "DATABASE": "memory",
                "JAVASCRIPT": False,
                "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
            },
            "CANAILLE_OIDC": {
                "ACTIVE_JWKS": [key.as_dict(private=True)],
                # Nobody is asked there whether we may know who they are.
                "TRUSTED_DOMAINS": ["ledger.example", "127.0.0.1"],
            },
        },
        env_file=None,
    )
    visiting: dict[str, Any] = {"user": None}
    users: dict[str, Any] = {}

    def be(user: str) -> str:
        visiting["user"] = users.get(user)
        # Its memory mixes up codes where one was never exchanged.
        for code in Backend.instance.query(models.AuthorizationCode):
            Backend.instance.delete(code)
        return "ok"

    def enter(user: str) -> str:
        """In this browser, until it signs out."""
        login_user(users[user])
        return f"here is {user}"

    def sign_in_there() -> None:
        if visiting["user"] is not None:
            now = datetime.datetime.now(datetime.UTC)
            g.session = UserSession(user=visiting["user"], last_login_datetime=now)

    app.post("/as/<user>")(be)
    app.get("/enter/<user>")(enter)
    app.before_request(sign_in_there)
    with app.app_context():
        for name in USERS:
            users[name] = models.User(
                user_name=name, given_name=name, family_name="Test", emails=[f"{name}@x.example"]
            )
            Backend.instance.save(users[name])
        client = models.Client(
            client_id=CLIENT,
            client_secret=SECRET,
            client_name="Sidereal",
            contacts=["ops@x.example"],
            client_uri=back,
            redirect_uris=[back],
            post_logout_redirect_uris=[back.replace("/provider/back", "")],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid"],
            token_endpoint_auth_method="client_secret_basic",
            client_id_issued_at=datetime.datetime.now(datetime.UTC),
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)

    class Quiet(WSGIRequestHandler):
        def log_request(self, *_: Any) -> None:
            """Nothing."""

    server = make_server("localhost", port, app, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"issuer": f"http://{host}"}), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    _serve(sys.argv[1])
