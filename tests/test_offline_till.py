"""`sidereal till`: a till that works where there is no network (docs/offline.md).

The long story is told with real processes: a served ledger, and a till's commands in a network
namespace that has no interface at all. What a till judges and keeps is tested beside it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import click
import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.cli import till as command
from api.offline_till import folder as folders
from api.offline_till.folder import Place
from api.offline_till.judging import REASONS, Session, Taken, judge
from api.offline_till.talking import Server, checked_url
from ledger.actions.parties import ChangeParty, RegisterOperator, RegisterTerminal
from ledger.book import CONSOLE, Book
from ledger.clock import SystemClock
from ledger.door import tokens
from ledger.door.asking import Asking
from ledger.errors import Refused
from ledger.founding import found
from ledger.keys import Ed25519Signer
from ledger.vault.rotating import Rotating
from ledger.voucher import Voucher, sign_voucher
from tests.kit import FakeClock, Till, Town, scenario

ROOT: Final = Path(__file__).resolve().parent.parent
START_SECONDS_MAX: Final = 60

# Judging -----------------------------------------------------------------------------------------

ORIGIN: Final = "ledger.example.org/log/2f7c1d90b4"
LEDGER: Final = Ed25519Signer(f"{ORIGIN}/voucher", bytes(range(32)))
HOUR: Final = 3_600_000
TEN: Final = 1_741_572_000_000
SESSION: Final = Session(
    origin=ORIGIN,
    voucher_key=LEDGER.vkey,
    session="5" * 16,
    merchant="m" * 16,
    branch="b" * 16,
    captures=3,
    points=500,
    minutes=120,
    opened=TEN,
    until=TEN + 8 * HOUR,
    upload_by=TEN + 48 * HOUR,
    offset=0,
)
VOUCHER: Final = Voucher(
    origin=ORIGIN,
    redemption="r" * 16,
    merchant="m" * 16,
    branch="b" * 16,
    quantity=2,
    amount=200,
    asset="POINT",
    issued=TEN - HOUR,
    until=TEN + 6 * HOUR,
    upload_by=TEN + 54 * HOUR,
    item="咖啡一杯",
)


@scenario(
    """
    why               | reason       | now | counter | points | minutes | changed
    -
    everything fits   | valid        | 1   | 0       | 0      | 0       |
    the last of all   | valid        | 1   | 2       | 300    | 0       |
    the last minutes  | valid        | 1   | 2       | 500    | 60      | asset=TIME amount=60
    its first moment  | valid        | 0   | 0       | 0      | 0       |
    another branch    | wrong_branch | 1   | 0       | 0      | 0       | branch=222222222222222x
    another shop      | wrong_branch | 1   | 0       | 0      | 0       | merchant=222222222222222x
    another ledger    | bad_voucher  | 1   | 0       | 0      | 0       | origin=x.example/log/y
    signed later on   | clock_unsure | 1   | 0       | 0      | 0       | issued=1741579200000
    before the session | clock_unsure | -1  | 0       | 0      | 0       |
    session is over   | session_over | 8   | 0       | 0      | 0       | until=1741680000000
    its time is over  | expired      | 6   | 0       | 0      | 0       |
    the hour before   | valid        | 5   | 0       | 0      | 0       |
    one too many      | cap_captures | 1   | 3       | 0      | 0       |
    a bit too much    | cap_points   | 1   | 2       | 301    | 0       |
    a minute too much | cap_minutes  | 1   | 2       | 500    | 61      | asset=TIME amount=60
    """
)
def test_a_till_judges_by_itself(
    reason: str, now: int, counter: int, points: int, minutes: int, changed: str
) -> None:
    given: dict[str, Any] = {}
    for each in changed.split():
        name, _, value = each.partition("=")
        given[name] = int(value) if value.isdigit() else value
    note = sign_voucher(replace(VOUCHER, **given), LEDGER)
    taken = Taken(counter=counter, points=points, minutes=minutes, last=TEN - HOUR, redemptions={})

    def judged() -> Voucher:
        return judge(note, SESSION, taken, TEN + now * HOUR, ledger=LEDGER.verifier)

    if reason == "valid":
        assert judged() == replace(VOUCHER, **given)
        return
    with pytest.raises(Refused) as refused:
        judged()
    assert (refused.value.code, refused.value.sentence) == (reason, REASONS[reason])


def test_a_clock_that_went_back_is_noticed() -> None:
    """The last voucher was taken at eleven, and now it is half past ten."""
    note = sign_voucher(VOUCHER, LEDGER)
    taken = Taken(counter=1, points=0, minutes=0, last=TEN + HOUR, redemptions={})
    with pytest.raises(Refused, match="clock"):
        judge(note, SESSION, taken, TEN + HOUR // 2, ledger=LEDGER.verifier)


def test_every_reason_is_said_in_both_languages() -> None:
    for sentence in REASONS.values():
        chinese, dot, english = sentence.partition(" · ")
        assert dot
        assert english.isascii()
        assert any("一" <= each <= "鿿" for each in chinese)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://ledger.example.org/", True),
        ("http://127.0.0.1:8080", True),
        ("http://ledger.example.org", False),
        ("https://someone@ledger.example.org", False),
        ("ftp://ledger.example.org", False),
        ("ledger.example.org", False),
    ],
)
def test_a_token_goes_where_nobody_reads_it_on_the_way(url: str, good: bool) -> None:
    if good:
        assert checked_url(url) == url.rstrip("/")
    else:
        with pytest.raises(Refused, match="https"):
            checked_url(url)


# Keeping -----------------------------------------------------------------------------------------


class Away:
    """A till's folder with an open session, and its commands in this process."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.now = TEN + 60_000
        monkeypatch.setattr(command, "_now", lambda: self.now)
        with folders.opened(path, make=True) as kept:
            kept.make_key()
            kept.begin(SESSION, Place(server="http://127.0.0.1:9", token_file="nowhere"))

    def run(self, *words: str, stdin: str | bytes | None = None) -> Result:
        line = ["till", words[0], "--folder", str(self.path), *words[1:]]
        result = CliRunner().invoke(main, line, input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    def takes(self, number: int, **given: Any) -> Result:
        return self.run("take", "--value", "123456", voucher(number, **given))

    @property
    def kept(self) -> Path:
        return self.path / f"taken-{SESSION.session}.jsonl"


def voucher(number: int, **given: Any) -> str:
    fields = {"redemption": f"{number:016d}", "amount": 100, **given}
    return sign_voucher(replace(VOUCHER, **fields), LEDGER).decode()


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Away:
    return Away(tmp_path / "till", monkeypatch)


def test_what_is_taken_is_said_and_kept(away: Away) -> None:
    said = away.takes(1)
    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines() == [
        "有效 · VALID",
        "商品 · item: 咖啡一杯",
        "数量 · quantity: 2",
        "编号 · number: 1",
    ]
    (line,) = away.kept.read_text("utf-8").splitlines()
    assert json.loads(line)["voucher"] == voucher(1)
    again = away.takes(1)
    assert (again.exit_code, again.stdout.splitlines()[0]) == (1, "无效 · NOT VALID")
    assert again.stderr == f"already_taken: {REASONS['already_taken']}\n"
    assert len(away.kept.read_text("utf-8").splitlines()) == 1


def test_a_voucher_is_read_from_a_scanner(away: Away) -> None:
    said = away.run("take", "-", stdin=voucher(1).replace("\n", "\r\n"))
    assert said.exit_code == 0, said.output
    assert "without the six digits" in said.stdout


def test_what_is_no_voucher_is_answered_no(away: Away) -> None:
    """Noise, a part of one, too much, a changed one, no text at all: typed or scanned."""
    good = voucher(1)
    for shown in (
        b"",
        b"noise",
        good.encode()[:-20],
        b"x" * 10_000,
        good.replace("\n2\n", "\n3\n", 1).encode(),
        good.encode().replace(b"\n", b"\xff\n", 1),
        good.encode() * 2,
    ):
        said = away.run("take", "-", stdin=shown)
        assert (said.exit_code, said.stderr) == (1, f"bad_voucher: {REASONS['bad_voucher']}\n")
    assert away.run("take", good.replace("\n2\n", "\n\udcff\n", 1)).exit_code == 1
    assert not away.kept.exists()


def test_caps_count_what_was_kept(away: Away) -> None:
    for number in (1, 2, 3):
        assert away.takes(number).exit_code == 0
    assert away.takes(4).stderr.startswith("cap_captures: ")
    status = away.run("status")
    assert "taken: 3 of 3" in status.stdout
    assert "points: 300 of 500 hundredths" in status.stdout
    assert status.stdout.count("not uploaded") == 4


@pytest.mark.parametrize("length", [1, 200, 10_000])
def test_a_torn_line_is_cut_off_and_said_so(away: Away, length: int) -> None:
    """Power failed while the second was written: nobody was told that it was valid, and it can be
    taken; the first is as it was."""
    away.takes(1)
    away.takes(2)
    first, second, _ = away.kept.read_bytes().split(b"\n")
    torn = second[: min(length, len(second))]
    away.kept.write_bytes(first + b"\n" + torn)

    said = away.takes(2)

    assert said.exit_code == 0, said.output
    assert f"a line of {len(torn)} bytes was torn" in said.stderr
    assert "number: 2" in said.stdout
    assert len(away.kept.read_bytes().splitlines()) == 2
    assert away.takes(1).stderr.startswith("already_taken: ")


def test_a_changed_line_is_no_torn_one(away: Away) -> None:
    """Somebody's hand: nothing is judged any more, and the file is left as it is."""
    away.takes(1)
    away.takes(2)
    whole = away.kept.read_bytes()
    for broken in (
        whole.replace(b"123456", b"123457", 1),
        whole[whole.index(b"\n") + 1 :],
        whole + whole,
        b"{}\n" + whole,
        whole.replace("咖啡".encode(), "红茶".encode(), 1),
    ):
        away.kept.write_bytes(broken)
        said = away.takes(3)
        assert (said.exit_code, said.stderr[:16]) == (2, "till_unreadable:")
        assert away.kept.read_bytes() == broken


def test_nothing_is_valid_that_is_not_on_the_disk(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full when the line is flushed, or refuses to say that it has it."""
    away.takes(1)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    said = away.takes(2)
    assert (said.exit_code, said.stdout) == (1, "无效 · NOT VALID\n")
    assert said.stderr.startswith("not_kept: ")


def test_valid_is_said_after_the_disk_has_it(away: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real_fsync, real_echo = os.fsync, click.echo

    def fsync(handle: int) -> None:
        order.append("fsync")
        real_fsync(handle)

    def echo(message: str, **given: Any) -> None:
        order.append(message)
        real_echo(message, **given)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(click, "echo", echo)
    away.takes(1)
    assert order.index("fsync") < order.index("有效 · VALID")


def test_two_hands_at_one_till_take_a_voucher_once(away: Away, tmp_path: Path) -> None:
    """Four commands at once for one voucher: the folder's lock orders them."""
    now = time.time_ns() // 1_000_000
    session = replace(SESSION, opened=now - HOUR, until=now + HOUR)
    with folders.opened(away.path) as kept:
        kept.begin(session, Place(server="http://127.0.0.1:9", token_file="nowhere"))
    shown = voucher(7, issued=now - HOUR, until=now + HOUR)
    racing = [
        subprocess.Popen(
            [*SIDEREAL, "till", "take", "--folder", str(away.path), shown],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(tmp_path),
        )
        for _ in range(4)
    ]
    said = [each.communicate(timeout=60) for each in racing]
    assert sorted(each.returncode for each in racing) == [0, 1, 1, 1], said
    assert len(away.kept.read_bytes().splitlines()) == 1


def test_a_clock_that_is_a_little_wrong_is_put_right(away: Away) -> None:
    """The till's clock is half a minute behind, and it knew that when the session was opened."""
    with folders.opened(away.path) as kept:
        place = Place(server="http://127.0.0.1:9", token_file="nowhere")
        kept.begin(replace(SESSION, offset=30_000), place)
    away.now = TEN - 30_001
    assert away.takes(1).stderr.startswith("clock_unsure: ")
    away.now = TEN - 30_000
    assert away.takes(1).exit_code == 0
    with folders.opened(away.path) as kept:
        (line,) = kept.lines(SESSION)
    assert line.acceptance.accepted == TEN


def test_to_take_a_voucher_no_connection_is_even_tried(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On every machine, also on one where the network cannot be cut: whoever opens a socket here
    fails, and what needs the server says so."""

    def no_network(*_: Any, **__: Any) -> None:
        raise OSError("nobody may open a connection here")

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr(socket, "create_connection", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    assert away.takes(1).exit_code == 0
    assert away.takes(1).exit_code == 1
    assert away.run("status").exit_code == 0
    token = away.path / "token"
    token.write_text("sdk_x\n")
    token.chmod(0o600)
    with folders.opened(away.path) as kept:
        kept.begin(SESSION, Place(server="http://127.0.0.1:9", token_file=str(token)))
    assert "nobody may open a connection here" in away.run("upload").stderr


def test_a_till_remembers_earlier_sessions(away: Away) -> None:
    """A voucher that was taken yesterday is not taken today."""
    away.takes(1)
    with folders.opened(away.path) as kept:
        kept.end(SESSION)
        kept.begin(
            replace(SESSION, session="6" * 16), Place(server="http://127.0.0.1:9", token_file="x")
        )
    assert away.takes(1).stderr.startswith("already_taken: ")
    assert away.takes(2).exit_code == 0


def test_a_tills_files_are_its_own(away: Away) -> None:
    key = away.path / "till.key"
    assert key.stat().st_mode & 0o777 == 0o600
    away.takes(1)
    assert away.kept.stat().st_mode & 0o077 == 0
    key.chmod(0o644)
    said = away.takes(2)
    assert said.exit_code == 2
    assert "others may read it" in said.stderr


def test_a_folder_that_others_may_write_to_is_no_tills(away: Away) -> None:
    """Whoever writes there puts another session into it, with a key and caps of their own."""
    away.path.chmod(0o770)
    assert away.takes(1).stderr.startswith("till_unreadable: ")
    away.path.chmod(0o750)
    assert away.takes(1).exit_code == 0


def test_without_a_session_or_a_till_nothing_is_judged(tmp_path: Path, away: Away) -> None:
    nowhere = ["till", "take", "--folder", str(tmp_path / "nothing"), voucher(1)]
    assert CliRunner().invoke(main, nowhere).stderr.startswith("no_till: ")
    (away.path / "session.json").unlink()
    assert away.takes(1).stderr.startswith("no_session: ")
    assert away.run("take", "--value", "12345", voucher(1)).exit_code == 2


def test_where_nobody_answers_what_was_taken_stays(away: Away, tmp_path: Path) -> None:
    """The port is closed: the upload says so, and the till goes on."""
    away.takes(1)
    token = tmp_path / "token"
    token.write_text("sdk_x\n")
    token.chmod(0o600)
    with folders.opened(away.path) as kept:
        kept.begin(SESSION, Place(server="http://127.0.0.1:9", token_file=str(token)))
    said = away.run("upload")
    assert (said.exit_code, said.stderr[:20]) == (1, "server_unreachable: ")
    assert away.run("close").stderr.startswith("not_uploaded: ")
    assert away.takes(2).exit_code == 0


OPENED: Final[Mapping[str, Any]] = {
    "session": SESSION.session,
    "merchant": SESSION.merchant,
    "branch": SESSION.branch,
    "origin": ORIGIN,
    "voucher_key": LEDGER.vkey,
    "captures": 20,
    "points_hundredths": 5_000,
    "minutes": 600,
    "opened": "2025-03-10T02:00:00.000Z",
    "until": "2025-03-10T12:00:00.000Z",
    "upload_by": "2025-03-12T12:00:00.000Z",
    "now": "2025-03-10T02:00:00.000Z",
}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"session": "../../session"},
        {"session": None},
        {"captures": "many"},
        {"captures": True},
        {"points_hundredths": -1},
        {"minutes": 2**53},
        {"voucher_key": "nonsense"},
        {"voucher_key": None},
        {"origin": "two\nlines"},
        {"until": "tomorrow"},
        {"now": 7},
        {"opened": "2025-03-10T02:00:00"},
    ],
)
def test_what_no_ledger_answers_opens_no_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    """Its id becomes part of a file's name, its numbers are what the till may take."""
    token = tmp_path / "token"
    token.write_text("sdk_x\n")
    token.chmod(0o600)
    answer = {**OPENED, **changed}
    monkeypatch.setattr(Server, "post", lambda *_, **__: answer)
    monkeypatch.setattr(Server, "get", lambda *_: answer)
    monkeypatch.setattr(command, "_now", lambda: TEN)
    line = ["till", "open", "--folder", str(tmp_path / "till"), "--server", "https://l.example"]
    done = CliRunner().invoke(main, [*line, "--token-file", str(token)])
    opened = (tmp_path / "till" / "session.json").exists()
    if changed:
        assert done.stderr.startswith("server_unreachable: "), done.output
        assert (done.exit_code, opened) == (1, False)
    else:
        assert (done.exit_code, opened) == (0, True), done.output


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"items": {}},
        {"items": []},
        {"items": ["captured"]},
        {"items": [{"outcome": "paid", "entry": 1}]},
        {"items": [{"outcome": "captured", "entry": "1"}]},
    ],
)
def test_what_no_ledger_answers_counts_as_no_upload(
    away: Away, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    away.takes(1)
    token = tmp_path / "token"
    token.write_text("sdk_x\n")
    token.chmod(0o600)
    with folders.opened(away.path) as kept:
        kept.begin(SESSION, Place(server="https://l.example", token_file=str(token)))
    monkeypatch.setattr(Server, "post", lambda *_, **__: answer)
    said = away.run("upload")
    assert (said.exit_code, said.stderr[:20]) == (1, "server_unreachable: ")
    monkeypatch.setattr(
        Server,
        "post",
        lambda *_, **__: {"items": [{"outcome": "refused", "code": "x", "reason": "\x1b[2Jgone"}]},
    )
    assert away.run("upload").stderr == "1: x:  [2Jgone\n"
    assert away.run("close").stderr.startswith("not_uploaded: ")


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[]", b"\xff", b'"said"'])
def test_an_answer_that_is_no_object_says_nothing(body: bytes) -> None:
    head = b"HTTP/1.1 409 No\r\nConnection: close\r\n\r\n"
    with answering(head + body) as url, pytest.raises(Refused) as refused:
        Server(url, "sdk_x").get("/offline")
    assert refused.value.code == "server_unreachable"


def test_what_a_server_says_moves_no_cursor() -> None:
    body = json.dumps({"code": "no_\x1b[2J", "detail": "x"}).encode()
    head = b"HTTP/1.1 409 No\r\nConnection: close\r\n\r\n"
    with answering(head + body) as url, pytest.raises(Refused) as refused:
        Server(url, "sdk_x").get("/offline")
    assert refused.value.code == "server_unreachable"
    body = json.dumps({"code": "no_such", "detail": "\x1b]0;mine\x07"}).encode()
    with answering(head + body) as url, pytest.raises(Refused) as refused:
        Server(url, "sdk_x").get("/offline")
    assert (refused.value.code, refused.value.sentence) == ("no_such", " ]0;mine ")


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """The address of a server that answers its one request so."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


# A day without a network, with real processes ----------------------------------------------------

SIDEREAL: Final = (sys.executable, "-c", "from api.cli import main; main()")
NO_NETWORK: Final = ("unshare", "--map-root-user", "--net", "--")
"""A network namespace of its own: no interface is up in it, not even the machine's own."""


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
    return {**kept, "SIDEREAL_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", **more}


def can_cut_the_network() -> bool:
    if shutil.which(NO_NETWORK[0]) is None:
        return False
    tried = subprocess.run([*NO_NETWORK, "true"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.fixture
def cut() -> Sequence[str]:
    """What to write before a command so that it has no network."""
    if not can_cut_the_network():
        pytest.skip(
            "THIS MACHINE LETS NOBODY CUT THE NETWORK (unshare --net): that a till takes vouchers"
            " without one was NOT tested here"
        )
    return NO_NETWORK


class Machine(FakeClock):
    """The machine's own clock."""

    def __init__(self) -> None:
        """Nothing to set."""

    @property
    def ms(self) -> int:  # type: ignore[override]  # it cannot be set
        return self.now_ms()

    def now_ms(self) -> int:
        return SystemClock().now_ms()


@dataclass
class Served:
    """A served ledger, its shop, and commands of a till of that shop."""

    home: Path
    url: str
    book: Book
    town: Town
    till: Till
    beside: Till
    """Another till of the same branch, which has a network."""
    process: subprocess.Popen[bytes]

    def till_says(
        self, *words: str, before: Sequence[str] = (), **more: str
    ) -> subprocess.CompletedProcess[str]:
        line = [*before, *SIDEREAL, "till", words[0], "--folder", str(self.home / "till")]
        return subprocess.run(
            [*line, *words[1:]],
            cwd=ROOT,
            env=environment(self.home / "no-ledger-here", **more),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def token(self, party: str, role: str, **given: Any) -> str:
        ask = Asking(book=self.book, caller=CONSOLE, key=self.town.key(), request=b"[]")
        return tokens.issue(ask, party=party, role=role, **given)[1]

    def ask(
        self, method: str, token: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        host = self.url.removeprefix("http://")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers["Idempotency-Key"] = f"day-{secrets.token_hex(12)}"
        content = None if body is None else json.dumps(body)
        with closing(HTTPConnection(host, timeout=60)) as line:
            line.request(method, f"/v1{path}", content, headers)
            answer = line.getresponse()
            found: dict[str, Any] = json.loads(answer.read())
        assert answer.status in (200, 201), found
        return found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A ledger on SQLite, served by a process of its own; the test's own process writes too."""
    home = tmp_path / "home"
    book = found(
        home,
        database_url=f"sqlite:///{home}/ledger.db",
        vault_url=f"sqlite:///{home}/vault.db",
        durable=True,
    )
    # One signer at a time: the server's.
    book.signer.release()
    town = Town(book, Machine())
    till = town.till()
    beside = replace(till, terminal=town.new())
    town.do(RegisterTerminal(merchant=till.merchant, branch=till.branch, terminal=beside.terminal))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path / "server.log").open("wb")
    process = subprocess.Popen(
        [*SIDEREAL, "serve", "--port", str(port)],
        cwd=ROOT,
        env=environment(home),
        stdout=log,
        stderr=log,
    )
    made = Served(home, f"http://127.0.0.1:{port}", book, town, till, beside, process)
    try:
        _wait_for(made, port, tmp_path / "server.log")
        yield made
    finally:
        process.terminate()
        process.wait(60)
        log.close()
        book.close()


def _wait_for(served: Served, port: int, log: Path) -> None:
    for _ in range(START_SECONDS_MAX * 10):
        assert served.process.poll() is None, log.read_text()
        with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as line, suppress(OSError):
            line.request("GET", "/readyz")
            if line.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def a_voucher(served: Served, who: str, reward: str) -> tuple[str, str, str]:
    """(redemption, code, signed voucher) that a holder has on the phone before going there."""
    token = served.token(f"volunteer:{who}", "volunteer")
    made = served.ask("POST", token, "/redemptions", {"reward": reward})
    path = f"/redemptions/{made['redemption']}/offline"
    signed = served.ask("POST", token, path, {"branch": served.till.branch})
    return made["redemption"], made["code"], signed["voucher"]


def published(served: Served) -> str:
    operator = served.town.new()
    served.town.do(RegisterOperator(operator=operator))
    token = served.token(f"operator:{operator}", "operator")
    body = {
        "title": "咖啡一杯",
        "form": "gift",
        "price_hundredths": 100,
        "stock": 100,
        "hold_minutes": 600,
        "valid_from": "2020-01-01T00:00:00+08:00",
        "valid_until": "2090-01-01T00:00:00+08:00",
        "merchant": served.till.merchant,
    }
    return str(served.ask("POST", token, "/rewards", body)["reward"])


def test_a_day_without_a_network_ends_with_two_conflicts(
    served: Served, cut: Sequence[str], tmp_path: Path
) -> None:
    """Three vouchers are taken in a namespace without a network. Meanwhile the shop's other till
    takes the second one, and the third one's holder is suspended. Uploaded, the first is paid for
    and the others are conflicts that both sides see; the books balance, and a stranger verifies
    them."""
    town, till = served.town, served.till
    # Her two are taken within a second of each other, which here is nobody's question.
    town.rules({"redeem.rapid_refuse_s": 0, "redeem.rapid_flag_s": 0})
    ana, bo = town.volunteer(), town.volunteer()
    for who in (ana, bo):
        town.served(who, "2025-02-03 09:00", "17:00")
    coffee = published(served)
    first, second = a_voucher(served, ana, coffee), a_voucher(served, ana, coffee)
    third = a_voucher(served, bo, coffee)
    token = tmp_path / "token"
    party = f"merchant:{till.merchant}"
    token.write_text(served.token(party, "merchant", terminal=till.terminal))
    token.chmod(0o600)
    opened = served.till_says("open", "--server", served.url, "--token-file", str(token))
    assert opened.returncode == 0, opened.stderr
    assert "at most 50 vouchers" in opened.stdout

    # The cable is pulled: from in there not even the server on this machine can be reached.
    port = served.url.rpartition(":")[2]
    reach = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
    alone = subprocess.run(
        [*cut, sys.executable, "-c", reach], capture_output=True, text=True, check=False
    )
    assert alone.returncode != 0
    assert "Network is unreachable" in alone.stderr
    phone = Rotating(served.book.keys.code)
    for holder, (_, _, voucher_) in ((ana, first), (ana, second), (bo, third)):
        value = phone.shown(holder, time.time_ns() // 1_000_000).value
        said = served.till_says("take", "--value", value, voucher_, before=cut)
        assert said.returncode == 0, said.stderr
        assert said.stdout.startswith("有效 · VALID\n商品 · item: 咖啡一杯\n数量 · quantity: 1\n")
    again = served.till_says("take", first[2], before=cut)
    assert (again.returncode, again.stderr[:14]) == (1, "already_taken:")
    forged = first[2].replace("\n1\n", "\n9\n", 1)
    assert served.till_says("take", forged, before=cut).stderr.startswith("bad_voucher:")
    assert served.till_says("upload", before=cut).stderr.startswith("server_unreachable:")

    # Elsewhere, with a network.
    other = served.token(party, "merchant", terminal=served.beside.terminal)
    served.ask("POST", other, "/redemptions/capture", {"code": second[1]})
    town.do(ChangeParty(party=f"volunteer:{bo}", change="suspended"))

    # The power fails in the middle of a line.
    (kept,) = (served.home / "till").glob("taken-*.jsonl")
    with kept.open("ab") as file:
        file.write(b'{"acceptance": "sidereal/acc')
    uploaded = served.till_says("upload")
    assert uploaded.returncode == 0, uploaded.stderr
    assert "a line of 28 bytes was torn" in uploaded.stderr
    lines = uploaded.stdout.splitlines()
    assert "  captured  entry " in lines[0]
    assert "conflict already_captured, borne by the programme" in lines[1]
    assert "conflict holder_gone, borne by the programme" in lines[2]
    assert lines[3] == "3 uploaded now; of 3 taken: 1 captured, 2 conflict"
    before = town.size()
    repeated = served.till_says("upload", "--again")
    assert repeated.stdout.splitlines()[:3] == lines[:3]
    assert town.size() == before
    closed = served.till_says("close")
    assert closed.returncode == 0, closed.stderr

    # Both sides see the same; nothing moved but what was captured.
    shop = served.ask("GET", other, "/offline/conflicts")["data"]
    hers = served.ask("GET", served.token(f"volunteer:{ana}", "volunteer"), "/offline/conflicts")
    assert [each["ground"] for each in shop] == ["already_captured", "holder_gone"]
    assert [each["redemption"] for each in hers["data"]] == [second[0]]
    assert town.balance(f"{party}:claims", "POINT") == 200
    assert town.balance(f"held:{third[0]}", "POINT") == 100
    _verified(served, tmp_path)


def _verified(served: Served, tmp_path: Path) -> None:
    """The server signs, an auditor takes the bundle home, and nothing of it is doubtful."""
    served.process.terminate()
    served.process.wait(60)
    served.book.signer.sign()
    served.book.signer.release()
    where, key = str(tmp_path / "bundle"), served.book.keys.log.vkey
    for line in (
        (*SIDEREAL, "rebuild", "--check"),
        (*SIDEREAL, "export", where),
        (sys.executable, "-m", "audit", where, "--key", key, "--replay"),
    ):
        done = subprocess.run(
            line,
            cwd=ROOT,
            env=environment(served.home),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_lost_answer_opens_no_second_session(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger opened a session and the till never heard: asked again, it is the same one."""
    party = f"merchant:{served.till.merchant}"
    token = tmp_path / "token"
    token.write_text(served.token(party, "merchant", terminal=served.till.terminal))
    token.chmod(0o600)
    line = ["till", "open", "--folder", str(tmp_path / "till"), "--server", served.url]
    line += ["--token-file", str(token)]
    real = Server.get

    def lost(*_: Any) -> dict[str, Any]:
        raise Refused("server_unreachable", "gone")

    monkeypatch.setattr(Server, "get", lost)
    assert CliRunner().invoke(main, line).exit_code == 1
    monkeypatch.setattr(Server, "get", real)
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    shop = served.token(party, "merchant", terminal=served.till.terminal)
    assert len(served.ask("GET", shop, "/offline")["data"]) == 1
    assert CliRunner().invoke(main, line).stderr.startswith("session_open: ")
