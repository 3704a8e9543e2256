"""The tree over all entries: roots, proofs, and the tiles that others can read.

Pure: `hashlib` and nothing else. The tree is RFC 6962's with SHA-256, so the
leaf hash of an entry is also the link of the chain, and the proofs made here
can be checked by anybody's tools. Tiles follow C2SP tlog-tiles: 256 hashes
wide, and a tile that is not full is never hashed upward.

Appending costs one hash on average and needs only the frontier; proofs need
the hashes of complete subtrees, which `TileTree` finds in tiles.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

HASH_BYTES = 32
TILE_WIDTH = 256
TILE_HEIGHT = 8
EMPTY_ROOT = sha256(b"").digest()

# Enough for the right edge (at most eight tiles) at the newest few sizes.
_PARTIAL_TILES_KEPT = 64

# A size is stored in eight bytes; the largest tree whose size also fits a signed integer.
SIZE_MAX = 2**63 - 1

Subtree = Callable[[int, int], bytes]
"""`subtree(level, index)`: the hash over leaves [index × 2^level, (index + 1) × 2^level)."""

ReadTile = Callable[[int, int, int], Sequence[bytes]]
"""`read(level, index, width)`: the first `width` hashes of a tile, in order."""


class InvalidProof(Exception):
    """A proof does not show what it was handed in for; the sentence says where it fails."""


@dataclass(frozen=True, slots=True)
class TileRoot:
    """The hash at `index` of tile level `level` (1 or more): the root of a full tile below."""

    level: int
    index: int
    hash: bytes


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data): the hash of an entry's bytes as a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right): the hash of two neighbouring subtrees."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """What must be remembered of a tree so that it can grow: its complete subtrees.

    `size` is the number of leaves. There is one hash for each 1 bit of `size`,
    the largest subtree first, so a million entries need at most twenty hashes.
    A frontier changes in place; take a `copy()` before trying something that
    may be rolled back.
    """

    __slots__ = ("_hashes", "size")

    size: int

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Raise ValueError unless `hashes` has one 32-byte hash for each 1 bit of `size`."""
        if not 0 <= size <= SIZE_MAX:
            raise ValueError(f"a tree has 0 to {SIZE_MAX} leaves, not {size}")
        if len(hashes) != size.bit_count():
            raise ValueError(
                f"a tree of {size} leaves has {size.bit_count()} complete subtrees,"
                f" not {len(hashes)}"
            )
        for each in hashes:
            _require_hash(each)
        self.size = size
        self._hashes = list(hashes)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The hashes of the complete subtrees, the largest subtree first."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> Sequence[TileRoot]:
        """Add one leaf hash; answer the tile roots that it completed, lowest level first.

        Nearly always none: one at every 256th leaf, two at every 65,536th.
        Raises ValueError when `leaf` is not 32 bytes.
        """
        if len(leaf) != 32:
            raise ValueError(f"a leaf hash has 32 bytes, not {len(leaf)}")
        before = self.size
        hashes = self._hashes
        # Every trailing 1 bit of the old size is a subtree as large as the one in hand.
        pending = before
        if pending & 255 == 255:
            return self._append_completing_tiles(leaf)
        while pending & 1:
            leaf = sha256(b"\x01" + hashes.pop() + leaf).digest()
            pending >>= 1
        hashes.append(leaf)
        self.size = before + 1
        return ()

    def _append_completing_tiles(self, leaf: bytes) -> Sequence[TileRoot]:
        """Append the last leaf of a tile, noting each hash that a higher tile begins to hold."""
        completed = []
        before = self.size
        hashes = self._hashes
        level = 0
        while before >> level & 1:
            leaf = sha256(b"\x01" + hashes.pop() + leaf).digest()
            level += 1
            if level % TILE_HEIGHT == 0:
                completed.append(TileRoot(level // TILE_HEIGHT, before >> level, leaf))
        hashes.append(leaf)
        self.size = before + 1
        return completed

    def root(self) -> bytes:
        """The root of the whole tree; `EMPTY_ROOT` while it has no leaves."""
        return _fold(self._hashes)

    def copy(self) -> "Frontier":
        """A frontier that grows apart from this one."""
        twin = Frontier.__new__(Frontier)
        twin.size = self.size
        twin._hashes = self._hashes.copy()
        return twin

    def to_bytes(self) -> bytes:
        """The size as eight big-endian bytes, then the hashes, the largest subtree first."""
        return self.size.to_bytes(8, "big") + b"".join(self._hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Frontier":
        """Read what `to_bytes` wrote; raise ValueError for anything else."""
        if len(data) < 8 or (len(data) - 8) % HASH_BYTES:
            raise ValueError(f"{len(data)} bytes are no frontier: 8 and a multiple of 32 expected")
        hashes = [data[at : at + HASH_BYTES] for at in range(8, len(data), HASH_BYTES)]
        return cls(int.from_bytes(data[:8], "big"), hashes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frontier):
            return NotImplemented
        return self.size == other.size and self._hashes == other._hashes

    # A frontier changes, so it cannot be a key.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Frontier(size={self.size}, root={self.root().hex()})"


# Proofs


def tree_root(size: int, subtree: Subtree) -> bytes:
    """The root of the tree over the first `size` leaves."""
    if size < 0:
        raise ValueError(f"a tree has no {size} leaves")
    return _range_root(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Show that leaf `index` is in the tree of `size` leaves: sibling hashes, leaf to root.

    RFC 6962 §2.1.1. `subtree` is asked for complete subtrees below `size` only.
    Raises ValueError unless 0 ≤ index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    start, end = 0, size
    siblings = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            siblings.append(_range_root(middle, end, subtree))
            end = middle
        else:
            siblings.append(_range_root(start, middle, subtree))
            start = middle
    siblings.reverse()
    return siblings


def consistency_proof(old_size: int, new_size: int, subtree: Subtree) -> list[bytes]:
    """Show that the tree of `old_size` leaves is the beginning of that of `new_size`.

    RFC 6962 §2.1.2. Empty when the sizes are equal. Raises ValueError unless
    1 ≤ old_size ≤ new_size: everything begins with nothing, so there is nothing to show from 0.
    """
    if not 1 <= old_size <= new_size:
        raise ValueError(f"no consistency proof leads from {old_size} to {new_size} leaves")
    start, end = 0, new_size
    hashes = []
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            hashes.append(_range_root(middle, end, subtree))
            end = middle
        else:
            hashes.append(_range_root(start, middle, subtree))
            start = middle
    # The old root is known to the reader; a subtree inside it is not.
    if start:
        hashes.append(_range_root(start, end, subtree))
    hashes.reverse()
    return hashes


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Return only if `leaf` is leaf `index` of the tree of `size` leaves with this `root`.

    Raises InvalidProof otherwise, also for a proof with a hash too many or too few.
    """
    if not 0 <= index < size:
        raise InvalidProof(f"a tree of {size} leaves has no leaf {index}")
    _require_hashes([leaf, root, *proof])
    # `at` is the place of the hash in hand on its level, `last` that level's last place.
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise InvalidProof("the proof is longer than the way from the leaf to the root")
        if at & 1:
            found = node_hash(sibling, found)
        elif at == last:
            # The last subtree has no right neighbour here: climb until it is one itself.
            while not at & 1:
                at >>= 1
                last >>= 1
            found = node_hash(sibling, found)
        else:
            found = node_hash(found, sibling)
        at >>= 1
        last >>= 1
    if last != 0:
        raise InvalidProof("the proof is shorter than the way from the leaf to the root")
    if found != root:
        raise InvalidProof(f"the proof leads leaf {index} to another root")


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Return only if the tree with `old_root` is the beginning of the tree with `new_root`.

    Raises InvalidProof otherwise; always when `old_size` is 0, because a proof
    from the empty tree would say nothing about the new one.
    """
    if not 1 <= old_size <= new_size:
        raise InvalidProof(f"no consistency proof leads from {old_size} to {new_size} leaves")
    _require_hashes([old_root, new_root, *proof])
    if old_size == new_size:
        if proof:
            raise InvalidProof("two trees of one size need no proof, but one was given")
        if old_root != new_root:
            raise InvalidProof(f"two trees of {old_size} leaves have different roots")
        return
    old_found, new_found = _consistent_roots(old_size, new_size, old_root, proof)
    if old_found != old_root:
        raise InvalidProof(f"the proof leads to another root for {old_size} leaves")
    if new_found != new_root:
        raise InvalidProof(f"the proof leads to another root for {new_size} leaves")


def _consistent_roots(
    old_size: int, new_size: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """The roots of both trees as the proof tells them; 1 ≤ old_size < new_size."""
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at >>= 1
        last >>= 1
    # The old tree may be one complete subtree of the new one: then its root is the first hash.
    path = list(proof) if at else [old_root, *proof]
    if not path:
        raise InvalidProof("the proof is empty")
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise InvalidProof("the proof is longer than the way to the root")
        if at & 1 or at == last:
            old_found = node_hash(sibling, old_found)
            new_found = node_hash(sibling, new_found)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            new_found = node_hash(new_found, sibling)
        at >>= 1
        last >>= 1
    if last != 0:
        raise InvalidProof("the proof is shorter than the way to the root")
    return old_found, new_found


# Tiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One tile of C2SP tlog-tiles: `level` 0–63, or None for a bundle of entries.

    `width` is 256 for a full tile and 1–255 for a partial one.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if self.level is not None and not 0 <= self.level <= 63:
            raise ValueError(f"tile levels go from 0 to 63, not {self.level}")
        if not 0 <= self.index <= SIZE_MAX:
            raise ValueError(f"no tile has the index {self.index}")
        if not 1 <= self.width <= TILE_WIDTH:
            raise ValueError(f"a tile is 1 to 256 wide, not {self.width}")

    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]`, as in `tile/0/x001/x234/067.p/8`."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


_TILE_PATH = re.compile(
    r"tile/(0|[1-9][0-9]?|entries)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


def parse_tile_path(path: str) -> Tile:
    """Read what `Tile.path` writes; raise ValueError for any other spelling.

    One tile has one path: extra leading zeroes, groups of `x000` in front,
    and a width of 256 or more are refused.
    """
    found = _TILE_PATH.fullmatch(path)
    if found is None:
        raise ValueError("this is no tile's path")
    level, digits, width = found.groups()
    if width is not None and int(width) >= TILE_WIDTH:
        raise ValueError("a partial tile is 1 to 255 wide")
    tile = Tile(
        level=None if level == "entries" else int(level),
        index=int(digits.replace("/", "").replace("x", "")),
        width=TILE_WIDTH if width is None else int(width),
    )
    if tile.path() != path:
        raise ValueError("a tile's path has no leading zeroes")
    return tile


def tile_width(level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a tree of `size` leaves: 0 (it is not there) to 256."""
    hashes_on_level = size >> TILE_HEIGHT * level
    return max(0, min(TILE_WIDTH, hashes_on_level - index * TILE_WIDTH))


class TileTree:
    """The tree as its tiles tell it, at whatever size a checkpoint names.

    A tile of a given width never changes, so what was computed from it is
    kept: the 510 hashes of its little tree, 16 KB. At most 4,096 full tiles
    (64 MB) are held by default, enough for every leaf tile of a million
    entries, so that proofs cost there about what they cost at ten thousand;
    beside them the last few partial tiles, which new receipts all need. Ask
    only at sizes that are final. Safe to share between threads if `read` is.
    """

    def __init__(self, read: ReadTile, *, cached_tiles: int = 4096) -> None:
        self._read = read
        self._full = lru_cache(maxsize=cached_tiles)(self._rows)
        self._partial = lru_cache(maxsize=_PARTIAL_TILES_KEPT)(self._rows)

    def at(self, size: int) -> "TreeAtSize":
        """The tree of the first `size` leaves."""
        return TreeAtSize(self, size)

    def rows(self, level: int, index: int, width: int) -> tuple[bytes, ...]:
        """What stands in a tile and above it: see `_pyramid`."""
        kept = self._full if width == TILE_WIDTH else self._partial
        return kept(level, index, width)

    def _rows(self, level: int, index: int, width: int) -> tuple[bytes, ...]:
        return _pyramid(self._read(level, index, width), width)


class TreeAtSize:
    """One tree of a fixed size: its root, its subtrees and its proofs."""

    def __init__(self, tiles: TileTree, size: int) -> None:
        if not 0 <= size <= SIZE_MAX:
            raise ValueError(f"a tree has 0 to {SIZE_MAX} leaves, not {size}")
        self.size = size
        self._tiles = tiles

    def root(self) -> bytes:
        """The root of this tree."""
        return tree_root(self.size, self.subtree)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Show that leaf `index` is in this tree; ValueError if it is not."""
        return inclusion_proof(index, self.size, self.subtree)

    def consistency_proof(self, old_size: int) -> list[bytes]:
        """Show that this tree begins with the tree of `old_size` leaves, 1 or more."""
        return consistency_proof(old_size, self.size, self.subtree)

    def subtree(self, level: int, index: int) -> bytes:
        """The hash over leaves [index × 2^level, (index + 1) × 2^level), all within this tree."""
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            raise ValueError(
                f"a tree of {self.size} leaves has no complete subtree {index} on level {level}"
            )
        tile_level, height = divmod(level, TILE_HEIGHT)
        # A tile's row of height h holds 2^(8 - h) hashes.
        tile_index, offset = divmod(index, TILE_WIDTH >> height)
        width = tile_width(tile_level, tile_index, self.size)
        row = self._tiles.rows(tile_level, tile_index, width)[height]
        return row[offset * HASH_BYTES : (offset + 1) * HASH_BYTES]


# Helpers


def _pyramid(hashes: Sequence[bytes], width: int) -> tuple[bytes, ...]:
    """A tile's hashes and every complete subtree above them inside it, a row a height.

    A row is its hashes one after the other. The root of a full tile is left to
    the tile above, so there are eight rows.
    """
    if len(hashes) != width:
        raise ValueError(f"a tile of width {width} was read as {len(hashes)} hashes")
    for each in hashes:
        _require_hash(each)
    row = b"".join(hashes)
    rows = [row]
    for _height in range(1, TILE_HEIGHT):
        row = b"".join(
            [
                sha256(b"\x01" + row[at : at + 2 * HASH_BYTES]).digest()
                for at in range(0, len(row) - HASH_BYTES, 2 * HASH_BYTES)
            ]
        )
        rows.append(row)
    return tuple(rows)


def _split(leaves: int) -> int:
    """The largest power of two below `leaves`, which is 2 or more."""
    return 1 << (leaves - 1).bit_length() - 1


def _range_root(start: int, end: int, subtree: Subtree) -> bytes:
    """The root over leaves [start, end), where `start` is aligned as RFC 6962 splits ranges."""
    hashes = []
    while start < end:
        level = (end - start).bit_length() - 1
        hashes.append(subtree(level, start >> level))
        start += 1 << level
    return _fold(hashes)


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Join complete subtrees, the largest first, into one root."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _require_hash(value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise ValueError(f"a hash has 32 bytes, not {len(value)}")


def _require_hashes(values: Sequence[bytes]) -> None:
    for value in values:
        if len(value) != HASH_BYTES:
            raise InvalidProof(f"a hash of the proof has {len(value)} bytes instead of 32")
