"""Each night needs that fit a result which is due are told of it, once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import now
from schemas.capability import Capability
from schemas.notice import Notice, NoticeKind
from schemas.outbox import OutboxMessage, Topic
from schemas.outlook_figures import OutlookFigures
from schemas.transfer import TransferLook
from service.platform.china_time import today
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from workers import outlook, upkeep

pytestmark = pytest.mark.model

Look = Callable[[], None]
TITLE = "棉田残膜回收机械"


@pytest.fixture
def look(session: Session, do_work: Callable[[], None]) -> Look:
    """Encode what is owed, then look as the worker does."""

    def looking() -> None:
        do_work()
        message = OutboxMessage(topic=Topic.outlook)
        session.add(message)
        session.commit()
        outlook.look_over(str(message.id))
        session.expire_all()

    return looking


def make_result(session: Session, owner: Organization, days: int = 30, **fields: Any) -> Capability:
    day = str(today() + timedelta(days=days))
    return make_capability(session, owner, publicly_funded=True, transfer_by=day, title=TITLE, **fields)


def told(session: Session, kind: NoticeKind = NoticeKind.capability_to_transfer) -> list[Notice]:
    return list(session.exec(select(Notice).where(Notice.kind == kind).order_by(col(Notice.id))))


def again_tomorrow(session: Session) -> None:
    for row in session.exec(select(TransferLook)):
        row.looked_at = now() - timedelta(days=1)
    session.commit()


def test_the_organisation_of_a_fitting_need_is_told_once(
    session: Session, owner: Organization, look: Look
) -> None:
    seeker = make_organization(session)
    need = make_need(session, seeker, title=TITLE)
    make_need(session, title="羊布病快速检测试纸")
    result = make_result(session, owner)

    look()
    first = [(one.organization_id, one.subject_id, one.detail["need_id"]) for one in told(session)]
    again_tomorrow(session)
    look()

    assert first == [(seeker.id, result.id, str(need.id))]
    assert len(told(session)) == 1
    [kept] = session.exec(select(TransferLook)).all()
    assert (kept.best, kept.looked_at > now() - timedelta(minutes=1)) == ([need.id], True)


def test_a_private_need_is_told_and_a_private_result_tells_nobody(
    session: Session, owner: Organization, look: Look
) -> None:
    make_need(session, title=TITLE, visibility="private")
    shown = make_result(session, owner)
    make_result(session, owner, visibility="private")

    look()

    assert [one.subject_id for one in told(session)] == [shown.id]
    assert len(session.exec(select(TransferLook)).all()) == 2


def test_ones_own_needs_drafts_and_those_that_met_it_are_not_told(
    session: Session, owner: Organization, client_for: ClientFor, look: Look
) -> None:
    make_need(session, owner, title=TITLE)
    make_need(session, title=TITLE, publish=False)
    seeker = make_organization(session)
    met = make_need(session, seeker, title=TITLE)
    result = make_result(session, owner)
    asked = client_for(seeker).post(
        "/v1/introductions", json={"need_id": str(met.id), "capability_id": str(result.id)}
    )
    assert asked.status_code == 201

    look()

    assert told(session) == []


def test_of_many_that_fit_three_are_told(session: Session, owner: Organization, look: Look) -> None:
    for _ in range(5):
        make_need(session, title=TITLE)
    make_result(session, owner)

    look()

    assert len(told(session)) == 3


def test_a_result_whose_day_is_far_or_that_is_being_transferred_is_left_alone(
    session: Session, owner: Organization, client_for: ClientFor, look: Look
) -> None:
    seeker = make_organization(session)
    need = make_need(session, seeker, title=TITLE)
    make_result(session, owner, days=365)
    taken = make_result(session, owner)
    asked = client_for(seeker).post(
        "/v1/introductions", json={"need_id": str(need.id), "capability_id": str(taken.id)}
    )
    client_for(owner).post(f"/v1/introductions/{asked.json()['id']}/accept", json={})

    look()

    assert session.exec(select(TransferLook)).all() == []


def test_its_owner_is_told_when_the_day_is_near_and_once_more_when_it_is_past(
    session: Session, owner: Organization, look: Look
) -> None:
    result = make_result(session, owner)
    look()
    again_tomorrow(session)
    look()

    result = session.get_one(Capability, result.id)
    result.transfer_due = today() - timedelta(days=1)
    session.add(result)
    again_tomorrow(session)
    look()

    notices = told(session, NoticeKind.capability_transfer_due)
    assert [one.detail["state"] for one in notices] == ["near", "past"]
    assert {one.organization_id for one in notices} == {owner.id}


def test_a_look_for_results_alone_counts_no_figures_of_needs(
    session: Session, owner: Organization, look: Look
) -> None:
    make_need(session, title=TITLE)
    look()
    before = len(session.exec(select(OutlookFigures)).all())
    make_result(session, owner)

    look()

    assert len(told(session)) == 1
    assert len(session.exec(select(OutlookFigures)).all()) == before


def test_upkeep_gives_results_from_before_their_day(session: Session, owner: Organization) -> None:
    old = make_capability(session, owner, publicly_funded=True)
    old.transfer_due, old.transfer_assumed = None, False
    session.add_all([old, message := OutboxMessage(topic=Topic.upkeep)])
    session.commit()

    upkeep.upkeep(str(message.id))

    session.expire_all()
    assert session.get_one(Capability, old.id).transfer_assumed is True
