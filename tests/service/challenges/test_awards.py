"""Award, publicity, contract, start, and the ends without one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session, select

from schemas.contract import Contract, ContractStatus
from schemas.contract_terms import ContractType
from schemas.notice import Notice, NoticeKind
from schemas.vocabulary import Role
from service.access import audit
from tests.conftest import ClientFor
from tests.make import make_key
from tests.service.tenders import SECRETS, Tender

CALLERS = 32
RACE = {"mode": "race", "winners": 2, "milestones": [{"title": "样机", "gate": True}]}
# None of these may ever find a row.
INVARIANTS = {
    "more winners than the rules allow": """
        SELECT c.id FROM challenge c JOIN bid b ON b.challenge_id = c.id
        WHERE b.status IN ('won', 'stopped', 'delivered', 'accepted') GROUP BY c.id, c.winners
        HAVING count(*) > c.winners""",
    "an award without a winner": """
        SELECT id FROM challenge c WHERE status IN ('awarded', 'signed', 'working', 'acceptance', 'solved')
        AND NOT EXISTS (SELECT FROM bid b WHERE b.challenge_id = c.id
                        AND b.status IN ('won', 'stopped', 'delivered', 'accepted'))""",
    "a winner of what is not awarded": """
        SELECT b.id FROM bid b JOIN challenge c ON c.id = b.challenge_id
        WHERE b.status = 'won' AND c.status IN ('draft', 'review', 'open', 'evaluating', 'failed')""",
    "opened before the deadline": """
        SELECT b.id FROM bid b JOIN challenge c ON c.id = b.challenge_id WHERE b.opened_at < c.deadline""",
    "an organisation in two bids": """
        SELECT challenge_id FROM bid_member WHERE holds GROUP BY challenge_id, organization_id
        HAVING count(*) > 1""",
    "solved with an indicator that is not met": """
        SELECT id FROM bid WHERE status = 'accepted' AND results::text LIKE '%not_met%'""",
}


@pytest.fixture
def tender(session: Session, client_for: ClientFor) -> Tender:
    return Tender(session, client_for).opened()


def broken(session: Session) -> list[str]:
    session.rollback()
    return [name for name, query in INVARIANTS.items() if session.execute(text(query)).all()]


def test_the_best_by_the_ranking_wins_and_is_published(session: Session, tender: Tender) -> None:
    first, second = tender.bid(), tender.bid(tender.another_bidder()[1])
    tender.evaluating().awarded({first: 70, second: 90})

    read = tender.read(tender.client_for(role=Role.integrator))

    assert read["status"] == "awarded"
    assert [(one["bid_id"], one["place"], one["score"]) for one in read["winners_now"]] == [(second, 1, 90)]
    assert tender.bidder.get(f"{tender.place}/bids/{first}").json()["status"] == "lost"
    assert not any(secret in str(read) for secret in SECRETS)
    told = session.exec(select(Notice).where(Notice.kind == NoticeKind.bid_moved)).all()
    assert {one.detail["status"] for one in told} == {"opened", "won", "lost"}


def test_another_than_the_best_wins_with_a_reason_alone_which_is_published(tender: Tender) -> None:
    first, second = tender.bid(), tender.bid(tender.another_bidder()[1])
    tender.evaluating().scored({first: 70, second: 90})

    without = tender.operator.post(f"{tender.place}/award", json={"bid_ids": [first]})
    tender.do(tender.operator, "award", {"bid_ids": [first], "reason": "第一名放弃"})

    assert without.json()["errors"][0]["pointer"] == "/reason"
    assert tender.read()["steps"][-1]["reason"] == "第一名放弃"
    assert [one["bid_id"] for one in tender.read()["winners_now"]] == [first]


def test_a_race_has_several_winners_and_no_more_than_it_said(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for, **RACE).opened()
    bids = [tender.bid(), *(tender.bid(tender.another_bidder()[1]) for _ in range(2))]
    tender.evaluating().scored(dict(zip(bids, (90, 80, 70), strict=True)))

    too_many = tender.operator.post(f"{tender.place}/award", json={"bid_ids": bids, "reason": "都好"})
    tender.do(tender.operator, "award")

    assert too_many.status_code == 422
    assert [one["bid_id"] for one in tender.read()["winners_now"]] == bids[:2]


def test_an_award_needs_as_many_reviewers_as_were_announced(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for, least_reviewers=2).opened()
    bid = tender.bid()
    tender.evaluating().score(bid)

    answer = tender.operator.post(f"{tender.place}/award")

    assert (answer.status_code, answer.json()["status_now"]) == (409, "evaluating")


def test_of_many_who_award_at_once_one_does_and_the_others_learn_the_state(
    session: Session, client_for: ClientFor, tender: Tender
) -> None:
    bids = [tender.bid(), tender.bid(tender.another_bidder()[1])]
    tender.evaluating().scored(dict(zip(bids, (80, 80), strict=True)))
    key = make_key(session, tender.panel, role=Role.operator)
    barrier = Barrier(CALLERS)

    def call(number: int) -> tuple[int, str | None]:
        client = TestClient(tender.operator.app, headers={"Authorization": f"Bearer {key}"})
        body = {"bid_ids": [bids[number % 2]], "reason": "同分"}
        barrier.wait()
        answer = client.post(f"{tender.place}/award", json=body)
        return answer.status_code, answer.json().get("status_now")

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(call, range(CALLERS)))

    assert answers.count((200, None)) == 1
    assert answers.count((409, "awarded")) == CALLERS - 1
    assert len(tender.read()["winners_now"]) == 1
    assert [step["verb"] for step in tender.read()["steps"]].count("award") == 1
    assert broken(session) == []
    assert audit.verify(session).broken_at is None


def test_of_many_who_bid_at_once_for_one_organisation_one_does(session: Session, tender: Tender) -> None:
    key = make_key(session, tender.firm)
    barrier = Barrier(CALLERS)

    def call(number: int) -> int:
        client = TestClient(tender.bidder.app, headers={"Authorization": f"Bearer {key}"})
        body = {"proposal": "方案", "plan": "计划", "price_yuan": number, "months": 6}
        barrier.wait()
        return client.post(f"{tender.place}/bids", json=body).status_code

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = sorted(pool.map(call, range(CALLERS)))

    assert answers == [201] + [409] * (CALLERS - 1)
    assert tender.read(tender.publisher)["bids"] == 1
    assert broken(session) == []


def test_a_contract_is_signed_after_the_award_was_public(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for, publicity_days=5).opened()
    tender.bid()
    tender.evaluating().awarded()

    early = tender.publisher.post(f"{tender.place}/sign")
    session.execute(text("UPDATE challenge SET publicity_until = now() - interval '1 second'"))
    session.commit()
    late = tender.publisher.post(f"{tender.place}/sign")

    assert (early.status_code, early.json()["status_now"]) == (409, "awarded")
    assert late.json()["status"] == "signed"


def test_a_contract_is_named_for_a_winner_alone_and_is_one_between_the_two(
    session: Session, tender: Tender
) -> None:
    won, lost = tender.bid(), tender.bid(tender.another_bidder()[1])
    tender.evaluating().awarded({won: 90, lost: 60})
    between, of_others = (
        Contract(
            seeker_id=tender.owner.id,
            provider_id=provider.id,
            entered_by=tender.owner.id,
            status=ContractStatus.draft,
            type=ContractType.development,
        )
        for provider in (tender.firm, tender.panel)
    )
    session.add_all([between, of_others])
    session.commit()

    wrong = [
        tender.publisher.post(f"{tender.place}/sign", json={"contracts": {bid: str(contract)}}).status_code
        for bid, contract in ((lost, between.id), (won, of_others.id), (won, uuid4()))
    ]
    tender.do(tender.publisher, "sign", {"contracts": {won: str(between.id)}})

    assert wrong == [422, 422, 422]
    assert tender.bidder.get(f"{tender.place}/bids/{won}").json()["contract_id"] == str(between.id)


def test_an_award_is_taken_back_after_an_objection_and_given_anew(tender: Tender) -> None:
    first, second = tender.bid(), tender.bid(tender.another_bidder()[1])
    tender.evaluating().awarded({first: 90, second: 60})

    tender.do(tender.operator, "reopen", {"reason": "异议成立"})
    taken_back = tender.read()["winners_now"]
    tender.do(tender.operator, f"bids/{first}/exclude", {"reason": "材料不实"})
    tender.do(tender.operator, "award")

    assert taken_back == []
    assert [one["bid_id"] for one in tender.read()["winners_now"]] == [second]
    assert [step["reason"] for step in tender.read()["steps"] if step["verb"] == "reopen"] == ["异议成立"]


def test_where_nobody_who_bid_can_be_chosen_it_ends_without_an_award(
    session: Session, tender: Tender
) -> None:
    bid = tender.bid()
    tender.evaluating()

    tender.do(tender.operator, "fail", {"reason": "无一达到要求"})

    assert tender.read()["status"] == "failed"
    assert tender.bidder.get(f"{tender.place}/bids/{bid}").json()["status"] == "lost"
    assert broken(session) == []


def test_it_is_terminated_later_with_a_reason_that_all_read(tender: Tender) -> None:
    tender.bid()
    tender.evaluating().working()

    tender.do(tender.publisher, "terminate", {"reason": "试验地受灾"})

    assert tender.read(tender.client_for())["steps"][-1]["reason"] == "试验地受灾"
