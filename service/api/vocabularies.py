"""/v1/domains, /v1/regions, /v1/vocabularies: the words that may be used, with their labels."""

from fastapi import APIRouter
from pydantic import BaseModel

from schemas.domains import DOMAINS
from schemas.regions import REGIONS, region_path
from schemas.vocabularies import VOCABULARIES

router = APIRouter(prefix="/v1", tags=["vocabularies"])


class TermShown(BaseModel):
    key: str
    zh: str
    en: str


class DomainShown(TermShown):
    related: list[str]
    items: list[TermShown]


class RegionShown(BaseModel):
    code: str
    zh: str
    parent: str | None


# Made once: the words do not change while the process runs.
_DOMAINS = [
    DomainShown(
        key=domain.key,
        zh=domain.zh,
        en=domain.en,
        related=list(domain.related),
        items=[
            TermShown(key=item.key, zh=item.zh, en=item.en)
            for item in DOMAINS.values()
            if item.parent == domain.key
        ],
    )
    for domain in DOMAINS.values()
    if domain.parent is None
]
_REGIONS = [
    RegionShown(code=region.code, zh=region.name, parent=next(iter(region_path(region.code)[-2:-1]), None))
    for region in REGIONS.values()
]
_VOCABULARIES = {
    name: [TermShown(key=term.value, zh=term.zh, en=term.en) for term in vocabulary]
    for name, vocabulary in VOCABULARIES.items()
}


@router.get("/domains")
def get_domains() -> list[DomainShown]:
    """The 17 domains and 57 items of the plan's boxes. A posting may have several; the boxes overlap."""
    return _DOMAINS


@router.get("/regions")
def get_regions() -> list[RegionShown]:
    """Regions by GB/T 2260, with the Third Division's regiments below 659003."""
    return _REGIONS


@router.get("/vocabularies")
def get_vocabularies() -> dict[str, list[TermShown]]:
    """Every enumeration by the name of the field that takes it."""
    return _VOCABULARIES
