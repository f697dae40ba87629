"""What keeps the service itself in order: answers already given, who is at work, which installation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, Text
from sqlmodel import Field, SQLModel

from schemas.base import Row, choice, now
from schemas.sealed import sealed
from schemas.vocabulary import Role


class AnsweredRequest(SQLModel, table=True):
    """The answer to a POST that carried an ``Idempotency-Key``, for when it is sent again."""

    __tablename__ = "answered_request"

    __table_args__ = (
        Index("ix_answered_request_organization_id_key", "organization_id", "key", unique=True),
    )

    api_key_id: UUID = Field(foreign_key="api_key.id", primary_key=True)
    key: str = Field(sa_type=Text, primary_key=True)
    organization_id: UUID | None = Field(
        default=None,
        foreign_key="organization.id",
        description="Whose request it was; none where it was kept for its API key alone.",
    )
    role: Role | None = Field(default=None, sa_type=choice(Role), description="Of the API key.")
    fingerprint: str = Field(sa_type=Text, description="SHA-256 over the address and the body.")
    status: int | None = None
    answer: Any = Field(default=None, sa_type=sealed(Any), nullable=True, description="It may hold contacts.")
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True), index=True)


class WorkerSeen(SQLModel, table=True):
    """When each worker process last said that it lives."""

    __tablename__ = "worker_seen"

    name: str = Field(sa_type=Text, primary_key=True)
    seen_at: datetime = Field(sa_type=DateTime(timezone=True))


class Installation(Row, table=True):
    """One row. Its id changes on restore, so that index snapshots of before are not believed."""

    backed_up_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
