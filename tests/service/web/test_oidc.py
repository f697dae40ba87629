"""Signing in through a provider, against one that runs here."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlmodel import Session, select

from schemas.account import ApiKey, Organization
from schemas.vocabulary import Role
from service.live_index import LiveIndex
from service.settings import settings
from service.web import oidc

ORIGIN = "http://testserver"


class Provider:
    """An OpenID Connect provider of one person, whose claims a test may change."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.claims: dict[str, Any] = {}
        self.challenge = ""
        self.signed_with = self.key
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer = provider.issuer
                told: dict[str, dict[str, Any]] = {
                    "/.well-known/openid-configuration": {
                        "issuer": issuer,
                        "authorization_endpoint": f"{issuer}/authorize",
                        "token_endpoint": f"{issuer}/token",
                        "jwks_uri": f"{issuer}/keys",
                    },
                    "/keys": {"keys": [provider.key.as_dict(private=False)]},
                }
                self._tell(200, told[self.path])

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                verifier = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
                if base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != provider.challenge:
                    self._tell(400, {"error": "invalid_grant"})
                    return
                header = {"alg": "RS256", "kid": "one"}
                self._tell(
                    200,
                    {
                        "access_token": "x",
                        "token_type": "Bearer",
                        "id_token": jwt.encode(header, provider.claims, provider.signed_with),
                    },
                )

            def _tell(self, status: int, told: dict[str, Any]) -> None:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(told).encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that is overridden
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def send_back(self, address: str, **claims: Any) -> str:
        """What the browser comes back with, once the person has agreed."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.challenge = asked["code_challenge"]
        told = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "sub": "1",
            "name": "阿依古丽",
            "exp": int(time.time()) + 60,
            "nonce": asked["nonce"],
            **claims,
        }
        self.claims = {name: value for name, value in told.items() if value is not None}
        return f"{asked['redirect_uri']}?code=c&state={asked['state']}"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    made = Provider()
    thread = Thread(target=made.server.serve_forever)
    thread.start()
    monkeypatch.setattr(settings(), "oidc_issuer", made.issuer)
    oidc._discovered.cache_clear()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def browser(session: Session, app: FastAPI, provider: Provider) -> Iterator[TestClient]:
    app.state.index = LiveIndex()
    client = TestClient(
        app,
        raise_server_exceptions=False,
        base_url=ORIGIN,
        headers={"Accept": "text/html", "Origin": ORIGIN},
        follow_redirects=False,
    )
    yield client
    client.close()


def left(browser: TestClient) -> str:
    address: str = browser.get("/sign-in/provider?onward=/needs/new").headers["location"]
    return address


def test_somebody_of_a_registered_organisation_is_signed_in_as_its_member(
    session: Session, owner: Organization, browser: TestClient, provider: Provider
) -> None:
    answer = browser.get(provider.send_back(left(browser), organization=owner.name))

    (key,) = session.exec(select(ApiKey)).all()
    assert answer.headers["location"] == "/needs/new"
    assert (key.organization_id, key.role, key.name) == (owner.id, Role.member, "阿依古丽")
    assert key.expires_at is not None
    assert "阿依古丽" in browser.get("/my").text


def test_a_role_that_the_provider_names_is_taken(
    session: Session, owner: Organization, browser: TestClient, provider: Provider
) -> None:
    browser.get(provider.send_back(left(browser), organization=str(owner.id), duijie_role="broker"))

    assert session.exec(select(ApiKey)).one().role is Role.broker


def test_somebody_of_no_registered_organisation_is_told_so(
    session: Session, browser: TestClient, provider: Provider
) -> None:
    answer = browser.get(provider.send_back(left(browser), organization="无此单位"))

    assert answer.status_code == 403
    assert "尚未在本平台登记" in answer.text
    assert session.exec(select(ApiKey)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda one, address: one.send_back(address, organization="x", nonce="another"),
        lambda one, address: one.send_back(address, organization="x", aud="another"),
        lambda one, address: one.send_back(address, organization="x", iss="https://evil.example"),
        lambda one, address: one.send_back(address, organization="x", exp=1),
        lambda one, address: one.send_back(address, organization="x", exp=None),
        lambda one, address: one.send_back(address, organization="x").replace("state=", "state=x"),
    ],
    ids=["nonce", "audience", "issuer", "expired", "without end", "state"],
)
def test_an_answer_that_is_not_to_this_attempt_signs_nobody_in(
    session: Session, browser: TestClient, provider: Provider, wrong: Callable[[Provider, str], str]
) -> None:
    answer = browser.get(wrong(provider, left(browser)))

    assert answer.status_code == 401
    assert "没有成功" in answer.text
    assert session.exec(select(ApiKey)).all() == []


def test_a_token_that_another_key_signed_signs_nobody_in(
    session: Session, owner: Organization, browser: TestClient, provider: Provider
) -> None:
    provider.signed_with = RSAKey.generate_key(2048, {"kid": "one"})

    answer = browser.get(provider.send_back(left(browser), organization=owner.name))

    assert answer.status_code == 401


def test_who_comes_back_without_having_left_begins_anew(browser: TestClient) -> None:
    answer = browser.get("/sign-in/back?code=c&state=s")

    assert answer.status_code == 401
    assert "重新登录" in answer.text


def test_where_no_provider_is_set_up_none_is_offered(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "oidc_issuer", None)

    assert "统一身份认证" not in browser.get("/sign-in").text
    assert browser.get("/sign-in/provider").status_code == 404
