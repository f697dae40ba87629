"""Delivers events to webhooks: one at a time to each webhook, and only on a limited number of worker threads."""

import time
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete
from sqlmodel import Session, col, func, select
from standardwebhooks import Webhook as Signer

from schemas.base import now
from schemas.notice import Notice, NoticeKind
from schemas.outbox import OutboxMessage, Topic
from schemas.webhook import (
    DeliveryState,
    Event,
    Webhook,
    WebhookDelivery,
    WebhookOff,
)
from service.access import audit
from service.notices.feed import notify
from service.notices.outbound import Answer, post
from service.notices.webhooks import event_id_of, turn_off
from service.platform.db import transaction
from service.platform.settings import settings
from workers.owed import outbound_slot, put_off, try_lock_subject

log = structlog.get_logger()

# The task must end before the relay considers its row lost and sends it again.
_LONGEST = 30.0
_SOON = timedelta(seconds=1)
_GONE = 410


def send_events(message_id: str) -> None:
    """Send the deliveries due for the webhook that the row names, oldest first, until one fails or time is up.

    If the worker is killed, the row and the pending delivery remain, and the event is sent again with the same id.
    """
    with outbound_slot(UUID(message_id)) as placed:
        ends_at = time.monotonic() + _LONGEST
        while placed and _send_next(UUID(message_id)) and time.monotonic() < ends_at:
            pass


def _send_next(message_id: UUID) -> bool:
    """Whether to go on at once. No row is locked while waiting for the receiver."""
    with transaction() as session:
        message = session.get(OutboxMessage, message_id)
        if message is None or message.subject_id is None:
            return False
        if not try_lock_subject(session, message.subject_id):
            put_off(session, message_id, now() + _SOON)
            return False
        webhook = session.get(Webhook, message.subject_id)
        found = session.exec(
            select(WebhookDelivery, Notice)
            .join(Notice, col(Notice.id) == col(WebhookDelivery.notice_id))
            .where(
                col(WebhookDelivery.webhook_id) == message.subject_id,
                col(WebhookDelivery.state) == DeliveryState.pending,
                col(WebhookDelivery.due_at) <= now(),
            )
            .order_by(col(WebhookDelivery.due_at), col(WebhookDelivery.id))
            .limit(1)
        ).first()
        if webhook is None or found is None:
            _settle(session, message, now())
            return False
        delivery, notice = found
        answer = _attempt(webhook, notice)
        _note(session, webhook, delivery, notice, answer)
        session.flush()
        # Other deliveries to a receiver that just failed are not tried at once.
        _settle(session, message, now() if answer.taken else now() + _pause(0))
        return answer.taken


def _attempt(webhook: Webhook, notice: Notice) -> Answer:
    event_id, moment = event_id_of(notice), now()
    body = body_of(notice)
    secrets = [webhook.secret]
    if webhook.old_secret is not None and (webhook.old_secret_until or moment) > moment:
        secrets.append(webhook.old_secret)
    signatures = " ".join(Signer(secret).sign(event_id, moment, body) for secret in secrets)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "duijie-webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signatures,
    }
    return post(webhook.url, headers, body.encode())


def body_of(notice: Notice) -> str:
    """Identical at every attempt, because a notice never changes."""
    data = {
        "notice_id": str(notice.id),
        "organization_id": str(notice.organization_id),
        "subject_id": str(notice.subject_id),
        **notice.detail,
    }
    return Event(type=notice.kind, timestamp=notice.created_at, data=data).model_dump_json()


def _note(
    session: Session, webhook: Webhook, delivery: WebhookDelivery, notice: Notice, answer: Answer
) -> None:
    # Locked only now. If webhook or delivery was deleted meanwhile, there is nothing to record.
    for table, key in ((Webhook, webhook.id), (WebhookDelivery, delivery.id)):
        locked = select(table).where(table.id == key).with_for_update()
        if session.exec(locked.execution_options(populate_existing=True)).first() is None:
            return
    delivery.attempts += 1
    delivery.attempted_at = now()
    delivery.status, delivery.problem = answer.status, answer.problem
    if answer.taken:
        delivery.state, delivery.delivered_at = DeliveryState.delivered, now()
        webhook.delivered_at = now()
        return
    log.info(
        "webhook not delivered",
        webhook=str(webhook.id),
        delivery=str(delivery.id),
        problem=answer.problem.value,
        status=answer.status,
        attempts=delivery.attempts,
    )
    if delivery.state is not DeliveryState.pending:
        # The webhook was turned off meanwhile.
        return
    if delivery.attempts <= len(settings().webhook_pauses) and answer.status != _GONE:
        delivery.due_at = now() + _pause(delivery.attempts - 1)
        return
    delivery.state = DeliveryState.dead
    alive = webhook.delivered_at is not None and webhook.delivered_at >= delivery.asked_at
    if webhook.off is None and (answer.status == _GONE or not alive):
        why = WebhookOff.gone if answer.status == _GONE else WebhookOff.failing
        turn_off(session, webhook, why)
        audit.note(session, None, "webhook.disable", webhook.id, [webhook.organization_id], why=why.value)
        notify(session, NoticeKind.webhook_disabled, webhook.id, [notice.organization_id], why=why.value)


def _settle(session: Session, message: OutboxMessage, earliest: datetime) -> None:
    """Keep one outbox row for the webhook while deliveries are pending, due with the earliest of them."""
    # Delete the others first: the query below then sees every delivery that they were written for.
    session.execute(
        delete(OutboxMessage).where(
            col(OutboxMessage.topic) == Topic.webhook_due,
            col(OutboxMessage.subject_id) == message.subject_id,
            col(OutboxMessage.id) != message.id,
        )
    )
    following = session.exec(
        select(func.min(WebhookDelivery.due_at)).where(
            col(WebhookDelivery.webhook_id) == message.subject_id,
            col(WebhookDelivery.state) == DeliveryState.pending,
        )
    ).one()
    if following is None:
        session.delete(message)
    else:
        put_off(session, message.id, max(following, earliest))


def _pause(attempts: int) -> timedelta:
    pauses = settings().webhook_pauses
    return timedelta(seconds=pauses[min(attempts, len(pauses) - 1)])
