"""An entry: one immutable fact as canonical bytes.

This is the only encoding that is hashed. Bytes are made once, here, and kept; nothing re-encodes
them later. `KINDS` is the closed list of docs/format.md §3. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from ledger.posting import Posting

VERSION: Final = 1
ENTRY_BYTES_MAX: Final = 65_535
MAC_BYTES: Final = 16
"""`idem` holds the first 128 bits of its HMACs."""
NOTHING_BEFORE: Final = bytes(32)
"""`prev` of entry 0."""

_S, _I, _O = str, int, dict

KINDS: Final[Mapping[str, Mapping[str, type]]] = {
    "genesis": {"hash": _S, "log_key": _S, "ack_key": _S, "manifest_key": _S},
    "policy_adopted": {"policy": _S, "version": _I, "toml_sha256": _S, "document": _O},
    "calendar_adopted": {"calendar": _S, "year": _I, "toml_sha256": _S, "document": _O},
    "volunteer_registered": {"volunteer": _S, "organisation": _S, "guardian": _S},
    "guardian_consented": {"volunteer": _S},
    "organisation_registered": {"organisation": _S, "parent": _S, "tier": _S, "form": _S},
    "staff_registered": {"staff": _S, "organisation": _S},
    "merchant_registered": {"merchant": _S},
    "branch_registered": {"merchant": _S, "branch": _S},
    "terminal_registered": {"merchant": _S, "branch": _S, "terminal": _S},
    "auditor_registered": {"auditor": _S},
    "operator_registered": {"operator": _S},
    "party_suspended": {"party": _S, "reason": _S},
    "party_reinstated": {"party": _S, "reason": _S},
    "party_left": {"party": _S, "reason": _S},
    "party_forgotten": {"party": _S},
    "relation_registered": {"volunteer": _S, "relation": _S},
    "relation_removed": {"volunteer": _S, "relation": _S},
    "credential_issued": {
        "credential": _S,
        "party": _S,
        "role": _S,
        "scopes": _S,
        "terminal": _S,
        "expires": _I,
    },
    "credential_revoked": {"credential": _S},
    "activity_registered": {
        "activity": _S,
        "organisation": _S,
        "category": _S,
        "starts": _I,
        "ends": _I,
        "text": _S,
    },
    "service_recorded": {
        "record": _S,
        "volunteer": _S,
        "organisation": _S,
        "activity": _S,
        "evidence": _S,
        "starts": _I,
        "ends": _I,
        "check_in": _I,
        "check_out": _I,
        "deducted_minutes": _I,
        "recorder": _S,
        "approver": _S,
        "recorded": _I,
        "minutes": _I,
        "outcome": _S,
        "reasons": _S,
        "calendar": _S,
        "corrects": _S,
    },
    "service_confirmed": {"record": _S, "volunteer": _S, "organisation": _S, "minutes": _I},
    "service_refused": {"record": _S, "volunteer": _S, "organisation": _S, "reason": _S},
    "service_reversed": {
        "record": _S,
        "volunteer": _S,
        "organisation": _S,
        "minutes": _I,
        "reason": _S,
        "replaced_by": _S,
    },
    "points_lapsed": {"volunteer": _S, "lapse": _S},
    "time_deposited": {
        "record": _S,
        "volunteer": _S,
        "minutes": _I,
        "overflow_minutes": _I,
        "age_gate": _S,
        "age_tested": _I,
    },
    "time_transferred": {"volunteer": _S, "recipient": _S, "minutes": _I, "relation": _S},
    "time_donated": {"volunteer": _S, "pool": _S, "minutes": _I},
    "reward_published": {
        "reward": _S,
        "merchant": _S,
        "form": _S,
        "asset": _S,
        "price": _I,
        "stock": _I,
        "per_person": _I,
        "gate_stars": _I,
        "hold_minutes": _I,
        "branches": _S,
        "opens": _I,
        "closes": _I,
        "valid_from": _I,
        "valid_until": _I,
        "text": _S,
    },
    "reward_withdrawn": {"reward": _S, "reason": _S},
    "redemption_reserved": {
        "redemption": _S,
        "volunteer": _S,
        "reward": _S,
        "merchant": _S,
        "quantity": _I,
        "amount": _I,
        "asset": _S,
        "expires": _I,
        "age_gate": _S,
        "age_tested": _I,
    },
    "redemption_captured": {
        "redemption": _S,
        "reward": _S,
        "merchant": _S,
        "branch": _S,
        "terminal": _S,
        "quantity": _I,
        "amount": _I,
        "flag": _S,
    },
    "redemption_released": {"redemption": _S, "reward": _S, "merchant": _S, "amount": _I},
    "redemption_expired": {"redemption": _S, "reward": _S, "merchant": _S, "amount": _I},
    "access_committed": {"last": _I, "count": _I, "digest": _S},
}

WITH_PROSE: Final = frozenset({"policy_adopted", "calendar_adopted"})
"""Kinds whose document may quote published text; every other string is an id, a word, a digest."""

_SHAPES = {kind: tuple(facts.items()) for kind, facts in KINDS.items()}
_ENCODING = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


class Draft(NamedTuple):
    """What a decision wants written: an entry without its place in the chain."""

    kind: str
    facts: Mapping[str, Any]
    postings: Sequence[Posting] = ()
    policy: str = "none"
    rules: int = 1


class Idem(NamedTuple):
    """Which request an entry answers: HMACs in hex of its key and of its content."""

    key: str
    request: str


class Entry(NamedTuple):
    """One written fact. `data` are the bytes that were hashed; `hash` is their leaf hash."""

    index: int  # type: ignore[assignment]  # the journal's word; nobody searches an entry
    time: int
    kind: str
    actor: str
    facts: Mapping[str, Any]
    postings: Sequence[Posting]
    policy: str
    idem: Idem
    part: int
    parts: int
    data: bytes
    hash: bytes


def canonical(document: Any) -> bytes:
    """RFC 8785 bytes of a document of our domain (docs/format.md §2).

    Raises orjson.JSONEncodeError for 2^53 and beyond, or a lone surrogate. That there are only
    strings, integers, lists and objects in it is the caller's to know.
    """
    return orjson.dumps(document, option=_ENCODING)


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962 leaf hash of an entry's bytes."""
    return sha256(b"\x00" + data).digest()


def encode(
    *,
    origin: str,
    index: int,
    prev: bytes,
    time: int,
    actor: str,
    auth: str,
    idem: Idem,
    part: int,
    parts: int,
    salt: str,
    draft: Draft,
) -> bytes:
    """The canonical bytes of one entry.

    Raises ValueError where the draft is not of its kind's shape: a bug in a decision, never bad
    input, which the door has refused before.
    """
    facts, shape = draft.facts, _SHAPES[draft.kind]
    if len(facts) != len(shape):
        raise ValueError(f"{draft.kind} has the facts {[name for name, _ in shape]}")
    for name, kind in shape:
        if type(facts[name]) is not kind:
            raise ValueError(f"{draft.kind}.{name} is a {kind.__name__}, not {facts[name]!r}")
    if draft.kind in WITH_PROSE:
        _refuse_foreign_values(facts["document"], draft.kind)
    data = canonical(
        {
            "v": VERSION,
            "origin": origin,
            "index": index,
            "prev": prev.hex(),
            "time": time,
            "kind": draft.kind,
            "actor": actor,
            "auth": auth,
            "idem": {"key": idem.key, "request": idem.request, "part": part, "parts": parts},
            "salt": salt,
            "rules": draft.rules,
            "policy": draft.policy,
            "facts": facts,
            "postings": [
                {
                    "source": posting.source,
                    "destination": posting.destination,
                    "asset": posting.asset,
                    "amount": posting.amount,
                }
                for posting in draft.postings
            ],
        }
    )
    if len(data) > ENTRY_BYTES_MAX:
        raise ValueError(f"an entry has at most {ENTRY_BYTES_MAX} bytes, not {len(data)}")
    # Outside documents nothing needs an escape, so a backslash means a control character or a
    # quote slipped past the door.
    if b"\\" in data and draft.kind not in WITH_PROSE:
        raise ValueError(f"{draft.kind} holds text that needs escaping")
    return data


def _refuse_foreign_values(value: Any, kind: str) -> None:
    """A document holds strings, integers, lists and objects; no float, null or boolean."""
    if isinstance(value, dict):
        for each in value.values():
            _refuse_foreign_values(each, kind)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_foreign_values(each, kind)
    elif type(value) not in (str, int):
        raise ValueError(f"a document of {kind} cannot hold {value!r}")


def decode(data: bytes) -> Entry:
    """The entry that these stored bytes are. They come from our own journal and are trusted to
    be canonical: whoever doubts that runs the verifier."""
    fields = orjson.loads(data)
    idem = fields["idem"]
    return Entry(
        index=fields["index"],
        time=fields["time"],
        kind=fields["kind"],
        actor=fields["actor"],
        facts=fields["facts"],
        postings=tuple(
            Posting(p["source"], p["destination"], p["asset"], p["amount"])
            for p in fields["postings"]
        ),
        policy=fields["policy"],
        idem=Idem(idem["key"], idem["request"]),
        part=idem["part"],
        parts=idem["parts"],
        data=data,
        hash=leaf_hash(data),
    )
