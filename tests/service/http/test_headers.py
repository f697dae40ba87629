"""Which hosts are answered, and what answers tell those on the way."""

from collections.abc import Callable
from datetime import datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import Session

from service.matches.live_index import LiveIndex
from tests.conftest import ClientFor
from tests.make import make_key, make_need, make_organization
from tests.telling import set_to

PUBLIC = "https://duijie.example.cn"
FEEDS = (
    "/feeds/needs.atom",
    "/feeds/needs.json",
    "/sitemap.xml",
    "/robots.txt",
    "/oai?verb=Identify",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc",
)
Asked = Callable[..., TestClient]


@pytest.fixture
def asked(session: Session, app: FastAPI) -> Asked:
    """A client without a key, from this address."""
    app.state.index = LiveIndex()
    return lambda address="192.0.2.7": TestClient(app, client=(address, 50_000), base_url="http://127.0.0.1")


@pytest.mark.parametrize("public", [None, PUBLIC])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "8.8.4.4", "duijie.example.cn.evil.example"]
)
def test_a_foreign_host_gets_nothing_with_its_name_in_it(
    session: Session, asked: Asked, public: str | None, host: str
) -> None:
    make_need(session)

    with set_to(public_url=public):
        answers = [
            asked().get(path, headers={"Host": host}) for path in (*FEEDS, "/", "/v1/needs", "/healthz")
        ]

    assert {answer.status_code for answer in answers} == {400}
    assert {answer.json()["type"] for answer in answers} == {"foreign-host"}
    assert not any("evil" in answer.text for answer in answers)


@pytest.mark.parametrize(
    ("public", "host"),
    [
        (None, "127.0.0.1:8000"), (None, "localhost"), (None, "[::1]:8000"),
        (None, "10.1.2.3:8000"), (None, "duijie:8000"),
        (PUBLIC, "127.0.0.1:8000"), (PUBLIC, "localhost"),
        (PUBLIC, "DuiJie.Example.cn"), (PUBLIC, "duijie.example.cn:443"),
    ],
)  # fmt: skip
def test_ones_own_hosts_and_this_machine_are_answered(asked: Asked, public: str | None, host: str) -> None:
    with set_to(public_url=public):
        health, robots = (asked().get(path, headers={"Host": host}) for path in ("/healthz", "/robots.txt"))

    assert (health.status_code, robots.status_code) == (200, 200)
    assert f"{public or f'http://{host}'}/sitemap.xml" in robots.text


def test_a_host_of_ones_own_is_set_by_the_listening_address(asked: Asked) -> None:
    with set_to(host="duijie.example.cn"):
        assert asked().get("/healthz", headers={"Host": "duijie.example.cn:8000"}).status_code == 200


def test_answers_of_callers_are_kept_by_nobody_and_public_ones_may_be(
    session: Session, client_for: ClientFor, asked: Asked
) -> None:
    make_need(session)
    caller, anyone = client_for(), asked()

    private = [
        caller.get("/v1/needs"),
        caller.get("/v1/exports/needs?format=csv"),
        caller.get("/v1/needs/none"),
        caller.post("/v1/needs", json={}),
        anyone.get("/v1/needs"),
    ]
    public = [
        anyone.get(path) for path in ("/feeds/needs.atom", "/static/portal.css", "/v1/domains", "/widget.js")
    ]

    assert {answer.headers.get("cache-control") for answer in private} == {"no-store"}
    assert not any("no-store" in answer.headers.get("cache-control", "") for answer in public)


def test_files_for_somebody_signed_in_are_kept_by_nobody(session: Session, asked: Asked) -> None:
    browser = asked()
    key = make_key(session, make_organization(session))
    assert (
        browser.post("/sign-in", data={"key": key}, headers={"Origin": "http://127.0.0.1"}).status_code == 200
    )

    assert browser.get("/my").headers["cache-control"] == "private, no-store"
    assert browser.get("/static/portal.css").headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    ("public", "told"), [(PUBLIC, "max-age=31536000"), ("http://duijie.example.cn", None), (None, None)]
)
def test_browsers_are_told_to_come_by_tls_where_there_is_tls(
    asked: Asked, public: str | None, told: str | None
) -> None:
    with set_to(public_url=public):
        answers = [asked().get(path) for path in ("/", "/v1/needs", "/static/portal.css")]
        answers.append(asked().get("/", headers={"Host": "evil.example"}))

    assert [answer.headers.get("strict-transport-security") for answer in answers] == [told] * 4


def test_pages_ask_for_no_camera_and_the_like(asked: Asked) -> None:
    told = asked().get("/").headers["permissions-policy"]

    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()"} <= set(told.split(", "))


def test_finders_of_weaknesses_are_told_whom_to_write_to(asked: Asked) -> None:
    with set_to(public_url=PUBLIC, admin_email="safe@example.cn"):
        answer = asked().get("/.well-known/security.txt")

    told = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert told["Contact"] == "mailto:safe@example.cn"
    assert told["Canonical"] == f"{PUBLIC}/.well-known/security.txt"
    # The standard asks for less than a year.
    assert 0 < (datetime.fromisoformat(told["Expires"]) - datetime.now().astimezone()).days < 365


def test_figures_are_for_this_machine_or_for_the_token(asked: Asked) -> None:
    def status(address: str, **headers: str) -> int:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return asked(address).get("/metrics", headers=sent).status_code

    without = [
        status("127.0.0.1"),
        status("::1"),
        status("192.0.2.7"),
        status("192.0.2.7", authorization="Bearer "),
    ]
    # A proxy on this machine asks for somebody elsewhere, even where it names another address.
    proxied = [status("127.0.0.1", x_forwarded_for="127.0.0.1"), status("127.0.0.1", x_real_ip="192.0.2.7")]
    with set_to(metrics_token=SecretStr("")):
        without.append(status("192.0.2.7"))
    with set_to(metrics_token=SecretStr("a-token")):
        told = [status("192.0.2.7", authorization=f"Bearer {token}") for token in ("a-token", "another", "")]

    assert (without, proxied, told) == ([200, 200, 403, 403, 403], [403, 403], [200, 403, 403])


@pytest.mark.parametrize(
    "mark", ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"]
)
def test_a_link_that_reads_as_another_is_refused(session: Session, client_for: ClientFor, mark: str) -> None:
    link = f"https://example.cn/{mark}txt.exe"
    owner = make_organization(session)
    client = client_for(owner)

    answers = [
        client.patch(f"/v1/organizations/{owner.id}", json={"website": link}),
        client.post("/v1/needs", json={"title": "红枣", "attachments": [{"title": "图", "url": link}]}),
        client.post("/v1/webhooks", json={"url": link}),
    ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert {answer.json()["errors"][0]["code"] for answer in answers} == {"turning_character"}
    assert f"U+{ord(mark):04X}" in answers[0].json()["errors"][0]["message"]
