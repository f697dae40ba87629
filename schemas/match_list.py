"""A list of matches as it was shown, and what the nightly look over all needs found."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ARRAY, BigInteger, DateTime, Float, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from schemas.base import Row, choice, now, structured
from schemas.cursors import read_cursor, write_cursor
from schemas.vocabulary import Affiliation, Role, Side


class Reranked(StrEnum):
    """Whether the reranker read the first places of a list; ``part``: its time ran out."""

    off = "off"
    whole = "whole"
    part = "part"


class ListPlace(NamedTuple):
    """A place in a list, from which on a page is read. As a cursor it is opaque to clients."""

    list_id: UUID
    start: int

    @classmethod
    def read(cls, cursor: str) -> Self:
        """Raises ``PydanticCustomError``."""
        raw = read_cursor("match_list", cursor)
        return cls(UUID(bytes=raw[:16]), int.from_bytes(raw[16:], "big"))

    @property
    def cursor(self) -> str:
        return write_cursor("match_list", self.list_id.bytes + self.start.to_bytes(2, "big"))


class ListedMatch(BaseModel):
    """One place of a list: a posting, and the postings like it by the same organisation that it stands for."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    organization_id: UUID
    affiliation: Affiliation | None
    score: float
    for_need: float
    for_capability: float | None = None
    known: float
    signals: dict[str, float | None]
    policy: float = 0
    alike: tuple[UUID, ...] = ()


class MatchList(Row, table=True):
    """A shown list: what was asked, under which model, weights and index state, and what came out.

    Later pages are read from it, so that they neither repeat nor skip; ``duijie replay`` computes it
    again; exposure is counted on it; learning will start from it.
    """

    __tablename__ = "match_list"
    __table_args__ = (Index("ix_match_list_created_at", "created_at"),)

    organization_id: UUID = Field(foreign_key="organization.id", index=True, description="Who asked.")
    role: Role | None = Field(
        default=None,
        sa_type=choice(Role),
        description="With which role; none for lists of before that was kept.",
    )
    looking_for: Side = Field(sa_type=choice(Side))
    subject_id: UUID | None = Field(
        default=None, index=True, description="The posting; none for a free text."
    )
    text: str | None = Field(default=None, sa_type=Text, description="The free text, contacts taken out.")
    asked: dict[str, Any] = Field(sa_type=JSONB, description="Limit, caps and weights, as asked.")
    filters: dict[str, list[str]] = Field(sa_type=JSONB, description="As searched with, readers included.")
    model: str = Field(sa_type=Text, description="Which encoder.")
    scoring: str = Field(sa_type=Text, description="Which version of the score.")
    weights: dict[str, float] = Field(sa_type=JSONB, description="As applied.")
    index_state: int = Field(
        sa_type=BigInteger, description="Every transaction before this one was in the index."
    )
    threshold: float
    nearest_miss: float | None = None
    reranked: Reranked = Field(default=Reranked.off, sa_type=choice(Reranked))
    items: list[ListedMatch] = Field(sa_type=structured(list[ListedMatch]), description="Best first.")
    shown: int = Field(default=0, description="How many of them, from the first, were shown so far.")


class NeedOutlook(SQLModel, table=True):
    """What the latest look over all published needs found for one."""

    __tablename__ = "need_outlook"

    need_id: UUID = Field(foreign_key="need.id", primary_key=True, ondelete="CASCADE")
    looked_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))
    best_score: float | None = Field(description="None where there is nothing at all.")
    best: list[UUID] = Field(sa_type=ARRAY(Uuid), description="The first ten, best first.")
    scores: list[float] = Field(
        default_factory=list,
        sa_type=ARRAY(Float),
        sa_column_kwargs={"server_default": text("'{}'")},
        description="Theirs; none where the look was before scores were kept.",
    )
