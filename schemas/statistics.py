"""What is registered, by the plan's domains and items, and how far it has come."""

from datetime import datetime

from pydantic import BaseModel, Field

from schemas.contract_totals import ContractTotals
from schemas.target import TargetShown
from schemas.vocabulary import Affiliation, AidProvince


class DomainFigures(BaseModel):
    """A posting that names several domains counts in each."""

    domain: str
    needs: int
    capabilities: int


class OwnerFigures(BaseModel):
    """By whose they are: a posting counts once."""

    needs: int
    unmet: int | None = Field(description="Needs for which nothing good exists; for operators and brokers.")
    capabilities: int
    idle: int | None = Field(description="Capabilities that are no need's best; for operators and brokers.")


class AffiliationFigures(OwnerFigures):
    affiliation: Affiliation


class ProvinceFigures(OwnerFigures):
    """Of aid units, by the province that sends them."""

    province: AidProvince


class ItemCoverage(BaseModel):
    """One of the plan's items: what is looked for, what there is, and from whom."""

    item: str
    box: str = Field(description="The domain that it is an item of.")
    needs: int
    unmet: int | None = Field(description="Needs for which nothing good exists; for operators and brokers.")
    capabilities: int
    idle: int | None = Field(description="Capabilities that are no need's best; for operators and brokers.")
    affiliations: dict[str, int] = Field(description="Capabilities by whose they are.")
    provinces: dict[str, int] = Field(
        description="Capabilities of aid units, by the province that sends them."
    )


class Funnel(BaseModel):
    """From need to contract. Null: not measured yet."""

    needs: int
    with_match: int | None = Field(description="Needs for which something good exists.")
    introductions: int | None = Field(default=None, description="Asked for or proposed.")
    agreed: int | None = Field(default=None, description="Introductions that both sides agreed to.")
    contracts: int | None = Field(default=None, description="Signed by both sides and not cancelled.")
    registered: int | None = Field(default=None, description="Contracts that count as registered.")
    hours_to_first_match: float | None = Field(
        description="Median, from publication to the first list that was not empty."
    )


class Statistics(BaseModel):
    """Needs, capabilities and organisations are what is on offer now, without those of organisations that are barred
    for a breach of integrity, as long as they are. What happened counts, whoever it was: introductions, contracts,
    totals.
    """

    as_of: datetime
    needs: int
    capabilities: int
    organizations: int = Field(description="With anything published, and not barred.")
    domains: list[DomainFigures]
    affiliations: list[AffiliationFigures]
    provinces: list[ProvinceFigures] = Field(description="Those that have anything published.")
    coverage: list[ItemCoverage]
    funnel: Funnel
    contracts: ContractTotals | None = Field(
        description="Totals of registered contracts; for operators and brokers."
    )
    targets: list[TargetShown] = Field(description="What the plans want, beside what was counted.")
