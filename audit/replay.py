"""Decide every answer of a verified bundle again, and name the first entry that differs.

The one file of this folder that looks into `ledger`, and only at its pure files: the rules
themselves are what is asked for here, not a second opinion about bytes. It believes nothing that
the verification has not shown: the entries are read a second time, and the tree over what was read
must have the root that the checkpoint signed.

A fold needs every row that a later decision may ask for, so memory grows with the records, people
and redemptions of the log, not with its entries' bytes (docs/format.md §10 has the measured need).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from audit.bundle import Bundle, Part
from audit.tree import Tree
from audit.verdict import Incomplete, Refuted, Verdict
from audit.verify import NOT_THE_NEWEST
from ledger.actors import why_not_with
from ledger.entry import Entry, decode
from ledger.errors import Refused
from ledger.replay import (
    ANSWERS_A_SWEEP,
    NO_RULE_MADE_IT,
    NotAnAnswer,
    OtherRules,
    answers,
    first_difference,
    sweep,
    take_up,
)
from ledger.standing import Standing

SAME_AGAIN = "Every entry was decided again by the rules, and came out the same."


def replayed(folder: Path, verdict: Verdict) -> Verdict:
    """The verdict on the bundle in `folder` once its entries were decided again.

    `verdict` is what `verify` said of it: anything but `verified` is returned as it is, because
    there is nothing to replay. Never raises for what a bundle holds or lacks.
    """
    if verdict.verdict != "verified":
        return verdict
    collecting = gc.isenabled()
    # Rows stay until the end and nothing is made in circles, so looking for circles is all cost.
    gc.disable()
    try:
        count = _replay(folder, verdict)
    except Refuted as refuted:
        return replace(
            verdict,
            verdict="refuted",
            first_bad_index=refuted.index,
            check=refuted.check,
            reason=refuted.reason,
        )
    except Incomplete as incomplete:
        return replace(
            verdict, verdict="incomplete", check=incomplete.check, reason=incomplete.reason
        )
    except OSError as error:
        reason = f"reading failed: {error.strerror}"
        return replace(verdict, verdict="incomplete", check="files", reason=reason)
    finally:
        if collecting:
            gc.enable()
    return replace(
        verdict,
        reason=f"Every check passed. {SAME_AGAIN} {NOT_THE_NEWEST}",
        facts={**verdict.facts, "replayed_answers": count},
    )


def _replay(folder: Path, verdict: Verdict) -> int:
    """How many answers were decided again, all of them with the same entries."""
    tree = Tree()
    standing = Standing()
    count = 0
    with Bundle(folder) as bundle:
        try:
            for group in answers(_entries(bundle.entries, tree, verdict)):
                found = first_difference(group, standing)
                if found is not None:
                    raise _differs(f"{found.kind}: {found.sentence}", found.index)
                _refuse_other_credentials(group, standing)
                _take_up(standing, group)
                count += 1
                if count % ANSWERS_A_SWEEP == 0:
                    sweep(standing)
        except OtherRules as other:
            raise Incomplete(
                "replay",
                f"entry {other.index} was decided by rules {other.rules}, which are not here:"
                " replay it with a version that has them",
            ) from None
        except NotAnAnswer as odd:
            raise _differs(odd.sentence, odd.index) from None
    return count


def _differs(sentence: str, index: int) -> Refuted:
    # What came out of the bundle is printed in ASCII only.
    reason = sentence.encode("ascii", "backslashreplace").decode()
    return Refuted("replay", reason, index=index)


def _refuse_other_credentials(group: list[Entry], standing: Standing) -> None:
    """Whoever acts over the API shows a credential; the console and the ledger itself have none,
    which the verification has seen to."""
    for entry in group:
        if entry.auth or group[0].auth:
            why = why_not_with(standing, entry)
            if why:
                raise _differs(f"{entry.kind}: {why}", entry.index)


def _take_up(standing: Standing, group: list[Entry]) -> None:
    try:
        take_up(standing, group)
    except (Refused, *NO_RULE_MADE_IT) as broken:
        # A document that cannot be read, a floor that the entry breaks, a row that is not there.
        raise _differs(str(broken), group[0].index) from None


def _entries(part: Part, tree: Tree, verdict: Verdict) -> Iterator[Entry]:
    """The entries again. Whoever changed the folder since it was verified is found by the root,
    before the last answer counts for anything."""
    for line in part.lines():
        if tree.size == verdict.size:
            raise Incomplete("files", "the entries grew while they were read")
        entry = decode(line[:-1])
        tree.push(entry.hash)
        yield entry
    if tree.size != verdict.size or tree.root().hex() != verdict.root:
        raise Incomplete("files", "the entries were changed between verification and replay")
