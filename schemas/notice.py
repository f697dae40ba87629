"""Notices: what an organisation, or one person in it, is told. The feed, webhooks and mails are made from them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from schemas.base import Row, choice
from schemas.vocabulary import Term


class NoticeKind(Term):
    """What happened: noun and verb, which is also the type of the event that webhooks get."""

    introduction_requested = "introduction.requested", "收到对接申请", "An introduction was asked for"
    introduction_accepted = "introduction.accepted", "对方同意对接", "An introduction was agreed to"
    introduction_declined = "introduction.declined", "对方谢绝对接", "An introduction was declined"
    introduction_withdrawn = "introduction.withdrawn", "对接申请已撤回", "An introduction was withdrawn"
    introduction_ended = "introduction.ended", "对接已结束", "An introduction ended"
    introduction_expired = "introduction.expired", "对接申请已过期", "An introduction expired unanswered"
    challenge_invited = "challenge.invited", "邀请揭榜", "A challenge may suit you"
    challenge_reviewed = "challenge.reviewed", "榜单审核有结果", "A challenge was reviewed"
    challenge_moved = "challenge.moved", "榜单有新进展", "A challenge moved on"
    bid_invited = "bid.invited", "邀请加入创新联合体", "You were asked into a consortium"
    bid_answered = "bid.answered", "联合体成员已答复", "A member of the consortium answered"
    bid_moved = "bid.moved", "揭榜有新进展", "A bid moved on"
    review_assigned = "review.assigned", "受邀评榜", "You were asked to review bids"


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
    once: str | None = Field(default=None, sa_type=Text, description="Told at most once to the same one.")
