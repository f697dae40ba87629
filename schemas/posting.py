"""What a need and a capability have in common: as posted, as stored, as shown."""

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, PrivateAttr, ValidatorFunctionWrapHandler, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import ARRAY, Date, DateTime, Dialect, Index, Text, text
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

from schemas.account import OrganizationBrief
from schemas.base import (
    LONGEST_PASSAGE,
    LONGEST_TITLE,
    Label,
    Passage,
    Row,
    Shape,
    Title,
    choice,
    structured,
)
from schemas.domains import DomainKey, read_domains
from schemas.forms import (
    UNIT_ASKED,
    Attachment,
    Contact,
    Day,
    Flag,
    Indicator,
    IndicatorFields,
    IntellectualProperty,
    Maturity,
    Mode,
    Reading,
    from_words,
    is_doubtful,
    several,
    term,
)
from schemas.leak import FieldText, Leak, LeakKind, LeakShown, kind_of_contact
from schemas.reading import NUMBERS_OF_A_PERSON, find_contacts, masked
from schemas.regions import RegionCode
from schemas.sealed import sealed
from schemas.vocabulary import Confidentiality, CooperationMode, PostingStatus, Visibility


class IndexStatus(StrEnum):
    pending = "pending"
    indexed = "indexed"
    failed = "failed"


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's ``xid8``: the 64-bit id of the transaction that last wrote a row."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], int | None]:  # noqa: ARG002
        return lambda value: None if value is None else int(value)


class PostingFields(SQLModel):
    title: Title = Field(sa_type=Text)
    description: Passage = Field(default="", sa_type=Text, description="At most 20,000 characters.")
    keywords: Annotated[list[Label], several] = Field(
        default_factory=list, max_length=20, sa_type=ARRAY(Text)
    )
    domains: Annotated[list[DomainKey], from_words(read_domains, LONGEST_PASSAGE)] = Field(
        default_factory=list,
        max_length=10,
        sa_type=ARRAY(Text),
        description="Domains or items of the plan's boxes.",
    )
    cooperation_modes: Annotated[list[Mode], several] = Field(
        default_factory=list, max_length=18, sa_type=ARRAY(choice(CooperationMode))
    )
    indicators: Annotated[list[Indicator], several] = Field(
        default_factory=list, max_length=50, sa_type=structured(list[Indicator])
    )
    maturity: Maturity | None = Field(
        default=None,
        sa_type=structured(Maturity),
        description="A stage, a TRL or a level of the 13-level scale.",
    )
    ip: list[IntellectualProperty] = Field(
        default_factory=list, max_length=50, sa_type=structured(list[IntellectualProperty])
    )
    region: RegionCode | None = Field(default=None, sa_type=Text)
    partner_wish: Passage = Field(default="", sa_type=Text, description="What is wished of the other side.")
    publicly_funded: Flag | None = None
    attachments: list[Attachment] = Field(
        default_factory=list, max_length=20, sa_type=structured(list[Attachment])
    )
    visibility: Annotated[Visibility, term(Visibility)] = Field(
        default=Visibility.public, sa_type=choice(Visibility)
    )
    confidentiality: Annotated[Confidentiality, term(Confidentiality)] = Field(
        default=Confidentiality.open, sa_type=choice(Confidentiality)
    )
    external_id: Label | None = Field(
        default=None, sa_type=Text, description="The poster's own id; posting it again updates."
    )
    valid_until: Day | None = Field(
        default=None, sa_type=Date, description="The last day on which it is matched."
    )


class PostingRow(Row):
    """What a stored posting has beside its fields."""

    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    contacts: list[Contact] = Field(default_factory=list, sa_type=sealed(list[Contact]))
    readings: list[Reading] = Field(default_factory=list, sa_type=sealed(list[Reading]))
    confidential_detail: str | None = Field(default=None, sa_type=sealed(str))
    status: PostingStatus = Field(default=PostingStatus.draft, sa_type=choice(PostingStatus), index=True)
    status_reason: str = Field(default="", sa_type=Text)
    leaks: list[Leak] = Field(
        default_factory=list,
        sa_type=structured(list[Leak]),
        description="What the check before publishing found. Places and kinds alone, no words.",
    )
    domain_path: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    region_path: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    completeness: float | None = Field(
        default=None, description="Share of what a complete posting says, 0 to 1; known once it was written."
    )
    text_hash: str = Field(default="", sa_type=Text, description="Of the words that are embedded.")
    index_status: IndexStatus = Field(default=IndexStatus.pending, sa_type=choice(IndexStatus))
    index_error: str = Field(default="", sa_type=Text)
    published_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    deleted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    forgotten_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), description="Since when its contacts are gone."
    )
    version: int = 1
    # Written by a trigger. Indexes follow the tables by it; see docs/decisions/0005.
    changed_xid: int | None = Field(default=None, sa_type=TransactionId)


def posting_indexes(table: str) -> tuple[Index, ...]:
    return (
        Index(
            f"uq_{table}_external_id",
            "organization_id",
            "external_id",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(f"ix_{table}_domain_path", "domain_path", postgresql_using="gin"),
        Index(f"ix_{table}_region_path", "region_path", postgresql_using="gin"),
        Index(f"ix_{table}_changed_xid", "changed_xid"),
    )


# With how long each may be.
_TEXTS = {
    "title": LONGEST_TITLE,
    "description": LONGEST_PASSAGE,
    "wanted_result": LONGEST_PASSAGE,
    "partner_wish": LONGEST_PASSAGE,
}


# Of these no reading is kept: they are not read from words, or are not for everybody who sees readings.
_SUMS = {"budget", "price"}
_UNTOLD = {"contacts", "attachments", "external_id", "confidential_detail"}


class AsPosted(PostingFields):
    """A body as a person or a program sends it. Words are read, contacts are taken out of the texts."""

    model_config = ConfigDict(extra="forbid")  # type: ignore[assignment]

    contacts: list[Contact] = Field(
        default_factory=list,
        max_length=10,
        description="Shown to nobody else before an introduction is accepted.",
    )
    confidential_detail: Passage | None = Field(
        default=None,
        description="What only a partner may read: opened by an introduction, after the NDA where one was asked for. "
        "Neither searched nor matched; operators do not read it.",
    )
    _readings: list[Reading] = PrivateAttr(default_factory=list)
    _taken_out: list[Leak] = PrivateAttr(default_factory=list)

    @property
    def taken_out(self) -> list[Leak]:
        """Where in the words as they were sent something stood that was taken out of them."""
        return self._taken_out

    @property
    def readings(self) -> list[Reading]:
        return self._readings

    @model_validator(mode="wrap")
    @classmethod
    def keep_what_was_written(cls, data: Any, handler: ValidatorFunctionWrapHandler) -> Self:
        posted: Self = handler(data)
        posted.refuse_classified()
        # Inside another model, SQLModel's own __init__ brings us here twice for one body.
        if isinstance(data, dict) and not posted._readings:
            posted._readings = [*posted.take_out_contacts(), *posted.words_read(data)]
            posted.ask_about_sums(data)
        return posted

    def refuse_classified(self) -> None:
        if self.confidentiality is Confidentiality.classified:
            raise PydanticCustomError(
                "classified_refused", "Classified matter must not be put on this network"
            )

    def take_out_contacts(self) -> list[Reading]:
        """Mask phone numbers and the like in the texts, and keep as contacts what reaches somebody."""
        readings = []
        for name, longest in _TEXTS.items():
            written = getattr(self, name, "")
            found = find_contacts(written)
            if not found:
                continue
            # The mask may be longer than what it covers.
            text = masked(written, found)[:longest]
            setattr(self, name, text)
            readings.append(Reading(field=name, written=written, read=text))
            known = {contact.phone for contact in self.contacts} | {
                contact.email for contact in self.contacts
            }
            for place in found:
                kind = kind_of_contact(place.kind)
                self._taken_out.append(
                    Leak(field=name, start=place.start, end=place.end, kind=kind, taken_out=True)
                )
                if place.kind not in NUMBERS_OF_A_PERSON and place.text not in known:
                    self.contacts.append(_contact(kind, place.text))
        return readings

    def ask_about_sums(self, data: dict[str, Any]) -> None:
        """80 without a unit is hardly 80 yuan: what was read is kept, and asked about."""
        for name in _SUMS & type(self).model_fields.keys():
            money = getattr(self, name)
            if is_doubtful(data.get(name), money):
                read = money.model_dump(mode="json")
                others = [one for one in self._readings if one.field != name]
                asked = Reading(field=name, written=data[name], read=read, question=UNIT_ASKED)
                self._readings = [*others, asked]

    def without_doubtful_sums(self) -> list[Reading]:
        """Leave out what would have to be asked about, where nobody is there to be asked. Returns what was asked."""
        asked = [one for one in self._readings if one.question is not None]
        for one in asked:
            setattr(self, one.field, None)
            self.model_fields_set.discard(one.field)
        self._readings = [one for one in self._readings if one.question is None]
        return asked

    def words_read(self, data: dict[str, Any]) -> list[Reading]:
        """Which fields were written otherwise than they are kept, texts apart."""
        kept = self.model_dump(mode="json", exclude={*_TEXTS, *_UNTOLD})
        return [
            Reading(field=name, written=data[name], read=read)
            for name, read in kept.items()
            if name in data and data[name] is not None and _differs(data[name], read)
        ]


def _contact(kind: LeakKind, written: str) -> Contact:
    if kind is LeakKind.website:
        return Contact(note=written[:200])
    return Contact(email=written[:200]) if kind is LeakKind.email else Contact(phone=written[:200])


def _differs(written: Any, read: Any) -> bool:
    """Whether words were read; an object that only gained its defaults was not."""
    if isinstance(written, str):
        return written.strip() != str(read)
    if isinstance(written, dict) and isinstance(read, dict):
        return any(_differs(one, read[name]) for name, one in written.items() if name in read)
    if isinstance(written, list) and isinstance(read, list):
        return any(_differs(one, other) for one, other in zip(written, read, strict=False))
    return False


def texts_of(posting: PostingFields) -> list[FieldText]:
    """Every text of a posting that its readers see and a person wrote, with the place of its field."""
    texts = [FieldText(name, getattr(posting, name, "")) for name in _TEXTS]
    texts.append(FieldText("external_id", posting.external_id or ""))
    texts += [FieldText(f"keywords/{place}", one) for place, one in enumerate(posting.keywords)]
    for place, attachment in enumerate(posting.attachments):
        texts.append(FieldText(f"attachments/{place}/title", attachment.title))
        texts.append(FieldText(f"attachments/{place}/url", attachment.url))
    for place, indicator in enumerate(posting.indicators):
        texts.append(FieldText(f"indicators/{place}/name", indicator.name))
        texts.append(FieldText(f"indicators/{place}/text", indicator.text))
        texts += [FieldText(f"indicators/{place}/{name}", said) for name, said in _figures(indicator)]
    for place, right in enumerate(posting.ip):
        texts.append(FieldText(f"ip/{place}/number", right.number))
        texts += [FieldText(f"ip/{place}/owners/{n}", owner) for n, owner in enumerate(right.owners)]
    return [text for text in texts if text.text]


def _figures(indicator: IndicatorFields) -> Iterator[tuple[str, str]]:
    """With what they are of and their unit beside them: by these a figure is told from a number to call."""
    for name, figure in (("value", indicator.value), ("value_max", indicator.value_max)):
        if figure is not None:
            yield (
                name,
                f"{indicator.name}{figure:.0f}{indicator.unit}" if figure.is_integer() else f"{figure}",
            )
    yield "unit", indicator.unit


class PostingShown(PostingFields):
    """A posting as its reader sees it. What the reader may not see is null: contacts, readings and the like."""

    id: UUID
    organization: OrganizationBrief
    status: PostingStatus
    status_reason: str
    index_status: IndexStatus
    index_error: str
    contacts: list[Contact] | None = None
    readings: list[Reading] | None = None
    confidential_detail: str | None = None
    leaks: list[LeakShown] | None = Field(
        default=None, description="What the check before publishing found, by place."
    )
    version: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


class Rejection(Shape):
    reason: Annotated[Passage, Field(min_length=1)]
