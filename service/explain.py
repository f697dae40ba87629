"""Reasons that a person can check, made from what both postings say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from matching.fit import Condition, Terms, conditions
from matching.reasons import Sentences, closest_sentences, shared_terms
from schemas.base import Wording
from schemas.domains import DOMAINS
from schemas.embedding import Side
from schemas.match import FitReason, Reason, TermsReason, TextReason
from schemas.need import Need
from schemas.regions import REGIONS
from schemas.vocabulary import CooperationMode
from service.encoders import EncodedText
from service.postings import Posting
from service.texts import text_of


@dataclass(frozen=True)
class Explained:
    """One side of a pair: its text, the text's encoding, and the conditions that it states."""

    side: Side
    text: str
    encoded: EncodedText
    terms: Terms = field(default_factory=Terms)

    @classmethod
    def of(cls, posting: Posting, encoded: EncodedText) -> Self:
        side = Side.needs if isinstance(posting, Need) else Side.capabilities
        return cls(side, text_of(posting), encoded, _stated(posting))


def explain(
    asking: Explained, other: Explained, rarity: Callable[[str], float], language: str
) -> list[Reason]:
    """Sentences, words, conditions, in this order."""
    need, capability = (asking, other) if asking.side is Side.needs else (other, asking)
    reasons: list[Reason] = []
    pair = closest_sentences(_sentences(need), _sentences(capability))
    if pair is not None:
        reasons.append(
            TextReason(
                need=need.text[slice(*pair.need)],
                capability=capability.text[slice(*pair.capability)],
                similarity=round(max(pair.similarity, 0.0), 4),
            )
        )
    shared = shared_terms(need.encoded.terms, capability.encoded.terms, rarity)
    if shared:
        reasons.append(TermsReason(terms=shared))
    # A free text states no conditions, and a list of unknowns would tell nobody anything.
    stated = conditions(need.terms, capability.terms) if Terms() not in (need.terms, capability.terms) else []
    for condition in stated:
        detail = _detail(condition, need.terms, capability.terms)
        reasons.append(FitReason(field=condition.field, ok=condition.ok, detail=detail.said(language)))
    return reasons


def _sentences(one: Explained) -> Sentences:
    return Sentences(one.text, one.encoded.spans, one.encoded.sentences)


def _stated(posting: Any) -> Terms:
    money = getattr(posting, "budget", None) or getattr(posting, "price", None)
    return Terms(
        cooperation_modes=[str(mode) for mode in posting.cooperation_modes],
        domains=posting.domain_path,
        money=(money.min, money.max) if money else None,
        trl=(posting.maturity.trl_min, posting.maturity.trl_max) if posting.maturity else None,
        region=posting.region_path,
    )


_SILENT = Wording("{field}：一方未说明", "{field}: one side says nothing")
_MET = Wording("{field}：双方一致（{shared}）", "{field}: both name {shared}")
_APART = Wording("{field}：双方所列不同", "{field}: the two differ")
_FIELDS = {
    "cooperation_modes": Wording("合作方式", "Cooperation"),
    "domains": Wording("技术领域", "Domain"),
    "money": Wording("预算与报价", "Budget and price"),
    "maturity": Wording("技术成熟度", "Maturity"),
    "region": Wording("地区", "Region"),
}
_MONEY = {
    True: Wording("报价起点不高于预算上限", "The price begins within the budget"),
    False: Wording("报价起点高于预算上限", "The price begins above the budget"),
}


def _detail(condition: Condition, need: Terms, capability: Terms) -> Wording:
    named = _FIELDS[condition.field]
    if condition.ok is None:
        return _filled(_SILENT, named)
    if condition.field == "money":
        return _MONEY[condition.ok]
    if condition.field == "maturity":
        return _maturity(need, capability)
    if not condition.ok:
        return _filled(_APART, named)
    shared = [_label(condition.field, value) for value in condition.shared]
    return Wording(
        _MET.zh.format(field=named.zh, shared="、".join(one.zh for one in shared)),
        _MET.en.format(field=named.en, shared=", ".join(one.en for one in shared)),
    )


def _filled(wording: Wording, named: Wording) -> Wording:
    return Wording(wording.zh.format(field=named.zh), wording.en.format(field=named.en))


def _maturity(need: Terms, capability: Terms) -> Wording:
    asked, offered = _range(need.trl), _range(capability.trl)
    return Wording(
        f"成熟度：需方要求 TRL {asked}，供方为 TRL {offered}",
        f"Maturity: TRL {asked} asked, TRL {offered} offered",
    )


def _range(limits: tuple[int | None, int | None] | None) -> str:
    assert limits is not None
    low, high = limits
    return str(low) if low == high else f"{low or ''}–{high or ''}"


def _label(condition: str, value: str) -> Wording:
    if condition == "cooperation_modes":
        mode = CooperationMode(value)
        return Wording(mode.zh, mode.en)
    if condition == "domains":
        domain = DOMAINS[value]
        return Wording(domain.zh, domain.en)
    region = REGIONS[value]
    return Wording(region.name, region.en or region.name)
