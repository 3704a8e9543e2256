"""Entries: docs/format.md, section 2, around the facts and postings of their kinds.

An entry has one canonical form, its names are fixed and sorted, and every value comes from a
small alphabet. So each kind is a regular language, and one expression says at once that an entry
is canonical, has exactly the names of its kind, and that each value has its shape. Nothing is
parsed before it is known to be well formed, so no reader's leniency, nesting or number of digits
can matter; and nothing depends on which JSON library is installed. Facts come before postings in
that form, so the same expression holds the postings to the ids and amounts of the facts. Only
what several postings move together has to be added up (`check_together`).

`Grammar.match` decides. `Grammar.explain` only says in words why it refused.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from typing import Final

from audit import canonical
from audit.canonical import NotCanonical, Value
from audit.kinds import KINDS, Kind
from audit.moves import some
from audit.shapes import (
    ADDRESS,
    COUNT,
    DIGEST_TEXT,
    DOCUMENT,
    ID_OR_NONE,
    ID_TEXT,
    MAC_TEXT,
    NAME_TEXT,
    OWNER_TEXT,
    POSITIVE,
    TIME,
    object_of,
)
from audit.verdict import Refuted

ENTRY_BYTES_MAX: Final = 65_535

# Any posting at all, to tell a bad shape from one that the kind may not carry.
_POSTING = (
    rf'\{{"amount":{POSITIVE},"asset":"(?:SERVICE|TIME|POINT|STAR|CREDIT)"'
    r',"destination":"[a-z0-9:_-]+","source":"[a-z0-9:_-]+"\}'
)
_POSTINGS = some(_POSTING)
_POSTING_PARTS = re.compile(
    rb'"amount":([0-9]+),"asset":"([A-Z]+)","destination":"([^"]+)","source":"([^"]+)"'
)
_IDEM = (
    rf'\{{"key":"(?P<key>{MAC_TEXT})","part":(?P<part>{COUNT}),"parts":(?P<parts>{POSITIVE})'
    rf',"request":"(?P<request>{MAC_TEXT})"\}}'
)

# By name, in canonical order. What depends on the kind or the log is filled in by `_pattern`.
_FIELDS: Final[dict[str, str]] = {
    "actor": f'"(?:console|system|(?P<owner>{OWNER_TEXT}))"',
    # Somebody with an address of their own used a credential; the console and the system did not.
    "auth": f'"(?(owner){ID_TEXT}|)"',
    "facts": "",
    "idem": _IDEM,
    "index": f"(?P<index>{COUNT})",
    "kind": "",
    "origin": "",
    "policy": f'"(?P<policy>none|{NAME_TEXT}/{POSITIVE})"',
    "postings": "",
    "prev": f'"(?P<prev>{DIGEST_TEXT})"',
    "rules": POSITIVE,
    "salt": '"[0-9a-f]{32}"',
    "time": f"(?P<time>{TIME})",
    "v": "1",
}
_KIND_MARK = b',"kind":"'
PARTS: Final = "key part parts request index kind policy postings prev time".split()
"""The groups that every matched entry has."""
TOGETHER: Final = {name.encode(): kind.together for name, kind in KINDS.items() if kind.together}
"""The kinds of which some facts are what several postings add up to."""
_HOLD_DOCUMENTS = frozenset(
    name.encode() for name, kind in KINDS.items() if DOCUMENT in kind.facts.values()
)


def _may_carry(kind: Kind, facts: Value, postings: Value) -> bool:
    if not kind.posts:
        return not postings
    both = object_of(kind.facts) + kind.postings
    text = canonical.encode(facts) + canonical.encode(postings)
    return _fits(both).fullmatch(text) is not None


@cache
def _fits(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())


def postings_of(text: bytes) -> list[tuple[bytes, bytes, bytes, bytes]]:
    """(amount, asset, destination, source) of each posting in a matched `postings`."""
    return _POSTING_PARTS.findall(text)


def check_together(entry: re.Match[bytes], moves: list[tuple[bytes, bytes, bytes, bytes]]) -> None:
    """Raise `Refuted` unless the postings of a matched entry of the kinds `TOGETHER` move in all
    what its facts say."""
    found: set[bytes] = set()
    for each in TOGETHER[entry["kind"]]:
        receivers = each.receivers + (entry[each.whose] + b":" if each.whose else b"")
        if receivers in found:
            raise Refuted("facts", "two of its facts name one volunteer where two are meant")
        found.add(receivers)
        said = int(entry[each.fact] or 0)
        there = sum([int(m[0]) for m in moves if m[2].startswith(receivers) and m[1] != b"SERVICE"])
        if there != said:
            raise Refuted(
                "postings",
                f"its fact {each.fact} is {said}, and its postings move {there} for it",
            )


def _without_document(line: bytes) -> bytes:
    """The line with an empty object for its document, if all of it is canonical; else nothing.

    A document may hold anything, another entry's text included, so no expression could tell where
    it ends. What is left after it was read and taken out is as regular as any other entry.
    """
    try:
        entry = canonical.read(line[:-1])
    except NotCanonical:
        return b""
    facts = entry.get("facts") if isinstance(entry, dict) else None
    if not isinstance(facts, dict) or not isinstance(facts.get("document"), dict):
        return b""
    facts["document"] = {}
    return canonical.encode(entry) + line[-1:]


class Grammar:
    """The entries that the log `origin` may hold."""

    def __init__(self, origin: str) -> None:
        self._origin = json.dumps(origin, ensure_ascii=False)
        self._patterns: dict[bytes, re.Pattern[bytes]] = {}

    def match(self, line: bytes) -> re.Match[bytes] | None:
        """The parts of a well formed entry and its newline, or None.

        Its groups are those of `PARTS`, as bytes, and what the expression and `check_together`
        need of the facts.
        """
        # No string can hold these bytes unescaped, and only documents stand before the kind. If
        # a forger puts them elsewhere, the expression does not fit, which is the right answer.
        start = line.rfind(_KIND_MARK) + len(_KIND_MARK)
        kind = line[start : line.find(b'"', start)]
        pattern = self._patterns.get(kind)
        if pattern is None:
            name = kind.decode("latin-1")
            if name not in KINDS:
                return None
            pattern = self._patterns[kind] = self._pattern(name)
        if kind in _HOLD_DOCUMENTS:
            line = _without_document(line)
        return pattern.fullmatch(line)

    def _pattern(self, kind: str) -> re.Pattern[bytes]:
        facts, postings = KINDS[kind].facts, KINDS[kind].postings
        fields = _FIELDS | {
            "facts": object_of(facts),
            "kind": f'"(?P<kind>{kind})"',
            "origin": re.escape(self._origin),
            "postings": f"(?P<postings>{postings or re.escape('[]')})",
        }
        return re.compile(f"{object_of(fields)}\n".encode())

    def explain(self, line: bytes) -> Refuted:
        """Why `match` refused `line`, as the first rule of the format that it breaks."""
        if len(line) - line.endswith(b"\n") > ENTRY_BYTES_MAX:
            return Refuted("line", f"it is longer than {ENTRY_BYTES_MAX} bytes")
        if not line.endswith(b"\n"):
            return Refuted("line", "its newline is missing")
        if line == b"\n":
            return Refuted("line", "it is empty")
        try:
            entry = canonical.read(line[:-1])
        except NotCanonical as error:
            return Refuted("canonical", str(error))
        if not isinstance(entry, dict) or entry.keys() != _FIELDS.keys():
            return Refuted("names", "it has not exactly the 14 names of an entry")
        return self._explain_fields(entry)

    def _explain_fields(self, entry: dict[str, Value]) -> Refuted:
        kind = entry["kind"]
        if not isinstance(kind, str) or kind not in KINDS:
            return Refuted("kind", "its kind is not one of the format's")
        if canonical.encode(entry["origin"]) != self._origin.encode():
            return Refuted("origin", "its origin is not the log's")
        plain = _FIELDS | {
            "actor": ADDRESS,
            "auth": ID_OR_NONE,
            "facts": ".*",
            "kind": ".*",
            "origin": ".*",
            "postings": _POSTINGS,
        }
        for name, pattern in plain.items():
            if not _fits(pattern).fullmatch(canonical.encode(entry[name])):
                return Refuted("shape", f"its {name} has not the shape that the format gives it")
        facts, rules = entry["facts"], KINDS[kind].facts
        if not isinstance(facts, dict) or facts.keys() != rules.keys():
            return Refuted("facts", f"it has not exactly the facts of {kind}")
        for name, pattern in sorted(rules.items()):
            if pattern == DOCUMENT and isinstance(facts[name], dict):
                continue
            if not _fits(pattern).fullmatch(canonical.encode(facts[name])):
                return Refuted("facts", f"its fact {name} has not the shape that {kind} gives it")
        if not _may_carry(KINDS[kind], facts, entry["postings"]):
            return Refuted("postings", f"its postings are not those of {kind} with its facts")
        if bool(entry["auth"]) == (entry["actor"] in ("console", "system")):
            return Refuted("shape", "auth is empty where console or system acts, and only there")
        return Refuted("shape", "it has not the canonical form of an entry of its kind")


@lru_cache(maxsize=8)
def grammar(origin: str) -> Grammar:
    """The grammar of a log; its expressions are kept, because they take time to compile."""
    return Grammar(origin)
