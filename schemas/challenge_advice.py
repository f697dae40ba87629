"""Who may be able to solve a challenge; and, where nobody bid, why as far as the data tell."""

from uuid import UUID

from pydantic import BaseModel, Field

from schemas.account import OrganizationBrief
from schemas.match import CapabilityMatch


class SuggestedBidder(BaseModel):
    organization: OrganizationBrief
    eligible: bool = Field(
        description="Whether kind, affiliation and region are what the challenge asks for."
    )
    told: bool = Field(description="Whether it was told of the challenge.")
    score: float
    matches: list[CapabilityMatch] = Field(
        description="Its capabilities that fit, the best first, with reasons."
    )


class SuggestedBidders(BaseModel):
    status: str = Field(description="As of matches: `ready`, `nothing_good` or `indexing`.")
    note: str | None
    items: list[SuggestedBidder]


class Invited(BaseModel):
    told: list[UUID] = Field(description="Who was told just now.")
    told_before: list[UUID]


class FailureFinding(BaseModel):
    code: str
    said: str


class FailureAnalysis(BaseModel):
    """流榜分析."""

    suitable: int | None = Field(
        description="Published capabilities good enough today; null while the index is not ready."
    )
    suitable_organizations: int | None
    eligible_organizations: int | None = Field(description="Those of them that might have bid.")
    nearest: float | None = Field(description="The best score there is.")
    told: int = Field(description="Organisations that were told of it.")
    bids: int = Field(description="Bids that were opened.")
    excluded: int = Field(description="Those of them that were ruled out.")
    lapsed: int = Field(description="Bids whose members did not all agree in time.")
    reward_yuan: int
    usual_reward_yuan: int | None = Field(
        description="The median reward of challenges in the same domains that found somebody; null where none did."
    )
    days_open: int
    findings: list[FailureFinding]
