"""对接, as those read it who have a part in it, and as brokers see what stalled."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from schemas.account import OrganizationBrief
from schemas.capability import CapabilityShown
from schemas.forms import Contact
from schemas.introduction import IntroductionOutcome, IntroductionStage, IntroductionStatus, IntroductionVerb
from schemas.introduction_nda import NdaState
from schemas.need import NeedShown


class PostingTitle(BaseModel):
    id: UUID
    title: str = Field(description="Empty where it was deleted, or is not the caller's to read any more.")


class StepShown(BaseModel):
    at: datetime
    verb: IntroductionVerb
    organization: OrganizationBrief | None
    status: IntroductionStatus
    stage: IntroductionStage | None


class BrokerOffer(BaseModel):
    """A broker's offer to take up a dialogue that stalled."""

    broker: OrganizationBrief
    offered_at: datetime
    agreed_by: UUID | None = Field(
        description="The side that has agreed; the other one has not answered yet."
    )


class IntroductionShown(BaseModel):
    id: UUID
    need: PostingTitle
    capability: PostingTitle
    seeker: OrganizationBrief
    provider: OrganizationBrief
    asked_by: OrganizationBrief
    broker: OrganizationBrief | None
    offer: BrokerOffer | None = Field(
        description="Of a broker who would take it up, until both have answered."
    )
    status: IntroductionStatus
    stage: IntroductionStage | None
    message: str
    score: float | None
    human_score: float | None
    shown: dict[str, Any]
    nda: NdaState | None = Field(description="The newest one that was asked for, if any.")
    declined: str | None = Field(description="What the other side is told, in neutral words.")
    outcome: IntroductionOutcome | None
    expires_at: datetime
    created_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    moved_at: datetime
    may: list[str] = Field(description="What the caller may do now; see docs/workflows.md.")
    steps: list[StepShown]


class StalledShown(BaseModel):
    """What a broker sees of others' introduction in which nobody does anything: who, about what, since when."""

    id: UUID
    need: PostingTitle
    capability: PostingTitle
    seeker: OrganizationBrief
    provider: OrganizationBrief
    stage: IntroductionStage | None
    moved_at: datetime = Field(description="Since when nobody did anything.")
    has_broker: bool = Field(description="Where it has none, brokers may offer to take it up.")


class IntroductionDetails(BaseModel):
    """Both postings in full. Null: it was deleted since."""

    need: NeedShown | None
    capability: CapabilityShown | None


class RevealedContacts(BaseModel):
    organization: OrganizationBrief
    contacts: list[Contact]
