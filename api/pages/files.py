"""The few files that pages need: stylesheets, scripts, icons, and what makes an app of them."""

from __future__ import annotations

import gzip
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

from flask import Response, abort, request

from api.pages import words
from api.pages.guard import pages

FOLDER: Final = Path(__file__).parent.parent / "static"
KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
}
PACKED: Final = (".css", ".js", ".svg", ".wasm")
"""Sent compressed to whoever takes that: a third of the bytes, on a phone far from any mast."""
FILES: Final = {
    # Normalised first, so that what follows is the same in every browser.
    "pages.css": ("vendor/modern-normalize.css", "pages.css"),
    "desk.css": ("desk.css",),
    "office.css": ("office.css",),
    "audit.css": ("audit.css",),
    "charts.css": ("charts.css",),
    "volunteer.css": ("volunteer.css",),
    "voucher.js": ("voucher.js",),
    "shop.css": ("shop.css",),
    "public.css": ("public.css",),
    "check.js": ("check.js",),
    "pages.js": ("pages.js",),
    "passkey.js": ("passkey.js",),
    "till.js": ("till.js",),
    # For a till's camera, and only once it is switched on.
    "barcode-detector.js": ("vendor/barcode-detector.js",),
    "zxing_reader.wasm": ("vendor/zxing_reader.wasm",),
    "star.svg": ("star.svg",),
    "star-192.png": ("star-192.png",),
    "star-512.png": ("star-512.png",),
}
"""What is served under which name, and of which files it is put together."""


@pages.get("/pages/<name>")
def static_file(name: str) -> Response:
    """One of them; its address changes with its content, so it may be kept."""
    if name not in FILES:
        abort(404)
    kind = Path(name).suffix
    answer = Response(content_type=KINDS[kind])
    if kind in PACKED:
        answer.vary.add("Accept-Encoding")
    if kind in PACKED and request.accept_encodings.quality("gzip") > 0:
        answer.content_encoding = "gzip"
        answer.set_data(_packed(name))
    else:
        answer.set_data(_content(name))
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@pages.get("/pages/<any(zh, en):language>.webmanifest")
def manifest(language: str) -> Response:
    """What a browser needs to install these pages as an app, in one language."""
    icons = [
        {"src": file_url(name), "sizes": sizes, "type": KINDS[Path(name).suffix], "purpose": why}
        for name, sizes, why in (
            ("star.svg", "any", "any"),
            ("star-192.png", "192x192", "any"),
            ("star-512.png", "512x512", "any"),
            # The star stays within the circle that every launcher leaves of an icon.
            ("star-512.png", "512x512", "maskable"),
        )
    ]
    about = {
        "name": words.say("app.name", language),
        "short_name": words.say("name", language),
        "lang": "zh-CN" if language == "zh" else "en",
        "id": "/",
        # From there whoever is signed in comes to the pages of their own role.
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#FBFAF7",
        "theme_color": "#FBFAF7",
        "icons": icons,
    }
    answer = Response(json.dumps(about, ensure_ascii=False))
    answer.content_type = "application/manifest+json"
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@pages.app_template_global()
def file_url(name: str) -> str:
    """The address of one of them."""
    return f"/pages/{name}?{hashlib.sha256(_content(name)).hexdigest()[:12]}"


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_content(name), mtime=0)


@cache
def _content(name: str) -> bytes:
    return b"".join((FOLDER / part).read_bytes() for part in FILES[name])
