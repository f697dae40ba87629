"""技术供给: what an institute, an expert or an aid unit can do."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict
from sqlalchemy import Date, text
from sqlmodel import Field

from schemas.base import Title, choice, structured, without_empty_defaults
from schemas.forms import Day, Money, term
from schemas.posting import AsPosted, PostingFields, PostingRow, PostingShown, posting_indexes
from schemas.vocabulary import CapabilityKind


class CapabilityFields(PostingFields):
    kind: Annotated[CapabilityKind, term(CapabilityKind)] = Field(sa_type=choice(CapabilityKind))
    price: Money | None = Field(
        default=None,
        sa_type=structured(Money),
        description="Whole yuan; words such as 50-100万 or 面议 are read.",
    )
    transfer_by: Day | None = Field(
        default=None,
        sa_type=Date,
        description="成果限时转化: the day by which a publicly funded result is to be transferred.",
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

    transfer_due: date | None = Field(default=None, sa_type=Date, index=True)
    transfer_assumed: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class CapabilityShown(PostingShown, CapabilityFields):
    transfer_due: date | None = Field(
        description="Of publicly funded ones: `transfer_by`, or, for achievements and patents, a day after publication."
    )
    transfer_assumed: bool = Field(description="`transfer_due` was counted from the publication.")
