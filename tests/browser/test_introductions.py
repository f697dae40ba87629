"""Two sides find each other at the portal, in a browser, with and without scripts."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, sign_in, violations
from tests.browser.test_portal import posting
from tests.running import Program

pytestmark = [pytest.mark.journey, pytest.mark.model]


@pytest.fixture
def sides(site: Program) -> dict[str, Any]:
    """A member with a need and another one with a capability, by the key of each; and the pair."""
    need = posting(site, "枣园病虫害手机识别")
    [best, *_] = site.client().get(f"/v1/needs/{need['id']}/matches").json()["items"]
    seeker, provider = site.member(), site.member()
    mine = seeker.post("/v1/needs", json={"title": need["title"], "publish": True}).json()
    theirs = provider.post(
        "/v1/capabilities",
        json={"title": best["capability"]["title"], "kind": "achievement", "publish": True},
    ).json()
    keys = {
        name: str(client.headers["authorization"]).removeprefix("Bearer ")
        for name, client in (("seeker", seeker), ("provider", provider))
    }
    asking = f"/introductions/new?need_id={mine['id']}&capability_id={theirs['id']}"
    return {**keys, "asking": asking}


def ask(page: Page, sides: dict[str, Any]) -> str:
    """Signed in as the seeker, through the form. Where it led to."""
    sign_in(page, sides["seeker"])
    page.goto(sides["asking"])
    page.fill("#message", "希望到现场看看。")
    page.fill("#contact_phone", "13800138000")
    page.click("main form button")
    page.wait_for_url("**/introductions/*-*")
    return page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_one_asks_the_other_accepts_and_both_go_on(
    open_page: OpenPage, sides: dict[str, Any], *, scripts: bool
) -> None:
    address = ask(open_page("/", scripts=scripts), sides)
    page = open_page("/", scripts=scripts)
    sign_in(page, sides["provider"])

    page.click("header .own a[href='/introductions']")
    expect(page.locator("section", has=page.locator("#waiting"))).to_contain_text("等待您答复")
    page.locator("section", has=page.locator("#waiting")).locator("h3 a").first.click()
    page.locator("#answer button", has_text="同意对接").click()
    page.click("text=查看对方联系方式")
    expect(page.locator("#contacts")).to_contain_text("13800138000")
    page.fill("#text", "样机已备好。")
    page.locator("#thread button").click()
    page.select_option("#to-stage", "visit")
    page.locator("#stage button").click()

    expect(page.locator(".stages [aria-current=step]")).to_have_text("考察/样品")
    expect(page.locator(".thread")).to_contain_text("样机已备好。")
    assert page.url.startswith(address)


@pytest.mark.parametrize("language", ["zh-CN", "ug"])
def test_no_page_of_introductions_breaks_the_rules_of_wcag_or_the_width_of_a_phone(
    open_page: OpenPage, sides: dict[str, Any], language: str
) -> None:
    page = open_page("/", language=language, width=320)
    address = ask(page, sides)
    found = {"asked": violations(page)}
    for path in ("/introductions", sides["asking"]):
        page.goto(path)
        found[path] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 320

    other = open_page("/", language=language, width=320)
    sign_in(other, sides["provider"])
    other.goto(address)
    other.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found["answer"] = violations(other)
    other.locator("#answer form[action$=accept] p button").click()
    other.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found["talking"] = violations(other)

    assert other.evaluate("document.documentElement.scrollWidth") == 320
    assert {name: told for name, told in found.items() if told} == {}
