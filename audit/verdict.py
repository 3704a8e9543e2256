"""What a verification comes to.

There are three answers and they are never mixed up: `verified` needs every check of the
procedure to have passed, `refuted` means that something which is there contradicts a signature,
a hash or a rule, `incomplete` that a part was missing or could not be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Word = Literal["verified", "refuted", "incomplete"]

EXIT_CODES: dict[Word, int] = {"verified": 0, "refuted": 1, "incomplete": 2}


class Refuted(Exception):
    """Something that is there contradicts a signature, a hash or a rule.

    `check` is the stable name of the failed check; `index` is the first bad entry's, or None
    while nobody knows it or where no entry is to blame.
    """

    def __init__(self, check: str, reason: str, *, index: int | None = None) -> None:
        super().__init__(reason)
        self.check = check
        self.reason = reason
        self.index = index


class Incomplete(Exception):
    """A part is missing, is not what a part may be, or cannot be read."""

    def __init__(self, check: str, reason: str) -> None:
        super().__init__(reason)
        self.check = check
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer, and how far it got.

    `size` and `root` (hex) are the checkpoint's, as soon as its signature was found good; they
    say nothing about the entries unless `verdict` is `verified`. `check` is empty then.
    """

    verdict: Word
    size: int | None
    root: str | None
    first_bad_index: int | None
    check: str
    reason: str
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 verified, 1 refuted, 2 incomplete."""
        return EXIT_CODES[self.verdict]
