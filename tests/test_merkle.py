"""The tree: public vectors, and laws held against a tree written the slow way."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    InvalidProof,
    Tile,
    TileRoot,
    TileTree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    parse_tile_path,
    tile_width,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parent / "vectors"
RFC6962 = json.loads((VECTORS / "rfc6962" / "vectors.json").read_bytes())
TESSERA = VECTORS / "tessera-tlog-tiles" / "log"

ReadTile = Callable[[int, int, int], list[bytes]]


def proof_cases(kind: str) -> list[Any]:
    folder = VECTORS / "merkle-proofs" / kind
    files = sorted(folder.rglob("*.json"))
    return [pytest.param(file, id=str(file.relative_to(folder))) for file in files]


# A tree written the slow way, straight from RFC 6962 §2.1.


def slow_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + slow_root(leaves[:split]) + slow_root(leaves[split:])).digest()


def slow_subtree(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    def subtree(level: int, index: int) -> bytes:
        part = leaves[index << level : (index + 1) << level]
        assert len(part) == 1 << level, "only complete subtrees may be asked for"
        return slow_root(part)

    return subtree


def some_leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def grown(leaves: list[bytes]) -> tuple[Frontier, list[TileRoot]]:
    frontier = Frontier()
    completed: list[TileRoot] = []
    for leaf in leaves:
        completed.extend(frontier.append(leaf))
    return frontier, completed


def tiles_of(leaves: list[bytes]) -> tuple[ReadTile, list[tuple[int, int, int]]]:
    """A reader of the tiles of `leaves`, and the list of tiles it was asked for."""
    _, completed = grown(leaves)
    levels: dict[int, list[bytes]] = {0: leaves}
    for root in completed:
        assert root.index == len(levels.setdefault(root.level, []))
        levels[root.level].append(root.hash)
    asked: list[tuple[int, int, int]] = []

    def read(level: int, index: int, width: int) -> list[bytes]:
        asked.append((level, index, width))
        return levels[level][index * 256 : index * 256 + width]

    return read, asked


MANY = some_leaves(1200)


# Hashes and roots


def test_the_empty_root_is_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == RFC6962["empty_root_hex"] == Frontier().root().hex()


def test_the_frontier_has_the_published_root_at_every_size() -> None:
    frontier = Frontier()
    roots = [frontier.root().hex()]
    for data in RFC6962["leaf_inputs_hex"]:
        frontier.append(leaf_hash(bytes.fromhex(data)))
        roots.append(frontier.root().hex())
    assert roots == RFC6962["root_hashes_hex_by_size"]


def test_published_nodes_are_the_hashes_of_the_two_below() -> None:
    levels = [[bytes.fromhex(node) for node in row] for row in RFC6962["node_hashes_hex_by_level"]]
    assert levels[0] == [leaf_hash(bytes.fromhex(data)) for data in RFC6962["leaf_inputs_hex"]]
    for below, above in pairwise(levels):
        for place, node in enumerate(above):
            if 2 * place + 1 < len(below):
                assert node == node_hash(below[2 * place], below[2 * place + 1])


def test_the_published_hashes_of_a_leaf_and_a_node() -> None:
    """The three hasher vectors of RFC 6962 implementations: 0x00 and 0x01 keep the two apart."""
    published = {case["desc"]: case["want_hex"] for case in RFC6962["hasher_vectors"]}
    assert leaf_hash(b"").hex() == published["RFC6962 Empty Leaf"]
    assert leaf_hash(b"L123456").hex() == published["RFC6962 Leaf"]
    assert node_hash(b"N123", b"N456").hex() == published["RFC6962 Node"]


@settings(deadline=None)
@given(st.integers(0, 600))
def test_the_frontier_agrees_with_the_slow_tree(size: int) -> None:
    frontier, _ = grown(MANY[:size])
    assert frontier.size == size
    assert frontier.root() == slow_root(MANY[:size])


@settings(deadline=None)
@given(st.integers(0, 600))
def test_a_frontier_survives_being_written_and_read(size: int) -> None:
    frontier, _ = grown(MANY[:size])
    again = Frontier.from_bytes(frontier.to_bytes())
    assert again == frontier == Frontier(frontier.size, frontier.hashes)
    again.append(MANY[size])
    assert again.root() == slow_root(MANY[: size + 1])
    assert again != frontier


def test_a_copy_grows_apart() -> None:
    frontier, _ = grown(MANY[:5])
    copy = frontier.copy()
    copy.append(MANY[5])
    assert frontier.root() == slow_root(MANY[:5])
    assert copy.root() == slow_root(MANY[:6])


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 7, b"\0" * 9, (1).to_bytes(8, "big"), (3).to_bytes(8, "big") + b"h" * 32,
     (0).to_bytes(8, "big") + b"h" * 32, (2).to_bytes(8, "big") + b"h" * 31,
     (2**63).to_bytes(8, "big") + b"h" * 32],
)  # fmt: skip
def test_bytes_that_are_no_frontier_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"frontier|subtrees|leaves"):
        Frontier.from_bytes(data)


@pytest.mark.parametrize("leaf", [b"", b"h" * 31, b"h" * 33, b"h" * 64])
@pytest.mark.parametrize("size", [0, 255])
def test_only_32_bytes_are_a_leaf(leaf: bytes, size: int) -> None:
    frontier, _ = grown(MANY[:size])
    with pytest.raises(ValueError, match="32 bytes"):
        frontier.append(leaf)
    assert frontier.root() == slow_root(MANY[:size])


# Completed tiles


def test_a_tile_is_complete_with_its_256th_leaf_and_not_before() -> None:
    frontier, completed = grown(MANY[:255])
    assert completed == []
    assert list(frontier.append(MANY[255])) == [TileRoot(1, 0, slow_root(MANY[:256]))]
    assert list(frontier.append(MANY[256])) == []


def test_every_tile_root_is_reported_once_in_order() -> None:
    _, completed = grown(MANY)
    expected = [TileRoot(1, i, slow_root(MANY[256 * i : 256 * (i + 1)])) for i in range(4)]
    assert completed == expected


def test_the_65536th_leaf_completes_a_tile_on_two_levels() -> None:
    """A frontier that stands one leaf before 65,536 holds sixteen subtrees."""
    frontier = Frontier(65_535, [bytes([number]) * 32 for number in range(16)])
    low, high = frontier.append(MANY[0])
    assert (low.level, low.index, high.level, high.index) == (1, 255, 2, 0)
    assert frontier.hashes == (high.hash,)
    assert frontier.append(MANY[1]) == ()


# Proofs: the public cases


def decoded(hashes: Iterable[str] | None) -> list[bytes]:
    return [b64decode(each) for each in hashes or []]


@pytest.mark.parametrize("file", proof_cases("inclusion"))
def test_public_inclusion_proofs(file: Path) -> None:
    case = json.loads(file.read_bytes())

    def check() -> None:
        verify_inclusion(
            leaf=b64decode(case["leafHash"]),
            index=case["leafIdx"],
            size=case["treeSize"],
            proof=decoded(case["proof"]),
            root=b64decode(case["root"]),
        )

    if case["wantErr"]:
        with pytest.raises(InvalidProof):
            check()
    else:
        check()


@pytest.mark.parametrize("file", proof_cases("consistency"))
def test_public_consistency_proofs(file: Path) -> None:
    case = json.loads(file.read_bytes())

    def check() -> None:
        verify_consistency(
            old_size=case["size1"],
            new_size=case["size2"],
            old_root=b64decode(case["root1"]),
            new_root=b64decode(case["root2"]),
            proof=decoded(case["proof"]),
        )

    if case["wantErr"] or case["size1"] == 0:
        with pytest.raises(InvalidProof):
            check()
    else:
        check()


def test_the_public_proofs_are_all_here() -> None:
    assert len(proof_cases("inclusion")) > 30
    assert len(proof_cases("consistency")) > 30


# What proofs show, and what they do not

SMALL = MANY[:130]
INDEX_AND_SIZE = st.integers(1, 130).flatmap(
    lambda size: st.tuples(st.integers(0, size - 1), st.just(size))
)
TWO_SIZES = st.integers(1, 130).flatmap(lambda size: st.tuples(st.integers(1, size), st.just(size)))


@settings(deadline=None)
@given(INDEX_AND_SIZE)
def test_every_leaf_can_be_shown_to_be_in_the_tree(place: tuple[int, int]) -> None:
    index, size = place
    proof = inclusion_proof(index, size, slow_subtree(SMALL[:size]))
    root = slow_root(SMALL[:size])
    verify_inclusion(leaf=SMALL[index], index=index, size=size, proof=proof, root=root)


@settings(deadline=None)
@given(INDEX_AND_SIZE, st.data())
def test_an_inclusion_proof_shows_nothing_else(place: tuple[int, int], data: st.DataObject) -> None:
    index, size = place
    proof = inclusion_proof(index, size, slow_subtree(SMALL[:size]))
    root = slow_root(SMALL[:size])
    other = data.draw(st.integers(0, 129).filter(lambda number: number != index))
    lies: list[dict[str, Any]] = [
        {"leaf": SMALL[other]},
        {"index": other},
        {"root": leaf_hash(root)},
        {"proof": [*proof, root]},
        {"proof": [root, *proof]},
        {"leaf": SMALL[index][:31]},
        {"root": root + b"\0"},
        {"index": -1},
        {"index": size},
        {"size": 0},
    ]
    if proof:
        lies += [{"proof": proof[1:]}, {"proof": proof[:-1]}, {"proof": [b"", *proof[1:]]}]
    for lie in lies:
        truth: dict[str, Any] = {
            "leaf": SMALL[index],
            "index": index,
            "size": size,
            "proof": proof,
            "root": root,
        }
        with pytest.raises(InvalidProof):
            verify_inclusion(**(truth | lie))


@settings(deadline=None)
@given(TWO_SIZES)
def test_every_tree_can_be_shown_to_begin_with_every_smaller_one(sizes: tuple[int, int]) -> None:
    old, new = sizes
    proof = consistency_proof(old, new, slow_subtree(SMALL[:new]))
    verify_consistency(
        old_size=old,
        new_size=new,
        old_root=slow_root(SMALL[:old]),
        new_root=slow_root(SMALL[:new]),
        proof=proof,
    )


@settings(deadline=None)
@given(TWO_SIZES)
def test_a_consistency_proof_shows_nothing_else(sizes: tuple[int, int]) -> None:
    old, new = sizes
    proof = consistency_proof(old, new, slow_subtree(SMALL[:new]))
    truth: dict[str, Any] = {
        "old_size": old,
        "new_size": new,
        "old_root": slow_root(SMALL[:old]),
        "new_root": slow_root(SMALL[:new]),
        "proof": proof,
    }
    forged = leaf_hash(b"forged")
    lies: list[dict[str, Any]] = [
        {"old_root": forged},
        {"new_root": forged},
        {"proof": [*proof, forged]},
        {"proof": [forged, *proof]},
        {"old_size": 0},
        {"old_size": new + 1},
        {"old_root": b""},
    ]
    if proof:
        lies += [{"proof": proof[1:]}, {"proof": proof[:-1]}, {"proof": []}]
    for lie in lies:
        with pytest.raises(InvalidProof):
            verify_consistency(**(truth | lie))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 1), (1, 1), (5, 4)])
def test_no_proof_is_made_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, slow_subtree(SMALL))


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 4), (5, 4), (-1, 4)])
def test_no_proof_leads_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no consistency proof"):
        consistency_proof(old, new, slow_subtree(SMALL))


# Tile paths


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(level=0, index=0), "tile/0/000"),
        (Tile(level=0, index=999), "tile/0/999"),
        (Tile(level=0, index=1000), "tile/0/x001/000"),
        (Tile(level=2, index=1_234_067), "tile/2/x001/x234/067"),
        (Tile(level=1, index=1_234_067, width=8), "tile/1/x001/x234/067.p/8"),
        (Tile(level=63, index=5, width=255), "tile/63/005.p/255"),
        (Tile(level=None, index=12, width=1), "tile/entries/012.p/1"),
    ],
)
def test_a_tile_has_one_path(tile: Tile, path: str) -> None:
    assert tile.path() == path
    assert parse_tile_path(path) == tile


@settings(deadline=None)
@given(st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_every_path_leads_back_to_its_tile(level: int | None, index: int, width: int) -> None:
    tile = Tile(level=level, index=index, width=width)
    assert parse_tile_path(tile.path()) == tile


@pytest.mark.parametrize(
    "path",
    ["", "tile/0/0", "tile/0/00", "tile/0/0000", "/tile/0/000", "tile/0/000/", "tile/0/000\n",
     " tile/0/000", "x/tile/0/000", "tile//000", "tile/00/000", "tile/01/000", "tile/64/000",
     "tile/-1/000", "tile/+1/000", "tile/0/x000/000", "tile/0/x000/x001/000", "tile/0/001/000",
     "tile/0/x001", "tile/0/x001/x000", "tile/0/x1/000", "tile/0/000.p/0", "tile/0/000.p/00",
     "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/000.p/999", "tile/0/000.p/1000",
     "tile/0/000.p/", "tile/0/000.p", "tile/0/000.p/1/", "tile/0/000.P/1", "tile/0/１23",
     "tile/１/000", "tile/0/000.p/１", "tile/entry/000", "tile/Entries/000", "tile/0/X001/000",
     "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/../000", "tile/0/1_0"],
)  # fmt: skip
def test_another_spelling_is_no_tile(path: str) -> None:
    with pytest.raises(ValueError, match="tile"):
        parse_tile_path(path)


@pytest.mark.parametrize(
    "wrong", [{"level": 64}, {"level": -1}, {"index": -1}, {"width": 0}, {"width": 257}]
)
def test_a_tile_that_cannot_be_is_not_built(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="tile"):
        Tile(**({"level": 0, "index": 0, "width": 256} | wrong))


def test_the_widths_of_a_tree_of_70000() -> None:
    """The example of C2SP tlog-tiles: 273 full tiles and one of 112, one full and 17, and 1."""
    size = 70_000
    assert [tile_width(0, index, size) for index in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [tile_width(1, index, size) for index in (0, 1, 2)] == [256, 17, 0]
    assert [tile_width(2, index, size) for index in (0, 1)] == [1, 0]
    assert tile_width(3, 0, size) == 0


# Trees read from tiles


@pytest.mark.parametrize("size", range(16))
def test_the_tiles_of_a_public_log_give_the_roots_that_it_signed(size: int) -> None:
    def read(level: int, index: int, width: int) -> list[bytes]:
        data = (TESSERA / Tile(level=level, index=index, width=width).path()).read_bytes()
        return [data[at : at + 32] for at in range(0, len(data), 32)]

    signed = (TESSERA / f"checkpoint.{size}").read_text().split("\n")
    tree = TileTree(read).at(size)
    assert int(signed[1]) == size
    assert tree.root() == b64decode(signed[2])
    for index in range(size):
        verify_inclusion(
            leaf=tree.subtree(0, index),
            index=index,
            size=size,
            proof=tree.inclusion_proof(index),
            root=tree.root(),
        )


@pytest.mark.parametrize("size", range(1, 16))
def test_the_entries_of_a_public_log_hash_to_its_leaves(size: int) -> None:
    bundle = (TESSERA / Tile(level=None, index=0, width=size).path()).read_bytes()
    leaves = b""
    while bundle:
        end = 2 + int.from_bytes(bundle[:2], "big")
        leaves += leaf_hash(bundle[2:end])
        bundle = bundle[end:]
    assert leaves == (TESSERA / Tile(level=0, index=0, width=size).path()).read_bytes()


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 1024, 1199])
def test_a_tree_from_tiles_is_the_tree_of_its_leaves(size: int) -> None:
    read, _ = tiles_of(MANY)
    tree = TileTree(read).at(size)
    assert tree.root() == tree_root(size, slow_subtree(MANY)) == slow_root(MANY[:size])
    slow = slow_subtree(MANY[:size])
    for index in {0, size // 2, size - 1} if size else ():
        assert tree.inclusion_proof(index) == inclusion_proof(index, size, slow)
    for old in {1, size // 2, size - 1, size} - {0, -1} if size else ():
        assert tree.consistency_proof(old) == consistency_proof(old, size, slow)


@settings(deadline=None)
@given(st.integers(1, 1199).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_a_tree_from_tiles_is_consistent_with_its_past(sizes: tuple[int, int]) -> None:
    old, new = sizes
    tiles = TileTree(TILES_OF_MANY)
    verify_consistency(
        old_size=old,
        new_size=new,
        old_root=tiles.at(old).root(),
        new_root=tiles.at(new).root(),
        proof=tiles.at(new).consistency_proof(old),
    )


TILES_OF_MANY, _ = tiles_of(MANY)


def test_a_tile_is_read_once_for_each_width_it_has() -> None:
    read, asked = tiles_of(MANY)
    tiles = TileTree(read)
    for size in (600, 600, 601):
        for index in (3, 200, 599):
            tiles.at(size).inclusion_proof(index)
    assert sorted(asked) == [(0, 0, 256), (0, 2, 88), (0, 2, 89), (1, 0, 2)]


def test_nothing_beyond_the_size_is_ever_read() -> None:
    """A tree of 300 leaves may not look at the 212 leaves that came after them."""
    read, asked = tiles_of(MANY[:512])
    tree = TileTree(read).at(300)
    for index in range(300):
        tree.inclusion_proof(index)
    assert set(asked) == {(0, 0, 256), (0, 1, 44), (1, 0, 1)}


@pytest.mark.parametrize(
    ("level", "index"), [(0, 5), (1, 2), (2, 1), (3, 0), (-1, 0), (0, -1), (64, 0)]
)
def test_a_subtree_that_is_not_complete_is_not_given(level: int, index: int) -> None:
    read, _ = tiles_of(MANY)
    with pytest.raises(ValueError, match="no complete subtree"):
        TileTree(read).at(5).subtree(level, index)


@pytest.mark.parametrize("row", [[], MANY[:3], MANY[:5], [*MANY[:3], b"short"]])
def test_a_tile_that_was_read_badly_stops_the_proof(row: list[bytes]) -> None:
    with pytest.raises(ValueError, match=r"tile|hash"):
        TileTree(lambda *_: row).at(4).root()
