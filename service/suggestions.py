"""What a text that is being written is about: domains of the plan and keywords, to be taken or left."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel

from matching.text import terms
from schemas.domains import DOMAINS
from schemas.embedding import EncoderModel, Side
from service.encoders import Vectors, encode
from service.live_index import Serving
from service.texts import Writing

_DOMAINS, _KEYWORDS = 3, 6
# Below this a text is no nearer to an item's name than chance brings about.
_CLOSE = 0.05
_SHORTEST_WORD = 2
# A certain match is worth as much as this of a cosine.
_VOICE = 0.3


class Suggestions(BaseModel):
    """Both best first."""

    domains: list[str]
    keywords: list[str]


def suggest(
    serving: Serving, side: Side, text: str, likely: Sequence[tuple[float, Sequence[str]]] = ()
) -> Suggestions:
    """Suggest up to three items of the plan and up to six keywords for a text that will be posted on ``side``.

    likely: scores and domains of what the text would find, which speak for their domains.
    """
    [encoded] = encode(serving.model, side, [Writing(text)])
    items, vectors = _items(serving.model)
    closeness = (vectors @ encoded.vectors.T).max(axis=1)
    for score, domains in likely:
        closeness += _VOICE * score * np.isin(items, domains)
    best = [place for place in np.argsort(-closeness)[:_DOMAINS].tolist() if closeness[place] >= _CLOSE]
    index = serving.side(side.other)
    # A word of the title, which is the first line, counts twice.
    words = terms(text) + terms(text.partition("\n")[0])
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
        found = encode(model, Side.capabilities, [Writing(one) for one in texts])
        _known[model.name] = keys, np.stack([one.vectors[0] for one in found])
    return _known[model.name]
