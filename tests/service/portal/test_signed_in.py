"""Signing in, posting, and what other sites' forms may not do."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import ApiKey, Organization
from schemas.base import now
from schemas.match_list import MatchList
from schemas.need import Need
from schemas.web_session import WebSession
from service.matches.live_index import LiveIndex
from service.platform.settings import settings
from tests.conftest import Refreshed
from tests.make import make_capability, make_key, make_need, make_organization

ORIGIN = "http://testserver"


@pytest.fixture
def browser(session: Session, app: FastAPI) -> Iterator[TestClient]:
    app.state.index = LiveIndex()
    headers = {"Accept": "text/html", "Accept-Language": "zh-CN", "Origin": ORIGIN}
    client = TestClient(
        app, raise_server_exceptions=False, base_url=ORIGIN, headers=headers, follow_redirects=False
    )
    yield client
    client.close()


@pytest.fixture
def member(session: Session, owner: Organization, browser: TestClient) -> TestClient:
    """The browser, signed in for ``owner``."""
    answer = browser.post("/sign-in", data={"key": make_key(session, owner)})
    assert answer.status_code == 303
    return browser


def token_of(browser: TestClient, path: str = "/needs/new") -> dict[str, str]:
    """What a form carries beside what is typed."""
    page = browser.get(path).text
    return {name: re.findall(f'name="{name}" value="([^"]+)"', page)[0] for name in ("form_token", "once")}


def test_a_key_signs_in_and_goes_on_to_where_one_wanted(
    session: Session, owner: Organization, browser: TestClient
) -> None:
    sent_away = browser.get("/needs/new")
    answer = browser.post("/sign-in", data={"key": make_key(session, owner), "onward": "/needs/new"})

    cookie = answer.headers["set-cookie"]
    assert sent_away.headers["location"] == "/sign-in?onward=/needs/new"
    assert answer.headers["location"] == "/needs/new"
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.get("/needs/new").status_code == 200


def test_a_cookie_holds_no_key_and_the_database_no_cookie(
    session: Session, owner: Organization, browser: TestClient
) -> None:
    key = make_key(session, owner)

    browser.post("/sign-in", data={"key": key})

    held = browser.cookies["duijie_session"]
    (row,) = session.exec(select(WebSession)).all()
    assert key not in held
    assert held not in row.model_dump_json()


@pytest.mark.parametrize("key", ["", "dj_nobodys"])
def test_a_wrong_key_is_told_on_the_page(browser: TestClient, key: str) -> None:
    answer = browser.post("/sign-in", data={"key": key})

    assert answer.status_code == 401
    assert "密钥无效" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("onward", ["https://evil.example", "//evil.example", "/\\evil.example", "my"])
def test_signing_in_leads_to_no_other_site(
    session: Session, owner: Organization, browser: TestClient, onward: str
) -> None:
    answer = browser.post("/sign-in", data={"key": make_key(session, owner), "onward": onward})

    assert answer.headers["location"] == "/my"


def test_signing_out_ends_it_for_good(session: Session, member: TestClient) -> None:
    held = member.cookies["duijie_session"]

    member.post("/sign-out", data=token_of(member))
    member.cookies.set("duijie_session", held)

    assert member.get("/my").status_code == 303
    assert session.exec(select(WebSession)).all() == []


def test_a_revoked_key_ends_its_sessions(session: Session, member: TestClient) -> None:
    row = session.exec(select(ApiKey)).one()
    row.revoked_at = now()
    session.add(row)
    session.commit()

    assert member.get("/my").headers["location"] == "/sign-in?onward=/my"


def test_a_session_whose_time_is_over_is_none(session: Session, member: TestClient) -> None:
    session.exec(select(WebSession)).one().expires_at = now()
    session.commit()

    assert member.get("/my").headers["location"] == "/sign-in?onward=/my"


def test_a_session_that_nobody_used_for_a_while_is_none(session: Session, member: TestClient) -> None:
    row = session.exec(select(WebSession)).one()
    row.last_seen_at = now() - timedelta(minutes=settings().session_idle_minutes - 1)
    session.commit()

    used = member.get("/my")
    session.refresh(row)
    seen_again = row.last_seen_at
    member.get("/my")
    session.refresh(row)
    seen_at_once_after = row.last_seen_at
    row.last_seen_at = now() - timedelta(minutes=settings().session_idle_minutes + 2)
    session.commit()

    assert used.status_code == 200
    assert now() - seen_again < timedelta(minutes=1)
    assert seen_at_once_after == seen_again
    assert member.get("/my").headers["location"] == "/sign-in?onward=/my"


def test_forms_of_other_sites_and_forged_ones_change_nothing(session: Session, member: TestClient) -> None:
    form = {**token_of(member), "title": "伪造的需求", "do": "publish"}

    answers = [
        member.post("/needs/new", data=form, headers={"Origin": "https://evil.example"}),
        member.post("/needs/new", data={**form, "form_token": "forged"}),
        member.post("/needs/new", data={"title": "伪造的需求", "do": "publish"}),
        member.post("/sign-in", data={"key": "x"}, headers={"Origin": "https://evil.example"}),
    ]
    # Browsers say where a form comes from; what does not say so is none of ours.
    del member.headers["Origin"]
    answers.append(member.post("/needs/new", data=form))

    assert [answer.status_code for answer in answers] == [403] * 5
    assert session.exec(select(Need)).all() == []


def test_the_token_of_forms_is_written_differently_on_each_page(session: Session, member: TestClient) -> None:
    kept = session.exec(select(WebSession.form_token)).one()

    pages = [member.get("/needs/new").text for _ in range(2)]
    tokens = [set(re.findall('name="form_token" value="([^"]+)"', page)) for page in pages]
    answers = [
        member.post("/needs/new", data={"form_token": each, "title": "红枣分级"}) for (each,) in tokens
    ]

    assert tokens[0].isdisjoint(tokens[1])
    assert not any(kept in page for page in pages)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert member.post("/needs/new", data={"form_token": kept, "title": "红枣分级"}).status_code == 403


def test_a_posted_form_is_a_published_need_read_from_words(
    session: Session, owner: Organization, member: TestClient
) -> None:
    form = {
        **token_of(member),
        "title": "红枣分级设备",
        "description": "日处理20吨",
        "keywords": "红枣，分级",
        "domains": ["fruit.fruit_processing"],
        "budget": "50-100万元",
        "region": "四十四团",
        "visibility": "public",
        "do": "publish",
    }

    answer = member.post("/needs/new", data=form)

    (need,) = session.exec(select(Need)).all()
    assert answer.headers["location"] == f"/needs/{need.id}"
    assert (need.organization_id, need.status, need.region) == (owner.id, "published", "659003.44")
    assert need.keywords == ["红枣", "分级"]
    assert need.budget is not None
    assert (need.budget.min, need.budget.max) == (500_000, 1_000_000)


def test_a_double_click_posts_once(session: Session, member: TestClient) -> None:
    form = {**token_of(member), "title": "红枣分级设备", "visibility": "public", "do": "publish"}

    first, second = (member.post("/needs/new", data=form) for _ in range(2))

    assert first.headers["location"] == second.headers["location"]
    assert len(session.exec(select(Need)).all()) == 1


def test_what_was_sent_before_and_changed_since_asks_before_it_posts_another(
    session: Session, member: TestClient
) -> None:
    form = {**token_of(member), "title": "红枣分级设备", "visibility": "public", "do": "publish"}
    member.post("/needs/new", data=form)

    again = member.post("/needs/new", data={**form, "title": "红枣分级机"})

    assert again.status_code == 409
    assert "已经提交过一次" in again.text
    assert 'value="红枣分级机"' in again.text
    assert len(session.exec(select(Need)).all()) == 1


def test_errors_stand_beside_their_fields_and_what_was_typed_stays(
    session: Session, member: TestClient
) -> None:
    form = {**token_of(member), "title": "", "description": "日处理20吨", "budget": "很多钱", "do": "publish"}

    page = member.post("/needs/new", data=form)

    assert page.status_code == 422
    assert 'id="title-error"' in page.text
    assert 'id="budget-error"' in page.text
    assert "日处理20吨" in page.text
    assert 'value="很多钱"' in page.text
    assert session.exec(select(Need)).all() == []


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("ru", "Не удалось прочитать: сумма не найдена"),
        ("ug", "تونۇلمىدى: سومما تېپىلمىدى"),
        ("en", "Not understood: there is no sum in it"),
    ],
)
def test_what_is_wrong_is_told_in_the_readers_language(
    member: TestClient, language: str, message: str
) -> None:
    form = {**token_of(member), "title": "红枣分级设备", "budget": "很多钱", "do": "publish"}

    page = member.post("/needs/new", data=form, headers={"Accept-Language": language})

    assert message in page.text


@pytest.mark.model
def test_while_typing_domains_keywords_and_likely_matches_are_shown_and_nothing_is_kept(
    session: Session, owner: Organization, member: TestClient, refreshed: Refreshed
) -> None:
    make_capability(session, owner, title="枣园病虫害绿色防控技术")
    refreshed(member)
    form = {**token_of(member), "title": "枣园病虫害绿色防控", "description": "少用农药"}

    hints = member.post("/needs/new/hints", data=form)
    preview = member.post("/needs/new", data={**form, "do": "preview"})

    for page in (hints.text, preview.text):
        assert "枣园病虫害绿色防控技术" in page
        assert 'data-field="domains" data-value="crops.pest_control"' in page
        assert 'data-field="keywords" data-value="枣园"' in page
    assert "<html" not in hints.text
    assert 'value="枣园病虫害绿色防控"' in preview.text
    assert session.exec(select(MatchList)).all() == []


def test_ones_own_postings_can_be_published_and_closed_and_nobody_elses(
    session: Session, owner: Organization, member: TestClient
) -> None:
    mine = make_need(session, owner, title="自己的草稿", publish=False)
    other = make_need(session, make_organization(session), title="别人的需求")
    token = {"form_token": token_of(member)["form_token"]}

    page = member.get("/my").text
    published = member.post(f"/needs/{mine.id}/publish", data=token)
    refused = member.post(f"/needs/{other.id}/close", data=token)
    session.expire_all()

    assert "自己的草稿" in page
    assert "别人的需求" not in page
    assert (published.status_code, refused.status_code) == (303, 404)
    assert session.get_one(Need, mine.id).status == "published"
    assert session.get_one(Need, other.id).status == "published"
