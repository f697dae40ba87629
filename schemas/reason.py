"""Why two postings met, or did not: quotes, words and conditions that a person can look up in both."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from schemas.vocabulary import Affiliation

SideName = Literal["need", "capability"]
QuotedField = Literal["title", "wanted_result", "description", "keywords", "text"]
ConditionName = Literal[
    "cooperation_modes",
    "domain",
    "money",
    "maturity",
    "region",
    "deadline",
    "need_valid_until",
    "capability_valid_until",
]
ConditionState = Literal["met", "not_met", "unknown"]


class Quote(BaseModel):
    """A piece of a posting, word for word: ``field[start:end] == text``."""

    text: str
    field: QuotedField = Field(
        description="Of the posting; `keywords` counts as one text, joined by “，”. `text` is a text that was "
        "sent to be matched, with contacts masked."
    )
    start: int = Field(ge=0, description="In Unicode code points, not in UTF-16 units or bytes.")
    end: int


class TextReason(BaseModel):
    """A sentence of the need and the sentence of the capability that is closest to it."""

    kind: Literal["text"] = "text"
    need: Quote
    capability: Quote
    similarity: float = Field(description="Cosine of the two sentences, each side's mean taken off; 0 to 1.")
    close: bool = Field(
        description="False: the closest there is, and yet no closer than chance brings about."
    )


class TermsReason(BaseModel):
    """Words that both texts have (in lower case, after NFKC), the rarest first."""

    kind: Literal["terms"] = "terms"
    terms: list[str]


class FitReason(BaseModel):
    """A condition that at least one side states."""

    kind: Literal["fit"] = "fit"
    field: ConditionName
    state: ConditionState
    silent: SideName | None = Field(
        default=None,
        description="Which side says nothing of it. Null with `unknown`: what the two say cannot be compared.",
    )
    closeness: Literal["item", "domain", "related", "other"] | None = Field(
        default=None,
        description="Of domains: the same item; the same domain; neighbours, which is not met; neither.",
    )
    detail: str


class PolicyReason(BaseModel):
    """What the operator's policy added for the provider's affiliation."""

    kind: Literal["policy"] = "policy"
    affiliation: Affiliation
    weight: float
    detail: str


class OneSidedReason(BaseModel):
    """One side says nothing of what it asks of the other, so the score is the other side's alone."""

    kind: Literal["one_sided"] = "one_sided"
    silent: SideName
    detail: str


Reason = Annotated[
    TextReason | TermsReason | FitReason | PolicyReason | OneSidedReason, Field(discriminator="kind")
]
