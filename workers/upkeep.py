"""Periodic upkeep: expire overdue rows, repair drift, delete what is past its retention."""

from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from schemas.base import now
from schemas.operation import WorkerSeen
from schemas.outbox import OutboxMessage
from schemas.vocabulary import PostingStatus, Side
from service.access import audit
from service.challenges.deadline import close_overdue
from service.challenges.milestone_reminders import tell_of_milestones
from service.introductions.follow_ups import tell_of_follow_ups
from service.introductions.introductions import expire_overdue
from service.introductions.stalls import tell_of_stalled
from service.matches.live_index import notify_indexes, serving_model
from service.matches.shown_lists import forget_old_lists
from service.platform.ciphers import seal_what_is_open
from service.platform.db import transaction
from service.platform.outbox import announce_all
from service.postings.access import TABLES, TOPICS, Posting
from service.postings.derived import derive
from service.postings.due_days import backfill_due_dates
from service.trust.retention import forget_what_is_over
from workers.models import lacking_ids, not_announced

_WORKERS_KEPT = timedelta(hours=1)
_READ_AT_ONCE = 1_000
PAUSE = timedelta(minutes=10)


def upkeep(message_id: str) -> None:
    """Repair what a crash or a bug left behind, then reschedule this job."""
    with transaction() as session:
        message = session.get(OutboxMessage, UUID(message_id), with_for_update=True)
        if message is None:
            return
        more = seal_what_is_open(session)
        for side in Side:
            expire(session, side)
            mend(session, side)
        more |= forget_what_is_over(session)
        forget_old_lists(session)
        expire_overdue(session)
        tell_of_stalled(session)
        tell_of_follow_ups(session)
        tell_of_milestones(session)
        more |= backfill_due_dates(session)
        close_overdue(session)
        session.execute(delete(WorkerSeen).where(col(WorkerSeen.seen_at) < now() - _WORKERS_KEPT))
        message.sent_at, message.due_at = None, now() + (timedelta() if more else PAUSE)


def expire(session: Session, side: Side) -> None:
    table = TABLES[side]
    expired = session.execute(
        update(table)
        .where(col(table.status) == PostingStatus.published, col(table.valid_until) < now().date())
        .values(status=PostingStatus.expired)
        .returning(col(table.id), col(table.organization_id))
    )
    for posting_id, organization_id in expired:
        audit.note(session, None, f"{table.__name__.lower()}.expire", posting_id, [organization_id])
    notify_indexes(session)


def mend(session: Session, side: Side) -> None:
    """Enqueue postings that lack an encoding and have no job, and derive again those whose text was invalidated."""
    table = TABLES[side]
    unread = (
        select(table).where(col(table.text_hash) == "", col(table.deleted_at).is_(None)).limit(_READ_AT_ONCE)
    )
    for posting in session.exec(unread):
        derive(cast("Posting", posting))
    session.flush()
    model = serving_model(session)
    if model is not None:
        lacking = lacking_ids(session, side, model.name)
        announce_all(session, TOPICS[table], not_announced(session, lacking))
