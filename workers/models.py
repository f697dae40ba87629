"""Which model serves, and the change from one to another while the old one goes on serving."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, delete, func, select
from sqlmodel import Session, col

from matching.centre import mean_of
from schemas.base import now
from schemas.embedding import Embedding, EncoderModel, ModelState, Side
from schemas.outbox import OutboxMessage, Topic
from schemas.posting import IndexStatus
from schemas.vocabulary import PostingStatus
from service.db import transaction
from service.demo import sample_texts
from service.encoders import PROMPT_OF, Progress, encoder_for
from service.live_index import notify_indexes, serving_model
from service.outbox import announce, announce_all
from service.postings import TABLES, TOPICS
from service.settings import settings

log = structlog.get_logger()

# Any number that nothing else in this database locks.
_LOCK = 0x4455494A
_LOOK_AGAIN = timedelta(seconds=2)


def register_model(progress: Progress | None = None) -> None:
    """Make the model of the settings known. One that is new is built beside the one that serves."""
    source = settings().model
    encoder = encoder_for(source, progress)
    with transaction() as session:
        # Two workers may start at once.
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        serving = serving_model(session)
        # A change of mind leaves a half-built one behind.
        session.execute(
            delete(EncoderModel).where(
                col(EncoderModel.state) == ModelState.building, col(EncoderModel.name) != encoder.name
            )
        )
        if serving is not None and serving.name == encoder.name:
            serving.source = source
            return
        if session.get(EncoderModel, encoder.name) is None:
            means = {
                side: mean_of(encoder.encode(sample_texts(side), side=PROMPT_OF[side])).tobytes()
                for side in Side
            }
            state = ModelState.serving if serving is None else ModelState.building
            session.add(
                EncoderModel(
                    name=encoder.name,
                    source=source,
                    dim=encoder.dim,
                    need_mean=means[Side.needs],
                    capability_mean=means[Side.capabilities],
                    state=state,
                )
            )
        notify_indexes(session)
        if serving is not None:
            log.info("a new model is being built", model=encoder.name, serving=serving.name)
            announce(session, Topic.model_changed, None)


def switch_model(message_id: str) -> None:
    """Have all postings encoded that the new model lacks; once none is lacking, let it serve.

    The encoding itself is left to the indexing tasks. This one puts itself off until they are done.
    """
    with transaction() as session:
        message = session.get(OutboxMessage, UUID(message_id), with_for_update=True)
        if message is None:
            return
        building = session.execute(
            select(EncoderModel).where(col(EncoderModel.state) == ModelState.building)
        ).scalar_one_or_none()
        if building is None:
            session.delete(message)
            return
        lacking = {side: lacking_ids(session, side, building.name) for side in TABLES}
        if any(lacking.values()):
            for side, ids in lacking.items():
                announce_all(session, TOPICS[TABLES[side]], not_announced(session, ids))
            message.sent_at, message.due_at = None, now() + _LOOK_AGAIN
            return
        session.execute(delete(EncoderModel).where(col(EncoderModel.state) == ModelState.serving))
        building.state = ModelState.serving
        session.delete(message)
        notify_indexes(session)
        log.info("a new model serves", model=building.name)


def lacking_ids(session: Session, side: Side, model: str) -> list[UUID]:
    """Postings whose present words are not encoded under ``model``, those that failed apart."""
    table = TABLES[side]
    return list(
        session.execute(
            select(col(table.id))
            .outerjoin(
                Embedding, and_(col(Embedding.posting_id) == col(table.id), col(Embedding.model) == model)
            )
            .where(
                col(table.deleted_at).is_(None),
                col(table.status) != PostingStatus.closed,
                col(table.index_status) != IndexStatus.failed,
                col(Embedding.text_hash).is_distinct_from(col(table.text_hash)),
            )
        ).scalars()
    )


def not_announced(session: Session, ids: Sequence[UUID]) -> list[UUID]:
    """Those of ``ids`` for which nothing is owed yet."""
    owed = set(
        session.execute(
            select(col(OutboxMessage.subject_id)).where(col(OutboxMessage.subject_id).in_(ids))
        ).scalars()
    )
    return [posting_id for posting_id in ids if posting_id not in owed]
