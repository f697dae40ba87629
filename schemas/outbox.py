"""Work that is owed: written with the change that asks for it, deleted by the task that did it."""

from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from sqlalchemy import DateTime, Index, SmallInteger, Text
from sqlmodel import Field

from schemas.base import Row, choice, now


class Topic(StrEnum):
    need_changed = "need.changed"
    capability_changed = "capability.changed"
    import_posted = "import.posted"
    model_changed = "model.changed"
    upkeep = "upkeep"
    outlook = "outlook"
    posting_indexed = "posting.indexed"
    notice_written = "notice.written"
    webhook_due = "webhook.due"
    mail_due = "mail.due"
    mail_made = "mail.made"
    backup = "backup"


class Urgency(IntEnum):
    """Somebody waits for it, or it came with many others."""

    awaited = 0
    bulk = 1


class OutboxMessage(Row, table=True):
    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "urgency", "id"),)

    topic: Topic = Field(sa_type=choice(Topic))
    subject_id: UUID | None = Field(default=None, index=True)
    urgency: int = Field(default=Urgency.awaited, sa_type=SmallInteger)
    due_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))
    sent_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    sent_by: str = Field(default="", sa_type=Text, description="The worker process that sent it.")
    attempts: int = Field(default=0, description="How often the work was begun and failed.")
    error: str = Field(default="", sa_type=Text)
