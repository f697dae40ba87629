"""Findings, the veto list and the audit in a browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, sign_in, violations
from tests.running import OPERATOR_KEY

pytestmark = [pytest.mark.journey, pytest.mark.model]


@pytest.mark.parametrize("language", ["zh-CN", "ug"])
def test_what_might_leak_is_marked_changed_and_published(
    open_page: OpenPage, member_key: str, language: str
) -> None:
    page = open_page("/", language=language)
    sign_in(page, member_key)
    page.goto("/needs/new")
    page.fill("#title", "红枣分级设备")
    page.fill("#description", "图纸为机密★，负责人 65312319900307123X，电话13800138000。")
    page.click("button[value=publish]")

    expect(page.locator("#description-found mark")).to_have_count(3)
    expect(page.locator("#title")).to_have_value("红枣分级设备")
    assert violations(page) == []
    page.fill("#description", "按大小和裂纹分级。")
    page.click("button[value=publish]")
    expect(page.locator("h1")).to_have_text("红枣分级设备")


@pytest.mark.parametrize("width", [1280, 320])
def test_the_desk_with_findings_and_vetoes_and_the_audit_break_no_rule(
    open_page: OpenPage, member_key: str, width: int
) -> None:
    poster = open_page("/")
    sign_in(poster, member_key)
    poster.goto("/needs/new")
    poster.fill("#title", "涉密材料加工")
    poster.click("button[value=publish]")
    poster.click("button[value=review]")
    page = open_page("/", width=width)
    sign_in(page, OPERATOR_KEY)

    page.goto("/desk")
    expect(page.locator("#review .findings mark").first).to_have_text("涉密")
    assert violations(page) == []
    page.goto("/audit")
    expect(page.locator("tbody tr").first).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
