"""What another site may show of this one, and how often it did."""

import re
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel
from pydantic_core import PydanticCustomError
from sqlalchemy import ARRAY, Date, DateTime, Text
from sqlmodel import Field, SQLModel

from schemas.base import Label, Name, Plain, Row, Shape
from schemas.domains import DomainKey
from schemas.vocabulary import Side

EmbedElement = Literal["matches", "search", "latest"]

_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?")


def _an_origin(written: str) -> str:
    if not _ORIGIN.fullmatch(written):
        raise PydanticCustomError(
            "origin", "Write scheme, host and, if it is another than usual, port: https://portal.example.cn"
        )
    return written


Origin = Annotated[str, AfterValidator(_an_origin)]


class EmbedCreate(Shape):
    name: Name
    origins: list[Origin] = Field(
        min_length=1, max_length=20, description="The sites that may show it, as browsers name them."
    )
    elements: list[EmbedElement] = Field(min_length=1, max_length=3, description="What they may show.")
    own_only: bool = Field(
        default=False,
        description="Latest postings, and postings whose matches are shown, of the own organisation only. "
        "Not together with `search`.",
    )
    domains: list[DomainKey] = Field(
        default_factory=list, max_length=10, description="Show nothing of other domains; empty means all."
    )
    limit: int = Field(default=10, ge=1, le=20, description="Most items at a time.")
    requests_a_minute: int = Field(default=120, ge=1, le=6000)


class Embed(Row, table=True):
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    name: str = Field(sa_type=Text)
    site_key: str = Field(
        sa_type=Text, unique=True, description="Stands in pages for all to read: it opens nothing by itself."
    )
    origins: list[str] = Field(sa_type=ARRAY(Text))
    elements: list[str] = Field(sa_type=ARRAY(Text))
    own_only: bool = False
    domains: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    limit: int = 10
    requests_a_minute: int = 120
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class EmbedUse(SQLModel, table=True):
    """How often a day an embed was asked."""

    __tablename__ = "embed_use"

    embed_id: UUID = Field(foreign_key="embed.id", primary_key=True, ondelete="CASCADE")
    day: date = Field(sa_type=Date, primary_key=True)
    requests: int = 0


class EmbedShown(EmbedCreate):
    id: UUID
    site_key: str
    created_at: datetime
    revoked_at: datetime | None
    uses: dict[date, int] = Field(description="Requests by day, of the last 30 days.")


class Widget(BaseModel):
    """Where the widget is, and what it must hash to."""

    version: str
    src: str = Field(description="This version for good; `/widget.js` is always the newest.")
    integrity: str = Field(description="For the `integrity` of a script element.")


class EmbeddedQuery(Shape):
    """What a page asks for. The embed's own settings go before it."""

    key: Label = Field(description="The site key.")
    need: UUID | None = Field(default=None, description="Whose matches, for `matches`.")
    capability: UUID | None = None
    q: Plain = Field(default="", description="What is looked for, for `search`.")
    side: Side = Field(default=Side.capabilities, description="What is shown, for `search` and `latest`.")
    domain: DomainKey | None = None
    limit: int = Field(default=5, ge=1, le=20)
    lang: Literal["zh", "ug", "ru", "en"] | None = None


class EmbeddedItem(BaseModel):
    title: str
    href: str = Field(description="The posting's page, on this site.")
    organization: str
    illustration: bool = Field(default=False, description="Part of the demonstration data, and invented.")
    about: list[str] = Field(description="What kind it is, and of which domains.")
    score: float | None = None
    summary: str | None = None


class EmbeddedList(BaseModel):
    status: Literal["ready", "nothing_good", "indexing"]
    note: str | None = None
    items: list[EmbeddedItem]
