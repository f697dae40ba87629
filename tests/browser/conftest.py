"""A real browser on a real program with the demonstration data."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.dealings import Dealings
from tests.browser.hosts import Host
from tests.mail_server import Mailbox, mail_server
from tests.running import PATIENCE, Program, answers, wait_for
from tests.tools import npm_file

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

OpenPage = Callable[..., Page]
OpenHost = Callable[..., Page]


def launched(playwright: Playwright) -> Browser:
    # As root there is no sandbox to be had; and nothing here asks any other host.
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
    )


def whole_site(folder: Path, mailbox: Mailbox, **settings: str) -> Program:
    """The whole program, once all of the demonstration data is indexed. It mails to ``mailbox``."""
    mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mailbox.port), "SMTP_TLS": "none"}
    running = Program(folder, DEMO="1", **mail, **settings)
    with ExitStack() as unless_ready:
        unless_ready.callback(running.end)
        running.start()
        operator = running.client()

        def pending() -> int:
            counts = [
                operator.get(f"/v1/{side}", params={"facets": True, "limit": 1}).json()["facets"][
                    "index_status"
                ]
                for side in ("needs", "capabilities")
            ]
            return sum(count.get("pending", 0) for count in counts)

        wait_for(lambda: answers(lambda: operator.get("/readyz")) and pending() == 0, patience=2 * PATIENCE)
        unless_ready.pop_all()
    return running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs Chromium: make tools")
    npm_file("axe-core/axe.min.js")
    with sync_playwright() as playwright:
        found = launched(playwright)
        yield found
        found.close()


@pytest.fixture(scope="session")
def letters() -> Iterator[Mailbox]:
    """What the site mails."""
    with mail_server() as made:
        yield made


@pytest.fixture(scope="session")
def site(browser: Browser, letters: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    running = whole_site(tmp_path_factory.mktemp("site") / "var", letters)
    yield running
    running.end()


@pytest.fixture
def open_page(browser: Browser, site: Program) -> Iterator[OpenPage]:
    """Open a page as a browser of its own.

    Whatever it asks of another host fails the test, as does what its content security policy keeps from running.
    """
    contexts = []
    foreign: list[str] = []
    forbidden: list[str] = []

    def note(request: Any) -> None:
        if not request.url.startswith((site.address, "data:", "blob:")):
            foreign.append(request.url)

    def note_policy(message: Any) -> None:
        if "Content Security Policy" in message.text:
            forbidden.append(message.text)

    def opened(path: str, *, language: str = "zh-CN", width: int = 1280, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=site.address,
            locale=language,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", note)
        page.on("console", note_policy)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert foreign == []
    assert forbidden == []


@pytest.fixture(scope="session")
def member_key(site: Program) -> str:
    return str(site.member().headers["authorization"]).removeprefix("Bearer ")


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.end()


@pytest.fixture(scope="session")
def site_key(site: Program, host: Host) -> str:
    body = {"name": "门户", "origins": [host.origin], "elements": ["matches", "search", "latest"]}
    made: dict[str, Any] = site.client().post("/v1/embeds", json=body).json()
    return str(made["site_key"])


@pytest.fixture
def open_host(browser: Browser, host: Host, site: Program) -> Iterator[OpenHost]:
    """Open the other site with something in it; whatever is asked of a third host fails the test."""
    contexts = []
    foreign: list[str] = []

    def note(request: Any) -> None:
        if not request.url.startswith((site.address, host.origin, "data:", "blob:")):
            foreign.append(request.url)

    def opened(body: str, *, width: int = 1280, script: str = "") -> Page:
        script = script or f'<script type="module" src="{site.address}/widget.js"></script>'
        host.body = f"{script}{body}"
        context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("request", note)
        page.goto(host.origin)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert foreign == []


def sign_in(page: Page, key: str) -> None:
    page.goto("/sign-in")
    page.fill("#key", key)
    page.click("main button")
    page.wait_for_url("**/my")


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, each with where."""
    # Our own pages let no foreign script in, so it goes in by the debugger.
    page.evaluate(npm_file("axe-core/axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.fixture(scope="session")
def dealings(site: Program, letters: Mailbox) -> Dealings:
    """What there is to look at. Made once: two may not have a second contract for the same introduction."""
    return Dealings(site, letters)
