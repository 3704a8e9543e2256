"""A no as a form shows it: one sentence, and one beside each field that is not as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import g

from api.pages import words
from api.problems import Problem, status_of
from ledger.errors import Refused

Noes = (Refused, Problem)
"""What a view of the API answers instead of what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a form was not done. Whoever sent it keeps what they typed."""

    code: str
    sentence: str
    status: int
    fields: Mapping[str, str] = field(default_factory=dict)
    """By the name of a field, what is wrong with it."""


def trouble_of(no: Refused | Problem) -> Trouble:
    """What a page says of a no, in the reader's language."""
    if isinstance(no, Refused):
        said, wait = _said(no.code), no.facts.get("wait_seconds")
        if no.code == "too_many_attempts" and wait is not None:
            said = words.say("why.too_many_attempts.wait", g.lang, n=-(-int(wait) // 60))
        return Trouble(code=no.code, sentence=said, status=status_of(no.code))
    fields = {pointer.strip("/").partition("/")[0]: _said(code) for pointer, code, _ in no.errors}
    return Trouble(code=no.code, sentence=_said(no.code), status=status_of(no.code), fields=fields)


def _said(code: str) -> str:
    return words.say(f"why.{words.known(code)}", g.lang)
