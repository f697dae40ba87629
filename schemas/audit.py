"""Who did what to which object: written once, chained by hashes, never changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import BigInteger, DateTime, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from schemas.vocabulary import Role


class AuditFields(SQLModel):
    """No words of people and no contacts, so that nothing here ever has to be erased."""

    at: datetime = Field(sa_type=DateTime(timezone=True))
    action: str = Field(sa_type=Text, description="Noun and verb, such as `introduction.accept`.")
    subject_id: UUID | None = Field(default=None, description="What it was done to.")
    organization_id: UUID | None = Field(
        default=None, description="Whose key it was; none: the service itself."
    )
    api_key_id: UUID | None = None
    role: str | None = Field(default=None, sa_type=Text)
    concerns: list[UUID] = Field(sa_type=ARRAY(Uuid), description="The organisations that may read of it.")
    detail: dict[str, Any] = Field(sa_type=JSONB)


class AuditEntry(AuditFields, table=True):
    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_concerns", "concerns", postgresql_using="gin"),
        Index("ix_audit_entry_subject_id", "subject_id"),
    )

    number: int = Field(primary_key=True, sa_type=BigInteger, description="1, 2, 3 … without a gap.")
    before: str = Field(sa_type=Text, description="The hash of the entry before; of the first one, nothing.")
    hash: str = Field(sa_type=Text, description="SHA-256, in hex, over all the rest.")


class AuditShown(BaseModel):
    number: int
    at: datetime
    action: str
    subject_id: UUID | None
    organization_id: UUID | None
    organization: str | None
    role: Role | None
    detail: dict[str, Any]
    hash: str


class AuditHead(BaseModel):
    """The end of the chain. Noted elsewhere, it shows later that nothing was cut off."""

    number: int
    hash: str
