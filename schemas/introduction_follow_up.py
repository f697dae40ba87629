"""What became of an introduction 6, 12 and 24 months after it ended."""

from datetime import datetime
from enum import IntEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, DateTime, SmallInteger, UniqueConstraint
from sqlmodel import Field as Column

from schemas.account import OrganizationBrief
from schemas.base import Passage, Row, Shape
from schemas.forms import Yuan
from schemas.sealed import sealed

Count = Annotated[int, Field(ge=0, le=10**9)]


class FollowUpMonths(IntEnum):
    half_a_year = 6
    a_year = 12
    two_years = 24


class FollowUpAnswer(Shape):
    """Null is "not known", and never zero."""

    money: Yuan | None = Field(default=None, description="What it brought so far, in whole yuan.")
    jobs: Count | None = Field(default=None, description="Jobs that it made.")
    patents: Count | None = Field(default=None, description="Patents that came of it.")
    area_mu: Count | None = Field(default=None, description="亩 on which it is in use.")
    next_contract: bool | None = Field(default=None, description="Whether a further contract was signed.")
    remark: Passage = ""


class IntroductionFollowUp(Row, table=True):
    """One side's answer. Answered again, it takes the place of the one before."""

    __tablename__ = "introduction_follow_up"
    __table_args__ = (UniqueConstraint("introduction_id", "months", "organization_id"),)

    introduction_id: UUID = Column(foreign_key="introduction.id", ondelete="CASCADE")
    months: int = Column(sa_type=SmallInteger)
    organization_id: UUID = Column(foreign_key="organization.id")
    money: int | None = Column(default=None, sa_type=BigInteger)
    jobs: int | None = None
    patents: int | None = None
    area_mu: int | None = None
    next_contract: bool | None = None
    remark: str = Column(default="", sa_type=sealed(str))
    answered_at: datetime = Column(sa_type=DateTime(timezone=True))
    forgotten_at: datetime | None = Column(
        default=None, sa_type=DateTime(timezone=True), description="Since when its words are gone."
    )


class FollowUpAnswered(BaseModel):
    organization: OrganizationBrief
    answered_at: datetime
    money: int | None
    jobs: int | None
    patents: int | None
    area_mu: int | None
    next_contract: bool | None
    remark: str


class FollowUpShown(BaseModel):
    """One of the three, whether it is due yet or not."""

    months: int
    due_at: datetime
    due: bool
    answers: list[FollowUpAnswered]
