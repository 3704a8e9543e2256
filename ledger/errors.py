"""How Sidereal says no.

An expected no is a `Refused` with a stable code, a sentence that says what to do, and the facts
behind it. A bug is a plain exception and is never caught to look like a no.
`docs/refusals.md` lists every code in order of precedence.
"""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The answer is no. `code` is stable; `sentence` is for people; `facts` are for programs."""

    def __init__(self, code: str, sentence: str, **facts: Any) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
        self.facts = facts

    def __reduce__(self) -> tuple[Any, ...]:
        return (_refused_again, (self.code, self.sentence, self.facts))


def _refused_again(code: str, sentence: str, facts: dict[str, Any]) -> Refused:
    return Refused(code, sentence, **facts)
