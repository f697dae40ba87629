"""Which addresses may be called, and that no other one is."""

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import httpcore2 as httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from schemas.webhook import DeliveryProblem
from service.notices import outbound
from service.notices.outbound import Answer, Refused, addresses_of, look_at, post, public, target_of
from tests.receiver import Receiver, receiver
from tests.telling import set_to

INWARD = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "3fff::1",
    "5f00::1",
    "100::1",
]
OUTWARD = ["8.8.8.8", "1.1.1.1", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111"]


@pytest.fixture
def inside() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Each look-up gets the next answer, the last one for good. The names that were asked for."""
    asked: list[str] = []

    def found(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    monkeypatch.setattr(outbound, "look_up", found)
    return asked


@pytest.mark.parametrize("address", INWARD)
def test_no_address_that_is_not_on_the_internet_is_public(address: str) -> None:
    assert not public(ip_address(address))


@pytest.mark.parametrize("address", OUTWARD)
def test_addresses_on_the_internet_are_public(address: str) -> None:
    assert public(ip_address(address))


@pytest.mark.parametrize("address", INWARD)
def test_a_name_that_leads_inward_is_refused_also_beside_a_public_one(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolve_to(monkeypatch, [address], ["8.8.8.8", address])

    for _ in range(2):
        with pytest.raises(Refused) as refused:
            addresses_of(target_of("https://hooks.example.cn/"))
        assert refused.value.problem is DeliveryProblem.forbidden


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "http://hooks.example.cn/",
        "https://user:password@hooks.example.cn/",
        "https://hooks.example.cn:99999/",
        "ftp://hooks.example.cn/",
        "file:///etc/passwd",
        "https:///nowhere",
    ],
)
def test_urls_that_lead_nowhere_good_are_refused(url: str) -> None:
    # What is no plain address goes to the resolver, which reads 2130706433 and 0x7f.1 as 127.0.0.1.
    assert post(url, {}, b"{}").problem in {DeliveryProblem.forbidden, DeliveryProblem.unresolved}


def test_a_receiver_inside_is_not_reached_unless_the_operator_allows_it(inside: Receiver) -> None:
    refused = post(inside.url, {}, b"{}")
    with set_to(webhook_allow=["127.0.0.0/8"]):
        taken = post(inside.url, {"webhook-id": "1"}, b"{}")

    assert refused == Answer(DeliveryProblem.forbidden)
    assert taken == Answer(DeliveryProblem.none, 204)
    assert [one.headers["host"] for one in inside.received] == [f"127.0.0.1:{inside.port}"]


def test_a_name_may_be_allowed_whatever_it_resolves_to(
    monkeypatch: pytest.MonkeyPatch, inside: Receiver
) -> None:
    resolve_to(monkeypatch, ["127.0.0.1"])
    with set_to(webhook_allow=["Hooks.Internal"]):
        taken = post(f"http://hooks.internal:{inside.port}/a?b=1", {}, b"{}")
        other = post(f"http://other.internal:{inside.port}/", {}, b"{}")

    assert taken.taken
    assert other.problem is DeliveryProblem.forbidden
    [one] = inside.received
    assert (one.path, one.headers["host"]) == ("/a?b=1", f"hooks.internal:{inside.port}")


@pytest.mark.parametrize("other", ["10.0.0.1", "8.8.8.8"])
def test_an_allowed_address_does_not_allow_the_others_of_its_name(
    monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    resolve_to(monkeypatch, ["127.0.0.1", other])
    # To a public address only with TLS, to one inside not at all.
    url = "http://hooks.example.cn/" if other == "8.8.8.8" else "https://hooks.example.cn/"

    with set_to(webhook_allow=["127.0.0.1"]), pytest.raises(Refused) as refused:
        addresses_of(target_of(url))

    assert refused.value.problem is DeliveryProblem.forbidden


def test_a_second_look_up_which_could_lead_elsewhere_does_not_take_place(
    monkeypatch: pytest.MonkeyPatch, inside: Receiver
) -> None:
    # Public at the first look, inside at the second: the connection must go to neither but the first.
    asked = resolve_to(monkeypatch, ["203.0.114.1"], ["127.0.0.1"])
    connected: list[str] = []

    def connect(_: object, host: str, *__: object) -> Any:
        connected.append(host)
        raise httpcore.ConnectError("nobody there")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)

    answer = post(f"https://hooks.example.cn:{inside.port}/", {}, b"{}")

    assert answer.problem is DeliveryProblem.connection
    assert asked == ["hooks.example.cn"]
    assert connected == ["203.0.114.1"]
    assert inside.received == []


def test_redirects_are_not_followed(inside: Receiver) -> None:
    inside.answers, inside.location = [307], inside.url

    with set_to(webhook_allow=["127.0.0.1"]):
        answer = post(inside.url, {}, b"{}")

    assert answer == Answer(DeliveryProblem.redirect, 307)
    assert len(inside.received) == 1


@pytest.mark.parametrize("manner", ["stall", "drip"])
def test_a_receiver_that_stalls_or_writes_for_ever_is_left_in_time(inside: Receiver, manner: str) -> None:
    inside.answers = [manner]

    with set_to(webhook_allow=["127.0.0.1"], webhook_seconds=0.5):
        answer = post(inside.url, {}, b"{}")

    assert answer.problem is DeliveryProblem.timeout


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch, inside: Receiver) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with set_to(webhook_allow=["127.0.0.1"]):
        assert post(inside.url, {}, b"{}").taken


def test_nobody_there_and_no_such_name_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free, set_to(webhook_allow=["127.0.0.1"]):
        free.bind(("127.0.0.1", 0))
        nobody = post(f"http://127.0.0.1:{free.getsockname()[1]}/", {}, b"{}")

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    nowhere = post("https://hooks.example.cn/", {}, b"{}")

    assert nobody.problem is DeliveryProblem.connection
    assert nowhere.problem is DeliveryProblem.unresolved


def test_before_anything_is_sent_only_what_can_be_said_of_the_url_is_refused() -> None:
    look_at("https://hooks.example.cn/path")
    for url in (
        "http://hooks.example.cn/",
        "https://10.0.0.1/",
        "https://somebody@hooks.example.cn/",
        "https://:secret@hooks.example.cn/",
        "ftp://hooks.example.cn/",
        "https://",
    ):
        with pytest.raises(Refused):
            look_at(url)
    with set_to(webhook_allow=["10.0.0.0/8", "hooks.example.cn"]):
        look_at("http://hooks.example.cn/")
        look_at("http://10.0.0.1/")


def test_tls_is_made_with_the_name_and_refused_to_another_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named: list[str | None] = []
    server, thread = _tls_server(tmp_path, "hooks.example.cn", named)
    port = server.server_address[1]
    resolve_to(monkeypatch, ["127.0.0.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    try:
        with set_to(webhook_allow=["127.0.0.1"]):
            right = post(f"https://hooks.example.cn:{port}/", {}, b"{}")
            wrong = post(f"https://evil.example.cn:{port}/", {}, b"{}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert right.taken
    assert wrong.problem is DeliveryProblem.connection
    assert named == ["hooks.example.cn", "evil.example.cn"]


def _tls_server(folder: Path, name: str, named: list[str | None]) -> tuple[HTTPServer, Thread]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "certificate.pem").write_bytes(pem)
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(pem + plain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    context.sni_callback = lambda _socket, name, _context: named.append(name)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    return server, thread
