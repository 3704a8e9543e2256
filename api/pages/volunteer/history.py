"""A volunteer's history: every entry about them, newest first, and what each of them says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.pages import words
from api.pages.guard import pages


@pages.app_template_filter("happened")
def happened(line: Mapping[str, Any]) -> str:
    """Which key below `me.kind.` says what an entry was, of a service record by what became of it;
    "" where `kind.` and its kind do."""
    kind, outcome = line["kind"], line["cause"].get("outcome", "")
    return next((key for key in (f"{kind}_{outcome}", kind) if f"me.kind.{key}" in words.WORDS), "")
