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

_REWARD: Final[Mapping[str, type]] = {
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
}
KINDS: Final[Mapping[str, Mapping[str, type]]] = {
    "genesis": {"hash": _S, "log_key": _S, "ack_key": _S, "manifest_key": _S},
    "policy_adopted": {"policy": _S, "version": _I, "toml_sha256": _S, "document": _O},
    "calendar_adopted": {"calendar": _S, "year": _I, "toml_sha256": _S, "document": _O},
    "volunteer_registered": {"volunteer": _S, "organisation": _S, "guardian": _S},
    "group_registered": {"volunteer": _S, "organisation": _S},
    "guardian_consented": {"volunteer": _S},
    "majority_reached": {"volunteer": _S, "age_gate": _S, "age_tested": _I},
    "organisation_registered": {"organisation": _S, "parent": _S, "tier": _S, "form": _S},
    "staff_registered": {"staff": _S, "organisation": _S},
    "merchant_registered": {"merchant": _S},
    "branch_registered": {"merchant": _S, "branch": _S},
    "terminal_registered": {"merchant": _S, "branch": _S, "terminal": _S},
    "clerk_registered": {"merchant": _S, "branch": _S, "clerk": _S, "text": _S},
    "clerk_limited": {
        "merchant": _S,
        "clerk": _S,
        "captures": _I,
        "points": _I,
        "minutes": _I,
    },
    "auditor_registered": {"auditor": _S},
    "operator_registered": {"operator": _S},
    "party_suspended": {"party": _S, "reason": _S},
    "party_reinstated": {"party": _S, "reason": _S},
    "party_left": {"party": _S, "reason": _S},
    "party_died": {"party": _S, "reason": _S},
    "party_forgotten": {"party": _S},
    "relation_registered": {"volunteer": _S, "relation": _S},
    "relation_removed": {"volunteer": _S, "relation": _S},
    "circumstance_recorded": {"volunteer": _S, "circumstance": _S},
    "circumstance_removed": {"volunteer": _S, "circumstance": _S},
    "consent_recorded": {"volunteer": _S, "purpose": _S, "party": _S, "answer": _S},
    "credential_issued": {
        "credential": _S,
        "party": _S,
        "role": _S,
        "scopes": _S,
        "terminal": _S,
        "expires": _I,
    },
    "credential_bound": {"credential": _S, "clerk": _S, "merchant": _S},
    "credential_lent": {"credential": _S, "volunteer": _S, "helper": _S},
    "credential_linked": {"credential": _S, "means": _S},
    "credential_revoked": {"credential": _S},
    "activity_registered": {
        "activity": _S,
        "organisation": _S,
        "category": _S,
        "starts": _I,
        "ends": _I,
        "text": _S,
    },
    "activity_terms": {
        "activity": _S,
        "organisation": _S,
        "training": _S,
        "insurance": _S,
        "min_age": _I,
        "participants": _I,
    },
    "qualification_recorded": {
        "volunteer": _S,
        "organisation": _S,
        "what": _S,
        "learning_minutes": _I,
        "minutes": _I,
        "valid_from": _I,
        "valid_until": _I,
        "recorder": _S,
    },
    "gates_met": {
        "record": _S,
        "volunteer": _S,
        "activity": _S,
        "training": _S,
        "insurance_until": _I,
        "age_gate": _S,
        "age_tested": _I,
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
    "service_evaluated": {
        "record": _S,
        "volunteer": _S,
        "organisation": _S,
        "score": _I,
        "conduct": _S,
        "text": _S,
    },
    "fraud_proven": {
        "party": _S,
        "reason": _S,
        "ban_until": _I,
        "minutes_at": _I,
        "minutes_needed": _I,
    },
    "fraud_dismissed": {"party": _S, "reason": _S},
    "objection_filed": {
        "objection": _S,
        "volunteer": _S,
        "subject_kind": _S,
        "subject": _S,
        "organisation": _S,
        "text": _S,
        "flag_by": _S,
        "decide_by": _S,
        "calendar": _S,
    },
    "objection_forwarded": {
        "objection": _S,
        "volunteer": _S,
        "organisation": _S,
        "decide_by": _S,
        "calendar": _S,
    },
    "objection_decided": {
        "objection": _S,
        "volunteer": _S,
        "outcome": _S,
        "reviewer": _S,
        "reason": _S,
        "on_time": _S,
    },
    "statement_issued": {
        "statement": _S,
        "volunteer": _S,
        "records": _I,
        "minutes": _I,
        "size": _I,
    },
    "statement_accepted": {
        "statement": _S,
        "volunteer": _S,
        "origin": _S,
        "key": _S,
        "size": _I,
        "records": _I,
        "known": _I,
    },
    "service_ported": {
        "record": _S,
        "volunteer": _S,
        "statement": _S,
        "origin": _S,
        "foreign_record": _S,
        "foreign_hash": _S,
        "evidence": _S,
        "starts": _I,
        "ends": _I,
        "check_in": _I,
        "check_out": _I,
        "claimed_minutes": _I,
        "minutes": _I,
    },
    "star_applied": {
        "case": _S,
        "volunteer": _S,
        "star": _I,
        "minutes": _I,
        "organisation": _S,
        "nominated": _S,
    },
    "star_noticed": {
        "case": _S,
        "volunteer": _S,
        "star": _I,
        "organisation": _S,
        "notice_from": _S,
        "notice_until": _S,
        "calendar": _S,
    },
    "star_granted": {
        "case": _S,
        "volunteer": _S,
        "star": _I,
        "stars": _I,
        "minutes": _I,
        "organisation": _S,
    },
    "star_refused": {
        "case": _S,
        "volunteer": _S,
        "star": _I,
        "organisation": _S,
        "reason": _S,
    },
    "star_downgrade_proposed": {
        "case": _S,
        "volunteer": _S,
        "star": _I,
        "held": _I,
        "minutes": _I,
    },
    "star_downgraded": {
        "case": _S,
        "volunteer": _S,
        "star": _I,
        "stars": _I,
        "organisation": _S,
        "reason": _S,
    },
    "star_downgrade_dismissed": {
        "case": _S,
        "volunteer": _S,
        "star": _I,
        "organisation": _S,
        "reason": _S,
    },
    "medal_granted": {"volunteer": _S, "medal": _I, "minutes": _I, "organisation": _S},
    "commendation_recorded": {
        "commendation": _S,
        "volunteer": _S,
        "organisation": _S,
        "level": _S,
        "awarded": _I,
        "text": _S,
    },
    "population_stated": {
        "organisation": _S,
        "year": _I,
        "residents": _I,
        "staff": _I,
        "staff_registered": _I,
        "members": _I,
        "members_registered": _I,
    },
    "dishonesty_recorded": {"volunteer": _S, "serious": _S, "reason": _S},
    "dishonesty_repaired": {"volunteer": _S, "reason": _S},
    "credit_listed": {
        "volunteer": _S,
        "cycle": _S,
        "star": _I,
        "minutes": _I,
        "points": _I,
        "measures": _I,
        "taken_back": _I,
    },
    "credit_withdrawn": {
        "volunteer": _S,
        "cycle": _S,
        "points": _I,
        "ground": _S,
        "reason": _S,
    },
    "referral_awarded": {"volunteer": _S, "referred": _S},
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
    "time_granted": {"volunteer": _S, "pool": _S, "minutes": _I, "ground": _S},
    "frozen_time_moved": {
        "volunteer": _S,
        "recipient": _S,
        "pool": _S,
        "minutes": _I,
        "reason": _S,
    },
    "order_requested": {
        "order": _S,
        "volunteer": _S,
        "organisation": _S,
        "category": _S,
        "minutes": _I,
        "starts": _I,
        "ends": _I,
        "expires": _I,
        "text": _S,
        "age_gate": _S,
        "age_tested": _I,
    },
    "order_offered": {"order": _S, "provider": _S},
    "order_assigned": {"order": _S, "provider": _S, "organisation": _S},
    "order_declined": {"order": _S, "provider": _S, "volunteer": _S},
    "order_accepted": {"order": _S, "provider": _S, "volunteer": _S},
    "order_done": {"order": _S, "provider": _S, "record": _S, "minutes": _I},
    "order_confirmed": {
        "order": _S,
        "volunteer": _S,
        "provider": _S,
        "record": _S,
        "minutes": _I,
        "overflow_minutes": _I,
        "returned_minutes": _I,
    },
    "order_disputed": {"order": _S, "volunteer": _S, "text": _S},
    "order_settled": {
        "order": _S,
        "volunteer": _S,
        "provider": _S,
        "record": _S,
        "minutes": _I,
        "overflow_minutes": _I,
        "returned_minutes": _I,
        "reason": _S,
    },
    "order_cancelled": {"order": _S, "volunteer": _S, "returned_minutes": _I, "reason": _S},
    "order_expired": {"order": _S, "volunteer": _S, "returned_minutes": _I},
    "reward_published": _REWARD,
    "reward_drafted": _REWARD,
    "reward_terms": {
        "reward": _S,
        "merchant": _S,
        "per_period": _I,
        "period": _S,
        "min_age": _I,
        "tiers": _S,
        "within": _S,
        "weekdays": _S,
        "fund": _S,
        "value_cents": _I,
    },
    "reward_restocked": {"reward": _S, "merchant": _S, "change": _I},
    "reward_withdrawn": {"reward": _S, "reason": _S},
    "fund_stated": {"fund": _S, "organisation": _S, "cents": _I, "merchants": _S, "text": _S},
    "redemption_gates": {
        "redemption": _S,
        "volunteer": _S,
        "reward": _S,
        "age_gate": _S,
        "age_tested": _I,
    },
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
    "capture_presented": {
        "redemption": _S,
        "merchant": _S,
        "means": _S,
        "step": _I,
        "card": _S,
        "till_session": _S,
        "counter": _I,
        "accepted": _I,
        "proof": _S,
    },
    "voucher_signed": {"redemption": _S, "merchant": _S, "branch": _S, "upload_by": _I},
    "offline_opened": {
        "session": _S,
        "merchant": _S,
        "branch": _S,
        "terminal": _S,
        "till_key": _S,
        "captures": _I,
        "points": _I,
        "minutes": _I,
        "until": _I,
        "upload_by": _I,
    },
    "offline_closed": {
        "session": _S,
        "merchant": _S,
        "branch": _S,
        "terminal": _S,
        "last": _I,
    },
    "offline_conflict": {
        "session": _S,
        "merchant": _S,
        "branch": _S,
        "terminal": _S,
        "counter": _I,
        "redemption": _S,
        "accepted": _I,
        "asset": _S,
        "amount": _I,
        "ground": _S,
        "bearer": _S,
        "proof": _S,
    },
    "card_issued": {"card": _S, "volunteer": _S, "organisation": _S},
    "card_closed": {"card": _S, "volunteer": _S, "ground": _S},
    "card_pin_changed": {"card": _S, "volunteer": _S, "organisation": _S},
    "redemption_assisted": {
        "redemption": _S,
        "volunteer": _S,
        "organisation": _S,
        "card": _S,
    },
    "redemption_guarded": {"redemption": _S, "volunteer": _S},
    "code_reissued": {"redemption": _S, "volunteer": _S, "organisation": _S, "card": _S},
    "capture_noted": {"redemption": _S, "merchant": _S, "text": _S},
    "redemption_released": {"redemption": _S, "reward": _S, "merchant": _S, "amount": _I},
    "redemption_expired": {"redemption": _S, "reward": _S, "merchant": _S, "amount": _I},
    "redemption_voided": {
        "redemption": _S,
        "reward": _S,
        "merchant": _S,
        "amount": _I,
        "ground": _S,
    },
    "redemption_extended": {"redemption": _S, "reward": _S, "merchant": _S, "expires": _I},
    "redemption_refunded": {
        "redemption": _S,
        "reward": _S,
        "merchant": _S,
        "settlement": _S,
        "amount": _I,
        "ground": _S,
    },
    "capture_reviewed": {"redemption": _S, "merchant": _S, "reason": _S},
    "settlement_closed": {
        "settlement": _S,
        "merchant": _S,
        "redemptions": _S,
        "lines": _I,
        "points": _I,
        "minutes": _I,
    },
    "webhook_set": {
        "webhook": _S,
        "party": _S,
        "events": _S,
        "url": _S,
        "state": _S,
        "ground": _S,
    },
    "settlement_stated": {
        "settlement": _S,
        "merchant": _S,
        "branch": _S,
        "starts": _I,
        "ends": _I,
        "lines": _I,
        "refunds": _S,
        "points": _I,
        "minutes": _I,
        "refunded_points": _I,
        "refunded_minutes": _I,
        "digest": _S,
    },
    "certificate_issued": {"certificate": _S, "commitment": _S, "organisation": _S},
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
    rules: int = 1
    """The number of the decision code that made it."""
    auth: str = ""
    """The credential that its actor used; "" for the console and the ledger itself."""


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
        rules=fields["rules"],
        auth=fields["auth"],
    )
