"""Bundles made by hand from docs/format.md, honest ones and forged ones.

Shares no code with the ledger and none with the verifier, so that neither can teach the tests
its own mistakes. A `Forger` writes what it is told: it links, hashes and signs like an honest
log, and whatever is to be wrong is changed before or after that.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "hours.example/log/k7wq2m9x"
START = 1_767_225_600_000  # 2026-01-01T00:00:00Z
ZEROS = "0" * 64
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

ANA, BEN = "an" + "a" * 14, "be" + "n" * 14
SHOP, BRANCH, TERMINAL = "sh" + "0" * 14, "br" + "0" * 14, "te" + "0" * 14
CLUB, ACTIVITY, STAFF, CHIEF = "c" * 16, "d" * 16, "e" * 16, "f" * 16
CREDENTIAL, REWARD = "g" * 16, "r" * 16
VINTAGE = "2029-01-31"

Entry = dict[str, Any]
Posting = dict[str, Any]


def canonical(value: object) -> bytes:
    """RFC 8785 on the format's domain."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def leaf(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry)


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it is written there: recursion on the largest power of two."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + root(leaves[:left]) + root(leaves[left:]))


@dataclass(frozen=True)
class Signer:
    """An Ed25519 key of its own and the name under which it signs."""

    seed: bytes = b"\x07" * 32
    origin: str = ORIGIN

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def key_id(self) -> bytes:
        return sha256(self.origin.encode() + b"\n\x01" + self.public)[:4]

    @property
    def vkey(self) -> str:
        encoded = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.origin}+{self.key_id.hex()}+{encoded}"

    def line(self, text: bytes) -> bytes:
        """The signature line over `text`."""
        signature = base64.b64encode(self.key_id + self.private.sign(text)).decode()
        return f"— {self.origin} {signature}\n".encode()

    def checkpoint(self, size: int, tree_root: bytes, *, origin: str | None = None) -> bytes:
        encoded = base64.b64encode(tree_root).decode()
        text = f"{origin or self.origin}\n{size}\n{encoded}\n".encode()
        return text + b"\n" + self.line(text)


def posting(source: str, destination: str, asset: str, amount: int) -> Posting:
    return {"source": source, "destination": destination, "asset": asset, "amount": amount}


@dataclass
class Forger:
    """A log in memory. `add` appends an honest entry; `bundle` writes the four files."""

    signer: Signer = field(default_factory=Signer)
    entries: list[Entry] = field(default_factory=list)
    random: random.Random = field(default_factory=lambda: random.Random(7))
    policy: str = "none"

    def identifier(self) -> str:
        return "".join(self.random.choices(ALPHABET, k=16))

    def mac(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def digest(self) -> str:
        return f"{self.random.getrandbits(256):064x}"

    def add(self, kind: str, facts: dict[str, Any], /, *moves: Posting, **changed: Any) -> Entry:
        """Append an entry of `kind`; `changed` replaces fields of it."""
        entry: Entry = {
            "v": 1,
            "origin": self.signer.origin,
            "index": len(self.entries),
            "prev": "",
            "time": START + 1000 * len(self.entries),
            "kind": kind,
            "actor": f"staff:{STAFF}",
            "auth": CREDENTIAL,
            "idem": {"key": self.mac(), "request": self.mac(), "part": 0, "parts": 1},
            "salt": f"{self.random.getrandbits(128):032x}",
            "rules": 1,
            "policy": self.policy,
            "facts": facts,
            "postings": list(moves),
        }
        entry.update(changed)
        self.entries.append(entry)
        return entry

    def genesis(self, **changed: Any) -> Entry:
        facts = {
            "hash": "sha256",
            "log_key": self.signer.public.hex(),
            "ack_key": "aa" * 32,
            "manifest_key": "bb" * 32,
        }
        return self.add("genesis", {**facts, **changed}, actor="console", auth="")

    def lines(self) -> list[bytes]:
        """Every entry's bytes, each with the hash of the one before."""
        lines: list[bytes] = []
        before = ZEROS
        for entry in self.entries:
            data = canonical(entry | {"prev": entry["prev"] or before})
            before = leaf(data).hex()
            lines.append(data)
        return lines

    def checkpoint(self, size: int | None = None) -> bytes:
        lines = self.lines()[:size]
        return self.signer.checkpoint(len(lines), root([leaf(each) for each in lines]))

    def balances(self) -> bytes:
        return balances(self.entries)

    def bundle(self, folder: Path) -> Path:
        """Write an honest bundle of what was added."""
        write(folder, self.lines(), self.checkpoint(), self.balances(), self.signer.origin)
        return folder


Amounts = dict[tuple[str, str], int]


def count_in(amounts: Amounts, entry: Entry) -> None:
    """Add what an entry moves to the amounts of each (account, asset)."""
    for each in entry["postings"]:
        for name, amount in (("source", -each["amount"]), ("destination", each["amount"])):
            place = (each[name], each["asset"])
            amounts[place] = amounts.get(place, 0) + amount


def balance_lines(amounts: Amounts) -> bytes:
    """`balances.jsonl` of these amounts."""
    return b"".join(
        canonical({"account": account, "amount": amount, "asset": asset}) + b"\n"
        for (account, asset), amount in sorted(amounts.items())
    )


def balances(entries: Iterable[Entry]) -> bytes:
    """`balances.jsonl` of these entries."""
    amounts: Amounts = {}
    for entry in entries:
        count_in(amounts, entry)
    return balance_lines(amounts)


def manifest(files: dict[str, bytes], origin: str, size: int, tree_root: bytes) -> dict[str, Any]:
    return {
        "exported": START + 10**9,
        "files": {
            name: {"bytes": len(data), "sha256": sha256(data).hex()} for name, data in files.items()
        },
        "format": "sidereal/bundle@1",
        "origin": origin,
        "root": tree_root.hex(),
        "size": size,
    }


def write(
    folder: Path, lines: list[bytes], checkpoint: bytes, balanced: bytes, origin: str
) -> None:
    """The four files, with a manifest that fits them."""
    files = {
        "checkpoint": checkpoint,
        "entries.jsonl": b"".join(line + b"\n" for line in lines),
        "balances.jsonl": balanced,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    _, size, encoded, *_ = checkpoint.split(b"\n")
    fitting = manifest(files, origin, int(size), base64.b64decode(encoded))
    (folder / "manifest.json").write_bytes(canonical(fitting) + b"\n")


def refit(folder: Path, name: str) -> None:
    """Make only the length and digest of one file fit, whatever is in it."""
    path = folder / "manifest.json"
    fitting = json.loads(path.read_bytes())
    data = (folder / name).read_bytes()
    fitting["files"][name] = {"bytes": len(data), "sha256": sha256(data).hex()}
    path.write_bytes(canonical(fitting) + b"\n")


def edit(folder: Path, name: str, change: Callable[[bytes], bytes], *, fit: bool = True) -> None:
    """Change one file of a bundle, and the manifest with it unless `fit` is false."""
    path = folder / name
    path.write_bytes(change(path.read_bytes()))
    if fit:
        refit(folder, name)


# Honest entries, in the programme's words.


def policy_document(**values: Any) -> dict[str, Any]:
    """A policy in canonical form that states only a few parameters."""
    stated = {"tb_overdraft_min_minutes": 0, "record_calendar": "cn", **values}
    return {
        "id": "cn-default",
        "version": 1,
        "title": "默认规则 “A”",
        "issuer": "an office\\here",
        "scope": {"region": "CN"},
        "effective_from": "2000-01-01",
        "effective_to": "",
        "values": {**stated, "star_thresholds_h": [100, 300, 600]},
        "bases": dict.fromkeys((*stated, "star_thresholds_h"), "choice"),
    }


def adopt(forger: Forger, **values: Any) -> Entry:
    facts = {
        "policy": "cn-default",
        "version": 1,
        "toml_sha256": "cc" * 32,
        "document": policy_document(**values),
    }
    entry = forger.add("policy_adopted", facts, actor="console", auth="", policy="none")
    forger.policy = "cn-default/1"
    return entry


def serve(forger: Forger, volunteer: str, minutes: int, **changed: Any) -> Entry:
    """A record of service that was checked in: a minute each, 100 hundredths for each hour."""
    at = START + 3_600_000
    facts = {
        "record": forger.identifier(),
        "volunteer": volunteer,
        "organisation": CLUB,
        "activity": ACTIVITY,
        "evidence": "check_in",
        "starts": at,
        "ends": at + 60_000 * minutes,
        "check_in": at,
        "check_out": at + 60_000 * minutes,
        "recorded": at + 86_400_000,
        "deducted_minutes": 0,
        "minutes": minutes,
        "recorder": STAFF,
        "approver": CHIEF,
        "outcome": "effective",
        "reasons": "",
        "calendar": "cn",
        "corrects": "",
    }
    moves = [
        posting("issuer:service", f"volunteer:{volunteer}:service:check_in", "SERVICE", minutes)
    ]
    if minutes >= 60:
        earned = minutes // 60 * 100
        vintage = f"volunteer:{volunteer}:points:{VINTAGE}"
        moves.append(posting("issuer:point", vintage, "POINT", earned))
    return forger.add("service_recorded", facts, *moves, **changed)


def reserve(forger: Forger, volunteer: str, redemption: str, amount: int) -> Entry:
    facts = {
        "redemption": redemption,
        "volunteer": volunteer,
        "reward": REWARD,
        "merchant": SHOP,
        "quantity": 1,
        "amount": amount,
        "asset": "POINT",
        "expires": START + 10**8,
        "age_gate": "",
        "age_tested": 0,
    }
    move = posting(f"volunteer:{volunteer}:points:{VINTAGE}", f"held:{redemption}", "POINT", amount)
    return forger.add("redemption_reserved", facts, move)


def capture(forger: Forger, redemption: str, amount: int) -> Entry:
    facts = {
        "redemption": redemption,
        "reward": REWARD,
        "merchant": SHOP,
        "branch": BRANCH,
        "terminal": TERMINAL,
        "quantity": 1,
        "amount": amount,
        "flag": "none",
    }
    move = posting(f"held:{redemption}", f"merchant:{SHOP}:claims", "POINT", amount)
    return forger.add("redemption_captured", facts, move)


def small_log(signer: Signer | None = None) -> Forger:
    """Eight entries: begun, a policy, two volunteers, two services, and a coffee."""
    forger = Forger(signer or Signer())
    forger.genesis()
    adopt(forger)
    for volunteer in (ANA, BEN):
        facts = {"volunteer": volunteer, "organisation": CLUB, "guardian": "not_needed"}
        forger.add("volunteer_registered", facts)
    serve(forger, ANA, 120)
    serve(forger, BEN, 60)
    reserve(forger, ANA, "h" * 16, 150)
    capture(forger, "h" * 16, 150)
    return forger


def town(forger: Forger) -> Iterator[Entry]:
    """Entries for ever: of every ten eight record service, one reserves and one captures.

    A volunteer registers for every forty, and serves most soon afterwards.
    """
    yield forger.genesis()
    yield adopt(forger)
    newest, recent, points, redemption = "", list[str](), 0, ""
    for count in itertools.count(2):
        if count % 40 == 2:
            newest, points = forger.identifier(), 0
            recent = [newest, *recent[:49]]
            facts = {"volunteer": newest, "organisation": CLUB, "guardian": "not_needed"}
            yield forger.add("volunteer_registered", facts)
        elif count % 10 == 8 and points >= 100:
            redemption, points = forger.identifier(), points - 100
            yield reserve(forger, newest, redemption, 100)
        elif count % 10 == 9 and redemption:
            yield capture(forger, redemption, 100)
            redemption = ""
        else:
            chosen = recent[count * 7 % len(recent)]
            points += 200 if chosen == newest else 0
            yield serve(forger, chosen, 120)


def forge(n: int, folder: Path) -> str:
    """Write a realistic bundle of `n` entries, at least two; returns the key to verify it with.

    Streams: no entry is kept, so that a million fit.
    """
    forger = Forger()
    amounts: Amounts = {}
    peaks: list[tuple[int, bytes]] = []
    folder.mkdir(parents=True, exist_ok=True)
    before, hashed, length = ZEROS, hashlib.sha256(), 0

    with (folder / "entries.jsonl").open("wb") as out:
        for index, entry in enumerate(itertools.islice(town(forger), n)):
            forger.entries[index] = {}
            count_in(amounts, entry)
            data = canonical(entry | {"prev": before})
            out.write(data + b"\n")
            hashed.update(data + b"\n")
            length += len(data) + 1
            node, height = leaf(data), 0
            before = node.hex()
            while peaks and peaks[-1][0] == height:
                node, height = sha256(b"\x01" + peaks.pop()[1] + node), height + 1
            peaks.append((height, node))
    _, tree_root = peaks.pop()
    while peaks:
        tree_root = sha256(b"\x01" + peaks.pop()[1] + tree_root)

    files = {
        "checkpoint": forger.signer.checkpoint(n, tree_root),
        "balances.jsonl": balance_lines(amounts),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    fitting = manifest(files, forger.signer.origin, n, tree_root)
    fitting["files"]["entries.jsonl"] = {"bytes": length, "sha256": hashed.hexdigest()}
    (folder / "manifest.json").write_bytes(canonical(fitting) + b"\n")
    return forger.signer.vkey
