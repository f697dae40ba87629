"""Which figures of a year make which rating of a broker."""

from typing import Annotated

from pydantic import BaseModel, Field

Share = Annotated[float, Field(ge=0, le=1)]


class Threshold(BaseModel, extra="forbid"):
    """What a year must show at least for a rating."""

    proposals: int = Field(default=0, ge=0)
    agreed_share: Share = 0
    contracts: int = Field(default=0, ge=0)


class BrokerThresholds(BaseModel, extra="forbid"):
    """The best rating whose threshold is reached counts; failed, where none is.

    By default a qualified broker reaches the 15 % of submissions that lead to an introduction on curated exchanges, an
    excellent one the 25 of 100 needs that were closed with brokers; docs/decisions/0030 has where these are from.
    """

    excellent: Threshold = Threshold(proposals=10, agreed_share=0.25, contracts=1)
    qualified: Threshold = Threshold(proposals=5, agreed_share=0.15)
    improve: Threshold = Threshold(proposals=1)

    def __str__(self) -> str:
        """As it is written in the environment."""
        return self.model_dump_json()
