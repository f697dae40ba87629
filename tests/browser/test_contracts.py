"""The pages of contracts in a browser: by keyboard and screen reader, and on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, sign_in, violations
from tests.running import OPERATOR_KEY, Program
from tests.service.contracting import content, number

pytestmark = [pytest.mark.journey, pytest.mark.model]


@pytest.fixture
def contract(site: Program) -> dict[str, Any]:
    """Signed elsewhere, with something for the pre-check to find."""
    operator = site.client()
    sides = [
        operator.post(
            "/v1/organizations",
            json={"name": f"{name}{number()}", "kind": "enterprise", "affiliation": "corps"},
        ).json()["id"]
        for name in ("买方", "卖方")
    ]
    body = {
        "seeker_id": sides[0],
        "provider_id": sides[1],
        "signed_on": "2026-03-02",
        "content": content("license", payment=""),
    }
    made: dict[str, Any] = operator.post("/v1/contracts", json=body).json()
    key = operator.post(f"/v1/organizations/{sides[1]}/api-keys", json={"role": "member"}).json()["key"]
    return {**made, "key": key}


def entered(open_page: OpenPage, key: str, path: str, **how: Any) -> Page:
    page = open_page("/", **how)
    sign_in(page, key)
    page.goto(path)
    return page


@pytest.mark.parametrize("language", ["zh-CN", "ug", "ru", "en"])
@pytest.mark.parametrize(
    "path", ["/contracts", "/contracts/new", "/contracts/{id}?seals_match=true", "/contracts/{id}/content"]
)
def test_no_page_of_contracts_breaks_the_rules_of_wcag(
    open_page: OpenPage, contract: dict[str, Any], path: str, language: str
) -> None:
    key = contract["key"] if path.endswith("content") else OPERATOR_KEY
    page = entered(open_page, key, path.format(id=contract["id"]), language=language)

    expect(page.locator("h1")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize(
    "path", ["/contracts", "/contracts/{id}?seals_match=true", "/contracts/{id}/content"]
)
def test_a_phone_of_320_pixels_shows_contracts_in_its_whole_width(
    open_page: OpenPage, contract: dict[str, Any], path: str
) -> None:
    page = entered(open_page, contract["key"], path.format(id=contract["id"]), width=320)

    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_contract_is_handed_in_and_registered_without_scripts(
    open_page: OpenPage, site: Program, contract: dict[str, Any]
) -> None:
    page = entered(open_page, OPERATOR_KEY, f"/contracts/{contract['id']}", scripts=False)

    page.locator("form[action$=submit] button").click()
    page.locator("form[action$=register] [name=number]").fill(number())
    page.locator("form[action$=register] button").click()

    expect(page.locator("h1 + .meta")).to_contain_text("已登记")
    page.goto("/statistics")
    expect(page.locator("#contracts")).to_contain_text("技术许可合同")
    assert site.client().get(f"/v1/contracts/{contract['id']}").json()["status"] == "registered"
