"""Entries and their kinds: docs/format.md, sections 1 to 3.

An entry has one canonical form, its names are fixed and sorted, and every value comes from a
small alphabet. So each kind is a regular language, and one expression says at once that an entry
is canonical, has exactly the names of its kind, and that each value has its shape. Nothing is
parsed before it is known to be well formed, so no reader's leniency, nesting or number of digits
can matter; and nothing depends on which JSON library is installed.

`Grammar.match` decides. `Grammar.explain` only says in words why it refused.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations
from typing import Final

from audit import canonical
from audit.canonical import INTEGER_MAX, NotCanonical, Value
from audit.verdict import Refuted

ENTRY_BYTES_MAX = 65_535

# Section 1: each kind of value, as it stands in the canonical text.


def _digits_up_to(limit: int) -> str:
    """Decimals from 1 to `limit` without leading zeros."""
    text = str(limit)
    shorter = f"[1-9][0-9]{{0,{len(text) - 2}}}"
    as_long = [
        f"{text[:at]}[{'0' if at else '1'}-{int(digit) - 1}][0-9]{{{len(text) - at - 1}}}"
        for at, digit in enumerate(text)
        if int(digit) > (0 if at else 1)
    ]
    return f"(?:{'|'.join([shorter, *as_long, text])})"


POSITIVE: Final = _digits_up_to(INTEGER_MAX)
COUNT = f"(?:0|{POSITIVE})"
INTEGER = f"(?:0|-?{POSITIVE})"
TIME = INTEGER

_ID = "[0-9a-hjkmnp-tv-z]{16}"
_DIGEST = "[0-9a-f]{64}"
_MAC = "[0-9a-f]{32}"
_NAME = "[a-z0-9][a-z0-9-]*"
_OWNER = f"(?:operator|organisation|staff|merchant|volunteer|auditor):{_ID}"

# A real day of the years 0001 to 9999: any month to the 28th, the later days of the longer
# months, and 29 February of the leap years.
_YEAR = "(?!0000)[0-9]{4}"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?!0000)(?:[02468][048]|[13579][26])00)"
DATE_TEXT = (
    f"(?:{_YEAR}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    f"|{_LEAP_YEAR}-02-29)"
)


def _or_none(pattern: str) -> str:
    return f'"(?:{pattern})?"'


def _word(*words: str) -> str:
    return f'"(?:{"|".join(words)})"'


def _words(*words: str) -> str:
    """Words of a closed list, sorted and joined by `+`; none at all is `""`."""
    some = [
        "+".join(each) for n in range(len(words)) for each in combinations(sorted(words), n + 1)
    ]
    return _or_none("|".join(re.escape(each) for each in some))


ID = f'"{_ID}"'
ID_OR_NONE = _or_none(_ID)
DIGEST = f'"{_DIGEST}"'
DIGEST_OR_NONE = _or_none(_DIGEST)
NAME = f'"{_NAME}"'
DATE = f'"{DATE_TEXT}"'
ADDRESS = f'"(?:console|system|{_OWNER})"'
# The format names no closed list for scopes, so only their shape is checked.
SCOPES = _or_none(r"[a-z][a-z0-9_:.-]*(?:\+[a-z][a-z0-9_:.-]*)*")
BRANCHES = _or_none(rf"{_ID}(?:\+{_ID})*")
# Its content is read as a value and taken out before the expression is asked: see `match`.
DOCUMENT = r"\{\}"
HALF_ASSET = _word("POINT", "TIME")
ROLE = _word("operator", "organisation", "reviewer", "merchant", "volunteer", "auditor")
CATEGORY = _word(
    "community_governance",
    "culture",
    "education",
    "elderly_and_disabled",
    "emergency",
    "environment",
    "events",
    "health",
    "legal_aid",
    "traffic",
    "other",
)


# Section 3: the kinds.


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The facts of a kind, each with the expression of its canonical text."""

    facts: dict[str, str]
    posts: bool


def _kind(*, posts: bool = False, **facts: str) -> Kind:
    return Kind(facts=facts, posts=posts)


_PARTY = _kind(party=ADDRESS, reason=DIGEST_OR_NONE)
_RELATION = _kind(volunteer=ID, relation=ID)
_GIVEN_BACK = _kind(redemption=ID, reward=ID, merchant=ID, amount=INTEGER, posts=True)

KINDS: Final[dict[str, Kind]] = {
    "genesis": _kind(hash=_word("sha256"), log_key=DIGEST, ack_key=DIGEST, manifest_key=DIGEST),
    "policy_adopted": _kind(policy=NAME, version=POSITIVE, toml_sha256=DIGEST, document=DOCUMENT),
    "calendar_adopted": _kind(calendar=NAME, year=INTEGER, toml_sha256=DIGEST, document=DOCUMENT),
    "volunteer_registered": _kind(
        volunteer=ID,
        organisation=ID_OR_NONE,
        guardian=_word("not_needed", "consented", "missing"),
    ),
    "guardian_consented": _kind(volunteer=ID),
    "organisation_registered": _kind(
        organisation=ID,
        parent=ID_OR_NONE,
        tier=_word("city", "county", "township", "community"),
        form=_word("organisation", "team"),
    ),
    "staff_registered": _kind(staff=ID, organisation=ID_OR_NONE),
    "merchant_registered": _kind(merchant=ID),
    "branch_registered": _kind(merchant=ID, branch=ID),
    "terminal_registered": _kind(merchant=ID, branch=ID, terminal=ID),
    "auditor_registered": _kind(auditor=ID),
    "operator_registered": _kind(operator=ID),
    "party_suspended": _PARTY,
    "party_reinstated": _PARTY,
    "party_left": _PARTY,
    "party_forgotten": _kind(party=ADDRESS),
    "relation_registered": _RELATION,
    "relation_removed": _RELATION,
    "credential_issued": _kind(
        credential=ID, party=ADDRESS, role=ROLE, scopes=SCOPES, terminal=ID_OR_NONE, expires=TIME
    ),
    "credential_revoked": _kind(credential=ID),
    "activity_registered": _kind(
        activity=ID,
        organisation=ID,
        category=CATEGORY,
        starts=TIME,
        ends=TIME,
        text=DIGEST_OR_NONE,
    ),
    "service_recorded": _kind(
        record=ID,
        volunteer=ID,
        organisation=ID,
        activity=ID,
        evidence=_word("check_in", "backfill"),
        starts=TIME,
        ends=TIME,
        check_in=TIME,
        check_out=TIME,
        recorded=TIME,
        deducted_minutes=INTEGER,
        minutes=INTEGER,
        recorder=ID,
        approver=ID,
        outcome=_word("effective", "held"),
        reasons=_words("day_over_8h", "day_over_12h", "late", "overlap"),
        calendar=_word(_NAME, "monday_to_friday"),
        corrects=ID_OR_NONE,
        posts=True,
    ),
    "service_confirmed": _kind(
        record=ID, volunteer=ID, organisation=ID, minutes=INTEGER, posts=True
    ),
    "service_refused": _kind(record=ID, volunteer=ID, organisation=ID, reason=DIGEST_OR_NONE),
    "service_reversed": _kind(
        record=ID,
        volunteer=ID,
        organisation=ID,
        minutes=INTEGER,
        reason=DIGEST_OR_NONE,
        replaced_by=ID_OR_NONE,
        posts=True,
    ),
    "points_lapsed": _kind(volunteer=ID, lapse=DATE, posts=True),
    "time_deposited": _kind(
        record=ID,
        volunteer=ID,
        minutes=INTEGER,
        overflow_minutes=INTEGER,
        age_gate=_word("met"),
        age_tested=INTEGER,
        posts=True,
    ),
    "time_transferred": _kind(
        volunteer=ID,
        recipient=ID,
        minutes=INTEGER,
        relation=_word("spouse", "lineal"),
        posts=True,
    ),
    "time_donated": _kind(volunteer=ID, pool=_word("platform", _ID), minutes=INTEGER, posts=True),
    "reward_published": _kind(
        reward=ID,
        merchant=ID,
        form=_word("gift", "discount", "service_order"),
        asset=HALF_ASSET,
        price=INTEGER,
        stock=INTEGER,
        per_person=INTEGER,
        gate_stars=INTEGER,
        hold_minutes=INTEGER,
        branches=BRANCHES,
        opens=INTEGER,
        closes=INTEGER,
        valid_from=TIME,
        valid_until=TIME,
        text=DIGEST,
    ),
    "reward_withdrawn": _kind(reward=ID, reason=DIGEST_OR_NONE),
    "redemption_reserved": _kind(
        redemption=ID,
        volunteer=ID,
        reward=ID,
        merchant=ID,
        quantity=INTEGER,
        amount=INTEGER,
        asset=HALF_ASSET,
        expires=TIME,
        age_gate=_or_none("met"),
        age_tested=INTEGER,
        posts=True,
    ),
    "redemption_captured": _kind(
        redemption=ID,
        reward=ID,
        merchant=ID,
        branch=ID,
        terminal=ID,
        quantity=INTEGER,
        amount=INTEGER,
        flag=_word("none", "rapid"),
        posts=True,
    ),
    "redemption_released": _GIVEN_BACK,
    "redemption_expired": _GIVEN_BACK,
    "access_committed": _kind(last=INTEGER, count=INTEGER, digest=DIGEST),
}


# Sections 2 and 6: the entry around the facts. Whether an account may hold the asset is told in
# `accounts`; here it is only made of an account's characters.

_POSTING = (
    rf'\{{"amount":{POSITIVE},"asset":"(?:SERVICE|TIME|POINT|STAR|CREDIT)"'
    r',"destination":"[a-z0-9:_-]+","source":"[a-z0-9:_-]+"\}'
)
_POSTINGS = rf"\[(?:{_POSTING}(?:,{_POSTING})*)?\]"
_POSTING_PARTS = re.compile(
    rb'"amount":([0-9]+),"asset":"([A-Z]+)","destination":"([^"]+)","source":"([^"]+)"'
)
_IDEM = (
    rf'\{{"key":"(?P<key>{_MAC})","part":(?P<part>{COUNT}),"parts":(?P<parts>{POSITIVE})'
    rf',"request":"(?P<request>{_MAC})"\}}'
)

# By name, in canonical order. What depends on the kind or the log is filled in by `_pattern`.
_FIELDS: Final[dict[str, str]] = {
    "actor": f'"(?:console|system|(?P<owner>{_OWNER}))"',
    # Somebody with an address of their own used a credential; the console and the system did not.
    "auth": f'"(?(owner){_ID}|)"',
    "facts": "",
    "idem": _IDEM,
    "index": f"(?P<index>{COUNT})",
    "kind": "",
    "origin": "",
    "policy": f'"(?:none|{_NAME}/{POSITIVE})"',
    "postings": "",
    "prev": f'"(?P<prev>{_DIGEST})"',
    "rules": POSITIVE,
    "salt": '"[0-9a-f]{32}"',
    "time": f"(?P<time>{TIME})",
    "v": "1",
}
_KIND_MARK = b',"kind":"'
_HOLD_DOCUMENTS = frozenset(
    name.encode() for name, kind in KINDS.items() if DOCUMENT in kind.facts.values()
)


def _object_of(fields: dict[str, str]) -> str:
    return r"\{" + ",".join(f'"{name}":{fields[name]}' for name in sorted(fields)) + r"\}"


@cache
def _fits(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())


def postings_of(text: bytes) -> list[tuple[bytes, bytes, bytes, bytes]]:
    """(amount, asset, destination, source) of each posting in a matched `postings`."""
    return _POSTING_PARTS.findall(text)


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

        The groups are `owner` (used inside the expression only), `key`, `part`, `parts`,
        `request`, `index`, `kind`, `postings`, `prev` and `time`, as bytes.
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
        facts, posts = KINDS[kind].facts, KINDS[kind].posts
        fields = _FIELDS | {
            "facts": _object_of(facts),
            "kind": f'"(?P<kind>{kind})"',
            "origin": re.escape(self._origin),
            "postings": f"(?P<postings>{_POSTINGS if posts else re.escape('[]')})",
        }
        return re.compile(f"{_object_of(fields)}\n".encode())

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
        if entry["postings"] and not KINDS[kind].posts:
            return Refuted("postings", f"{kind} carries no postings")
        if bool(entry["auth"]) == (entry["actor"] in ("console", "system")):
            return Refuted("shape", "auth is empty where console or system acts, and only there")
        return Refuted("shape", "it has not the canonical form of an entry of its kind")


@lru_cache(maxsize=8)
def grammar(origin: str) -> Grammar:
    """The grammar of a log; its expressions are kept, because they take time to compile."""
    return Grammar(origin)


# What an expression cannot say. Few entries are of these kinds, so they are read as values.

READ_AS_VALUES: Final = frozenset(
    (b"genesis", b"policy_adopted", b"calendar_adopted", b"credential_issued", b"reward_published")
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
    for name in ("scopes", "branches"):
        _check_words(facts.get(name, ""), name)
    if "policy" in facts:
        _check_document(facts, _POLICY_NAMES, {"id": "policy", "version": "version"})
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


def overdraft_minutes(facts: dict[str, Value]) -> int:
    """How far below zero an adopted policy lets time accounts go, in minutes; 0 if unsaid."""
    document = facts["document"]
    values = document["values"] if isinstance(document, dict) else None
    minutes = values.get("tb_overdraft_min_minutes", 0) if isinstance(values, dict) else None
    if not isinstance(minutes, int) or minutes < 0:
        raise Refuted("facts", "its document does not say how far below zero time may go")
    return minutes
