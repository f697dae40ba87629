"""Mail addresses, confirmed by their owners, and what is mailed to them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from sqlalchemy import ARRAY, DateTime, Index, Text, text
from sqlmodel import Field

from schemas.base import Row, Shape, choice
from schemas.notice import NoticeKind
from schemas.sealed import sealed
from schemas.vocabulary import Role, Term

# Plain ASCII without quotes, so that nothing in it can be taken for another header or a second address.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EmailAddress = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=rf"^[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@(?:{_LABEL}\.)*{_LABEL}$",
    ),
]


class Frequency(Term):
    at_once = "at_once", "即时", "At once"
    daily = "daily", "每日汇总", "A digest a day"
    weekly = "weekly", "每周汇总", "A digest a week"


class MailLanguage(Term):
    chinese = "zh", "中文", "Chinese"
    uyghur = "ug", "维吾尔文", "Uyghur"
    russian = "ru", "俄文", "Russian"
    english = "en", "英文", "English"


class MailAddressCreate(Shape):
    email: EmailAddress
    language: MailLanguage = MailLanguage.chinese
    frequency: Frequency = Frequency.at_once
    kinds: list[NoticeKind] = Field(
        default_factory=list,
        max_length=200,
        description="Which notices are mailed; empty: all but matches, which subscriptions ask for.",
    )
    whole_organization: bool = Field(
        default=False,
        description="The organisation's address rather than the caller's: its notices, not the caller's own.",
    )


class MailAddress(Row, table=True):
    """One address of one key, or of an organisation. ``preference``: notices are mailed as well as subscriptions."""

    __tablename__ = "mail_address"

    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    api_key_id: UUID | None = Field(
        default=None, foreign_key="api_key.id", description="None: the organisation's."
    )
    role: Role = Field(
        sa_type=choice(Role),
        sa_column_kwargs={"server_default": Role.integrator.value},
        description="Of the key that gave it: what that role may not read, is not mailed to it.",
    )
    address: str = Field(sa_type=sealed(str))
    language: MailLanguage = Field(sa_type=choice(MailLanguage))
    preference: bool = False
    frequency: Frequency = Field(sa_type=choice(Frequency))
    kinds: list[NoticeKind] = Field(default_factory=list, sa_type=ARRAY(choice(NoticeKind)))
    asked_at: datetime = Field(
        sa_type=DateTime(timezone=True), description="When a link to confirm was last sent for."
    )
    confirmed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    unsubscribed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))

    @property
    def open(self) -> bool:
        return self.confirmed_at is not None and self.unsubscribed_at is None


class MailPurpose(StrEnum):
    confirm = "confirm"
    notices = "notices"


class MailState(Term):
    waiting = "waiting", "待发送", "Waiting"
    sent = "sent", "已发送", "Sent"
    failed = "failed", "发送失败", "Failed"


class Mail(Row, table=True):
    """One mail. What is in it no longer changes, so that a repeat has the same Message-ID and the same content."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_state", "state", "id"),)

    mail_address_id: UUID = Field(foreign_key="mail_address.id", index=True, ondelete="CASCADE")
    purpose: MailPurpose = Field(sa_type=choice(MailPurpose))
    state: MailState = Field(default=MailState.waiting, sa_type=choice(MailState))
    attempts: int = 0
    error: str = Field(default="", sa_type=Text, description="A class and a code; no address and no text.")
    sent_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class MailItem(Row, table=True):
    """One notice for one address, at most once; ``mail_id`` once it is in a mail."""

    __tablename__ = "mail_item"
    __table_args__ = (
        Index("uq_mail_item_event", "mail_address_id", "event", unique=True),
        Index("ix_mail_item_notice_id", "notice_id"),
        Index("ix_mail_item_due", "mail_address_id", "due_at", postgresql_where=text("mail_id IS NULL")),
    )

    mail_address_id: UUID = Field(foreign_key="mail_address.id", ondelete="CASCADE")
    notice_id: UUID = Field(foreign_key="notice.id", ondelete="CASCADE")
    event: str = Field(sa_type=Text, description="What is told; the same event is not mailed twice.")
    due_at: datetime = Field(sa_type=DateTime(timezone=True))
    mail_id: UUID | None = Field(default=None, foreign_key="mail.id", index=True, ondelete="CASCADE")


class MailAddressShown(BaseModel):
    id: UUID
    email: str
    language: MailLanguage
    frequency: Frequency
    kinds: list[NoticeKind]
    preference: bool = Field(description="Notices are mailed, too; else subscriptions alone use it.")
    whole_organization: bool
    confirmed: bool
    unsubscribed: bool
    created_at: datetime
