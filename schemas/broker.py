"""技术经纪人: who proposes two others to each other, what came of it, and how a year of it is rated."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ARRAY, DateTime, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column

from schemas.account import OrganizationBrief
from schemas.base import Label, Passage, Row, Shape, choice, structured, without_empty_defaults
from schemas.broker_thresholds import BrokerThresholds, Share
from schemas.domains import DomainKey
from schemas.introduction import DeclineReason
from schemas.sealed import sealed
from schemas.vocabulary import Term

Words = Annotated[Passage, Field(min_length=1)]


class BrokerLevel(Term):
    """As the national training of technology managers (技术经理人) grades them."""

    junior = "junior", "初级", "Junior"
    middle = "middle", "中级", "Intermediate"
    senior = "senior", "高级", "Senior"


class BrokerStanding(Term):
    active = "active", "执业中", "In practice"
    ended = "ended", "已退出", "Ended"


class BrokerEndGround(Term):
    evaluation = "evaluation", "年度评价不合格", "A failed yearly evaluation"
    cause = "cause", "违规或其他事由", "For cause"
    own_wish = "own_wish", "本人申请", "At its own wish"


class BrokerRating(Term):
    """From data, by thresholds that whoever runs the service sets."""

    excellent = "excellent", "优秀", "Excellent"
    qualified = "qualified", "合格", "Qualified"
    improve = "improve", "限期改进", "To improve"
    failed = "failed", "不合格", "Failed"


class EvaluationStatus(Term):
    drafted = "drafted", "待确认", "To be confirmed"
    confirmed = "confirmed", "已确认", "Confirmed"
    answered = "answered", "经纪人已答复", "Answered by the broker"


class BrokerFields(Shape):
    level: BrokerLevel | None = None
    domains: list[DomainKey] = Field(
        default_factory=list, max_length=10, description="Fields of work: domains or items of the plan."
    )
    certificate: Label | None = Field(default=None, description="Number of the certificate (技术经纪人证书).")


class BrokerCreate(BrokerFields):
    organization_id: UUID | None = Field(
        default=None, description="Operators: whom to register. Others register their own organisation."
    )


class BrokerChange(BrokerFields):
    """Every field may be left out; what is sent replaces what was."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_empty_defaults)


class Broker(Row, table=True):
    organization_id: UUID = Column(foreign_key="organization.id", unique=True)
    level: BrokerLevel | None = Column(default=None, sa_type=choice(BrokerLevel))
    domains: list[str] = Column(default_factory=list, sa_type=ARRAY(Text))
    # It leads to a person.
    certificate: str | None = Column(default=None, sa_type=sealed(str))
    standing: BrokerStanding = Column(default=BrokerStanding.active, sa_type=choice(BrokerStanding))
    ended_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    ended_for: BrokerEndGround | None = Column(default=None, sa_type=choice(BrokerEndGround))
    ended_year: int | None = Column(default=None, description="Of the evaluation that it ended on.")
    standing_reason: str = Column(default="", sa_type=sealed(str))
    version: int = 1
    forgotten_at: datetime | None = Column(
        default=None, sa_type=DateTime(timezone=True), description="Since when its words are gone."
    )


class BrokerShown(BaseModel):
    id: UUID
    organization: OrganizationBrief
    level: BrokerLevel | None
    domains: list[str]
    certificate: str | None
    standing: BrokerStanding
    ended_at: datetime | None
    ended_for: BrokerEndGround | None
    ended_year: int | None
    standing_reason: str
    created_at: datetime
    version: int
    may: list[str] = Field(description="What the caller may do now; see docs/workflows.md.")


class BrokerEnd(Shape):
    ground: BrokerEndGround
    year: Annotated[int, Field(ge=2000, le=2100)] | None = Field(
        default=None, description="Of the confirmed evaluation that failed, where that is the ground."
    )
    reason: Words


class BrokerReadmit(Shape):
    reason: Words


class ScorerFigures(BaseModel):
    """How one scorer's numbers stood to what came of it. Null where there is nothing to count it from."""

    agreed: float | None = Field(description="Mean score of proposals that both agreed to.")
    not_agreed: float | None = Field(description="Mean score of those that came to nothing.")
    difference: float | None = Field(description="The first less the second: above zero, it told them apart.")


class ScoreFigures(BaseModel):
    """Over proposals that are settled and have both scores."""

    pairs: int
    human_less_system: float | None = Field(description="Mean of the broker's score less the system's.")
    human: ScorerFigures
    system: ScorerFigures


class BrokerFigures(BaseModel):
    """What became of the proposals of one span of time, by the day on which they were made."""

    first_day: str | None = Field(description="Null: from the beginning.")
    last_day: str
    proposals: int
    waiting: int = Field(description="Not answered by both yet.")
    agreed: int = Field(description="Both sides agreed.")
    contracts: int
    no_agreement: int = Field(description="Ended without contract or test.")
    declined: int
    decline_reasons: dict[DeclineReason, int] | None = Field(
        description="Null for the broker while fewer than five were declined, since one could be told apart."
    )
    withdrawn: int
    expired: int
    agreed_share: Share | None = Field(description="Agreed, of those that wait no longer.")
    days_to_agreement: float | None = Field(description="Median, from the proposal.")
    days_to_contract: float | None = Field(description="Median, from the proposal.")
    scores: ScoreFigures


class BrokerRecord(BaseModel):
    broker: BrokerShown
    figures: BrokerFigures
    commission_rate: Share = Field(description="The most that a commission may be, of the transaction value.")


class EvaluationDraft(Shape):
    year: Annotated[int, Field(ge=2000, le=2100)]


class EvaluationConfirm(Shape):
    rating: BrokerRating | None = Field(default=None, description="Another one than the figures give.")
    reason: Passage = Field(default="", description="Needed for another rating; the broker reads it.")


class EvaluationAnswer(Shape):
    answer: Words


class BrokerEvaluation(Row, table=True):
    __tablename__ = "broker_evaluation"
    __table_args__ = (UniqueConstraint("broker_id", "year"),)

    broker_id: UUID = Column(foreign_key="broker.id")
    year: int
    status: EvaluationStatus = Column(default=EvaluationStatus.drafted, sa_type=choice(EvaluationStatus))
    figures: BrokerFigures = Column(sa_type=structured(BrokerFigures))
    thresholds: dict[str, Any] = Column(sa_type=JSONB, description="As they were then.")
    computed: BrokerRating = Column(sa_type=choice(BrokerRating), description="What the figures give.")
    rating: BrokerRating | None = Column(default=None, sa_type=choice(BrokerRating))
    reason: str = Column(default="", sa_type=sealed(str))
    answer: str = Column(default="", sa_type=sealed(str))
    confirmed_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    answered_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    forgotten_at: datetime | None = Column(
        default=None, sa_type=DateTime(timezone=True), description="Since when its words are gone."
    )


class EvaluationShown(BaseModel):
    year: int
    status: EvaluationStatus
    figures: BrokerFigures
    thresholds: BrokerThresholds
    computed: BrokerRating
    rating: BrokerRating | None = Field(description="Null until an operator has confirmed it.")
    reason: str
    answer: str
    created_at: datetime
    confirmed_at: datetime | None
    answered_at: datetime | None
    may: list[str] = Field(description="What the caller may do now; see docs/workflows.md.")
