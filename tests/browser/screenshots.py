"""Pictures of each page for ``docs/screenshots``, from the demonstration data."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, FloatRect, Page, sync_playwright
from sqlalchemy import create_engine, text

from service.platform.postgres.server import EmbeddedPostgres
from tests.browser.conftest import launched, sign_in, whole_site
from tests.browser.dealings import Dealings
from tests.browser.hosts import Host
from tests.mail_server import mail_server
from tests.receiver import receiver
from tests.running import Program, wait_for

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
WIDE, PHONE, A4 = 1280, 320, 794
TWO_SHEETS = FloatRect(x=0, y=0, width=A4, height=2 * 1123)
PHONES = (
    ("home", "visitor", "/"),
    ("need", "visitor", "/needs/{need}"),
    ("statistics", "visitor", "/statistics"),
    ("desk", "operator", "/desk"),
)
# By language: what the names of its pictures end with.
LANGUAGES = {"zh": "", "ug": "-ug", "ru": "-ru", "en": "-en"}
IN_EVERY_LANGUAGE = {"home", "needs", "statistics", "introduction", "post-a-need", "form-with-errors"}
WHOLE = {"home", "capability", "desk", "award", "bid-form", "broker-record"}
#: By who sees it: a picture's name, and the page; what stands in braces is named by ``Dealings``.
PICTURES: dict[str, dict[str, str]] = {
    "visitor": {
        "home": "/",
        "needs": "/needs?domain=fruit&domain=crops",
        "capabilities": "/capabilities?affiliation=aid",
        "search": "/search?q=枣园病虫害识别与测报",
        "search-nothing": "/search?q=红烧肉怎么做",
        "need": "/needs/{need}",
        "capability": "/capabilities/{capability}",
        "reasons": "/needs/{need}/matches/{capability}",
        "sign-in": "/sign-in",
        "statistics": "/statistics",
        "challenges": "/challenges",
        "challenge": "/challenges/{open}",
        "privacy": "/privacy",
        "not-found": "/nowhere",
        "mail-confirm": "/mail/confirm/{confirm}",
        "frame": "/embed/latest?key={site_key}&side=needs",
    },
    "seeker": {
        "my": "/my",
        "introductions": "/introductions",
        "introduction": "/introductions/{visit}",
        "notifications": "/notifications",
        "subscription": "/subscriptions/new?q=纺纱车间节能",
        "webhooks": "/webhooks",
        "audit": "/audit",
        "bid-form": "/challenges/{open}/bid",
        "contract-form": "/introductions/{visit}/contract",
    },
    "publisher": {
        "contracts": "/contracts",
        "contract": "/contracts/{contract}",
        "challenge-form": "/challenges/new?need_id={hers}",
        "challenge-review": "/challenges/{review}",
    },
    "reviewer": {"bid": "/challenges/{evaluated}/bids/{opened}"},
    "broker": {"broker": "/broker", "broker-record": "/broker/{broker}"},
    "operator": {
        "desk": "/desk",
        "desk-challenges": "/desk#challenges",
        "desk-failed": "/desk#failed",
        "award": "/challenges/{evaluated}/reviews",
        "contract-precheck": "/contracts/{contract}#precheck",
        "statistics-targets": "/statistics#targets",
        "statistics-map": "/statistics#coverage",
    },
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "var"
        browser = launched(stack.enter_context(sync_playwright()))
        stack.callback(browser.close)
        letters, away = stack.enter_context(mail_server()), stack.enter_context(receiver())
        site = whole_site(folder, letters, WEBHOOK_ALLOW='["127.0.0.1"]')
        stack.callback(site.end)
        host = Host()
        stack.callback(host.end)
        away.decide = lambda _: 410
        dealings = Dealings(site, letters)
        _fill(site, dealings, away.url)
        _take(browser, site, dealings)
        _take_others(browser, site, dealings, host)


def _fill(site: Program, dealings: Dealings, gone: str) -> None:
    """What the demonstration data lacks: figures of targets, a file, and what went wrong."""
    operator, publisher = dealings.operator, dealings.client("publisher")
    figures = {"tech_contract_value": {2021: 0.06, 2022: 0.09, 2023: 0.11, 2024: 0.13}, "rd_gdp": {2024: 1.1}}
    wait_for(lambda: operator.get("/v1/statistics").json()["funnel"]["with_match"])
    for target in operator.get("/v1/targets").json():
        for year, value in figures.get(target["key"], {}).items():
            told = {"value": value, "source": "示例数据"}
            operator.put(f"/v1/targets/{target['id']}/values/{year}", json=told).raise_for_status()
    rows = "title,description\n滴灌带回收机具,秋后滴灌带缠秆难收。\n,缺标题的一行\n"
    answer = publisher.post("/v1/imports", files={"file": ("四十四团需求.csv", rows)}, data={"kind": "needs"})
    answer.raise_for_status()
    provider = dealings.client("provider")
    provider.post(
        "/v1/capabilities", json={"title": "温湿度传感器标定服务", "kind": "service", "publish": True}
    )
    provider.post("/v1/webhooks", json={"url": gone}).raise_for_status()
    seeker = dealings.client("seeker")
    seeker.post("/v1/webhooks", json={"url": "https://oa.example.cn/duijie/events"}).raise_for_status()
    place = f"/v1/introductions/{dealings.ids['visit']}/messages"
    seeker.post(place, json={"text": "周二可以，电工已安排。"}).raise_for_status()
    wait_for(lambda: provider.get("/v1/webhooks").json()[0]["off"])
    # What fails for good needs hours of attempts; a picture does not.
    failing = text("UPDATE capability SET index_status = 'failed', index_error = :error WHERE title = :title")
    engine = create_engine(EmbeddedPostgres(site.folder / "postgres").url)
    with engine.begin() as connection:
        connection.execute(
            failing, {"error": "EncodingFailed: 模型内存不足", "title": "温湿度传感器标定服务"}
        )
    engine.dispose()


def _take(browser: Browser, site: Program, dealings: Dealings) -> None:
    for who, pictures in PICTURES.items():
        page = _open(browser, site, dealings.keys.get(who), WIDE)
        for language, mark in LANGUAGES.items():
            for name, address in pictures.items():
                if mark and name not in IN_EVERY_LANGUAGE:
                    continue
                page.goto(_in(language, address.format(**dealings.ids)))
                page.screenshot(path=FOLDER / f"{name}{mark}.png", full_page=name in WHOLE)
            if who == "seeker":
                _take_forms(page, language, mark)
        page.context.close()


def _take_forms(page: Page, language: str, mark: str) -> None:
    page.goto(_in(language, "/needs/new"))
    page.fill("#title", "枣园病虫害识别与测报")
    page.locator("#description").press_sequentially("手机拍照识别，离线能用")
    page.wait_for_selector("#hints h2")
    page.screenshot(path=FOLDER / f"post-a-need{mark}.png")
    page.goto(_in(language, "/capabilities/new"))
    page.fill("#title", "石榴预冷成套技术")
    page.select_option("#kind", "achievement")
    page.fill("#price", "很多钱")
    page.click("button[value=draft]")
    page.screenshot(path=FOLDER / f"form-with-errors{mark}.png")


def _take_others(browser: Browser, site: Program, dealings: Dealings, host: Host) -> None:
    """On a phone, on paper, and on somebody else's site."""
    for name, who, address in PHONES:
        phone = _open(browser, site, dealings.keys.get(who), PHONE)
        phone.goto(address.format(**dealings.ids))
        phone.screenshot(path=FOLDER / f"{name}-phone.png")
        phone.context.close()
    paper = _open(browser, site, None, A4)
    paper.goto("/statistics")
    paper.emulate_media(media="print")
    paper.screenshot(path=FOLDER / "statistics-print.png", full_page=True, clip=TWO_SHEETS)
    body: dict[str, Any] = {
        "name": "示例门户",
        "origins": [host.origin],
        "elements": ["matches", "search", "latest"],
    }
    site_key = dealings.operator.post("/v1/embeds", json=body).json()["site_key"]
    # A frame of another origin is painted in the window alone, so this window holds the whole page.
    portal = browser.new_page(viewport={"width": WIDE, "height": 1950}, locale="zh-CN")
    portal.goto(host.put_example(site.address, site_key, dealings.ids["need"]))
    portal.wait_for_selector("duijie-matches li")
    portal.frame_locator("iframe").locator(".cards > li").first.wait_for()
    portal.screenshot(path=FOLDER / "portal-example.png")


def _open(browser: Browser, site: Program, key: str | None, width: int) -> Page:
    context = browser.new_context(
        base_url=site.address, locale="zh-CN", viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    if key is not None:
        sign_in(page, key)
    return page


def _in(language: str, address: str) -> str:
    """The page in a language, which the pages after it keep."""
    path, hash_, anchor = address.partition("#")
    return f"{path}{'&' if '?' in path else '?'}lang={language}{hash_}{anchor}"


if __name__ == "__main__":
    main()
