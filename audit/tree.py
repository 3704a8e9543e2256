"""The hashes and the tree of docs/format.md, section 4 (RFC 6962)."""

from __future__ import annotations

from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf, which the next entry holds as `prev`."""
    return sha256(b"\x00" + entry).digest()


class Tree:
    """The tree over the leaves pushed so far, as the roots of its perfect subtrees.

    One hash for each bit set in `size`, the largest subtree first: all that is ever needed to
    go on and to tell the root.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def copy(self) -> Tree:
        """Another tree over the same leaves."""
        other = Tree()
        other.size, other._peaks = self.size, self._peaks.copy()
        return other

    def push(self, leaf: bytes) -> None:
        """Add the next leaf hash, joining what has become perfect."""
        peaks, size = self._peaks, self.size
        self.size = size + 1
        while size & 1:
            leaf = sha256(b"\x01" + peaks.pop() + leaf).digest()
            size >>= 1
        peaks.append(leaf)

    def root(self) -> bytes:
        """The root over all leaves; SHA-256 of nothing while there are none."""
        if not self._peaks:
            return EMPTY_ROOT
        *rest, root = self._peaks
        for peak in reversed(rest):
            root = sha256(b"\x01" + peak + root).digest()
        return root
