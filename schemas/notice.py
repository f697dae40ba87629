"""Notices: what an organisation, or one person in it, is told. The feed, webhooks and mails are made from them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from schemas.base import Row, Shape, choice
from schemas.posting import TransactionId
from schemas.vocabulary import Term


class NoticeKind(Term):
    """What happened: noun and verb, which is also the type of the event that webhooks get."""

    introduction_requested = "introduction.requested", "收到对接申请", "An introduction was asked for"
    introduction_accepted = "introduction.accepted", "对方同意对接", "An introduction was agreed to"
    introduction_declined = "introduction.declined", "对方谢绝对接", "An introduction was declined"
    introduction_withdrawn = "introduction.withdrawn", "对接申请已撤回", "An introduction was withdrawn"
    introduction_ended = "introduction.ended", "对接已结束", "An introduction ended"
    introduction_expired = "introduction.expired", "对接申请已过期", "An introduction expired unanswered"
    introduction_moved = "introduction.moved", "对接阶段有变化", "An introduction came to another stage"
    introduction_written = (
        "introduction.written",
        "对接中有新消息",
        "A message was written in an introduction",
    )
    introduction_nda_asked = "introduction.nda_asked", "对方要求签署保密协议", "An NDA was asked for"
    introduction_nda_signed = "introduction.nda_signed", "保密协议已签署", "An NDA was signed"
    introduction_stalled = "introduction.stalled", "对接长期无进展", "Nobody does anything in an introduction"
    introduction_follow_up_due = (
        "introduction.follow_up_due",
        "请填报对接成效",
        "What became of it is asked for",
    )
    introduction_offered = (
        "introduction.offered",
        "技术经纪人申请协助对接",
        "A broker offers to take up an introduction that stalled",
    )
    introduction_offer_answered = (
        "introduction.offer_answered",
        "一方已答复经纪人的协助申请",
        "A side answered a broker's offer",
    )
    introduction_taken_up = (
        "introduction.taken_up",
        "双方同意，经纪人开始协助",
        "Both sides agreed; a broker has taken it up",
    )
    introduction_milestone_set = (
        "introduction.milestone_set",
        "对接里程碑有调整",
        "A milestone of an introduction was set, changed or taken away",
    )
    introduction_milestone_due = (
        "introduction.milestone_due",
        "对接里程碑到期",
        "A milestone of an introduction is due",
    )
    introduction_milestone_done = (
        "introduction.milestone_done",
        "对接里程碑已完成",
        "A milestone of an introduction is done",
    )
    contract_drafted = "contract.drafted", "技术合同草案已拟", "A contract was drafted"
    contract_changed = "contract.changed", "技术合同有新的版本", "A contract has another version"
    contract_signed = "contract.signed", "技术合同已签署", "A side signed a contract"
    contract_submitted = (
        "contract.submitted",
        "技术合同已申请登记",
        "A contract was handed in for registration",
    )
    contract_registered = "contract.registered", "技术合同已登记", "A contract was registered"
    contract_refused = "contract.refused", "技术合同不予登记", "Registration of a contract was refused"
    contract_fulfilled = "contract.fulfilled", "技术合同已履行", "A contract was fulfilled"
    contract_cancelled = "contract.cancelled", "技术合同已解除", "A contract was cancelled"
    capability_transfer_due = (
        "capability.transfer_due",
        "成果转化期限将至或已过",
        "A result is due to be transferred",
    )
    capability_to_transfer = (
        "capability.to_transfer",
        "限时转化成果与需求相符",
        "A result to be transferred fits a need",
    )
    broker_evaluated = "broker.evaluated", "年度评价已确认", "A yearly evaluation was confirmed"
    broker_ended = "broker.ended", "技术经纪人资格已终止", "A standing as broker ended"
    broker_changed = "broker.changed", "平台修改了经纪人登记信息", "An operator changed a broker's entry"
    broker_readmitted = "broker.readmitted", "技术经纪人资格已恢复", "A broker was readmitted"
    challenge_invited = "challenge.invited", "邀请揭榜", "A challenge may suit you"
    challenge_reviewed = "challenge.reviewed", "榜单审核有结果", "A challenge was reviewed"
    challenge_amended = (
        "challenge.amended",
        "榜单有更正或延期",
        "A challenge was amended, or its deadline put off",
    )
    challenge_moved = "challenge.moved", "榜单有新进展", "A challenge moved on"
    challenge_milestone_due = "challenge.milestone_due", "榜单里程碑到期", "A milestone of a challenge is due"
    challenge_milestone_done = (
        "challenge.milestone_done",
        "榜单里程碑已提交报告",
        "A milestone of a challenge was reported on",
    )
    bid_invited = "bid.invited", "邀请加入创新联合体", "You were asked into a consortium"
    bid_answered = "bid.answered", "联合体成员已答复", "A member of the consortium answered"
    bid_moved = "bid.moved", "揭榜有新进展", "A bid moved on"
    review_assigned = "review.assigned", "受邀评榜", "You were asked to review bids"
    review_recused = "review.recused", "评审人已回避或调整", "A reviewer reviews no more"
    review_complete = "review.complete", "评分已收齐", "All sheets of a review are in"
    match_found = "match.found", "发现新的匹配", "A new match was found"
    webhook_disabled = "webhook.disabled", "推送地址已停用", "A webhook was disabled"


class Notice(Row, table=True):
    """Holds ids, states and figures: whoever reads it reads the object itself under their own rights."""

    __table_args__ = (
        Index(
            "uq_notice_once",
            "organization_id",
            "api_key_id",
            "once",
            unique=True,
            postgresql_where=text("once IS NOT NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_notice_feed", "organization_id", "written_xid", "id"),
        Index("ix_notice_created_at", "created_at"),
        Index("ix_notice_unread", "organization_id", "id", postgresql_where=text("read_at IS NULL")),
    )

    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    api_key_id: UUID | None = Field(
        default=None,
        foreign_key="api_key.id",
        description="Whom in particular; none: all of the organisation.",
    )
    kind: NoticeKind = Field(sa_type=choice(NoticeKind))
    subject_id: UUID = Field(description="Of the object that the kind names.")
    detail: dict[str, Any] = Field(sa_type=JSONB)
    # What the release before writes beside this one goes to members, as it did.
    needs: str = Field(
        sa_type=Text,
        sa_column_kwargs={"server_default": "challenge"},
        description="The permission without which the object is not read, and so its notice neither.",
    )
    once: str | None = Field(default=None, sa_type=Text, description="Told at most once to the same one.")
    read_at: datetime | None = Field(
        default=None,
        sa_type=DateTime(timezone=True),
        description="When the first of those who were told marked it as read.",
    )
    # Given by the database. The feed goes by it; see docs/decisions/0031.
    written_xid: int | None = Field(
        default=None,
        sa_type=TransactionId,
        sa_column_kwargs={"server_default": text("pg_current_xact_id()"), "nullable": False},
    )


class NoticeShown(BaseModel):
    id: UUID
    kind: NoticeKind
    subject_id: UUID = Field(description="Of the object that the kind names; read it under your own rights.")
    detail: dict[str, Any] = Field(description="Ids, states and figures.")
    personal: bool = Field(description="Told to the caller alone, not to all of the organisation.")
    created_at: datetime
    read_at: datetime | None


class Feed(BaseModel):
    """Always with a cursor: asked again with it later, it gives what has come since."""

    items: list[NoticeShown]
    next_cursor: str
    more: bool = Field(description="There is more already.")


class NoticesRead(Shape):
    ids: list[UUID] | None = Field(
        default=None, max_length=1_000, description="Which; left out: all that there are."
    )


class Unread(BaseModel):
    unread: int
