"""How often one caller may do what costs much."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _parsed(rate: str) -> str:
    from limits import parse  # noqa: PLC0415 -- takes as long to load as all other settings together

    parse(rate)
    return rate


#: As ``limits`` reads it: ``60/minute``, ``100/2 hours``. None for no limit.
Rate = Annotated[str, AfterValidator(_parsed)] | None


class RateLimits(BaseModel):
    """For each key; for each address where nobody has signed in."""

    model_config = ConfigDict(extra="forbid")

    texts: Rate = "120/minute"  # free texts, encoded for each request
    matches: Rate = "300/minute"
    search: Rate = "600/minute"  # lists with filters and facets, feeds
    files: Rate = "60/hour"  # imports and exports
    reports: Rate = "60/minute"  # statistics
    sign_in: Rate = "30/minute"
    unknown_keys: Rate = "60/minute"

    def __str__(self) -> str:
        """As it is written in the environment."""
        return self.model_dump_json()
