"""Jobs from the outbox: read their rows, delete them when done, reschedule them on failure, up to a limit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from threading import BoundedSemaphore
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlmodel import Session, col

from schemas.base import now
from schemas.outbox import OutboxMessage, Topic
from service.platform.db import transaction
from service.platform.settings import settings

_SOON = timedelta(seconds=1)


def still_owed(session: Session, message_ids: Sequence[str]) -> list[OutboxMessage]:
    """The rows that still exist; an earlier delivery has done the others."""
    ids = [UUID(message_id) for message_id in message_ids]
    return list(session.execute(select(OutboxMessage).where(col(OutboxMessage.id).in_(ids))).scalars())


def done(session: Session, messages: Sequence[OutboxMessage]) -> None:
    session.execute(
        delete(OutboxMessage).where(col(OutboxMessage.id).in_([message.id for message in messages]))
    )


def try_again(session: Session, message: OutboxMessage, error: str) -> bool:
    """Reschedule a failed job, doubling the pause. Delete it and return False once the limit is reached."""
    row = session.get(OutboxMessage, message.id, with_for_update=True)
    if row is None:
        return True
    if row.attempts >= settings().retry_limit:
        session.delete(row)
        return False
    row.due_at = now() + timedelta(seconds=settings().retry_pause * 2**row.attempts)
    row.attempts, row.sent_at, row.error = row.attempts + 1, None, error
    return True


def take(session: Session, topic: Topic, most: int) -> list[OutboxMessage]:
    """The oldest rows of a topic that are due, locked until the transaction ends. Rows that others hold are skipped.

    A task that was sent for one row takes others as well; the tasks of those then find nothing to do.
    """
    return list(
        session.execute(
            select(OutboxMessage)
            .where(col(OutboxMessage.topic) == topic, col(OutboxMessage.due_at) <= now())
            .order_by(col(OutboxMessage.urgency), col(OutboxMessage.id))
            .limit(most)
            .with_for_update(skip_locked=True)
        ).scalars()
    )


def put_off(session: Session, message_id: UUID, due_at: datetime) -> None:
    """Reschedule a job, if it still exists."""
    row = session.get(OutboxMessage, message_id, with_for_update=True)
    if row is not None:
        row.sent_at, row.due_at = None, due_at


def try_lock_subject(session: Session, subject_id: UUID) -> bool:
    """Lock a subject until the transaction ends. False where another task holds the lock.

    An advisory lock, since a row's lock gives the transaction an id, and the feed waits for every such one.
    """
    key = int.from_bytes(subject_id.bytes[8:], signed=True)
    found: bool = session.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": key}).scalar_one()
    return found


@lru_cache
def _slots() -> BoundedSemaphore:
    return BoundedSemaphore(max(1, settings().worker_threads // 2))


@contextmanager
def outbound_slot(message_id: UUID) -> Iterator[bool]:
    """Reserve a slot for requests to other servers. Where none is free, reschedule the job and yield False.

    There are half as many slots as threads, so that indexing goes on however many servers are slow.
    """
    if not _slots().acquire(blocking=False):
        with transaction() as session:
            put_off(session, message_id, now() + _SOON)
        yield False
        return
    try:
        yield True
    finally:
        _slots().release()
