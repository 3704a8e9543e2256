"""The command line: what each command does, prints and answers to the shell."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from api.cli import main
from api.demo.people import identity_number, organisation_code
from api.demo.town import TownClock
from api.serve import is_loopback, refuse_unfit
from api.settings import Settings
from audit.__main__ import main as audit
from ledger.errors import Refused
from ledger.founding import found
from ledger.intake.rows import HEADER
from ledger.policies import shipped
from tests.kit import Ledger
from tests.postgres import PostgresServer

YESTERDAY = date.today() - timedelta(days=1)  # noqa: DTZ011 - any recent day does


class Shell:
    """Runs `sidereal` as somebody with an environment of their own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.environment = {
            "SIDEREAL_HOME": str(home),
            "SIDEREAL_DATABASE_URL": "",
            "SIDEREAL_VAULT_URL": "",
            **environment,
        }

    def __call__(self, *words: str, code: int = 0) -> Result:
        result = CliRunner(env=self.environment).invoke(main, words)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def refuses(self, *words: str, reason: str, code: int = 1) -> str:
        """The sentence of a no: one line on standard error, nothing on standard output."""
        result = self(*words, code=code)
        assert result.stdout == ""
        assert re.fullmatch(rf"{reason}: [^\n]+\n", result.stderr), result.stderr
        return result.stderr

    def numbers(self, volunteer: str) -> dict[str, int]:
        found: dict[str, int] = json.loads(self("standing", volunteer, "--json").stdout)
        return found


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that is only looked at, or copied."""
    home = tmp_path_factory.mktemp("founded") / "home"
    Shell(home)("init")
    return home


@pytest.fixture
def shell(founded: Path, tmp_path: Path) -> Shell:
    """A fresh ledger of a test's own."""
    home = tmp_path / "home"
    subprocess.run(["cp", "-a", founded, home], check=True)
    return Shell(home)


def a_file(folder: Path, *rows: Mapping[str, str]) -> Path:
    """An export with these rows; what a row does not say is as in `A_ROW`."""
    file = folder / "records.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADER)
        for row in rows:
            writer.writerow([{**A_ROW, **row}[name] for name in HEADER])
    return file


A_ROW = {
    "志愿者编号": "V-1",
    "姓名": "角甲子",
    "证件号码": identity_number(date(1990, 1, 1), 1),
    "组织名称": "东宿社区志愿服务站",
    "统一社会信用代码": organisation_code(1),
    "活动编号": "A-1",
    "活动名称": "助老",
    "服务类别": "助老助残",
    "服务内容": "陪伴",
    "服务地点": "",
    "活动负责人": "",
    "活动开始": f"{YESTERDAY} 09:00",
    "活动结束": f"{YESTERDAY} 12:00",
    "签到": f"{YESTERDAY} 09:00",
    "签退": f"{YESTERDAY} 11:30",
    "扣除分钟": "",
    "记录方式": "签到",
    "记录人": "S-1",
    "审核人": "S-2",
    "录入时间": f"{YESTERDAY} 18:00",
}


# Founding ---------------------------------------------------------------------------------------


def test_init_makes_a_ledger_with_cn_default_adopted(shell: Shell) -> None:
    document = json.loads(shell("policy", "show", "--json").stdout)
    assert (document["id"], document["version"]) == ("cn-default", 3)
    assert document["values"]["points_validity_months"] == 36
    assert {file.name for file in shell.home.iterdir()} >= {
        "keys",
        "heads",
        "ledger.db",
        "vault.db",
    }


def test_init_again_changes_nothing(shell: Shell) -> None:
    before = shell("checkpoint").stdout
    assert "is ready" in shell("init").stdout
    assert shell("checkpoint").stdout == before


def test_init_refuses_a_host_that_marks_a_demonstration(tmp_path: Path) -> None:
    Shell(tmp_path / "home").refuses("init", "--host", "demo-town", reason="bad_host")


def test_without_a_ledger_the_sentence_says_how_to_make_one(tmp_path: Path) -> None:
    sentence = Shell(tmp_path / "nothing").refuses("checkpoint", reason="not_founded")
    assert "sidereal init" in sentence


def test_a_key_that_others_can_read_stops_every_command(shell: Shell) -> None:
    (shell.home / "keys" / "log").chmod(0o644)
    shell.refuses("checkpoint", reason="key_readable_by_others")
    (shell.home / "keys" / "log").chmod(0o600)
    shell("checkpoint")


# Usage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("no-such-command",),
        ("import", "service-records", "no-such-file.csv"),
        ("import", "service-records"),
        ("token", "issue", "--party", "x", "--role", "emperor"),
        ("policy", "check", "no-such-file.toml"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_read_answers_two(shell: Shell, words: tuple[str, ...]) -> None:
    shell(*words, code=2)


def test_a_setting_that_is_no_setting_answers_two(shell: Shell) -> None:
    shell.environment["SIDEREAL_PORT"] = "many"
    shell.refuses("checkpoint", reason="bad_setting", code=2)


# Records and standings --------------------------------------------------------------------------


def test_an_import_is_counted_and_its_report_has_every_row(shell: Shell, tmp_path: Path) -> None:
    file = a_file(tmp_path, {}, {"签退": ""})
    report = tmp_path / "report.json"
    said = json.loads(shell("import", "service-records", str(file), "--report", str(report)).stdout)
    assert (said["rows"], said["effective_total"], said["refused"]) == (
        2,
        1,
        {"missing_check_out": 1},
    )
    written = json.loads(report.read_text(encoding="utf-8"))
    assert [each["outcome"] for each in written["lines"]] == ["effective", "refused"]
    assert [each["line"] for each in written["lines"]] == [2, 3]


def test_two_and_a_half_hours_are_two_and_a_half_points(shell: Shell, tmp_path: Path) -> None:
    shell("import", "service-records", str(a_file(tmp_path, {})))
    assert shell.numbers("V-1") == {
        "service_minutes": 150,
        "points_hundredths": 250,
        "points_earned_hundredths": 250,
        "time_minutes": 0,
        "eligible_star": 0,
        "star": 0,
    }


def test_a_standing_is_found_by_id_as_by_number(shell: Shell, tmp_path: Path) -> None:
    shell("import", "service-records", str(a_file(tmp_path, {})))
    text = shell("standing", " Ｖ-1 ").stdout
    assert "2 h 30 min" in text
    (volunteer,) = re.findall(r"\(([0-9a-z]{16})\)", text)
    assert shell.numbers(volunteer) == shell.numbers("V-1")
    shell.refuses("standing", "V-2", reason="unknown_party")


def test_reading_a_name_is_logged_and_reading_numbers_is_not(shell: Shell, tmp_path: Path) -> None:
    shell("import", "service-records", str(a_file(tmp_path, {})))
    engine = sa.create_engine(f"sqlite:///{shell.home}/vault.db")

    def reads() -> int:
        with engine.connect() as connection:
            return int(connection.execute(sa.text("SELECT count(*) FROM access_log")).scalar_one())

    shell.numbers("V-1")
    assert reads() == 0
    assert "角甲子" in shell("standing", "V-1").stdout
    assert reads() == 1
    engine.dispose()


def test_a_repeated_import_records_nothing(shell: Shell, tmp_path: Path) -> None:
    file = a_file(tmp_path, {})
    first = json.loads(shell("import", "service-records", str(file)).stdout)
    before = shell("checkpoint").stdout
    again = json.loads(shell("import", "service-records", str(file)).stdout)
    assert again == {**first, "recorded": 0}
    assert shell("checkpoint").stdout == before


def test_a_dry_run_says_the_same_and_records_nothing(shell: Shell, tmp_path: Path) -> None:
    file = a_file(tmp_path, {})
    before = shell("checkpoint").stdout
    dry = json.loads(shell("import", "service-records", str(file), "--dry-run").stdout)
    assert shell("checkpoint").stdout == before
    assert json.loads(shell("import", "service-records", str(file)).stdout) == dry


def test_a_file_with_another_header_is_unreadable(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("name,hours\nana,2\n", encoding="utf-8")
    shell.refuses("import", "service-records", str(file), reason="wrong_header", code=2)


# The journal ------------------------------------------------------------------------------------


def test_an_export_is_verified_with_the_key_that_keys_show_prints(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell("import", "service-records", str(a_file(tmp_path, {})))
    bundle = tmp_path / "bundle"
    assert "python -m audit" in shell("export", str(bundle)).stdout
    key = shell("keys", "show").stdout.strip()
    assert audit([str(bundle), "--key", key]) == 0
    with (bundle / "entries.jsonl").open("r+b") as file:
        file.seek(100)
        byte = file.read(1)
        file.seek(100)
        file.write(b"1" if byte != b"1" else b"2")
    assert audit([str(bundle), "--key", key]) == 1
    capsys.readouterr()
    shell.refuses("export", str(bundle), reason="folder_not_empty")


def test_a_checkpoint_covers_every_entry(shell: Shell, tmp_path: Path) -> None:
    first = shell("checkpoint").stdout.splitlines()
    shell("import", "service-records", str(a_file(tmp_path, {})))
    second = shell("checkpoint").stdout.splitlines()
    assert first[0] == second[0]
    assert int(second[1]) > int(first[1])


def test_a_lost_head_stops_the_ledger_until_one_is_adopted(shell: Shell, tmp_path: Path) -> None:
    note = tmp_path / "checkpoint"
    note.write_text(shell("checkpoint").stdout, encoding="utf-8")
    (head,) = (shell.home / "heads").iterdir()
    head.unlink()
    shell.refuses("checkpoint", reason="head_unknown")
    assert shell("checkpoint", "--adopt-head", str(note)).stdout == note.read_text("utf-8")
    shell.refuses("checkpoint", "--adopt-head", str(note), reason="head_known")


def test_rebuild_check_finds_a_changed_row_and_rebuild_mends_it(shell: Shell) -> None:
    assert "every row" in shell("rebuild", "--check").stdout
    engine = sa.create_engine(f"sqlite:///{shell.home}/ledger.db")
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM documents WHERE name = 'cn-default'"))
    engine.dispose()
    result = shell("rebuild", "--check", code=1)
    assert "documents policy cn-default 3: stored None" in result.stdout
    assert result.stderr.startswith("projections_differ: 1 rows")
    assert shell("rebuild").stdout.startswith("rebuilt from")
    shell("rebuild", "--check")


def test_expire_says_what_it_did(shell: Shell) -> None:
    assert shell("expire").stdout.splitlines() == [
        "0 reservations expired",
        "0 service orders expired",
        "points of 0 volunteers lapsed",
    ]


def test_after_a_week_of_rest_somebody_must_confirm_the_date(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home")
    eight_days_ago = TownClock(time.time_ns() // 1_000_000 - 8 * 86_400_000)
    found(
        shell.home,
        database_url=f"sqlite:///{shell.home}/ledger.db",
        vault_url=f"sqlite:///{shell.home}/vault.db",
        clock=eight_days_ago,
    ).close()
    shell.refuses("checkpoint", reason="clock_unconfirmed")
    shell("clock", "confirm")
    shell("checkpoint")
    # It was said of that head; whoever writes a later one is asked again in time.
    (shell.home / "clock_confirmed").write_text("1\n")
    shell.refuses("checkpoint", reason="clock_unconfirmed")


def test_backups_hold_the_ledger_or_the_vault_and_never_keys(shell: Shell, tmp_path: Path) -> None:
    ledger, vault = tmp_path / "ledger.copy", tmp_path / "vault.copy"
    shell("backup", str(ledger))
    shell("backup", "--vault", str(vault))
    tables = {}
    for file in (ledger, vault):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        engine = sa.create_engine(f"sqlite:///{file}")
        tables[file] = set(sa.inspect(engine).get_table_names())
        engine.dispose()
    assert "entries" in tables[ledger] - tables[vault]
    assert "sealed_fields" in tables[vault] - tables[ledger]
    shell.refuses("backup", str(ledger), reason="file_exists")
    for secret in (shell.home / "keys").iterdir():
        assert bytes.fromhex(secret.read_text().strip()) not in ledger.read_bytes()
        assert secret.read_text().strip().encode() not in vault.read_bytes()


# Rules ------------------------------------------------------------------------------------------


def test_a_policy_is_checked_without_a_ledger_and_adopted_once(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(shipped("cn-default").replace(b"version = 3", b"version = 4"))
    assert "can be adopted" in Shell(tmp_path / "nothing")("policy", "check", str(file)).stdout
    shell("policy", "adopt", str(file))
    assert "cn-default version 4" in shell("policy", "show").stdout
    shell.refuses("policy", "adopt", str(file), reason="policy_already_adopted")


def test_a_policy_with_an_unknown_parameter_is_refused_with_its_path(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(shipped("cn-default").replace(b"per_hour", b"per_our"))
    assert "per_our" in shell.refuses("policy", "check", str(file), reason="policy_refused")


# Keys and tokens --------------------------------------------------------------------------------


def test_keys_are_backed_up_alone_and_never_over_something(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    shell("keys", "backup", str(folder))
    assert {file.name for file in folder.iterdir()} == {
        file.name for file in (shell.home / "keys").iterdir()
    }
    shell.refuses("keys", "backup", str(folder), reason="keys_exist")


def test_keys_show_prints_the_public_key_and_no_secret(shell: Shell) -> None:
    text = shell("keys", "show", "--all").stdout
    assert len(text.splitlines()) == 5
    for secret in (shell.home / "keys").iterdir():
        assert secret.read_text().strip() not in text


def test_a_token_is_for_a_party_that_is_there(shell: Shell, tmp_path: Path) -> None:
    shell("import", "service-records", str(a_file(tmp_path, {})))
    (volunteer,) = re.findall(r"\(([0-9a-z]{16})\)", shell("standing", "V-1").stdout)
    party = f"volunteer:{volunteer}"
    issued = shell("token", "issue", "--party", party, "--role", "volunteer", "--hours", "1")
    assert re.fullmatch(r"sdk_[0-9a-z]{16}_[A-Za-z0-9_-]{43}\n", issued.stdout)
    shell.refuses(
        *("token", "issue", "--party", "volunteer:0000000000000000", "--role", "volunteer"),
        reason="unknown_party",
    )
    shell.refuses(
        *("token", "issue", "--party", party, "--role", "merchant"), reason="role_not_of_party"
    )
    assert "revoked by entry" in shell("token", "revoke", issued.stdout.strip()).stdout


# Serving ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - refused, that is the point
        ("::", False),
        ("192.168.1.2", False),
        ("ledger.example", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, here: bool) -> None:
    assert is_loopback(host) is here


def test_a_demonstration_listens_on_this_machine_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "origin").write_text("demo-xinghe/log/1\n")
    Shell(home).refuses("serve", "--host", "0.0.0.0", reason="demo_stays_here")  # noqa: S104


def test_the_owner_of_the_entries_must_not_serve(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.serve.open_ledger", lambda _settings: ledger.open())
    settings = Settings(
        home=ledger.home, database_url=ledger.database_url, vault_url=ledger.vault_url
    )
    if ledger.is_sqlite:
        refuse_unfit(settings)
        return
    with pytest.raises(Refused) as caught:
        refuse_unfit(settings)
    assert caught.value.code == "owner_must_not_serve"


def test_a_server_that_does_not_wait_for_its_disk_is_refused(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    shell = Shell(tmp_path / "home", SIDEREAL_DATABASE_URL=postgres.create_database())
    shell.refuses("init", reason="not_durable")


@pytest.fixture
def server(shell: Shell, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """`sidereal serve` in a process of its own, ready to answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from api.cli import main; main()",
                "serve",
                "--port",
                str(port),
            ],
            env={**os.environ, **shell.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=output,
            stderr=output,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                assert process.poll() is None, log.read_text()
                try:
                    if ask(f"{url}/readyz")[0] == 200:
                        break
                except urllib.error.URLError:
                    time.sleep(0.1)
            else:
                pytest.fail(log.read_text())
            yield url, process, log
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def ask(
    url: str, *, token: str = "", key: str = "", body: Any = None
) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if key:
        headers["Idempotency-Key"] = key
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read())


def test_a_served_ledger_takes_writes_stops_gently_and_leaves_a_sound_chain(
    shell: Shell, server: tuple[str, subprocess.Popen[bytes], Path], tmp_path: Path
) -> None:
    url, process, log = server
    shell("import", "service-records", str(a_file(tmp_path, {})))
    (volunteer,) = re.findall(r"\(([0-9a-z]{16})\)", shell("standing", "V-1").stdout)
    token = shell(
        "token", "issue", "--party", f"volunteer:{volunteer}", "--role", "volunteer"
    ).stdout.strip()

    status, standing = ask(f"{url}/v1/volunteers/{volunteer}/standing", token=token)
    assert (status, standing["service_minutes"]) == (200, 150)
    status, records = ask(f"{url}/v1/service-records", token=token)
    assert status == 200
    (record,) = records["data"]
    saved = {"record": record["record"], "minutes": 60}
    deposits = f"{url}/v1/time-bank/deposits"
    status, first = ask(deposits, token=token, key="deposit-0000000001", body=saved)
    assert (status, first["kind"]) == (201, "time_deposited")
    status, again = ask(deposits, token=token, key="deposit-0000000001", body=saved)
    assert (status, again) == (201, first)
    status, problem = ask(deposits, token=token, key="deposit-0000000002", body=saved)
    assert (status, problem["code"]) == (409, "already_deposited")

    # Somebody goes on writing, a minute a request, while the server is told to stop.
    answered = 0
    try:
        for number in range(60):
            status, _ = ask(
                f"{url}/v1/time-bank/donations",
                token=token,
                key=f"donation-{number:010d}",
                body={"pool": "platform", "minutes": 1},
            )
            assert status == 201
            answered += 1
            if number == 5:
                process.send_signal(signal.SIGTERM)
    except OSError:
        # No more connections are taken; whatever was taken before was answered.
        pass
    assert answered >= 6
    assert process.wait(timeout=60) == 0, log.read_text()
    assert shell.numbers("V-1")["time_minutes"] == 60 - answered
    head = shell("checkpoint").stdout
    bundle = tmp_path / "bundle"
    shell("export", str(bundle))
    assert (bundle / "checkpoint").read_text("utf-8") == head
    assert audit([str(bundle), "--key", shell("keys", "show").stdout.strip()]) == 0
    shell("rebuild", "--check")
