"""Webhooks: where an organisation's events are sent to, and each delivery of one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ARRAY, DateTime, Index, Text, text
from sqlmodel import Field

from schemas.base import Link, Moment, Remark, Row, Shape, choice
from schemas.notice import NoticeKind
from schemas.sealed import sealed
from schemas.vocabulary import Role, Term


class WebhookCreate(Shape):
    url: Link = Field(description="https; http only where the operator allows the host.")
    kinds: list[NoticeKind] = Field(
        default_factory=list, max_length=200, description="Which events; empty means all."
    )
    description: Remark = ""


class WebhookOff(Term):
    """Why nothing is sent to a webhook."""

    failing = "failing", "长时间无法送达", "Nothing could be delivered for a long time"
    gone = "gone", "接收方表示地址已停用（410）", "The receiver says that it is gone (410)"
    owner = "owner", "由本单位停用", "Switched off by its owner"


class Webhook(Row, table=True):
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    role: Role = Field(
        sa_type=choice(Role),
        sa_column_kwargs={"server_default": Role.integrator.value},
        description="Of the key that made it: what that role may not read, it is not told.",
    )
    # An address may hold a token.
    url: str = Field(sa_type=sealed(str))
    secret: str = Field(sa_type=sealed(str))
    old_secret: str | None = Field(default=None, sa_type=sealed(str))
    old_secret_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    kinds: list[NoticeKind] = Field(default_factory=list, sa_type=ARRAY(choice(NoticeKind)))
    description: str = Field(default="", sa_type=Text)
    delivered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    off: WebhookOff | None = Field(default=None, sa_type=choice(WebhookOff))
    off_since: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class WebhookShown(BaseModel):
    id: UUID
    url: str
    kinds: list[NoticeKind]
    description: str
    off: WebhookOff | None
    off_since: datetime | None
    delivered_at: datetime | None = Field(description="When something was last taken by it.")
    old_secret_until: datetime | None = Field(description="Until then both secrets sign.")
    created_at: datetime
    dead: int = Field(description="Deliveries that were given up.")


class WebhookIssued(WebhookShown):
    secret: str | None = Field(description="Shown this once; null when the request is only repeated.")


class DeliveryState(Term):
    pending = "pending", "待送达", "Pending"
    delivered = "delivered", "已送达", "Delivered"
    dead = "dead", "已放弃", "Given up"


class DeliveryProblem(Term):
    """Why an attempt failed; the receiver's own words are not kept."""

    none = "none", "无", "None"
    status = "status", "接收方返回了错误状态", "The receiver answered with an error"
    redirect = "redirect", "接收方要求转到别处，不予跟随", "The receiver redirects, which is not followed"
    timeout = "timeout", "接收方超时未答复", "The receiver took too long"
    connection = "connection", "无法连接接收方", "No connection to the receiver"
    unresolved = "unresolved", "无法解析域名", "The host name cannot be resolved"
    forbidden = "forbidden", "目标地址不在允许范围内", "The target's address is not allowed"
    off = "off", "推送地址已停用", "The webhook is off"


class WebhookDelivery(Row, table=True):
    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("uq_webhook_delivery_event", "webhook_id", "event", unique=True),
        Index("ix_webhook_delivery_due", "webhook_id", "due_at", postgresql_where=text("state = 'pending'")),
        Index("ix_webhook_delivery_state", "state", "id"),
    )

    webhook_id: UUID = Field(foreign_key="webhook.id", ondelete="CASCADE")
    notice_id: UUID = Field(foreign_key="notice.id", index=True, ondelete="CASCADE")
    event: str = Field(sa_type=Text, description="What is told; the same event is not sent twice.")
    state: DeliveryState = Field(default=DeliveryState.pending, sa_type=choice(DeliveryState))
    attempts: int = Field(default=0, description="Since it was last asked for.")
    due_at: datetime = Field(sa_type=DateTime(timezone=True))
    asked_at: datetime = Field(sa_type=DateTime(timezone=True), description="The event, or its replay.")
    attempted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    delivered_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    status: int | None = Field(default=None, description="Of the latest answer.")
    problem: DeliveryProblem = Field(default=DeliveryProblem.none, sa_type=choice(DeliveryProblem))


class WebhookDeliveryShown(BaseModel):
    id: UUID
    webhook_id: UUID
    event_id: str = Field(description="The `webhook-id` header: the same at every attempt.")
    kind: NoticeKind
    subject_id: UUID
    state: DeliveryState
    attempts: int
    due_at: datetime | None = Field(description="When it is tried next.")
    attempted_at: datetime | None
    delivered_at: datetime | None
    status: int | None
    problem: DeliveryProblem
    created_at: datetime


class Redeliver(Shape):
    """Left empty: all that were given up."""

    delivery_ids: list[UUID] | None = Field(default=None, max_length=1_000)
    since: Moment | None = Field(
        default=None, description="Everything since then once more, delivered or not."
    )


class Redelivered(BaseModel):
    redelivered: int


class Event(BaseModel):
    """The body of a delivery, as Standard Webhooks has it."""

    type: NoticeKind
    timestamp: datetime
    data: dict[str, Any]
