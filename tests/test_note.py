"""Notes, checkpoints and proofs: one public log, and every spelling that is refused."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import note
from ledger.keys import Ed25519Signer, Ed25519Verifier
from ledger.merkle import EMPTY_ROOT, InvalidProof, TileTree, leaf_hash, tree_root
from ledger.note import (
    Checkpoint,
    InvalidSignature,
    MalformedNote,
    NoteRefused,
    TlogProof,
    UnknownSigners,
    check_origin,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_proof,
    parse_vkey,
    sign_note,
    verify_proof,
    vkey,
)

TESSERA = Path(__file__).parent / "vectors" / "tessera-tlog-tiles" / "log"
TESSERA_VKEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"

LOG = Ed25519Signer("town.example/log/7", b"l" * 32)
WITNESS = Ed25519Signer("witness.example", b"w" * 32)
TEXT = "three\nlines\nof text\n"


def line(signer: Ed25519Signer, text: str) -> str:
    return f"— {signer.name} {b64encode(signer.key_id + signer.sign(text.encode())).decode()}\n"


# The public log


@pytest.mark.parametrize("size", range(16))
def test_checkpoints_of_a_public_log_open_with_its_key(size: int) -> None:
    data = (TESSERA / f"checkpoint.{size}").read_bytes()
    verifier = Ed25519Verifier.from_vkey(TESSERA_VKEY)
    checkpoint = open_checkpoint(data, "example.com/log/testdata", [verifier])
    assert checkpoint.size == size
    assert checkpoint.extensions == ()
    assert data.startswith(checkpoint.text().encode() + b"\n")


def test_a_public_checkpoint_changed_by_one_character_does_not_open() -> None:
    data = (TESSERA / "checkpoint.12").read_bytes()
    with pytest.raises(InvalidSignature):
        open_note(data.replace(b"\n12\n", b"\n13\n"), [Ed25519Verifier.from_vkey(TESSERA_VKEY)])


def test_a_public_vkey_is_read_and_written_alike() -> None:
    key = parse_vkey(TESSERA_VKEY)
    assert key.name == "example.com/log/testdata"
    assert key.key_id.hex() == "33d7b496"
    assert vkey(key.name, key.public_key) == TESSERA_VKEY


# Notes


def test_a_signed_note_is_text_empty_line_and_signatures() -> None:
    assert sign_note(TEXT, [LOG, WITNESS]).decode() == (
        TEXT + "\n" + line(LOG, TEXT) + line(WITNESS, TEXT)
    )


def test_a_note_opens_for_whoever_knows_one_signer() -> None:
    opened = open_note(sign_note(TEXT, [LOG, WITNESS]), [WITNESS.verifier])
    assert opened.text == TEXT
    assert opened.names == ("witness.example",)
    assert opened.keys == ((WITNESS.name, WITNESS.key_id),)


def test_all_known_signers_are_named_once() -> None:
    data = sign_note(TEXT, [LOG, WITNESS, LOG])
    assert open_note(data, [WITNESS.verifier, LOG.verifier]).names == (LOG.name, WITNESS.name)


def test_a_note_that_nobody_we_know_has_signed_is_refused() -> None:
    with pytest.raises(UnknownSigners):
        open_note(sign_note(TEXT, [LOG]), [WITNESS.verifier])
    with pytest.raises(UnknownSigners):
        open_note(sign_note(TEXT, [LOG]), [])


def test_the_text_ends_where_the_last_empty_line_stands() -> None:
    text = f"a note inside\n\n{line(WITNESS, 'a note inside')}\nand more\n\n"
    assert open_note(sign_note(text, [LOG]), [LOG.verifier]).text == text


def test_a_key_with_the_same_name_or_the_same_id_is_still_unknown() -> None:
    namesake = Ed25519Signer(LOG.name, b"n" * 32)
    same_id = f"— other.example {b64encode(LOG.key_id + b's' * 64).decode()}\n"
    data = f"{TEXT}\n{line(namesake, TEXT)}{same_id}{line(LOG, TEXT)}".encode()
    assert open_note(data, [LOG.verifier]).keys == ((LOG.name, LOG.key_id),)
    with pytest.raises(UnknownSigners):
        open_note(f"{TEXT}\n{line(namesake, TEXT)}{same_id}".encode(), [LOG.verifier])


def test_two_keys_of_one_name_are_told_apart() -> None:
    """While a key is rotated, both sign under the origin."""
    successor = Ed25519Signer(LOG.name, b"n" * 32)
    opened = open_note(sign_note(TEXT, [LOG, successor]), [LOG.verifier, successor.verifier])
    assert opened.names == (LOG.name, LOG.name)
    assert opened.keys == ((LOG.name, LOG.key_id), (LOG.name, successor.key_id))


@pytest.mark.parametrize("bad_first", [True, False])
def test_a_failing_line_of_a_known_key_refuses_the_note_beside_good_ones(bad_first: bool) -> None:
    lines = [line(WITNESS, "another text\n"), line(LOG, TEXT)]
    if not bad_first:
        lines.reverse()
    data = f"{TEXT}\n{''.join(lines)}".encode()
    with pytest.raises(InvalidSignature):
        open_note(data, [LOG.verifier, WITNESS.verifier])
    assert open_note(data, [LOG.verifier]).names == (LOG.name,)


def test_a_known_key_that_fails_on_its_second_line_refuses_the_note() -> None:
    data = f"{TEXT}\n{line(LOG, TEXT)}{line(LOG, 'another text')}".encode()
    with pytest.raises(InvalidSignature):
        open_note(data, [LOG.verifier])


def test_a_hundred_signatures_are_read_and_one_more_is_not() -> None:
    strangers = [Ed25519Signer(f"w{number}.example", b"%032d" % number) for number in range(100)]
    many = sign_note(TEXT, [*strangers[:15], LOG])
    assert open_note(many, [LOG.verifier]).names == (LOG.name,)
    most = sign_note(TEXT, [*strangers[:99], LOG])
    assert open_note(most, [LOG.verifier]).names == (LOG.name,)
    with pytest.raises(MalformedNote):
        open_note(sign_note(TEXT, [*strangers, LOG]), [LOG.verifier])


GOOD = sign_note(TEXT, [LOG]).decode()
STAMP = b64encode(LOG.key_id + LOG.sign(TEXT.encode())).decode()


@pytest.mark.parametrize(
    "data",
    [
        "",
        "\n",
        "\n\n",
        TEXT,
        TEXT + "\n",
        GOOD[:-1],
        GOOD + "\n",
        GOOD + "text after the signatures\n",
        GOOD.replace("\n\n", "\n"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("of text", "of\ttext"),
        GOOD.replace("of text", "of\0text"),
        GOOD.replace("— ", "- "),
        GOOD.replace("— ", "—  "),
        GOOD.replace("— ", " — "),
        GOOD.replace("— ", "—\u00a0"),
        GOOD.replace(LOG.name, ""),
        GOOD.replace(LOG.name, "town+example"),
        GOOD.replace(LOG.name, "town\u3000example"),
        GOOD.replace(STAMP, ""),
        GOOD.replace(STAMP, STAMP + " "),
        GOOD.replace(STAMP, STAMP + " x"),
        GOOD.replace(STAMP, STAMP.rstrip("=")),
        GOOD.replace(STAMP, STAMP + "="),
        GOOD.replace(STAMP, "*" + STAMP),
        GOOD.replace(STAMP, STAMP.replace("/", "_").replace("+", "-") + "_"),
        GOOD.replace(STAMP, b64encode(LOG.key_id).decode()),
        GOOD.replace(STAMP, b64encode(b"abc").decode()),
        GOOD + "— other.example YQ\n",
        GOOD + "— other.example AAAAAAB=\n",
    ],
)
def test_what_is_not_exactly_a_note_is_refused(data: str) -> None:
    with pytest.raises(NoteRefused) as refused:
        open_note(data.encode(), [LOG.verifier])
    assert not isinstance(refused.value, UnknownSigners | InvalidSignature)


def test_a_note_is_utf_8_and_not_enormous() -> None:
    with pytest.raises(MalformedNote):
        open_note(GOOD.encode().replace(b"of text", b"of\xfftext"), [LOG.verifier])
    with pytest.raises(MalformedNote):
        open_note(sign_note("x" * note.NOTE_BYTES_MAX + "\n", [LOG]), [LOG.verifier])


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "nul\0\n", "\r\n", "\ud800\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(MalformedNote):
        sign_note(text, [LOG])


def test_a_note_needs_a_signer() -> None:
    with pytest.raises(ValueError, match="signer"):
        sign_note(TEXT, [])


def test_two_verifiers_may_not_share_name_and_id() -> None:
    with pytest.raises(ValueError, match="two verifiers"):
        open_note(GOOD.encode(), [LOG.verifier, Ed25519Verifier(LOG.name, LOG.public_key)])


LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"))


@settings(deadline=None)
@given(LINES)
def test_every_text_that_can_be_signed_opens_as_itself(lines: str) -> None:
    text = lines + "\n"
    assert open_note(sign_note(text, [WITNESS, LOG]), [LOG.verifier]).text == text


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_the_readers(data: bytes) -> None:
    for read in (lambda: open_note(data, [LOG.verifier]), lambda: parse_proof(data)):
        with pytest.raises(NoteRefused):
            read()


@settings(deadline=None)
@given(st.integers(0, len(GOOD.encode()) - 1), st.integers(1, 255))
def test_no_byte_of_a_note_can_be_changed_unnoticed(place: int, change: int) -> None:
    data = bytearray(GOOD.encode())
    data[place] ^= change
    with pytest.raises(NoteRefused):
        open_note(bytes(data), [LOG.verifier])


# Names and keys


def test_a_key_id_is_the_beginning_of_a_hash() -> None:
    public = bytes(range(32))
    expected = sha256(b"town.example/log/7\x0a\x01" + public).digest()[:4]
    assert note.key_id("town.example/log/7", public) == expected
    assert vkey("town.example/log/7", public).startswith(f"town.example/log/7+{expected.hex()}+A")


@pytest.mark.parametrize("name", ["a", "town.example/log/7", "x" * 255, "县" * 85])
def test_an_origin_is_1_to_255_bytes(name: str) -> None:
    check_origin(name)


@pytest.mark.parametrize(
    "name",
    ["", "x" * 256, "县" * 86, "a b", "a+b", "a\n", "a\tb", "a\0b", "a\x7f", "a\x85b", "a\u00a0b",
     "a\u3000b", "a\u2028b", "a\x9bb", "a\ud800b"],
)  # fmt: skip
def test_an_origin_has_no_space_plus_or_control_character(name: str) -> None:
    with pytest.raises(NoteRefused):
        check_origin(name)


NAME, HEX, KEY = LOG.vkey.split("+", 2)


@pytest.mark.parametrize(
    "text",
    ["", NAME, f"{NAME}+{HEX}", f"+{HEX}+{KEY}", f"{NAME}+{HEX.upper()}x+{KEY}",
     f"{NAME}+{HEX}+{KEY} ", f" {NAME}+{HEX}+{KEY}", f"{NAME}+{HEX}+{KEY}\n",
     f"{NAME}+0{HEX}+{KEY}", f"{NAME}+00000000+{KEY}", f"{NAME}2+{HEX}+{KEY}",
     f"{NAME}+{HEX}+{KEY}=", f"{NAME}+{HEX}+{KEY[:-4]}", f"{NAME}+{HEX}+{KEY.replace('A', 'B', 1)}",
     f"{NAME}+{HEX}+", f"{NAME}+{HEX}+{KEY[:-1]}１"],
)  # fmt: skip
def test_another_spelling_is_no_vkey(text: str) -> None:
    assert parse_vkey(LOG.vkey).public_key == LOG.public_key
    with pytest.raises(NoteRefused):
        parse_vkey(text)


def test_a_vkey_of_another_signature_type_is_refused() -> None:
    """Type 04 is a witness's cosignature: the same key, but it signs something else."""
    typed = b"\x04" + LOG.public_key
    hex_id = note.key_id(NAME, LOG.public_key, 4).hex()
    with pytest.raises(MalformedNote):
        parse_vkey(f"{NAME}+{hex_id}+{b64encode(typed).decode()}")


# Checkpoints

ROOT = sha256(b"a root").digest()
B64_ROOT = b64encode(ROOT).decode()


def test_a_checkpoint_is_origin_size_and_root() -> None:
    checkpoint = Checkpoint(origin="town.example/log/7", size=20, root=ROOT)
    assert checkpoint.text() == f"town.example/log/7\n20\n{B64_ROOT}\n"
    assert parse_checkpoint(checkpoint.text()) == checkpoint


def test_extension_lines_are_kept() -> None:
    text = f"town.example/log/7\n20\n{B64_ROOT}\none\ntwo words\n"
    assert parse_checkpoint(text).extensions == ("one", "two words")
    assert parse_checkpoint(text).text() == text


def test_the_empty_log_has_the_empty_root_and_no_other() -> None:
    empty = b64encode(EMPTY_ROOT).decode()
    assert parse_checkpoint(f"o\n0\n{empty}\n").size == 0
    with pytest.raises(MalformedNote):
        parse_checkpoint(f"o\n0\n{B64_ROOT}\n")


@pytest.mark.parametrize(
    "text",
    ["", "o\n", "o\n1\n", f"o\n1\n{B64_ROOT}", f"o\n1\n{B64_ROOT}\n\n", f"o\n1\n{B64_ROOT}\n\nx\n",
     f"\n1\n{B64_ROOT}\n", f"a b\n1\n{B64_ROOT}\n", f"o\n\n{B64_ROOT}\n", f"o\n01\n{B64_ROOT}\n",
     f"o\n00\n{B64_ROOT}\n", f"o\n-1\n{B64_ROOT}\n", f"o\n+1\n{B64_ROOT}\n",
     f"o\n 1\n{B64_ROOT}\n", f"o\n1 \n{B64_ROOT}\n", f"o\n1_0\n{B64_ROOT}\n",
     f"o\n１\n{B64_ROOT}\n", f"o\n1.0\n{B64_ROOT}\n", f"o\n{2**53}\n{B64_ROOT}\n",
     f"o\n{10**16}\n{B64_ROOT}\n", f"o\n0x1\n{B64_ROOT}\n", f"o\n1\n{B64_ROOT[:-1]}\n",
     f"o\n1\n{B64_ROOT} \n", f"o\n1\n{B64_ROOT[:-4]}\n", "o\n1\n\n", "o\n1\nAAAA\n",
     f"o\n1\n{B64_ROOT[:-2]}{chr(ord(B64_ROOT[-2]) + 1)}=\n", f"o\r\n1\n{B64_ROOT}\n"],
)  # fmt: skip
def test_another_spelling_is_no_checkpoint(text: str) -> None:
    with pytest.raises(NoteRefused):
        parse_checkpoint(text)


@settings(deadline=None)
@given(st.integers(1, 2**53 - 1), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_is_read_as_it_was_written(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin="o", size=size, root=root)
    assert parse_checkpoint(checkpoint.text()) == checkpoint


def test_what_a_log_says_its_own_key_says() -> None:
    text = Checkpoint(origin=LOG.name, size=20, root=ROOT).text()
    both = [LOG.verifier, WITNESS.verifier]
    assert open_checkpoint(sign_note(text, [LOG, WITNESS]), LOG.name, both).size == 20
    with pytest.raises(UnknownSigners):
        open_checkpoint(sign_note(text, [WITNESS]), LOG.name, both)
    with pytest.raises(NoteRefused):
        open_checkpoint(sign_note(text, [LOG]), "other.example/log/8", both)


# Proofs

LEAVES = [leaf_hash(bytes([number])) for number in range(5)]


def proof_of(index: int) -> TlogProof:
    tree = TileTree(lambda level, index, width: LEAVES[:width] if level == index == 0 else []).at(5)
    text = Checkpoint(origin=LOG.name, size=5, root=tree.root()).text()
    return TlogProof(
        index=index,
        hashes=tuple(tree.inclusion_proof(index)),
        checkpoint=sign_note(text, [LOG]),
    )


def test_a_proof_is_written_line_by_line() -> None:
    proof = proof_of(4)
    [left] = proof.hashes
    assert proof.to_bytes() == (
        b"c2sp.org/tlog-proof@v1\nindex 4\n" + b64encode(left) + b"\n\n" + proof.checkpoint
    )


@pytest.mark.parametrize("index", range(5))
def test_a_proof_shows_its_entry_and_no_other(index: int) -> None:
    data = proof_of(index).to_bytes()
    assert parse_proof(data) == proof_of(index)
    proof, checkpoint = verify_proof(
        data, leaf=LEAVES[index], origin=LOG.name, verifiers=[LOG.verifier]
    )
    assert (proof.index, checkpoint.size) == (index, 5)
    with pytest.raises(InvalidProof):
        verify_proof(data, leaf=LEAVES[index - 1], origin=LOG.name, verifiers=[LOG.verifier])


def test_the_proof_of_the_only_entry_has_no_hashes() -> None:
    root = tree_root(1, lambda level, index: LEAVES[0])
    note_bytes = sign_note(Checkpoint(origin=LOG.name, size=1, root=root).text(), [LOG])
    data = b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + note_bytes
    assert TlogProof(index=0, hashes=(), checkpoint=note_bytes).to_bytes() == data
    verify_proof(data, leaf=LEAVES[0], origin=LOG.name, verifiers=[LOG.verifier])
    with pytest.raises(InvalidProof):
        verify_proof(
            data.replace(b"index 0", b"index 1"),
            leaf=LEAVES[0],
            origin=LOG.name,
            verifiers=[LOG.verifier],
        )


PROOF = proof_of(0).to_bytes()
FIRST_HASH = b64encode(proof_of(0).hashes[0])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PROOF.replace(b"@v1", b"@v2"),
        b"\n" + PROOF,
        PROOF.replace(b"index 0\n", b""),
        PROOF.replace(b"index 0\n", b"index 00\n"),
        PROOF.replace(b"index 0\n", b"index  0\n"),
        PROOF.replace(b"index 0\n", b"index -1\n"),
        PROOF.replace(b"index 0\n", b"index 1_0\n"),
        PROOF.replace(b"index 0\n", "index １\n".encode()),
        PROOF.replace(b"index 0\n", b"Index 0\n"),
        PROOF.replace(b"index 0\n", b"extra AAAA\nindex 0\n"),
        PROOF.replace(b"index 0\n", b"index 0\nindex 0\n"),
        PROOF.replace(FIRST_HASH, FIRST_HASH + b" "),
        PROOF.replace(FIRST_HASH, FIRST_HASH[:-1]),
        PROOF.replace(FIRST_HASH, b"AAAA"),
        PROOF.replace(b"index 0\n", b"index 0\n" + b"\n".join([FIRST_HASH] * 64) + b"\n"),
        PROOF.replace(b"\n", b"\r\n"),
        PROOF[: PROOF.index(b"\n\n") + 1],
        PROOF[: PROOF.index(b"\n\n") + 2],
    ],
)
def test_another_spelling_is_no_proof(data: bytes) -> None:
    with pytest.raises(MalformedNote):
        parse_proof(data)


def test_a_proof_with_somebody_elses_checkpoint_is_refused() -> None:
    forger = Ed25519Signer(LOG.name, b"f" * 32)
    proof = proof_of(0)
    text = open_note(proof.checkpoint, [LOG.verifier]).text
    forged = TlogProof(index=0, hashes=proof.hashes, checkpoint=sign_note(text, [forger]))
    with pytest.raises(UnknownSigners):
        verify_proof(forged.to_bytes(), leaf=LEAVES[0], origin=LOG.name, verifiers=[LOG.verifier])
