"""A challenge from its draft to its acceptance in a browser: every page accessible, and whole on a phone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from schemas.base import now
from tests.browser.conftest import OpenPage, sign_in, violations
from tests.running import OPERATOR_KEY, Program, wait_for
from tests.service.contracting import content
from tests.service.tenders import bid_body, challenge_body

pytestmark = [pytest.mark.journey, pytest.mark.model]


class Tender:
    """A challenge whose deadline has just passed, with one bid and one reviewer."""

    def __init__(self, site: Program) -> None:
        self.site, self.operator = site, site.client()
        self.ids: dict[str, str] = {}
        self.keys: dict[str, str] = {"operator": OPERATOR_KEY}
        for name in ("publisher", "bidder", "reviewer"):
            body = {"name": f"{name}{uuid4().hex[:6]}", "kind": "enterprise", "affiliation": "corps"}
            made = self.operator.post("/v1/organizations", json=body).json()["id"]
            self.operator.post(f"/v1/organizations/{made}/verify")
            keys = f"/v1/organizations/{made}/api-keys"
            self.ids[name] = made
            self.keys[name] = self.operator.post(keys, json={"role": "member", "name": name}).json()["key"]
        deadline = (now() + timedelta(seconds=8)).isoformat()
        sent = self.ask("publisher", "/v1/challenges", challenge_body(deadline=deadline))
        self.place = f"/challenges/{sent['id']}"
        self.ask("publisher", f"/v1{self.place}/submit")
        self.ask("operator", f"/v1{self.place}/open")
        self.bid = f"{self.place}/bids/{self.ask('bidder', f'/v1{self.place}/bids', bid_body())['id']}"
        ask = {"organization_id": self.ids["reviewer"]}
        self.ask("operator", f"/v1{self.place}/reviewers", ask)
        wait_for(lambda: self.operator.get(f"/v1{self.place}").json()["status"] == "evaluating")
        self.ask("reviewer", f"/v1{self.place}/declaration", {"conflict": False})

    def ask(self, who: str, address: str, body: Any = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.keys[who]}"}
        answer = self.operator.post(address, json=body, headers=headers)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


@pytest.mark.parametrize("language", ["zh-CN", "ug"])
def test_from_score_sheets_to_acceptance_on_a_phone(
    open_page: OpenPage, site: Program, language: str
) -> None:
    tender = Tender(site)

    def entered(who: str, path: str) -> Page:
        page = open_page("/", language=language, width=320)
        sign_in(page, tender.keys[who])
        page.goto(path)
        return page

    def sound(page: Page) -> None:
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 320

    operator = entered("operator", f"{tender.place}/reviews")
    operator.fill("#name", "0")
    operator.locator("form[action$=reviewers] button").click()
    expect(operator.locator("#name-error")).to_be_visible()
    sound(operator)

    reviewer = entered("reviewer", f"{tender.place}/reviews")
    sound(reviewer)
    for place, points in enumerate(("90", "80", "70")):
        reviewer.locator("[name=scores]").nth(place).fill(points)
    reviewer.locator("form[action$=score] button").click()
    expect(reviewer.locator("#sheets")).to_be_visible()
    sound(reviewer)

    operator.goto(f"{tender.place}/reviews")
    operator.locator("form[action$=award] button").click()
    sides = {"seeker_id": tender.ids["publisher"], "provider_id": tender.ids["bidder"]}
    contract = {**sides, "signed_on": "2026-01-05", "content": content()}
    made = tender.ask("operator", "/v1/contracts", contract)["id"]
    publisher = entered("publisher", tender.place)
    sound(publisher)
    publisher.locator("#sign select").select_option(made)
    publisher.locator("#sign button").click()
    publisher.locator("form[action$=start] button").click()

    bidder = entered("bidder", tender.bid)
    bidder.fill("#report", "样机两台。")
    bidder.fill("#attachments", "ftp://x")
    bidder.locator("#deliver button").click()
    expect(bidder.locator("#deliver-error")).to_be_visible()
    expect(bidder.locator("#report")).to_have_value("样机两台。")
    sound(bidder)
    bidder.fill("#attachments", "https://x.example/r.pdf")
    bidder.locator("#deliver button").click()

    publisher.goto(tender.bid)
    expect(publisher.locator(f"a[href='/contracts/{made}']")).to_be_visible()
    sound(publisher)
    publisher.locator("#accept button").click()
    expect(publisher.locator(".fits li")).to_have_count(2)


@pytest.mark.parametrize("language", ["zh-CN", "ug", "ru", "en"])
def test_the_form_of_a_challenge_is_sound_with_what_is_wrong(open_page: OpenPage, language: str) -> None:
    page = open_page("/", language=language, width=320)
    sign_in(page, OPERATOR_KEY)
    page.goto("/challenges/new")
    page.fill("#title", "残膜回收")
    page.fill("#goal", "回收率不低于90%")
    page.fill("#criteria", "先进性，50")

    page.locator("main form button").click()

    expect(page.locator("#criteria-error")).to_be_visible()
    expect(page.locator("#criteria")).to_have_value("先进性，50")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320
