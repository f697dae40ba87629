"""Being told of what is new, in a browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.model]


def test_a_search_becomes_a_subscription_without_scripts(open_page: OpenPage, member_key: str) -> None:
    page = open_page("/", scripts=False)
    sign_in(page, member_key)

    page.goto("/search?q=枣园病虫害识别与测报&side=needs")
    page.click("text=有新的匹配时通知我")
    page.fill("#min_score", "70")
    page.click("main button")

    expect(page.locator("h1")).to_have_text("订阅")
    expect(page.locator(".cards")).to_contain_text("枣园病虫害识别与测报")
