"""Doing owed work: find the outbox rows, do it, delete them; on failure try again later, up to a limit."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session, col

from schemas.base import now
from schemas.outbox import OutboxMessage
from service.settings import settings


def still_owed(session: Session, message_ids: Sequence[str]) -> list[OutboxMessage]:
    """Those of the rows that are still there: the others were done by an earlier delivery."""
    ids = [UUID(message_id) for message_id in message_ids]
    return list(session.execute(select(OutboxMessage).where(col(OutboxMessage.id).in_(ids))).scalars())


def done(session: Session, messages: Sequence[OutboxMessage]) -> None:
    session.execute(
        delete(OutboxMessage).where(col(OutboxMessage.id).in_([message.id for message in messages]))
    )


def try_again(session: Session, message: OutboxMessage, error: str) -> bool:
    """Put the row off, twice as long each time. False once the limit is reached: the row is then gone."""
    row = session.get(OutboxMessage, message.id, with_for_update=True)
    if row is None:
        return True
    if row.attempts >= settings().retry_limit:
        session.delete(row)
        return False
    row.due_at = now() + timedelta(seconds=settings().retry_pause * 2**row.attempts)
    row.attempts, row.sent_at, row.error = row.attempts + 1, None, error
    return True
