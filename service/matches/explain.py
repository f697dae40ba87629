"""Reasons that a person can check, made from what both postings say."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

from matching.fit import Terms, conditions
from matching.reasons import Sentences, closest_sentences, comparable, shared_terms
from schemas.base import now
from schemas.domains import DOMAINS
from schemas.need import Need
from schemas.posting import IndexStatus
from schemas.reason import (
    FitReason,
    OneSidedReason,
    PolicyReason,
    QuotedField,
    Reason,
    SideName,
    TermsReason,
    TextReason,
)
from schemas.vocabulary import Affiliation, Side
from service.matches.encoders import EncodedText
from service.matches.reason_sentences import fit_reason, summary
from service.platform.phrases import capitalised, named, phrase
from service.postings.access import Posting
from service.postings.facts import money_of
from service.postings.texts import fields_of, quote


class Explanation(NamedTuple):
    """``summary`` says in one sentence what ``reasons`` say, or some of it, and nothing else."""

    summary: str
    reasons: list[Reason]


@dataclass(frozen=True)
class Explained:
    """One side of a pair: its text, the text's encoding, and the posting, unless it is a free text."""

    side: Side
    text: str
    encoded: EncodedText
    posting: Posting | None = None

    @classmethod
    def of(cls, posting: Posting, encoded: EncodedText) -> Self:
        side = Side.needs if isinstance(posting, Need) else Side.capabilities
        return cls(side, "\n".join(text for _, text in fields_of(posting)), encoded, posting)

    @cached_property
    def fields(self) -> list[tuple[QuotedField, str]]:
        return [("text", self.text)] if self.posting is None else fields_of(self.posting)

    @cached_property
    def _lower(self) -> str:
        return self.text.lower()

    @cached_property
    def _comparable(self) -> str:
        return comparable(self.text)

    def has(self, word: str) -> bool:
        # Most words need no NFKC, which takes milliseconds where a text is long.
        return word in self._lower or word in self._comparable

    @cached_property
    def sentences(self) -> Sentences:
        spans, vectors = self.encoded.spans, self.encoded.sentences
        # Until changed words are encoded, the sentences that are known stand in the words before.
        known = self.posting is None or self.posting.index_status is IndexStatus.indexed
        if not known or (spans and spans[-1][1] > len(self.text)):
            spans = []
        if self.posting is not None and self.posting.keywords:
            # Keywords are no sentence; and one list of words looks much like another.
            spans = [span for span in spans if span[0] < len(self.text) - len(self.fields[-1][1])]
        return Sentences(self.text, spans, vectors[: len(spans)])

    @cached_property
    def terms(self) -> Terms:
        return Terms() if self.posting is None else _stated(self.posting)


def explain(
    asking: Explained, other: Explained, rarity: Callable[[str], float], language: str
) -> Explanation:
    """Why two postings fit, or do not: sentences, words, conditions, in this order."""
    need, capability = (asking, other) if asking.side is Side.needs else (other, asking)
    texts = _texts(need, capability)
    words = _words(need, capability, rarity)
    fits = _fits(need, capability, language)
    reasons: list[Reason] = [*texts, *([TermsReason(terms=words)] if words else []), *fits]
    return Explanation(summary(texts[0] if texts else None, words, fits, language), reasons)


def policy_reason(affiliation: Affiliation, weight: float, language: str) -> PolicyReason:
    """``weight`` as it was applied; it is told with its sign."""
    told = named(language, "affiliation", affiliation)
    detail = phrase(language, "detail", "policy", affiliation=told, weight=f"{weight:+.3g}")
    return PolicyReason(affiliation=affiliation, weight=weight, detail=capitalised(detail))


def one_sided_reason(silent: SideName, language: str) -> OneSidedReason:
    """``silent``: the side that says nothing of what it asks of the other."""
    detail = phrase(language, "detail", f"one_sided_{silent}")
    return OneSidedReason(silent=silent, detail=capitalised(detail))


def _texts(need: Explained, capability: Explained) -> list[TextReason]:
    return [
        TextReason(
            need=quote(need.fields, *pair.need),
            capability=quote(capability.fields, *pair.capability),
            similarity=round(max(pair.similarity, 0.0), 4),
            close=pair.close,
        )
        for pair in closest_sentences(need.sentences, capability.sentences)
    ]


def _words(need: Explained, capability: Explained, rarity: Callable[[str], float]) -> list[str]:
    # Words by which a text is found need not all stand in it, and may be of the words before a change.
    return shared_terms(
        need.encoded.terms,
        capability.encoded.terms,
        rarity,
        stands=lambda word: need.has(word) and capability.has(word),
    )


def _fits(need: Explained, capability: Explained, language: str) -> list[FitReason]:
    # A free text states no conditions, and a list of unknowns would help nobody.
    if (
        not isinstance(need.posting, Need)
        or capability.posting is None
        or isinstance(capability.posting, Need)
    ):
        return []
    return [
        fit_reason(condition, need.posting, capability.posting, language)
        for condition in conditions(need.terms, capability.terms, now().date())
    ]


def _stated(posting: Posting) -> Terms:
    money, maturity = money_of(posting), posting.maturity
    return Terms(
        cooperation_modes=[str(mode) for mode in posting.cooperation_modes],
        domains=posting.domain_path,
        neighbours=[near for key in posting.domain_path for near in DOMAINS[key].related],
        money=(money.min, money.max) if money else None,
        trl=(maturity.trl_min, maturity.trl_max) if maturity else None,
        region=posting.region_path,
        deadline=posting.deadline if isinstance(posting, Need) else None,
        valid_until=posting.valid_until,
    )
