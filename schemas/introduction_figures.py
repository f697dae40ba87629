"""Counts over all introductions, for operators."""

from pydantic import BaseModel, Field

from schemas.introduction import DeclineReason, IntroductionOutcome, IntroductionStage, IntroductionStatus


class ReasonFigures(BaseModel):
    reason: DeclineReason
    count: int
    score: float | None = Field(description="Mean of the scores that were shown with them, 0 to 1.")


class FollowUpFigures(BaseModel):
    """Where both sides answered, the lower figure counts, so that nothing is counted twice."""

    months: int
    introductions: int = Field(description="Of which anything was told.")
    money: int = Field(description="Whole yuan.")
    jobs: int
    patents: int
    area_mu: int = Field(description="亩.")
    next_contracts: int


class IntroductionFigures(BaseModel):
    statuses: dict[IntroductionStatus, int]
    stages: dict[IntroductionStage, int] = Field(description="Of those in dialogue.")
    outcomes: dict[IntroductionOutcome, int]
    declined: list[ReasonFigures] = Field(description="The most frequent reason comes first.")
    stalled: int
    follow_ups: list[FollowUpFigures]
