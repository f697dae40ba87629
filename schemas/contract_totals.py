"""Totals of registered technology contracts. Sums are in whole yuan."""

from pydantic import BaseModel, Field


class Sums(BaseModel):
    """成交额 and 技术交易额 are kept apart, and never added to each other."""

    contracts: int = 0
    turnover: int = Field(default=0, description="成交额, yuan.")
    technology_value: int = Field(default=0, description="技术交易额, yuan.")


class KeyedSums(Sums):
    key: str


class ContractTotals(Sums):
    """A month in which more was taken back than added is below nought: what was published before stays as it was."""

    types: list[KeyedSums]
    domains: list[KeyedSums] = Field(description="A contract of several domains counts in each.")
    seeker_affiliations: list[KeyedSums] = Field(description="By whose the buyer is.")
    provider_affiliations: list[KeyedSums] = Field(description="By whose the seller is.")
    months: list[KeyedSums] = Field(description="By month of registration, such as 2026-03.")


class CountedYear(Sums):
    """What this service counted itself, beside what operators entered."""

    year: int
    turnover_cumulative: int = Field(description="From the target's first year on.")
    technology_value_cumulative: int
