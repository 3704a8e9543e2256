"""QR codes: a picture of an address, for a screen or for paper."""

from __future__ import annotations

import io
from collections.abc import Iterator

SVG = "image/svg+xml"
PNG = "image/png"

_QUIET = 4
"""Modules left white around a code, as ISO/IEC 18004 asks."""
_SCALE = 8


def svg(text: str) -> bytes:
    """A code as SVG that grows with the room it is given."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", border=_QUIET, dark="#000", light="#fff", omitsize=True, xmldecl=False
    )
    return out.getvalue()


def png(text: str) -> bytes:
    """A code as PNG, eight pixels a module."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", border=_QUIET, scale=_SCALE)
    return out.getvalue()


def dark_runs(text: str) -> tuple[int, Iterator[tuple[int, int, int]]]:
    """A code's width in modules, and its dark parts as (row, column, length) of each stretch in a
    row; without the white around it."""
    import segno

    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]

    def stretches() -> Iterator[tuple[int, int, int]]:
        for down, row in enumerate(rows):
            begins = None
            for across, module in enumerate([*row, 0]):
                if module and begins is None:
                    begins = across
                elif not module and begins is not None:
                    yield down, begins, across - begins
                    begins = None

    return len(rows), stretches()
