"""How tests use the pages without a browser: cookies, forms and where a form comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api_client import PUBLIC_URL, Site

COOKIE = "__Host-sidereal"
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.S)
_INPUT = re.compile(r"<(?:input|textarea|select)\b[^>]*>")


class Browser:
    """What a browser does: keeps cookies, fills in forms, says where a form comes from."""

    def __init__(self, site: Site) -> None:
        self.client: FlaskClient = site.client()
        self.site = site
        self.origin = PUBLIC_URL

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=PUBLIC_URL, headers=headers)

    def post(self, path: str, form: Mapping[str, Any], **headers: str) -> TestResponse:
        """A form's fields, a list for several of one name, (stream, name) for a file."""
        sent = {"Origin": self.origin, **headers}
        return self.client.post(path, base_url=PUBLIC_URL, data=dict(form), headers=sent)

    def use(self, link: Mapping[str, Any]) -> TestResponse:
        """Press the button of a link."""
        return self.post("/sign-in", {"link": link["link"]})

    def signed_in(self, party: str, **given: Any) -> Browser:
        """The same browser, once somebody has signed in by a link that the operator made."""
        body = {"party": party, **given}
        answer = self.use(self.site.made(self.site.operator, "/sign-in-links", body))
        assert answer.status_code == 303, text_of(answer)
        return self

    def submit(self, page: str, action: str = "", /, **fields: Any) -> TestResponse:
        """Open a page, fill in the form that goes to `action` (else its first one) and send it."""
        found = self.get(page)
        assert found.status_code == 200, text_of(found)
        return self.send(found, page, action, **fields)

    def send(
        self, found: TestResponse, page: str, action: str = "", /, **fields: Any
    ) -> TestResponse:
        """Fill in a form of a page that was answered already, and send it."""
        html = found.get_data(as_text=True)
        for attributes, inner in _FORM.findall(html):
            where = attribute(attributes, "action") or page
            # Signing out stands on every page, and is nobody's first form.
            if where == action or (not action and where != "/sign-out"):
                return self.post(where, hidden(inner) | fields)
        raise AssertionError(f"no form at {page} goes to {action or page}")

    def form(self, page: TestResponse | None = None) -> dict[str, str]:
        """The fields that the first form of a page sends along."""
        text = (page or self.get("/till")).get_data(as_text=True)
        return hidden(text.partition("<form")[2].partition("</form>")[0])

    def look(self, code: str, **given: str) -> TestResponse:
        """Scan something at the till."""
        return self.post("/till/look", {**self.form(), "code": code, **given})

    @property
    def session(self) -> str:
        """What the cookie holds; "" without one."""
        cookie = self.client.get_cookie(COOKIE, domain="ledger.example")
        return cookie.value if cookie else ""

    @session.setter
    def session(self, value: str) -> None:
        self.client.set_cookie(COOKIE, value, domain="ledger.example", secure=True)


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of a form."""
    return {
        attribute(each, "name"): attribute(each, "value")
        for each in _INPUT.findall(html)
        if attribute(each, "type") == "hidden"
    }


def attribute(tag: str, name: str) -> str:
    """An attribute of a tag, "" where it has none."""
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def text_of(page: TestResponse) -> str:
    """What a page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.get_data(as_text=True))).split())
