"""对接: one side asks, or a third one proposes, and the others answer. It keeps the match as it was shown."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import DateTime, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column

from schemas.base import Passage, Remark, Row, Shape, choice, now
from schemas.forms import Contact
from schemas.introduction_nda import NdaText
from schemas.sealed import sealed
from schemas.vocabulary import Term

Share = Annotated[float, Field(ge=0, le=1)]


class IntroductionStatus(Term):
    proposed = "proposed", "待双方同意", "Proposed to both sides"
    awaiting_provider = "awaiting_provider", "待供方答复", "Awaiting the provider's answer"
    awaiting_seeker = "awaiting_seeker", "待需方答复", "Awaiting the seeker's answer"
    accepted = "accepted", "对接中", "In dialogue"
    ended = "ended", "已结束", "Ended"
    declined = "declined", "已谢绝", "Declined"
    withdrawn = "withdrawn", "已撤回", "Withdrawn"
    expired = "expired", "已过期", "Expired"


class IntroductionStage(Term):
    """How far the two have come, once both have agreed."""

    contact = "contact", "待沟通", "Not yet talked"
    negotiation = "negotiation", "洽谈", "Talking"
    visit = "visit", "考察/样品", "Visit or sample"
    intent = "intent", "意向", "Letter of intent"
    contract = "contract", "合同", "Contract"
    performance = "performance", "履行", "Performance"
    acceptance = "acceptance", "验收", "Acceptance"
    effect = "effect", "成效", "Effect"


class DeclineReason(Term):
    """Why one side says no. The other side reads neutral words in its place, and no more."""

    too_early = "too_early", "成熟度不足", "Not mature enough"
    benefit_unclear = "benefit_unclear", "优于现有技术不明", "Benefit over what exists is unclear"
    route_unclear = "route_unclear", "商业路径不明", "The way to market is unclear"
    description_unclear = "description_unclear", "描述不清", "The description is unclear"
    scientific = "scientific", "技术性意见", "Technical objections"
    out_of_scope = "out_of_scope", "不在需求范围", "Not what is looked for"
    have_solution = "have_solution", "已有方案", "A solution exists already"
    budget = "budget", "预算不符", "Budget does not fit"
    timing = "timing", "时间不符", "Time does not fit"
    ip_terms = "ip_terms", "知识产权条件不符", "IP terms do not fit"
    condition = "condition", "本地条件不适用（气候/水土/规模）", "Does not suit local conditions"
    no_capacity = "no_capacity", "暂无承接能力", "No capacity at present"
    conflict = "conflict", "利益冲突", "Conflict of interest"
    other = "other", "其他", "Other"


class IntroductionOutcome(Term):
    contract = "contract", "已签合同", "A contract"
    test = "test", "已试用或考察", "A test or a visit"
    no_agreement = "no_agreement", "未达成合作", "No agreement"


class IntroductionVerb(Term):
    """What moved an introduction, as its steps tell it."""

    ask = "ask", "发起对接", "Asked for"
    accept = "accept", "同意对接", "Accepted"
    decline = "decline", "谢绝", "Declined"
    withdraw = "withdraw", "撤回", "Withdrawn"
    expire = "expire", "逾期未答复", "Expired unanswered"
    ask_nda = "ask nda", "提出保密协议", "Non-disclosure agreement asked for"
    sign_nda = "sign nda", "签署保密协议", "Non-disclosure agreement signed"
    move = "move", "推进阶段", "Moved to a stage"
    sign_contract = "sign contract", "签订合同", "Contract signed"
    take_up = "take up", "经纪人申请协助", "A broker offered help"
    agree_to_broker = "agree to broker", "同意经纪人协助", "Agreed to the broker"
    refuse_broker = "refuse broker", "谢绝经纪人协助", "Went on without the broker"
    end = "end", "结束对接", "Ended"


OPEN = {
    IntroductionStatus.proposed,
    IntroductionStatus.awaiting_provider,
    IntroductionStatus.awaiting_seeker,
    IntroductionStatus.accepted,
}
UNANSWERED = OPEN - {IntroductionStatus.accepted}


class IntroductionAsk(Shape):
    need_id: UUID
    capability_id: UUID
    message: Passage = Field(
        default="", description="What the other side reads first; contacts are taken out."
    )
    contacts: list[Contact] = Field(
        default_factory=list,
        max_length=5,
        description="Revealed to the other side by acceptance, beside those of the posting.",
    )
    human_score: Share | None = Field(
        default=None, description="Brokers and operators: their own score, kept beside the system's."
    )
    nda: NdaText | None = Field(
        default=None,
        description="For sides: a text that both shall sign before confidential detail opens; contacts are taken out.",
    )


class IntroductionAccept(Shape):
    contacts: list[Contact] = Field(default_factory=list, max_length=5)
    nda: NdaText | None = Field(
        default=None, description="A text that both shall sign before confidential detail opens."
    )


class IntroductionMove(Shape):
    stage: IntroductionStage


class IntroductionDecline(Shape):
    reason: DeclineReason
    remark: Remark = Field(default="", description="For operators alone; the other side does not read it.")


class IntroductionEnd(Shape):
    outcome: IntroductionOutcome
    reason: DeclineReason | None = Field(
        default=None, description="Why nothing came of it; for operators alone."
    )
    remark: Remark = Field(default="", description="For operators alone.")


class Introduction(Row, table=True):
    __table_args__ = (
        Index(
            "uq_introduction_open_pair",
            "need_id",
            "capability_id",
            unique=True,
            postgresql_where=text(
                "status IN ('proposed', 'awaiting_provider', 'awaiting_seeker', 'accepted')"
            ),
        ),
        Index("ix_introduction_status", "status", "moved_at"),
    )

    need_id: UUID = Column(foreign_key="need.id", index=True)
    capability_id: UUID = Column(foreign_key="capability.id", index=True)
    seeker_id: UUID = Column(foreign_key="organization.id", index=True)
    provider_id: UUID = Column(foreign_key="organization.id", index=True)
    asked_by: UUID = Column(
        foreign_key="organization.id", description="A side, or whoever proposed it to both."
    )
    asked_with: UUID = Column(description="The key of the person who asked.")
    broker_id: UUID | None = Column(
        default=None,
        foreign_key="organization.id",
        index=True,
        description="Who proposed it to both, if anybody.",
    )
    status: IntroductionStatus = Column(sa_type=choice(IntroductionStatus))
    stage: IntroductionStage | None = Column(default=None, sa_type=choice(IntroductionStage))
    message: str = Column(sa_type=sealed(str))
    seeker_contacts: list[Contact] = Column(default_factory=list, sa_type=sealed(list[Contact]))
    provider_contacts: list[Contact] = Column(default_factory=list, sa_type=sealed(list[Contact]))
    score: float | None = Column(default=None, description="As shown when it was asked for, 0 to 1.")
    human_score: float | None = None
    shown: dict[str, Any] = Column(
        sa_type=JSONB, description="The match as shown: signals, reasons, summary."
    )
    decline_reason: DeclineReason | None = Column(default=None, sa_type=choice(DeclineReason))
    decline_remark: str = Column(default="", sa_type=sealed(str))
    declined_by: UUID | None = Column(default=None, foreign_key="organization.id")
    outcome: IntroductionOutcome | None = Column(default=None, sa_type=choice(IntroductionOutcome))
    outcome_reason: DeclineReason | None = Column(default=None, sa_type=choice(DeclineReason))
    outcome_remark: str = Column(default="", sa_type=sealed(str))
    expires_at: datetime = Column(sa_type=DateTime(timezone=True), description="Unanswered, it ends here.")
    accepted_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    ended_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    forgotten_at: datetime | None = Column(
        default=None,
        sa_type=DateTime(timezone=True),
        description="Since when contacts and messages are gone.",
    )
    moved_at: datetime = Column(
        sa_type=DateTime(timezone=True), description="When anybody last did anything about it."
    )
    stall_told_at: datetime | None = Column(
        default=None,
        sa_type=DateTime(timezone=True),
        description="When it was told that nobody did anything for long.",
    )
    offered_by: UUID | None = Column(
        default=None,
        foreign_key="organization.id",
        description="A broker that offered to take it up when it had stalled, and waits for both sides' consent.",
    )
    offered_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    offer_agreed_by: UUID | None = Column(
        default=None, foreign_key="organization.id", description="The side that has agreed to that first."
    )
    follow_up_told: int = Column(
        default=0,
        sa_type=SmallInteger,
        sa_column_kwargs={"server_default": "0"},
        description="Months: 6, 12, 24.",
    )

    @property
    def status_now(self) -> IntroductionStatus:
        """Overdue is expired, though nobody has come by yet to write it down."""
        overdue = self.status in UNANSWERED and self.expires_at <= now()
        return IntroductionStatus.expired if overdue else self.status


class IntroductionStep(Row, table=True):
    """Who moved it where, and when."""

    __tablename__ = "introduction_step"

    introduction_id: UUID = Column(foreign_key="introduction.id", index=True, ondelete="CASCADE")
    verb: IntroductionVerb = Column(sa_type=choice(IntroductionVerb))
    organization_id: UUID | None = Column(default=None, description="None: the service itself.")
    status: IntroductionStatus = Column(sa_type=choice(IntroductionStatus), description="Since then.")
    stage: IntroductionStage | None = Column(default=None, sa_type=choice(IntroductionStage))
