"""Saved searches and standing matches: what somebody wants to be told of when it appears."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import ARRAY, Integer, LargeBinary, Text
from sqlmodel import Field, SQLModel

from schemas.base import Passage, Remark, Row, Shape, choice, structured
from schemas.domains import DomainKey
from schemas.mail import EmailAddress, Frequency, MailLanguage
from schemas.regions import RegionCode
from schemas.vocabulary import Affiliation, CapabilityKind, CooperationMode, NeedType, Side, Term


class Channel(Term):
    feed = "feed", "站内通知", "Feed"
    webhook = "webhook", "接口推送", "Webhook"
    email = "email", "电子邮件", "E-mail"


class StandingFilters(Shape):
    """As in a search: of each, any of the values; empty means all."""

    kind: list[CapabilityKind] = Field(default_factory=list, max_length=20, description="Of capabilities.")
    need_type: list[NeedType] = Field(default_factory=list, max_length=20, description="Of needs.")
    domain: list[DomainKey] = Field(default_factory=list, max_length=20)
    affiliation: list[Affiliation] = Field(default_factory=list, max_length=20)
    region: list[RegionCode] = Field(
        default_factory=list, max_length=20, description="With all that lies within."
    )
    cooperation_mode: list[CooperationMode] = Field(default_factory=list, max_length=20)


class SubscriptionCreate(StandingFilters):
    """Either ``text`` with ``looking_for``, or ``posting_id``."""

    name: Remark = Field(default="", description="What the subscriber calls it.")
    text: Annotated[Passage, Field(min_length=1)] | None = Field(
        default=None, description="What would be searched for; contacts are taken out."
    )
    looking_for: Side | None = Field(
        default=None, description="Which side is looked for; of an own posting it is the other one."
    )
    posting_id: UUID | None = Field(default=None, description="An own need or capability.")
    min_score: float | None = Field(
        default=None, ge=0, le=1, description="From this score on; left out, from where matches are good."
    )
    frequency: Frequency = Field(
        default=Frequency.at_once, description="Of mails; feed and webhooks are told at once."
    )
    channels: list[Channel] = Field(
        default=[Channel.feed, Channel.webhook],
        max_length=3,
        description="The feed has everything in any case.",
    )
    email: EmailAddress | None = Field(
        default=None, description="Gets a mail with a link first, and nothing before that was followed."
    )
    language: MailLanguage = Field(default=MailLanguage.chinese, description="Of mails.")
    whole_organization: bool = Field(
        default=False, description="Tell all of the organisation, not the caller alone."
    )

    @model_validator(mode="after")
    def one_question(self) -> Self:
        if (self.text is None) == (self.posting_id is None):
            raise PydanticCustomError("one_question", "Give either text or posting_id")
        if self.text is not None and self.looking_for is None:
            raise PydanticCustomError("looking_for_missing", "Say in looking_for which side is looked for")
        if (self.email is not None) != (Channel.email in self.channels):
            raise PydanticCustomError("email_and_channel", "Give email together with the channel email")
        return self


class Subscription(Row, table=True):
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    api_key_id: UUID = Field(foreign_key="api_key.id", index=True, description="Who asked for it.")
    whole_organization: bool = False
    name: str = Field(default="", sa_type=Text)
    looking_for: Side = Field(sa_type=choice(Side), index=True)
    text: str | None = Field(default=None, sa_type=Text)
    posting_id: UUID | None = Field(default=None, index=True, description="Of the other side.")
    min_score: float | None = None
    filters: StandingFilters = Field(sa_type=structured(StandingFilters))
    frequency: Frequency = Field(default=Frequency.at_once, sa_type=choice(Frequency))
    channels: list[Channel] = Field(sa_type=ARRAY(choice(Channel)))
    mail_address_id: UUID | None = Field(
        default=None, foreign_key="mail_address.id", index=True, ondelete="SET NULL"
    )


class StandingVector(SQLModel, table=True):
    """A subscription's text as it was encoded, so that a new worker need not encode thousands of them."""

    __tablename__ = "standing_vector"

    subscription_id: UUID = Field(primary_key=True, foreign_key="subscription.id", ondelete="CASCADE")
    model: str = Field(sa_type=Text, description="Which encoder.")
    vectors: bytes = Field(
        sa_type=LargeBinary, description="float16, (passages, dim), mean taken off, unit length."
    )
    terms: list[str] = Field(sa_type=ARRAY(Text))
    title_terms: int = Field(sa_type=Integer)


class SubscriptionShown(BaseModel):
    id: UUID
    name: str
    looking_for: Side
    text: str | None
    posting_id: UUID | None
    min_score: float = Field(description="As it counts.")
    filters: StandingFilters
    frequency: Frequency
    channels: list[Channel]
    email: str | None = Field(description="The address, to those whom the subscription belongs to alone.")
    email_confirmed: bool | None
    whole_organization: bool
    created_at: datetime
