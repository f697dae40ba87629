"""The technology domains of the plan (its boxes, 专栏) and their items."""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from schemas.reading.lists import read_list
from schemas.reading.writing import LONGEST_FIELD


class Domain(BaseModel):
    """A box of the plan, or (with a parent) an item of one."""

    model_config = ConfigDict(frozen=True)

    key: str
    zh: str
    en: str
    parent: str | None = None
    section: str = ""
    # Neighbours whose subject matter overlaps. The boxes overlap on purpose: a neighbour is no wrong answer.
    related: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


def _flat(boxes: list[dict[str, Any]]) -> Iterator[tuple[str, Domain]]:
    for box in boxes:
        domain = Domain.model_validate(box)
        yield domain.key, domain
        for item in box["items"]:
            yield item["key"], Domain(**item, parent=domain.key, section=domain.section)


_BOXES: dict[str, Any] = json.loads((files("schemas") / "data" / "domains.json").read_text(encoding="utf-8"))

DOMAINS: Mapping[str, Domain] = MappingProxyType(dict(_flat(_BOXES["domains"])))
# Boxes on platforms, talent and the like: no technology, so no posting is filed under them.
PROGRAMMES: Mapping[str, Domain] = MappingProxyType(dict(_flat(_BOXES["programmes"])))


def _plain(written: str) -> str:
    return "".join(unicodedata.normalize("NFKC", written).casefold().split())


_BY_LABEL: dict[str, str] = {
    _plain(label): domain.key
    for domain in reversed(list(DOMAINS.values()))
    for label in (*domain.also, domain.en, domain.zh, domain.key)
}
_WITH_COMMA = {domain.zh: domain.key for domain in DOMAINS.values() if "、" in domain.zh}


def find_domain(written: str) -> str | None:
    """Find the key of a domain or item by its key, its label, or a beginning that only one label has.

    Where a domain and items begin alike, the domain is meant.
    """
    plain = _plain(written)
    if plain in _BY_LABEL:
        return _BY_LABEL[plain]
    if len(plain) < 2:
        return None
    begun = {key for label, key in _BY_LABEL.items() if label.startswith(plain)}
    boxes = {key for key in begun if DOMAINS[key].parent is None}
    meant = boxes or begun
    return meant.pop() if len(meant) == 1 else None


def read_domains(written: str) -> list[str]:
    """Split a list of domains. Some labels hold a comma of their own, and are not split there."""
    for label, key in _WITH_COMMA.items():
        written = written.replace(label, key)
    return read_list(written)


def widen(key: str) -> list[str]:
    """List what a posting under ``key`` is found by: the domain, then the item if it is one."""
    domain = key.partition(".")[0]
    return [domain] if domain == key else [domain, key]


def _known(written: str) -> str:
    key = find_domain(written)
    if key is None:
        raise PydanticCustomError("unknown_domain", "Not a technology domain of the plan")
    return key


DomainKey = Annotated[str, StringConstraints(max_length=LONGEST_FIELD), AfterValidator(_known)]
