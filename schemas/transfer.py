"""成果限时转化: publicly funded results, each with the day by which it is to be transferred."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ARRAY, DateTime, Float, Uuid
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from schemas.account import OrganizationBrief
from schemas.base import Page, now
from schemas.vocabulary import CapabilityKind, PostingStatus, Term


class TransferState(Term):
    ahead = "ahead", "期限未到", "Ahead"
    near = "near", "即将到期", "Near"
    past = "past", "已逾期", "Past"
    transferring = "transferring", "转化中", "Being transferred"
    transferred = "transferred", "已转化", "Transferred"


class TransferLook(SQLModel, table=True):
    """What the latest look for takers of a result found; their organisations were told of it."""

    __tablename__ = "transfer_look"

    capability_id: UUID = Column(foreign_key="capability.id", primary_key=True, ondelete="CASCADE")
    looked_at: datetime = Column(default_factory=now, sa_type=DateTime(timezone=True))
    best: list[UUID] = Column(sa_type=ARRAY(Uuid), description="Needs, best first.")
    scores: list[float] = Column(sa_type=ARRAY(Float))


class FittingNeed(BaseModel):
    need_id: UUID
    title: str
    score: float


class TransferShown(BaseModel):
    capability_id: UUID
    title: str
    kind: CapabilityKind
    organization: OrganizationBrief
    status: PostingStatus
    published_at: datetime | None
    transfer_due: date
    transfer_assumed: bool = Field(description="Nobody gave a day; it was counted from the publication.")
    days_left: int = Field(description="Below zero: so many days past.")
    state: TransferState
    looked_at: datetime | None = Field(description="When takers were last looked for; null: not yet.")
    fitting: list[FittingNeed] = Field(
        description="Needs whose organisations were told, as far as the caller may read them."
    )


class Transfers(Page[TransferShown]):
    """The earliest day first."""

    today: date = Field(description="In China, where the days are counted.")
    near_days: int
    counts: dict[TransferState, int] = Field(description="Of all that the caller may read, listed or not.")
