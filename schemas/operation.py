"""What keeps the service itself in order: answers already given, who is at work, which installation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Text
from sqlmodel import Field, SQLModel

from schemas.base import Row, now
from schemas.sealed import sealed


class AnsweredRequest(SQLModel, table=True):
    """The answer to a POST that carried an ``Idempotency-Key``, for when it is sent again."""

    __tablename__ = "answered_request"

    api_key_id: UUID = Field(foreign_key="api_key.id", primary_key=True)
    key: str = Field(sa_type=Text, primary_key=True)
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
