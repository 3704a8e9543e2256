"""What an expression cannot say of an entry's facts. Few entries are of such kinds, so they are
read as values: sorted words, and adopted documents (docs/policy.md, sections 5 and 6)."""

from __future__ import annotations

import re
from typing import Final

from audit import canonical
from audit.canonical import NotCanonical, Value
from audit.shapes import CATEGORY, ID_OR_NONE, object_of, or_none, word
from audit.verdict import Refuted

READ_AS_VALUES: Final = frozenset(
    (
        b"genesis",
        b"policy_adopted",
        b"calendar_adopted",
        b"credential_issued",
        b"fund_stated",
        b"reward_drafted",
        b"reward_published",
        b"settlement_closed",
        b"webhook_set",
        b"settlement_stated",
    )
)
_POLICY_NAMES = frozenset(
    "bases effective_from effective_to id issuer scope title values version".split()
)
_CALENDAR_NAMES = frozenset("holidays id source version workdays year".split())


def facts_of(entry: bytes) -> dict[str, Value]:
    """The facts of a matched entry as values; raises `Refuted` where they break a rule."""
    try:
        value = canonical.read(entry)
    except NotCanonical as error:
        raise Refuted("canonical", str(error)) from None
    facts = value.get("facts") if isinstance(value, dict) else None
    if not isinstance(facts, dict):
        raise Refuted("facts", "it has no facts")
    for name in ("scopes", "branches", "events", "merchants", "redemptions", "refunds"):
        _check_words(facts.get(name, ""), name)
    if "redemptions" in facts and facts["lines"] != str(facts["redemptions"]).count("+") + 1:
        raise Refuted("facts", "its fact lines is not the number of its redemptions")
    if "policy" in facts:
        _check_document(facts, _POLICY_NAMES, {"id": "policy", "version": "version"})
        _check_scope(facts["document"])
    if "calendar" in facts:
        _check_document(facts, _CALENDAR_NAMES, {"id": "calendar", "year": "year"})
    return facts


def _check_words(value: Value, name: str) -> None:
    words = str(value).split("+")
    if words != sorted(set(words)):
        raise Refuted("facts", f"the words of its fact {name} are not sorted, each once")


def _check_document(facts: dict[str, Value], names: frozenset[str], same: dict[str, str]) -> None:
    """A document has its names (docs/policy.md, sections 5 and 6) and is the one that it says."""
    document = facts["document"]
    if not isinstance(document, dict) or document.keys() != names:
        raise Refuted("facts", "its document has not exactly the names that its kind gives it")
    for name, fact in same.items():
        if document[name] != facts[fact]:
            raise Refuted("facts", f"the {name} of its document is not its fact {fact}")


_REGION = word("CN", "[0-9]{2}", "[0-9]{4}", "[0-9]{6}")
_SCOPE = object_of(
    {
        "region": _REGION,
        "organisation": ID_OR_NONE,
        "tier": or_none("province|city|county|township|community"),
        "categories": rf"\[(?:{CATEGORY}(?:,{CATEGORY})*)?\]",
    }
)
_SCOPES = re.compile(f"{_SCOPE}|{object_of({'region': _REGION})}".encode())


def _check_scope(document: Value) -> None:
    """For whom a policy is: four names, or in the first form the region alone."""
    scope = document["scope"] if isinstance(document, dict) else None
    text = canonical.encode(scope) if isinstance(scope, dict) else b""
    if not _SCOPES.fullmatch(text):
        raise Refuted("facts", "its document does not say for whom it is as policies say it")
    categories = scope.get("categories") if isinstance(scope, dict) else None
    if isinstance(categories, list) and categories:
        _check_words("+".join(map(str, categories)), "document")


def overdraft_minutes(facts: dict[str, Value]) -> int:
    """How far below zero an adopted policy lets time accounts go, in minutes; 0 if unsaid."""
    document = facts["document"]
    values = document["values"] if isinstance(document, dict) else None
    minutes = values.get("tb_overdraft_min_minutes", 0) if isinstance(values, dict) else None
    if not isinstance(minutes, int) or minutes < 0:
        raise Refuted("facts", "its document does not say how far below zero time may go")
    return minutes
