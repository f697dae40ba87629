"""The widget on a page of another site."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import AXE
from tests.running import Program

pytestmark = [pytest.mark.journey, pytest.mark.model]

OpenHost = Callable[..., Page]


class Host:
    """Somebody else's site: one page, with whatever a test puts in it."""

    def __init__(self) -> None:
        self.body = ""
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.end_headers()
                head = '<!doctype html><html lang="zh-CN"><title>门户</title>'
                self.wfile.write(f"{head}<main><h1>区域门户</h1>{host.body}</main>".encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that is overridden
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.end()


@pytest.fixture(scope="module")
def site_key(site: Program, host: Host) -> str:
    body = {"name": "门户", "origins": [host.origin], "elements": ["matches", "search", "latest"]}
    made: dict[str, Any] = site.client().post("/v1/embeds", json=body).json()
    return str(made["site_key"])


@pytest.fixture
def open_host(browser: Browser, host: Host, site: Program) -> Iterator[OpenHost]:
    contexts = []

    def opened(body: str, *, width: int = 1280) -> Page:
        host.body = f'<script type="module" src="{site.address}/widget.js"></script>{body}'
        context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.goto(host.origin)
        return page

    yield opened
    for context in contexts:
        context.close()


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

    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")

    assert found["violations"] == []


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


def test_the_example_portal_works_as_it_stands(open_host: OpenHost, site: Program, site_key: str) -> None:
    example = (Path(__file__).parents[2] / "examples" / "portal" / "index.html").read_text(encoding="utf-8")

    page = open_host(
        example.replace("http://127.0.0.1:8000", site.address).replace("djs_your-site-key", site_key)
    )

    expect(page.locator("duijie-latest[side=needs] li")).to_have_count(5)
    expect(page.locator("duijie-latest[side=capabilities] li")).to_have_count(5)
