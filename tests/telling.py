"""Doing all that is owed for notices, as a worker would, without one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from schemas.base import now
from schemas.outbox import OutboxMessage, Topic
from service.platform.settings import settings
from workers import events, mailing, notices, standing

DOERS: dict[Topic, Callable[[str], None]] = {
    Topic.posting_indexed: standing.tell_subscribers,
    Topic.notice_written: notices.spread,
    Topic.webhook_due: events.send_events,
    Topic.mail_due: mailing.make_mail,
    Topic.mail_made: mailing.send_mail,
}


def tell(session: Session) -> None:
    """All that is due, and what comes of it, until nothing is."""
    session.commit()
    while rows := _due(session):
        for row in rows:
            DOERS[row.topic](str(row.id))
    session.expire_all()


def make_due(session: Session, moment: datetime | None = None) -> None:
    """Wind the clock of everything that waits forward to now."""
    session.commit()
    for row in session.exec(select(OutboxMessage).where(col(OutboxMessage.topic).in_(DOERS))):
        row.due_at = moment or now()
    session.commit()


def _due(session: Session) -> list[OutboxMessage]:
    session.expire_all()
    found = session.exec(
        select(OutboxMessage)
        .where(col(OutboxMessage.topic).in_(DOERS), col(OutboxMessage.due_at) <= now())
        .order_by(col(OutboxMessage.id))
    ).all()
    session.commit()
    return list(found)


@contextmanager
def set_to(**values: Any) -> Iterator[None]:
    """Settings of one test; the class keeps one instance a process."""
    before = {name: getattr(settings(), name) for name in values}
    try:
        for name, value in values.items():
            setattr(settings(), name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings(), name, value)
