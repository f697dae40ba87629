"""Embeds: what a site may show is bound to its settings, never to its address."""

import base64
import gzip
import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from schemas.embed import Embed
from schemas.vocabulary import Role
from service.embeds import site_keys as embeds
from tests.conftest import ClientFor, Refreshed
from tests.make import make_capability, make_need, make_organization

SITE = "https://portal.example.cn"
MakeEmbed = Callable[..., dict[str, Any]]


@pytest.fixture
def make_embed(owner: Organization, client_for: ClientFor) -> MakeEmbed:
    """An embed of ``owner`` that may show everything, but for what a test says."""

    def make(**settings: Any) -> dict[str, Any]:
        body = {"name": "门户", "origins": [SITE], "elements": ["matches", "search", "latest"], **settings}
        answer = client_for(owner, Role.integrator).post("/v1/embeds", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    return make


@pytest.fixture
def visitor(client_for: ClientFor) -> TestClient:
    """A browser on another site."""
    client = client_for()
    del client.headers["authorization"]
    client.headers["origin"] = SITE
    return client


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def test_a_listed_site_is_shown_what_is_public_and_nothing_else(
    session: Session, make_embed: MakeEmbed, visitor: TestClient
) -> None:
    make_need(session, title="公开的需求")
    make_need(session, title="会员的需求", visibility="members")
    make_need(session, title="草稿", publish=False)
    key = make_embed()["site_key"]

    answer = visitor.get("/v1/embedded/latest", params={"key": key, "side": "needs"})

    assert titles(answer) == ["公开的需求"]
    assert answer.headers["access-control-allow-origin"] == SITE


def test_unknown_revoked_and_foreign_keys_get_one_answer(
    owner: Organization, client_for: ClientFor, make_embed: MakeEmbed, visitor: TestClient
) -> None:
    made, revoked = make_embed(), make_embed(elements=["latest"])
    client_for(owner).delete(f"/v1/embeds/{revoked['id']}")

    def told(key: str, element: str = "latest", origin: str = SITE) -> tuple[int, Any]:
        answer = visitor.get(f"/v1/embedded/{element}", params={"key": key}, headers={"Origin": origin})
        return answer.status_code, answer.json()

    answers = [
        told("djs_nobodys"),
        told(revoked["site_key"]),
        told(made["site_key"], origin="https://evil.example"),
        told(made["site_key"], origin=""),
        told(make_embed(elements=["search"])["site_key"]),
    ]

    assert [status for status, _ in answers] == [403] * 5
    assert all(body == answers[0][1] for _, body in answers)


@pytest.mark.model
def test_another_organisations_postings_are_not_shown_where_only_ones_own_may_be(
    session: Session, owner: Organization, make_embed: MakeEmbed, visitor: TestClient, refreshed: Refreshed
) -> None:
    mine = make_need(session, owner, title="棉田残膜回收机械")
    other = make_need(session, make_organization(session), title="棉田残膜回收设备")
    make_capability(session, title="棉田残膜回收机")
    refreshed(visitor)
    key = make_embed(own_only=True, elements=["matches", "latest"])["site_key"]

    shown = visitor.get("/v1/embedded/matches", params={"key": key, "need": str(mine.id)})
    refused = visitor.get("/v1/embedded/matches", params={"key": key, "need": str(other.id)})
    latest = visitor.get("/v1/embedded/latest", params={"key": key, "side": "needs"})

    assert titles(shown) == ["棉田残膜回收机"]
    assert 0 < shown.json()["items"][0]["score"] <= 1
    assert refused.status_code == 404
    assert titles(latest) == ["棉田残膜回收机械"]


def test_a_search_cannot_be_had_where_only_ones_own_may_be_shown(
    session: Session, owner: Organization, client_for: ClientFor, make_embed: MakeEmbed, visitor: TestClient
) -> None:
    body = {"name": "门户", "origins": [SITE], "elements": ["search"], "own_only": True}
    made_before = make_embed()
    row = session.get_one(Embed, UUID(made_before["id"]))
    row.own_only = True
    session.add(row)
    session.commit()

    refused = client_for(owner, Role.integrator).post("/v1/embeds", json=body)
    searched = visitor.get("/v1/embedded/search", params={"key": made_before["site_key"], "q": "棉花"})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/elements"
    assert searched.status_code == 403


@pytest.mark.model
def test_other_domains_are_not_shown_whatever_the_address_says(
    session: Session, make_embed: MakeEmbed, visitor: TestClient, refreshed: Refreshed
) -> None:
    make_capability(session, title="红枣分级机", domains=["fruit.fruit_processing"])
    make_capability(session, title="红枣分级棉纺设备", domains=["textile"])
    refreshed(visitor)
    key = make_embed(domains=["fruit"], limit=1)["site_key"]

    def asked(element: str, **more: Any) -> list[str]:
        return titles(visitor.get(f"/v1/embedded/{element}", params={"key": key, **more}))

    assert asked("latest", limit=20) == ["红枣分级机"]
    assert asked("latest", domain="fruit.fruit_processing") == ["红枣分级机"]
    assert asked("latest", domain="textile") == []
    assert asked("search", q="红枣分级机", limit=20) == ["红枣分级机"]


@pytest.mark.parametrize("visibility", ["members", "matched_only", "private"])
def test_a_need_that_is_not_public_looks_like_not_there(
    session: Session, owner: Organization, make_embed: MakeEmbed, visitor: TestClient, visibility: str
) -> None:
    need = make_need(session, owner, visibility=visibility)
    key = make_embed()["site_key"]

    answer = visitor.get("/v1/embedded/matches", params={"key": key, "need": str(need.id)})

    assert answer.status_code == 404


def test_too_many_requests_are_refused_for_a_while(make_embed: MakeEmbed, visitor: TestClient) -> None:
    key = make_embed(requests_a_minute=2)["site_key"]

    answers = [visitor.get("/v1/embedded/latest", params={"key": key}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "60"


def test_uses_are_counted_and_shown_to_whoever_made_it(
    owner: Organization, client_for: ClientFor, make_embed: MakeEmbed, visitor: TestClient
) -> None:
    key = make_embed()["site_key"]
    for _ in range(3):
        visitor.get("/v1/embedded/latest", params={"key": key})

    (shown,) = client_for(owner).get("/v1/embeds").json()
    others = client_for().get("/v1/embeds").json()

    assert list(shown["uses"].values()) == [3]
    assert others == []


def test_nobody_elses_embed_can_be_revoked(
    client_for: ClientFor, make_embed: MakeEmbed, visitor: TestClient
) -> None:
    made = make_embed()

    answer = client_for().delete(f"/v1/embeds/{made['id']}")

    assert answer.status_code == 404
    assert visitor.get("/v1/embedded/latest", params={"key": made["site_key"]}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["*", "null", "portal.example.cn", "https://a.cn/path", "https://A.cn", "https://a.cn; x"]
)
def test_what_is_no_origin_is_refused(owner: Organization, client_for: ClientFor, origin: str) -> None:
    body = {"name": "门户", "origins": [origin], "elements": ["latest"]}

    answer = client_for(owner).post("/v1/embeds", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/origins/0"


def test_a_frame_may_stand_on_the_listed_sites_alone(
    session: Session, make_embed: MakeEmbed, visitor: TestClient
) -> None:
    make_need(session, title="<script>alert(1)</script>")
    key = make_embed(origins=[SITE, "https://b.example"])["site_key"]

    page = visitor.get("/embed/latest", params={"key": key, "side": "needs", "lang": "ug"})
    refused = visitor.get("/embed/latest", params={"key": "djs_x"}, headers={"Accept": "text/html"})

    policy = page.headers["content-security-policy"]
    assert f"frame-ancestors {SITE} https://b.example" in policy
    assert "unsafe" not in policy
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert 'dir="rtl"' in page.text
    assert refused.status_code == 403
    assert "frame-ancestors 'none'" in refused.headers["content-security-policy"]


def test_the_widget_is_small_and_has_a_version_that_stays(visitor: TestClient) -> None:
    about = visitor.get("/widget.json").json()
    newest, version = visitor.get("/widget.js"), visitor.get(about["src"])
    hashed = base64.b64encode(hashlib.sha384(version.content).digest()).decode()

    assert len(gzip.compress(newest.content)) < 20_000
    assert about["integrity"] == f"sha384-{hashed}"
    assert newest.content == version.content
    assert "immutable" in version.headers["cache-control"]
    assert version.headers["access-control-allow-origin"] == "*"
    assert visitor.get("/widget-0123456789ab.js").status_code == 404
    assert embeds.NotForThisSite.status == 403


def test_no_more_is_shown_than_the_embed_allows_however_much_is_asked_for(
    session: Session, make_embed: MakeEmbed, visitor: TestClient
) -> None:
    for number in range(3):
        make_need(session, title=f"需求{number}")
    key = make_embed(limit=2)["site_key"]

    answer = visitor.get("/v1/embedded/latest", params={"key": key, "side": "needs", "limit": 20})

    assert titles(answer) == ["需求2", "需求1"]


@pytest.mark.model
def test_a_search_finds_nothing_of_other_domains(
    session: Session, make_embed: MakeEmbed, visitor: TestClient, refreshed: Refreshed
) -> None:
    for domain in ("fruit", "crops"):
        make_capability(session, title=f"棉田残膜回收{domain}", domains=[domain])
    refreshed(visitor)
    key = make_embed(domains=["crops"])["site_key"]

    answer = visitor.get(
        "/v1/embedded/search", params={"key": key, "q": "棉田残膜回收", "side": "capabilities"}
    )

    assert titles(answer) == ["棉田残膜回收crops"]


@pytest.mark.model
def test_matches_of_other_domains_are_not_shown(
    session: Session, make_embed: MakeEmbed, visitor: TestClient, refreshed: Refreshed
) -> None:
    need = make_need(session, title="棉田残膜回收", domains=["crops"])
    for domain in ("fruit", "crops"):
        make_capability(session, title=f"棉田残膜回收{domain}", domains=[domain])
    refreshed(visitor)
    key = make_embed(domains=["crops"])["site_key"]

    answer = visitor.get("/v1/embedded/matches", params={"key": key, "need": str(need.id)})

    assert titles(answer) == ["棉田残膜回收crops"]
