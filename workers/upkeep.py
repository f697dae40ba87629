"""Now and then: expire what is past its day, mend what drifted, forget what is old."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col

from schemas.base import now
from schemas.embedding import Side
from schemas.operation import AnsweredRequest, WorkerSeen
from schemas.outbox import OutboxMessage
from schemas.vocabulary import PostingStatus
from service.challenge_closing import close_overdue
from service.ciphers import seal_what_is_open
from service.db import transaction
from service.introductions import expire_overdue
from service.live_index import notify_indexes, serving_model
from service.match_lists import forget_old_lists
from service.outbox import announce_all
from service.postings import TABLES, TOPICS
from workers.models import lacking_ids, not_announced

_ANSWERS_KEPT = timedelta(days=1)
_WORKERS_KEPT = timedelta(hours=1)
PAUSE = timedelta(minutes=10)


def upkeep(message_id: str) -> None:
    """Everything here heals by itself what a crash or a bug left; then it is owed again."""
    with transaction() as session:
        message = session.get(OutboxMessage, UUID(message_id), with_for_update=True)
        if message is None:
            return
        more = seal_what_is_open(session)
        for side in Side:
            expire(session, side)
            mend(session, side)
        session.execute(
            delete(AnsweredRequest).where(col(AnsweredRequest.created_at) < now() - _ANSWERS_KEPT)
        )
        forget_old_lists(session)
        expire_overdue(session)
        close_overdue(session)
        session.execute(delete(WorkerSeen).where(col(WorkerSeen.seen_at) < now() - _WORKERS_KEPT))
        message.sent_at, message.due_at = None, now() + (timedelta() if more else PAUSE)


def expire(session: Session, side: Side) -> None:
    table = TABLES[side]
    session.execute(
        update(table)
        .where(col(table.status) == PostingStatus.published, col(table.valid_until) < now().date())
        .values(status=PostingStatus.expired)
    )
    notify_indexes(session)


def mend(session: Session, side: Side) -> None:
    """Announce what is not encoded though nothing is owed for it."""
    model = serving_model(session)
    if model is not None:
        lacking = lacking_ids(session, side, model.name)
        announce_all(session, TOPICS[TABLES[side]], not_announced(session, lacking))
