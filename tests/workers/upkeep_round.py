"""One round of upkeep, as the worker does it every ten minutes."""

from sqlmodel import Session

from schemas.outbox import OutboxMessage, Topic
from workers.upkeep import upkeep


def one_round(session: Session) -> OutboxMessage:
    session.commit()
    message = OutboxMessage(topic=Topic.upkeep)
    session.add(message)
    session.commit()
    upkeep(str(message.id))
    session.expire_all()
    return message
