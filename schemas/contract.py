"""技术合同: versions that both sides sign, what the registry made of it, and the entries that make up the totals."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import ARRAY, BigInteger, DateTime, Index, Text, UniqueConstraint, text
from sqlmodel import Field as Column

from schemas.account import OrganizationBrief
from schemas.base import CalendarDay, Remark, Row, Shape, choice, structured
from schemas.contract_check import Finding, PrecheckQuery, RefusalGround
from schemas.contract_terms import Commission, ContractContent, ContractType
from schemas.forms import Yuan
from schemas.sealed import sealed
from schemas.vocabulary import Affiliation, Term

RegistrationNumber = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{16}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ContractStatus(Term):
    draft = "draft", "草拟", "Draft"
    signed = "signed", "已签订", "Signed"
    submitted = "submitted", "待登记", "Handed in for registration"
    registered = "registered", "已登记", "Registered"
    refused = "refused", "不予登记", "Registration refused"
    amending = "amending", "变更中", "Being amended"
    fulfilled = "fulfilled", "已履行", "Fulfilled"
    cancelled = "cancelled", "已解除", "Cancelled"


#: Another one may be made from the same introduction once it is in one of these.
ENDED = {ContractStatus.fulfilled, ContractStatus.cancelled}


class VersionKind(Term):
    agreement = "agreement", "合同", "The contract"
    termination = "termination", "解除协议", "An agreement to end it"


class CancelGround(Term):
    by_agreement = "by_agreement", "双方协议解除", "By agreement"
    not_pursued = "not_pursued", "草案作罢", "The draft was given up"
    by_law = "by_law", "法定解除", "Rescinded by law"
    void = "void", "无效或被撤销", "Void or annulled"
    entered_wrongly = "entered_wrongly", "登记错误", "Entered by mistake"


class ContractEntered(Shape):
    """One concluded elsewhere, on paper as a rule. It counts as signed."""

    seeker_id: UUID = Field(description="The buyer.")
    provider_id: UUID = Field(description="The seller.")
    signed_on: CalendarDay
    content: ContractContent


class ContractSign(Shape):
    version: int = Field(ge=1, le=10**6)
    hash: Sha256 = Field(description="As read beside the version: what is signed is what was seen.")
    signer: Remark = Field(default="", description="Who signs for the organisation, and in which office.")


class ContractSubmit(PrecheckQuery):
    """What is handed in beside the text. The day of receipt starts the clock; operators may enter an earlier one."""


class ContractRegister(Shape):
    number: RegistrationNumber
    technology_value: Yuan | None = Field(
        default=None, description="核定的技术交易额, where the registry came to another figure."
    )
    type: ContractType | None = Field(default=None, description="As registered, where it differs.")


class ContractRefuse(Shape):
    ground: RefusalGround
    remark: Remark = ""


class ContractCancel(Shape):
    ground: CancelGround


class Contract(Row, table=True):
    __table_args__ = (
        Index(
            "uq_contract_open_introduction",
            "introduction_id",
            unique=True,
            postgresql_where=text("status NOT IN ('fulfilled', 'cancelled')"),
        ),
        Index("ix_contract_status", "status", "due_on"),
    )

    introduction_id: UUID | None = Column(default=None, foreign_key="introduction.id", index=True)
    seeker_id: UUID = Column(foreign_key="organization.id", index=True, description="The buyer.")
    provider_id: UUID = Column(foreign_key="organization.id", index=True, description="The seller.")
    broker_id: UUID | None = Column(default=None, foreign_key="organization.id", index=True)
    entered_by: UUID = Column(foreign_key="organization.id")
    elsewhere: bool = Column(default=False, description="Concluded on paper, and entered by an operator.")
    status: ContractStatus = Column(sa_type=choice(ContractStatus))
    status_before: ContractStatus | None = Column(
        default=None,
        sa_type=choice(ContractStatus),
        description="Where an amendment that is given up leads back to.",
    )
    type: ContractType = Column(sa_type=choice(ContractType), description="Of the version that counts now.")
    version: int = Column(default=1, description="Of the content that counts now.")
    signed_version: int | None = Column(default=None, description="The newest that both have signed.")
    signed_on: date | None = None
    registered_version: int | None = None
    registration_number: str | None = Column(default=None, sa_type=Text, unique=True)
    registered_on: date | None = None
    rule_version: str | None = Column(
        default=None, sa_type=Text, description="The rules that counted when it was handed in."
    )
    received_on: date | None = None
    due_on: date | None = Column(default=None, description="By when the registry is to decide.")
    due_estimated: bool = False
    findings: list[Finding] | None = Column(default=None, sa_type=structured(list[Finding]))
    refusal: RefusalGround | None = Column(default=None, sa_type=choice(RefusalGround))
    refusal_remark: str = Column(default="", sa_type=sealed(str))
    cancel_ground: CancelGround | None = Column(default=None, sa_type=choice(CancelGround))
    fulfilled_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    cancelled_at: datetime | None = Column(default=None, sa_type=DateTime(timezone=True))
    forgotten_at: datetime | None = Column(
        default=None, sa_type=DateTime(timezone=True), description="Since when its words are gone."
    )


class ContractVersion(Row, table=True):
    """Never changed: whatever changes is another version."""

    __tablename__ = "contract_version"
    __table_args__ = (UniqueConstraint("contract_id", "number"),)

    contract_id: UUID = Column(foreign_key="contract.id", ondelete="CASCADE")
    number: int
    kind: VersionKind = Column(sa_type=choice(VersionKind))
    content: ContractContent = Column(sa_type=sealed(ContractContent))
    hash: str = Column(sa_type=Text)
    written_by: UUID = Column(foreign_key="organization.id")
    written_with: UUID = Column(description="The key of the person who wrote it.")


class ContractSignature(Row, table=True):
    __tablename__ = "contract_signature"
    __table_args__ = (UniqueConstraint("contract_id", "number", "organization_id"),)

    contract_id: UUID = Column(foreign_key="contract.id", ondelete="CASCADE")
    number: int
    organization_id: UUID = Column(foreign_key="organization.id")
    api_key_id: UUID = Column(description="The key of the person who signed.")
    signer: str = Column(default="", sa_type=sealed(str))
    hash: str = Column(sa_type=Text)


class ContractEntry(Row, table=True):
    """What a registration adds to the totals, or, with signs turned, takes back. Only ``reversed_on`` ever changes."""

    __tablename__ = "contract_entry"
    __table_args__ = (
        # One contract counts once.
        Index(
            "uq_contract_entry_counting",
            "contract_id",
            unique=True,
            postgresql_where=text("reverses IS NULL AND reversed_on IS NULL"),
        ),
    )

    contract_id: UUID = Column(foreign_key="contract.id", index=True)
    number: int = Column(description="Of the version that was registered.")
    booked_on: date = Column(index=True, description="The day in whose month and year it counts.")
    contracts: int = Column(description="1, or −1 where it takes back.")
    turnover: int = Column(sa_type=BigInteger)
    technology_value: int = Column(sa_type=BigInteger)
    type: ContractType = Column(sa_type=choice(ContractType))
    rule_version: str = Column(sa_type=Text)
    domains: list[str] = Column(sa_type=ARRAY(Text), description="Boxes of the plan, each once.")
    seeker_affiliation: Affiliation = Column(sa_type=choice(Affiliation))
    provider_affiliation: Affiliation = Column(sa_type=choice(Affiliation))
    reverses: UUID | None = Column(default=None, foreign_key="contract_entry.id", unique=True)
    reversed_on: date | None = None


class SignatureShown(BaseModel):
    organization: OrganizationBrief
    signer: str
    hash: str
    at: datetime


class VersionShown(BaseModel):
    number: int
    kind: VersionKind
    hash: str
    content: ContractContent
    written_by: OrganizationBrief
    created_at: datetime
    counts: bool = Field(description="Whether it is the version that is to be signed, or is in force.")
    signatures: list[SignatureShown]


class ContractShown(BaseModel):
    """Its broker reads all of this but ``content``, ``hash``, ``signed_by``, ``findings`` and ``refusal_remark``."""

    id: UUID
    introduction_id: UUID | None
    seeker: OrganizationBrief
    provider: OrganizationBrief
    broker: OrganizationBrief | None
    elsewhere: bool
    status: ContractStatus
    type: ContractType
    title: str
    version: int
    kind: VersionKind
    turnover: int
    technology_value: int
    commission: Commission | None
    signed_version: int | None
    signed_on: date | None
    registered_version: int | None
    registration_number: str | None
    registered_on: date | None
    rule_version: str | None
    received_on: date | None
    due_on: date | None
    due_estimated: bool
    refusal: RefusalGround | None
    refusal_remark: str
    cancel_ground: CancelGround | None
    created_at: datetime
    fulfilled_at: datetime | None
    cancelled_at: datetime | None
    content: ContractContent | None = Field(
        description="Of the version that counts now. Null for its broker."
    )
    hash: str | None
    signed_by: list[UUID] = Field(description="Organisations that have signed the version that counts now.")
    findings: list[Finding] | None = Field(description="What the pre-check found when it was handed in.")
    may: list[str] = Field(description="What the caller may do now; see docs/workflows.md.")
