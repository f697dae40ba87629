"""保密协议: a text that one side asks for, and both sign before confidential detail opens."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import DateTime, Text, UniqueConstraint
from sqlmodel import Field as Column

from schemas.account import OrganizationBrief
from schemas.base import Label, Passage, Row, Shape
from schemas.sealed import sealed

NdaText = Annotated[Passage, Field(min_length=1)]
TextHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NdaAsk(Shape):
    text: NdaText = Field(description="What both sides shall sign. Asked for again, it is a new version.")


class NdaSign(Shape):
    name: Label = Field(description="Of the person who signs for this side.")
    text_hash: TextHash = Field(description="SHA-256 of the text that was read: no other one is signed.")


class IntroductionNda(Row, table=True):
    """One version. The newest one counts; those before it stay as they were."""

    __tablename__ = "introduction_nda"
    __table_args__ = (UniqueConstraint("introduction_id", "version"),)

    introduction_id: UUID = Column(foreign_key="introduction.id", ondelete="CASCADE")
    version: int = Column(description="1, 2, 3 …")
    text: str = Column(sa_type=sealed(str))
    text_hash: str = Column(sa_type=Text, description="SHA-256, in hex, of the text in UTF-8.")
    asked_by: UUID = Column(foreign_key="organization.id")
    seeker_signer: str | None = Column(default=None, sa_type=sealed(str))
    seeker_signed_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    seeker_signed_with: UUID | None = Column(default=None, description="The key of the person who signed.")
    provider_signer: str | None = Column(default=None, sa_type=sealed(str))
    provider_signed_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    provider_signed_with: UUID | None = None
    forgotten_at: datetime | None = Column(
        default=None, sa_type=DateTime(timezone=True), description="Since when its words are gone."
    )

    @property
    def signed(self) -> bool:
        """By both."""
        return self.seeker_signed_at is not None and self.provider_signed_at is not None


class NdaState(BaseModel):
    """As everybody sees it who sees the introduction: neither the text nor a name."""

    version: int
    text_hash: str
    asked_by: UUID
    asked_at: datetime
    seeker_signed_at: datetime | None
    provider_signed_at: datetime | None


class NdaShown(BaseModel):
    """As both sides see it."""

    version: int
    text: str
    text_hash: str
    asked_by: OrganizationBrief
    asked_at: datetime
    seeker_signer: str | None
    seeker_signed_at: datetime | None
    provider_signer: str | None
    provider_signed_at: datetime | None
