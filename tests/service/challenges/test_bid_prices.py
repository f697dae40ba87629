"""A bid that asks for more than the reward: refused or marked, by the challenge's own rule, and asked again."""

import pytest
from sqlmodel import Session

from tests.conftest import ClientFor
from tests.service.tenders import Tender, bid_body

REWARD = 5_000_000


@pytest.mark.parametrize(("rule", "status"), [("mark", 201), ("refuse", 422)])
def test_the_challenge_decides_whether_a_bid_may_exceed_its_reward(
    session: Session, client_for: ClientFor, rule: str, status: int
) -> None:
    tender = Tender(session, client_for, price_rule=rule).opened()

    answers = [
        tender.bidder.post(f"{tender.place}/bids", json=bid_body(price_yuan=REWARD * 10)),
        tender.another_bidder()[1].post(f"{tender.place}/bids", json=bid_body(price_yuan=REWARD)),
    ]

    assert [answer.status_code for answer in answers] == [status, 201]
    if rule == "refuse":
        [error] = answers[0].json()["errors"]
        assert error["pointer"] == "/price_yuan"
        assert "5,000,000" in error["message"]


def test_a_replaced_bid_is_held_to_the_same_rule(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for, price_rule="refuse").opened()
    bid = tender.bid()

    answer = tender.bidder.put(f"{tender.place}/bids/{bid}", json=bid_body(price_yuan=REWARD + 1))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/price_yuan"


def test_reviewers_read_it_and_the_award_asks_again(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for).opened()
    dear = tender.bid(price_yuan=REWARD * 10)
    tender.evaluating().score(dear)

    [read] = tender.reviewer.get(f"{tender.place}/bids").json()["items"]
    [ranked] = tender.operator.get(f"{tender.place}/reviews").json()["ranking"]
    asked = tender.operator.post(f"{tender.place}/award", json={})
    confirmed = tender.operator.post(f"{tender.place}/award", json={"accept_above_reward": True})

    assert (read["above_reward"], ranked["above_reward"]) == (True, True)
    assert asked.status_code == 422
    [error] = asked.json()["errors"]
    assert error["pointer"] == "/accept_above_reward"
    assert "50,000,000" in error["message"]
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "awarded")


def test_a_price_within_the_reward_is_awarded_without_a_question(
    session: Session, client_for: ClientFor
) -> None:
    tender = Tender(session, client_for).opened()
    bid = tender.bid(price_yuan=REWARD)
    tender.evaluating().score(bid)

    awarded = tender.operator.post(f"{tender.place}/award", json={})

    assert (awarded.status_code, awarded.json()["status"]) == (200, "awarded")
