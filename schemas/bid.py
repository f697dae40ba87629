"""揭榜: what one organisation, or several together, offer to a challenge. Until its deadline nobody else reads it."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import DateTime, Index, Text, text
from sqlmodel import Field as Column

from schemas.account import OrganizationBrief
from schemas.base import Label, Passage, Remark, Row, Shape, choice, structured
from schemas.forms import Attachment, Yuan, term
from schemas.retention import EMPTIED
from schemas.sealed import sealed
from schemas.vocabulary import Term


class BidStatus(Term):
    agreeing = "agreeing", "待成员同意", "Awaiting its members' consent"
    sealed = "sealed", "已提交（密封）", "Handed in, sealed"
    opened = "opened", "已启封", "Opened"
    excluded = "excluded", "不符合条件", "Not eligible"
    won = "won", "中榜", "Won"
    lost = "lost", "未中榜", "Not chosen"
    stopped = "stopped", "已淘汰", "Stopped at a gate"
    delivered = "delivered", "已交付", "Delivered"
    accepted = "accepted", "通过验收", "Accepted"
    withdrawn = "withdrawn", "已撤回", "Withdrawn"
    lapsed = "lapsed", "未生效", "Lapsed"


class ConsortiumRole(Term):
    lead = "lead", "牵头单位", "Lead"
    research = "research", "研发单位", "Research"
    engineering = "engineering", "工程化单位", "Engineering"
    pilot = "pilot", "中试验证单位", "Pilot and testing"
    application = "application", "应用示范单位", "Application"
    other = "other", "其他参与单位", "Other"


class GateDecision(Term):
    go = "go", "继续", "Go on"
    stop = "stop", "停止", "Stop"


class IndicatorOutcome(Term):
    met = "met", "达到", "Met"
    not_met = "not_met", "未达到", "Not met"


#: What nobody but its bidders ever reads.
NEVER_OPENED = {BidStatus.agreeing, BidStatus.withdrawn, BidStatus.lapsed}
#: Those that still stand before the deadline.
STANDING = {BidStatus.agreeing, BidStatus.sealed}
#: Those that won, whatever became of them since.
CHOSEN = {BidStatus.won, BidStatus.stopped, BidStatus.delivered, BidStatus.accepted}


class TeamMember(Shape):
    name: Label
    title: Remark = ""
    task: Remark = ""


class BidContent(Shape):
    proposal: Annotated[Passage, Field(min_length=1)] = Field(description="揭榜方案: how it is to be solved.")
    plan: Annotated[Passage, Field(min_length=1)] = Field(description="Steps, time and means.")
    price_yuan: Yuan
    months: int = Field(ge=1, le=120, description="From the contract to delivery.")
    team: list[TeamMember] = Field(default_factory=list, max_length=100)

    def without_words(self) -> "BidContent":
        return BidContent(
            proposal=EMPTIED, plan=EMPTIED, price_yuan=self.price_yuan, months=self.months, team=[]
        )


class MemberAsk(Shape):
    organization_id: UUID
    role: Annotated[ConsortiumRole, term(ConsortiumRole)]
    task: Remark = ""

    @model_validator(mode="after")
    def one_leads(self) -> Self:
        if self.role is ConsortiumRole.lead:
            raise PydanticCustomError("one_lead", "Whoever hands the bid in leads it")
        return self


class BidWrite(BidContent):
    members: list[MemberAsk] = Field(
        default_factory=list,
        max_length=10,
        description="创新联合体: who takes part beside the lead. Each must agree before the bid counts.",
    )
    commitment_accepted: bool = Field(
        default=False, description="军令状: must be true where the challenge has one."
    )

    @property
    def content(self) -> BidContent:
        return BidContent(**{name: getattr(self, name) for name in BidContent.model_fields})


class Agreement(Shape):
    commitment_accepted: bool = Field(
        default=False, description="军令状: must be true where the challenge has one."
    )


class BidDelivered(Shape):
    milestone: int | None = Field(
        default=None, ge=0, le=29, description="Which of the challenge's milestones, from 0; none: all of it."
    )
    report: Annotated[Passage, Field(min_length=1)]
    attachments: list[Attachment] = Field(default_factory=list, max_length=20)


class Gate(Shape):
    milestone: int = Field(ge=0, le=29)
    decision: GateDecision
    reason: Annotated[Passage, Field(min_length=1)]


class IndicatorResult(Shape):
    indicator: int = Field(ge=0, le=49, description="Which of the challenge's indicators, from 0.")
    outcome: IndicatorOutcome
    figure: float | None = Field(default=None, allow_inf_nan=False)
    remark: Remark = ""


class Acceptance(Shape):
    results: list[IndicatorResult] = Field(min_length=1, max_length=50)


class Bid(Row, table=True):
    __table_args__ = (Index("ix_bid_challenge_id", "challenge_id", "status"),)

    challenge_id: UUID = Column(foreign_key="challenge.id")
    organization_id: UUID = Column(foreign_key="organization.id", index=True, description="Who leads it.")
    status: BidStatus = Column(sa_type=choice(BidStatus))
    content: BidContent = Column(sa_type=sealed(BidContent))
    nonce: str = Column(
        sa_type=sealed(str), description="Goes into the receipt, so that nobody can guess at it."
    )
    receipt: str = Column(sa_type=Text, description="SHA-256 over nonce and content, in hex.")
    handed_in_at: datetime = Column(sa_type=DateTime(timezone=True))
    opened_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    excluded_reason: str = Column(default="", sa_type=Text)
    place: int | None = None
    score: float | None = None
    results: list[IndicatorResult] = Column(default_factory=list, sa_type=structured(list[IndicatorResult]))
    contract_id: UUID | None = None
    version: int = 1
    forgotten_at: datetime | None = Column(
        default=None, sa_type=DateTime(timezone=True), description="Since when its words are gone."
    )


class BidMember(Row, table=True):
    """An organisation in a bid, the lead too. Where it ``holds``, it is in no other one of that challenge."""

    __tablename__ = "bid_member"
    __table_args__ = (
        Index("uq_bid_member", "bid_id", "organization_id", unique=True),
        Index(
            "uq_bid_member_holds",
            "challenge_id",
            "organization_id",
            unique=True,
            postgresql_where=text("holds"),
        ),
    )

    bid_id: UUID = Column(foreign_key="bid.id", ondelete="CASCADE")
    challenge_id: UUID = Column(foreign_key="challenge.id")
    organization_id: UUID = Column(foreign_key="organization.id", index=True)
    role: ConsortiumRole = Column(sa_type=choice(ConsortiumRole))
    task: str = Column(default="", sa_type=sealed(str))
    holds: bool = False
    agreed_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    refused_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))


class BidStep(Row, table=True):
    """Who did what to it. The audit takes it over once the bid is opened, or will never be."""

    __tablename__ = "bid_step"

    bid_id: UUID = Column(foreign_key="bid.id", index=True, ondelete="CASCADE")
    verb: str = Column(sa_type=Text)
    organization_id: UUID
    api_key_id: UUID
    status: BidStatus = Column(sa_type=choice(BidStatus), description="Since then.")


class BidDelivery(Row, table=True):
    """What was handed over at a milestone, or at the end, and what was decided about it."""

    __tablename__ = "bid_delivery"
    __table_args__ = (
        Index("uq_bid_delivery", "bid_id", "milestone", unique=True, postgresql_where=text("milestone >= 0")),
    )

    bid_id: UUID = Column(foreign_key="bid.id", index=True, ondelete="CASCADE")
    milestone: int | None = None
    report: str = Column(default="", sa_type=sealed(str))
    attachments: list[Attachment] = Column(default_factory=list, sa_type=structured(list[Attachment]))
    delivered_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    decision: GateDecision | None = Column(default=None, sa_type=choice(GateDecision))
    decision_reason: str = Column(default="", sa_type=sealed(str))
    decided_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))


class MemberShown(BaseModel):
    organization: OrganizationBrief
    role: ConsortiumRole
    task: str | None = Field(description="With the content alone.")
    agreed_at: datetime | None
    refused_at: datetime | None


class BidDeliveryShown(BaseModel):
    milestone: int | None
    report: str
    attachments: list[Attachment]
    delivered_at: datetime | None
    decision: GateDecision | None
    decision_reason: str
    decided_at: datetime | None


class BidShown(BaseModel):
    id: UUID
    challenge_id: UUID
    organization: OrganizationBrief
    status: BidStatus
    content: BidContent | None = Field(
        description="Null for reviewers until they have declared that nothing binds them to a bidder."
    )
    above_reward: bool | None = Field(
        description="Whether its price exceeds the reward. Null as the content is."
    )
    amended_since: bool = Field(description="Whether the challenge was amended after it was handed in.")
    nonce: str | None
    receipt: str = Field(
        description="SHA-256, in hex, of the nonce and the content as JSON with sorted keys, without spaces. "
        "Kept by its bidder, it shows that what was opened is what was handed in."
    )
    handed_in_at: datetime
    opened_at: datetime | None
    excluded_reason: str
    place: int | None
    score: float | None
    results: list[IndicatorResult]
    contract_id: UUID | None
    version: int
    members: list[MemberShown]
    deliveries: list[BidDeliveryShown]
    may: list[str] = Field(description="What the caller may do now; see docs/workflows.md.")
