"""Founding again never replaces what was lost, and a fresh ledger has its first operator."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import main
from api.serve import refuse_taken_port
from api.settings import Settings
from ledger.errors import Refused


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("SIDEREAL_HOME", str(tmp_path / "home"))
    for name in ("SIDEREAL_DATABASE_URL", "SIDEREAL_VAULT_URL"):
        monkeypatch.delenv(name, raising=False)
    return CliRunner()


def test_init_makes_no_new_vault_for_a_journal_that_had_one(run: CliRunner, tmp_path: Path) -> None:
    assert run.invoke(main, ["init"]).exit_code == 0
    for file in (tmp_path / "home").glob("vault.db*"):
        file.unlink()

    again = run.invoke(main, ["init"])

    assert again.exit_code == 1
    assert "vault_missing" in again.stderr
    assert not (tmp_path / "home" / "vault.db").exists()


def test_init_again_changes_nothing(run: CliRunner) -> None:
    first = run.invoke(main, ["init"])
    again = run.invoke(main, ["init"])
    assert (again.exit_code, again.stdout) == (0, first.stdout)


def test_the_first_operator_gets_a_token_at_the_console(run: CliRunner) -> None:
    run.invoke(main, ["init"])
    made = run.invoke(main, ["token", "issue", "--role", "operator"])
    assert made.exit_code == 0
    assert made.stdout.startswith("sdk_")


def test_a_token_for_anybody_else_needs_to_say_whose(run: CliRunner) -> None:
    run.invoke(main, ["init"])
    assert run.invoke(main, ["token", "issue", "--role", "merchant"]).exit_code == 2


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://somebody@127.0.0.1/ledger", "bad_database_url"),
        ("not an address", "bad_database_url"),
        ("postgresql://somebody:secret@127.0.0.1:1/ledger", "database_unreachable"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_clear_no(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch, url: str, code: str
) -> None:
    monkeypatch.setenv("SIDEREAL_DATABASE_URL", url)
    result = run.invoke(main, ["init"])
    assert result.exit_code in (1, 2)
    assert result.stderr.startswith(f"{code}: ")
    assert "secret" not in result.stderr


def test_a_town_that_is_being_served_is_not_torn_down(run: CliRunner, tmp_path: Path) -> None:
    home = tmp_path / "town"
    home.mkdir()
    (home / "origin").write_text("demo-xinghe/log/0000000000000000\n", encoding="ascii")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        result = run.invoke(main, ["demo", "--serve", "--home", str(home), "--port", port])
    assert result.exit_code == 1
    assert "port_taken" in result.stderr
    assert (home / "origin").exists()


def test_a_port_that_somebody_listens_at_is_refused() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = Settings.read({"SIDEREAL_PORT": str(other.getsockname()[1])})
        with pytest.raises(Refused) as no:
            refuse_taken_port(settings)
    assert no.value.code == "port_taken"
    refuse_taken_port(settings)
