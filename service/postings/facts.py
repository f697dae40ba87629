"""What a posting states beside its text, packed for scoring."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from matching.facts import record
from schemas.capability import Capability
from schemas.domains import DOMAINS
from schemas.forms import MoneyRange
from schemas.need import Need
from schemas.vocabulary import Affiliation, CooperationMode

Posting = Need | Capability

# Fields that a complete posting has, beside its title. Money and the wanted result go by the side.
_EXPECTED = ("keywords", "domains", "cooperation_modes", "indicators", "maturity", "region", "partner_wish")
# Less than two lines describe nothing.
_DESCRIBED = 50

# Facts hold the place in this list, counted from one.
AFFILIATIONS = list(Affiliation)
_MODE_BIT = {mode.value: 1 << place for place, mode in enumerate(CooperationMode)}
_DOMAINS = [domain for domain in DOMAINS.values() if domain.parent is None]
_DOMAIN_BIT = {domain.key: 1 << place for place, domain in enumerate(_DOMAINS)}
_ITEM_BIT = {
    key: 1 << place
    for place, key in enumerate(domain.key for domain in DOMAINS.values() if domain.parent is not None)
}


def completeness_of(posting: Posting) -> float:
    """Which share of what a complete posting says is said, 0 to 1."""
    return 1 - len(missing_of(posting)) / (len(_EXPECTED) + 2)


def missing_of(posting: Posting) -> list[str]:
    """The fields that a complete posting fills, and this one does not; a short description is none."""
    missing = [] if len(posting.description) >= _DESCRIBED else ["description"]
    missing += [name for name in _EXPECTED if not getattr(posting, name)]
    if money_of(posting) is None:
        missing.append("budget" if isinstance(posting, Need) else "price")
    return missing


def money_of(posting: Posting) -> MoneyRange | None:
    return posting.budget if isinstance(posting, Need) else posting.price


def facts_of(posting: Posting) -> np.void:
    return facts_of_row(posting, money_of(posting), None, wishes=bool(posting.partner_wish))


def facts_of_row(
    row: Any, money: MoneyRange | None, affiliation: Affiliation | None, *, wishes: bool
) -> np.void:
    """Of a row that has at least the columns that are read here."""
    domains = [key for key in row.domain_path if key in _DOMAIN_BIT]
    near = [neighbour for key in domains for neighbour in DOMAINS[key].related]
    return record(
        modes=_bits(_MODE_BIT, map(str, row.cooperation_modes)),
        domains=_bits(_DOMAIN_BIT, domains),
        items=_bits(_ITEM_BIT, row.domain_path),
        near=_bits(_DOMAIN_BIT, near),
        money=(money.min, money.max) if money else (None, None),
        trl=(row.maturity.trl_min, row.maturity.trl_max) if row.maturity else (None, None),
        region=row.region_path,
        day=row.published_at.date() if row.published_at else None,
        completeness=row.completeness,
        affiliation=AFFILIATIONS.index(affiliation) + 1 if affiliation else 0,
        wishes=wishes,
    )


def _bits(places: dict[str, int], keys: Iterable[str]) -> int:
    bits = 0
    for key in keys:
        bits |= places.get(key, 0)
    return bits
