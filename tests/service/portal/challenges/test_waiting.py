"""Challenges where they are not looked for: on the home page while they are open, at the desk while they wait."""

from typing import Any

import pytest
from sqlmodel import Session

from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.portal.challenges.test_pages import FORM, anybody
from tests.service.portal.challenges.test_pages import visit as visit  # noqa: PLC0414
from tests.service.tenders import Tender, met


@pytest.fixture
def draft(session: Session, client_for: ClientFor) -> Tender:
    return Tender(session, client_for)


def at_desk(visit: Any, session: Session) -> str:
    page = visit(make_organization(session), Role.operator).client.get("/desk").text
    return str(page.split('<section id="challenges">')[1].split("</section>")[0])


def test_the_home_page_shows_what_is_open_to_bids_and_nothing_else(draft: Tender) -> None:
    draft.do(draft.publisher, "submit")
    before = anybody(draft).get("/").text
    draft.do(draft.operator, "open")
    during = anybody(draft).get("/").text
    draft.pass_deadline()
    after = anybody(draft).get("/").text

    assert [draft.id in page for page in (before, during, after)] == [False, True, False]
    assert "正在揭榜" not in before
    assert "榜金 500" in during


def test_the_desk_shows_what_waits_for_an_operator_with_the_way_to_it(
    session: Session, visit: Any, draft: Tender
) -> None:
    asleep = at_desk(visit, session)
    draft.do(draft.publisher, "submit")
    to_review = at_desk(visit, session)
    draft.do(draft.operator, "open")
    to_bid = at_desk(visit, session)
    bid = draft.bid()
    draft.evaluating()
    to_award = at_desk(visit, session)
    draft.awarded()
    public = at_desk(visit, session)
    draft.do(draft.publisher, "sign")
    draft.do(draft.publisher, "start")
    working = at_desk(visit, session)
    draft.do(draft.bidder, f"bids/{bid}/deliver", {"report": "样机两台。"})
    to_accept = at_desk(visit, session)
    draft.do(draft.operator, f"bids/{bid}/accept-delivery", met(92, 9))
    solved = at_desk(visit, session)

    waits = [draft.id in page for page in (to_review, to_award, public, to_accept)]
    rests = [draft.id in page for page in (asleep, to_bid, working, solved)]
    assert waits == [True] * 4
    assert rests == [False] * 4
    assert "待审核" in to_review
    assert "启封 1 份揭榜" in to_award
    assert f'href="/challenges/{draft.id}/reviews"' in to_award
    assert "公示至" in public
    assert f'href="/challenges/{draft.id}/bids/{bid}"' in to_accept


def test_an_indicator_of_a_program_is_read_whole_and_stays_so_when_its_form_is_sent(
    client_for: ClientFor, session: Session, visit: Any
) -> None:
    figures = [{"name": "发电损失", "operator": "<=", "value": 2, "unit": "%"}]
    tender = Tender(session, client_for, indicators=figures)
    publisher = visit(tender.owner)
    place = f"/challenges/{tender.id}"

    page = publisher.client.get(place).text
    form = publisher.client.get(f"{place}/edit").text
    publisher.post(f"{place}/edit", f"{place}/edit", **{**FORM, "indicators": "发电损失≤2%"})

    assert "发电损失≤2%" in page
    assert "发电损失≤2%" in form
    [kept] = tender.read()["indicators"]
    assert {name: kept[name] for name in figures[0]} == figures[0]
