"""Forms of challenges and bids: each field of the API is there, and what was typed stays when it is refused."""

import re
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, select

from schemas.bid import BidMember
from schemas.bid_review import BidReviewer
from schemas.challenge import Challenge
from schemas.vocabulary import Role
from tests.make import make_key, make_organization
from tests.service.contracting import content
from tests.service.portal.challenges.test_pages import BID, FORM
from tests.service.portal.challenges.test_pages import tender as tender  # noqa: PLC0414
from tests.service.portal.challenges.test_pages import visit as visit  # noqa: PLC0414
from tests.service.tenders import Tender


def test_the_form_has_every_rule_of_a_challenge_and_an_edit_keeps_them(session: Session, visit: Any) -> None:
    owner = make_organization(session)
    member = visit(owner)
    rules = {**FORM, "criteria": "先进性，60\n团队，条件，40", "publisher_may_review": "true"}

    place = member.post("/challenges/new", "/challenges/new", **rules).headers["location"]
    form = member.client.get(f"{place}/edit").text
    uneven = member.post(
        f"{place}/edit", f"{place}/edit", **{**rules, "criteria": "先进性，60\n团队，条件，41"}
    )
    unweighted = member.post(f"{place}/edit", f"{place}/edit", **{**rules, "criteria": "先进性"})
    edited = member.post(f"{place}/edit", f"{place}/edit", **{**rules, "title": "残膜回收机"})

    kept = session.get_one(Challenge, place.rsplit("/", 1)[1], populate_existing=True)
    assert (edited.status_code, kept.title, kept.publisher_may_review) == (303, "残膜回收机", True)
    assert [(one.name, one.weight) for one in kept.criteria] == [("先进性", 60), ("团队，条件", 40)]
    assert "先进性，60\n团队，条件，40" in form
    assert (uneven.status_code, unweighted.status_code) == (422, 422)
    assert 'id="criteria-error">权重合计应为 100' in uneven.text
    assert "团队，条件，41" in uneven.text


def test_an_edit_of_what_somebody_else_has_changed_is_told_and_kept(session: Session, visit: Any) -> None:
    member = visit(make_organization(session))
    place = member.post("/challenges/new", "/challenges/new", **FORM).headers["location"]
    [seen] = re.findall('name="version" value="(.+)"', member.client.get(f"{place}/edit").text)
    form = {**FORM, "version": seen}

    first = member.post(f"{place}/edit", f"{place}/edit", **{**form, "title": "第一次"})
    second = member.post(f"{place}/edit", f"{place}/edit", **{**form, "title": "第二次"})

    assert (first.status_code, second.status_code) == (303, 412)
    assert "第二次" in second.text


def test_operators_alone_say_whose_challenge_it_is(session: Session, visit: Any) -> None:
    operator, member = visit(make_organization(session), Role.operator), visit(make_organization(session))
    form = {**FORM, "kind": "enterprise"}

    place = operator.post("/challenges/new", "/challenges/new", **form).headers["location"]

    assert session.get_one(Challenge, place.rsplit("/", 1)[1]).kind == "enterprise"
    assert 'name="kind"' in operator.client.get("/challenges/new").text
    assert 'name="kind"' not in member.client.get("/challenges/new").text


@pytest.mark.parametrize("language", ["zh", "ug", "ru", "en"])
def test_what_stands_in_a_form_is_read_as_it_was_told(session: Session, visit: Any, language: str) -> None:
    member = visit(make_organization(session))
    member.client.headers["Accept-Language"] = language
    place = member.post("/challenges/new", "/challenges/new", **FORM).headers["location"]
    page = member.client.get(f"{place}/edit").text
    typed = {
        name: unescape(text)
        for name, text in re.findall(r'<textarea id="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    }

    member.post(f"{place}/edit", f"{place}/edit", **{**FORM, **typed})

    kept = session.get_one(Challenge, place.rsplit("/", 1)[1], populate_existing=True)
    assert [(one.title, str(one.due), one.gate) for one in kept.milestones] == [
        ("样机", "2029-06-30", False),
        ("熟化", "None", True),
    ]
    assert [one.weight for one in kept.criteria] == [40, 30, 30]


@pytest.mark.parametrize("language", ["zh", "ug", "ru", "en"])
def test_a_members_role_and_task_stay_through_a_change(
    session: Session, visit: Any, tender: Tender, language: str
) -> None:
    partner, lead = make_organization(session, name="巴楚县中试站"), visit(tender.firm)
    lead.client.headers["Accept-Language"] = language
    page = f"/challenges/{tender.id}/bid"
    form = {**BID, "commitment_accepted": "yes"}
    lead.post(page, page, **form, members="巴楚县中试站，中试验证单位，田间试验")
    [again] = re.findall(
        r'<textarea id="members"[^>]*>(.*?)</textarea>', lead.client.get(page).text, re.DOTALL
    )

    answer = lead.post(page, page, **form, members=unescape(again))

    [kept] = session.exec(select(BidMember).where(BidMember.organization_id == partner.id)).all()
    assert answer.status_code == 303
    assert (kept.role, kept.task) == ("pilot", "田间试验")


def test_one_person_is_asked_to_review_by_their_key(session: Session, visit: Any, tender: Tender) -> None:
    make_key(session, tender.panel, name="阿不都")
    operator = visit(make_organization(session), Role.operator)
    page = f"/challenges/{tender.id}/reviews"

    unknown = operator.post(page, f"/challenges/{tender.id}/reviewers", name=tender.panel.name, person="没有")
    asked = operator.post(
        page, f"/challenges/{tender.id}/reviewers", name=str(tender.panel.id), person="阿不都"
    )
    twice = operator.post(page, f"/challenges/{tender.id}/reviewers", name=tender.panel.name, person="阿不都")

    [reviewer] = session.exec(select(BidReviewer)).all()
    assert (unknown.status_code, asked.status_code, twice.status_code) == (422, 303, 409)
    assert 'id="person-error"' in unknown.text
    assert tender.panel.name in unknown.text
    assert reviewer.api_key_id is not None
    assert "已指定过该评审人" in twice.text
    assert "仅限一人" in operator.client.get(page).text


def test_a_contract_is_named_for_each_winner_when_it_is_signed(
    session: Session, visit: Any, tender: Tender
) -> None:
    bid = tender.bid(commitment_accepted=True)
    tender.evaluating().awarded()
    body = {
        "seeker_id": str(tender.owner.id),
        "provider_id": str(tender.firm.id),
        "signed_on": "2026-01-05",
        "content": content(),
    }
    ours = tender.operator.post("/v1/contracts", json=body).json()["id"]
    foreign = str(make_organization(session).id)
    other = {**body, "provider_id": foreign, "content": content(title="与他人的合同")}
    tender.operator.post("/v1/contracts", json=other)
    publisher, place = visit(tender.owner), f"/challenges/{tender.id}"

    page = publisher.client.get(place).text
    guessed = publisher.post(place, f"{place}/do/sign", **{f"contract-{bid}": foreign})
    signed = publisher.post(place, f"{place}/do/sign", **{f"contract-{bid}": ours})

    assert (guessed.status_code, signed.status_code) == (422, 303)
    assert f'<option value="{ours}">' in page
    assert "与他人的合同" not in page
    assert f'href="/contracts/{ours}"' in publisher.client.get(f"{place}/bids/{bid}").text


def test_what_was_written_stays_when_a_report_or_a_verdict_is_refused(
    session: Session, visit: Any, tender: Tender
) -> None:
    bid = f"/challenges/{tender.id}/bids/{tender.bid(commitment_accepted=True)}"
    tender.evaluating().working()
    bidder, publisher = visit(tender.firm), visit(tender.owner)
    report = {"report": "样机两台，田间试验三次", "milestone": ""}

    bad_link = bidder.post(bid, f"{bid}/deliver", **report, attachments="检测报告，ftp://x")
    sent = bidder.post(bid, f"{bid}/deliver", **report, attachments="检测报告，https://x.example/r.pdf")
    again = bidder.post("/needs/new", f"{bid}/deliver", **report)
    verdict = {"outcome": ["met", "met"], "figure": ["12", "9"], "remark": ["现场测得", ""]}
    belied = publisher.post(bid, f"{bid}/accept", **verdict)
    right = publisher.post(bid, f"{bid}/accept", **{**verdict, "figure": ["93", "9"]})

    assert [one.status_code for one in (bad_link, sent, again, belied, right)] == [422, 303, 409, 422, 303]
    assert 'id="deliver-error"' in bad_link.text
    assert "样机两台，田间试验三次</textarea>" in bad_link.text
    assert "检测报告，ftp://x</textarea>" in bad_link.text
    assert 'value="现场测得"' in belied.text
    page = publisher.client.get(bid).text
    assert 'href="https://x.example/r.pdf"' in page
    assert "现场测得" in page


def test_sheets_are_read_once_all_are_in_and_scores_that_do_not_fit_stay_typed(
    session: Session, visit: Any, tender: Tender
) -> None:
    bid = tender.bid(commitment_accepted=True)
    tender.evaluating()
    reviewer, page = visit(tender.panel), f"/challenges/{tender.id}/reviews"
    address = f"/challenges/{tender.id}/bids/{bid}/score"

    wrong = reviewer.post(page, address, scores=["91", "80", "170"], remark="方案可行")
    before = reviewer.client.get(page).text
    reviewer.post(page, address, scores=["91", "80", "70"], remark="方案可行")

    assert wrong.status_code == 422
    assert f'id="score-error-{bid}"' in wrong.text
    assert 'value="91"' in wrong.text
    assert 'value="方案可行"' in wrong.text
    assert 'id="sheets"' not in before
    assert "方案可行" in visit(tender.owner).client.get(page).text
