"""What others do among themselves changes nothing in what one reads; and a list says of each what it says itself."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from tests.conftest import ClientFor
from tests.make import make_need
from tests.receiver import receiver
from tests.service.contracting import draft, parties, sign
from tests.service.proposals import Brokerage
from tests.service.tenders import Tender
from tests.service.two_sides import TwoSides
from tests.telling import set_to, tell
from tests.workers.hooks import happen, hook

#: Who reads, and what.
Reads = list[tuple[TestClient, str]]


def introduction(session: Session, client_for: ClientFor) -> Reads:
    two = TwoSides(session, client_for)
    place = two.brokered()
    two.seeker.post(f"{place}/messages", json={"text": "参数见附件"})
    two.seeker.post(f"{place}/milestones", json={"title": "看样机"})
    two.seeker.post(f"{place}/nda", json={"text": "双方保密。"})
    two.provider.post(f"{place}/end", json={"outcome": "test"})
    two.long_ago(place, "ended_at", 200)
    two.seeker.put(f"{place}/follow-ups/6", json={"money": 1_000_000})
    below = ("", "/nda", "/messages", "/milestones", "/follow-ups")
    return [
        *((two.seeker, f"{place}{path}") for path in below),
        (two.seeker, "/v1/introductions"),
        (two.broker, place),
        (two.broker, "/v1/introductions"),
        (two.operator, place),
    ]


def contract(session: Session, client_for: ClientFor) -> Reads:
    people = parties(session, client_for)
    made = sign(people, draft(session, people))
    place = f"/v1/contracts/{made['id']}"
    return [
        *((people.seeker, path) for path in (place, f"{place}/versions", "/v1/contracts")),
        (people.broker, "/v1/contracts"),
        (people.operator, f"{place}/versions"),
    ]


def challenge(session: Session, client_for: ClientFor) -> Reads:
    tender = Tender(session, client_for).opened()
    bid = tender.bid()
    tender.evaluating().working()
    tender.do(tender.bidder, f"bids/{bid}/deliver", {"report": "样机两台"})
    place = tender.place
    return [
        *((tender.publisher, f"{place}{path}") for path in ("", "/bids", f"/bids/{bid}", "/reviews")),
        *((tender.reviewer, f"{place}{path}") for path in ("/bids", "/reviews")),
        *((tender.operator, f"{place}{path}") for path in ("", "/bids", "/reviews")),
        (tender.bidder, f"{place}/bids"),
    ]


def broker(session: Session, client_for: ClientFor) -> Reads:
    brokerage = Brokerage(session, client_for)
    brokerage.declined()
    brokerage.operator.post(f"{brokerage.place}/evaluations", json={"year": 2026})
    below = ("", "/record", "/evaluations", "/evaluations/2026")
    return [
        *((brokerage.broker, f"{brokerage.place}{path}") for path in below),
        (brokerage.broker, "/v1/brokers"),
        (brokerage.operator, f"{brokerage.place}/evaluations"),
    ]


def webhook(session: Session, client_for: ClientFor) -> Reads:
    two = TwoSides(session, client_for)
    with receiver() as there, set_to(webhook_allow=["127.0.0.1"]):
        made = hook(two.seeker, there)
        happen(session, two.seeking)
        tell(session)
    return [
        (two.seeker, path)
        for path in ("/v1/webhooks", f"/v1/webhooks/{made['id']}/deliveries", "/v1/notifications")
    ]


def said(reads: Reads) -> list[Any]:
    answers = [client.get(path) for client, path in reads]
    assert [answer.status_code for answer in answers] == [200] * len(reads), [one.text for one in answers]
    return [answer.json() for answer in answers]


@pytest.mark.parametrize("noun", [introduction, contract, challenge, broker, webhook])
def test_what_others_do_is_in_nothing_that_one_reads(
    session: Session, client_for: ClientFor, noun: Callable[[Session, ClientFor], Reads]
) -> None:
    reads = noun(session, client_for)
    before = said(reads)

    noun(session, client_for)

    assert said(reads) == before


def listed_as_read(client: TestClient, place: str, **asked: Any) -> bool:
    items = client.get(place, params=asked).json()["items"]
    assert len(items) > 1
    return all(item == client.get(f"{place}/{item['id']}").json() for item in items)


def test_a_list_says_of_each_introduction_what_it_says_itself(
    session: Session, client_for: ClientFor
) -> None:
    two = TwoSides(session, client_for)
    two.provider.post(f"{two.accepted()}/nda", json={"text": "双方保密。"})
    two.need = make_need(session, two.seeking)
    two.ask()

    assert listed_as_read(two.seeker, "/v1/introductions")


def test_a_list_says_of_each_contract_what_it_says_itself(session: Session, client_for: ClientFor) -> None:
    people = parties(session, client_for)
    sign(people, draft(session, people))
    draft(session, people)

    assert listed_as_read(people.provider, "/v1/contracts")


def test_a_list_says_of_each_challenge_what_it_says_itself(session: Session, client_for: ClientFor) -> None:
    first = Tender(session, client_for).opened()
    first.bid()
    first.evaluating().working()
    second = first.again().opened()
    second.bid()
    second.evaluating().awarded()

    assert listed_as_read(first.publisher, "/v1/challenges", mine=True)
