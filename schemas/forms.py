"""Parts of a posting that people fill in by hand: each is read from words, numbers or an object.

What was written in words is kept in the posting's ``readings``, so that a person can see how
each field was understood.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from schemas.base import (
    LONGEST_LABEL,
    LONGEST_PASSAGE,
    LONGEST_TITLE,
    CalendarDay,
    Label,
    Link,
    Passage,
    Remark,
    Shape,
    refuse_unstorable,
)
from schemas.reading import (
    Unreadable,
    find_contacts,
    mask_contacts,
    read_bool,
    read_date,
    read_indicator,
    read_list,
    read_maturity,
    read_money,
    read_term,
)
from schemas.reading.writing import LONGEST_FIELD
from schemas.vocabulary import (
    CooperationMode,
    IndicatorOperator,
    IpStatus,
    IpType,
    MaturityScale,
    PricingMethod,
    Term,
)
from schemas.wording import Wording

Yuan = Annotated[int, Field(ge=0, le=10**12)]
Trl = Annotated[int, Field(ge=1, le=9)]
LONGEST_LEVEL = 50


def _told(unreadable: Unreadable) -> PydanticCustomError:
    english = unreadable.en.format(**unreadable.slots)
    told = {"told": english, "zh": unreadable.zh, "en": unreadable.en, "slots": unreadable.slots}
    return PydanticCustomError("unreadable", "Not understood: {told}", told)


def from_words(reader: Callable[[str], Any], longest: int = LONGEST_FIELD) -> BeforeValidator:
    """Let ``reader`` have what was written as text, if it is not too long; anything else is left to the type."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if len(value) > longest:
            raise PydanticKnownError("string_too_long", {"max_length": longest})
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


def _covered(longest: int) -> AfterValidator:
    """All of it is published, so that nothing that reaches a person may stand in it."""
    return AfterValidator(lambda written: mask_contacts(written)[0][:longest])


PublicTitle = Annotated[Remark, _covered(LONGEST_TITLE)]
PublicText = Annotated[Passage, _covered(LONGEST_PASSAGE)]
PublicLabel = Annotated[Label, _covered(LONGEST_LABEL)]


def _refuse_contacts(written: str) -> str:
    if find_contacts(_SITE.sub("", written)):
        raise PydanticCustomError("contact_in_name", "Contains a telephone number, an address or an account")
    return written


#: In a name or an address nothing can be covered.
no_contacts = AfterValidator(_refuse_contacts)
_SITE = re.compile(r"^https?://(?:www[0-9]?\.)?")


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


#: No work is done for less in whole, so that whoever writes 80 means 80 times ten thousand.
LEAST_PLAUSIBLE = 1_000
_UNITS = re.compile(r"[元圆万亿千百]|yuan|rmb|cny|[¥￥kw]", re.IGNORECASE)


def is_doubtful(written: Any, money: MoneyRange | None) -> bool:
    """Whether a sum is so small that its unit was forgotten."""
    highest = money and (money.max if money.max is not None else money.min)
    if not highest or highest >= LEAST_PLAUSIBLE:
        return False
    return not (isinstance(written, str) and _UNITS.search(written))


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


def _public_indicator(written: IndicatorFields) -> IndicatorFields:
    said = {
        name: mask_contacts(getattr(written, name))[0][:LONGEST_TITLE] for name in ("name", "unit", "text")
    }
    return written.model_copy(update=said)


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


class Question(Shape):
    zh: str
    en: str


_UNIT_ASKED = Wording(
    "没有写单位，按元读取；若为万元，请写明单位，如 80万元",
    "No unit was written, and yuan were read; if ten thousands are meant, write 万元",
)
UNIT_ASKED = Question(zh=_UNIT_ASKED.zh, en=_UNIT_ASKED.en)


class Reading(Shape):
    """How a field was understood: what was written, and what it was read as."""

    field: str
    written: Any
    read: Any
    question: Question | None = Field(default=None, description="What is asked back, where it is not sure.")

    @model_serializer(mode="wrap")
    def without_empty_question(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Readings are stored as they are here, and the release before knows of no question.
        told: dict[str, Any] = handler(self)
        return told if self.question is not None else {k: v for k, v in told.items() if k != "question"}


Money = Annotated[MoneyRange, BeforeValidator(_whole_sum), from_words(_money)]
Maturity = Annotated[MaturityRange, from_words(read_maturity)]
Indicator = Annotated[IndicatorFields, from_words(read_indicator)]
#: Published as it is sent, so that nothing is left for a check before publishing.
PublicIndicator = Annotated[Indicator, AfterValidator(_public_indicator)]
Day = Annotated[CalendarDay, from_words(read_date)]
Flag = Annotated[bool, from_words(read_bool)]
Mode = Annotated[CooperationMode, term(CooperationMode)]
several = from_words(read_list, LONGEST_PASSAGE)
