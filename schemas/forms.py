"""Parts of a posting that people fill in by hand: each is read from words, numbers or an object.

What was written in words is kept in the posting's ``readings``, so that a person can see how
each field was understood.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import Label, Link, Remark, Shape, refuse_control_characters
from schemas.reading import (
    Unreadable,
    read_bool,
    read_date,
    read_indicator,
    read_list,
    read_maturity,
    read_money,
    read_term,
)
from schemas.vocabulary import (
    CooperationMode,
    IndicatorOperator,
    IpStatus,
    IpType,
    MaturityScale,
    PricingMethod,
    Term,
)

Yuan = Annotated[int, Field(ge=0, le=10**12)]
Trl = Annotated[int, Field(ge=1, le=9)]
LONGEST_LEVEL = 50


def _told(unreadable: Unreadable) -> PydanticCustomError:
    english = unreadable.en.format(**unreadable.slots)
    told = {"told": english, "zh": unreadable.zh, "en": unreadable.en, "slots": unreadable.slots}
    return PydanticCustomError("unreadable", "Not understood: {told}", told)


def refuse_unstorable(written: str) -> None:
    """Control characters, and halves of characters, which neither the database nor a reply can hold."""
    refuse_control_characters(written)
    if any("\ud800" <= character <= "\udfff" for character in written):
        raise PydanticCustomError("string_unicode", "Contains an invalid Unicode character")


def from_words(reader: Callable[[str], Any]) -> BeforeValidator:
    """Let ``reader`` have what was written as text; anything else is left to the type."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        # The words are kept as they were written, so they must be fit to be stored, however they are read.
        refuse_unstorable(value)
        try:
            return reader(value)
        except Unreadable as unreadable:
            raise _told(unreadable) from unreadable

    return BeforeValidator(read)


def term(vocabulary: type[Term]) -> BeforeValidator:
    """A key of the vocabulary, or the label or a usual synonym of it."""
    return from_words(lambda written: read_term(vocabulary, written) or written)


class MoneyRange(Shape):
    """A sum or a range in whole yuan; both ends are empty when it is to be discussed."""

    min: Yuan | None = None
    max: Yuan | None = None
    method: Annotated[PricingMethod | None, term(PricingMethod)] = None

    @model_validator(mode="after")
    def ends_in_order(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise PydanticCustomError("range_reversed", "The lower end is above the upper end")
        return self


def _money(written: str) -> dict[str, Any]:
    low, high, method = read_money(written)
    return {"min": low, "max": high, "method": method}


def _whole_sum(value: Any) -> Any:
    """Take a bare number for the whole sum."""
    if isinstance(value, int) and not isinstance(value, bool):
        return {"min": value, "max": value}
    return value


def _level(value: Any) -> Any:
    """Checked before the types are tried, so that what is told names the field and no type."""
    if isinstance(value, str):
        refuse_unstorable(value)
    if not isinstance(value, str | int) or isinstance(value, bool) or len(str(value)) > LONGEST_LEVEL:
        raise PydanticCustomError("level", "Give a stage, a level, or a span of levels such as 5-7")
    return value


class MaturityRange(Shape):
    """How far a technology has come, on the scale that was used, and as a range of TRL 1 to 9."""

    scale: MaturityScale
    value: Annotated[str | int, BeforeValidator(_level)]
    trl_min: Trl | None = None
    trl_max: Trl | None = None

    @model_validator(mode="after")
    def mapped_to_trl(self) -> Self:
        if self.trl_min is None or self.trl_max is None:
            try:
                read = read_maturity(str(self.value), scale=self.scale)
            except Unreadable as unreadable:
                raise _told(unreadable) from unreadable
            self.trl_min, self.trl_max = read["trl_min"], read["trl_max"]
        if self.trl_min > self.trl_max:
            raise PydanticCustomError("range_reversed", "The lower end is above the upper end")
        return self


class IndicatorFields(Shape):
    """One wanted or reached figure; ``text`` holds it as written when it is no plain comparison."""

    name: Remark = ""
    operator: Annotated[IndicatorOperator, term(IndicatorOperator)] = IndicatorOperator.text
    value: float | None = Field(default=None, allow_inf_nan=False)
    value_max: float | None = Field(default=None, allow_inf_nan=False)
    unit: Remark = ""
    text: Remark = ""


class IntellectualProperty(Shape):
    type: Annotated[IpType, term(IpType)]
    status: Annotated[IpStatus | None, term(IpStatus)] = None
    number: Remark = ""
    owners: list[Label] = Field(default_factory=list, max_length=20)


class Contact(Shape):
    """How to reach a person. Shown to nobody but the owner before an introduction is accepted."""

    name: Remark = ""
    phone: Remark = ""
    email: Remark = ""
    note: Remark = ""


class Attachment(Shape):
    title: Remark = ""
    url: Link


class Reading(Shape):
    """How a field was understood: what was written, and what it was read as."""

    field: str
    written: Any
    read: Any


Money = Annotated[MoneyRange, BeforeValidator(_whole_sum), from_words(_money)]
Maturity = Annotated[MaturityRange, from_words(read_maturity)]
Indicator = Annotated[IndicatorFields, from_words(read_indicator)]
Day = Annotated[date, from_words(read_date)]
Flag = Annotated[bool, from_words(read_bool)]
Mode = Annotated[CooperationMode, term(CooperationMode)]
several = from_words(read_list)
