"""A QR code as part of a page: no request, no inline style, no script."""

from __future__ import annotations

from typing import NamedTuple

from api.papers.qr import dark_runs

_QUIET = 4
"""Modules left white around a code, as ISO/IEC 18004 asks."""


class Drawn(NamedTuple):
    """A code as an `<svg>` draws it: how many units wide and high, and the path of what is dark."""

    size: int
    path: str


def drawn_qr(text: str) -> Drawn:
    """The code of a text. `parts.html` of the organisation's desk has a macro that draws it."""
    width, runs = dark_runs(text)
    path = "".join(
        f"M{column + _QUIET} {row + _QUIET}h{length}v1h-{length}z" for row, column, length in runs
    )
    return Drawn(width + 2 * _QUIET, path)
