"""A new model is built while the old one serves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text
from sqlmodel import Session, col

from schemas.embedding import Embedding, EncoderModel, ModelState
from schemas.outbox import OutboxMessage, Topic
from schemas.posting import IndexStatus
from service.live_index import LiveIndex
from service.settings import settings
from tests.make import make_capability, make_need
from tests.matching.tiny_models import make_tiny_model
from workers import models, upkeep

pytestmark = pytest.mark.model


@pytest.fixture
def tiny(
    tmp_path: Path, model: EncoderModel, monkeypatch: pytest.MonkeyPatch, session: Session
) -> Iterator[str]:
    """Another model, named in the settings; afterwards the one of before serves again."""
    source = str(make_tiny_model(tmp_path))
    monkeypatch.setattr(settings(), "model", source)
    yield source
    session.rollback()
    session.execute(delete(EncoderModel))
    session.merge(EncoderModel(**model.model_dump()))
    session.commit()


def states(session: Session) -> dict[str, ModelState]:
    session.commit()
    return {row.source: row.state for row in session.execute(select(EncoderModel)).scalars()}


def switch(session: Session) -> None:
    session.commit()
    message = session.execute(
        select(col(OutboxMessage.id)).where(col(OutboxMessage.topic) == Topic.model_changed)
    ).scalar_one()
    models.switch_model(str(message))


def test_the_old_model_serves_until_everything_is_encoded_anew(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    posting = make_capability(session)
    do_work()
    index = LiveIndex()
    index.refresh()
    old = index.serving.model.name if index.serving else ""
    models.register_model()
    while_building = states(session)

    switch(session)
    index.refresh()
    served_meanwhile = index.serving.model.name if index.serving else ""
    do_work()
    switch(session)
    index.refresh()

    assert while_building == {"default": ModelState.serving, tiny: ModelState.building}
    assert served_meanwhile == old
    assert states(session) == {tiny: ModelState.serving}
    assert index.serving is not None
    assert index.serving.model.source == tiny
    assert index.serving.model.dim == 32
    assert [one.posting_id for one in session.execute(select(Embedding)).scalars()] == [posting.id]


def test_what_is_posted_meanwhile_is_encoded_under_both(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    models.register_model()

    make_need(session)
    do_work()

    assert len(session.execute(select(Embedding)).scalars().all()) == 2


def test_naming_the_old_model_again_needs_no_building(session: Session, tiny: str) -> None:
    models.register_model()
    settings().model = "default"

    models.register_model()
    switch(session)

    assert states(session)["default"] is ModelState.serving


def test_a_failed_posting_does_not_hold_up_the_change(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    bad = make_need(session)
    session.execute(text("DELETE FROM outbox"))
    session.execute(text("UPDATE need SET index_status = 'failed' WHERE id = :id"), {"id": bad.id})
    session.commit()
    models.register_model()

    switch(session)

    assert states(session) == {tiny: ModelState.serving}


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
