"""Lists and pairs in the shape in which clients get them."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from matching.readable import needs_chinese_summary
from schemas.account import Organization
from schemas.capability import Capability
from schemas.embedding import Embedding
from schemas.match import (
    AppliedWeight,
    CapabilityMatch,
    CapabilityMatches,
    MatchedCapability,
    MatchedNeed,
    MatchedPosting,
    MatchFilters,
    NeedMatch,
    NeedMatches,
    PairMatch,
)
from schemas.match_list import ListedMatch, ListPlace, MatchList
from schemas.need import Need
from schemas.reason import Reason
from schemas.vocabulary import Side
from schemas.wording import Wording
from service.access.briefs import brief
from service.matches.explain import Explained, Explanation, explain, one_sided_reason, policy_reason
from service.matches.live_index import Serving
from service.matches.scoring import scoring
from service.matches.shown_lists import Shown
from service.matches.stored_vectors import read_encoded
from service.platform.messages import said
from service.postings.access import Posting

AnyMatches = CapabilityMatches | NeedMatches
M = TypeVar("M", bound=MatchedPosting)

INDEXING = Wording("正在建立索引，请稍后再试", "The index is being built; try again shortly")
_NOTHING_GOOD = Wording(
    "没有达到 {threshold:.2f} 的结果，最接近的为 {nearest:.2f}。可把内容写得更具体，或放宽筛选条件。",
    "Nothing reaches {threshold:.2f}; the nearest is {nearest:.2f}. Say more precisely what is wanted, or ask "
    "for less by filters.",
)
_NOTHING = Wording("没有符合筛选条件的内容", "Nothing fits the filters")

# Of Uyghur and Kazakh the encoder reads what a glossary knows; docs/languages.md says how much that is.
_SUMMARY_WANTED = {
    "zh": "平台对维吾尔文、哈萨克文的理解有限，请补充一段中文摘要。",
    "en": "Little of this text could be understood; please add a summary in Chinese.",
    "ru": "Текст понят лишь отчасти; добавьте краткое содержание на китайском.",
    "ug": "بۇ تېكىستنىڭ ئاز قىسمى چۈشىنىلدى، خەنزۇچە قىسقىچە مەزمۇنىنى قوشۇپ قويۇڭ.",
}

_SUMMARY = 200


def nothing_yet(side: Side, serving: Serving | None, language: str) -> AnyMatches:
    """Where the text, or the index, is not ready."""
    shape = CapabilityMatches if side is Side.capabilities else NeedMatches
    return shape(
        status="indexing",
        note=said(INDEXING, language),
        model=serving.model.name if serving else None,
        items=[],
    )


def answer(
    session: Session,
    serving: Serving,
    asking: Explained,
    made: MatchList,
    page: Sequence[Shown],
    asked: MatchFilters,
    language: str,
) -> AnyMatches:
    explanations = _explain(session, serving, asking, page, language) if asked.reasons else {}
    shape = CapabilityMatches if made.looking_for is Side.capabilities else NeedMatches
    more = page and page[-1].place + 1 < len(made.items)
    return shape(
        status="ready" if made.items else "nothing_good",
        note=" ".join(_notes(made, asking, language)) or None,
        list_id=made.id,
        next_cursor=ListPlace(made.id, page[-1].place + 1).cursor if more else None,
        threshold=made.threshold,
        nearest_miss=made.nearest_miss,
        reranked=made.reranked,
        weights={
            name: AppliedWeight(suggested=weight.weight, applied=made.weights[name])
            for name, weight in scoring().weights.items()
        },
        scoring=made.scoring,
        model=made.model,
        items=[_item(made.looking_for, shown, explanations.get(shown.listed.id)) for shown in page],
    )


def answer_pair(
    session: Session,
    serving: Serving,
    asking: Explained,
    pair: tuple[Need, Capability],
    listed: ListedMatch,
    rank: int | None,
    why_not: list[str],
    language: str,
) -> PairMatch:
    need, capability = ((posting, session.get_one(Organization, posting.organization_id)) for posting in pair)
    shown = Shown(0, listed, *capability)
    explanation = _explain(session, serving, asking, [shown], language).get(listed.id)
    return PairMatch(
        **_match(listed, explanation),
        rank=rank,
        why_not=why_not,
        need=_posting(MatchedNeed, *need),
        capability=_posting(MatchedCapability, *capability),
    )


def _notes(made: MatchList, asking: Explained, language: str) -> list[str]:
    """What the reader can do for better matches."""
    notes = [] if made.items else [said(_nothing(made), language)]
    return [*notes, _SUMMARY_WANTED[language]] if needs_chinese_summary(asking.text) else notes


def _nothing(made: MatchList) -> Wording:
    if made.nearest_miss is None:
        return _NOTHING
    return _NOTHING_GOOD._replace(slots={"threshold": made.threshold, "nearest": made.nearest_miss})


def _explain(
    session: Session, serving: Serving, asking: Explained, page: Sequence[Shown], language: str
) -> dict[UUID, Explanation]:
    # A word's rarity is counted over all that have it, and the words of one text come again and again.
    rarity = cache(serving.side(asking.side.other).rarity)
    query = select(Embedding).where(
        col(Embedding.posting_id).in_([shown.listed.id for shown in page]),
        col(Embedding.model) == serving.model.name,
    )
    stored = {embedding.posting_id: embedding for embedding in session.execute(query).scalars()}
    explanations = {}
    for shown in page:
        if (embedding := stored.get(shown.listed.id)) is not None:
            other = Explained.of(shown.posting, read_encoded(embedding, serving.model.dim))
            found = explain(asking, other, rarity, language)
            extra = _of_the_score(shown.listed, language)
            explanations[shown.listed.id] = Explanation(found.summary, [*found.reasons, *extra])
    return explanations


def _of_the_score(listed: ListedMatch, language: str) -> list[Reason]:
    """What moved the score beside what the two postings say."""
    reasons: list[Reason] = []
    if listed.for_capability is None:
        reasons.append(one_sided_reason("capability", language))
    if listed.policy and listed.affiliation is not None:
        reasons.append(policy_reason(listed.affiliation, listed.policy, language))
    return reasons


def _item(side: Side, shown: Shown, explanation: Explanation | None) -> Any:
    match = _match(shown.listed, explanation) | {"rank": shown.place + 1}
    if side is Side.capabilities:
        return CapabilityMatch(
            **match, capability=_posting(MatchedCapability, shown.posting, shown.organization)
        )
    return NeedMatch(**match, need=_posting(MatchedNeed, shown.posting, shown.organization))


def _match(listed: ListedMatch, explanation: Explanation | None) -> dict[str, Any]:
    return {
        "score": listed.score,
        "for_need": listed.for_need,
        "for_capability": listed.for_capability,
        "one_sided": listed.for_capability is None,
        "known": listed.known,
        "signals": listed.signals,
        "summary": explanation.summary if explanation else None,
        "reasons": explanation.reasons if explanation else None,
        "alike": list(listed.alike),
    }


def _posting(shape: type[M], posting: Posting, organization: Organization) -> M:
    made = {"summary": posting.description[:_SUMMARY], "organization": brief(organization)}
    # Only what is shown: the rest was not loaded.
    fields = {name: getattr(posting, name) for name in shape.model_fields if name not in made}
    return shape.model_validate(fields | made)
