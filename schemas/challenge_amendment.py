"""更正公告、延期公告: what is changed in a challenge that takes bids already, and what stood there before."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column

from schemas.account import OrganizationBrief
from schemas.base import Row, Shape, choice
from schemas.challenge import ChallengeChange
from schemas.forms import PublicText
from schemas.vocabulary import Term


class AmendmentStatus(Term):
    proposed = "proposed", "待平台同意", "Awaiting an operator's consent"
    published = "published", "已公告", "Published"
    refused = "refused", "未同意", "Refused"
    recalled = "recalled", "已撤回", "Recalled"


class AmendmentCreate(Shape):
    reason: Annotated[PublicText, Field(min_length=1)] = Field(description="It is published.")
    changes: ChallengeChange = Field(
        description="Fields to replace. A deadline can only be put off; other changes leave bidders "
        "`DUIJIE_CHALLENGE_AMENDMENT_DAYS` until it."
    )


class ChallengeAmendment(Row, table=True):
    """One version of an open challenge. ``before`` and ``after`` hold the changed fields alone, as JSON."""

    __tablename__ = "challenge_amendment"
    __table_args__ = (
        Index("uq_challenge_amendment_number", "challenge_id", "number", unique=True),
        Index(
            "uq_challenge_amendment_proposed",
            "challenge_id",
            unique=True,
            postgresql_where=text("status = 'proposed'"),
        ),
    )

    challenge_id: UUID = Column(foreign_key="challenge.id", ondelete="CASCADE")
    organization_id: UUID = Column(foreign_key="organization.id", description="Who proposed it.")
    number: int = Column(description="From 1 on, within its challenge.")
    status: AmendmentStatus = Column(default=AmendmentStatus.proposed, sa_type=choice(AmendmentStatus))
    reason: str = Column(sa_type=Text)
    before: dict[str, Any] = Column(sa_type=JSONB)
    after: dict[str, Any] = Column(sa_type=JSONB)
    refusal: str = Column(default="", sa_type=Text, description="Why an operator refused it.")
    decided_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))


class AmendmentShown(BaseModel):
    id: UUID
    number: int
    status: AmendmentStatus
    organization: OrganizationBrief
    reason: str
    before: dict[str, Any] = Field(description="The changed fields, as they stood before.")
    after: dict[str, Any] = Field(description="The changed fields, as they stand from its publication on.")
    refusal: str
    created_at: datetime
    decided_at: datetime | None
