"""What search engines are told of pages that anybody may find, and that they are told nothing of others."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from service.matches.live_index import LiveIndex
from tests.conftest import ClientFor
from tests.make import make_key, make_need, make_organization
from tests.service.tenders import SECRETS, Tender
from tests.telling import set_to

PUBLIC = "https://duijie.example.cn"


@pytest.fixture
def browser(session: Session, app: FastAPI) -> Iterator[TestClient]:
    app.state.index = LiveIndex()
    headers = {"Accept": "text/html", "Accept-Language": "zh-CN", "Origin": PUBLIC}
    with set_to(public_url=PUBLIC):
        yield TestClient(app, headers=headers, base_url=PUBLIC)


def told(page: str) -> dict[str, str]:
    """By name or property, what the page's head says."""
    return dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', page))


def links(page: str) -> dict[str, str]:
    found = re.findall(r'<link rel="(?:canonical|alternate)"(?: hreflang="([^"]+)")? href="([^"]+)"', page)
    return {language or "canonical": address for language, address in found}


@pytest.mark.parametrize(
    "path",
    ["/", "/needs?q=x&domain=fruit", "/capabilities", "/challenges", "/statistics", "/privacy", "/docs"],
)
@pytest.mark.parametrize("language", ["zh", "ru"])
def test_a_public_page_has_one_address_in_each_language(
    browser: TestClient, path: str, language: str
) -> None:
    page = browser.get(path, params={**dict(re.findall(r"(\w+)=(\w+)", path)), "lang": language}).text

    plain = f"{PUBLIC}{path.partition('?')[0]}"
    here = plain if language == "zh" else f"{plain}?lang={language}"
    assert links(page) == {
        "canonical": here,
        "x-default": plain,
        "zh-CN": plain,
        **{other: f"{plain}?lang={other}" for other in ("ug", "ru", "en")},
    }
    assert told(page)["og:url"] == here
    assert told(page)["og:locale"] == {"zh": "zh_CN", "ru": "ru_RU"}[language]
    assert told(page)["og:type"] == "website"
    assert len(told(page)["description"]) > 20
    assert told(page)["description"] == told(page)["og:description"]
    assert told(page)["og:title"] in page.partition("<title>")[2]
    assert "robots" not in told(page)


def test_a_posting_is_described_by_its_first_words(session: Session, browser: TestClient) -> None:
    text = '行距"76"厘米。\n\n' + "密植" * 100
    need = make_need(session, title="棉花打顶", description=text)

    page = browser.get(f"/needs/{need.id}").text

    assert told(page)["og:title"] == "棉花打顶"
    assert told(page)["description"].startswith("行距&#34;76&#34;厘米。 密植密植")
    assert told(page)["description"].endswith("密…")
    assert len(told(page)["description"]) < 180


@pytest.mark.parametrize("path", ["/search?q=棉花", "/sign-in", "/nowhere"])
def test_what_nobody_is_to_find_says_so(browser: TestClient, path: str) -> None:
    page = browser.get(path).text

    assert told(page).get("robots") == "noindex"
    assert links(page) == {}
    assert not any(name.startswith("og:") for name in told(page))


def test_pages_of_those_who_are_signed_in_say_nothing(session: Session, browser: TestClient) -> None:
    browser.post("/sign-in", data={"key": make_key(session, make_organization(session))})

    pages = [browser.get(path).text for path in ("/", "/my", "/account")]

    assert [told(page).get("robots") for page in pages] == ["noindex"] * 3
    assert [links(page) for page in pages] == [{}] * 3


def test_an_open_challenge_is_a_grant_and_tells_nothing_of_bids(
    session: Session, client_for: ClientFor, browser: TestClient
) -> None:
    tender = Tender(session, client_for, title="回收</script>装备").opened()
    tender.bid()

    page = browser.get(f"/challenges/{tender.id}").text
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    grant: dict[str, Any] = json.loads(script)

    shown = tender.publisher.get(tender.place).json()
    assert grant["@type"] == "MonetaryGrant"
    assert grant["name"] == "回收</script>装备"
    assert grant["url"] == f"{PUBLIC}/challenges/{tender.id}"
    assert grant["funder"] == {"@type": "Organization", "name": tender.owner.name}
    assert (grant["amount"]["currency"], grant["amount"]["value"]) == ("CNY", 5_000_000)
    assert grant["amount"]["validThrough"][:19] == shown["deadline"][:19]
    assert not any(secret in script for secret in SECRETS)
    assert not set(script) & set("<>&")
