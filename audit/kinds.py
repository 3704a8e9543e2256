"""Entries and their kinds: docs/format.md, sections 1 to 3, and which postings a kind may carry:
section 6.

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


# Section 6: which postings a kind may carry. The facts that they are held to are groups; one of
# minutes or of an amount takes part only if it is not 0.


def _held_to(name: str, pattern: str) -> str:
    """The text of a fact, under a name for the expression of the postings."""
    return f'"(?P<{name}>{pattern})"'


def _fact(name: str) -> str:
    return f"(?P={name})"


def _move(asset: str, source: str, destination: str, *, amount: str = POSITIVE) -> str:
    """The canonical text of one posting."""
    return (
        rf'\{{"amount":{amount},"asset":"{asset}"'
        rf',"destination":"{destination}","source":"{source}"\}}'
    )


def _only(move: str) -> str:
    """Exactly one posting."""
    return rf"\[{move}\]"


def _some(move: str) -> str:
    """Any number of such postings, none included."""
    return rf"\[(?:{move}(?:,{move})*)?\]"


def _one_and_some(one: str, others: str) -> str:
    """Exactly one of the first and any number of the others, in any order."""
    return rf"\[(?:{others},)*{one}(?:,{others})*\]"


VOLUNTEER = _held_to("volunteer", _ID)
REDEMPTION = _held_to("redemption", _ID)
MINUTES = f"(?:0|(?P<minutes>{POSITIVE}))"
OVERFLOW = f"(?:0|(?P<overflow_minutes>{POSITIVE}))"
AMOUNT = f"(?:0|(?P<amount>{POSITIVE}))"

_V = f"volunteer:{_fact('volunteer')}"
_HELD = f"held:{_fact('redemption')}"
# That it is a real day is told where the account appears for the first time, in `accounts`.
_VINTAGE = "points:[0-9-]{10}"
_POINTS = f"(?:{_VINTAGE}|owed:point)"
_SAVED = "(?:time|owed:time)"


def _earn(evidence: str) -> str:
    """Minutes that are paid, and points with them; nothing where none are paid."""
    served = _move("SERVICE", "issuer:service", f"{_V}:service:{evidence}", amount=_fact("minutes"))
    points = _move("POINT", "issuer:point", f"{_V}:{_POINTS}")
    return rf"(?(minutes){_one_and_some(served, points)}|\[\])"


def _claw_back() -> str:
    served = _move(
        "SERVICE",
        f"{_V}:service:(?:check_in|backfill)",
        "issuer:service",
        amount=_fact("minutes"),
    )
    points = _move("POINT", f"{_V}:{_POINTS}", "issuer:point")
    saved = _move("TIME", f"(?:{_V}:{_SAVED}|pool:platform)", "issuer:time")
    others = f"(?:{points}|{saved})"
    return f"(?(minutes){_one_and_some(served, others)}|{_some(others)})"


def _deposit() -> str:
    return _some(_move("TIME", "issuer:time", f"(?:{_V}:{_SAVED}|pool:platform)"))


def _reserve() -> str:
    points = _some(_move("POINT", f"{_V}:{_VINTAGE}", _HELD))
    saved = _some(_move("TIME", f"{_V}:time", _HELD))
    return f"(?(saved){saved}|{points})"


# Whoever the last posting to a volunteer names must be named by every one of them.
_ONE_HOLDER = rf'(?:(?=[^\]]*"destination":"volunteer:(?P<holder>{_ID}):)|)'
_TO_HOLDER = (
    "(?:"
    + _move("POINT", _HELD, f"(?:volunteer:{_fact('holder')}:{_POINTS}|lapsed)")
    + "|"
    + _move("TIME", _HELD, f"volunteer:{_fact('holder')}:{_SAVED}")
    + ")"
)


def _capture() -> str:
    claims = f"merchant:{_fact('merchant')}:claims"
    taken = _move("(?:POINT|TIME)", _HELD, claims, amount=_fact("amount"))
    return _ONE_HOLDER + _one_and_some(taken, _TO_HOLDER)


# Section 3: the kinds.


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a kind holds.

    `facts`: each fact with the expression of its canonical text.
    `postings`: the expression of all its postings, "" if it carries none.
    `together`: for some facts, the beginning of the accounts that receive as much in all.
    """

    facts: dict[str, str]
    postings: str
    together: tuple[tuple[str, bytes], ...]

    @property
    def posts(self) -> bool:
        """Whether an entry of the kind may carry postings."""
        return bool(self.postings)


def _kind(
    *, postings: str = "", together: tuple[tuple[str, bytes], ...] = (), **facts: str
) -> Kind:
    return Kind(facts=facts, postings=postings, together=together)


_PARTY = _kind(party=ADDRESS, reason=DIGEST_OR_NONE)
_RELATION = _kind(volunteer=ID, relation=ID)
_GIVEN_BACK = _kind(
    redemption=REDEMPTION,
    reward=ID,
    merchant=ID,
    amount=AMOUNT,
    postings=_ONE_HOLDER + _some(_TO_HOLDER),
    together=(("amount", b""),),
)

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
        volunteer=VOLUNTEER,
        organisation=ID,
        activity=ID,
        evidence=_held_to("evidence", "check_in|backfill"),
        starts=TIME,
        ends=TIME,
        check_in=TIME,
        check_out=TIME,
        recorded=TIME,
        deducted_minutes=COUNT,
        minutes=MINUTES,
        recorder=ID,
        approver=ID,
        outcome='"(?:effective|(?P<held>held))"',
        reasons=_words("day_over_8h", "day_over_12h", "late", "overlap"),
        calendar=_word(_NAME, "monday_to_friday"),
        corrects=ID_OR_NONE,
        postings=rf"(?(held)\[\]|{_earn(_fact('evidence'))})",
    ),
    "service_confirmed": _kind(
        record=ID,
        volunteer=VOLUNTEER,
        organisation=ID,
        minutes=MINUTES,
        postings=_earn("(?:check_in|backfill)"),
    ),
    "service_refused": _kind(record=ID, volunteer=ID, organisation=ID, reason=DIGEST_OR_NONE),
    "service_reversed": _kind(
        record=ID,
        volunteer=VOLUNTEER,
        organisation=ID,
        minutes=MINUTES,
        reason=DIGEST_OR_NONE,
        replaced_by=ID_OR_NONE,
        postings=_claw_back(),
    ),
    "points_lapsed": _kind(
        volunteer=VOLUNTEER,
        lapse=_held_to("lapse", DATE_TEXT),
        postings=_only(_move("POINT", f"{_V}:points:{_fact('lapse')}", "lapsed")),
    ),
    "time_deposited": _kind(
        record=ID,
        volunteer=VOLUNTEER,
        minutes=MINUTES,
        overflow_minutes=OVERFLOW,
        age_gate=_word("met"),
        age_tested=INTEGER,
        postings=_deposit(),
        together=(("minutes", b"volunteer:"), ("overflow_minutes", b"pool:")),
    ),
    "time_transferred": _kind(
        volunteer=VOLUNTEER,
        recipient=_held_to("recipient", _ID),
        minutes=MINUTES,
        relation=_word("spouse", "lineal"),
        postings=_some(_move("TIME", f"{_V}:time", f"volunteer:{_fact('recipient')}:{_SAVED}")),
        together=(("minutes", b""),),
    ),
    "time_donated": _kind(
        volunteer=VOLUNTEER,
        pool=_held_to("pool", f"platform|{_ID}"),
        minutes=MINUTES,
        postings=_only(
            _move("TIME", f"{_V}:time", f"pool:{_fact('pool')}", amount=_fact("minutes"))
        ),
    ),
    "reward_published": _kind(
        reward=ID,
        merchant=ID,
        form=_word("gift", "discount", "service_order"),
        asset=HALF_ASSET,
        price=COUNT,
        stock=COUNT,
        per_person=INTEGER,
        gate_stars=INTEGER,
        hold_minutes=COUNT,
        branches=BRANCHES,
        opens=INTEGER,
        closes=INTEGER,
        valid_from=TIME,
        valid_until=TIME,
        text=DIGEST_OR_NONE,
    ),
    "reward_withdrawn": _kind(reward=ID, reason=DIGEST_OR_NONE),
    "redemption_reserved": _kind(
        redemption=REDEMPTION,
        volunteer=VOLUNTEER,
        reward=ID,
        merchant=ID,
        quantity=COUNT,
        amount=AMOUNT,
        asset='"(?:POINT|(?P<saved>TIME))"',
        expires=TIME,
        age_gate=_or_none("met"),
        age_tested=INTEGER,
        postings=_reserve(),
        together=(("amount", b""),),
    ),
    "redemption_captured": _kind(
        redemption=REDEMPTION,
        reward=ID,
        merchant=_held_to("merchant", _ID),
        branch=ID,
        terminal=ID,
        quantity=COUNT,
        amount=AMOUNT,
        flag=_word("none", "rapid"),
        postings=_capture(),
    ),
    "redemption_released": _GIVEN_BACK,
    "redemption_expired": _GIVEN_BACK,
    "access_committed": _kind(last=INTEGER, count=INTEGER, digest=DIGEST),
}


# Sections 2 and 6: the entry around the facts.

# Any posting at all, to tell a bad shape from one that the kind may not carry.
_POSTING = (
    rf'\{{"amount":{POSITIVE},"asset":"(?:SERVICE|TIME|POINT|STAR|CREDIT)"'
    r',"destination":"[a-z0-9:_-]+","source":"[a-z0-9:_-]+"\}'
)
_POSTINGS = _some(_POSTING)
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
    "policy": f'"(?P<policy>none|{_NAME}/{POSITIVE})"',
    "postings": "",
    "prev": f'"(?P<prev>{_DIGEST})"',
    "rules": POSITIVE,
    "salt": '"[0-9a-f]{32}"',
    "time": f"(?P<time>{TIME})",
    "v": "1",
}
_KIND_MARK = b',"kind":"'
PARTS: Final = "key part parts request index kind policy postings prev time".split()
"""The groups that every matched entry has."""
TOGETHER: Final = {name.encode(): kind.together for name, kind in KINDS.items() if kind.together}
"""For a kind, the facts that several postings add up to, and the beginning of who receives."""
_HOLD_DOCUMENTS = frozenset(
    name.encode() for name, kind in KINDS.items() if DOCUMENT in kind.facts.values()
)


def _object_of(fields: dict[str, str]) -> str:
    return r"\{" + ",".join(f'"{name}":{fields[name]}' for name in sorted(fields)) + r"\}"


def _may_carry(kind: Kind, facts: Value, postings: Value) -> bool:
    if not kind.posts:
        return not postings
    both = _object_of(kind.facts) + kind.postings
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
    for fact, receivers in TOGETHER[entry["kind"]]:
        said = int(entry[fact] or 0)
        there = sum([int(move[0]) for move in moves if move[2].startswith(receivers)])
        if there != said:
            raise Refuted(
                "postings", f"its fact {fact} is {said}, and its postings move {there} for it"
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
            "facts": _object_of(facts),
            "kind": f'"(?P<kind>{kind})"',
            "origin": re.escape(self._origin),
            "postings": f"(?P<postings>{postings or re.escape('[]')})",
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
        if not _may_carry(KINDS[kind], facts, entry["postings"]):
            return Refuted("postings", f"its postings are not those of {kind} with its facts")
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
