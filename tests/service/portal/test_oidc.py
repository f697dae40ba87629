"""Signing in through a provider, against one that runs here."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlmodel import Session, col, select

from schemas.account import ApiKey, Organization
from schemas.vocabulary import Role
from schemas.web_session import WebSession
from service.matches.live_index import LiveIndex
from service.platform.settings import settings
from service.portal import oidc
from tests.conftest import ClientFor
from tests.make import make_organization

ORIGIN = "http://testserver"


class Provider:
    """An OpenID Connect provider of one person, whose claims a test may change."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.claims: dict[str, Any] = {}
        self.challenge = ""
        self.signed_with = self.key
        self.user_info: dict[str, Any] | None = None
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
                if provider.user_info is not None:
                    told["/.well-known/openid-configuration"]["userinfo_endpoint"] = f"{issuer}/me"
                    told["/me"] = provider.user_info
                refused = self.path == "/me" and self.headers["authorization"] != "Bearer x"
                self._tell(401 if refused else 200, told[self.path])

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


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The warnings of signing in, which the tests' own level of the log leaves out."""
    lines: list[dict[str, Any]] = []

    def warning(event: str, **fields: Any) -> None:
        lines.append({"event": event, **fields})

    monkeypatch.setattr(oidc, "log", SimpleNamespace(warning=warning))
    return lines


def left(browser: TestClient) -> str:
    address: str = browser.get("/sign-in/provider?onward=/needs/new").headers["location"]
    return address


def test_somebody_of_a_registered_organisation_is_signed_in_as_its_member(
    session: Session, owner: Organization, browser: TestClient, provider: Provider
) -> None:
    answer = browser.get(provider.send_back(left(browser), organization=str(owner.id)))

    (key,) = session.exec(select(ApiKey)).all()
    assert answer.headers["location"] == "/needs/new"
    assert (key.organization_id, key.role, key.name) == (owner.id, Role.member, "阿依古丽")
    assert key.expires_at is not None
    assert "阿依古丽" in browser.get("/my").text


def test_a_person_is_known_again_by_the_providers_word_for_them(
    session: Session, owner: Organization, browser: TestClient, provider: Provider
) -> None:
    for said in ({}, {"name": "阿依古丽·买买提"}, {"sub": "2"}):
        browser.get(provider.send_back(left(browser), organization=str(owner.id), **said))
        browser.cookies.clear()

    first, again, other = session.exec(select(WebSession).order_by(col(WebSession.id))).all()
    assert first.person == again.person != other.person
    assert first.api_key_id != again.api_key_id
    assert first.person is not None


def test_a_role_that_the_provider_names_is_taken(
    session: Session, owner: Organization, browser: TestClient, provider: Provider
) -> None:
    browser.get(provider.send_back(left(browser), organization=str(owner.id), duijie_role="broker"))

    assert session.exec(select(ApiKey)).one().role is Role.broker


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": -5},
        {"iat": 5, "nbf": 5},
        {"exp": -55},
        {"iat": 55, "nbf": 55},
    ],
)
def test_clocks_may_differ_by_the_leeway(
    session: Session, owner: Organization, browser: TestClient, provider: Provider, claims: dict[str, int]
) -> None:
    moments = {name: int(time.time()) + away for name, away in claims.items()}

    answer = browser.get(provider.send_back(left(browser), organization=str(owner.id), **moments))

    assert answer.status_code == 303


@pytest.mark.parametrize("claims", [{"exp": -120}, {"nbf": 120}, {"iat": 120}])
def test_a_clock_that_is_far_off_is_told_as_what_it_is(
    session: Session,
    owner: Organization,
    browser: TestClient,
    provider: Provider,
    logged: list[dict[str, Any]],
    claims: dict[str, int],
) -> None:
    moments = {name: int(time.time()) + away for name, away in claims.items()}

    answer = browser.get(provider.send_back(left(browser), organization=str(owner.id), **moments))

    assert answer.status_code == 401
    assert "时间不一致" in answer.text
    assert [line["claim"] for line in logged] == list(claims)
    assert session.exec(select(ApiKey)).all() == []


@pytest.mark.parametrize(
    "form",
    [
        lambda own: own,
        lambda own: [own],
        lambda own: ["其他单位", own],
        lambda own: {own: {}},
        lambda own: {"jujube": {"id": own}},
        lambda own: {"jujube": {"id": "0199", "credit_code": [own], "kind": ["enterprise"]}},
        lambda own: [{"name": "示例企业", "credit_code": own}],
    ],
    ids=["string", "list", "list of several", "alias", "id of an alias", "attributes", "list of maps"],
)
@pytest.mark.parametrize("by_code", [True, False])
def test_the_organisation_is_read_from_every_form_in_which_providers_send_it(
    session: Session,
    browser: TestClient,
    provider: Provider,
    form: Callable[[str], object],
    by_code: bool,
) -> None:
    code = "91350100M000100Y43"
    owner = make_organization(session, credit_code=code)

    browser.get(provider.send_back(left(browser), organization=form(code if by_code else str(owner.id))))

    assert session.exec(select(ApiKey)).one().organization_id == owner.id


def test_a_name_identifies_no_organisation(
    session: Session, owner: Organization, browser: TestClient, provider: Provider
) -> None:
    answer = browser.get(provider.send_back(left(browser), organization=[owner.name]))

    assert answer.status_code == 403
    assert session.exec(select(ApiKey)).all() == []


def test_nobody_is_signed_in_for_one_of_several_organisations(
    session: Session, owner: Organization, browser: TestClient, provider: Provider
) -> None:
    both = [str(owner.id), str(make_organization(session).id)]

    answer = browser.get(provider.send_back(left(browser), organization=both))

    assert answer.status_code == 403
    assert "多个单位" in answer.text
    assert session.exec(select(ApiKey)).all() == []


@pytest.mark.parametrize(
    ("claim", "role"),
    [
        (["auditor", "broker"], Role.broker),
        (["broker", "operator"], Role.operator),
        ({"roles": ["offline_access", "operator"]}, Role.operator),
        (["auditor"], Role.member),
        (["integrator"], Role.member),
        ({"roles": None}, Role.member),
        ([["operator"]], Role.member),
        (7, Role.member),
    ],
)
def test_the_highest_role_of_a_list_is_taken(
    session: Session,
    owner: Organization,
    browser: TestClient,
    provider: Provider,
    claim: object,
    role: Role,
) -> None:
    browser.get(provider.send_back(left(browser), organization=str(owner.id), duijie_role=claim))

    assert session.exec(select(ApiKey)).one().role is role


def test_what_the_id_token_lacks_is_taken_from_the_user_info_of_the_same_person(
    session: Session, owner: Organization, browser: TestClient, provider: Provider
) -> None:
    provider.user_info = {
        "sub": "1",
        "organization": [str(owner.id)],
        "duijie_role": "broker",
        "name": "别人",
    }

    browser.get(provider.send_back(left(browser)))

    key = session.exec(select(ApiKey)).one()
    assert (key.organization_id, key.role, key.name) == (owner.id, Role.broker, "阿依古丽")


def test_the_user_info_of_another_person_is_not_taken(
    session: Session, owner: Organization, browser: TestClient, provider: Provider
) -> None:
    provider.user_info = {"sub": "2", "organization": str(owner.id)}

    answer = browser.get(provider.send_back(left(browser)))

    assert answer.status_code == 403
    assert session.exec(select(ApiKey)).all() == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "请联系统一身份认证的管理员开通该信息"),
        ("en", "Ask its administrator to send that claim"),
        ("ru", "Попросите её администратора"),
        ("ug", "ئاچقۇچى بىلەن كىرىڭ"),
    ],
)
@pytest.mark.parametrize("claim", [None, "", [], {}, 7])
def test_a_missing_claim_is_named_in_the_log_and_the_page_says_what_to_do(
    session: Session,
    browser: TestClient,
    provider: Provider,
    logged: list[dict[str, Any]],
    language: str,
    words: str,
    claim: object,
) -> None:
    answer = browser.get(
        provider.send_back(left(browser), organization=claim, email="aygul@example.cn"),
        headers={"Accept-Language": language},
    )

    [line] = logged
    assert answer.status_code == 403
    assert words in answer.text
    assert (line["claim"], line["reason"]) == ("organization", "claim missing or empty")
    assert "email" in line["claims_sent"]
    assert not any(told in str(logged) for told in ("aygul", "阿依古丽"))


def test_somebody_of_no_registered_organisation_is_told_so(
    session: Session, browser: TestClient, provider: Provider
) -> None:
    answer = browser.get(provider.send_back(left(browser), organization="无此单位"))

    assert answer.status_code == 403
    assert "尚未在本平台登记" in answer.text
    assert session.exec(select(ApiKey)).all() == []


def test_an_organisation_is_known_by_the_credit_code_that_was_vouched_for(
    session: Session, browser: TestClient, provider: Provider
) -> None:
    known = make_organization(session, credit_code="91110000600037341L")

    answer = browser.get(provider.send_back(left(browser), organization=known.credit_code))

    assert answer.headers["location"] == "/needs/new"
    assert session.exec(select(ApiKey)).one().organization_id == known.id


@pytest.mark.parametrize("stolen", ["name", "id"])
def test_who_takes_anothers_name_receives_nobody(
    session: Session, owner: Organization, browser: TestClient, provider: Provider, stolen: str
) -> None:
    taken = {"name": owner.name, "id": str(owner.id)}[stolen]
    make_organization(session, name=taken)

    by_name = browser.get(provider.send_back(left(browser), organization=owner.name))
    browser.get(provider.send_back(left(browser), organization=str(owner.id)))

    assert by_name.status_code == 403
    assert session.exec(select(ApiKey)).one().organization_id == owner.id


def test_who_writes_a_credit_code_of_its_own_accord_receives_nobody(
    session: Session, client_for: ClientFor, browser: TestClient, provider: Provider
) -> None:
    owner, code = make_organization(session), "91110000600037341L"
    client_for(owner).patch(f"/v1/organizations/{owner.id}", json={"credit_code": code})

    answer = browser.get(provider.send_back(left(browser), organization=code))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        lambda one, address: one.send_back(address, organization="x", nonce="another"),
        lambda one, address: one.send_back(address, organization="x", aud="another"),
        lambda one, address: one.send_back(address, organization="x", iss="https://evil.example"),
        lambda one, address: one.send_back(address, organization="x", exp=None),
        lambda one, address: one.send_back(address, organization="x").replace("state=", "state=x"),
    ],
    ids=["nonce", "audience", "issuer", "without end", "state"],
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

    answer = browser.get(provider.send_back(left(browser), organization=str(owner.id)))

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
