"""Webhooks: made, turned off and on, their secrets changed, and what was sent to them."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, and_, func, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import Page, now
from schemas.notice import Notice
from schemas.outbox import Topic
from schemas.webhook import (
    DeliveryProblem,
    DeliveryState,
    Redeliver,
    Webhook,
    WebhookCreate,
    WebhookDelivery,
    WebhookDeliveryShown,
    WebhookIssued,
    WebhookOff,
    WebhookShown,
)
from schemas.wording import Wording
from service.access import audit
from service.access.principal import Permission, Principal, roles_within
from service.notices.outbound import Refused, look_at
from service.platform.outbox import announce
from service.platform.paging import ListQuery, page
from service.platform.problems import Conflict, NotThere, Unfit

_MOST, _MOST_SHOWN = 20, 50
_BOTH_SIGN = timedelta(days=1)


class DeliveryQuery(ListQuery):
    state: list[DeliveryState] = Field(
        default_factory=list, max_length=3, description="`dead` is the list of what was given up."
    )


def new_secret() -> str:
    """256 bits, written as Standard Webhooks has it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def make_webhook(session: Session, caller: Principal, body: WebhookCreate) -> WebhookIssued:
    caller.require(Permission.webhook_manage)
    try:
        look_at(body.url)
    except Refused as refused:
        raise Unfit(
            "/url",
            "target_not_allowed",
            Wording(
                "推送地址须为可从互联网访问的 https 地址；其他地址须由平台管理方放行",
                "Webhooks go to https addresses on the internet; operators may allow others",
            ),
        ) from refused
    there = session.exec(
        select(func.count()).where(col(Webhook.organization_id) == caller.organization_id)
    ).one()
    if there >= _MOST:
        raise Conflict(Wording("最多登记 {most} 个推送地址", "At most {most} webhooks", {"most": _MOST}))
    webhook = Webhook(
        **body.model_dump(),
        organization_id=caller.organization_id,
        role=caller.role,
        secret=new_secret(),
    )
    session.add(webhook)
    session.flush()
    audit.note(session, caller, "webhook.make", webhook.id)
    return WebhookIssued(**_shown(webhook, 0).model_dump(), secret=webhook.secret)


def access_webhook(session: Session, caller: Principal, webhook_id: UUID, *, lock: bool = True) -> Webhook:
    """Load one of one's own organisation, to change it; operators any. See ``_own``."""
    caller.require(Permission.webhook_manage)
    query = select(Webhook).where(Webhook.id == webhook_id, _own(caller))
    found = session.exec(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotThere
    return found


def list_webhooks(session: Session, caller: Principal) -> list[WebhookShown]:
    """One's own organisation's, the newest first."""
    caller.require(Permission.webhook_manage)
    mine = col(Webhook.organization_id) == caller.organization_id
    found = session.exec(select(Webhook).where(mine, _own(caller)).order_by(col(Webhook.id).desc())).all()
    return shown_all(session, found)


def remove_webhook(session: Session, caller: Principal, webhook_id: UUID) -> None:
    """With its deliveries. Nothing more is sent."""
    webhook = access_webhook(session, caller, webhook_id)
    audit.note(session, caller, "webhook.remove", webhook.id, [webhook.organization_id])
    session.delete(webhook)


def rotate_secret(session: Session, caller: Principal, webhook_id: UUID) -> WebhookIssued:
    """A new secret. For a day both sign, so that receivers can change over in between."""
    webhook = access_webhook(session, caller, webhook_id)
    webhook.old_secret, webhook.old_secret_until = webhook.secret, now() + _BOTH_SIGN
    webhook.secret = new_secret()
    audit.note(session, caller, "webhook.rotate", webhook.id, [webhook.organization_id])
    return WebhookIssued(**shown_all(session, [webhook])[0].model_dump(), secret=webhook.secret)


def switch(session: Session, caller: Principal, webhook_id: UUID, *, on: bool) -> WebhookShown:
    """Off: what happens meanwhile goes to the list of what was given up. On: what follows is sent again."""
    webhook = access_webhook(session, caller, webhook_id)
    if on and webhook.off is not None:
        webhook.off = webhook.off_since = None
        audit.note(session, caller, "webhook.enable", webhook.id, [webhook.organization_id])
    elif not on and webhook.off is None:
        turn_off(session, webhook, WebhookOff.owner)
        audit.note(session, caller, "webhook.disable", webhook.id, [webhook.organization_id])
    return shown_all(session, [webhook])[0]


def turn_off(session: Session, webhook: Webhook, why: WebhookOff) -> None:
    """Nothing is sent until it is turned on; what waited is given up, and can be delivered again later."""
    webhook.off, webhook.off_since = why, now()
    session.execute(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.webhook_id) == webhook.id,
            col(WebhookDelivery.state) == DeliveryState.pending,
        )
        .values(state=DeliveryState.dead, problem=DeliveryProblem.off)
        .execution_options(synchronize_session=False)
    )


def list_deliveries(
    session: Session, caller: Principal, webhook_id: UUID, asked: DeliveryQuery
) -> Page[WebhookDeliveryShown]:
    """Newest first."""
    webhook = access_webhook(session, caller, webhook_id, lock=False)
    query: Any = (
        sql_select(WebhookDelivery, Notice)
        .join(Notice, col(Notice.id) == col(WebhookDelivery.notice_id))
        .where(col(WebhookDelivery.webhook_id) == webhook.id)
    )
    if asked.state:
        query = query.where(col(WebhookDelivery.state).in_(asked.state))
    rows, cursor = page(session, query, WebhookDelivery.id, asked)
    return Page(items=[shown_delivery(*row) for row in rows], next_cursor=cursor)


def newest_deliveries(
    session: Session, caller: Principal, most: int
) -> dict[UUID, list[WebhookDeliveryShown]]:
    """Of each of the webhooks that ``list_webhooks`` names, newest first."""
    caller.require(Permission.webhook_manage)
    place = func.row_number().over(
        partition_by=col(WebhookDelivery.webhook_id), order_by=col(WebhookDelivery.id).desc()
    )
    placed = (
        sql_select(col(WebhookDelivery.id), place.label("place"))
        .join(Webhook, col(Webhook.id) == col(WebhookDelivery.webhook_id))
        .where(col(Webhook.organization_id) == caller.organization_id, _own(caller))
        .subquery()
    )
    rows = session.execute(
        sql_select(WebhookDelivery, Notice)
        .join(placed, placed.c.id == col(WebhookDelivery.id))
        .join(Notice, col(Notice.id) == col(WebhookDelivery.notice_id))
        .where(placed.c.place <= most)
        .order_by(col(WebhookDelivery.id).desc())
    )
    found: dict[UUID, list[WebhookDeliveryShown]] = {}
    for delivery, notice in rows:
        found.setdefault(delivery.webhook_id, []).append(shown_delivery(delivery, notice))
    return found


class DeadWebhook(BaseModel):
    """Deliveries of one webhook that were given up."""

    webhook_id: UUID
    organization: str
    off: WebhookOff | None
    dead: int
    newest: datetime


def dead_letters(session: Session, caller: Principal) -> list[DeadWebhook]:
    """Of anybody's webhooks, those with the newest first; without their addresses."""
    caller.require(Permission.webhook_manage_all)
    newest = func.max(col(WebhookDelivery.asked_at))
    rows = session.execute(
        sql_select(col(Webhook.id), col(Organization.name), col(Webhook.off), func.count(), newest)
        .join(WebhookDelivery, col(WebhookDelivery.webhook_id) == col(Webhook.id))
        .join(Organization, col(Organization.id) == col(Webhook.organization_id))
        .where(col(WebhookDelivery.state) == DeliveryState.dead)
        .group_by(col(Webhook.id), col(Organization.name), col(Webhook.off))
        .order_by(newest.desc())
        .limit(_MOST_SHOWN)
    )
    return [DeadWebhook(**dict(zip(DeadWebhook.model_fields, row, strict=True))) for row in rows]


def redeliver(session: Session, caller: Principal, webhook_id: UUID, asked: Redeliver) -> int:
    """Send again what was given up; or what is named; or all of a time. How many there are.

    The same events, with the same ids: a receiver that has one already knows it. A webhook that was off is on.
    """
    webhook = access_webhook(session, caller, webhook_id)
    which: list[ColumnElement[bool]] = [col(WebhookDelivery.webhook_id) == webhook.id]
    if asked.delivery_ids is not None:
        which.append(col(WebhookDelivery.id).in_(asked.delivery_ids))
    if asked.since is not None:
        which.append(col(WebhookDelivery.created_at) >= asked.since)
    if asked.delivery_ids is None and asked.since is None:
        which.append(col(WebhookDelivery.state) == DeliveryState.dead)
    again = session.execute(
        update(WebhookDelivery)
        .where(*which)
        .values(
            state=DeliveryState.pending,
            attempts=0,
            due_at=now(),
            asked_at=now(),
            problem=DeliveryProblem.none,
        )
        .returning(col(WebhookDelivery.id))
        .execution_options(synchronize_session=False)
    ).all()
    if asked.delivery_ids is not None and len(again) < len(set(asked.delivery_ids)):
        raise NotThere
    if again:
        webhook.off = webhook.off_since = None
        announce(session, Topic.webhook_due, webhook.id)
        audit.note(
            session, caller, "webhook.redeliver", webhook.id, [webhook.organization_id], count=len(again)
        )
    return len(again)


def shown_delivery(delivery: WebhookDelivery, notice: Notice) -> WebhookDeliveryShown:
    fields = delivery.model_dump(include=set(WebhookDeliveryShown.model_fields))
    if delivery.state is not DeliveryState.pending:
        fields["due_at"] = None
    return WebhookDeliveryShown(
        **fields, event_id=event_id_of(notice), kind=notice.kind, subject_id=notice.subject_id
    )


def event_id_of(notice: Notice) -> str:
    """The ``webhook-id`` of what is told: the same at each attempt, and at each of an organisation's webhooks."""
    return f"msg_{notice.id.hex}"


def shown_all(session: Session, webhooks: Iterable[Webhook]) -> list[WebhookShown]:
    found = list(webhooks)
    session.flush()
    counts = session.execute(
        sql_select(col(WebhookDelivery.webhook_id), func.count())
        .where(
            col(WebhookDelivery.webhook_id).in_([one.id for one in found]),
            col(WebhookDelivery.state) == DeliveryState.dead,
        )
        .group_by(col(WebhookDelivery.webhook_id))
    )
    dead: dict[UUID, int] = dict(counts.all())
    return [_shown(one, dead.get(one.id, 0)) for one in found]


def _shown(webhook: Webhook, dead: int) -> WebhookShown:
    return WebhookShown(**webhook.model_dump(include=set(WebhookShown.model_fields) - {"dead"}), dead=dead)


def _own(caller: Principal) -> ColumnElement[bool]:
    """Webhooks whose events the caller is permitted to read, since their deliveries name those events."""
    if caller.may(Permission.webhook_manage_all):
        return col(Webhook.id).is_not(None)
    mine = col(Webhook.organization_id) == caller.organization_id
    return and_(mine, col(Webhook.role).in_(roles_within(caller.role)))
