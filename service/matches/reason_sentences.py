"""What conditions say in a line each, and what all reasons say in one sentence: from what was found alone."""

from collections.abc import Callable, Sequence

from matching.fit import Condition
from schemas.capability import Capability
from schemas.domains import DOMAINS
from schemas.forms import MaturityRange
from schemas.need import Need
from schemas.reason import FitReason, TextReason
from schemas.vocabulary import CooperationMode, MaturityScale, MaturityStage
from service.platform.phrases import (
    capitalised,
    listed,
    name_of,
    named,
    named_domain,
    named_region,
    phrase,
    quoted,
    sentence,
    yuan,
)
from service.postings.facts import money_of

Posting = Need | Capability

_MOST_WORDS = 3
_DAYS = ("deadline", "need_valid_until", "capability_valid_until")


def fit_reason(condition: Condition, need: Need, capability: Capability, language: str) -> FitReason:
    return FitReason(
        field=condition.field,
        state=condition.state,
        silent=condition.silent,
        closeness=condition.closeness,
        detail=capitalised(_detail(condition, need, capability, language)),
    )


def summary(
    closest: TextReason | None, terms: Sequence[str], fits: Sequence[FitReason], language: str
) -> str:
    """One sentence. Where no condition is known it says so, and no more of conditions."""
    clauses = [_closest(closest, language)]
    if terms:
        words = listed(language, [quoted(language, term) for term in terms[:_MOST_WORDS]])
        clauses.append(phrase(language, "summary", "terms", terms=words))
    known = any(fit.state != "unknown" for fit in fits)
    clauses += _grouped(fits, language) if known else [phrase(language, "summary", "only_text")]
    return sentence(language, clauses)


def _closest(closest: TextReason | None, language: str) -> str:
    if closest is None:
        return phrase(language, "summary", "no_text")
    need, capability = quoted(language, closest.need.text), quoted(language, closest.capability.text)
    key = "close" if closest.close else "far"
    return phrase(language, "summary", key, need=need, capability=capability)


def _grouped(fits: Sequence[FitReason], language: str) -> list[str]:
    """A clause for each state that a condition is in, and one for each fact that is no mere state."""
    groups: dict[str, list[str]] = {
        group: [] for group in ("met", "not_met", "silent_need", "silent_capability", "incomparable")
    }
    own = []
    for fit in fits:
        if fit.field in _DAYS:
            own.append(phrase(language, "summary", fit.field))
        elif fit.closeness == "related":
            own.append(phrase(language, "summary", "related"))
        else:
            groups[_group(fit)].append(name_of(language, fit.field))
    told = {
        group: phrase(language, "summary", group, conditions=listed(language, names))
        for group, names in groups.items()
        if names
    }
    return (
        [told[group] for group in ("met", "not_met") if group in told]
        + own
        + [said for group, said in told.items() if group not in ("met", "not_met")]
    )


def _group(fit: FitReason) -> str:
    if fit.state != "unknown":
        return fit.state
    return f"silent_{fit.silent}" if fit.silent else "incomparable"


def _detail(condition: Condition, need: Need, capability: Capability, language: str) -> str:
    field = condition.field
    if field in _DAYS:
        days = {
            "deadline": need.deadline,
            "need_valid_until": need.valid_until,
            "capability_valid_until": capability.valid_until,
        }
        return phrase(language, "detail", field, day=days[field])
    slots = {"field": name_of(language, field)}
    if condition.silent:
        return _silent(condition, need if condition.silent == "need" else capability, language)
    if condition.shared:
        key = "same_domain" if condition.closeness == "domain" else "both"
        shared = [_NAMES[field](language, one) for one in condition.shared]
        return phrase(language, "detail", key, shared=listed(language, shared), **slots)
    slots |= {"need": _said(field, need, language), "capability": _said(field, capability, language)}
    return phrase(language, "detail", _compared(condition), **slots)


def _silent(condition: Condition, posting: Posting, language: str) -> str:
    """A side that leaves its sum to be discussed names none, and yet is not silent."""
    field = name_of(language, condition.field)
    money = money_of(posting)
    if condition.field == "money" and money is not None and money.method is not None:
        method = named(language, "pricing_method", money.method)
        return phrase(language, "detail", f"open_{condition.silent}", field=field, method=method)
    return phrase(language, "detail", f"silent_{condition.silent}", field=field)


def _compared(condition: Condition) -> str:
    if condition.state == "unknown":
        return "incomparable"
    if condition.closeness == "related":
        return "related"
    return f"{condition.field}_{condition.state}" if condition.field in ("money", "maturity") else "apart"


def _said(field: str, posting: Posting, language: str) -> str:
    """What a side says of a condition that both sides say something of."""
    if field == "money":
        money = money_of(posting)
        assert money is not None
        return yuan(language, money.min, money.max)
    if field == "maturity":
        assert posting.maturity is not None
        return _maturity(posting.maturity, language)
    said: list[str] = {
        "cooperation_modes": [str(mode) for mode in posting.cooperation_modes],
        "domain": [key for key in posting.domain_path if DOMAINS[key].parent is None],
        "region": posting.region_path[-1:],
    }[field]
    return listed(language, [_NAMES[field](language, one) for one in said])


def _maturity(maturity: MaturityRange, language: str) -> str:
    low, high = maturity.trl_min, maturity.trl_max
    trl = f"TRL {low}" if low == high else f"TRL {low}–{high}"
    if maturity.scale is MaturityScale.trl:
        return trl
    if maturity.scale is MaturityScale.level13:
        return phrase(language, "maturity", "level13", level=maturity.value, trl=trl)
    if maturity.value in list(MaturityStage):
        return phrase(language, "maturity", str(maturity.value), trl=trl)
    # Given with its range, a stage may be in the poster's own words.
    return f"{quoted(language, str(maturity.value))} ({trl})"


_NAMES: dict[str, Callable[[str, str], str]] = {
    "cooperation_modes": lambda language, key: named(language, "cooperation_mode", CooperationMode(key)),
    "domain": named_domain,
    "region": named_region,
}
