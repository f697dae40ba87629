"""Organisations and the keys by which they call."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import ARRAY, DateTime, Text
from sqlmodel import Field, SQLModel

from schemas.base import Link, Name, Passage, Remark, Row, Shape, choice, without_empty_defaults
from schemas.forms import term
from schemas.reading import CreditCode
from schemas.regions import RegionCode
from schemas.vocabulary import Affiliation, AidProvince, OrganizationKind, Role


class OrganizationFields(SQLModel):
    name: Name = Field(sa_type=Text)
    kind: OrganizationKind = Field(sa_type=choice(OrganizationKind))
    affiliation: Affiliation = Field(
        sa_type=choice(Affiliation),
        description="Whose it is (兵团, 地方, 援疆 …), kept apart from what it is.",
    )
    aid_province: Annotated[AidProvince | None, term(AidProvince)] = Field(
        default=None,
        sa_type=choice(AidProvince),
        description="The sending province, for aid (援疆) units only.",
    )
    region: RegionCode | None = Field(
        default=None, sa_type=Text, description="GB/T 2260 code, or a regiment."
    )
    credit_code: CreditCode | None = Field(
        default=None, sa_type=Text, unique=True, description="统一社会信用代码, GB 32100."
    )
    website: Link | None = Field(default=None, sa_type=Text)
    introduction: Passage = Field(default="", sa_type=Text)


class OrganizationCreate(OrganizationFields):
    model_config = ConfigDict(extra="forbid")  # type: ignore[assignment]

    @model_validator(mode="after")
    def only_aid_units_have_a_sending_province(self) -> "OrganizationCreate":
        if self.aid_province is not None and self.affiliation is not Affiliation.aid:
            raise PydanticCustomError("aid_province_without_aid", "Only an aid unit has a sending province")
        return self


class OrganizationChange(Shape):
    """Every field may be left out, and only what is sent is read: the defaults here are never used."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_empty_defaults)

    name: Name = ""
    kind: OrganizationKind = OrganizationKind.other
    affiliation: Affiliation = Affiliation.local
    aid_province: Annotated[AidProvince | None, term(AidProvince)] = None
    region: RegionCode | None = None
    credit_code: CreditCode | None = None
    website: Link | None = None
    introduction: Passage = ""


class Organization(OrganizationFields, Row, table=True):
    region_path: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    verified_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    illustration: bool = Field(default=False, description="Part of the demonstration data.")
    version: int = 1


class OrganizationShown(OrganizationFields):
    id: UUID
    verified: bool
    illustration: bool
    created_at: datetime


class OrganizationBrief(BaseModel):
    """As it stands beside a posting."""

    id: UUID
    name: str
    kind: OrganizationKind
    affiliation: Affiliation
    aid_province: AidProvince | None = None
    region: str | None = None
    verified: bool


# In another zone the first and last days that Python can count would lie beyond it.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class ApiKeyCreate(Shape):
    role: Role
    name: Remark = ""
    expires_at: Annotated[AwareDatetime, Field(ge=_EARLIEST, lt=_LATEST)] | None = None


class ApiKey(Row, table=True):
    __tablename__ = "api_key"

    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    role: Role = Field(sa_type=choice(Role))
    name: str = Field(default="", sa_type=Text)
    prefix: str = Field(sa_type=Text, description="The first characters, by which people tell keys apart.")
    key_hash: str = Field(
        sa_type=Text, unique=True, description="SHA-256 in hex; the key itself is not kept."
    )
    expires_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    last_used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ApiKeyShown(BaseModel):
    id: UUID
    role: Role
    name: str
    prefix: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class ApiKeyIssued(ApiKeyShown):
    key: str | None = Field(description="Shown this once; null when the request is only repeated.")
