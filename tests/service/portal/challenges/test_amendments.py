"""更正、延期 on the portal: proposed from the challenge's page, decided where an operator reads it."""

import re
from typing import Any

from sqlmodel import Session, select

from schemas.challenge_amendment import ChallengeAmendment
from schemas.vocabulary import Role
from tests.make import make_organization
from tests.service.portal.challenges.test_pages import FORM
from tests.service.portal.challenges.test_pages import tender as tender  # noqa: PLC0414
from tests.service.portal.challenges.test_pages import visit as visit  # noqa: PLC0414
from tests.service.tenders import Tender


def test_a_deadline_is_put_off_by_clicking(session: Session, visit: Any) -> None:
    publisher, operator = visit(make_organization(session)), visit(make_organization(session), Role.operator)
    place = publisher.post("/challenges/new", "/challenges/new", **FORM).headers["location"]
    publisher.post(place, f"{place}/do/submit")
    operator.post(place, f"{place}/do/open")

    form = f"{place}/amend"
    later = {**FORM, "deadline": "2031-03-01T18:00"}
    without_reason = publisher.post(form, form, **later)
    asked = publisher.post(form, form, **later, reason="延长揭榜时间")
    at_desk = operator.client.get("/desk").text
    page = operator.client.get(place).text
    [decision] = re.findall(rf'action="({place}/amendments/.+/publish)"', page)
    published = operator.post(place, decision)

    assert f'href="{form}"' in publisher.client.get(place).text
    assert without_reason.status_code == 422
    assert 'id="reason-error">请写明理由' in without_reason.text
    assert "2031-03-01T18:00" in without_reason.text
    assert (asked.status_code, published.status_code) == (303, 303)
    assert "更正公告待同意" in at_desk
    read = publisher.client.get(place).text
    assert "延长揭榜时间" in read
    assert "2031-03-01 18:00</ins>" in read
    assert "更正公告待同意" not in operator.client.get("/desk").text


def test_what_is_refused_is_told_beside_its_field(session: Session, visit: Any, tender: Tender) -> None:
    publisher = visit(tender.owner)
    form = f"/challenges/{tender.id}/amend"

    earlier = publisher.post(form, form, **{**FORM, "deadline": "2026-12-02T18:00"}, reason="提前")

    assert earlier.status_code == 422
    assert 'id="deadline-error">截止时间只能延后' in earlier.text
    assert session.exec(select(ChallengeAmendment)).all() == []


def test_a_price_above_the_reward_is_marked_and_asked_about(
    session: Session, visit: Any, tender: Tender
) -> None:
    bid = tender.bid(price_yuan=50_000_000, commitment_accepted=True)
    tender.evaluating().score(bid)
    operator = visit(make_organization(session), Role.operator)
    reviews = f"/challenges/{tender.id}/reviews"
    award = f"/challenges/{tender.id}/do/award"

    page = operator.client.get(reviews).text
    asked = operator.post(reviews, award, bid_ids=bid)
    confirmed = operator.post(reviews, award, bid_ids=bid, accept_above_reward="yes")

    assert "高于榜金" in page
    assert 'name="accept_above_reward"' in page
    assert asked.status_code == 422
    assert "50,000,000" in asked.text
    assert confirmed.status_code == 303
