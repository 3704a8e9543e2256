"""The font of printed pages: Noto Sans CJK, with every character a Chinese name may have.

It comes with the extra `print`. Who packed its wheel is not known, so the file is compared with
the one that Debian ships (docs/decisions/0009) before a page is drawn with it.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from ledger.errors import Refused

SIMPLIFIED_CHINESE: Final = 2
"""The face of the collection with the shapes that mainland China writes."""

_SHA256: Final = "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a"


@lru_cache(maxsize=1)
def font_path() -> Path:
    """The font's file, looked at once in a process.

    Refuses with `printing_not_installed` where the extra is not there, and with `wrong_font` where
    the file is not the one that was examined.
    """
    try:
        import fpdf  # noqa: F401 - whether it is there
        import noto_cjk_sans_otc
    except ImportError:
        raise Refused(
            "printing_not_installed",
            "this server makes no PDF; its operator installs sidereal-ledger[print], or take CSV,"
            " XLSX or the QR code",
        ) from None
    path = Path(str(noto_cjk_sans_otc.FONT_PATH))
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != _SHA256:
        raise Refused(
            "wrong_font",
            "the font that is installed is not the one that was examined; the operator installs"
            " noto-cjk-sans-otc from the lock again",
        )
    return path
