"""技术供给: what an institute, an expert or an aid unit can do."""

from typing import Annotated

from pydantic import ConfigDict
from sqlmodel import Field

from schemas.base import Title, choice, structured, without_empty_defaults
from schemas.forms import Money, term
from schemas.posting import AsPosted, PostingFields, PostingRow, PostingShown, posting_indexes
from schemas.vocabulary import CapabilityKind


class CapabilityFields(PostingFields):
    kind: Annotated[CapabilityKind, term(CapabilityKind)] = Field(sa_type=choice(CapabilityKind))
    price: Money | None = Field(
        default=None,
        sa_type=structured(Money),
        description="Whole yuan; words such as 50-100万 or 面议 are read.",
    )


class CapabilityCreate(AsPosted, CapabilityFields):
    publish: bool = Field(
        default=False, description="Publish at once, where the caller may; else hand in for review."
    )


class CapabilityChange(AsPosted, CapabilityFields):
    """Every field may be left out; what is sent replaces what was."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_empty_defaults)  # type: ignore[assignment]

    title: Title = ""
    kind: Annotated[CapabilityKind, term(CapabilityKind)] = CapabilityKind.achievement


class Capability(CapabilityFields, PostingRow, table=True):
    __table_args__ = posting_indexes("capability")


class CapabilityShown(PostingShown, CapabilityFields):
    pass
