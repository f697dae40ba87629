"""What time brings about between parties is written down and told by upkeep, whether anybody comes by or not."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from schemas.challenge import Challenge, ChallengeStatus
from schemas.outbox import OutboxMessage, Topic
from tests.conftest import ClientFor
from tests.make import make_need
from tests.service.tenders import Tender
from tests.service.two_sides import PHONE, TwoSides, two
from workers import upkeep

__all__ = ["two"]


def keep_up(session: Session) -> None:
    session.rollback()
    session.add(message := OutboxMessage(topic=Topic.upkeep))
    session.commit()
    upkeep.upkeep(str(message.id))
    session.expire_all()


def test_what_nobody_answered_in_time_is_ended(two: TwoSides) -> None:
    place = two.ask()
    two.long_ago(place, "expires_at", 1)

    keep_up(two.session)

    assert two.row(place).status == "expired"
    assert set(two.notices("introduction.expired")) == {two.seeking.id, two.providing.id}


@pytest.mark.parametrize(
    ("field", "days", "told"),
    [("moved_at", 40, "introduction.stalled"), ("ended_at", 200, "introduction.follow_up_due")],
)
def test_what_stalls_and_what_became_of_it_is_told_once(
    two: TwoSides, field: str, days: int, told: str
) -> None:
    place = two.brokered()
    if field == "ended_at":
        two.seeker.post(f"{place}/end", json={"outcome": "test"})
    two.long_ago(place, field, days)

    for _ in range(2):
        keep_up(two.session)

    assert len(two.notices(told)) == 2


def test_bids_are_opened_though_nobody_asks_for_them(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for).opened()
    tender.bid()
    tender.pass_deadline()

    keep_up(session)

    assert session.get_one(Challenge, UUID(tender.id)).status is ChallengeStatus.evaluating


def test_what_lies_open_is_sealed(session: Session) -> None:
    make_need(session)
    session.execute(text("UPDATE need SET contacts = :open"), {"open": f'[{{"phone": "{PHONE}"}}]'})
    session.commit()

    keep_up(session)

    assert str(session.execute(text("SELECT contacts FROM need")).scalar_one()).startswith("gAAAA")
