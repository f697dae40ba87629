"""What would make a posting fuller: domains of the plan and keywords, to be taken or left, and what is missing."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, Field
from sqlmodel import Session

from matching.text import terms
from schemas.base import LONGEST_PASSAGE
from schemas.domains import DOMAINS
from schemas.embedding import EncoderModel
from schemas.match import CapabilityMatch, CapabilityMatches, MatchRequest, NeedMatches
from schemas.reading import mask_contacts
from schemas.vocabulary import Side
from service.access.principal import Principal
from service.matches.encoders import Vectors
from service.matches.encoding_queue import encode_texts
from service.matches.live_index import LiveIndex, Serving
from service.matches.matches import match_text, side_of
from service.platform.settings import settings
from service.postings.access import Posting
from service.postings.facts import missing_of
from service.postings.texts import Writing, text_of

_DOMAINS, _KEYWORDS, _LIKELY = 3, 6, 5
# Below this similarity a text is no nearer to the name of an item than by chance.
_CLOSE = 0.05
_SHORTEST_WORD = 2
# A certain match counts as much as this much cosine similarity.
_VOICE = 0.3


class Suggestions(BaseModel):
    """Both best first."""

    domains: list[str]
    keywords: list[str]


class PostingSuggestions(Suggestions):
    completeness: float = Field(description="Share of what a complete posting says, 0 to 1.")
    missing: list[str] = Field(description="Fields that a complete posting fills, and this one does not.")


def suggest_for(
    session: Session, caller: Principal, index: LiveIndex, posting: Posting, language: str
) -> PostingSuggestions:
    """Suggest for a stored posting. The caller must already be authorised for it."""
    about = suggest_and_find(session, caller, index, side_of(posting), text_of(posting), language)
    found = about[0] if about else Suggestions(domains=[], keywords=[])
    missing = missing_of(posting)
    return PostingSuggestions(
        domains=[] if posting.domains else found.domains,
        keywords=[word for word in found.keywords if word not in posting.keywords],
        completeness=posting.completeness or 0.0,
        missing=missing,
    )


def suggest_and_find(
    session: Session, caller: Principal, index: LiveIndex, side: Side, text: str, language: str
) -> tuple[Suggestions, CapabilityMatches | NeedMatches] | None:
    """What a text of ``side`` is about, and the first few that it finds. None while the index is not ready."""
    serving = index.serving
    if serving is None:
        return None
    # The same words as the search reads, so that they are encoded once.
    text = mask_contacts(text[:LONGEST_PASSAGE])[0][: settings().free_text_limit]
    asked = MatchRequest(text=text, looking_for=side.other, limit=_LIKELY, reasons=False)
    found = match_text(session, caller, index, asked, language, keep=False)
    likely = [
        (item.score, (item.capability if isinstance(item, CapabilityMatch) else item.need).domains)
        for item in found.items
    ]
    return suggest(serving, side, asked.text, likely), found


def suggest(
    serving: Serving, side: Side, text: str, likely: Sequence[tuple[float, Sequence[str]]] = ()
) -> Suggestions:
    """Suggest up to three items of the plan and up to six keywords for a text that will be posted on ``side``.

    likely: scores and domains of what the text would find, which speak for their domains.
    """
    writing = Writing(text)
    [encoded] = encode_texts(serving.model, side, [writing])
    items, vectors = _items(serving.model)
    closeness = (vectors @ encoded.vectors.T).max(axis=1)
    for score, domains in likely:
        closeness += _VOICE * score * np.isin(items, domains)
    best = [place for place in np.argsort(-closeness)[:_DOMAINS].tolist() if closeness[place] >= _CLOSE]
    index = serving.side(side.other)
    # A word of the title, which is the first line, counts twice.
    words = terms(writing.text) + terms(writing.text.partition("\n")[0])
    counts = Counter(word for word in words if len(word) >= _SHORTEST_WORD)
    weighed = {term: count * index.rarity(term) for term, count in counts.items()}
    return Suggestions(
        domains=[items[place] for place in best],
        keywords=sorted(weighed, key=lambda term: (-weighed[term], term))[:_KEYWORDS],
    )


_known: dict[str, tuple[list[str], Vectors]] = {}


def _items(model: EncoderModel) -> tuple[list[str], Vectors]:
    """The plan's items, each read with the name of its box; once a model."""
    if model.name not in _known:
        keys = [key for key, domain in DOMAINS.items() if domain.parent is not None]
        texts = [f"{DOMAINS[key].zh}，{DOMAINS[DOMAINS[key].parent or key].zh}" for key in keys]
        found = encode_texts(model, Side.capabilities, [Writing(one) for one in texts])
        _known[model.name] = keys, np.stack([one.vectors[0] for one in found])
    return _known[model.name]
