"""The ten keys: made once, never by accident, and never read where others could."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger import note
from ledger.keys import KEY_NAMES, Ed25519Verifier, KeyRing, KeysRefused, keys_backup

ORIGIN = "town.example/log/7"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    KeyRing.create(tmp_path, ORIGIN)
    return tmp_path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(KeysRefused) as refused:
        call()
    assert len(refused.value.sentence) > 20
    return refused.value.code


def test_there_are_ten_keys_and_nothing_else(tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "new" / "home", ORIGIN)
    assert [path.name for path in (tmp_path / "new" / "home").iterdir()] == ["keys"]
    names = sorted(path.name for path in (tmp_path / "new" / "home" / "keys").iterdir())
    assert names == sorted(KEY_NAMES)
    assert len(names) == 10


def test_keys_are_for_their_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    for number, umask in enumerate((0o000, 0o022, 0o777)):
        before = os.umask(umask)
        try:
            home = tmp_path / str(number)
            home.mkdir()
            home.chmod(0o700)
            KeyRing.create(home, ORIGIN)
        finally:
            os.umask(before)
        assert mode(home / "keys") == 0o700
        assert {mode(path) for path in (home / "keys").iterdir()} == {0o600}


def test_a_key_file_is_64_hexadecimal_digits_and_a_newline(home: Path) -> None:
    for path in (home / "keys").iterdir():
        data = path.read_bytes()
        assert len(data) == 65
        assert data == bytes.fromhex(data.decode()).hex().encode() + b"\n"


def test_loading_gives_the_keys_that_were_made(tmp_path: Path) -> None:
    made = KeyRing.create(tmp_path, ORIGIN)
    loaded = KeyRing.load(tmp_path, ORIGIN)
    assert loaded.log.vkey == made.log.vkey
    for name in ("session", "vault", "index", "code", "idem"):
        secret = getattr(loaded, name)
        assert secret == getattr(made, name)
        assert secret.hex() + "\n" == (tmp_path / "keys" / name).read_text()


def test_two_ledgers_never_share_a_key(tmp_path: Path) -> None:
    one = KeyRing.create(tmp_path / "one", ORIGIN)
    two = KeyRing.create(tmp_path / "two", ORIGIN)
    assert one.log.public_key != two.log.public_key
    assert one.session != two.session


def test_each_signer_has_a_name_of_its_own(home: Path) -> None:
    ring = KeyRing.load(home, ORIGIN)
    assert ring.log.name == ORIGIN
    assert ring.ack.name == f"{ORIGIN}/ack"
    assert ring.manifest.name == f"{ORIGIN}/manifest"
    assert ring.voucher.name == f"{ORIGIN}/voucher"
    assert ring.webhook.name == f"{ORIGIN}/webhook"


def test_a_note_of_one_key_opens_with_its_vkey_and_with_no_other(home: Path) -> None:
    ring = KeyRing.load(home, ORIGIN)
    signed = note.sign_note("text\n", [ring.ack])
    assert note.open_note(signed, [Ed25519Verifier.from_vkey(ring.ack.vkey)]).text == "text\n"
    with pytest.raises(note.UnknownSigners):
        note.open_note(signed, [ring.log.verifier])


def test_no_secret_shows_when_a_ring_is_printed(home: Path) -> None:
    ring = KeyRing.load(home, ORIGIN)
    shown = repr(ring) + str(ring)
    for path in (home / "keys").iterdir():
        assert path.read_text().strip() not in shown
    assert repr(ring.vault) not in shown


def test_keys_are_made_only_once(home: Path) -> None:
    before = {path: path.read_bytes() for path in (home / "keys").iterdir()}
    assert refusal(lambda: KeyRing.create(home, ORIGIN)) == "keys_exist"
    assert {path: path.read_bytes() for path in (home / "keys").iterdir()} == before
    assert [path.name for path in home.iterdir()] == ["keys"]


def test_one_key_that_is_there_already_is_enough_to_refuse(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "log").write_text("")
    assert refusal(lambda: KeyRing.create(tmp_path, ORIGIN)) == "keys_exist"
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["log"]


def test_an_empty_folder_is_filled_and_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o755)
    KeyRing.create(tmp_path, ORIGIN)
    assert mode(tmp_path / "keys") == 0o700


@pytest.mark.parametrize("there", [True, False])
def test_keys_are_never_made_through_a_link(tmp_path: Path, there: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    if there:
        elsewhere.mkdir()
    home = tmp_path / "home"
    home.mkdir()
    (home / "keys").symlink_to(elsewhere)
    assert refusal(lambda: KeyRing.create(home, ORIGIN)) == "keys_exist"
    assert not there or list(elsewhere.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")
    assert refusal(lambda: KeyRing.create(tmp_path, ORIGIN)) == "keys_exist"
    assert refusal(lambda: KeyRing.load(tmp_path, ORIGIN)) == "key_unreadable"


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "x" * 256])
def test_no_keys_are_made_for_a_name_that_is_no_origin(tmp_path: Path, origin: str) -> None:
    with pytest.raises(note.NoteRefused):
        KeyRing.create(tmp_path, origin)
    assert list(tmp_path.iterdir()) == []


def test_loading_from_nowhere_makes_nothing(tmp_path: Path) -> None:
    assert refusal(lambda: KeyRing.load(tmp_path, ORIGIN)) == "key_missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", KEY_NAMES)
def test_a_missing_key_stops_the_start_and_is_not_made_again(home: Path, name: str) -> None:
    (home / "keys" / name).unlink()
    assert refusal(lambda: KeyRing.load(home, ORIGIN)) == "key_missing"
    assert not (home / "keys" / name).exists()


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666])
def test_a_key_that_others_may_touch_stops_the_start(home: Path, bits: int) -> None:
    (home / "keys" / "vault").chmod(bits)
    assert refusal(lambda: KeyRing.load(home, ORIGIN)) == "key_readable_by_others"
    (home / "keys" / "vault").chmod(0o400)
    KeyRing.load(home, ORIGIN)


@pytest.mark.parametrize("bits", [0o750, 0o705, 0o711])
def test_a_folder_that_others_may_enter_stops_the_start(home: Path, bits: int) -> None:
    (home / "keys").chmod(bits)
    assert refusal(lambda: KeyRing.load(home, ORIGIN)) == "key_readable_by_others"


def test_a_key_behind_a_link_stops_the_start(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "log"
    (home / "keys" / "log").rename(elsewhere)
    (home / "keys" / "log").symlink_to(elsewhere)
    assert refusal(lambda: KeyRing.load(home, ORIGIN)) == "key_is_a_link"


def test_a_folder_behind_a_link_stops_the_start(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "keys"
    (home / "keys").rename(elsewhere)
    (home / "keys").symlink_to(elsewhere)
    assert refusal(lambda: KeyRing.load(home, ORIGIN)) == "key_is_a_link"


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"a" * 64, b"a" * 63 + b"\n", b"a" * 65 + b"\n", b"a" * 64 + b"\n\n",
     b"a" * 64 + b"\r\n", b"A" * 64 + b"\n", b"g" * 64 + b"\n", b" " + b"a" * 63 + b"\n",
     b"\xff" * 32, b"a" * 62 + "１".encode() + b"\n", b"a" * 10_000],
)  # fmt: skip
def test_a_damaged_key_stops_the_start(home: Path, data: bytes) -> None:
    (home / "keys" / "idem").write_bytes(data)
    assert refusal(lambda: KeyRing.load(home, ORIGIN)) == "key_malformed"


def test_a_pipe_in_a_keys_place_does_not_hold_up_the_start(home: Path) -> None:
    (home / "keys" / "log").unlink()
    os.mkfifo(home / "keys" / "log", 0o600)
    assert refusal(lambda: KeyRing.load(home, ORIGIN)) == "key_malformed"


def test_one_key_may_not_serve_two_purposes(home: Path) -> None:
    (home / "keys" / "ack").write_bytes((home / "keys" / "log").read_bytes())
    assert refusal(lambda: KeyRing.load(home, ORIGIN)) == "key_repeated"


def test_a_backup_holds_the_keys_alone_and_can_be_loaded(home: Path, tmp_path: Path) -> None:
    (home / "keys" / "notes.txt").write_text("not a key")
    (tmp_path / "backup").mkdir()
    keys_backup(home, tmp_path / "backup" / "keys")
    copies = list((tmp_path / "backup" / "keys").iterdir())
    assert sorted(path.name for path in copies) == sorted(KEY_NAMES)
    assert {mode(path) for path in copies} == {0o600}
    assert mode(tmp_path / "backup" / "keys") == 0o700
    again = KeyRing.load(tmp_path / "backup", ORIGIN)
    assert again.log.vkey == KeyRing.load(home, ORIGIN).log.vkey


def test_a_backup_overwrites_nothing(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    keys_backup(home, target)
    before = {path: path.read_bytes() for path in target.iterdir()}
    assert refusal(lambda: keys_backup(home, target)) == "keys_exist"
    assert {path: path.read_bytes() for path in target.iterdir()} == before


def test_damaged_keys_are_not_backed_up(home: Path, tmp_path: Path) -> None:
    (home / "keys" / "log").unlink()
    assert refusal(lambda: keys_backup(home, tmp_path / "backup")) == "key_missing"
    assert not (tmp_path / "backup").exists()


def test_a_crash_while_making_keys_leaves_no_half_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fails at the fifth key; the next attempt starts from nothing."""
    synced: list[int] = []

    def fsync(handle: int) -> None:
        synced.append(handle)
        if len(synced) == 5:
            raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fsync)
        with pytest.raises(OSError, match="the disk is gone"):
            KeyRing.create(tmp_path, ORIGIN)
    assert list(tmp_path.iterdir()) == []
    KeyRing.create(tmp_path, ORIGIN)
