"""Clients that send or read slowly, by real sockets: they hold up nobody, and are ended."""

import socket
from collections.abc import Iterator

import httpx2 as httpx
import psutil
import pytest
from sqlmodel import Session

from service.app import create_app
from service.matches.live_index import LiveIndex
from service.platform.db import engine
from service.platform.settings import settings
from tests.make import make_key, make_organization
from tests.running import wait_for
from tests.serving import HOST, serving
from tests.telling import set_to

_ENDLESS = (
    b"POST /v1/needs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
)


@pytest.fixture
def port(session: Session) -> Iterator[int]:
    app = create_app()
    app.state.index = LiveIndex()

    @app.get("/long")
    def long() -> str:
        return "长" * 5_000_000

    with serving(app) as listening:
        yield listening


@pytest.fixture
def key(session: Session) -> str:
    return make_key(session, make_organization(session))


def connected(port: int) -> socket.socket:
    made = socket.create_connection((HOST, port))
    made.settimeout(60)
    return made


def said(client: socket.socket) -> bytes:
    """All that the server says until it ends the connection, in whichever way."""
    heard = b""
    try:
        while piece := client.recv(65_536):
            heard += piece
    except ConnectionResetError:
        pass
    return heard


def ended(port: int) -> bool:
    """Whether the server holds no connection any more."""

    return not [
        one
        for one in psutil.Process().net_connections("tcp")
        if one.status == psutil.CONN_ESTABLISHED and one.laddr and one.laddr.port == port
    ]


def test_forms_half_sent_hold_neither_turns_nor_connections(port: int, key: str) -> None:
    """More of them than there are turns and threads, signed in and on pages of the portal."""
    with httpx.Client(base_url=f"http://{HOST}:{port}", timeout=60) as browser:
        origin = f"http://{HOST}:{port}"
        browser.post("/sign-in", data={"key": key}, headers={"Origin": origin})
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        half = (
            f"POST /needs/new HTTP/1.1\r\nHost: {HOST}:{port}\r\nOrigin: {origin}\r\nCookie: {cookies}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ntitle="
        ).encode()
        clients = [connected(port) for _ in range(settings().api_threads + 40)]
        try:
            for one in clients:
                one.sendall(half)
            pages = [browser.get(path).status_code for path in ("/", "/my", "/healthz")]
            api = browser.get("/v1/needs", headers={"Authorization": f"Bearer {key}"}).status_code
            held = engine().pool.checkedout()  # type: ignore[attr-defined]
        finally:
            for one in clients:
                one.close()

    assert (pages, api) == ([200, 200, 200], 200)
    assert held == 0


def test_a_body_that_does_not_come_is_answered_with_408_and_ended(port: int) -> None:
    with set_to(client_seconds=0.3), connected(port) as client:
        client.sendall(_ENDLESS)

        answer = said(client)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert "请求发送过慢".encode() in answer


def test_a_body_that_trickles_in_gains_no_time(port: int) -> None:
    with set_to(client_seconds=0.3), connected(port) as client:
        client.sendall(_ENDLESS)
        client.settimeout(0.01)
        answer = b""
        for _ in range(900):
            try:
                client.sendall(b" ")
                answer += client.recv(65_536)
                break
            except TimeoutError:
                continue

    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("head", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_a_head_that_does_not_come_ends_the_connection(port: int, head: bytes) -> None:
    with set_to(client_seconds=0.3), connected(port) as client:
        client.sendall(head)

        assert said(client) == b""


def test_a_second_head_has_no_more_time_than_the_first(port: int) -> None:
    with set_to(client_seconds=0.3), connected(port) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HT")

        answer = said(client)

    assert answer.count(b"HTTP/1.1 200 ") == 1


def test_an_answer_that_is_not_read_ends_the_connection(port: int) -> None:
    """15 MB: more than the kernel takes for the reader."""
    with set_to(client_seconds=0.3), connected(port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(10) == b"HTTP/1.1 2"
        wait_for(lambda: ended(port))


def test_whoever_reads_gets_all_of_it(port: int) -> None:
    answer = httpx.get(f"http://{HOST}:{port}/long", timeout=60)

    assert len(answer.json()) == 5_000_000


def test_a_connection_too_many_is_told_so(port: int) -> None:
    with set_to(connections=2):
        app = create_app()
        app.state.index = LiveIndex()
        with serving(app) as other, connected(other), connected(other):
            answer = httpx.get(f"http://{HOST}:{other}/healthz", timeout=60)

    assert answer.status_code == 503
