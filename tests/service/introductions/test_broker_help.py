"""A broker takes up a dialogue that stalled, with the consent of both sides, and reads nothing before."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlmodel import Session, select

from schemas.base import now
from schemas.broker import Broker, BrokerStanding
from schemas.introduction import Introduction
from schemas.need import Need
from schemas.notice import Notice, NoticeKind
from schemas.vocabulary import Role
from service.platform.settings import settings
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization


class Stalled:
    """Two who agreed, wrote to each other, and then did nothing for long; and two brokers."""

    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.session = session
        self.need_owner, self.capability_owner = make_organization(session), make_organization(session)
        self.agency, self.rival = (make_organization(session, kind="broker") for _ in range(2))
        self.seeker, self.provider = client_for(self.need_owner), client_for(self.capability_owner)
        self.broker, self.other = client_for(self.agency, Role.broker), client_for(self.rival, Role.broker)
        pair = {
            "need_id": str(make_need(session, self.need_owner).id),
            "capability_id": str(make_capability(session, self.capability_owner).id),
        }
        made = self.seeker.post("/v1/introductions", json=pair).json()
        self.place = f"/v1/introductions/{made['id']}"
        self.did(self.provider, "accept", {})
        self.did(self.seeker, "messages", {"text": "下周可到现场看样机"})
        self.stand_still()

    def did(self, client: TestClient, verb: str, body: Any = None) -> dict[str, Any]:
        answer = client.post(f"{self.place}/{verb}", json=body)
        assert answer.is_success, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def stand_still(self, **fields: Any) -> None:
        moved_at = now() - timedelta(days=settings().stalled_days, seconds=1)
        self.session.execute(update(Introduction).values(moved_at=moved_at, **fields))
        self.session.commit()

    def reads(self) -> dict[str, int]:
        places = ("", "/messages", "/contacts", "/details", "/milestones", "/nda")
        return {place: self.broker.get(self.place + place).status_code for place in places}

    def told(self, kind: NoticeKind) -> set[Any]:
        self.session.expire_all()
        return set(self.session.exec(select(Notice.organization_id).where(Notice.kind == kind)))


@pytest.fixture
def one(session: Session, client_for: ClientFor) -> Stalled:
    return Stalled(session, client_for)


def test_it_is_the_brokers_once_both_have_agreed_and_not_before(one: Stalled) -> None:
    offered = one.did(one.broker, "take-up")
    before = one.reads()
    first = one.did(one.provider, "broker/agree")
    between = one.reads()
    second = one.did(one.seeker, "broker/agree")
    after = one.reads()

    assert set(offered) == {
        *("id", "need", "capability", "seeker", "provider", "stage", "moved_at", "has_broker")
    }
    assert set(before.values()) == set(between.values()) == {404}
    assert (first["broker"], first["offer"]["agreed_by"]) == (None, str(one.capability_owner.id))
    assert (second["broker"]["id"], second["offer"]) == (str(one.agency.id), None)
    assert {place: status for place, status in after.items() if status == 200}.keys() == {
        *("", "/messages", "/milestones")
    }
    assert after["/contacts"] == after["/details"] == 403
    assert one.told(NoticeKind.introduction_offered) == {one.need_owner.id, one.capability_owner.id}
    assert one.told(NoticeKind.introduction_offer_answered) == {one.need_owner.id, one.agency.id}
    assert one.told(NoticeKind.introduction_taken_up) == {one.capability_owner.id, one.agency.id}


@pytest.mark.parametrize("agreed", [True, False])
def test_one_side_alone_can_refuse_and_then_another_may_offer(one: Stalled, *, agreed: bool) -> None:
    one.did(one.broker, "take-up")
    if agreed:
        one.did(one.seeker, "broker/agree")
    refused = one.did(one.provider, "broker/refuse")
    late = one.seeker.post(f"{one.place}/broker/agree")
    one.stand_still()

    again = one.did(one.other, "take-up")

    assert (refused["broker"], refused["offer"]) == (None, None)
    assert (late.status_code, late.json()["offer_now"]) == (409, "none")
    assert again["id"] == refused["id"]
    assert set(one.reads().values()) == {404}


def test_of_two_brokers_the_second_is_told_so_and_a_side_agrees_once(one: Stalled) -> None:
    one.did(one.broker, "take-up")
    second = one.other.post(f"{one.place}/take-up")
    one.did(one.seeker, "broker/agree")
    twice = one.seeker.post(f"{one.place}/broker/agree")
    one.did(one.provider, "broker/agree")
    one.stand_still()
    taken = one.other.post(f"{one.place}/take-up")

    assert [
        (a.status_code, a.json()["status_now"], a.json()["offer_now"]) for a in (second, twice, taken)
    ] == [
        (409, "accepted", "open"),
        (409, "accepted", "open"),
        (409, "accepted", "taken_up"),
    ]


@pytest.mark.parametrize("why", ["it moves", "private", "no broker", "ended"])
def test_it_is_taken_up_by_brokers_in_standing_where_it_stalled_and_nothing_is_private(
    session: Session, one: Stalled, why: str
) -> None:
    client, status = one.broker, 404
    if why == "it moves":
        one.did(one.seeker, "messages", {"text": "已安排"})
    elif why == "private":
        session.execute(update(Need).values(visibility="private"))
    elif why == "ended":
        session.add(Broker(organization_id=one.agency.id, standing=BrokerStanding.ended))
        status = 403
    else:
        client, status = one.seeker, 403
    session.commit()

    assert client.post(f"{one.place}/take-up").status_code == status


def test_an_offer_that_nobody_answered_lapses(session: Session, one: Stalled) -> None:
    one.did(one.broker, "take-up")
    one.stand_still(offered_at=now() - timedelta(days=settings().introduction_days))

    shown = one.seeker.get(one.place).json()
    late = one.seeker.post(f"{one.place}/broker/agree")
    other = one.did(one.other, "take-up")

    assert (shown["offer"], late.status_code) == (None, 409)
    assert other["id"] == shown["id"]


def test_the_worklist_says_which_may_be_taken_up_and_the_record_counts_no_proposal(one: Stalled) -> None:
    one.broker.post("/v1/brokers", json={})
    [work] = one.broker.get("/v1/brokers/worklist", params={"kind": "stalled"}).json()["items"]
    one.did(one.broker, "take-up")
    for side in (one.seeker, one.provider):
        one.did(side, "broker/agree")
    one.stand_still()
    [mine] = one.broker.get("/v1/brokers/worklist", params={"kind": "stalled"}).json()["items"]
    broker = one.broker.get("/v1/brokers").json()["items"][0]["id"]

    record = one.broker.get(f"/v1/brokers/{broker}/record").json()

    assert (work["take_up"], mine["take_up"]) == (True, False)
    assert (record["figures"]["proposals"], record["figures"]["agreed"]) == (0, 0)
