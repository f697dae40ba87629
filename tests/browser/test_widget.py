"""The widget on a page of another site."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenHost, violations
from tests.browser.hosts import Host
from tests.running import Program

pytestmark = [pytest.mark.journey, pytest.mark.model]


def test_matches_of_a_need_stand_on_another_site(open_host: OpenHost, site: Program, site_key: str) -> None:
    need = site.client().get("/v1/needs", params={"q": "枣园病虫害手机识别"}).json()["items"][0]["id"]

    page = open_host(f'<duijie-matches key="{site_key}" need="{need}" limit="2"></duijie-matches>')

    items = page.locator("duijie-matches li")
    expect(items).to_have_count(2)
    expect(items.first).to_contain_text("枣树病虫图像库与端侧识别模型")
    expect(items.first).to_contain_text("匹配度")


def test_somebody_searches_from_another_site_by_keyboard(open_host: OpenHost, site_key: str) -> None:
    page = open_host(f'<duijie-search key="{site_key}"></duijie-search>')

    page.locator("duijie-search input").focus()
    page.keyboard.type("棉花打顶机械")
    page.keyboard.press("Enter")

    expect(page.locator("duijie-search li").first).to_contain_text("打顶")


def test_the_widget_in_uyghur_runs_from_right_to_left(open_host: OpenHost, site_key: str) -> None:
    page = open_host(f'<duijie-latest key="{site_key}" side="needs" lang="ug"></duijie-latest>')

    expect(page.locator("duijie-latest li")).to_have_count(5)
    assert page.locator("duijie-latest section").evaluate("one => getComputedStyle(one).direction") == "rtl"


@pytest.mark.parametrize("key", ["djs_nobodys", "foreign"])
def test_a_site_that_is_not_listed_is_refused_and_its_page_stays_usable(
    open_host: OpenHost, site: Program, key: str
) -> None:
    if key == "foreign":
        body = {"name": "别处", "origins": ["https://elsewhere.example"], "elements": ["latest"]}
        key = site.client().post("/v1/embeds", json=body).json()["site_key"]

    page = open_host(f'<duijie-latest key="{key}"></duijie-latest><button id="own">办事</button>')

    expect(page.locator("duijie-latest [role=alert]")).to_have_text("此站点密钥在这里不可用")
    expect(page.locator("duijie-latest li")).to_have_count(0)
    page.click("#own")


def test_a_refusal_is_told_in_the_widgets_own_language(open_host: OpenHost) -> None:
    page = open_host('<duijie-latest key="djs_nobodys" lang="ru"></duijie-latest>')

    expect(page.locator("duijie-latest [role=alert]")).to_have_text("Этот ключ сайта здесь не действует")


def test_an_api_that_does_not_answer_leaves_the_page_usable(open_host: OpenHost, site_key: str) -> None:
    page = open_host("<button id='own'>办事</button>")
    page.route("**/v1/embedded/**", lambda route: route.abort())

    page.evaluate(
        "key => document.querySelector('main').append("
        "Object.assign(document.createElement('div'), {innerHTML: `<duijie-latest key=${key}></duijie-latest>`}))",
        site_key,
    )

    expect(page.locator("duijie-latest [role=alert]")).to_have_text("暂时无法加载")
    page.unroute("**/v1/embedded/**")
    page.locator("duijie-latest button").click()
    expect(page.locator("duijie-latest li")).not_to_have_count(0)


def test_the_host_decides_on_colours_and_its_styles_reach_no_further(
    open_host: OpenHost, site_key: str
) -> None:
    page = open_host(
        f"<style>a {{ color: red !important }} duijie-latest {{ --duijie-accent: rgb(0, 128, 0) }}</style>"
        f'<duijie-latest key="{site_key}"></duijie-latest>'
    )

    link = page.locator("duijie-latest li a").first
    expect(link).to_be_visible()

    assert link.evaluate("one => getComputedStyle(one).color") == "rgb(0, 128, 0)"


def test_the_widget_breaks_no_rule_of_wcag(open_host: OpenHost, site_key: str) -> None:
    page = open_host(
        f'<duijie-latest key="{site_key}"></duijie-latest><duijie-search key="{site_key}"></duijie-search>'
    )
    expect(page.locator("duijie-latest li")).to_have_count(5)

    assert violations(page) == []


def test_a_frame_shows_the_same_and_stands_on_listed_sites_alone(
    open_host: OpenHost, site: Program, site_key: str
) -> None:
    body = {"name": "别处", "origins": ["https://elsewhere.example"], "elements": ["latest"]}
    foreign = site.client().post("/v1/embeds", json=body).json()["site_key"]

    page = open_host(
        "".join(
            f'<iframe title="{name}" src="{site.address}/embed/latest?key={key}&amp;side=needs"></iframe>'
            for name, key in (("listed", site_key), ("foreign", foreign))
        )
    )

    expect(page.frame_locator("iframe[title=listed]").locator(".cards > li")).to_have_count(5)
    expect(page.frame_locator("iframe[title=foreign]").locator(".cards > li")).to_have_count(0)


def test_the_example_portal_works_as_it_stands(
    open_host: OpenHost, host: Host, site: Program, site_key: str
) -> None:
    need = site.client().get("/v1/needs", params={"q": "枣园病虫害手机识别"}).json()["items"][0]["id"]
    page = open_host("")

    page.goto(host.put_example(site.address, site_key, need))

    expect(page.locator("duijie-matches li")).to_have_count(3)
    expect(page.locator("duijie-latest[side=needs] li")).to_have_count(5)
    expect(page.locator("duijie-latest[side=capabilities] li")).to_have_count(5)
    expect(page.frame_locator("iframe").locator(".cards > li")).to_have_count(3)
    assert violations(page) == []
