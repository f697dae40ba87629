"""What the hourly upkeep finds and mends."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col

from schemas.embedding import EncoderModel
from schemas.outbox import OutboxMessage, Topic
from schemas.posting import IndexStatus
from tests.make import make_need
from workers import upkeep

pytestmark = pytest.mark.model


def test_upkeep_announces_what_was_lost(session: Session, do_work: Callable[[], None]) -> None:
    posting = make_need(session)
    session.execute(text("DELETE FROM outbox"))
    session.add(OutboxMessage(topic=Topic.upkeep))
    session.commit()
    (message,) = session.execute(select(col(OutboxMessage.id))).scalars()

    upkeep.upkeep(str(message))
    do_work()

    session.expire_all()
    assert session.get_one(type(posting), posting.id).index_status is IndexStatus.indexed


def test_upkeep_expires_what_is_past_its_day_and_is_owed_again(session: Session, model: EncoderModel) -> None:
    past = make_need(session, valid_until="2020-01-01")
    present = make_need(session, valid_until="2099-01-01")
    session.add(OutboxMessage(topic=Topic.upkeep))
    session.commit()
    message = session.execute(
        select(col(OutboxMessage.id)).where(col(OutboxMessage.topic) == Topic.upkeep)
    ).scalar_one()

    upkeep.upkeep(str(message))

    session.expire_all()
    assert session.get_one(type(past), past.id).status == "expired"
    assert session.get_one(type(present), present.id).status == "published"
    assert session.get_one(OutboxMessage, message).due_at > session.get_one(OutboxMessage, message).created_at


def test_upkeep_reads_again_what_has_no_hash(session: Session, do_work: Callable[[], None]) -> None:
    posting = make_need(session, description="请拨13800138000")
    do_work()
    known = posting.text_hash
    # As the migration leaves what an earlier release had read with the mark in it.
    session.execute(text("UPDATE need SET text_hash = ''"))
    session.execute(text("UPDATE embedding SET text_hash = 'old'"))
    session.add(OutboxMessage(topic=Topic.upkeep))
    session.commit()
    message = session.execute(
        select(col(OutboxMessage.id)).where(col(OutboxMessage.topic) == Topic.upkeep)
    ).scalar_one()

    upkeep.upkeep(str(message))
    do_work()

    session.expire_all()
    assert session.get_one(type(posting), posting.id).text_hash == known
    assert session.execute(text("SELECT text_hash FROM embedding")).scalar_one() == known
