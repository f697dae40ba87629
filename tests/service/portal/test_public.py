"""Pages that anybody may read."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.match_list import MatchList
from service.matches.live_index import LiveIndex
from tests.conftest import Refreshed
from tests.make import make_capability, make_need

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def visitor(session: Session, app: FastAPI) -> Iterator[TestClient]:
    """A browser of somebody who is not signed in."""
    app.state.index = LiveIndex()
    with_page = {"Accept": "text/html", "Accept-Language": "zh-CN"}
    client = TestClient(app, raise_server_exceptions=False, headers=with_page, follow_redirects=False)
    yield client
    client.close()


def test_the_home_page_says_what_the_site_is_for_and_shows_what_is_public(
    session: Session, owner: Organization, visitor: TestClient
) -> None:
    make_need(session, owner, title="骏枣裂果控制")
    make_need(session, owner, title="会员才能看的需求", visibility="members")
    make_capability(session, owner, title="枣园环剥技术")

    page = visitor.get("/")

    assert page.status_code == 200
    assert "技术供需对接平台" in page.text
    assert "骏枣裂果控制" in page.text
    assert "枣园环剥技术" in page.text
    assert "会员才能看的需求" not in page.text


def test_a_list_keeps_to_its_filters_and_forgives_what_forms_and_strangers_add(
    session: Session, owner: Organization, visitor: TestClient
) -> None:
    make_need(session, owner, title="骏枣裂果控制", domains=["fruit"])
    make_need(session, owner, title="异纤分拣设备", domains=["textile"])

    page = visitor.get("/needs?domain=fruit&q=&utm_source=x&lang=zh")

    assert "骏枣裂果控制" in page.text
    assert "异纤分拣设备" not in page.text


def test_a_filter_that_is_none_is_told_on_a_page(visitor: TestClient) -> None:
    page = visitor.get("/needs?domain=nothing")

    assert page.status_code == 422
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.model
def test_a_posting_has_its_matches_with_their_reasons_and_no_list_is_kept_for_a_visitor(
    session: Session, owner: Organization, visitor: TestClient, refreshed: Refreshed
) -> None:
    need = make_need(session, owner, title="棉田残膜回收机械", description="耕层残膜多，要求起膜干净。")
    offer = make_capability(session, owner, title="残膜回收机", description="起膜干净，成卷打包。")
    refreshed(visitor)

    page = visitor.get(f"/needs/{need.id}")
    pair = visitor.get(f"/needs/{need.id}/matches/{offer.id}")

    assert page.status_code == 200
    assert f'href="/capabilities/{offer.id}"' in page.text
    assert "匹配度" in page.text
    assert f'href="/needs/{need.id}/matches/{offer.id}"' in page.text
    assert "<mark><sup>1</sup>" in pair.text
    assert session.exec(select(MatchList)).all() == []


@pytest.mark.model
def test_a_search_that_finds_nothing_good_says_so_and_shows_the_nearest(
    session: Session, owner: Organization, visitor: TestClient, refreshed: Refreshed
) -> None:
    make_capability(session, owner, title="双语健康科普短视频")
    refreshed(visitor)

    page = visitor.get("/search", params={"q": "棉田残膜回收机械"})

    assert "没有足够好的匹配" in page.text
    assert "双语健康科普短视频" in page.text


@pytest.mark.parametrize("visibility", ["members", "private"])
def test_what_a_visitor_may_not_see_looks_like_not_there(
    session: Session, owner: Organization, visitor: TestClient, visibility: str
) -> None:
    need = make_need(session, owner, title="不公开的需求", visibility=visibility)

    page = visitor.get(f"/needs/{need.id}")

    assert page.status_code == 404
    assert "不公开的需求" not in page.text
    assert "未找到此页" in page.text


@pytest.mark.model
def test_a_script_in_a_posting_is_shown_as_text_everywhere(
    session: Session, owner: Organization, visitor: TestClient, refreshed: Refreshed
) -> None:
    need = make_need(session, owner, title=f"棉花打顶{SCRIPT}", description=SCRIPT, keywords=[SCRIPT])
    offer = make_capability(session, owner, title=f"棉花打顶机{SCRIPT}", description=SCRIPT)
    refreshed(visitor)

    pages = [
        visitor.get(path).text
        for path in (
            "/",
            "/needs",
            f"/needs?q={SCRIPT}",
            f"/needs/{need.id}",
            f"/capabilities/{offer.id}",
            f"/needs/{need.id}/matches/{offer.id}",
            f"/search?q={SCRIPT}",
        )
    ]

    assert all("<script>" not in page and "&lt;script&gt;" in page for page in pages)


def test_pages_let_nothing_foreign_and_nothing_inline_run(visitor: TestClient) -> None:
    page = visitor.get("/")

    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert " style=" not in page.text
    assert " onclick=" not in page.text


@pytest.mark.parametrize(
    ("address", "accepted", "language", "direction"),
    [
        ("/", "zh-CN,zh;q=0.9", "zh-CN", "ltr"),
        ("/", "ug", "ug", "rtl"),
        ("/", "fr", "zh-CN", "ltr"),
        ("/?lang=ru", "zh-CN", "ru", "ltr"),
        ("/?lang=xx", "en", "en", "ltr"),
    ],
)
def test_a_page_is_in_the_readers_language(
    visitor: TestClient, address: str, accepted: str, language: str, direction: str
) -> None:
    page = visitor.get(address, headers={"Accept-Language": accepted})

    assert f'<html lang="{language}" dir="{direction}">' in page.text


def test_a_chosen_language_is_remembered(visitor: TestClient) -> None:
    visitor.get("/?lang=en")

    assert '<html lang="en"' in visitor.get("/needs").text


def test_programs_still_get_problems_and_people_pages(visitor: TestClient) -> None:
    program = visitor.get("/v1/needs")
    person = visitor.get("/nowhere")
    other = visitor.get("/nowhere", headers={"Accept": "application/json"})

    assert program.headers["content-type"] == "application/problem+json"
    assert (person.status_code, person.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert other.headers["content-type"] == "application/problem+json"


def test_a_day_is_not_turned_round_on_a_page_that_runs_from_the_right(visitor: TestClient) -> None:
    page = visitor.get("/statistics?lang=ug")

    assert re.search("\u2066\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d\u2069", page.text)
