"""Where one is signed in, and the keys of one's organisation, each with its end."""

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from schemas.account import ApiKey, Organization
from schemas.vocabulary import Role
from schemas.web_session import WebSession
from service.matches.live_index import LiveIndex
from service.portal.devices import device_of
from tests.make import make_key, make_organization

ORIGIN = "http://testserver"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 "
    "Safari/537.36 Edg/138.0.0.0"
)

SignIn = Callable[..., TestClient]


@pytest.fixture
def sign_in(app: FastAPI) -> SignIn:
    """A browser of its own, signed in with this key."""
    app.state.index = LiveIndex()

    def signed_in(key: str, agent: str = FIREFOX) -> TestClient:
        headers = {"Accept": "text/html", "Accept-Language": "zh-CN", "Origin": ORIGIN, "User-Agent": agent}
        browser = TestClient(app, base_url=ORIGIN, headers=headers, follow_redirects=False)
        assert browser.post("/sign-in", data={"key": key}).status_code == 303
        return browser

    return signed_in


def post(browser: TestClient, path: str, **typed: str) -> int:
    form_token = re.findall(r'name="form_token" value="([^"]+)"', browser.get("/account").text)[0]
    return browser.post(path, data={"form_token": form_token, **typed}).status_code


def is_in(browser: TestClient) -> bool:
    return browser.get("/my").status_code == 200


def session_on(session: Session, device: str) -> str:
    session.expire_all()
    return str(session.exec(select(WebSession.id).where(col(WebSession.device).startswith(device))).one())


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox · Linux"),
        (EDGE, "Edge · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.60",
            "WeChat · iOS",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15",
            "Safari · macOS",
        ),
        ("curl/8.14.1", ""),
    ],
)
def test_a_device_is_told_by_browser_and_system(agent: str, device: str) -> None:
    assert device_of(agent) == device


def test_ones_sessions_are_listed_and_each_can_be_ended(
    session: Session, owner: Organization, sign_in: SignIn
) -> None:
    key = make_key(session, owner)
    here, there, strange = sign_in(key), sign_in(key, EDGE), sign_in(key, "curl/8.14.1")
    colleague = sign_in(make_key(session, owner))

    page = here.get("/account").text
    assert [
        page.count(said) for said in ("Firefox · Linux</h3>", "Edge · Windows</h3>", "未知设备</h3>")
    ] == [0, 1, 1]
    assert re.search(r'Firefox · Linux <span class="tag">当前设备', page)
    assert page.count("登录于") == page.count("最近使用") == 3
    assert '<a href="/account"' in here.get("/my").text

    assert post(here, f"/account/sessions/{session_on(session, 'Edge')}/end") == 303
    assert [is_in(one) for one in (here, there, strange, colleague)] == [True, False, True, True]
    assert post(here, "/account/sessions/end-others") == 303
    assert [is_in(one) for one in (here, there, strange, colleague)] == [True, False, False, True]


def test_a_session_of_another_key_looks_like_none(
    session: Session, owner: Organization, sign_in: SignIn
) -> None:
    here, colleague = sign_in(make_key(session, owner)), sign_in(make_key(session, owner), EDGE)

    assert post(here, f"/account/sessions/{session_on(session, 'Edge')}/end") == 404
    assert "Edge · Windows" not in here.get("/account").text
    assert is_in(colleague)


def test_sessions_of_a_person_whom_the_provider_signed_in_belong_together(
    session: Session, owner: Organization, sign_in: SignIn
) -> None:
    here, there = sign_in(make_key(session, owner)), sign_in(make_key(session, owner), EDGE)
    colleague = sign_in(make_key(session, owner), "curl/8.14.1")
    for row in session.exec(select(WebSession)).all():
        row.person = "one" if row.device else "other"
    session.commit()

    assert "Edge · Windows" in here.get("/account").text
    assert post(here, "/account/sessions/end-others") == 303
    assert [is_in(one) for one in (here, there, colleague)] == [True, False, True]


def test_whoever_ends_the_session_that_they_use_is_signed_out(
    session: Session, owner: Organization, sign_in: SignIn
) -> None:
    here = sign_in(make_key(session, owner))

    assert post(here, f"/account/sessions/{session_on(session, 'Firefox')}/end") == 303
    assert here.get("/account").headers["location"] == "/sign-in?onward=/account"


def test_ended_sessions_are_in_the_audit(session: Session, owner: Organization, sign_in: SignIn) -> None:
    key = make_key(session, owner)
    here, _ = sign_in(key), sign_in(key, EDGE)
    ended = session_on(session, "Edge")

    post(here, "/account/sessions/end-others")

    assert f"subject_id={ended}" in here.get("/audit?action=session").text


def _chain(session: Session, owner: Organization) -> list[ApiKey]:
    """A key, one that it made, and one that this made."""
    rows: list[ApiKey] = []
    for name in ("根", "甲", "乙"):
        make_key(session, owner)
        row = session.exec(select(ApiKey).order_by(col(ApiKey.id).desc())).first()
        assert row is not None
        row.name, row.made_by = name, rows[-1].id if rows else None
        rows.append(row)
    rows[-1].scopes, rows[-1].networks = ["read"], ["10.2.0.0/16"]
    session.commit()
    return rows


@pytest.mark.parametrize(("typed", "left"), [({}, {"根", "乙"}), ({"with_made": "1"}, {"根"})])
def test_revoking_a_key_offers_those_that_it_made(
    session: Session, owner: Organization, sign_in: SignIn, typed: dict[str, str], left: set[str]
) -> None:
    _, first, _ = _chain(session, owner)
    here = sign_in(make_key(session, owner, role=Role.member))

    page = here.get("/account").text
    assert "同时撤销由它签发的密钥（2 个）" in page
    assert "同时撤销由它签发的密钥（1 个）" in page
    for told in ("读取", "10.2.0.0/16", "签发者：甲", "签发者：平台"):
        assert told in page
    assert post(here, f"/account/keys/{first.id}/revoke", **typed) == 303

    session.expire_all()
    named = select(ApiKey.name).where(col(ApiKey.revoked_at).is_(None), ApiKey.name != "")
    assert set(session.exec(named)) == left


def test_keys_that_may_do_more_and_those_of_others_are_not_offered(
    session: Session, owner: Organization, sign_in: SignIn
) -> None:
    stronger = make_key(session, owner, role=Role.operator)
    foreign = make_key(session, make_organization(session))
    here = sign_in(make_key(session, owner))
    ids = {one.prefix: one.id for one in session.exec(select(ApiKey)).all()}
    page = here.get("/account").text

    for key in (stronger, foreign):
        [hidden] = [key_id for prefix, key_id in ids.items() if key.startswith(prefix)]
        assert str(hidden) not in page
        assert post(here, f"/account/keys/{hidden}/revoke") == 404


def test_whoever_manages_no_keys_is_shown_none(
    session: Session, owner: Organization, sign_in: SignIn
) -> None:
    page = sign_in(make_key(session, owner, role=Role.integrator)).get("/account").text

    assert "已登录的设备" in page
    assert "本单位的密钥" not in page


def test_forms_of_other_sites_end_nothing(session: Session, owner: Organization, sign_in: SignIn) -> None:
    key = make_key(session, owner)
    here, there = sign_in(key), sign_in(key, EDGE)

    assert here.post("/account/sessions/end-others", data={"form_token": "forged"}).status_code == 403
    assert is_in(there)
