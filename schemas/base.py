"""What every shape shares: row identity, column types, text rules, pages."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, TypeAdapter
from pydantic import Field as Within
from pydantic_core import PydanticCustomError
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

Item = TypeVar("Item")

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# Line breaks and tabs are how people lay out a form; everything else below U+0020 is damage.
_CONTROL = {chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))} - {"\n", "\r", "\t"}


def now() -> datetime:
    return datetime.now(UTC)


def refuse_unstorable(text: str) -> str:
    """Control characters, and halves of characters, which neither the database nor a reply can hold."""
    for position, character in enumerate(text):
        if character in _CONTROL:
            raise PydanticCustomError(
                "control_character",
                "Contains the control character U+{code} at position {position}",
                {"code": f"{ord(character):04X}", "position": position},
            )
        if "\ud800" <= character <= "\udfff":
            raise PydanticCustomError("string_unicode", "Contains an invalid Unicode character")
    return text


# They turn the text around them: a reader sees another address than the one that opens.
_TURNING = {"\u061c", "\u200e", "\u200f", *map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))}


def _refuse_turning_characters(link: str) -> str:
    for position, character in enumerate(link):
        if character in _TURNING:
            raise PydanticCustomError(
                "turning_character",
                "Contains the character U+{code} at position {position}, which changes the direction of writing",
                {"code": f"{ord(character):04X}", "position": position},
            )
    return link


def _text(longest: int, shortest: int = 0) -> Any:
    return Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest),
        AfterValidator(refuse_unstorable),
    ]


LONGEST_LABEL, LONGEST_TITLE, LONGEST_PASSAGE = 100, 200, 20_000

Title = _text(LONGEST_TITLE, 1)
Name = _text(200, 1)
Label = _text(LONGEST_LABEL, 1)
Remark = _text(200)
Passage = _text(LONGEST_PASSAGE)
#: What a program names: a key, a token, an address of a page.
Plain = _text(2_000)
Link = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r'^https?://[^\s<>"]+$'),
    AfterValidator(refuse_unstorable),
    AfterValidator(_refuse_turning_characters),
]
# Days that people mean; whatever is counted on from one of them is a day that can be written, too.
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
CalendarDay = Annotated[date, Within(ge=date(_FIRST_YEAR, 1, 1), le=date(_LAST_YEAR, 12, 31))]
Moment = Annotated[
    AwareDatetime,
    Within(ge=datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), lt=datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC)),
    AfterValidator(lambda moment: moment.astimezone(UTC)),
]


class Shape(BaseModel):
    """A part of a posting, or a request, that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


class Row(SQLModel):
    """Identity and times of a stored row. Ids are UUIDv7, so that id order is time order."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))


class Choice(TypeDecorator[StrEnum]):
    """A ``StrEnum`` stored as its value, in a text column.

    SQLAlchemy's own enum stores member *names* in a PostgreSQL type whose labels cannot be dropped.
    """

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        return None if value is None else self.kind(value)


class Structured(TypeDecorator[Any]):
    """Anything pydantic can describe, stored as JSONB and read back as what it was."""

    impl = JSONB
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self.adapter = TypeAdapter(kind)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(JSONB(none_as_null=True))

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else self.adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else self.adapter.validate_python(value)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return JSONB().coerce_compared_value(op, value)


def choice(kind: type[StrEnum]) -> Any:
    return Choice(kind)


def structured(kind: Any) -> Any:
    return Structured(kind)


class Page(BaseModel, Generic[Item]):
    """One keyset page, newest first."""

    items: list[Item]
    next_cursor: str | None = None
    facets: dict[str, dict[str, int]] | None = Field(
        default=None,
        description="Counts per filter value, each under all other filters. Only when asked for.",
    )


def without_empty_defaults(schema: dict[str, Any]) -> None:
    """For bodies whose fields may all be left out: what stands for "not sent" is no value that may be sent."""
    for described in schema["properties"].values():
        if described.get("default") == "" and described.get("minLength"):
            del described["default"]
