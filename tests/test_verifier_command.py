"""The verifier as a command: its verdicts, its exit codes, and never one by mistake."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from audit.note import parse_key
from audit.verdict import Verdict
from audit.verify import verify
from tests import forge
from tests.forge import BEN, Forger, Signer
from tests.verifying import check, refused, swapped

ROOT = Path(__file__).resolve().parent.parent


def command(
    *arguments: str | Path, python: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *python, *(("-m", "audit") if "-c" not in python else ()), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("python", [(), ("-O",), ("-OO",), ("-c",)])
def test_the_command_answers_alike_however_python_is_started(
    bundle: Path, python: tuple[str, ...]
) -> None:
    """The last of them can import nothing but the standard library, cryptography and audit."""
    if "-c" in python:
        python = ("-c", ONLY_CRYPTOGRAPHY)
    key = ("--key", Signer().vkey)
    honest = command(bundle, *key, python=python)
    assert honest.returncode == 0, honest.stderr
    assert "VERIFIED" in honest.stdout
    assert "newest head" in honest.stdout
    assert "2026-01-01 00:00:07.000 UTC (1767225607000)" in honest.stdout

    forge.edit(bundle, "entries.jsonl", swapped(b'"minutes":60,', b'"minutes":90,'))
    forged = command(bundle, *key, "--json", python=python)
    assert forged.returncode == 1
    answer = json.loads(forged.stdout)
    assert (answer["verdict"], answer["first_bad_index"], answer["check"]) == (
        "refuted",
        5,
        "postings",
    )
    assert answer["size"] == 8

    (bundle / "checkpoint").unlink()
    missing = command(bundle, *key, "--json", python=python)
    assert missing.returncode == 2
    assert json.loads(missing.stdout)["verdict"] == "incomplete"


ONLY_CRYPTOGRAPHY = """
import runpy, sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {
            "sqlalchemy", "flask", "ledger", "api", "migrations", "marshmallow", "orjson",
            "click", "psycopg", "structlog", "alembic", "granian", "hypothesis", "pytest",
        }:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
runpy.run_module("audit", run_name="__main__")
"""


def test_json_is_one_object_with_exactly_these_names(bundle: Path) -> None:
    answer = json.loads(command(bundle, "--key", Signer().vkey, "--json").stdout)
    names = ["verdict", "size", "root", "first_bad_index", "check", "reason", "facts"]
    assert list(answer) == names


def test_kept_checkpoints_are_given_one_after_another(
    log: Forger, bundle: Path, tmp_path: Path
) -> None:
    one, two, three = tmp_path / "1", tmp_path / "2", tmp_path / "3"
    for size, path in enumerate((one, two, three), 1):
        path.write_bytes(log.checkpoint(size))
    said = command(bundle, "--key", Signer().vkey, "--json", "--since", one, two, "--since", three)
    assert json.loads(said.stdout)["facts"]["kept_sizes"] == [1, 2, 3]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--help"],
        ["BUNDLE"],
        ["BUNDLE", "--key"],
        ["BUNDLE", "--key", "nonsense"],
        ["BUNDLE", "--key", "nonsense", "--json"],
        ["BUNDLE", "--key", Signer().vkey, "--force"],
        ["BUNDLE", "--key", Signer().vkey, "--since"],
        ["BUNDLE", "BUNDLE", "--key", Signer().vkey],
        ["nowhere", "--key", Signer().vkey],
        ["a\x00b", "--key", Signer().vkey],
    ],
)
def test_wrong_usage_is_never_a_verdict(
    bundle: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit.__main__ import main
    from audit.command import end

    given = [str(bundle) if each == "BUNDLE" else each for each in arguments]
    monkeypatch.setattr(sys, "argv", ["audit", *given])
    with pytest.raises(SystemExit) as ended:
        end(main)
    assert ended.value.code == 2


def test_t16_a_crash_of_the_verifier_is_no_verdict(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from audit import __main__ as program
    from audit import verify as procedure

    for fault in (RuntimeError("broken"), RecursionError(), MemoryError(), KeyboardInterrupt()):

        def crash(*_: object, fault: BaseException = fault) -> Verdict:
            raise fault

        monkeypatch.setattr(procedure, "verify", crash)
        assert program.main([str(bundle), "--key", Signer().vkey, "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["check"] == "fault"


def test_t16_a_missing_library_is_no_verdict(bundle: Path) -> None:
    blocked = ONLY_CRYPTOGRAPHY.replace('"sqlalchemy"', '"cryptography"')
    said = command(bundle, "--key", Signer().vkey, python=("-c", blocked))
    assert said.returncode == 2
    assert "INCOMPLETE" in said.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_verdict_that_cannot_be_written_is_not_given(bundle: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "audit", bundle, "--key", Signer().vkey],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    assert ended.returncode not in (0, 1)


def test_a_key_that_is_encoded_otherwise_is_not_the_key() -> None:
    name, hexadecimal, encoded = Signer().vkey.split("+", 2)
    raw = base64.b64decode(encoded)
    for other in (
        encoded[:20] + "\n" + encoded[20:],
        base64.urlsafe_b64encode(raw).decode() + "=",
        base64.b64encode(b"\x02" + raw[1:]).decode(),
    ):
        with pytest.raises(ValueError, match="key"):
            parse_key(f"{name}+{hexadecimal}+{other}")


def test_the_stream_that_measures_is_honest(tmp_path: Path) -> None:
    vkey = forge.forge(500, tmp_path / "b")
    verdict = verify(tmp_path / "b", parse_key(vkey))
    assert (verdict.exit_code, verdict.size) == (0, 500), verdict.reason


def test_ben_has_no_more_than_he_earned(log: Forger, tmp_path: Path) -> None:
    """A story to its end: one hour is a hundred hundredths, and not one more can be reserved."""
    with_all = forge.small_log()
    forge.reserve(with_all, BEN, "k" * 16, 100)
    assert check(with_all.bundle(tmp_path / "yes")).exit_code == 0
    forge.reserve(log, BEN, "k" * 16, 101)
    refused(check(log.bundle(tmp_path / "no")), "balance", 8)
