"""What is asked for and not on offer: published needs for which nothing good exists."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from schemas.account import OrganizationBrief
from schemas.base import Page
from schemas.vocabulary import NeedType


class NearestMiss(BaseModel):
    capability_id: UUID
    title: str
    organization: OrganizationBrief
    score: float


class Gap(BaseModel):
    need_id: UUID
    title: str
    organization: OrganizationBrief
    domains: list[str]
    need_type: NeedType | None
    published_at: datetime | None
    looked_at: datetime
    best_score: float | None = Field(description="Null where there is nothing at all.")
    nearest_miss: NearestMiss | None = Field(
        description="The capability with that score; null also where it is no longer on offer."
    )


class DomainGaps(BaseModel):
    domain: str | None = Field(description="A box of the plan; null for needs that name none.")
    zh: str
    en: str
    needs: int = Field(description="Published needs that were looked at. One in two domains counts in both.")
    gaps: int


class Gaps(Page[Gap]):
    as_of: datetime | None = Field(
        description="When the latest look over all needs ended; null before the first."
    )
    threshold: float = Field(description="Below this calibrated score a match is not good.")
    needs: int = Field(description="Published needs that were looked at.")
    gaps: int
    not_looked_at: int = Field(description="Published needs that the next look will see for the first time.")
    domains: list[DomainGaps] = Field(description="Under all filters but `domain`, the most gaps first.")
