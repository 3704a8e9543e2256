"""The HTTP face of the ledger. `create_app` makes a WSGI application around an open book."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response, request
from werkzeug.routing import BaseConverter, IntegerConverter

from api import problems, request_log
from api.checking import Checker
from api.current import State
from api.problems import Api, Problem
from api.provider import Provider
from api.schemas import Moment
from api.settings import Settings
from ledger.book import Book
from ledger.door.imports import FILE_BYTES_MAX

__all__ = ["create_app"]

_BATCH_ROUTE: Final = "/v1/service-records/batch"
_IMPORT_ROUTE: Final = "/v1/imports"


class IdConverter(BaseConverter):
    """A random id in an address; anything else is not found."""

    regex = "[0-9abcdefghjkmnpqrstvwxyz]{16}"


class NumberConverter(IntegerConverter):
    """A number in an address; one that is longer than any of ours is not found."""

    regex = r"\d{1,15}"


class AddressConverter(BaseConverter):
    """A party's address such as `merchant:0123456789abcdef`."""

    regex = "[a-z]{5,12}:[0-9abcdefghjkmnpqrstvwxyz]{16}"


def create_app(book: Book, settings: Settings, *, logger: Any = None) -> Flask:
    """The application. The caller keeps the book and closes it when the server has stopped."""
    app = Flask("api", static_folder=None)
    app.config.update(
        API_TITLE="Sidereal",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=settings.body_bytes_max,
        # A form is never read; its memory limit must not change what JSON may hold.
        MAX_FORM_MEMORY_SIZE=settings.body_bytes_max,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.converters.update(id=IdConverter, int=NumberConverter, party=AddressConverter)
    logger = logger or request_log.make_logger()
    app.extensions["sidereal"] = State(
        book=book,
        settings=settings,
        checker=Checker(book, logger),
        provider=_provider(book, settings),
    )
    request_log.register(app, logger)
    problems.register(app)

    @app.before_request
    def limit_body() -> None:
        if request.path == _BATCH_ROUTE:
            request.max_content_length = settings.batch_bytes_max
        elif request.path == _IMPORT_ROUTE:
            request.max_content_length = FILE_BYTES_MAX
        if (request.content_length or 0) > (request.max_content_length or 0):
            raise Problem("body_too_large", "the request's body is too large")

    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.is_public_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

    api = Api(app)
    api.register_converter(IdConverter, lambda _: {"type": "string", "pattern": IdConverter.regex})
    api.register_converter(
        AddressConverter, lambda _: {"type": "string", "pattern": AddressConverter.regex}
    )
    api.register_field(Moment, "string", "date-time")
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})

    from api.docs import docs
    from api.log import log, prefix_of
    from api.metrics import count_requests, metrics
    from api.pages import pages
    from api.reads import reads
    from api.writes import writes

    count_requests(app, book)
    api.register_blueprint(writes)
    api.register_blueprint(reads)
    # Strangers' tools look for tiles under the origin's own path (trust §2).
    api.register_blueprint(log, url_prefix=prefix_of(book.origin))
    api.register_blueprint(metrics)
    api.register_blueprint(docs)
    app.register_blueprint(pages)
    return app


_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def _provider(book: Book, settings: Settings) -> Provider | None:
    """By whom people may sign in, where somebody is configured."""
    if not settings.oidc_issuer:
        return None
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret(),
        back=f"{settings.public_url}/sign-in/provider/back",
        clock=book.clock.now_ms,
    )
