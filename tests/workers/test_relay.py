"""The relay: what is owed is sent, and sent again when its sender is gone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from schemas.base import now
from schemas.operation import WorkerSeen
from schemas.outbox import OutboxMessage, Topic, Urgency
from service.platform.outbox import announce, announce_all
from service.platform.settings import settings
from workers import relay


class Broker:
    """Stands for Celery: notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[Any]]] = []
        self.there = True

    def send_task(self, name: str, arguments: list[Any]) -> None:
        if not self.there:
            raise ConnectionError
        self.sent.append((name, arguments))


@pytest.fixture
def broker(session: Session) -> Broker:
    session.add(WorkerSeen(name=relay.NAME, seen_at=now()))
    session.commit()
    return Broker()


def ids(session: Session) -> list[str]:
    session.commit()
    return [
        str(one)
        for one in session.execute(select(col(OutboxMessage.id)).order_by(col(OutboxMessage.id))).scalars()
    ]


def test_what_is_owed_is_sent_once_and_stays_until_it_is_done(session: Session, broker: Broker) -> None:
    announce(session, Topic.import_posted, uuid4())
    (message,) = ids(session)

    first, second = relay.send_due(broker), relay.send_due(broker)

    assert (first, second) == (1, 0)
    assert broker.sent == [("duijie.import", [message])]
    assert ids(session) == [message]


def test_what_somebody_waits_for_overtakes_an_import_in_a_batch_of_its_own(
    session: Session, broker: Broker
) -> None:
    announce_all(session, Topic.need_changed, [uuid4() for _ in range(100)], urgency=Urgency.bulk)
    session.commit()
    announce(session, Topic.need_changed, uuid4())
    awaited = ids(session)[-1]

    relay.send_due(broker)

    (_, (batch,)) = broker.sent[0]
    assert batch == [awaited]


def test_few_batches_are_under_way_at_once(session: Session, broker: Broker) -> None:
    announce_all(session, Topic.need_changed, [uuid4() for _ in range(200)])
    session.commit()

    while relay.send_due(broker):
        pass

    assert len(broker.sent) == 2


def test_a_message_that_is_not_due_waits(session: Session, broker: Broker) -> None:
    announce(session, Topic.import_posted, uuid4())
    session.execute(update(OutboxMessage).values(due_at=now() + timedelta(minutes=1)))
    session.commit()

    assert relay.send_due(broker) == 0


@pytest.mark.parametrize(
    ("sent_by", "ago", "again"),
    [
        (relay.NAME, timedelta(seconds=5), False),
        (relay.NAME, timedelta(seconds=settings().resend_after + 5), True),
        ("elsewhere:1:dead", timedelta(seconds=5), True),
    ],
    ids=["of a living worker", "of a living worker, long ago", "of a worker that is gone"],
)
def test_what_was_sent_is_sent_again_when_it_was_lost(
    session: Session, broker: Broker, sent_by: str, ago: timedelta, again: bool
) -> None:
    announce(session, Topic.import_posted, uuid4())
    session.execute(update(OutboxMessage).values(sent_at=now() - ago, sent_by=sent_by))
    session.commit()

    assert bool(relay.send_due(broker)) is again


def test_a_broker_that_refuses_leaves_everything_owed(session: Session, broker: Broker) -> None:
    announce(session, Topic.import_posted, uuid4())
    session.commit()

    broker.there = False
    with pytest.raises(ConnectionError):
        relay.send_due(broker)

    assert session.execute(select(col(OutboxMessage.sent_at))).scalar_one() is None
