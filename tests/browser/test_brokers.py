"""Brokers at the portal, in a browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, sign_in, violations
from tests.running import OPERATOR_KEY, Program, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.model]


@pytest.fixture(scope="session")
def broker_key(site: Program) -> str:
    """Of a broker with a proposal that was declined, and an evaluation that it may answer."""
    operator = site.client()
    body = {"name": "喀什技术经纪所", "kind": "broker", "affiliation": "local"}
    owner = operator.post("/v1/organizations", json=body).json()["id"]
    key = str(operator.post(f"/v1/organizations/{owner}/api-keys", json={"role": "broker"}).json()["key"])
    broker = site.client(key)
    made = broker.post(
        "/v1/brokers", json={"level": "middle", "domains": ["fruit"], "certificate": "65-18"}
    ).json()
    need, capability = (
        operator.get(f"/v1/{side}", params={"limit": 1}).json()["items"][0]["id"]
        for side in ("needs", "capabilities")
    )
    pair = {"need_id": need, "capability_id": capability, "human_score": 0.8}
    broker.post("/v1/introductions", json=pair)
    year = {"year": 2026}
    operator.post(f"/v1/brokers/{made['id']}/evaluations", json=year)
    operator.post(f"/v1/brokers/{made['id']}/evaluations/2026/confirm", json={})
    # The first look over all needs comes a moment after the start.
    wait_for(lambda: broker.get("/v1/brokers/worklist").json()["items"])
    return key


@pytest.mark.parametrize("language", ["zh-CN", "ug"])
def test_a_broker_works_through_the_list_and_answers_an_evaluation(
    open_page: OpenPage, site: Program, broker_key: str, language: str
) -> None:
    page = open_page("/", language=language, width=320, scripts=False)
    sign_in(page, broker_key)
    page.goto("/broker")

    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.locator("#worklist form button").first.click()
    page.locator("main a.button").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    expect(page.locator("#record dd").first).not_to_have_text("0")


@pytest.mark.parametrize("language", ["zh-CN", "ug"])
@pytest.mark.parametrize("whose", ["broker", "operator"])
def test_no_page_of_brokers_breaks_the_rules_of_wcag(
    open_page: OpenPage, site: Program, broker_key: str, language: str, whose: str
) -> None:
    own = site.client(broker_key).get("/v1/brokers").json()["items"][0]["id"]
    page = open_page("/", language=language)
    sign_in(page, broker_key if whose == "broker" else OPERATOR_KEY)

    for path in ("/broker", f"/broker/{own}"):
        page.goto(path)
        assert violations(page) == []
