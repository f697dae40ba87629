"""What holds of every page: accessible, whole on a phone, nothing foreign, nothing inline."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage, sign_in, violations
from tests.running import OPERATOR_KEY, Program

pytestmark = [pytest.mark.journey, pytest.mark.model]

PUBLIC = (
    "/",
    "/needs",
    "/needs?q=%01",
    "/capabilities?affiliation=aid",
    "/search?q=棉花打顶机械",
    "/search?q=红烧肉怎么做",
    "/search?q=%01",
    "/needs/{need}",
    "/capabilities/{capability}",
    "/needs/{need}/matches/{capability}",
    "/sign-in",
    "/statistics",
    "/privacy",
    "/challenges",
    "/nowhere",
    "/embed/latest?key={key}&side=needs",
    "/embed/search?key={key}&q=棉花打顶机械",
    "/embed/matches?key={key}&need={need}",
    "/embed/latest?key=djs_nobodys",
)
MEMBERS = (
    "/my",
    "/needs/new",
    "/capabilities/new",
    "/introductions",
    "/challenges/new",
    "/contracts",
    "/notifications",
    "/subscriptions",
    "/subscriptions/new?q=枣园病虫害识别",
    "/webhooks",
    "/audit",
)


@pytest.fixture(scope="module")
def known(site: Program) -> dict[str, Any]:
    """What the addresses of pages are made of."""
    client = site.client()
    need = client.get("/v1/needs", params={"q": "枣园病虫害手机识别"}).json()["items"][0]["id"]
    best = client.get(f"/v1/needs/{need}/matches").json()["items"][0]["capability"]["id"]
    body = {"name": "门户", "origins": [site.address], "elements": ["matches", "search", "latest"]}
    key = client.post("/v1/embeds", json=body).json()["site_key"]
    return {"need": need, "capability": best, "key": key}


@pytest.fixture
def see(open_page: OpenPage, known: dict[str, Any], member_key: str) -> Callable[..., Page]:
    """Open a page as whoever may see it."""

    def seen(path: str, **settings: Any) -> Page:
        key = {**dict.fromkeys(MEMBERS, member_key), "/desk": OPERATOR_KEY}.get(path)
        if key is None:
            return open_page(path.format(**known), **settings)
        page = open_page("/", **settings)
        sign_in(page, key)
        page.goto(path)
        return page

    return seen


@pytest.mark.parametrize("language", ["zh-CN", "ug"])
@pytest.mark.parametrize("path", [*PUBLIC, *MEMBERS, "/desk"])
def test_no_page_breaks_the_rules_of_wcag(see: Callable[..., Page], path: str, language: str) -> None:
    page = see(path, language=language)

    assert violations(page) == []


@pytest.mark.parametrize("path", [*PUBLIC, *MEMBERS, "/desk"])
def test_a_phone_of_320_pixels_shows_the_whole_width(see: Callable[..., Page], path: str) -> None:
    page = see(path, width=320)

    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("path", [*PUBLIC, *MEMBERS, "/desk", "/docs"])
def test_no_page_asks_another_host_or_runs_anything_inline(see: Callable[..., Page], path: str) -> None:
    """What is asked and what is kept from running is noted by ``open_page``, which fails then."""
    page = see(path)

    page.wait_for_load_state("networkidle")

    assert page.locator("[style], [onclick]").count() == 0 or path == "/docs"
    assert page.locator("script:not([src]):not([type='application/ld+json']), style").count() == 0 or (
        path == "/docs"
    )


@pytest.mark.parametrize("language", ["zh-CN", "ug"])
def test_forms_with_errors_break_no_rule_of_wcag(open_page: OpenPage, member_key: str, language: str) -> None:
    page = open_page("/", language=language)
    page.goto("/sign-in")
    page.fill("#key", "dj_nobodys")
    page.click("main button")
    assert page.locator("#key-error").is_visible()
    assert violations(page) == []

    sign_in(page, member_key)
    page.goto("/capabilities/new")
    page.fill("#title", "石榴预冷成套技术")
    page.select_option("#kind", "achievement")
    page.fill("#price", "很多钱")
    page.fill("#region", "月球")
    page.click("button[value=draft]")
    assert page.locator("#price-error").is_visible()
    assert page.locator("#region-error").is_visible()
    assert violations(page) == []

    page.context.clear_cookies()
    sign_in(page, OPERATOR_KEY)
    page.goto("/statistics")
    assert violations(page) == []
    page.goto("/desk")
    figures = page.locator("#targets .cards > li").first
    figures.locator("[name=year]").fill("1999")
    figures.locator("button").click()
    assert page.locator("#targets .error").is_visible()
    assert violations(page) == []
