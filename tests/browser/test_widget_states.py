"""What the widget shows while it waits, where there is nothing, and where something is wrong."""

import json
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenHost, violations
from tests.running import Program

pytestmark = [pytest.mark.journey, pytest.mark.model]

API = "**/v1/embedded/**"
LATER = """key => document.querySelector("main").append(
  Object.assign(document.createElement("div"), {innerHTML: `<duijie-latest key=${key}></duijie-latest>`}))"""
ITEM: dict[str, Any] = {
    "title": "甲",
    "href": "https://a.example",
    "organization": "乙",
    "about": [],
    "score": None,
    "summary": None,
}


def told(status: str, *items: dict[str, Any]) -> dict[str, Any]:
    """An answer of the API, as a browser takes it from another origin."""
    return {
        "status": 200,
        "headers": {"access-control-allow-origin": "*", "content-type": "application/json"},
        "body": json.dumps({"status": status, "note": None, "items": items}),
    }


def test_while_the_api_is_slow_it_says_so_and_the_page_is_usable(open_host: OpenHost, site_key: str) -> None:
    held: list[Route] = []
    page = open_host("<label>办事编号 <input id='own'></label>")
    # Playwright keeps a note on what it is given, which a built-in method cannot hold.
    page.route(API, lambda route: held.append(route))  # noqa: PLW0108

    page.evaluate(LATER, site_key)
    expect(page.locator("duijie-latest")).to_contain_text("正在加载")
    expect(page.locator("duijie-latest [aria-live]")).to_have_attribute("aria-busy", "true")
    page.fill("#own", "2026-1")

    expect(page.locator("#own")).to_have_value("2026-1")
    assert violations(page) == []
    held[0].fulfill(**told("ready", ITEM))
    expect(page.locator("duijie-latest li")).to_have_count(1)
    expect(page.locator("duijie-latest [aria-live]")).not_to_have_attribute("aria-busy", "true")


def test_while_the_index_is_built_it_says_so_and_asks_again_by_itself(
    open_host: OpenHost, site_key: str
) -> None:
    page = open_host("")
    page.clock.install()
    answers = [told("indexing"), told("ready", ITEM)]
    page.route(API, lambda route: route.fulfill(**answers.pop(0)))

    page.evaluate(LATER, site_key)
    expect(page.locator("duijie-latest")).to_contain_text("正在建立索引")
    page.clock.fast_forward(6_000)

    expect(page.locator("duijie-latest li")).to_have_count(1)
    assert answers == []


def test_an_element_asks_once_however_many_attributes_it_has_or_changes(
    open_host: OpenHost, site_key: str
) -> None:
    page = open_host("")
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(**told("ready", ITEM))

    page.route(API, answer)
    page.evaluate(LATER.replace("key=${key}", "key=${key} side=needs limit=3 lang=zh"), site_key)
    expect(page.locator("duijie-latest li")).to_have_count(1)
    assert len(asked) == 1
    page.evaluate(
        "() => { const one = document.querySelector('duijie-latest'); "
        "one.setAttribute('limit', 2); one.setAttribute('lang', 'ru'); }"
    )

    expect(page.locator("duijie-latest h2")).to_have_text("Новые запросы")
    expect(page.locator("duijie-latest li")).to_have_count(1)
    assert len(asked) == 2


def test_where_there_is_nothing_it_says_so(open_host: OpenHost, site_key: str) -> None:
    page = open_host("")
    page.route(API, lambda route: route.fulfill(**told("ready")))

    page.evaluate(LATER, site_key)

    expect(page.locator("duijie-latest")).to_contain_text("暂无内容")


def test_a_script_in_an_answer_is_shown_as_text(open_host: OpenHost, site_key: str) -> None:
    script = "<img src=x onerror=window.ran=1><script>window.ran=1</script>"
    page = open_host("")
    item = {**ITEM, "title": script, "organization": script, "summary": script, "about": [script]}
    page.route(API, lambda route: route.fulfill(**told("ready", item)))

    page.evaluate(LATER, site_key)

    expect(page.locator("duijie-latest li a")).to_have_text(script)
    assert page.evaluate("window.ran") is None


def test_by_keyboard_one_gets_from_the_words_to_a_match(open_host: OpenHost, site_key: str) -> None:
    page = open_host(f'<duijie-search key="{site_key}"></duijie-search>')
    focused = "document.querySelector('duijie-search').shadowRoot.activeElement?.localName"

    page.keyboard.press("Tab")
    page.keyboard.type("棉花打顶机械")
    page.keyboard.press("Enter")
    expect(page.locator("duijie-search li").first).to_be_visible()
    names = []
    for _ in range(2):
        page.keyboard.press("Tab")
        names.append(page.evaluate(focused))

    assert names == ["button", "a"]


def test_a_screen_reader_is_told_what_it_is_and_what_it_found(open_host: OpenHost, site_key: str) -> None:
    page = open_host(f'<duijie-latest key="{site_key}" side="needs" limit="1"></duijie-latest>')

    expect(page.locator("duijie-latest")).to_match_aria_snapshot(
        """
        - region "最新需求":
          - heading "最新需求" [level=2]
          - list:
            - listitem:
              - link
        """
    )


def test_a_version_that_is_named_by_its_hash_runs_and_another_does_not(
    open_host: OpenHost, site: Program, site_key: str
) -> None:
    about = site.client().get("/widget.json").json()
    element = f'<duijie-latest key="{site_key}" limit="1"></duijie-latest>'

    def shown(integrity: str) -> int:
        script = (
            f'<script type="module" src="{site.address}{about["src"]}" integrity="{integrity}" '
            'crossorigin="anonymous"></script>'
        )
        page = open_host(element, script=script)
        page.wait_for_load_state("networkidle")
        return page.locator("duijie-latest li").count()

    assert shown(about["integrity"]) == 1
    assert shown("sha384-" + "A" * 64) == 0


def test_widgets_are_whole_on_a_phone(open_host: OpenHost, site_key: str) -> None:
    page = open_host(
        f'<duijie-search key="{site_key}"></duijie-search><duijie-latest key="{site_key}"></duijie-latest>',
        width=320,
    )
    expect(page.locator("duijie-latest li")).to_have_count(5)

    assert page.evaluate("document.documentElement.scrollWidth") == 320
