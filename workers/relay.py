"""From outbox rows to tasks.

A row is deleted by the task that did the work. Sending only stamps it, so a message that the
broker lost is sent again once its stamp is old, and what a killed worker had sent, at once.
"""

import os
import secrets
import socket
from collections.abc import Sequence
from datetime import timedelta
from threading import Event
from uuid import UUID

from celery import Celery
from sqlalchemy import Select, func, or_, select, update
from sqlmodel import Session, col

from schemas.base import now
from schemas.operation import WorkerSeen
from schemas.outbox import OutboxMessage, Topic, Urgency
from service.platform.db import psycopg_connection, transaction
from service.platform.outbox import CHANNEL, announce
from service.platform.settings import settings

# A process id may come again, hence the chance at the end.
NAME = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
# NOTIFY wakes the relay at once; this is for when one was missed, and for work that falls due.
LOOK_EVERY = 1.0
_HEARTBEAT_EVERY = timedelta(seconds=5)
_SILENT_AFTER = timedelta(seconds=15)
# Few batches wait in the broker, so that a posting somebody waits for overtakes an import.
_BATCHES_UNDER_WAY = 2

_INDEXING = (Topic.need_changed, Topic.capability_changed)
TASKS = {
    Topic.import_posted: "duijie.import",
    Topic.model_changed: "duijie.switch_model",
    Topic.upkeep: "duijie.upkeep",
    Topic.outlook: "duijie.outlook",
    Topic.posting_indexed: "duijie.tell_subscribers",
    Topic.notice_written: "duijie.spread_notices",
    Topic.webhook_due: "duijie.send_events",
    Topic.mail_due: "duijie.make_mail",
    Topic.mail_made: "duijie.send_mail",
    Topic.backup: "duijie.back_up",
}
# Each of these reschedules itself when it has run.
_PERIODIC = (Topic.upkeep, Topic.outlook, Topic.backup)


def relay(app: Celery, stop: Event) -> None:
    """Send what is due until ``stop`` is set."""
    with psycopg_connection() as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        with transaction() as session:
            _forget_dead_workers(session)
            _requeue_own_jobs(session)
            ensure_periodic_jobs(session)
        while not stop.is_set():
            with transaction() as session:
                _heartbeat(session)
            while send_due(app):
                pass
            for _ in connection.notifies(timeout=LOOK_EVERY, stop_after=1):
                pass


def send_due(app: Celery) -> int:
    """Send one batch for indexing, and every other task that is due. The number of rows sent."""
    with transaction() as session:
        sent = sum(_send_batch(session, app, urgency) for urgency in Urgency)
        rows = session.execute(_due(list(TASKS))).scalars().all()
        for row in rows:
            app.send_task(TASKS[row.topic], [str(row.id)])
        _stamp(session, [row.id for row in rows])
        return sent + len(rows)


def _send_batch(session: Session, app: Celery, urgency: Urgency) -> int:
    """What somebody waits for goes in batches of its own: it must not wait for the encoding of an import."""
    fresh = now() - timedelta(seconds=settings().resend_after)
    under_way = session.execute(
        select(func.count()).where(
            col(OutboxMessage.topic).in_(_INDEXING),
            col(OutboxMessage.sent_at) > fresh,
            col(OutboxMessage.sent_by) == NAME,
            col(OutboxMessage.urgency) == urgency,
        )
    ).scalar_one()
    if under_way > (_BATCHES_UNDER_WAY - 1) * settings().index_batch:
        return 0
    ids = [
        row.id
        for row in session.execute(
            _due(_INDEXING).where(col(OutboxMessage.urgency) == urgency).limit(settings().index_batch)
        ).scalars()
    ]
    if ids:
        app.send_task("duijie.index", [[str(message_id) for message_id in ids]])
        _stamp(session, ids)
    return len(ids)


def _due(topics: Sequence[Topic]) -> Select[OutboxMessage]:
    """Rows of these topics that wait to be sent, the most urgent first; other relays' rows are passed over."""
    old = now() - timedelta(seconds=settings().resend_after)
    alive = select(col(WorkerSeen.name)).where(col(WorkerSeen.seen_at) > now() - _SILENT_AFTER)
    return (
        select(OutboxMessage)
        .where(
            col(OutboxMessage.topic).in_(topics),
            col(OutboxMessage.due_at) <= now(),
            or_(
                col(OutboxMessage.sent_at).is_(None),
                col(OutboxMessage.sent_at) < old,
                col(OutboxMessage.sent_by).not_in(alive),
            ),
        )
        .order_by(col(OutboxMessage.urgency), col(OutboxMessage.id))
        .with_for_update(skip_locked=True)
    )


def _stamp(session: Session, ids: Sequence[UUID]) -> None:
    session.execute(
        update(OutboxMessage).where(col(OutboxMessage.id).in_(ids)).values(sent_at=now(), sent_by=NAME)
    )


def _heartbeat(session: Session) -> None:
    seen = session.get(WorkerSeen, NAME)
    if seen is None:
        session.add(WorkerSeen(name=NAME, seen_at=now()))
    elif now() - seen.seen_at > _HEARTBEAT_EVERY:
        seen.seen_at = now()


def _forget_dead_workers(session: Session) -> None:
    """Delete workers of this machine whose process is gone, so that the jobs that they had sent are sent again."""
    for seen in session.execute(select(WorkerSeen)).scalars():
        host, pid, _ = seen.name.rsplit(":", 2)
        if host == socket.gethostname() and seen.name != NAME and not _runs(int(pid)):
            session.delete(seen)


def _requeue_own_jobs(session: Session) -> None:
    """Send all jobs of this process again: after a lost connection its tasks may have failed, too."""
    session.execute(update(OutboxMessage).where(col(OutboxMessage.sent_by) == NAME).values(sent_at=None))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def ensure_periodic_jobs(session: Session) -> None:
    """Enqueue the periodic jobs that have no row. Two relays at once may enqueue one twice, which is harmless."""
    enqueued = set(
        session.execute(
            select(col(OutboxMessage.topic)).where(col(OutboxMessage.topic).in_(_PERIODIC))
        ).scalars()
    )
    for topic in _PERIODIC:
        if topic not in enqueued:
            announce(session, topic, None)
