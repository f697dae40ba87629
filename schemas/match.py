"""A scored pair, as shown. Computed on each request; the list that was shown is kept (``match_list``)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from schemas.account import OrganizationBrief
from schemas.base import Passage, Shape
from schemas.domains import DomainKey
from schemas.forms import MaturityRange, MoneyRange
from schemas.match_list import ListPlace, Reranked
from schemas.reason import Reason
from schemas.regions import RegionCode
from schemas.vocabulary import Affiliation, CapabilityKind, CooperationMode, NeedType, Side

SignalName = Literal[
    "dense",
    "words",
    "domain",
    "cooperation_modes",
    "maturity",
    "money",
    "region",
    "wish",
    "freshness",
    "completeness",
]
SignalWeight = Annotated[
    str,
    StringConstraints(
        pattern=r"^(dense|words|domain|cooperation_modes|maturity|money|region|wish|freshness|completeness)"
        r":([0-2](\.\d{1,3})?|3(\.0{1,3})?)$"
    ),
]


class MatchedPosting(BaseModel):
    id: UUID
    external_id: str | None
    title: str
    summary: str = Field(description="The first 200 characters of the description.")
    organization: OrganizationBrief
    domains: list[str]
    cooperation_modes: list[CooperationMode]
    keywords: list[str]
    maturity: MaturityRange | None
    region: str | None


class MatchedCapability(MatchedPosting):
    kind: CapabilityKind
    price: MoneyRange | None


class MatchedNeed(MatchedPosting):
    need_type: NeedType | None
    budget: MoneyRange | None
    deadline: date | None


class Match(BaseModel):
    """One place of a list. Scores are shares: of pairs scored 0.8, some 80 % were judged relevant."""

    rank: int
    score: float = Field(
        description="What the list is ordered by, 0 to 1: `for_need` and `for_capability` in one."
    )
    for_need: float = Field(description="What the capability is worth to the need, 0 to 1.")
    for_capability: float | None = Field(
        description="What the need is worth to the provider, 0 to 1; null where the provider asks for nothing."
    )
    one_sided: bool = Field(description="Only one side said what it asks of the other.")
    known: float = Field(description="Which share of what could be weighed was known, 0 to 1.")
    signals: dict[SignalName, float | None] = Field(description="What was weighed; null where it is unknown.")
    summary: str | None = Field(default=None, description="One sentence, made from the reasons alone.")
    reasons: list[Reason] | None = None
    alike: list[UUID] = Field(
        description="Further postings of the same organisation that say nearly the same, folded into this one."
    )


class CapabilityMatch(Match):
    capability: MatchedCapability


class NeedMatch(Match):
    need: MatchedNeed


class AppliedWeight(BaseModel):
    suggested: float
    applied: float


class Matches(BaseModel):
    status: Literal["ready", "nothing_good", "indexing"] = Field(
        description="`nothing_good`: nothing reaches the threshold. `indexing`: the text, or the index, "
        "is not ready yet. Both are answers, not errors."
    )
    note: str | None = Field(default=None, description="What to do about it, in the caller's language.")
    list_id: UUID | None = Field(default=None, description="This list's record.")
    next_cursor: str | None = None
    read_characters: int | None = Field(
        default=None,
        description="Of a free text that is longer than is read: how many characters were read, from its "
        "beginning. `note` says so, too.",
    )
    threshold: float | None = Field(default=None, description="The lowest score that was asked for.")
    nearest_miss: float | None = Field(
        default=None, description="The best score there is, below the threshold."
    )
    reranked: Reranked = Reranked.off
    weights: dict[SignalName, AppliedWeight] | None = None
    scoring: str | None = Field(default=None, description="Which version of the score.")
    model: str | None = Field(description="Which encoder.")


class CapabilityMatches(Matches):
    items: list[CapabilityMatch]


class NeedMatches(Matches):
    items: list[NeedMatch]


class PairMatch(Match):
    """One pair explained, whether it is in a list or not."""

    rank: int | None = Field(description="Its place among all, without a threshold; null where it has none.")  # type: ignore[assignment]
    why_not: list[str] = Field(
        description="Why it is not in the list that is shown unasked; empty where it is."
    )
    capability: MatchedCapability
    need: MatchedNeed


def _one_of_ours(cursor: str) -> str:
    ListPlace.read(cursor)
    return cursor


class MatchFilters(Shape):
    limit: int = Field(default=20, ge=1, le=1000)
    cursor: Annotated[str, AfterValidator(_one_of_ours)] | None = Field(
        default=None, description="`next_cursor` of the page before. The list then stays as it was asked for."
    )
    min_score: float | None = Field(
        default=None, ge=0, le=1, description="The threshold, if not given. 0 asks for everything."
    )
    kind: list[CapabilityKind] = Field(default_factory=list, description="Of the capability.")
    need_type: list[NeedType] = Field(default_factory=list)
    domain: list[DomainKey] = Field(default_factory=list, description="Domains or items; any of them.")
    affiliation: list[Affiliation] = Field(default_factory=list)
    region: list[RegionCode] = Field(
        default_factory=list, description="Any of them, with all that lies within."
    )
    cooperation_mode: list[CooperationMode] = Field(default_factory=list)
    max_per_organization: int = Field(default=3, ge=0, le=1000, description="0 means no cap.")
    fold: bool = Field(
        default=True, description="Fold postings of one organisation that say nearly the same into one."
    )
    weight: list[SignalWeight] = Field(
        default_factory=list,
        max_length=10,
        description="Multiply a signal's suggested weight, 0 to 3, as in `domain:2`.",
    )
    reasons: bool = True

    @property
    def multipliers(self) -> dict[str, float]:
        return {name: float(factor) for name, _, factor in (one.partition(":") for one in self.weight)}


class MatchRequest(MatchFilters):
    text: Annotated[Passage, Field(min_length=1)]
    looking_for: Side
