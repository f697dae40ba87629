"""What holds of every page, in a browser: accessible, whole on a phone, nothing foreign, nothing inline."""

from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize

from service.platform.locales import LANGUAGES
from tests.browser.conftest import sign_in, violations
from tests.browser.pages import Look
from tests.running import Program

PHONE, DESK = ViewportSize(width=320, height=900), ViewportSize(width=1280, height=900)
# Swagger's own page: it sets its styles by script, and its colours are not ours.
SWAGGER = "/docs"
#: What reaches beyond the right or left edge of the window without being scrolled in a box of its own.
BEYOND = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')]
    .filter(one => !one.closest('.scrolled, .visually-hidden, .skip'))
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
    .map(one => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 40)}`).slice(-3)
    .concat(document.documentElement.scrollWidth)"""
INLINE = """() => [...document.querySelectorAll('[style], style, script:not([src]):not([type="application/ld+json"])'),
  ...[...document.querySelectorAll('*')].filter(one => [...one.attributes].some(at => at.name.startsWith('on')))]
    .map(one => one.outerHTML.slice(0, 80))"""


class Window:
    """A browser of each who looks at pages, signed in once, and what it did that no page may."""

    def __init__(self, browser: Browser, site: Program, keys: dict[str, str]) -> None:
        self.browser, self.site, self.keys = browser, site, keys
        self.pages: dict[str, Page] = {}
        self.refused: list[str] = []

    def of(self, who: str) -> Page:
        if who not in self.pages:
            context = self.browser.new_context(base_url=self.site.address, locale="zh-CN")
            page = self.pages[who] = context.new_page()
            page.on("request", self._note_request)
            page.on("console", self._note_policy)
            if who in self.keys:
                sign_in(page, self.keys[who])
        return self.pages[who]

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((self.site.address, "data:", "blob:")):
            self.refused.append(request.url)

    def _note_policy(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.refused.append(message.text)


def broken_rules(window: Window, look: Look, ids: dict[str, str]) -> dict[str, list[str]]:
    """What is wrong with a page, by rule. One window is resized and told another language: a new one takes a second."""
    page = window.of(look.who)
    window.refused.clear()
    address = look.address.format(**ids)
    broken: dict[str, list[str]] = {}
    for language in LANGUAGES:
        page.set_viewport_size(DESK if language == "zh" else PHONE)
        answer = page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        assert answer is not None
        if answer.status not in _status(look.address):
            broken["status"] = [str(answer.status)]
        if language in ("zh", "ug") and look.address != SWAGGER:
            broken[f"wcag {language}"] = violations(page)
        page.set_viewport_size(PHONE)
        broken[f"width {language}"] = page.evaluate(BEYOND)
    if look.address != SWAGGER:
        broken["inline"] = page.evaluate(INLINE)
    broken["refused"] = list(window.refused)
    return {rule: told for rule, told in broken.items() if told}


def _status(address: str) -> set[int]:
    if "%01" in address:
        return {422}
    if "nobodys" in address or address == "/sign-in/back":
        return {401, 403, 404}
    return {404} if address == "/nowhere" else {200}
