"""Verify a bundle offline. Nothing but this folder, the bundle and the pinned key is believed.

The procedure, with the numbers of docs/format.md, section 10:

 1. Open `checkpoint` with the pinned key: signature, and the origin is the key's name.
 2. Read `manifest.json`: it lists the files of a bundle, its origin, size and root are the
    checkpoint's, and what it says of each file is true once that file was read to its end.
 3. For each line of `entries.jsonl`:
    a. it is an entry of this log in canonical form, with the names and shapes of its kind;
    b. `index` is the line's number;
    c. `prev` is the leaf hash of the line before;
    d. `time` is not less than the entry's before;
    e. `idem` goes on with an action that is not complete, or begins one with a new key;
    f. its policy is `none` or one that an earlier entry adopted;
    g. what no expression says of a few kinds (sorted words, adopted documents);
    h. its postings, which are of its kind by (a), move together what its facts say, name
       accounts that exist, and leave every balance where it may be;
    i. a merchant's claim is captured once, voided or settled once, refunded once after that, and a
       settlement's totals and digest are those of its lines.
 4. Entry 0, and no other, is a `genesis`, and its `log_key` is the pinned key.
 5. The number of lines is the checkpoint's size, and the tree over them has its root.
 6. `balances.jsonl` is byte for byte what the postings give; each asset sums to zero; what a
    merchant claims, was settled for and owes back is what its claims add up to.
 7. Each checkpoint that the auditor kept is signed by the same key and not larger, and the tree
    over its first entries has its root.
 8. Say so, and that nothing here shows it is the newest head.

Entries are read once, in order, and never kept. The first thing that is wrong ends it. Only then
does the order of two steps matter: the digest of `entries.jsonl` is compared after its entries
were, because an entry's index says more than “the file is another”.
"""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path

from audit.accounts import Book
from audit.bundle import SMALL_FILE_BYTES_MAX, Bundle, Part, open_part, read_manifest
from audit.canonical import Value
from audit.claims import FOLLOWED, Claims
from audit.documents import READ_AS_VALUES, facts_of, overdraft_minutes
from audit.grammar import PARTS, TOGETHER, Grammar, check_together, grammar, postings_of
from audit.note import Checkpoint, Key, open_checkpoint
from audit.tree import Tree, leaf_hash
from audit.verdict import Incomplete, Refuted, Verdict, Word

NOT_THE_NEWEST = "Nothing here shows that this is the log's newest head."
_NO_PREV = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def verify(folder: Path, key: Key, since: Sequence[Path] = ()) -> Verdict:
    """Check the bundle in `folder` against the pinned key and the checkpoints kept in `since`.

    Always answers; never raises for what a bundle holds or lacks.
    """
    facts: dict[str, object] = {"origin": key.origin}
    signed: list[Checkpoint] = []
    try:
        _procedure(folder, key, since, facts, signed)
    except Refuted as refuted:
        return _verdict("refuted", signed, facts, refuted.check, refuted.reason, refuted.index)
    except Incomplete as incomplete:
        return _verdict("incomplete", signed, facts, incomplete.check, incomplete.reason)
    except OSError as error:
        return _verdict("incomplete", signed, facts, "files", f"reading failed: {error.strerror}")
    # 8. What was shown, and what was not.
    return _verdict("verified", signed, facts, "", f"Every check passed. {NOT_THE_NEWEST}")


def _procedure(
    folder: Path,
    key: Key,
    since: Sequence[Path],
    facts: dict[str, object],
    signed: list[Checkpoint],
) -> None:
    """The eight steps. Returns only if all of them passed; `facts` fills as they do."""
    with Bundle(folder) as bundle:
        # 1. The checkpoint. Everything after this is held against what it says.
        checkpoint = open_checkpoint(bundle.checkpoint.whole(), key)
        signed.append(checkpoint)

        # 7, its first half: only the kept sizes tell at which roots to look while reading.
        kept = [_open_kept(path, key, checkpoint) for path in since]

        # 2. The manifest, as far as it can be held against the checkpoint.
        manifest = read_manifest(bundle.manifest.whole(), checkpoint)
        manifest.check(bundle.checkpoint)
        facts["exported_unproven"] = manifest.exported
        if not checkpoint.size:
            raise Incomplete("size", "the log has no entry yet, so there is nothing to verify")

        # 3, 4 and 5. The entries.
        reading = _Reading(checkpoint, key, stops={each.size for each in kept})
        reading.read_all(bundle.entries)
        facts["time"] = reading.time
        facts["time_utc"] = utc(reading.time)

        # 6. The balances.
        _check_balances(bundle.balances, reading.book)
        reading.claims.check(reading.book)
        facts["accounts"] = reading.book.count()

        # 7. What the auditor saw before is the beginning of what is here.
        for each in kept:
            _check_kept(each, reading.roots[each.size])
        facts["kept_sizes"] = [each.size for each in kept]

        # 2, its second half: both long files were read to their end.
        manifest.check(bundle.entries)
        manifest.check(bundle.balances)


def _verdict(
    word: Word,
    signed: list[Checkpoint],
    facts: dict[str, object],
    check: str,
    reason: str,
    first_bad_index: int | None = None,
) -> Verdict:
    checkpoint = signed[0] if signed else None
    return Verdict(
        verdict=word,
        size=checkpoint.size if checkpoint else None,
        root=checkpoint.root.hex() if checkpoint else None,
        first_bad_index=first_bad_index,
        check=check,
        reason=reason,
        facts=facts,
    )


class _Reading:
    """Steps 3 to 5: one pass over the entries."""

    def __init__(self, checkpoint: Checkpoint, key: Key, stops: set[int]) -> None:
        self.book = Book()
        self.claims = Claims()
        self.time = 0
        self.roots: dict[int, bytes] = {}
        self._checkpoint = checkpoint
        self._key = key
        self._stops = stops
        self._tree = Tree()
        self._actions = _Actions()
        self._adopted = {b"none"}
        self._grammar: Grammar = grammar(checkpoint.origin)

    def read_all(self, entries: Part) -> None:
        """Raise `Refuted` with the index of the first bad entry, or return at the end."""
        size, lines = self._checkpoint.size, entries.lines()
        index, leaf = -1, _NO_PREV
        for index, line in enumerate(lines):
            try:
                # 5. A line more than was signed is not looked at: nobody vouches for it.
                if index == size:
                    raise Refuted("size", f"the checkpoint signs {size} entries, here are more")
                leaf = self._read(index, line, leaf, lines)
            except Refuted as refuted:
                if refuted.index is None:
                    refuted.index = index
                raise
        self._finish(index + 1, leaf)

    def _read(self, index: int, line: bytes, before: bytes, lines: Iterator[bytes]) -> bytes:
        """Check one entry and return its leaf hash; `before` is the leaf hash before."""
        # 3a. Canonical form, names, shapes, closed lists, origin, the postings of its kind.
        entry = self._grammar.match(line)
        if entry is None:
            raise self._grammar.explain(line)
        key, part, parts, request, number, kind, policy, postings, prev, time = entry.group(*PARTS)
        data = line[:-1]
        leaf = leaf_hash(data)

        # 3b. The index is inside the hashed bytes, so no entry can stand in another's place.
        if int(number) != index:
            raise Refuted("index", f"line {index} holds the entry with index {int(number)}")

        # 3c. The chain. The leaf before enters the tree only now that this entry vouches for it.
        if unhexlify(prev) != before:
            raise self._broken_chain(index, unhexlify(prev), leaf, lines)
        if index:
            self._push(before)

        # 3d. Time.
        now = int(time)
        if now < self.time and index:
            raise Refuted("time", f"its time {now} is before {self.time}, the entry's before")
        self.time = now

        # 3e. One action, once.
        self._actions.follow(key, int(part), int(parts), request)

        # 4. The genesis.
        if (kind == b"genesis") != (index == 0):
            raise Refuted("genesis", "entry 0, and no other, is a genesis")

        # 3f. Nothing is decided by a policy before it is in the log for everybody to read.
        if policy not in self._adopted:
            reason = f"its policy {policy.decode()} was not adopted by an earlier entry"
            raise Refuted("policy", reason)

        # 3g. Kinds with more to say than an expression can check; 4 again.
        facts = self._read_as_values(kind, data) if kind in READ_AS_VALUES else None

        # 3h. Postings and balances.
        moves = postings_of(postings) if postings != b"[]" else []
        if kind in TOGETHER:
            check_together(entry, moves)
        if moves:
            self.book.post(moves)

        # 3i. Claims.
        if kind in FOLLOWED:
            self.claims.follow(entry, moves, facts, begins=part == b"0")
        return leaf

    def _read_as_values(self, kind: bytes, data: bytes) -> dict[str, Value]:
        facts = facts_of(data)
        if kind == b"genesis" and facts["log_key"] != self._key.public.hex():
            raise Refuted("genesis", "the log was begun with another key than the one given")
        if kind == b"policy_adopted":
            self.book.allow_overdraft(overdraft_minutes(facts))
            self._adopted.add(f"{facts['policy']}/{facts['version']}".encode())
        return facts

    def _push(self, leaf: bytes) -> None:
        tree = self._tree
        if tree.size in self._stops:
            self.roots[tree.size] = tree.root()
        tree.push(leaf)

    def _broken_chain(
        self, index: int, prev: bytes, leaf: bytes, lines: Iterator[bytes]
    ) -> Refuted:
        """Which of two entries was altered when `prev` of the later is not the earlier's hash.

        If whoever comes after the later one vouches for it (the next entry by its `prev`, or the
        signed root where there is none), the later one is as it was, so the earlier is not.
        """
        if not index:
            return Refuted("prev", "entry 0 has no entry before it, and its prev is not zeros")
        following = next(lines, None)
        if following is not None:
            found = self._grammar.match(following)
            later_stands = found is not None and unhexlify(found["prev"]) == leaf
        else:
            tree = self._tree.copy()
            tree.push(prev)
            tree.push(leaf)
            signed = self._checkpoint
            later_stands = tree.size == signed.size and tree.root() == signed.root
        if later_stands:
            reason = f"it does not have the hash that entry {index} holds as prev"
            return Refuted("prev", reason, index=index - 1)
        return Refuted("prev", f"its prev is not the hash of entry {index - 1}", index=index)

    def _finish(self, count: int, last_leaf: bytes) -> None:
        """The end of the file. `last_leaf` is not in the tree yet: no entry vouches for it."""
        # 5. Size and root.
        size = self._checkpoint.size
        if count < size:
            reason = f"the checkpoint signs {size} entries, here are only {count}"
            raise Refuted("size", reason, index=count)
        self._push(last_leaf)
        if self._tree.root() != self._checkpoint.root:
            # The chain is whole. Were the last entry the one that was signed, then by its prev
            # the whole log would be: so the last, at least, is not.
            reason = "the tree over the entries has not the signed root: this one, if no earlier"
            raise Refuted("root", f"{reason} one, is not the entry that was signed", index=size - 1)
        # 3e. Entries of one action are committed together, and so they are signed together.
        if self._actions.unfinished:
            raise Refuted("idem", "the action that it begins is cut off", index=size - 1)
        self.roots[size] = self._tree.root()


class _Actions:
    """Step 3e. The entries of an action are neighbours, and no key begins a second one.

    Parts can only follow their part 0, so it is enough to remember each action's key: 32 bytes
    for each action, about 110 MB for a million. A shorter digest of them would save a third and
    make two keys look like one, or ask for a second reading of the file.
    """

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._next: tuple[bytes, int, int, bytes] | None = None

    @property
    def unfinished(self) -> bool:
        """Whether parts of the newest action are still to come."""
        return self._next is not None

    def follow(self, key: bytes, part: int, parts: int, request: bytes) -> None:
        """The next entry's `idem`; raises `Refuted` unless it is its turn."""
        if self._next is not None:
            if (key, part, parts, request) != self._next:
                raise Refuted("idem", "it is not the next part of the action before it")
        elif part:
            raise Refuted("idem", f"it is part {part} of an action whose parts before are missing")
        else:
            raw, seen = unhexlify(key), self._seen
            if raw in seen:
                raise Refuted("idem", "an action with its key was recorded before")
            seen.add(raw)
        part += 1
        self._next = (key, part, parts, request) if part < parts else None


def _check_balances(balances: Part, book: Book) -> None:
    """Step 6, both ways: no row may be changed, missing or added."""
    for number, (expected, found) in enumerate(zip_longest(book.lines(), balances.lines()), 1):
        if found != expected:
            wanted = "nothing more" if expected is None else ascii(expected.decode().rstrip())
            reason = f"line {number} of balances.jsonl is not what the postings give: {wanted}"
            raise Refuted("balances", reason)
    for asset, total in book.sums().items():
        if total:
            raise Refuted("balances", f"the balances of {asset} sum to {total}, not to zero")


def _open_kept(path: Path, key: Key, newest: Checkpoint) -> Checkpoint:
    """Step 7, as far as the two checkpoints alone can tell."""
    name = f"the kept checkpoint {path.name!a}"
    with open_part(path, follow_links=True) as file:
        data = file.read(SMALL_FILE_BYTES_MAX + 1)
    if len(data) > SMALL_FILE_BYTES_MAX:
        raise Incomplete("files", f"{name} is larger than {SMALL_FILE_BYTES_MAX} bytes")
    kept = open_checkpoint(data, key, name=name)
    if kept.size > newest.size:
        reason = (
            f"{name} signs {kept.size} entries, the bundle has {newest.size}: they were cut off"
        )
        raise Refuted("since", reason, index=newest.size)
    if kept.size == newest.size and kept.root != newest.root:
        reason = f"{name} signs another root for the same size: two histories under one key"
        raise Refuted("since", reason)
    return kept


def _check_kept(kept: Checkpoint, root: bytes) -> None:
    if kept.root != root:
        reason = (
            f"the key signed another history: at size {kept.size} the kept checkpoint has another"
            " root, so this entry, if no earlier one, was changed since"
        )
        raise Refuted("since", reason, index=kept.size - 1)


def utc(time: int) -> str:
    """Milliseconds since 1970 as UTC, or a word for what no calendar here reaches."""
    try:
        moment = _EPOCH + timedelta(milliseconds=time)
    except OverflowError:
        return "outside the years 1 to 9999"
    return moment.isoformat(sep=" ", timespec="milliseconds").replace("+00:00", " UTC")
