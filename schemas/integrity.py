"""科研诚信: what an organisation declares once a year, and the list of those whom a serious breach bars (一票否决)."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Date, DateTime, Index, Text
from sqlmodel import Field as Column

from schemas.account import OrganizationBrief
from schemas.base import Label, Passage, Remark, Row, Shape, without_empty_defaults
from schemas.forms import Day
from schemas.sealed import sealed
from schemas.vocabulary import Term

_NOT_SENT = date(2000, 1, 1)


class VetoState(Term):
    """Follows from its days; nobody has to come by and write it down."""

    coming = "coming", "未生效", "Not yet in force"
    in_force = "in_force", "生效中", "In force"
    over = "over", "已到期", "Over"
    lifted = "lifted", "已解除", "Lifted"


class DeclarationText(BaseModel):
    """What is declared. Another wording is another version."""

    version: str
    zh: str
    en: str


class DeclarationMake(Shape):
    version: Annotated[Label, Field(max_length=20)] = Field(
        description="Of the text that was read and is agreed to: `GET /v1/integrity` has it."
    )


class IntegrityDeclaration(Row, table=True):
    __tablename__ = "integrity_declaration"

    organization_id: UUID = Column(foreign_key="organization.id", index=True)
    text_version: str = Column(sa_type=Text)
    api_key_id: UUID = Column(description="With whose key it was declared.")
    valid_until: datetime = Column(sa_type=DateTime(timezone=True))


class DeclarationShown(BaseModel):
    id: UUID
    organization_id: UUID
    text_version: str
    api_key_id: UUID
    created_at: datetime
    valid_until: datetime


class VetoFields(Shape):
    reason: Annotated[Passage, Field(min_length=1, max_length=2_000)]
    decided_by: Annotated[Remark, Field(min_length=1)] = Field(description="The body that decided it.")
    source: Annotated[Remark, Field(min_length=1)] = Field(description="Title or number of the decision.")
    starts_on: Day
    ends_on: Day | None = Field(default=None, description="The last day; none: for good.")

    @model_validator(mode="after")
    def days_in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise PydanticCustomError("range_reversed", "The lower end is above the upper end")
        return self


class VetoMake(VetoFields):
    organization_id: UUID


class VetoChange(Shape):
    """Every field may be left out; what is sent replaces what was."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_empty_defaults)

    reason: Annotated[Passage, Field(min_length=1, max_length=2_000)] = ""
    decided_by: Annotated[Remark, Field(min_length=1)] = ""
    source: Annotated[Remark, Field(min_length=1)] = ""
    starts_on: Day = _NOT_SENT
    ends_on: Day | None = None


class VetoLift(Shape):
    reason: Annotated[Remark, Field(min_length=1)]


class Veto(Row, table=True):
    __table_args__ = (Index("ix_veto_organization_id", "organization_id", "starts_on"),)

    organization_id: UUID = Column(foreign_key="organization.id")
    reason: str = Column(sa_type=sealed(str))
    decided_by: str = Column(sa_type=sealed(str))
    source: str = Column(sa_type=Text)
    starts_on: date = Column(sa_type=Date)
    ends_on: date | None = Column(default=None, sa_type=Date)
    lifted_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    lift_reason: str = Column(default="", sa_type=sealed(str))
    version: int = 1


class VetoShown(BaseModel):
    id: UUID
    organization: OrganizationBrief
    state: VetoState
    reason: str
    decided_by: str
    source: str
    starts_on: date
    ends_on: date | None
    lifted_at: datetime | None
    lift_reason: str
    created_at: datetime
    version: int


class IntegrityShown(BaseModel):
    """Where the caller's organisation stands."""

    text: DeclarationText
    required: bool = Field(description="Whether publishing and asking need a declaration here.")
    declared: DeclarationShown | None = Field(description="The one that is valid now, if there is one.")
    veto: VetoShown | None = Field(description="What bars it now, if anything.")
