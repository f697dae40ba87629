"""Pictures of each page for ``docs/screenshots``, from the demonstration data."""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import launched, sign_in, whole_site
from tests.browser.hosts import Host
from tests.running import OPERATOR_KEY, Program, wait_for

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
WIDE, PHONE = 1280, 320
# By language: what the names of its pictures end with.
LANGUAGES = {"zh-CN": "", "ug": "-ug", "ru": "-ru", "en": "-en"}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launched(playwright)
        site = whole_site(Path(folder) / "var")
        host = Host()
        try:
            _fill(site)
            _take(browser, site, host)
        finally:
            host.end()
            site.end()
            browser.close()


def _fill(site: Program) -> None:
    """What the demonstration data lacks: something that waits at the desk, and figures of targets."""
    operator = site.client()
    unknown = {"name": "叶尔羌河果业合作社（示例）", "kind": "cooperative", "affiliation": "corps"}
    organization = operator.post("/v1/organizations", json=unknown).json()["id"]
    key = operator.post(f"/v1/organizations/{organization}/api-keys", json={"role": "member"}).json()["key"]
    waiting = {
        "title": "枣园除草机器人",
        "description": "行间杂草多，人工除草贵，要求不伤树干。",
        "publish": True,
    }
    site.client(key).post("/v1/needs", json=waiting)
    body = {"name": "区域门户", "origins": ["https://portal.example.cn"], "elements": ["latest"]}
    operator.post("/v1/embeds", json=body)
    figures = {"tech_contract_value": {2021: 0.06, 2022: 0.09, 2023: 0.11, 2024: 0.13}, "rd_gdp": {2024: 1.1}}
    wait_for(lambda: operator.get("/v1/statistics").json()["funnel"]["with_match"])
    for target in operator.get("/v1/targets").json():
        for year, value in figures.get(target["key"], {}).items():
            told = {"value": value, "source": "示例数据"}
            operator.put(f"/v1/targets/{target['id']}/values/{year}", json=told)


def _take(browser: Browser, site: Program, host: Host) -> None:
    found: dict[str, Any] = site.client().get("/v1/needs", params={"q": "枣园病虫害手机识别"}).json()
    need = found["items"][0]["id"]
    [best, *_] = site.client().get(f"/v1/needs/{need}/matches").json()["items"]
    capability = best["capability"]["id"]
    body = {"name": "示例门户", "origins": [host.origin], "elements": ["matches", "search", "latest"]}
    site_key = site.client().post("/v1/embeds", json=body).json()["site_key"]
    member_key = str(site.member().headers["authorization"]).removeprefix("Bearer ")
    pages = {
        "home": "/",
        "needs": "/needs?domain=fruit&domain=crops",
        "capabilities": "/capabilities?affiliation=aid",
        "search": "/search?q=枣园病虫害识别与测报",
        "search-nothing": "/search?q=红烧肉怎么做",
        "need": f"/needs/{need}",
        "capability": f"/capabilities/{capability}",
        "reasons": f"/needs/{need}/matches/{capability}",
        "sign-in": "/sign-in",
        "statistics": "/statistics",
        "challenges": "/challenges",
        "challenge": f"/challenges/{_challenge(site)}",
        "privacy": "/privacy",
        "not-found": "/nowhere",
        "frame": f"/embed/latest?key={site_key}&side=needs",
    }
    for language, mark in LANGUAGES.items():
        page = _open(browser, site, language, WIDE)
        for name, address in pages.items():
            if not mark or name in ("home", "needs", "statistics"):
                page.goto(address)
                page.screenshot(path=FOLDER / f"{name}{mark}.png", full_page=name in ("home", "capability"))
        _take_signed_in(page, mark, member_key)
        _take_docking(page, site, mark)
        page.context.close()
    phone = _open(browser, site, "zh-CN", PHONE)
    for name in ("home", "need", "statistics"):
        phone.goto(pages[name])
        phone.screenshot(path=FOLDER / f"{name}-phone.png")
    # A frame of another origin is painted in the window alone, so this window holds the whole page.
    portal = browser.new_page(viewport={"width": WIDE, "height": 1950}, locale="zh-CN")
    portal.goto(host.put_example(site.address, site_key, need))
    portal.wait_for_selector("duijie-matches li")
    portal.frame_locator("iframe").locator(".cards > li").first.wait_for()
    portal.screenshot(path=FOLDER / "portal-example.png")


def _take_signed_in(page: Page, mark: str, member_key: str) -> None:
    sign_in(page, member_key)
    page.goto("/needs/new")
    page.fill("#title", "枣园病虫害识别与测报")
    page.locator("#description").press_sequentially("手机拍照识别，离线能用")
    page.wait_for_selector("#hints h2")
    page.screenshot(path=FOLDER / f"post-a-need{mark}.png")
    page.goto("/capabilities/new")
    page.fill("#title", "石榴预冷成套技术")
    page.select_option("#kind", "achievement")
    page.fill("#price", "很多钱")
    page.click("button[value=draft]")
    page.screenshot(path=FOLDER / f"form-with-errors{mark}.png")
    if mark:
        return
    page.goto("/capabilities/new")
    page.fill("#title", "石榴预冷成套技术")
    page.select_option("#kind", "achievement")
    page.click("button[value=draft]")
    page.goto("/my")
    page.screenshot(path=FOLDER / "my.png")
    page.context.clear_cookies()
    sign_in(page, OPERATOR_KEY)
    page.goto("/desk")
    page.screenshot(path=FOLDER / "desk.png")
    page.goto("/statistics")
    for name, anchor in (("statistics-targets", "#targets"), ("statistics-map", ".map")):
        page.locator(anchor).scroll_into_view_if_needed()
        page.locator(anchor).evaluate("one => one.scrollIntoView()")
        page.screenshot(path=FOLDER / f"{name}.png")


def _challenge(site: Program) -> str:
    [challenge] = site.client().get("/v1/challenges", params={"status": "open"}).json()["items"]
    return str(challenge["id"])


def _take_docking(page: Page, site: Program, mark: str) -> None:
    """From a match to a contract, as the sides of the demonstration see it."""
    operator = site.client()
    found = operator.get("/v1/introductions", params={"limit": 50}).json()["items"]
    by_status = {f"{one['status']}-{one['stage']}": one for one in found}
    visit, contracted = by_status["accepted-visit"], by_status["accepted-contract"]
    [contract] = operator.get("/v1/contracts").json()["items"]
    broker = by_status["proposed-None"]["broker"]["id"]
    shown = {
        visit["seeker"]["id"]: {
            "introductions": "/introductions",
            "introduction": f"/introductions/{visit['id']}",
            "notifications": "/notifications",
            "subscription": "/subscriptions/new?q=纺纱车间节能",
            "webhooks": "/webhooks",
            "audit": "/audit",
        },
        contracted["seeker"]["id"]: {
            "contracts": "/contracts",
            "contract": f"/contracts/{contract['id']}",
            "challenge-form": "/challenges/new",
        },
    }
    for organization, pages in shown.items():
        _enter(page, site, organization, "member")
        for name, address in pages.items():
            if not mark or name == "introduction":
                page.goto(address)
                page.screenshot(path=FOLDER / f"{name}{mark}.png")
    if not mark:
        _enter(page, site, broker, "broker")
        page.goto("/broker")
        page.screenshot(path=FOLDER / "broker.png")


def _enter(page: Page, site: Program, organization: str, role: str) -> None:
    issued = site.client().post(f"/v1/organizations/{organization}/api-keys", json={"role": role})
    page.context.clear_cookies()
    sign_in(page, issued.json()["key"])


def _open(browser: Browser, site: Program, language: str, width: int) -> Page:
    context = browser.new_context(
        base_url=site.address, locale=language, viewport={"width": width, "height": 800}
    )
    return context.new_page()


if __name__ == "__main__":
    main()
