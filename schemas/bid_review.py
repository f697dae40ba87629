"""评榜: who reviews, what they score, and what comes of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ARRAY, DateTime, Index, SmallInteger
from sqlmodel import Field as Column

from schemas.account import OrganizationBrief
from schemas.base import Passage, Remark, Row, Shape, choice
from schemas.sealed import sealed
from schemas.vocabulary import Term

Points = Annotated[int, Field(ge=0, le=100)]


class RecusalReason(Term):
    bidder = "bidder", "所在单位参与揭榜", "Their organisation is among the bidders"
    publisher = "publisher", "所在单位为发榜单位", "Their organisation published the challenge"
    declared = "declared", "本人声明存在利益冲突", "They declared a conflict of interest"
    removed = "removed", "由平台调整", "Taken off by an operator"


class ReviewerAsk(Shape):
    organization_id: UUID
    api_key_id: UUID | None = Field(
        default=None, description="One person of it, by their key; none: whoever has a key of it."
    )


class Declaration(Shape):
    conflict: bool = Field(
        description="Whether anything binds the reviewer to a bidder. If so, they review no more."
    )


class SheetWrite(Shape):
    scores: list[Points] = Field(
        min_length=1, max_length=20, description="0 to 100 for each criterion of the challenge, in its order."
    )
    remark: Passage = ""


class Award(Shape):
    bid_ids: list[UUID] = Field(
        default_factory=list, max_length=10, description="None: those that are ranked highest."
    )
    accept_above_reward: bool = Field(
        default=False, description="Must be true where a winner's price exceeds the reward."
    )
    reason: Remark = Field(default="", description="Needed where it is not the ranking's; it is published.")


class Signing(Shape):
    contracts: dict[UUID, UUID] = Field(
        default_factory=dict,
        max_length=10,
        description="By winning bid: its contract, where it is kept here.",
    )


class BidReviewer(Row, table=True):
    __tablename__ = "bid_reviewer"
    __table_args__ = (
        Index(
            "uq_bid_reviewer",
            "challenge_id",
            "organization_id",
            "api_key_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    challenge_id: UUID = Column(foreign_key="challenge.id")
    organization_id: UUID = Column(foreign_key="organization.id", index=True)
    api_key_id: UUID | None = Column(default=None, foreign_key="api_key.id")
    declared_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    recused_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    recused_for: RecusalReason | None = Column(default=None, sa_type=choice(RecusalReason))


class BidSheet(Row, table=True):
    __tablename__ = "bid_sheet"
    __table_args__ = (Index("uq_bid_sheet", "reviewer_id", "bid_id", unique=True),)

    reviewer_id: UUID = Column(foreign_key="bid_reviewer.id")
    bid_id: UUID = Column(foreign_key="bid.id", index=True)
    scores: list[int] = Column(sa_type=ARRAY(SmallInteger))
    remark: str = Column(default="", sa_type=sealed(str))


class ReviewerShown(BaseModel):
    id: UUID
    organization: OrganizationBrief
    api_key_id: UUID | None
    declared_at: datetime | None
    recused_at: datetime | None
    recused_for: RecusalReason | None
    sheets: int = Field(description="How many of their sheets are in.")


class SheetShown(BaseModel):
    reviewer_id: UUID
    bid_id: UUID
    scores: list[int]
    remark: str
    total: float


class Ranked(BaseModel):
    place: int
    bid_id: UUID
    organization: OrganizationBrief
    score: float = Field(description="Mean over the reviewers of the weighted scores, 0 to 100.")
    by_criterion: list[float]
    price_yuan: int
    above_reward: bool = Field(description="Whether the price exceeds the reward.")
    decided_by: str | None = Field(
        description="Where the one before has the same score, what came first: a criterion's name, `price` or "
        "`handed_in_at`."
    )


class ReviewsShown(BaseModel):
    complete: bool = Field(description="Whether all sheets are in. Until then nobody reads another's.")
    least_reviewers: int
    sheets_in: int
    sheets_wanted: int
    tie_rule: str = Field(description="How bids with the same score are put in order.")
    reviewers: list[ReviewerShown]
    sheets: list[SheetShown]
    ranking: list[Ranked] = Field(description="Empty until all sheets are in.")
