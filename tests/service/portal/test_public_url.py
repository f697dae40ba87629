"""Behind what speaks TLS for us, addresses and cookies are those that people's browsers know."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from service.matches.live_index import LiveIndex
from service.platform.settings import settings
from service.portal import oidc
from tests.make import make_key, make_need

PUBLIC = "https://duijie.example.cn"


@pytest.fixture
def browser(session: Session, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """It asks plain HTTP under another name, as a proxy does."""
    monkeypatch.setattr(settings(), "public_url", PUBLIC)
    app.state.index = LiveIndex()
    client = TestClient(
        app, base_url="http://inner:8000", headers={"Accept": "text/html"}, follow_redirects=False
    )
    yield client
    client.close()


def test_cookies_are_for_tls_alone_and_forms_of_the_public_address_are_ours(
    session: Session, owner: Organization, browser: TestClient
) -> None:
    key = make_key(session, owner)

    signed_in = browser.post("/sign-in", data={"key": key}, headers={"Origin": PUBLIC})
    foreign = browser.post("/sign-in", data={"key": key}, headers={"Origin": "https://evil.example"})
    language = browser.get("/?lang=ru")

    assert signed_in.status_code == 303
    for answer, name in ((signed_in, "session"), (language, "language")):
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"__Host-duijie_{name}=")
        assert "Secure" in cookie
        assert "Path=/;" in cookie
        assert "Domain" not in cookie
    assert foreign.status_code == 403


def test_over_tls_only_the_cookie_of_this_very_host_signs_in(
    session: Session, owner: Organization, browser: TestClient
) -> None:
    made = browser.post("/sign-in", data={"key": make_key(session, owner)}, headers={"Origin": PUBLIC})
    token = made.headers["set-cookie"].split("=", 1)[1].split(";")[0]
    names = ("__Host-duijie_session", "duijie_session")

    pages = [browser.get("/my", headers={"Cookie": f"{name}={token}"}).status_code for name in names]

    assert pages == [200, 303]


def test_feeds_and_pages_name_the_public_address_alone(
    session: Session, owner: Organization, browser: TestClient
) -> None:
    need = make_need(session, owner)

    answers = [
        browser.get(path)
        for path in (
            "/feeds/needs.atom?domain=fruit",
            "/feeds/needs.json",
            "/sitemap.xml",
            "/robots.txt",
            "/oai?verb=Identify",
            "/oai?verb=ListRecords&metadataPrefix=oai_dc",
            f"/needs/{need.id}",
        )
    ]

    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert all(PUBLIC in answer.text and "inner" not in answer.text for answer in answers)
    assert f"{PUBLIC}/feeds/needs.atom?domain=fruit" in answers[0].text


def test_the_provider_sends_people_back_to_the_public_address(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "oidc_issuer", "https://id.example.cn")
    monkeypatch.setattr(
        oidc, "_provider", lambda: {"authorization_endpoint": "https://id.example.cn/authorize"}
    )

    leaving = browser.get("/sign-in/provider")

    asked = parse_qs(urlsplit(leaving.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{PUBLIC}/sign-in/back"]
    assert leaving.headers["set-cookie"].startswith("__Host-duijie_sign_in=")
    assert "Secure" in leaving.headers["set-cookie"]


def test_a_provider_that_is_away_is_told_on_the_page(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody listens on port 1.
    monkeypatch.setattr(settings(), "oidc_issuer", "http://127.0.0.1:1")

    page = browser.get("/sign-in/provider", headers={"Accept-Language": "ru"})

    assert page.status_code == 401
    assert "Служба единого входа недоступна" in page.text


def test_a_frame_does_not_change_the_language_of_later_pages(
    session: Session, owner: Organization, browser: TestClient
) -> None:
    body = {"name": "门户", "origins": [PUBLIC], "elements": ["latest"]}
    headers = {"Authorization": f"Bearer {make_key(session, owner)}", "Accept": "application/json"}
    made = json.loads(browser.post("/v1/embeds", json=body, headers=headers).text)

    frame = browser.get("/embed/latest", params={"key": made["site_key"], "lang": "ug"})

    assert 'dir="rtl"' in frame.text
    assert "set-cookie" not in frame.headers
