"""A scored pair, as shown. Computed on each request, never stored."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from schemas.account import OrganizationBrief
from schemas.base import Passage, Shape
from schemas.domains import DomainKey
from schemas.embedding import Side
from schemas.forms import MaturityRange, MoneyRange
from schemas.regions import RegionCode
from schemas.vocabulary import Affiliation, CapabilityKind, CooperationMode, NeedType


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


class TextReason(BaseModel):
    """The sentence of the need and the sentence of the capability that met."""

    kind: Literal["text"] = "text"
    need: str
    capability: str
    similarity: float = Field(description="Cosine of the two sentences, spread over 0 to 1 as the score is.")


class TermsReason(BaseModel):
    """Words that both sides use, the rarest first."""

    kind: Literal["terms"] = "terms"
    terms: list[str]


class FitReason(BaseModel):
    """A condition that was stated: met, not met, or (null) said by one side only."""

    kind: Literal["fit"] = "fit"
    field: str
    ok: bool | None
    detail: str


Reason = Annotated[TextReason | TermsReason | FitReason, Field(discriminator="kind")]


class Signals(BaseModel):
    """What the score was made from."""

    dense: float = Field(description="Cosine of the two texts, each side's mean taken off: −1 to 1.")
    lexical: float = Field(description="Share of the weight of the query's words that was found, 0 to 1.")


class Match(BaseModel):
    rank: int
    score: float = Field(description="0 to 1.")
    signals: Signals
    reasons: list[Reason] | None = None


class CapabilityMatch(Match):
    capability: MatchedCapability


class NeedMatch(Match):
    need: MatchedNeed


class Matches(BaseModel):
    status: Literal["ready", "indexing"] = Field(
        description="`indexing`: the text, or the index, is not ready yet. An answer, not an error."
    )
    model: str | None


class CapabilityMatches(Matches):
    items: list[CapabilityMatch]


class NeedMatches(Matches):
    items: list[NeedMatch]


class MatchFilters(Shape):
    limit: int = Field(default=20, ge=1, le=1000)
    min_score: float = Field(default=0, ge=0, le=1, description="0 asks for everything.")
    kind: list[CapabilityKind] = Field(default_factory=list, description="Of the capability.")
    need_type: list[NeedType] = Field(default_factory=list)
    domain: list[DomainKey] = Field(default_factory=list, description="Domains or items; any of them.")
    affiliation: list[Affiliation] = Field(default_factory=list)
    region: list[RegionCode] = Field(
        default_factory=list, description="Any of them, with all that lies within."
    )
    cooperation_mode: list[CooperationMode] = Field(default_factory=list)
    max_per_organization: int = Field(default=0, ge=0, le=1000, description="0 means no cap.")
    reasons: bool = True


class MatchRequest(MatchFilters):
    text: Annotated[Passage, Field(min_length=1)]
    looking_for: Side
