"""Whom a veto keeps from challenges, bids, awards and contracts, whenever it came; and what goes on all the same."""

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import Session

from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from tests.service.access.test_integrity import veto_of
from tests.service.contracting import agree, content, draft, number, parties, sign
from tests.service.tenders import Tender, bid_body


@pytest.fixture
def operator(client_for: ClientFor) -> TestClient:
    return client_for(role=Role.operator)


def refusal(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


def test_who_is_barred_opens_no_challenge_and_what_it_opened_is_in_no_list_and_takes_no_bids(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    tender = Tender(session, client_for).opened()
    draft, review = tender.again(), tender.again()
    review.do(review.publisher, "submit")
    operator.post("/v1/vetoes", json=veto_of(tender.owner))

    refused = [draft.publisher.post(f"{draft.place}/submit"), operator.post(f"{review.place}/open")]
    bids = tender.bidder.post(f"{tender.place}/bids", json=bid_body())
    listed = [
        [one["id"] for one in client.get("/v1/challenges", params={"status": "open"}).json()["items"]]
        for client in (tender.bidder, client_for(), tender.publisher, operator)
    ]

    assert [refusal(one) for one in refused] == [(403, "integrity-veto")] * 2
    # In words that do not say why.
    assert refusal(bids) == (409, "wrong-state")
    assert "否决" not in bids.text
    assert listed == [[], [], [tender.id], [tender.id]]


def test_who_is_barred_neither_bids_nor_replaces_a_bid_nor_joins_a_consortium(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    tender, partner = Tender(session, client_for).opened(), make_organization(session)
    bid = tender.bid(members=[{"organization_id": str(partner.id), "role": "pilot"}])
    stranger, other = tender.another_bidder()
    for one in (partner, tender.firm, stranger):
        operator.post("/v1/vetoes", json=veto_of(one))

    refused = [
        other.post(f"{tender.place}/bids", json=bid_body()),
        tender.bidder.put(f"{tender.place}/bids/{bid}", json=bid_body()),
        client_for(partner).post(f"{tender.place}/bids/{bid}/agree", json={}),
    ]

    assert [refusal(one) for one in refused] == [(403, "integrity-veto")] * 3
    assert tender.bidder.post(f"{tender.place}/bids/{bid}/withdraw").status_code == 200


def test_who_is_barred_drafts_and_signs_no_contract_and_nobody_signs_with_it(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    two = parties(session, client_for)
    agreed, made = agree(session, two), draft(session, two)
    signature = {"version": made["version"], "hash": made["hash"]}
    operator.post("/v1/vetoes", json=veto_of(two.buyer))

    drafts = two.seeker.post(f"/v1/introductions/{agreed}/contract", json=content())
    signs = two.seeker.post(f"/v1/contracts/{made['id']}/sign", json=signature)
    other = two.provider.post(f"/v1/contracts/{made['id']}/sign", json=signature)

    assert [refusal(one) for one in (drafts, signs)] == [(403, "integrity-veto")] * 2
    assert refusal(other) == (409, "wrong-state")
    assert "否决" not in other.text


def test_a_contract_with_somebody_barred_can_be_ended_by_agreement(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    two = parties(session, client_for)
    made = draft(session, two)
    sign(two, made)
    operator.post("/v1/vetoes", json=veto_of(two.buyer))
    two.provider.post(f"/v1/contracts/{made['id']}/terminate")

    assert sign(two, made)["status"] == "cancelled"


def test_a_bid_does_not_win_once_somebody_in_it_is_barred(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    tender, partner = Tender(session, client_for).opened(), make_organization(session)
    alone, together = tender.bid(), tender.another_bidder()[1]
    first = tender.bid(together, members=[{"organization_id": str(partner.id), "role": "pilot"}])
    tender.do(client_for(partner), f"bids/{first}/agree", {})
    tender.evaluating().scored({first: 90, alone: 70})
    operator.post("/v1/vetoes", json=veto_of(partner))

    by_ranking = tender.publisher.post(f"{tender.place}/award")
    by_name = operator.post(f"{tender.place}/award", json={"bid_ids": [first]})
    before = tender.read()["status"]
    tender.do(tender.publisher, "award", {"bid_ids": [alone], "reason": "第一名不能中榜"})

    assert [refusal(one) for one in (by_ranking, by_name)] == [(409, "wrong-state")] * 2
    assert (by_ranking.json()["status_now"], by_ranking.json()["bid_ids"]) == ("evaluating", [first])
    # In words that do not say why.
    assert "否决" not in by_ranking.text
    assert before == "evaluating"
    assert [one["bid_id"] for one in tender.read()["winners_now"]] == [alone]


def test_with_a_barred_bid_excluded_the_next_one_wins(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    tender = Tender(session, client_for).opened()
    best, next_one = tender.bid(), tender.bid(tender.another_bidder()[1])
    tender.evaluating().scored({best: 90, next_one: 70})
    operator.post("/v1/vetoes", json=veto_of(tender.firm))

    tender.do(operator, f"bids/{best}/exclude", {"reason": "不符合申报条件"})
    tender.do(tender.publisher, "award")

    assert [one["bid_id"] for one in tender.read()["winners_now"]] == [next_one]


def test_nobody_signs_with_a_winner_who_was_barred_since_until_the_veto_is_lifted(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    tender = Tender(session, client_for).opened()
    bid = tender.bid()
    tender.evaluating().awarded()
    veto = operator.post("/v1/vetoes", json=veto_of(tender.firm)).json()

    refused = tender.publisher.post(f"{tender.place}/sign")
    operator.post(f"/v1/vetoes/{veto['id']}/lift", json={"reason": "复核后撤销"})
    signed = tender.publisher.post(f"{tender.place}/sign")

    assert (refusal(refused), refused.json()["bid_ids"]) == ((409, "wrong-state"), [bid])
    assert signed.json()["status"] == "signed"


def test_who_is_barred_awards_nothing_and_neither_does_an_operator_for_it(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    tender = Tender(session, client_for).opened()
    tender.bid()
    tender.evaluating().scored()
    operator.post("/v1/vetoes", json=veto_of(tender.owner))

    refused = [client.post(f"{tender.place}/award") for client in (tender.publisher, operator)]

    assert [refusal(one) for one in refused] == [(403, "integrity-veto")] * 2
    assert operator.post(f"{tender.place}/fail", json={"reason": "发榜单位失信"}).status_code == 200


def test_who_is_barred_is_not_asked_to_review_and_neither_declares_nor_scores(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    tender, late = Tender(session, client_for).opened(), make_organization(session)
    bid = tender.bid()
    tender.evaluating()
    tender.do(operator, "reviewers", {"organization_id": str(late.id)})
    operator.post("/v1/vetoes", json=veto_of(tender.panel))
    operator.post("/v1/vetoes", json=veto_of(late))

    refused = [
        operator.post(f"{tender.place}/reviewers", json={"organization_id": str(tender.panel.id)}),
        client_for(late).post(f"{tender.place}/declaration", json={"conflict": False}),
        tender.reviewer.put(f"{tender.place}/bids/{bid}/sheet", json={"scores": [1, 1, 1]}),
    ]
    steps_back = client_for(late).post(f"{tender.place}/declaration", json={"conflict": True})

    assert [refusal(one) for one in refused] == [(403, "integrity-veto")] * 3
    assert steps_back.status_code == 204


def test_nobody_drafts_a_contract_with_somebody_barred(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    two = parties(session, client_for)
    agreed = agree(session, two)
    operator.post("/v1/vetoes", json=veto_of(two.buyer))

    answer = two.provider.post(f"/v1/introductions/{agreed}/contract", json=content())

    assert (refusal(answer), answer.json()["status_now"]) == ((409, "wrong-state"), "accepted")
    assert "否决" not in answer.text


def test_what_both_had_signed_before_a_veto_is_registered(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    two = parties(session, client_for)
    made = draft(session, two)
    operator.post("/v1/vetoes", json=veto_of(two.agent))
    sign(two, made)
    operator.post("/v1/vetoes", json=veto_of(two.seller))

    submitted = two.provider.post(f"/v1/contracts/{made['id']}/submit", json={})
    registered = operator.post(f"/v1/contracts/{made['id']}/register", json={"number": number()})

    assert [one.json()["status"] for one in (submitted, registered)] == ["submitted", "registered"]


def test_an_introduction_that_somebody_barred_left_open_can_be_declined_and_withdrawn(
    session: Session, client_for: ClientFor, operator: TestClient
) -> None:
    barred, other = make_organization(session), make_organization(session)
    asked = []
    for _ in range(2):
        pair = {
            "need_id": str(make_need(session, barred).id),
            "capability_id": str(make_capability(session, other).id),
        }
        asked.append(client_for(barred).post("/v1/introductions", json=pair).json()["id"])
    operator.post("/v1/vetoes", json=veto_of(barred))

    declined = client_for(other).post(f"/v1/introductions/{asked[0]}/decline", json={"reason": "timing"})
    withdrawn = client_for(barred).post(f"/v1/introductions/{asked[1]}/withdraw")

    assert [one.json()["status"] for one in (declined, withdrawn)] == ["declined", "withdrawn"]
