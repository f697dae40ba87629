"""更正公告、延期公告: who may change an open challenge, who is told, and what bids are worth afterwards."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from schemas.base import now
from schemas.challenge import Challenge
from schemas.notice import Notice, NoticeKind
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from tests.service.tenders import Tender, bid_body


@pytest.fixture
def tender(session: Session, client_for: ClientFor) -> Tender:
    return Tender(session, client_for).opened()


def later(days: int = 60) -> str:
    return (now() + timedelta(days=days)).isoformat()


def ask(tender: Tender, client: TestClient | None = None, **changes: Any) -> Any:
    body = {"reason": "指标表述有误", "changes": changes}
    return (client or tender.publisher).post(f"{tender.place}/amendments", json=body)


def publish(tender: Tender, **changes: Any) -> dict[str, Any]:
    asked = ask(tender, **changes)
    assert asked.status_code == 201, asked.text
    return tender.do(tender.operator, f"amendments/{asked.json()['id']}/publish")


def told(session: Session) -> set[UUID]:
    query = select(Notice.organization_id).where(col(Notice.kind) == NoticeKind.challenge_amended)
    return set(session.exec(query))


def test_a_deadline_is_put_off_by_its_publisher_once_an_operator_consents(tender: Tender) -> None:
    deadline = later()
    asked = ask(tender, deadline=deadline)
    before = tender.bidder.get(tender.place).json()

    tender.do(tender.operator, f"amendments/{asked.json()['id']}/publish")

    after = tender.bidder.get(tender.place).json()
    assert datetime.fromisoformat(before["deadline"]) < datetime.fromisoformat(deadline)
    assert datetime.fromisoformat(after["deadline"]) == datetime.fromisoformat(deadline)
    assert after["version"] > before["version"]
    assert [step["verb"] for step in after["steps"]][-1] == "amend"


def test_what_is_proposed_is_for_publisher_and_operators_alone(tender: Tender) -> None:
    asked = ask(tender, goal="一次作业回收率不低于92%。").json()

    read = {
        name: client.get(f"{tender.place}/amendments").json()["items"]
        for name, client in (
            ("publisher", tender.publisher),
            ("operator", tender.operator),
            ("bidder", tender.bidder),
        )
    }

    assert (
        [one["id"] for one in read["publisher"]] == [one["id"] for one in read["operator"]] == [asked["id"]]
    )
    assert read["bidder"] == []
    assert "92%" not in tender.bidder.get(tender.place).text


def test_each_version_is_kept_with_what_stood_there_before(tender: Tender) -> None:
    goal = tender.publisher.get(tender.place).json()["goal"]
    publish(tender, goal="回收率不低于92%。")
    publish(tender, goal="回收率不低于95%。", months=30)

    first, second = tender.bidder.get(f"{tender.place}/amendments").json()["items"]

    assert (first["number"], first["before"], first["after"]) == (
        1,
        {"goal": goal},
        {"goal": "回收率不低于92%。"},
    )
    assert second["number"] == 2
    assert second["before"] == {"goal": "回收率不低于92%。", "months": 24}


def test_whoever_was_invited_bid_or_asked_is_told_and_nobody_else(
    session: Session, client_for: ClientFor
) -> None:
    asker, invited, stranger = (make_organization(session) for _ in range(3))
    need, offered = make_need(session), make_capability(session, asker)
    tender = Tender(session, client_for).opened()
    member, _ = tender.another_bidder()
    session.get_one(Challenge, UUID(tender.id)).need_id = need.id
    session.commit()
    tender.do(tender.operator, "invite", {"organization_ids": [str(invited.id)]})
    tender.bid(members=[{"organization_id": str(member.id), "role": "research"}])
    about = {"need_id": str(need.id), "capability_id": str(offered.id), "message": "想了解"}
    assert client_for(asker).post("/v1/introductions", json=about).status_code == 201

    publish(tender, deadline=later())

    owners = {tender.owner.id, need.organization_id}
    assert told(session) == owners | {invited.id, tender.firm.id, member.id, asker.id}
    assert stranger.id not in told(session)


def test_a_bid_that_was_handed_in_stays_is_marked_and_may_be_replaced(tender: Tender) -> None:
    bid = tender.bid()
    before = tender.bidder.get(f"{tender.place}/bids/{bid}").json()

    publish(tender, goal="一次作业回收率不低于92%。")

    after = tender.bidder.get(f"{tender.place}/bids/{bid}").json()
    assert (before["amended_since"], after["amended_since"]) == (False, True)
    assert (after["status"], after["receipt"]) == ("sealed", before["receipt"])
    replaced = tender.bidder.put(f"{tender.place}/bids/{bid}", json=bid_body(months=20))
    assert replaced.status_code == 200
    assert replaced.json()["amended_since"] is False


def test_nothing_is_amended_after_the_deadline(tender: Tender) -> None:
    waiting = ask(tender, deadline=later()).json()
    tender.pass_deadline()

    answers = [
        ask(tender, deadline=later(90)),
        tender.operator.post(f"{tender.place}/amendments/{waiting['id']}/publish"),
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[1].json()["status_now"] == "failed"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"deadline": later(20)}, "/changes/deadline"),
        ({}, "/changes"),
        ({"public_yuan": 4_000_000}, "/changes/own_yuan"),
        ({"goal": ""}, "/changes/goal"),
        ({"winners": 3}, "/changes/winners"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(tender: Tender, changes: dict[str, Any], pointer: str) -> None:
    answer = ask(tender, **changes)

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


def test_other_changes_leave_bidders_time(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for, deadline=later(2)).opened()

    hurried = ask(tender, goal="一次作业回收率不低于92%。")
    with_time = ask(tender, goal="一次作业回收率不低于92%。", deadline=later(9))

    assert hurried.status_code == 422
    assert hurried.json()["errors"][0]["pointer"] == "/changes/deadline"
    assert "5" in hurried.json()["errors"][0]["message"]
    assert with_time.status_code == 201


def test_one_amendment_waits_at_a_time(tender: Tender) -> None:
    first = ask(tender, deadline=later()).json()

    second = ask(tender, deadline=later(70))
    tender.do(tender.publisher, f"amendments/{first['id']}/recall")
    third = ask(tender, deadline=later(70))

    assert second.status_code == 409
    assert (third.status_code, third.json()["number"]) == (201, 2)


def test_a_refused_amendment_changes_nothing_and_its_publisher_reads_why(tender: Tender) -> None:
    deadline = tender.bidder.get(tender.place).json()["deadline"]
    asked = ask(tender, deadline=later()).json()

    tender.do(tender.operator, f"amendments/{asked['id']}/refuse", {"reason": "理由不充分"})

    [read] = tender.publisher.get(f"{tender.place}/amendments").json()["items"]
    assert (read["status"], read["refusal"]) == ("refused", "理由不充分")
    assert tender.bidder.get(f"{tender.place}/amendments").json()["items"] == []
    assert tender.bidder.get(tender.place).json()["deadline"] == deadline


def test_an_operator_that_publishes_the_challenge_amends_it_at_once(
    session: Session, client_for: ClientFor
) -> None:
    tender = Tender(session, client_for)
    tender.publisher = client_for(tender.owner, role=Role.operator)
    tender.opened()

    amended = ask(tender, deadline=later())

    assert (amended.status_code, amended.json()["status"]) == (201, "published")


def test_only_the_publisher_of_an_open_challenge_proposes(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for)
    before = [ask(tender, deadline=later()).status_code, ask(tender, tender.bidder).status_code]
    tender.opened()

    after = [ask(tender, client, deadline=later()).status_code for client in (tender.bidder, tender.operator)]

    assert (before, after) == ([409, 404], [403, 403])


def test_an_amendment_of_another_challenge_is_not_there(tender: Tender) -> None:
    other = tender.again().opened()
    asked = ask(other, deadline=later()).json()

    answer = tender.operator.post(f"{tender.place}/amendments/{asked['id']}/publish")

    assert answer.status_code == 404
