"""The chain: each entry carries the hash of the one before, and that hash is a Merkle leaf.

`link` is the only way from a draft to an entry. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.entry import NOTHING_BEFORE, Draft, Entry, Idem, encode, leaf_hash


@dataclass(slots=True)
class Head:
    """Where the chain stands: how many entries, the last one's hash and its time (ms UTC)."""

    origin: str
    size: int = 0
    hash: bytes = NOTHING_BEFORE
    time: int = 0


def link(
    head: Head,
    drafts: Sequence[Draft],
    *,
    time: int,
    actor: str,
    auth: str,
    idem: Idem,
    salts: Sequence[str],
) -> list[Entry]:
    """The entries that these drafts become after `head`; `head` itself is left alone.

    `time` is at least the head's; `salts` are 32 hex characters each, one a draft.
    """
    entries = []
    index, prev, parts = head.size, head.hash, len(drafts)
    for part, (draft, salt) in enumerate(zip(drafts, salts, strict=True)):
        data = encode(
            origin=head.origin,
            index=index,
            prev=prev,
            time=time,
            actor=actor,
            auth=auth,
            idem=idem,
            part=part,
            parts=parts,
            salt=salt,
            draft=draft,
        )
        prev = leaf_hash(data)
        entries.append(
            Entry(
                index,
                time,
                draft.kind,
                actor,
                draft.facts,
                draft.postings,
                draft.policy,
                idem,
                part,
                parts,
                data,
                prev,
                draft.rules,
                auth,
            )
        )
        index += 1
    return entries


def advance(head: Head, entries: Sequence[Entry]) -> None:
    """Move `head` past these entries."""
    last = entries[-1]
    head.size, head.hash, head.time = last.index + 1, last.hash, last.time
