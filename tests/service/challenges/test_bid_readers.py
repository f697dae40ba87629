"""Who reads bids once they are opened, and who does not; and what replacing one asks for."""

import pytest
from sqlmodel import Session, select

from schemas.account import ApiKey
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.service.tenders import Tender, bid_body


@pytest.fixture
def tender(session: Session, client_for: ClientFor) -> Tender:
    return Tender(session, client_for).opened()


@pytest.mark.parametrize("role", [Role.member, Role.broker], ids=str)
def test_to_whoever_has_no_part_in_it_an_opened_bid_is_absent(tender: Tender, role: Role) -> None:
    bid = tender.bid()
    tender.evaluating().scored()
    stranger = tender.client_for(role=role)
    _, rival = tender.another_bidder()

    for client in (stranger, rival):
        assert client.get(f"{tender.place}/bids/{bid}").status_code == 404
        assert client.get(f"{tender.place}/bids").json()["items"] == []


def test_who_was_recused_as_an_organisation_and_reviews_by_key_declares_anew(
    session: Session, tender: Tender
) -> None:
    bid = tender.bid()
    tender.evaluating()
    [reviewer] = tender.operator.get(f"{tender.place}/reviews").json()["reviewers"]
    tender.do(tender.operator, f"reviewers/{reviewer['id']}/recuse")
    key = session.exec(select(ApiKey.id).where(ApiKey.organization_id == tender.panel.id)).one()
    again = {"organization_id": str(tender.panel.id), "api_key_id": str(key)}
    tender.do(tender.operator, "reviewers", again)

    before = tender.reviewer.get(f"{tender.place}/bids/{bid}").json()["content"]
    tender.do(tender.reviewer, "declaration", {"conflict": False})
    after = tender.reviewer.get(f"{tender.place}/bids/{bid}").json()["content"]

    assert before is None
    assert after["price_yuan"] == bid_body()["price_yuan"]


def test_what_takes_the_place_of_a_bid_needs_the_commitment_too(
    session: Session, client_for: ClientFor
) -> None:
    tender = Tender(session, client_for, commitment="未达标退还经费。").opened()
    bid = tender.bid(commitment_accepted=True)

    answers = [
        tender.bidder.put(f"{tender.place}/bids/{bid}", json=bid_body(commitment_accepted=accepted))
        for accepted in (False, True)
    ]

    assert [answer.status_code for answer in answers] == [422, 200]


def test_with_an_award_taken_back_those_who_lost_are_considered_again(tender: Tender) -> None:
    bids = [tender.bid(), tender.bid(tender.another_bidder()[1])]
    tender.evaluating().awarded({bids[0]: 90, bids[1]: 60})

    tender.do(tender.operator, "reopen", {"reason": "异议成立"})

    found = {
        one["id"]: (one["status"], one["place"])
        for one in tender.operator.get(f"{tender.place}/bids").json()["items"]
    }
    assert found == dict.fromkeys(bids, ("opened", None))
