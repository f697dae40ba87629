"""What holds of every page: accessible, whole on a phone in every language, nothing foreign, nothing inline."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import OpenPage, sign_in, violations
from tests.browser.dealings import Dealings
from tests.browser.pages import LOOKS, Look
from tests.browser.rules import Window, broken_rules
from tests.running import OPERATOR_KEY, Program

pytestmark = [pytest.mark.journey, pytest.mark.model]


@pytest.fixture(scope="module")
def window(browser: Browser, site: Program, dealings: Dealings) -> Iterator[Window]:
    made = Window(browser, site, dealings.keys)
    yield made
    for page in made.pages.values():
        page.context.close()


@pytest.mark.parametrize("look", LOOKS, ids=lambda one: f"{one.who} {one.address}")
def test_a_page_keeps_to_every_rule(window: Window, dealings: Dealings, look: Look) -> None:
    """On a desk in Chinese and on a phone in every language: WCAG 2.2 AA, the whole width, only what is ours."""
    assert broken_rules(window, look, dealings.ids) == {}


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
