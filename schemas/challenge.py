"""揭榜挂帅: a need that is put out to tender, with what must be reached, for how much, by when, and by which rules."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import ARRAY, BigInteger, DateTime, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from schemas.account import OrganizationBrief
from schemas.base import (
    LONGEST_PASSAGE,
    Moment,
    Row,
    Shape,
    choice,
    structured,
)
from schemas.domains import DomainKey, read_domains
from schemas.forms import (
    Day,
    Indicator,
    PublicIndicator,
    PublicLabel,
    PublicText,
    PublicTitle,
    Yuan,
    from_words,
    several,
    term,
)
from schemas.regions import RegionCode
from schemas.vocabulary import Affiliation, OrganizationKind, Term


class ChallengeStatus(Term):
    draft = "draft", "草稿", "Draft"
    review = "review", "审核中", "In review"
    open = "open", "待揭榜", "Open"
    evaluating = "evaluating", "评榜中", "Evaluating"
    awarded = "awarded", "中榜公示", "Award notice"
    signed = "signed", "已签约", "Signed"
    working = "working", "攻关中", "Working"
    acceptance = "acceptance", "验收中", "Acceptance"
    solved = "solved", "已解决", "Solved"
    failed = "failed", "流榜", "No award"
    terminated = "terminated", "终止", "Terminated"


class ChallengeKind(Term):
    government = "government", "政府榜", "Posted by the government"
    enterprise = "enterprise", "企业榜", "Posted by an enterprise"


class ChallengeMode(Term):
    single = "single", "揭榜挂帅（一家中榜）", "One winner"
    race = "race", "赛马制（多家并行）", "Several in parallel, with gates"


class IpOwnershipWish(Term):
    buyer = "buyer", "归需求方", "To the buyer"
    provider = "provider", "归供给方", "To the provider"
    shared = "shared", "共有", "Shared"
    negotiable = "negotiable", "协商", "To be agreed"


class PriceRule(Term):
    mark = (
        "mark",
        "可以高于榜金，评审和中榜时标明",
        "May exceed the reward; marked for reviewers and at the award",
    )
    refuse = "refuse", "不得高于榜金", "Must not exceed the reward"


#: Before these two a challenge is its publisher's and the operators' affair.
UNPUBLISHED = {ChallengeStatus.draft, ChallengeStatus.review}
#: Nothing leads out of these.
ENDED = {ChallengeStatus.solved, ChallengeStatus.failed, ChallengeStatus.terminated}


class Criterion(Shape):
    """What reviewers score from 0 to 100, and for how much of 100 it counts."""

    name: PublicLabel
    weight: int = Field(ge=1, le=100)


class Milestone(Shape):
    title: PublicLabel
    due: Day | None = None
    gate: bool = Field(default=False, description="赛马制: who goes on is decided here.")


def usual_criteria() -> list[Criterion]:
    return [
        Criterion(name="技术先进性与可行性", weight=40),
        Criterion(name="团队基础与条件保障", weight=30),
        Criterion(name="进度安排与经费合理性", weight=30),
    ]


def _add_up_to_100(criteria: list[Criterion]) -> list[Criterion]:
    if sum(criterion.weight for criterion in criteria) != 100:
        raise PydanticCustomError("weights", "The weights must add up to 100")
    return criteria


class ChallengeFields(SQLModel):
    title: PublicTitle = Field(default="", sa_type=Text)
    goal: PublicText = Field(default="", sa_type=Text, description="技术目标: what is to be reached.")
    indicators: Annotated[list[PublicIndicator], several] = Field(
        default_factory=list,
        max_length=50,
        sa_type=structured(list[Indicator]),
        description="What acceptance looks at, one by one.",
    )
    mode: Annotated[ChallengeMode, term(ChallengeMode)] = Field(
        default=ChallengeMode.single, sa_type=choice(ChallengeMode)
    )
    winners: int = Field(default=1, ge=1, le=10, description="赛马制: how many set out together, 2 to 10.")
    commitment: PublicText = Field(
        default="", sa_type=Text, description="军令状: what each bidder must accept, if anything."
    )
    public_yuan: Yuan = Field(default=0, sa_type=BigInteger, description="Public money in the reward.")
    own_yuan: Yuan = Field(
        default=0, sa_type=BigInteger, description="The publisher's own money in the reward."
    )
    price_rule: Annotated[PriceRule, term(PriceRule)] = Field(
        default=PriceRule.mark,
        sa_type=choice(PriceRule),
        description="What happens to a bid whose price exceeds the reward.",
    )
    solver_share: int = Field(
        default=100, ge=0, le=100, description="Percent of the public money that is paid to the solver."
    )
    months: int = Field(default=24, ge=1, le=120, description="From the contract to acceptance.")
    ip_ownership: Annotated[IpOwnershipWish, term(IpOwnershipWish)] = Field(
        default=IpOwnershipWish.negotiable, sa_type=choice(IpOwnershipWish)
    )
    deadline: Moment | None = Field(
        default=None,
        sa_type=DateTime(timezone=True),
        description="Until then bids are taken, and sealed; then they are opened.",
    )
    eligible_kinds: list[OrganizationKind] = Field(
        default_factory=list, sa_type=ARRAY(choice(OrganizationKind)), description="None: any."
    )
    eligible_affiliations: list[Affiliation] = Field(
        default_factory=list, sa_type=ARRAY(choice(Affiliation)), description="None: any."
    )
    eligible_regions: list[RegionCode] = Field(
        default_factory=list,
        max_length=50,
        sa_type=ARRAY(Text),
        description="With all that lies within. None: any.",
    )
    conditions: PublicText = Field(
        default="", sa_type=Text, description="What else is asked of bidders, in words."
    )
    criteria: Annotated[list[Criterion], AfterValidator(_add_up_to_100)] = Field(
        default_factory=usual_criteria, min_length=1, max_length=20, sa_type=structured(list[Criterion])
    )
    milestones: list[Milestone] = Field(
        default_factory=list, max_length=30, sa_type=structured(list[Milestone])
    )
    least_reviewers: int = Field(default=3, ge=1, le=30, description="Fewer cannot decide.")
    publisher_may_review: bool = Field(
        default=False, description="Whether people of the publisher's organisation may review."
    )
    publicity_days: int = Field(
        default=5, ge=0, le=60, description="Days for which an award is public before contracts are signed."
    )
    domains: Annotated[list[DomainKey], from_words(read_domains, LONGEST_PASSAGE)] = Field(
        default_factory=list, max_length=10, sa_type=ARRAY(Text)
    )
    region: RegionCode | None = Field(default=None, sa_type=Text)


class ChallengeChange(ChallengeFields):
    """Every field may be left out; what is sent replaces what was."""

    model_config = ConfigDict(extra="forbid")  # type: ignore[assignment]


class ChallengeCreate(ChallengeFields):
    """With a need, what is not said here is taken from it."""

    model_config = ConfigDict(extra="forbid")  # type: ignore[assignment]

    need_id: UUID | None = Field(
        default=None, description="One's own; operators may take any that is published, such as a supply gap."
    )
    kind: Annotated[ChallengeKind | None, term(ChallengeKind)] = Field(
        default=None, description="Operators post 政府榜 unless they say otherwise, everybody else 企业榜."
    )

    @model_validator(mode="after")
    def a_title_of_its_own_or_of_a_need(self) -> Self:
        if not self.title and self.need_id is None:
            raise PydanticCustomError("title_missing", "Give a title, or the need that it is about")
        return self


class WithReason(Shape):
    reason: Annotated[PublicText, Field(min_length=1)] = Field(description="It is published.")


class Invite(Shape):
    organization_ids: list[UUID] = Field(min_length=1, max_length=200)


class Challenge(ChallengeFields, Row, table=True):
    __table_args__ = (
        Index("ix_challenge_domain_path", "domain_path", postgresql_using="gin"),
        Index("ix_challenge_region_path", "region_path", postgresql_using="gin"),
        Index("ix_challenge_status", "status", "deadline"),
    )

    organization_id: UUID = Field(foreign_key="organization.id", index=True, description="Who published it.")
    need_id: UUID | None = Field(default=None, foreign_key="need.id", index=True)
    kind: ChallengeKind = Field(sa_type=choice(ChallengeKind))
    status: ChallengeStatus = Field(default=ChallengeStatus.draft, sa_type=choice(ChallengeStatus))
    returned: str = Field(default="", sa_type=Text, description="Why operators sent it back.")
    domain_path: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    region_path: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    opened_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    publicity_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    version: int = 1

    @property
    def reward_yuan(self) -> int:
        return self.public_yuan + self.own_yuan


class ChallengeStep(Row, table=True):
    """What happened to it. From its opening on all of it is published."""

    __tablename__ = "challenge_step"

    challenge_id: UUID = Field(foreign_key="challenge.id", index=True, ondelete="CASCADE")
    verb: str = Field(sa_type=Text)
    organization_id: UUID | None = Field(default=None, description="None: the service itself.")
    status: ChallengeStatus = Field(sa_type=choice(ChallengeStatus), description="Since then.")
    reason: str = Field(default="", sa_type=Text)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)


class ChallengeInvitation(Row, table=True):
    """Who was told of it, so that nobody is told twice, and that it can be counted."""

    __tablename__ = "challenge_invitation"
    __table_args__ = (Index("uq_challenge_invitation", "challenge_id", "organization_id", unique=True),)

    challenge_id: UUID = Field(foreign_key="challenge.id", ondelete="CASCADE")
    organization_id: UUID = Field(foreign_key="organization.id")


class ChallengeStepShown(BaseModel):
    at: datetime
    verb: str
    organization: OrganizationBrief | None
    status: ChallengeStatus
    reason: str
    figures: dict[str, Any]


class Winner(BaseModel):
    """Who won, as it is published."""

    bid_id: UUID
    place: int
    score: float
    status: str
    organization: OrganizationBrief
    members: list[OrganizationBrief]


class ChallengeShown(ChallengeFields):
    id: UUID
    organization: OrganizationBrief
    need_id: UUID | None
    kind: ChallengeKind
    status: ChallengeStatus
    reward_yuan: int = Field(description="Public and own money together.")
    returned: str | None = Field(description="For its publisher and operators alone.")
    created_at: datetime
    updated_at: datetime
    opened_at: datetime | None
    publicity_until: datetime | None
    version: int
    bids: int | None = Field(
        description="How many bids count. Before the deadline for its publisher alone, and nothing else is known."
    )
    winners_now: list[Winner]
    steps: list[ChallengeStepShown]
    may: list[str] = Field(description="What the caller may do now; see docs/workflows.md.")
