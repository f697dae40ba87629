"""A new model is built while the old one serves, and the old one is kept as the way back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text
from sqlmodel import Session, col

from schemas.embedding import Embedding, EncoderModel, ModelState
from schemas.outbox import OutboxMessage, Topic
from service.matches import model_choice
from service.matches.live_index import LiveIndex
from service.platform.problems import WrongState
from service.platform.settings import settings
from tests.make import make_capability, make_need
from tests.matching.tiny_models import make_tiny_model
from workers import models

pytestmark = pytest.mark.model


@pytest.fixture
def tiny(tmp_path: Path, model: EncoderModel, session: Session) -> Iterator[str]:
    """Another model; afterwards the one of before serves again, alone."""
    yield str(make_tiny_model(tmp_path))
    session.rollback()
    session.execute(delete(EncoderModel))
    session.merge(EncoderModel(**model.model_dump()))
    session.commit()


@pytest.fixture
def set_by_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets ``DUIJIE_MODEL``; afterwards nobody has."""

    def set_to(source: str) -> None:
        monkeypatch.setattr(settings(), "model", source)

    yield set_to
    monkeypatch.undo()
    settings().model_fields_set.discard("model")


def states(session: Session) -> dict[str, ModelState]:
    session.commit()
    session.expire_all()
    return {row.source: row.state for row in session.execute(select(EncoderModel)).scalars()}


def encoded_under(session: Session, source: str) -> int:
    rows = (
        select(col(Embedding.posting_id))
        .join(EncoderModel, col(EncoderModel.name) == col(Embedding.model))
        .where(col(EncoderModel.source) == source)
    )
    return len(session.execute(rows).all())


def switch(session: Session) -> None:
    session.commit()
    messages = select(col(OutboxMessage.id)).where(col(OutboxMessage.topic) == Topic.model_changed)
    for message in session.execute(messages).scalars().all():
        models.switch_model(str(message))


def change_to(session: Session, source: str, do_work: Callable[[], None]) -> None:
    model_choice.register(source)
    switch(session)
    do_work()
    switch(session)


def served_by(index: LiveIndex) -> tuple[str, int]:
    index.refresh()
    assert index.serving is not None
    return index.serving.model.source, sum(len(state.index) for state in index.serving.states.values())


def test_the_old_model_serves_until_everything_is_encoded_anew(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    make_capability(session)
    do_work()
    index = LiveIndex()

    model_choice.register(tiny)
    while_building = states(session)
    switch(session)
    served_meanwhile = served_by(index)
    do_work()
    switch(session)

    assert while_building == {"default": ModelState.serving, tiny: ModelState.building}
    assert served_meanwhile == ("default", 1)
    assert states(session) == {"default": ModelState.retired, tiny: ModelState.serving}
    assert served_by(index) == (tiny, 1)
    assert index.serving is not None
    assert index.serving.model.dim == 32


def test_the_choice_outlives_the_worker(session: Session, do_work: Callable[[], None], tiny: str) -> None:
    change_to(session, tiny, do_work)

    models.register_model()
    switch(session)

    assert states(session) == {"default": ModelState.retired, tiny: ModelState.serving}


def test_a_worker_that_starts_goes_on_building(session: Session, tiny: str) -> None:
    model_choice.register(tiny)

    models.register_model()
    switch(session)

    assert states(session) == {"default": ModelState.retired, tiny: ModelState.serving}


def test_going_back_needs_no_worker_where_nothing_is_lacking(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    make_capability(session)
    do_work()
    change_to(session, tiny, do_work)
    index = LiveIndex()
    index.refresh()

    model_choice.roll_back()

    assert states(session) == {"default": ModelState.serving, tiny: ModelState.retired}
    assert served_by(index) == ("default", 1)


def test_going_back_catches_up_with_what_was_posted_since(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    make_capability(session)
    do_work()
    change_to(session, tiny, do_work)
    make_capability(session)
    do_work()
    index = LiveIndex()

    model_choice.roll_back()
    while_catching_up = states(session), served_by(index)
    switch(session)
    do_work()
    switch(session)

    assert while_catching_up == ({"default": ModelState.building, tiny: ModelState.serving}, (tiny, 2))
    assert states(session) == {"default": ModelState.serving, tiny: ModelState.retired}
    assert served_by(index) == ("default", 2)


def test_nothing_is_encoded_for_the_way_back_alone(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    change_to(session, tiny, do_work)

    make_need(session)
    do_work()

    assert (encoded_under(session, tiny), encoded_under(session, "default")) == (1, 0)


def test_going_back_twice_goes_forward_again(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    change_to(session, tiny, do_work)

    model_choice.roll_back()
    model_choice.roll_back()

    assert states(session) == {"default": ModelState.retired, tiny: ModelState.serving}


def test_going_back_while_one_is_built_gives_that_one_up(session: Session, tiny: str) -> None:
    make_capability(session)
    model_choice.register(tiny)

    model_choice.roll_back()
    switch(session)

    assert states(session) == {"default": ModelState.serving}
    assert session.execute(
        select(OutboxMessage).where(col(OutboxMessage.topic) == Topic.model_changed)
    ).first() is None  # fmt: skip


def test_where_nothing_served_before_there_is_no_way_back(session: Session, tiny: str) -> None:
    with pytest.raises(WrongState, match="no model to go back to"):
        model_choice.roll_back()

    assert states(session) == {"default": ModelState.serving}


def test_of_those_that_served_only_the_last_is_kept(
    session: Session, do_work: Callable[[], None], tiny: str, tmp_path: Path
) -> None:
    third = str(make_tiny_model(tmp_path / "third", seed=1))
    make_need(session)
    do_work()
    change_to(session, tiny, do_work)

    change_to(session, third, do_work)

    assert states(session) == {tiny: ModelState.retired, third: ModelState.serving}
    assert session.execute(select(func.count()).select_from(Embedding)).scalar_one() == 2


def test_how_far_a_model_is_built_can_be_seen(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    make_need(session)
    do_work()

    model_choice.register(tiny)
    session.commit()

    shares = {known.model.source: known.encoded for known in model_choice.known_models(session)}
    assert shares == {"default": 1.0, tiny: 0.0}


def test_what_is_posted_meanwhile_is_encoded_under_both(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    model_choice.register(tiny)

    make_need(session)
    do_work()

    assert (encoded_under(session, tiny), encoded_under(session, "default")) == (1, 1)


def test_what_is_set_by_hand_goes_before_what_was_chosen(
    session: Session, do_work: Callable[[], None], tiny: str, set_by_hand: Callable[[str], None]
) -> None:
    change_to(session, tiny, do_work)
    set_by_hand("default")

    models.register_model()
    switch(session)

    assert states(session) == {"default": ModelState.serving, tiny: ModelState.retired}


def test_what_is_set_by_hand_is_not_rolled_back(
    session: Session, do_work: Callable[[], None], tiny: str, set_by_hand: Callable[[str], None]
) -> None:
    set_by_hand(tiny)
    models.register_model()
    switch(session)

    with pytest.raises(WrongState, match="DUIJIE_MODEL"):
        model_choice.roll_back()

    assert states(session) == {"default": ModelState.retired, tiny: ModelState.serving}


def test_naming_the_old_model_again_needs_no_building(
    session: Session, tiny: str, set_by_hand: Callable[[str], None]
) -> None:
    set_by_hand(tiny)
    models.register_model()
    set_by_hand("default")

    models.register_model()
    switch(session)

    assert states(session) == {"default": ModelState.serving}


def test_a_failed_posting_does_not_hold_up_the_change(
    session: Session, do_work: Callable[[], None], tiny: str
) -> None:
    bad = make_need(session)
    session.execute(text("DELETE FROM outbox"))
    session.execute(text("UPDATE need SET index_status = 'failed' WHERE id = :id"), {"id": bad.id})
    session.commit()
    model_choice.register(tiny)

    switch(session)

    assert states(session)[tiny] is ModelState.serving
