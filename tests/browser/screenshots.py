"""Pictures of each page for ``docs/screenshots``, from the demonstration data."""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import launched, sign_in, whole_site
from tests.running import OPERATOR_KEY, Program

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
WIDE, PHONE = 1280, 320


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launched(playwright)
        site = whole_site(Path(folder) / "var")
        try:
            _take(browser, site)
        finally:
            site.end()
            browser.close()


def _take(browser: Browser, site: Program) -> None:
    found: dict[str, Any] = site.client().get("/v1/needs", params={"q": "枣园病虫害手机识别"}).json()
    need = found["items"][0]["id"]
    [best, *_] = site.client().get(f"/v1/needs/{need}/matches").json()["items"]
    pages = {
        "home": "/",
        "needs": "/needs?domain=fruit&domain=crops",
        "search": "/search?q=枣园病虫害识别与测报",
        "need": f"/needs/{need}",
        "reasons": f"/needs/{need}/matches/{best['capability']['id']}",
        "sign-in": "/sign-in",
        "statistics": "/statistics",
    }
    for width, language, mark, names in (
        (WIDE, "zh-CN", "", set(pages)),
        (PHONE, "zh-CN", "-phone", {"home", "need"}),
        (WIDE, "ug", "-ug", {"home", "needs"}),
    ):
        context = browser.new_context(
            base_url=site.address, locale=language, viewport={"width": width, "height": 800}
        )
        page = context.new_page()
        for name in names:
            page.goto(pages[name])
            page.screenshot(path=FOLDER / f"{name}{mark}.png", full_page=name == "home")
        if not mark:
            sign_in(page, str(site.member().headers["authorization"]).removeprefix("Bearer "))
            page.goto("/needs/new")
            page.fill("#title", "枣园病虫害识别与测报")
            page.locator("#description").press_sequentially("手机拍照识别，离线能用")
            page.wait_for_selector("#hints h2")
            page.screenshot(path=FOLDER / "post-a-need.png")
            page.goto("/")
            page.context.clear_cookies()
            sign_in(page, OPERATOR_KEY)
            page.goto("/desk")
            page.screenshot(path=FOLDER / "desk.png")
        context.close()


if __name__ == "__main__":
    main()
