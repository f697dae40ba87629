"""What people do at the portal, in a browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AXE, OpenPage, sign_in
from tests.running import OPERATOR_KEY, Program

pytestmark = [pytest.mark.journey, pytest.mark.model]


def posting(site: Program, title: str) -> dict[str, Any]:
    found: dict[str, Any] = site.client().get("/v1/needs", params={"q": title}).json()["items"][0]
    return found


@pytest.fixture
def need(site: Program) -> dict[str, Any]:
    return posting(site, "枣园病虫害手机识别")


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, each with where."""
    # Our own pages let no foreign script in, so it goes in by the debugger.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_somebody_searches_and_reads_a_match_and_its_reasons(open_page: OpenPage, *, scripts: bool) -> None:
    page = open_page("/", scripts=scripts)

    page.fill("#q", "枣园病虫害识别与测报")
    page.click("text=查找供给")
    page.click("text=枣树病虫图像库与端侧识别模型 >> nth=0")

    expect(page.locator("h1")).to_have_text("枣树病虫图像库与端侧识别模型")
    expect(page.locator("#matches")).to_be_visible()
    page.locator("main details summary").first.click()
    expect(page.locator("main details[open] mark").first).to_be_visible()


def test_both_texts_are_set_side_by_side_with_their_reasons_marked(
    open_page: OpenPage, need: dict[str, Any]
) -> None:
    page = open_page(f"/needs/{need['id']}")

    page.locator("main details summary").first.click()
    page.locator("text=在两篇全文中对照").first.click()

    expect(page.locator("section mark")).not_to_have_count(0)
    numbers = page.locator("section mark sup").all_inner_texts()
    assert len(numbers) == 2 * len(set(numbers))


def test_a_need_is_posted_and_matches_appear_while_it_is_typed(open_page: OpenPage, member_key: str) -> None:
    page = open_page("/")
    sign_in(page, member_key)
    page.goto("/needs/new")

    page.fill("#title", "棉花打顶机械")
    page.locator("#description").press_sequentially("视觉识别，少伤蕾铃")
    expect(page.locator("#hints")).to_contain_text("视觉识别仿形棉花打顶机")
    page.locator("#hints [data-field=keywords]").first.click()
    page.click("button[value=publish]")

    expect(page.locator("h1")).to_have_text("棉花打顶机械")
    assert re.search(r"/needs/[0-9a-f-]{36}$", page.url)


def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(
    open_page: OpenPage, member_key: str
) -> None:
    page = open_page("/")
    sign_in(page, member_key)
    page.goto("/capabilities/new")

    page.fill("#title", "石榴预冷成套技术")
    page.select_option("#kind", "achievement")
    page.fill("#price", "很多钱")
    page.click("button[value=draft]")

    expect(page.locator("#price-error")).to_be_visible()
    expect(page.locator("#price")).to_have_value("很多钱")
    expect(page.locator("#title")).to_have_value("石榴预冷成套技术")


def test_the_uyghur_page_runs_from_right_to_left(open_page: OpenPage) -> None:
    page = open_page("/needs", language="ug")

    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    brand, navigation = (page.locator(one).bounding_box() for one in (".brand", "nav.languages"))
    assert brand is not None
    assert navigation is not None
    assert brand["x"] > navigation["x"]


PAGES = (
    "/",
    "/needs",
    "/capabilities?affiliation=aid",
    "/search?q=棉花打顶机械",
    "/search?q=红烧肉怎么做",
    "/sign-in",
    "/statistics",
    "/challenges",
    "/nowhere",
)


@pytest.mark.parametrize("path", [*PAGES, "/needs/{need}"])
def test_a_phone_of_320_pixels_shows_the_whole_width(
    open_page: OpenPage, need: dict[str, Any], path: str
) -> None:
    page = open_page(path.format(need=need["id"]), width=320)

    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("language", ["zh-CN", "ug"])
@pytest.mark.parametrize("path", [*PAGES, "/needs/{need}"])
def test_no_page_breaks_the_rules_of_wcag(
    open_page: OpenPage, need: dict[str, Any], path: str, language: str
) -> None:
    page = open_page(path.format(need=need["id"]), language=language)

    assert violations(page) == []


def test_an_operator_publishes_what_waits_and_enters_a_figure(open_page: OpenPage, site: Program) -> None:
    unknown = {"name": "待核验企业", "kind": "enterprise", "affiliation": "local"}
    organization = site.client().post("/v1/organizations", json=unknown).json()["id"]
    issued = site.client().post(f"/v1/organizations/{organization}/api-keys", json={"role": "member"}).json()
    site.client(issued["key"]).post("/v1/needs", json={"title": "<b>果园除草机器人</b>", "publish": True})
    page = open_page("/")
    sign_in(page, OPERATOR_KEY)

    page.click("text=工作台")
    assert violations(page) == []
    waiting = page.locator("#review li", has_text="<b>果园除草机器人</b>")
    waiting.locator("text=发布").click()
    figures = page.locator("#targets .cards > li", has_text="技术市场合同成交金额")
    figures.locator("[name=year]").fill("2025")
    figures.locator("[name=value]").fill("0.4")
    figures.locator("button").click()
    page.goto("/statistics")

    expect(page.locator("#targets")).to_contain_text("80%")
    expect(page.locator("h1")).to_be_visible()
    assert posting(site, "果园除草机器人")["status"] == "published"


@pytest.mark.parametrize("path", ["/my", "/needs/new", "/capabilities/new", "/challenges/new"])
def test_no_page_of_members_breaks_the_rules_of_wcag(open_page: OpenPage, member_key: str, path: str) -> None:
    page = open_page("/")
    sign_in(page, member_key)

    page.goto(path)

    assert violations(page) == []
