"""Why two postings met: the closest pairs of sentences, and the words they share."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Span = tuple[int, int]

# With the default model one pair of texts in a hundred, taken at random, has sentences this close. Of pairs judged
# unfit among the first finds 2 to 15 % have, of pairs judged a solution 84 %, and 35 % where there are bare titles.
_CLOSE = 0.35
# A further pair is only worth reading where it is plain: 1 to 4 % of pairs judged unfit come this close.
_PLAIN = 0.4
_MOST_PAIRS = 3
_MOST_TERMS = 8

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Sentences:
    """A text, where its sentences stand in it, and their vectors, shape (len(spans), dim), unit length."""

    text: str
    spans: Sequence[Span]
    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True)
class SentencePair:
    """Spans in the two texts, the cosine of what stands there, and whether that is more than chance."""

    need: Span
    capability: Span
    similarity: float
    close: bool


def closest_sentences(need: Sentences, capability: Sentences) -> list[SentencePair]:
    """Up to three pairs, the closest first; of equally close ones, the one that stands first.

    The first is given however far apart it is; others only where they are plainly close. No sentence comes
    twice, be it that a text repeats it. Empty where a side has no sentences.
    """
    if not len(need.spans) or not len(capability.spans):
        return []
    cosines = need.vectors @ capability.vectors.T
    pairs: list[SentencePair] = []
    while len(pairs) < _MOST_PAIRS:
        row, column = divmod(int(np.argmax(cosines)), cosines.shape[1])
        similarity = float(cosines[row, column])
        if pairs and not similarity >= _PLAIN:
            break
        pair = SentencePair(need.spans[row], capability.spans[column], similarity, similarity >= _CLOSE)
        pairs.append(pair)
        cosines[_repeats(need, row), :] = -np.inf
        cosines[:, _repeats(capability, column)] = -np.inf
    return pairs


def _repeats(one: Sentences, chosen: int) -> list[int]:
    said = one.text[slice(*one.spans[chosen])]
    return [
        place
        for place, (start, end) in enumerate(one.spans)
        if place == chosen or one.text[start:end] == said
    ]


def comparable(text: str) -> str:
    """``text`` as words are found in it: NFKC, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def shared_terms(
    need: Sequence[str],
    capability: Sequence[str],
    rarity: Callable[[str], float],
    stands: Callable[[str], bool] = lambda _: True,
    most: int = _MOST_TERMS,
) -> list[str]:
    """Words that both use, the rarest first; of equally rare ones, in the order of the need.

    Only words that ``stands`` holds of; it is asked of few. A part of a Chinese compound that both use as
    well (盐碱 of 盐碱地) tells nothing more, and is left out.
    """
    theirs = set(capability)
    shared = [term for term in dict.fromkeys(need) if term in theirs]
    together = "\n".join(shared)
    kept: list[str] = []
    for term in sorted(shared, key=lambda term: -rarity(term)):
        if len(kept) == most:
            break
        part = _HAN.match(term) and together.count(term) > 1
        if not part and stands(term):
            kept.append(term)
    return kept
