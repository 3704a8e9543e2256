"""The ten keys of a ledger, in `SIDEREAL_HOME/keys`.

Keys are made once, by `KeyRing.create`, all or none. Loading never makes one:
a key that is missing, readable by others, behind a link or damaged stops the
start, and the refusal says what to do. Nothing here reads the environment.
"""

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import exceptions
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger import note

KEY_NAMES = (
    *("log", "ack", "manifest", "voucher", "webhook"),  # Ed25519 seeds
    *("session", "vault", "index", "code", "idem"),  # secrets
)
KEY_BYTES = 32

# One letter more than a key file ever has, so that a longer one is noticed.
_READ_BYTES = 2 * KEY_BYTES + 2
_KEY_FILE = re.compile(b"[0-9a-f]{64}\n")


class KeysRefused(Exception):
    """The keys cannot be used or made. `code` is stable; `sentence` says what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


class Ed25519Verifier:
    """Checks notes signed by one Ed25519 key."""

    def __init__(self, name: str, public_key: bytes) -> None:
        self._key = note.VerifierKey(name=name, public_key=public_key)
        self._key_id = self._key.key_id
        self._public = Ed25519PublicKey.from_public_bytes(public_key)

    @classmethod
    def from_vkey(cls, vkey: str) -> "Ed25519Verifier":
        """The verifier that a VKEY describes; raises note.NoteRefused when it is none."""
        key = note.parse_vkey(vkey)
        return cls(key.name, key.public_key)

    @property
    def name(self) -> str:
        """The name that the key signs under."""
        return self._key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes, the first of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)."""
        return self._key_id

    @property
    def public_key(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._key.public_key

    @property
    def vkey(self) -> str:
        """The public key as people hand it on."""
        return note.vkey(self._key.name, self._key.public_key)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Return only if `signature` is this key's of `message`; else note.InvalidSignature."""
        try:
            self._public.verify(signature, message)
        except exceptions.InvalidSignature:
            raise note.InvalidSignature(
                f"a signature in the name of {self.name} is not of this text"
            ) from None


class Ed25519Signer:
    """Signs notes with one Ed25519 key, under one name."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._verifier = Ed25519Verifier(name, self._private.public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        """The name that the key signs under."""
        return self._verifier.name

    @property
    def key_id(self) -> bytes:
        """Four bytes that say which key signed."""
        return self._verifier.key_id

    @property
    def public_key(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._verifier.public_key

    @property
    def vkey(self) -> str:
        """The public key as people hand it on."""
        return self._verifier.vkey

    @property
    def verifier(self) -> Ed25519Verifier:
        """What checks this key's signatures."""
        return self._verifier

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of this key's signature of `message`."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"<Ed25519Signer {self.vkey}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """Five signers and five secrets of 32 bytes; each is used for one thing only.

    The log key signs as the origin itself, the others under names of their own,
    so that no note of one kind can pass for another.
    """

    origin: str
    log: Ed25519Signer
    ack: Ed25519Signer
    manifest: Ed25519Signer
    voucher: Ed25519Signer
    webhook: Ed25519Signer
    session: bytes = field(repr=False)
    vault: bytes = field(repr=False)
    index: bytes = field(repr=False)
    code: bytes = field(repr=False)
    idem: bytes = field(repr=False)

    @classmethod
    def create(cls, home: Path, origin: str) -> "KeyRing":
        """Make all ten keys in `home`/keys and load them.

        Raises KeysRefused `keys_exist` when anything is there already, and
        note.NoteRefused when `origin` cannot be one.
        """
        note.check_origin(origin)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_folder(_folder(home), {name: secrets.token_bytes(KEY_BYTES) for name in KEY_NAMES})
        return cls.load(home, origin)

    @classmethod
    def load(cls, home: Path, origin: str) -> "KeyRing":
        """Read the ten keys of `home`/keys; never make one.

        Raises KeysRefused `key_missing`, `key_readable_by_others`, `key_is_a_link`,
        `key_malformed`, `key_repeated` or `key_unreadable`, and note.NoteRefused
        when `origin` cannot be one.
        """
        note.check_origin(origin)
        keys = _read_folder(_folder(home))

        def signer(key: str) -> Ed25519Signer:
            return Ed25519Signer(signer_name(origin, key), keys[key])

        return cls(
            origin=origin,
            log=signer("log"),
            ack=signer("ack"),
            manifest=signer("manifest"),
            voucher=signer("voucher"),
            webhook=signer("webhook"),
            session=keys["session"],
            vault=keys["vault"],
            index=keys["index"],
            code=keys["code"],
            idem=keys["idem"],
        )


def signer_name(origin: str, key: str) -> str:
    """The name under which a key signs: the origin for `log`, `origin/ack` and so on."""
    return origin if key == "log" else f"{origin}/{key}"


def keys_backup(home: Path, target: Path) -> None:
    """Copy the ten keys of `home`/keys, and nothing else, to the new folder `target`.

    The copy has the same modes. Raises KeysRefused as `KeyRing.load` does, and
    `keys_exist` when `target` holds anything. To restore, move it to `home`/keys.
    """
    _write_folder(target, _read_folder(_folder(home)))


# Folders and files


def _folder(home: Path) -> Path:
    return home / "keys"


def _write_folder(folder: Path, keys: Mapping[str, bytes]) -> None:
    """Write the keys beside `folder`, then put them in place in one step.

    A crash before the step leaves a folder `.keys-…` that nothing reads and that
    may be deleted; a crash after it leaves all ten keys. There is no half of it.
    """
    if _is_taken(folder):
        raise _keys_exist(folder)
    draft = folder.parent / f".keys-{secrets.token_hex(8)}"
    draft.mkdir(mode=0o700)
    # The process's umask may have taken permissions away that we need.
    draft.chmod(0o700)
    handle = _open_folder(draft)
    try:
        for name, key in keys.items():
            _write_file(handle, name, key)
        os.fsync(handle)
        # Renaming replaces an empty folder only, so two makers cannot both succeed.
        try:
            draft.rename(folder)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise _keys_exist(folder) from None
            raise
    except BaseException:
        _discard(handle, draft, keys)
        raise
    finally:
        os.close(handle)
    _sync_folder(folder.parent)


def _is_taken(folder: Path) -> bool:
    """Whether anything but an empty folder stands there."""
    if folder.is_symlink() or not folder.is_dir():
        return os.path.lexists(folder)
    return any(folder.iterdir())


def _keys_exist(folder: Path) -> KeysRefused:
    return KeysRefused(
        "keys_exist",
        f"{folder} is there already and not empty; keys are made only once:"
        " use the ones that are there, or choose another folder",
    )


def _discard(handle: int, draft: Path, keys: Mapping[str, bytes]) -> None:
    """Take back a draft that could not be put in place."""
    for name in keys:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=handle)
    draft.rmdir()


def _write_file(folder: int, name: str, key: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, 0o600, dir_fd=folder), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(key.hex().encode("ascii") + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_folder(folder: Path) -> dict[str, bytes]:
    """All ten keys, each of them good and each another one."""
    handle = _open_folder(folder)
    try:
        _refuse_readable(os.fstat(handle), folder, "700")
        keys = {name: _read_file(handle, folder, name) for name in KEY_NAMES}
    finally:
        os.close(handle)
    if len(set(keys.values())) != len(keys):
        raise KeysRefused(
            "key_repeated",
            f"two files in {folder} hold the same key; each key has one purpose:"
            " restore them from the backup of the keys",
        )
    return keys


def _open_folder(folder: Path) -> int:
    if folder.is_symlink():
        raise _is_a_link(folder)
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _missing(folder) from None
    except OSError as error:
        raise _unreadable(folder, error) from None


def _read_file(handle: int, folder: Path, name: str) -> bytes:
    path = folder / name
    # Without O_NONBLOCK a pipe in a key's place would hold up the start for ever.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        opened = os.open(name, flags, dir_fd=handle)
    except FileNotFoundError:
        raise _missing(path) from None
    except OSError as error:
        if path.is_symlink():
            raise _is_a_link(path) from None
        raise _unreadable(path, error) from None
    with os.fdopen(opened, "rb") as file:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            raise _malformed(path)
        _refuse_readable(status, path, "600")
        data = file.read(_READ_BYTES)
    if _KEY_FILE.fullmatch(data) is None:
        raise _malformed(path)
    return bytes.fromhex(data[:-1].decode("ascii"))


def _refuse_readable(status: os.stat_result, path: Path, mode: str) -> None:
    if status.st_mode & 0o077:
        raise KeysRefused(
            "key_readable_by_others",
            f"others may read or change {path}; if nobody has, run `chmod {mode} {path}`,"
            " else restore or replace the key",
        )


def _missing(path: Path) -> KeysRefused:
    return KeysRefused(
        "key_missing",
        f"{path} is missing; restore it from the backup of the keys, because a key is never made"
        " again by itself (a ledger that is new gets its keys from `sidereal init`)",
    )


def _is_a_link(path: Path) -> KeysRefused:
    return KeysRefused(
        "key_is_a_link", f"{path} is a link; put the key itself there, keys are never followed"
    )


def _malformed(path: Path) -> KeysRefused:
    return KeysRefused(
        "key_malformed",
        f"{path} is not a file of 64 lowercase hexadecimal digits and a newline;"
        " restore it from the backup of the keys",
    )


def _unreadable(path: Path, error: OSError) -> KeysRefused:
    return KeysRefused(
        "key_unreadable",
        f"{path} cannot be opened ({error.strerror}); run as the user who owns the keys",
    )
