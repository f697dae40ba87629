"""Indexing: once, exactly, and again after a failure."""

import itertools
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col

from matching.encoder import EncodingFailed
from schemas.base import now
from schemas.capability import Capability
from schemas.embedding import Embedding, EncoderModel
from schemas.outbox import OutboxMessage, Topic
from schemas.posting import IndexStatus
from schemas.vocabulary import Side
from service.matches.encoders import EncodedText, encode
from service.platform.settings import settings
from service.postings.texts import Writing
from tests.make import make_capability, make_need
from workers import indexing

pytestmark = pytest.mark.model


def owed(session: Session) -> list[OutboxMessage]:
    session.commit()
    session.expire_all()
    return list(session.execute(select(OutboxMessage)).scalars())


def embedding_of(session: Session, posting_id: UUID) -> Embedding | None:
    session.expire_all()
    return session.execute(
        select(Embedding).where(col(Embedding.posting_id) == posting_id)
    ).scalar_one_or_none()


def test_an_encoded_posting_is_indexed_and_nothing_is_owed_any_more(
    session: Session, do_work: Callable[[], None]
) -> None:
    posting = make_capability(
        session, title="红枣分级分选成套装备", description="按大小和裂纹分级。每小时三吨。"
    )

    do_work()

    stored = embedding_of(session, posting.id)
    assert stored is not None
    assert stored.text_hash == posting.text_hash
    assert "红枣" in stored.terms
    assert len(stored.spans) == 2 * 3
    assert session.get_one(Capability, posting.id).index_status is IndexStatus.indexed
    assert owed(session) == []


def test_a_second_delivery_encodes_nothing(
    session: Session, do_work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_capability(session)
    messages = [str(message.id) for message in owed(session)]
    do_work()
    monkeypatch.setattr(indexing, "encode", _fails_on(""))

    indexing.index_postings(messages)

    assert owed(session) == []


def test_a_change_that_does_not_touch_the_words_is_not_encoded_again(
    session: Session, do_work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    posting = make_need(session)
    do_work()
    session.execute(text("UPDATE need SET region = '659003'"))
    session.add(OutboxMessage(topic=Topic.need_changed, subject_id=posting.id))
    encoded: list[str] = []

    def noted(model: EncoderModel, side: Side, writings: Sequence[Writing]) -> list[EncodedText]:
        encoded.extend(one.text for one in writings)
        return encode(model, side, writings)

    monkeypatch.setattr(indexing, "encode", noted)
    do_work()

    assert encoded == []
    assert owed(session) == []


def test_words_that_changed_while_they_were_encoded_are_not_overwritten(
    session: Session, do_work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    posting = make_need(session, title="旧的题目")
    messages = [str(message.id) for message in owed(session)]

    def meanwhile(model: EncoderModel, side: Side, writings: Sequence[Writing]) -> list[EncodedText]:
        found = encode(model, side, writings)
        session.execute(
            text("UPDATE need SET text_hash = 'of newer words' WHERE id = :id"), {"id": posting.id}
        )
        session.commit()
        return found

    monkeypatch.setattr(indexing, "encode", meanwhile)
    indexing.index_postings(messages)

    assert embedding_of(session, posting.id) is None


def test_one_bad_text_does_not_hold_up_the_others(
    session: Session, model: EncoderModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = make_need(session, title="好的"), make_need(session, title="坏的")
    messages = [str(message.id) for message in owed(session)]
    monkeypatch.setattr(indexing, "encode", _fails_on("坏的"))

    indexing.index_postings(messages)

    assert embedding_of(session, good.id) is not None
    (left,) = owed(session)
    assert (left.subject_id, left.attempts) == (bad.id, 1)
    assert "坏的" in left.error


def test_pauses_grow_and_in_the_end_the_posting_says_why(
    session: Session, model: EncoderModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = make_need(session, title="坏的")
    (message,) = owed(session)
    monkeypatch.setattr(indexing, "encode", _fails_on("坏的"))
    pauses = []

    for _ in range(settings().retry_limit):
        began = now()
        indexing.index_postings([str(message.id)])
        (row,) = owed(session)
        pauses.append((row.due_at - began).total_seconds())
    indexing.index_postings([str(message.id)])

    assert all(later > 1.5 * earlier for earlier, later in itertools.pairwise(pauses))
    shown = session.get_one(type(bad), bad.id)
    session.refresh(shown)
    assert owed(session) == []
    assert shown.index_status is IndexStatus.failed
    assert "坏的" in shown.index_error


def test_a_deleted_posting_leaves_no_vector(session: Session, do_work: Callable[[], None]) -> None:
    posting = make_need(session)
    do_work()
    session.execute(text("UPDATE need SET deleted_at = now()"))
    session.add(OutboxMessage(topic=Topic.need_changed, subject_id=posting.id))

    do_work()

    assert embedding_of(session, posting.id) is None


def _fails_on(word: str) -> Callable[..., list[EncodedText]]:
    def failing(model: EncoderModel, side: Side, writings: Sequence[Writing]) -> list[EncodedText]:
        for one in writings:
            if word in one.text:
                raise EncodingFailed(f"cannot encode {one.text}")
        return encode(model, side, writings)

    return failing
