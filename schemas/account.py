"""Organisations and the keys by which they call."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import ARRAY, DateTime, Text
from sqlmodel import Field, SQLModel

from schemas.base import Label, Link, Moment, Name, Remark, Row, Shape, choice, without_empty_defaults
from schemas.forms import PublicText, no_contacts, term
from schemas.reading import CreditCode
from schemas.reading.organization_names import Visible
from schemas.regions import RegionCode
from schemas.vocabulary import Affiliation, AidProvince, OrganizationKind, Role, Scope

OrganizationName = Annotated[Name, Visible]


class OrganizationFields(SQLModel):
    name: OrganizationName = Field(sa_type=Text)
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
    introduction: PublicText = Field(default="", sa_type=Text)


class OrganizationCreate(OrganizationFields):
    model_config = ConfigDict(extra="forbid")  # type: ignore[assignment]

    name: Annotated[OrganizationName, no_contacts] = Field(sa_type=Text)
    website: Annotated[Link, no_contacts] | None = Field(default=None, sa_type=Text)

    @model_validator(mode="after")
    def only_aid_units_have_a_sending_province(self) -> "OrganizationCreate":
        if self.aid_province is not None and self.affiliation is not Affiliation.aid:
            raise PydanticCustomError("aid_province_without_aid", "Only an aid unit has a sending province")
        return self


class OrganizationChange(Shape):
    """Every field may be left out, and only what is sent is read: the defaults here are never used."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_empty_defaults)

    name: Annotated[OrganizationName, no_contacts] = ""
    kind: OrganizationKind = OrganizationKind.other
    affiliation: Affiliation = Affiliation.local
    aid_province: Annotated[AidProvince | None, term(AidProvince)] = None
    region: RegionCode | None = None
    credit_code: CreditCode | None = None
    website: Annotated[Link, no_contacts] | None = None
    introduction: PublicText = ""


class Organization(OrganizationFields, Row, table=True):
    region_path: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    verified_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    illustration: bool = Field(default=False, description="Part of the demonstration data.")
    suspended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    suspended_for: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    merged_into: UUID | None = Field(
        default=None, foreign_key="organization.id", description="Which one stands for it now."
    )
    version: int = 1


class OrganizationShown(OrganizationFields):
    id: UUID
    verified: bool
    illustration: bool
    suspended_at: datetime | None = Field(description="Since when none of its keys works.")
    merged_into: UUID | None = Field(description="The organisation that stands for it now.")
    created_at: datetime


class OrganizationSuspend(Shape):
    reason: Annotated[Remark, Field(min_length=1)] = Field(description="For operators.")


class OrganizationMerge(Shape):
    into_id: UUID = Field(description="The organisation that gets everything, and stays.")


class OrganizationBrief(BaseModel):
    """As it stands beside a posting."""

    id: UUID
    name: str
    kind: OrganizationKind
    affiliation: Affiliation
    aid_province: AidProvince | None = None
    region: str | None = None
    verified: bool
    illustration: bool = Field(default=False, description="Part of the demonstration data, and invented.")


KEY_LASTS = timedelta(days=365)


def _a_network(written: str) -> str:
    try:
        return str(ip_network(written.strip(), strict=False))
    except ValueError as error:
        raise PydanticCustomError("network", "Write an address or a network: 10.2.0.0/16") from error


Network = Annotated[Label, AfterValidator(_a_network)]


class ApiKeyCreate(Shape):
    role: Role
    name: Remark = ""
    expires_at: Moment | None = Field(
        default=None, description="A year from now where it is left out; null for a key without an end."
    )
    scopes: list[Scope] | None = Field(
        default=None,
        min_length=1,
        max_length=len(Scope),
        description="What it is for. Without them it may do all that its role may, within what the key may "
        "that makes it. With them it does not sign in at the portal.",
    )
    networks: list[Network] = Field(
        default_factory=list,
        max_length=20,
        description="From where it may be used, as 10.2.0.0/16 or an address; empty: from where the key may "
        "that makes it.",
    )

    @property
    def ends_at(self) -> datetime | None:
        """What was said, a null too; else in a year."""
        return self.expires_at if "expires_at" in self.model_fields_set else datetime.now(UTC) + KEY_LASTS


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
    made_by: UUID | None = Field(
        default=None,
        foreign_key="api_key.id",
        index=True,
        ondelete="SET NULL",
        description="The key that issued it; none: the service itself, or whoever has the machine.",
    )
    scopes: list[str] | None = Field(default=None, sa_type=ARRAY(Text), description="None: all.")
    networks: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    for_sign_in: bool = Field(
        default=False, description="Of somebody whom the provider signed in. Nobody holds its text."
    )


class ApiKeyShown(BaseModel):
    id: UUID
    role: Role
    name: str
    prefix: str
    scopes: list[Scope] | None = Field(description="What it is limited to; null: to nothing but its role.")
    networks: list[str] = Field(description="From where it may be used; empty: from anywhere.")
    made_by: UUID | None = Field(description="The key that issued it, if one did.")
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class ApiKeyIssued(ApiKeyShown):
    key: str | None = Field(description="Shown this once; null when the request is only repeated.")
