"""Turns each notice into deliveries: one for each webhook, one mail item for each address."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from schemas.base import now
from schemas.mail import Frequency, MailAddress, MailItem
from schemas.notice import Notice, NoticeKind
from schemas.outbox import OutboxMessage, Topic
from schemas.subscription import Channel, Subscription
from schemas.webhook import DeliveryProblem, DeliveryState, Webhook, WebhookDelivery
from service.notices.feed import event_of, may_be_told
from service.platform.db import transaction
from service.platform.outbox import announce
from service.platform.settings import settings
from workers.owed import done, take

_AT_ONCE = 50
_HERE = ZoneInfo("Asia/Shanghai")


def spread(_message_id: str) -> None:
    """Process all new notices, whichever row triggered the task. Idempotent."""
    while True:
        with transaction() as session:
            messages = take(session, Topic.notice_written, _AT_ONCE)
            ids = {message.subject_id for message in messages}
            for notice in session.exec(
                select(Notice).where(col(Notice.id).in_(ids)).order_by(col(Notice.id))
            ):
                _spread(session, notice)
            done(session, messages)
        if not messages:
            return


def _spread(session: Session, notice: Notice) -> None:
    met = _subscriptions(session, notice)
    if notice.kind is not NoticeKind.match_found or any(Channel.webhook in one.channels for one in met):
        _owe_webhooks(session, notice)
    _owe_mails(session, notice, met)


def _subscriptions(session: Session, notice: Notice) -> list[Subscription]:
    ids = [UUID(one) for one in notice.detail.get("subscriptions", [])]
    return list(session.exec(select(Subscription).where(col(Subscription.id).in_(ids)))) if ids else []


def _owe_webhooks(session: Session, notice: Notice) -> None:
    for webhook in session.exec(select(Webhook).where(Webhook.organization_id == notice.organization_id)):
        if not may_be_told(webhook.role, notice) or (webhook.kinds and notice.kind not in webhook.kinds):
            continue
        delivery = WebhookDelivery(
            webhook_id=webhook.id,
            notice_id=notice.id,
            event=event_of(notice),
            due_at=now(),
            asked_at=now(),
            # Events for a webhook that is off are kept, and can be delivered once it is on again.
            state=DeliveryState.pending if webhook.off is None else DeliveryState.dead,
            problem=DeliveryProblem.none if webhook.off is None else DeliveryProblem.off,
        )
        made = session.execute(
            insert(WebhookDelivery)
            .values(delivery.model_dump())
            .on_conflict_do_nothing()
            .returning(col(WebhookDelivery.id))
        ).first()
        if made and webhook.off is None:
            announce(session, Topic.webhook_due, webhook.id)


def _owe_mails(session: Session, notice: Notice, met: Iterable[Subscription]) -> None:
    wanted: dict[UUID, Frequency] = {}
    for one in met:
        if one.mail_address_id is not None and Channel.email in one.channels:
            # Of two subscriptions with the same address, the more frequent one counts.
            wanted[one.mail_address_id] = _sooner(wanted.get(one.mail_address_id), one.frequency)
    mine = select(MailAddress).where(MailAddress.organization_id == notice.organization_id)
    preferring = mine.where(col(MailAddress.preference).is_(True))
    if notice.api_key_id is not None:
        # A notice for one API key goes to the addresses of that key alone.
        preferring = preferring.where(MailAddress.api_key_id == notice.api_key_id)
    addresses = {one.id: one for one in session.exec(mine.where(col(MailAddress.id).in_(wanted)))}
    for address in session.exec(preferring):
        kinds = address.kinds or [kind for kind in NoticeKind if kind is not NoticeKind.match_found]
        if notice.kind in kinds:
            addresses[address.id] = address
            wanted[address.id] = _sooner(wanted.get(address.id), address.frequency)
    for address in addresses.values():
        if address.open and may_be_told(address.role, notice):
            _owe_mail(session, notice, address, due(wanted[address.id], now()))


def _owe_mail(session: Session, notice: Notice, address: MailAddress, due_at: datetime) -> None:
    item = MailItem(mail_address_id=address.id, notice_id=notice.id, event=event_of(notice), due_at=due_at)
    made = session.execute(
        insert(MailItem).values(item.model_dump()).on_conflict_do_nothing().returning(col(MailItem.id))
    ).first()
    if made:
        session.add(OutboxMessage(topic=Topic.mail_due, subject_id=address.id, due_at=due_at))


def due(frequency: Frequency, moment: datetime) -> datetime:
    """When a notice of now is mailed: at once, at the next daily digest, or on the next Monday."""
    if frequency is Frequency.at_once:
        return moment
    here = moment.astimezone(_HERE)
    then = here.replace(hour=settings().digest_hour, minute=0, second=0, microsecond=0)
    if then <= here:
        then += timedelta(days=1)
    if frequency is Frequency.weekly:
        then += timedelta(days=-then.weekday() % 7)
    return then


def _sooner(one: Frequency | None, other: Frequency) -> Frequency:
    order = list(Frequency)
    return other if one is None or order.index(other) < order.index(one) else one
