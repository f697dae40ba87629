"""What a plan wants reached by when, and what was counted. Operators edit both: plans end, and others begin."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, FiniteFloat, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.base import Label, Name, Passage, Remark, Row, Shape, choice, without_empty_defaults
from schemas.contract_totals import CountedYear
from schemas.vocabulary import Measured

LAST_YEAR = 2100
Year = Annotated[int, Field(ge=2000, le=LAST_YEAR)]
Figure = Annotated[FiniteFloat, Field(ge=0, le=1e15)]
TargetKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class TargetFields(SQLModel):
    plan: Label = Field(sa_type=Text, description="The plan that sets it, by a short name.")
    key: TargetKey = Field(sa_type=Text, description="Stable, and unique within the plan.")
    name: Name = Field(sa_type=Text)
    unit: Label = Field(sa_type=Text, description="As the plan prints it.")
    at_least: Figure = Field(description="What is to be reached.")
    at_most: Figure | None = Field(default=None, description="The upper end, where the plan gives a range.")
    first_year: Year = Field(description="The first year that counts towards it.")
    due_year: Year = Field(description="The year by whose end it is to be reached.")
    baseline: Figure | None = None
    baseline_year: Year | None = None
    accumulates: bool = Field(
        default=False, description="Years may be added up, as sums of money may and shares may not."
    )
    place: Remark = Field(default="", sa_type=Text, description="Chapter, section and page of the plan.")
    quote: Remark = Field(default="", sa_type=Text, description="The plan's own words.")
    measured: Measured = Field(
        default=Measured.no, sa_type=choice(Measured), description="Whether this service can count it."
    )
    measured_how: Passage = Field(default="", sa_type=Text)
    ambiguity: Passage = Field(
        default="", sa_type=Text, description="What the plan leaves open, to be printed."
    )


class TargetCreate(TargetFields):
    model_config = ConfigDict(extra="forbid")  # type: ignore[assignment]

    @model_validator(mode="after")
    def in_order(self) -> "TargetCreate":
        if self.at_most is not None and self.at_most < self.at_least:
            raise PydanticCustomError("range_reversed", "The lower end is above the upper end")
        if self.due_year < self.first_year:
            raise PydanticCustomError("range_reversed", "The lower end is above the upper end")
        return self


class TargetChange(Shape):
    """Every field may be left out, and only what is sent is read: the defaults here are never used."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_empty_defaults)

    name: Name = ""
    unit: Label = ""
    at_least: Figure = 0
    at_most: Figure | None = None
    first_year: Year = 2000
    due_year: Year = 2100
    baseline: Figure | None = None
    baseline_year: Year | None = None
    accumulates: bool = False
    place: Remark = ""
    quote: Remark = ""
    measured: Measured = Measured.no
    measured_how: Passage = ""
    ambiguity: Passage = ""


class Target(TargetFields, Row, table=True):
    __table_args__ = (UniqueConstraint("plan", "key"),)

    version: int = 1


class TargetValueSet(Shape):
    value: Figure
    source: Remark = Field(
        default="", description="Where the figure is from, such as a statistical bulletin."
    )


class TargetValue(SQLModel, table=True):
    """What was counted in one year, entered by an operator."""

    __tablename__ = "target_value"

    target_id: UUID = Field(foreign_key="target.id", primary_key=True, ondelete="CASCADE")
    year: int = Field(primary_key=True)
    value: float
    source: str = Field(default="", sa_type=Text)


class YearFigure(BaseModel):
    """One year, and all years from the first to it."""

    year: int
    value: float | None = Field(description="Null: nobody has entered it yet.")
    cumulative: float | None = Field(description="Null where years cannot be added up, or one of them lacks.")
    source: str


class TargetShown(TargetFields):
    id: UUID
    created_at: datetime
    version: int
    years: list[YearFigure] = Field(
        description="From the first year to the due one, or to the last with a figure."
    )
    latest: YearFigure | None = Field(description="The last year with a figure.")
    counted: list[CountedYear] | None = Field(
        default=None,
        description="What registered contracts come to, in yuan, counted by this service itself from the target's "
        "first year to its due one or this one; never mixed with what operators enter. Null where it counts "
        "nothing of the kind.",
    )
