"""What every page is held to: whose session, whose form, which headers (trust §7).

A session is a random `__Host-` cookie. A form carries a token made from it, and its Origin must be
the configured address. A bearer means nothing here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.exceptions import HTTPException

from api.current import current_book, current_settings
from api.pages import words
from api.pages.calling import new_key
from api.pages.people import Person, who_is
from api.pages.roles import AREAS, Area
from api.passkeys import here
from api.problems import Problem, request_id, status_of
from api.provider import origin_of
from api.settings import Settings
from ledger.book import Caller
from ledger.door import sessions
from ledger.errors import Refused

View = TypeVar("View", bound=Callable[..., Any])

BODY_BYTES_MAX: Final = 16_384
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
    " manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CAMERA_POLICY: Final = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
"""Where a camera may be used, what reads its pictures is compiled by the browser."""
_NEVER: Final = ("geolocation", "microphone", "payment")
"""What no page may ask a browser for."""
_YEAR_SECONDS: Final = 365 * 86_400
_KEPT: Final = {"lang": frozenset(words.LANGUAGES), "print": frozenset({"normal", "large"})}
"""What a reader may choose, in an address once and in a cookie from then on."""

AFTER_A_FAULT: Final[dict[str, Callable[[], Response]]] = {}
"""By endpoint, the page after a fault of ours, where it is not known what was done before it."""

WITH_CAMERA: Final[set[str]] = set()
"""Endpoints whose page may use the camera."""

WITH_PROVIDER: Final[set[str]] = set()
"""Endpoints whose forms lead to the provider by whom people sign in."""

LONGER: Final[dict[str, int]] = {}
"""By endpoint, how many bytes its form may have, where that is more than `BODY_BYTES_MAX`."""

pages = Blueprint("pages", __name__)


def cookie_name(settings: Settings) -> str:
    """What the session's cookie is called here; "" where nobody can be signed in safely.

    Decided by the configured address alone: over https always the strict kind; by plain http only
    on the machine itself, as in a demonstration.
    """
    if settings.is_public_secure:
        return "__Host-sidereal"
    host = urlsplit(settings.public_url).hostname or ""
    return "sidereal-on-this-machine" if host in LOOPBACK else ""


def session_sent() -> str:
    """What the session's cookie holds in this request; "" without one."""
    name = cookie_name(current_settings())
    return request.cookies.get(name, "") if name else ""


def idle_ms() -> int:
    """How long a session at a desk stands without a request (ms)."""
    return current_settings().idle_minutes * 60_000


def whose_session(session: str) -> Caller:
    """Who is signed in. That is a use of the session, but for what a script asks by itself: else a
    page that follows some work would keep a desk open that nobody sits at. Refuses as
    `sessions.caller_of_session`."""
    by_script = (
        request.method != "POST" and request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
    )
    ask = sessions.caller_of_session if by_script else sessions.use
    return ask(current_book(), session, idle_ms=idle_ms())


def refuse_insecure() -> None:
    """Refuse with `insecure_address` where a cookie would be sent in the clear."""
    if not cookie_name(current_settings()):
        raise Refused("insecure_address", "nobody signs in over plain http; serve this by https")


def give_session(response: Response, session: str, until: int) -> None:
    """Sign this browser in until then (ms)."""
    settings = current_settings()
    name = cookie_name(settings)
    left = max(0, until - current_book().clock.now_ms()) // 1000
    response.set_cookie(
        name,
        session,
        max_age=left,
        path="/",
        secure=settings.is_public_secure,
        httponly=True,
        samesite="Lax",
    )


def take_session(response: Response) -> None:
    """Sign this browser out."""
    settings = current_settings()
    response.delete_cookie(
        cookie_name(settings),
        path="/",
        secure=settings.is_public_secure,
        httponly=True,
        samesite="Lax",
    )


def tell_next(response: Response, code: str) -> None:
    """The page for signing in, to which this answer leads, says this once: so that the way back to
    a form leads over no page that a browser would have to ask for by sending the form again."""
    response.set_cookie(
        _said_cookie(),
        code,
        max_age=_TOLD_SECONDS,
        path="/",
        secure=current_settings().is_public_secure,
        httponly=True,
        samesite="Lax",
    )


def told() -> str:
    """What the page for signing in is to say; "" for nothing."""
    code = request.cookies.get(_said_cookie(), "")
    return code if code in _ENDED else ""


def forget_told(response: Response) -> None:
    """It was said."""
    response.delete_cookie(
        _said_cookie(),
        path="/",
        secure=current_settings().is_public_secure,
        httponly=True,
        samesite="Lax",
    )


def _said_cookie() -> str:
    return f"{cookie_name(current_settings())}-ended"


def form_token(session: str) -> str:
    """What a form of this session carries: made of the cookie, which no other origin can read."""
    return hmac.new(session.encode(), b"sidereal form", hashlib.sha256).hexdigest()


def refuse_foreign_form(session: str) -> None:
    """Refuse with `foreign_form` what comes from no page of this session."""
    sent = request.form.get("form", "")
    if not hmac.compare_digest(sent.encode(), form_token(session).encode()):
        raise Refused("foreign_form", "this form is not of the page that you are on")


def signed_in(view: View) -> View:
    """Let only who is signed in reach a view, and a form only from a page of theirs."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        session = session_sent()
        if not session:
            raise Refused("not_signed_in", "nobody is signed in here; ask for a new link")
        g.form_token = form_token(session)
        g.caller = whose_session(session)
        if request.method == "POST":
            refuse_foreign_form(session)
        return view(*args, **kwargs)

    return guarded  # type: ignore[return-value]


def for_roles(*roles: str) -> Callable[[View], View]:
    """Let only these roles reach a view, signed in. Refuses with `not_signed_in`, `foreign_form`,
    `role_not_allowed`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if g.caller.role not in roles:
                raise Refused("role_not_allowed", f"this is not for the role {g.caller.role}")
            return view(*args, **kwargs)

        return signed_in(guarded)  # type: ignore[return-value]

    return decorate


def with_camera(view: View) -> View:
    """Let a page use the camera, and what reads its pictures. Goes above `for_roles`."""
    WITH_CAMERA.add(f"pages.{view.__name__}")
    return view


def with_provider(view: View) -> View:
    """Let a page's forms lead on to the provider by whom people sign in, if there is one."""
    WITH_PROVIDER.add(f"pages.{view.__name__}")
    return view


def body_may_have(bytes_max: int) -> Callable[[View], View]:
    """Let a view take a longer form than others, such as a file. Goes above `for_roles`."""

    def decorate(view: View) -> View:
        LONGER[f"pages.{view.__name__}"] = bytes_max
        return view

    return decorate


@pages.before_request
def _hold() -> None:
    """Before every page: its language, its size, and for a form where it comes from."""
    bytes_max = LONGER.get(request.endpoint or "", BODY_BYTES_MAX)
    request.max_content_length = bytes_max
    for name, choices in _KEPT.items():
        asked, kept = request.args.get(name, ""), request.cookies.get(f"sidereal-{name}", "")
        setattr(g, name, next((each for each in (asked, kept) if each in choices), ""))
    g.lang = g.lang or words.LANGUAGES[0]
    if request.method != "POST":
        return
    if request.content_length is None or request.content_length > bytes_max:
        raise Problem("body_too_large", "this is more than a form of ours holds")
    parts = urlsplit(current_settings().public_url)
    if request.headers.get("Origin") != f"{parts.scheme}://{parts.netloc}":
        raise Refused("foreign_form", "this form comes from another address")


@pages.after_request
def _harden(response: Response) -> Response:
    camera = request.endpoint in WITH_CAMERA
    policy, issuer = CAMERA_POLICY if camera else POLICY, current_settings().oidc_issuer
    if issuer and (request.endpoint in WITH_PROVIDER or response.status_code == 401):
        # Whoever is signed out is shown the page for signing in, wherever that was.
        policy = policy.replace("form-action 'self'", f"form-action 'self' {origin_of(issuer)}")
    response.headers["Content-Security-Policy"] = policy
    # Not `no-referrer`: with that a browser says `Origin: null` of our own forms as well.
    response.headers["Referrer-Policy"] = "same-origin"
    allowed = {
        "camera": camera,
        "publickey-credentials-create": g.get("shown") == "account/account",
        "publickey-credentials-get": g.get("shown") == "sign_in",
    }
    response.headers["Permissions-Policy"] = ", ".join(
        f"{name}=({'self' if may else ''})"
        for name, may in {**allowed, **dict.fromkeys(_NEVER, False)}.items()
    )
    for name, choices in _KEPT.items():
        asked = request.args.get(name, "")
        if asked in choices:
            response.set_cookie(
                f"sidereal-{name}",
                asked,
                max_age=_YEAR_SECONDS,
                secure=current_settings().is_public_secure,
                httponly=True,
                samesite="Lax",
            )
    return response


@pages.context_processor
def _words() -> dict[str, Any]:
    lang = g.get("lang", words.LANGUAGES[0])

    def t(key: str, /, **blanks: Any) -> str:
        return words.say(key, lang, **blanks)

    return {
        "t": t,
        "lang": lang,
        "other": next(each for each in words.LANGUAGES if each != lang),
        "large": g.get("print") == "large",
        "form_token": g.get("form_token", ""),
        "new_key": new_key,
        "caller": g.get("caller"),
        "acting_for": _acting_for(),
        "passkeys": here(current_settings()) is not None,
        "provider": urlsplit(current_settings().oidc_issuer).hostname or "",
        "area": area(),
        "path": request.path,
        "now": current_book().clock.now_ms(),
    }


def _acting_for() -> Person | None:
    """For whom whoever is signed in acts, for the top of every page; None for themselves."""
    caller = g.get("caller")
    who = who_is(caller, masked=True) if caller and caller.helper else None
    return who if isinstance(who, Person) else None


def area() -> Area:
    """The pages of whoever is signed in; for nobody only the way in."""
    caller = g.get("caller")
    return AREAS.get(caller.role, _NOBODYS).offered_to(caller.scopes) if caller else _NOBODYS


@pages.app_template_filter("moment")
def _moment(time: int) -> str:
    return words.moment(time, current_book().clock.now_ms(), g.lang)


@pages.app_template_filter("exact")
def _exact(time: int) -> str:
    return words.exact(time)


@pages.app_template_filter("day")
def _day(day: str | date) -> str:
    return words.day(day, current_book().clock.now_ms(), g.lang)


@pages.app_template_filter("duration")
def _duration(minutes: int) -> str:
    return words.duration(minutes, g.lang)


@pages.app_template_filter("signed_duration")
def _signed_duration(minutes: int) -> str:
    return words.signed(minutes, words.duration(abs(minutes), g.lang))


@pages.app_template_filter("signed_points")
def _signed_points(hundredths: int) -> str:
    return words.signed(hundredths, words.points(abs(hundredths)))


pages.app_template_filter("points")(words.points)
pages.app_template_filter("numbered")(words.numbered)
pages.app_template_filter("short")(words.short)


def page(template: str, status: int = 200, **shown: Any) -> Response:
    """A page of ours."""
    g.shown = template
    return make_response(render_template(f"pages/{template}.html", **shown), status)


@pages.errorhandler(Refused)
def _refused(no: Refused) -> Response:
    if no.code == "help_over":
        return page("account/help_over", status_of(no.code))
    if no.code in _ENDED and _is_form():
        answer = make_response(redirect("/sign-in", 303))
        tell_next(answer, no.code)
        take_session(answer)
        return answer
    if no.code in _SIGN_IN_AGAIN:
        answer = page("sign_in", status_of(no.code), why=no.code, link="", who=None)
        if no.code != "sign_in_link_over" and session_sent():
            take_session(answer)
        return answer
    return page("failing", status_of(no.code), why=words.known(no.code), number=request_id())


@pages.errorhandler(Problem)
def _no(no: Problem) -> Response:
    return page("failing", status_of(no.code), why=words.known(no.code), number=request_id())


@pages.errorhandler(HTTPException)
def _odd(odd: HTTPException) -> Response:
    return page("failing", odd.code or 500, why="not_found", number=request_id())


@pages.errorhandler(Exception)
def _fault(error: Exception) -> Response:
    # As for the API: the log has the rest.
    current_app.extensions["sidereal_log"].error("fault", request_id=request_id(), exc_info=error)
    own = AFTER_A_FAULT.get(request.endpoint or "")
    if own is not None and "caller" in g:
        return own()
    return page("failing", 500, why="internal_error", number=request_id())


def _is_form() -> bool:
    """Whether somebody sent a form of a page and now waits for the next one."""
    navigates = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    return request.method == "POST" and navigates and request.endpoint != "pages.sign_out"


_TOLD_SECONDS: Final = 60
_ENDED: Final = frozenset({"session_idle", "token_expired"})
"""Sessions that ended by themselves, perhaps while somebody filled in a form."""
_NOBODYS: Final = Area("/")
_SIGN_IN_AGAIN: Final = frozenset(
    "not_signed_in session_idle sign_in_link_over token_revoked token_expired".split()
)
