"""Why an auditor looks: asked once a sitting, kept in a cookie, shown at the top, logged each time.

The cookie is bound to the session, so whoever signs in next on this browser is asked anew.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from api.current import current_settings
from api.pages.guard import for_roles, page, pages, session_sent
from api.pages.troubles import trouble_of
from api.problems import Problem
from api.reads.asking import stated_reason

View = TypeVar("View", bound=Callable[..., Any])

COOKIE: Final = "sidereal-reason"
HOME: Final = "/audit"
_BACK: Final = re.compile(r"/audit(?:/[A-Za-z0-9_.:-]+)*(?:\?[A-Za-z0-9_=&.:%-]*)?", re.ASCII)


def for_auditors(view: View) -> View:
    """Let only auditors reach a view, with what they said they look for in `g.reason`, "" if they
    have not yet."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        g.reason = _kept()
        return view(*args, **kwargs)

    return for_roles("auditor")(guarded)  # type: ignore[return-value]


def looking(view: View) -> View:
    """As `for_auditors`, for what concerns somebody: whoever has not said why is asked first. A
    form may say it along with what it asks for (`why`)."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        said = request.form.get("why", "") if request.method == "POST" else ""
        if said:
            g.reason = said
            try:
                said = stated_reason()
            except Problem as no:
                return _asked(no)
        if not g.reason:
            return _asked(None)
        answer = make_response(view(*args, **kwargs))
        if said:
            _keep(answer, said)
        return answer

    return for_auditors(guarded)  # type: ignore[return-value]


@pages.get("/audit/reason")
@for_auditors
def reason_page() -> Response:
    """Say why one looks, or say it anew."""
    return page("auditor/reason", back=_way_back(request.args.get("next", "")), trouble=None)


@pages.post("/audit/reason")
@for_auditors
def reason_now() -> ResponseReturnValue:
    """Keep it for this sitting, and go on to where it was asked."""
    back = _way_back(request.form.get("next", ""))
    g.reason = request.form.get("why", "")
    try:
        said = stated_reason()
    except Problem as no:
        trouble = trouble_of(no)
        return page("auditor/reason", trouble.status, back=back, trouble=trouble)
    answer = make_response(redirect(back, 303))
    _keep(answer, said)
    return answer


def _asked(no: Problem | None) -> Response:
    """The question, in place of what was asked for; a form's own fields are asked again later."""
    trouble = trouble_of(no) if no else None
    status = trouble.status if trouble else 403 if request.method == "POST" else 200
    path = request.full_path.rstrip("?") if request.method == "GET" else HOME
    return page("auditor/reason", status, back=_way_back(path), trouble=trouble)


def _way_back(path: str) -> str:
    """An address of this desk and no other."""
    return path if _BACK.fullmatch(path) else HOME


def _keep(answer: Response, reason: str) -> None:
    answer.set_cookie(
        COOKIE,
        f"{base64.urlsafe_b64encode(reason.encode()).decode()}.{_bound(reason)}",
        path=HOME,
        secure=current_settings().is_public_secure,
        httponly=True,
        samesite="Lax",
    )


def _kept() -> str:
    """What this session said; "" for nothing, and for what another session said."""
    encoded, _, bound = request.cookies.get(COOKIE, "").partition(".")
    try:
        reason = base64.urlsafe_b64decode(encoded).decode()
    except ValueError:
        return ""
    return reason if hmac.compare_digest(bound.encode(), _bound(reason).encode()) else ""


def _bound(reason: str) -> str:
    message = b"sidereal reason\0" + reason.encode()
    return hmac.new(session_sent().encode(), message, hashlib.sha256).hexdigest()
