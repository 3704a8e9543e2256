"""Where a message may go, and what a receiver cannot make the ledger do (trust §8)."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.webhook_transport import ANSWER_BYTES_MAX, RESOLVERS, Outcome, Place, Resolver, Transport
from ledger.errors import Refused
from ledger.webhooks.address import (
    Target,
    networks_of,
    refuse_addresses,
    target_of,
)
from tests.kit import scenario
from tests.receivers import Receiver, receiving, status

LOOPBACK = networks_of("127.0.0.0/8")
NOT_OURS = "address_not_global"
ODD = "bad_webhook_url"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def refused(url: str, *, allowed: str = "") -> str:
    """The code with which an address is refused; "" where it is taken."""
    try:
        target_of(url, networks_of(allowed))
    except Refused as no:
        return no.code
    return ""


@scenario("""
    id                  | host
    this-machine        | 127.0.0.1
    all-of-127          | 127.8.8.8
    this-machine-6      | [::1]
    nowhere             | 0.0.0.0
    nowhere-6           | [::]
    private-10          | 10.0.0.1
    private-172         | 172.16.0.1
    private-192         | 192.168.1.1
    link-and-metadata   | 169.254.169.254
    carrier             | 100.64.0.1
    carrier-last        | 100.127.255.255
    benchmark           | 198.18.0.1
    documentation       | 203.0.113.9
    relay               | 192.88.99.1
    multicast           | 224.0.0.1
    reserved            | 240.0.0.1
    broadcast           | 255.255.255.255
    mapped-10           | [::ffff:10.0.0.1]
    mapped-hex          | [::ffff:7f00:1]
    translated          | [::ffff:0:10.0.0.1]
    compatible          | [::10.0.0.1]
    six-to-four-10      | [2002:0a00::]
    six-to-four-local   | [2002:7f00:1::1]
    nat64-10            | [64:ff9b::a00:1]
    nat64-local         | [64:ff9b:1::808:808]
    teredo              | [2001:0:a00:1::1]
    unique-local        | [fd00::1]
    link-local-6        | [fe80::1]
    site-local          | [fec0::1]
    multicast-6         | [ff02::1]
    documentation-6     | [2001:db8::1]
    unassigned-6        | [4000::1]
""")
def test_an_address_that_is_not_global_is_refused(host: str) -> None:
    assert refused(f"https://{host}/") == NOT_OURS
    assert refused(f"https://{host}:8443/x") == NOT_OURS


@scenario("""
    id                | url
    decimal           | https://2130706433/
    hexadecimal       | https://0x7f000001/
    short             | https://127.1/
    octal             | https://0177.0.0.1/
    leading-zero      | https://127.0.0.01/
    hexadecimal-part  | https://127.0.0.0x1/
    five-parts        | https://1.2.3.4.5/
    last-dot          | https://127.0.0.1./
    name-last-dot     | https://shop.example./
    zone              | https://[fe80::1%25eth0]/
    full-width        | https://１２７.0.0.1/
    circled           | https://①②⑦.⓪.⓪.①/
    percent           | https://%31%32%37.0.0.1/
    plain-http        | http://shop.example/
    other-scheme      | gopher://shop.example/
    no-scheme         | //shop.example/
    user              | https://me@shop.example/
    password          | https://me:secret@shop.example/
    user-of-another   | https://shop.example@127.0.0.1/
    fragment          | https://shop.example/#x
    backslash         | https://shop.example\\@127.0.0.1/
    other-port        | https://shop.example:22/
    port-zero         | https://shop.example:0443/
    empty-port        | https://shop.example:/
    no-port           | https://shop.example:x/
    space             | https://shop.example/a b
    no-host           | https:///x
    two-dots          | https://shop..example/
    unclosed          | https://[::1
    not-an-address    | https://[::g]/
    spaced-host       | https://shop_.example/
    too-long          | https://shop.example/LONG
""")
def test_an_odd_address_is_refused(url: str) -> None:
    url = url.replace("LONG", "x" * 2_000).replace("\\\\", "\\")
    assert refused(url) == ODD


@scenario("""
    id       | url                                   | host               | port | path
    name     | https://shop.example/told?secret=1    | shop.example       | 443  | /told?secret=1
    bare     | https://Shop.Example                  | shop.example       | 443  | /
    other    | https://shop.example:8443/            | shop.example       | 8443 | /
    four     | https://8.8.8.8/                      | 8.8.8.8            | 443  | /
    six      | https://[2606:4700::6810:1]/          | 2606:4700::6810:1  | 443  | /
    mapped   | https://[::ffff:8.8.8.8]/             | ::ffff:8.8.8.8     | 443  | /
    punycode | https://xn--fiqs8s.example/           | xn--fiqs8s.example | 443  | /
""")
def test_a_public_address_is_taken(url: str, host: str, port: int, path: str) -> None:
    found = target_of(url)
    same = ip_address(found.host) == ip_address(host) if ":" in host else found.host == host
    assert same
    assert (found.port, found.path) == (port, path)


@scenario("""
    id                    | addresses                    | allowed        | code
    one-public            | 8.8.8.8                      |                |
    two-public            | 8.8.8.8 2606:4700::1         |                |
    a-mix                 | 8.8.8.8 10.0.0.1             |                | address_not_global
    a-mix-the-other-way   | ::ffff:127.0.0.1 8.8.8.8     |                | address_not_global
    none-at-all           |                              |                | address_not_global
    allowed               | 10.1.2.3                     | 10.1.0.0/16    |
    allowed-mapped        | ::ffff:10.1.2.3              | 10.1.0.0/16    |
    allowed-six           | fd00::5                      | fd00::/8       |
    allowed-this-machine  | ::1                          | ::1/128        |
    another-network       | 10.2.0.1                     | 10.1.0.0/16    | address_not_global
    allowed-and-not       | 10.1.2.3 10.2.0.1            | 10.1.0.0/16    | address_not_global
    zone                  | fe80::1%1                    |                | address_not_global
""")
def test_every_address_of_a_name_must_do(addresses: str, allowed: str, code: str) -> None:
    found = [ip_address(each) for each in str(addresses).split()]
    target = Target("https", "shop.example", 443, "/")
    try:
        refuse_addresses(target, found, networks_of(str(allowed or "")))
        said = ""
    except Refused as no:
        said = no.code
    assert said == (code or "")


def test_http_and_other_ports_are_for_allowed_networks_alone() -> None:
    assert refused("http://10.1.2.3:5000/", allowed="10.1.0.0/16") == ""
    assert refused("http://10.1.2.3:5000/", allowed="10.2.0.0/16") == NOT_OURS
    assert refused("http://8.8.8.8/", allowed="10.1.0.0/16") == ODD
    assert refused("https://8.8.8.8:5000/", allowed="10.1.0.0/16") == ODD
    target = target_of("http://shop.internal:5000/", networks_of("10.1.0.0/16"))
    with pytest.raises(Refused, match=ODD):
        refuse_addresses(target, [ip_address("8.8.8.8")], networks_of("10.1.0.0/16"))
    with pytest.raises(Refused, match=ODD):
        refuse_addresses(
            target, [ip_address("10.1.0.1"), ip_address("8.8.8.8")], networks_of("10.1.0.0/16")
        )


# On the wire -------------------------------------------------------------------------------------


def resolving(*addresses: tuple[str, int]) -> Resolver:
    """A resolver with one answer."""

    def resolve(_host: str, _port: int) -> Sequence[Place]:
        return [
            (socket.AF_INET6 if ":" in host else socket.AF_INET, (host, port))
            for host, port in addresses
        ]

    return resolve


def post(url: str, *, allowed: bool = True, body: bytes = b"{}", **given: object) -> Outcome:
    """One attempt, over a transport of its own."""
    transport = Transport(LOOPBACK if allowed else (), **given)  # type: ignore[arg-type]
    try:
        return transport.post(url, {"webhook-id": "msg_1"}, body)
    finally:
        transport.close()


def test_a_name_that_resolves_to_this_machine_is_not_connected_to(receiver: Receiver) -> None:
    """Whatever it is called, and also when only one of its addresses is."""
    here = ("127.0.0.1", receiver.port)
    for addresses in ([here], [("8.8.8.8", 443), here], [("::ffff:127.0.0.1", receiver.port)], []):
        answer = post("https://shop.example/", allowed=False, resolve=resolving(*addresses))
        assert answer == Outcome(fault="not_allowed")
    assert post("https://localhost:8443/", allowed=False) == Outcome(fault="not_allowed")
    assert post(receiver.url, allowed=False) == Outcome(fault="not_allowed")
    assert receiver.taken == []


def test_the_connection_goes_to_the_address_that_was_looked_at(receiver: Receiver) -> None:
    """A second answer of the name server is never asked for."""
    asked = []

    def resolve(host: str, port: int) -> Sequence[Place]:
        asked.append((host, port))
        return [(socket.AF_INET, ("127.0.0.1", receiver.port))]

    assert post("http://shop.internal:5000/a?b=c", resolve=resolve).status == 204
    assert asked == [("shop.internal", 5000)]
    (taken,) = receiver.taken
    assert (taken.path, taken.headers["host"]) == ("/a?b=c", "shop.internal:5000")
    assert taken.headers["webhook-id"] == "msg_1"


def test_where_the_first_address_does_not_answer_the_next_one_is_tried(receiver: Receiver) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.2", 0))
        nobody = closed.getsockname()
    both = resolving(nobody, ("127.0.0.1", receiver.port))
    assert post("http://shop.internal/", resolve=both).status == 204
    assert post("http://shop.internal/", resolve=resolving(nobody)) == Outcome(fault="refused")


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answers.append(status(307, Location=f"http://127.0.0.1:{receiver.port}/other"))
    answer = post(receiver.url)
    assert (answer.status, answer.ok) == (307, False)
    assert len(receiver.taken) == 1


def test_no_more_than_64_kb_of_an_answer_are_read(receiver: Receiver) -> None:
    sent: list[int] = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        handler.send_response(200)
        handler.end_headers()
        try:
            while len(sent) < 10_000:
                handler.wfile.write(b"x" * 8_192)
                sent.append(8_192)
        except OSError:
            sent.append(0)

    receiver.answers.append(endless)
    began = time.monotonic()
    assert post(receiver.url).status == 200
    assert time.monotonic() - began < 2
    for _ in range(100):
        if sent and sent[-1] == 0:
            break
        time.sleep(0.02)
    # What the system's own buffers took comes on top of what was read.
    assert sent[-1] == 0, "the connection was let go"
    assert sum(sent) < ANSWER_BYTES_MAX + 8_000_000


def test_headers_without_end_are_no_answer(receiver: Receiver) -> None:
    def headers(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(20_000):
            try:
                handler.wfile.write(f"x-{number}: {'y' * 60}\r\n".encode())
            except OSError:
                return

    receiver.answers.append(headers)
    assert post(receiver.url).ok is False


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nx: "])
def test_who_drips_is_hung_up_on(receiver: Receiver, first: bytes) -> None:
    """A byte now and then keeps a connection awake, and the time is over all the same."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        for _ in range(100):
            try:
                handler.wfile.write(b"H")
            except OSError:
                return
            time.sleep(0.05)

    receiver.answers.append(drip)
    began = time.monotonic()
    assert post(receiver.url, seconds=0.3) == Outcome(fault="timeout")
    assert time.monotonic() - began < 1


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    def resolve(_host: str, _port: int) -> Sequence[Place]:
        time.sleep(0.5)
        return []

    began = time.monotonic()
    answer = post("https://shop.example/", seconds=0.1, resolve=resolve)
    assert answer == Outcome(fault="timeout")
    assert time.monotonic() - began < 0.4


def test_what_waits_behind_resolvers_that_hang_is_not_asked_any_more() -> None:
    """Names that nobody waits for would be looked up before those that somebody does."""
    asked: list[str] = []
    go_on = threading.Event()

    def resolve(host: str, _port: int) -> Sequence[Place]:
        asked.append(host)
        go_on.wait(5)
        return []

    transport = Transport(resolve=resolve, seconds=0.02)
    for number in range(RESOLVERS + 5):
        answer = transport.post(f"https://shop{number}.example/", {}, b"{}")
        assert answer == Outcome(fault="timeout")
    go_on.set()
    time.sleep(0.2)
    assert len(asked) == RESOLVERS
    transport.close()


def test_what_is_no_http_is_broken(receiver: Receiver) -> None:
    def mail(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 mail.example ESMTP\r\n\r\n")

    receiver.answers.append(mail)
    assert post(receiver.url) == Outcome(fault="broken")


@pytest.mark.parametrize("size", [b"-5", b"zz", b"f" * 40, b"9" * 5_000])
def test_an_answer_in_pieces_that_make_no_sense_has_a_status(
    receiver: Receiver, size: bytes
) -> None:
    """Else whoever answers so would be sent the same message for ever, and never counted."""

    def pieces(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n")
        handler.wfile.write(size + b"\r\nhello")

    receiver.answers.append(pieces)
    assert post(receiver.url) == Outcome(status=500)


def test_a_name_that_is_not_there_is_unresolved() -> None:
    def resolve(_host: str, _port: int) -> Sequence[Place]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    assert post("https://shop.example/", resolve=resolve) == Outcome(fault="unresolved")


def test_how_long_the_receiver_asks_us_to_wait_is_heard(receiver: Receiver) -> None:
    receiver.answers += [status(503, Retry_After="120"), status(503, Retry_After="tomorrow")]
    assert post(receiver.url) == Outcome(status=503, wait_s=120)
    assert post(receiver.url) == Outcome(status=503)


# TLS ---------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private


def test_the_certificate_must_be_trusted_and_be_the_name_s(tmp_path: Path) -> None:
    public, private = certificate(tmp_path, "shop.example")
    trusting = ssl.create_default_context(cafile=str(public))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(public, private)
    with receiving(tls=serving) as receiver:
        here = resolving(("127.0.0.1", receiver.port))
        good = post("https://shop.example/told", resolve=here, context=trusting)
        other = post("https://bank.example/told", resolve=here, context=trusting)
        strange = post("https://shop.example/told", resolve=here)
        assert good == Outcome(status=204)
        assert other == strange == Outcome(fault="tls")
        assert len(receiver.taken) == 1
