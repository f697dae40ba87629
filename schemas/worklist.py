"""What waits for a broker, with the value that may be expected of it, factor by factor."""

import struct
from datetime import UTC, datetime
from typing import NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, Field

from schemas.account import OrganizationBrief
from schemas.cursors import read_cursor, write_cursor
from schemas.introduction import IntroductionStage
from schemas.introduction_shown import PostingTitle
from schemas.vocabulary import Term

_PACKED = struct.Struct(">dd16s")


class WorkKind(Term):
    match = "match", "待撮合的匹配", "A match that nobody introduced"
    stalled = "stalled", "停滞的对接", "A dialogue that stalled"


class ValueFrom(Term):
    """Where a sum comes from."""

    budget = "budget", "需求预算", "The need's budget"
    median = "median", "已公开预算的中位数", "The median of budgets that are stated"
    assumed = "assumed", "平台假定值", "An assumption, where no budget is stated at all"


class RankPlace(NamedTuple):
    """A place in a list that is ordered by a number: the moment it was made for, the number, and the id of the row."""

    as_of: datetime
    rank: float
    id: UUID

    @classmethod
    def read(cls, cursor: str) -> Self:
        """Raises ``PydanticCustomError``."""
        seconds, rank, key = _PACKED.unpack(read_cursor("rank", cursor))
        return cls(datetime.fromtimestamp(seconds, UTC), rank, UUID(bytes=key))

    @property
    def cursor(self) -> str:
        return write_cursor("rank", _PACKED.pack(self.as_of.timestamp(), self.rank, self.id.bytes))


class Expectation(BaseModel):
    """expected_yuan = value_yuan × score × stage_factor × age_factor."""

    expected_yuan: int
    value_yuan: int = Field(description="The middle of the budget, or its one end.")
    value_from: ValueFrom
    score: float = Field(description="Which share of such pairs was judged relevant.")
    score_assumed: bool = Field(description="Nothing was shown when it was asked for; the threshold counts.")
    stage_factor: float = Field(description="Which share of such pairs comes to a contract.")
    stage_factor_why: str
    days: int = Field(description="Since the need was published, or since the dialogue last moved.")
    age_factor: float = Field(description="A half for every so many days, which `half_life_days` says.")


class WorkItem(BaseModel):
    kind: WorkKind
    need: PostingTitle
    capability: PostingTitle
    seeker: OrganizationBrief
    provider: OrganizationBrief
    introduction_id: UUID | None
    take_up: bool = Field(description="A dialogue without a broker: offer to take it up.")
    stage: IntroductionStage | None
    expectation: Expectation


class Worklist(BaseModel):
    """One page, the greatest expected value first."""

    as_of: datetime
    median_yuan: int = Field(description="What counts for a need that states no budget.")
    median_from: ValueFrom
    half_life_days: int
    stalled_days: int = Field(description="After so many days without a move a dialogue is stalled.")
    items: list[WorkItem]
    next_cursor: str | None = None
