"""The few files that pages need: one stylesheet, one script, one picture. All ours."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from flask import Response, abort

from api.pages.guard import pages

FOLDER: Final = Path(__file__).parent.parent / "static"
KINDS: Final = {
    "pages.css": "text/css; charset=utf-8",
    "pages.js": "text/javascript; charset=utf-8",
    "star.svg": "image/svg+xml",
}


@pages.get("/pages/<name>")
def static_file(name: str) -> Response:
    """One of them; its address changes with its content, so it may be kept."""
    if name not in KINDS:
        abort(404)
    answer = Response(_content(name), content_type=KINDS[name])
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@pages.app_template_global()
def file_url(name: str) -> str:
    """The address of one of them."""
    return f"/pages/{name}?{hashlib.sha256(_content(name)).hexdigest()[:12]}"


@cache
def _content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()
