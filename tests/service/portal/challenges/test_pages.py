"""Challenges for people: read by anybody, published, bid for, reviewed and accepted without any script."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from schemas.vocabulary import Role
from service.matches.live_index import LiveIndex
from tests.conftest import ClientFor
from tests.make import make_key, make_need, make_organization
from tests.service.tenders import SECRETS, Tender

ORIGIN = "http://testserver"
FORM = {
    "title": "棉田残膜高效回收装备",
    "goal": "一次作业回收率不低于90%。",
    "indicators": "残膜回收率≥90%\n作业效率≥8亩/小时",
    "own_yuan": "4000000",
    "public_yuan": "1000000",
    "solver_share": "60",
    "months": "24",
    "deadline": "2030-12-31T20:00",
    "mode": "single",
    "winners": "1",
    "milestones": "样机，2029-06-30\n淘汰：熟化",
    "eligible_kinds": ["university", "research_institute"],
    "eligible_regions": "广东省，喀什地区",
    "domains": ["crops"],
    "region": "四十四团",
    "least_reviewers": "1",
    "publicity_days": "0",
}
BID = {
    "proposal": SECRETS[0],
    "plan": SECRETS[1],
    "price_yuan": SECRETS[2],
    "months": "18",
    "team": f"{SECRETS[3]}，教授，总体\n李明",
}


class Visitor:
    """Somebody at a browser, signed in."""

    def __init__(self, app: FastAPI, key: str) -> None:
        headers = {"Accept": "text/html", "Accept-Language": "zh-CN", "Origin": ORIGIN}
        self.client = TestClient(
            app, raise_server_exceptions=False, base_url=ORIGIN, headers=headers, follow_redirects=False
        )
        assert self.client.post("/sign-in", data={"key": key}).status_code == 303

    def post(self, page: str, address: str, **fields: Any) -> Any:
        """Send a form from a page with what the page put into it."""
        text = self.client.get(page).text
        kept = {
            name: found[0]
            for name in ("form_token", "once")
            if (found := re.findall(f'name="{name}" value="([^"]+)"', text))
        }
        return self.client.post(address, data={**kept, **fields})


@pytest.fixture
def visit(session: Session, app: FastAPI) -> Iterator[Any]:
    app.state.index = LiveIndex()
    made = []

    def visitor(organization: Organization, role: Role = Role.member) -> Visitor:
        made.append(Visitor(app, make_key(session, organization, role=role)))
        return made[-1]

    yield visitor
    for one in made:
        one.client.close()


@pytest.fixture
def tender(session: Session, client_for: ClientFor) -> Tender:
    return Tender(session, client_for, commitment="未达标退还经费。").opened()


def anybody(tender: Tender) -> TestClient:
    return TestClient(tender.operator.app, headers={"Accept": "text/html", "Accept-Language": "zh-CN"})


def test_anybody_reads_open_challenges_and_their_steps_and_no_drafts(
    session: Session, client_for: ClientFor, tender: Tender
) -> None:
    draft = Tender(session, client_for, title="尚未公开的榜单")

    listed = anybody(tender).get("/challenges").text
    page = anybody(tender).get(f"/challenges/{tender.id}").text

    assert tender.id in listed
    assert "尚未公开的榜单" not in listed
    assert anybody(tender).get(f"/challenges/{draft.id}").status_code == 404
    assert "残膜回收率≥90%" in page
    assert "发榜" in page
    assert "<form" not in page


def test_the_list_is_filtered_by_status_domain_and_region(tender: Tender) -> None:
    def found(query: str) -> bool:
        return tender.id in anybody(tender).get(f"/challenges?{query}").text

    assert found("status=open&domain=crops&region=图木舒克市")
    assert not found("status=failed")
    assert not found("domain=fruit")
    assert not found("region=44")


def test_a_challenge_is_published_through_forms_and_opened_by_an_operator(
    session: Session, visit: Any
) -> None:
    member, operator = visit(make_organization(session)), visit(make_organization(session), Role.operator)

    made = member.post("/challenges/new", "/challenges/new", **FORM)
    place = made.headers["location"]
    edited = member.post(f"{place}/edit", f"{place}/edit", **{**FORM, "title": "残膜回收机"})
    handed_in = member.post(place, f"{place}/do/submit")
    opened = operator.post(place, f"{place}/do/open")

    assert [answer.status_code for answer in (made, edited, handed_in, opened)] == [303] * 4
    page = member.client.get(place).text
    assert "残膜回收机" in page
    assert "2030-12-31 20:00" in page
    assert "广东省" in page
    assert page.count("淘汰节点") == 1
    assert "待揭榜" in page


def test_a_need_leads_to_a_form_that_says_what_the_need_says(session: Session, visit: Any) -> None:
    owner = make_organization(session)
    need = make_need(session, owner, title="骏枣裂果防控", description="裂果率高。", indicators=["裂果率≤5%"])
    member, stranger = visit(owner), visit(make_organization(session))
    link = f"/challenges/new?need_id={need.id}"

    form = member.client.get(link).text
    made = member.post(link, link, **{**FORM, "title": "裂果防控"}).headers["location"]

    assert link in member.client.get(f"/needs/{need.id}").text
    assert link not in stranger.client.get(f"/needs/{need.id}").text
    assert "骏枣裂果防控" in form
    assert "裂果率≤5%" in form
    assert stranger.client.get(link).status_code == 404
    assert member.client.get(made).status_code == 200


def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(
    session: Session, visit: Any
) -> None:
    member = visit(make_organization(session))

    answer = member.post("/challenges/new", "/challenges/new", **{**FORM, "region": "火星"})

    assert answer.status_code == 422
    assert 'id="region-error"' in answer.text
    assert "一次作业回收率不低于90%。" in answer.text


def test_what_a_draft_lacks_is_told_on_its_page(session: Session, visit: Any) -> None:
    member = visit(make_organization(session))
    place = member.post("/challenges/new", "/challenges/new", **{**FORM, "indicators": ""}).headers[
        "location"
    ]

    answer = member.post(place, f"{place}/do/submit")

    assert answer.status_code == 422
    assert "发榜前必须填写" in answer.text


def test_a_form_of_another_site_changes_nothing(session: Session, visit: Any, tender: Tender) -> None:
    publisher = visit(tender.owner)

    answers = [
        publisher.client.post(f"/challenges/{tender.id}/do/withdraw", data={"reason": "伪造"}),
        publisher.client.post(f"/challenges/{tender.id}/bid", data=BID),
        publisher.client.post(f"/challenges/{tender.id}/reviewers", data={"name": "单位"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert tender.read()["status"] == "open"


def test_a_consortium_bids_through_forms_and_nobody_else_sees_it(
    session: Session, visit: Any, tender: Tender
) -> None:
    partner = make_organization(session, name="巴楚县中试站")
    lead, member, operator = visit(tender.firm), visit(partner), visit(tender.panel, Role.operator)
    place = f"/challenges/{tender.id}"

    unknown = lead.post(f"{place}/bid", f"{place}/bid", **BID, members="没有这家，研发单位")
    without = lead.post(f"{place}/bid", f"{place}/bid", **BID)
    bid = lead.post(
        f"{place}/bid", f"{place}/bid", **BID, members="巴楚县中试站，中试验证单位", commitment_accepted="yes"
    ).headers["location"]
    agreed = member.post(bid, f"{bid}/agree", commitment_accepted="yes")

    assert (unknown.status_code, without.status_code, agreed.status_code) == (422, 422, 303)
    assert "已提交（密封）" in lead.client.get(bid).text
    assert SECRETS[3] in lead.client.get(f"{place}/bid").text
    assert operator.client.get(bid).status_code == 404
    seen = [operator.client.get(path).text for path in (place, "/challenges", "/desk")]
    assert not [page for page in seen if tender.firm.name in page or any(one in page for one in SECRETS)]


def test_from_the_deadline_to_acceptance_through_forms(session: Session, visit: Any, tender: Tender) -> None:
    place = f"/challenges/{tender.id}"
    bidder, publisher, reviewer = visit(tender.firm), visit(tender.owner), visit(tender.panel)
    operator = visit(make_organization(session), Role.operator)
    bid = bidder.post(f"{place}/bid", f"{place}/bid", **BID, commitment_accepted="yes").headers["location"]
    operator.post(f"{place}/reviews", f"{place}/reviewers", name=tender.panel.name)
    tender.pass_deadline()

    undeclared = reviewer.client.get(bid).text
    steps = [
        reviewer.post(f"{place}/reviews", f"{place}/declaration", conflict="no"),
        reviewer.post(f"{place}/reviews", f"{bid}/score", scores=["90", "80", "70"], remark="可行"),
        operator.post(f"{place}/reviews", f"{place}/do/award", bid_ids=[bid.rsplit("/", 1)[1]]),
        publisher.post(place, f"{place}/do/sign"),
        publisher.post(place, f"{place}/do/start"),
        bidder.post(bid, f"{bid}/deliver", milestone="", report="样机两台"),
        publisher.post(bid, f"{bid}/accept", outcome=["met", "met"], figure=["93.5", ""]),
    ]

    assert SECRETS[0] not in undeclared
    assert [answer.status_code for answer in steps] == [303] * len(steps)
    page = anybody(tender).get(place).text
    assert "已解决" in page
    assert "通过验收" in page
    assert tender.firm.name in page
    assert "81.00" in page


def test_what_does_not_fit_is_told_on_the_bids_page(session: Session, visit: Any, tender: Tender) -> None:
    place = f"/challenges/{tender.id}"
    bid = f"{place}/bids/{tender.bid(commitment_accepted=True)}"
    reviewer = visit(tender.panel)
    tender.evaluating()

    answer = reviewer.post(f"{place}/reviews", f"{bid}/score", scores=["90", "80", "170"])

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("language", ["ug", "ru", "en"])
def test_pages_speak_the_other_languages(visit: Any, tender: Tender, language: str) -> None:
    tender.bid(commitment_accepted=True)
    tender.evaluating()
    operator = visit(tender.panel, Role.operator)

    pages = [
        operator.client.get(f"{path}?lang={language}").text
        for path in (f"/challenges/{tender.id}", "/challenges/new", f"/challenges/{tender.id}/reviews")
    ]

    assert all("揭榜截止时间" not in page and "评审人" not in page for page in pages)


@pytest.mark.parametrize("kind", ["atom", "json"])
def test_feeds_have_open_challenges_by_domain_and_region(tender: Tender, kind: str) -> None:
    reader = anybody(tender)
    found = reader.get(f"/feeds/challenges.{kind}?domain=crops&region=659003").text

    assert f"/challenges/{tender.id}" in found
    assert "待揭榜" in found
    assert tender.id not in reader.get(f"/feeds/challenges.{kind}?domain=fruit").text
    assert tender.id not in reader.get(f"/feeds/challenges.{kind}?region=44").text


def test_the_sitemap_and_harvesters_have_what_was_opened(
    session: Session, client_for: ClientFor, tender: Tender
) -> None:
    draft = Tender(session, client_for)
    reader = anybody(tender)
    asked = "/oai?verb=ListRecords&metadataPrefix=oai_dc"

    sitemap = reader.get("/sitemap.xml").text
    harvests = [reader.get(f"{asked}{more}") for more in ("", "&set=challenges", "&set=domain:crops")]
    one = reader.get(
        f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:testserver:challenges/{tender.id}"
    )

    assert f"/challenges/{tender.id}" in sitemap
    assert draft.id not in sitemap
    for harvest in (*harvests, one):
        ET.fromstring(harvest.content)
        assert f"oai:testserver:challenges/{tender.id}" in harvest.text
        assert draft.id not in harvest.text
    assert reader.get(f"{asked}&set=needs").text.count("noRecordsMatch") == 1
