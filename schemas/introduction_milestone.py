"""Milestones of an introduction: what both sides have set themselves, and by when."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Date, DateTime
from sqlmodel import Field as Column

from schemas.account import OrganizationBrief
from schemas.base import Row, Shape, Title
from schemas.forms import Day
from schemas.sealed import sealed


class MilestoneAdd(Shape):
    title: Title
    due: Day | None = None


class IntroductionMilestone(Row, table=True):
    __tablename__ = "introduction_milestone"

    introduction_id: UUID = Column(foreign_key="introduction.id", index=True, ondelete="CASCADE")
    title: str = Column(sa_type=sealed(str))
    due: date | None = Column(default=None, sa_type=Date)
    done_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    done_by: UUID | None = Column(default=None, foreign_key="organization.id")
    done_with: UUID | None = Column(default=None, description="The key of the person who said so.")


class MilestoneShown(BaseModel):
    id: UUID
    title: str
    due: date | None
    done_at: datetime | None
    done_by: OrganizationBrief | None
