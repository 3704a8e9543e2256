"""One JSON line a request: route template, status, time taken, credential id.

No address parameters, query strings, bodies, codes or tokens are ever written (trust §7).
"""

from __future__ import annotations

import itertools
import secrets
import sys
import time
from typing import Any, TextIO

import orjson
import structlog
from flask import Flask, Response, g, request


def make_logger(file: TextIO | None = None) -> Any:
    """A logger that writes JSON lines to `file`, by default to standard error."""
    return structlog.wrap_logger(
        structlog.WriteLogger(file or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Only where it happened: an exception's text may quote what somebody typed.
            _place_of_fault,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.BoundLogger,
        # Bound once; unbound, every line would begin by making a logger.
    ).bind()


def register(app: Flask, logger: Any) -> None:
    """Give each request an id of ours, and write its line."""
    app.extensions["sidereal_log"] = logger
    # Random once for the process, then counted: an id names a line of the log and is no secret.
    ours, numbers = secrets.token_hex(4), itertools.count()

    @app.before_request
    def begin() -> None:
        g.request_id = f"{ours}{next(numbers) & 0xFFFFFFFF:08x}"
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        caller = g.get("caller")
        logger.info(
            "request",
            request_id=g.request_id,
            method=request.method,
            route=request.url_rule.rule if request.url_rule else "",
            status=response.status_code,
            microseconds=int((time.perf_counter() - g.began) * 1e6),
            credential=caller.credential if caller else "",
        )
        return response


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def _place_of_fault(_logger: Any, _method: str, event: Any) -> Any:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["fault"] = type(error).__name__
        places = []
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        event["at"] = places[-8:]
    return event
