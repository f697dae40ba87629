"""Later work is written down in the transaction that asks for it."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from schemas.outbox import OutboxMessage, Topic, Urgency

CHANNEL = "duijie_outbox"


def announce(
    session: Session, topic: Topic, subject_id: UUID | None, *, urgency: Urgency = Urgency.awaited
) -> None:
    """Owe the work that ``topic`` stands for. Nothing is sent before, or without, the commit."""
    announce_all(session, topic, [subject_id], urgency=urgency)


def announce_all(
    session: Session, topic: Topic, subject_ids: Iterable[UUID | None], *, urgency: Urgency = Urgency.bulk
) -> None:
    session.add_all(
        [OutboxMessage(topic=topic, subject_id=subject, urgency=urgency) for subject in subject_ids]
    )
    # Delivered on commit, and only then: it saves the relay its pause.
    session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
