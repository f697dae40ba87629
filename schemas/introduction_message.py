"""The thread of an introduction: what both sides, and the broker of it, write to each other."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Field as Column

from schemas.account import OrganizationBrief
from schemas.base import Passage, Row, Shape
from schemas.forms import Attachment
from schemas.sealed import sealed


class MessageWrite(Shape):
    text: Passage = ""
    documents: list[Attachment] = Field(
        default_factory=list, max_length=20, description="Links; the files stay where they lie."
    )

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.text and not self.documents:
            raise PydanticCustomError("empty_message", "Write something, or name a document")
        return self


class IntroductionMessage(Row, table=True):
    __tablename__ = "introduction_message"

    introduction_id: UUID = Column(foreign_key="introduction.id", index=True, ondelete="CASCADE")
    organization_id: UUID = Column(foreign_key="organization.id")
    api_key_id: UUID = Column(description="The key of the person who wrote it.")
    text: str = Column(sa_type=sealed(str))
    documents: list[Attachment] = Column(default_factory=list, sa_type=sealed(list[Attachment]))


class MessageShown(BaseModel):
    id: UUID
    at: datetime
    organization: OrganizationBrief
    text: str
    documents: list[Attachment]
